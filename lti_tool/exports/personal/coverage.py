"""Which tables hold something about a person, and where a record has it; or why it does not.

A test walks every table that leads to a person and asks that it stands here, so that a new one
is not forgotten.
"""

from collections.abc import Mapping

# Each table, and the field of the record that holds what it says.
HELD: Mapping[str, str] = {
    "people": "person",
    "identities": "person",
    "legacy_identities": "person",
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
    "portfolios": "portfolios",
    "portfolio_choices": "portfolios",
    "accounts": "portfolios",
    "account_versions": "portfolios",
    "files": "files",
    "papers": "papers",
    "shared_links": "shared_links",
    "link_openings": "shared_links",
    "scores": "grades",
    "record_imports": "brought_records",
    "imported_items": "kept_aside",
    "register_entries": "recognition",
    "register_events": "recognition",
    "register_credentials": "recognition",
}

# Tables that name a person and are left out, each with the reason.
LEFT_OUT: Mapping[str, str] = {
    "merges": "the organisation's own; it names who was found to be one human, and by whom",
    "merged_rows": "which rows a join moved; what they hold stands where they are now",
    "tickets": "a way into a session, good once and for a minute; nothing is known by it",
    "picks": "what a tutor is choosing for a course, for a few hours until it is placed",
    "planned_placements": "the course's own; it names who placed an activity, as their work",
    "uploads": "a file that is not whole yet; within a day it is among the files, or forgotten",
    "upload_pieces": "the parts that have come of a file that is not whole yet",
    "register_terms": "the organisation's own; it names who changed the rules, as their work",
    "training_offers": "the organisation's own; it names who wrote an offer, as its work",
    "training_decisions": "the organisation's own; it names who decided, as its work",
    "training_rules": "part of the organisation's own offers",
    "connection_changes": "the organisation's own; it names who changed a connection, as its work",
    "framework_editions": "the organisation's own; it names who changed a wording, as its work",
    "framework_statements": "part of the organisation's own editions",
    "framework_versions": "part of the organisation's own editions",
}
