"""How large a seeded set is, who stands how in it, and what chance decides. Pure."""

import base64
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from lti_tool.kernel.codes import CODE_ALPHABET, CODE_LENGTH
from lti_tool.portfolios.submitting.rules import State

INSTRUMENT = "portfolio-3"
LEVEL = 3
ISSUER = "https://seeded.imhcf.invalid"
# Of a hundred learners, how many have handed in, and how that stands; the others write.
STATES = (
    *(State.SUBMITTED,) * 5,
    *(State.IN_REVIEW,) * 4,
    *(State.WITHDRAWN,) * 1,
    *(State.RETURNED,) * 5,
    *(State.RECOGNISED,) * 8,
    *(State.NOT_RECOGNISED,) * 2,
)
_HUNDRED: tuple[State | None, ...] = STATES + (None,) * (100 - len(STATES))
_STEP = 37  # has no divisor in common with 100, so that every state comes once in a hundred


@dataclass(frozen=True, slots=True)
class Size:
    """How large a set is. `words` is the mean of an account, `pieces` of evidence for each."""

    people: int = 10_000
    assessors: int = 40
    words: int = 200
    pieces: int = 10
    in_a_course: int = 200
    on_register: int = 40  # of a hundred learners, at Level 1 or 2, beside those whom reviews find


@dataclass
class Chance:
    """Everything that is drawn by lot, and every number of a row.

    The same for the same seed and name; two sets of different names have no code in common.
    """

    seed: int
    name: str
    day: date
    draw: random.Random = field(init=False)
    _numbers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        name = f"{self.seed}:{self.name}"
        self.draw = random.Random(name)  # nosec B311  # noqa: S311 - sample data, no secrets

    @property
    def now(self) -> datetime:
        """The moment at which everything stands as it does: noon of the day."""
        return datetime.combine(self.day, time(12), tzinfo=UTC)

    def days_ago(self, least: float, most: float) -> datetime:
        return self.now - timedelta(seconds=int(self.draw.uniform(least, most) * 86_400))

    def begin_after(self, numbers: dict[str, int]) -> None:
        """Counts on from the numbers that tables have already."""
        self._numbers.update(numbers)

    def number(self, table: str) -> int:
        """Returns the number of the next row of a table."""
        self._numbers[table] += 1
        return self._numbers[table]

    @property
    def numbers(self) -> dict[str, int]:
        """Returns the last number given, by table."""
        return dict(self._numbers)

    def public_id(self) -> str:
        """As `kernel.secrets.new_public_id`, drawn from the seed."""
        return base64.urlsafe_b64encode(self.draw.randbytes(12)).decode()

    def code(self) -> str:
        return "".join(self.draw.choices(CODE_ALPHABET, k=CODE_LENGTH))

    def hexadecimal(self) -> str:
        return self.draw.randbytes(32).hex()


def state_of(number: int) -> State | None:
    """Returns how the learner of this number stands; None who has not handed in yet."""
    return _HUNDRED[number * _STEP % 100]


def is_on_register(number: int, size: Size) -> bool:
    """Says whether a learner is on the register by an earlier recognition."""
    return number * 61 % 100 < size.on_register
