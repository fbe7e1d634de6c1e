"""What tests of reviews share: assessors who are appointed, and readings on their way.

Everything goes through the services that pages and the worker call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lti_tool.kernel.actor import Role
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.assessors.queries import person_of_organisation
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import appoint as appoint_person
from lti_tool.reviews.assessors.terms import change_terms
from lti_tool.reviews.desk import services as at_desk
from lti_tool.reviews.desk.queries import codes_to_read
from lti_tool.reviews.desk.rules import Conclusion, Note
from lti_tool.reviews.desk.writing import save_conclusion, save_finding
from lti_tool.reviews.log import lines_of
from lti_tool.reviews.queries import assessor_of, readings_of, review_by_id
from lti_tool.reviews.rules import AssessorView, Overall, ReviewView, Terms, Verdict
from tests.tool import TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Reader:
    """An appointed assessor: their session in the tool, and their appointment."""

    tool: Tool
    visitor: Visitor
    assessor: AssessorView

    def review(self, submission: SubmissionView) -> ReviewView:
        """Returns their reading of a submission."""
        (found,) = [
            one for one in readings(self.tool, submission) if one.assessor_id == self.assessor.id
        ]
        return found

    def begin(self, submission: SubmissionView) -> ReviewView:
        with self.tool.database.transaction() as session:
            return at_desk.begin(session, self.assessor, self.review(submission))

    def find(
        self, submission: SubmissionView, code: str, verdict: Verdict, feedback: str = ""
    ) -> None:
        """Stores what they found for a competency, over what stands there."""
        review = self.review(submission)
        with self.tool.database.transaction() as session:
            from lti_tool.reviews.queries import findings_of

            before = findings_of(session, review.id).get(code)
            note = Note(code, verdict, feedback, before.version if before else 0)
            save_finding(session, self.assessor, review, note)

    def conclude(self, submission: SubmissionView, overall: Overall, summary: str = "") -> None:
        review = self.review(submission)
        with self.tool.database.transaction() as session:
            wish = Conclusion(overall, summary, review.summary_version)
            save_conclusion(session, self.assessor, review, wish)

    def finish(self, submission: SubmissionView) -> ReviewView:
        with self.tool.database.transaction() as session:
            return at_desk.finish(session, self.assessor, self.review(submission))

    def think_again(self, submission: SubmissionView) -> ReviewView:
        with self.tool.database.transaction() as session:
            return at_desk.think_again(session, self.assessor, self.review(submission))

    def hand_back(self, submission: SubmissionView, reason: str = "I know them.") -> None:
        with self.tool.database.transaction() as session:
            at_desk.hand_back(session, self.assessor, self.review(submission), reason)

    def read(
        self,
        submission: SubmissionView,
        not_met: Mapping[str, Verdict] | None = None,
        overall: Overall | None = None,
        summary: str = "You write with care.",
    ) -> ReviewView:
        """Begins, finds every competency met but those in `not_met`, concludes, and finishes."""
        differing = dict(not_met or {})
        self.begin(submission)
        for code in to_read(self.tool, submission):
            verdict = differing.get(code, Verdict.MET)
            self.find(submission, code, verdict, "" if verdict is Verdict.MET else f"More {code}.")
        usual = Overall.MORE_EVIDENCE if differing else Overall.RECOGNISED
        self.conclude(submission, overall or usual, summary)
        return self.finish(submission)


def appoint(
    tool: Tool,
    subject: str,
    levels: Iterable[int] = (1, 2, 3),
    *,
    capacity: int = 10,
    moderates: bool = False,
    course: str = "assessors' course",
    roles: frozenset[Role] = TUTOR,
    **more: object,
) -> Reader:
    """Returns a person whom their organisation appointed. By default they teach elsewhere."""
    visitor = tool.sign_in(subject, roles=roles, course=course, **more)  # type: ignore[arg-type]
    administrator = office(tool, **more)
    appointment = Appointment(tuple(levels), capacity, moderates)
    with tool.database.transaction() as session:
        from lti_tool.courses.models import Person

        person = session.get(Person, visitor.actor.person_id)
        assert person
        found = person_of_organisation(session, visitor.actor.organisation_id, person.public_id)
        appoint_person(session, administrator.actor, found.public_id, appointment)
        assessor = assessor_of(session, visitor.actor)
    assert assessor
    return Reader(tool, visitor, assessor)


def office(tool: Tool, **more: object) -> Visitor:
    """Returns an administrator of the organisation, signed in to a course of their own."""
    return tool.sign_in("office", roles=ADMINISTRATOR, course="office", **more)  # type: ignore[arg-type]


def set_terms(tool: Tool, terms: Terms, **more: object) -> None:
    """Changes the organisation's rules for reviews."""
    administrator = office(tool, **more)
    with tool.database.transaction() as session:
        change_terms(session, administrator.actor, terms)


def allocated(tool: Tool, submission: SubmissionView) -> list[ReviewView]:
    """Does what the worker does with a submission that came in; returns its readings."""
    with tool.database.transaction() as session:
        allocate(session, submission.id)
    return readings(tool, submission)


def readings(tool: Tool, submission: SubmissionView) -> list[ReviewView]:
    with tool.database.transaction(write=False) as session:
        return readings_of(session, submission.id)


def reading(tool: Tool, review: ReviewView) -> ReviewView:
    """Returns a reading as it stands now, whatever became of it."""
    with tool.database.transaction(write=False) as session:
        return review_by_id(session, review.id)


def now(tool: Tool, submission: SubmissionView) -> SubmissionView:
    """Returns a submission as it stands now."""
    with tool.database.transaction(write=False) as session:
        found = submission_by_id(session, submission.id)
    assert found
    return found


def to_read(tool: Tool, submission: SubmissionView) -> tuple[str, ...]:
    with tool.database.transaction(write=False) as session:
        return codes_to_read(session, submission.id)


def acts(tool: Tool, submission: SubmissionView) -> list[str]:
    """Returns the acts in a submission's log, in order."""
    with tool.database.transaction(write=False) as session:
        return [line.act for line in lines_of(session, submission.id)]
