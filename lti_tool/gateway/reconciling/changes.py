"""A tutor's changes to columns that this tool made: title, points, deletion, one anew."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Placement
from lti_tool.courses.queries import placement_of_course
from lti_tool.gateway.reconciling.queries import Column, columns_of
from lti_tool.gateway.reconciling.rules import (
    CHANGE_LINE_ITEM,
    DELETE_LINE_ITEM,
    LONGEST_LABEL,
    ColumnState,
)
from lti_tool.gateway.reconciling.services import request_columns
from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.grades.overrides import insist_all
from lti_tool.grades.rules import WHOLE, DeliveryState
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.kernel.text import N_
from lti_tool.lti.line_items import LineItem
from lti_tool.outbox import services as outbox

MOST_POINTS = 10_000


def column_for(session: Session, placement_id: int, column_id: int) -> Column:
    """Returns a column of the placement; raises `NotFound` for any other."""
    for column in columns_of(session, placement_id):
        if column.id == column_id:
            return column
    raise NotFound(N_("There is no such column in this activity."), code="column-unknown")


def change_column(
    session: Session, placement_id: int, column_id: int, *, label: str, points: float
) -> None:
    """Asks the worker to give a column another title, and other points.

    Raises `Conflict` for a column that the LMS made: its title belongs to the LMS.
    """
    column = _ours(session, placement_id, column_id)
    text = " ".join(label.split())
    if not text or len(text) > LONGEST_LABEL:
        raise InvalidInput(
            N_("A column needs a title of up to 255 characters."),
            code="label-wrong",
            advice=N_("Type a title and save again."),
        )
    if not 0 < points <= MOST_POINTS:
        raise InvalidInput(
            N_("The points are a number from 1 to 10,000."),
            code="points-wrong",
            advice=N_("Type the points and save again."),
        )
    _set(session, column, wanted_label=text, wanted_maximum=points, reason="")
    _put(session, CHANGE_LINE_ITEM, column)


def column_to_change(session: Session, placement_id: int, column_id: int) -> Column:
    """Returns a column that this tool made; raises `NotFound` or `Conflict` for another."""
    return _ours(session, placement_id, column_id)


def delete_column(session: Session, placement_id: int, column_id: int) -> None:
    """Asks the worker to delete a column with its grades. Raises `Conflict` for the LMS's own."""
    column = _ours(session, placement_id, column_id)
    _set(session, column, state=ColumnState.DELETING.value, reason="")
    _put(session, DELETE_LINE_ITEM, column)


def make_again(session: Session, placement_id: int, column_id: int) -> None:
    """Asks the worker for a column that was deleted, refused, or is no longer in the LMS."""
    column = column_for(session, placement_id, column_id)
    if column.url and not column.is_gone:
        return
    _set(session, column, state=ColumnState.WANTED.value, reason="", url="", check_reason="")
    if column.part == WHOLE:
        _leave(session, column)
    request_columns(session, placement_of_course(session, placement_id), again=True)


def note_change(session: Session, column: Column, outcome: LineItem | str) -> None:
    """Notes a column as the LMS has it now, or why it does not.

    With other points some LMSs leave the grades as they were: each is sent again.
    """
    if isinstance(outcome, str):
        _set(session, column, wanted_label="", wanted_maximum=None, reason=outcome[:60])
        return
    _set(
        session,
        column,
        label=outcome.label[:300],
        score_maximum=outcome.score_maximum,
        reason="",
        **_settled(session, column),
    )
    if outcome.score_maximum != column.score_maximum:
        insist_all(session, column.placement_id, column.part)


def note_deletion(session: Session, column: Column, reason: str) -> None:
    """Notes that a column is deleted, or why it is not."""
    if reason:
        _set(session, column, state=ColumnState.READY.value, reason=reason[:60])
        return
    _set(session, column, state=ColumnState.DELETED.value, reason="", url="", check_at=None)
    if column.part == WHOLE:
        _leave(session, column)
    session.execute(
        update(Score)
        .where(Score.placement_id == column.placement_id, Score.part == column.part)
        .values(state=DeliveryState.FAILED.value, reason="column-deleted")
    )


def _settled(session: Session, column: Column) -> dict[str, object]:
    """Returns that nothing more is wanted, unless the tutor changed their mind meanwhile."""
    wanted = session.execute(
        select(PlacementLineItem.wanted_label, PlacementLineItem.wanted_maximum).where(
            PlacementLineItem.id == column.id
        )
    ).one()
    is_same = tuple(wanted) == (column.wanted_label, column.wanted_maximum)
    return {"wanted_label": "", "wanted_maximum": None} if is_same else {}


def _leave(session: Session, column: Column) -> None:
    session.execute(
        update(Placement)
        .where(Placement.id == column.placement_id, Placement.line_item == column.url)
        .values(line_item="")
    )


def _ours(session: Session, placement_id: int, column_id: int) -> Column:
    column = column_for(session, placement_id, column_id)
    if not column.made or not column.url or column.state is ColumnState.DELETING:
        raise Conflict(
            N_("This column was not made by this tool, so it cannot be changed here."),
            code="column-not-ours",
            advice=N_("Change it in your LMS."),
        )
    return column


def _set(session: Session, column: Column, **values: object) -> None:
    session.execute(
        update(PlacementLineItem).where(PlacementLineItem.id == column.id).values(**values)
    )


def _put(session: Session, topic: str, column: Column) -> None:
    lane = f"registration:{column.registration_id}"
    outbox.put(session, topic, str(column.id), lane=lane, delay=timedelta(0))
