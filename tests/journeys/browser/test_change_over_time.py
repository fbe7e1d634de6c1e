"""A learner comes back to an assessment: what moved both ways, and how the start looks from here."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Frame, Locator, expect

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import Activity, Competency, Open
from tests.journeys.learner import TWO_DOMAINS, Learner
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

ONE, TWO = instrument("self-assessment-1").domains[:2]
CODES = (*ONE.codes, *TWO.codes)
UP, DOWN = ONE.codes[1:4], ONE.codes[0]


def test_a_learner_sees_what_moved_both_ways_and_how_the_start_looks_from_here(
    site: Site, device: Open
) -> None:
    quick = Learner(site, "amina", TWO_DOMAINS).open()
    quick.rate_all([DOWN])
    quick.rate_all([code for code in CODES if code != DOWN], "working-towards")
    activity = device("amina").open_activity(TWO_DOMAINS)
    tool = activity.open("change")
    expect(tool.locator(".answer-words")).to_contain_text("nothing moved")
    expect(tool.locator(".snapshots > li")).to_have_text(re.compile("Baseline"))
    change_answers(activity)
    assert_words_chart_and_table_agree(activity)
    keep_today(activity)
    expect(tool.get_by_role("heading", name="Look back: how were you at the start?")).to_have_count(
        0
    )
    let_the_tutor_ask(device)
    look_back(activity)
    assert_kept_apart(activity)


def change_answers(activity: Activity) -> None:
    tool = activity.open_domain(1)
    Competency(tool, DOWN).choose("Working towards")
    for code in UP:
        Competency(tool, code).choose("Achieved")
    for code in (DOWN, *UP):
        Competency(tool, code).is_saved()


def assert_words_chart_and_table_agree(activity: Activity) -> None:
    tool = activity.open("change")
    expect(tool.locator(".answer-words")).to_contain_text("3 moved up, 1 moved down.")
    expect(tool.get_by_text("Nobody has assessed them.")).to_be_visible()
    chart = tool.get_by_role("img", name="What moved")
    expect(chart).to_be_visible()
    drawn = [" ".join(words.split()) for words in chart.locator("text").all_text_contents()]
    assert "3 moved up, 1 moved down" in " ".join(drawn), drawn
    assert " ".join(drawn).count("nothing moved") == 1, drawn  # in the other domain
    lines = tool.locator("table.moves tbody tr, table.moves tfoot tr")
    told = [numbers(line) for line in lines.all()]
    unmoved = len(TWO.codes)
    assert told == [[1, 3, 3, 1, 6], [0, 0, 0, 0, unmoved], [1, 3, 3, 1, 6 + unmoved]]
    tool.locator("summary").filter(has_text="3 moved up, 1 moved down").click()
    moved = tool.locator(".move-list li").filter(has_text=DOWN)
    expect(moved).to_contain_text(re.compile(r"Moved down\s+Achieved\s+became\s+Working towards"))
    expect(tool.locator(".move-list li").filter(has_text="Moved up")).to_have_count(3)


def numbers(line: Locator) -> list[int]:
    """Achieved then and now, up, down, the same."""
    return [
        int(number) for number in re.findall(r"\d+", " ".join(line.locator("td").all_inner_texts()))
    ]


def keep_today(activity: Activity) -> None:
    tool = activity.tool
    tool.get_by_label("A name for it").fill("After my placement, Llŷr")
    tool.get_by_role("button", name="Keep today's state").click()
    expect(tool.get_by_role("status")).to_contain_text("Kept: your answers as they stand now.")
    choose(tool, "After my placement", "Now")
    expect(tool.locator(".answer-words")).to_contain_text("nothing moved")
    choose(tool, "Baseline", "After my placement")
    expect(tool.locator(".answer-words")).to_contain_text("3 moved up, 1 moved down.")


def choose(tool: Frame, first: str, second: str) -> None:
    for label, words in (("From", first), ("To", second)):
        picker = tool.get_by_label(label, exact=True)
        option = picker.locator("option").filter(has_text=words)
        picker.select_option(option.get_attribute("value"))
    tool.get_by_role("button", name="Compare").click()


def let_the_tutor_ask(device: Open) -> None:
    """A tutor says in the set-up that learners shall look back, from today on."""
    tutors = device("morag").open_activity(TWO_DOMAINS)
    tool = tutors.open("set-up")
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    tool.get_by_label("Keep everybody's answers as they stand at the end of").fill(today)
    tool.get_by_label("At the end, ask learners how they were at the start").check()
    tool.get_by_role("button", name="Save the set-up").click()
    expect(tool.get_by_role("status")).to_contain_text("The set-up is saved.")


def look_back(activity: Activity) -> None:
    """The form shows nothing of what was answered at the time, so that it does not steer."""
    tool = activity.open("change")
    tool.get_by_role("link", name="Look back", exact=True).click()
    activity.heading("Looking back: how were you at the start?")
    tool.get_by_role("link", name=ONE.title).click()
    activity.heading("Looking back, domain 1")
    expect(tool.locator("input[type=radio]:checked")).to_have_count(0)
    for code, words in ((DOWN, "Not started"), (UP[0], "Not started")):
        card = tool.locator(f'[id="c-{code}"]')
        card.get_by_role("radio", name=words, exact=True).check()
    tool.get_by_role("button", name="Save", exact=True).click()
    expect(tool.get_by_role("status").first).to_contain_text("Saved: 2 answers.")


def assert_kept_apart(activity: Activity) -> None:
    """What was said looking back stands beside the baseline, and changes nothing that was said."""
    tool = activity.open("change")
    expect(tool.locator(".answer-words")).to_contain_text("3 moved up, 1 moved down.")
    back = tool.locator("section").filter(has=tool.get_by_role("heading", name="Looking back"))
    back.locator("summary").first.click()
    line = back.get_by_role("row").filter(has_text=DOWN)
    expect(line.get_by_role("cell")).to_have_text(["Achieved", "Not started", "Working towards"])
    tool = activity.open_domain(1)
    Competency(tool, DOWN).shows("Working towards")
    tool = activity.open("history")
    expect(tool.locator("main")).not_to_contain_text(re.compile("looking back", re.IGNORECASE))
