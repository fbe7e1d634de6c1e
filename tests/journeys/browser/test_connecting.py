"""An administrator connects the LMS by an invitation, in its frame; then a learner's grade arrives."""

import re

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.journeys.browser.device import FRAME, Competency, Device, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.learner import CODES
from tests.journeys.processes import eventually
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def invitation(site: Site, organisation: str) -> str:
    """Returns the address that the operator's command prints."""
    return site.command("platform", "invite", "--organisation", organisation).split()[0]


def paste(gethin: Device, address: str) -> Page:
    """Opens the LMS's page of tools, pastes the address, and opens what it leads to."""
    page = gethin.context.new_page()
    page.goto(gethin.site.lms.url)
    page.get_by_role("link", name="Tools", exact=True).click()
    page.get_by_label("Registration address").fill(address)
    page.get_by_role("button", name="Add LTI Advantage").click()
    return page


def framed(page: Page) -> Frame:
    frame = page.locator(FRAME).element_handle().content_frame()
    assert frame
    frame.locator("main h1").wait_for()
    return frame


def test_an_lms_is_connected_in_its_frame_and_a_learners_grade_arrives(
    site: Site, device: Open
) -> None:
    gethin = device("gethin")
    page = paste(gethin, invitation(site, "Oak Institute"))
    tool = framed(page)
    expect(tool.locator("h1")).to_contain_text("Connect Moodle 4.5.5")
    expect(tool.locator("main")).to_contain_text("Oak Institute")
    with Inspection() as inspection:
        inspection.look("registration, invited", tool)
    tool.get_by_role("button", name="Connect", exact=True).click()
    # The closing message brings the LMS back to its list.
    expect(page.locator("h1")).to_have_text("Tools")
    page.get_by_role("button", name=re.compile("^Use: Infant mental health")).click()
    expect(page.locator(".lk-you")).to_have_count(1)
    assert "Oak Institute  active  moodle" in site.command("platform", "list")
    activity = device("amina").open_activity()
    activity.open_domain(1)
    answer = Competency(activity.tool, CODES[0])
    answer.choose("Achieved")
    answer.is_saved()
    eventually(lambda: site.lms.cells() != [], "the grade arrives")
    (cell,) = site.lms.cells()
    assert cell["user"] == "amina"


def test_the_pages_of_connecting(site: Site, device: Open) -> None:
    gethin = device("gethin")
    gethin.foresee("status of 403")
    with Inspection() as inspection:
        page = paste(gethin, f"{site.url}/lti/register")
        inspection.look("registration, not invited", framed(page))
        page.route("**/registering.js", lambda route: route.abort())
        gethin.foresee("ERR_FAILED")
        page.reload()
        tool = framed(page)
        tool.get_by_role("button", name="Connect", exact=True).click()
        expect(tool.locator("h1")).to_contain_text("waiting for approval")
        inspection.look("registered, waiting", tool)
        page = paste(gethin, f"{site.url}/lti/register/none")
        inspection.look("registration, refused", framed(page))
        plain = gethin.context.new_page()
        for path in ("connect", "register"):
            plain.goto(f"{site.url}/lti/{path}")
            inspection.look(path, plain)
        plain.goto(f"{site.url}/lti/connect")
        plain.get_by_role("button", name="Copy: Configuration URL (JSON)").click()
        expect(plain.locator("#canvas-json-said")).to_have_text(re.compile("Copied|marked"))
