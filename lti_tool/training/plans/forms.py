"""The forms of goals and of the training record: as typed, as stored, and what is wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.training.plans.fields import (
    Problems,
    collect,
    long_text,
    needed,
    one_line,
    read_date,
    read_hours,
)
from lti_tool.training.plans.rules import (
    GoalView,
    GoalWish,
    RecordView,
    RecordWish,
    Tie,
)

_GOAL_FIELDS = ("what", "by_when", "training", "evidence", "offer", "code", "once")
_RECORD_FIELDS = (
    "title",
    "provider",
    "begun_on",
    "ended_on",
    "hours",
    "reflection",
    "offer",
    "goal",
    "once",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form's fields. `version` is the one that the form was filled from."""

    fields: Mapping[str, str]
    version: int = 0
    ties: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.fields[name]


@dataclass(frozen=True, slots=True)
class Form:
    """A form on a page: what stands in it, and why it was refused, by field."""

    typed: Typed
    problems: Problems = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it again."""
        if any(isinstance(problem, TooLarge) for problem in self.problems.values()):
            return 413
        return 400 if self.problems else 200


def typed_goal(form: Mapping[str, str]) -> Typed:
    """Returns what came in a goal's form (or in the address of a new one)."""
    return Typed({name: form.get(name, "") for name in _GOAL_FIELDS}, read_version(form))


def typed_record(form: Mapping[str, str], ties: Sequence[str]) -> Typed:
    """Returns what came in the form of a training record's entry."""
    fields = {name: form.get(name, "") for name in _RECORD_FIELDS}
    return Typed(fields, read_version(form), tuple(ties))


def goal_as_typed(goal: GoalView) -> Typed:
    """Returns a goal on record as its form shows it."""
    fields = dict.fromkeys(_GOAL_FIELDS, "") | {
        "what": goal.what,
        "by_when": goal.by_when.isoformat(),
        "training": goal.training,
        "evidence": goal.evidence,
        "offer": goal.offer,
    }
    return Typed(fields, goal.version)


def record_as_typed(record: RecordView) -> Typed:
    """Returns an entry on record as its form shows it."""
    is_one_day = record.ended_on == record.begun_on
    fields = {
        "title": record.title,
        "provider": record.provider,
        "begun_on": record.begun_on.isoformat(),
        "ended_on": "" if is_one_day else record.ended_on.isoformat(),
        "hours": f"{record.hours.normalize():f}",
        "reflection": record.reflection,
        "offer": record.offer,
        "goal": record.goal,
        "once": "",
    }
    return Typed(fields, record.version, tuple(tie_text(tie) for tie in record.ties))


def read_goal(typed: Typed, today: date, *, is_new: bool) -> tuple[GoalWish | None, Problems]:
    """Returns what shall be stored of a goal, or None with what is wrong by field.

    A new goal needs a date from today on; one that is changed may keep a date that has passed.
    """
    problems: Problems = {}
    what = collect(
        problems,
        "what",
        lambda: needed(long_text(typed["what"]), N_("Say what you want to reach.")),
    )
    by_when = collect(problems, "by_when", lambda: _by_when(typed["by_when"], today, is_new=is_new))
    training = collect(problems, "training", lambda: long_text(typed["training"]))
    evidence = collect(problems, "evidence", lambda: long_text(typed["evidence"]))
    if problems or what is None or by_when is None:
        return None, problems
    # Without words for it, no training is meant: the offer that the form came with goes too.
    offer = as_kept(typed["offer"])[:100] if training else ""
    return GoalWish(what, by_when, training or "", evidence or "", offer), problems


def read_record(
    typed: Typed, today: date, known: Mapping[str, frozenset[str]]
) -> tuple[RecordWish | None, Problems]:
    """Returns what shall be stored of an entry, or None with what is wrong by field.

    `known` holds the codes of each instrument.
    """
    problems: Problems = {}
    title = collect(
        problems,
        "title",
        lambda: needed(one_line(typed["title"]), N_("Say which training it was.")),
    )
    provider = collect(problems, "provider", lambda: one_line(typed["provider"]))
    begun_on = collect(problems, "begun_on", lambda: _taken(typed["begun_on"], today))
    ended_on = collect(
        problems, "ended_on", lambda: _taken(typed["ended_on"] or typed["begun_on"], today)
    )
    if not typed["ended_on"].strip():
        problems.pop("ended_on", None)
    if begun_on and ended_on and ended_on < begun_on:
        problems["ended_on"] = InvalidInput(
            N_("The last day is before the first."), code="dates-crossed"
        )
    hours = collect(problems, "hours", lambda: read_hours(typed["hours"]))
    reflection = collect(problems, "reflection", lambda: long_text(typed["reflection"]))
    if problems or not title or begun_on is None or ended_on is None or hours is None:
        return None, problems
    return RecordWish(
        title,
        provider or "",
        begun_on,
        ended_on,
        hours,
        reflection or "",
        read_ties(typed.ties, known),
        as_kept(typed["offer"])[:100],
        as_kept(typed["goal"])[:32],
    ), problems


def tie_text(tie: Tie) -> str:
    """Returns a tie as forms hold it, such as "self-assessment-1/2.04"."""
    return "/".join(tie)


def read_ties(texts: Sequence[str], known: Mapping[str, frozenset[str]]) -> tuple[Tie, ...]:
    """Returns the ties that a form holds, each once, in order; what no instrument has is left out.

    `known` holds the codes of each instrument.
    """
    ties = dict.fromkeys(
        (instrument, code)
        for instrument, _, code in (text.partition("/") for text in texts)
        if code in known.get(instrument, frozenset())
    )
    return tuple(ties)


def ties_elsewhere(ties: Sequence[str], here: str) -> list[Tie]:
    """Returns the ties to other instruments than the one whose competencies the form lists."""
    parted = (text.partition("/") for text in ties)
    return [(instrument, code) for instrument, _, code in parted if instrument != here]


def read_version(form: Mapping[str, str]) -> int:
    """Returns the version that a form was filled from, 0 where it names none.

    Raises `InvalidInput` for what no form of ours holds.
    """
    text = form.get("version", "") or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise InvalidInput(N_("The form came back damaged."), code="version-unknown")
    return int(text)


def _by_when(text: str, today: date, *, is_new: bool) -> date:
    found = read_date(text)
    if is_new and found < today:
        raise InvalidInput(
            N_("This date has passed. Choose one from today on."), code="date-passed"
        )
    return found


def _taken(text: str, today: date) -> date:
    found = read_date(text)
    if found > today:
        raise InvalidInput(
            N_("This day is still to come. Note a training once you have taken it."),
            code="date-to-come",
        )
    return found
