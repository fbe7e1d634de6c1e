"""A roster is fetched whole and stored: who is there, as what, and who has left."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select, update

from lti_tool.courses.models import Course, Identity, Person
from lti_tool.courses.rosters.rules import PEOPLE_AT_ONCE
from lti_tool.courses.rosters.services import ask_for_roster
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.outbox.models import Message
from lti_tool.outbox.services import take
from lti_tool.wiring.messages import handlers, make_worker
from tests.gateway.rosters.played import PlayedRoster, member
from tests.platform import as_json
from tests.tool import TUTOR, Tool

NOW = datetime(2027, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def roster(tool: Tool) -> PlayedRoster:
    return PlayedRoster(tool, tool.sign_in("tara", roles=TUTOR))


def test_who_never_came_is_there_and_has_no_visit(tool: Tool, roster: PlayedRoster) -> None:
    amina = tool.sign_in("amina")
    roster.refresh([member("tara", "Instructor"), member("amina"), member("ben", email="b@x.test")])
    known = roster.known()
    assert known["ben"].roles == "learner"
    assert known["ben"].last_seen_at is None
    assert known["amina"].last_seen_at is not None
    assert known["amina"].person_id == amina.actor.person_id
    assert known["tara"].roles == "tutor"
    with tool.database.transaction(write=False) as session:
        assert {row.email for row in session.query(Person)} == {""}
    assert roster.state().fetched_at is not None


def test_a_first_visit_finds_the_person_that_the_roster_made(
    tool: Tool, roster: PlayedRoster
) -> None:
    roster.refresh([member("tara", "Instructor"), member("ben")])
    before = roster.known()["ben"]
    tool.sign_in("amina")  # so that the placement is there already
    ben = tool.sign_in("ben")
    assert ben.actor.membership_id == before.id
    assert roster.known()["ben"].last_seen_at is not None


def test_the_absent_become_inactive_after_a_whole_fetch_and_come_back(
    tool: Tool, roster: PlayedRoster
) -> None:
    tool.sign_in("amina")
    tool.sign_in("ben")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        roster.refresh([member("tara", "Instructor"), member("amina")])
        assert roster.active() == {"tara", "amina"}
        roster.refresh([member("tara", "Instructor"), member("amina"), member("ben")])
        assert roster.active() == {"tara", "amina", "ben"}
        roster.refresh([member("tara", "Instructor"), member("ben", status="Inactive")])
        assert roster.active() == {"tara"}


@pytest.mark.parametrize(
    "trouble",
    [
        as_json({}, 500),
        as_json({"members": "no list"}),
        as_json({"members": [{"user_id": "ben"}]}),
        as_json({}, 403),
        as_json({}, 404),
        HttpAnswer(200, {}, b"<html>"),
        as_json({"members": []}, Link="<https://evil.example/>; rel=next"),
    ],
    ids=["500", "no-list", "no-roles", "403", "404", "html", "foreign"],
)
def test_trouble_on_page_two_changes_nothing_and_is_told(
    tool: Tool, roster: PlayedRoster, trouble: HttpAnswer
) -> None:
    tool.sign_in("ben")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        roster.refresh([member("tara", "Instructor")], [member("ben"), member("cai")])
        before = {name: (one.active, one.listed_at) for name, one in roster.known().items()}
        fetched_at = roster.state().fetched_at
        roster.trouble[2] = trouble
        roster.refresh([member("tara", "Instructor"), member("dai")], [member("ben")])
        now = {name: (one.active, one.listed_at) for name, one in roster.known().items()}
        assert now == before
        state = roster.state()
        assert state.fetched_at == fetched_at
        assert state.reason
        page = roster.visitor.get("course").text
        assert "The LMS did not give the list of participants: it" in page
        assert "You see the last one that came whole." in page
        assert "Participants as of" in page
        roster.trouble.clear()
        make_worker(tool.runtime).drain()  # what may pass was given back, and waits


def test_an_lms_that_cannot_be_reached_is_tried_a_few_times_and_then_left(
    tool: Tool, roster: PlayedRoster
) -> None:
    def away(*_: object) -> HttpAnswer:
        raise CallFailed("It cannot be reached.", code="unreachable")

    tool.http.answers[roster.memberships_url] = away
    roster.refresh([])
    for _ in range(10):
        with tool.database.transaction() as session:
            session.execute(update(Message).values(available_at=datetime.now(UTC), wait_seconds=0))
        make_worker(tool.runtime).drain()
    with tool.database.transaction(write=False) as session:
        assert session.query(Message).count() == 0
    assert roster.state().reason == "service-unavailable"


def test_a_connection_that_is_switched_off_is_not_asked(tool: Tool, roster: PlayedRoster) -> None:
    from lti_tool.gateway.organisation.services import open_by_operator, switch
    from lti_tool.gateway.rules import RegistrationStatus

    with tool.database.transaction() as session:
        switch(open_by_operator(session, tool.registration()), RegistrationStatus.DISABLED)
    roster.refresh([member("ben")])
    assert roster.asked == []
    assert roster.state().reason == "registration-disabled"


def test_names_are_taken_up_and_never_erased(tool: Tool, roster: PlayedRoster) -> None:
    tool.sign_in("amina", name="")
    roster.refresh([member("amina", name=None, given_name="Amina", family_name="Żółć")])
    assert roster.names()["amina"] == "Amina Żółć"
    roster.refresh([member("amina", name="")])
    assert roster.names()["amina"] == "Amina Żółć"
    roster.refresh([member("amina", name="Amina \x00O'Brien" + "x" * 400)])
    assert roster.names()["amina"] == ("Amina O'Brien" + "x" * 400)[:200]


def test_a_launchs_role_stands_until_the_roster_says_something_else_than_before(
    tool: Tool, roster: PlayedRoster
) -> None:
    """Moodle launches a non-teaching editor as Instructor, and lists them as Learner."""
    roster.refresh([member("tara", "Learner"), member("ben")])
    assert roster.known()["tara"].roles == "tutor"
    assert roster.known()["ben"].roles == "learner"
    roster.refresh([member("tara", "Learner"), member("ben", "Instructor")])
    assert roster.known()["tara"].roles == "tutor"
    assert roster.known()["ben"].roles == "tutor"
    tool.sign_in("cai")
    roster.refresh([member("tara", "Learner"), member("cai", "Learner")])
    roster.refresh([member("tara", "Learner"), member("cai", "Instructor")])
    assert roster.known()["cai"].roles == "tutor"
    roster.refresh([member("tara", "Instructor"), member("cai", "Learner")])
    assert roster.known()["tara"].roles == "tutor"
    assert roster.known()["cai"].roles == "learner"


def test_roles_that_are_none_of_ours_make_nobody_known(tool: Tool, roster: PlayedRoster) -> None:
    vocabulary = "http://purl.imsglobal.org/vocab/lis/v2/"
    roster.refresh(
        [
            member("odd", "Janitor"),
            member("office", f"{vocabulary}membership#Officer"),
            member("student", f"{vocabulary}institution/person#Student"),
            member("none"),
            member("sub", f"{vocabulary}membership/Instructor#TeachingAssistant"),
            member("full", f"{vocabulary}membership#Learner"),
        ]
    )
    assert {name: one.roles for name, one in roster.known().items() if name != "tara"} == {
        "none": "learner",
        "sub": "tutor",
        "full": "learner",
    }
    assert "odd" not in roster.names()


def test_somebody_who_stands_twice_is_one_person(tool: Tool, roster: PlayedRoster) -> None:
    roster.refresh([member("ben", status="Inactive")], [member("ben", "Instructor")])
    assert roster.known()["ben"].roles == "learner tutor"
    assert roster.active() >= {"ben"}


def test_two_accounts_of_one_person_are_one_membership(tool: Tool, roster: PlayedRoster) -> None:
    """As after an administrator merged a changed `sub`: active in either is active."""
    amina = tool.sign_in("amina")
    with tool.database.transaction() as session:
        session.add(
            Identity(
                registration_id=tool.registration(),
                subject="amina-before",
                person_id=amina.actor.person_id,
            )
        )
    roster.refresh([member("amina"), member("amina-before", status="Inactive")])
    assert roster.active() >= {"amina"}
    first = [member("amina")] + [member(f"p{number}") for number in range(PEOPLE_AT_ONCE)]
    roster.refresh([*first, member("amina-before", status="Inactive")])
    assert roster.active() >= {"amina"}
    assert len(roster.known()) == PEOPLE_AT_ONCE + 2


def test_a_roster_touches_no_other_registrations_people(tool: Tool) -> None:
    """Two customers on one issuer call different people the same."""
    here = tool.sign_in("17", organisation="Willow Training")
    there = tool.sign_in("17", organisation="Other", name="Somebody else")
    roster = PlayedRoster(tool, here)
    with tool.database.transaction() as session:
        from lti_tool.gateway.models import RegistrationRow

        other = tool.registration("Other")
        session.execute(
            update(RegistrationRow)
            .where(RegistrationRow.id == other)
            .values(issuer="https://lms-0.example", client_id="other")
        )
    roster.refresh([member("17", name="Renamed here"), member("18")])
    with tool.database.transaction(write=False) as session:
        people = {row.id: row.name for row in session.query(Person)}
        eighteen = session.execute(
            select(Person.organisation_id, Identity.registration_id)
            .join(Identity, Identity.person_id == Person.id)
            .where(Identity.subject == "18")
        ).one()
    assert people[here.actor.person_id] == "Renamed here"
    assert people[there.actor.person_id] == "Somebody else"
    assert tuple(eighteen) == (here.actor.organisation_id, tool.registration())


def test_three_thousand_people_are_stored_in_few_statements(tool: Tool) -> None:
    roster = PlayedRoster(tool, tool.sign_in("tara", roles=TUTOR))
    people = [member(f"p{number}") for number in range(3000)]
    roster.pages = [people[start : start + 250] for start in range(0, 3000, 250)]
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    for most in (60, 60):
        roster.ask_anew()
        count = 0
        event.listen(tool.database.engine, "before_cursor_execute", counted)
        make_worker(tool.runtime).drain()
        event.remove(tool.database.engine, "before_cursor_execute", counted)
        assert len(roster.active()) == 3000
        assert count <= most, count
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(func.count(Identity.id))).scalar_one() == 3001


def test_of_ten_tutors_one_asks(tool: Tool, roster: PlayedRoster) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        course = roster.visitor.actor.course_id

        def asks() -> list[bool]:
            found = []
            for _ in range(10):
                with tool.database.transaction() as session:
                    found.append(ask_for_roster(session, course, tool.registration()))
            return found

        assert asks() == [True] + [False] * 9
        clock.move_to(NOW + timedelta(minutes=4))
        assert not any(asks())
        clock.move_to(NOW + timedelta(minutes=6))
        assert asks() == [True] + [False] * 9
        clock.move_to(NOW - timedelta(days=400))  # the clock was set back
        assert asks() == [True] + [False] * 9


def test_of_two_workers_on_one_course_the_one_that_lost_its_lease_stores_nothing(
    tool: Tool, roster: PlayedRoster
) -> None:
    from lti_tool.gateway.rosters.worker import LeaseLost

    roster.pages = [[member("ben")]]
    roster.ask_anew()
    with tool.database.transaction() as session:
        (slow,) = take(session, limit=1, lease_for=timedelta(seconds=30))
    with tool.database.transaction() as session:
        session.execute(update(Message).values(leased_until=datetime.now(UTC)))
    with tool.database.transaction() as session:
        (quick,) = take(session, limit=1, lease_for=timedelta(seconds=30))
    refresh = handlers(tool.runtime)["roster.refresh"]
    with pytest.raises(LeaseLost):
        refresh(slow)
    assert "ben" not in roster.known()
    refresh(quick)
    assert "ben" in roster.known()


def test_a_course_without_a_roster_address_is_passed_over(tool: Tool, roster: PlayedRoster) -> None:
    with tool.database.transaction() as session:
        session.execute(update(Course).values(memberships_url=""))
    roster.refresh([member("ben")])
    assert roster.asked == []
    with tool.database.transaction(write=False) as session:
        assert session.query(Message).count() == 0


def test_groups_and_their_members_come_with_the_roster(tool: Tool, roster: PlayedRoster) -> None:
    roster.groups = [
        {"id": "g1", "name": "Monday", "set_id": "s"},
        {"id": 2, "name": "", "set_id": None},
        {"id": "g1", "name": "again"},
    ]
    roster.sets = [{"id": "s", "name": "Tutorials"}]
    roster.offer()
    both = [{"group_id": "g1"}, {"group_id": 2}, {"group_id": "gone"}, "odd", {}]
    roster.refresh([member("ben", group_enrollments=both), member("cai", group_enrollments="odd")])
    assert "groups=true" in roster.asked[-1]
    assert roster.known()["ben"].groups == ["2", "g1"]
    assert roster.known()["cai"].groups == []
    assert roster.state().groups == [
        {"id": "g1", "name": "Monday", "kind": "Tutorials"},
        {"id": "2", "name": "2", "kind": ""},
    ]
    roster.refresh([member("ben", group_enrollments=[{"group_id": "g1"}]), member("cai")])
    assert roster.known()["ben"].groups == ["g1"]


@pytest.mark.parametrize(("status", "is_whole"), [(403, True), (404, True), (500, False)])
def test_groups_that_are_refused_hold_no_roster_up_and_those_that_are_away_do(
    tool: Tool, roster: PlayedRoster, status: int, *, is_whole: bool
) -> None:
    roster.groups = [{"id": "g1", "name": "Monday"}]
    roster.offer()
    roster.groups_trouble = as_json({}, status)
    roster.refresh([member("ben")])
    assert ("ben" in roster.known()) is is_whole
