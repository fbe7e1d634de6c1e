"""Who is what in a course, from the names that LMSs send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.roles import CourseRole, course_roles

V = "http://purl.imsglobal.org/vocab/lis/v2/"
M = V + "membership#"
LEARNER, TUTOR, ADMINISTRATOR = CourseRole.LEARNER, CourseRole.TUTOR, CourseRole.ADMINISTRATOR


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([M + "Learner"], {LEARNER}),
        ([M + "Instructor"], {TUTOR}),
        ([M + "TeachingAssistant"], {TUTOR}),
        ([M + "Mentor"], {TUTOR}),
        ([M + "Administrator"], {ADMINISTRATOR}),
        (["Learner"], {LEARNER}),
        (["Instructor"], {TUTOR}),
        (["TeachingAssistant"], {TUTOR}),
        ([V + "membership/Instructor#TeachingAssistant"], {TUTOR}),
        ([V + "membership/Instructor#Grader"], {TUTOR}),
        ([V + "membership/Learner#GuestLearner"], {LEARNER}),
        ([M + "Learner", M + "Instructor"], {LEARNER, TUTOR}),
        ([M + "Instructor", M + "Administrator"], {TUTOR, ADMINISTRATOR}),
        # Canvas says Student of the institution to everybody, and User of the system.
        ([V + "institution/person#Student", M + "Instructor", V + "system/person#User"], {TUTOR}),
        # An administrator of the institution who is a learner here is a learner here.
        ([V + "institution/person#Administrator", M + "Learner"], {LEARNER}),
        (
            [V + "institution/person#Administrator", M + "Learner", M + "Instructor"],
            {LEARNER, TUTOR},
        ),
        # Moodle says of its administrators that they teach in every course.
        ([M + "Instructor", V + "system/person#Administrator"], {TUTOR, ADMINISTRATOR}),
        ([M + "Instructor", V + "institution/person#Administrator"], {TUTOR, ADMINISTRATOR}),
        ([V + "system/person#Administrator"], {ADMINISTRATOR}),
        ([V + "institution/person#Administrator"], {ADMINISTRATOR}),
    ],
)
def test_roles_in_the_course_decide(roles: list[str], expected: set[CourseRole]) -> None:
    assert course_roles(roles) == expected


@pytest.mark.parametrize(
    "roles",
    [
        [],
        [""],
        [M + "ContentDeveloper"],
        [M + "ContentDeveloper", V + "institution/person#Administrator"],
        [M + "Officer"],
        ["Observer"],
        [V + "institution/person#Student"],
        [V + "institution/person#Instructor"],
        [V + "institution/person#Faculty"],
        [V + "system/person#SysSupport"],
        ["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"],
        ["urn:lti:role:ims/lis/Instructor"],
        # What pylti1p3's own parser takes for roles, or for other roles:
        [V + "evil#Instructor"],
        [V + "person#Administrator"],
        [V + "system/evil#Administrator"],
        ["http://purl.imsglobal.org/vocab/lis/v2-evil/system/person#Administrator"],
        ["http://purl.imsglobal.org/vocab/lis/v2-evil/membership/x#Instructor"],
        [V + "membership/Administrator#ExternalSupport"],
        [V + "membership/Member#Instructor"],
        ["instructor"],
        ["Instructor "],
    ],
)
def test_everything_else_gives_nothing(roles: list[str]) -> None:
    assert course_roles(roles) == frozenset()


def test_a_foreign_vocabulary_does_not_speak_of_the_course() -> None:
    foreign = "http://purl.imsglobal.org/vocab/lis/v2-other/membership/x#Instructor"
    assert course_roles([foreign, V + "system/person#Administrator"]) == {ADMINISTRATOR}


def test_a_learner_s_sub_role_makes_no_tutor() -> None:
    assert course_roles([V + "membership/Learner#Instructor"]) == {LEARNER}


def test_a_mentor_is_an_observer_where_mentors_are_often_parents() -> None:
    observer = CourseRole.OBSERVER
    assert course_roles([M + "Mentor"], mentor_is_tutor=False) == {observer}
    assert course_roles([M + "Mentor", M + "Learner"], mentor_is_tutor=False) == {LEARNER, observer}
    assert course_roles([V + "membership/Mentor#Advisor"], mentor_is_tutor=False) == {observer}
    assert course_roles(["Observer"], mentor_is_tutor=False) == frozenset()


@given(st.lists(st.text(max_size=60).map(lambda text: V + "membership/" + text) | st.text()))
def test_no_text_breaks_the_reading(roles: list[str]) -> None:
    assert course_roles(roles) <= set(CourseRole)
