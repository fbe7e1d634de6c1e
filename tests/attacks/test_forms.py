"""CSRF: every route that changes something asks for the token of its own slot; walked, not listed."""

from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.attacks.target import Target
from tests.tool import TUTOR, Tool, Visitor

# Called by an LMS or a browser that has no session yet; each with what guards it instead.
EXEMPT = {
    "gateway.login": "begins a sign-in by whoever asks; leaves a row and a cookie",
    "gateway.launch": "state, nonce, signature, and the login's cookie",
    "registering.confirm": "a sealed form tied to a cookie of our own page",
    "notices.notices": "each notice is signed by the LMS; there is no browser",
    "arriving.confirm": "a proof tied to a cookie of our own page",
    "statement.confirm": "the secret in its address, which no browser sends by itself",
    "arriving.prove": "Origin and Sec-Fetch-Site, from a script of ours alone",
}
ADMINISTRATOR = TUTOR | {"administrator"}


def changing(tool: Tool) -> list[tuple[Rule, str]]:
    """Every rule with each method that is not for reading alone."""
    reading = {"GET", "HEAD", "OPTIONS"}
    return [
        (rule, method)
        for rule in tool.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - reading)
    ]


def address(rule: Rule, who: Visitor) -> str:
    """An address of this route in the visitor's slot; what else it names need not exist."""
    known: dict[str, Any] = {"slot": who.slot, "placement": who.placement}
    values = {n: known.get(n, 1) for n in rule.arguments}
    adapter = who.app.url_map.bind("localhost")
    return str(adapter.build(rule.endpoint, values, method=None))


@pytest.fixture(scope="module")
def visitors(target: Target) -> dict[str, Visitor]:
    from lti_tool.kernel.actor import Role

    everything = frozenset({Role.LEARNER, Role.TUTOR, Role.ADMINISTRATOR})
    sign_in = target.tool.sign_in
    return {
        "here": sign_in("amina", roles=everything),
        "classmate": sign_in("ben", roles=everything),
        "elsewhere": sign_in("odin", roles=everything, organisation="Other"),
    }


def test_every_route_that_changes_something_asks_for_a_token_or_is_listed(target: Target) -> None:
    csrf = target.tool.app.extensions["csrf"]
    exempt = set()
    for rule, _ in changing(target.tool):
        view = target.tool.app.view_functions[rule.endpoint]
        blueprint = rule.endpoint.rpartition(".")[0]
        known = target.tool.app.blueprints.get(blueprint)
        named = f"{view.__module__}.{view.__name__}"
        if (
            blueprint in csrf._exempt_blueprints
            or known in csrf._exempt_blueprints
            or named in csrf._exempt_views
        ):
            exempt.add(rule.endpoint)
    assert exempt == set(EXEMPT)


@pytest.mark.parametrize("token", ["none", "empty", "made up", "classmate", "elsewhere", "outside"])
def test_a_form_without_the_token_of_its_own_slot(
    target: Target, visitors: dict[str, Visitor], token: str
) -> None:
    """With her own cookie, as her browser would send it along with a stranger's form."""
    here = visitors["here"]
    sent = {
        "none": {},
        "empty": {"csrf_token": ""},
        "made up": {"csrf_token": "IjEyMyI.aQ.x"},
        "outside": {"csrf_token": token_of(target, "/lti/login")},
    }.get(token) or {"csrf_token": visitors[token].csrf_token() if token in visitors else ""}
    if token == "none":
        sent = {}
    walked = 0
    for rule, method in changing(target.tool):
        if rule.endpoint in EXEMPT or "slot" not in rule.arguments:
            continue
        path = address(rule, here)
        answer = here.client.open(path, method=method, data=sent)
        assert (answer.status_code, "form-too-old" in answer.text) == (400, True), (path, method)
        headers = {"X-CSRFToken": sent.get("csrf_token", ""), "Accept": "application/json"}
        answer = here.client.open(path, method=method, json={}, headers=headers)
        assert (answer.status_code, "form-too-old" in answer.text) == (400, True), (path, method)
        walked += 1
    assert walked > 20


def token_of(target: Target, path: str) -> str:
    from flask_wtf.csrf import generate_csrf

    with target.tool.app.test_request_context(path):
        return str(generate_csrf())


def test_a_token_in_the_query_or_in_a_cookie_counts_for_nothing(
    target: Target, visitors: dict[str, Visitor]
) -> None:
    here = visitors["here"]
    token = here.csrf_token()
    here.client.set_cookie("csrf_token", token, path="/")
    answer = here.client.post(f"{here.home}domain/1?csrf_token={token}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "override",
    [
        {"X-HTTP-Method-Override": "POST"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Method-Override": "PUT"},
    ],
)
def test_a_reading_request_cannot_be_made_a_changing_one(
    visitors: dict[str, Visitor], override: dict[str, str]
) -> None:
    here = visitors["here"]
    form = {"_method": "POST", "label": "Changed"}
    before = here.get("change").text.count("Changed")
    assert here.get("snapshots", headers=override, query_string=form).status_code in {404, 405}
    assert here.get("change").text.count("Changed") == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_another_site_sends_is_refused_whatever_it_holds(
    visitors: dict[str, Visitor], site: str
) -> None:
    """Browsers say where a request began (Fetch Metadata). A stolen token does not help."""
    here = visitors["here"]
    form = {"csrf_token": here.csrf_token(), "label": "From elsewhere"}
    answer = here.client.post(f"{here.home}snapshots", data=form, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, "form-too-old" in answer.text) == (400, True)
    for fine in ("same-origin", "none"):
        answer = here.client.post(
            f"{here.home}snapshots", data=form, headers={"Sec-Fetch-Site": fine}
        )
        assert "form-too-old" not in answer.text


def test_public_forms_beyond_a_session_are_exempt_or_none(target: Target) -> None:
    """Without a slot there is one secret for all, so that its token would prove nothing."""
    slotless = {rule.endpoint for rule, _ in changing(target.tool) if "slot" not in rule.arguments}
    assert slotless == set(EXEMPT)
