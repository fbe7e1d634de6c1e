"""The library of instruments: every YAML file below `frameworks/`, checked when first read."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.kernel.errors import Misconfigured, NotFound
from lti_tool.kernel.resources import resource_folder
from lti_tool.kernel.text import N_

_ORDER = {"self-assessment": 0, "portfolio": 1}


def load_instruments(folder: Path) -> dict[str, Instrument]:
    """Returns the instruments of a folder by id, in their order.

    Raises `Misconfigured` naming the file, the line and the field of the first thing wrong.
    """
    found: dict[str, Instrument] = {}
    for path in sorted(folder.rglob("*.yaml")):
        instrument = load_instrument(path)
        if instrument.id in found:
            raise Misconfigured(f"{path}: the instrument {instrument.id} is there twice.")
        found[instrument.id] = instrument
    return dict(sorted(found.items(), key=lambda i: (_ORDER[i[1].kind], i[1].level, i[0])))


def load_instrument(path: Path) -> Instrument:
    """Returns the instrument of one file; raises `Misconfigured` as `load_instruments` does."""
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.safe_load(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: cannot be read: {error}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "is not valid"
        raise Misconfigured(f"{path}, line {line}: is not valid YAML: {problem}.") from None
    try:
        return Instrument.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        message = first["msg"].removeprefix("Value error, ")
        line = _line_of(node, first["loc"])
        raise Misconfigured(f"{path}, line {line}, {where}: {message}.") from None


def _line_of(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """Returns the line, from 1, of the deepest part of the place that is in the file."""
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
        return next((value for key, value in node.value if key.value == part), None)
    return None


@cache
def library() -> dict[str, Instrument]:
    """Returns every instrument by id, read once in a process."""
    return load_instruments(resource_folder("frameworks"))


def instruments_for(
    session: Session,  # noqa: ARG001 - wordings of an organisation's own come with the next step
    organisation_id: int,  # noqa: ARG001 - as above, with the next step
) -> Mapping[str, Instrument]:
    """Returns every instrument by id, in the wording that an organisation's people see."""
    return library()


def instrument_for(session: Session, organisation_id: int, instrument_id: str) -> Instrument:
    """Returns one instrument in an organisation's wording; raises `NotFound` for an unknown id."""
    return _one(instruments_for(session, organisation_id), instrument_id)


def instrument(instrument_id: str) -> Instrument:
    """Returns an instrument as shipped: enough where codes and domains count, not their words.

    Raises `NotFound` for an id that the library does not hold.
    """
    return _one(library(), instrument_id)


def _one(instruments: Mapping[str, Instrument], instrument_id: str) -> Instrument:
    try:
        return instruments[instrument_id]
    except KeyError:
        raise NotFound(
            N_("There is no such instrument in this tool."),
            code="instrument-unknown",
            detail=instrument_id[:60],
        ) from None
