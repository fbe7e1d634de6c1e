"""What an administrator typed to correct a statement: read, judged, never lost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lti_tool.competencies.models import Competency, Kind
from lti_tool.competencies.wordings.rules import PointsOf, Wording, Words
from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept

LONGEST_PART = 20_000
LONGEST_REASON = 2_000
MOST_POINTS = 100
_HIGHEST_EDITION = 2**31 - 1
_PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SELF_ASSESSMENT: ("knowledge", "ability"),
    Kind.PORTFOLIO: ("prompt",),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields as they stand in the form; `points` has one on each line."""

    knowledge: str = ""
    ability: str = ""
    prompt: str = ""
    points: str = ""
    points_of: str = "ability"
    wording: str = ""
    reason: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What the fields say, and what is wrong with them by field; no words where something is."""

    words: Words | None
    wording: Wording
    problems: Mapping[str, ImhcfError]


def parts_for(kind: Kind) -> tuple[str, ...]:
    """Returns which parts a statement of this kind of instrument may have."""
    return _PARTS[kind]


def as_typed(competency: Competency, seen: int) -> Typed:
    """Returns the form's first state: the statement as people read it now."""
    return Typed(
        knowledge=competency.knowledge or "",
        ability=competency.ability or "",
        prompt=competency.prompt or "",
        points="\n".join(competency.points),
        points_of=competency.points_of or "ability",
        wording="" if competency.wording == "own" else competency.wording,
        seen=seen,
    )


def typed_in(form: Mapping[str, str]) -> Typed:
    """Returns what a form holds; an edition that is no number counts as none."""
    seen = form.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 11 else 0
    names = ("knowledge", "ability", "prompt", "points", "points_of", "wording", "reason")
    fields = {name: as_kept(form.get(name, "")) for name in names}
    return Typed(**fields, seen=min(number, _HIGHEST_EDITION))


def read(typed: Typed, kind: Kind) -> Read:
    """Returns the words that were typed, or what is wrong with each field."""
    problems: dict[str, ImhcfError] = {}
    for name in (*parts_for(kind), "points"):
        _check_length(problems, name, getattr(typed, name), LONGEST_PART)
    _check_length(problems, "reason", typed.reason, LONGEST_REASON)
    words = _words(typed, kind)
    if not (words.knowledge or words.ability or words.prompt):
        problems[parts_for(kind)[0]] = InvalidInput(
            N_("Write at least one part in words."), code="wording-empty"
        )
    if len(words.points) > MOST_POINTS:
        problems["points"] = TooLarge(
            N_("There are %(count)s points; %(limit)s can be kept."),
            code="points-too-many",
            params={"count": len(words.points), "limit": MOST_POINTS},
        )
    if words.points and words.points_of and not getattr(words, words.points_of):
        problems["points_of"] = InvalidInput(
            N_("The points belong to a part that is empty."), code="points-of-nothing"
        )
    if typed.wording not in {Wording.OFFICIAL, Wording.CORRECTED}:
        problems["wording"] = InvalidInput(N_("Say whose words these are."), code="wording-whose")
    if not typed.reason:
        problems["reason"] = InvalidInput(
            N_("Say in a few words why you change it."), code="wording-reason"
        )
    known = typed.wording if "wording" not in problems else Wording.CORRECTED
    return Read(None if problems else words, Wording(known), problems)


def _words(typed: Typed, kind: Kind) -> Words:
    parts = {name: getattr(typed, name) or None for name in parts_for(kind)}
    points = tuple(line.strip() for line in typed.points.split("\n") if line.strip())
    of = typed.points_of if typed.points_of in parts_for(kind) else parts_for(kind)[0]
    has_owner = bool(points) and kind is Kind.SELF_ASSESSMENT
    return Words(points_of=cast("PointsOf", of) if has_owner else None, points=points, **parts)


def _check_length(problems: dict[str, ImhcfError], name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        problems[name] = TooLarge(
            N_("This text has %(count)s characters; %(limit)s can be kept."),
            code="wording-too-long",
            advice=N_("Shorten it and save again. What you typed is still in the box."),
            params={"count": f"{len(text):,}", "limit": f"{limit:,}"},
        )
