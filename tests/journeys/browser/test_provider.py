"""An administrator in the LMS's frame: training for a gap, a CSV file, one statement corrected."""

from pathlib import Path

import pytest
from playwright.sync_api import Frame, expect

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import Activity, Open
from tests.journeys.learner import Learner
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

ASKED = instrument("self-assessment-1")
GAP, ANSWERED = ASKED.domains[0].codes[:2]
TITLE = "Noson gyda’r tîm: an evening with the Willow team"
HEAD = "reference,title,levels,domains,competencies,essential\n"
WRONG = f"{HEAD}evening-2,Evening two,1,,{GAP},no\nevening-3,Evening three,9,2,,no\nevening-4,Four,1,,1.99,no\n"
RIGHT = f"{HEAD}evening-2,Evening two,1,,{GAP},no\nevening-3,Llŷr’s evening,1,2,,no\n"
KNOWLEDGE = "What Willow Training says of this, in words that its learners know: Llŷr."


def test_an_offer_that_is_added_is_seen_first_by_who_has_the_gap_and_gone_when_hidden(
    site: Site, device: Open
) -> None:
    Learner(site, "amina").open().rate_all([GAP, ANSWERED], "working-towards")
    gethin = device("gethin")
    gethin.foresee("status of 400")
    provider = gethin.open_activity()
    learner = device("amina").open_activity()
    add_offer(provider)
    tool = learner.open("training")
    first = tool.locator(".training-card").first
    expect(first).to_contain_text(TITLE)
    expect(first).to_contain_text("Essential")
    expect(first).to_contain_text(f"Serves 1 of your gaps: {GAP}")
    expect(first.get_by_role("link", name="Go to the training")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    tool = learner.open("summary")
    gap = tool.locator(".competency-list > li").filter(has_text=GAP)
    expect(gap.get_by_role("link", name=TITLE)).to_be_visible()
    provider.tool.get_by_role("button", name=f"Hide ({TITLE})").click()
    expect(provider.tool.get_by_role("status")).to_contain_text(f"Hidden from learners: {TITLE}.")
    tool = learner.open("training")
    assert_not_offered(tool, TITLE)
    provider.tool.get_by_role("button", name="Undo").click()
    expect(provider.tool.get_by_role("status")).to_contain_text(f"Shown to learners: {TITLE}.")
    expect(learner.open("training").locator(".training-card").first).to_contain_text(TITLE)


def assert_not_offered(tool: Frame, title: str) -> None:
    expect(tool.locator("h1")).to_have_text("Training")
    expect(tool.get_by_text(title)).to_have_count(0)


def add_offer(provider: Activity) -> None:
    tool = provider.open("catalogue")
    tool.get_by_role("link", name="Add an offer").click()
    tool.get_by_role("button", name="Save the offer").click()
    expect(tool.locator("#problems")).to_be_focused()
    tool.get_by_label("Title").fill(TITLE)
    tool.get_by_label("Web address").fill("https://willow.example/evening")
    rule = tool.locator(".rule").first
    rule.get_by_label(ASKED.title).check()
    rule.get_by_label("Single competencies").fill(GAP)
    rule.get_by_label("Essential: it comes before all other recommendations").check()
    tool.get_by_role("button", name="Save the offer").click()
    expect(tool.get_by_role("status")).to_contain_text(f"Added: {TITLE}.")


def test_a_csv_file_is_refused_whole_by_line_and_column_and_then_applied(
    site: Site, device: Open, tmp_path: Path
) -> None:
    Learner(site, "amina").open().rate_all([GAP], "working-towards")
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(WRONG, encoding="utf-8")
    right.write_text(RIGHT, encoding="utf-8")
    gethin = device("gethin")
    gethin.foresee("status of 400")
    provider = gethin.open_activity()
    tool = provider.open("catalogue/upload")
    tool.get_by_label("CSV file").set_input_files(wrong)
    tool.get_by_role("button", name="Show what it would do").click()
    problems = tool.get_by_role("region", name="The file was not taken")
    expect(problems).to_be_focused()
    lines = problems.locator("tbody tr")
    expect(lines.filter(has=tool.get_by_role("cell", name="levels", exact=True))).to_contain_text(
        "3"
    )
    expect(lines.filter(has_text="1.99")).to_contain_text("competencies")
    expect(problems).not_to_contain_text("Evening two")
    assert_not_offered(device("amina").open_activity().open("training"), "Evening")
    tool.get_by_label("CSV file").set_input_files(right)
    tool.get_by_role("button", name="Show what it would do").click()
    provider.heading("What the file would do")
    expect(tool.get_by_role("heading", name="Add 2 offers")).to_be_visible()
    expect(tool.get_by_text("Nothing has been changed yet.")).to_be_visible()
    tool.get_by_role("button", name="Apply").click()
    expect(tool.get_by_role("status")).to_contain_text("The file was applied.")
    learner = device("amina").open_activity()
    card = learner.open("training").locator(".training-card").filter(has_text="Evening two")
    expect(card.first).to_contain_text(f"Serves 1 of your gaps: {GAP}")


def test_a_statement_that_is_corrected_is_read_with_its_version_beside_an_older_answer(
    site: Site, device: Open
) -> None:
    Learner(site, "amina").open().rate_all([ANSWERED])
    provider = device("gethin").open_activity()
    tool = provider.open("wording")
    tool.get_by_role("link", name=ASKED.title).click()
    tool.locator(".wording-row").filter(has_text=ANSWERED).click()
    tool.get_by_label("Knowledge").first.fill(KNOWLEDGE)
    tool.get_by_role("radio", name="Our organisation's").check()
    tool.get_by_label("Why it changes").fill("Nobody understood it.")
    tool.get_by_role("button", name="Show before and after").click()
    expect(tool.get_by_role("region", name="Before and after")).to_contain_text(KNOWLEDGE)
    tool.get_by_role("button", name="Save this wording").click()
    saved = tool.get_by_role("status")
    expect(saved).to_contain_text("Saved. Everyone in your organisation reads it now")
    version = saved.inner_text().split("version ")[1].rstrip(". \n")
    learner = device("amina").open_activity()
    tool = learner.open_domain(1)
    here = tool.locator(f'[data-code="{ANSWERED}"]')
    expect(here.get_by_text(KNOWLEDGE)).to_be_visible()
    tool.get_by_text("What this domain is about").click()
    expect(tool.get_by_text(f"(version {version})").first).to_be_visible()
    changed = here.locator("summary").filter(has_text="The wording changed since you answered")
    expect(changed).to_contain_text(version)
    changed.click()
    was = ASKED.by_code[ANSWERED].knowledge
    expect(here.get_by_text(was, exact=True)).to_be_visible()
    expect(here.get_by_role("radio", name="Achieved")).to_be_checked()
    expect(tool.get_by_text("The wording changed since you answered")).to_have_count(1)
