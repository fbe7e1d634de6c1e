"""What stands of statements beside a task."""

from typing import Any

from lti_tool.kernel import clock
from lti_tool.portfolios.statements.queries import statements_of_task
from lti_tool.portfolios.statements.rules import State
from lti_tool.web.requests import db


def statements_beside(portfolio_id: int, code: str) -> dict[str, Any]:
    """Returns the statements that were given for a task, and how many are waited for."""
    found, now = statements_of_task(db(), portfolio_id, code), clock.now()
    waiting = [one for one in found if one.state(now) in {State.WAITING, State.OPENED}]
    return {
        "statements_given": [one for one in found if one.is_given],
        "statements_waiting": len(waiting),
    }
