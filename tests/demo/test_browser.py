"""The pages in a browser: a whole launch in the frame, and accessibility."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, redirect, request
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.wrappers import Response

from lti_tool.demo.app import create_lms
from lti_tool.demo.settings import LmsSettings

from .standin import CLIENT_ID, Lms, Server, Tool

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/?as=amina",
    "course": "/courses/2?as=amina",
    "tutor's course": "/courses/2?as=morag",
    "activity": "/courses/2/items/11?as=amina",
    "tutor's activity": "/courses/2/items/11?as=morag",
    "gradebook": "/courses/2/grades?as=morag",
    "own grades": "/courses/2/grades?as=amina",
    "people": "/courses/2/people?as=morag",
    "learner's people": "/courses/2/people?as=amina",
    "settings": "/settings",
    "problem": "/courses/3?as=yusuf",
}
AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # all that axe says of colours
VIOLATIONS = """async (rules) => {
    const options = {runOnly: rules, resultTypes: ["violations"], iframes: false};
    const {violations} = await axe.run(document, options);
    return violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.target]));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def shown(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lms]:
    """An LMS whose tool answers logins and launches, so that a browser can follow them."""
    tool_server, server = Server(), Server()
    settings = LmsSettings(
        server.url, tool_server.url, tmp_path_factory.mktemp("shown") / "lms.sqlite"
    )
    app = create_lms(settings)
    tool_server.start(_launchable(Tool(tool_server.url, dict(tool.keys)), server.url))
    server.start(app)
    yield Lms(server.url, Tool(tool_server.url, dict(tool.keys)), app)
    server.stop()
    tool_server.stop()


def _launchable(tool: Tool, lms_url: str) -> Flask:
    app = tool.app()

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response:
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": f"{tool.url}/lti/launch",
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "nonce": "n",
            "login_hint": request.values["login_hint"],
            "lti_message_hint": request.values["lti_message_hint"],
        }
        return redirect(f"{lms_url}/lti/auth?{urlencode(asked)}")

    @app.post("/lti/launch")
    def launch() -> str:
        return f"<title>Tool</title><h1>Launched: {'id_token' in request.form}</h1>"

    return app


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_activity_opens_in_its_frame(shown: Lms, page: Page, method: str) -> None:
    shown.control("PUT", "settings", {"initiate_by": method})

    page.goto(f"{shown.url}/courses/2?as=amina")
    page.get_by_role("link", name="Open Level 1 self-assessment", exact=True).click()

    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Launched: True").wait_for()


def test_activity_opens_in_a_window_of_its_own(shown: Lms, page: Page) -> None:
    page.goto(f"{shown.url}/courses/2?as=amina")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open Level 1 self-assessment in a new window").click()

    opened.value.get_by_role("heading", name="Launched: True").wait_for()


def test_without_scripts_a_button_goes_on(shown: Lms, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shown.url}/courses/2/items/11/launch?as=amina")
    for _ in range(2):
        page.get_by_role("button", name="Go on").click()

    page.get_by_role("heading", name="Launched: True").wait_for()
    context.close()


def test_gradebook_keeps_itself_up_to_date(shown: Lms, page: Page) -> None:
    shown.control("POST", "reset")
    page.goto(f"{shown.url}/courses/2/grades?as=morag")

    shown.post_score(shown.lineitem(), scoreGiven=87.5)

    page.get_by_text("87.5").wait_for(timeout=15_000)
    assert "A grade changed at" in page.locator("#lk-seen").inner_text()


def test_pages_are_accessible_and_fit(shown: Lms, page: Page) -> None:
    shown.control("POST", "reset")
    shown.post_score(shown.lineitem(), comment="Forty of 63 competencies rated")
    shown.fault("429", scope="scores", remaining=2)
    for name, path in PAGES.items():
        page.goto(shown.url + path)
        page.evaluate(AXE)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme, rules in (("light", RULES), ("dark", COLOURS)):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert page.evaluate(VIOLATIONS, rules) == [], (name, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_everything_can_be_reached_by_keyboard(shown: Lms, page: Page) -> None:
    page.goto(f"{shown.url}/courses/2?as=amina")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))

    assert reached == ["Courses", "Activities", "Grades", "People", "Open", "In a new window"]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
