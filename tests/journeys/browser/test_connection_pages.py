"""An administrator's pages on connections: axe, fit, touch, light and dark, and a test that ends live."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.device import Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.learner import LEVEL_1, Learner
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def test_the_pages_of_connections(site: Site, device: Open) -> None:
    Learner(site, "amina", LEVEL_1).open()
    gethin = device("gethin")
    gethin.foresee("status of 400")
    activity = gethin.open_activity()
    with Inspection() as inspection:
        inspection.look("connections", activity.open("connections"))
        tool = activity.open("connections/1")
        inspection.look("connection, not tested", tool)
        tool.get_by_role("button", name="Test it now").click()
        expect(tool.locator(".test-running")).to_be_visible()
        inspection.look("connection, under test", tool)
        site.start_worker()
        expect(tool.locator(".steps")).to_be_visible()
        expect(tool.locator("[data-test-said]")).to_contain_text("all is well")
        expect(tool.get_by_role("button", name="Test it again")).to_be_visible()
        inspection.look("connection, tested", tool)
        tool.get_by_label("Name", exact=True).fill("x" * 121)
        tool.get_by_role("button", name="Save the name").click()
        expect(tool.locator("#problems")).to_be_focused()
        inspection.look("connection, name refused", tool)
        tool.get_by_label("Name", exact=True).fill("Larkfield of Llŷr")
        tool.get_by_role("button", name="Save the name").click()
        expect(tool.get_by_role("status").first).to_contain_text("Larkfield of Llŷr")
        inspection.look("connection, renamed", tool)
        tool.get_by_role("link", name="Switch it off").click()
        expect(tool.get_by_role("heading", name="You came in here yourself")).to_be_visible()
        inspection.look("connection, off?", tool)
        tool.get_by_role("button", name="Switch it off now").click()
        expect(tool.locator("#problems")).to_be_focused()
        inspection.look("connection, off refused", tool)
        tool.get_by_label("I know that I lock myself out").check()
        tool.get_by_role("button", name="Switch it off now").click()
        expect(tool.get_by_role("heading", name="is switched off")).to_be_visible()
        inspection.look("connection, shut", tool)
