"""Keeping every text that was ever shown: what this tool ships, what organisations made of it."""

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.loading import library
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.wordings.models import FrameworkVersion, Statement
from lti_tool.competencies.wordings.overlay import in_wording
from lti_tool.competencies.wordings.rules import Change, How, content_of, digest_of, moved
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of

_VERSIONS = table_of(FrameworkVersion)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A shipped text that was new, and what moved in it since the one that was kept before.

    `before` is that one's version, empty where there was none (or it can no longer be read).
    """

    instrument: str
    version: str
    before: str
    changes: tuple[Change, ...]


def record_shipped(session: Session) -> list[Recorded]:
    """Keeps the shipped texts, and what they make of every organisation's wording.

    Returns those that were new; with none, which is usual, it costs one statement.
    """
    kept = {
        (row.instrument, row.version, row.digest)
        for row in session.execute(
            select(_VERSIONS.c.instrument, _VERSIONS.c.version, _VERSIONS.c.digest).where(
                _VERSIONS.c.organisation_id.is_(None)
            )
        )
    }
    new = [
        one
        for one in library().values()
        if (one.id, one.version, digest_of(content_of(one))) not in kept
    ]
    recorded = [_recorded(session, one) for one in new]
    for one in new:
        keep(session, one, How.SHIPPED)
    if new:
        _keep_beneath(session, {one.id for one in new})
    return recorded


def _recorded(session: Session, now: Instrument) -> Recorded:
    content = session.execute(
        select(_VERSIONS.c.content)
        .where(_VERSIONS.c.organisation_id.is_(None), _VERSIONS.c.instrument == now.id)
        .order_by(_VERSIONS.c.id.desc())
        .limit(1)
    ).scalar()
    try:
        before = Instrument.model_validate(content)
    except ValidationError:
        return Recorded(now.id, now.version, "", ())
    return Recorded(now.id, now.version, before.version, tuple(moved(before, now)))


def keep(
    session: Session,
    shown: Instrument,
    how: How,
    organisation_id: int | None = None,
    edition_id: int | None = None,
) -> None:
    """Keeps an instrument's whole text, unless the same text of this version is kept already."""
    content = content_of(shown)
    session.execute(
        insert_into(session, _VERSIONS)
        .values(
            organisation_id=organisation_id,
            edition_id=edition_id,
            instrument=shown.id,
            version=shown.version,
            digest=digest_of(content),
            content=content,
            how=how.value,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )


def _keep_beneath(session: Session, changed: set[str]) -> None:
    """Keeps the new text of every organisation that says something on a changed instrument."""
    rows = session.execute(
        select(Statement.organisation_id, Statement.instrument)
        .where(Statement.instrument.in_(changed))
        .distinct()
    )
    for row in rows.all():
        shown = in_wording(session, row.organisation_id, library())
        if row.instrument in shown:
            keep(session, shown[row.instrument], How.UPGRADE, row.organisation_id)
