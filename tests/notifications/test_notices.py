"""What people are told in the tool: once, in words, with a way to the page, and no content."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.notifications.rules import KEPT_AFTER_READING, LASTING_KEPT_FOR, MOST_COUNTED, Kind
from lti_tool.notifications.services import purge_notices
from lti_tool.notifications.wording import SENTENCES, sentence
from lti_tool.wiring.messages import chores
from tests.notifications.telling import TITLE, tell_visitor, told
from tests.tool import TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
PORTFOLIO = SetUp("portfolio-1", (), GradeRule.NONE)


@pytest.fixture
def amina(tool: Tool) -> Visitor:
    return tool.sign_in("amina")


def only(pattern: str, text: str) -> str:
    (found,) = set(re.findall(pattern, text))
    return str(found)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_sentence_that_reads_without_its_facts(kind: Kind) -> None:
    assert kind in SENTENCES
    for params in (
        {},
        {"level": "2"},
        {"title": "P", "code": "1.01", "level": "2", "day": "today"},
    ):
        words = sentence(kind, params)
        assert "%" not in words
        assert "“”" not in words
        assert words.endswith(".")


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind.value.startswith(("review-", "moderation", "answer"))]
)
def test_who_reviews_is_told_no_name(kind: Kind) -> None:
    assert "Amina" not in sentence(kind, {"name": "Amina", "learner": "Amina", "title": "P"})


def test_a_kind_of_another_version_is_told_all_the_same() -> None:
    assert sentence("of-tomorrow", {"x": "y"}) == "There is news for you."


def test_the_same_thing_is_told_once(tool: Tool, amina: Visitor) -> None:
    for _ in range(3):
        tell_visitor(tool, amina, "one")
    tell_visitor(tool, amina, "two")
    assert [one.reference for one in told(tool, amina)] == ["one", "two"]


def test_the_page_shows_newest_first_and_what_is_new(tool: Tool, amina: Visitor) -> None:
    assert "There is nothing yet" in amina.get("notifications").text
    tell_visitor(tool, amina, "one", params={"title": "First"})
    tell_visitor(tool, amina, "two", params={"title": "Second"})
    page = amina.get("notifications").text
    assert page.index("Second") < page.index("First")
    assert page.count('class="notice-new"') == 2
    assert "Mark all as read" in page


def test_the_start_page_and_the_bar_tell_of_what_is_new(tool: Tool, amina: Visitor) -> None:
    assert "bar-notices" not in amina.get().text
    tell_visitor(tool, amina)
    page = amina.get().text
    assert "You have 1 new notice" in page
    assert f"You handed in “{TITLE}”" in page
    assert "bar-notices" in amina.get("history").text


def test_the_portfolio_tells_of_what_is_new(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=PORTFOLIO)
    assert amina.post("portfolio/level", {"instrument": "portfolio-1"}).status_code == 303
    tell_visitor(tool, amina)
    assert "You have 1 new notice" in amina.get("portfolio/").text


def test_only_the_newest_stands_on_a_start_page(tool: Tool, amina: Visitor) -> None:
    for number in range(5):
        tell_visitor(tool, amina, str(number))
    page = amina.get().text
    assert "You have 5 new notices" in page
    assert page.count("notice-words") == 1
    assert "All notices" in page


def test_looking_at_it_reads_it_and_leads_to_its_page(tool: Tool, amina: Visitor) -> None:
    tell_visitor(tool, amina)
    name = told(tool, amina)[0].public_id
    answer = amina.post(f"notifications/{name}/open", {})
    assert answer.status_code == 303
    assert str(answer.location).endswith("/my-record")
    assert told(tool, amina)[0].read_at is not None
    assert "new notice" not in amina.get().text


def test_reading_marks_one_or_all_that_were_there(tool: Tool, amina: Visitor) -> None:
    for number in range(3):
        tell_visitor(tool, amina, str(number))
    first = told(tool, amina)[0].public_id
    assert amina.post(f"notifications/{first}/read", {}).status_code == 303
    assert [one.read_at is None for one in told(tool, amina)] == [False, True, True]
    newest = only(r'name="newest"\s+value="([\w-]+)"', amina.get("notifications").text)
    tell_visitor(tool, amina, "meanwhile")
    assert amina.post("notifications/read", {"newest": newest}).status_code == 303
    assert [one.read_at is None for one in told(tool, amina)] == [False, False, False, True]


def test_another_course_is_said_in_words(tool: Tool, amina: Visitor) -> None:
    tell_visitor(tool, amina)
    there = tool.sign_in("amina", course="course-2", link="link-2")
    page = there.get("notifications").text
    assert "Open “Link link-1” in the course “Course course-1” to see it." in page
    assert "/open" not in page
    name = told(tool, amina)[0].public_id
    answer = there.post(f"notifications/{name}/open", {})
    assert str(answer.location).endswith("/notifications")


def test_no_link_leads_where_the_role_may_not_go(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    tell_visitor(tool, tara, "a", endpoint="portfolios.level")  # of learners
    tell_visitor(tool, tara, "b", endpoint="people.search")  # of administrators
    tell_visitor(tool, tara, "c", endpoint="gone.away")
    tell_visitor(tool, tara, "d", endpoint="portfolios.task", link={"portfolio": "x"})
    assert "/open" not in tara.get("notifications").text
    tell_visitor(tool, tara, "e", endpoint="dashboards.course", placement_id=None)
    assert tara.get("notifications").text.count("/open") == 1


def test_pages_hold_thirty_and_odd_numbers_are_the_first(tool: Tool, amina: Visitor) -> None:
    for number in range(31):
        tell_visitor(tool, amina, str(number), params={"title": f"T{number:02}"})
    first = amina.get("notifications").text
    assert first.count("notice-words") == 30
    assert "T00" not in first
    assert "T00" in amina.get("notifications?page=2").text
    assert "There are no older notices" in amina.get("notifications?page=9999").text
    for odd in ("0", "-1", "x", "9" * 40, "\u0662", "\0", ""):
        answer = amina.get("notifications", query_string={"page": odd})
        assert answer.status_code == 200
        assert answer.text.count("notice-words") == 30


@pytest.mark.parametrize("name", ["nothing", "%00", "x" * 500, "'--"])
def test_a_notice_that_is_none_is_not_found(amina: Visitor, name: str) -> None:
    for act in ("open", "read"):
        assert amina.post(f"notifications/{name}/{act}", {}).status_code == 404
    assert amina.post("notifications/read", {"newest": name}).status_code == 404
    assert amina.post("notifications/read", {"newest": "a\0b"}).status_code == 404
    assert amina.post("notifications/read", {}).status_code == 404


def test_nobody_reads_or_marks_anothers_notices(tool: Tool, amina: Visitor) -> None:
    tell_visitor(tool, amina, params={"title": "Aminas own"})
    name = told(tool, amina)[0].public_id
    others = [
        tool.sign_in("ben"),
        tool.sign_in("ada", roles=ADMINISTRATOR),
        tool.sign_in("olga", organisation="Other"),
    ]
    for who in others:
        assert "Aminas own" not in who.get("notifications").text
        for path in (f"notifications/{name}/open", f"notifications/{name}/read"):
            assert who.post(path, {}).status_code == 404
        assert who.post("notifications/read", {"newest": name}).status_code == 404
    assert told(tool, amina)[0].read_at is None


def test_the_count_costs_one_statement_and_stops(tool: Tool, amina: Visitor) -> None:
    def cost() -> list[str]:
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            said.append(statement)

        event.listen(tool.database.engine, "before_cursor_execute", note)
        assert amina.get("history").status_code == 200
        event.remove(tool.database.engine, "before_cursor_execute", note)
        return [statement for statement in said if "notifications" in statement]

    assert len(cost()) == 1
    for number in range(MOST_COUNTED + 5):
        tell_visitor(tool, amina, str(number))
    assert len(cost()) == 1
    assert f"{MOST_COUNTED} new notices" in amina.get("history").text


def test_what_was_read_long_ago_goes_and_the_rest_stays(tool: Tool, amina: Visitor) -> None:
    now = clock.now()
    for reference, kind in (("read", Kind.SUBMITTED), ("due", Kind.RENEWAL_DUE)):
        tell_visitor(tool, amina, reference, kind=kind)
        amina.post(f"notifications/{told(tool, amina)[-1].public_id}/read", {})
    tell_visitor(tool, amina, "unread")

    def left_after(wait: timedelta) -> list[str]:
        with time_machine.travel(now + wait), tool.database.transaction() as session:
            purge_notices(session)
        return [one.reference for one in told(tool, amina)]

    assert left_after(KEPT_AFTER_READING - timedelta(days=1)) == ["read", "due", "unread"]
    assert left_after(KEPT_AFTER_READING + timedelta(days=1)) == ["due", "unread"]
    assert left_after(LASTING_KEPT_FOR + timedelta(days=1)) == ["unread"]


def test_a_workers_round_purges(tool: Tool, amina: Visitor) -> None:
    tell_visitor(tool, amina)
    amina.post(f"notifications/{told(tool, amina)[0].public_id}/read", {})
    with time_machine.travel(datetime.now(UTC) + timedelta(days=365)):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)
    assert told(tool, amina) == []


def test_what_a_title_holds_is_text_and_no_markup(tool: Tool, amina: Visitor) -> None:
    tell_visitor(tool, amina, params={"title": "<script>alert(1)</script> 100%s %(code)s"})
    for path in ("", "notifications"):
        page = amina.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_read_and_unread_survive_a_join(tool: Tool) -> None:
    old, new = tool.sign_in("old"), tool.sign_in("new")
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    tell_visitor(tool, old, "read")
    old.post(f"notifications/{told(tool, old)[0].public_id}/read", {})
    tell_visitor(tool, old, "unread")
    tell_visitor(tool, old, "both")
    tell_visitor(tool, new, "both")
    names = [
        re.search(r"with=([\w-]+)", ada.get(f"people?words={who}").text) for who in ("new", "old")
    ]
    people = [found[1] for found in names if found]
    answer = ada.post("people/join", {"who": people, "stays": people[0]})
    assert answer.status_code == 303, answer.text
    state = {one.reference: one.read_at is not None for one in told(tool, new)}
    assert state == {"read": True, "unread": False, "both": False}
    assert [one.reference for one in told(tool, old)] == ["both"]
    assert (
        ada.post(f"people/joins/{str(answer.location).rpartition('/')[2]}/undo", {}).status_code
        == 303
    )
    assert {one.reference for one in told(tool, old)} == {"read", "unread", "both"}
    assert [one.reference for one in told(tool, new)] == ["both"]
