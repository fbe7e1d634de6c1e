"""Tool and LMS on different sites, the tool over https, cookies really blocked by the browser.

The LMS is 127.0.0.1, the tool `tool.example`, behind a front that speaks TLS. `Framed` browsers
block what people's browsers block: third-party cookies that are not partitioned; all cookies of
the tool inside the LMS; all cookies of the tool everywhere.
"""

import html
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect

from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from tests.databases import clean_sqlite
from tests.journeys.browser.conftest import ARGUMENTS, CHROMIUM, opened
from tests.journeys.browser.device import Activity, Competency
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.tls import TlsFront
from tests.journeys.learner import LEVEL_1
from tests.journeys.processes import PATIENCE, eventually
from tests.journeys.servers import IMH101, Site

pytestmark = pytest.mark.browser

HOST, HTML = "tool.example", "text/html"
NAME = "Amina O'Brien-Żółć"
PARTITIONED_ONLY = "--test-third-party-cookie-phaseout"
# The tool's host resolves to this machine, and its certificate is nobody's.
ELSEWHERE = [
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
    "--ignore-certificate-errors",
    "--disable-features=LocalNetworkAccessChecks",  # which knows that this is no real elsewhere
]
BLOCK = 2  # Chromium's content settings
NOT_PROVEN = ("never", "refused", "wrong-id", "wrong-value", "wrong-origin")


class Visitor:
    """Amina's browser: what it asked of the tool's ways in, and the activity in a tab."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context
        self.answers: list[str] = []
        context.set_default_timeout(PATIENCE * 500)
        context.add_cookies([{"name": "lms_user", "value": "amina", "url": site.lms.url}])
        context.on("response", self._note)

    def open_activity(self) -> Activity:
        page = self.context.new_page()
        page.goto(f"{self.site.lms.url}/courses/{IMH101}/items/{LEVEL_1}")
        activity = Activity(page)
        expect(activity.tool.locator("h1:visible")).not_to_have_text("Opening the activity …")
        return activity

    def new_tab(self, activity: Activity) -> Page:
        with self.context.expect_page() as tab:
            activity.tool.get_by_role("link", name="Open in a new tab").click()
        return tab.value

    def kept_by_the_lms(self, activity: Activity) -> list[str]:
        """The names of what the LMS's page keeps for the tool."""
        keys: list[str] = activity.page.evaluate("Object.keys(localStorage)")
        return [key for key in keys if key.startswith("lti|")]

    def _note(self, response: Response) -> None:
        parts = urlsplit(response.url)
        if parts.path.startswith("/lti/") and parts.hostname == HOST:
            path = re.sub(r"/enter/[^/]+", "/enter", parts.path.removeprefix("/lti"))
            self.answers.append(f"{response.request.method} {path} {response.status}")


@pytest.fixture
def site(chromium: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An LMS as Canvas, and the tool under a name of its own, over https."""
    site = Site(tmp_path, clean_sqlite(sqlite_template, tmp_path))
    front = TlsFront(tmp_path, HOST, int(site.settings["IMHCF_PORT"]))
    site.settings["IMHCF_BASE_URL"] = front.url
    with opened(site):
        site.lms.control("PUT", "profile", profile="canvas")
        yield site
    front.close()


@pytest.fixture
def partitioned(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """A browser that keeps third-party cookies for the site that shows them, and no others."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, *ELSEWHERE, PARTITIONED_ONLY]
    )
    yield Visitor(site, browser.new_context(locale="en-GB", reduced_motion="reduce"))
    browser.close()


@pytest.fixture
def blocking(chromium: Browser, site: Site, tmp_path: Path) -> Iterator[Callable[[str], Visitor]]:
    """Opens browsers that keep no cookie of the tool on pages of a site; `*` for all of them."""
    contexts: list[BrowserContext] = []

    def opener(inside: str) -> Visitor:
        folder = tmp_path / f"profile-{len(contexts)}"
        (folder / "Default").mkdir(parents=True)
        pattern = {f"{site.settings['IMHCF_BASE_URL']},{inside}": {"setting": BLOCK}}
        exceptions: dict[str, Any] = {"content_settings": {"exceptions": {"cookies": pattern}}}
        preferences = folder / "Default" / "Preferences"
        preferences.write_text(json.dumps({"profile": exceptions}))
        contexts.append(
            chromium.browser_type.launch_persistent_context(
                folder,
                executable_path=CHROMIUM,
                args=[*ARGUMENTS, *ELSEWHERE],
                locale="en-GB",
                reduced_motion="reduce",
            )
        )
        return Visitor(site, contexts[-1])

    yield opener
    for context in contexts:
        with suppress(Exception):
            context.close()


def test_partitioned_cookies_carry_the_session_and_the_frame_fits_its_page(
    partitioned: Visitor,
) -> None:
    activity = partitioned.open_activity()
    activity.heading("Level 1 self-assessment")
    first = ["POST /login 200", "POST /launch 303", "GET /enter 303"]
    assert partitioned.answers == first
    ours = [cookie for cookie in partitioned.context.cookies() if cookie["name"] != "lms_user"]
    assert len(ours) == 2
    for cookie in ours:
        assert cookie["partitionKey"] == "http://127.0.0.1"
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "None"
    expect_frame_fits(activity)
    assert partitioned.kept_by_the_lms(activity) == []
    assert "#" not in activity.tool.url
    partitioned.answers.clear()
    activity.launch_again()  # nothing is between now
    assert partitioned.answers == ["POST /login 302", *first[1:]]
    tool = activity.open_domain(1)
    Competency(tool, "1.01").choose("Achieved")
    Competency(tool, "1.01").is_saved()
    expect_frame_fits(activity)
    tool.get_by_text("Evidence note", exact=True).nth(2).click()
    expect_frame_fits(activity)
    partitioned.answers.clear()
    activity.page.evaluate("history.back()")
    activity.heading("Level 1 self-assessment")
    activity.page.evaluate("history.forward()")
    activity.heading("Domain 1")
    assert partitioned.answers == []  # no way in is used a second time


def expect_frame_fits(activity: Activity) -> None:
    """The frame has grown to its page, and stays: page and frame do not chase each other."""
    page, tool = activity.page, activity.tool
    fits = "document.scrollingElement.scrollHeight <= window.innerHeight"
    eventually(lambda: tool.evaluate(fits), "the frame has grown to its page")
    before = activity.box()["height"]
    page.wait_for_timeout(700)
    assert activity.box()["height"] == before
    assert tool.evaluate(fits)


def test_what_the_lms_keeps_opens_the_session_where_the_logins_cookie_was_lost(
    site: Site, partitioned: Visitor
) -> None:
    """Also where the frame that the LMS named is missing, or the page itself keeps data."""

    def lose_cookies(route: Route) -> None:
        partitioned.context.clear_cookies(domain=HOST)
        route.continue_()

    partitioned.context.route("**/lti/auth?*", lose_cookies)
    for storage, answers in (
        ("post_message_forwarding", "right"),
        ("post_message_forwarding", "no-frame"),
        ("_parent", "right"),
    ):
        site.lms.control("PUT", "settings", storage=storage, storage_answers=answers)
        activity = partitioned.open_activity()
        activity.heading("Level 1 self-assessment")
        assert partitioned.answers[-1] == "POST /enter/proof 200"
        assert partitioned.kept_by_the_lms(activity) == []
        activity.page.close()
        partitioned.context.clear_cookies(domain=HOST)
    for answers in NOT_PROVEN:
        site.lms.control("PUT", "settings", storage="_parent", storage_answers=answers)
        partitioned.answers.clear()
        activity = partitioned.open_activity()
        expect(activity.tool.get_by_role("link", name="Open in a new tab")).to_be_visible()
        tried = ["POST /enter/proof 403"] if answers == "wrong-value" else []
        until_here = ["POST /login 200", "POST /launch 303", "GET /enter/tab 200"]
        assert partitioned.answers == [*until_here, *tried]
        activity.page.close()
        partitioned.context.clear_cookies(domain=HOST)


EVIL = """<!DOCTYPE html><title>Not your course</title><iframe src="{login}"></iframe><script>
    window.heard = [];
    addEventListener("message", ({{data, source, origin}}) => {{
        heard.push({{data, origin}});
        const supported = ["lti.put_data", "lti.get_data"].map((subject) => ({{subject}}));
        source.postMessage({{...data, subject: `${{data.subject}}.response`,
            value: "mine", supported_messages: supported}}, "*");
    }});
</script>"""


def test_a_stranger_who_frames_the_login_hears_no_secret_and_is_not_believed(
    site: Site, partitioned: Visitor
) -> None:
    tool = site.settings["IMHCF_BASE_URL"]
    facts = platform_facts(LmsSettings(site.lms.url, tool, Path(os.devnull)))
    asked = {
        "iss": facts.issuer,
        "client_id": facts.client_id,
        "login_hint": "x",
        "target_link_uri": f"{tool}/lti/launch",
        "lti_storage_target": "_parent",
    }
    login = html.escape(f"{tool}/lti/login?{urlencode(asked)}")
    evil = EVIL.format(login=login)
    context = partitioned.context
    context.route(
        "https://evil.example/", lambda route: route.fulfill(body=evil, content_type=HTML)
    )
    page = context.new_page()
    with page.expect_request("**/lti/auth?*") as sent_on:
        page.goto("https://evil.example/")
    state = parse_qs(urlsplit(sent_on.value.url).query)["state"][0]
    assert "." not in state  # nobody kept anything
    heard = page.evaluate("heard")
    assert [message["data"]["subject"] for message in heard] == ["lti.capabilities"]
    assert set(heard[0]["data"]) == {"subject", "message_id"}


def test_where_the_frame_keeps_no_cookie_a_new_tab_carries_on(
    site: Site, blocking: Callable[[str], Visitor]
) -> None:
    visitor = blocking(site.lms.url)
    activity = visitor.open_activity()
    expect(activity.tool.get_by_role("link", name="Open in a new tab")).to_be_visible()
    assert visitor.answers == [
        *("POST /login 200", "POST /launch 303"),
        *("GET /enter/tab 200", "POST /enter/proof 200"),
    ]
    assert visitor.kept_by_the_lms(activity) == []
    expect(activity.tool.get_by_role("heading", name="One more step")).to_be_focused()
    with Inspection() as inspection:
        inspection.look("new tab", activity.tool)
    tab = visitor.new_tab(activity)
    activity.page.bring_to_front()
    expect(activity.tool.get_by_role("heading", name="open in another tab")).to_be_focused()
    tab.bring_to_front()  # the frame was proven, so that nobody is asked by name
    tab.get_by_role("link", name="Begin with domain 1").click()
    Competency(tab, "1.01").choose("Achieved")
    Competency(tab, "1.01").is_saved()
    tab.reload()
    Competency(tab, "1.01").shows("Achieved")


def test_where_no_cookie_is_kept_anywhere_the_tab_says_what_to_allow(
    blocking: Callable[[str], Visitor],
) -> None:
    visitor = blocking("*")
    activity = visitor.open_activity()
    link = activity.tool.get_by_role("link", name="Open in a new tab")
    expect(link).to_be_visible()
    activity.tool.evaluate("location.reload()")
    expect(link).to_be_visible()
    tab = visitor.new_tab(activity)
    expect(tab.locator("h1")).to_have_text(f"Continue as {NAME}?")
    for _ in range(2):
        tab.get_by_role("button", name="Continue").click()
        expect(tab.locator("h1")).to_have_text("Your browser blocks cookies here")
        expect(tab.locator("main")).to_contain_text(HOST)
        with Inspection() as inspection:
            inspection.look("cookies blocked", tab)
        tab.get_by_role("link", name="Try again").click()
        expect(tab.locator("h1")).to_have_text(f"Continue as {NAME}?")
