"""Whether what is stored of a submission is still what its receipt names."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.rules import CaseState
from lti_tool.portfolios.submitting.freezing import rows_of
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.portfolios.submitting.sealing import digest_of, task_digest


@dataclass(frozen=True, slots=True)
class Verified:
    """The digest of the receipt, and that of what is stored, worked out anew.

    `changed` are the tasks that are not what was handed in, `erased` those of them from which an
    administrator erased something after a report.
    """

    receipt: str
    stored: str
    changed: tuple[str, ...]
    erased: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return self.receipt == self.stored and not self.changed

    @property
    def is_whole_but_erased(self) -> bool:
        """Whether all that differs was erased after a report."""
        return self.receipt == self.stored and bool(self.changed) and self.changed == self.erased


def verify(session: Session, submission: SubmissionView) -> Verified:
    """Returns both digests of a submission; reads its rows, and trusts none of them."""
    tasks, evidence = rows_of(session, submission.id)
    changed = tuple(
        task["code"]
        for task in tasks
        if task_digest(task, _of(task["code"], evidence)) != task["digest"]
    )
    erased = _erased(session, submission, evidence) if changed else set()
    return Verified(
        submission.digest,
        digest_of(asdict(submission), submission.submitted_at, tasks),
        changed,
        tuple(code for code in changed if code in erased),
    )


def _of(code: str, evidence: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [piece for piece in evidence if piece["code"] == code]


def _erased(
    session: Session, submission: SubmissionView, evidence: Iterable[Mapping[str, Any]]
) -> set[str]:
    """The tasks of which a case erased something; an erased file may have served several."""
    codes = session.execute(
        select(ConfidentialityCase.code).where(
            ConfidentialityCase.portfolio_id == submission.portfolio_id,
            ConfidentialityCase.state == CaseState.ERASED.value,
        )
    ).scalars()
    return {*codes, *(piece["code"] for piece in evidence if not piece["digest"])}
