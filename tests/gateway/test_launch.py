"""Launches that are let in, and what they leave: person, course, placement, session, cookies."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool.courses.models import Course, Identity, Membership, Person, Placement
from lti_tool.kernel import clock
from lti_tool.kernel.settings import Settings
from lti_tool.web.sessions import COOKIE
from tests.gateway.lms import CLAIM, TUTOR_ROLE, Lms
from tests.tool import Tool, make_tool


def arrive(browser: FlaskClient, lms: Lms, **changes: Any) -> str:
    """Goes all the way to the page; returns its address."""
    response = lms.launch(browser, **changes)
    assert response.status_code == 303, response.text
    opened = browser.get(response.headers["Location"])
    assert opened.status_code == 303, opened.text
    address: str = opened.headers["Location"]
    assert browser.get(address).status_code == 200
    return address


def count(tool: Tool, table: type) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_login_asks_the_lms_for_what_the_specification_says(lms: Lms, method: str) -> None:
    asked = lms.begin(lms.tool.app.test_client(), method=method)
    assert asked.pop("state")
    assert asked.pop("nonce")
    assert asked == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "client-1",
        "redirect_uri": "http://127.0.0.1:8000/lti/launch",
        "login_hint": "hint",
        "lti_message_hint": "message",
    }


def test_a_learner_arrives_at_their_start_page(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    address = arrive(browser, lms)
    assert re.fullmatch(r"/at/[\w-]+/p/[\w-]+/", address)


def test_a_tutor_arrives_at_the_course_page(lms: Lms) -> None:
    address = arrive(lms.tool.app.test_client(), lms, sub="tara", lti_roles=[TUTOR_ROLE])
    assert address.endswith("/course")


def test_a_second_launch_finds_the_same_person_course_and_placement(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    first, second = arrive(browser, lms), arrive(browser, lms)
    assert first == second
    for table in (Person, Identity, Course, Membership, Placement):
        assert count(lms.tool, table) == 1


def test_names_that_arrive_later_are_taken_up_and_absent_ones_keep_what_is_known(
    lms: Lms,
) -> None:
    browser = lms.tool.app.test_client()
    for name, expected in ((None, r"Participant [0-9A-F]{4}"), ("Llŷr", "Llŷr"), (None, "Llŷr")):
        page = browser.get(arrive(browser, lms, name=name or "")).text
        assert re.search(expected, page)
    assert count(lms.tool, Person) == 1


def test_the_same_sub_on_two_registrations_is_two_people(lms: Lms) -> None:
    other = Lms(lms.tool, issuer="https://other.example", organisation="Other", client_id="c2")
    arrive(lms.tool.app.test_client(), lms)
    arrive(lms.tool.app.test_client(), other)
    assert count(lms.tool, Person) == 2


def test_a_launch_without_a_course_is_let_in(lms: Lms) -> None:
    from tests.gateway.lms import MISSING

    arrive(lms.tool.app.test_client(), lms, **{CLAIM + "context": MISSING})


def test_a_warm_launch_fetches_no_keys(lms: Lms) -> None:
    for _ in range(3):
        arrive(lms.tool.app.test_client(), lms)
    assert lms.tool.http.calls[lms.jwks_url] == 1


def test_two_frames_of_one_page_launch_at_the_same_time(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    first, second = lms.begin(browser), lms.begin(browser)
    answers = [
        lms.send(
            browser,
            asked,
            lms.sign(lms.claims(asked, lti_resource_link={"id": link, "title": link})),
        )
        for asked, link in ((second, "b"), (first, "a"))
    ]
    pages = [browser.get(a.headers["Location"]).headers["Location"] for a in answers]
    assert len(set(pages)) == 2
    for page in pages:
        assert browser.get(page).status_code == 200


def test_both_frames_of_one_course_can_save(lms: Lms) -> None:
    """The browser keeps the later session's cookie; the earlier page's form must still work."""
    browser = lms.tool.app.test_client()
    pages = [
        arrive(browser, lms, lti_resource_link={"id": link, "title": link}) for link in ("a", "b")
    ]
    for version, page in enumerate(pages):
        token = re.search(
            r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(f"{pages[0]}domain/1").text
        )
        assert token
        answer = browser.post(
            f"{page}ratings",
            json={"code": f"1.0{version + 1}", "state": "achieved", "note": "", "version": 0},
            headers={"X-CSRFToken": token[1], "Accept": "application/json"},
        )
        assert answer.status_code == 200, answer.text


def test_a_browser_never_holds_more_than_a_handful_of_login_cookies(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    for _ in range(40):
        lms.begin(browser)
    asked = lms.begin(browser)
    assert len(browser._cookies) <= 14
    assert lms.send(browser, asked, lms.sign(lms.claims(asked))).status_code == 303


def test_thirty_people_launch_for_the_first_time_at_once(lms: Lms) -> None:
    def person(number: int) -> str:
        return arrive(lms.tool.app.test_client(), lms, sub=f"person-{number}", name=f"P {number}")

    with ThreadPoolExecutor(15) as pool:
        pages = list(pool.map(person, range(30)))
    assert len({page.split("/")[2] for page in pages}) == 30
    assert len({page.split("/")[4] for page in pages}) == 1
    assert count(lms.tool, Person) == 30
    assert count(lms.tool, Course) == count(lms.tool, Placement) == 1


def test_one_person_launching_ten_times_at_once_is_one_person(lms: Lms) -> None:
    def again(_: int) -> str:
        return arrive(lms.tool.app.test_client(), lms)

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(again, range(10)))) == 1
    assert count(lms.tool, Person) == count(lms.tool, Identity) == 1


# Where no cookie sticks


def test_without_cookies_the_page_offers_a_new_tab_and_asks_there_who_it_is(lms: Lms) -> None:
    browser = lms.tool.app.test_client(use_cookies=False)
    asked = lms.begin(browser)
    sent_on = lms.send(browser, asked, lms.sign(lms.claims(asked)))
    page = browser.get(sent_on.headers["Location"])
    assert page.status_code == 200
    link = re.search(r'href="(/lti/enter/[\w-]+)"[^>]*target="_blank"', page.text) or re.search(
        r'target="_blank"[^>]*href="(/lti/enter/[\w-]+)"', page.text
    )
    assert link
    tab = lms.tool.app.test_client()
    question = tab.get(link[1])
    assert question.status_code == 200
    assert "Amina O&#39;Brien-Żółć" in question.text
    proof = re.search(r'name="proof"[^>]*value="([^"]+)"', question.text)
    assert proof
    opened = tab.post(link[1], data={"proof": proof[1]})
    assert opened.status_code == 303
    assert tab.get(opened.headers["Location"]).status_code == 200
    assert tab.post(link[1], data={"proof": proof[1]}).status_code == 401  # used


def test_a_form_on_another_site_cannot_confirm_for_the_person(lms: Lms) -> None:
    browser = lms.tool.app.test_client(use_cookies=False)
    asked = lms.begin(browser)
    sent_on = lms.send(browser, asked, lms.sign(lms.claims(asked))).headers["Location"]
    link = re.search(r"/lti/enter/[\w-]+", sent_on)
    assert link
    victim = lms.tool.app.test_client()
    assert victim.post(link[0]).status_code == 403
    victim.get(link[0])
    assert victim.post(link[0], data={"proof": "guess"}).status_code == 403


def test_a_ticket_opens_once_and_only_in_the_browser_that_began(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    way_in = lms.launch(browser).headers["Location"]
    stranger = lms.tool.app.test_client()
    assert stranger.get(way_in).status_code == 403
    assert browser.get(way_in).status_code == 303
    assert browser.get(way_in).status_code == 401


# Sessions


def test_a_session_ends_after_idle_time_and_after_its_longest_life(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    start = clock.now()
    with time_machine.travel(start) as traveller:
        page = arrive(browser, lms)
        for minutes in range(90, 12 * 60, 90):  # in use all the time
            traveller.move_to(start + timedelta(minutes=minutes))
            assert browser.get(page).status_code == 200
        traveller.move_to(start + timedelta(hours=12, minutes=1))
        assert browser.get(page).status_code == 401
    with time_machine.travel(start) as traveller:
        page = arrive(browser, lms)
        traveller.move_to(start + timedelta(minutes=121))
        ended = browser.get(page)
    assert ended.status_code == 401
    assert "session-ended" in ended.text


def test_saving_alone_keeps_a_session_alive(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    start = clock.now()
    with time_machine.travel(start) as traveller:
        for version in range(4):
            traveller.move_to(start + timedelta(minutes=100 * (version + 1)))
            rating = {"code": "1.01", "state": "achieved", "note": f"{version}"}
            answer = amina.post_json("ratings", rating | {"version": version})
            assert answer.status_code == 200, answer.text


def test_the_session_cookie_is_for_its_own_slot_and_out_of_reach_of_scripts(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    opened = browser.get(lms.launch(browser).headers["Location"])
    cookie = next(c for c in opened.headers.getlist("Set-Cookie") if c.startswith(COOKIE))
    slot = opened.headers["Location"].split("/")[2]
    assert f"Path=/at/{slot}/" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.fixture
def https_tool(settings: Settings) -> Iterator[Tool]:
    tool = make_tool(settings.model_copy(update={"base_url": "https://tool.example"}))
    yield tool
    tool.close()


def test_on_https_cookies_are_secure_partitioned_and_sent_across_sites(https_tool: Tool) -> None:
    lms = Lms(https_tool)
    response = https_tool.app.test_client().post(
        "/lti/login",
        data=lms.initiation() | {"target_link_uri": "https://tool.example/lti/launch"},
    )
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        for attribute in ("Secure", "SameSite=None", "Partitioned", "HttpOnly"):
            assert attribute in cookie
    assert response.headers["Strict-Transport-Security"]


def test_pages_may_be_framed_by_their_own_lms_alone(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    policy = browser.get(arrive(browser, lms)).headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://lms.example" in policy
    assert "X-Frame-Options" not in browser.get(arrive(browser, lms)).headers


def test_the_key_set_holds_public_parts_alone_and_stays_the_same(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    first = browser.get("/lti/jwks.json").get_json()
    assert first == browser.get("/lti/jwks.json").get_json()
    (key,) = first["keys"]
    assert {"kty", "n", "e", "kid", "alg", "use"} == set(key)
