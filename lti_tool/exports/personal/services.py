"""Bringing a record: keeping it to be looked at, taking it in, putting it away."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.exports.personal.archive import Parcel
from lti_tool.exports.personal.comparing import Findings, Mine, compare
from lti_tool.exports.personal.models import RecordImport
from lti_tool.exports.personal.parts.ledger import Ledger, open_ledger
from lti_tool.exports.personal.parts.taking_assessments import (
    take_history,
    take_looking_back,
    take_ratings,
    take_snapshots,
)
from lti_tool.exports.personal.parts.taking_plans import take_files, take_goals, take_training
from lti_tool.exports.personal.parts.taking_portfolios import take_accounts
from lti_tool.exports.personal.queries import Brought, brought_record, record_of
from lti_tool.exports.personal.rules import WAITS_FOR
from lti_tool.exports.personal.shapes import Record
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.runtime import Runtime
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import Blobs
from lti_tool.web.uploads import largest_file


@dataclass(frozen=True, slots=True)
class Taking:
    """A record on its way in: whose, where, with which side of the answers that differ.

    `chosen` are the instruments whose newer answers of the record are taken.
    """

    actor: Actor
    place: PlacementView
    parcel: Parcel
    chosen: Collection[str]


def keep_to_look_at(
    session: Session, actor: Actor, blobs: Blobs, content: bytes, record: Record
) -> str:
    """Keeps a zip that was found to be a record until its owner decides; returns its name here.

    Nothing of it is taken in yet. Raises `NotAllowed` for anyone but a learner.
    """
    _check_learner(actor)
    public_id = new_public_id()
    session.add(
        RecordImport(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            digest=blobs.put(actor.organisation_id, content),
            size=len(content),
            origin=record.origin.installation,
            origin_person=record.origin.person,
            written_at=record.written_at,
            created_at=clock.now(),
            taken_at=None,
            taken={},
        )
    )
    session.flush()
    return public_id


def findings_of(session: Session, actor: Actor, installation: str, record: Record) -> Findings:
    """Returns what a record would bring to the actor as they stand now."""
    mine = Mine(
        record_of(session, actor, installation).record,
        open_ledger(session, actor.person_id).rows,
    )
    return compare(record, mine, known_codes(session, actor))


def known_codes(session: Session, actor: Actor) -> Mapping[str, Collection[str]]:
    """Returns the codes of every instrument that the actor's organisation has."""
    found = instruments_for(session, actor.organisation_id)
    return {name: frozenset(one.by_code) for name, one in found.items()}


def take_in(
    session: Session, runtime: Runtime, blobs: Blobs, brought: Brought, taking: Taking
) -> dict[str, int]:
    """Takes a record in, all of it or nothing, and returns how much of each kind came in.

    It is compared again with what is here now: what was answered since somebody looked at the
    record is newer, and stays. Raises `NotAllowed` for anyone but a learner.
    """
    actor, record = taking.actor, taking.parcel.record
    _check_learner(actor)
    lock_person(session, actor.person_id)
    brought = brought_record(session, actor, brought.public_id)  # somebody may have been quicker
    findings = findings_of(session, actor, runtime.settings.base_url, record)
    ledger = open_ledger(session, actor.person_id, brought.id)
    files = take_files(
        session,
        actor,
        blobs,
        ledger,
        record,
        findings.training,
        taking.parcel.content,
        limit=largest_file(runtime.settings),
    )
    counts = {
        "snapshots": take_snapshots(session, actor, ledger, record, findings),
        **_take_rest(session, taking, findings, ledger, files, runtime.grade_delay),
        "certificates": len(files),
        "accounts": take_accounts(session, actor, ledger, findings.accounts),
        "aside": ledger.keep_aside(findings.aside),
    }
    _settle(session, blobs, brought, taken=counts)
    return counts


def _take_rest(
    session: Session,
    taking: Taking,
    findings: Findings,
    ledger: Ledger,
    files: Mapping[str, int],
    delay: timedelta,
) -> dict[str, int]:
    """What rests on snapshots and files: looking back on a baseline, entries on certificates."""
    actor, place, record = taking.actor, taking.place, taking.parcel.record
    known = known_codes(session, actor)
    return {
        "looking_back": take_looking_back(session, actor, place, ledger, findings.looking_back),
        "ratings": take_ratings(
            session, actor, place, record, findings, taking.chosen, delay=delay
        ),
        "changes": take_history(session, actor, record, findings.changes),
        "goals": take_goals(session, actor, ledger, findings.goals),
        "training": take_training(session, actor, ledger, findings.training, known, files),
    }


def put_away(session: Session, blobs: Blobs, brought: Brought, actor: Actor) -> None:
    """Forgets a record that was not wanted; nothing of it was taken in."""
    lock_person(session, actor.person_id)
    _settle(session, blobs, brought, taken=None)


def forget_waiting(session: Session, blobs: Blobs) -> int:
    """Forgets records that nobody decided on for a day; returns how many. For a worker's round."""
    old = session.execute(
        select(RecordImport)
        .where(RecordImport.digest != "", RecordImport.created_at <= clock.now() - WAITS_FOR)
        .limit(20)
    ).scalars()
    found = list(old)
    for row in found:
        _forget(session, blobs, row)
        session.delete(row)
    return len(found)


def _settle(
    session: Session, blobs: Blobs, brought: Brought, *, taken: Mapping[str, int] | None
) -> None:
    row = session.get_one(RecordImport, brought.id)
    _forget(session, blobs, row)
    if taken is None:
        session.delete(row)
    else:
        session.execute(
            update(RecordImport)
            .where(RecordImport.id == row.id)
            .values(digest="", taken_at=clock.now(), taken=dict(taken))
        )
    session.flush()


def _forget(session: Session, blobs: Blobs, row: RecordImport) -> None:
    """Removes the zip from the store, unless another waiting record of the organisation is it."""
    other = select(RecordImport.id).where(
        RecordImport.organisation_id == row.organisation_id,
        RecordImport.digest == row.digest,
        RecordImport.id != row.id,
    )
    if row.digest and session.execute(other.limit(1)).first() is None:
        blobs.delete(row.organisation_id, row.digest)


def _check_learner(actor: Actor) -> None:
    if not actor.is_learner:
        raise NotAllowed(
            N_("Only learners take a record in."),
            code="role-not-allowed",
            advice=N_("Open the activity from a course in which you learn."),
        )
