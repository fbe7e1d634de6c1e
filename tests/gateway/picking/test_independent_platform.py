"""What the picker sends is taken by an LMS's own LTI code (Open edX's lti-consumer-xblock)."""

import re

import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(PLATFORM_NAME="LMS", USE_TZ=True)

from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer

from lti_tool.gateway.keys import KeyRing
from lti_tool.lti.signing import SigningKey
from tests.gateway.lms import Lms
from tests.gateway.picking.picker import RETURN, Picker

TOOL_URL = "http://127.0.0.1:8000/lti/launch"


@pytest.fixture
def consumer(lms: Lms) -> LtiAdvantageConsumer:
    found = LtiAdvantageConsumer(
        iss=lms.issuer,
        lti_oidc_url="http://127.0.0.1:8000/lti/login",
        lti_launch_url=TOOL_URL,
        client_id=lms.client_id,
        deployment_id="1",
        rsa_key=SigningKey.generate().to_pem(),
        rsa_key_id="lms-1",
        redirect_uris=[TOOL_URL],
        tool_key=KeyRing(lms.tool.runtime).signing_key().to_pem(),
    )
    found.enable_deep_linking(TOOL_URL, RETURN)
    return found


def test_it_takes_what_the_picker_sends(lms: Lms, consumer: LtiAdvantageConsumer) -> None:
    """Open edX takes one item at a time, and no line item."""
    picker = Picker.open(lms, {"accept_multiple": False, "accept_lineitem": False})
    page = picker.add(domains=["2"], title="Żółć & Llŷr", due_at="2026-12-03T17:00", then="send")
    token = re.search(r'name="JWT"[^>]*value="([^"]+)"', page.text)
    assert token
    (taken,) = consumer.check_and_decode_deep_linking_token(token[1])
    assert (taken["type"], taken["title"], taken["url"]) == (
        "ltiResourceLink",
        "Żółć & Llŷr",
        TOOL_URL,
    )
    assert taken["custom"]["domains"] == "2"


def test_it_takes_that_nothing_was_picked(lms: Lms, consumer: LtiAdvantageConsumer) -> None:
    page = Picker.open(lms).post("cancel")
    token = re.search(r'name="JWT"[^>]*value="([^"]+)"', page.text)
    assert token
    assert consumer.check_and_decode_deep_linking_token(token[1]) == []
