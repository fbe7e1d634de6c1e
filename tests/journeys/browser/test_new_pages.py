"""Pages of training, goals, papers, sharing, change and wording: axe, fit, touch, light and dark.

One site and few browsers for many pages; what stands in them comes by the forms' own posts.
"""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from lti_tool.competencies.queries import instrument
from tests.journeys.browser.device import Activity, Device, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.learner import LEVEL_1, Learner
from tests.journeys.servers import Site
from tests.storage import files

pytestmark = pytest.mark.browser

CODES = instrument("self-assessment-1").domains[0].codes
NEXT_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
GOAL = {
    "what": "Observe a newborn, and write down what I saw. Sylwi ar newydd-anedig: Żółć, 陈, يوسف.",
    "by_when": NEXT_MONTH,
    "training": "PIIOS",
    "evidence": "My log of four visits.",
}
ENTRY = {
    "title": "Parent-Infant Interaction Observation Scale",
    "provider": "Warwick",
    "begun_on": "2026-03-14",
    "hours": "1.5",
    "reflection": "I look longer before I speak.",
}
OFFER = {"title": "Evening with the team", "levels": "1", "domains": "1", "essential": "yes"}
TOO_LONG = "x" * 20_001


def send(activity: Activity, path: str, form: dict[str, Any]) -> str:
    """Posts what a page's form would; returns where it leads."""
    requests = activity.page.context.request
    page = "catalogue/new" if path.startswith("catalogue") else "my-record/import"
    text = requests.get(activity.home + page).text()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert token, text
    answer = requests.post(
        activity.home + path,
        multipart=form | {"csrf_token": html.unescape(token[1])},
        max_redirects=0,
    )
    assert answer.status == 303, (path, answer.status, answer.text())
    return answer.headers["location"]


def file_of(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_a_learners_empty_pages(device: Open) -> None:
    cerys = device("cerys")
    cerys.foresee("status of 404")
    activity = cerys.open_activity()
    with Inspection() as inspection:
        for path in (
            *("summary", "change", "goals", "training", "training-record", "papers", "sharing"),
            *("my-record", "my-record/import", "papers/record", "looking-back"),
        ):
            inspection.look(f"{path}, empty", activity.open(path))


def filled(site: Site, amina: Device) -> Activity:
    """A learner with answers, notes, goals, training, snapshots, a link and a paper."""
    Learner(site, "amina").open().rate_all(CODES[:4], "working-towards")
    activity = amina.open_activity()
    send(activity, "snapshots", {"label": "Before my placement, Llŷr"})
    for code, state in ((CODES[0], "achieved"), (CODES[4], "achieved")):
        domain = activity.open_domain(1)
        domain.locator(f'[name="state-{code}"][value="{state}"]').check()
        expect(domain.locator(f'[data-code="{code}"] [data-status]')).to_contain_text("Saved")
    for code in (CODES[1], ""):
        send(activity, "goals/new", GOAL | {"code": code})
    certificate = file_of("Żółć 1.pdf", files.PDF)
    send(activity, "training-record/new", ENTRY | {"certificate": certificate})
    send(activity, "papers", {"kind": "plan", "do": "pdf"})
    return activity


def test_a_learners_filled_pages(site: Site, device: Open) -> None:
    activity = filled(site, device("amina"))
    with Inspection() as inspection:
        for path in ("summary?notes=1", "change", "training", "goals", "goals/new?code=1.02"):
            inspection.look(path, activity.open(path))
        tool = activity.open("goals")
        tool.locator(".goal-what a").first.click()
        tool.get_by_role("link", name="Edit this goal").wait_for()
        inspection.look("goal", tool)
        tool = activity.open("training-record")
        inspection.look("training-record", tool)
        tool.get_by_role("link", name="Edit").first.click()
        activity.heading("Edit training")
        inspection.look("training, edited", tool)
        tool = activity.open("papers")
        expect(tool.get_by_role("link", name="Download the PDF")).to_be_visible()
        inspection.look("papers, one ready", tool)
        for path in ("papers/grid?notes=1", "papers/plan", "papers/record", "my-record"):
            inspection.look(path, activity.open(path))
        zipped = activity.page.context.request.get(f"{activity.home}my-record/zip").body()
        tool = activity.open("my-record/import")
        tool.get_by_label("The zip of your record").set_input_files([file_of("r.zip", zipped)])
        tool.get_by_role("button", name="Look at it").click()
        activity.heading("A record from elsewhere")
        inspection.look("record brought", tool)


def test_a_learners_forms_that_were_refused(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.foresee("status of 400", "status of 413")
    activity = filled(site, amina)
    with Inspection() as inspection:
        for path, button, field in (
            ("goals/new", "Save", "By when?"),
            ("training-record/new", "Save", "How many hours?"),
        ):
            tool = activity.open(path)
            tool.get_by_label(field).fill("")
            tool.get_by_role("button", name=button, exact=True).click()
            expect(tool.locator("#problems")).to_be_focused()
            inspection.look(f"{path}, refused", tool)
        tool = activity.open("papers")
        tool.get_by_label("First day").fill("2026-03-14")
        tool.get_by_label("Last day").fill("2025-03-14")
        tool.locator("#record").get_by_role("button", name="Make a PDF").click()
        expect(tool.get_by_role("heading", name="Nothing was made yet")).to_be_visible()
        inspection.look("papers, refused", tool)
        tool = activity.open("change")
        tool.get_by_label("A name for it").fill(TOO_LONG)
        tool.get_by_role("button", name="Keep today's state").click()
        expect(tool.locator("#problems")).to_be_visible()
        inspection.look("change, refused", tool)
        tool = activity.open("my-record/import")
        tool.get_by_label("The zip of your record").set_input_files(
            [file_of("r.zip", b"not a zip")]
        )
        tool.get_by_role("button", name="Look at it").click()
        expect(tool.locator("#problems")).to_be_visible()
        inspection.look("import, refused", tool)


def test_shared_links_and_what_their_readers_see(site: Site, device: Open) -> None:
    amina, reader = device("amina"), device("amina")
    reader.context.clear_cookies()
    amina.foresee("status of 400", "status of 401")
    reader.foresee("status of 404", "status of 401")
    activity = filled(site, amina)
    with Inspection() as inspection:
        tool = activity.open("sharing/new")
        inspection.look("sharing, new", tool)
        for tick in tool.get_by_role("checkbox").all():
            tick.uncheck()
        tool.get_by_role("button", name="Make the link").click()
        expect(tool.locator("#problems")).to_be_focused()
        inspection.look("sharing, refused", tool)
        for tick in tool.get_by_role("checkbox").all():
            tick.check()
        tool.get_by_role("button", name="Update the preview").click()
        expect(tool.locator(".reader")).to_be_visible()
        tool.get_by_role("button", name="Make the link").click()
        expect(tool.get_by_text("Your link is ready.")).to_be_visible()
        inspection.look("sharing, made", tool)
        link = tool.get_by_label("The link to send").input_value()
        page = reader.context.new_page()
        page.goto(link)
        inspection.look("shared plan", page)
        page.goto(f"{link}x")
        inspection.look("shared plan, closed", page)
        page.goto(activity.tool.url)
        expect(page.locator("h1")).to_have_text("Your session here has ended.")
        inspection.look("sharing, no session", page)
        tool = activity.open("sharing")
        tool.get_by_role("link", name="Withdraw").click()
        activity.heading("Withdraw this link?")
        inspection.look("sharing, withdraw", tool)
        tool.get_by_role("button", name="Withdraw it now").click()
        expect(tool.get_by_role("heading", name="Closed links")).to_be_visible()
        inspection.look("sharing, withdrawn", tool)


def test_looking_back_and_a_tutors_page_of_a_learner(site: Site, device: Open) -> None:
    amina, morag = device("amina"), device("morag")
    Learner(site, "amina").open().rate_all(instrument("self-assessment-1").by_code)
    activity, tutors = amina.open_activity(LEVEL_1), morag.open_activity(LEVEL_1)
    send(activity, "goals/new", GOAL | {"code": CODES[1]})
    send(activity, "training-record/new", ENTRY)
    with Inspection() as inspection:
        tool = tutors.open("set-up")
        tool.get_by_label("Keep everybody's answers").fill(datetime.now(UTC).date().isoformat())
        tool.get_by_label("At the end, ask learners").check()
        inspection.look("set-up, looking back", tool)
        tool.get_by_role("button", name="Save the set-up").click()
        expect(tool.get_by_role("status")).to_contain_text("The set-up is saved.")
        inspection.look("looking-back", activity.open("looking-back"))
        tool = activity.open("looking-back/1")
        inspection.look("looking-back, domain", tool)
        tool.locator(f'[name="state-{CODES[0]}"][value="not-started"]').check()
        tool.get_by_role("button", name="Save", exact=True).click()
        expect(tool.get_by_role("status").first).to_contain_text("Saved: 1 answer.")
        inspection.look("looking-back, saved", tool)
        inspection.look("change, looked back", activity.open("change"))
        tool = tutors.open("course")
        tool.get_by_role("link", name="Amina").click()
        tutors.heading("Amina")
        inspection.look("learner, with goals", tool)


def test_a_providers_pages(site: Site, device: Open) -> None:
    Learner(site, "amina").open().rate_all(CODES[:2], "working-towards")
    gethin = device("gethin")
    gethin.foresee("status of 400")
    activity = gethin.open_activity()
    with Inspection() as inspection:
        tool = activity.open("catalogue/new")
        inspection.look("offer, new", tool)
        tool.get_by_role("button", name="Save the offer").click()
        expect(tool.locator("#problems")).to_be_focused()
        inspection.look("offer, refused", tool)
        offer = send(activity, "catalogue/new", OFFER).split("offer=")[1].split("&")[0]
        offer = offer.partition("#")[0]
        send(activity, f"catalogue/offers/{offer}/act", {"act": "hide"})
        for path in (f"catalogue/offers/{offer}", "catalogue?did=hide&offer=" + offer):
            inspection.look(path.replace(offer, "…"), activity.open(path))
        tool.get_by_role("link", name="Add a note").first.click()
        tool.get_by_label("Note for your learners").wait_for()
        inspection.look("offer that is shipped", tool)
        inspection.look("catalogue/gaps", activity.open("catalogue/gaps"))
        upload(inspection, activity)


def upload(inspection: Inspection, activity: Activity) -> None:
    tool = activity.open("catalogue/upload")
    inspection.look("upload", tool)
    for text, wanted in (
        ("reference,title,levels,domains\na,,9,1\n", "The file was not taken"),
        ("reference,title,levels,domains\na,One,1,1\n", "Add 1 offer"),
    ):
        tool.get_by_label("CSV file").set_input_files([file_of("o.csv", text.encode())])
        tool.get_by_role("button", name="Show what it would do").click()
        expect(tool.get_by_role("heading", name=wanted)).to_be_visible()
        inspection.look(f"upload, {wanted}", tool)


def test_the_pages_of_wording(site: Site, device: Open) -> None:
    Learner(site, "amina").open().rate_all(CODES[:2], "working-towards")
    gethin = device("gethin")
    gethin.foresee("status of 400")
    activity = gethin.open_activity()
    with Inspection() as inspection:
        for path in ("wording", "wording/portfolio-1", "wording/portfolio-1/1.01"):
            inspection.look(path, activity.open(path))
        tool = activity.open(f"wording/self-assessment-1/{CODES[1]}")
        for part in ("Knowledge", "Ability"):
            tool.get_by_label(part).first.fill("")
        tool.get_by_role("button", name="Save this wording").click()
        expect(tool.locator("#problems")).to_be_focused()
        inspection.look("statement, refused", tool)
        tool.get_by_label("Knowledge").first.fill("In our own words: Llŷr.")
        tool.get_by_role("radio", name="Our organisation's").check()
        tool.get_by_label("Why it changes").fill("Nobody understood it.")
        tool.get_by_role("button", name="Show before and after").click()
        expect(tool.get_by_role("heading", name="Before and after")).to_be_visible()
        inspection.look("statement, before and after", tool)
        tool.get_by_role("button", name="Save this wording").click()
        expect(tool.get_by_role("status")).to_contain_text("Saved.")
        inspection.look("statement, saved", tool)
        learner = device("amina").open_activity()
        inspection.look("domain, reworded", learner.open_domain(1))
