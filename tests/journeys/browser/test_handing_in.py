"""Handing a portfolio in: on a phone by the keyboard alone, and every page of it looked at."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Membership
from lti_tool.kernel.actor import Actor, Role
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.queries import PortfolioView
from lti_tool.portfolios.rules import Declaration, Marks, Wish
from lti_tool.portfolios.services import Task, save_account
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import State
from tests.journeys.browser.device import PHONE, Activity, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_keyboard import enter_frame, focused, tab_to
from tests.journeys.browser.test_portfolio import Desk, ask_for_portfolio, choose
from tests.journeys.servers import Site
from tests.portfolios.handing_in import text_for

pytestmark = pytest.mark.browser
# What is left for the journey itself: a text without its declaration.
LAST = "4.01"


def write_nearly_all(site: Site) -> str:
    """Writes every task as its page would; returns the portfolio's name."""
    with site.database.transaction() as session:
        row = session.execute(select(Portfolio)).scalar_one()
        member = session.execute(
            select(Membership).where(Membership.person_id == row.person_id)
        ).scalar_one()
        roles = frozenset({Role.LEARNER})
        actor = Actor(row.person_id, row.organisation_id, member.course_id, member.id, roles)
        asked = instruments_for(session, row.organisation_id)[row.instrument]
        portfolio = PortfolioView(row.id, row.public_id, row.person_id, row.instrument, row.round)
        for code in asked.by_code:
            declared = Declaration.NONE if code == LAST else Declaration.ANONYMISED
            wish = Wish(text_for(code), 0, Marks({}, declared))
            save_account(session, actor, Task(portfolio, asked, code), wish)
    return row.public_id


def state(site: Site) -> State:
    with site.database.transaction(write=False) as session:
        portfolio = session.execute(select(Portfolio.id)).scalar_one()
        found = standing_of(session, portfolio).submission
    assert found
    return found.state


def press(activity: Activity, words: str) -> None:
    tab_to(activity, {"words": words})
    activity.page.keyboard.press("Enter")


def begin(site: Site, activity: Activity) -> str:
    ask_for_portfolio(site)
    activity.launch_again()
    choose(activity)
    return write_nearly_all(site)


def test_a_portfolio_is_handed_in_and_taken_back_on_a_phone_by_the_keyboard_alone(
    site: Site, device: Open
) -> None:
    activity = device("amina", size=PHONE).open_activity()
    keyboard = activity.page.keyboard
    name = begin(site, activity)
    activity.open(f"portfolio/{name}/hand-in")
    enter_frame(activity)
    press(activity, f"Go to the first one {LAST}")
    activity.heading(LAST)
    desk = Desk(activity.tool)
    tab_to(activity, {"name": "declaration"})
    keyboard.press("ArrowUp")  # from "not yet" to the consent that is held
    expect(activity.tool.locator('[name="declaration"][value="consent"]')).to_be_checked()
    desk.is_saved()
    activity.open("portfolio/")
    enter_frame(activity)
    press(activity, "Hand in")
    activity.heading("Hand in your portfolio")
    tab_to(activity, {"id": "understood"})
    keyboard.press("Space")
    press(activity, "Hand in")
    activity.heading("Handed in, waiting for an assessor")
    assert "This is your receipt" in focused(activity)["words"]
    assert state(site) is State.SUBMITTED
    # The worker makes the PDF meanwhile, and the page says so by itself.
    expect(activity.tool.get_by_role("link", name="Download the PDF")).to_be_visible(timeout=60_000)
    press(activity, "Take it back")
    press(activity, "Yes, take it back")
    activity.heading("Taken back")
    assert state(site) is State.WITHDRAWN


def test_every_page_of_handing_in_is_within_wcag_and_fits_a_phone(site: Site, device: Open) -> None:
    activity = device("amina").open_activity()
    name = begin(site, activity)
    with Inspection() as inspection:
        inspection.look("something missing", activity.open(f"portfolio/{name}/hand-in"))
        tool = activity.open(f"portfolio/{name}/task/{LAST}")
        desk = Desk(tool)
        tool.locator('[name="declaration"][value="anonymised"]').check()
        desk.is_saved()
        tool = activity.open(f"portfolio/{name}/hand-in")
        inspection.look("ready", tool)
        tool.locator("#understood").check()
        tool.get_by_role("button", name="Hand in").click()
        activity.heading("Handed in, waiting for an assessor")
        expect(tool.get_by_role("link", name="Download the PDF")).to_be_visible(timeout=60_000)
        inspection.look("receipt", activity.tool)
        for words, heading in (
            ("What you handed in", "What you handed in"),
            ("Check that all is unchanged", "Nothing has changed"),
        ):
            activity.tool.get_by_role("link", name=words).click()
            activity.heading(heading)
            inspection.look(words, activity.tool)
            activity.tool.get_by_role("link", name="Receipt").first.click()
            activity.heading("Handed in")
        inspection.look("submissions", activity.open(f"portfolio/{name}/submissions"))
        inspection.look("a closed task", activity.open(f"portfolio/{name}/task/1.01"))
        inspection.look("overview, handed in", activity.open("portfolio/"))
        inspection.look("closed", activity.open(f"portfolio/{name}/hand-in"))


def test_what_is_typed_while_another_tab_hands_in_is_kept_and_offered_again(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    name = begin(site, activity)
    tool = activity.open(f"portfolio/{name}/task/{LAST}")
    desk = Desk(tool)
    tool.locator('[name="declaration"][value="anonymised"]').check()
    desk.is_saved()
    other = amina.open_activity()
    other.open(f"portfolio/{name}/hand-in").locator("#understood").check()
    other.tool.get_by_role("button", name="Hand in").click()
    other.heading("Handed in, waiting for an assessor")
    amina.foresee("status of 409")
    desk.type(" And then I called my supervisor.")
    expect(desk.status).to_contain_text("kept")
    expect(tool.locator("[data-conflict]")).to_have_count(0)
    # Where the task is closed, it says what is kept; nothing of it was stored.
    closed = activity.open(f"portfolio/{name}/task/{LAST}")
    expect(closed.locator("[data-offers]")).to_contain_text(f"Task {LAST}")
    expect(closed.locator("article.frozen")).not_to_contain_text("supervisor")
    other.page.bring_to_front()
    other.tool.locator("summary", has_text="Take it back").click()
    other.tool.get_by_role("button", name="Yes, take it back").click()
    other.heading("Taken back")
    activity.page.bring_to_front()
    activity.open("portfolio/").get_by_role("link", name=f"Task {LAST}", exact=True).click()
    desk = Desk(activity.tool)
    expect(desk.box).to_have_value(f"{text_for(LAST)} And then I called my supervisor.")
    desk.is_saved()
