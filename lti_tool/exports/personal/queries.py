"""Reading everything about one person in one organisation, and how the records they brought stand."""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.models import RecordImport
from lti_tool.exports.personal.parts import (
    assessments,
    beside,
    handed_in,
    leaving,
    offices,
    people,
    plans,
    portfolios,
    recognition,
)
from lti_tool.exports.personal.parts.names import names_of
from lti_tool.exports.personal.rules import SCHEMA
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Held:
    """A person's record, and by each file's path in the zip the digest of its blob."""

    record: shapes.Record
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class Brought:
    """A record that its owner brought: waiting to be looked at, or taken in."""

    id: int
    public_id: str
    digest: str
    origin: str
    written_at: datetime
    created_at: datetime
    taken_at: datetime | None
    taken: dict[str, int]


def record_of(session: Session, actor: Actor, installation: str) -> Held:
    """Returns all that is held about the actor; `installation` is this one's address.

    A person belongs to one organisation, so nothing of another one is ever in it.
    """
    me = actor.person_id
    names = names_of(session, me)
    files, digests = plans.files_of(session, me, names)
    record = shapes.Record.model_construct(
        format=SCHEMA,
        written_at=clock.now(),
        origin=people.origin_of(session, me, installation, tool_version()),
        person=people.person_of(session, me),
        courses=people.courses_of(session, me),
        sign_ins=people.sign_ins_of(session, me),
        ratings=assessments.ratings_of(session, me),
        rating_changes=assessments.changes_of(session, me),
        snapshots=assessments.snapshots_of(session, me, names),
        looking_back=assessments.looking_back_of(session, me, names),
        goals=plans.goals_of(session, me, names),
        training_records=plans.training_of(session, me, names),
        portfolios=portfolios.portfolios_of(session, me, names),
        files=files,
        papers=leaving.papers_of(session, me),
        shared_links=leaving.links_of(session, me),
        grades=leaving.grades_of(session, me),
        brought_records=leaving.brought_of(session, me),
        kept_aside=leaving.kept_aside_of(session, me),
        recognition=recognition.recognition_of(session, me),
        evidence=beside.evidence_of(session, me, names),
        witness_statements=beside.statements_of(session, me, names),
        submissions=handed_in.submissions_of(session, me, names),
        cases=beside.cases_of(session, me),
        notifications=offices.notifications_of(session, me),
        mail=offices.mail_of(session, me),
        assessing=offices.assessing_of(session, me),
    )
    return Held(record, digests)


def brought_record(session: Session, actor: Actor, public_id: str) -> Brought:
    """Returns a record that the actor brought; raises `NotFound` for any other, or a past one."""
    row = session.execute(
        select(RecordImport).where(
            RecordImport.public_id == public_id,
            RecordImport.person_id == actor.person_id,
            RecordImport.organisation_id == actor.organisation_id,
        )
    ).scalar_one_or_none()
    if row is None or not row.digest:
        raise NotFound(
            N_("This record is no longer waiting here."),
            code="import-unknown",
            advice=N_("Bring the zip again if you want to take something from it."),
        )
    return _brought(row)


def taken_records(session: Session, actor: Actor) -> list[Brought]:
    """Returns the records that the actor brought, newest first, also those that wait."""
    rows = session.execute(
        select(RecordImport)
        .where(RecordImport.person_id == actor.person_id)
        .order_by(RecordImport.id.desc())
    ).scalars()
    return [_brought(row) for row in rows]


def _brought(row: RecordImport) -> Brought:
    return Brought(
        row.id,
        row.public_id,
        row.digest,
        row.origin,
        row.written_at,
        row.created_at,
        row.taken_at,
        row.taken,
    )


def tool_version() -> str:
    """Returns the version of this program."""
    try:
        return version("imhcf-tool")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"
