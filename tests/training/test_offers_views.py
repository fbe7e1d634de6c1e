"""The learner's pages of gaps and training over HTTP."""

import re
from typing import Any

import pytest

from lti_tool.competencies.queries import instrument
from lti_tool.courses.rules import NOT_SET_UP, GradeRule, SetUp
from lti_tool.training.offers.queries import offer_by_key, recommendations_for
from lti_tool.training.offers.rules import gaps_in
from tests.tool import TUTOR, Tool, Visitor

SOME = SetUp("self-assessment-1", (2, 6), GradeRule.ACHIEVED)


def rate(visitor: Visitor, code: str, state: str = "achieved", **more: Any) -> None:
    sent = {"code": code, "state": state, "note": "", "version": 0} | more
    assert visitor.post_json("ratings", sent).status_code == 200


def test_who_has_rated_nothing_is_told_so_and_can_look_through_everything(tool: Tool) -> None:
    page = tool.sign_in("amina").get("training").text
    assert "You have rated nothing yet" in page
    assert "Serves" not in page
    assert "19 offers" in page


def test_who_has_no_gaps_is_told_so(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SetUp("self-assessment-1", (6,)))
    for code in instrument("self-assessment-1").by_number[6].codes:
        rate(amina, code)
    page = amina.get("training").text
    assert "You have no gaps" in page
    assert "Serves" not in page


def test_each_recommendation_says_why_and_leads_on(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    rate(amina, "2.01")
    page = amina.get("training").text
    first = page.split('class="training-card"')[1]
    assert "Infant Mental Health Online (IMHOL)" in first
    assert "Serves 12 of your gaps:" in first
    assert "2.02, 2.03, 2.04, 2.05, 2.06, 2.07, 2.08 and 5 more" in first
    assert "Levels 1, 2" in first
    link = re.search(r'<a href="https://warwick.ac.uk"[^>]*>(.*?)</a>', first, re.DOTALL)
    assert link
    assert 'target="_blank"' in link[0]
    assert 'rel="noopener noreferrer"' in link[0]
    assert "opens a new tab" in link[0]
    for words in ("Make this a goal", "I have done this"):
        on = re.search(rf'<a href="([^"]+)">\s*{words}', first)
        assert on
        assert "offer=shipped:warwick-imhol" in on[1]
        assert amina.client.get(on[1].replace("&amp;", "&")).status_code == 200


def test_gaps_that_nothing_serves_are_said_plainly(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    rate(amina, "6.01")
    page = amina.get("training").text
    assert "Nothing in this catalogue serves 5 of your gaps." in page
    unserved = page.split("Gaps that no training here serves")[1].split("All training")[0]
    assert re.findall(r'class="code">([\d.]+)<', unserved) == [
        "6.02",
        "6.03",
        "6.04",
        "6.05",
        "6.06",
    ]


def test_training_is_looked_through_by_level_and_domain(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    found = amina.get("training?level=3&domain=5").text
    titles = re.findall(r'class="training-row-title">([^<]*)<', found)
    assert "Psychoanalytic parent-infant psychotherapy" in titles
    assert "Babies in Mind" not in titles
    assert "Nothing on offer fits both." in amina.get("training?level=3&domain=99").text


@pytest.mark.parametrize(
    "query", ["level=x&domain=", "level=-1", "domain=" + "9" * 40, "level=%00"]
)
def test_any_filter_is_answered(tool: Tool, query: str) -> None:
    assert tool.sign_in("amina").get(f"training?{query}").status_code == 200


def test_the_summary_has_training_for_each_gap_and_a_way_to_a_goal(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    rate(amina, "2.01")
    rate(amina, "2.02", "working-towards", note="Supervision log")
    rate(amina, "6.01")
    page = amina.get("summary").text
    strengths, gaps = page.split("Gaps: not achieved yet")
    assert "Make this a goal" not in strengths
    shared, rest = gaps.split(">2.02<")
    assert "Training for all of these:" in shared
    assert "Infant Mental Health Online (IMHOL)" in shared
    assert "and 2 more." in shared
    assert "Infant Mental Health Online (IMHOL)" not in rest.split("Domain 6")[0]
    assert "Make this a goal" in rest.split("</li>")[0]
    assert "No training here serves this." in gaps.split(">6.02<")[1].split("</li>")[0]
    assert "Supervision log" not in page
    assert "Supervision log" in amina.get("summary?notes=1").text


def test_a_goal_that_exists_takes_the_place_of_making_one(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    rate(amina, "6.01")
    made = amina.post(
        "goals/new",
        {"code": "6.02", "what": "Use supervision", "by_when": "2030-03-14", "once": "x"},
    )
    assert made.status_code == 303, made.text
    for path in ("summary", "training"):
        page = amina.get(path).text
        found = re.search(r'href="([^"]+)">\s*Your goal, by 14 March 2030', page)
        assert found, path
        assert amina.client.get(found[1]).status_code == 200
    ben = tool.sign_in("ben", set_up=SOME)
    rate(ben, "6.01")
    assert "Your goal" not in ben.get("summary").text


def test_after_the_last_domain_comes_the_summary(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SOME)
    saved = amina.post("domain/6", {"next": "1"})
    assert saved.location.endswith("/summary")


def test_these_pages_are_for_learners_of_an_activity_that_is_set_up(tool: Tool) -> None:
    bare = tool.sign_in("amina", link="bare", set_up=NOT_SET_UP)
    tara = tool.sign_in("tara", roles=TUTOR)
    for path in ("training", "summary"):
        assert bare.get(path).status_code == 404
        assert tara.get(path).status_code == 403
    tom = tool.sign_in("tom", roles=TUTOR, link="bare", set_up=NOT_SET_UP)
    assert tom.get("catalogue").status_code == 200
    assert tom.get("catalogue/gaps").status_code == 404


def test_other_rooms_find_recommendations_and_offers_by_their_keys(tool: Tool) -> None:
    actor = tool.sign_in("amina").actor
    asked = instrument("self-assessment-1")
    with tool.database.transaction(write=False) as session:
        gaps = gaps_in(asked.id, asked.domains, {})
        found = recommendations_for(session, actor.organisation_id, actor.course_id, gaps)
        assert [one.offer.key for one in found][:2] == [
            "shipped:warwick-imhol",
            "shipped:solihull-foundation",
        ]
        assert len(found[0].gaps) == 31
        known = offer_by_key(session, actor.organisation_id, "shipped:itsiey")
        assert known
        assert known.provider == "Anna Freud, Tavistock, Yale"
        for key in ("", "shipped:", "own:", "own:x", "itsiey", "shipped:unknown"):
            assert offer_by_key(session, actor.organisation_id, key) is None
