"""What a person may be told, and in which words. Pure. No message carries content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAIL = "notifications.mail"
LANE = "mail"


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
