"""Columns found, made and given up, by part of a placement. Nothing here commits."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import library
from lti_tool.courses.models import Placement
from lti_tool.courses.queries import PlacementView, learners_of_placement, placement_of_course
from lti_tool.courses.rules import GradeParts
from lti_tool.gateway.reconciling.queries import columns_of, home_of
from lti_tool.gateway.reconciling.rules import FIND_LINE_ITEM, ColumnState, parts_needed
from lti_tool.gateway.worth import refresh_worth
from lti_tool.grades.models import PlacementLineItem
from lti_tool.grades.rules import WHOLE
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.lti.line_items import LineItem
from lti_tool.outbox import services as outbox

# What is not tried again by itself.
_GIVEN_UP = frozenset({ColumnState.REFUSED, ColumnState.DELETING, ColumnState.DELETED})


def request_columns(session: Session, placement: PlacementView, *, again: bool = False) -> None:
    """Asks the worker for the columns that a placement lacks, and that it has not given up.

    `again` tries those too that the LMS refused, or that a tutor deleted. What failed for want of
    a right is tried when the LMS has granted it.
    """
    if placement.grade_parts is GradeParts.WHOLE and placement.line_item:
        return
    home, registration_id = home_of(session, placement.id)
    if not home.line_items or (home.set_up.is_done and not home.is_graded):
        return
    known = {column.part: column for column in columns_of(session, placement.id)}
    lacking = []
    for part in parts_needed(home, library().get(home.set_up.instrument)):
        column = known.get(part)
        url = placement.line_item if part == WHOLE else (column.url if column else "")
        given_up = column is not None and column.state in _GIVEN_UP and not again
        if column is not None and column.reason == "permission-missing" and home.may_make:
            given_up = False
        if not url and not given_up:
            lacking.append(part)
    for part in lacking:
        if part != WHOLE or part in known:
            store_column(session, placement.id, part, state=ColumnState.WANTED.value, reason="")
    if lacking:
        lane = f"registration:{registration_id}"
        outbox.put(session, FIND_LINE_ITEM, str(placement.id), lane=lane, delay=timedelta(0))


def choose_grade_parts(
    session: Session, actor: Actor, placement: PlacementView, parts: GradeParts
) -> PlacementView:
    """Stores whether the whole has one grade or each domain its own; returns the placement so.

    The caller refreshes what learners' answers are worth. No grade and no column is given up by
    it: those of the other way are left as they are.
    """
    session.execute(
        update(Placement)
        .where(Placement.id == placement.id, Placement.course_id == actor.course_id)
        .values(grade_parts=parts.value)
    )
    know_column(session, placement)
    changed = placement_of_course(session, placement.id)
    request_columns(session, changed, again=parts is not placement.grade_parts)
    return changed


def use_column(
    session: Session,
    placement_id: int,
    part: str,
    item: LineItem,
    *,
    made: bool,
    several: bool,
    delay: timedelta,
) -> None:
    """Stores the address of a part's column, and sends there what its people have done already."""
    store_column(
        session,
        placement_id,
        part,
        url=item.id,
        state=ColumnState.READY.value,
        reason="several-found" if several else "",
        made=made,
        label=item.label[:300],
        score_maximum=item.score_maximum or None,
    )
    if part == WHOLE:
        session.execute(
            update(Placement)
            .where(Placement.id == placement_id, Placement.line_item == "")
            .values(line_item=item.id)
        )
    known = placement_of_course(session, placement_id)
    for person_id in learners_of_placement(session, known):
        refresh_worth(session, person_id, known, delay=delay)


def know_column(session: Session, placement: PlacementView) -> None:
    """Adds the row of the column that the LMS gave the whole placement, where it is new."""
    known = (column.part for column in columns_of(session, placement.id))
    if placement.line_item and WHOLE not in known:
        url, state = placement.line_item, ColumnState.READY.value
        store_column(session, placement.id, WHOLE, url=url, state=state)


def give_up_column(session: Session, placement_id: int, part: str, reason: str) -> None:
    """Notes why a part has no column. It is asked for again when the placement changes."""
    store_column(
        session, placement_id, part, state=ColumnState.REFUSED.value, reason=reason[:60], url=""
    )


def store_column(session: Session, placement_id: int, part: str, **values: object) -> None:
    """Inserts the row of a column, or sets these values on the one that is there."""
    empty: dict[str, object] = {
        "url": "",
        "state": ColumnState.WANTED.value,
        "reason": "",
        "made": False,
        "label": "",
        "score_maximum": None,
        "wanted_label": "",
        "wanted_maximum": None,
        "check_reason": "",
        "differing": 0,
    }
    session.execute(
        insert_into(session, PlacementLineItem)
        .values(placement_id=placement_id, part=part, **(empty | values))
        .on_conflict_do_update(index_elements=["placement_id", "part"], set_=values)
    )
