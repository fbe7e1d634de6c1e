"""Replays, mix-ups of tenants and registrations, foreign browsers, planted cookies, tickets."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.courses.models import Person
from lti_tool.web.sessions import COOKIE
from tests.attacks.target import Target
from tests.gateway.lms import TUTOR_ROLE, Lms

OTHER = "Rowan Trust"


@pytest.fixture(scope="module")
def others(target: Target) -> dict[str, Lms]:
    """Another tenant with an LMS of its own, and another of the same issuer (as Canvas has)."""
    return {
        "elsewhere": Lms(target.tool, issuer="https://other.example", organisation=OTHER),
        "same issuer": Lms(target.tool, client_id="client-2", organisation=OTHER, key_name="lms"),
        "same organisation": Lms(target.tool, client_id="client-3"),
    }


OTHERS = ("elsewhere", "same issuer", "same organisation")


def arrive(target: Target, lms: Lms, **changes: Any) -> tuple[Any, str]:
    browser = target.browser()
    opened = browser.get(lms.launch(browser, **changes).headers["Location"])
    assert opened.status_code == 303
    return browser, opened.headers["Location"]


# Replays


def test_the_same_launch_a_second_time(target: Target) -> None:
    browser = target.browser()
    asked = target.lms.begin(browser)
    token = target.lms.sign(target.lms.claims(asked))
    assert target.lms.send(browser, asked, token).status_code == 303
    again = target.lms.send(browser, asked, token)
    assert (again.status_code, "launch-replayed" in again.text) == (409, True)


def test_another_token_for_a_login_that_was_used(target: Target) -> None:
    browser = target.browser()
    asked = target.lms.begin(browser)
    target.lms.send(browser, asked, target.lms.sign(target.lms.claims(asked)))
    fresh = target.lms.sign(target.lms.claims(asked, sub="tara", lti_roles=[TUTOR_ROLE]))
    assert target.lms.send(browser, asked, fresh).status_code == 409


def test_a_used_token_under_a_new_login(target: Target) -> None:
    """Stock libraries take it: the state is good, and so is the signature."""
    browser = target.browser()
    asked = target.lms.begin(browser)
    token = target.lms.sign(target.lms.claims(asked))
    assert target.lms.send(browser, asked, token).status_code == 303
    before = target.doors()
    answer = target.lms.send(browser, target.lms.begin(browser), token)
    assert (answer.status_code, "nonce-wrong" in answer.text) == (401, True)
    assert target.doors() == before


def test_an_unused_token_under_another_login(target: Target) -> None:
    browser = target.browser()
    one, two = target.lms.begin(browser), target.lms.begin(browser)
    crossed = target.lms.send(browser, two, target.lms.sign(target.lms.claims(one)))
    assert (crossed.status_code, "nonce-wrong" in crossed.text) == (401, True)


@pytest.mark.parametrize(
    "state", ["", "x", "A" * 43, "' OR 1=1 --", "\0", "%", "é", "x" * 100_000, "../..", "*"]
)
def test_a_state_that_was_guessed(target: Target, state: str) -> None:
    browser, asked = target.login()
    before = target.doors()
    token = target.lms.sign(target.claims())
    answer = target.lms.send(browser, asked | {"state": state}, token)
    assert (answer.status_code, "state-unknown" in answer.text) == (400, True)
    assert target.doors() == before


def test_a_state_in_another_spelling(target: Target) -> None:
    browser, asked = target.login()
    token = target.lms.sign(target.claims())
    for state in (asked["state"].swapcase(), asked["state"] + "=", " " + asked["state"]):
        answer = target.lms.send(browser, asked | {"state": state}, token)
        assert "state-unknown" in answer.text


# Mix-ups


@pytest.mark.parametrize("which", OTHERS)
def test_a_token_of_one_registration_under_the_login_of_another(
    target: Target, others: dict[str, Lms], which: str
) -> None:
    """Whole and well signed, by an LMS that this tool trusts: for its own people alone."""
    for theirs, ours in ((others[which], target.lms), (target.lms, others[which])):
        browser = target.browser()
        asked = ours.begin(browser)
        before = target.doors()
        answer = ours.send(browser, asked, theirs.sign(theirs.claims(asked)))
        assert answer.status_code == 401, answer.text
        assert target.doors() == before


@pytest.mark.parametrize("which", OTHERS)
def test_a_token_that_claims_another_registration(
    target: Target, others: dict[str, Lms], which: str
) -> None:
    """A hostile LMS signs with its own key what an honest one would say."""
    hostile = Lms(target.tool, issuer=f"https://{which[:4]}-evil.example", key_name="evil")
    for claims in (
        {"iss": others[which].issuer, "aud": others[which].client_id},
        {"iss": target.lms.issuer, "aud": target.lms.client_id},
        {"aud": [target.lms.client_id, others[which].client_id], "azp": target.lms.client_id},
    ):
        for ours in (target.lms, others[which]):
            browser = target.browser()
            asked = ours.begin(browser)
            before = target.doors()
            answer = ours.send(browser, asked, hostile.sign(hostile.claims(asked, **claims)))
            assert answer.status_code == 401
            assert target.doors() == before


def test_one_issuers_client_is_not_anothers(target: Target, others: dict[str, Lms]) -> None:
    sent = target.lms.initiation() | {"client_id": others["elsewhere"].client_id + "x"}
    assert target.browser().post("/lti/login", data=sent).status_code == 400
    sent = others["same issuer"].initiation() | {"iss": others["elsewhere"].issuer}
    assert target.browser().post("/lti/login", data=sent).status_code == 400


def test_the_same_person_course_and_link_of_two_registrations_are_apart(
    target: Target, others: dict[str, Lms]
) -> None:
    """A hostile LMS can name any `sub`, course, link and line item; they are its own."""
    victim, home = arrive(target, target.lms, sub="victim", name="Victoria Victim")
    for other in others.values():
        browser, page = arrive(target, other, sub="victim", name="Somebody Else")
        assert page.split("/")[2] != home.split("/")[2]
        assert browser.get(home).status_code == 401
    assert "Victoria Victim" in victim.get(home).text
    with target.tool.database.transaction(write=False) as session:
        names = session.execute(select(Person.name).where(Person.name.contains("Vict"))).all()
    assert len(names) == 1


def test_another_deployment_is_another_course(target: Target) -> None:
    _, one = arrive(target, target.lms, sub="mover")
    _, two = arrive(target, target.lms, sub="mover", lti_deployment_id="2")
    assert one.split("/")[2] != two.split("/")[2]


def test_a_placement_of_another_tenant_named_in_custom_gives_nothing_of_it(
    target: Target, others: dict[str, Lms]
) -> None:
    _, page = arrive(
        target, target.lms, sub="copier", lti_resource_link={"id": "mine", "title": "Mine"}
    )
    placement = page.split("/")[4]
    browser, theirs = arrive(
        target,
        others["elsewhere"],
        sub="copier",
        lti_resource_link={"id": "theirs", "title": "Theirs"},
        lti_custom={"placement": placement},
    )
    assert theirs.split("/")[4] != placement
    assert "Mine" not in browser.get(theirs).text


# Login CSRF


def test_a_launch_in_another_browser_than_the_one_that_began(target: Target) -> None:
    """The attacker begins, and lets the victim's browser send the attacker's token."""
    attacker, victim = target.browser(), target.browser()
    asked = target.lms.begin(attacker)
    target.lms.begin(victim)  # it has used this tool, and keeps its cookies
    answer = target.lms.send(victim, asked, target.lms.sign(target.lms.claims(asked)))
    assert (answer.status_code, "browser-differs" in answer.text) == (403, True)


def test_a_launch_with_the_login_cookie_of_another_login(target: Target) -> None:
    attacker, victim = target.browser(), target.browser()
    asked, own = target.lms.begin(attacker), target.lms.begin(victim)
    names = [cookie.key for cookie in victim._cookies.values() if "login" in cookie.key]
    (own_cookie,) = [c.value for c in victim._cookies.values() if c.key == names[0]]
    (wanted,) = [c.key for c in attacker._cookies.values() if "login_" in c.key]
    victim.set_cookie(wanted, own_cookie, path="/lti/")
    answer = target.lms.send(victim, asked, target.lms.sign(target.lms.claims(asked)))
    assert (answer.status_code, "browser-differs" in answer.text) == (403, True)
    assert own["state"] != asked["state"]


def test_a_browser_without_cookies_is_asked_and_never_signed_in_unawares(target: Target) -> None:
    attacker = target.tool.app.test_client(use_cookies=False)
    asked = target.lms.begin(attacker)
    sessions = target.doors()[1]
    sent = target.lms.send(attacker, asked, target.lms.sign(target.lms.claims(asked, sub="eve")))
    link = re.match(r"/lti/enter/[\w-]+", sent.headers["Location"])
    assert link
    page = attacker.get(sent.headers["Location"])
    assert page.status_code == 200
    victim = target.browser()
    question = victim.get(link[0])
    assert "Amina" in question.text
    (shown,) = re.findall(r'name="proof"[^>]*value="([^"]+)"', question.text)
    for proof in ("", "x", shown):
        stranger = target.browser()
        target.lms.begin(stranger)
        assert stranger.post(link[0], data={"proof": proof}).status_code == 403
    assert target.doors()[1] == sessions


# Session fixation


def test_a_cookie_that_was_planted_before_the_launch(target: Target) -> None:
    """Neither a made-up session nor the attacker's own becomes the victim's."""
    attacker, page = arrive(target, target.lms, sub="mallory")
    slot = page.split("/")[2]
    (mallorys,) = [c.value for c in attacker._cookies.values() if c.key == COOKIE]
    _, home = arrive(target, target.lms, sub="fixed")
    victims_slot = home.split("/")[2]
    victim = target.browser()
    for planted in ("made-up", mallorys):
        for path in ("/", "/at/", f"/at/{slot}/", f"/at/{victims_slot}/"):
            victim.set_cookie(COOKIE, planted, path=path)
            assert victim.get(home).status_code == 401
            opened = victim.get(target.lms.launch(victim, sub="fixed").headers["Location"])
            given = re.search(COOKIE + r"=([\w-]+)", str(opened.headers.getlist("Set-Cookie")))
            assert given
            assert given[1] != planted
    assert target.browser().get(home).status_code == 401


def test_each_launch_gives_a_session_of_its_own(target: Target) -> None:
    tokens = set()
    for _ in range(3):
        browser, _page = arrive(target, target.lms, sub="again")
        tokens |= {c.value for c in browser._cookies.values() if c.key == COOKIE}
    assert len(tokens) == 3


def test_a_session_in_the_slot_of_somebody_else(target: Target) -> None:
    attacker, own = arrive(target, target.lms, sub="mallory")
    _, home = arrive(target, target.lms, sub="victim-of-slots")
    (token,) = [c.value for c in attacker._cookies.values() if c.key == COOKIE]
    slot = home.split("/")[2]
    attacker.set_cookie(COOKIE, token, path=f"/at/{slot}/")
    for path in (home, home.replace(slot, slot.upper()), home.replace(slot, slot + "%20")):
        assert attacker.get(path).status_code == 401
    assert attacker.get(own.replace(own.split("/")[4], home.split("/")[4])).status_code in {
        200,
        404,
    }


def test_session_and_login_cookies_are_kept_from_scripts_and_from_other_paths(
    target: Target,
) -> None:
    browser = target.browser()
    began = browser.post("/lti/login", data=target.lms.initiation())
    for line in began.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in line
        assert "Path=/lti/" in line
        assert "Domain" not in line
    opened = browser.get(target.lms.launch(browser).headers["Location"])
    (line,) = [c for c in opened.headers.getlist("Set-Cookie") if c.startswith(COOKIE)]
    assert "HttpOnly" in line
    assert re.search(r"Path=/at/[\w-]+/", line)


# Tickets


def test_a_ticket_guessed_used_or_in_another_browser(target: Target) -> None:
    browser = target.browser()
    way_in = target.lms.launch(browser).headers["Location"]
    token = way_in.rpartition("/")[2]
    for wrong in ("x", token[:-1], token + "A", token.swapcase(), "A" * 43, "%00", token + "%00"):
        assert browser.get(f"/lti/enter/{wrong}").status_code in {401, 404}
    stranger = target.browser()
    assert stranger.get(way_in).status_code == 403
    target.lms.begin(stranger)
    assert stranger.get(way_in).status_code == 403
    assert stranger.post(way_in, data={"proof": "x"}).status_code == 403
    assert browser.head(way_in).status_code in {303, 405}
    assert browser.get(way_in).status_code in {303, 401}
    assert browser.get(way_in).status_code == 401


def test_a_ticket_that_was_made_a_while_ago(target: Target) -> None:
    from datetime import timedelta

    import time_machine

    from lti_tool.kernel import clock

    browser = target.browser()
    way_in = target.lms.launch(browser).headers["Location"]
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        answer = browser.get(way_in)
    assert (answer.status_code, "ticket-used" in answer.text) == (401, True)
