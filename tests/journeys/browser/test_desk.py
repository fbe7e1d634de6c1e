"""The desk in a browser: nothing typed is lost, the keyboard alone is enough, every page looked at."""

import re

import pytest
from playwright.sync_api import Frame, expect

from lti_tool.demo.seed import REVIEWERS
from tests.journeys.browser.device import PHONE, SAVED, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_reviewed import (
    LEVEL_1,
    READING,
    TEXT,
    Learner,
    Person,
    Reader,
    appoint,
)
from tests.journeys.processes import PATIENCE
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser
SLOWLY = PATIENCE * 1000


def handed_in(site: Site, device: Open) -> tuple[Reader, Person]:
    """Amina's portfolio on Rhiannon's desk, and the office."""
    rhiannon = Reader(device("rhiannon"), 1)
    office = Person(device("gethin"), READING, REVIEWERS)
    appoint(office, "Rhiannon")
    amina = Learner(device("amina"), LEVEL_1, 1)
    amina.choose()
    amina.write_by_page("1.01", TEXT)
    amina.write_the_rest("1.01")
    amina.hand_in()
    return rhiannon, office


def is_saved(tool: Frame, code: str) -> None:
    status = tool.locator(f'form[data-finding="{code}"] [data-status]')
    expect(status).to_have_text(SAVED, timeout=SLOWLY)


def test_by_keyboard_saved_as_one_goes_and_never_lost(site: Site, device: Open) -> None:
    rhiannon, office = handed_in(site, device)
    page = rhiannon.activity.page
    with Inspection() as inspection:
        inspection.look("assessors", office.open("assessors"))
        inspection.look("rules for reviews", office.open("review-rules"))
        inspection.look("queue", rhiannon.open("desk"))
        desk = rhiannon.take_up()
        first, second, third, *_ = rhiannon.codes
        tool = rhiannon.tool
        inspection.look("a reading", tool)

        # The verdict and the words by keyboard; Ctrl and Enter save and lead on.
        page.bring_to_front()
        tool = rhiannon.open(f"{desk}?task={first}")
        tool.locator(f'form[data-finding="{first}"] [value="met"]').focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("Say what came of it.")
        page.keyboard.press("Control+Enter")
        tool.locator(f'form[data-finding="{second}"]').wait_for()
        page.keyboard.press("Alt+PageUp")
        box = tool.locator(f'form[data-finding="{first}"] textarea')
        expect(box).to_have_value("Say what came of it.")
        expect(tool.locator('[name="verdict"][value="partly"]')).to_be_checked()
        page.keyboard.press("Alt+PageDown")
        tool.locator(f'form[data-finding="{second}"]').wait_for()

        # What is typed while the network is away is there again after a reload, and gets saved.
        rhiannon.device.lose_network()
        tool.locator(f'form[data-finding="{second}"] textarea').fill("Typed on the train.")
        expect(tool.locator("[data-save-state]")).to_have_attribute(
            "data-kind", "trouble", timeout=SLOWLY
        )
        rhiannon.device.find_network()
        tool = rhiannon.open(f"{desk}?task={second}")
        expect(tool.locator(f'form[data-finding="{second}"] textarea')).to_have_value(
            "Typed on the train."
        )
        is_saved(tool, second)

        # Phrases: kept from the feedback, put in elsewhere.
        tool.locator("[data-phrases] > summary").click()
        tool.get_by_role("button", name="Keep this feedback as a phrase").click()
        expect(tool.locator("[data-phrase-list] button")).to_have_count(1)
        tool = rhiannon.open(f"{desk}?task={third}")
        tool.locator("[data-phrases] > summary").click()
        tool.locator("[data-phrase-list] button").click()
        expect(tool.locator(f'form[data-finding="{third}"] textarea')).to_have_value(
            "Typed on the train."
        )
        is_saved(tool, third)
        inspection.look("phrases", rhiannon.open("desk/phrases"))
        inspection.look("conflicts", rhiannon.open("desk/conflicts?name=amina"))

        # Finishing too early names what is missing.
        tool = rhiannon.open(f"{desk}?step=conclusion")
        rhiannon.device.foresee("status of 409")
        rhiannon.click("Finish reading")
        expect(tool.locator("[data-missing]")).to_be_focused()
        inspection.look("what is missing", tool)
        inspection.look("all on one page", rhiannon.open(f"{desk}?view=all"))
        inspection.look("the list", office.open("reviews"))
        office.click(re.compile("^Who reads it"), "link")
        office.tool.wait_for_url(re.compile("/readers$"))
        expect(office.tool.locator("main")).to_contain_text("Rhiannon")
        inspection.look("who reads it", office.tool)


def test_two_tabs_on_a_phone_keep_both_versions_until_one_is_chosen(
    site: Site, device: Open
) -> None:
    rhiannon, _office = handed_in(site, device)
    desk = rhiannon.take_up()
    phone = Reader(device("rhiannon", size=PHONE), 1)
    first = rhiannon.codes[0]
    here = rhiannon.open(f"{desk}?task={first}")
    there = phone.open(f"{desk}?task={first}")
    phone.device.foresee("status of 409")
    here.locator("textarea.finding-text").fill("From the desk.")
    is_saved(here, first)
    phone.activity.page.bring_to_front()
    there.locator("textarea.finding-text").fill("From the train.")
    conflict = there.locator("[data-conflict]")
    expect(conflict.locator("[data-mine]")).to_have_text("From the train.", timeout=SLOWLY)
    expect(conflict.locator("[data-other]")).to_have_text("From the desk.")
    with Inspection() as inspection:
        inspection.look("two versions", there)
    conflict.get_by_role("button", name="Keep mine").click()
    is_saved(there, first)
    again = rhiannon.open(f"{desk}?task={first}")
    expect(again.locator("textarea.finding-text")).to_have_value("From the train.")
