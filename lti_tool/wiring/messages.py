"""Which handler takes which topic, and what a worker does beside the messages."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_tool.assessments.dated_snapshots import take_dated_snapshots
from lti_tool.courses.rosters.rules import TOPIC as REFRESH_ROSTER
from lti_tool.exports.papers.models import Paper
from lti_tool.exports.papers.rules import DISCARD as DISCARD_PAPER
from lti_tool.exports.papers.rules import TOPIC as RENDER_PAPER
from lti_tool.exports.papers.services import purge_papers
from lti_tool.exports.papers.worker import PaperMaker
from lti_tool.exports.personal.models import RecordImport
from lti_tool.exports.personal.services import forget_waiting
from lti_tool.exports.submissions.worker import SubmissionPaperMaker
from lti_tool.gateway.connecting.services import purge_connecting
from lti_tool.gateway.keys import settle as settle_keys
from lti_tool.gateway.organisation.rules import TOPIC as TEST_CONNECTION
from lti_tool.gateway.organisation.worker import Tester
from lti_tool.gateway.passback import Passback
from lti_tool.gateway.protocol import make_protocol
from lti_tool.gateway.reconciling.looks import plan_looks
from lti_tool.gateway.reconciling.rules import (
    CHANGE_LINE_ITEM,
    DELETE_LINE_ITEM,
    FIND_LINE_ITEM,
    RECONCILE,
)
from lti_tool.gateway.reconciling.worker import Columns
from lti_tool.gateway.rosters.rules import REGISTER as REGISTER_HANDLER
from lti_tool.gateway.rosters.services import purge_notices
from lti_tool.gateway.rosters.worker import RosterKeeper
from lti_tool.gateway.services import purge_logins
from lti_tool.grades.rules import TOPIC as DELIVER_SCORE
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.notifications.rules import MAIL
from lti_tool.notifications.services import purge_notices as purge_told
from lti_tool.notifications.worker import Mailer
from lti_tool.outbox.worker import Chore, Handler, Worker
from lti_tool.portfolios.cases.erasing import forget_erased_files
from lti_tool.portfolios.cases.rules import SETTLED as CASE_SETTLED
from lti_tool.portfolios.evidence.purging import purge_evidence
from lti_tool.portfolios.statements.services import purge_statements
from lti_tool.portfolios.submitting.models import Submission, SubmissionEvidence
from lti_tool.portfolios.submitting.rules import ALLOCATE as ALLOCATE_REVIEW
from lti_tool.portfolios.submitting.rules import RENDER as RENDER_SUBMISSION
from lti_tool.portfolios.submitting.rules import WITHDRAWN as SUBMISSION_WITHDRAWN
from lti_tool.register.reminding import remind_owners
from lti_tool.register.worker import Recogniser
from lti_tool.reviews.reminding import remind_assessors
from lti_tool.reviews.rules import RECOGNISE
from lti_tool.reviews.settled import Settled
from lti_tool.reviews.worker import Allocator, allocate_waiting
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.scanning.rules import TOPIC as SCAN_FILE
from lti_tool.storage.scanning.worker import Scanner
from lti_tool.storage.services import purge_files
from lti_tool.storage.sweeping import OF_FILES, NamedBy, Sweep
from lti_tool.storage.uploads.services import forget_old_uploads
from lti_tool.training.plans.recording import purge_records
from lti_tool.web.sessions import purge_sessions

# Every column that names a blob; a test asks that none is missing, since the sweep asks here.
NAMES_OF_BLOBS = (
    *OF_FILES,
    NamedBy(Paper.organisation_id, Paper.blob),
    NamedBy(RecordImport.organisation_id, RecordImport.digest),
    NamedBy(Submission.organisation_id, Submission.pdf_digest),
    NamedBy(SubmissionEvidence.organisation_id, SubmissionEvidence.digest),
    NamedBy(SubmissionEvidence.organisation_id, SubmissionEvidence.preview_digest),
)


def make_worker(runtime: Runtime, *, threads: int = 4) -> Worker:
    """Returns a worker that knows every topic."""
    return Worker(runtime, handlers(runtime), chores(runtime), threads=threads)


def handlers(runtime: Runtime) -> Mapping[str, Handler]:
    """Returns the handler of each topic. A test asks that no topic is without one."""
    protocol = make_protocol(runtime)
    passback = Passback(runtime, protocol)
    rosters = RosterKeeper(runtime, protocol)
    columns = Columns(runtime, protocol)
    papers = PaperMaker(runtime)
    tester = Tester(runtime, protocol)
    scanner = Scanner(runtime)
    allocator = Allocator(runtime)
    return {
        DELIVER_SCORE: passback.deliver_score,
        FIND_LINE_ITEM: columns.find_line_item,
        CHANGE_LINE_ITEM: columns.change_line_item,
        DELETE_LINE_ITEM: columns.delete_line_item,
        RECONCILE: columns.reconcile,
        REFRESH_ROSTER: rosters.refresh,
        REGISTER_HANDLER: rosters.register_handler,
        RENDER_PAPER: papers.render,
        RENDER_SUBMISSION: SubmissionPaperMaker(runtime).render,
        DISCARD_PAPER: papers.discard,
        TEST_CONNECTION: tester.test,
        SCAN_FILE: scanner.scan,
        MAIL: Mailer(runtime).send,
        ALLOCATE_REVIEW: allocator.allocate,
        SUBMISSION_WITHDRAWN: allocator.withdraw,
        CASE_SETTLED: Settled(runtime).note,
        RECOGNISE: Recogniser(runtime).recognise,
    }


def chores(runtime: Runtime) -> Sequence[Chore]:
    """Returns what is done once a minute."""

    def sessions(session: Session) -> None:
        purge_sessions(session, runtime.settings)

    def snapshots(session: Session) -> None:
        take_dated_snapshots(session, ZoneInfo(runtime.settings.timezone))

    def looks(session: Session) -> None:
        plan_looks(session, ZoneInfo(runtime.settings.timezone))

    def files(session: Session) -> None:
        blobs = open_blobs(runtime.settings)
        purge_records(session)
        purge_evidence(session)
        purge_statements(session)
        forget_erased_files(session)
        purge_files(session, blobs)
        forget_waiting(session, blobs)
        forget_old_uploads(session)

    sweep = Sweep(open_blobs(runtime.settings), NAMES_OF_BLOBS)

    def orphans(session: Session) -> None:
        sweep.round(session)

    def papers(session: Session) -> None:
        purge_papers(session)

    def told(session: Session) -> None:
        purge_told(session)

    return (
        purge_logins,
        purge_connecting,
        purge_notices,
        settle_keys,
        files,
        papers,
        sessions,
        snapshots,
        looks,
        orphans,
        purge_what_was_read,
        reminders(runtime),
        allocate_waiting,
    )


def purge_what_was_read(session: Session) -> None:
    """Removes notices that were read long ago."""
    purge_told(session)


def reminders(runtime: Runtime) -> Chore:
    """Returns what tells owners of ends of recognition, and assessors of what is late."""
    zone = ZoneInfo(runtime.settings.timezone)

    def remind(session: Session) -> None:
        today = clock.now().astimezone(zone).date()
        remind_owners(session, today)
        remind_assessors(session, today)

    return remind
