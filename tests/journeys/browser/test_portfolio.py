"""Building a portfolio: on a phone, without a network, in two tabs, by the keyboard alone."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update

from lti_tool.competencies.crosswalk import rests_on
from lti_tool.courses.models import Placement
from lti_tool.portfolios.models import Account, AccountVersion
from lti_tool.web.models import WebSession
from tests.journeys.browser.device import PHONE, SAVED, Activity, Competency, Open, View, page_of
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_keyboard import tab_to
from tests.journeys.browser.test_never_lost import KEPT, close_tab_offline
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

FIRST = "I sat with a mother and her baby. She mirrored his yawn, and I said what I saw."
MORE = " Then we waited."
LONG = f"# What I did\n\n{FIRST}\n\n- I **waited**\n- I named it\n\nCall 07700 900123."


def stored(site: Site, code: str = "1.01") -> str | None:
    with site.database.transaction(write=False) as session:
        return session.execute(
            select(Account.text).where(Account.code == code)
        ).scalar_one_or_none()


def ask_for_portfolio(site: Site, instrument: str = "portfolio-1") -> None:
    """Every activity of the course asks for a portfolio, as if a tutor had set it up so."""
    with site.database.transaction() as session:
        values = {"instrument": instrument, "set_up_by": "tutor", "domains": []}
        session.execute(update(Placement).values(**values))


class Desk:
    """A task's page in a tab."""

    def __init__(self, view: View) -> None:
        view.locator("[data-save-state][data-kind]").wait_for(state="attached")
        self.view = view
        self.box = view.locator("#text")
        self.status = view.locator("[data-status]")

    def type(self, text: str) -> None:
        page_of(self.view).bring_to_front()
        self.box.press("Control+End")
        self.box.press_sequentially(text)

    def is_saved(self) -> None:
        expect(self.status).to_have_text(SAVED, timeout=20_000)


def open_task(activity: Activity, code: str = "1.01") -> Desk:
    """Opens a task from the overview, in this tab, which comes to the front."""
    activity.page.bring_to_front()
    tool = activity.open("portfolio/")
    tool.locator(f'.task-row[href$="/task/{code}"]').click()
    tool.locator(f'form[data-task="{code}"]').wait_for()
    return Desk(tool)


def choose(activity: Activity, level: int = 1) -> None:
    activity.open("portfolio/level").get_by_role("button", name=f"Choose level {level}").click()
    activity.heading("Your portfolio")


def test_from_the_first_launch_to_a_text_on_a_phone_that_no_lost_network_takes_away(
    site: Site, device: Open
) -> None:
    amina = device("amina", size=PHONE)
    activity = amina.open_activity()
    ask_for_portfolio(site)
    activity.launch_again()
    activity.heading("Which level is yours?")
    tool = activity.tool
    for question, answer in (("regulated", "Yes"), ("autonomous", "No"), ("specialist", "No")):
        tool.locator(f'fieldset:has([name="{question}"])').get_by_text(answer, exact=True).click()
    tool.get_by_role("button", name="Suggest a level").click()
    expect(tool.locator("#suggestion")).to_contain_text("Answer all four questions")
    tool.locator('fieldset:has([name="leading"])').get_by_text("No", exact=True).click()
    tool.get_by_role("button", name="Suggest a level").click()
    expect(tool.locator("#suggestion")).to_contain_text("Level 1 describes your work best")
    tool.get_by_role("button", name="Choose level 1").click()
    activity.heading("Your portfolio")
    tool.get_by_role("link", name="Begin with task 1.01").click()
    desk = Desk(tool)
    desk.type(FIRST)
    desk.is_saved()
    assert stored(site) == FIRST
    amina.lose_network()
    desk.type(MORE)
    tool.locator('[name="ticks"]').first.check()
    expect(desk.status).to_have_text(KEPT)
    assert stored(site) == FIRST
    amina.find_network()
    desk.is_saved()
    assert stored(site) == FIRST + MORE
    amina.lose_network()
    desk.type(" Nothing was lost.")
    expect(desk.status).to_have_text(KEPT)
    close_tab_offline(site, activity)
    amina.find_network()
    activity = amina.open_activity()
    expect(activity.tool.locator("[data-offers]")).to_contain_text("Task 1.01")
    activity.tool.get_by_role("link", name="Task 1.01", exact=True).click()
    desk = Desk(activity.tool)
    expect(desk.box).to_have_value(f"{FIRST}{MORE} Nothing was lost.")
    desk.is_saved()
    assert stored(site) == f"{FIRST}{MORE} Nothing was lost."
    activity.open("portfolio/")
    expect(activity.tool.locator("[data-offers]")).to_be_hidden()


def test_two_tabs_never_write_over_each_other_and_versions_come_back(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    amina.foresee("status of 409")
    one = amina.open_activity()
    choose(one)
    first = open_task(one)
    two = amina.open_activity()
    second = open_task(two)
    first.type(FIRST)
    first.is_saved()
    expect(second.box).to_have_value(FIRST)  # it heard of it
    # A tab that hears of nothing, as on another device.
    two.tool.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    one.tool.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    second.type(" From the second tab.")
    second.is_saved()
    first.type(" From the first tab.")
    panel = first.view.locator("[data-conflict]")
    expect(panel).to_contain_text("From the second tab.")
    expect(panel).to_contain_text("From the first tab.")
    panel.get_by_role("button", name="Take the other").click()
    expect(first.box).to_have_value(f"{FIRST} From the second tab.")
    first.view.locator("[data-undo]").click()
    first.is_saved()
    assert stored(site) == f"{FIRST} From the first tab."
    tool = one.tool
    tool.get_by_role("link", name="Earlier versions").click()
    one.heading("Versions of your account")
    tool.locator(".version-row").nth(1).click()
    expect(tool.locator("del, ins").first).to_be_visible()
    expect(tool.locator(".sheet.account-text")).to_contain_text("From the second tab.")
    tool.get_by_role("button", name="Put this version back").click()
    expect(tool.locator("#text")).to_have_value(f"{FIRST} From the second tab.")
    tool.get_by_role("button", name="Undo").click()
    expect(tool.locator("#text")).to_have_value(f"{FIRST} From the first tab.")
    with site.database.transaction(write=False) as session:
        assert len(session.execute(select(AccountVersion.id)).all()) >= 4


def test_a_session_that_ended_loses_nothing_and_says_what_to_do(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.foresee("status of 401")
    activity = amina.open_activity()
    choose(activity)
    desk = open_task(activity)
    with site.database.transaction() as session:
        session.execute(delete(WebSession))
    desk.type(FIRST)
    expect(desk.view.locator("[data-page-notice]")).to_contain_text("Your session has ended.")
    activity.launch_again()
    again = open_task(activity)
    expect(again.box).to_have_value(FIRST)
    again.is_saved()
    assert stored(site) == FIRST


def test_places_are_shown_left_and_found_again(site: Site, device: Open) -> None:
    activity = device("amina").open_activity()
    choose(activity)
    desk = open_task(activity)
    tool = activity.tool
    desk.type("Call 07700 900123 or 943 476 5919.")
    places = tool.locator("[data-places]")
    expect(places.locator(".place")).to_have_count(2)
    places.get_by_role("button", name="Show it 943 476 5919").click()
    chosen = "() => { const b = document.activeElement; return b.value.slice(b.selectionStart, b.selectionEnd); }"
    assert tool.evaluate(chosen) == "943 476 5919"
    places.get_by_role("button", name="Leave it 07700 900123").click()
    expect(places.locator(".place")).to_have_count(1)
    desk.is_saved()
    again = open_task(activity)
    expect(again.view.locator(".place")).to_have_count(1)
    desk.box.press("Control+a")
    tool.get_by_role("button", name="Bold").click()
    expect(again.box).to_have_value("**Call 07700 900123 or 943 476 5919.**")
    again.box.press("Control+z")
    expect(again.box).to_have_value("Call 07700 900123 or 943 476 5919.")
    tool.get_by_role("button", name="Preview").click()
    expect(tool.locator("[data-preview-pane]")).to_contain_text("943 476 5919")


def test_a_note_is_added_after_what_is_typed_and_taken_out_again(site: Site, device: Open) -> None:
    activity = device("amina").open_activity()
    code = rests_on("portfolio-1", "1.01")[0].code
    answer = Competency(activity.open_domain(int(code[0])), code)
    answer.choose("Achieved")
    answer.write("He turned to her voice.")
    answer.is_saved()
    choose(activity)
    desk = open_task(activity)
    desk.type(FIRST)
    tool = activity.tool
    own = tool.get_by_role("region", name="From your own pages")
    expect(own).to_contain_text("You wrote in your self-assessment")
    tool.get_by_role("button", name="Add to my text").click()
    expect(desk.box).to_have_value(f"{FIRST}\n\nHe turned to her voice.")
    desk.type(" And smiled.")
    tool.locator("[data-undo]").click()
    expect(desk.box).to_have_value(f"{FIRST} And smiled.")
    desk.is_saved()
    assert stored(site) == f"{FIRST} And smiled."


def test_by_the_keyboard_alone(site: Site, device: Open) -> None:
    activity = device("amina").open_activity()
    choose(activity)
    open_task(activity)
    activity.tool.evaluate("document.querySelector('main').focus()")
    keyboard = activity.page.keyboard
    tab_to(activity, {"name": "ticks", "value": "0"})
    keyboard.press("Space")
    tab_to(activity, {"id": "text"})
    keyboard.type(LONG)
    expect(activity.tool.locator(".place")).to_have_count(1)  # once it is saved
    tab_to(activity, {"words": "Leave it.*"})
    keyboard.press("Enter")
    tab_to(activity, {"name": "declaration"})
    keyboard.press("ArrowUp")
    tab_to(activity, {"words": "Save and go on.*"})
    keyboard.press("Enter")
    activity.heading("1.02")
    assert stored(site) == LONG
    with site.database.transaction(write=False) as session:
        account = session.execute(select(Account)).scalar_one()
        assert (account.ticks, account.places) == ([0], 0)
        assert account.declaration in {"anonymised", "consent"}


def test_every_page_of_it(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.foresee("status of 413")
    activity = amina.open_activity()
    with Inspection() as inspection:
        tool = activity.open(
            "portfolio/level?regulated=yes&autonomous=yes&specialist=yes&leading=no&ask=1"
        )
        inspection.look("level", tool)
        choose(activity)
        inspection.look("overview, empty", tool)
        desk = open_task(activity)
        inspection.look("task, empty", tool)
        desk.box.fill(LONG)
        desk.is_saved()
        expect(tool.locator(".place")).to_have_count(1)
        inspection.look("task", tool)
        tool.get_by_role("button", name="Preview").click()
        expect(tool.locator("[data-preview-pane] h3")).to_be_visible()
        inspection.look("task, preview", tool)
        open_task(activity).box.fill(f"{FIRST} Quite other words.")
        desk.is_saved()
        inspection.look("overview", activity.open("portfolio/"))
        desk = open_task(activity)
        tool.get_by_role("link", name="Earlier versions").click()
        activity.heading("Versions")
        inspection.look("versions", tool)
        tool.locator(".version-row").last.click()
        expect(tool.get_by_role("heading", name="As it reads")).to_be_visible()
        inspection.look("version", tool)
        ask_for_portfolio(site)
        gethin = device("gethin").open_activity()
        expect(gethin.tool.locator(".learners")).to_be_visible()
        inspection.look("tutor's course page", gethin.tool)
        inspection.look("what learners see", gethin.open("portfolio/"))
    assert re.search("other words", stored(site) or "")
