"""Whatever stands in a signed token, it is a launch or a refusal: never another error."""

import json
from contextlib import suppress
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.lti.launch import Launch, LaunchRefused
from lti_tool.lti.signed_tokens import parse_signed
from lti_tool.lti.signing import SigningKey

from .conftest import DEEP_LINKING, Claims, Verify, signed

SHARED = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20)
    | st.sampled_from([10**400, "javascript:x", "https://[", "//", "http://lms.example:x/"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(claims: Claims) -> list[tuple[str, ...]]:
    """Every place in the claims, one level into objects."""
    inner = [(n, m) for n, value in claims.items() if isinstance(value, dict) for m in value]
    return [*((name,) for name in claims), *inner]


def changed(claims: Claims, path: tuple[str, ...], value: Any) -> Claims:
    copy = deepcopy(claims)
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copy


@SHARED
@given(data=st.data(), value=json_values)
def test_any_value_in_any_claim_is_a_launch_or_a_refusal(
    verify: Verify, claims: Claims, platform_key: SigningKey, data: st.DataObject, value: Any
) -> None:
    path = data.draw(st.sampled_from(paths(claims)))
    with suppress(LaunchRefused):
        assert isinstance(verify(signed(changed(claims, path, value), platform_key)), Launch)


@SHARED
@given(data=st.data(), value=json_values)
def test_any_value_in_a_deep_linking_request_is_a_launch_or_a_refusal(
    verify: Verify, deep_linking: Claims, platform_key: SigningKey, data: st.DataObject, value: Any
) -> None:
    path = data.draw(st.sampled_from([(DEEP_LINKING, name) for name in deep_linking[DEEP_LINKING]]))
    with suppress(LaunchRefused):
        assert isinstance(verify(signed(changed(deep_linking, path, value), platform_key)), Launch)


@SHARED
@given(data=st.data(), wrong=st.sampled_from([None, True, 0, 1.5, "x", ["x"], {"x": "x"}]))
def test_what_comes_out_has_the_types_that_it_says(
    verify: Verify, claims: Claims, platform_key: SigningKey, data: st.DataObject, wrong: Any
) -> None:
    path = data.draw(st.sampled_from(paths(claims)))
    with suppress(LaunchRefused):
        launch = verify(signed(changed(claims, path, wrong), platform_key))
        texts = (launch.name, launch.given_name, launch.email, launch.locale, launch.return_url)
        assert all(isinstance(text, str) for text in (*texts, *launch.custom.values()))
        assert launch.context is None or isinstance(launch.context.title, str)
        assert launch.ags is None or isinstance(launch.ags.lineitem, str | None)
        json.dumps([*texts, launch.subject], ensure_ascii=False).encode()


@SHARED
@given(st.text() | st.from_regex(r"[\w=+-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_any_text_as_a_token_is_refused_in_order(token: str) -> None:
    with suppress(LaunchRefused):
        parse_signed(token)
