"""The digest of what was handed in: anybody who has the content can work it out again. Pure.

SHA-256 over JSON with sorted keys and no spaces (in the manner of RFC 8785): the receipt's facts,
then each task in order with its wording, text, declaration and statements, and its evidence, of
which each file is named by the digest of its bytes. That a report hides something changes
nothing: what hides it is no part of what was handed in.
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
_TASK = ("code", "wording", "text", "words", "declaration", "account_version", "accepted_in")
_PIECE = ("title", "alt", "declaration", "name", "media_type", "size", "digest")
_NOT_HANDED_IN = "hidden_at"


def digest_of(
    head: Mapping[str, Any],
    submitted_at: datetime,
    tasks: Iterable[Mapping[str, Any]],
    evidence: Iterable[Mapping[str, Any]],
) -> str:
    """Returns the digest of a submission, of its columns and of those of its rows."""
    pieces: dict[str, list[dict[str, Any]]] = {}
    for piece in sorted(evidence, key=lambda one: int(one["place"])):
        pieces.setdefault(piece["code"], []).append({name: piece[name] for name in _PIECE})
    said = {
        "format": FORMAT,
        "submitted_at": submitted_at.isoformat(),
        **{name: head[name] for name in _HEAD},
        "tasks": [
            {name: task[name] for name in _TASK}
            | {
                "statements": [_statement(one) for one in task["statements"]],
                "evidence": pieces.get(task["code"], []),
            }
            for task in sorted(tasks, key=lambda one: int(one["place"]))
        ],
    }
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _statement(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != _NOT_HANDED_IN}
