"""An organisation's rules for reviews."""

from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of
from lti_tool.reviews.assessors.services import check_administrator
from lti_tool.reviews.models import ReviewTerms
from lti_tool.reviews.rules import Terms

_TERMS = table_of(ReviewTerms)


def change_terms(session: Session, actor: Actor, terms: Terms) -> None:
    """Stores an organisation's rules for reviews. Raises `NotAllowed`.

    What was handed in before keeps the number of readers that it was to have.
    """
    check_administrator(actor)
    values = {
        "readers": {"1": terms.readers_1, "2": terms.readers_2, "3": terms.readers_3},
        "blind": terms.blind,
        "target_days": terms.target_days,
        "appeal_days": terms.appeal_days,
        "comment_in_grade": terms.comment_in_grade,
        "changed_at": clock.now(),
        "changed_by": actor.person_id,
    }
    session.execute(
        insert_into(session, _TERMS)
        .values(organisation_id=actor.organisation_id, **values)
        .on_conflict_do_update(index_elements=["organisation_id"], set_=values)
    )
