"""Changing an organisation's wording, one edition at a time, and keeping every text shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Competency
from lti_tool.competencies.queries import instrument, instruments_for
from lti_tool.competencies.wordings.keeping import keep, record_shipped
from lti_tool.competencies.wordings.models import Edition, Statement
from lti_tool.competencies.wordings.overlay import forget, statements_of
from lti_tool.competencies.wordings.queries import edition_of, history_of
from lti_tool.competencies.wordings.rules import (
    How,
    Spoken,
    Wording,
    Words,
    spoken,
    words_of,
)
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_

_EDITIONS = table_of(Edition)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What an organisation wants a competency to say. Own wording needs no words."""

    instrument: str
    code: str
    wording: Wording
    words: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an edition is made: by what, by whom (None for the command line), from which files."""

    how: How
    actor_id: int | None = None
    sentence: str = ""
    files: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Made:
    """An edition that was stored: its number, and the version of each instrument it touched."""

    number: int
    versions: Mapping[str, str]
    changed: int


class ReworkedMeanwhile(Conflict):
    """Somebody else changed the statement since the page was opened."""

    code = "wording-changed"


def correct(session: Session, actor: Actor, wish: Wish, *, seen: int, sentence: str) -> Made | None:
    """Stores an administrator's words for one competency as a new edition.

    `seen` is the edition that last touched the statement when the page was opened, 0 for none;
    `sentence` says why. Returns None when the statement says just that already. Raises
    `ReworkedMeanwhile`, `NotAllowed`, or `NotFound` for a competency that is not there.
    """
    _only_administrators(actor)
    _competency(wish.instrument, wish.code)
    reason = Reason(How.CORRECTION, actor.person_id, sentence)
    return _store(session, actor.organisation_id, [wish], reason, seen=seen)


def go_back(
    session: Session, actor: Actor, instrument_id: str, code: str, *, edition: int, seen: int
) -> Made | None:
    """Puts a statement back to what it said in an earlier edition; 0 means this tool's words.

    Nothing is taken out of the history: going back is an edition too. Returns and raises as
    `correct` does, and `NotFound` for an edition that says nothing on this competency.
    """
    _only_administrators(actor)
    _competency(instrument_id, code)
    wish = Wish(instrument_id, code, Wording.OWN)
    if edition:
        said = history_of(session, actor.organisation_id, instrument_id, code)
        earlier = next((one for one in said if one.edition == edition), None)
        if earlier is None:
            raise NotFound(N_("There is no such earlier wording."), code="edition-unknown")
        wish = Wish(instrument_id, code, earlier.wording, earlier.words)
    reason = Reason(How.RETURN, actor.person_id)
    return _store(session, actor.organisation_id, [wish], reason, seen=seen)


def adopt(
    session: Session, organisation_id: int, wishes: Iterable[Wish], reason: Reason
) -> Made | None:
    """Stores many statements as one edition, for the operator on the command line.

    What is said already is left out; returns None when nothing is left.
    """
    return _store(session, organisation_id, list(wishes), reason)


def revert(session: Session, organisation_id: int, instrument_id: str, edition: int) -> Made | None:
    """Puts a whole instrument back to how it read in an edition; 0 means this tool's words.

    It is a new edition as well; returns None when it reads like that already.
    """
    ours = instrument(instrument_id)
    now = statements_of(session, organisation_id).get(ours.id, {})
    then = statements_of(session, organisation_id, until=edition).get(ours.id, {})
    wishes = [
        Wish(ours.id, code, then[code].wording, then[code].words)
        if code in then
        else Wish(ours.id, code, Wording.OWN)
        for code in now
    ]
    return _store(session, organisation_id, wishes, Reason(How.RETURN)) if wishes else None


def news_of(session: Session, organisation_id: int, wishes: Iterable[Wish]) -> list[Wish]:
    """Returns the wishes that would change what the organisation's people read."""
    said = statements_of(session, organisation_id)
    return [wish for wish in wishes if _is_news(_shown(wish, said), wish)]


def _store(
    session: Session,
    organisation_id: int,
    wishes: list[Wish],
    reason: Reason,
    *,
    seen: int | None = None,
) -> Made | None:
    """Stores what the wishes change, as one edition; `seen` guards the only wish there is."""
    for wish in wishes:
        _check_sense(wish)
    record_shipped(session)
    forget(session, organisation_id)
    edition_id, number = _next_edition(session, organisation_id, reason)
    is_current = seen is None or seen == _touched(session, organisation_id, wishes[0])
    news = news_of(session, organisation_id, wishes) if is_current else []
    if not news:
        session.execute(_EDITIONS.delete().where(_EDITIONS.c.id == edition_id))
    if not is_current:
        raise ReworkedMeanwhile(
            N_("Somebody else changed this statement while you had it open."),
            advice=N_("Look at what it says now, and save again if yours shall replace it."),
        )
    if not news:
        return None
    session.execute(insert(Statement), [_row(edition_id, organisation_id, wish) for wish in news])
    shown = instruments_for(session, organisation_id)
    touched = dict.fromkeys(wish.instrument for wish in news)
    for name in touched:
        keep(session, shown[name], reason.how, organisation_id, edition_id)
    return Made(number, {name: shown[name].version for name in touched}, len(news))


def _next_edition(session: Session, organisation_id: int, reason: Reason) -> tuple[int, int]:
    """Takes the next number; two who do so at once come in turn, since a number is taken once."""
    for _ in range(_TRIES):
        newest = session.execute(
            select(func.max(_EDITIONS.c.number)).where(
                _EDITIONS.c.organisation_id == organisation_id
            )
        ).scalar()
        number = (newest or 0) + 1
        made = session.execute(
            insert_into(session, _EDITIONS)
            .values(
                organisation_id=organisation_id,
                number=number,
                key=new_public_id(),
                how=reason.how.value,
                actor_id=reason.actor_id,
                reason=reason.sentence,
                files="\n".join(reason.files),
                created_at=clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["organisation_id", "number"])
            .returning(_EDITIONS.c.id)
        ).scalar()
        if made is not None:
            return int(made), number
    raise ReworkedMeanwhile(
        N_("Somebody else is changing the wording at this moment."), advice=N_("Save again.")
    )


def _touched(session: Session, organisation_id: int, wish: Wish) -> int:
    return edition_of(session, organisation_id, wish.instrument, wish.code)


def _shown(wish: Wish, said: Mapping[str, Mapping[str, Spoken]]) -> Competency:
    """Returns what people read now, from the database: a half-made edition is not to be kept."""
    ours = _competency(wish.instrument, wish.code)
    present = said.get(wish.instrument, {}).get(wish.code)
    return spoken(ours, present) if present else ours


def _is_news(shown: Competency, wish: Wish) -> bool:
    if shown.wording != wish.wording.value:
        return True
    return wish.wording is not Wording.OWN and words_of(shown) != wish.words


def _row(edition_id: int, organisation_id: int, wish: Wish) -> dict[str, object]:
    words = wish.words
    return {
        "edition_id": edition_id,
        "organisation_id": organisation_id,
        "instrument": wish.instrument,
        "code": wish.code,
        "wording": wish.wording.value,
        "knowledge": words.knowledge,
        "ability": words.ability,
        "prompt": words.prompt,
        "points_of": words.points_of,
        "points": list(words.points),
    }


def _check_sense(wish: Wish) -> None:
    """Raises `InvalidInput` for words that no competency can consist of."""
    try:
        spoken(_competency(wish.instrument, wish.code), Spoken(wish.wording, wish.words, 1))
    except ValidationError as error:
        raise InvalidInput(
            N_("A statement needs at least one part in words, and points belong to a part."),
            code="wording-empty",
            detail=f"{wish.instrument} {wish.code}: {error.errors()[0]['type']}",
        ) from None


def _competency(instrument_id: str, code: str) -> Competency:
    found = instrument(instrument_id).by_code.get(code)
    if found is None:
        raise NotFound(N_("There is no such competency in this instrument."), code="code-unknown")
    return found


def _only_administrators(actor: Actor) -> None:
    if not actor.is_administrator:
        raise NotAllowed(
            N_("Only administrators change the framework's wording."), code="role-not-allowed"
        )
