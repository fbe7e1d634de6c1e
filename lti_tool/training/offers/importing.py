"""A CSV file of offers: first what it would do, then, when that is still so, doing it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.text import N_
from lti_tool.training.offers.csv_files import FileMistake, FileRefused, Line, read_csv, write_csv
from lti_tool.training.offers.managing import own_facts
from lti_tool.training.offers.queries import OwnFacts
from lti_tool.training.offers.raw import raw_of
from lti_tool.training.offers.services import add_offer, change_offer, check_scope, restore_offer
from lti_tool.training.offers.terms import Terms
from lti_tool.training.offers.wishes import Wish, parse_wish


@dataclass(frozen=True, slots=True)
class Step:
    """What one line of a file comes to; `columns` are those that differ, `key` an offer's."""

    line: int
    wish: Wish
    reference: str
    key: str = ""
    version: int = 0
    columns: tuple[str, ...] = ()
    comes_back: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do in one scope. `left` are the titles of offers that it does not name."""

    course_id: int | None
    added: tuple[Step, ...]
    changed: tuple[Step, ...]
    same: tuple[Step, ...]
    left: tuple[str, ...]

    @property
    def mark(self) -> str:
        """A short mark of all this: whoever presses Apply has seen the plan with this mark."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


def plan_import(
    session: Session,
    actor: Actor,
    content: bytes,
    *,
    course_id: int | None,
    terms: Terms,
    today: date,
) -> Plan:
    """Returns what a file would do; raises `FileRefused` with every mistake, and changes nothing."""
    check_scope(actor, course_id)
    known = {facts.reference: facts for facts in _in_scope(session, actor, course_id)}
    mistakes: list[FileMistake] = []
    steps: list[Step] = []
    lines = read_csv(content)
    for line in lines:
        steps += _read_line(line, known, terms, today, mistakes)
    mistakes += _repeated(lines)
    if mistakes:
        raise FileRefused(*sorted(mistakes, key=lambda mistake: mistake.line))
    named = {step.reference for step in steps}
    return Plan(
        course_id,
        tuple(step for step in steps if not step.key),
        tuple(step for step in steps if step.key and (step.columns or step.comes_back)),
        tuple(step for step in steps if step.key and not (step.columns or step.comes_back)),
        tuple(
            facts.offer.title
            for facts in known.values()
            if facts.reference not in named and not facts.offer.archived
        ),
    )


def apply_plan(session: Session, actor: Actor, plan: Plan) -> None:
    """Does what a plan says; raises `Conflict` when an offer is no longer as it was then."""
    for step in plan.added:
        add_offer(session, actor, step.wish, course_id=plan.course_id)
    for step in plan.changed:
        change_offer(session, actor, step.key, step.wish, seen_version=step.version)
        if step.comes_back:
            restore_offer(session, actor, step.key)


def export_csv(session: Session, actor: Actor, *, course_id: int | None, terms: Terms) -> bytes:
    """Returns the own offers of one scope as a file that the import reads as no change."""
    check_scope(actor, course_id)
    found = [one for one in _in_scope(session, actor, course_id) if not one.offer.archived]
    return write_csv(raw_of(facts, terms) for facts in found)


def _in_scope(session: Session, actor: Actor, course_id: int | None) -> list[OwnFacts]:
    return [one for one in own_facts(session, actor) if one.offer.course_id == course_id]


def _read_line(
    line: Line,
    known: Mapping[str, OwnFacts],
    terms: Terms,
    today: date,
    mistakes: list[FileMistake],
) -> list[Step]:
    reference = _reference(line)
    if not reference:
        mistakes.append(
            FileMistake(line.number, "reference", N_("A short name of your own is expected."))
        )
    before = known.get(reference)
    now = raw_of(before, terms) if before else {}
    # A column that the file does not have leaves what is there.
    wish, wrong = parse_wish(now | dict(line.fields), terms, today)
    mistakes += [FileMistake(line.number, one.name, one.sentence, one.params) for one in wrong]
    if wish is None or not reference:
        return []
    if before is None:
        return [Step(line.number, wish, reference)]
    same, _wrong = parse_wish(now, terms, max(today, before.offer.checked_on or today))
    columns = tuple(
        name
        for name in Wish.__slots__
        if same is None or getattr(same, name) != getattr(wish, name)
    )
    archived = before.offer.archived
    return [Step(line.number, wish, reference, before.offer.key, before.version, columns, archived)]


def _reference(line: Line) -> str:
    return line.fields.get("reference", "").strip().lower()


def _repeated(lines: Iterable[Line]) -> list[FileMistake]:
    first: dict[str, int] = {}
    found = []
    for line in lines:
        reference = _reference(line)
        if reference and first.setdefault(reference, line.number) != line.number:
            found.append(
                FileMistake(
                    line.number,
                    "reference",
                    N_("This reference stands in line %(first)s already; once is expected."),
                    {"first": first[reference]},
                )
            )
    return found
