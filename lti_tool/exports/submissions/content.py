"""What the PDF of a submission says, read in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Organisation
from lti_tool.exports.papers.content import person_name
from lti_tool.kernel import clock
from lti_tool.portfolios.submitting.queries import Frozen, frozen_content, submission_by_id
from lti_tool.portfolios.submitting.rules import PdfState
from lti_tool.portfolios.submitting.verifying import Verified, verify


@dataclass(frozen=True, slots=True)
class SubmissionPaper:
    """A submission as its PDF shows it. `verified`: its digests, worked out anew."""

    frozen: Frozen
    person: str
    organisation: str
    title: str
    made_at: datetime
    verified: Verified


def paper_asked(session: Session, submission_id: int) -> SubmissionPaper | None:
    """Returns what is to be drawn; None where no PDF is waited for.

    What a report hides is in it: the PDF is for the owner and administrators alone.
    """
    submission = submission_by_id(session, submission_id)
    if submission is None or submission.pdf_state is not PdfState.ASKED:
        return None
    organisation = select(Organisation.name).where(Organisation.id == submission.organisation_id)
    asked = instruments_for(session, submission.organisation_id).get(submission.instrument)
    return SubmissionPaper(
        frozen=frozen_content(session, submission, sees_hidden=True),
        person=person_name(session, submission.person_id),
        organisation=session.execute(organisation).scalar_one(),
        title=asked.title if asked else submission.instrument,
        made_at=clock.now(),
        verified=verify(session, submission),
    )
