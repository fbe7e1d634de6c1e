"""Reading columns back: when each is looked at, what differs from the ledger, what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Placement
from lti_tool.courses.queries import PlacementView
from lti_tool.gateway.reconciling.arrivals import is_contradicted
from lti_tool.gateway.reconciling.queries import Column, Entry, columns_of
from lti_tool.gateway.reconciling.rules import RECONCILE, ColumnState, cell_of, next_look
from lti_tool.gateway.reconciling.services import know_column, store_column
from lti_tool.grades import overrides
from lti_tool.grades.comparing import Cell, Finding, judge, still_stands
from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.grades.rules import MAXIMUM, WHOLE
from lti_tool.kernel import clock
from lti_tool.lti import deliveries
from lti_tool.lti.platforms import platform_for
from lti_tool.outbox import services as outbox

# So many columns begin to be read back in a minute, by all workers together.
LOOKS_A_MINUTE = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that is not what the ledger says: what is shown there, and what ours is."""

    entry: Entry
    cell: Cell
    finding: Finding


def plan_looks(session: Session, zone: tzinfo) -> int:
    """Puts a message for each column whose night has come; returns how many. For the worker.

    A column that could not be read any more is tried again when a grade has arrived there since.
    """
    now = clock.now()
    know_columns(session, zone)
    arrived = exists().where(
        Score.placement_id == PlacementLineItem.placement_id,
        Score.part == PlacementLineItem.part,
        Score.delivered_at > PlacementLineItem.checked_at,
    )
    given_up = and_(PlacementLineItem.check_at.is_(None), arrived)
    rows = session.execute(
        select(PlacementLineItem, Course.registration_id)
        .join(Placement, Placement.id == PlacementLineItem.placement_id)
        .join(Course, Course.id == Placement.course_id)
        .where(or_(PlacementLineItem.check_at <= now, given_up))
        .order_by(PlacementLineItem.check_at)
        .limit(LOOKS_A_MINUTE)
        .with_for_update(skip_locked=True, of=PlacementLineItem)
    ).all()
    for column, registration_id in rows:
        column.check_at = next_look(now, zone, column.id)
        request_look(session, column.id, registration_id)
    session.flush()
    return len(rows)


def look_now(session: Session, placement: PlacementView) -> None:
    """Asks for a look at every column that a placement has. For a tutor's click."""
    know_column(session, placement)
    columns = columns_of(session, placement.id)
    for column in columns:
        if column.url:
            request_look(session, column.id, column.registration_id)
    outbox.hurry(session, RECONCILE, [str(column.id) for column in columns])


def request_look(session: Session, column_id: int, registration_id: int) -> None:
    """Asks the worker to read a column's results back now."""
    lane = f"registration:{registration_id}"
    outbox.put(session, RECONCILE, str(column_id), lane=lane, delay=timedelta(0))


def note_look(session: Session, column_id: int, *, differing: int, maximum: float | None) -> None:
    """Notes that a column was read back, and how many of its cells differed."""
    known = {"score_maximum": maximum} if maximum else {}
    session.execute(
        update(PlacementLineItem)
        .where(PlacementLineItem.id == column_id)
        .values(checked_at=clock.now(), check_reason="", differing=differing, **known)
    )


def note_failed_look(session: Session, column_id: int, reason: str, *, again: bool) -> None:
    """Notes why a column could not be read back; without `again` no further night is planned."""
    ended = {} if again else {"check_at": None}
    session.execute(
        update(PlacementLineItem)
        .where(PlacementLineItem.id == column_id)
        .values(checked_at=clock.now(), check_reason=reason[:60], **ended)
    )


def differences(
    column: Column, entries: Iterable[Entry], results: Mapping[str, deliveries.Result], product: str
) -> list[Difference]:
    """Returns the cells that differ from the ledger, those included where an override stands."""
    platform = platform_for(product)
    found = []
    for entry in entries:
        stored = results.get(entry.subject)
        cell = cell_of(stored)
        agrees = not is_contradicted(platform, stored, _expected(entry))
        finding = (
            _finding_of_pending(entry, agrees=agrees)
            if entry.value is None
            else judge(
                cell,
                agrees=agrees,
                sent=entry.sent,
                own_comment=entry.delivered_comment,
                earlier_maximum=column.score_maximum,
            )
        )
        if finding is not Finding.AGREES or entry.is_overridden:
            found.append(Difference(entry, cell, finding))
    return found


def settle(session: Session, found: Iterable[Difference]) -> int:
    """Mends what is lost, respects what a person gave; returns how many are sent again.

    What changed since the results were read is left alone: its version is another one.
    """
    mended = 0
    for one in found:
        entry = one.entry
        if entry.is_overridden and one.finding is not Finding.AGREES and _stands(one):
            continue
        match one.finding:
            case Finding.AGREES:
                overrides.mark_agreeing(session, entry.score_id, entry.version)
            case Finding.OVERRIDDEN:
                overrides.mark_overridden(session, entry.score_id, entry.version, one.cell)
            case Finding.MISSING | Finding.OLDER:
                mended += overrides.mend(session, entry.score_id, entry.version, delay=timedelta(0))
    return mended


def _stands(one: Difference) -> bool:
    entry = one.entry
    return still_stands(one.cell, value=entry.overridden_value, maximum=entry.overridden_maximum)


def _finding_of_pending(entry: Entry, *, agrees: bool) -> Finding:
    """Returns what became of a cell that was told of a submission alone.

    Any grade in it is a person's. Once that is gone, the LMS may not have been told yet.
    """
    if not agrees:
        return Finding.OVERRIDDEN
    return Finding.MISSING if entry.is_overridden else Finding.AGREES


def _expected(entry: Entry) -> deliveries.Score:
    return deliveries.Score(
        user_id=entry.subject,
        score_given=None if entry.value is None else float(entry.value),
        score_maximum=float(MAXIMUM),
        timestamp=entry.stamp,
        activity_progress=deliveries.ActivityProgress.COMPLETED,
        grading_progress=deliveries.GradingProgress.FULLY_GRADED,
        comment=entry.comment,
    )


def know_columns(session: Session, zone: tzinfo) -> None:
    """Adds the row of each column of a whole placement that has grades, where it is new."""
    now = clock.now()
    known = exists().where(
        PlacementLineItem.placement_id == Placement.id, PlacementLineItem.part == WHOLE
    )
    graded = exists().where(Score.placement_id == Placement.id, Score.part == WHOLE)
    rows = session.execute(select(Placement.id, Placement.line_item).where(~known, graded))
    for row in rows.all():
        store_column(session, row.id, WHOLE, url=row.line_item, state=ColumnState.READY.value)
    unplanned = select(PlacementLineItem).where(
        PlacementLineItem.check_at.is_(None), PlacementLineItem.checked_at.is_(None)
    )
    for column in session.execute(unplanned).scalars():
        column.check_at = next_look(now, zone, column.id)
    session.flush()
