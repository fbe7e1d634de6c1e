"""A learner at Level 2: from the launch to a plan on paper, and to a link that her manager reads."""

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Locator, Page, expect
from pypdf import PdfReader

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import Activity, Competency, Open
from tests.journeys.learner import Learner
from tests.journeys.servers import IMH201, Site
from tests.storage import files

pytestmark = pytest.mark.browser

LEVEL_2 = 22
NAME = "Amina O'Brien-Żółć"
ASKED = instrument("self-assessment-2")
ONE, TWO = ASKED.domains[:2]
GAP = ASKED.by_code[ONE.codes[3]]
NOTE = "I keep a log of what helped – Llŷr, 陈."
WHAT = "Lead a case discussion in Welsh, and write down what came of it."
EVIDENCE = "My supervisor's notes of two discussions."
TRAINING = "Observing babies together"
YEAR = datetime.now(UTC).year


def test_a_learner_comes_from_the_launch_to_a_plan_that_her_manager_reads(
    site: Site, device: Open, tmp_path: Path
) -> None:
    amina = device("amina")
    page = amina.open_course(IMH201)
    page.get_by_role("link", name="Open Level 2 self-assessment", exact=True).click()
    activity = Activity(page)
    rate(site, activity)
    assert_summary(activity)
    make_a_gap_a_goal(activity)
    note_training(activity, tmp_path)
    assert_plan_on_paper(activity)
    link = share(activity)
    manager = device("amina")
    manager.context.clear_cookies()  # somebody else's browser, which the LMS does not know either
    manager.foresee("status of 404")
    reader = manager.context.new_page()
    assert_read(reader, link)
    withdraw(activity)
    reader.goto(link)
    expect(reader.locator("h1")).to_contain_text("There is nothing to see at this link.")
    expect(reader.get_by_text("Amina")).to_have_count(0)
    assert manager.context.cookies() == []


def rate(site: Site, activity: Activity) -> None:
    """Rates the first three in the page, and the rest of two domains as its script does."""
    tool = activity.tool
    tool.get_by_role("link", name="Begin with domain 1").click()
    activity.heading(ONE.title)
    for code, words in zip(ONE.codes, ("Achieved", "Achieved", "Working towards"), strict=False):
        Competency(tool, code).choose(words)
    first = Competency(tool, ONE.codes[0])
    first.write(NOTE)
    for code in ONE.codes[:3]:
        Competency(tool, code).is_saved()
    quick = Learner(site, "amina", LEVEL_2, IMH201).open()
    quick.rate_all(ONE.codes[3:], "working-towards")
    quick.rate_all(TWO.codes[:2])


def section(tool: Frame | Page, title: str) -> Locator:
    return tool.locator("section").filter(has=tool.get_by_role("heading", name=title))


def assert_summary(activity: Activity) -> None:
    """Strengths and gaps are those that were rated; each domain names training for its gaps."""
    tool = activity.open("summary")
    activity.heading("Your summary")
    strong = section(tool, "Strengths").locator(".competency-list .code").all_inner_texts()
    assert strong == [*ONE.codes[:2], *TWO.codes[:2]]
    gaps = section(tool, "Gaps: not achieved yet").locator(".competency-list > li")
    begun = [*ONE.codes[2:], *TWO.codes[2:]]
    assert gaps.locator("> .code").all_inner_texts() == begun
    expect(gaps.filter(has_text="Make this a goal")).to_have_count(len(begun))
    for_all = section(tool, "Gaps: not achieved yet").locator(".gap-shared")
    expect(for_all).to_have_count(2)
    expect(for_all.first.get_by_role("link")).to_have_count(3)


def make_a_gap_a_goal(activity: Activity) -> None:
    tool = activity.tool
    tool.get_by_role("link", name=f"Make this a goal ({GAP.code})").click()
    activity.heading("New goal")
    expect(tool.locator(".page-head")).to_contain_text(f"For {GAP.code} {GAP.topic}")
    tool.get_by_label("What do you want to reach?").fill(WHAT)
    tool.get_by_label("By when?").fill(f"{YEAR + 1}-03-14")
    tool.get_by_label("What will show that you reached it?").fill(EVIDENCE)
    tool.get_by_role("button", name="Save", exact=True).click()
    expect(tool.get_by_role("status")).to_contain_text("Your goal is saved.")
    expect(tool.locator(".goal-item")).to_contain_text(f"By 14 March {YEAR + 1}")
    tool = activity.open("summary")
    expect(tool.get_by_role("link", name=f"Your goal, by 14 March {YEAR + 1}")).to_be_visible()


def note_training(activity: Activity, folder: Path) -> None:
    """Notes what was taken, with a certificate, from the goal's own page."""
    certificate = folder / "Żółć 1.pdf"
    certificate.write_bytes(files.PDF)
    tool = activity.tool
    tool.get_by_role("link", name=f"Your goal, by 14 March {YEAR + 1}").click()
    tool.get_by_role("link", name="Add training to your record").click()
    activity.heading("Add training")
    tool.get_by_label("What was it?").fill(TRAINING)
    tool.get_by_label("When did you take it?").fill(f"{YEAR - 1}-03-14")
    tool.get_by_label("How many hours?").fill("2.5")
    tool.get_by_label("What did you make of it?").fill("For nobody's eyes but mine.")
    tool.get_by_label("Certificate").set_input_files(certificate)
    tool.get_by_role("button", name="Save", exact=True).click()
    expect(tool.get_by_text(f"“{TRAINING}” is in your record.")).to_be_visible()
    expect(tool.locator(".record-total").first).to_contain_text("2.5 hours")
    expect(tool.locator(".goal-item")).to_contain_text(GAP.code)  # which the goal was for
    expect(tool.get_by_role("link", name=certificate.name)).to_be_visible()


def assert_plan_on_paper(activity: Activity) -> None:
    """The worker makes the PDF while the page waits; it holds the plan, and her name whole."""
    tool = activity.open("papers")
    card = tool.locator("#plan")
    card.get_by_label("With my evidence notes").check()
    card.get_by_role("button", name="Make a PDF").click()
    expect(card.locator("[data-paper]")).to_contain_text(
        re.compile("The PDF is being made|Download the PDF")
    )
    ready = card.get_by_role("link", name="Download the PDF")
    expect(ready).to_be_visible()
    with activity.page.expect_download() as download:
        ready.click()
    assert download.value.suggested_filename.endswith(".pdf")
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    text = re.sub(
        r"\s+", " ", " ".join(p.extract_text() for p in PdfReader(BytesIO(content)).pages)
    )
    for words in (NAME, GAP.topic, WHAT, EVIDENCE, "14 March", NOTE):
        assert words in text, (words, text)


def share(activity: Activity) -> str:
    """Makes a link to strengths and goals alone, after a look at what its reader will see."""
    tool = activity.open("papers")
    tool.get_by_role("link", name="Share your plan with an employer").click()
    tool.get_by_role("link", name="Make a link").click()
    activity.heading("Make a link to your plan")
    chosen = {"Strengths", "Goals"}
    ticks = tool.get_by_role("group", name="What they see").get_by_role("checkbox").all()
    for tick in ticks:
        title = tick.locator("xpath=..").inner_text()
        tick.set_checked(any(title.startswith(name) for name in chosen))
    tool.get_by_label("Your name for it").fill("For my manager")
    tool.get_by_role("button", name="Make the link").click()
    expect(tool.get_by_text("You changed what is in it.")).to_be_visible()
    preview = section(tool, "Preview: what the reader sees")
    expect(preview).to_contain_text(WHAT)
    expect(preview.get_by_text(GAP.topic, exact=True)).to_have_count(0)
    tool.get_by_role("button", name="Make the link").click()
    expect(tool.get_by_role("status").first).to_contain_text("Your link is ready.")
    card = section(tool, "For my manager")
    expect(card).to_contain_text("Not yet")
    return card.get_by_label("The link to send").input_value()


def assert_read(reader: Page, link: str) -> None:
    """The chosen parts are there, others are not, and no way leads further into the tool."""
    reader.goto(link)
    expect(reader.locator("h1")).to_have_text(f"{NAME}: development plan")
    expect(reader.get_by_text("Nobody has assessed it.")).to_be_visible()
    expect(reader.get_by_text(WHAT)).to_be_visible()
    for code in (*ONE.codes[:2], *TWO.codes[:2]):
        expect(reader.get_by_text(code, exact=True).first).to_be_visible()
    for hidden in (ONE.codes[4], TRAINING, "nobody's eyes", NOTE, "Recommended training"):
        expect(reader.get_by_text(hidden)).to_have_count(0)
    expect(reader.locator("a:not(.skip-link), form")).to_have_count(0)


def withdraw(activity: Activity) -> None:
    """Sees that the link was opened, and closes it."""
    tool = activity.open("sharing")
    card = section(tool, "For my manager")
    expect(card).to_contain_text("Once, last on")
    card.get_by_role("link", name="Withdraw “For my manager”").click()
    activity.heading("Withdraw “For my manager”?")
    tool.get_by_role("button", name="Withdraw it now").click()
    expect(tool.get_by_role("status").first).to_contain_text("Withdrawn.")
    expect(section(tool, "For my manager")).to_contain_text("Withdrawn on")
