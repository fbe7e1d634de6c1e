"""The operator's commands on keys, and the test of a connection."""

import re
from typing import Any

import pytest

from lti_tool.kernel.errors import Conflict, NotFound
from tests.cli.test_commands import add, type_in

__all__ = ["type_in"]  # a fixture


def listed(type_in: Any) -> list[tuple[str, str]]:
    lines = type_in("keys", "list").output.splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]


def test_a_key_is_rotated_with_a_lead(type_in: Any) -> None:
    ((old, _active),) = listed(type_in)
    rotated = type_in("keys", "rotate")
    assert rotated.exit_code == 0, rotated.output
    assert re.search(r"signs from \d{4}-\d\d-\d\d \d\d:\d\d UTC", rotated.output)
    (new, stands), second = listed(type_in)
    assert stands == "next"
    assert second == (old, "active")
    assert new in rotated.output
    assert "signs from" in type_in("keys", "list").output


def test_a_key_is_rotated_at_once_and_the_old_one_retired(type_in: Any) -> None:
    ((old, _active),) = listed(type_in)
    rotated = type_in("keys", "rotate", "--now")
    assert "signs from now on" in rotated.output
    assert [stands for _kid, stands in listed(type_in)] == ["active", "retiring"]
    assert "published until" in type_in("keys", "list").output
    assert "is retired" in type_in("keys", "retire", old[:8]).output
    assert [stands for _kid, stands in listed(type_in)] == ["active", "retired"]
    assert "retired already" in type_in("keys", "retire", old).output
    refused = type_in("keys", "retire", listed(type_in)[0][0])
    assert isinstance(refused.exception, Conflict)
    assert isinstance(type_in("keys", "retire", "no-such-key").exception, NotFound)


@pytest.mark.parametrize("lead", ["-1", "soon", "721"])
def test_a_lead_that_makes_no_sense_is_refused(type_in: Any, lead: str) -> None:
    assert type_in("keys", "rotate", "--lead", lead).exit_code == 2
    assert len(listed(type_in)) == 1


def test_a_lost_secret_is_named_with_its_mend(
    type_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((old, _active),) = listed(type_in)
    monkeypatch.setenv("IMHCF_SECRET_KEY", "another secret than the one that sealed the keys")
    assert "cannot be read with this IMHCF_SECRET_KEY" in type_in("keys", "list").output
    said = type_in("doctor").output
    assert "!!  keys: The stored keys cannot be read" in said
    assert "imhcf keys rotate --now" in said
    assert "signs from now on" in type_in("keys", "rotate").output
    said = type_in("doctor").output
    assert f"imhcf keys retire {old}" in said
    assert type_in("keys", "retire", old).exit_code == 0
    assert "ok  keys: signing with" in type_in("doctor").output


def test_a_connection_is_tested_by_its_number(type_in: Any) -> None:
    add(type_in, "Willow", "c1")
    said = type_in("platform", "test", "1")
    assert said.exit_code == 1
    assert "!!  login:" in said.output
    assert "!!  token:" in said.output
    assert "--  roster: Not tried: an earlier step has to succeed first." in said.output
    assert isinstance(type_in("platform", "test", "9").exception, NotFound)
    type_in("platform", "disable", "1")
    off = type_in("platform", "test", "1")
    assert off.exit_code == 0
    assert "this connection is switched off" in off.output
