"""Noting what became of the PDF of a submission, and asking for it again."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.courses.services import lock_person
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.outbox import services as outbox
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import LANE, RENDER, PdfState, SubmissionView

_SUBMISSIONS = table_of(Submission)


def ask_again(session: Session, actor: Actor, submission: SubmissionView) -> None:
    """Asks for a PDF that could not be made; nothing happens where it is there or on its way.

    Raises `NotAllowed` for anyone but the submission's owner.
    """
    if submission.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner asks for this PDF."), code="role-not-allowed")
    lock_person(session, actor.person_id)
    changed = session.execute(
        update(_SUBMISSIONS)
        .where(
            _SUBMISSIONS.c.id == submission.id,
            _SUBMISSIONS.c.pdf_state == PdfState.FAILED.value,
        )
        .values(pdf_state=PdfState.ASKED.value, pdf_reason="")
        .returning(_SUBMISSIONS.c.id)
    )
    if changed.first() is not None:
        outbox.put(session, RENDER, str(submission.id), lane=LANE, delay=timedelta(0))
        outbox.hurry(session, RENDER, [str(submission.id)])


def mark_ready(session: Session, submission_id: int, blob: str, size: int) -> None:
    """Notes that the PDF is there, under which name, and its size in bytes."""
    _mark(session, submission_id, PdfState.READY, pdf_digest=blob, pdf_size=size, pdf_reason="")


def mark_failed(session: Session, submission_id: int, reason: str) -> None:
    """Notes why the PDF was not made, one of `rules.REASONS`."""
    _mark(session, submission_id, PdfState.FAILED, pdf_reason=reason)


def _mark(session: Session, submission_id: int, state: PdfState, **values: object) -> None:
    session.execute(
        update(_SUBMISSIONS)
        .where(_SUBMISSIONS.c.id == submission_id)
        .values(pdf_state=state.value, **values)
    )
