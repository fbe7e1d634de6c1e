"""How the views of evidence begin: where they stand, and which task and piece are meant."""

from flask import Blueprint, request

from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.opening import Desk, open_portfolio, task_of
from lti_tool.portfolios.services import Task

blueprint = Blueprint(
    "evidence", __name__, url_prefix="/at/<slot>/p/<placement>/portfolio/<portfolio>"
)


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot, placement and portfolio from the address of this request."""
    here = request.view_args or {}
    for name in ("slot", "placement", "portfolio"):
        if name in here:
            values.setdefault(name, here[name])


def open_task(actor: Actor, placement: str, portfolio: str, code: str) -> tuple[Desk, Task]:
    """Returns an open portfolio of the actor and one of its tasks; raises `NotFound`."""
    desk = open_portfolio(actor, placement, portfolio)
    return desk, task_of(desk, code)
