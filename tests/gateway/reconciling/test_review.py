"""SpeedGrader launches the address that came with a score: it opens that learner's work."""

import pytest
from sqlalchemy import select

from lti_tool.courses.models import Person
from lti_tool.gateway.reconciling.rules import review_address
from tests.gateway.lms import LEARNER_ROLE, TUTOR_ROLE, Lms
from tests.tool import Tool

ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def lms(tool: Tool) -> Lms:
    return Lms(tool)


def learner_of(tool: Tool, lms: Lms) -> str:
    lms.launch(tool.app.test_client(), sub="amina")
    with tool.database.transaction(write=False) as session:
        return session.execute(select(Person.public_id)).scalar_one()


def open_review(tool: Tool, lms: Lms, person: str, role: str, sub: str = "tara") -> str:
    browser = tool.app.test_client()
    target = review_address("http://127.0.0.1:8000", person)
    answer = lms.launch(browser, sub=sub, lti_roles=[role], lti_target_link_uri=target)
    assert answer.status_code in {302, 303}, answer.text
    page = browser.get(answer.headers["Location"], follow_redirects=True)
    return page.request.path if page.status_code == 200 else str(page.status_code)


@ONE
def test_a_tutor_lands_on_the_learners_page(tool: Tool, lms: Lms) -> None:
    person = learner_of(tool, lms)
    assert open_review(tool, lms, person, TUTOR_ROLE).endswith(f"/learners/{person}")


@ONE
def test_a_learner_lands_on_their_own_work_whatever_the_address_says(tool: Tool, lms: Lms) -> None:
    person = learner_of(tool, lms)
    path = open_review(tool, lms, person, LEARNER_ROLE, sub="ben")
    assert "/learners/" not in path
    assert path.endswith("/")


@ONE
def test_who_is_in_no_course_of_the_tutor_is_not_found(tool: Tool, lms: Lms) -> None:
    learner_of(tool, lms)
    elsewhere = tool.sign_in("olga", organisation="Other", course="course-9")
    with tool.database.transaction(write=False) as session:
        person = session.get_one(Person, elsewhere.actor.person_id).public_id
    assert open_review(tool, lms, person, TUTOR_ROLE) == "404"
