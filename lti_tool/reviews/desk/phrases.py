"""Phrases of an assessor's own: adding, changing, removing, and having one back."""

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_, as_kept
from lti_tool.reviews.desk.queries import PhraseView
from lti_tool.reviews.desk.rules import MOST_PHRASES
from lti_tool.reviews.models import Assessor, Phrase
from lti_tool.reviews.rules import AssessorView

_PHRASES = table_of(Phrase)
_ASSESSORS = table_of(Assessor)


def add_phrase(session: Session, assessor: AssessorView, text: str) -> PhraseView:
    """Adds a phrase; one that is there already is returned. Raises `InvalidInput`."""
    _check(text)
    # One at a time, so that a double click adds one.
    session.execute(
        select(_ASSESSORS.c.id)
        .where(_ASSESSORS.c.id == assessor.id)
        .with_for_update(key_share=True)
    )
    mine = _PHRASES.c.assessor_id == assessor.id
    same = session.execute(
        select(_PHRASES.c.public_id).where(mine, _PHRASES.c.text == text)
    ).scalar()
    if same:
        return PhraseView(same, text)
    there = session.execute(select(func.count()).select_from(_PHRASES).where(mine)).scalar_one()
    if there >= MOST_PHRASES:
        raise InvalidInput(
            N_("You have 200 phrases, and no more can be kept."),
            code="phrases-full",
            advice=N_("Remove one that you do not use."),
        )
    public_id = new_public_id()
    session.execute(
        insert(_PHRASES).values(
            public_id=public_id, assessor_id=assessor.id, text=text, changed_at=clock.now()
        )
    )
    return PhraseView(public_id, text)


def change_phrase(session: Session, assessor: AssessorView, public_id: str, text: str) -> None:
    """Changes one of the assessor's phrases. Raises `InvalidInput`, `NotFound`."""
    _check(text)
    changed = session.execute(
        update(_PHRASES)
        .where(*_mine(assessor, public_id))
        .values(text=text, changed_at=clock.now())
        .returning(_PHRASES.c.id)
    )
    if changed.first() is None:
        raise _unknown()


def remove_phrase(session: Session, assessor: AssessorView, public_id: str) -> str:
    """Removes one of the assessor's phrases; returns its text, to have it back. `NotFound`."""
    gone = session.execute(
        delete(_PHRASES).where(*_mine(assessor, public_id)).returning(_PHRASES.c.text)
    ).first()
    if gone is None:
        raise _unknown()
    return str(gone.text)


def phrase_text(session: Session, assessor: AssessorView, public_id: str) -> str:
    """Returns the text of one of the assessor's phrases; raises `NotFound`."""
    found = session.execute(select(_PHRASES.c.text).where(*_mine(assessor, public_id))).scalar()
    if found is None:
        raise _unknown()
    return str(found)


def _mine(
    assessor: AssessorView, public_id: str
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        _PHRASES.c.assessor_id == assessor.id,
        _PHRASES.c.public_id == as_kept(public_id),
    )


def _check(text: str) -> None:
    if not text:
        raise InvalidInput(
            N_("There is nothing in this phrase."),
            code="phrase-empty",
            advice=N_("Write the sentence that you want to keep."),
        )


def _unknown() -> NotFound:
    return NotFound(N_("There is no such phrase of yours."), code="phrase-unknown")
