"""Reading of framework versions: any text that was shown, what moved since, who changed what."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.competencies.loading import library
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instrument_for
from lti_tool.competencies.wordings.models import Edition, FrameworkVersion, Statement
from lti_tool.competencies.wordings.overlay import words_in
from lti_tool.competencies.wordings.rules import How, Moved, Wording, Words, kinds_of_change

_TEXTS_KEPT = 60
_texts: OrderedDict[str, Instrument] = OrderedDict()
_keeping = threading.Lock()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an instrument that is kept; `organisation_id` is None for the shipped text."""

    organisation_id: int | None
    instrument: str
    version: str
    digest: str
    how: How
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One entry in a statement's history; `actor_id` is None for the command line."""

    edition: int
    how: How
    wording: Wording
    words: Words
    actor_id: int | None
    reason: str
    files: tuple[str, ...]
    created_at: datetime


def version_text(
    session: Session, organisation_id: int, instrument_id: str, version: str
) -> Instrument | None:
    """Returns an instrument as it read in a version that the organisation's people were shown.

    None for a version that neither the organisation nor this tool's releases ever had.
    """
    return _texts_of(session, organisation_id, instrument_id, {version}).get(version)


def moved_since(
    session: Session, organisation_id: int, instrument_id: str, versions: Mapping[str, str]
) -> dict[str, Moved]:
    """Returns, by code, the competencies that read differently now than in the given versions.

    `versions` says for each code which version of the instrument was answered. What reads the
    same, or whose version is not kept, is left out. No statement is needed where all answers
    are to the present version, the usual case.
    """
    now = instrument_for(session, organisation_id, instrument_id)
    old = set(versions.values()) - {now.version}
    texts = _texts_of(session, organisation_id, instrument_id, old) if old else {}
    found: dict[str, Moved] = {}
    for code, version in versions.items():
        then = texts[version].by_code.get(code) if version in texts else None
        if then is None:
            continue
        kinds = kinds_of_change(then, now.by_code.get(code))
        if kinds:
            found[code] = Moved(code, kinds, version, then, now.by_code.get(code))
    return found


def versions_kept(session: Session, organisation_id: int | None) -> list[Version]:
    """Returns every version that is kept, of the shipped texts and of one organisation.

    By instrument, oldest first; with None for the organisation the shipped ones alone.
    """
    rows = session.execute(
        select(
            FrameworkVersion.organisation_id,
            FrameworkVersion.instrument,
            FrameworkVersion.version,
            FrameworkVersion.digest,
            FrameworkVersion.how,
            FrameworkVersion.created_at,
        )
        .where(_seen_by(organisation_id))
        .order_by(FrameworkVersion.id)
    )
    found = [
        Version(r.organisation_id, r.instrument, r.version, r.digest, How(r.how), r.created_at)
        for r in rows
    ]
    order = {name: place for place, name in enumerate(library())}
    return sorted(found, key=lambda one: order.get(one.instrument, len(order)))


def edition_of(session: Session, organisation_id: int, instrument_id: str, code: str) -> int:
    """Returns the number of the edition that last touched a statement, 0 for none."""
    newest = session.execute(
        select(func.max(Edition.number))
        .join(Statement, Statement.edition_id == Edition.id)
        .where(
            Statement.organisation_id == organisation_id,
            Statement.instrument == instrument_id,
            Statement.code == code,
        )
    ).scalar()
    return newest or 0


def history_of(
    session: Session, organisation_id: int, instrument_id: str, code: str, *, limit: int = 100
) -> list[Said]:
    """Returns what an organisation ever said on a competency, newest first."""
    rows = session.execute(
        select(
            Edition.number,
            Edition.how,
            Edition.actor_id,
            Edition.reason,
            Edition.files,
            Edition.created_at,
            *Statement.__table__.c,
        )
        .join(Statement, Statement.edition_id == Edition.id)
        .where(
            Statement.organisation_id == organisation_id,
            Statement.instrument == instrument_id,
            Statement.code == code,
        )
        .order_by(Edition.number.desc())
        .limit(limit)
    )
    return [_said(row) for row in rows]


def _said(row: Row[Any]) -> Said:
    return Said(
        edition=row.number,
        how=How(row.how),
        wording=Wording(row.wording),
        words=words_in(row),
        actor_id=row.actor_id,
        reason=row.reason,
        files=tuple(row.files.splitlines()),
        created_at=row.created_at,
    )


def _seen_by(organisation_id: int | None) -> Any:
    shipped = FrameworkVersion.organisation_id.is_(None)
    if organisation_id is None:
        return shipped
    return or_(shipped, FrameworkVersion.organisation_id == organisation_id)


def _texts_of(
    session: Session, organisation_id: int, instrument_id: str, versions: set[str]
) -> dict[str, Instrument]:
    """Returns the texts of these versions, of the newest row for each; two statements at most."""
    shipped = library().get(instrument_id)
    found = {shipped.version: shipped} if shipped and shipped.version in versions else {}
    if not (wanted := versions - set(found)):
        return found
    rows = session.execute(
        select(FrameworkVersion.id, FrameworkVersion.version, FrameworkVersion.digest)
        .where(
            FrameworkVersion.instrument == instrument_id,
            FrameworkVersion.version.in_(wanted),
            _seen_by(organisation_id),
        )
        .order_by(FrameworkVersion.id)
    )
    newest = {row.version: row for row in rows}
    held = {row.digest: _texts.get(row.digest) for row in newest.values()}
    contents = _contents(session, [r.id for r in newest.values() if held[r.digest] is None])
    for version, row in newest.items():
        text = held[row.digest] or _text(row.digest, contents.get(row.id))
        if text is not None:
            found[version] = text
    return found


def _contents(session: Session, ids: list[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    rows = session.execute(
        select(FrameworkVersion.id, FrameworkVersion.content).where(FrameworkVersion.id.in_(ids))
    )
    return {row.id: row.content for row in rows}


def _text(digest: str, content: dict[str, Any] | None) -> Instrument | None:
    """Returns the instrument of a content, and keeps it in the process under its digest."""
    try:
        made = Instrument.model_validate(content)
    except ValidationError:
        # Kept by a program whose instruments had another shape: as if it were not kept.
        return None
    with _keeping:
        _texts[digest] = made
        while len(_texts) > _TEXTS_KEPT:
            _texts.popitem(last=False)
    return made
