"""The worker's part: a paper asked for is read, rendered outside any transaction, and kept."""

import threading
from datetime import timedelta
from functools import cache, cached_property

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.queries import placement_of_course
from lti_tool.exports.papers.content import Content, Whose, content_of
from lti_tool.exports.papers.drawing import Document, add_filters, document_of
from lti_tool.exports.papers.press import Press, PressFailed
from lti_tool.exports.papers.queries import paper_asked
from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.exports.papers.rules import MOST_CHARACTERS, PaperView
from lti_tool.exports.papers.services import mark_failed, mark_ready
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back
from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.web.application import make_application

log = structlog.get_logger()

BUSY = Retry("papers-busy", timedelta(seconds=2))


class LeaseLost(Exception):
    """Somebody else holds the message by now; what was done here is undone."""


@cache
def press_for(renderer: str) -> Press:
    """Returns this process's press. One is enough: rendering fills a processor."""
    return Press(renderer)


class PaperMaker:
    """Makes papers. At most two threads of a worker: one at the press, and one who comes next.

    The others go on with grades.
    """

    def __init__(self, runtime: Runtime, press: Press | None = None) -> None:
        self._runtime = runtime
        self._renderer = renderer_named(runtime.settings.pdf_renderer)
        self._press = press or press_for(self._renderer.name)
        self._places = threading.BoundedSemaphore(2)

    def render(self, lease: Lease) -> None:
        """Handles "papers.render": reads, renders, keeps."""
        if not self._places.acquire(blocking=False):
            self._give_back(lease, BUSY)
            return
        try:
            self._render(lease)
        finally:
            self._places.release()

    def discard(self, lease: Lease) -> None:
        """Handles "papers.discard": removes the file of a paper that was forgotten."""
        organisation, _, blob = lease.key.partition(":")
        self._blobs.delete(int(organisation), blob)
        with self._runtime.database.transaction() as session:
            _hold(complete(session, lease))

    @cached_property
    def _blobs(self) -> Blobs:
        return open_blobs(self._runtime.settings)

    @cached_property
    def _app(self) -> Flask:
        """Templates and translations, without any page."""
        app = make_application(self._runtime)
        add_filters(app)
        return app

    def _render(self, lease: Lease) -> None:
        try:
            with self._runtime.database.transaction(write=False) as session:
                paper = paper_asked(session, int(lease.key))
                content = _content_of(session, paper) if paper else None
        except NotFound:  # the instrument is no longer in this tool
            self._fail(lease, "broken")
            return
        if paper is None or content is None:
            with self._runtime.database.transaction() as session:
                _hold(complete(session, lease))
            return
        with self._app.app_context():
            document = document_of(content, self._renderer)
        try:
            pdf = self._pdf(document)
        except PressFailed as failed:
            log.warning("paper-failed", kind=paper.kind.value, reason=failed.reason)
            self._fail(lease, failed.reason)
            return
        blob = self._blobs.put(paper.organisation_id, seal(paper, pdf))
        with self._runtime.database.transaction() as session:
            mark_ready(session, paper.id, document.digest, blob, len(pdf))
            _hold(complete(session, lease))

    def _pdf(self, document: Document) -> bytes:
        if len(document.html) > MOST_CHARACTERS:
            raise PressFailed("too-large")
        return self._press.render(document.html, document.faces)

    def _fail(self, lease: Lease, reason: str) -> None:
        with self._runtime.database.transaction() as session:
            mark_failed(session, int(lease.key), reason)
            _hold(complete(session, lease))

    def _give_back(self, lease: Lease, retry: Retry) -> None:
        with self._runtime.database.transaction() as session:
            _hold(give_back(session, lease, retry))


def seal(paper: PaperView, pdf: bytes) -> bytes:
    """Returns what is stored: the PDF behind a line with the paper's own id.

    Blobs are named by content, so a person's upload of their own paper would share its blob,
    and go when the paper is forgotten. With this line no upload has the same content.
    """
    return f"paper {paper.public_id}\n".encode() + pdf


def unseal(stored: bytes) -> bytes:
    """Returns the PDF of what `seal` made."""
    return stored.partition(b"\n")[2]


def _content_of(session: Session, paper: PaperView) -> Content:
    place = placement_of_course(session, paper.placement_id)
    instrument = instrument_for(session, paper.organisation_id, place.set_up.instrument)
    whose = Whose(paper.person_id, paper.organisation_id, place, instrument)
    return content_of(session, whose, paper.kind, paper.options)


def _hold(held: bool) -> None:  # noqa: FBT001 - what `complete` answered
    if not held:
        raise LeaseLost
