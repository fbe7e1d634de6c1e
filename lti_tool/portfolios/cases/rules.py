"""What a case is, and how it may be settled. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept

LONGEST_WORDS = 2_000
# A topic of the outbox, for the log upstairs; the key is the case's number (its id).
SETTLED = "portfolio.case-settled"


class ItemKind(StrEnum):
    """What can be reported."""

    ACCOUNT = "account"
    EVIDENCE = "evidence"
    STATEMENT = "statement"


class CaseState(StrEnum):
    """How a case stands. As long as it is open or hidden, the item is hidden."""

    OPEN = "open"
    HIDDEN = "stays-hidden"
    SHOWN = "shown-again"
    ERASED = "erased"


STANDS = frozenset({CaseState.OPEN, CaseState.HIDDEN})
# What an administrator may decide, by how a case stands. Shown again, it may be reported anew.
DECISIONS: Mapping[CaseState, tuple[CaseState, ...]] = {
    CaseState.OPEN: (CaseState.SHOWN, CaseState.HIDDEN, CaseState.ERASED),
    CaseState.HIDDEN: (CaseState.SHOWN, CaseState.ERASED),
    CaseState.SHOWN: (),
    CaseState.ERASED: (),
}


class Act(StrEnum):
    """A line of a case's history."""

    OPENED = "opened"
    REPORTED = "reported"
    ANSWERED = "answered"
    NOTED = "noted"
    REPLACED = "replaced"
    PUT_BACK = "put-back"
    SHOWN = "shown-again"
    HIDDEN = "stays-hidden"
    ERASED = "erased"


class By(StrEnum):
    """In what part somebody acted."""

    ASSESSOR = "assessor"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a submission. `name` is a code of a task, the number (id) of a frozen piece of
    evidence, or the "id" of a frozen statement, by the kind.
    """

    kind: ItemKind
    name: str

    @property
    def key(self) -> str:
        """What a form sends for it: see `parse_item`."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as services and pages read it."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    portfolio_id: int
    submission_id: int
    kind: ItemKind
    code: str
    evidence_id: int | None
    statement_id: int | None
    digest: str
    state: CaseState
    reported_by: int
    opened_at: datetime
    settled_at: datetime | None

    @property
    def stands(self) -> bool:
        """Says whether the item is hidden because of this case."""
        return self.state in STANDS

    @property
    def decisions(self) -> tuple[CaseState, ...]:
        return DECISIONS[self.state]


def account_item(code: str) -> Item:
    """Returns the text of a task as something to report."""
    return Item(ItemKind.ACCOUNT, code)


def evidence_item(frozen_id: int) -> Item:
    """Returns a frozen piece of evidence (`FrozenEvidence.id`) as something to report."""
    return Item(ItemKind.EVIDENCE, str(frozen_id))


def statement_item(public_id: str) -> Item:
    """Returns a witness's statement, by the "id" of the frozen one, as something to report."""
    return Item(ItemKind.STATEMENT, public_id)


def parse_item(text: str) -> Item:
    """Returns what a form names, such as "account:1.01"; raises `InvalidInput`."""
    kind, _, name = as_kept(text).partition(":")
    if kind not in {known.value for known in ItemKind} or not name or len(name) > 40:
        raise InvalidInput(
            N_("What was sent does not say what you report."),
            code="item-unknown",
            advice=N_("Go back to the submission and report it from there."),
        )
    return Item(ItemKind(kind), name)


def parse_words(text: str, *, wanted: bool = True) -> str:
    """Returns words for the history as they are kept; raises `InvalidInput`, or `TooLarge`."""
    words = as_kept(text)
    if wanted and not words:
        raise InvalidInput(
            N_("Nothing was written yet."),
            code="words-missing",
            advice=N_("Say in a sentence or two what it is about, without repeating the data."),
        )
    if len(words) > LONGEST_WORDS:
        raise TooLarge(
            N_("This has %(count)s characters; %(limit)s can be kept."),
            code="words-too-long",
            advice=N_("Shorten it. What you typed is still in the box."),
            params={"count": f"{len(words):,}", "limit": f"{LONGEST_WORDS:,}"},
        )
    return words


def text_digest(text: str) -> str:
    """Returns by what a case knows a text again, without keeping it."""
    return hashlib.sha256(text.encode()).hexdigest()
