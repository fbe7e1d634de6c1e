"""An LMS's own LTI code (Open edX's lti-consumer-xblock) and ours understand each other."""

import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(PLATFORM_NAME="LMS", USE_TZ=True)

from urllib.parse import parse_qsl, urlsplit

import time_machine
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer

from lti_tool.kernel import clock as wall
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.lti.content_items import LinkItem
from lti_tool.lti.deep_linking import deep_linking_response
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.launch import Launch, LaunchRefused, login_redirect, verify_launch
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole
from lti_tool.lti.signing import SigningKey

from .conftest import JWKS_URL, NONCE, TOKEN_URL, TOOL_URL
from .fakes import START, FakeHttp, Sent, answer


@pytest.fixture
def consumer(
    platform_key: SigningKey, tool_key: SigningKey, registration: Registration
) -> LtiAdvantageConsumer:
    found = LtiAdvantageConsumer(
        iss=registration.issuer,
        lti_oidc_url="https://tool.example/lti/login",
        lti_launch_url=TOOL_URL,
        client_id=registration.client_id,
        deployment_id="1",
        rsa_key=platform_key.to_pem(),
        rsa_key_id="lms-1",
        redirect_uris=[TOOL_URL],
        tool_key=tool_key.to_pem(),
    )
    found.set_user_data(user_id="u-1", role="student", full_name="Nia Żak")
    found.set_resource_link_claim("link-1", title="Self-assessment")
    found.set_context_claim("course-1", context_title="Warm starts", context_label="IMH9")
    found.set_custom_parameters({"instrument": "portfolio-1"})
    found.enable_ags("https://lms.example/items", "https://lms.example/items/1")
    return found


def launched(
    consumer: LtiAdvantageConsumer, registration: Registration, http: FakeHttp, nonce: str
) -> Launch:
    """A whole launch: our redirect, its token, our verification."""
    http.on("GET", JWKS_URL, answer(consumer.get_public_keyset()))
    url = login_redirect(
        registration, redirect_uri=TOOL_URL, state="s", nonce=NONCE, login_hint="u-1"
    )
    reply = consumer.generate_launch_request(dict(parse_qsl(urlsplit(url).query)))
    return verify_launch(
        reply["id_token"],
        registration=registration,
        nonce=nonce,
        tool_url=TOOL_URL,
        keys=KeySets(http),
        now=wall.now(),
    )


@time_machine.travel(START, tick=False)
def test_its_launch_is_one_of_ours(
    consumer: LtiAdvantageConsumer, registration: Registration, http: FakeHttp
) -> None:
    launch = launched(consumer, registration, http, NONCE)
    assert (launch.subject, launch.deployment_id, launch.name) == ("u-1", "1", "Nia Żak")
    assert launch.roles == {CourseRole.LEARNER}
    assert launch.custom["instrument"] == "portfolio-1"
    assert launch.resource_link is not None
    assert launch.resource_link.title == "Self-assessment"
    assert launch.ags is not None
    assert launch.ags.lineitem == "https://lms.example/items/1"
    assert SCOPE_SCORE in launch.ags.scopes


@time_machine.travel(START, tick=False)
def test_its_launch_for_another_login_is_refused(
    consumer: LtiAdvantageConsumer, registration: Registration, http: FakeHttp
) -> None:
    with pytest.raises(LaunchRefused) as caught:
        launched(consumer, registration, http, "another-nonce")
    assert caught.value.code == "nonce-wrong"


@time_machine.travel(START, tick=False)
def test_it_gives_an_access_token_for_our_assertion(
    consumer: LtiAdvantageConsumer,
    registration: Registration,
    http: FakeHttp,
    tool_key: SigningKey,
) -> None:
    def reply(sent: Sent) -> object:
        return answer(consumer.access_token(sent.form))

    http.on("POST", TOKEN_URL, reply)  # type: ignore[arg-type]
    token = AccessTokens(http).get(registration, frozenset({SCOPE_SCORE}), tool_key)
    assert token.scopes == {SCOPE_SCORE}
    assert consumer.check_token(token.token, [SCOPE_SCORE])


@time_machine.travel(START, tick=False)
def test_it_gives_none_for_another_key(
    consumer: LtiAdvantageConsumer,
    registration: Registration,
    http: FakeHttp,
    other_key: SigningKey,
) -> None:
    http.on("POST", TOKEN_URL, lambda sent: answer(consumer.access_token(sent.form)))
    with pytest.raises(Exception, match="Signature verification failed"):
        AccessTokens(http).get(registration, frozenset({SCOPE_SCORE}), other_key)


@time_machine.travel(START, tick=False)
def test_it_takes_what_a_tutor_picked(
    consumer: LtiAdvantageConsumer,
    registration: Registration,
    tool_key: SigningKey,
    other_key: SigningKey,
) -> None:
    consumer.enable_deep_linking(TOOL_URL, "https://lms.example/return")
    settings = DeepLinkingSettings("https://lms.example/return", ("ltiResourceLink",))
    items = (LinkItem("Level 1", TOOL_URL, custom={"instrument": "self-assessment-1"}),)

    def token(key: SigningKey) -> str:
        return deep_linking_response(registration, "1", settings, items, key, now=START)

    (taken,) = consumer.check_and_decode_deep_linking_token(token(tool_key))
    assert taken["custom"] == {"instrument": "self-assessment-1"}
    with pytest.raises(Exception, match=r"Signature verification failed|BadJwtSignature"):
        consumer.check_and_decode_deep_linking_token(token(other_key))
