"""Change over time and looking back, over HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, text

from lti_tool.assessments.looking_back import (
    all_looking_back_of,
    looking_back_counts,
    looking_back_of,
)
from lti_tool.assessments.snapshot_queries import latest_two, snapshots_of
from lti_tool.courses.rules import Milestones, SetUp
from lti_tool.courses.services import set_up_placement
from tests.tool import TUTOR, Tool, Visitor

SIX = SetUp("self-assessment-1", (6,))
CODES = [f"6.0{n}" for n in range(1, 7)]
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def rate(who: Visitor, code: str, state: str = "working-towards", version: int = 0) -> None:
    sent = {"code": code, "state": state, "note": "", "version": version}
    assert who.post_json("ratings", sent).status_code == 200


def words(page: str) -> str:
    page = re.sub(r"<svg.*?</svg>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", page.split("<main", 1)[1]).split())


def heads(tool: Tool, who: Visitor) -> list[Any]:
    with tool.database.transaction(write=False) as session:
        return snapshots_of(session, who.actor.person_id, SIX.instrument)


def said(tool: Tool, who: Visitor) -> dict[str, tuple[str, str]]:
    with tool.database.transaction(write=False) as session:
        found = looking_back_of(session, who.actor.person_id, SIX.instrument)
    return {code: (one.answer.state.value, one.answer.note) for code, one in found.items()}


def ask_to_look_back(tool: Tool, day: date | None = None) -> Visitor:
    tara = tool.sign_in("tara", roles=TUTOR, set_up=SIX)
    with tool.database.transaction() as session:
        set_up_placement(session, tara.actor, tara.placement_id, SIX, Milestones(day, True))
    return tara


def back_form(who: Visitor, **answers: str) -> dict[str, str]:
    """The form of domain 6 as the page has it, with these fields filled in."""
    page = who.get("looking-back/6").text
    found = dict(re.findall(r'name="(version-[\d.]+)" value="(\d+)"', page))
    assert len(found) == 6
    for box in re.findall(r"<input[^>]*checked[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"\s+value="([^"]+)"', box).groups()  # type: ignore[union-attr]
        found[name] = value
    return found | {name.replace("_", "-").replace("-6", "-6."): v for name, v in answers.items()}


def test_an_empty_page_teaches_and_one_without_a_snapshot_offers_to_keep_one(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    page = words(amina.get("change").text)
    assert "You have not answered anything yet" in page
    assert "Keep today's state" not in page
    rate(amina, "6.01")
    page = words(amina.get("change").text)
    assert "There is no snapshot of your answers yet" in page
    assert "Keep today's state" in page


def test_the_answer_comes_in_words_with_a_chart_and_a_table_that_say_the_same(
    tool: Tool, clock: Any
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code, "achieved" if code == "6.06" else "working-towards")
    assert "nothing moved" in words(amina.get("change").text)
    clock.move_to(MONDAY + timedelta(days=92))
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES[:2]:
        rate(amina, code, "achieved", 1)
    rate(amina, "6.06", "working-towards", 1)
    rate(amina, "6.05", "not-started", 1)
    page = amina.get("change").text
    told = words(page)
    assert "Since 2 March 2026: 2 moved up, 1 moved down, 1 no longer answered." in told
    assert "5 of 6 competencies were answered both times" in told
    assert "Time between: 3 months." in told
    assert "These are your own ratings of yourself. Nobody has assessed them." in told
    assert '<svg class="chart' in page
    cells = re.findall(r'<td class="number"[^>]*>\s*([\d]+)\s*</td>', page.split("<tfoot>")[1])
    assert cells == ["2", "1", "2", "1"]
    assert "6.06" in told.split("By competency")[1]


def test_any_two_snapshots_can_be_compared_in_either_order(tool: Tool, clock: Any) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    rate(amina, "6.01")
    amina.post("snapshots", {"label": "Before"})
    clock.move_to(MONDAY + timedelta(days=1))
    amina = tool.sign_in("amina", set_up=SIX)
    rate(amina, "6.01", "achieved", 1)
    amina.post("snapshots", {"label": ""})
    rate(amina, "6.02")
    one, other = heads(tool, amina)
    with tool.database.transaction(write=False) as session:
        assert latest_two(session, amina.actor.person_id, SIX.instrument) == (one, other)
    for query in (
        f"from={one.public_id}&to={other.public_id}",
        f"to={one.public_id}&from={other.public_id}",
    ):
        told = words(amina.get(f"change?{query}").text)
        assert "From 2 March 2026 to 3 March 2026: 1 moved up." in told
    same = amina.get(f"change?from={one.public_id}&to={one.public_id}")
    assert "These are one and the same." in words(same.text)
    assert amina.get("change?from=nothing").status_code == 404


def test_a_kept_snapshot_can_be_named_and_removed_and_the_baseline_cannot(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code)
    assert amina.post("snapshots", {"label": " My\r\nfirst Llŷr 北 "}).status_code == 303
    baseline, mine = heads(tool, amina)
    assert mine.label == "My first Llŷr 北"
    assert (
        amina.post(f"snapshots/{mine.public_id}/name", {"label": "<b>New</b>"}).status_code == 303
    )
    assert "&lt;b&gt;New&lt;/b&gt;" in amina.get("change").text
    ben = tool.sign_in("ben", set_up=SIX)
    tara = tool.sign_in("tara", roles=TUTOR, set_up=SIX)
    for path in ("name", "remove"):
        assert (
            amina.post(f"snapshots/{baseline.public_id}/{path}", {"label": "x"}).status_code == 404
        )
        assert ben.post(f"snapshots/{mine.public_id}/{path}", {"label": "x"}).status_code == 404
        assert tara.post(f"snapshots/{mine.public_id}/{path}", {"label": "x"}).status_code == 403
    assert [head.label for head in heads(tool, amina)] == ["", "<b>New</b>"]
    assert amina.post(f"snapshots/{mine.public_id}/remove", {}).status_code == 303
    assert heads(tool, amina) == [baseline]
    assert "The snapshot is removed." in amina.get("change?done=removed").text


def test_a_name_that_is_too_long_is_refused_with_a_count_and_still_there(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    assert amina.post("snapshots", {"label": "x"}).status_code == 400
    rate(amina, "6.01")
    answer = amina.post("snapshots", {"label": "ŵ" * 101})
    assert answer.status_code == 413
    assert "This name has 101 characters; 100 can be kept." in answer.text
    assert "ŵ" * 101 in answer.text
    assert heads(tool, amina) == []
    amina.post("snapshots", {"label": "\0kept"})
    (mine,) = heads(tool, amina)
    answer = amina.post(f"snapshots/{mine.public_id}/name", {"label": "y" * 200})
    assert answer.status_code == 413
    assert "y" * 200 in answer.text


def test_looking_back_is_asked_at_the_end_and_not_before(tool: Tool, clock: Any) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    ask_to_look_back(tool)
    assert amina.get("looking-back").status_code == 404
    for code in CODES:
        rate(amina, code)
    rate(amina, "6.01", "achieved", 1)
    assert amina.get("looking-back/6").status_code == 404
    assert "Look back" not in amina.get().text
    clock.move_to(MONDAY + timedelta(days=1))
    amina = tool.sign_in("amina", set_up=SIX)
    assert amina.get("looking-back").status_code == 404
    rate(amina, "6.02", "achieved", 1)
    assert "Look back" in amina.get().text
    assert amina.get("looking-back").status_code == 200
    ask_to_look_back(tool, date(2026, 3, 4))
    assert amina.get("looking-back").status_code == 404
    clock.move_to(MONDAY + timedelta(days=2))
    assert tool.sign_in("amina", set_up=SIX).get("looking-back").status_code == 200


def test_looking_back_never_shows_nor_touches_the_baseline(tool: Tool, clock: Any) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    tara = ask_to_look_back(tool, date(2026, 3, 2))
    for code in CODES:
        rate(amina, code, "achieved")
    page = amina.get("looking-back/6").text
    assert "checked" not in page
    sent = back_form(amina, state_601="working-towards", state_602="not-started", note_601="Naïve")
    assert amina.post("looking-back/6", sent).location.endswith("looking-back/6?saved=2")
    assert said(tool, amina) == {"6.01": ("working-towards", "Naïve"), "6.02": ("not-started", "")}
    told = words(amina.get("change").text)
    assert "nothing moved" in told
    assert "By what you said at the start: 0 up, 0 down, 2 unchanged until now." in told
    assert "By what you say looking back: 2 up, 0 down, 0 unchanged until now." in told
    with tool.database.transaction(write=False) as session:
        counts = looking_back_counts(session, [amina.actor.person_id], SIX.instrument)
        frozen = session.execute(text("SELECT DISTINCT state FROM snapshot_answers")).scalars()
        assert list(frozen) == ["achieved"]
    assert counts == {amina.actor.person_id: 2}
    assert tara.get("looking-back").status_code == 403


def test_looking_back_can_be_changed_taken_back_and_withdrawn_and_keeps_its_history(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    ask_to_look_back(tool, date(2026, 3, 2))
    for code in CODES:
        rate(amina, code)
    amina.post("looking-back/6", back_form(amina, state_601="achieved", state_602="achieved"))
    again = back_form(amina, state_601="not-started", take_602="1", state_603="achieved")
    amina.post("looking-back/6", again)
    assert said(tool, amina) == {"6.01": ("not-started", ""), "6.03": ("achieved", "")}
    unchanged = amina.post("looking-back/6", back_form(amina))
    assert unchanged.location.endswith("saved=0")
    assert amina.post("looking-back/withdraw", {}).status_code == 303
    assert said(tool, amina) == {}
    assert "Withdrawn." in amina.get("looking-back?withdrawn=1").text
    assert "By what you say looking back" not in amina.get("change").text
    with tool.database.transaction(write=False) as session:
        assert all_looking_back_of(session, amina.actor.person_id) == []
        assert session.execute(text("SELECT count(*) FROM looking_back")).scalar_one() == 7
    amina.post("looking-back/6", back_form(amina, state_601="achieved"))
    assert said(tool, amina) == {"6.01": ("achieved", "")}


def test_a_refused_answer_stays_in_its_box_and_the_others_are_saved(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    ask_to_look_back(tool, date(2026, 3, 2))
    for code in CODES:
        rate(amina, code)
    old = back_form(amina)
    amina.post("looking-back/6", back_form(amina, state_601="achieved", note_601="in one tab"))
    both = amina.post(
        "looking-back/6",
        old
        | {"state-6.01": "not-started", "note-6.01": "in another", "note-6.02": "A note alone"}
        | {"state-6.03": "achieved", "state-6.04": "best", "note-6.05": "x" * 20_001}
        | {"state-6.05": "achieved"},
    )
    assert both.status_code == 409
    for kept in ("in one tab", "in another", "A note alone", "x" * 20_001):
        assert kept in both.text
    assert said(tool, amina) == {"6.01": ("achieved", "in one tab"), "6.03": ("achieved", "")}
    assert amina.post("looking-back/6", old | {"version-6.01": "x"}).status_code == 400
    assert amina.post("looking-back/9", old).status_code == 404


def test_the_start_and_domain_pages_cost_one_statement_more_at_most(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code)

    def count(path: str) -> int:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        amina.get(path)
        event.listen(tool.database.engine, "before_cursor_execute", note)
        assert amina.get(path).status_code == 200
        event.remove(tool.database.engine, "before_cursor_execute", note)
        return len([s for s in statements if s.startswith("SELECT")])

    start, domain = count(""), count("domain/6")
    ask_to_look_back(tool, date(2026, 3, 2))
    assert count("") <= start + 1
    assert count("domain/6") <= domain + 1
    assert start <= 7  # two of them for the bar: what is new, and whether there is a desk
    assert domain <= 7
