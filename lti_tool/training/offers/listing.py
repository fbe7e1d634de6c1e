"""The catalogue as its providers see it: sections of offers, each with its flags. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lti_tool.competencies.models import Instrument
from lti_tool.training.offers.models import CheckedLink
from lti_tool.training.offers.queries import OwnFacts
from lti_tool.training.offers.rules import Offer, Rule, is_old


@dataclass(frozen=True, slots=True)
class Entry:
    """An offer in the list. `silent_since` is when its address was asked and did not answer."""

    offer: Offer
    reference: str = ""
    is_managed: bool = False
    is_old: bool = False
    silent_since: datetime | None = None
    is_first: bool = True
    is_last: bool = True

    @property
    def essential(self) -> bool:
        return any(rule.essential for rule in self.offer.rules)


@dataclass(frozen=True, slots=True)
class Section:
    """The offers of one scope; `course` is the course's title, empty for the organisation."""

    course: str
    is_here: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a provider sees, with the number of old offers and silent addresses."""

    sections: tuple[Section, ...]
    archived: tuple[Entry, ...]
    old: int
    silent: int


def listing(
    shared: Iterable[Offer],
    own: Iterable[OwnFacts],
    links: Mapping[str, CheckedLink],
    *,
    today: date,
    course_id: int,
    manages_all: bool,
) -> Listing:
    """Returns the organisation's offers, then those of courses, this one's first."""
    facts = {one.offer.key: one for one in own}
    courses: dict[int, list[OwnFacts]] = {course_id: []}
    for one in facts.values():
        if one.offer.course_id is not None and not one.offer.archived:
            courses.setdefault(one.offer.course_id, []).append(one)

    def entries(offers: list[Offer], *, managed: bool) -> tuple[Entry, ...]:
        return tuple(
            _entry(offer, facts.get(offer.key), links, today, managed, place, len(offers))
            for place, offer in enumerate(offers)
        )

    sections = [Section("", True, entries(list(shared), managed=manages_all))]
    for number, bound in courses.items():
        title = bound[0].course_title if bound else ""
        shown = entries([one.offer for one in bound], managed=True)
        sections.append(Section(title, number == course_id, shown))
    shown_now = [entry for section in sections for entry in section.entries]
    return Listing(
        tuple(sections),
        entries([one.offer for one in facts.values() if one.offer.archived], managed=True),
        sum(entry.is_old for entry in shown_now),
        sum(entry.silent_since is not None for entry in shown_now),
    )


def rule_facts(rule: Rule, instruments: Mapping[str, Instrument]) -> dict[str, object]:
    """Returns what a rule says, for a page to put into words."""
    return {
        "levels": [instruments[name].level for name in rule.instruments if name in instruments],
        "domains": rule.domains,
        "codes": rule.codes,
        "results": rule.results,
        "essential": rule.essential,
    }


def _entry(
    offer: Offer,
    facts: OwnFacts | None,
    links: Mapping[str, CheckedLink],
    today: date,
    managed: bool,  # noqa: FBT001 - one fact among others, given by place
    place: int,
    size: int,
) -> Entry:
    link = links.get(offer.address)
    return Entry(
        offer,
        facts.reference if facts else "",
        managed,
        is_old(offer.checked_on, today),
        link.checked_at if link and not link.answered else None,
        place == 0,
        place == size - 1,
    )
