"""Where a launch of a portfolio leads: learners, tutors, observers, assessors without a role."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.courses.models import Membership, Organisation, Person, Placement
from lti_tool.gateway.reconciling.rules import review_address
from lti_tool.kernel.actor import Actor, Role
from lti_tool.reviews.assessors.queries import person_of_organisation
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import appoint, end_appointment
from lti_tool.reviews.queries import assessor_of
from tests.gateway.lms import LEARNER_ROLE, TUTOR_ROLE, Lms
from tests.gateway.people.walking import MENTOR, arrive, review
from tests.tool import Tool

GUEST_ROLE = LEARNER_ROLE.replace("Learner", "Member")
CANVAS = {"guid": "g", "product_family_code": "canvas"}
SEES = {"lti_role_scope_mentor": ["amina"]}
PORTFOLIO = {"instrument": "portfolio-2", "grade": "achieved", "domains": "1,2"}


@pytest.fixture
def lms(tool: Tool) -> Lms:
    return Lms(tool)


def land(lms: Lms, role: str, sub: str = "amina", **more: Any) -> tuple[str, int, str]:
    """Returns the path that a launch ends at, the status there, and the page."""
    browser = lms.tool.app.test_client()
    answer = lms.launch(browser, sub=sub, lti_roles=[role], lti_custom=PORTFOLIO, **more)
    if answer.status_code >= 400:
        return "", answer.status_code, answer.text
    page = browser.get(answer.headers["Location"], follow_redirects=True)
    return page.request.path, page.status_code, page.text


def appointed(tool: Tool) -> int:
    """Has whoever launched last appointed as assessor; returns the person's number."""
    with tool.database.transaction() as session:
        person = session.execute(select(Person).order_by(Person.id.desc()).limit(1)).scalar_one()
        organisation = session.execute(select(Organisation.id)).scalars().first() or 0
        office = Actor(person.id, organisation, 0, 0, frozenset({Role.ADMINISTRATOR}))
        found = person_of_organisation(session, organisation, person.public_id)
        appoint(session, office, found.public_id, Appointment((1, 2, 3), 5, moderates=False))
        return person.id


def test_a_learner_comes_to_the_portfolio_whole(lms: Lms) -> None:
    path, status, page = land(lms, LEARNER_ROLE)
    # Before anything else: which level is theirs.
    assert path.endswith("/portfolio/level")
    assert status == 200
    assert "Which level is yours?" in page
    with lms.tool.database.transaction(write=False) as session:
        placement = session.execute(select(Placement)).scalar_one()
    assert (placement.instrument, placement.domains) == ("portfolio-2", [])


def test_a_tutor_comes_to_the_course_page(lms: Lms) -> None:
    path, status, page = land(lms, TUTOR_ROLE, sub="tara")
    assert path.endswith("/course")
    assert status == 200
    assert "Nobody has come yet" in page


def test_speed_grader_opens_the_learners_standing(lms: Lms) -> None:
    land(lms, LEARNER_ROLE)
    with lms.tool.database.transaction(write=False) as session:
        person = session.execute(select(Person.public_id)).scalar_one()
    target = review_address("http://127.0.0.1:8000", person)
    path, status, page = land(lms, TUTOR_ROLE, sub="tara", lti_target_link_uri=target)
    assert path.endswith(f"/learners/{person}")
    assert status == 200
    assert "How far each part is" in page


def test_a_review_from_the_gradebook_opens_the_learners_standing(lms: Lms) -> None:
    arrive(lms, "amina", lti_custom=PORTFOLIO)
    arrived = review(lms, "tara", TUTOR_ROLE, "amina", lti_custom=PORTFOLIO)
    assert "/learners/" in arrived.address
    assert "How far each part is" in arrived.page.text
    own = review(lms, "amina", LEARNER_ROLE, "amina", lti_custom=PORTFOLIO)
    assert own.page.status_code == 303  # to their own portfolio
    assert "/portfolio" in own.page.headers["Location"]


def test_an_observer_sees_progress_alone(lms: Lms) -> None:
    arrive(lms, "amina", lti_custom=PORTFOLIO)
    observer = arrive(lms, "pat", MENTOR, lti_custom=PORTFOLIO, lti_tool_platform=CANVAS, **SEES)
    assert observer.address.endswith("/observe")
    page = observer.page.text
    assert "No portfolio chosen" in page
    assert "Amina" in page


def test_an_assessor_without_a_role_in_the_course_comes_to_the_desk(lms: Lms) -> None:
    assert land(lms, GUEST_ROLE, sub="rhiannon")[1] == 403
    land(lms, TUTOR_ROLE, sub="rhiannon")
    assert land(lms, GUEST_ROLE, sub="rhiannon")[1] == 403
    appointed(lms.tool)
    path, status, _ = land(lms, GUEST_ROLE, sub="rhiannon")
    assert (path.rsplit("/", 1)[-1], status) == ("desk", 200)
    # It opens the desk, and nothing else of the course.
    browser = lms.tool.app.test_client()
    answer = lms.launch(browser, sub="rhiannon", lti_roles=[GUEST_ROLE], lti_custom=PORTFOLIO)
    browser.get(answer.headers["Location"], follow_redirects=True)
    place = path.removesuffix("desk")
    for page in ("", "course", "set-up", "portfolio/", "observe"):
        assert browser.get(place + page).status_code == 403, page
    with lms.tool.database.transaction(write=False) as session:
        roles = session.execute(select(Membership.roles).order_by(Membership.id.desc())).scalars()
        assert roles.first() == ""


def test_who_is_no_assessor_any_more_is_not_let_in(lms: Lms) -> None:
    land(lms, TUTOR_ROLE, sub="rhiannon")
    person_id = appointed(lms.tool)
    with lms.tool.database.transaction() as session:
        organisation = session.execute(select(Organisation.id)).scalars().first() or 0
        actor = Actor(person_id, organisation, 0, 0, frozenset({Role.ADMINISTRATOR}))
        found = assessor_of(session, actor)
        assert found
        end_appointment(session, actor, found)
    assert land(lms, GUEST_ROLE, sub="rhiannon")[1] == 403
