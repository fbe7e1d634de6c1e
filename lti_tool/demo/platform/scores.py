"""Scores and results (AGS 2.0, sections 3.3 and 3.4)."""

from dataclasses import asdict

from flask import Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo import ledger
from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import GradebookCell, LineItem, Person
from lti_tool.demo.people import person_with_subject, standing_in
from lti_tool.demo.platform.grades import find_line_item
from lti_tool.demo.platform.names import RESULT_SCOPE, RESULTS_TYPE, SCORE_SCOPE, SCORE_TYPE
from lti_tool.demo.platform.scoring import CellValue, Refusal, Score, Writing, read_score
from lti_tool.demo.platform.service import (
    ServiceRefused,
    authorise,
    json_response,
    require_accept,
    require_type,
    service_call,
)
from lti_tool.kernel.clock import now

VALUES = tuple(CellValue.__dataclass_fields__)


@service_call(ServiceKind.SCORES)
def scores(course_id: int, item_id: int) -> Response:
    """Takes a score into the gradebook, or refuses it; either way it is in the ledger."""
    lms = current_lms()
    authorise(lms, SCORE_SCOPE)
    require_type(lms, SCORE_TYPE)
    body = request.get_data()
    score = read_score(body)
    with lms.database.writing() as session:
        item = find_line_item(session, course_id, item_id)
        person = person_with_subject(session, lms.profile, score.user_id) if score else None
        refusal = _taken(lms, session, item, score, person)
        status, answer = _answer(lms, item, score, refusal)
        ledger.enter(
            session,
            (course_id, item_id),
            body,
            score=score,
            person=person,
            status=status,
            fault=g.fault,
            is_stored=refusal is None,
        )
    lms.calls.count("scores_refused" if refusal else "scores_accepted")
    return json_response(lms, answer, SCORE_TYPE, status)


@service_call(ServiceKind.RESULTS)
def results(course_id: int, item_id: int) -> Response:
    """Lists the results of a line item, of everybody or of one user."""
    lms = current_lms()
    profile, arguments = lms.profile, request.args
    authorise(lms, RESULT_SCOPE)
    require_accept(lms, RESULTS_TYPE)
    where = profile.addresses(lms.settings.base_url)
    with lms.database.reading() as session:
        item = find_line_item(session, course_id, item_id)
        cells = _shown_cells(lms, session, item, arguments.get("user_id"))
        page = profile.page(ServiceKind.RESULTS, arguments)
        shown = [profile.result(item, cell, where) for cell in page.of(cells)]
    response = json_response(lms, shown, RESULTS_TYPE)
    url = where.results(course_id, item_id)
    links = profile.links(ServiceKind.RESULTS, url, arguments, page, len(cells))
    if links:
        response.headers["Link"] = links
    return response


@service_call(ServiceKind.RESULTS)
def result(course_id: int, item_id: int, user_id: str) -> Response:
    """Shows one user's result, at the address that a result has as its id."""
    lms = current_lms()
    authorise(lms, RESULT_SCOPE)
    where = lms.profile.addresses(lms.settings.base_url)
    with lms.database.reading() as session:
        item = find_line_item(session, course_id, item_id)
        cells = _shown_cells(lms, session, item, user_id)
        if not cells:
            raise ServiceRefused(404, "There is no such result.")
        return json_response(lms, lms.profile.result(item, cells[0], where), RESULTS_TYPE)


def _taken(
    lms: Lms, session: Session, item: LineItem, score: Score | None, person: Person | None
) -> Refusal | None:
    """Writes the score if the profile's rules take it, else returns why they do not."""
    if score is None:
        return Refusal(400, lms.profile.unreadable_score())
    rules, moment = lms.profile.rules, now()
    row = session.get(GradebookCell, (item.id, person.id)) if person else None
    cell = _value_of(row)
    standing = standing_in(session, person, item.course_id)
    refusal = rules.refusal(score, standing, cell, moment)
    if refusal is not None or person is None:
        return refusal
    own_clock = lms.switchboard.current.own_clock
    keeps = lms.profile.keeps_override(item)
    after = rules.written(Writing(score, cell, item.score_maximum, moment, own_clock, keeps))
    if row is None:
        row = GradebookCell(line_item_id=item.id, person_id=person.id, writes=0)
        session.add(row)
    for name, value in asdict(after).items():
        setattr(row, name, value)
    row.writes += 1
    return None


def _answer(
    lms: Lms, item: LineItem, score: Score | None, refusal: Refusal | None
) -> tuple[int, object]:
    if refusal is not None or score is None:
        return (refusal.status, refusal.body) if refusal else (400, None)
    where = lms.profile.addresses(lms.settings.base_url)
    url = f"{where.results(item.course_id, item.id)}/{score.user_id}"
    return lms.profile.rules.answer(score, url)


def _value_of(row: GradebookCell | None) -> CellValue:
    return CellValue(**{name: getattr(row, name) for name in VALUES}) if row else CellValue()


def _shown_cells(
    lms: Lms, session: Session, item: LineItem, user_id: str | None
) -> list[GradebookCell]:
    query = select(GradebookCell).where(GradebookCell.line_item_id == item.id)
    if user_id:
        person = person_with_subject(session, lms.profile, user_id)
        query = query.where(GradebookCell.person_id == (person.id if person else 0))
    cells = session.scalars(query.order_by(GradebookCell.person_id))
    return [cell for cell in cells if lms.profile.shows_result(cell)]
