"""When a witness may speak, and what is asked of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_, as_kept

USUAL_DAYS = 28
MOST_DAYS = 365
LONGEST_NAME = 200
LONGEST_ASK = 1_000
# About 1,600 words: a statement is a page or two.
LONGEST_STATEMENT = 10_000
MOST_OF_A_TASK = 20
# A removed one can be had back for as long.
UNDO_FOR = timedelta(days=30)


class State(StrEnum):
    """How an invitation stands, as the learner sees it. What was given stays given."""

    WAITING = "waiting"
    OPENED = "opened"
    GIVEN = "given"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StatementView:
    """An invitation with what was written in answer to it, as services and pages read it.

    `id` is the row's, `public_id` what addresses and frozen copies name it by.
    """

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    portfolio_id: int
    code: str
    invited_name: str
    ask: str
    shows_account: bool
    invited_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None
    opened_at: datetime | None
    confirmed_at: datetime | None
    name: str
    role: str
    text: str
    words: int
    account_version: int
    removed_at: datetime | None
    hidden_at: datetime | None

    @property
    def is_given(self) -> bool:
        return self.confirmed_at is not None

    @property
    def is_hidden(self) -> bool:
        """A report of identifiable data stands against it."""
        return self.hidden_at is not None

    def is_open(self, now: datetime) -> bool:
        """Says whether the link leads to a page. Whether the task is open is another matter."""
        return self.withdrawn_at is None and self.removed_at is None and now < self.ends_at

    def state(self, now: datetime) -> State:
        if self.is_given:
            return State.GIVEN
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if now >= self.ends_at:
            return State.ENDED
        return State.OPENED if self.opened_at else State.WAITING


def frozen_statement(view: StatementView) -> dict[str, Any]:
    """Returns a given statement as a submission keeps it, in `submission_tasks.statements`."""
    return {
        "id": view.public_id,
        "name": view.name,
        "role": view.role,
        "text": view.text,
        "words": view.words,
        "account_version": view.account_version,
        "confirmed_at": view.confirmed_at.isoformat() if view.confirmed_at else "",
        "hidden_at": view.hidden_at.isoformat() if view.hidden_at else None,
    }


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a learner asks of whom, and until when."""

    invited_name: str
    ask: str
    shows_account: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """What a witness says. `account_version` is the account that they read, 0 for none."""

    name: str
    role: str
    text: str
    account_version: int = 0


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed; `problems` says for each field what is wrong with it."""

    values: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def end_of(day: date, zone: str) -> datetime:
    """Returns the moment at which a last day is over, in the zone of the installation."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def last_day(ends_at: datetime, zone: str) -> date:
    """Returns the last day of something that ends at this moment."""
    return (ends_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def usual_end(today: date) -> date:
    """Returns the last day that a new invitation is offered."""
    return today + timedelta(days=USUAL_DAYS)


def new_invitation(today: date) -> Typed:
    """Returns what the form for an invitation begins with."""
    return Typed({"shows_account": "yes", "ends_on": usual_end(today).isoformat()})


def parse_invitation(
    form: Mapping[str, str], today: date, zone: str
) -> tuple[Typed, Invitation | None]:
    """Returns a form as typed and, when nothing is wrong with it, what it asks for."""
    name = " ".join(as_kept(form.get("invited_name", "")).split())
    ask = as_kept(form.get("ask", ""))
    shows = form.get("shows_account") == "yes"
    typed_end = as_kept(form.get("ends_on", ""))[:40]
    problems = {}
    if not name:
        problems["invited_name"] = N_(
            "Say whom you invite, so that you know one link from another."
        )
    elif len(name) > LONGEST_NAME:
        problems["invited_name"] = N_("This name is too long: 200 characters can be kept.")
    if len(ask) > LONGEST_ASK:
        problems["ask"] = N_("This is too long: 1,000 characters can be kept.")
    end = _day(typed_end)
    if sentence := _wrong_end(end, today):
        problems["ends_on"] = sentence
    values = {
        "invited_name": name,
        "ask": ask,
        "shows_account": "yes" if shows else "",
        "ends_on": typed_end,
    }
    typed = Typed(values, problems)
    if problems or end is None:
        return typed, None
    return typed, Invitation(name, ask, shows, end_of(end, zone))


def parse_end(text: str, today: date, zone: str) -> datetime:
    """Returns when a new last day is over; raises `InvalidInput` for one that cannot be."""
    end = _day(as_kept(text))
    sentence = _wrong_end(end, today)
    if sentence or end is None:
        raise InvalidInput(
            sentence,
            code="end-unknown",
            advice=N_("Nothing was changed. Open “New link” again and give another day."),
        )
    return end_of(end, zone)


def parse_statement(form: Mapping[str, str]) -> tuple[Typed, Statement | None]:
    """Returns a witness's form as typed and, when nothing is wrong with it, what they say."""
    name = " ".join(as_kept(form.get("name", "")).split())
    role = " ".join(as_kept(form.get("role", "")).split())
    text = as_kept(form.get("text", ""))
    wanted = (
        ("name", name, N_("Give your name: a statement without one counts for nothing.")),
        ("role", role, N_("Say in what role you know their work, such as “supervisor”.")),
        ("text", text, N_("Write what you can say of their work.")),
    )
    problems = {key: sentence for key, value, sentence in wanted if not value}
    for key, value in (("name", name), ("role", role)):
        if len(value) > LONGEST_NAME:
            problems[key] = N_("This is too long: 200 characters can be kept.")
    if len(text) > LONGEST_STATEMENT:
        problems["text"] = N_("This is too long: 10,000 characters can be kept.")
    if form.get("confirmed") != "yes":
        problems["confirmed"] = N_("Confirm that these are your own words.")
    version = form.get("account_version", "")
    is_number = version.isascii() and version.isdigit() and len(version) <= 9
    said = Statement(name, role, text, int(version) if is_number else 0)
    values = {
        "name": name,
        "role": role,
        "text": text,
        "confirmed": "yes" if form.get("confirmed") == "yes" else "",
        "account_version": str(said.account_version),
    }
    typed = Typed(values, problems)
    return typed, None if problems else said


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _wrong_end(end: date | None, today: date) -> str:
    if end is None:
        return N_("Give the last day as year, month and day, such as 2027-03-14.")
    if end < today:
        return N_("The last day cannot be in the past.")
    if end > today + timedelta(days=MOST_DAYS):
        return N_("A link lasts a year at most. You can renew it later.")
    return ""
