"""Roles in one course: observers, roles that change, and being one thing here and another there."""

import re
from typing import Any

import pytest
from sqlalchemy import event, func, select

from lti_tool.courses.models import Membership
from lti_tool.web.models import WebSession
from tests.gateway.lms import MISSING, Lms
from tests.gateway.people.walking import LEARNER, MENTOR, TUTOR, arrive, rate, review

OTHER = {"lti_context": {"id": "c-2", "title": "Two"}, "lti_resource_link": {"id": "link-2"}}


def observe(lms: Lms, *subjects: str, **changes: Any) -> Any:
    """Launches a mentor who may see these people."""
    return arrive(
        lms, "parent", MENTOR, name="A parent", lti_role_scope_mentor=list(subjects), **changes
    )


def test_an_observer_sees_how_those_stand_whom_the_lms_names_and_nothing_they_wrote(
    lms: Lms,
) -> None:
    rate(arrive(lms, "amina"), "1.01", "1.02")
    rate(arrive(lms, "ben", name="Ben Hughes"), "1.03")
    parent = observe(lms, "amina")
    assert parent.address.endswith("/observe")
    page = parent.page.text
    assert "Amina O&#39;Brien-Żółć" in page
    assert "2 of 63 rated" in page
    for absent in ("Ben", "A diary", "1.01", "1 of 63"):
        assert absent not in page


def test_an_observer_reaches_no_page_of_the_course(lms: Lms) -> None:
    amina = arrive(lms, "amina")
    rate(amina, "1.01")
    tara = arrive(lms, "tara", TUTOR)
    learner = re.search(r"/learners/([\w-]+)", tara.get("course").text)
    assert learner
    parent = observe(lms, "amina")
    for path in (
        "",
        "course",
        "domain/1",
        f"learners/{learner.group(1)}",
        "set-up",
        "history",
        "summary",
        "goals",
        "training-record",
        "papers",
        "people",
        "nobody",
    ):
        assert parent.get(path).status_code in {403, 404}, path
    assert parent.get("my-record").status_code == 200


@pytest.mark.parametrize(
    "scope",
    [
        MISSING,
        [],
        ["nobody"],
        ["cerys"],  # of another course
        ["farah"],  # of another organisation
        ["tara"],  # a tutor here
        ["%", "_", "", "amina\0", "x" * 300, "Amina"],
    ],
)
def test_an_observer_of_nobody_here_gets_a_page_that_says_so(lms: Lms, scope: Any) -> None:
    arrive(lms, "amina")
    arrive(lms, "tara", TUTOR, name="Tara Tutor")
    arrive(lms, "cerys", name="Cerys", **OTHER)
    far = Lms(lms.tool, issuer="https://far.example", organisation="Far")
    arrive(far, "farah", name="Farah")
    canvas = {"lti_tool_platform": {"product_family_code": "canvas", "guid": "g"}}
    parent = arrive(lms, "parent", MENTOR, name="A parent", lti_role_scope_mentor=scope, **canvas)
    page = parent.page.text
    assert "There is nobody here whom you may see" in page
    for name in ("Amina", "Tara", "Cerys", "Farah"):
        assert name not in page


@pytest.mark.parametrize("scope", ["amina", 7, [7], {"a": 1}, [["amina"]]])
def test_a_scope_of_a_wrong_type_is_refused(lms: Lms, scope: Any) -> None:
    response = lms.launch(
        lms.tool.app.test_client(), lti_roles=[MENTOR], lti_role_scope_mentor=scope
    )
    assert response.status_code == 400


def test_a_scope_gives_nothing_to_who_is_no_mentor(lms: Lms) -> None:
    arrive(lms, "amina")
    learner = arrive(lms, "ben", LEARNER, lti_role_scope_mentor=["amina"])
    assert learner.get("observe").status_code == 403


def test_what_an_observer_sees_ends_with_the_next_launch_also_in_an_open_page(lms: Lms) -> None:
    arrive(lms, "amina")
    arrive(lms, "ben", name="Ben Hughes")
    parent = observe(lms, "amina", "ben")
    assert "Ben Hughes" in parent.page.text
    observe(lms, "amina")
    assert "Amina" in parent.page.text
    assert "Ben Hughes" not in parent.page.text


def test_a_learner_who_left_the_course_is_seen_no_more(lms: Lms) -> None:
    arrive(lms, "amina")
    parent = observe(lms, "amina")
    with lms.tool.database.transaction() as session:
        for membership in session.execute(select(Membership)).scalars():
            membership.active = membership.roles != "learner"
    assert "Amina" not in parent.page.text


def test_an_observer_comes_from_the_gradebook_to_the_same_page(lms: Lms) -> None:
    arrive(lms, "amina")
    observe(lms, "amina")
    arrived = review(lms, "parent", MENTOR, "amina", lti_role_scope_mentor=["amina"])
    assert arrived.address.endswith("/observe")
    assert "Amina" in arrived.page.text


def test_a_role_that_the_lms_took_away_is_gone_in_every_browser_with_the_next_launch(
    lms: Lms,
) -> None:
    before = arrive(lms, "tara", TUTOR)
    other = arrive(lms, "tara", TUTOR)
    assert before.get("course").status_code == 200
    after = arrive(lms, "tara", LEARNER)
    assert after.slot == before.slot
    for browser in (before, other):
        assert browser.get("course").status_code == 401
    assert after.get("").status_code == 200
    assert after.get("course").status_code == 403


def test_a_launch_in_the_same_role_ends_no_other_session(lms: Lms) -> None:
    arrive(lms, "amina")
    arrive(lms, "amina", name="Renamed")
    with lms.tool.database.transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(WebSession)).scalar_one() == 2


def test_a_person_is_a_learner_here_and_a_tutor_there_and_each_session_stays(lms: Lms) -> None:
    there = arrive(lms, "gethin", TUTOR, **OTHER)
    here = arrive(lms, "gethin", LEARNER)
    assert here.slot != there.slot
    assert here.get("course").status_code == 403
    assert there.get("course").status_code == 200
    assert here.get("").status_code == 200


@pytest.mark.parametrize("roles", [[], ["urn:odd"], ["Observer"], [MENTOR + "#x"]])
def test_an_unknown_role_opens_nothing(lms: Lms, roles: list[str]) -> None:
    response = lms.launch(lms.tool.app.test_client(), lti_roles=roles)
    assert response.status_code == 403
    assert "role-unknown" in response.text


def statements(lms: Lms, *roles: str, **changes: Any) -> int:
    """How many SQL statements the way from login to page takes, its page left out."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(lms.tool.database.engine, "before_cursor_execute", note)
    try:
        arrive(lms, "someone", *roles, **changes)
    finally:
        event.remove(lms.tool.database.engine, "before_cursor_execute", note)
    return sum(not one.startswith("BEGIN") for one in seen)


def test_a_launch_that_brings_no_news_costs_what_it_did_before_these_claims(lms: Lms) -> None:
    arrive(lms, "someone")
    usual = statements(lms)
    assert usual <= 10
    legacy = {"oauth_consumer_key": "", "user_id": "older"}
    assert statements(lms, lti_lti1p1=legacy) == usual
    assert statements(lms, lti_for_user={"user_id": "another"}) == usual
    mentor = {"lti_role_scope_mentor": ["someone", "another"]}
    arrive(lms, "someone", MENTOR, **mentor)
    assert statements(lms, MENTOR, **mentor) == usual
