"""What was picked, in a course and in its copies: set-up, dates, and what a tutor changed."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from lti_tool.courses.models import Course, Membership, Placement
from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.outbox.models import Message
from tests.gateway.lms import AGS, MISSING, TUTOR_ROLE, Lms
from tests.gateway.picking.picker import Picker, items_of
from tests.gateway.test_launch import arrive
from tests.tool import Tool

BY_HAND = {
    "instrument": "self-assessment-2",
    "domains": ["self-assessment-2:3"],
    "grade_rule": "achieved",
    "snapshot_on": "2090-03-02",
    "asks_looking_back": "y",
}
DUE = "2026-12-03T17:00:00Z"


def picked(lms: Lms, **changes: Any) -> dict[str, str]:
    """Picks one activity of domain 2; returns the custom parameters of the link."""
    picker = Picker.open(lms)
    picker.add(domains=["2"], **changes)
    (item,) = items_of(picker.send())
    return dict(item["custom"])


def opened(
    lms: Lms, custom: Any, link: str = "link-1", course: str = "course-1", **changes: Any
) -> str:
    """Launches a link; returns the address of its page."""
    claims: dict[str, Any] = {
        "lti_resource_link": {"id": link, "title": f"Title {link}"},
        "lti_context": {"id": course, "title": course, "label": course},
        "lti_custom": custom,
    } | changes
    return arrive(lms.tool.app.test_client(), lms, **claims)


def placed(tool: Tool, link: str, course: str = "course-1") -> Placement:
    with tool.database.transaction(write=False) as session:
        return session.scalars(
            select(Placement)
            .join(Course, Course.id == Placement.course_id)
            .where(Placement.resource_link == link, Course.context == course)
        ).one()


def shape(place: Placement) -> tuple[str, list[int], str, str]:
    return place.instrument, place.domains, place.grade_rule, place.set_up_by


def change_by_hand(lms: Lms, custom: Any, link: str, course: str = "course-1") -> None:
    browser = lms.tool.app.test_client()
    claims: dict[str, Any] = {
        "sub": "tara",
        "lti_roles": [TUTOR_ROLE],
        "lti_resource_link": {"id": link, "title": f"Title {link}"},
        "lti_context": {"id": course, "title": course, "label": course},
        "lti_custom": custom,
    }
    ticket = lms.launch(browser, **claims).headers["Location"]
    home = browser.get(ticket).headers["Location"].rpartition("/course")[0]
    token = browser.get(f"{home}/set-up").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert browser.post(f"{home}/set-up", data=BY_HAND | {"csrf_token": token}).status_code == 303


FIRST = ("self-assessment-1", [2], "completion", "lms")
CHANGED = ("self-assessment-2", [3], "achieved", "tutor")


def test_a_launch_finds_its_plan(lms: Lms) -> None:
    custom = picked(lms, points="20")
    opened(lms, custom)
    place = placed(lms.tool, "link-1")
    assert (place.planned, place.points, shape(place)) == (custom["placement"], 20, FIRST)


def test_a_link_that_kept_only_its_placement_is_set_up_by_the_plan(lms: Lms) -> None:
    custom = picked(lms)
    opened(lms, {"placement": custom["placement"]})
    assert shape(placed(lms.tool, "link-1")) == FIRST


def test_the_first_parameters_never_undo_what_a_tutor_changed(lms: Lms) -> None:
    custom = picked(lms)
    opened(lms, custom)
    change_by_hand(lms, custom, "link-1")
    opened(lms, custom)
    assert shape(placed(lms.tool, "link-1")) == CHANGED


@pytest.mark.parametrize(
    "history",
    [
        {},  # Moodle
        {"context_history": "course-1", "link_history": "$ResourceLink.id.history"},
        {"context_history": "course-1", "link_history": "link-1"},
    ],
)
def test_a_copied_course_takes_over_what_was_changed_and_starts_anew(
    lms: Lms, history: dict[str, str]
) -> None:
    custom = picked(lms)
    opened(lms, custom)
    change_by_hand(lms, custom, "link-1")
    opened(lms, custom | history, "link-9", "course-2", sub="new-learner", name="Nia")
    copy, origin = placed(lms.tool, "link-9", "course-2"), placed(lms.tool, "link-1")
    assert copy.id != origin.id
    assert shape(copy) == CHANGED
    assert (copy.snapshot_on, copy.asks_looking_back) == (date(2090, 3, 2), True)
    with lms.tool.database.transaction(write=False) as session:
        assert session.scalars(select(Score)).all() == []
        members = select(Membership).where(Membership.course_id == copy.course_id)
        assert len(session.scalars(members).all()) == 1
    opened(lms, custom | history, "link-9", "course-2")
    assert shape(placed(lms.tool, "link-9", "course-2")) == CHANGED


def test_a_copy_before_any_change_follows_its_own_parameters(lms: Lms) -> None:
    custom = picked(lms)
    opened(lms, custom)
    opened(lms, custom | {"domains": "5"}, "link-9", "course-2")
    assert placed(lms.tool, "link-9", "course-2").domains == [5]
    change_by_hand(lms, custom, "link-1")  # too late for the copy
    opened(lms, custom | {"domains": "5"}, "link-9", "course-2")
    assert placed(lms.tool, "link-9", "course-2").domains == [5]


def test_a_copy_of_a_copy_takes_after_the_nearest(lms: Lms) -> None:
    custom = picked(lms)
    opened(lms, custom)
    opened(lms, custom | {"link_history": "link-1"}, "link-2", "course-2")
    change_by_hand(lms, custom, "link-2", "course-2")
    for link, history, expected in (
        ("link-3", "link-2,link-1", CHANGED),
        ("link-4", "link-1", FIRST),
        ("link-5", "gone,link-2", CHANGED),
    ):
        opened(lms, custom | {"link_history": history}, link, "course-3")
        assert shape(placed(lms.tool, link, "course-3")) == expected


def test_without_a_history_of_links_that_of_courses_decides(lms: Lms) -> None:
    custom = picked(lms)
    for course in ("course-1", "course-2"):
        opened(lms, custom, "link-" + course, course)
    change_by_hand(lms, custom, "link-course-2", "course-2")
    for history, expected in (("course-1", FIRST), ("course-2,course-1", CHANGED)):
        asked = custom | {"context_history": history}
        opened(lms, asked, "copy-" + expected[3], "copy-of-" + history)
        assert shape(placed(lms.tool, "copy-" + expected[3], "copy-of-" + history)) == expected


def test_a_link_made_by_hand_is_copied_where_the_lms_tells_its_history(lms: Lms) -> None:
    change_by_hand(lms, {}, "bare")
    opened(lms, {"link_history": "bare"}, "bare-2", "course-2")
    opened(lms, {"link_history": "$ResourceLink.id.history"}, "bare-3", "course-2")
    assert shape(placed(lms.tool, "bare-2", "course-2")) == CHANGED
    assert placed(lms.tool, "bare-3", "course-2").instrument == ""


def test_a_duplicate_in_the_same_course_is_an_activity_of_its_own(lms: Lms) -> None:
    custom = picked(lms, due_at="2026-12-03T17:00")
    opened(lms, custom)
    opened(lms, custom, "link-2")
    first, second = placed(lms.tool, "link-1"), placed(lms.tool, "link-2")
    assert first.public_id != second.public_id
    assert shape(first) == shape(second) == FIRST
    change_by_hand(lms, custom, "link-2")
    assert shape(placed(lms.tool, "link-1")) == FIRST


@pytest.mark.parametrize("organisation", ["Willow Training", "Other"])
def test_what_another_organisation_placed_is_as_if_it_were_not_there(
    lms: Lms, organisation: str
) -> None:
    custom = picked(lms)
    opened(lms, custom)
    change_by_hand(lms, custom, "link-1")
    other = Lms(lms.tool, issuer="https://other.example", organisation=organisation, client_id="c2")
    names = (custom["placement"], placed(lms.tool, "link-1").public_id)
    for number, name in enumerate(names):
        asked = {"placement": name, "link_history": "link-1", "context_history": "course-1"}
        opened(other, asked, f"link-{number}", "elsewhere")
        found = placed(lms.tool, f"link-{number}", "elsewhere")
        if organisation == "Other":
            assert (found.instrument, found.planned, found.snapshot_on) == ("", "", None)
        else:  # a course that was restored in another LMS of the same organisation
            assert shape(found) == CHANGED


@pytest.mark.parametrize("name", ["unknown", "$Unresolved", "", "\0", "x" * 5000, "'; DROP TABLE"])
def test_an_unknown_placement_is_ignored(lms: Lms, name: str) -> None:
    opened(lms, {"instrument": "self-assessment-1", "placement": name})
    assert (placed(lms.tool, "link-1").planned, placed(lms.tool, "link-1").domains) == ("", [])


@pytest.mark.parametrize(
    "custom",
    [
        MISSING,
        {},
        None,
        {"instrument": "$Foo", "domains": "a,b", "grade": "best"},
        {"instrument": "self-assessment-1", "domains": "9" * 40},
        {"instrument": "self-assessment-1", "grade": "best"},
        {"instrument": "", "placement": "x", "due": "soon", "link_history": ",,%zz,\0"},
        {"link_history": ",".join(str(n) for n in range(5000))},
    ],
)
def test_a_link_made_by_hand_is_set_up_by_its_first_tutor(lms: Lms, custom: Any) -> None:
    browser = lms.tool.app.test_client()
    page = browser.get(arrive(browser, lms, lti_custom=custom))
    assert "not set up yet" in page.text
    change_by_hand(lms, custom, "link-1")
    assert shape(placed(lms.tool, "link-1")) == CHANGED
    opened(lms, custom)
    assert shape(placed(lms.tool, "link-1")) == CHANGED


# Dates ---------------------------------------------------------------------------------------


def start_page(lms: Lms, custom: dict[str, str], at: datetime, **changes: Any) -> str:
    with time_machine.travel(at, tick=False):
        browser = lms.tool.app.test_client()
        text = browser.get(arrive(browser, lms, lti_custom=custom, **changes)).text
    return " ".join(text.split())


BEFORE, AFTER = datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 5, 9, tzinfo=UTC)
SET_UP = {"instrument": "self-assessment-1"}


@pytest.mark.parametrize(
    "dates",
    [
        {"due": DUE},
        {"due": "2026-12-03T18:00:00.000+01:00"},
        {"due": "2026-12-03T17:00:00"},
    ],
)
def test_a_due_date_of_the_lms_is_shown(lms: Lms, dates: dict[str, str]) -> None:
    page = start_page(lms, SET_UP | dates, BEFORE)
    assert "3 December 2026, 17:00</time></strong>" in page
    assert "Due <time" in page
    assert placed(lms.tool, "link-1").due_at == datetime(2026, 12, 3, 17, tzinfo=UTC)


CANVAS = {"due": "$ResourceLink.submission.endDateTime", "canvas_due": DUE}
OTHERS_DUE = "2026-12-09T17:00:00Z"


def test_a_date_of_canvas_is_shown_to_whose_it_is_and_to_nobody_else(lms: Lms) -> None:
    assert "Due <time" in start_page(lms, SET_UP | CANVAS, BEFORE)
    other = start_page(lms, SET_UP | {"canvas_due": OTHERS_DUE}, BEFORE, sub="ben", name="Ben")
    assert "9 December 2026, 17:00" in other
    assert "3 December 2026" not in other
    assert "3 December 2026, 17:00" in start_page(lms, SET_UP | CANVAS, BEFORE)
    tutor = start_page(lms, SET_UP | CANVAS, BEFORE, sub="tara", lti_roles=[TUTOR_ROLE])
    assert "Due</" not in tutor
    assert not {"3 December 2026", "9 December 2026"} & set(re.findall(r"\d+ December 2026", tutor))
    assert placed(lms.tool, "link-1").due_at is None


def test_a_learners_own_date_comes_before_that_of_everybody(lms: Lms) -> None:
    both = {"due": OTHERS_DUE, "canvas_due": DUE}
    assert "3 December 2026, 17:00" in start_page(lms, SET_UP | both, BEFORE)
    tutor = start_page(lms, SET_UP | both, BEFORE, sub="tara", lti_roles=[TUTOR_ROLE])
    assert "9 December 2026, 17:00" in tutor
    assert "3 December 2026" not in tutor
    # Canvas took the extension back.
    assert "9 December 2026" in start_page(lms, SET_UP | {"due": OTHERS_DUE}, BEFORE)


def test_own_dates_are_kept_for_each_placement_apart(lms: Lms) -> None:
    links = {name: {"id": name, "title": name} for name in ("link-1", "link-2")}
    own = {"link-1": DUE, "link-2": OTHERS_DUE}
    for name, link in links.items():
        custom = SET_UP | {"canvas_due": own[name], "canvas_available_until": "soon"}
        start_page(lms, custom, BEFORE, lti_resource_link=link)
    with lms.tool.database.transaction(write=False) as session:
        (stored,) = session.scalars(select(Membership.own_dates)).all()
    assert stored == {
        str(placed(lms.tool, "link-1").id): {"due_at": "2026-12-03T17:00:00+00:00"},
        str(placed(lms.tool, "link-2").id): {"due_at": "2026-12-09T17:00:00+00:00"},
    }
    start_page(lms, SET_UP, BEFORE, lti_resource_link=links["link-1"])
    start_page(lms, SET_UP, BEFORE, lti_resource_link=links["link-2"])
    with lms.tool.database.transaction(write=False) as session:
        assert session.scalars(select(Membership.own_dates)).all() == [None]


def statements(lms: Lms, custom: dict[str, str]) -> list[str]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(lms.tool.database.engine, "before_cursor_execute", note)
    try:
        start_page(lms, custom, BEFORE)
    finally:
        event.remove(lms.tool.database.engine, "before_cursor_execute", note)
    return said


def test_an_own_date_costs_no_statement(lms: Lms) -> None:
    for custom in (SET_UP, SET_UP | CANVAS):
        start_page(lms, custom, BEFORE)
        start_page(lms, custom, BEFORE)
    with_own = len(statements(lms, SET_UP | CANVAS))
    start_page(lms, SET_UP, BEFORE)
    assert with_own == len(statements(lms, SET_UP))


def test_what_is_overdue_is_said_kindly_and_closes_nothing(lms: Lms) -> None:
    page = start_page(lms, SET_UP | {"due": DUE}, AFTER)
    assert "This was due <time" in page
    assert "You can still go on" in page
    assert "/domain/1" in page


def test_every_date_is_shown_to_learner_and_tutor(lms: Lms) -> None:
    dates = {
        "available_from": "2026-12-02T09:00:00Z",
        "available_until": "2026-12-20T09:00:00Z",
        "submission_from": "2026-12-02T10:00:00Z",
        "due": DUE,
    }
    shown = ("2 December 2026, 09:00", "20 December 2026, 09:00", "2 December 2026, 10:00")
    learner = start_page(lms, SET_UP | dates, BEFORE)
    tutor = start_page(lms, SET_UP | dates, BEFORE, sub="tara", lti_roles=[TUTOR_ROLE])
    for text in (*shown, "3 December 2026, 17:00"):
        assert text in learner
        assert text in tutor


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "$ResourceLink.submission.endDateTime",
        "2026-13-01",
        "9" * 400,
        "<b>",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_no_date_is_none(lms: Lms, value: str) -> None:
    assert "Due" not in start_page(lms, SET_UP | {"due": value}, BEFORE)
    assert placed(lms.tool, "link-1").due_at is None


def test_the_lmss_dates_come_and_go_and_else_the_picked_ones_are_shown(lms: Lms) -> None:
    custom = picked(lms, due_at="2026-12-10T12:00")
    for due, expected in (
        ("$ResourceLink.submission.endDateTime", "10 December 2026, 12:00"),
        (DUE, "3 December 2026, 17:00"),
        ("", "10 December 2026, 12:00"),
    ):
        assert expected in start_page(lms, custom | {"due": due}, BEFORE)


def test_a_copied_course_does_not_show_the_dates_of_the_first(lms: Lms) -> None:
    custom = picked(lms, due_at="2026-12-10T12:00")
    opened(lms, custom)
    context = {"id": "course-2", "title": "Next year", "label": "2"}
    link = {"id": "link-9", "title": "Copy"}
    page = start_page(lms, custom, BEFORE, lti_context=context, lti_resource_link=link)
    assert "Due" not in page


def test_an_unchanged_launch_runs_no_statement_for_dates(lms: Lms) -> None:
    seen: list[str] = []
    custom = SET_UP | {"due": DUE, "link_history": "a,b", "context_history": "c"}
    counts = []
    for asked in (SET_UP, SET_UP, custom, custom):
        seen.clear()
        browser = lms.tool.app.test_client()
        engine = lms.tool.database.engine

        def listener(*told: Any) -> None:
            seen.append(told[2])

        event.listen(engine, "before_cursor_execute", listener)
        lms.launch(browser, lti_custom=asked)
        event.remove(engine, "before_cursor_execute", listener)
        counts.append(len(seen))
    assert counts[1] == counts[3] < counts[2]


def test_points_are_the_lmss_and_grades_stay_shares_of_a_hundred(lms: Lms) -> None:
    custom = picked(lms, points="20")
    browser = lms.tool.app.test_client()
    home = arrive(browser, lms, sub="tara", lti_roles=[TUTOR_ROLE], lti_custom=custom).rpartition(
        "/course"
    )[0]
    page = " ".join(browser.get(f"{home}/set-up").text.split())
    assert "was made for 20 points" in page
    assert "What follows from a change" in page
    assert "stays called “Level 1”" in page


# A grade for each domain ----------------------------------------------------------------------


def picked_apart(lms: Lms, **changes: Any) -> dict[str, Any]:
    picker = Picker.open(lms)
    picker.add(grade_parts="domains", points="20", domains=["2"], **changes)
    assert ("One grade for each domain." in picker.get().text) is (not changes)
    (item,) = items_of(picker.send())
    return item


def test_with_a_grade_for_each_domain_no_column_is_asked_for_and_the_plan_says_so(lms: Lms) -> None:
    item = picked_apart(lms)
    assert "lineItem" not in item
    opened(lms, item["custom"])
    place = placed(lms.tool, "link-1")
    assert (place.grade_parts, place.points) == ("domains", 20)


def test_the_columns_of_the_domains_are_asked_for_at_the_first_launch(lms: Lms) -> None:
    offered = {
        "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"],
        "lineitems": "https://lms.example/items",
    }
    opened(lms, picked_apart(lms)["custom"], **{AGS: offered})
    with lms.tool.database.transaction(write=False) as session:
        parts = session.scalars(select(PlacementLineItem.part)).all()
        topics = session.scalars(select(Message.topic)).all()
    # The picker's own choice was domain 2; there is no column of the whole that stays empty.
    assert parts == ["domain-2"]
    assert topics.count("line-item.find") == 1


def test_a_copy_of_the_course_keeps_a_grade_for_each_domain(lms: Lms) -> None:
    custom = picked_apart(lms)["custom"]
    # Before the original was ever opened, and after.
    opened(lms, custom, "link-8", "course-2")
    opened(lms, custom)
    opened(lms, custom, "link-9", "course-3")
    copies = placed(lms.tool, "link-8", "course-2"), placed(lms.tool, "link-9", "course-3")
    assert [copy.grade_parts for copy in copies] == ["domains", "domains"]


def test_without_a_grade_there_are_no_parts_of_it(lms: Lms) -> None:
    item = picked_apart(lms, grade_rule="none")
    assert "lineItem" not in item
    opened(lms, item["custom"])
    assert placed(lms.tool, "link-1").grade_parts == "whole"


def test_the_choice_of_grades_is_there_again_when_a_draft_is_changed(lms: Lms) -> None:
    picker = Picker.open(lms)
    picker.add(grade_parts="domains")
    page = " ".join(picker.get(f"items/{picker.ids()[0]}").text.split())
    assert 'value="domains" checked' in page
    assert 'value="whole" checked' not in page
    again = " ".join(picker.get("add/self-assessment-1").text.split())
    assert 'value="whole" checked' in again


def test_an_item_for_moodle_leaves_the_address_to_the_tool_that_was_asked(lms: Lms) -> None:
    moodle = {
        "https://purl.imsglobal.org/spec/lti/claim/tool_platform": {
            "guid": "g",
            "product_family_code": "moodle",
        }
    }
    picker = Picker.open(lms, **moodle)
    picker.add()
    (item,) = items_of(picker.send())
    assert "url" not in item
    assert item["type"] == "ltiResourceLink"
