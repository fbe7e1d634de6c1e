"""Whether what is stored of a submission is still what its receipt names."""

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from lti_tool.portfolios.submitting.freezing import rows_of
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.portfolios.submitting.sealing import digest_of


@dataclass(frozen=True, slots=True)
class Verified:
    """The digest of the receipt, and that of what is stored, worked out anew."""

    receipt: str
    stored: str

    @property
    def is_same(self) -> bool:
        return self.receipt == self.stored


def verify(session: Session, submission: SubmissionView) -> Verified:
    """Returns both digests of a submission; reads its rows, and trusts none of them."""
    tasks, evidence = rows_of(session, submission.id)
    stored = digest_of(asdict(submission), submission.submitted_at, tasks, evidence)
    return Verified(submission.digest, stored)
