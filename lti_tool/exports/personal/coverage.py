"""Which tables hold something about a person, and where a record has it; or why it does not.

A test walks every table that leads to a person and asks that it stands here, so that a new one
is not forgotten.
"""

from collections.abc import Mapping

# Each table, and the field of the record that holds what it says.
HELD: Mapping[str, str] = {
    "people": "person",
    "identities": "person",
    "memberships": "courses",
    "web_sessions": "sign_ins",
    "ratings": "ratings",
    "rating_changes": "rating_changes",
    "imported_changes": "rating_changes",
    "snapshots": "snapshots",
    "snapshot_answers": "snapshots",
    "looking_back": "looking_back",
    "goals": "goals",
    "goal_changes": "goals",
    "training_records": "training_records",
    "files": "files",
    "papers": "papers",
    "shared_links": "shared_links",
    "link_openings": "shared_links",
    "scores": "grades",
    "record_imports": "brought_records",
    "imported_items": "kept_aside",
}

# Tables that name a person and are left out, each with the reason.
LEFT_OUT: Mapping[str, str] = {
    "tickets": "a way into a session, good once and for a minute; nothing is known by it",
    "training_offers": "the organisation's own; it names who wrote an offer, as its work",
    "training_decisions": "the organisation's own; it names who decided, as its work",
    "training_rules": "part of the organisation's own offers",
    "framework_editions": "the organisation's own; it names who changed a wording, as its work",
    "framework_statements": "part of the organisation's own editions",
    "framework_versions": "part of the organisation's own editions",
}
