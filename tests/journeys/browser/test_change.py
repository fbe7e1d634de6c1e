"""A learner re-assesses in the LMS's frame, and sees what moved since the baseline."""

import pytest
from playwright.sync_api import expect

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import PHONE, Competency, Open
from tests.journeys.learner import TWO_DOMAINS, Learner
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

DOMAINS = instrument("self-assessment-1").by_number


def test_a_learner_re_assesses_and_sees_what_moved_both_ways(site: Site, device: Open) -> None:
    quick = Learner(site, "amina", TWO_DOMAINS).open()
    one, other = (DOMAINS[number] for number in (1, 2))
    for code in (*one.codes, *other.codes):
        quick.rate(code, "achieved" if code == one.codes[0] else "working-towards")
    activity = device("amina", size=PHONE).open_activity(TWO_DOMAINS)
    activity.tool.get_by_role("link", name="Change over time").click()
    activity.heading("Change over time")
    expect(activity.tool.locator(".answer-words")).to_contain_text("nothing moved")
    tool = activity.open_domain(1)
    Competency(tool, one.codes[0]).choose("Working towards")
    for code in one.codes[1:4]:
        Competency(tool, code).choose("Achieved")
        expect(Competency(tool, code).status).to_contain_text("Saved")
    tool = activity.open("change")
    expect(tool.locator(".answer-words")).to_contain_text("3 moved up, 1 moved down.")
    expect(tool.get_by_role("img", name="What moved")).to_be_visible()
    tool.get_by_text("3 moved up, 1 moved down").last.click()
    moved = tool.locator(".move-list li").filter(has_text=one.codes[0])
    expect(moved).to_contain_text("Moved down")
    assert tool.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tool.get_by_label("A name for it").fill("After my placement, Llŷr")
    tool.get_by_role("button", name="Keep today's state").click()
    expect(tool.get_by_text("Kept: your answers as they stand now.")).to_be_visible()
    tool.get_by_label("From").select_option(label="Now")
    tool.get_by_label("To", exact=True).select_option(index=1)
    tool.get_by_role("button", name="Compare").click()
    expect(tool.locator(".answer-words")).to_contain_text("nothing moved")
