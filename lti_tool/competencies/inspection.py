"""What `imhcf framework check` prints beside the mistakes: what was looked at, in numbers."""

from collections.abc import Collection
from dataclasses import dataclass

from lti_tool.competencies.crosswalk import footing
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.parts import Parts
from lti_tool.competencies.presentation import provenance_counts

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title; its first row names the columns, and all rows are as long."""

    title: str
    rows: tuple[Row, ...]


def inspect(parts: Parts) -> tuple[Table, ...]:
    """Returns the tables of a framework: its instruments, its crosswalk, its levels."""
    facts = parts.framework
    title = f"{facts.id}: {facts.title}, version {facts.version} ({parts.folder})"
    tables = [Table(title, (_INSTRUMENTS, *(_instrument(parts, name) for name in _names(parts))))]
    if parts.crosswalk:
        whose = {"ours": "this tool's own reading", "published": "as published"}
        said = f"Crosswalk, {whose[parts.crosswalk.value.origin]}"
        tables.append(Table(said, (_CROSSWALK, *_crosswalk(parts))))
    if facts.progressions:
        tables.append(Table("Levels that follow one another", (_LEVELS, *_levels(parts))))
    return tuple(tables)


_INSTRUMENTS = (
    *("instrument", "domains", "competencies", "by domain", "expected"),
    *("published", "repaired", "derived", "notes"),
)
_CROSSWALK = ("tasks", "mapped", "rest on", "links", "competencies with a task", "reasons given")
_LEVELS = ("levels", "by code", "codes shared", "topics the same", "retitled with a reason")


def _names(parts: Parts) -> list[str]:
    return [one.id for one in parts.framework.instruments if one.id in parts.instruments]


def _instrument(parts: Parts, name: str) -> Row:
    instrument = parts.instruments[name].value
    provenance = provenance_counts(instrument)
    return (
        name,
        str(len(instrument.domains)),
        str(len(instrument.by_code)),
        " ".join(str(len(domain.codes)) for domain in instrument.domains),
        " ".join(str(count) for count in parts.framework.expected[name].counts),
        str(provenance.published),
        str(provenance.repaired),
        str(provenance.derived),
        str(sum(1 for competency in instrument.by_code.values() if competency.note)),
    )


def _crosswalk(parts: Parts) -> list[Row]:
    links = footing(parts)
    rows: list[Row] = []
    for one in parts.crosswalk.value.footings if parts.crosswalk else ():
        portfolio, grid = parts.instruments.get(one.portfolio), parts.instruments.get(one.rests_on)
        if portfolio is None or grid is None:
            continue
        mine = [on for task, on in links.items() if task.instrument == one.portfolio]
        reached = {reference for on in mine for reference in on}
        rows.append(
            (
                one.portfolio,
                _part(one.by_task.keys() & portfolio.value.by_code.keys(), portfolio.value),
                one.rests_on,
                str(sum(len(on) for on in mine)),
                _part(reached, grid.value),
                str(sum(1 for task in one.tasks if task.why)),
            )
        )
    return rows


def _levels(parts: Parts) -> list[Row]:
    rows: list[Row] = []
    for progression in parts.framework.progressions:
        steps = [
            parts.instruments[name].value
            for name in progression.instruments
            if name in parts.instruments
        ]
        names = ", ".join(progression.instruments)
        if not progression.by_code or not steps:
            rows.append((names, "no", "", "", ""))
            continue
        shared = set.intersection(*(set(step.by_code) for step in steps))
        same = [code for code in shared if _has_one_topic(code, steps)]
        kept = len(progression.retitled)
        rows.append((names, "yes", str(len(shared)), str(len(same)), str(kept)))
    return rows


def _part(some: Collection[object], instrument: Instrument) -> str:
    return f"{len(some)} of {len(instrument.by_code)}"


def _has_one_topic(code: str, steps: list[Instrument]) -> bool:
    return len({step.by_code[code].topic for step in steps}) == 1
