"""Line items and results: listed, filtered, paged, changed."""

import re

import pytest

from .standin import (
    AT_TEN,
    LINE_ITEM,
    LINE_ITEM_READ,
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    RESULTS_TYPE,
    Lms,
    results_url,
)

POSTED = {"Content-Type": LINE_ITEM_TYPE}


def listed(lms: Lms, query: str = "", *, url: str = "") -> list[str]:
    url = url or lms.course()["lineitems"]
    joint = "&" if "?" in url else "?"
    answer = lms.call("GET", url + (joint + query if query else ""), accept=LINE_ITEMS_TYPE)
    assert answer.status_code == 200, answer.text
    return [item["label"] for item in answer.json()]


def links(header: str) -> dict[str, str]:
    """Reads a `Link` header by a browser's rules; curly quotes stay around the name."""
    return {rel: url for url, rel in re.findall(r"<([^>]*)>; rel=([^,]+)", header)}


def test_moodle_line_item_has_the_recorded_form(lms: Lms) -> None:
    url = lms.lineitem()

    answer = lms.call("GET", url, accept=LINE_ITEM_TYPE)

    assert answer.headers["Content-Type"] == f"{LINE_ITEM_TYPE}; charset=utf-8"
    assert answer.json() == {
        "id": url,
        "label": "Level 1 self-assessment",
        "scoreMaximum": 100,
        "resourceId": "",
        "tag": "",
        "resourceLinkId": "11",
        "ltiLinkId": "11",
    }
    assert "\\/" in answer.text


def test_moodle_paging_header_is_as_malformed_as_recorded(lms: Lms) -> None:
    lms.control("DELETE", "lineitems/32")
    lms.control("DELETE", "lineitems/33")
    url = lms.course()["lineitems"]

    header = lms.call("GET", f"{url}&limit=1", accept=LINE_ITEMS_TYPE).headers["Link"]

    def link(offset: int, rel: str) -> str:
        return f"<{url}&amp;limit=1&amp;from={offset}>; rel=“{rel}”"

    recorded = ", ".join((link(0, "first"), link(0, "canonical"), link(1, "last")))
    assert header.encode("latin-1").decode() == recorded


def test_moodle_names_the_next_page_when_there_is_one(lms: Lms) -> None:
    url = lms.course()["lineitems"]

    header = lms.call("GET", f"{url}&limit=2", accept=LINE_ITEMS_TYPE).headers["Link"]
    found = links(header.encode("latin-1").decode())

    following = found["“next”"].replace("&amp;", "&")
    assert following == f"{url}&limit=2&from=2"
    assert listed(lms, url=following) == ["Not set up yet"]


def test_moodle_without_a_limit_has_no_pages(lms: Lms) -> None:
    answer = lms.call("GET", lms.course()["lineitems"], accept=LINE_ITEMS_TYPE)

    assert "Link" not in answer.headers
    assert len(answer.json()) == 3


@pytest.mark.parametrize("accept", ["*/*", "application/json", f"{LINE_ITEMS_TYPE}; q=1"])
def test_moodle_compares_accept_as_a_whole(lms: Lms, accept: str) -> None:
    assert lms.call("GET", lms.course()["lineitems"], accept=accept).status_code == 400


@pytest.mark.parametrize(("profile", "size"), [("canvas", 2), ("strict", 2)])
def test_pages_can_be_followed_to_the_end(lms: Lms, profile: str, size: int) -> None:
    lms.play(profile)
    url: str | None = f"{lms.course()['lineitems']}?limit={size}"
    labels: list[str] = []
    pages = 0
    while url:
        answer = lms.call("GET", url, accept=LINE_ITEMS_TYPE)
        labels += [item["label"] for item in answer.json()]
        url = links(answer.headers.get("Link", "")).get('"next"')
        pages += 1

    assert pages == 2
    assert labels == ["Level 1 self-assessment", "Domains 1 and 2 only", "Not set up yet"]


def test_canvas_pages_by_a_bookmark_whose_case_matters(lms: Lms) -> None:
    lms.play("canvas")
    answer = lms.call("GET", f"{lms.course()['lineitems']}?limit=1", accept=LINE_ITEMS_TYPE)

    following = links(answer.headers["Link"])['"next"']

    assert "page=bookmark:" in following
    assert listed(lms, url=following) == ["Domains 1 and 2 only"]
    assert listed(lms, url=following.lower()) != ["Domains 1 and 2 only"]


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_line_item_is_added_found_changed_and_removed(lms: Lms, profile: str) -> None:
    lms.play(profile)
    course = lms.course()
    body = {
        "label": "Portfolio",
        "scoreMaximum": 50,
        "resourceId": "portfolio-1",
        "tag": "grade",
        "resourceLinkId": course["items"][0]["resource_link"],
    }

    made = lms.call("POST", course["lineitems"], json=body, headers=POSTED)

    assert made.status_code == 201
    url = made.json()["id"]
    for query in ("resource_id=portfolio-1", "tag=grade", "tag=grade&resource_id=portfolio-1"):
        assert listed(lms, query) == ["Portfolio"]
    assert listed(lms, "tag=other") == []
    link_id = course["items"][0]["resource_link"]
    assert listed(lms, f"resource_link_id={link_id}") == ["Level 1 self-assessment", "Portfolio"]

    changed = lms.call("PUT", url, json=body | {"label": "Folder"}, headers=POSTED)
    assert (changed.status_code, changed.json()["label"]) == (200, "Folder")
    assert lms.call("GET", url, accept=LINE_ITEM_TYPE).json()["label"] == "Folder"

    assert lms.call("DELETE", url).status_code == 204
    assert lms.call("GET", url, accept=LINE_ITEM_TYPE).status_code == 404


def test_canvas_keeps_the_line_item_of_an_activity(lms: Lms) -> None:
    lms.play("canvas")

    assert lms.call("DELETE", lms.lineitem()).status_code == 401


def test_new_maximum_keeps_everybodys_share(lms: Lms) -> None:
    url = lms.lineitem()
    lms.post_score(url, scoreGiven=40)

    lms.call("PUT", url, json={"label": "Same", "scoreMaximum": 50}, headers=POSTED)

    assert (lms.cell()["value"], lms.cell()["maximum"]) == (20, 50)


@pytest.mark.parametrize(
    "body", [{}, {"label": "x"}, {"scoreMaximum": 1}, {"label": "x", "scoreMaximum": "much"}, []]
)
def test_incomplete_line_item_is_refused(lms: Lms, body: object) -> None:
    answer = lms.call("POST", lms.course()["lineitems"], json=body, headers=POSTED)

    assert answer.status_code == 400


@pytest.mark.parametrize(("profile", "status"), [("moodle", 403), ("canvas", 404), ("strict", 400)])
def test_link_of_another_course_is_refused(lms: Lms, profile: str, status: int) -> None:
    lms.play(profile)
    foreign = lms.course(3)["items"][0]["resource_link"]
    body = {"label": "x", "scoreMaximum": 1, "resourceLinkId": foreign}

    answer = lms.call("POST", lms.course()["lineitems"], json=body, headers=POSTED)

    assert answer.status_code == status


def test_reading_scope_does_not_write(lms: Lms) -> None:
    url = lms.course()["lineitems"]
    reading, writing = lms.token(LINE_ITEM_READ), lms.token(LINE_ITEM)
    body = {"label": "x", "scoreMaximum": 1}

    assert lms.call("GET", url, accept=LINE_ITEMS_TYPE, token=reading).status_code == 200
    assert lms.call("POST", url, json=body, headers=POSTED, token=reading).status_code == 401
    assert lms.call("POST", url, json=body, headers=POSTED, token=writing).status_code == 201


def test_line_item_is_found_only_in_its_course(lms: Lms) -> None:
    url = lms.lineitem().replace("/2/lineitems", "/3/lineitems")

    assert lms.call("GET", url, accept=LINE_ITEM_TYPE).status_code == 404


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_results_are_filtered_and_paged(lms: Lms, profile: str) -> None:
    lms.play(profile)
    item = lms.lineitem()
    for key in ("amina", "cerys", "yusuf"):
        lms.post_score(item, userId=lms.user_id(key), timestamp=AT_TEN)
    url = results_url(item)
    joint = "&" if "?" in url else "?"

    def users(query: str) -> list[str]:
        answer = lms.call("GET", f"{url}{joint}{query}", accept=RESULTS_TYPE)
        return [result["userId"] for result in answer.json()]

    assert users(f"user_id={lms.user_id('cerys')}") == [lms.user_id("cerys")]
    assert users("user_id=999") == []
    assert users("limit=2") == [lms.user_id("amina"), lms.user_id("cerys")]


def test_addresses_of_another_profile_still_answer(lms: Lms) -> None:
    moodle = lms.lineitem()
    lms.play("canvas")

    answer = lms.call("GET", moodle, accept=LINE_ITEM_TYPE)

    assert answer.json()["id"] == lms.lineitem()
