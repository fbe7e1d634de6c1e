"""The ladder: cookie, what the LMS's page keeps, new tab. What each proves, and to whom."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.gateway.arriving.browser import KEEPS_COOKIES, LOGIN_COOKIE
from lti_tool.gateway.models import LoginRow, Ticket
from lti_tool.kernel import clock
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.settings import Settings
from lti_tool.web.models import WebSession
from lti_tool.web.sessions import COOKIE
from tests.gateway.lms import Lms
from tests.tool import Tool, make_tool

OURS = "https://tool.example"
FRAME = "post_message_forwarding"
FROM_OUR_PAGE = {"Origin": OURS, "Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


@pytest.fixture
def https_tool(settings: Settings) -> Iterator[Tool]:
    tool = make_tool(settings.model_copy(update={"base_url": OURS}))
    yield tool
    tool.close()


@pytest.fixture
def canvas(https_tool: Tool) -> Lms:
    return Lms(https_tool)


class Framed:
    """A browser with our pages in the LMS's frame: over https, its cookies blocked or kept."""

    def __init__(self, lms: Lms, *, cookies: bool = False) -> None:
        self.lms = lms
        self.client: FlaskClient = lms.tool.app.test_client(use_cookies=cookies)
        self.kept: dict[str, str] = {}  # by the LMS's page

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.client.open(path, method=method, base_url=OURS, **options)

    def begin(self, target: str = FRAME, **more: str) -> TestResponse:
        sent = self.lms.initiation() | {"target_link_uri": f"{OURS}/lti/launch"}
        sent |= {"lti_storage_target": target} if target else {}
        return self.call("POST", "/lti/login", data=sent | more)

    def store(self, page: TestResponse) -> dict[str, str]:
        """Does what the script of the page does, with an LMS that keeps data; returns the query."""
        data = data_of(page, "storing")
        self.kept[data["key"]] = data["secret"]
        return asked_in(data["kept-url"])

    def launch(self, asked: dict[str, str], **changes: Any) -> TestResponse:
        claims = self.lms.claims(asked, lti_target_link_uri=f"{OURS}/lti/launch", **changes)
        form = {"state": asked["state"], "id_token": self.lms.sign(claims)}
        return self.call("POST", "/lti/launch", data=form)

    def arrive_at_tab(self) -> TestResponse:
        """Goes to the page that asks the LMS's page, and perhaps offers a new tab."""
        sent_on = self.launch(self.store(self.begin()))
        assert sent_on.status_code == 303, sent_on.text
        return self.call("GET", sent_on.headers["Location"])

    def prove(self, page: TestResponse, secret: object = None, **headers: str) -> TestResponse:
        data = data_of(page, "proving")
        said = self.kept.get(data["key"]) if secret is None else secret
        return self.call(
            "POST", data["proof-url"], json={"secret": said}, headers=FROM_OUR_PAGE | headers
        )

    def accept_cookies(self, response: TestResponse) -> None:
        """From now on this browser keeps cookies, first those of this response."""
        self.client = self.lms.tool.app.test_client()
        for line in response.headers.getlist("Set-Cookie"):
            name, value = line.partition(";")[0].split("=", 1)
            path = re.search(r"Path=([^;]+)", line)
            self.client.set_cookie(
                name, value, domain="tool.example", path=path[1] if path else "/"
            )


def data_of(page: TestResponse, mark: str) -> dict[str, str]:
    """Returns the data attributes of the element with this mark."""
    assert page.status_code == 200, page.text
    element = re.search(rf"<div[^>]*\sdata-{mark}\b[^>]*>", page.text)
    assert element, page.text
    found = re.findall(r'data-([\w-]+)="([^"]*)"', element[0])
    return {name: html.unescape(value) for name, value in found}


def asked_in(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def count(tool: Tool, table: type) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


# The login: quick where cookies work


def test_a_browser_that_keeps_our_cookies_is_redirected_at_once(canvas: Lms) -> None:
    browser = Framed(canvas, cookies=True)
    first = browser.begin()
    assert first.status_code == 200  # nothing is known of it yet
    assert browser.begin().status_code == 302
    start = clock.now()
    with time_machine.travel(start + timedelta(days=29)):
        assert browser.begin().status_code == 302


@pytest.mark.parametrize("target", ["", "two words", "<script>", "x" * 101, "a\nb", "ə"])
def test_without_a_frame_that_could_keep_data_the_login_redirects(canvas: Lms, target: str) -> None:
    assert Framed(canvas).begin(target).status_code == 302


@pytest.mark.parametrize("target", ["_parent", FRAME, "lti-storage.1"])
def test_the_login_leaves_a_secret_of_its_own_and_goes_where_the_redirect_would(
    canvas: Lms, target: str
) -> None:
    browser = Framed(canvas)
    pages = [data_of(browser.begin(target), "storing") for _ in range(2)]
    for data in pages:
        assert data["frame"] == target
        assert data["platform"] == "https://lms.example/auth"
        asked = asked_in(data["kept-url"])
        assert asked["state"].endswith(".kept")
        assert asked["redirect_uri"] == f"{OURS}/lti/launch"
        assert data["secret"] not in data["kept-url"]
    for name in ("key", "secret", "kept-url"):
        assert pages[0][name] != pages[1][name]


def test_the_page_between_works_without_a_script(canvas: Lms) -> None:
    page = Framed(canvas).begin()
    link = re.search(r'href="(https://lms.example/auth[^"]*)"[^>]*>Go on<', page.text)
    assert link
    asked = asked_in(html.unescape(link[1]))
    assert not asked["state"].endswith(".kept")
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


# Storage proves


def test_what_the_lmss_page_kept_opens_the_session_where_cookies_last(canvas: Lms) -> None:
    """As where the login's cookie was lost and later ones stay."""
    browser = Framed(canvas)
    page = browser.arrive_at_tab()
    browser.accept_cookies(page)
    answer = browser.prove(page)
    assert answer.status_code == 200, answer.text
    address = answer.get_json()["address"]
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    for attribute in ("Secure", "HttpOnly", "Partitioned", "SameSite=None"):
        assert attribute in cookie
    assert browser.call("GET", address).status_code == 200


def test_where_no_cookie_lasts_the_ticket_stays_good_for_a_new_tab(canvas: Lms) -> None:
    browser = Framed(canvas)
    page = browser.arrive_at_tab()
    for _ in range(2):
        assert browser.prove(page).get_json() == {"address": None}
    assert count(canvas.tool, WebSession) == 0
    assert browser.call("GET", "/lti/enter/" + ticket_of(page)).status_code == 200


def test_a_proof_opens_once(canvas: Lms) -> None:
    browser = Framed(canvas)
    page = browser.arrive_at_tab()
    browser.accept_cookies(page)
    assert browser.prove(page).status_code == 200
    again = browser.prove(page)
    assert again.status_code == 401
    assert again.get_json()["error"]["code"] == "ticket-used"
    assert count(canvas.tool, WebSession) == 1


def test_a_login_that_nobody_kept_offers_the_new_tab_at_once(canvas: Lms) -> None:
    browser = Framed(canvas)
    data = data_of(browser.begin(), "storing")
    asked = asked_in(data["kept-url"])
    asked["state"] = asked["state"].removesuffix(".kept")
    page = browser.call("GET", browser.launch(asked).headers["Location"])
    assert "data-proving" not in page.text
    assert "Open in a new tab" in page.text


def test_a_login_without_storage_is_never_proven_by_it(canvas: Lms) -> None:
    """Whoever adds the mark to the state of another login gains nothing."""
    browser = Framed(canvas)
    asked = asked_in(browser.begin("").headers["Location"])
    asked["state"] += ".kept"
    page = browser.call("GET", browser.launch(asked).headers["Location"])
    assert "data-proving" not in page.text
    url = f"/lti/enter/{ticket_of(page)}/proof"
    browser.accept_cookies(page)
    for secret in ("", digest(""), "x"):
        answer = browser.call("POST", url, json={"secret": secret}, headers=FROM_OUR_PAGE)
        assert answer.status_code == 403
    assert count(canvas.tool, WebSession) == 0


# A stranger


def test_whoever_began_elsewhere_cannot_bring_the_proof_by_a_form_of_another_site(
    canvas: Lms,
) -> None:
    """Login CSRF: the attacker knows the secret of a login of their own."""
    attacker = Framed(canvas)
    page = attacker.arrive_at_tab()
    victim = Framed(canvas)
    victim.accept_cookies(victim.begin())
    victim.kept = attacker.kept
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for headers in (
        evil,
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": f"{OURS}.evil.example"},
        {"Origin": OURS.replace("https", "http")},
    ):
        answer = victim.prove(page, **headers)
        assert answer.status_code == 403, headers
        assert answer.get_json()["error"]["code"] == "browser-differs"
    data = data_of(page, "proving")
    form = {"secret": attacker.kept[data["key"]]}
    bare = {"Origin": OURS, "Accept": "application/json"}
    assert victim.call("POST", data["proof-url"], data=form, headers=bare).status_code == 403
    assert victim.call("POST", data["proof-url"], json=form).status_code == 403  # no origin said
    assert count(canvas.tool, WebSession) == 0
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_link_from_the_attacker_asks_by_name(canvas: Lms) -> None:
    page = Framed(canvas).arrive_at_tab()
    victim = Framed(canvas, cookies=True)
    question = victim.call("GET", f"/lti/enter/{ticket_of(page)}")
    assert "Continue as Amina" in question.text
    assert "frame-ancestors 'none'" in question.headers["Content-Security-Policy"]
    assert count(canvas.tool, WebSession) == 0


def test_a_browser_with_other_cookies_of_ours_is_refused_before_storage_is_asked(
    canvas: Lms,
) -> None:
    asked = Framed(canvas).store(Framed(canvas).begin())
    victim = Framed(canvas, cookies=True)
    victim.begin()
    refused = victim.launch(asked)
    assert refused.status_code == 403
    assert "browser-differs" in refused.text
    assert count(canvas.tool, Ticket) == 0


@pytest.mark.parametrize(
    "secret", ["", "x" * 64, 7, None, ["a"], {"a": 1}, "\0", "ə"], ids=lambda s: repr(s)[:12]
)
def test_a_wrong_secret_uses_nothing(canvas: Lms, secret: object) -> None:
    browser = Framed(canvas)
    page = browser.arrive_at_tab()
    browser.accept_cookies(page)
    data = data_of(page, "proving")
    wrong = browser.call("POST", data["proof-url"], json={"secret": secret}, headers=FROM_OUR_PAGE)
    assert wrong.status_code == 403
    assert browser.prove(page).status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b'"x"', b"\xff"])
def test_what_is_no_proof_gets_a_sentence(canvas: Lms, body: bytes) -> None:
    browser = Framed(canvas)
    page = browser.arrive_at_tab()
    headers = FROM_OUR_PAGE | {"Content-Type": "application/json"}
    url = data_of(page, "proving")["proof-url"]
    answer = browser.call("POST", url, data=body, headers=headers)
    assert answer.status_code == 403
    assert answer.get_json()["error"]["advice"]


def test_the_proof_of_one_login_does_not_open_another(canvas: Lms) -> None:
    browser = Framed(canvas)
    first, second = browser.arrive_at_tab(), browser.arrive_at_tab()
    browser.accept_cookies(first)
    keys = [data_of(page, "proving")["key"] for page in (first, second)]
    assert browser.prove(first, browser.kept[keys[1]]).status_code == 403
    for page in (second, first):  # two frames of one page, in any order
        assert browser.prove(page).status_code == 200
    assert count(canvas.tool, WebSession) == 2


def test_only_the_lms_may_frame_the_page_that_offers_the_tab(canvas: Lms) -> None:
    policy = Framed(canvas).arrive_at_tab().headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://lms.example" in policy
    assert "evil" not in policy


# The new tab


def ticket_of(page: TestResponse) -> str:
    found = re.search(r'href="/lti/enter/([\w-]+)"', page.text)
    assert found, page.text
    return found[1]


def proof_in(question: TestResponse) -> str:
    found = re.search(r'name="proof"[^>]*value="([^"]+)"', question.text)
    assert found, question.text
    return found[1]


def test_the_page_that_offers_the_tab_may_be_reloaded_until_the_ticket_is_used(
    canvas: Lms,
) -> None:
    browser = Framed(canvas)
    asked = asked_in(browser.begin("").headers["Location"])
    where = browser.launch(asked).headers["Location"]
    for _ in range(2):
        page = browser.call("GET", where)
        assert page.status_code == 200
        assert "Amina O&#39;Brien-Żółć" in page.text
    tab = Framed(canvas, cookies=True)
    question = tab.call("GET", f"/lti/enter/{ticket_of(page)}")
    link = f"/lti/enter/{ticket_of(page)}"
    assert tab.call("POST", link, data={"proof": proof_in(question)}).status_code == 303
    gone = browser.call("GET", where)
    assert gone.status_code == 401
    assert "Open the activity again from your course." in gone.text


def test_a_tab_that_keeps_no_cookie_either_says_what_to_allow_and_can_be_tried_again(
    canvas: Lms,
) -> None:
    page = Framed(canvas).arrive_at_tab()
    link = f"/lti/enter/{ticket_of(page)}"
    blocked = Framed(canvas)
    question = blocked.call("GET", link)
    refused = blocked.call("POST", link, data={"proof": proof_in(question)})
    assert refused.status_code == 403
    assert "Your browser blocks cookies here" in refused.text
    assert "tool.example" in refused.text
    assert f'href="{link}"' in refused.text
    assert count(canvas.tool, WebSession) == 0
    allowed = Framed(canvas, cookies=True)
    question = allowed.call("GET", link)
    opened = allowed.call("POST", link, data={"proof": proof_in(question)})
    assert opened.status_code == 303
    assert allowed.call("GET", opened.headers["Location"]).status_code == 200


def test_two_tabs_may_ask_at_once(canvas: Lms) -> None:
    links = [f"/lti/enter/{ticket_of(Framed(canvas).arrive_at_tab())}" for _ in range(2)]
    browser = Framed(canvas, cookies=True)
    questions = [browser.call("GET", link) for link in links]
    for link, question in zip(links, questions, strict=True):
        opened = browser.call("POST", link, data={"proof": proof_in(question)})
        assert opened.status_code == 303, opened.text
    swapped = browser.call("POST", links[0], data={"proof": proof_in(questions[1])})
    assert swapped.status_code == 403


def test_a_ticket_that_is_too_old_says_so(canvas: Lms) -> None:
    page = Framed(canvas).arrive_at_tab()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for path in ("", "/tab"):
            old = Framed(canvas).call("GET", f"/lti/enter/{ticket_of(page)}{path}")
            assert old.status_code == 401
            assert "ticket-used" in old.text


def test_a_proven_launch_shows_no_page_between(canvas: Lms) -> None:
    browser = Framed(canvas, cookies=True)
    browser.begin()
    sent_on = browser.launch(asked_in(browser.begin().headers["Location"]))
    ticket = sent_on.headers["Location"].rpartition("/")[2]
    assert browser.call("GET", f"/lti/enter/{ticket}/tab").status_code == 401
    assert browser.call("GET", f"/lti/enter/{ticket}").status_code == 303


# Once more


def test_a_launch_that_is_sent_twice_opens_once_and_says_so(canvas: Lms) -> None:
    browser = Framed(canvas, cookies=True)
    browser.begin()
    asked = asked_in(browser.begin().headers["Location"])
    first, second = browser.launch(asked), browser.launch(asked)
    assert first.status_code == 303
    assert second.status_code == 409
    assert "cannot be opened twice" in second.text
    assert browser.call("GET", first.headers["Location"]).status_code == 303


def test_a_login_begun_in_one_tab_ends_in_another_of_the_same_browser(canvas: Lms) -> None:
    browser = Framed(canvas, cookies=True)
    browser.begin()
    here, there = (asked_in(browser.begin().headers["Location"]) for _tab in range(2))
    for asked in (there, here):
        sent_on = browser.launch(asked)
        assert browser.call("GET", sent_on.headers["Location"]).status_code == 303


def test_a_login_that_has_done_its_work_is_forgotten_and_cookies_are_known_to_work(
    canvas: Lms,
) -> None:
    browser = Framed(canvas, cookies=True)
    browser.begin()
    sent_on = browser.launch(asked_in(browser.begin().headers["Location"]))
    browser.call("GET", sent_on.headers["Location"])
    names = [key[2] for key in browser.client._cookies or ()]
    assert sum(name.startswith(LOGIN_COOKIE) for name in names) == 1  # the first, never ended
    assert KEEPS_COOKIES in names


def test_purging_forgets_what_is_over(canvas: Lms) -> None:
    from lti_tool.gateway.services import purge_logins

    Framed(canvas).arrive_at_tab()
    with (
        time_machine.travel(clock.now() + timedelta(minutes=11)),
        canvas.tool.database.transaction() as session,
    ):
        purge_logins(session)
    assert count(canvas.tool, Ticket) == count(canvas.tool, LoginRow) == 0
