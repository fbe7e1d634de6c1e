"""The worker's part: a submission is read, drawn outside any transaction, and its PDF kept."""

import threading
from datetime import timedelta
from functools import cached_property

import structlog
from flask import Flask

from lti_tool.exports.papers import worker as papers
from lti_tool.exports.papers.drawing import add_filters as add_paper_filters
from lti_tool.exports.papers.press import Press, PressFailed
from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.exports.papers.rules import MOST_CHARACTERS
from lti_tool.exports.submissions.content import SubmissionPaper, paper_asked
from lti_tool.exports.submissions.drawing import add_filters, document_of
from lti_tool.exports.submissions.services import mark_failed, mark_ready
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.web.application import make_application

log = structlog.get_logger()

BUSY = Retry("submissions-busy", timedelta(seconds=2))


class SubmissionPaperMaker:
    """Draws what was handed in. One at a time: drawing fills a processor."""

    def __init__(self, runtime: Runtime, press: Press | None = None) -> None:
        self._runtime = runtime
        self._renderer = renderer_named(runtime.settings.pdf_renderer)
        self._press = press
        self._turn = threading.Lock()

    def render(self, lease: Lease) -> None:
        """Handles "portfolio.render": reads, draws, keeps. Doing it twice changes nothing."""
        if not self._turn.acquire(blocking=False):
            with self._runtime.database.transaction() as session:
                _hold(give_back(session, lease, BUSY))
            return
        try:
            self._render(lease)
        finally:
            self._turn.release()

    @cached_property
    def _blobs(self) -> Blobs:
        return open_blobs(self._runtime.settings)

    @cached_property
    def _app(self) -> Flask:
        """Templates and translations, without any page."""
        app = make_application(self._runtime)
        add_paper_filters(app)
        add_filters(app)
        return app

    def _render(self, lease: Lease) -> None:
        with self._runtime.database.transaction(write=False) as session:
            paper = paper_asked(session, int(lease.key))
        if paper is None:
            with self._runtime.database.transaction() as session:
                _hold(complete(session, lease))
            return
        submission = paper.frozen.submission
        try:
            pdf = self._pdf(paper)
        except PressFailed as failed:
            log.warning("submission-paper-failed", reason=failed.reason)
            with self._runtime.database.transaction() as session:
                mark_failed(session, submission.id, failed.reason)
                _hold(complete(session, lease))
            return
        # Before the row that names it: a blob that nobody names goes, a name without bytes stays.
        blob = self._blobs.put(submission.organisation_id, seal(submission, pdf))
        with self._runtime.database.transaction() as session:
            mark_ready(session, submission.id, blob, len(pdf))
            _hold(complete(session, lease))

    def _pdf(self, paper: SubmissionPaper) -> bytes:
        with self._app.app_context():
            document = document_of(paper, self._renderer)
        if len(document.html) > MOST_CHARACTERS:
            raise PressFailed("too-large")
        press = self._press or papers.press_for(self._renderer.name)
        return press.render(document.html, document.faces)


def seal(submission: SubmissionView, pdf: bytes) -> bytes:
    """Returns what is stored: the PDF behind a line of its own, as of every paper.

    `papers.worker.unseal` takes the line away.
    """
    return f"submission {submission.public_id}\n".encode() + pdf


def _hold(held: bool) -> None:  # noqa: FBT001 - what `complete` answered
    if not held:
        raise papers.LeaseLost
