"""Forgetting the bytes of files that were erased, once their owner removed their own piece, too."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.cases.hiding import ERASED_NAME, ERASED_TYPE
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.rules import CaseState
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.evidence.rules import HAD_BACK_FOR
from lti_tool.storage.models import StoredFile
from lti_tool.storage.rules import FileStatus

_CASES = table_of(ConfidentialityCase)
_EVIDENCE = table_of(Evidence)
_FILES = table_of(StoredFile)
FORGOTTEN_AT_ONCE = 100


def forget_erased_files(session: Session) -> int:
    """Empties the rows of erased files that nobody can have back; returns how many.

    The row stays, since a submission and a case name it. No row names the blob from then on, so
    that the storage's sweep takes it. For a worker's round.
    """
    gone = (
        select(_EVIDENCE.c.file_id)
        .join(_CASES, _CASES.c.evidence_id == _EVIDENCE.c.id)
        .join(_FILES, _FILES.c.id == _EVIDENCE.c.file_id)
        .where(
            _CASES.c.state == CaseState.ERASED.value,
            _EVIDENCE.c.removed_at <= clock.now() - HAD_BACK_FOR,
            _FILES.c.digest != "",
        )
        .limit(FORGOTTEN_AT_ONCE)
    )
    rows = session.execute(
        update(_FILES)
        .where(_FILES.c.id.in_(list(session.execute(gone).scalars())))
        .values(
            status=FileStatus.REMOVED,
            removed_at=None,
            digest="",
            size=0,
            name=ERASED_NAME,
            media_type=ERASED_TYPE,
            preview_digest=None,
            preview_size=None,
        )
        .returning(_FILES.c.id)
    )
    return len(rows.all())
