"""The tutor's page with a roster: who never came, how old the list is, groups, and its refreshing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lti_tool.grades.models import Score
from lti_tool.outbox.models import Message
from tests.dashboards.test_views import person_of, rate, statements
from tests.gateway.rosters.played import PlayedRoster, member
from tests.tool import TUTOR, Tool, Visitor

NOW = datetime(2027, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def tara(tool: Tool) -> Visitor:
    return tool.sign_in("tara", roles=TUTOR)


@pytest.fixture
def roster(tool: Tool, tara: Visitor) -> PlayedRoster:
    return PlayedRoster(tool, tara)


def asked(tool: Tool) -> int:
    with tool.database.transaction(write=False) as session:
        found = session.execute(select(func.count()).where(Message.topic == "roster.refresh"))
        return int(found.scalar_one())


def row_of(page: str, name: str) -> str:
    return next(row for row in page.split("<tr") if f">{name}<" in row)


def test_who_never_came_is_in_the_table_and_not_started(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    rate(tool.sign_in("amina", name="Amina"), "1.01")
    people = [member("tara", "Instructor"), member("amina", name="Amina")]
    roster.refresh([*people, member("ben", name="Ben Żółć")])
    page = tara.get("course").text
    assert "2 learners" in page
    assert "Not started" in row_of(page, "Ben Żółć")
    assert "never opened" in row_of(page, "Ben Żółć")
    assert "has not started" in page
    assert "Tara" not in page.split("<table")[1].split("</table>")[0]
    assert "Ben Żółć" in tara.get("course?show=not-started").text
    assert "Ben Żółć" not in tara.get("course?show=stuck").text
    for order in ("name", "-name", "progress", "-progress", "seen", "-seen"):
        assert tara.get(f"course?sort={order}").status_code == 200
    oldest = tara.get("course?sort=seen").text
    assert oldest.index("Ben Żółć") < oldest.index(">Amina<")


def test_who_left_is_last_and_marked_and_counted_in_no_fact(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    tool.sign_in("aaron", name="Aaron")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        roster.refresh([member("tara", "Instructor"), member("ben", name="Ben")])
        page = tara.get("course").text
        assert "no longer in the course" in row_of(page, "Aaron")
        assert page.index(">Ben<") < page.index(">Aaron<")
        assert "<strong>1</strong>" in page
        roster.refresh([member("tara", "Instructor")])
        assert ">Ben<" not in tara.get("course").text  # who never came leaves no trace


def test_nothing_is_told_of_who_never_came_here_whatever_they_did_elsewhere(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    elsewhere = tool.sign_in("ben", name="Ben", course="another")
    rate(elsewhere, "1.01", note="A secret of Ben's")
    tool.sign_in("amina")
    roster.refresh([member("tara", "Instructor"), member("amina"), member("ben", name="Ben")])
    assert "Not started" in row_of(tara.get("course").text, "Ben")
    row = row_of(tara.get("course").text, "Ben")
    page = tara.get("learners/" + person_of(row))
    assert page.status_code == 200
    assert "Has not opened this activity yet" in page.text
    assert "secret" not in page.text
    assert "1.01" not in page.text
    rate(elsewhere, "1.02", note="")
    with tool.database.transaction(write=False) as session:
        places = set(session.execute(select(Score.placement_id)).scalars())
    assert tara.placement_id not in places
    there = tool.sign_in("ben", name="Ben")
    assert "2 of 63 rated" in row_of(tara.get("course").text, "Ben")
    assert there.get("").status_code == 200


def test_the_first_visit_asks_and_the_page_does_not_wait(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    page = tara.get("course").text
    assert "being asked who is in the course" in page
    assert roster.asked == []
    assert asked(tool) == 1


def test_opening_the_page_often_asks_once_in_five_minutes(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        tara = tool.sign_in("tara", roles=TUTOR)
        tool.sign_in("amina")
        roster.refresh([member("tara", "Instructor"), member("amina")])
        assert "Participants as of just now." in tara.get("course").text
        clock.move_to(NOW + timedelta(minutes=4))
        assert "Participants as of 4 minutes ago." in tara.get("course").text
        assert asked(tool) == 0
        clock.move_to(NOW + timedelta(minutes=12))
        page = tara.get("course").text
        assert "Participants as of 12 minutes ago." in page
        assert "being fetched" in page
        assert asked(tool) == 1
        tara.get("course")
        assert asked(tool) == 1


def test_refresh_now_has_the_same_limit_and_keeps_the_place(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    answer = tara.post("roster/refresh", {"sort": "-seen", "show": "stuck", "group": "g"})
    assert answer.status_code == 303
    for part in ("sort=-seen", "show=stuck", "group=g", "roster=asked"):
        assert part in answer.location
    assert asked(tool) == 1
    again = tara.post("roster/refresh", {})
    assert again.location.endswith("roster=recent")
    assert "Try again in five minutes" in tara.client.get(again.location).text
    assert asked(tool) == 1


def test_without_a_roster_the_page_is_as_it_was(tool: Tool, tara: Visitor) -> None:
    tool.sign_in("amina")
    page = tara.get("course").text
    assert "Participants" not in page
    assert "Refresh now" not in page
    assert "roster" not in page.split("<main")[1]
    assert tara.post("roster/refresh", {}).status_code == 404
    assert asked(tool) == 0


def test_the_number_of_statements_stays_with_a_roster_and_groups(
    tool: Tool, tara: Visitor, roster: PlayedRoster
) -> None:
    roster.groups = [{"id": "g", "name": "Monday"}]
    roster.offer()
    enrolled = {"group_enrollments": [{"group_id": "g"}]}
    roster.refresh([member(f"p{number}", **enrolled) for number in range(30)])
    rate(tool.sign_in("p1"), "1.01")
    # Eight of the page, and two of its bar and menu: what is unread, and who sits at the desk.
    assert statements(tool, tara, "course") <= 10
    assert statements(tool, tara, "course?group=g&show=not-started&sort=-seen") <= 10


def test_one_group_can_be_looked_at(tool: Tool, tara: Visitor, roster: PlayedRoster) -> None:
    roster.groups = [
        {"id": "m", "name": "Monday", "set_id": "t"},
        {"id": "e", "name": "<b>Empty</b>"},
    ]
    roster.sets = [{"id": "t", "name": "Tutorials"}]
    roster.offer()
    monday = {"group_enrollments": [{"group_id": "m"}]}
    rate(tool.sign_in("amina", name="Amina"), "1.01")
    roster.refresh(
        [
            member("tara", "Instructor", **monday),
            member("amina", name="Amina", **monday),
            member("ben", name="Ben", **monday),
            member("cai", name="Cai"),
        ]
    )
    page = tara.get("course").text
    assert "Monday (2)" in page
    assert "&lt;b&gt;Empty&lt;/b&gt; (0)" in page
    assert "In no group (1)" in page
    assert '<optgroup label="Tutorials">' in page
    in_group = tara.get("course?group=m&sort=-name").text
    assert ">Cai<" not in in_group
    assert "2 learners" in in_group
    assert 'aria-sort="descending"' in in_group
    assert "group=m" in in_group.split("<thead>")[1].split("</thead>")[0]
    table = in_group.split("<tbody>")[1]
    assert table.index(">Ben<") < table.index(">Amina<")
    not_started = tara.get("course?group=m&show=not-started").text
    assert ">Ben<" in not_started
    assert ">Amina<" not in not_started
    in_none = tara.get("course?group=-").text
    assert ">Cai<" in in_none
    assert ">Ben<" not in in_none
    assert "No learners are in this group." in tara.get("course?group=e").text
    assert "3 learners" in tara.get("course?group=unknown").text


def test_a_learner_cannot_have_it_fetched(tool: Tool, roster: PlayedRoster) -> None:
    amina = tool.sign_in("amina")
    assert amina.post("roster/refresh", {}).status_code == 403
    assert asked(tool) == 0
