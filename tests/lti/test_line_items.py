"""The columns of a gradebook: all of them, the right one, and changes."""

from typing import Any

import pytest

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READONLY
from lti_tool.lti.launch import AgsEndpoint
from lti_tool.lti.refusals import ServiceRefused, ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.scores import GradeService, LineItem
from lti_tool.lti.signing import SigningKey

from .conftest import TOKEN_URL
from .fakes import FakeClock, FakeHttp, answer

ITEMS = "https://lms.example/5/lineitems?type_id=2"
ITEM = "https://lms.example/5/lineitems/8/lineitem?type_id=2"


def described(number: int, **more: object) -> dict[str, object]:
    """A line item as Moodle describes it."""
    return {
        "id": f"https://lms.example/5/lineitems/{number}/lineitem?type_id=2",
        "label": f"Column {number}",
        "scoreMaximum": 100,
        "resourceId": "",
        "tag": "",
        "resourceLinkId": "31",
        "ltiLinkId": "31",
        **more,
    }


@pytest.fixture
def grades(http: FakeHttp, tokens: AccessTokens, clock: FakeClock) -> GradeService:
    return GradeService(http, tokens, clock=clock)


@pytest.fixture
def items(grades: GradeService, registration: Registration, tool_key: SigningKey) -> Any:
    return lambda **wanted: grades.line_items(registration, tool_key, ITEMS, **wanted)


def test_every_page_is_read(http: FakeHttp, items: Any) -> None:
    second, third = ITEMS + "&from=1", ITEMS + "&from=2"
    moodle = "\u00e2\u0080\u009cnext\u00e2\u0080\u009d"
    link = second.replace("&", "&amp;")
    http.on("GET", ITEMS, answer([described(1)], headers={"Link": f"<{link}>; rel={moodle}"}))
    http.on("GET", second, answer([described(2)], headers={"Link": f"<{third}>; rel=next"}))
    http.on("GET", third, answer([described(3)]))
    assert [item.label for item in items()] == ["Column 1", "Column 2", "Column 3"]
    accepted = {sent.headers["Accept"] for sent in http.sent if sent.method == "GET"}
    assert accepted == {"application/vnd.ims.lis.v2.lineitemcontainer+json"}


def test_a_page_that_was_read_before_is_an_error(http: FakeHttp, items: Any) -> None:
    second = ITEMS + "&from=1"
    http.on("GET", ITEMS, answer([], headers={"Link": f"<{second}>; rel=next"}))
    http.on("GET", second, answer([], headers={"Link": f"<{ITEMS}>; rel=next"}))
    with pytest.raises(ServiceUnreadable) as caught:
        items()
    assert caught.value.code == "paging-loop"


def test_our_token_goes_to_no_other_host(http: FakeHttp, items: Any) -> None:
    link = "<https://evil.example/>; rel=next"
    http.on("GET", ITEMS, answer([described(1)], headers={"Link": link}))
    with pytest.raises(ServiceUnreadable) as caught:
        items()
    assert caught.value.code == "next-link-foreign"
    assert not http.calls("GET", "https://evil.example/")


def test_filters_are_asked_for_and_checked(http: FakeHttp, items: Any) -> None:
    url = ITEMS + "&resource_id=p-1&tag=grade"
    http.on(
        "GET",
        url,
        answer(
            [
                described(1),
                described(2, resourceId="p-2", tag="grade"),
                described(3, resourceId="p-1", tag="grade"),
                described(4, resourceId="p-1"),
            ]
        ),
    )
    (item,) = items(resource_id="p-1", tag="grade")
    assert item.label == "Column 3"


def test_the_first_that_fits_is_found(
    http: FakeHttp, grades: GradeService, registration: Registration, tool_key: SigningKey
) -> None:
    url = ITEMS + "&resource_link_id=31"
    http.on("GET", url, answer([described(1, resourceLinkId="30"), described(2), described(3)]))
    found = grades.find_line_item(registration, tool_key, ITEMS, resource_link_id="31")
    assert found is not None
    assert found.label == "Column 2"
    http.on("GET", url, answer([]))
    assert grades.find_line_item(registration, tool_key, ITEMS, resource_link_id="31") is None


def test_reading_asks_for_the_scope_that_the_launch_gave(http: FakeHttp, items: Any) -> None:
    http.on("GET", ITEMS, answer([]))
    items()
    items(scope=AgsEndpoint(frozenset({SCOPE_LINE_ITEM})).reading_scope)
    asked = [sent.form["scope"] for sent in http.calls("POST", TOKEN_URL)]
    assert asked == [SCOPE_LINE_ITEM_READONLY, SCOPE_LINE_ITEM]
    both = AgsEndpoint(frozenset({SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READONLY}))
    assert both.reading_scope == SCOPE_LINE_ITEM_READONLY


@pytest.mark.parametrize(
    "item", ["x", None, {}, {"id": 8}, {"id": "8"}, {"id": "javascript:x"}, {"id": "/lineitem"}]
)
def test_a_line_item_without_an_address_is_an_error(
    http: FakeHttp, items: Any, item: object
) -> None:
    http.on("GET", ITEMS, answer([item]))
    with pytest.raises(ServiceUnreadable):
        items()


def test_a_line_item_is_created(
    http: FakeHttp, grades: GradeService, registration: Registration, tool_key: SigningKey
) -> None:
    http.on("POST", ITEMS, answer(described(8, resourceId="p-1"), status=201))
    wanted = LineItem("", "Column 8", 100.0, resource_id="p-1", resource_link_id="31")
    made = grades.create_line_item(registration, tool_key, ITEMS, wanted)
    assert (made.id, made.resource_id) == (ITEM, "p-1")
    (sent,) = http.calls("POST", ITEMS)
    assert sent.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert sent.json == {
        "label": "Column 8",
        "scoreMaximum": 100.0,
        "resourceId": "p-1",
        "resourceLinkId": "31",
    }


def test_an_update_loses_nothing_that_the_lms_said(
    http: FakeHttp,
    grades: GradeService,
    registration: Registration,
    tool_key: SigningKey,
    items: Any,
) -> None:
    whole = described(8, tag="grade", endDateTime="2027-01-01T00:00:00Z")
    http.on("GET", ITEMS, answer([whole]))
    http.on("PUT", ITEM, answer())
    (item,) = items()
    assert grades.update_line_item(registration, tool_key, item) == item
    (sent,) = http.calls("PUT", ITEM)
    assert sent.json == {name: value for name, value in whole.items() if value != ""}
    assert sent.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"


@pytest.mark.parametrize("status", [204, 404, 410])
def test_a_deleted_line_item_is_gone(
    http: FakeHttp,
    grades: GradeService,
    registration: Registration,
    tool_key: SigningKey,
    status: int,
) -> None:
    http.on("DELETE", ITEM, answer(status=status))
    grades.delete_line_item(registration, tool_key, ITEM)
    assert len(http.calls("DELETE", ITEM)) == 1


def test_a_line_item_that_may_not_be_deleted_stays(
    http: FakeHttp, grades: GradeService, registration: Registration, tool_key: SigningKey
) -> None:
    http.on("DELETE", ITEM, answer(status=403))
    with pytest.raises(ServiceRefused) as caught:
        grades.delete_line_item(registration, tool_key, ITEM)
    assert caught.value.code == "permission-missing"
