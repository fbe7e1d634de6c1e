"""What is read from a launch that is good."""

import json
from dataclasses import replace

from lti_tool.lti.keysets import KeySets
from lti_tool.lti.launch import (
    AgsEndpoint,
    ContextClaim,
    Launch,
    PlatformClaim,
    ResourceLink,
    verify_launch,
)
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole
from lti_tool.lti.signing import SigningKey

from .conftest import AGS, LTI, MEMBERSHIP, NONCE, TOOL_URL, Claims, Verify, signed
from .fakes import FakeClock


def test_a_launch_is_read_whole(
    verify: Verify, claims: Claims, platform_key: SigningKey, registration: Registration
) -> None:
    launch = verify(signed(claims, platform_key))
    assert launch == Launch(
        registration_id=registration.id,
        issuer="https://lms.example",
        client_id="client-1",
        deployment_id="9",
        subject="17",
        message_type="LtiResourceLinkRequest",
        target_link_uri="https://tool.example/lti/launch?x=1",
        roles=frozenset({CourseRole.LEARNER}),
        name="Nia Ŵyn-Żak",
        given_name="Nia",
        family_name="Ŵyn-Żak",
        email="nia@example.test",
        context=ContextClaim("5", "IMH9", "Warm starts"),
        resource_link=ResourceLink("31", "Self-assessment", ""),
        custom={"instrument": "self-assessment-1"},
        ags=AgsEndpoint(
            frozenset({"https://purl.imsglobal.org/spec/lti-ags/scope/score"}),
            "https://lms.example/5/lineitems?type_id=2",
            "https://lms.example/5/lineitems/8/lineitem?type_id=2",
        ),
        memberships_url="https://lms.example/5/memberships",
        platform=PlatformClaim("moodle", "g", "", "1"),
        locale="cy",
        document_target="iframe",
        return_url="https://lms.example/return?course=5",
    )


def test_a_launch_says_nothing_of_the_person_when_it_is_printed(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    shown = repr(verify(signed(claims, platform_key)))
    assert "Nia" not in shown
    assert "example.test" not in shown
    assert "return?course" not in shown


def test_names_and_services_may_be_absent_or_null(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    for name in ("name", "given_name", LTI + "context", LTI + "tool_platform", LTI + "custom"):
        claims[name] = None
    for name in ("family_name", "email", AGS, LTI + "launch_presentation"):
        del claims[name]
    launch = verify(signed(claims, platform_key))
    assert (launch.name, launch.email, launch.locale, launch.return_url) == ("", "", "", "")
    assert (launch.context, launch.ags, dict(launch.custom)) == (None, None, {})
    assert launch.platform == PlatformClaim()


def test_a_deep_linking_request_is_read(
    verify: Verify, deep_linking: Claims, platform_key: SigningKey
) -> None:
    launch = verify(signed(deep_linking, platform_key))
    assert launch.resource_link is None
    assert launch.deep_linking is not None
    assert launch.deep_linking.return_url == "https://lms.example/deep?course=5"
    assert launch.deep_linking.accept_types == ("ltiResourceLink",)
    assert launch.deep_linking.accept_multiple is True
    assert launch.deep_linking.data == "opaque"


def test_custom_values_become_texts_or_are_left_out(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "custom"] = {"a": "b", "n": 3, "t": True, "none": None, "l": [1], "o": {}}
    assert dict(verify(signed(claims, platform_key)).custom) == {"a": "b", "n": "3", "t": "true"}


def test_custom_numbers_of_any_size_break_nothing(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "custom"] = {"int": 10**400, "float": "HERE"}
    payload = json.dumps(claims).replace('"HERE"', "1e999").encode()
    assert dict(verify(signed(payload, platform_key)).custom) == {"int": str(10**400)}


def test_a_return_address_that_is_a_script_is_left_out(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "launch_presentation"]["return_url"] = "javascript:alert(1)"
    assert verify(signed(claims, platform_key)).return_url == ""


def test_text_that_no_database_takes_is_mended(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims["name"] = "Nia\x00 \ud83d"
    launch = verify(signed(claims, platform_key))
    assert launch.name == "Nia ?"


def test_a_mentor_of_listed_people_is_no_tutor(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "roles"] = [MEMBERSHIP + "Mentor"]
    assert verify(signed(claims, platform_key)).roles == {CourseRole.TUTOR}
    claims[LTI + "role_scope_mentor"] = ["18", "", "x" * 300]
    launch = verify(signed(claims, platform_key))
    assert launch.roles == {CourseRole.OBSERVER}
    assert launch.mentored == {"18"}


def test_a_scope_without_the_role_says_nothing(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "roles"] = [MEMBERSHIP + "Learner"]
    claims[LTI + "role_scope_mentor"] = ["18"]
    assert verify(signed(claims, platform_key)).mentored == frozenset()


def test_a_submission_review_says_of_whom_and_needs_no_link(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "message_type"] = "LtiSubmissionReviewRequest"
    claims[LTI + "for_user"] = {"user_id": "18", "name": "Somebody"}
    claims[AGS]["lineitem"] = "https://lms.example/items/1"
    assert verify(signed(claims, platform_key)).resource_link is not None
    del claims[LTI + "resource_link"]
    launch = verify(signed(claims, platform_key))
    assert (launch.for_user, launch.resource_link) == ("18", None)


def test_a_data_privacy_launch_needs_neither_course_nor_roles(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    claims[LTI + "message_type"] = "DataPrivacyLaunchRequest"
    for name in ("context", "resource_link", "roles", "custom"):
        claims.pop(LTI + name, None)
    launch = verify(signed(claims, platform_key))
    assert (launch.roles, launch.context, launch.for_user) == (frozenset(), None, "")


def test_an_observer_of_canvas_is_no_tutor(
    claims: Claims,
    platform_key: SigningKey,
    registration: Registration,
    keys: KeySets,
    clock: FakeClock,
) -> None:
    claims[LTI + "roles"] = [MEMBERSHIP + "Mentor"]
    claims[LTI + "tool_platform"]["product_family_code"] = "canvas"
    launch = verify_launch(
        signed(claims, platform_key),
        registration=replace(registration, product=""),
        nonce=NONCE,
        tool_url=TOOL_URL,
        keys=keys,
        now=clock(),
    )
    assert launch.roles == {CourseRole.OBSERVER}
