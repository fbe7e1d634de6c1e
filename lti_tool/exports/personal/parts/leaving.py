"""What left the tool for others: papers, shared links, grades; and records that came in."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Placement
from lti_tool.exports.papers.models import Paper
from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.models import ImportedItem, RecordImport
from lti_tool.exports.sharing.models import LinkOpening, SharedLink
from lti_tool.grades.models import Score
from lti_tool.grades.rules import domain_of


def papers_of(session: Session, person_id: int) -> list[shapes.Paper]:
    """Returns the PDFs that the person asked for and that are still on record."""
    rows = session.execute(
        select(Paper).where(Paper.person_id == person_id).order_by(Paper.id)
    ).scalars()
    return [
        shapes.Paper.model_construct(
            kind=row.kind, state=row.state, asked_at=row.asked_at, ready_at=row.ready_at
        )
        for row in rows
    ]


def links_of(session: Session, person_id: int) -> list[shapes.SharedLink]:
    """Returns the person's shared links with the log of their openings, oldest first."""
    opened: dict[int, list[shapes.Opening]] = defaultdict(list)
    for row in session.execute(
        select(LinkOpening)
        .join(SharedLink, SharedLink.id == LinkOpening.link_id)
        .where(SharedLink.person_id == person_id)
        .order_by(LinkOpening.opened_at)
    ).scalars():
        opened[row.link_id].append(
            shapes.Opening.model_construct(at=row.opened_at, times=row.times)
        )
    links = session.execute(
        select(SharedLink).where(SharedLink.person_id == person_id).order_by(SharedLink.id)
    ).scalars()
    return [
        shapes.SharedLink.model_construct(
            label=link.label,
            instrument=link.instrument,
            parts=link.parts,
            created_at=link.created_at,
            ends_on=link.ends_on,
            withdrawn_at=link.withdrawn_at,
            openings=opened[link.id],
        )
        for link in links
    ]


def grades_of(session: Session, person_id: int) -> list[shapes.Grade]:
    """Returns what was recorded for gradebooks, by course and activity."""
    rows = session.execute(
        select(Course.title.label("course"), Placement.title.label("activity"), Score)
        .join(Placement, Placement.id == Score.placement_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Score.person_id == person_id)
        .order_by(Score.id)
    )
    return [
        shapes.Grade.model_construct(
            course=course,
            activity=activity,
            value=score.value,
            comment=score.comment,
            state=score.state,
            recorded_at=score.recorded_at,
            delivered_at=score.delivered_at,
            domain=domain_of(score.part),
            changed_to=score.overridden_value,
            changed_of=score.overridden_maximum,
            changed_at=score.overridden_at,
        )
        for course, activity, score in rows
    ]


def brought_of(session: Session, person_id: int) -> list[shapes.BroughtRecord]:
    """Returns the records that were brought here, oldest first."""
    rows = session.execute(
        select(RecordImport).where(RecordImport.person_id == person_id).order_by(RecordImport.id)
    ).scalars()
    return [
        shapes.BroughtRecord.model_construct(
            origin=row.origin, written_at=row.written_at, taken_at=row.taken_at, taken=row.taken
        )
        for row in rows
    ]


def kept_aside_of(session: Session, person_id: int) -> list[shapes.KeptAside]:
    """Returns what came with records and could not be used here, as it came."""
    rows = session.execute(
        select(ImportedItem)
        .where(ImportedItem.person_id == person_id, ImportedItem.local_name.is_(None))
        .order_by(ImportedItem.id)
    ).scalars()
    return [
        shapes.KeptAside.model_construct(kind=row.kind, key=row.origin_key, original=row.original)
        for row in rows
    ]
