"""What changed between a submission and the one before it, for its owner and for assessors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.portfolios.differences import Piece, difference
from lti_tool.portfolios.submitting.queries import (
    FrozenEvidence,
    FrozenTask,
    frozen_content,
    submission_before,
)
from lti_tool.portfolios.submitting.rules import SubmissionView


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed in a task since submission `since`.

    `lines` are the paragraphs of both texts together, where the text changed; `text_hidden` says
    that it did and that a report hides one of the two. `added`, `removed` are titles of evidence,
    `statements` the names of witnesses whose statements are new.
    """

    since: int
    lines: list[list[Piece]]
    text_hidden: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    statements: tuple[str, ...]

    @property
    def is_anything(self) -> bool:
        return bool(self.lines or self.text_hidden or self.added or self.removed or self.statements)


def changes_since(
    session: Session, submission: SubmissionView, *, sees_hidden: bool = False
) -> Mapping[str, Changed]:
    """Returns what changed by code, since the submission before that a review decided.

    Nothing for the first one; a task that is as it was is left out. What a report hides is told
    only to who `sees_hidden`.
    """
    before = submission_before(session, submission)
    if before is None:
        return {}
    # Read with everything, and told without what is hidden: an empty text would look taken out.
    old = {one.code: one for one in frozen_content(session, before, sees_hidden=True).tasks}
    new = frozen_content(session, submission, sees_hidden=True).tasks
    found = {
        task.code: _changed(before.number, old[task.code], task, sees_hidden=sees_hidden)
        for task in new
        if task.code in old
    }
    return {code: changed for code, changed in found.items() if changed.is_anything}


def _changed(since: int, old: FrozenTask, new: FrozenTask, *, sees_hidden: bool) -> Changed:
    differs = old.text != new.text
    hides = (old.is_hidden or new.is_hidden) and not sees_hidden
    had, has = _pieces(old.evidence), _pieces(new.evidence)
    known = {one["id"] for one in old.statements}
    return Changed(
        since=since,
        lines=difference(old.text, new.text) if differs and not hides else [],
        text_hidden=differs and hides,
        added=_titles(has, had, sees_hidden=sees_hidden),
        removed=_titles(had, has, sees_hidden=sees_hidden),
        statements=tuple(
            one["name"]
            for one in new.statements
            if one["id"] not in known and (sees_hidden or not one.get("hidden_at"))
        ),
    )


def _pieces(evidence: Iterable[FrozenEvidence]) -> dict[tuple[int, str], FrozenEvidence]:
    return {(piece.evidence_id, piece.digest): piece for piece in evidence}


def _titles(
    these: Mapping[tuple[int, str], FrozenEvidence],
    others: Mapping[tuple[int, str], FrozenEvidence],
    *,
    sees_hidden: bool,
) -> tuple[str, ...]:
    return tuple(
        piece.title
        for key, piece in these.items()
        if key not in others and (sees_hidden or not piece.is_hidden)
    )
