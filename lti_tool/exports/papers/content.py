"""What a paper says, read in one transaction: the grid, the plan, the training record.

No Flask here: pages, the worker and shared links read the same content.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.pages import Overview, Standing, overview, standings
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import NOT_RATED, Progress, Rated, progress
from lti_tool.competencies.models import Competency, Domain, Instrument
from lti_tool.competencies.presentation import is_provisional, provenance_counts
from lti_tool.courses.models import Organisation, Person
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.rules import display_name
from lti_tool.exports.papers.rules import NOTES, PARTS, Kind, Options
from lti_tool.kernel import clock
from lti_tool.training.offers.queries import offers_for
from lti_tool.training.offers.rules import Training, gaps_in, training_for
from lti_tool.training.plans.queries import goals_of, records_of
from lti_tool.training.plans.rules import GoalView, RecordView, arranged, by_year, total_hours


@dataclass(frozen=True, slots=True)
class About:
    """What every paper says of itself: whose, from where, of when, which instrument."""

    person: str
    organisation: str
    course: str
    made_at: datetime
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class GridLine:
    """A competency with the answer on record. `mark` numbers its provenance note, 0 for none."""

    competency: Competency
    rated: Rated
    mark: int


@dataclass(frozen=True, slots=True)
class GridDomain:
    """A domain's lines, theme by theme; a theme may have no title."""

    domain: Domain
    progress: Progress
    themes: tuple[tuple[str | None, tuple[GridLine, ...]], ...]


@dataclass(frozen=True, slots=True)
class GridContent:
    """The completed grid. `provisional` are the statements with a provenance note, in order."""

    about: About
    overview: Overview
    domains: tuple[GridDomain, ...]
    provisional: tuple[Competency, ...]
    with_notes: bool


@dataclass(frozen=True, slots=True)
class PlanContent:
    """A development plan, in the chosen parts: "strengths", "gaps", "goals", "training", "notes".

    `goals` has the groups "overdue", "open", "done" and "dropped". What was not chosen is empty.
    """

    about: About
    parts: frozenset[str]
    overview: Overview
    standings: tuple[Standing, ...]
    ratings: Mapping[str, Rated]
    goals: Mapping[str, list[GoalView]] = field(default_factory=dict)
    training: Training = field(default_factory=Training)
    provisional: tuple[Competency, ...] = ()

    @property
    def with_notes(self) -> bool:
        return NOTES in self.parts

    @property
    def provisional_codes(self) -> frozenset[str]:
        return frozenset(found.code for found in self.provisional)

    @property
    def is_provisional_throughout(self) -> bool:
        """Says whether the whole level is provisional: then a mark on each line tells nothing."""
        counts = provenance_counts(self.about.instrument)
        return counts.provisional == counts.total


@dataclass(frozen=True, slots=True)
class RecordYear:
    """A calendar year's training, newest first, with its hours."""

    year: int
    records: tuple[RecordView, ...]
    hours: Decimal


@dataclass(frozen=True, slots=True)
class RecordContent:
    """Training taken in a period; `since` and `until` are None where it is open."""

    about: About
    since: date | None
    until: date | None
    years: tuple[RecordYear, ...]
    hours: Decimal
    with_notes: bool


Content = GridContent | PlanContent | RecordContent


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose paper, in which place, on which instrument."""

    person_id: int
    organisation_id: int
    place: PlacementView
    instrument: Instrument


def content_of(session: Session, whose: Whose, kind: Kind, options: Options) -> Content:
    """Returns the content of a paper of this kind."""
    if kind is Kind.GRID:
        return grid_content(session, whose, with_notes=options.notes)
    if kind is Kind.PLAN:
        parts = PARTS | ({NOTES} if options.notes else frozenset())
        return plan_content(
            session, whose.person_id, whose.organisation_id, whose.place, whose.instrument, parts
        )
    return record_content(session, whose, options)


def grid_content(session: Session, whose: Whose, *, with_notes: bool) -> GridContent:
    """Returns the grid of a level, in the domains that the place asks for."""
    ratings = ratings_of(session, whose.person_id, whose.instrument.id)
    scope = whose.instrument.scope(whose.place.set_up.domains)
    provisional = _provisional(c for domain in scope for c in domain.competencies)
    marks = {found.code: number for number, found in enumerate(provisional, 1)}
    return GridContent(
        about=_about(session, whose.person_id, whose.place, whose.instrument),
        overview=overview(scope, ratings),
        domains=tuple(_grid_domain(domain, ratings, marks) for domain in scope),
        provisional=provisional,
        with_notes=with_notes,
    )


def plan_content(
    session: Session,
    person_id: int,
    organisation_id: int,
    place: PlacementView,
    instrument: Instrument,
    parts: frozenset[str],
) -> PlanContent:
    """Returns a person's plan in the chosen parts; parts that it does not know are left out.

    Notes are read only when "notes" is among the parts: without it no note is in the content.
    """
    ratings = ratings_of(session, person_id, instrument.id)
    scope = instrument.scope(place.set_up.domains)
    about = _about(session, person_id, place, instrument)
    goals: Mapping[str, list[GoalView]] = {}
    if "goals" in parts:
        goals = arranged(goals_of(session, person_id), about.made_at.date())
    training = Training()
    if "training" in parts:
        offers = offers_for(session, organisation_id, place.course_id)
        training = training_for(offers, gaps_in(instrument.id, scope, ratings))
    found = standings(scope, ratings)
    return PlanContent(
        about=about,
        parts=parts & (PARTS | {NOTES}),
        overview=overview(scope, ratings),
        standings=found,
        ratings=ratings if NOTES in parts else {},
        goals=goals,
        training=training,
        provisional=_provisional(_named_in_plan(found, parts)),
    )


def record_content(session: Session, whose: Whose, options: Options) -> RecordContent:
    """Returns the training that ended within the period, by year."""
    since, until = options.since or date.min, options.until or date.max
    records = records_of(session, whose.person_id)
    taken = [record for record in records if since <= record.ended_on <= until]
    years = tuple(
        RecordYear(year, tuple(found), total_hours(found)) for year, found in by_year(taken).items()
    )
    return RecordContent(
        about=_about(session, whose.person_id, whose.place, whose.instrument),
        since=options.since,
        until=options.until,
        years=years,
        hours=total_hours(taken),
        with_notes=options.notes,
    )


def person_name(session: Session, person_id: int) -> str:
    """Returns how a person is called on their papers."""
    row = session.execute(select(Person.name, Person.public_id).where(Person.id == person_id)).one()
    return display_name(row.name, row.public_id)


def typed_text(session: Session, whose: Whose) -> str:
    """Returns all that a person typed which papers may show, to see what fonts it needs."""
    ratings = ratings_of(session, whose.person_id, whose.instrument.id)
    goals = goals_of(session, whose.person_id)
    records = records_of(session, whose.person_id)
    texts = [
        person_name(session, whose.person_id),
        *(rated.answer.note for rated in ratings.values()),
        *(text for g in goals for text in (g.what, g.training, g.evidence, g.outcome)),
        *(text for r in records for text in (r.title, r.provider, r.reflection)),
    ]
    return "".join(texts)


def _about(session: Session, person_id: int, place: PlacementView, instrument: Instrument) -> About:
    organisation = session.execute(
        select(Organisation.name)
        .join(Person, Person.organisation_id == Organisation.id)
        .where(Person.id == person_id)
    ).scalar_one()
    name = person_name(session, person_id)
    return About(name, organisation, place.course_title, clock.now(), instrument)


def _named_in_plan(found: Iterable[Standing], parts: frozenset[str]) -> Iterator[Competency]:
    """Yields what a plan names: of a domain that is not begun, it only counts the gaps."""
    for standing in found:
        named: set[str] = set()
        if "strengths" in parts:
            named |= {c.code for c in standing.achieved}
        if "gaps" in parts and standing.progress.rated:
            named |= {c.code for c in (*standing.working_towards, *standing.not_started)}
        yield from (c for c in standing.domain.competencies if c.code in named)


def _provisional(competencies: Iterable[Competency]) -> tuple[Competency, ...]:
    return tuple(c for c in competencies if is_provisional(c))


def _grid_domain(
    domain: Domain, ratings: Mapping[str, Rated], marks: Mapping[str, int]
) -> GridDomain:
    themes = tuple(
        (
            theme.title,
            tuple(
                GridLine(c, ratings.get(c.code, NOT_RATED), marks.get(c.code, 0))
                for c in theme.competencies
            ),
        )
        for theme in domain.themes
    )
    return GridDomain(domain, progress(domain, ratings), themes)
