"""Whose words a statement is in, what an organisation's words make of an instrument, and what
moved between two versions of it. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar

from lti_tool.competencies.models import Competency, Domain, Instrument, Provenance, Theme

Part = TypeVar("Part", Instrument, Domain, Theme, Competency)
PointsOf = Literal["knowledge", "ability"]


class Wording(StrEnum):
    """Whose words a statement is in."""

    OWN = "own"
    OFFICIAL = "official"
    CORRECTED = "corrected"


class How(StrEnum):
    """What made an edition, or a version that is kept."""

    SHIPPED = "shipped"
    UPGRADE = "upgrade"
    IMPORT = "import"
    CORRECTION = "correction"
    RETURN = "return"


class Kind(StrEnum):
    """What became of a competency between two versions of an instrument."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    WORDING = "wording"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Words:
    """What a competency says: the parts that a wording may replace."""

    knowledge: str | None = None
    ability: str | None = None
    prompt: str | None = None
    points_of: PointsOf | None = None
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """An organisation's newest statement on a competency; own wording has no words here."""

    wording: Wording
    words: Words
    edition: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different in a newer version. A competency may have several."""

    code: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Moved:
    """A competency that reads differently now; `now` is None where it is no longer there."""

    code: str
    kinds: tuple[Kind, ...]
    version: str
    then: Competency
    now: Competency | None


def words_of(competency: Competency) -> Words:
    """Returns what a competency says."""
    return Words(
        competency.knowledge,
        competency.ability,
        competency.prompt,
        competency.points_of,
        competency.points,
    )


def overlaid(shipped: Instrument, statements: Mapping[str, Spoken]) -> Instrument:
    """Returns an instrument with an organisation's statements in place of ours.

    `statements` are by code; what names no competency of the instrument is passed over. The
    version says which edition was the last to touch the instrument: "2026.1+2".
    """
    if not statements:
        return shipped
    domains = tuple(_domain(domain, statements) for domain in shipped.domains)
    said = {c.wording for domain in domains for c in domain.competencies}
    number = max(spoken.edition for spoken in statements.values())
    return _with(
        shipped,
        domains=domains,
        version=f"{shipped.version}+{number}",
        wording=said.pop() if said in ({"own"}, {"official"}) else "mixed",
    )


def spoken(competency: Competency, said: Spoken) -> Competency:
    """Returns a competency in an organisation's words.

    Published words leave nothing to repair or derive; an organisation's own words leave our
    provenance as it was.
    """
    if said.wording is Wording.OWN:
        return competency
    words = said.words
    news: dict[str, Any] = {
        "wording": said.wording.value,
        "knowledge": words.knowledge,
        "ability": words.ability,
        "prompt": words.prompt,
        "points_of": words.points_of,
        "points": words.points,
    }
    if said.wording is Wording.OFFICIAL:
        news |= {"provenance": Provenance.PUBLISHED, "note": None}
    return _with(competency, **news)


def moved(old: Instrument, new: Instrument) -> list[Change]:
    """Returns what is different in a newer version, in the framework's order, removals last.

    Blanks and line ends count for nothing: only what a reader sees does.
    """
    found = [
        Change(code, kind)
        for code, competency in new.by_code.items()
        for kind in kinds_of_change(old.by_code.get(code), competency)
    ]
    gone = [Change(code, Kind.REMOVED) for code in old.by_code if code not in new.by_code]
    return found + gone


def kinds_of_change(then: Competency | None, now: Competency | None) -> tuple[Kind, ...]:
    """Returns in which ways a competency is different now; nothing when it reads the same."""
    if then is None or now is None:
        return () if then is now else (Kind.ADDED if then is None else Kind.REMOVED,)
    different = (
        (Kind.RENAMED, _seen([then.topic]), _seen([now.topic])),
        (Kind.WORDING, _parts(then), _parts(now)),
        (Kind.POINTS, _seen(then.points), _seen(now.points)),
    )
    return tuple(kind for kind, before, after in different if before != after)


def content_of(instrument: Instrument) -> dict[str, Any]:
    """Returns the instrument's whole text as plain values, to be kept."""
    return instrument.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def digest_of(content: Mapping[str, Any]) -> str:
    """Returns the SHA-256 of a content, in 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _domain(domain: Domain, statements: Mapping[str, Spoken]) -> Domain:
    themes = tuple(
        _with(
            theme,
            competencies=tuple(
                spoken(c, statements[c.code]) if c.code in statements else c
                for c in theme.competencies
            ),
        )
        for theme in domain.themes
    )
    return _with(domain, themes=themes)


def _with(part: Part, **news: Any) -> Part:
    """Returns a checked copy. (pydantic's own keeps what a cached property had worked out.)"""
    kept = {name: getattr(part, name) for name in type(part).model_fields}
    return type(part)(**(kept | news))


def _parts(competency: Competency) -> tuple[str, ...]:
    parts = (competency.knowledge, competency.ability, competency.prompt)
    return _seen(part or "" for part in parts)


def _seen(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(text.split()) for text in texts)
