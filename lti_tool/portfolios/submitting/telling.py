"""What the owner of a submission is told of it, and the page that this leads to."""

from sqlalchemy.orm import Session

from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import SubmissionView

RECEIPT = "submitting.receipt"


def tell_owner(
    session: Session, submission: SubmissionView, kind: Kind, portfolio: str, title: str
) -> None:
    """Tells the owner, once, what became of a submission; `portfolio` is its public name."""
    telling = Telling(
        submission.person_id,
        submission.organisation_id,
        kind,
        reference=f"submission:{submission.id}:{kind.value}",
        placement_id=submission.placement_id,
        endpoint=RECEIPT,
        link={"portfolio": portfolio, "submission": submission.public_id},
        params={"title": title},
    )
    tell(session, [telling])
