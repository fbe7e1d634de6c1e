"""What becomes of each table when two people turn out to be one human. Pure.

A row of the one goes over to the other by changing the column that names the person. Where the
other has such a row already, and the table takes one alone, there are two ways: a fold, which
puts both together (`FOLDED`), or the row stays where it was, at rest: its person has no
identifier any more, so no page shows it, and nothing of it is lost.

A test walks the whole schema and asks that every column that names a person stands here once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lti_tool.kernel.errors import Conflict, InvalidInput
from lti_tool.kernel.text import N_

# Put together where both have one: see `folding`.
FOLDED = frozenset(
    {
        "memberships.person_id",
        "ratings.person_id",
        "snapshots.person_id",
        "looking_back.person_id",
        "scores.person_id",
        "portfolios.person_id",
        "assessors.person_id",
        "mail_wishes.person_id",
    }
)
# Changed to name the remaining person; a row that would stand twice rests.
MOVED = frozenset(
    {
        "identities.person_id",
        "legacy_identities.person_id",
        "rating_changes.person_id",
        "rating_changes.actor_id",
        "imported_changes.person_id",
        "goals.person_id",
        "goal_changes.actor_id",
        "training_records.person_id",
        "files.person_id",
        "papers.person_id",
        "shared_links.person_id",
        "record_imports.person_id",
        "imported_items.person_id",
        "framework_editions.actor_id",
        "training_decisions.changed_by",
        "training_offers.created_by",
        "training_offers.changed_by",
        "planned_placements.made_by",
        "connection_changes.actor_id",
        "uploads.person_id",
        "register_entries.person_id",
        "register_events.by_person_id",
        "register_terms.changed_by",
        "evidence.person_id",
        "witness_statements.person_id",
        "submissions.person_id",
        "confidentiality_cases.person_id",
        "confidentiality_cases.reported_by",
        "confidentiality_events.by_person_id",
        "notifications.person_id",
        "assessors.appointed_by",
        "assessors.changed_by",
        "assessor_conflicts.person_id",
        "assessor_conflicts.declared_by",
        "reviews.allocated_by",
        "outcomes.released_by",
        "appeals.person_id",
        "review_events.by_person_id",
    }
)
# Removed: sessions and what opens one. The person opens the activity again from the course.
ENDED = frozenset({"web_sessions.person_id", "tickets.person_id"})
# Never changed, each with the reason.
KEPT: Mapping[str, str] = {
    "portfolio_choices.person_id": "which portfolio an activity opens is chosen again by a click",
    "submission_terms.changed_by": "who changed the organisation's rules is told as it was",
    "review_terms.changed_by": "who changed the organisation's rules is told as it was",
    "mail_settings.changed_by": "who set up the organisation's e-mail is told as it was",
    "merges.remaining_id": "the journal of joins itself",
    "merges.absorbed_id": "the journal of joins itself",
    "merges.merged_by": "who joined whom is told as it was",
    "merges.undone_by": "who undid it is told as it was",
}


@dataclass(frozen=True, slots=True)
class MergeView:
    """A join as a page and the rules read it."""

    id: int
    public_id: str
    remaining_id: int
    absorbed_id: int
    merged_at: datetime
    undone_at: datetime | None


def check_pair(remaining_id: int, absorbed_id: int, actor_id: int) -> None:
    """Raises `InvalidInput` for one person twice, and `Conflict` where the actor would vanish."""
    if remaining_id == absorbed_id:
        raise InvalidInput(
            N_("These are one person already."),
            code="merge-same",
            advice=N_("Choose two different people."),
        )
    if absorbed_id == actor_id:
        raise Conflict(
            N_("You cannot join yourself to somebody else: it would end your own session."),
            code="merge-oneself",
            advice=N_("Choose yourself as the person who stays."),
        )


def check_undo(merge: MergeView, later: bool) -> None:  # noqa: FBT001 - one fact about the join
    """Raises `Conflict` where undoing is not well defined any more."""
    if merge.undone_at is not None:
        raise Conflict(N_("This was undone already."), code="merge-undone")
    if later:
        raise Conflict(
            N_("One of the two was joined again since."),
            code="merge-not-last",
            advice=N_("Undo the newer join first."),
        )
