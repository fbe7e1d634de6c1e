"""The digest of what was handed in: anybody who has the content can work it out again. Pure.

SHA-256 over JSON with sorted keys and no spaces (in the manner of RFC 8785). Each task has one,
over its wording, text, declaration and statements, and its evidence, of which each file is named by
the digest of its bytes; that of the whole is over the receipt's facts and those of the tasks. So
what is erased from one task, when somebody could be known by it, leaves all others provable.
That a report hides something changes nothing: what hides it is no part of what was handed in.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

FORMAT = "imhcf-submission-1"
_HEAD = (
    "receipt_code",
    "number",
    "instrument",
    "instrument_version",
    "level",
    "fee_reference",
    "words",
    "evidence",
)
_TASK = ("code", "wording", "text", "words", "declaration", "account_version")
_PIECE = ("title", "alt", "declaration", "name", "media_type", "size", "digest")
_NOT_HANDED_IN = "hidden_at"


def task_digest(task: Mapping[str, Any], evidence: Iterable[Mapping[str, Any]]) -> str:
    """Returns the digest of a task, of its columns and of those of its evidence."""
    pieces = sorted(evidence, key=lambda one: int(one["place"]))
    said = {name: task[name] for name in _TASK} | {
        "statements": [_statement(one) for one in task["statements"]],
        "evidence": [{name: piece[name] for name in _PIECE} for piece in pieces],
    }
    return _digest(said)


def digest_of(
    head: Mapping[str, Any], submitted_at: datetime, tasks: Iterable[Mapping[str, Any]]
) -> str:
    """Returns the digest of a submission, of its columns and of the digests of its tasks."""
    in_order = sorted(tasks, key=lambda one: int(one["place"]))
    said = {
        "format": FORMAT,
        "submitted_at": submitted_at.isoformat(),
        **{name: head[name] for name in _HEAD},
        "tasks": [[task["code"], task["accepted_in"], task["digest"]] for task in in_order],
    }
    return _digest(said)


def _digest(said: Mapping[str, Any]) -> str:
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _statement(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != _NOT_HANDED_IN}
