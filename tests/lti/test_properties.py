"""What holds whatever an LMS sends: roles do not grow, paging stays at home and comes to an end."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.addresses import origin, same_origin, with_path_ending, with_query
from lti_tool.lti.launch import LaunchRefused
from lti_tool.lti.links import next_link, parse_links
from lti_tool.lti.refusals import ServiceRefused, ServiceUnavailable, ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole, course_roles
from lti_tool.lti.service_calls import Caller, ServiceCalls
from lti_tool.lti.signed_tokens import parse_signed
from lti_tool.lti.signing import SigningKey

from .fakes import START

SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, database=None)

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
MEMBERSHIP = f"{VOCABULARY}membership"
# A.2 of LTI Core 1.3, and the short names that it allows: the only ones that say more than "here".
TEACHING = {
    form
    for name in ("Instructor", "TeachingAssistant", "Mentor", "Administrator")
    for form in (name, f"{MEMBERSHIP}#{name}")
}
ABOVE = {f"{VOCABULARY}{kind}/person#Administrator" for kind in ("institution", "system")} | {
    f"{VOCABULARY}institution/person#Administrator"
}
any_text = st.text(st.characters(exclude_categories=()), max_size=30)
near = st.sampled_from(sorted(TEACHING | ABOVE)).flatmap(
    lambda role: st.one_of(
        st.just(role.lower()),
        st.just(role.upper()),
        any_text.filter(bool).map(lambda added: role + added),
        any_text.filter(bool).map(lambda added: added + role),
        st.integers(0, len(role) - 1).map(lambda place: role[:place]),
        st.integers(0, len(role) - 1).map(lambda place: role[:place] + role[place + 1 :]),
        st.just(role.replace("purl.imsglobal.org", "evil.example")),
        st.just(role.replace("membership", "institution")),
    )
)


def is_known(role: str) -> bool:
    """Whether a name is one of the vocabulary's, sub-roles of those who teach included."""
    sub_role = f"{MEMBERSHIP}/Instructor#", f"{MEMBERSHIP}/Mentor#"
    return role in TEACHING | ABOVE or role.startswith(sub_role)


@SETTINGS
@given(st.lists(any_text | near, max_size=4))
def test_no_unknown_name_makes_anybody_more_than_a_learner(roles: list[str]) -> None:
    unknown = [role for role in roles if not is_known(role)]
    assert course_roles(unknown) <= {CourseRole.LEARNER, CourseRole.OBSERVER}


@SETTINGS
@given(st.lists(near, max_size=4), st.sampled_from(["Learner", f"{MEMBERSHIP}#Learner"]))
def test_a_learner_with_unknown_names_beside_is_a_learner(roles: list[str], learner: str) -> None:
    unknown = [role for role in roles if not is_known(role)]
    assert course_roles([*unknown, learner]) <= {CourseRole.LEARNER, CourseRole.OBSERVER}


@SETTINGS
@given(st.lists(st.sampled_from(sorted(TEACHING | ABOVE)) | near | any_text, max_size=5), any_text)
def test_one_more_unknown_name_gives_nothing_more(roles: list[str], more: str) -> None:
    if not is_known(more) and more != "Learner":
        assert course_roles([*roles, more]) <= course_roles(roles) | {CourseRole.OBSERVER}


# Links

HERE = "https://lms.example/5/lineitems?type_id=2"
piece = st.sampled_from(
    [
        "<",
        ">",
        ";",
        ",",
        "=",
        '"',
        "'",
        " ",
        "rel",
        "next",
        "rel=next",
        "\\",
        "//",
        "/",
        "?",
        "#",
        "https://lms.example/a",
        "https://evil.example/",
        "http:",
        "@",
        "\t",
        "\n",
        "\x00",
        "&amp;",
        "javascript:",
        "https://lms.example@evil.example",
        "[",
        "]",
        ":",
        "”",
        "â\x80\x9d",
    ]
)
link_headers = st.lists(piece | any_text, max_size=25).map("".join) | st.text(max_size=80)


@SETTINGS
@given(link_headers)
@example("<https://lms.example\\@evil.example/>; rel=next")
@example("<//evil.example/>; rel=next")
@example("<https://lms.example:444/>; rel=next")
@example("<http://lms.example/>; rel=next")
def test_a_link_header_never_breaks_us_and_never_leads_to_another_origin(value: str) -> None:
    parse_links(value)
    with suppress(ServiceUnreadable):
        found = next_link({"Link": value}, HERE)
        assert found is None or same_origin(found, HERE)


@SETTINGS
@given(st.sampled_from(["<", "<x>;", "<x>; rel=", ";", '"\\', '<x>; a="', "\u00e2\u20ac"]))
def test_a_long_link_header_is_read_at_once(unit: str) -> None:
    """No pattern of ours takes a time that grows faster than the text."""
    parse_links(unit * (20_000 // len(unit)))


class _Pages:
    """A service that hands out whatever pages it likes, and counts."""

    def __init__(self, links: list[str]) -> None:
        self.links = links
        self.asked: list[str] = []

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        self.asked.append(url)
        link = self.links[(len(self.asked) - 1) % len(self.links)] if self.links else ""
        return HttpAnswer(200, {"Link": link}, b"[]")

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        granted = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": "s"}
        return HttpAnswer(200, {}, json.dumps(granted).encode())

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        raise AssertionError

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        raise AssertionError


next_page = st.sampled_from(["?from=1", "?from=2", "/x", HERE, "", "//evil.example", "?from=1#x"])
relation = st.sampled_from(["next", "prev", '"next"', "\u201dnext\u201d"])
page_links = st.builds("<{}>; rel={}".format, next_page, relation)


@SETTINGS
@given(links=st.lists(page_links | link_headers, max_size=4))
def test_paging_comes_to_an_end_and_stays_where_it_began(
    registration: Registration, tool_key: SigningKey, links: list[str]
) -> None:
    pages = _Pages(links)
    calls = ServiceCalls(pages, AccessTokens(pages, clock=lambda: START), clock=lambda: START)
    with suppress(ServiceUnreadable, ServiceUnavailable, ServiceRefused):
        list(calls.pages(Caller(registration, tool_key, "s"), HERE, accept="application/json"))
    assert all(same_origin(url, HERE) for url in pages.asked)
    assert len(pages.asked) == len(set(pages.asked)) < 50


# Addresses and tokens

address = st.lists(piece | any_text, max_size=8).map("".join)


@SETTINGS
@given(address, address)
def test_an_origin_is_read_or_there_is_none(one: str, path: str) -> None:
    for url in (one, f"https://lms.example{path}", f"https://{one}"):
        if origin(url) is not None:
            assert same_origin(url, url)
            assert origin(with_path_ending(url, "scores")) == origin(url)
            assert origin(with_query(url, {"a": "b"})) == origin(url)


@SETTINGS
@given(
    st.lists(st.sampled_from("eyJ.=-_+/ \0é{}") | st.text(max_size=10), max_size=20).map("".join)
)
def test_any_text_is_a_token_or_refused(text: str) -> None:
    with suppress(LaunchRefused):
        parse_signed(text)


@SETTINGS
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_encoded_as_a_token_are_one_or_refused(header: bytes, payload: bytes) -> None:
    import base64

    parts: list[Any] = [
        base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in (header, payload)
    ]
    with suppress(LaunchRefused):
        parse_signed(".".join([*parts, "AA"]))
