"""What a person may be told, and in which words. Pure. No message carries content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lti_tool.kernel.actor import Actor

# Topic of the outbox; the key is the number of the notification.
MAIL = "notifications.mail"
MOST_COUNTED = 100
PAGE_SIZE = 30
KEPT_AFTER_READING = timedelta(days=180)
LASTING_KEPT_FOR = timedelta(days=1200)
PURGED_AT_ONCE = 500


class Kind(StrEnum):
    """What happened. `wording` says it in a sentence, for the tool and for e-mail."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    REVIEW_BEGUN = "review-begun"
    OUTCOME_RELEASED = "outcome-released"
    APPEAL_DECIDED = "appeal-decided"
    RECOGNISED = "recognised"
    STATEMENT_GIVEN = "statement-given"
    CASE_OPENED = "case-opened"
    CASE_SETTLED = "case-settled"
    REVIEW_ALLOCATED = "review-allocated"
    REVIEW_WITHDRAWN = "review-withdrawn"
    REVIEW_TO_AGREE = "review-to-agree"
    # Both readers came to the same: the one who was first may release it, too.
    REVIEW_AGREED = "review-agreed"
    REVIEW_DUE = "review-due"
    MODERATION_WANTED = "moderation-wanted"
    APPEAL_MADE = "appeal-made"
    ANSWER_GIVEN = "answer-given"
    CASE_TO_SETTLE = "case-to-settle"
    NO_ASSESSOR = "no-assessor"
    # For administrators: a verdict recognises somebody, and the register could not take it.
    RECOGNITION_REFUSED = "recognition-refused"
    RENEWAL_DUE = "renewal-due"


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told to whom, and the page that it leads to.

    `params` fill the sentence's places ("title" of the portfolio, "code" of a task); `reference`
    makes that the same thing is told once. `endpoint` with `link` is the page, within the
    placement, if there is one.
    """

    person_id: int
    organisation_id: int
    kind: Kind
    reference: str
    placement_id: int | None = None
    endpoint: str = ""
    link: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


# Told by a round of the worker for as long as something is due: to be told once, it stays longer.
LASTING = frozenset({Kind.RENEWAL_DUE, Kind.REVIEW_DUE})


def lane_of(organisation_id: int) -> str:
    """Returns the lane of an organisation's e-mails: where its server is away, they all wait."""
    return f"mail-{organisation_id}"


def may_open(guard: str, actor: Actor) -> bool:
    """Says whether a page with this guard can be for the actor, as far as their roles tell.

    A guard of a room's own, such as that of the desk, asks itself.
    """
    roles = {
        "learner": actor.is_learner,
        "tutor": actor.is_tutor,
        "observer": actor.is_observer,
        "administrator": actor.is_administrator,
        "participant": actor.is_learner or actor.is_tutor,
    }
    return roles.get(guard, True)
