"""One answer on its way in (a script's JSON) and on its way out (a domain's page). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.assessments.domain_form import Problem
from lti_tool.assessments.rules import NOT_RATED, Rated, parse_answer
from lti_tool.assessments.services import Wish
from lti_tool.kernel.errors import ImhcfError, InvalidInput
from lti_tool.kernel.text import N_

_HIGHEST_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the fields of one competency.

    `state` and `note` are as typed where saving was refused, else as on record; `version` is
    the one that the next save builds on. `other` is the answer on record where the two differ.
    """

    state: str
    note: str
    version: int
    rated: Rated
    error: ImhcfError | None = None
    other: Rated | None = None


def shown(code: str, ratings: Mapping[str, Rated], problem: Problem | None) -> Shown:
    """Returns what the page shows for a competency, with what was typed where it was refused."""
    rated = ratings.get(code, NOT_RATED)
    if problem is None:
        return Shown(rated.answer.state, rated.answer.note, rated.version, rated)
    typed = problem.typed
    version = rated.version if problem.current else typed.version
    return Shown(typed.state, typed.note, version, rated, problem.error, problem.current)


def read_wish(sent: object) -> Wish:
    """Returns what a script asks to save; raises `InvalidInput`, or `TooLarge` for the note."""
    if not isinstance(sent, dict) or not isinstance(sent.get("code"), str):
        raise InvalidInput(N_("What was sent does not name a competency."), code="code-missing")
    version = sent.get("version")
    if type(version) is not int or not 0 <= version <= _HIGHEST_VERSION:
        raise InvalidInput(
            N_("What was sent does not say which version it changes."), code="version-unknown"
        )
    answer = parse_answer(sent.get("state"), sent.get("note"))
    return Wish(sent["code"], answer, version)
