"""What people do with their training record, and with the certificates in it."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.models import StoredFile
from lti_tool.storage.queries import FileView
from lti_tool.storage.rules import CheckedFile, FileStatus
from lti_tool.storage.services import keep_file, read_file, remove_file, restore_file
from lti_tool.training.plans.models import Goal, TrainingRecord
from lti_tool.training.plans.queries import record_of
from lti_tool.training.plans.rules import RECORDS_KEPT_FOR, RecordState, RecordView, RecordWish
from lti_tool.training.plans.services import once_only

_RECORDS = table_of(TrainingRecord)
_GOALS = table_of(Goal)
_FILES = table_of(StoredFile)
PURGED_AT_ONCE = 100


class RecordChanged(Conflict):
    """The entry was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "record-changed"

    def __init__(self, current: RecordView) -> None:
        super().__init__(
            N_("This entry was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.current = current


def add_record(session: Session, actor: Actor, wish: RecordWish, *, once: str = "") -> RecordView:
    """Stores a training that the learner took and returns it; a form sent twice makes one.

    Ties are kept as far as instruments have them; a goal that is not the learner's is left out.
    """
    _check_learner(actor)
    lock_person(session, actor.person_id)
    public_id, is_there = once_only(session, actor, TrainingRecord, once)
    if is_there and (there := record_of(session, actor.person_id, public_id)).wish == wish:
        return there
    # A form that came back by the browser's Back button and says something new makes a new one.
    public_id = new_public_id() if is_there else public_id
    now = clock.now()
    session.execute(
        insert(_RECORDS).values(
            **_values(session, actor, wish),
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            state=RecordState.KEPT,
            version=1,
            created_at=now,
            changed_at=now,
        )
    )
    return record_of(session, actor.person_id, public_id)


def change_record(
    session: Session, actor: Actor, public_id: str, wish: RecordWish, *, seen_version: int
) -> RecordView:
    """Stores what the learner wrote of an entry; raises `RecordChanged`."""
    record = _own(session, actor, public_id)
    if record.wish == wish:
        return record
    if record.version != seen_version:
        raise RecordChanged(record)
    return _store(session, actor, record, **_values(session, actor, wish))


def remove_record(session: Session, actor: Actor, public_id: str) -> RecordView:
    """Takes an entry out of the record; for thirty days it can be had back."""
    record = _own(session, actor, public_id)
    if record.state is RecordState.REMOVED:
        return record
    return _store(session, actor, record, state=RecordState.REMOVED, removed_at=clock.now())


def restore_record(session: Session, actor: Actor, public_id: str) -> RecordView:
    """Puts a removed entry back; raises `NotFound` once it is gone."""
    record = _own(session, actor, public_id)
    if record.state is RecordState.KEPT:
        return record
    return _store(session, actor, record, state=RecordState.KEPT, removed_at=None)


def put_certificate(
    session: Session, actor: Actor, blobs: Blobs, public_id: str, file: CheckedFile
) -> RecordView:
    """Keeps a checked file as the entry's certificate; one that was there before is removed."""
    record = _own(session, actor, public_id)
    digest = blobs.digest(file.content)
    if record.certificate and _is_same(session, record.certificate.file_id, digest, file.name):
        return record
    kept = keep_file(session, actor, blobs, file)
    if record.certificate:
        remove_file(session, actor, record.certificate.file_id)
    return _store(session, actor, record, file_id=kept.id)


def read_certificate(
    session: Session, actor: Actor, blobs: Blobs, public_id: str
) -> tuple[FileView, bytes]:
    """Returns the certificate of one of the learner's own entries; raises `NotFound`."""
    record = record_of(session, actor.person_id, public_id)
    if record.certificate is None:
        raise NotFound(N_("This entry has no certificate."), code="certificate-none")
    return read_file(session, actor, blobs, record.certificate.file_id)


def remove_certificate(session: Session, actor: Actor, public_id: str) -> RecordView:
    """Takes the certificate off an entry; for a day it can be had back."""
    record = _own(session, actor, public_id)
    if record.certificate is None:
        return record
    remove_file(session, actor, record.certificate.file_id)
    return _store(session, actor, record, file_id=None)


def restore_certificate(
    session: Session, actor: Actor, public_id: str, file_public_id: str
) -> RecordView:
    """Puts a removed certificate back on its entry; one that took its place is removed.

    Raises `NotFound` once it is gone.
    """
    record = _own(session, actor, public_id)
    if record.certificate and record.certificate.public_id == file_public_id:
        return record
    file = restore_file(session, actor, file_public_id)
    if record.certificate:
        remove_file(session, actor, record.certificate.file_id)
    return _store(session, actor, record, file_id=file.id)


def purge_records(session: Session) -> int:
    """Forgets entries that were removed long ago, and removes their certificates.

    Returns how many went. For a worker's round.
    """
    old = session.execute(
        select(_RECORDS.c.id, _RECORDS.c.file_id)
        .where(_RECORDS.c.removed_at <= clock.now() - RECORDS_KEPT_FOR)
        .limit(PURGED_AT_ONCE)
    ).all()
    session.execute(delete(_RECORDS).where(_RECORDS.c.id.in_([row.id for row in old])))
    session.execute(
        update(_FILES)
        .where(_FILES.c.id.in_([row.file_id for row in old if row.file_id]))
        .values(status=FileStatus.REMOVED, removed_at=clock.now())
    )
    return len(old)


def _check_learner(actor: Actor) -> None:
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners keep goals and training here."), code="role-not-allowed")


def _own(session: Session, actor: Actor, public_id: str) -> RecordView:
    _check_learner(actor)
    lock_person(session, actor.person_id)
    return record_of(session, actor.person_id, public_id)


def _is_same(session: Session, file_id: int, digest: str, name: str) -> bool:
    kept = select(_FILES.c.digest, _FILES.c.name).where(_FILES.c.id == file_id)
    row = session.execute(kept).first()
    return row is not None and (row.digest, row.name) == (digest, name)


def _values(session: Session, actor: Actor, wish: RecordWish) -> dict[str, object]:
    instruments = instruments_for(session, actor.organisation_id)
    goal_id = session.execute(
        select(_GOALS.c.id).where(
            _GOALS.c.public_id == wish.goal, _GOALS.c.person_id == actor.person_id
        )
    ).scalar_one_or_none()
    return {
        "title": wish.title,
        "provider": wish.provider,
        "begun_on": wish.begun_on,
        "ended_on": wish.ended_on,
        "quarter_hours": wish.quarter_hours,
        "reflection": wish.reflection,
        "ties": [list(t) for t in wish.ties if t[0] in instruments],
        "offer": wish.offer,
        "goal_id": goal_id,
    }


def _store(session: Session, actor: Actor, record: RecordView, **values: object) -> RecordView:
    session.execute(
        update(_RECORDS)
        .where(_RECORDS.c.id == record.id)
        .values(**values, version=record.version + 1, changed_at=clock.now())
    )
    return record_of(session, actor.person_id, record.public_id)
