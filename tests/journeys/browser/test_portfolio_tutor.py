"""A tutor at a portfolio: who is where, one learner, what is picked and set up; each page looked at."""

import pytest
from playwright.sync_api import expect

from lti_tool.grades.rules import DeliveryState
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.journeys.browser.device import Activity, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.lms import IMH201
from tests.journeys.processes import eventually
from tests.journeys.servers import Site
from tests.journeys.writers import PORTFOLIO, writer_at
from tests.portfolios.handing_in import Handing

pytestmark = pytest.mark.browser


def handing(site: Site, device: Open, key: str) -> Handing:
    """Somebody opens the activity from the LMS; returns them with a portfolio begun."""
    return writer_at(site, device(key).open_activity(PORTFOLIO, IMH201).tool.url)


def test_a_tutor_sees_where_every_portfolio_is(site: Site, device: Open) -> None:
    amina = handing(site, device, "amina")
    amina.make_ready()
    first = amina.hand_in()
    cerys = handing(site, device, "cerys")
    for code in cerys.codes[:4]:
        cerys.write(code, "What I saw, and what I did then.")
    siobhan = handing(site, device, "siobhan")
    siobhan.make_ready()
    siobhan.hand_in()
    eventually(
        lambda: [s.state for s in site.scores()] == [DeliveryState.DELIVERED] * 2,
        "both are announced",
    )
    with site.database.transaction() as session:
        assert begin_review(session, first.id)
        assert return_for_more(session, first.id, amina.codes[9:])
    activity: Activity = device("morag").open_activity(PORTFOLIO, IMH201)
    tool = activity.tool
    facts = tool.get_by_role("list", name="What needs you")
    expect(facts).to_contain_text("1 is handed in and waits for its outcome")
    expect(facts).to_contain_text("1 has it back from review")
    row = tool.get_by_role("row").filter(has=tool.get_by_role("rowheader", name="Cerys"))
    expect(row).to_contain_text("4 of 12 ready")
    expect(row).to_contain_text("Writing")
    row = tool.get_by_role("row").filter(has=tool.get_by_role("rowheader", name="Siobhán"))
    expect(row).to_contain_text("Handed in, not graded yet")
    with Inspection() as inspection:
        inspection.look("course page of a portfolio", tool)
        tool.get_by_role("link", name="Amina").click()
        activity.heading("Amina")
        expect(tool.get_by_role("heading", name="What was handed in")).to_be_visible()
        inspection.look("a learner's portfolio, for a tutor", tool)
        tool.goto(tool.url.split("/learners/")[0] + "/set-up")
        inspection.look("set-up of a portfolio", tool)


def test_a_portfolio_is_picked_with_a_preview(site: Site, device: Open) -> None:
    page = device("morag").open_course()
    page.get_by_role("link", name="Add activities").click()
    activity = Activity(page)
    activity.heading("Choose activities")
    tool = activity.tool
    with Inspection() as inspection:
        inspection.look("the list of the picker", tool)
        tool.get_by_role("link", name="Portfolio, Level 2").first.click()
        expect(tool.get_by_text("What learners will see")).to_be_visible()
        inspection.look("a portfolio in the picker", tool)
    tool.get_by_role("button", name="Add to your course").click()
    expect(activity.tool.locator("h1")).to_have_text("1 activity was added")
