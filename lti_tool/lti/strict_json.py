"""JSON as a signed message must be: one object, no name twice, no NaN."""

import json
import math
from typing import NoReturn


class NotStrictJson(ValueError):
    """The text is not one well-formed JSON object; says why, without quoting it."""


def parse_object(raw: bytes) -> dict[str, object]:
    """Returns the object that the UTF-8 text holds; raises `NotStrictJson`.

    RFC 7519, §4: claim names must be unique. A reader that keeps the first of two and one that
    keeps the last would see different tokens under one signature.
    """
    try:
        parsed: object = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except NotStrictJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotStrictJson(f"not JSON ({type(error).__name__})") from None
    if not isinstance(parsed, dict):
        raise NotStrictJson("not an object")
    return parsed


def finite_number(value: object) -> float | None:
    """Returns a number that JSON means as one, or None: Python takes True for 1, 1e999 for inf."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictJson("a name stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotStrictJson(f"{name} is not JSON")
