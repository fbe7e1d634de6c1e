"""What a learner typed is never lost: by a lost network, a closed tab, an ended session, a crash."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete, select

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.web.models import WebSession
from tests.journeys.browser.device import Activity, Competency, Open
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser

CODE, OTHER = "1.01", "1.02"
NOTE = "She mirrored her baby’s yawn, and I said what I saw."
KEPT = "Not saved yet. Kept on this device; trying again."


def stored(site: Site, code: str = CODE) -> str | None:
    """The note on record."""
    with site.database.transaction(write=False) as session:
        return session.execute(select(Rating.note).where(Rating.code == code)).scalar_one_or_none()


def notes_ever_stored(site: Site) -> list[str]:
    """Every note that was on record once, in order."""
    with site.database.transaction(write=False) as session:
        return list(
            session.execute(select(RatingChange.to_note).order_by(RatingChange.id)).scalars()
        )


def bar(activity: Activity) -> str:
    return activity.tool.locator("[data-save-state]").inner_text()


def close_tab_offline(site: Site, activity: Activity) -> None:
    """Closes the tab with nothing to listen: Chromium's pretence of no network ends with the tab."""
    site.running[-1].kill()
    activity.page.close()
    site.start_web(embedded=True)


def test_offline_it_is_kept_on_the_device_and_saved_when_the_network_is_back(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    answer.choose("Working towards")
    answer.is_saved()
    amina.lose_network()
    answer.type(NOTE)
    expect(answer.status).to_have_text(KEPT)
    assert bar(activity) == "Not saved yet"
    assert stored(site) == ""
    amina.find_network()
    answer.is_saved()
    assert re.fullmatch(r"All saved \d\d:\d\d", bar(activity))
    assert stored(site) == NOTE


def test_a_tab_closed_while_offline_gives_its_text_back_at_the_next_launch(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    tool = activity.open_domain(1)
    amina.lose_network()
    for code in (CODE, OTHER):
        answer = Competency(tool, code)
        answer.choose("Achieved")
        answer.type(f"{code}: {NOTE}")
        expect(answer.status).to_have_text(KEPT)
    close_tab_offline(site, activity)
    amina.find_network()
    activity = amina.open_activity()
    assert stored(site) is None
    tool = activity.tool
    offer = tool.get_by_role("region", name="You typed something that was not saved")
    offer.get_by_role("link", name="Domain 1: 1.01, 1.02").click()
    expect(tool.get_by_role("alert")).to_contain_text("It is back in place. (1.")
    for code in (CODE, OTHER):
        answer = Competency(tool, code)
        answer.shows("Achieved", f"{code}: {NOTE}")
        answer.is_saved()
        assert stored(site, code) == f"{code}: {NOTE}"
    activity.launch_again()
    expect(activity.tool.locator(".next-step")).to_contain_text("Continue with")
    expect(activity.tool.locator("[data-offers]")).to_be_hidden()


def test_what_was_typed_on_an_answer_that_changed_since_is_offered_not_put_in_its_place(
    site: Site, device: Open
) -> None:
    laptop, phone = device("amina"), device("amina")
    activity = laptop.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    laptop.lose_network()
    answer.type(NOTE)
    expect(answer.status).to_have_text(KEPT)
    close_tab_offline(site, activity)
    on_phone = Competency(phone.open_activity().open_domain(1), CODE)
    on_phone.choose("Achieved")
    on_phone.write("Written on the phone.")
    on_phone.is_saved()
    laptop.find_network()
    answer = Competency(laptop.open_activity().open_domain(1), CODE)
    answer.shows("Achieved", "Written on the phone.")
    expect(answer.section.locator("[data-kept]")).to_contain_text(NOTE)
    answer.section.get_by_role("button", name="Use it").click()
    answer.shows("Not started", NOTE)
    answer.is_saved()
    assert stored(site) == NOTE
    assert notes_ever_stored(site)[-2:] == ["Written on the phone.", NOTE]


def test_an_ended_session_is_told_plainly_and_the_next_launch_brings_the_text_back(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    amina.foresee("status of 401")
    activity = amina.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    answer.choose("Working towards")
    answer.is_saved()
    with site.database.transaction() as session:
        session.execute(delete(WebSession))
    answer.type(NOTE)
    expect(activity.tool.get_by_role("alert")).to_have_text(
        "Your session has ended. What you typed is kept on this device: open the activity again"
        " from your course."
    )
    expect(answer.status).to_have_text("Not saved. Kept on this device.")
    assert bar(activity) == "Not saved yet"
    activity.launch_again()
    activity.tool.get_by_role("link", name="Domain 1: 1.01", exact=True).click()
    answer = Competency(activity.tool, CODE)
    answer.shows("Working towards", NOTE)
    answer.is_saved()
    assert stored(site) == NOTE


def test_a_page_whose_session_ended_saves_once_another_tab_has_launched_again(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    amina.foresee("status of 401")
    activity = amina.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    with site.database.transaction() as session:
        session.execute(delete(WebSession))
    answer.type(NOTE)
    expect(answer.status).to_have_text("Not saved. Kept on this device.")
    amina.open_activity()
    activity.page.bring_to_front()
    activity.tool.get_by_role("button", name="Save", exact=True).click()
    answer.is_saved()
    expect(activity.tool.get_by_role("alert")).to_be_hidden()
    assert stored(site) == NOTE


def test_a_server_that_dies_and_comes_back_has_the_whole_text(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.foresee("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    activity = amina.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    answer.type("She mirrored ")
    answer.is_saved()
    site.running[-1].kill()
    answer.type("her baby’s yawn, ")
    expect(answer.status).to_have_text(KEPT)
    answer.type("and I said what I saw.")
    site.start_web(embedded=True)
    answer.is_saved()
    assert stored(site) == NOTE
    answer.shows("Not started", NOTE)


def test_where_the_browser_keeps_nothing_the_page_says_so(site: Site, device: Open) -> None:
    amina = device("amina")
    amina.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})"
    )
    answer = Competency(amina.open_activity().open_domain(1), CODE)
    amina.lose_network()
    answer.type(NOTE)
    expect(answer.status).to_have_text("Not saved yet; trying again. Keep this page open.")
    amina.find_network()
    answer.is_saved()
    assert stored(site) == NOTE


def test_saved_is_said_when_the_tool_has_confirmed_it_and_a_lost_reply_is_not_asked_about(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    amina.foresee("ERR_FAILED", "status of 409")
    activity = amina.open_activity()
    answer = Competency(activity.open_domain(1), CODE)
    held: list[Route] = []
    activity.page.route("**/ratings", lambda route: held.append(route), times=1)
    answer.type("She mirrored ")
    expect(answer.status).to_have_text("Saving…")
    held[0].fetch()  # it reaches the tool …
    assert stored(site) == "She mirrored"
    expect(answer.status).to_have_text("Saving…")
    held[0].abort()  # … and what the tool said does not come back
    expect(answer.status).to_have_text(KEPT)
    answer.type("her baby’s yawn, and I said what I saw.")
    answer.is_saved()
    expect(answer.section.locator("[data-conflict]")).to_have_count(0)
    assert notes_ever_stored(site)[0] == "She mirrored"
    assert stored(site) == NOTE


def test_what_is_answered_before_the_pages_script_has_come_is_saved_as_well(
    site: Site, device: Open
) -> None:
    activity = device("amina").open_activity()
    held: list[Route] = []
    activity.page.route("**/js/domain.js*", lambda route: held.append(route))
    tool = activity.tool
    tool.goto(f"{activity.home}domain/1", wait_until="commit")
    answer = Competency(tool, CODE)
    answer.choose("Achieved")
    answer.write(NOTE)
    assert stored(site) is None
    held[0].continue_()
    answer.is_saved()
    answer.shows("Achieved", NOTE)
    assert stored(site) == NOTE


def test_two_tabs_show_each_others_answers_and_ask_where_both_were_changed(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    one, two = amina.open_activity(), amina.open_activity()
    here, there = Competency(one.open_domain(1), CODE), Competency(two.open_domain(1), CODE)
    here.choose("Working towards")
    here.is_saved()
    there.shows("Working towards")
    expect(there.status).to_contain_text("Changed in another tab. Saved")
    amina.foresee("ERR_FAILED", "status of 409")
    cut_off(two.page)
    there.type("Typed in the second tab.")
    expect(there.status).to_have_text(KEPT)
    here.type("Typed in the first tab.")
    here.is_saved()
    there.shows("Working towards", "Typed in the second tab.")
    two.page.unroute_all()
    two.page.bring_to_front()
    two.tool.get_by_role("button", name="Save", exact=True).click()
    panel = there.section.locator("[data-conflict]")
    expect(panel).to_contain_text("changed in another tab or on another device")
    expect(panel.locator("[data-mine-note]")).to_have_text("Typed in the second tab.")
    expect(panel.locator("[data-other-note]")).to_have_text("Typed in the first tab.")
    assert stored(site) == "Typed in the first tab."
    panel.get_by_role("button", name="Keep mine").click()
    there.is_saved()
    expect(panel).to_have_count(0)
    here.shows("Working towards", "Typed in the second tab.")
    assert notes_ever_stored(site)[-2:] == ["Typed in the first tab.", "Typed in the second tab."]


def cut_off(page: Page) -> None:
    """Lets no save of this tab through, while the others go on."""
    page.route("**/ratings", lambda route: route.abort())


def test_two_devices_ask_which_version_to_keep_and_the_history_has_both(
    site: Site, device: Open
) -> None:
    laptop, phone = device("amina"), device("amina")
    phone.foresee("status of 409")
    at_home, on_the_way = laptop.open_activity(), phone.open_activity()
    here, there = (
        Competency(at_home.open_domain(1), CODE),
        Competency(on_the_way.open_domain(1), CODE),
    )
    here.choose("Achieved")
    here.write("Written at home.")
    here.is_saved()
    there.choose("Working towards")
    panel = there.section.locator("[data-conflict]")
    expect(panel.locator("[data-mine-state]")).to_have_text("Working towards")
    expect(panel.locator("[data-other-state]")).to_have_text("Achieved")
    there.write("Written on the way.")
    expect(panel.locator("[data-mine-note]")).to_have_text("Written on the way.")
    expect(panel.locator("[data-other-note]")).to_have_text("Written at home.")
    panel.get_by_role("button", name="Take the other").click()
    there.shows("Achieved", "Written at home.")
    there.is_saved()
    there.write("Written on the way, after all.")
    there.is_saved()
    assert stored(site) == "Written on the way, after all."
    history = at_home.open("history")
    expect(history.locator(".change")).not_to_have_count(0)
    for fold in history.locator(".change details").all():
        fold.locator("summary").click()
    expect(history.locator(".change").first).to_contain_text("Written on the way, after all.")
    expect(history.locator(".changes")).to_contain_text("Written at home.")
