"""The tutor's page with a list of participants and groups: axe, fit, touch, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser.device import Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.learner import Learner
from tests.journeys.processes import eventually
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def test_a_tutor_looks_at_one_group_with_the_keyboard(site: Site, device: Open) -> None:
    site.lms.control("PUT", "profile", profile="strict")
    Learner(site, "amina").open()
    morag = device("morag")
    activity = morag.open_activity()

    def has_come() -> bool:
        return activity.open("course").get_by_role("link", name="Cerys").count() == 1

    eventually(has_come, "who never came is in the table")
    with Inspection() as inspection:
        tool = activity.open("course")
        inspection.look("course, with groups", tool)
        tool.get_by_label("Group").focus()
        tool.get_by_label("Group").select_option(label="Thursday tutorial (2)")
        tool.get_by_role("button", name="Show", exact=True).press("Enter")
        expect(tool.locator("tbody tr")).to_have_count(2)
        expect(tool.get_by_label("Group")).to_have_value("group-2")
        tool.get_by_role("link", name="2 have not started").click()
        expect(tool.locator("tbody tr")).to_have_count(2)
        tool.get_by_role("button", name="Refresh now").press("Enter")
        expect(tool.get_by_role("status")).to_contain_text("Try again in five minutes.")
        expect(tool.get_by_label("Group")).to_have_value("group-2")
        inspection.look("course, asked too often", tool)
        tool.get_by_role("link", name="Harpreet").click()
        activity.heading("Harpreet")
        inspection.look("a learner who never came", tool)
