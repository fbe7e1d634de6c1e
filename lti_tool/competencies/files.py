"""A YAML file read against its model: refused whole, with file, line, field and what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from lti_tool.kernel.errors import Misconfigured

M = TypeVar("M", bound=BaseModel)
Place = tuple[int | str, ...]
# libyaml's loader, ten times as fast, where the installed PyYAML has it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file; `field` is the way to it, such as `domains.2.title`."""

    path: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}, {self.field}: {self.message}."


class Refused(Misconfigured):
    """A framework's files are wrong. The sentence is the first problem; `problems` has all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        super().__init__(
            str(self.problems[0]),
            code="framework-wrong",
            advice=f"There are {more} more: imhcf framework check names them." if more else "",
        )


@dataclass(frozen=True, slots=True)
class Read(Generic[M]):
    """What a file says, with its text, so that a later check can name a line of it."""

    path: Path
    text: str
    value: M

    def problem(self, place: Place, message: str) -> Problem:
        """Returns a problem at a place in this file."""
        return Problem(self.path, _line_of(self.text, place), _named(place), message)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """The safe loader, but a key that stands twice is a mistake, not the later one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        seen: set[object] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} is there twice", key.start_mark
                )
            seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def read(path: Path, model: type[M]) -> Read[M]:
    """Returns what a file says; raises `Refused` with everything that its model finds wrong."""
    whole = "the whole file"
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a child of the safe loader  # nosec B506
    except (OSError, UnicodeDecodeError) as error:
        raise Refused([Problem(path, 1, whole, f"cannot be read: {error}")]) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise Refused([Problem(path, line, whole, f"is not valid YAML: {said}")]) from None
    try:
        return Read(path, text, model.model_validate(values))
    except ValidationError as error:
        raise Refused(
            Problem(
                path,
                _line_of(text, found["loc"]),
                _named(found["loc"]),
                found["msg"].removeprefix("Value error, "),
            )
            for found in error.errors()
        ) from None


def _named(place: Place) -> str:
    return ".".join(str(part) for part in place) or "the whole file"


def _line_of(text: str, place: Place) -> int:
    """Returns the line, from 1, of the deepest part of the place that is in the text."""
    node = yaml.compose(text, Loader=_Loader)
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        node = _child(node, part)
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


def _child(node: Any, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    return None
