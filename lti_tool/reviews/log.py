"""The log of a submission's way: lines are added, each tied to the one before, none is changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.chained import line_digest
from lti_tool.reviews.models import ReviewEvent
from lti_tool.reviews.rules import Act, By


def write(
    session: Session,
    submission_id: int,
    act: Act,
    by: By,
    *,
    person_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line to a submission's log. Whoever changes a submission holds its row."""
    last = session.execute(
        select(ReviewEvent.number, ReviewEvent.digest)
        .where(ReviewEvent.submission_id == submission_id)
        .order_by(ReviewEvent.number.desc())
        .limit(1)
    ).first()
    line = ReviewEvent(
        submission_id=submission_id,
        number=last.number + 1 if last else 1,
        at=clock.now(),
        act=act.value,
        by=by.value,
        by_person_id=person_id,
        details=dict(details or {}),
    )
    line.digest = digest_of(last.digest if last else "", line)
    session.add(line)
    session.flush()


def lines_of(session: Session, submission_id: int) -> list[ReviewEvent]:
    """Returns the log of a submission, oldest line first."""
    found = select(ReviewEvent).where(ReviewEvent.submission_id == submission_id)
    return list(session.execute(found.order_by(ReviewEvent.number)).scalars())


def is_whole(session: Session, submission_id: int) -> bool:
    """Says whether every line still says what was written, and none between is missing."""
    before = ""
    for number, line in enumerate(lines_of(session, submission_id), 1):
        if line.number != number or line.digest != digest_of(before, line):
            return False
        before = line.digest
    return True


def digest_of(before: str, line: ReviewEvent) -> str:
    """Returns the digest that a line has, after the digest of the line before it."""
    said = [
        line.submission_id,
        line.number,
        line.at.isoformat(),
        line.act,
        line.by,
        line.details,
    ]
    return line_digest(before, said)
