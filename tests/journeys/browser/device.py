"""A person's own browser, signed in to the LMS, with everything noted that it asks for and says."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FloatRect,
    Frame,
    Locator,
    Page,
    Request,
    ViewportSize,
    WebError,
    expect,
)

from tests.journeys.learner import LEVEL_1
from tests.journeys.processes import PATIENCE
from tests.journeys.servers import IMH101, Site

View = Page | Frame
Open = Callable[..., "Device"]

WIDE, PHONE = (1280, 800), (360, 740)
SAVED = re.compile(r"^Saved \d\d:\d\d$")
FRAME = "iframe.lk-frame"
SCRIPT_RUNS = "[data-save-state][data-kind]"  # a domain's page has come to life

expect.set_options(timeout=PATIENCE * 500)


def page_of(view: View) -> Page:
    """The tab in which this is shown."""
    return view.page if isinstance(view, Frame) else view


class Device:
    """One browser with its own cookies and its own memory, and who sits before it.

    Whatever a page asks of another host, and every complaint in its console, is a fault of
    the tool: `assert_calm` says so, but for what the journey itself brought about.
    """

    def __init__(
        self,
        chromium: Browser,
        site: Site,
        key: str,
        *,
        size: tuple[int, int] = WIDE,
        **options: Any,
    ) -> None:
        self.site = site
        self.key = key
        self.context: BrowserContext = chromium.new_context(
            viewport=ViewportSize(width=size[0], height=size[1]),
            reduced_motion="reduce",
            locale="en-GB",
            **options,
        )
        self.context.set_default_timeout(PATIENCE * 500)
        self.context.add_cookies([{"name": "lms_user", "value": key, "url": site.lms.url}])
        self._hosts = {urlsplit(address).netloc for address in (site.url, site.lms.url)}
        self._foreseen: list[str] = []
        self._strays: list[str] = []
        self._complaints: list[str] = []
        self.context.on("request", self._note_request)
        self.context.on("console", self._note_console)
        self.context.on("weberror", self._note_error)

    def open_course(self, course: int = IMH101) -> Page:
        """Opens a course of the LMS in a new tab."""
        page = self.context.new_page()
        page.goto(f"{self.site.lms.url}/courses/{course}")
        return page

    def open_activity(self, item: int = LEVEL_1, course: int = IMH101) -> "Activity":
        """Opens an activity in a new tab, as if from a bookmark; the LMS launches the tool."""
        page = self.context.new_page()
        page.goto(f"{self.site.lms.url}/courses/{course}/items/{item}")
        return Activity(page)

    def foresee(self, *complaints: str) -> None:
        """Says what the console will rightly say in this journey."""
        self._foreseen += complaints

    def lose_network(self) -> None:
        self.foresee("ERR_INTERNET_DISCONNECTED")
        self.context.set_offline(True)

    def find_network(self) -> None:
        self.context.set_offline(False)

    def assert_calm(self) -> None:
        """Nothing was asked of another host, and no page complained of what was not foreseen."""
        assert not self._strays, self._strays
        unforeseen = [
            said
            for said in self._complaints
            if "Content Security Policy" in said or not any(f in said for f in self._foreseen)
        ]
        assert not unforeseen, unforeseen

    def close(self) -> None:
        self.context.close()

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc not in self._hosts:
            self._strays.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complaints.append(f"{message.type}: {message.text}")

    def _note_error(self, error: WebError) -> None:
        self._complaints.append(f"uncaught: {error.error}")


class Activity:
    """A tab of the LMS with the tool in its frame."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._wait()

    @property
    def tool(self) -> Frame:
        """The frame that holds the tool's page now."""
        frame = self.page.locator(FRAME).element_handle().content_frame()
        assert frame
        return frame

    @property
    def home(self) -> str:
        """Where the placement's pages begin."""
        found = re.match(r".*/at/[^/]+/p/[^/]+/", self.tool.url)
        assert found, self.tool.url
        return found[0]

    def launch_again(self) -> None:
        """Opens the activity anew in the same tab."""
        self.page.reload()
        self._wait()

    def _wait(self) -> None:
        """Waits for a page of the tool that stays: on the way there is one that leaves by itself."""
        self.page.frame_locator(FRAME).locator("main:not(:has([data-storing])) h1").wait_for()

    def open(self, path: str) -> Frame:
        """Opens a page of the placement in the frame."""
        tool = self.tool
        tool.goto(self.home + path)
        return tool

    def heading(self, text: str | re.Pattern[str]) -> None:
        """Waits for the page with this heading."""
        expect(self.tool.locator("h1")).to_contain_text(text)

    def open_domain(self, number: int) -> Frame:
        """Opens a domain from the start page, in this tab, which comes to the front."""
        self.page.bring_to_front()
        tool = self.open("")
        tool.locator(f'.domains a[href$="/domain/{number}"]').click()
        tool.locator(f'form[data-domain="{number}"]').wait_for()
        tool.locator(SCRIPT_RUNS).wait_for(state="attached")
        return tool

    def box(self) -> FloatRect:
        """Where the frame stands in the LMS's page."""
        box = self.page.locator(FRAME).bounding_box()
        assert box
        return box


class Competency:
    """One competency of a domain's page."""

    def __init__(self, view: View, code: str) -> None:
        self.view = view
        self.code = code
        self.section: Locator = view.locator(f'[data-code="{code}"]')
        self.note = self.section.get_by_role("textbox")
        self.status = self.section.locator("[data-status]")

    def radio(self, words: str) -> Locator:
        return self.section.get_by_role("radio", name=words, exact=True)

    def choose(self, words: str) -> None:
        self._to_front()
        self.radio(words).check()

    def type(self, text: str) -> None:
        """Types at the end of the note, as with a keyboard."""
        self._open_note()
        self.note.press("Control+End")
        self.note.press_sequentially(text)

    def write(self, text: str) -> None:
        """Puts a whole note in, as when it is pasted."""
        self._open_note()
        self.note.fill(text)

    def is_saved(self) -> None:
        """Waits until the page says that the answer is saved, by itself or after many tries."""
        expect(self.status).to_have_text(SAVED, timeout=PATIENCE * 1000)

    def shows(self, words: str, note: str = "") -> None:
        """Waits until the fields hold this answer."""
        expect(self.radio(words)).to_be_checked()
        expect(self.section.locator("textarea")).to_have_value(note)

    def _open_note(self) -> None:
        self._to_front()
        if not self.note.is_visible():
            self.section.get_by_text("Evidence note", exact=True).click()

    def _to_front(self) -> None:
        """People use the tab that they see; Chromium lets the others wait."""
        page_of(self.view).bring_to_front()
