"""Forgetting evidence that was removed a day ago, with its file, unless somebody relies on it."""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.evidence.rules import HAD_BACK_FOR
from lti_tool.portfolios.submitting.models import SubmissionEvidence
from lti_tool.storage.models import StoredFile
from lti_tool.storage.rules import FileStatus

_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)
_FILES = table_of(StoredFile)
_FROZEN = table_of(SubmissionEvidence)
_CASES = table_of(ConfidentialityCase)
PURGED_AT_ONCE = 100


def purge_evidence(session: Session) -> int:
    """Forgets pieces that were removed more than a day ago; returns how many.

    What a submission or a case has keeps its row and its file. The others' files are removed as
    of the same time, so that the storage purges them in the same round.
    """
    old = session.execute(
        select(_EVIDENCE.c.id, _EVIDENCE.c.file_id, _EVIDENCE.c.removed_at)
        .where(
            _EVIDENCE.c.removed_at <= clock.now() - HAD_BACK_FOR,
            ~exists().where(_FROZEN.c.evidence_id == _EVIDENCE.c.id),
            ~exists().where(_FROZEN.c.file_id == _EVIDENCE.c.file_id),
            ~exists().where(_CASES.c.evidence_id == _EVIDENCE.c.id),
        )
        .order_by(_EVIDENCE.c.id)
        .limit(PURGED_AT_ONCE)
    ).all()
    for row in old:
        session.execute(delete(_LINKS).where(_LINKS.c.evidence_id == row.id))
        session.execute(delete(_EVIDENCE).where(_EVIDENCE.c.id == row.id))
        session.execute(
            update(_FILES)
            .where(_FILES.c.id == row.file_id)
            .values(status=FileStatus.REMOVED, removed_at=row.removed_at)
        )
    return len(old)
