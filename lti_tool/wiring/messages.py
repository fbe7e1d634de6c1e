"""Which handler takes which topic, and what a worker does beside the messages."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from lti_tool.gateway.passback import Passback
from lti_tool.gateway.protocol import make_protocol
from lti_tool.gateway.services import FIND_LINE_ITEM, purge_logins
from lti_tool.grades.rules import TOPIC as DELIVER_SCORE
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.worker import Chore, Handler, Worker
from lti_tool.web.sessions import purge_sessions


def make_worker(runtime: Runtime, *, threads: int = 4) -> Worker:
    """Returns a worker that knows every topic."""
    return Worker(runtime, handlers(runtime), chores(runtime), threads=threads)


def handlers(runtime: Runtime) -> Mapping[str, Handler]:
    """Returns the handler of each topic. A test asks that no topic is without one."""
    passback = Passback(runtime, make_protocol(runtime))
    return {
        DELIVER_SCORE: passback.deliver_score,
        FIND_LINE_ITEM: passback.find_line_item,
    }


def chores(runtime: Runtime) -> Sequence[Chore]:
    """Returns what is done once a minute."""

    def sessions(session: Session) -> None:
        purge_sessions(session, runtime.settings)

    return (purge_logins, sessions)
