"""Reading of columns, of what was delivered to them, and of where a learner's work is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Membership, Person, Placement
from lti_tool.courses.rules import GradeParts, GradeRule, SetUp
from lti_tool.gateway.reconciling.rules import ColumnState, Home, review_address
from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.grades.rules import WHOLE, DeliveryState


@dataclass(frozen=True, slots=True)
class Column:
    """A gradebook column as pages and workers read it. `url` is where its grades go, or empty."""

    id: int
    placement_id: int
    registration_id: int
    part: str
    url: str
    state: ColumnState
    reason: str
    made: bool
    label: str
    score_maximum: float | None
    wanted_label: str
    wanted_maximum: float | None
    checked_at: datetime | None
    check_reason: str
    differing: int

    @property
    def is_gone(self) -> bool:
        """Whether the LMS said, when it was last asked, that the column is not there."""
        return "line-item-gone" in (self.check_reason, self.reason)


@dataclass(frozen=True, slots=True)
class Entry:
    """A score that the gradebook should show, or that a person's grade stands in place of.

    A `value` of None: something was handed in, and no grade should show.
    """

    score_id: int
    version: int
    value: int | None
    comment: str
    subject: str
    stamp: datetime
    sent: tuple[int | None, ...]
    is_overridden: bool
    overridden_value: float | None
    overridden_maximum: float | None
    delivered_comment: str | None


def address_of_work(session: Session, person_id: int, base_url: str) -> str:
    """Returns what an assessor of the LMS launches to open this person's work."""
    person = session.execute(select(Person.public_id).where(Person.id == person_id)).scalar_one()
    return review_address(base_url, person)


def maximum_of(session: Session, placement_id: int, part: str) -> float | None:
    """Returns what a column was out of when it was last read back; None where it never was."""
    return session.execute(
        select(PlacementLineItem.score_maximum).where(
            PlacementLineItem.placement_id == placement_id, PlacementLineItem.part == part
        )
    ).scalar_one_or_none()


def home_of(session: Session, placement_id: int) -> tuple[Home, int]:
    """Returns where a placement's columns are kept, and the number of its registration."""
    row = session.execute(
        select(Placement, Course.registration_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Placement.id == placement_id)
    ).one()
    placement = row.Placement
    others = select(Placement.id).where(
        Placement.course_id == placement.course_id, Placement.id != placement.id
    )
    taken = [
        *session.execute(select(Placement.line_item).where(Placement.id.in_(others))).scalars(),
        *session.execute(
            select(PlacementLineItem.url).where(PlacementLineItem.placement_id.in_(others))
        ).scalars(),
    ]
    home = Home(
        resource_link=placement.resource_link,
        title=placement.title,
        points=placement.points,
        set_up=SetUp(
            placement.instrument, tuple(placement.domains), GradeRule(placement.grade_rule)
        ),
        grade_parts=GradeParts(placement.grade_parts),
        line_items=placement.line_items,
        scopes=frozenset(placement.scopes.split()),
        names=tuple(filter(None, (placement.public_id, placement.planned))),
        taken=frozenset(filter(None, taken)),
    )
    return home, row.registration_id


_COLUMN = (
    select(PlacementLineItem, Placement.line_item, Course.registration_id)
    .join(Placement, Placement.id == PlacementLineItem.placement_id)
    .join(Course, Course.id == Placement.course_id)
)


def columns_of(session: Session, placement_id: int) -> list[Column]:
    """Returns the columns that are known of a placement, that of the whole first."""
    rows = session.execute(_COLUMN.where(PlacementLineItem.placement_id == placement_id))
    found = [_column(*row) for row in rows]
    return sorted(found, key=lambda column: (column.part != WHOLE, column.id))


def column_by_id(session: Session, column_id: int) -> Column | None:
    """Returns a column by its number, for the machinery that has checked the way to it."""
    row = session.execute(_COLUMN.where(PlacementLineItem.id == column_id)).first()
    return _column(*row) if row else None


def columns_with_grades(session: Session, registration_id: int | None) -> list[int]:
    """Returns the numbers of all columns that are in use, of one registration or of every one."""
    wanted = (
        select(PlacementLineItem.id)
        .join(Placement, Placement.id == PlacementLineItem.placement_id)
        .join(Course, Course.id == Placement.course_id)
        .order_by(PlacementLineItem.id)
    )
    if registration_id is not None:
        wanted = wanted.where(Course.registration_id == registration_id)
    return list(session.execute(wanted).scalars())


def entries_of(session: Session, column: Column) -> list[Entry]:
    """Returns what the gradebook should show in a column, of everybody who is in the course.

    What is on its way is left out: it is looked at when it has arrived.
    """
    settled: Collection[str] = (DeliveryState.DELIVERED.value, DeliveryState.OVERRIDDEN.value)
    rows = session.execute(
        select(Score)
        .join(Placement, Placement.id == Score.placement_id)
        .join(
            Membership,
            (Membership.course_id == Placement.course_id)
            & (Membership.person_id == Score.person_id),
        )
        .where(
            Score.placement_id == column.placement_id,
            Score.part == column.part,
            Score.line_item == column.url,
            Score.state.in_(settled),
            Membership.active,
        )
        .order_by(Score.id)
    ).scalars()
    return [_entry(row) for row in rows]


def _column(row: PlacementLineItem, line_item: str, registration_id: int) -> Column:
    return Column(
        id=row.id,
        placement_id=row.placement_id,
        registration_id=registration_id,
        part=row.part,
        url=line_item if row.part == WHOLE else row.url,
        state=ColumnState(row.state),
        reason=row.reason,
        made=row.made and (row.part != WHOLE or row.url == line_item),
        label=row.label,
        score_maximum=row.score_maximum,
        wanted_label=row.wanted_label,
        wanted_maximum=row.wanted_maximum,
        checked_at=row.checked_at,
        check_reason=row.check_reason,
        differing=row.differing,
    )


def _entry(row: Score) -> Entry:
    known: set[int | None] = {row.value} if row.delivered_version == row.version else set()
    if row.delivered_value is not None:
        known.add(row.delivered_value)
    return Entry(
        score_id=row.id,
        version=row.version,
        value=row.value,
        comment=row.comment,
        subject=row.subject,
        stamp=row.stamp,
        sent=tuple(known.union(row.sent_values)),
        is_overridden=row.state == DeliveryState.OVERRIDDEN,
        overridden_value=row.overridden_value,
        overridden_maximum=row.overridden_maximum,
        delivered_comment=row.delivered_comment,
    )
