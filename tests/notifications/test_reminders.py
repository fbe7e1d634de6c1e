"""Reminders of dates: each owner once per end of recognition, each reading once, by the worker."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import update

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.notifications.rules import Kind
from lti_tool.register.models import RegisterEntry
from lti_tool.register.reminding import latest_end, remind_owners
from lti_tool.register.rules import reminder_day
from lti_tool.reviews.reminding import remind_assessors
from lti_tool.wiring.messages import chores
from tests.notifications.telling import told
from tests.portfolios.handing_in import handed_in
from tests.register.entries import recognised, row_of, today
from tests.reviews.offices import allocated, appoint, readings
from tests.tool import Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})


def remind(tool: Tool, on: date) -> int:
    with tool.database.transaction() as session:
        return remind_owners(session, on)


def due(tool: Tool, who: Visitor) -> list[str]:
    return [one.reference for one in told(tool, who) if one.kind == Kind.RENEWAL_DUE]


@pytest.mark.parametrize("months", [1, 6, 24])
def test_the_last_end_that_is_reminded_of_is_exact(months: int) -> None:
    for number in range(800):
        day = date(2027, 1, 1) + timedelta(days=number)
        last = latest_end(day, months)
        assert reminder_day(last, months) <= day
        assert reminder_day(last + timedelta(days=1), months) > day


def test_each_owner_is_reminded_once_from_the_day_that_the_rules_say(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    begins = reminder_day(entry.valid_until, 6)
    assert remind(tool, begins - timedelta(days=1)) == 0
    assert remind(tool, begins) == 1
    assert remind(tool, begins) == 0
    assert remind(tool, entry.valid_until) == 0
    assert due(tool, amina) == [f"renewal:{entry.public_id}:{entry.valid_until}"]
    page = amina.get("notifications").text
    shown = f"{entry.valid_until.day} {entry.valid_until:%B %Y}"
    assert f"Your recognition at Level 2 ends on {shown}. You can renew it." in page
    assert re.search(r"notifications/[\w-]+/open", page)


def test_a_new_end_brings_a_reminder_of_its_own(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    assert remind(tool, entry.valid_until) == 1
    later = entry.valid_until.replace(year=entry.valid_until.year + 3, day=1)
    with tool.database.transaction() as session:
        session.execute(update(RegisterEntry).values(valid_until=later))
    assert remind(tool, entry.valid_until) == 0
    assert remind(tool, later) == 1


@pytest.mark.parametrize("why", ["suspended", "asked already", "over"])
def test_who_cannot_or_need_not_renew_is_not_reminded(tool: Tool, why: str) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    if why == "suspended":
        answer = ada.post(f"register/entries/{entry.public_id}/suspend", {"reason": "Why not"})
        assert answer.status_code == 303
    if why == "asked already":
        with tool.database.transaction() as session:
            session.execute(update(RegisterEntry).values(renewal_asked_at=clock.now()))
    on = entry.valid_until + timedelta(days=1 if why == "over" else 0)
    assert remind(tool, on) == 0
    assert row_of(tool, entry).valid_until == entry.valid_until


def test_the_organisations_own_months_count(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    olga = tool.sign_in("olga", organisation="Other")
    ends = recognised(tool, amina).valid_until
    recognised(tool, olga)
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    form = {"years": "3", "remind_months": "12", "hours": "0"}
    assert ada.post("register/rules", form).status_code == 303
    assert remind(tool, reminder_day(ends, 12)) == 1
    assert len(due(tool, amina)) == 1
    assert due(tool, olga) == []


def test_an_overdue_reading_is_told_once_to_its_assessor_without_a_name(tool: Tool) -> None:
    _, submission = handed_in(tool, name="Amina Nobody-Else")
    reader = appoint(tool, "rosa")
    (review,) = allocated(tool, submission)

    def remind_on(day: date) -> int:
        with tool.database.transaction() as session:
            return remind_assessors(session, day)

    def overdue() -> list[str]:
        return [o.public_id for o in told(tool, reader.visitor) if o.kind == Kind.REVIEW_DUE]

    assert remind_on(today()) == 0
    late = today() + timedelta(days=60)
    assert remind_on(late) == 1
    assert remind_on(late) == 0
    assert len(overdue()) == 1
    assert readings(tool, submission)[0].public_id == review.public_id
    page = reader.visitor.get("notifications").text
    assert "The target date for your review of “Portfolio, Level 1” has passed." in page
    assert "Nobody-Else" not in page


def test_a_reading_that_is_done_or_handed_back_is_not_overdue(tool: Tool) -> None:
    handing, submission = handed_in(tool)
    appoint(tool, "rosa")
    allocated(tool, submission)
    handing.withdraw(submission.public_id)
    for chore in chores(tool.runtime):
        with tool.database.transaction() as session:
            chore(session)
    from lti_tool.wiring.messages import make_worker

    make_worker(tool.runtime).drain()
    with tool.database.transaction() as session:
        assert remind_assessors(session, today() + timedelta(days=60)) == 0


def test_the_workers_round_reminds(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    with time_machine.travel(clock.now() + (entry.valid_until - today()) - timedelta(days=3)):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)
    assert len(due(tool, amina)) == 1
