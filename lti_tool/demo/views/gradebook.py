"""The gradebook as a table: learners by line items."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import CourseRole, GradebookCell, LineItem, Membership, Person


@dataclass(frozen=True, slots=True)
class Row:
    """One learner; a cell for each column, none where nothing was ever written."""

    person: Person
    is_active: bool
    cells: Sequence[GradebookCell | None]


@dataclass(frozen=True, slots=True)
class Gradebook:
    """The columns and rows of a course's gradebook."""

    items: Sequence[LineItem]
    rows: Sequence[Row]


def gradebook(session: Session, course_id: int, only: Person | None = None) -> Gradebook:
    """Returns a course's gradebook, of all its learners or of one."""
    items = _items(session, course_id)
    members = (
        select(Membership)
        .join(Membership.person)
        .where(Membership.course_id == course_id, Membership.role == CourseRole.LEARNER)
        .order_by(Person.family_name, Person.id)
    )
    if only is not None:
        members = members.where(Membership.person_id == only.id)
    cells = {
        (cell.line_item_id, cell.person_id): cell
        for cell in session.scalars(
            select(GradebookCell).where(GradebookCell.line_item_id.in_([i.id for i in items]))
        )
    }
    rows = [
        Row(
            member.person,
            member.is_active,
            [cells.get((item.id, member.person_id)) for item in items],
        )
        for member in session.scalars(members)
    ]
    return Gradebook(items, rows)


def own_grades(
    session: Session, course_id: int, person: Person
) -> list[tuple[LineItem, GradebookCell | None]]:
    """Returns every column with one learner's cell in it."""
    return [
        (item, session.get(GradebookCell, (item.id, person.id)))
        for item in _items(session, course_id)
    ]


def _items(session: Session, course_id: int) -> Sequence[LineItem]:
    query = select(LineItem).where(LineItem.course_id == course_id).order_by(LineItem.id)
    return session.scalars(query).all()
