"""What a portfolio task rests on among the self-assessment competencies, and the other way."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lti_tool.competencies.frameworks import Footing, Reference
from lti_tool.competencies.loading import framework_folders, frameworks
from lti_tool.competencies.parts import Parts

References = Mapping[Reference, tuple[Reference, ...]]


@dataclass(frozen=True, slots=True)
class _Index:
    rests_on: References
    tasks: References
    reasons: Mapping[Reference, str]


def rests_on(instrument_id: str, code: str) -> tuple[Reference, ...]:
    """Returns the self-assessment competencies that a portfolio task rests on, by code.

    Empty for a competency that is no task of a portfolio with a crosswalk.
    """
    return _index(framework_folders()).rests_on.get(Reference(instrument_id, code), ())


def tasks_resting_on(instrument_id: str, code: str) -> tuple[Reference, ...]:
    """Returns the portfolio tasks that rest on a self-assessment competency, by code."""
    return _index(framework_folders()).tasks.get(Reference(instrument_id, code), ())


def reason_for(instrument_id: str, code: str) -> str | None:
    """Returns why a task rests on what it rests on, where its codes do not say it themselves."""
    return _index(framework_folders()).reasons.get(Reference(instrument_id, code))


def footing(parts: Parts) -> dict[Reference, tuple[Reference, ...]]:
    """Returns, for each task of a framework with a crosswalk, what it rests on."""
    return {
        Reference(one.portfolio, task.task): tuple(
            Reference(one.rests_on, code) for code in task.codes
        )
        for one in _footings(parts)
        for task in one.tasks
    }


def reasons(parts: Parts) -> dict[Reference, str]:
    """Returns the reasons that a framework's crosswalk gives, by task."""
    return {
        Reference(one.portfolio, task.task): task.why
        for one in _footings(parts)
        for task in one.tasks
        if task.why
    }


def _footings(parts: Parts) -> tuple[Footing, ...]:
    return parts.crosswalk.value.footings if parts.crosswalk else ()


@cache
def _index(_folders: tuple[Path, ...]) -> _Index:
    forth: dict[Reference, tuple[Reference, ...]] = {}
    why: dict[Reference, str] = {}
    for parts in frameworks().values():
        forth |= footing(parts)
        why |= reasons(parts)
    back: dict[Reference, tuple[Reference, ...]] = {}
    for task, competencies in forth.items():
        for competency in competencies:
            back[competency] = (*back.get(competency, ()), task)
    return _Index(forth, back, why)
