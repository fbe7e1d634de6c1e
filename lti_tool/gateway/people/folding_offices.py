"""Where two people who are one both hold an office, or both said something about e-mail.

Two appointments of one human as assessor become one: what either was appointed for holds, and
readings, phrases and declared conflicts go over to it. Of two wishes about e-mail the newer holds.
"""

from dataclasses import replace

from sqlalchemy import or_, select

from lti_tool.gateway.people.journal import Joining
from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import MailWish
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.reviews.desk.services import hand_back
from lti_tool.reviews.models import Assessor, AssessorConflict, Phrase, Review
from lti_tool.reviews.queries import assessors_by_id, review_by_id
from lti_tool.reviews.rules import OPEN

ASSESSORS = table_of(Assessor)
_CONFLICTS = table_of(AssessorConflict)
_PHRASES = table_of(Phrase)
_REVIEWS = table_of(Review)
_SUBMISSIONS = table_of(Submission)
_WISHES = table_of(MailWish)
# Stands in the log of a submission, for administrators.
_FOUND_TO_BE_ONE = "Two identifiers were found to be one person."


def fold_assessors(joining: Joining) -> None:
    """One appointment goes on for both; the other rests, and nothing is read under it any more.

    Where both read one submission in one part, the reading of the appointment that rests stays
    with it: a submission has one reading by one appointment.
    """
    for absorbed, remaining in list(joining.pairs(ASSESSORS, "person_id")):
        offices = replace(joining, absorbed_id=absorbed.id, remaining_id=remaining.id)
        for table in (_REVIEWS, _PHRASES, _CONFLICTS):
            offices.move(table, "assessor_id")
        joining.change(
            ASSESSORS,
            remaining,
            levels=sorted({*absorbed.levels, *remaining.levels}),
            capacity=max(absorbed.capacity, remaining.capacity),
            moderates=absorbed.moderates or remaining.moderates,
            active=absorbed.active or remaining.active,
        )
        joining.change(ASSESSORS, absorbed, active=False)
    joining.move(ASSESSORS, "person_id")


def hand_back_readings(joining: Joining) -> None:
    """Hands back what the one human must not read: their own portfolio, and one of them twice.

    Others get these readings. An undo does not take them away again.
    """
    session = joining.session
    mine = [joining.absorbed_id, joining.remaining_id]
    found = session.execute(
        select(_REVIEWS.c.id)
        .join(ASSESSORS, ASSESSORS.c.id == _REVIEWS.c.assessor_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .where(
            _REVIEWS.c.state.in_(sorted(state.value for state in OPEN)),
            ASSESSORS.c.person_id.in_(mine),
            or_(
                _SUBMISSIONS.c.person_id.in_(mine),
                # Only an appointment that rests is still the absorbed one's.
                ASSESSORS.c.person_id == joining.absorbed_id,
            ),
        )
        .order_by(_REVIEWS.c.id)
    )
    for number in list(found.scalars()):
        review = review_by_id(session, number)
        assessor = assessors_by_id(session, [review.assessor_id])[review.assessor_id]
        hand_back(session, assessor, review, _FOUND_TO_BE_ONE)


def fold_wishes(joining: Joining) -> None:
    """Of two wishes about e-mail, the newer holds."""
    for absorbed, remaining in list(joining.pairs(_WISHES, "person_id")):
        if absorbed.changed_at > remaining.changed_at:
            joining.change(
                _WISHES, remaining, wanted=absorbed.wanted, changed_at=absorbed.changed_at
            )
    joining.move(_WISHES, "person_id")
