"""The register in the LMS's frame and before the public: axe, fit, touch; keyboard; embedding."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.courses.models import Organisation, Person
from lti_tool.kernel import clock
from tests.journeys.browser.device import Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def recognise(site: Site, name: str, level: int, days: int) -> None:
    """Puts somebody on the register as an operator does."""
    with site.database.transaction(write=False) as session:
        person, organisation = session.execute(
            select(Person.public_id, Organisation.name)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .where(Person.name.startswith(name))
        ).one()
    day = (clock.now() - timedelta(days=days)).date().isoformat()
    words = ("register", "add", "--person", person, "--level", str(level))
    site.command(*words, "--organisation", organisation, "--recognised-on", day)


def test_from_recognition_to_the_public_register(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.foresee("status of 404", "status of 400")
    activity = amina.open_activity()
    with Inspection() as inspection:
        inspection.look("recognition, empty", activity.open("recognition"))
        recognise(site, "Amina", 2, 1)
        recognise(site, "Amina", 1, 365 * 3 - 20)
        tool = activity.open("recognition")
        inspection.look("recognition", tool)
        card = tool.get_by_role("region", name="Level 2")
        card.get_by_label("Name to show").fill("Dr Amina Hassan, Llŷr")
        card.get_by_label("Place (if you like)").fill("Leeds")
        card.get_by_text("Shown: anybody").click()
        card.get_by_label("Place (if you like)").press("Enter")
        expect(tool.get_by_role("status")).to_contain_text("Saved.")
        address = tool.locator("a.register-address").first.get_attribute("href")
        with activity.page.expect_download() as download:
            tool.get_by_role("link", name="Certificate (PDF), Level 2").click()
        assert download.value.suggested_filename == "imh-recognition-level-2.pdf"
        page = amina.context.new_page()
        for name, path in (
            ("search", "/register"), ("found", "/register?name=llyr"), ("short", "/register?name=l"),
            ("nobody", "/register?name=nobody"), ("embedded", "/register/embed?name=amina"),
            ("verify", "/verify"), ("no code", "/verify?code=x"), ("unknown", "/register/unknown"),
        ):  # fmt: skip
            page.goto(site.url + path)
            inspection.look(f"public: {name}", page)
        page.goto(str(address))
        inspection.look("verified", page)
        expect(page.locator("h1")).to_have_text("Dr Amina Hassan, Llŷr")


def test_a_site_of_others_frames_the_search_and_nothing_else(site: Site, device: Open) -> None:
    """From the development LMS's address, which is another origin than the tool's."""
    amina = device("amina")
    amina.foresee("frame-ancestors", "X-Frame-Options", "chrome-error")
    amina.open_activity()
    page = amina.context.new_page()
    page.goto(site.lms.url)
    framed = """(address) => new Promise((done) => {
        const frame = document.createElement("iframe");
        frame.src = address;
        frame.onload = () => done(true);
        document.body.append(frame);
    })"""
    page.evaluate(framed, f"{site.url}/register/embed")
    tool = page.frames[-1]
    tool.get_by_label("Name").fill("nobody at all")
    tool.get_by_label("Name").press("Enter")
    expect(tool.get_by_role("heading", name="Nobody found")).to_be_visible()
