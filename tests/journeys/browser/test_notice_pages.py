"""Notices and e-mail in the LMS's frame: axe, fit, touch; from the bar to the page told of."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.courses.models import Membership, Person, Placement
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from tests.journeys.browser.device import Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

LONG = "Portfolio, Level 3: practice, leadership and supervision in specialist services"


def tell_person(site: Site, name: str, count: int) -> None:
    """Tells somebody several things, as what happens to a portfolio would."""
    kinds = [Kind.SUBMITTED, Kind.STATEMENT_GIVEN, Kind.REVIEW_BEGUN, Kind.OUTCOME_RELEASED]
    with site.database.transaction() as session:
        person = session.execute(select(Person).where(Person.name.startswith(name))).scalar_one()
        placement = (
            session.execute(
                select(Placement.id)
                .join(Membership, Membership.course_id == Placement.course_id)
                .where(Membership.person_id == person.id)
                .order_by(Placement.id)
            )
            .scalars()
            .first()
        )
        tell(
            session,
            [
                Telling(
                    person.id,
                    person.organisation_id,
                    kinds[number % len(kinds)],
                    f"journey:{number}",
                    placement_id=placement,
                    endpoint="personal.mine" if number % 2 else "",
                    params={"title": LONG, "code": "1.01"},
                )
                for number in range(count)
            ],
        )


def test_from_the_bar_to_the_notice_to_its_page(site: Site, device: Open) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    with Inspection() as inspection:
        inspection.look("notices, none", activity.open("notifications"))
        tell_person(site, "Amina", 5)
        inspection.look("start with notices", activity.open(""))
        tool = activity.open("history")
        tool.get_by_role("link", name="5 new notices").click()
        expect(tool.locator("h1")).to_have_text("Notices")
        inspection.look("notices", tool)
        first = tool.locator(".notice-list > li").nth(1)
        first.get_by_role("button", name="Look at it").press("Enter")
        expect(tool.locator("h1")).to_contain_text("Everything about me")
        tool = activity.open("notifications")
        expect(tool.locator(".notice-new")).to_have_count(4)
        tool.get_by_role("button", name="Mark all as read").click()
        expect(tool.get_by_role("status")).to_contain_text("marked as read")
        expect(tool.locator(".notice-new")).to_have_count(0)
        inspection.look("notices, read", tool)


def test_an_administrator_sets_up_e_mail(site: Site, device: Open) -> None:
    ada = device("gethin")
    ada.foresee("status of 400")
    activity = ada.open_activity()
    with Inspection() as inspection:
        tool = activity.open("mail")
        inspection.look("e-mail, nothing", tool)
        tool.get_by_label("Name of the server").fill("no server")
        tool.get_by_role("button", name="Save").click()
        expect(tool.get_by_role("heading", name="Not saved yet")).to_be_visible()
        inspection.look("e-mail, wrong", tool)
        tool.get_by_label("Name of the server").fill("127.0.0.1")
        tool.get_by_label("Port", exact=True).fill("1")
        tool.get_by_label("None: only for").check()
        tool.get_by_label("E-mail address").fill("no-reply@example.org")
        tool.get_by_role("button", name="Save").click()
        expect(tool.get_by_role("status")).to_contain_text("Saved")
        tool.get_by_role("button", name="Send a test message").click()
        expect(tool.get_by_text("The mail server cannot be reached.").first).to_be_visible()
        inspection.look("e-mail, not reached", tool)
