"""Several at once: ten tutors cause one fetch; launches pay nothing for what the roster needs."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import event, select

from lti_tool.courses.models import Course
from lti_tool.courses.rosters.services import ask_for_roster
from lti_tool.courses.rules import Enrolment
from lti_tool.courses.services import enrol
from tests.tool import LEARNER, LEVEL_1, TUTOR, Tool


def test_of_ten_tutors_at_the_same_moment_one_asks(tool: Tool) -> None:
    course = tool.sign_in("tara", roles=TUTOR).actor.course_id
    registration = tool.registration()

    def ask(_: int) -> bool:
        with tool.database.transaction() as session:
            return ask_for_roster(session, course, registration)

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(ask, range(10))) == [False] * 9 + [True]


def test_notices_are_looked_for_once_when_an_activity_is_new(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    asked: list[str] = []

    def noticed() -> list[str]:
        asked.append("asked")
        return ["course-1"]

    new = Enrolment(
        organisation_id=amina.actor.organisation_id,
        registration_id=tool.registration(),
        deployment="1",
        subject="amina",
        roles=LEARNER,
        name="",
        email="",
        context="copy",
        course_title="",
        course_label="",
        resource_link="link-2",
        link_title="",
        copied_from=amina.placement,
        noticed_origins=noticed,
    )
    for enrolment, times in (
        (new, 1),
        (new, 1),
        (replace(new, resource_link="link-3", context_history=("course-1",)), 1),
        (replace(new, resource_link="link-4"), 2),
    ):
        with tool.database.transaction() as session:
            enrol(session, enrolment)
        assert len(asked) == times


def test_a_launch_that_brings_nothing_new_costs_what_it_did(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    launched = Enrolment(
        organisation_id=amina.actor.organisation_id,
        registration_id=tool.registration(),
        deployment="1",
        subject="amina",
        roles=LEARNER,
        name="Amina",
        email="",
        context="course-1",
        course_title="Course",
        course_label="course-1",
        resource_link="link-1",
        link_title="Link",
        set_up=LEVEL_1,
        memberships_url="https://lms.example/memberships",
        groups_url="https://lms.example/groups",
        group_sets_url="https://lms.example/sets",
    )
    without = replace(launched, memberships_url="", groups_url="", group_sets_url="")
    counts = []
    for enrolment in (launched, launched, without):
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)  # noqa: B023 - removed before the next turn

        event.listen(tool.database.engine, "before_cursor_execute", note)
        with tool.database.transaction() as session:
            enrol(session, enrolment)
        event.remove(tool.database.engine, "before_cursor_execute", note)
        counts.append(sum(not each.startswith("BEGIN") for each in statements))
    assert counts[1:] == [2, 2]  # what is known, and when they came
    with tool.database.transaction(write=False) as session:
        stored = session.execute(select(Course)).scalar_one()
    assert stored.memberships_url == "https://lms.example/memberships"
    assert stored.group_sets_url == "https://lms.example/sets"
