"""Addresses of one placement's pages: a link stays in the session and placement it stands on."""

from typing import Any

from flask import request

PLACE = ("slot", "placement")
# The databases count rows in 64 bits; an address may hold any number.
HIGHEST_ROW = 2**63 - 1


def stay_here(_endpoint: str, values: dict[str, Any]) -> None:
    """Fills slot and placement from the address of this request; for `Blueprint.url_defaults`."""
    here = request.view_args or {}
    for name in PLACE:
        if name in here:
            values.setdefault(name, here[name])


def row_number(text: str) -> int:
    """Returns a number that a row may have; raises `ValueError` for any other text."""
    number = int(text)
    if not 0 < number <= HIGHEST_ROW:
        raise ValueError("no row has this number")
    return number
