"""Which handler takes which topic, and what a worker does beside the messages."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_tool.assessments.dated_snapshots import take_dated_snapshots
from lti_tool.exports.papers.rules import DISCARD as DISCARD_PAPER
from lti_tool.exports.papers.rules import TOPIC as RENDER_PAPER
from lti_tool.exports.papers.services import purge_papers
from lti_tool.exports.papers.worker import PaperMaker
from lti_tool.exports.personal.services import forget_waiting
from lti_tool.gateway.passback import Passback
from lti_tool.gateway.protocol import make_protocol
from lti_tool.gateway.services import FIND_LINE_ITEM, purge_logins
from lti_tool.grades.rules import TOPIC as DELIVER_SCORE
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.worker import Chore, Handler, Worker
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.services import purge_files
from lti_tool.training.plans.recording import purge_records
from lti_tool.web.sessions import purge_sessions


def make_worker(runtime: Runtime, *, threads: int = 4) -> Worker:
    """Returns a worker that knows every topic."""
    return Worker(runtime, handlers(runtime), chores(runtime), threads=threads)


def handlers(runtime: Runtime) -> Mapping[str, Handler]:
    """Returns the handler of each topic. A test asks that no topic is without one."""
    passback = Passback(runtime, make_protocol(runtime))
    papers = PaperMaker(runtime)
    return {
        DELIVER_SCORE: passback.deliver_score,
        FIND_LINE_ITEM: passback.find_line_item,
        RENDER_PAPER: papers.render,
        DISCARD_PAPER: papers.discard,
    }


def chores(runtime: Runtime) -> Sequence[Chore]:
    """Returns what is done once a minute."""

    def sessions(session: Session) -> None:
        purge_sessions(session, runtime.settings)

    def snapshots(session: Session) -> None:
        take_dated_snapshots(session, ZoneInfo(runtime.settings.timezone))

    def files(session: Session) -> None:
        blobs = open_blobs(runtime.settings)
        purge_records(session)
        purge_files(session, blobs)
        forget_waiting(session, blobs)

    def papers(session: Session) -> None:
        purge_papers(session)

    return (purge_logins, files, papers, sessions, snapshots)
