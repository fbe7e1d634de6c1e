"""The learner's pages over HTTP."""

from typing import Any

import pytest

from lti_tool.courses.rules import NOT_SET_UP, GradeRule, SetUp
from lti_tool.kernel.actor import Role
from tests.tool import TUTOR, Tool, Visitor

SOME = SetUp("self-assessment-1", (2, 6), GradeRule.ACHIEVED)


def rate(visitor: Visitor, code: str, state: str = "achieved", **more: Any) -> Any:
    answer = visitor.post_json(
        "ratings", {"code": code, "state": state, "note": "", "version": 0} | more
    )
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_the_start_page_says_where_i_am_and_what_comes_next(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    assert "Begin here" in amina.get().text
    rate(amina, "3.01")
    page = amina.get().text
    assert "1 of 63 rated, 1 achieved" in page
    assert "domain/3#c-3.02" in page


def test_a_placement_asks_for_its_own_domains_only(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    page = amina.get().text
    assert "Domain 2" in page
    assert "Domain 3" not in page
    assert amina.get("domain/3").status_code == 404


def test_progress_comes_back_with_every_save(tool: Tool) -> None:
    saved = rate(tool.sign_in("amina", set_up=SOME), "6.01", "working-towards")
    assert saved["progress"]["number"] == 6
    assert saved["progress"]["domain"]["words"] == "1 of 6 rated, 0 achieved"
    assert (saved["progress"]["overall"]["total"], saved["progress"]["overall"]["rated"]) == (19, 1)


def test_saving_nothing_leaves_nothing_behind(tool: Tool) -> None:
    saved = rate(tool.sign_in("amina"), "1.01", "not-started")
    assert (saved["saved_at"], saved["version"]) == (None, 0)


def test_the_summary_tells_strengths_from_gaps(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    rate(amina, "6.01", note="Supervision log")
    rate(amina, "6.02", "working-towards")
    page = amina.get("summary").text
    strengths, gaps = page.split("Gaps: not achieved yet")
    assert "6.01" in strengths.split("Strengths")[1]
    assert "6.02" in gaps
    assert "6.03" in gaps
    assert "Not started: all 13 competencies." in gaps
    assert "Supervision log" not in page
    assert "Supervision log" in amina.get("summary?notes=1").text


def test_the_history_holds_every_change_and_goes_back_page_by_page(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    for version in range(30):
        state = "achieved" if version % 2 else "working-towards"
        rate(amina, "1.01", state, version=version)
    first = amina.get("history").text
    assert first.count('class="change"') == 25
    older = first.split('href="')[-1]
    older = next(part for part in first.split('"') if "history?before=" in part)
    second = amina.client.get(older).text
    assert second.count('class="change"') == 5
    assert "Newest changes" in second


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, ""])
def test_a_wrong_page_of_the_history_is_the_first(tool: Tool, before: str) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01")
    assert "1.01" in amina.get(f"history?before={before}").text


def test_what_is_not_set_up_is_said_to_everyone_in_their_own_words(tool: Tool) -> None:
    amina = tool.sign_in("amina", link="bare", set_up=NOT_SET_UP)
    assert "Your tutor still has to choose" in amina.get().text
    assert amina.get("domain/1").status_code == 404
    assert amina.get("summary").status_code == 404
    tara = tool.sign_in("tara", link="bare", set_up=NOT_SET_UP, roles=TUTOR)
    assert "set-up" in tara.get().text


def test_an_instrument_that_this_tool_does_not_hold_counts_as_not_set_up(tool: Tool) -> None:
    unknown = SetUp("self-assessment-99")
    amina = tool.sign_in("amina", link="odd", set_up=unknown)
    assert "not set up yet" in amina.get().text
    tara = tool.sign_in("tara", link="odd", set_up=unknown, roles=TUTOR)
    assert "self-assessment-99" in tara.get().text


def test_a_tutor_sees_what_learners_see_and_no_answers_of_anyone(tool: Tool) -> None:
    rate(tool.sign_in("amina"), "1.01")
    tara = tool.sign_in("tara", roles=TUTOR)
    page = tara.get().text
    assert "This is what learners see" in page
    assert "0 of 10 rated" in page
    assert tara.get("summary").status_code == 403
    assert tara.get("history").status_code == 403


def test_who_is_tutor_and_learner_at_once_finds_both_ways(tool: Tool) -> None:
    both = tool.sign_in("cerys", roles=frozenset({Role.LEARNER, Role.TUTOR}))
    rate(both, "1.01")
    assert "You are a tutor here as well as a learner." in both.get().text


def test_markup_in_a_note_is_shown_as_text(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    evil = "</script></textarea><img src=x>"
    rate(amina, "1.01", note=evil)
    page = amina.get("domain/1").text
    assert "<img src=x>" not in page
    assert "<img src=x>" not in amina.get("history").text + amina.get("summary?notes=1").text


def test_a_form_that_is_filled_by_the_browser_cannot_bring_old_answers_back(tool: Tool) -> None:
    assert 'autocomplete="off"' in tool.sign_in("amina").get("domain/1").text
