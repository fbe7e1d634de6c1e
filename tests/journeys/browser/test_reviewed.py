"""From the first launch to the register: read, returned, read again; and two who disagree."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from flask.testing import FlaskClient
from playwright.sync_api import Frame, expect

from lti_tool.competencies.queries import instrument
from lti_tool.demo.seed import REVIEWERS
from tests.journeys.browser.device import PHONE, SAVED, Activity, Device, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_portfolio import Desk, open_task
from tests.journeys.lms import IMH201
from tests.journeys.processes import PATIENCE, eventually
from tests.journeys.servers import Site
from tests.register.verifier import Verifier

pytestmark = pytest.mark.browser

LEVEL_1, LEVEL_3, READING = 24, 26, 51
COLUMNS = {LEVEL_1: 44, LEVEL_3: 46}
TEXT = "I sat with a mother and her baby. I waited, and then I named what I saw."


class Person:
    """Somebody in an activity: by the page, and for the many fields alike by the same browser."""

    def __init__(self, device: Device, item: int, course: int) -> None:
        self.device = device
        self.activity: Activity = device.open_activity(item, course)

    @property
    def tool(self) -> Frame:
        return self.activity.tool

    def open(self, path: str) -> Frame:
        return self.activity.open(path)

    def click(self, name: str | re.Pattern[str], role: Any = "button") -> None:
        self.activity.page.bring_to_front()
        self.tool.get_by_role(role, name=name).first.click()

    def keep(self, path: str, wish: dict[str, Any]) -> None:
        """Sends what the page's script would, with the page's own secret and cookies."""
        token = self.tool.locator('meta[name="csrf-token"]').get_attribute("content")
        answer = self.device.context.request.post(
            self.activity.home + path,
            data=wish,
            headers={"X-CSRFToken": str(token), "Accept": "application/json"},
        )
        assert answer.ok, answer.text()


class Learner(Person):
    """Somebody with a portfolio."""

    def __init__(self, device: Device, item: int, level: int) -> None:
        super().__init__(device, item, IMH201)
        self.level = level
        self.codes = tuple(instrument(f"portfolio-{level}").by_code)

    def choose(self) -> None:
        self.activity.heading("Which level is yours?")
        self.click(f"Choose level {self.level}")
        self.activity.heading("Your portfolio")

    def write_by_page(self, code: str, text: str) -> None:
        desk = open_task(self.activity, code)
        desk.type(text)
        self.tool.get_by_text("Nobody can be known by it").click()
        desk.is_saved()

    def write_the_rest(self, *besides: str) -> None:
        left = [code for code in self.codes if code not in besides]
        self.open("portfolio/").locator(f'.task-row[href$="/task/{left[0]}"]').click()
        self.tool.locator(f'form[data-task="{left[0]}"]').wait_for()
        path = self.tool.url.removeprefix(self.activity.home).rpartition("/")[0]
        for code in left:
            wish = {"text": f"{TEXT} ({code})", "version": 0, "declaration": "anonymised"}
            self.keep(f"{path}/{code}/text", wish)

    def hand_in(self) -> None:
        self.activity.page.bring_to_front()
        self.open("portfolio/").get_by_role("link", name=re.compile("^Hand in")).first.click()
        self.activity.heading("Hand in your portfolio")
        self.tool.get_by_text("This is my own work").click()
        self.click("Hand in")
        expect(self.tool.get_by_role("status").first).to_contain_text("handed in")


class Reader(Person):
    """An assessor at the desk."""

    def __init__(self, device: Device, level: int) -> None:
        super().__init__(device, READING, REVIEWERS)
        self.codes = tuple(instrument(f"portfolio-{level}").by_code)

    def take_up(self) -> str:
        """Opens what waits on the desk, and begins; returns where it stands."""

        def waits() -> bool:
            return self.open("desk").get_by_role("link", name=re.compile("^Look at it")).count() > 0

        eventually(waits, "the submission is on the desk")
        self.click(re.compile("^Look at it"), "link")
        self.click("Begin reading")
        self.tool.locator("form[data-finding]").first.wait_for()
        found = re.search(r"desk/[^/?#]+", self.tool.url)
        assert found, self.tool.url
        return found[0]

    def find(self, desk: str, code: str, verdict: str, feedback: str = "") -> None:
        """One competency by the page."""
        self.activity.page.bring_to_front()
        tool = self.open(f"{desk}?task={code}")
        form = tool.locator(f'form[data-finding="{code}"]')
        form.get_by_text(verdict, exact=True).click()
        form.get_by_label("Feedback").fill(feedback)
        expect(form.locator("[data-status]")).to_have_text(SAVED, timeout=PATIENCE * 1000)

    def find_the_rest(self, desk: str, *besides: str) -> None:
        for code in self.codes:
            if code not in besides:
                found = {"what": "finding", "code": code, "verdict": "met", "feedback": ""}
                self.keep(f"{desk}/keep", found | {"version": 0})

    def finish(self, desk: str, verdict: str, summary: str) -> None:
        self.activity.page.bring_to_front()
        tool = self.open(f"{desk}?step=conclusion")
        form = tool.locator("form[data-conclusion]")
        form.locator(f'[name="verdict"][value="{verdict}"]').check()
        form.get_by_label("Summary for the learner").fill(summary)
        expect(form.locator("[data-status]")).to_have_text(SAVED, timeout=PATIENCE * 1000)
        self.click("Finish reading")
        self.tool.wait_for_url(re.compile("/decision"))

    def release(self) -> None:
        self.click("Release it to the learner")
        expect(self.tool.get_by_role("status").first).to_contain_text("Released.")


def appoint(office: Person, name: str, *, moderates: bool = False) -> None:
    """As an administrator does on the page."""
    tool = office.open("assessors")
    tool.get_by_label("Name").fill(name)
    tool.get_by_label("Name").press("Enter")
    tool.get_by_role("link", name=re.compile(rf"^Appoint ?: {name}")).click()
    for level in (1, 2, 3):
        tool.get_by_label(f"Level {level}").check()
    if moderates:
        tool.locator('[name="moderates"]').check()
    tool.get_by_role("button", name="Appoint").click()
    expect(tool.get_by_role("status").first).to_contain_text("Appointed.")


def cell(site: Site, who: str, item: int) -> tuple[float | None, str]:
    """What the gradebook shows: the grade, and how the grading stands."""
    cells = site.lms.control("GET", f"gradebook?course={IMH201}")
    found = [c for c in cells if c["user"] == who and c["line_item_id"] == COLUMNS[item]]
    return (found[0]["value"], found[0]["grading_progress"]) if found else (None, "")


def graded(site: Site, who: str, item: int, value: float | None, progress: str) -> None:
    eventually(
        lambda: cell(site, who, item) == (value, progress),
        f"the gradebook shows {value}, {progress}",
    )


class Stranger:
    """Somebody without cookies, for the verifier."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def get(self, path: str) -> Any:
        answer = requests.get(self._site.url + path, timeout=PATIENCE)
        return SimpleNamespace(
            status_code=answer.status_code,
            mimetype=answer.headers["Content-Type"].partition(";")[0],
            text=answer.text,
            data=answer.content,
        )


def test_level_1_from_the_first_launch_to_the_register_with_one_return(
    site: Site, device: Open
) -> None:
    rhiannon = Reader(device("rhiannon"), 1)
    office = Person(device("gethin"), READING, REVIEWERS)
    amina = Learner(device("amina", size=PHONE), LEVEL_1, 1)
    with Inspection() as inspection:
        inspection.look("figures, empty", office.open("review-figures"))
        appoint(office, "Rhiannon")
        amina.choose()
        amina.write_by_page("1.01", TEXT)
        amina.write_the_rest("1.01")
        amina.hand_in()
        graded(site, "amina", LEVEL_1, None, "PendingManual")

        desk = rhiannon.take_up()
        rhiannon.find(desk, "1.01", "Partly met", "Say what the baby did when you waited.")
        rhiannon.find_the_rest(desk, "1.01")
        rhiannon.finish(desk, "more-evidence", "You write with care. One thing is still to come.")
        rhiannon.activity.heading("Ready to release")
        inspection.look("decision, ready", rhiannon.tool)
        graded(site, "amina", LEVEL_1, None, "PendingManual")
        rhiannon.release()
        inspection.look("decision, released", rhiannon.tool)
        graded(site, "amina", LEVEL_1, 92, "FullyGraded")

        amina.open("portfolio/")
        amina.click("Read the outcome", "link")
        amina.activity.heading("More evidence is wanted")
        tool = amina.tool
        expect(tool.locator("main")).to_contain_text("Say what the baby did when you waited.")
        inspection.look("outcome, more evidence", tool)
        answer = tool.locator('form[data-answer="1.01"]')
        if not answer.is_visible():
            tool.locator("#answer-1\\.01 > summary").click()
        answer.get_by_role("textbox").fill("I had not thought of telling that.")
        expect(answer.locator("[data-status]")).to_have_text(SAVED)
        tool.locator(".reopened-tasks a").click()
        amina_desk = Desk(amina.tool)
        amina_desk.type(" He looked up, and she saw it.")
        amina_desk.is_saved()
        amina.hand_in()
        graded(site, "amina", LEVEL_1, 92, "FullyGraded")  # the grade stands until there is another

        tool = rhiannon.open(f"{desk}/decision")
        expect(tool.locator("main")).to_contain_text("I had not thought of telling that.")
        desk = rhiannon.take_up()
        expect(rhiannon.tool.locator("main")).to_contain_text("He looked up, and she saw it.")
        rhiannon.find(desk, "1.01", "Met", "Now I see it.")
        rhiannon.finish(desk, "recognised", "It is all there.")
        rhiannon.release()
        graded(site, "amina", LEVEL_1, 100, "FullyGraded")

        amina.open("portfolio/")
        amina.click("Read the outcome", "link")
        amina.activity.heading("You are recognised at Level 1")
        inspection.look("outcome, recognised", amina.tool)
        amina.click("See your entry on the register", "link")

        def is_entered() -> bool:
            return amina.open("recognition").get_by_role("region", name="Level 1").count() == 1

        eventually(is_entered, "the entry is made")
        card = amina.tool.get_by_role("region", name="Level 1")
        card.get_by_label("Name to show").fill("Dr Amina O'Brien")
        card.get_by_text("Shown: anybody").click()
        card.get_by_label("Name to show").press("Enter")
        expect(amina.tool.get_by_role("status").first).to_contain_text("Saved.")
        address = str(amina.tool.locator("a.register-address").first.get_attribute("href"))
        badge = amina.tool.get_by_role("link", name=re.compile("^Badge")).first
        where = site.url + str(badge.get_attribute("href")).removeprefix(site.url)
        signed = amina.device.context.request.get(where)
        verifier = Verifier(cast("FlaskClient", Stranger(site)), site.url)
        claims = verifier.verify(signed.text(), datetime.now(UTC))
        assert "Amina" not in str(claims)

        log = office.open("reviews")
        inspection.look("reviews", log)
        office.click(re.compile("Amina"), "link")
        expect(office.tool.locator("main")).to_contain_text(
            "Whole: every line is as it was written"
        )
        expect(office.tool.locator("main")).to_contain_text("Entered in the register")
        inspection.look("a submission's log", office.tool)
        tool = office.open("review-figures")
        expect(tool.locator("main")).to_contain_text("Time to the verdict")
        inspection.look("figures", tool)
    public = requests.get(f"{site.url}/register", params={"name": "amina"}, timeout=PATIENCE).text
    assert "Dr Amina O&#39;Brien" in public
    assert "Dr Amina O&#39;Brien" in requests.get(address, timeout=PATIENCE).text


def test_level_3_two_assessors_disagree_and_a_moderator_decides(site: Site, device: Open) -> None:
    rhiannon, babajide = Reader(device("rhiannon"), 3), Reader(device("babajide"), 3)
    noor = Reader(device("noor"), 3)
    office = Person(device("gethin"), READING, REVIEWERS)
    cerys = Learner(device("cerys"), LEVEL_3, 3)
    for name in ("Rhiannon", "Babajide"):
        appoint(office, name)
    cerys.choose()
    cerys.write_by_page("1.01", TEXT)
    cerys.write_the_rest("1.01")
    cerys.hand_in()
    graded(site, "cerys", LEVEL_3, None, "PendingManual")
    with Inspection() as inspection:
        first = rhiannon.take_up()
        rhiannon.find(first, "1.01", "Partly met", "I do not see the supervision yet.")
        rhiannon.find_the_rest(first, "1.01")
        rhiannon.finish(first, "more-evidence", "Nearly.")
        rhiannon.activity.heading("Your reading is done")
        expect(rhiannon.tool.locator("main")).to_contain_text("Neither of you sees")
        inspection.look("decision, the other reads", rhiannon.tool)
        appoint(office, "Noor", moderates=True)  # so that she did not get it as a reader

        second = babajide.take_up()
        expect(babajide.tool.locator("main")).not_to_contain_text("I do not see the supervision")
        babajide.find_the_rest(second)
        babajide.finish(second, "recognised", "All there.")
        babajide.activity.heading("Your readings differ")
        tool = babajide.tool
        expect(tool.locator("main")).to_contain_text("I do not see the supervision yet.")
        expect(tool.get_by_role("button", name="Release it to the learner")).to_have_count(0)
        inspection.look("decision, they differ", tool)
        babajide.click("Send it to a moderator")
        expect(tool.get_by_role("status").first).to_contain_text("Sent to a moderator")
        inspection.look("decision, sent", tool)

        third = noor.take_up()
        inspection.look("decision, both readings", noor.open(f"{third}/decision"))
        expect(noor.tool.locator("main")).to_contain_text("I do not see the supervision yet.")
        noor.find(third, "1.01", "Met", "It is in the third line.")
        noor.finish(third, "recognised", "I agree with the second reader.")
        noor.activity.heading("Ready to release")
        graded(site, "cerys", LEVEL_3, None, "PendingManual")
        noor.release()
        graded(site, "cerys", LEVEL_3, 100, "FullyGraded")

        cerys.open("portfolio/")
        cerys.click("Read the outcome", "link")
        cerys.activity.heading("You are recognised at Level 3")
        expect(cerys.tool.locator("main")).to_contain_text("It is in the third line.")
        expect(cerys.tool.locator("main")).not_to_contain_text("I do not see the supervision")

        tool = office.open("review-figures")
        expect(tool.locator("main")).to_contain_text("32 of 33 verdicts are the same")
        inspection.look("figures of a pair", tool)

    def is_entered() -> bool:
        return cerys.open("recognition").get_by_role("region", name="Level 3").count() == 1

    eventually(is_entered, "the entry is made")
