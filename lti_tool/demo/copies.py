"""Copies of courses and activities, and what they are copies of."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.demo.models import (
    Course,
    CourseRole,
    GradebookCell,
    LaunchTicket,
    LineItem,
    Membership,
    Person,
    Placement,
)

# More generations than this are not told to a tool.
_MOST = 20


def link_ancestors(session: Session, placement: Placement) -> list[Placement]:
    """Returns the placements that this one is a copy of, the nearest first."""
    found: list[Placement] = []
    number = placement.copied_from_id
    while number and len(found) < _MOST and (one := session.get(Placement, number)):
        found.append(one)
        number = one.copied_from_id
    return found


def course_ancestors(session: Session, course: Course) -> list[Course]:
    """Returns the courses that this one is a copy of, the nearest first."""
    found: list[Course] = []
    number = course.copied_from_id
    while number and len(found) < _MOST and (one := session.get(Course, number)):
        found.append(one)
        number = one.copied_from_id
    return found


def copy_course(session: Session, course: Course, tutor: Person) -> Course:
    """Returns a new course with the activities and columns of another, and one tutor in it.

    No learner, no grade and no date comes along.
    """
    copy = Course(
        label=_("%(label)s copy", label=course.label),
        title=course.title,
        opaque_id=uuid.uuid4().hex + uuid.uuid4().hex[:8],
        copied_from_id=course.id,
    )
    session.add(copy)
    session.flush()
    session.add(Membership(person_id=tutor.id, course_id=copy.id, role=CourseRole.TUTOR))
    originals = select(Placement).where(Placement.course_id == course.id).order_by(Placement.id)
    for original in session.scalars(originals).all():
        copy_placement(session, original, copy.id, original.title)
    return copy


def copy_placement(session: Session, original: Placement, course_id: int, title: str) -> Placement:
    """Returns a copy of an activity with its columns, as a new resource link."""
    copy = Placement(
        course_id=course_id,
        title=title,
        description=original.description,
        custom=dict(original.custom),
        opaque_id=str(uuid.uuid4()),
        copied_from_id=original.id,
    )
    session.add(copy)
    session.flush()
    for item in session.scalars(select(LineItem).where(LineItem.placement_id == original.id)).all():
        column = LineItem(
            course_id=course_id,
            placement_id=copy.id,
            label=title if item.label == original.title else item.label,
            score_maximum=item.score_maximum,
            resource_id=item.resource_id,
            tag=item.tag,
            extra=dict(item.extra),
            is_made_by_tool=item.is_made_by_tool,
        )
        session.add(column)
    session.flush()
    return copy


def remove_placement(session: Session, placement: Placement) -> None:
    """Takes an activity out of its course, with its columns and grades."""
    columns = select(LineItem.id).where(LineItem.placement_id == placement.id)
    session.execute(delete(GradebookCell).where(GradebookCell.line_item_id.in_(columns)))
    session.execute(delete(LineItem).where(LineItem.placement_id == placement.id))
    session.execute(delete(LaunchTicket).where(LaunchTicket.placement_id == placement.id))
    session.delete(placement)
