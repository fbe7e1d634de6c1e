"""Where two people who are one both hold an office, or both said something about e-mail.

Two appointments of one human as assessor become one: what either was appointed for holds, and
readings, phrases and declared conflicts go over to it. Of two wishes about e-mail the newer holds.
"""

from dataclasses import replace

from lti_tool.gateway.people.journal import Joining
from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import MailWish
from lti_tool.reviews.models import Assessor, AssessorConflict, Phrase, Review

ASSESSORS = table_of(Assessor)
_CONFLICTS = table_of(AssessorConflict)
_PHRASES = table_of(Phrase)
_REVIEWS = table_of(Review)
_WISHES = table_of(MailWish)


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


def fold_wishes(joining: Joining) -> None:
    """Of two wishes about e-mail, the newer holds."""
    for absorbed, remaining in list(joining.pairs(_WISHES, "person_id")):
        if absorbed.changed_at > remaining.changed_at:
            joining.change(
                _WISHES, remaining, wanted=absorbed.wanted, changed_at=absorbed.changed_at
            )
    joining.move(_WISHES, "person_id")
