"""What a moderator's reading begins with."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.models import Finding
from lti_tool.reviews.outcomes.matters import Matter, matter_of
from lti_tool.reviews.outcomes.rules import agreed_on
from lti_tool.reviews.queries import review_by_id
from lti_tool.reviews.rules import Overall, Part, ReviewState, ReviewView, Verdict
from lti_tool.reviews.services import move

_FINDINGS = table_of(Finding)


def prefill(session: Session, submission: SubmissionView, review: ReviewView) -> ReviewView:
    """Puts into a moderator's new reading what both readers found; what divides them stays open.

    For an appeal it is what was found to be met: it does not have to be found anew. A reader's
    reading begins empty. The caller holds the submission. Returns the reading as it stands.
    """
    if review.part is Part.READER:
        return review
    matter = matter_of(session, submission)
    overall, found = _from_outcome(matter) if review.part is Part.APPEAL else _from_readers(matter)
    now = clock.now()
    rows = [
        {
            "review_id": review.id,
            "code": code,
            "verdict": verdict.value,
            "feedback": feedback,
            "version": 1,
            "changed_at": now,
        }
        for code, (verdict, feedback) in found.items()
    ]
    if rows:
        session.execute(insert(_FINDINGS), rows)
    if overall is not Overall.NONE:
        move(session, review, review.state, verdict=overall.value, summary_version=1)
    return review_by_id(session, review.id)


def _from_readers(matter: Matter) -> tuple[Overall, dict[str, tuple[Verdict, str]]]:
    done = [one for one in matter.readers if one.state is ReviewState.DONE]
    if len(done) < 2:
        return Overall.NONE, {}
    return agreed_on([matter.found[one.id] for one in done], matter.to_read)


def _from_outcome(matter: Matter) -> tuple[Overall, dict[str, tuple[Verdict, str]]]:
    released = matter.outcomes[0].decision.findings if matter.outcomes else {}
    met = {
        code: (Verdict.MET, str(released[code]["feedback"]))
        for code in matter.to_read
        if code in released and released[code]["verdict"] == Verdict.MET
    }
    return Overall.NONE, met
