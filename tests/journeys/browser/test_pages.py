"""Every page, wide and on a phone, light and dark: passes axe at WCAG 2.2 AA, fits, can be touched.

Pages are looked at in the LMS's frame with everything unfolded, so that nothing hides from axe.
"""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete

from lti_tool.web.models import WebSession
from tests.journeys.browser.device import (
    Competency,
    Device,
    Open,
)
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_tutor import NOT_SET_UP, class_of_three, set_up
from tests.journeys.browser.test_without import TOO_LONG
from tests.journeys.learner import CODES
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def test_a_learners_pages(device: Open) -> None:
    activity = device("amina").open_activity()
    tool = activity.tool
    with Inspection() as inspection:
        inspection.look("start, nothing rated", tool)
        activity.open_domain(1)
        inspection.look("domain, nothing rated", tool)
        for code, state in ((CODES[0], "Achieved"), (CODES[1], "Working towards")):
            answer = Competency(tool, code)
            answer.choose(state)
            answer.write("What I did, and what came of it.")
            answer.is_saved()
        inspection.look("domain, saved", tool)
        activity.open("")
        inspection.look("start, begun", tool)
        tool.locator("[data-menu] > summary").click()
        inspection.look("start, menu open", tool)
        for path in ("summary", "summary?notes=1", "history"):
            activity.open(path)
            inspection.look(path, tool)


def test_a_learners_pages_when_something_went_wrong(site: Site, device: Open) -> None:
    laptop, phone = device("amina"), device("amina")
    laptop.foresee("ERR_FAILED", "status of 409", "status of 413", "status of 401", "status of 404")
    activity = laptop.open_activity()
    tool = activity.open_domain(1)
    with Inspection() as inspection:
        activity.page.route("**/ratings", lambda route: route.abort())
        Competency(tool, CODES[0]).write("Typed while the line was down.")
        expect(Competency(tool, CODES[0]).status).to_contain_text("Kept on this device")
        inspection.look("domain, not saved yet", tool)
        answer_elsewhere(phone)
        activity.open("")
        expect(tool.locator("[data-offers]")).to_be_visible()
        inspection.look("start, with what was kept", tool)
        activity.page.unroute_all()
        tool.locator("[data-offers] a").click()
        expect(tool.locator("[data-kept]")).to_be_visible()
        inspection.look("domain, with what was kept", tool)
        tool.get_by_role("button", name="Use it").click()
        Competency(tool, CODES[0]).is_saved()
        answer_elsewhere(phone)
        Competency(tool, CODES[0]).write("Typed on the laptop.")
        expect(tool.locator("[data-conflict]")).to_be_visible()
        inspection.look("domain, two versions", tool)
        Competency(tool, CODES[1]).write(TOO_LONG)
        tool.evaluate("document.querySelector('form[data-domain]').submit()")
        expect(tool.locator("#problems")).to_be_visible()
        inspection.look("domain, refused by the server", tool)
        activity.open("domain/99")
        inspection.look("error, no such domain", tool)
        activity.open("domain/2")
        end_sessions(site)
        Competency(tool, "2.01").choose("Achieved")
        expect(tool.get_by_role("alert")).to_contain_text("Your session has ended.")
        inspection.look("domain, session ended", tool)
        activity.open("summary")
        expect(tool.locator("h1")).to_have_text("Your session here has ended.")
        inspection.look("error, session ended", tool)


def answer_elsewhere(phone: Device) -> None:
    """Changes the first answer on another device."""
    answer = Competency(phone.open_activity().open_domain(1), CODES[0])
    answer.choose("Achieved")
    answer.type("Written on the phone. ")
    answer.is_saved()


def end_sessions(site: Site) -> None:
    with site.database.transaction() as session:
        session.execute(delete(WebSession))


def test_a_tutors_pages(site: Site, device: Open) -> None:
    morag = device("morag")
    morag.foresee("status of 400")
    activity = morag.open_activity()
    tool = activity.tool
    with Inspection() as inspection:
        inspection.look("course, nobody has come", tool)
        class_of_three(site)
        for path in ("course", "course?sort=-progress&show=grade-failed", "course?retried=1"):
            activity.open(path)
            inspection.look(path, tool)
        tool.locator("[data-menu] > summary").click()
        inspection.look("course, menu open", tool)
        for name in ("Amina", "Cerys"):
            activity.open("course")
            tool.get_by_role("link", name=name).click()
            activity.heading(name)
            inspection.look(f"learner {name}", tool)
        for path in ("", "domain/1", "set-up"):
            activity.open(path)
            inspection.look(f"tutor’s {path or 'start'}", tool)
        set_up(tool, domains=(), rule="Not graded")
        expect(tool.locator("#problems")).to_be_visible()
        inspection.look("set-up, not saved", tool)


def test_pages_of_an_activity_that_is_not_set_up(device: Open) -> None:
    with Inspection() as inspection:
        inspection.look("not set up", device("amina").open_activity(NOT_SET_UP).tool)
        activity = device("morag").open_activity(NOT_SET_UP)
        inspection.look("set-up, new", activity.tool)
        inspection.look("not set up, for a tutor", activity.open(""))


def test_pages_on_the_way_in_without_cookies(chromium: Browser, other_site: Site) -> None:
    amina = Device(chromium, other_site, "amina")
    amina.foresee("status of 401")
    activity = amina.open_activity()
    link = activity.tool.get_by_role("link", name="Open in a new tab")
    address = f"{other_site.url}{link.get_attribute('href')}"
    with Inspection() as inspection:
        inspection.look("new tab", activity.tool)
        tab = amina.context.new_page()
        tab.goto(address)
        inspection.look("confirm", tab)
        tab.get_by_role("button", name="Continue").click()
        tab.locator(".next-step").wait_for()
        tab.goto(address)
        inspection.look("error, link used", tab)
    amina.close()
    amina.assert_calm()
