"""Recognising, renewing, suspending, showing: on both engines, with who may and the log."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from lti_tool.register import log
from lti_tool.register.issuing import Issuer
from lti_tool.register.models import RegisterCredential, RegisterEntry
from lti_tool.register.queries import events_of, own_entry, terms_of
from lti_tool.register.recognising import recognise
from lti_tool.register.rules import Act, By, Showing, State, Terms, last_day
from lti_tool.register.services import (
    ask_renewal,
    renew,
    restore,
    show,
    suspend,
)
from lti_tool.register.terms import change_terms
from tests.register.entries import ADMINISTRATOR, recognised, recognition, row_of, today
from tests.tool import TUTOR, Tool


def acts(tool: Tool, entry_id: int) -> list[Act]:
    with tool.database.transaction(write=False) as session:
        assert log.is_whole(session, entry_id)
        return [event.act for event in reversed(events_of(session, entry_id))]


def test_a_new_entry_is_hidden_under_ones_own_name_for_three_years(tool: Tool) -> None:
    entry = recognised(tool, tool.sign_in("amina", name="Amina O'Brien"))
    assert (entry.name, entry.place, entry.shown) == ("Amina O'Brien", "", False)
    assert entry.valid_until == last_day(entry.recognised_on, 3)
    assert (entry.instrument, entry.state) == ("portfolio-2", State.RECOGNISED)
    assert acts(tool, entry.id) == [Act.RECOGNISED]


def test_the_organisations_rules_hold_for_new_entries_alone(tool: Tool) -> None:
    before = recognised(tool, tool.sign_in("amina"))
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    with tool.database.transaction() as session:
        change_terms(session, ada.actor, Terms(years=5, shown=True, remind_months=3))
    after = recognised(tool, tool.sign_in("ben"))
    assert after.shown
    assert after.valid_until == last_day(after.recognised_on, 5)
    assert row_of(tool, before).valid_until == before.valid_until
    elsewhere = recognised(tool, tool.sign_in("olga", organisation="Other"))
    assert not elsewhere.shown


def test_somebody_without_a_name_is_not_shown_under_a_made_one(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    with tool.database.transaction() as session:
        change_terms(session, ada.actor, Terms(shown=True))
    entry = recognised(tool, tool.sign_in("amina", name=""))
    assert not entry.shown
    assert entry.name.startswith("Participant ")


def test_the_same_verdict_twice_counts_once(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    wanted = recognition(amina, reference="submission:7")
    with tool.database.transaction() as session:
        first = recognise(session, Issuer.of(tool.runtime), wanted, today=today())
    with tool.database.transaction() as session:
        assert recognise(session, Issuer.of(tool.runtime), wanted, today=today()) == first
        assert session.execute(select(func.count()).select_from(RegisterCredential)).scalar() == 1


def test_a_second_portfolio_of_a_level_renews_and_of_another_adds(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    old = recognised(tool, amina, on=today() - timedelta(days=900))
    again = recognised(tool, amina)
    other = recognised(tool, amina, level=3)
    assert again.id == old.id != other.id
    assert again.valid_until > old.valid_until
    assert again.code == old.code
    assert acts(tool, old.id) == [Act.RECOGNISED, Act.RENEWED]


def test_a_recognition_that_cannot_be_is_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    olga = tool.sign_in("olga", organisation="Other")
    issuer = Issuer.of(tool.runtime)
    from dataclasses import replace

    for wanted, error in (
        (replace(recognition(amina), level=4), InvalidInput),
        (recognition(amina, on=today() + timedelta(days=1)), InvalidInput),
        (replace(recognition(amina), organisation_id=olga.actor.organisation_id), NotFound),
    ):
        with pytest.raises(error), tool.database.transaction() as session:
            recognise(session, issuer, wanted, today=today())
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(RegisterEntry)).scalar() == 0


def test_an_entry_that_had_ended_when_it_was_added_has_no_credential(tool: Tool) -> None:
    recognised(tool, tool.sign_in("amina"), on=today() - timedelta(days=2000))
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(RegisterCredential)).scalar() == 0


def test_the_owner_decides_at_any_time_and_each_change_is_in_the_log(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    with tool.database.transaction() as session:
        show(session, amina.actor, entry.public_id, Showing(True, "Dr Amina Khan", "Leeds"))
        show(session, amina.actor, entry.public_id, Showing(True, "Dr Amina Khan", "Leeds"))
        show(session, amina.actor, entry.public_id, Showing(False, "Dr Amina Khan", ""))
    assert acts(tool, entry.id) == [
        Act.RECOGNISED, Act.NAMED, Act.PLACED, Act.SHOWN, Act.PLACED, Act.HIDDEN,
    ]  # fmt: skip


def test_nobody_but_the_owner_shows_an_entry(tool: Tool) -> None:
    entry = recognised(tool, tool.sign_in("amina"))
    for who in (
        tool.sign_in("ben"),
        tool.sign_in("ada", roles=ADMINISTRATOR),
        tool.sign_in("amina", organisation="Other"),
    ):
        with pytest.raises(NotFound), tool.database.transaction() as session:
            show(session, who.actor, entry.public_id, Showing(True, "Mine", ""))
    assert not row_of(tool, entry).shown


def test_an_administrator_suspends_and_restores_with_a_reason_once_each(tool: Tool) -> None:
    entry = recognised(tool, tool.sign_in("amina"))
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    with tool.database.transaction() as session:
        suspend(session, ada.actor, entry.public_id, "A complaint is looked into.")
        suspend(session, ada.actor, entry.public_id, "Again.")
    assert row_of(tool, entry).state == State.SUSPENDED
    with tool.database.transaction() as session:
        restore(session, ada.actor, entry.public_id, "It was unfounded.")
        restore(session, ada.actor, entry.public_id, "Again.")
    assert row_of(tool, entry).state == State.RECOGNISED
    assert acts(tool, entry.id) == [Act.RECOGNISED, Act.SUSPENDED, Act.RESTORED]
    with tool.database.transaction(write=False) as session:
        line = events_of(session, entry.id)[1]
    assert (line.by, line.who, line.reason) == (
        By.ADMINISTRATOR, "Person ada", "A complaint is looked into.",
    )  # fmt: skip


def test_nobody_decides_on_their_own_entry_nor_on_another_organisations(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    own = recognised(tool, ada)
    issuer, day = Issuer.of(tool.runtime), today()
    others = {
        "ada herself": (ada, NotAllowed),
        "a tutor": (tool.sign_in("tara", roles=TUTOR), NotAllowed),
        "odin": (tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other"), NotFound),
    }
    for name, (who, error) in others.items():
        with pytest.raises(error), tool.database.transaction() as session:
            suspend(session, who.actor, own.public_id, name)
        with pytest.raises(error), tool.database.transaction() as session:
            restore(session, who.actor, own.public_id, name)
        with pytest.raises(error), tool.database.transaction() as session:
            renew(session, issuer, who.actor, own.public_id, name, today=day)
    with pytest.raises(NotAllowed), tool.database.transaction() as session:
        change_terms(session, others["a tutor"][0].actor, Terms())


def test_renewal_is_asked_for_when_it_is_due_and_brings_new_dates_and_a_new_credential(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina")
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina, on=today() - timedelta(days=365 * 3 - 30))
    with tool.database.transaction() as session:
        ask_renewal(session, amina.actor, entry.public_id, (2, 14), today=today())
        ask_renewal(session, amina.actor, entry.public_id, (3, 20), today=today())
    with tool.database.transaction() as session:
        issuer = Issuer.of(tool.runtime)
        renew(session, issuer, ada.actor, entry.public_id, "Fourteen hours.", today=today())
    with tool.database.transaction(write=False) as session:
        found = own_entry(session, amina.actor, entry.public_id)
        ends = session.execute(
            select(RegisterCredential.ends_at).order_by(RegisterCredential.id)
        ).scalars().all()  # fmt: skip
    assert found.valid_until == last_day(entry.valid_until, 3)
    assert found.renewal_asked_at is None
    assert len(ends) == 2
    assert ends[1] > ends[0]
    assert acts(tool, entry.id) == [Act.RECOGNISED, Act.RENEWAL_ASKED, Act.RENEWED]


def test_renewal_is_not_asked_for_early_nor_given_to_a_suspended_entry(tool: Tool) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina)
    with pytest.raises(Conflict), tool.database.transaction() as session:
        ask_renewal(session, amina.actor, entry.public_id, (0, 0), today=today())
    with tool.database.transaction() as session:
        suspend(session, ada.actor, entry.public_id, "Looked into.")
    with pytest.raises(Conflict), tool.database.transaction() as session:
        renew(
            session, Issuer.of(tool.runtime), ada.actor, entry.public_id, "Yes", today=today()
        )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    ["reason = 'nothing'", "at = '2020-01-01 00:00:00'", "act = 'shown'", "details = '{}'"],
)
def test_the_database_refuses_to_change_a_line_of_the_log(tool: Tool, change: str) -> None:
    recognised(tool, tool.sign_in("amina"))
    with pytest.raises(DBAPIError), tool.database.transaction() as session:
        session.execute(text(f"UPDATE register_events SET {change}"))


def test_a_line_that_is_taken_out_by_force_shows(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina, shown=True, place="Leeds")
    with tool.database.transaction() as session:
        assert log.is_whole(session, entry.id)
        session.execute(text("DELETE FROM register_events WHERE number = 2"))
        assert not log.is_whole(session, entry.id)


def test_terms_are_the_usual_ones_until_an_organisation_made_its_own(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    with tool.database.transaction() as session:
        assert terms_of(session, ada.actor.organisation_id) == Terms()
        wanted = Terms(2, True, 3, 12, True)
        change_terms(session, ada.actor, wanted)
        assert terms_of(session, ada.actor.organisation_id) == wanted
