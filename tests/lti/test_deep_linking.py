"""What goes back to the LMS from the picker: signed, complete, and nothing that it did not ask for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from lti_tool.kernel.errors import InvalidInput
from lti_tool.lti.content_items import LinkItem, WantedLineItem, Window
from lti_tool.lti.deep_linking import deep_linking_response
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

from .fakes import START

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MOODLE = DeepLinkingSettings(
    return_url="https://lms.example/return?course=2",
    accept_types=("ltiResourceLink",),
    accept_targets=("frame", "iframe", "window"),
    accept_multiple=True,
)
ITEM = LinkItem(
    title="Level 1 self-assessment",
    url="https://tool.example/lti/launch",
    text="Where you stand.",
    custom={"instrument": "self-assessment-1", "placement": "p-1"},
    line_item=WantedLineItem("Level 1", 100, "p-1", "imhcf"),
    submission=Window(ends=datetime(2027, 3, 14, 17, 0, tzinfo=UTC)),
    height=800,
)


def claims(
    registration: Registration,
    key: SigningKey,
    settings: DeepLinkingSettings = MOODLE,
    items: tuple[LinkItem, ...] = (ITEM,),
) -> dict[str, Any]:
    token = deep_linking_response(registration, "7", settings, items, key, now=START)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    found: dict[str, Any] = jwt.decode(
        token,
        key.private_key.public_key(),
        algorithms=["RS256"],
        audience=registration.issuer,
        options={"verify_exp": False, "verify_iat": False},
    )
    return found


def test_the_message_is_from_us_to_the_lms_and_lives_minutes(
    registration: Registration, tool_key: SigningKey
) -> None:
    found = claims(registration, tool_key)
    assert (found["iss"], found["aud"]) == (registration.client_id, registration.issuer)
    assert found["iat"] < START.timestamp() < found["exp"] < START.timestamp() + 600
    assert found[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert found[LTI + "version"] == "1.3.0"
    assert found[LTI + "deployment_id"] == "7"
    assert found["nonce"] != claims(registration, tool_key)["nonce"]


def test_an_item_carries_its_column_its_dates_and_its_set_up(
    registration: Registration, tool_key: SigningKey
) -> None:
    (item,) = claims(registration, tool_key)[DL + "content_items"]
    assert item == {
        "type": "ltiResourceLink",
        "title": "Level 1 self-assessment",
        "text": "Where you stand.",
        "url": "https://tool.example/lti/launch",
        "custom": {"instrument": "self-assessment-1", "placement": "p-1"},
        "lineItem": {
            "label": "Level 1",
            "scoreMaximum": 100,
            "resourceId": "p-1",
            "tag": "imhcf",
        },
        "submission": {"endDateTime": "2027-03-14T17:00:00Z"},
        "iframe": {"height": 800},
    }


@pytest.mark.parametrize(("accepts", "is_sent"), [(True, True), (None, True), (False, False)])
def test_no_column_is_asked_for_where_the_lms_makes_none(
    registration: Registration, tool_key: SigningKey, accepts: bool | None, *, is_sent: bool
) -> None:
    settings = replace(MOODLE, accept_line_item=accepts)
    (item,) = claims(registration, tool_key, settings)[DL + "content_items"]
    assert ("lineItem" in item) is is_sent


def test_hints_are_given_only_for_targets_that_the_lms_named(
    registration: Registration, tool_key: SigningKey
) -> None:
    for targets, hint in (((), None), (("window",), "window"), (("iframe", "window"), "iframe")):
        settings = replace(MOODLE, accept_targets=targets)
        (item,) = claims(registration, tool_key, settings)[DL + "content_items"]
        assert {"window", "iframe"} & set(item) == ({hint} if hint else set())


def test_data_goes_back_as_it_came_and_only_if_it_came(
    registration: Registration, tool_key: SigningKey
) -> None:
    assert DL + "data" not in claims(registration, tool_key)
    for data in ("opaque", {"a": [1]}, "", False):
        found = claims(registration, tool_key, replace(MOODLE, data=data))
        assert found[DL + "data"] == data


def test_picking_nothing_is_an_answer(registration: Registration, tool_key: SigningKey) -> None:
    assert claims(registration, tool_key, items=())[DL + "content_items"] == []


@pytest.mark.parametrize(
    ("settings", "count", "code"),
    [
        (replace(MOODLE, accept_multiple=False), 2, "one-item-only"),
        (replace(MOODLE, accept_types=("link", "html")), 1, "items-not-accepted"),
    ],
)
def test_what_the_lms_does_not_take_is_not_sent(
    registration: Registration,
    tool_key: SigningKey,
    settings: DeepLinkingSettings,
    count: int,
    code: str,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        deep_linking_response(registration, "7", settings, (ITEM,) * count, tool_key, now=START)
    assert refused.value.code == code
