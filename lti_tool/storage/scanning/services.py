"""Asking for a scan, and noting what it said."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.outbox.services import put
from lti_tool.storage.models import StoredFile
from lti_tool.storage.queries import FileView, file_in_organisation
from lti_tool.storage.scanning.rules import AT_ONCE, LANE, SCANNED, TOPIC, Scan

_FILES = table_of(StoredFile)
_LONGEST_NOTE = 120


def ask_for_scan(session: Session, organisation_id: int, file_id: int) -> None:
    """Lets the worker have a file scanned once this transaction has committed."""
    put(session, TOPIC, f"{organisation_id}:{file_id}", lane=LANE, delay=AT_ONCE)


def begin_scan(session: Session, organisation_id: int, file_id: int) -> FileView | None:
    """Notes that a file is being scanned and returns it; None when there is nothing to do."""
    found = file_in_organisation(session, organisation_id, file_id, removed_too=True)
    if found is None or found.scan in SCANNED or found.scan is Scan.NOT_ASKED:
        return None
    session.execute(update(_FILES).where(_FILES.c.id == file_id).values(scan=Scan.SCANNING))
    return found


def note_scan(session: Session, file: FileView, scan: Scan, note: str = "") -> None:
    """Notes what the scanner said; `note` is the name that it gave what it found, or its reason.

    Every file of the organisation with the same content, that waits, is told the same.
    """
    waiting = (
        _FILES.c.scan.in_([Scan.RECEIVED, Scan.SCANNING, Scan.COULD_NOT_SCAN])
        if scan is not Scan.INFECTED
        else _FILES.c.scan != Scan.INFECTED
    )
    session.execute(
        update(_FILES)
        .where(
            _FILES.c.organisation_id == file.organisation_id,
            _FILES.c.digest == file.digest,
            waiting,
        )
        .values(scan=scan, scan_note=note[:_LONGEST_NOTE], scanned_at=clock.now())
    )


def ask_for_all(session: Session, *, most: int = 500) -> int:
    """Asks for scans of kept files that came before there was a scanner; returns how many.

    For an operator's command, in an installation that has been given a scanner.
    """
    rows = session.execute(
        select(_FILES.c.id, _FILES.c.organisation_id)
        .where(_FILES.c.scan == Scan.NOT_ASKED)
        .order_by(_FILES.c.id)
        .limit(most)
    ).all()
    for row in rows:
        session.execute(update(_FILES).where(_FILES.c.id == row.id).values(scan=Scan.RECEIVED))
        ask_for_scan(session, row.organisation_id, row.id)
    return len(rows)
