"""Picking: what a tutor puts together, what of it is sent, and to whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.courses.models import PlannedPlacement
from lti_tool.gateway.picking.models import Pick
from lti_tool.kernel import clock
from tests.gateway.lms import CLAIM, LEARNER_ROLE, TUTOR_ROLE, Lms
from tests.gateway.picking.picker import (
    DL,
    ITEM,
    RETURN,
    Picker,
    items_of,
    read_answer,
    request_pick,
)
from tests.tool import Tool

HOSTILE = "\"><script>alert('1')</script> & <b>Żółć</b>"


def plans(tool: Tool) -> list[PlannedPlacement]:
    with tool.database.transaction(write=False) as session:
        return list(session.scalars(select(PlannedPlacement).order_by(PlannedPlacement.id)))


def test_two_activities_one_by_domains_are_sent_signed_and_planned(lms: Lms) -> None:
    picker = Picker.open(lms)
    assert picker.add().status_code == 303
    changed = {"domains": ["5", "2"], "title": "Two domains", "grade_rule": "achieved"}
    dates = {"available_from": "2026-12-01T09:00", "due_at": "2026-12-03T17:00"}
    assert picker.add("self-assessment-2", points="20", **changed, **dates).status_code == 303
    assert picker.names() == ["Where do I stand?", "Two domains"]

    address, claims = read_answer(lms, picker.post("send"))

    assert address == RETURN
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[CLAIM + "deployment_id"] == "1"
    assert DL + "data" not in claims
    first, second = items_of(claims)
    kept = plans(lms.tool)
    assert [plan.public_id for plan in kept] == [i["custom"]["placement"] for i in (first, second)]
    assert first["type"] == "ltiResourceLink"
    assert first["url"] == "http://127.0.0.1:8000/lti/launch"
    assert first["iframe"] == {"height": 800}
    assert "domains" not in first["custom"]
    assert first["lineItem"]["scoreMaximum"] == 100
    custom = {name: second["custom"][name] for name in ("instrument", "domains", "grade")}
    assert custom == {"instrument": "self-assessment-2", "domains": "2,5", "grade": "achieved"}
    assert second["lineItem"] == {
        "label": "Two domains",
        "scoreMaximum": 20,
        "resourceId": kept[1].public_id,
        "tag": "imhcf",
    }
    assert second["available"] == {"startDateTime": "2026-12-01T09:00:00Z"}
    assert second["submission"] == {"endDateTime": "2026-12-03T17:00:00Z"}
    assert (kept[1].instrument, kept[1].domains, kept[1].points) == (
        "self-assessment-2",
        [2, 5],
        20,
    )


def test_moments_are_those_of_the_organisations_zone(lms: Lms) -> None:
    lms.tool.runtime.settings.__dict__["timezone"] = "Europe/London"
    picker = Picker.open(lms)
    picker.add(due_at="2026-07-03T17:00")
    (item,) = items_of(picker.send())
    assert item["submission"] == {"endDateTime": "2026-07-03T16:00:00Z"}


def test_a_moodle_is_not_asked_for_variables_that_it_does_not_know(lms: Lms) -> None:
    platform = {CLAIM + "tool_platform": {"guid": "g", "product_family_code": "moodle"}}
    for changes, expected in (({}, True), (platform, False)):
        picker = Picker.open(lms, **changes)
        picker.add()
        (item,) = items_of(picker.send())
        assert ("due" in item["custom"]) is expected
        assert item["custom"]["context_history"] == "$Context.id.history"


@pytest.mark.parametrize("accepts", [True, False, None])
def test_a_column_is_asked_for_unless_the_lms_makes_none_or_there_is_no_grade(
    lms: Lms, accepts: bool | None
) -> None:
    settings = {} if accepts is None else {"accept_lineitem": accepts}
    picker = Picker.open(lms, settings)
    assert ('for="points"' in picker.get("add/self-assessment-1").text) is (accepts is not False)
    picker.add(points="30")
    picker.add(grade_rule="none", points="")
    graded, ungraded = items_of(picker.send())
    assert ("lineItem" in graded) is (accepts is not False)
    assert "lineItem" not in ungraded


@pytest.mark.parametrize("targets", [[], ["window"], ["iframe", "window"], ["frame"]])
def test_hints_fit_where_the_lms_shows_activities(lms: Lms, targets: list[str]) -> None:
    picker = Picker.open(lms, {"accept_presentation_document_targets": targets})
    picker.add()
    (item,) = items_of(picker.send())
    assert set(item) & {"iframe", "window"} == {t for t in targets if t != "frame"} - (
        {"window"} if "iframe" in targets else set()
    )


def test_an_lms_that_takes_one_gets_one_and_the_rest_stays(lms: Lms) -> None:
    picker = Picker.open(lms, {"accept_multiple": False})
    picker.add(title="First")
    page = picker.get("add/self-assessment-1").text
    assert "choose another" not in page
    picker.add(title="Second")
    assert "takes one activity at a time" in picker.get().text
    refused = picker.post("send")
    assert refused.status_code == 303
    assert "Add one of your list" in picker.browser.get(refused.location).text
    (item,) = items_of(picker.send(only=picker.ids()[1]))
    assert item["title"] == "Second"


def test_the_form_itself_sends_at_once(lms: Lms) -> None:
    for accepts in (True, False):
        picker = Picker.open(lms, {"accept_multiple": accepts})
        (item,) = items_of(picker.claims(picker.add(then="send", title="Straight away")))
        assert item["title"] == "Straight away"


@pytest.mark.parametrize("types", [[], ["link"], ["html", "image"]])
def test_where_no_activity_fits_the_page_says_so_and_the_lms_is_told_why(
    lms: Lms, types: list[str]
) -> None:
    picker = Picker.open(lms, {"accept_types": types})
    assert "Nothing from here fits in this place" in picker.get().text
    picker.add()
    assert picker.post("send").status_code == 400
    claims = picker.claims(picker.post("cancel"))
    assert items_of(claims) == []
    assert claims[DL + "errormsg"] == claims[DL + "errorlog"] != ""


def test_cancelling_answers_with_nothing(lms: Lms) -> None:
    picker = Picker.open(lms, {"data": "opaque"})
    picker.add()
    claims = picker.claims(picker.post("cancel"))
    assert items_of(claims) == []
    assert claims[DL + "data"] == "opaque"
    assert DL + "errormsg" not in claims
    assert plans(lms.tool) == []
    assert Picker.open(lms).names() == []  # what was cancelled does not come back


@pytest.mark.parametrize(
    "data", ["opaque", "", "Żółć\n\"'<&>", {"a": [1, None]}, False, "x" * 20_000]
)
def test_data_goes_back_as_it_came(lms: Lms, data: Any) -> None:
    picker = Picker.open(lms, {"data": data})
    picker.add()
    assert picker.send()[DL + "data"] == data


def test_what_is_larger_than_any_honest_request_is_refused(lms: Lms) -> None:
    for size, status in ((60_000, 400), (300_000, 413)):
        answer = request_pick(lms, lms.tool.app.test_client(), {"data": "x" * size})
        assert answer.status_code == status


# The list -----------------------------------------------------------------------------------


def test_the_list_is_changed_moved_and_shortened(lms: Lms) -> None:
    picker = Picker.open(lms)
    for title in ("One", "Two", "Three"):
        picker.add(title=title)
    one, _two, three = picker.ids()
    picker.post(f"items/{three}/move", {"to": "up"})
    assert picker.names() == ["One", "Three", "Two"]
    picker.post(f"items/{one}/move", {"to": "up"})  # it is the first already
    picker.post(f"items/{one}/move", {"to": "down"})
    assert picker.names() == ["Three", "One", "Two"]
    form = picker.get(f"items/{one}").text
    assert 'value="One"' in form
    assert picker.post(f"items/{one}", ITEM | {"title": "Uno", "domains": ["3"]}).status_code == 303
    picker.post(f"items/{three}/remove")
    assert picker.names() == ["Uno", "Two"]
    assert re.findall(r'value="(\d)"\s+checked', picker.get(f"items/{one}").text) == ["3"]
    assert picker.post(f"items/{three}/remove").status_code == 404


def test_the_same_form_sent_twice_is_one_activity(lms: Lms) -> None:
    picker = Picker.open(lms)
    once = re.search(r'name="once" value="([^"]+)"', picker.get("add/self-assessment-1").text)
    assert once
    for title in ("One", "One, corrected"):
        picker.add(once=once[1], title=title)
    assert picker.names() == ["One, corrected"]


def test_what_was_put_together_survives_a_new_request_of_the_lms(lms: Lms) -> None:
    first = Picker.open(lms)
    first.add(title="Kept")
    again = Picker.open(lms)
    assert again.names() == ["Kept"]
    assert "put together before" in again.get().text
    (item,) = items_of(again.send())
    assert item["title"] == "Kept"
    assert Picker.open(lms, sub="tom", name="Tom").names() == []


def test_more_than_a_course_can_want_is_refused_and_nothing_lost(lms: Lms) -> None:
    picker = Picker.open(lms)
    for number in range(40):
        assert picker.add(title=f"No {number}").status_code == 303
    answer = picker.add(title="Too many")
    assert answer.status_code == 400
    assert "more cannot be sent at once" in answer.text
    assert len(picker.names()) == 40


def test_an_empty_list_is_not_sent(lms: Lms) -> None:
    picker = Picker.open(lms)
    answer = picker.post("send")
    assert "nothing on your list yet" in picker.browser.get(answer.location).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "  "}, "Give the activity a title."),
        ({"title": "x" * 256}, "The title is too long."),
        ({"text": "x" * 2001}, "The description is too long."),
        ({"domains": []}, "Choose at least one domain."),
        ({"domains": ["99", "x"]}, "Choose at least one domain."),
        ({"grade_rule": "best"}, "Choose how the activity is graded."),
        *(
            ({"points": p}, "Points are a whole number")
            for p in ("", "0", "-1", "1001", "1e2", "٣")
        ),
        ({"due_at": "soon"}, "The date could not be read."),
        ({"due_at": "1999-01-01T00:00"}, "The date could not be read."),
        ({"due_at": "2026-12-03T17:00+05:00"}, "The date could not be read."),
        (
            {"available_from": "2026-12-03T17:00", "available_until": "2026-12-03T17:00"},
            "The end comes before the beginning.",
        ),
        (
            {"submission_from": "2026-12-03T17:00", "due_at": "2026-12-01T17:00"},
            "The end comes before the beginning.",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_shown_again(
    lms: Lms, changes: dict[str, Any], words: str
) -> None:
    picker = Picker.open(lms)
    answer = picker.add(**({"text": "Kept as typed"} | changes), then="send")
    assert answer.status_code == 400
    assert words in answer.text
    if "text" not in changes:
        assert "Kept as typed" in answer.text
    assert picker.names() == []


def test_what_is_hostile_is_text_on_every_page_and_to_the_lms(lms: Lms) -> None:
    address = "https://lms.example/return?a='\"><script>&b=%22</form>"
    address = address.replace(" ", "")
    settings = {"title": HOSTILE, "text": HOSTILE, "deep_link_return_url": address}
    context = {"id": "c", "title": HOSTILE, "label": HOSTILE}
    picker = Picker.open(lms, settings, lti_context=context, name=HOSTILE)
    form = picker.get("add/self-assessment-1").text
    assert "<script>alert" not in form
    assert "&lt;script&gt;alert" in form
    picker.add(title=HOSTILE)
    assert "<script>alert" not in picker.get().text
    page = picker.post("send")
    assert "<script>&b" not in page.text
    sent_to, claims = read_answer(lms, page)
    assert sent_to == address
    assert items_of(claims)[0]["title"] == HOSTILE


@pytest.mark.parametrize(
    ("suggested", "begins_with"),
    [
        ("", "IMHCF self-assessment, Level 1"),
        ("infant mental health competencies", "IMHCF self-assessment, Level 1"),  # Moodle's habit
        ("Where am I?", "Where am I?"),
    ],
)
def test_a_title_begins_as_the_lms_suggests_unless_that_is_the_tools_name(
    lms: Lms, suggested: str, begins_with: str
) -> None:
    form = Picker.open(lms, {"title": suggested}).get("add/self-assessment-1").text
    assert f'value="{begins_with}"' in form


# Where answers go ---------------------------------------------------------------------------


def test_only_the_answers_page_may_post_to_the_lms_and_only_there(lms: Lms) -> None:
    picker = Picker.open(lms)
    assert "form-action 'self';" in picker.get().headers["Content-Security-Policy"]
    picker.add()
    policy = picker.post("send").headers["Content-Security-Policy"]
    assert "form-action 'self' https://lms.example:443;" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//lms.example/return",
        "/return",
        "https:/lms.example",
        "https://user@lms.example/",
        "https://lms.example\\@evil.example/",
        "https://lms.example/\nreturn",
        "http://lms.example/return",  # the LMS itself is encrypted
        "https://lms.example;script-src/",
        "https://*/",
        "https://a'b/",
        "",
        None,
        7,
    ],
)
def test_an_answer_goes_to_no_address_that_is_unclear_or_unsafe(lms: Lms, address: Any) -> None:
    answer = request_pick(lms, lms.tool.app.test_client(), {"deep_link_return_url": address})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    with lms.tool.database.transaction(write=False) as session:
        assert session.scalars(select(Pick)).all() == []


def test_the_address_of_the_answer_cannot_be_changed_by_the_browser(lms: Lms) -> None:
    picker = Picker.open(lms)
    picker.add()
    page = picker.post(
        "send?return_url=https://evil.example", {"return_url": "https://evil.example"}
    )
    assert read_answer(lms, page)[0] == RETURN


def test_what_the_lms_wants_is_not_readable_in_the_database(lms: Lms) -> None:
    Picker.open(lms)
    with lms.tool.database.transaction(write=False) as session:
        assert "sesskey" not in session.scalars(select(Pick)).one().sealed


# Whose pick it is ---------------------------------------------------------------------------


def test_a_pick_is_answered_once(lms: Lms) -> None:
    picker = Picker.open(lms)
    picker.add()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', picker.get().text)
    assert token
    form = {"csrf_token": token[1]}
    assert picker.browser.post(picker.home + "send", data=form).status_code == 200
    for path in ("send", "cancel", "add/self-assessment-1"):
        again = picker.browser.post(picker.home + path, data=ITEM | form)
        assert again.status_code == 409
        assert "was sent to your course already" in again.text
    assert picker.get().status_code == 409
    assert len(plans(lms.tool)) == 1


def test_a_pick_ends(lms: Lms) -> None:
    picker = Picker.open(lms)
    for hours, status in ((3, 200), (5, 409)):
        with lms.tool.database.transaction() as session:
            session.query(Pick).update(
                {"ends_at": clock.now() + timedelta(hours=4) - timedelta(hours=hours)}
            )
        assert picker.get().status_code == status
    assert "waiting for this choice for too long" in picker.get().text


def test_old_picks_are_forgotten(lms: Lms) -> None:
    Picker.open(lms)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=True):
        Picker.open(lms)
    with lms.tool.database.transaction(write=False) as session:
        assert len(session.scalars(select(Pick)).all()) == 1


def test_nobody_else_reaches_a_pick(lms: Lms) -> None:
    picker = Picker.open(lms)
    picker.add()
    name = picker.home.split("/")[4]
    elsewhere = Lms(lms.tool, issuer="https://other.example", organisation="Other", client_id="c2")
    course_2 = {"lti_context": {"id": "course-2", "title": "Two", "label": "2"}}
    for other in (
        Picker.open(lms, sub="tom", name="Tom"),
        Picker.open(lms, **course_2),
        Picker.open(elsewhere, {"deep_link_return_url": "https://other.example/return"}),
    ):
        mine = "/".join(other.home.split("/")[:3])
        assert other.browser.get(f"{mine}/pick/{name}/").status_code == 404
        draft = picker.ids()[0]
        for path in ("send", "cancel", f"items/{draft}/remove", f"items/{draft}"):
            other.home = f"{mine}/pick/{other.home.split('/')[4]}/"
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', other.get().text)
            assert token
            answer = other.browser.post(
                f"{mine}/pick/{name}/{path}", data=ITEM | {"csrf_token": token[1]}
            )
            assert answer.status_code == 404
    assert picker.names() == ["Where do I stand?"]


def test_forms_need_their_token(lms: Lms) -> None:
    picker = Picker.open(lms)
    for path in ("send", "cancel", "add/self-assessment-1"):
        assert picker.browser.post(picker.home + path, data=ITEM).status_code == 400


@pytest.mark.parametrize("roles", [[LEARNER_ROLE], [LEARNER_ROLE.replace("Learner", "Guest")]])
def test_who_does_not_teach_chooses_nothing(lms: Lms, roles: list[str]) -> None:
    answer = request_pick(lms, lms.tool.app.test_client(), lti_roles=roles)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers or "imhcf_session" not in answer.headers["Set-Cookie"]


def test_a_tutor_who_became_a_learner_is_out(lms: Lms) -> None:
    picker = Picker.open(lms)
    answer = request_pick(lms, picker.browser, lti_roles=[LEARNER_ROLE])
    assert answer.status_code == 403


def test_self_assessments_and_portfolios_are_offered_and_nothing_else(lms: Lms) -> None:
    picker = Picker.open(lms)
    page = picker.get().text
    assert page.count('class="offered-row"') == 6
    assert "Portfolios, for peer review" in page
    assert picker.get("add/nothing").status_code == 404
    assert picker.add("nothing").status_code == 404


def test_a_portfolio_is_picked_whole_and_graded_by_its_review(lms: Lms) -> None:
    picker = Picker.open(lms)
    form = " ".join(picker.get("add/portfolio-2").text.split())
    assert "What learners will see" in form
    assert "Hand in by" in form
    assert 'name="domains"' not in form
    assert 'value="completion"' not in form
    assert 'value="achieved" checked' in form
    # Whatever a form says of parts: there are none.
    picker.add("portfolio-2", domains=["1"], grade_rule="achieved", grade_parts="domains")
    assert "31 tasks, handed in whole" in picker.get().text
    picker.add("portfolio-3", domains=[], grade_rule="none")
    graded, ungraded = items_of(picker.send())
    assert graded["custom"]["instrument"] == "portfolio-2"
    assert graded["custom"]["grade"] == "achieved"
    assert "domains" not in graded["custom"]
    assert graded["lineItem"]["scoreMaximum"] == 100
    assert ungraded["custom"]["grade"] == "none"
    assert "lineItem" not in ungraded


def test_a_portfolio_is_not_graded_by_completion(lms: Lms) -> None:
    picker = Picker.open(lms)
    answer = picker.add("portfolio-1", grade_rule="completion")
    assert answer.status_code == 400
    assert "Choose how the activity is graded." in answer.text


def test_an_administrator_may_choose_too(lms: Lms) -> None:
    roles = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Administrator", TUTOR_ROLE]
    assert Picker.open(lms, lti_roles=roles).get().status_code == 200
