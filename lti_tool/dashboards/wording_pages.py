"""What an administrator's pages on wording show: counts, lines, who changed what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.presentation import provenance_counts
from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name


@dataclass(frozen=True, slots=True)
class Counts:
    """How many statements of an instrument are in whose words; how many are provisional."""

    own: int
    official: int
    corrected: int
    provisional: int


def counts_of(instrument: Instrument) -> Counts:
    """Returns the counts of an instrument, as an organisation's people read it."""
    said = Counter(one.wording for one in instrument.by_code.values())
    provisional = provenance_counts(instrument).provisional
    return Counts(said["own"], said["official"], said["corrected"], provisional)


def names_of(session: Session, organisation_id: int, people: Iterable[int]) -> dict[int, str]:
    """Returns the names of an organisation's people by their numbers, in one statement."""
    rows = session.execute(
        select(Person.id, Person.name, Person.public_id).where(
            Person.id.in_(set(people)), Person.organisation_id == organisation_id
        )
    )
    return {row.id: display_name(row.name, row.public_id) for row in rows}
