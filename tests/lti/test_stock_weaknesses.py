"""What pylti1p3 2.0.0 lets through or loses, shown on itself, and that we do not.

State and used nonces are the gateway's, and are tested there.
"""

import time
from typing import Any
from unittest.mock import Mock

import pytest
import responses
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.deep_link import DeepLink
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration as StockRegistration
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.tool_config.dict import ToolConfDict

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.launch import LaunchRefused
from lti_tool.lti.links import next_link
from lti_tool.lti.registration import Registration
from lti_tool.lti.scores import GradeService
from lti_tool.lti.signing import SigningKey

from .conftest import JWKS_URL, LTI, TOKEN_URL, Claims, Verify, signed, token_answer
from .fakes import FakeHttp, answer


class StockLaunch(MessageLaunch[Any, Any, Any, Any]):
    """pylti1p3 itself, with a session that finds every state and every nonce good."""

    def __init__(self, id_token: str, config: dict[str, Any]) -> None:
        super().__init__(Mock(), ToolConfDict(config), Mock(), Mock())
        self._token = id_token

    def _get_request_param(self, key: str) -> str:
        return {"id_token": self._token, "state": "s"}[key]


def stock_config(**changes: object) -> dict[str, Any]:
    entry = {
        "client_id": "client-1",
        "auth_login_url": "https://lms.example/auth",
        "auth_token_url": TOKEN_URL,
        "key_set_url": JWKS_URL,
        "deployment_ids": ["9"],
    }
    return {"https://lms.example": [{"default": True, **entry, **changes}]}


@pytest.fixture
def current(claims: Claims) -> Claims:
    """The launch at the present time: the stock code reads the wall clock."""
    now = int(time.time())
    return claims | {"iat": now, "exp": now + 3600}


def gone(name: str) -> Any:
    return lambda claims: claims.pop(name)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (gone("exp"), "claim-missing"),
        (gone("iat"), "claim-missing"),
        (gone(LTI + "target_link_uri"), "claim-missing"),
        (
            lambda claims: claims.update(aud=["client-1", "evil"], azp="evil"),
            "authorised-party-wrong",
        ),
        (
            lambda claims: claims.update({LTI + "target_link_uri": "https://evil.example/"}),
            "target-foreign",
        ),
    ],
)
def test_a_launch_that_the_stock_code_takes_is_refused(
    current: Claims, claims: Claims, platform_key: SigningKey, verify: Verify, spoil: Any, code: str
) -> None:
    for each in (current, claims):
        spoil(each)
    key_set = {"keys": [platform_key.public_jwk()]}
    stock = StockLaunch(signed(current, platform_key), stock_config(key_set=key_set))
    assert stock.validate() is stock
    with pytest.raises(LaunchRefused) as caught:
        verify(signed(claims, platform_key))
    assert caught.value.code == code


@responses.activate
def test_the_stock_code_fetches_the_keys_for_every_launch(
    current: Claims, claims: Claims, platform_key: SigningKey, verify: Verify, http: FakeHttp
) -> None:
    responses.get(JWKS_URL, json={"keys": [platform_key.public_jwk()]})
    for _ in range(3):
        StockLaunch(signed(current, platform_key), stock_config()).validate()
        verify(signed(claims, platform_key))
    assert len(responses.calls) == 3
    assert len(http.calls("GET", JWKS_URL)) == 1


def test_the_stock_code_misses_a_rotated_key(
    current: Claims,
    claims: Claims,
    platform_key: SigningKey,
    other_key: SigningKey,
    http: FakeHttp,
    keys: KeySets,
    verify: Verify,
) -> None:
    old, new = {"keys": [platform_key.public_jwk()]}, {"keys": [other_key.public_jwk()]}
    stock = StockLaunch(signed(current, other_key), stock_config(key_set=old))
    with pytest.raises(LtiException, match="Unable to find public key"):
        stock.validate()
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, answer(new))
    assert verify(signed(claims, other_key)).subject == "17"


def connector(key: SigningKey) -> ServiceConnector:
    registration = StockRegistration()
    registration.set_client_id("client-1").set_auth_token_url(TOKEN_URL)
    registration.set_tool_private_key(key.to_pem())
    return ServiceConnector(registration)


@responses.activate
def test_the_stock_code_spoils_a_cursor(tool_key: SigningKey) -> None:
    page = "https://lms.example/Items?cursor=AbC"
    responses.post(TOKEN_URL, json={"access_token": "t"})
    responses.get("https://lms.example/5", json=[], headers={"Link": f'<{page}>; rel="next"'})
    answered = connector(tool_key).make_service_request(["s"], "https://lms.example/5")
    assert answered["next_page_url"] == page.lower()
    link = {"Link": f'<{page}>; rel="next"'}
    assert next_link(link, "https://lms.example/5") == page


@responses.activate
def test_the_stock_code_forgets_its_tokens_between_services(
    tool_key: SigningKey, http: FakeHttp, registration: Registration, tokens: AccessTokens
) -> None:
    responses.post(TOKEN_URL, json={"access_token": "t", "expires_in": 3600})
    for _ in range(3):
        connector(tool_key).get_access_token(["s"])
        tokens.get(registration, frozenset({"s"}), tool_key)
    assert len(responses.calls) == 3
    assert len(http.calls("POST", TOKEN_URL)) == 1


@responses.activate
def test_the_stock_code_keeps_a_token_past_its_end(
    tool_key: SigningKey, http: FakeHttp, registration: Registration, tokens: AccessTokens
) -> None:
    responses.post(TOKEN_URL, json={"access_token": "t", "expires_in": 1})
    http.on("POST", TOKEN_URL, token_answer(expires_in=1))
    stock = connector(tool_key)
    for _ in range(2):
        stock.get_access_token(["s"])
        tokens.get(registration, frozenset({"s"}), tool_key)
    assert len(responses.calls) == 1
    assert len(http.calls("POST", TOKEN_URL)) == 2


def test_the_stock_code_writes_an_address_unescaped_into_html() -> None:
    url = 'https://lms.example/"><script>'
    form = DeepLink(Mock(), "9", {"deep_link_return_url": url}).get_response_form_html("t")
    assert "<script>" in form
    # Ours hands over the address and writes no HTML; templates escape.


def test_a_line_item_can_be_changed_and_deleted_unlike_in_the_stock_code() -> None:
    for name in ("update_line_item", "delete_line_item"):
        assert callable(getattr(GradeService, name))
    stock = [name for name in dir(AssignmentsGradesService) if "lineitem" in name]
    assert not [name for name in stock if "update" in name or "delete" in name]


def test_one_tool_s_configuration_leaks_into_another_s_in_the_stock_code() -> None:
    one, other = ToolConfDict(stock_config()), ToolConfDict(stock_config())
    assert one.issuers_relation_types is other.issuers_relation_types


def test_two_key_sets_share_nothing(
    http: FakeHttp, platform_key: SigningKey, other_key: SigningKey
) -> None:
    one, other = KeySets(http), KeySets(http)
    one.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, answer({"keys": [other_key.public_jwk()]}))
    with pytest.raises(LaunchRefused):
        other.key(1, JWKS_URL, "lms-1")
