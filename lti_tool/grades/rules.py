"""What is recorded, when it is news, and which timestamp it carries. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.kernel.clock import floor_to_second
from lti_tool.kernel.text import N_

MAXIMUM = 100
TOPIC = "score.deliver"
WHOLE = ""
_DOMAIN = "domain-"


class DeliveryState(StrEnum):
    """How the delivery of a score stands. Overridden: a tutor's grade stands in the gradebook."""

    WAITING = "waiting"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Destination:
    """Whose cell in which gradebook column. `part` is empty, or names a domain of the placement."""

    placement_id: int
    person_id: int
    registration_id: int
    line_item: str
    subject: str
    part: str = WHOLE


@dataclass(frozen=True, slots=True)
class Worth:
    """What a placement is worth for a person: 0 to 100, with words, and whether all is done.

    A value of None says that something was handed in and is not graded yet. `submitted_at` is when
    the work was handed in, where it is: a grade for the same work is no new attempt.
    """

    value: int | None
    comment: str
    is_complete: bool
    submitted_at: datetime | None = None

    @property
    def is_pending(self) -> bool:
        """Whether there is no grade to show yet."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything that one delivery needs, read in one short transaction.

    `may_have_arrived`: it was sent before, or an earlier version was, and no answer confirmed it.
    `is_mend`: the cell was found wanting, and it is worth looking whether it takes the score now.
    `insists`: a tutor asked for ours over what somebody wrote into the gradebook. `review_url` is
    where an assessor of the LMS opens the work, `earlier_maximum` what the column was out of when
    it was last read back. `is_new_attempt`: the LMS knows another piece of work than this one.
    `follows_pending`: all that may have arrived until now is that something was handed in.
    """

    score_id: int
    version: int
    destination: Destination
    worth: Worth
    stamp: datetime
    recorded_at: datetime
    is_regrade: bool
    may_have_arrived: bool
    sent_values: tuple[int | None, ...] = ()
    delivered_comment: str | None = None
    is_mend: bool = False
    insists: bool = False
    review_url: str = ""
    earlier_maximum: float | None = None
    is_new_attempt: bool = False
    follows_pending: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score for a page or the command line; `overridden_…` hold what a tutor gave instead.

    A `value` of None: handed in, not graded yet.
    """

    id: int
    placement_id: int
    person_id: int
    registration_id: int
    value: int | None
    state: DeliveryState
    reason: str
    recorded_at: datetime
    delivered_at: datetime | None
    part: str = WHOLE
    overridden_value: float | None = None
    overridden_maximum: float | None = None
    overridden_at: datetime | None = None

    @property
    def domain(self) -> int | None:
        """The number of the domain that it is the grade of; None for the whole."""
        return domain_of(self.part)


def part_of(domain: int) -> str:
    """Returns how the part of a placement is called that is one domain."""
    return f"{_DOMAIN}{domain}"


def domain_of(part: str) -> int | None:
    """Returns the domain's number of a part, or None for the whole."""
    number = part.removeprefix(_DOMAIN)
    return int(number) if part.startswith(_DOMAIN) and number.isdecimal() else None


def next_stamp(now: datetime, sent: datetime | None) -> datetime:
    """Returns the timestamp for a new version: now, and a whole second after any that was sent.

    A clock that was set back cannot make it older (Moodle 4.5 answers 409 to that).
    """
    floor = floor_to_second(now)
    return max(floor, floor_to_second(sent) + timedelta(seconds=1)) if sent else floor


# Why a grade has not arrived, in the words that a tutor reads. The first group passes by
# itself and is tried again; the second waits until somebody changes something.
REASONS = {
    "unreachable": N_("The LMS cannot be reached."),
    "timeout": N_("The LMS did not answer in time."),
    "answer-too-large": N_("The LMS gave an answer that is too large."),
    "address-refused": N_("The LMS has an address that this service does not call."),
    "redirected": N_("The LMS sent the call elsewhere."),
    "busy": N_("The LMS is busy."),
    "service-unavailable": N_("The LMS does not answer usefully at the moment."),
    "service-unauthorised": N_("The LMS does not accept the access token that it gave."),
    "token-unavailable": N_("The LMS gives no access token at the moment."),
    "token-unreadable": N_("The LMS gave an access token that cannot be read."),
    "token-refused": N_("The LMS does not recognise this service."),
    "scope-refused": N_("The LMS does not allow this service to write grades."),
    "clock-ahead": N_("The clocks of this service and of the LMS disagree."),
    "stale": N_("The gradebook holds something newer; the grade is sent again."),
    "our-fault": N_("Something went wrong in this service; the grade is sent again."),
    "person-not-gradable": N_(
        "The LMS takes no grade for this person: a teacher, or someone who has left the course."
    ),
    "attempts-used-up": N_("The person has no attempts left in the LMS."),
    "permission-missing": N_("The LMS does not allow this service to write grades there."),
    "line-item-gone": N_("The column in the gradebook, or the whole course, is no longer there."),
    "score-refused": N_("The LMS did not accept the grade."),
    "registration-disabled": N_("The connection to this LMS is switched off."),
    "column-deleted": N_("The column was deleted from here."),
    "override-stands": N_(
        "The LMS keeps the grade that was entered there. Remove it in the gradebook first."
    ),
}
