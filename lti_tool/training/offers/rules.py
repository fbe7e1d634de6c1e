"""Which training serves which gaps, and in what order it is recommended. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lti_tool.assessments.rules import NOT_RATED, Rated, State
from lti_tool.competencies.models import Domain

SHIPPED = "shipped:"
OWN = "own:"
# Providers plan by the year, so what was read a year ago may well be last year's programme.
OLD_AFTER_MONTHS = 12
# An answer that is no strength yet: the results to which a rule may be tied.
RESULTS = (State.NOT_STARTED, State.WORKING_TOWARDS)


class Format(StrEnum):
    """How training is given."""

    ONLINE = "online"
    LIVE_ONLINE = "live-online"
    IN_PERSON = "in-person"
    BLENDED = "blended"


@dataclass(frozen=True, slots=True)
class Gap:
    """A competency that a person has not achieved, with what they answered."""

    instrument: str
    code: str
    state: State

    @property
    def domain(self) -> int:
        return int(self.code.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Rule:
    """Ties an offer to domains and competencies of some instruments, and to results."""

    instruments: tuple[str, ...]
    domains: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    results: tuple[State, ...] = RESULTS
    essential: bool = False

    def serves(self, gap: Gap) -> bool:
        """Says whether the offer of this rule helps to close the gap."""
        return (
            gap.instrument in self.instruments
            and gap.state in self.results
            and (gap.domain in self.domains or gap.code in self.codes)
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """Training that a learner may take. Text that is not known is empty.

    `key` never changes: `shipped:<id>` or `own:<public id>`. `position` is its place in the
    organisation's order. `placement` is the public id of an activity in the offer's own
    course, `course_id` that course; None means everyone in the organisation.
    """

    key: str
    title: str
    provider: str
    rules: tuple[Rule, ...] = ()
    levels: tuple[int, ...] = ()
    description: str = ""
    format: Format | None = None
    length: str = ""
    cost: str = ""
    address: str = ""
    placement: str = ""
    checked_on: date | None = None
    note: str = ""
    position: int = 0
    course_id: int | None = None
    hidden: bool = False
    archived: bool = False

    @property
    def is_own(self) -> bool:
        return self.key.startswith(OWN)

    @property
    def anchor(self) -> str:
        """Its name within a page."""
        return "offer-" + self.key.replace(":", "-")

    def serves(self, gap: Gap) -> bool:
        return any(rule.serves(gap) for rule in self.rules)

    def domains_at(self, instrument: str) -> tuple[int, ...]:
        """Returns the numbers of the domains that it touches at an instrument, in order."""
        found: set[int] = set()
        for rule in self.rules:
            if instrument in rule.instruments:
                found.update(rule.domains)
                found.update(int(code.partition(".")[0]) for code in rule.codes)
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An offer with the gaps that it serves, in the framework's order: the reason for it."""

    offer: Offer
    gaps: tuple[Gap, ...]
    essential: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(gap.code for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Training:
    """What a catalogue has for somebody's gaps; `unserved` are those that nothing serves."""

    recommended: tuple[Recommendation, ...] = ()
    unserved: tuple[Gap, ...] = ()
    by_code: Mapping[str, tuple[Recommendation, ...]] = field(default_factory=dict)


NOTHING = Training()


def gaps_in(instrument: str, scope: Iterable[Domain], ratings: Mapping[str, Rated]) -> list[Gap]:
    """Returns every competency of the scope that is not achieved, in the framework's order."""
    answers = (
        (code, ratings.get(code, NOT_RATED).answer.state)
        for domain in scope
        for code in domain.codes
    )
    return [Gap(instrument, code, state) for code, state in answers if state in RESULTS]


def recommend(offers: Iterable[Offer], gaps: Iterable[Gap]) -> list[Recommendation]:
    """Returns the offers that serve at least one gap, the first to think of first.

    Essential ones come before all others; then those that serve more gaps; then the
    organisation's order decides, and last the title. An offer is essential to a person when a
    rule that says so serves one of their gaps.
    """
    gaps = list(gaps)
    found = (_recommendation(offer, gaps) for offer in offers)
    return sorted((one for one in found if one.gaps), key=_rank)


def unserved(gaps: Iterable[Gap], offers: Iterable[Offer]) -> list[Gap]:
    """Returns the gaps that no offer serves, in the order given."""
    offers = list(offers)
    return [gap for gap in gaps if not any(offer.serves(gap) for offer in offers)]


def training_for(offers: Iterable[Offer], gaps: Iterable[Gap]) -> Training:
    """Returns recommendations, what nothing serves, and the recommendations of each gap.

    The gaps are those of one instrument: a code alone tells them apart.
    """
    gaps = list(gaps)
    recommended = tuple(recommend(offers, gaps))
    by_code: dict[str, tuple[Recommendation, ...]] = {}
    for one in recommended:
        for code in one.codes:
            by_code[code] = (*by_code.get(code, ()), one)
    left = tuple(gap for gap in gaps if gap.code not in by_code)
    return Training(recommended, left, by_code)


def for_all_of(found: Training, codes: Collection[str]) -> tuple[Recommendation, ...]:
    """Returns what serves every one of these gaps, so that a page can say it once.

    Nothing for a single gap: there it stands beside the gap.
    """
    wanted = set(codes)
    if len(wanted) < 2:
        return ()
    return tuple(one for one in found.recommended if wanted <= set(one.codes))


def is_old(checked_on: date | None, today: date) -> bool:
    """Says whether an offer was last checked too long ago, or never. Months count, not days."""
    if checked_on is None:
        return True
    months = (today.year - checked_on.year) * 12 + today.month - checked_on.month
    return months > OLD_AFTER_MONTHS


def _recommendation(offer: Offer, gaps: list[Gap]) -> Recommendation:
    served = tuple(gap for gap in gaps if offer.serves(gap))
    essential = any(rule.essential and rule.serves(gap) for rule in offer.rules for gap in served)
    return Recommendation(offer, served, essential)


def _rank(one: Recommendation) -> tuple[object, ...]:
    return not one.essential, -len(one.gaps), one.offer.position, one.offer.title.casefold()
