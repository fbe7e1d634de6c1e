"""With ten submissions and with two hundred: the same number of statements, and pages of them."""

import re
from typing import Any

from sqlalchemy import event, insert, select

from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.submitting.models import Submission, SubmissionTask
from lti_tool.reviews.models import Review, ReviewEvent
from tests.portfolios.handing_in import handed_in
from tests.reviews.offices import allocated, appoint, office
from tests.tool import Tool, Visitor


def statements(tool: Tool, visitor: Visitor, path: str) -> int:
    count = 0

    def counted(_connection: object, _cursor: object, said: str, *_: object) -> None:
        nonlocal count
        count += said.startswith("SELECT")  # that a session is in use is noted once a minute

    assert visitor.get(path).status_code == 200  # what is kept for a process is there by now
    event.listen(tool.database.engine, "before_cursor_execute", counted)
    assert visitor.get(path).status_code == 200, path
    event.remove(tool.database.engine, "before_cursor_execute", counted)
    return count


def copies(tool: Tool, submission_id: int, first: int, last: int) -> None:
    """Adds submissions like one that was handed in and given, each of a portfolio of its own."""
    with tool.database.transaction() as session:

        def of(model: Any, where: Any) -> list[dict[str, Any]]:
            rows = session.execute(select(table_of(model)).where(where))
            return [dict(row._mapping) for row in rows]

        (submission,) = of(Submission, Submission.id == submission_id)
        (portfolio,) = of(Portfolio, Portfolio.id == submission["portfolio_id"])
        parts = [
            (model, of(model, model.submission_id == submission_id))
            for model in (SubmissionTask, Review, ReviewEvent)
        ]

        def add(model: Any, row: dict[str, Any], **other: Any) -> int:
            fresh = {"public_id": new_public_id()} if "public_id" in row else {}
            values = {name: value for name, value in row.items() if name != "id"}
            table = table_of(model)
            added = insert(table).values(**(values | fresh | other)).returning(table.c.id)
            return int(session.execute(added).scalar_one())

        for number in range(first, last):
            own = add(Portfolio, portfolio, round=number)
            receipt = f"COPY{number:08}"
            copy = add(Submission, submission, portfolio_id=own, receipt_code=receipt)
            for model, rows in parts:
                for row in rows:
                    add(model, row, submission_id=copy)


def test_queue_desk_and_list_stay_within_constant_statements(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1], capacity=100)
    ada = office(tool)
    _amina, submission = handed_in(tool)
    allocated(tool, submission)
    anna.begin(submission)
    reading = f"desk/{anna.review(submission).public_id}"
    readers = f"reviews/{submission.public_id}/readers"
    asked = [
        (anna.visitor, "desk"),
        (anna.visitor, reading),
        (anna.visitor, f"{reading}?view=all"),
        (ada, "reviews"),
        (ada, "reviews?show=nobody"),
        (ada, readers),
        (ada, "assessors"),
    ]
    copies(tool, submission.id, 2, 11)
    few = [statements(tool, *one) for one in asked]
    copies(tool, submission.id, 11, 201)
    many = [statements(tool, *one) for one in asked]
    assert few == many
    assert max(many) < 25


def test_the_list_comes_in_pages(tool: Tool) -> None:
    appoint(tool, "anna", [1], capacity=100)
    ada = office(tool)
    _amina, submission = handed_in(tool)
    allocated(tool, submission)
    copies(tool, submission.id, 2, 62)
    first, second = ada.get("reviews").text, ada.get("reviews?page=2").text
    assert len(re.findall(r"submission-card", first)) == 50
    assert len(re.findall(r"submission-card", second)) == 11
    assert "page=2" in first
    assert "page=3" not in second
