"""What a token must claim: one row for each way to be wrong."""

import json
from typing import Any

import pytest

from lti_tool.lti.keysets import KeySets
from lti_tool.lti.launch import LaunchRefused, verify_launch
from lti_tool.lti.refusals import LAUNCH_REFUSALS
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

from .conftest import (
    AGS,
    DEEP_LINKING,
    LTI,
    MEMBERSHIP,
    TOOL_URL,
    Claims,
    Verify,
    refusal,
    signed,
)
from .fakes import START, FakeClock

NOW = int(START.timestamp())

# Each row changes one thing in a good launch, or takes it away.
ABSENT = object()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("iss", ABSENT, "issuer-wrong"),
        ("iss", "https://lms.example/", "issuer-wrong"),
        ("iss", ["https://lms.example"], "issuer-wrong"),
        ("aud", ABSENT, "audience-wrong"),
        ("aud", "client-2", "audience-wrong"),
        ("aud", [], "audience-wrong"),
        ("aud", ["client-2"], "audience-wrong"),
        ("aud", ["client-1", 7], "audience-wrong"),
        ("aud", {"client-1": 1}, "audience-wrong"),
        ("aud", ["client-1", "client-2"], "authorised-party-wrong"),
        ("azp", "client-2", "authorised-party-wrong"),
        ("azp", None, "authorised-party-wrong"),
        ("exp", ABSENT, "claim-missing"),
        ("exp", None, "claim-missing"),
        ("exp", True, "claim-missing"),
        ("exp", str(NOW + 60), "claim-missing"),
        ("exp", -1, "claim-missing"),
        ("exp", 10**400, "claim-missing"),
        ("exp", NOW - 60, "token-expired"),
        ("iat", ABSENT, "claim-missing"),
        ("iat", False, "claim-missing"),
        ("iat", [NOW], "claim-missing"),
        ("iat", NOW + 61, "token-from-the-future"),
        ("nbf", NOW + 61, "token-from-the-future"),
        ("nbf", "soon", "claim-missing"),
        ("nonce", ABSENT, "claim-missing"),
        ("nonce", "", "claim-missing"),
        ("nonce", 5, "claim-missing"),
        ("nonce", "another", "nonce-wrong"),
        ("nonce", "\ud800", "nonce-wrong"),
        ("sub", ABSENT, "claim-missing"),
        ("sub", "", "claim-missing"),
        ("sub", 17, "claim-missing"),
        ("sub", "s" * 256, "claim-missing"),
        ("sub", "17\x00", "claim-wrong"),
        ("name", ["Nia"], "claim-wrong"),
        ("email", {}, "claim-wrong"),
        (LTI + "version", ABSENT, "version-wrong"),
        (LTI + "version", "1.1", "version-wrong"),
        (LTI + "version", "LTI-1p0", "version-wrong"),
        (LTI + "version", ["1.3.0"], "version-wrong"),
        (LTI + "deployment_id", ABSENT, "claim-missing"),
        (LTI + "deployment_id", "", "claim-missing"),
        (LTI + "deployment_id", 9, "claim-missing"),
        (LTI + "deployment_id", "d" * 256, "claim-missing"),
        (LTI + "message_type", ABSENT, "claim-missing"),
        (LTI + "message_type", "LtiStartProctoring", "message-not-supported"),
        (LTI + "message_type", "LtiEulaRequest", "message-not-supported"),
        (LTI + "target_link_uri", ABSENT, "claim-missing"),
        (LTI + "target_link_uri", "", "claim-missing"),
        (LTI + "target_link_uri", "/lti/launch", "target-foreign"),
        (LTI + "target_link_uri", "http://tool.example/lti/launch", "target-foreign"),
        (LTI + "target_link_uri", "https://tool.example:8443/", "target-foreign"),
        (LTI + "target_link_uri", "https://tool.example.evil.example/", "target-foreign"),
        (LTI + "target_link_uri", "https://tool.example@evil.example/", "target-foreign"),
        (LTI + "target_link_uri", "https://evil.example\\@tool.example/", "target-foreign"),
        (LTI + "target_link_uri", "https://tool.example:port/", "target-foreign"),
        (LTI + "resource_link", ABSENT, "claim-missing"),
        (LTI + "resource_link", {"title": "x"}, "claim-missing"),
        (LTI + "resource_link", {"id": 31}, "claim-missing"),
        (LTI + "resource_link", ["31"], "claim-wrong"),
        (LTI + "roles", ABSENT, "message-invalid"),
        (LTI + "roles", "Learner", "claim-wrong"),
        (LTI + "roles", [MEMBERSHIP + "Learner", None], "claim-wrong"),
        (LTI + "role_scope_mentor", "18", "claim-wrong"),
        (LTI + "context", [], "claim-wrong"),
        (LTI + "context", {"title": "no id"}, "claim-missing"),
        (LTI + "context", {"id": "5", "title": 5}, "claim-wrong"),
        (LTI + "custom", ["a"], "claim-wrong"),
        (LTI + "tool_platform", "moodle", "claim-wrong"),
        (LTI + "launch_presentation", {"locale": 7}, "claim-wrong"),
        (AGS, "yes", "claim-wrong"),
        (AGS, {"scope": "score"}, "claim-wrong"),
        (AGS, {"lineitem": "ftp://lms.example/"}, "claim-wrong"),
        (AGS, {"lineitems": "https://lms.example/" + "a" * 4096}, "claim-wrong"),
    ],
)
def test_one_wrong_claim_refuses_the_launch(
    verify: Verify, claims: Claims, platform_key: SigningKey, name: str, value: Any, code: str
) -> None:
    claims.pop(name, None)
    if value is not ABSENT:
        claims[name] = value
    error = refusal(verify, signed(claims, platform_key))
    assert error.code == code
    if code in {"claim-missing", "claim-wrong"}:
        assert name.rpartition("/")[2] in error.detail


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("deep_link_return_url", None, "claim-missing"),
        ("deep_link_return_url", "javascript:alert(1)", "claim-wrong"),
        ("accept_types", "ltiResourceLink", "claim-wrong"),
        ("accept_presentation_document_targets", "iframe", "claim-wrong"),
    ],
)
def test_a_deep_linking_request_that_we_cannot_answer_is_refused(
    verify: Verify, deep_linking: Claims, platform_key: SigningKey, name: str, value: Any, code: str
) -> None:
    deep_linking[DEEP_LINKING][name] = value
    assert refusal(verify, signed(deep_linking, platform_key)).code == code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accept_types", ["link"]),
        ("accept_types", []),
        ("accept_presentation_document_targets", []),
    ],
)
def test_a_request_for_what_we_do_not_have_is_read_all_the_same(
    verify: Verify, deep_linking: Claims, platform_key: SigningKey, name: str, value: list[str]
) -> None:
    """The picker says in words what it cannot do, and lets the LMS know."""
    deep_linking[DEEP_LINKING][name] = value
    assert verify(signed(deep_linking, platform_key)).deep_linking is not None


def test_huge_floats_are_no_times(verify: Verify, claims: Claims, platform_key: SigningKey) -> None:
    del claims["exp"]
    payload = json.dumps(claims)[:-1].encode() + b', "exp": 1e999}'
    assert refusal(verify, signed(payload, platform_key)).code == "claim-missing"


# --- what is near the edge and still good


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["client-1"]},
        {"aud": ["client-2", "client-1"], "azp": "client-1"},
        {"azp": "client-1"},
        {"exp": NOW - 59},
        {"exp": NOW + 60.5},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"nbf": None},
        {"iat": NOW - 86400},
        {"sub": "s" * 255},
        {LTI + "roles": []},
        {LTI + "target_link_uri": "https://TOOL.example:443/anything"},
        {AGS: {"scope": None, "lineitems": "", "lineitem": None}},
    ],
)
def test_a_launch_near_the_edge_is_taken(
    verify: Verify, claims: Claims, platform_key: SigningKey, changes: Claims
) -> None:
    assert verify(signed(claims | changes, platform_key)).registration_id == 1


def test_a_nonce_that_we_do_not_have_matches_nothing(
    claims: Claims,
    platform_key: SigningKey,
    registration: Registration,
    keys: KeySets,
    clock: FakeClock,
) -> None:
    with pytest.raises(LaunchRefused) as caught:
        verify_launch(
            signed(claims, platform_key),
            registration=registration,
            nonce="",
            tool_url=TOOL_URL,
            keys=keys,
            now=clock(),
        )
    assert caught.value.code == "nonce-wrong"


def test_every_code_has_a_sentence() -> None:
    for code in LAUNCH_REFUSALS:
        error = LaunchRefused(code)
        assert (error.code, bool(error.sentence)) == (code, True)
