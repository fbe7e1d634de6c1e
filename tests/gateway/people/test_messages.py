"""Messages about a person: submission review, data privacy, and those that we do not answer."""

import re

import pytest
from sqlalchemy import select

from lti_tool.courses.models import Membership, Person, Placement
from lti_tool.gateway.reconciling.rules import ColumnState
from lti_tool.gateway.reconciling.services import store_column
from tests.gateway.lms import AGS, MISSING, Lms
from tests.gateway.people.walking import (
    ADMINISTRATOR,
    LEARNER,
    TUTOR,
    arrive,
    privacy,
    rate,
    review,
)

ITEM = "https://lms.example/items/1/lineitem?type_id=1"


def test_a_tutor_comes_from_the_gradebook_to_that_learner(lms: Lms) -> None:
    rate(arrive(lms, "amina"), "1.01")
    arrived = review(lms, "tara", TUTOR, "amina")
    assert re.search(r"/p/[\w-]+/learners/[\w-]+$", arrived.address)
    assert "Amina O&#39;Brien-Żółć" in arrived.page.text
    assert "A diary" in arrived.page.text


def test_a_learner_comes_from_the_gradebook_to_their_own_work(lms: Lms) -> None:
    arrived = review(lms, "amina", LEARNER, "amina")
    assert re.search(r"/p/[\w-]+/$", arrived.address)
    assert arrived.page.status_code == 200


def test_a_learner_reviews_nobody_else(lms: Lms) -> None:
    arrive(lms, "ben")
    response = lms.launch(
        lms.tool.app.test_client(),
        sub="amina",
        lti_message_type="LtiSubmissionReviewRequest",
        lti_for_user={"user_id": "ben"},
    )
    assert response.status_code == 403
    assert "review-of-another" in response.text


def other_tenant(lms: Lms) -> None:
    far = Lms(lms.tool, issuer="https://far.example", organisation="Far")
    arrive(far, "farah", name="Farah Far")


def other_course(lms: Lms) -> None:
    arrive(lms, "farah", name="Farah Far", lti_context={"id": "c-2"}, lti_resource_link={"id": "l"})


def a_tutor_here(lms: Lms) -> None:
    arrive(lms, "farah", TUTOR, name="Farah Far")


@pytest.mark.parametrize("where", [None, other_tenant, other_course, a_tutor_here])
def test_somebody_who_is_not_there_to_review_gets_the_tutor_a_page_that_says_so(
    lms: Lms, where: object
) -> None:
    arrive(lms, "amina")
    if callable(where):
        where(lms)
    arrived = review(lms, "tara", TUTOR, "farah")
    assert arrived.address.endswith("/nobody")
    assert arrived.page.status_code == 200
    assert "There is nothing of this learner here yet" in arrived.page.text
    assert "Farah" not in arrived.page.text
    assert arrived.get("course").status_code == 200


def test_a_review_without_a_link_finds_the_placement_by_its_column(lms: Lms) -> None:
    arrive(lms, "amina")
    arrived = review(lms, "tara", TUTOR, "amina", lti_resource_link=MISSING)
    assert "/learners/" in arrived.address


def test_a_review_without_a_link_finds_the_placement_by_the_column_of_a_domain(lms: Lms) -> None:
    home = arrive(lms, "amina")
    column = "https://lms.example/items/77/lineitem"
    with lms.tool.database.transaction() as session:
        place = session.execute(
            select(Placement.id).where(Placement.public_id == home.placement)
        ).scalar_one()
        store_column(session, place, "domain-1", url=column, state=ColumnState.READY.value)
        store_column(session, place, "domain-2", url=column, state=ColumnState.READY.value)
    claims = {"lti_resource_link": MISSING, AGS: {"lineitem": column}}
    arrived = review(lms, "tara", TUTOR, "amina", **claims)
    assert arrived.address.split("/")[4] == home.placement
    assert "/learners/" in arrived.address


def test_a_column_of_a_domain_in_another_course_is_not_found(lms: Lms) -> None:
    home = arrive(lms, "amina")
    column = "https://lms.example/items/77/lineitem"
    with lms.tool.database.transaction() as session:
        place = session.execute(
            select(Placement.id).where(Placement.public_id == home.placement)
        ).scalar_one()
        store_column(session, place, "domain-1", url=column, state=ColumnState.READY.value)
    refused = lms.launch(
        lms.tool.app.test_client(),
        sub="tara",
        lti_roles=[TUTOR],
        lti_message_type="LtiSubmissionReviewRequest",
        lti_for_user={"user_id": "amina"},
        lti_resource_link=MISSING,
        lti_context={"id": "another", "title": "Another", "label": "Another"},
        **{AGS: {"lineitem": column}},
    )
    assert refused.status_code == 404
    assert "line-item-unknown" in refused.text


def test_a_review_of_an_unknown_column_is_a_clear_page(lms: Lms) -> None:
    arrive(lms, "amina")
    response = lms.launch(
        lms.tool.app.test_client(),
        sub="tara",
        lti_roles=[TUTOR],
        lti_message_type="LtiSubmissionReviewRequest",
        lti_for_user={"user_id": "amina"},
        lti_resource_link=MISSING,
        **{AGS: {"lineitem": "https://lms.example/items/9/lineitem"}},
    )
    assert response.status_code == 404
    assert "line-item-unknown" in response.text


def test_a_review_changes_nothing_in_the_placement(lms: Lms) -> None:
    arrive(lms, "amina")
    review(
        lms,
        "tara",
        TUTOR,
        "amina",
        lti_custom={"instrument": "self-assessment-2"},
        **{AGS: {"lineitem": "https://lms.example/items/9/lineitem"}},
    )
    with lms.tool.database.transaction(write=False) as session:
        row = session.execute(select(Placement.instrument, Placement.line_item)).one()
    assert tuple(row) == ("self-assessment-1", ITEM)


@pytest.mark.parametrize(
    "changes",
    [
        {"lti_for_user": MISSING},
        {"lti_for_user": {}},
        {"lti_for_user": "amina"},
        {"lti_for_user": {"user_id": ""}},
        {"lti_for_user": {"user_id": 7}},
        {"lti_for_user": {"user_id": "x\0y"}},
        {AGS: MISSING},
        {AGS: {"scope": []}},
    ],
)
def test_a_review_that_does_not_say_of_whom_or_what_is_refused(
    lms: Lms, changes: dict[str, object]
) -> None:
    claims = {
        "lti_roles": [TUTOR],
        "lti_message_type": "LtiSubmissionReviewRequest",
        "lti_for_user": {"user_id": "amina"},
    }
    response = lms.launch(lms.tool.app.test_client(), **claims | changes)
    assert response.status_code == 400
    assert re.search("message-invalid|claim-missing|claim-wrong", response.text)


def test_everybody_may_ask_what_is_held_about_themselves_without_course_or_role(lms: Lms) -> None:
    rate(arrive(lms, "amina"), "1.01")
    for changes in ({}, {"lti_for_user": {"user_id": "amina"}}, {"lti_roles": MISSING}):
        browser = lms.tool.app.test_client()
        response = lms.launch(browser, **privacy(lti_roles=[]) | changes)
        assert response.status_code == 303, response.text
        address = browser.get(response.headers["Location"]).headers["Location"]
        assert re.fullmatch(r"/at/[\w-]+/my-record", address)
        page = browser.get(address)
        assert page.status_code == 200
        assert "Your answers to competencies" in page.text
        assert "Foundations" not in address
        assert browser.get(address + "/zip").mimetype == "application/zip"


def test_a_privacy_launch_leaves_the_course_and_its_roles_as_they_are(lms: Lms) -> None:
    arrive(lms, "amina")
    here = arrive(lms, "tara", TUTOR)
    browser = lms.tool.app.test_client()
    # Even one that names the course, against its specification.
    response = lms.launch(
        browser, sub="amina", lti_roles=[], lti_message_type="DataPrivacyLaunchRequest"
    )
    address = browser.get(response.headers["Location"]).headers["Location"]
    with lms.tool.database.transaction(write=False) as session:
        roles = session.execute(
            select(Membership.roles)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.name.startswith("Amina"))
            .order_by(Membership.id)
        )
        assert list(roles.scalars()) == ["learner", "tutor", ""]
    assert "Amina" in here.get("course").text
    # The session opens the record and no page of a course.
    slot = address.split("/")[2]
    for path in ("", "course", "my-record", "people", "observe"):
        assert browser.get(f"/at/{slot}/p/{here.placement}/{path}").status_code in {403, 404}


def test_an_administrator_sees_kinds_counts_and_dates_of_another_and_no_content(lms: Lms) -> None:
    rate(arrive(lms, "amina", email="amina@example.org"), "1.01")
    arrived = arrive(
        lms, "ada", ADMINISTRATOR, **privacy(lti_for_user={"user_id": "amina"}, name="Ada")
    )
    page = arrived.page
    assert page.status_code == 200
    for words in ("Amina O&#39;Brien", "Answers to competencies", "Foundations", "amina"):
        assert words in page.text
    for secret in ("A diary", "amina@example.org", "1.01"):
        assert secret not in page.text


@pytest.mark.parametrize("where", [None, other_tenant])
def test_an_administrator_who_asks_about_nobody_is_told_that_nothing_is_held(
    lms: Lms, where: object
) -> None:
    if callable(where):
        where(lms)
    arrived = arrive(lms, "ada", ADMINISTRATOR, **privacy(lti_for_user={"user_id": "farah"}))
    assert "Nothing is held about this person" in arrived.page.text
    assert "Farah" not in arrived.page.text


@pytest.mark.parametrize("roles", [[], [LEARNER], [TUTOR]])
def test_nobody_else_may_ask_about_another_nor_learn_whether_they_are_known(
    lms: Lms, roles: list[str]
) -> None:
    arrive(lms, "amina")
    said = set()
    for about in ("amina", "nobody"):
        claims = privacy(sub="ben", lti_roles=roles, lti_for_user={"user_id": about})
        response = lms.launch(lms.tool.app.test_client(), **claims)
        assert response.status_code == 403
        said.add(re.sub(r"<code.*?</code>", "", response.text, flags=re.DOTALL))
    assert len(said) == 1


def test_the_page_about_another_is_for_administrators_of_the_same_organisation(lms: Lms) -> None:
    arrive(lms, "amina")
    with lms.tool.database.transaction(write=False) as session:
        amina = session.execute(select(Person.public_id)).scalar_one()
    far = Lms(lms.tool, issuer="https://far.example", organisation="Far")
    odin = arrive(far, "odin", ADMINISTRATOR, **privacy())
    assert odin.browser.get(f"/at/{odin.slot}/about/{amina}").status_code == 404
    ben = arrive(lms, "ben", **privacy())
    assert ben.browser.get(f"/at/{ben.slot}/about/{amina}").status_code == 403
    assert ben.browser.get(f"/at/{ben.slot}/about/nobody").status_code == 403


@pytest.mark.parametrize(
    "message", ["LtiStartProctoring", "LtiEndAssessment", "LtiEulaRequest", "Odd <script>"]
)
def test_any_other_message_is_a_clear_page_once_its_token_is_proven(lms: Lms, message: str) -> None:
    browser = lms.tool.app.test_client()
    response = lms.launch(browser, lti_message_type=message, lti_resource_link=MISSING)
    assert response.status_code == 400
    assert "message-not-supported" in response.text
    assert "Open the activity from your course instead" in response.text
    asked = lms.begin(browser)
    broken = lms.sign(lms.claims(asked, lti_message_type=message), key="somebody else's")
    refused = lms.send(browser, asked, broken)
    assert refused.status_code == 401
    assert "signature-wrong" in refused.text


@pytest.mark.parametrize(
    ("focus", "path"),
    [
        ("2", "domain/2"),
        ("2.01", "domain/2#c-2.01"),
        ("99", ""),
        ("9.99", ""),
        ("$Canvas.focus", ""),
        ("", ""),
        ("../../x", ""),
        ("2\r\nx: y", ""),
    ],
)
def test_a_focus_opens_the_activity_there_if_it_exists(lms: Lms, focus: str, path: str) -> None:
    custom = {"instrument": "self-assessment-1", "focus": focus}
    arrived = arrive(lms, "amina", lti_custom=custom)
    assert re.search(rf"/p/[\w-]+/{re.escape(path)}$", arrived.address)


def test_a_focus_outside_what_the_placement_asks_opens_the_start(lms: Lms) -> None:
    custom = {"instrument": "self-assessment-1", "domains": "1,2", "focus": "3.01"}
    assert arrive(lms, "amina", lti_custom=custom).address.endswith("/")
    tutor = arrive(lms, "tara", TUTOR, lti_custom=custom)
    assert tutor.address.endswith("/course")
