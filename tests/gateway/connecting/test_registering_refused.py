"""Registrations that must not come about, and what somebody reads who tried."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from lti_tool.gateway.connecting import views
from lti_tool.gateway.connecting.invitations import revoke
from lti_tool.gateway.connecting.models import Invitation, UsedForm, WaitingRegistration
from lti_tool.gateway.connecting.rules import MOST_WAITING, MOST_WAITING_OF_ISSUER
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.kernel import clock
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.kernel.outgoing import Outgoing
from lti_tool.kernel.settings import Settings
from tests.gateway.connecting.newcomer import (
    TOKEN,
    Newcomer,
    confirm,
    invited,
    registrations,
    sealed,
)
from tests.platform import as_json
from tests.tool import Tool


def assert_refused(tool: Tool, answer: TestResponse, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert code in answer.text
    assert TOKEN not in answer.text
    assert registrations(tool) == []
    with tool.database.transaction(write=False) as session:
        waiting = select(func.count()).select_from(WaitingRegistration)
        assert session.execute(waiting).scalar_one() == 0


def fail(code: str) -> Any:
    def answer(_method: str, _url: str, _body: bytes) -> HttpAnswer:
        raise CallFailed("It cannot be reached.", code=code)

    return answer


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"issuer": "https://other.example"}, "issuer-foreign", id="another LMS"),
        pytest.param({"issuer": "http://moodle.example"}, "issuer-foreign", id="another scheme"),
        pytest.param(
            {"token_endpoint": "https://victim.example/token"}, "endpoint-foreign", id="token"
        ),
        pytest.param(
            {"jwks_uri": "https://moodle.example.evil.example/k"}, "endpoint-foreign", id="keys"
        ),
        pytest.param(
            {"authorization_endpoint": "https://evilmoodle.example/"},
            "endpoint-foreign",
            id="login",
        ),
        pytest.param(
            {"authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect"},
            "endpoint-foreign",
            id="a vendor of somebody else",
        ),
        pytest.param({"jwks_uri": "ftp://moodle.example/k"}, "configuration-unreadable", id="ftp"),
        pytest.param({"token_endpoint": None}, "configuration-unreadable", id="no token address"),
        pytest.param({"registration_endpoint": 7}, "configuration-unreadable", id="a number"),
    ],
)
def test_an_lms_that_names_what_is_not_its_own_is_refused(
    tool: Tool, newcomer: Newcomer, changes: dict[str, Any], code: str
) -> None:
    newcomer.changes = changes
    answer = newcomer.open(tool.app.test_client(), invited(tool))
    assert_refused(tool, answer, 400, code)
    assert newcomer.received == []


def test_the_addresses_of_one_vendor_belong_together(tool: Tool) -> None:
    canvas = Newcomer(tool, issuer="https://canvas.instructure.com")
    customer = "https://canvas.willow.example"
    canvas.changes = {
        "authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "token_endpoint": "https://sso.canvaslms.com/login/oauth2/token",
        "jwks_uri": "https://sso.canvaslms.com/api/lti/security/jwks",
        # Each customer's own host, perhaps under a name of the customer's own.
        "registration_endpoint": f"{customer}/api/lti/registrations",
    }
    page = canvas.open(tool.app.test_client(), invited(tool))
    tool.http.answers[customer] = as_json({"client_id": "10000000000042"})
    assert (
        f"frame-ancestors 'self' https://canvas.instructure.com {customer}"
        in (page.headers["Content-Security-Policy"])
    )
    assert "https://*.instructure.com" in page.headers["Content-Security-Policy"]
    assert confirm(tool.app.test_client(use_cookies=False), page).status_code == 200


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(fail("address-refused"), "configuration-private", id="private"),
        pytest.param(fail("redirected"), "configuration-unreachable", id="redirect"),
        pytest.param(fail("timeout"), "configuration-unreachable", id="slow"),
        pytest.param(fail("answer-too-large"), "configuration-unreachable", id="huge"),
        pytest.param(HttpAnswer(200, {}, b"{" * 300), "configuration-unreadable", id="no JSON"),
        pytest.param(as_json(["x"]), "configuration-unreadable", id="a list"),
        pytest.param(as_json({"a": "x" * 300_000}), "configuration-unreadable", id="large"),
        pytest.param(as_json({}, 500), "configuration-unreachable", id="500"),
        pytest.param(as_json({}, 401), "configuration-unreachable", id="401"),
    ],
)
def test_a_configuration_that_cannot_be_had_is_said(
    tool: Tool, newcomer: Newcomer, answer: Any, code: str
) -> None:
    newcomer.listen()
    tool.http.answers[newcomer.configuration_url] = answer
    refused = tool.app.test_client().get(
        "/lti/register",
        query_string={
            "openid_configuration": newcomer.configuration_url,
            "registration_token": TOKEN,
        },
    )
    assert_refused(tool, refused, 400, code)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "//moodle.example/x", "javascript:alert(1)", "https://a@b/", "x" * 9000],
)
def test_an_address_that_is_none_is_not_called(tool: Tool, address: str) -> None:
    refused = tool.app.test_client().get(
        "/lti/register", query_string={"openid_configuration": address}
    )
    assert refused.status_code in {400, 413}
    assert not tool.http.calls


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "10.0.0.1"]
)
def test_a_private_address_is_not_called(tool: Tool, host: str) -> None:
    runtime = replace(tool.runtime, http=Outgoing(allow_private=False, timeout=2))
    tool.app.extensions["imhcf"] = runtime
    refused = tool.app.test_client().get(
        "/lti/register", query_string={"openid_configuration": f"http://{host}:9/configuration"}
    )
    assert_refused(tool, refused, 400, "configuration-private")


def test_a_damaged_token_is_refused_before_anything_is_called(tool: Tool) -> None:
    refused = tool.app.test_client().get(
        "/lti/register",
        query_string={
            "openid_configuration": "https://moodle.example/c",
            "registration_token": "a\r\nX-Evil: 1",
        },
    )
    assert_refused(tool, refused, 400, "token-unusable")
    assert not tool.http.calls


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(as_json({}, 400), "registration-refused", id="400"),
        pytest.param(as_json({}, 401), "registration-refused", id="token used"),
        pytest.param(as_json({}, 500), "registration-refused", id="500"),
        pytest.param(as_json({}), "registration-unreadable", id="no client id"),
        pytest.param(as_json({"client_id": {"a": 1}}), "registration-unreadable", id="odd id"),
        pytest.param(HttpAnswer(200, {}, b"ok"), "registration-unreadable", id="no JSON"),
        pytest.param(as_json({"client_id": "a\0b"}), "registration-unreadable", id="NUL"),
    ],
)
def test_what_the_lms_answers_amiss_is_said_and_keeps_the_invitation(
    tool: Tool, newcomer: Newcomer, answer: HttpAnswer, code: str
) -> None:
    newcomer.answer = answer
    refused = newcomer.connect(tool.app.test_client(), invited(tool))
    assert_refused(tool, refused, 400, code)
    if code == "registration-unreadable":
        assert "delete it, then start" in refused.text
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(Invitation.used_at)).scalar_one() is None


def test_a_lost_answer_says_that_the_lms_may_know_us_already(
    tool: Tool, newcomer: Newcomer
) -> None:
    page = newcomer.open(tool.app.test_client(), invited(tool))
    tool.http.answers[newcomer.registration_url] = fail("timeout")
    refused = confirm(tool.app.test_client(), page)
    assert_refused(tool, refused, 400, "registration-unreachable")
    assert "delete it, then start" in refused.text


def test_a_database_that_fails_after_the_lms_registered_us_says_what_to_undo(
    tool: Tool, newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(tool)

    def broken(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(views, "keep", broken)
        refused = newcomer.connect(tool.app.test_client(), invitation)
    assert_refused(tool, refused, 503, "registration-not-kept")
    assert "delete it, then start" in refused.text
    # Repeated from the LMS, it comes to its end with the same invitation.
    assert newcomer.connect(tool.app.test_client(), invitation).status_code == 200
    assert len(registrations(tool)) == 1


def test_a_confirmation_that_was_cut_off_is_told_from_one_that_was_kept(
    tool: Tool, newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tool.app.test_client()
    page = newcomer.open(browser, invited(tool))

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(views, "keep", killed)
    with pytest.raises(Killed):
        confirm(browser, page)
    monkeypatch.undo()
    again = confirm(browser, page)
    assert_refused(tool, again, 409, "registration-form-unfinished")
    assert len(newcomer.received) == 1


def test_a_confirmation_is_taken_once(tool: Tool, newcomer: Newcomer) -> None:
    browser = tool.app.test_client()
    page = newcomer.open(browser, invited(tool))
    assert confirm(browser, page).status_code == 200
    again = confirm(tool.app.test_client(), page)
    assert again.status_code == 409
    assert "registration-form-used" in again.text
    assert len(newcomer.received) == 1
    assert len(registrations(tool)) == 1


def test_a_confirmation_grows_old(tool: Tool, newcomer: Newcomer) -> None:
    page = newcomer.open(tool.app.test_client(), invited(tool))
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        answer = confirm(tool.app.test_client(), page)
    assert_refused(tool, answer, 400, "registration-form-ended")


@pytest.mark.parametrize("form", ["", "x", "gAAAAA" * 20, "é", "\0"])
def test_a_confirmation_of_nothing_is_refused(tool: Tool, form: str) -> None:
    answer = tool.app.test_client().post("/lti/register", data={"form": form})
    assert_refused(tool, answer, 400, "registration-form-ended")


def test_a_changed_confirmation_is_refused(tool: Tool, newcomer: Newcomer) -> None:
    browser = tool.app.test_client()
    form = sealed(newcomer.open(browser, invited(tool)))
    middle = len(form) // 2
    changed = form[:middle] + ("A" if form[middle] != "A" else "B") + form[middle + 1 :]
    answer = browser.post("/lti/register", data={"form": changed})
    assert_refused(tool, answer, 400, "registration-form-ended")


def test_a_huge_confirmation_is_refused(tool: Tool) -> None:
    answer = tool.app.test_client().post("/lti/register", data={"form": "x" * 600_000})
    assert_refused(tool, answer, 413, "registration-too-large")


def test_a_form_of_another_browser_is_refused(tool: Tool, newcomer: Newcomer) -> None:
    theirs, ours = tool.app.test_client(), tool.app.test_client()
    page = newcomer.open(theirs, invited(tool))
    newcomer.open(ours)  # this browser keeps our cookies, and was shown another form
    assert_refused(tool, confirm(ours, page), 403, "browser-differs")
    assert newcomer.received == []


def test_the_sealed_form_shows_neither_token_nor_invitation(tool: Tool, newcomer: Newcomer) -> None:
    invitation = invited(tool)
    page = newcomer.open(tool.app.test_client(), invitation)
    assert TOKEN not in page.text
    assert invitation not in page.text


def test_an_unknown_invitation_is_refused(tool: Tool, newcomer: Newcomer) -> None:
    answer = newcomer.open(tool.app.test_client(), "no-such-invitation")
    assert_refused(tool, answer, 403, "invitation-unknown")
    assert not tool.http.calls


def test_an_invitation_ends(tool: Tool, newcomer: Newcomer) -> None:
    invitation = invited(tool, days=1)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=False):
        answer = newcomer.open(tool.app.test_client(), invitation)
    assert_refused(tool, answer, 403, "invitation-ended")


def test_a_withdrawn_invitation_is_refused_at_its_page_and_at_its_confirmation(
    tool: Tool, newcomer: Newcomer
) -> None:
    browser, invitation = tool.app.test_client(), invited(tool)
    page = newcomer.open(browser, invitation)
    with tool.database.transaction() as session:
        revoke(session, 1)
    assert_refused(tool, confirm(browser, page), 403, "invitation-revoked")
    assert newcomer.received == []
    again = newcomer.open(browser, invitation)
    assert_refused(tool, again, 403, "invitation-revoked")


def test_an_invitation_connects_one_lms_once(tool: Tool, newcomer: Newcomer) -> None:
    invitation = invited(tool)
    browser = tool.app.test_client()
    page = newcomer.open(browser, invitation)
    other = Newcomer(tool, issuer="https://other.example")
    assert other.connect(tool.app.test_client(), invitation).status_code == 200
    late = confirm(browser, page)
    assert (late.status_code, "invitation-used" in late.text) == (409, True)
    assert newcomer.received == []
    fresh = newcomer.open(tool.app.test_client(), invitation)
    assert (fresh.status_code, "invitation-used" in fresh.text) == (409, True)
    assert len(registrations(tool)) == 1


def test_an_invitation_that_is_used_while_the_lms_answers_is_not_used_twice(
    tool: Tool, newcomer: Newcomer
) -> None:
    invitation = invited(tool)
    other = Newcomer(tool, issuer="https://other.example")
    page = newcomer.open(tool.app.test_client(), invitation)

    def meanwhile(_method: str, _url: str, _body: bytes) -> HttpAnswer:
        assert other.connect(tool.app.test_client(), invitation).status_code == 200
        return as_json({"client_id": "late"})

    tool.http.answers[newcomer.registration_url] = meanwhile
    late = confirm(tool.app.test_client(use_cookies=False), page)
    assert (late.status_code, "invitation-used" in late.text) == (409, True)
    assert "Delete the tool that your LMS has just added" in late.text
    (row,) = registrations(tool)
    assert row.issuer == "https://other.example"


def test_the_registration_of_another_organisation_is_not_taken_over(
    tool: Tool, newcomer: Newcomer
) -> None:
    newcomer.connect(tool.app.test_client(), invited(tool, "Willow"))
    (before,) = registrations(tool)
    moved = Newcomer(tool, changes={"jwks_uri": "https://moodle.example/elsewhere"})
    for invitation in (invited(tool, "Oak"), ""):
        answer = moved.connect(tool.app.test_client(), invitation)
        assert answer.status_code == 409
        assert "registration-taken" in answer.text
        assert "Willow" not in answer.text
        (after,) = registrations(tool)
        assert (after.organisation_id, after.jwks_url) == (before.organisation_id, before.jwks_url)


def test_few_registrations_of_one_lms_wait(tool: Tool) -> None:
    for number in range(MOST_WAITING_OF_ISSUER):
        newcomer = Newcomer(tool, client_id=f"client-{number}")
        assert newcomer.connect(tool.app.test_client()).status_code == 200
    one_more = Newcomer(tool, client_id="one-more").connect(tool.app.test_client())
    assert (one_more.status_code, "too-many-waiting" in one_more.text) == (409, True)
    # The same again is no new one, and an invitation opens the way.
    assert Newcomer(tool, client_id="client-0").connect(tool.app.test_client()).status_code == 200
    invitation = invited(tool)
    assert (
        Newcomer(tool, client_id="x").connect(tool.app.test_client(), invitation).status_code == 200
    )


def test_a_flood_of_registrations_is_bounded_before_the_lms_is_asked(
    tool: Tool, newcomer: Newcomer
) -> None:
    now = clock.now()
    with tool.database.transaction() as session:
        session.add_all(
            WaitingRegistration(
                **dict.fromkeys(
                    ("auth_login_url", "token_url", "jwks_url", "token_audience", "product"), ""
                ),
                **dict.fromkeys(("name", "scopes", "deployment"), ""),
                issuer=f"https://lms-{number}.example",
                client_id="c",
                created_at=now,
                ends_at=now + timedelta(days=1),
            )
            for number in range(MOST_WAITING)
        )
    answer = newcomer.connect(tool.app.test_client())
    assert (answer.status_code, "too-many-waiting" in answer.text) == (409, True)
    assert newcomer.received == []


@pytest.mark.parametrize("host", ["möödle.example", "مودل.example", "moodle\ud800.example"])
def test_an_address_that_is_not_ascii_breaks_nothing(tool: Tool, host: str) -> None:
    odd = Newcomer(tool, issuer=f"https://{host}")
    odd.listen()
    address = odd.configuration_url.encode("utf-8", "replace").decode()
    tool.http.answers[address] = as_json(odd.configuration())
    refused = tool.app.test_client().get(
        "/lti/register", query_string={"openid_configuration": address}
    )
    assert_refused(tool, refused, 400, "")


def test_what_the_lms_grants_is_kept_only_as_far_as_it_is_known(
    tool: Tool, newcomer: Newcomer
) -> None:
    score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    newcomer.answer = as_json({"client_id": "c", "scope": f"{score} a\0b \ud800 odd"})
    assert newcomer.connect(tool.app.test_client(), invited(tool)).status_code == 200
    (row,) = registrations(tool)
    assert row.scopes == score


def test_markup_that_an_lms_sends_stays_text(tool: Tool, newcomer: Newcomer) -> None:
    bad = "<script>alert(1)</script>"
    platform = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    newcomer.changes = {
        platform: {
            "product_family_code": bad,
            "version": bad,
            "https://canvas.instructure.com/lti/account_name": bad,
        }
    }
    page = newcomer.open(tool.app.test_client(), invited(tool, bad))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    done = confirm(tool.app.test_client(use_cookies=False), page)
    assert "<script>alert" not in done.text
    assert done.status_code == 200


def test_a_manual_registration_of_another_organisation_is_not_taken_over(tool: Tool) -> None:
    newcomer = Newcomer(tool, client_id="manual")
    with tool.database.transaction() as session:
        add_registration(
            session,
            NewRegistration(
                organisation="Oak",
                issuer=newcomer.issuer,
                client_id="manual",
                auth_login_url="https://moodle.example/a",
                token_url="https://moodle.example/t",
                jwks_url="https://moodle.example/k",
            ),
        )
    answer = newcomer.connect(tool.app.test_client(), invited(tool, "Willow"))
    assert answer.status_code == 409


def test_a_plain_http_lms_is_refused_by_a_tool_on_https() -> None:
    from lti_tool.gateway.connecting.rules import check_endpoints
    from lti_tool.kernel.errors import InvalidInput
    from lti_tool.lti.platform_configuration import PlatformConfiguration

    lms = "http://moodle.example"
    found = PlatformConfiguration(lms, f"{lms}/a", f"{lms}/t", f"{lms}/k", f"{lms}/r")
    check_endpoints(found, may_be_plain=True)
    with pytest.raises(InvalidInput) as refused:
        check_endpoints(found, may_be_plain=False)
    assert refused.value.code == "endpoint-plain"
    assert Settings().is_https is False


def test_used_forms_are_remembered_and_then_forgotten(tool: Tool, newcomer: Newcomer) -> None:
    from lti_tool.gateway.connecting.services import purge_connecting

    newcomer.connect(tool.app.test_client(), invited(tool))
    for hours, left in ((0, 1), (2, 0)):
        with (
            time_machine.travel(clock.now() + timedelta(hours=hours), tick=False),
            tool.database.transaction() as session,
        ):
            purge_connecting(session)
            assert len(session.execute(select(UsedForm)).all()) == left
