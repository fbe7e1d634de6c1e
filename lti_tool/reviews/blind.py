"""What assessors are shown in place of a learner's name, where the organisation says so."""

import hashlib
import re
from dataclasses import replace

from lti_tool.portfolios.submitting.queries import Frozen, FrozenEvidence, FrozenTask

# Without what is misread or makes words.
_ALPHABET = "2346789ACDEFGHJKMNPQRTVWXY"
_LENGTH = 4
# Shorter parts of a name are parts of other words too.
_SHORTEST = 3
_PART = re.compile(r"[^\W\d_]+")


def alias_code(organisation_id: int, portfolio_id: int) -> str:
    """Returns four characters that stand for a learner: the same for one portfolio, always."""
    seed = f"alias:{organisation_id}:{portfolio_id}"
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    found = ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        found += _ALPHABET[rest]
    return found


def without_name(text: str, name: str, instead: str = "…") -> str:
    """Returns a text with the parts of a name left out, whatever their case.

    Of a file name like "Amina-Khan_reflection.pdf" remains "…-…_reflection.pdf".
    """
    parts = {part.casefold() for part in _PART.findall(name) if len(part) >= _SHORTEST}
    if not parts:
        return text
    return _PART.sub(lambda m: instead if m.group().casefold() in parts else m.group(), text)


def frozen_without_name(frozen: Frozen, name: str) -> Frozen:
    """Returns what was handed in, the learner's name left out of titles and names of files.

    What they wrote, and what their files hold, is theirs and stays as it is.
    """
    tasks = tuple(_task_without_name(task, name) for task in frozen.tasks)
    return Frozen(frozen.submission, tasks)


def _task_without_name(task: FrozenTask, name: str) -> FrozenTask:
    return replace(task, evidence=tuple(piece_without_name(one, name) for one in task.evidence))


def piece_without_name(piece: FrozenEvidence, name: str) -> FrozenEvidence:
    """Returns a piece of evidence without the learner's name in its title and file name."""
    return replace(
        piece,
        title=without_name(piece.title, name),
        name=without_name(piece.name, name),
        alt=without_name(piece.alt, name),
    )
