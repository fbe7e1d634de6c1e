"""The plain form of looking back on one domain: saving what was changed, keeping the rest typed."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.domain_form import Outcome, Problem, Typed
from lti_tool.assessments.looking_back import Asking, LookedBack, look_back, looking_back_of
from lti_tool.assessments.models import LookingBack
from lti_tool.assessments.rules import Answer, Rated, parse_answer
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, InvalidInput, TooLarge
from lti_tool.kernel.text import N_

_NOTHING = ("", "")


def save_looking_back(
    session: Session,
    actor: Actor,
    asking: Asking,
    typed: list[Typed],
) -> Outcome:
    """Saves every answer that the learner changed; returns the others with their problems.

    An answer that the form only repeats is left alone, even where it was changed elsewhere.
    """
    seen = _seen(session, actor.person_id, asking.asked.id)
    saved, problems = 0, {}
    for one in typed:
        try:
            wish = _wish(one)
            wanted = (wish.state.value, wish.note) if wish else _NOTHING
            if wanted == seen.get((one.code, one.version), _NOTHING):
                continue
            saved += look_back(session, actor, asking, one.code, wish, one.version)
        except Conflict as error:
            standing = looking_back_of(session, actor.person_id, asking.asked.id).get(one.code)
            problems[one.code] = Problem(one, error, rated_of(standing))
        except (InvalidInput, TooLarge) as error:
            problems[one.code] = Problem(one, error)
    return Outcome(saved, problems)


def rated_of(said: LookedBack | None) -> Rated:
    """Returns an answer looking back in the shape in which pages show answers."""
    if said is None:
        return Rated()
    return Rated(said.answer, said.version, said.answered_at, said.instrument_version)


def _wish(one: Typed) -> Answer | None:
    """What the learner wants kept; None for no answer. Raises `InvalidInput` or `TooLarge`."""
    if one.take or not (one.state or one.note.strip()):
        return None
    if not one.state:
        raise InvalidInput(
            N_("A note alone cannot be kept."),
            code="state-missing",
            advice=N_("Choose one of the three answers and save again."),
        )
    return parse_answer(one.state, one.note)


def _seen(
    session: Session, person_id: int, instrument: str
) -> Mapping[tuple[str, int], tuple[str, str]]:
    rows = session.execute(
        select(LookingBack.code, LookingBack.version, LookingBack.state, LookingBack.note).where(
            LookingBack.person_id == person_id, LookingBack.instrument == instrument
        )
    )
    return {(row.code, row.version): (row.state, row.note) for row in rows}
