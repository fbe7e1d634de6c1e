"""Reading of papers, always within one person's own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.exports.papers.models import Paper
from lti_tool.exports.papers.rules import Kind, PaperState, PaperView, options_from_json
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_


def newest_papers(session: Session, person_id: int, placement_id: int) -> dict[Kind, PaperView]:
    """Returns a person's newest paper of each kind in a place."""
    rows = session.execute(
        select(Paper)
        .where(Paper.person_id == person_id, Paper.placement_id == placement_id)
        .order_by(Paper.asked_at, Paper.id)
    ).scalars()
    return {Kind(row.kind): view_of(row) for row in rows}


def paper_of(session: Session, person_id: int, placement_id: int, public_id: str) -> PaperView:
    """Returns one of a person's papers in a place; raises `NotFound` for any other."""
    row = session.execute(
        select(Paper).where(
            Paper.public_id == public_id,
            Paper.person_id == person_id,
            Paper.placement_id == placement_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(
            N_("There is no such paper of yours here."),
            code="paper-unknown",
            advice=N_("Papers are kept for 30 days. Make a new one."),
        )
    return view_of(row)


def paper_asked(session: Session, paper_id: int) -> PaperView | None:
    """Returns a paper that still waits to be made, for the worker; None for any other."""
    row = session.get(Paper, paper_id)
    return view_of(row) if row and row.state == PaperState.ASKED else None


def view_of(row: Paper) -> PaperView:
    """Returns a row as pages and the worker read it."""
    return PaperView(
        id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        placement_id=row.placement_id,
        kind=Kind(row.kind),
        options=options_from_json(row.options),
        content=row.content,
        state=PaperState(row.state),
        reason=row.reason,
        blob=row.blob,
        size=row.size,
        asked_at=row.asked_at,
        ready_at=row.ready_at,
    )
