"""What is held about a person, in counts and dates: never what it says.

Rooms beside this one keep tables about people too, and may not be imported from here. Their tables
stand in the schema that all rooms share, and are found there by name: a count needs no more. A
test asks that every table that belongs to a person stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import Base
from lti_tool.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its words, and the column that says when."""

    words: str
    when: str


@dataclass(frozen=True, slots=True)
class Holding:
    """How much of a kind is held about a person, the oldest and the newest of it."""

    words: str
    count: int
    oldest: datetime | None
    newest: datetime | None


# By table; each has a column `person_id`. In the order in which things come to be.
KINDS: Mapping[str, Kind] = {
    "web_sessions": Kind(N_("Sign-ins that are still on record"), "opened_at"),
    "ratings": Kind(N_("Answers to competencies"), "changed_at"),
    "rating_changes": Kind(N_("Changes of answers"), "changed_at"),
    "imported_changes": Kind(N_("Changes of answers, brought from elsewhere"), "changed_at"),
    "snapshots": Kind(N_("Snapshots of answers"), "taken_at"),
    "looking_back": Kind(N_("“Looking back” answers"), "answered_at"),
    "goals": Kind(N_("Goals"), "changed_at"),
    "training_records": Kind(N_("Entries of the training record"), "changed_at"),
    "files": Kind(N_("Certificates and other files"), "created_at"),
    "papers": Kind(N_("PDFs"), "asked_at"),
    "shared_links": Kind(N_("Shared links"), "created_at"),
    "scores": Kind(N_("Grades for gradebooks"), "recorded_at"),
    "record_imports": Kind(N_("Records brought from elsewhere"), "created_at"),
    "imported_items": Kind(N_("Things kept from such records"), "imported_at"),
    "portfolios": Kind(N_("Portfolios"), "created_at"),
    "evidence": Kind(N_("Pieces of evidence"), "created_at"),
    "witness_statements": Kind(N_("Invitations to witnesses, and statements"), "invited_at"),
    "submissions": Kind(N_("Portfolios handed in"), "submitted_at"),
    "appeals": Kind(N_("Appeals"), "made_at"),
    "confidentiality_cases": Kind(N_("Reports that somebody can be known"), "opened_at"),
    "assessors": Kind(N_("Appointments as assessor"), "appointed_at"),
    "assessor_conflicts": Kind(N_("Conflicts of interest with an assessor"), "declared_at"),
    "notifications": Kind(N_("Notices in the tool"), "created_at"),
    "register_entries": Kind(N_("Entries on the Recognition Register"), "created_at"),
}

# Tables that belong to a person and are not counted, each with the reason.
NOT_COUNTED: Mapping[str, str] = {
    "memberships": "shown by themselves, as courses",
    "identities": "shown by themselves: they are how a person is known",
    "legacy_identities": "shown by themselves, as the other identifiers",
    "tickets": "a way into a session, good once and for a minute",
    "uploads": "a file that is not whole yet, for a day at most",
    "portfolio_choices": "which portfolio an activity opens",
    "mail_wishes": "whether they want e-mail: a wish, and nothing about them",
}


def holdings_of(session: Session, person_id: int) -> list[Holding]:
    """Returns every kind that there is something of."""
    found = []
    for name, kind in KINDS.items():
        table = Base.metadata.tables[name]
        row = session.execute(
            select(
                func.count().label("found"),
                func.min(table.c[kind.when]).label("oldest"),
                func.max(table.c[kind.when]).label("newest"),
            ).where(table.c.person_id == person_id)
        ).one()
        if row.found:
            found.append(Holding(kind.words, row.found, row.oldest, row.newest))
    return found
