"""What a person has elsewhere that may serve a task: notes, training, texts, certificates."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.assessments.queries import ratings_of
from lti_tool.competencies.crosswalk import rests_on
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.levels import portfolios_in, same_tasks
from lti_tool.portfolios.queries import texts_elsewhere
from lti_tool.portfolios.sources import OfferedFile, Quote
from lti_tool.storage.queries import files_by_id
from lti_tool.training.plans.queries import records_of
from lti_tool.training.plans.rules import RecordView

# A page with more of them is read by nobody; the newest come first.
MOST_RECORDS = 20


def notes_beside(session: Session, actor: Actor, asked: Instrument, code: str) -> list[Quote]:
    """Returns the evidence notes of the self-assessment competencies that a task rests on."""
    footing = rests_on(asked.id, code)
    if not footing:
        return []
    grid = footing[0].instrument
    ratings = ratings_of(session, actor.person_id, grid)
    known = instruments_for(session, actor.organisation_id)[grid].by_code
    return [
        Quote(
            f"note:{one.code}",
            _("You wrote in your self-assessment"),
            f"{one.code} {known[one.code].topic}" if one.code in known else one.code,
            ratings[one.code].answer.note,
            ratings[one.code].changed_at,
        )
        for one in footing
        if one.code in ratings and ratings[one.code].answer.note
    ]


def training_beside(session: Session, actor: Actor, asked: Instrument, code: str) -> list[Quote]:
    """Returns training that served what a task rests on, and then all other training."""
    footing = {(one.instrument, one.code) for one in rests_on(asked.id, code)}
    records = records_of(session, actor.person_id)
    ordered = sorted(records, key=lambda record: not footing & set(record.ties))
    return [_training(record) for record in ordered[:MOST_RECORDS]]


def certificates_beside(
    session: Session, actor: Actor, asked: Instrument, code: str
) -> list[OfferedFile]:
    """Returns the certificates in the person's training record, those that serve the task first."""
    footing = {(one.instrument, one.code) for one in rests_on(asked.id, code)}
    records = [one for one in records_of(session, actor.person_id) if one.certificate]
    ordered = sorted(records, key=lambda record: not footing & set(record.ties))[:MOST_RECORDS]
    ids = [one.certificate.file_id for one in ordered if one.certificate]
    files = files_by_id(session, actor.person_id, ids)
    return [
        OfferedFile(
            f"certificate:{one.public_id}",
            _("Certificates of your training"),
            _heading(one),
            files[one.certificate.file_id],
        )
        for one in ordered
        if one.certificate and one.certificate.file_id in files
    ]


def texts_beside(session: Session, actor: Actor, asked: Instrument, code: str) -> list[Quote]:
    """Returns what the person wrote on the same topic in a portfolio of another level."""
    library = instruments_for(session, actor.organisation_id)
    others: Mapping[str, Instrument] = {one.id: one for one in portfolios_in(library)}
    fits = {name: same_tasks(asked, other).get(code) for name, other in others.items()}
    wanted = {name: there for name, there in fits.items() if there}
    return [
        Quote(
            f"text:{name}",
            _("You wrote in your other portfolio"),
            f"{others[name].title}, {there}",
            text,
            changed_at,
        )
        for name, there, text, changed_at in texts_elsewhere(session, actor.person_id, wanted)
    ]


def _training(record: RecordView) -> Quote:
    heading = _heading(record)
    return Quote(
        f"training:{record.public_id}",
        _("From your training record"),
        heading,
        f"{heading}\n\n{record.reflection}" if record.reflection else heading,
        record.ended_on,
    )


def _heading(record: RecordView) -> str:
    return f"{record.title} ({record.provider})" if record.provider else record.title
