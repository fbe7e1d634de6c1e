"""Making the set: that it does no harm, then rows in batches, then credentials."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lti_tool.cli.seeding.ground import check_harmless, make_ground
from lti_tool.cli.seeding.people import Assessing, Course, Pen, add_assessor, add_course, add_person
from lti_tool.cli.seeding.plan import LEVEL, Chance, Size, is_on_register, state_of
from lti_tool.cli.seeding.recognising import Entry, Found, add_entry, earlier
from lti_tool.cli.seeding.reviewing import add_submission
from lti_tool.cli.seeding.signing import sign
from lti_tool.cli.seeding.storing import count_on, last_numbers, look_over, store
from lti_tool.cli.seeding.texts import Writer
from lti_tool.cli.seeding.writing import add_portfolio
from lti_tool.kernel.actor import Role
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.runtime import Runtime
from lti_tool.register.rules import By

_BATCH = 250  # learners in one transaction: about 60 MB in memory
_TABLES = (
    "courses", "placements", "people", "identities", "memberships", "assessors", "portfolios",
    "accounts", "account_versions", "files", "evidence", "evidence_links", "submissions",
    "submission_tasks", "submission_evidence", "reviews", "findings", "outcomes", "review_events",
    "register_entries", "register_events",
)  # fmt: skip
Say = Callable[[str], None]


@dataclass
class _Set:
    """The set on its way into the database."""

    runtime: Runtime
    pen: Pen
    say: Say
    entries: list[Entry] = field(default_factory=list)

    def flush(self) -> None:
        with self.runtime.database.transaction() as session:
            store(session, self.pen.taken())


def make(runtime: Runtime, organisation: str, size: Size, chance: Chance, say: Say) -> None:
    """Makes the set. `say` gets a sentence now and then.

    Raises `Conflict` where anybody in the database came by a launch, or the organisation is
    there already, and `InvalidInput` for a size that is none.
    """
    _check_size(size)
    with runtime.database.transaction(write=False) as session:
        check_harmless(session, organisation)
        chance.begin_after(last_numbers(session, _TABLES))
    ground = make_ground(runtime, organisation)
    pen = Pen(ground, size, chance, Writer(chance.draw, size.words))
    made = _Set(runtime, pen, say)
    assessors = _staff(made)
    for done in _learners(made, assessors):
        say(f"{done:,} of {size.people:,} people")
    signed = sign(runtime, ground.organisation_id, made.entries)
    say(f"{len(made.entries):,} entries on the register, {signed:,} credentials")
    with runtime.database.transaction() as session:
        count_on(session, _TABLES)
        look_over(session)


def _check_size(size: Size) -> None:
    if size.people < 1 or size.assessors < 2 or size.words < 1 or size.pieces < 0:
        raise InvalidInput(
            "The set needs one person, two assessors and a word at least.", code="size-wrong"
        )


def _staff(made: _Set) -> list[Assessing]:
    """A course for those who run things: administrators and assessors."""
    course = add_course(made.pen, "Assessors and administrators")
    for _ in range(2):
        add_person(made.pen, course, Role.ADMINISTRATOR)
    assessors = [
        add_assessor(made.pen, course, number) for number in range(made.pen.size.assessors)
    ]
    made.flush()
    return assessors


def _learners(made: _Set, assessors: list[Assessing]) -> Iterator[int]:
    """Yields how many are done, after each batch."""
    pen, course = made.pen, None
    for number in range(pen.size.people):
        if course is None or number % pen.size.in_a_course == 0:
            title = f"Infant mental health, group {number // pen.size.in_a_course + 1}"
            course = add_course(pen, title)
            add_person(pen, course, Role.TUTOR)
        _learner(made, course, number, assessors)
        if (number + 1) % _BATCH == 0 or number + 1 == pen.size.people:
            made.flush()
            yield number + 1


def _learner(made: _Set, course: Course, number: int, assessors: list[Assessing]) -> None:
    pen = made.pen
    someone = add_person(pen, course, Role.LEARNER)
    portfolio = add_portfolio(pen, someone)
    state = state_of(number)
    found = add_submission(pen, portfolio, state, assessors) if state else None
    if found:
        reference = f"submission:{found.submission_id}"
        what = Found(someone.id, someone.name, LEVEL, reference, By.REVIEW, found.at)
        made.entries.append(add_entry(pen, what))
    if is_on_register(number, pen.size):
        made.entries.append(add_entry(pen, earlier(pen, someone.id, someone.name)))
