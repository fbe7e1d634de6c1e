"""The shape of a record, `imhcf-record/1`. `record.schema.json` beside it is made from here.

Every text and number is bounded as the tables bound it, so that whatever passes can be kept.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from lti_tool.exports.personal.bounds import (
    Code,
    CodeOrNone,
    Count,
    Day,
    DayText,
    Edition,
    Email,
    FileName,
    GoalState,
    Key,
    Label,
    Line,
    LongText,
    Moment,
    Shape,
    Short,
    State,
    StateOrNone,
    Title,
    Version,
)
from lti_tool.exports.personal.shapes_handed_in import (
    Assessing,
    Case,
    Evidence,
    Mail,
    Notification,
    Submission,
    WitnessStatement,
)


class Origin(Shape):
    """Who wrote a record: an installation, an organisation in it, its own name for the person."""

    installation: Line
    organisation: Line
    person: Key
    tool_version: Short


class Source(Shape):
    """Where something was first written, if not in the installation that wrote the record."""

    installation: Line
    person: Key


class Person(Shape):
    """The person as known: shown where a record is brought to, never taken over."""

    name: Line
    email: Email
    known_since: Moment
    known_to_lms_as: list[Line]


class OwnDates(Shape):
    """When an activity is open and due for this person, where the LMS gave them dates of their own."""

    activity: Line
    available_from: Moment | None = None
    available_until: Moment | None = None
    due_at: Moment | None = None


class Course(Shape):
    """A course in which the person is or was, with the roles there, the groups by name, own dates.

    Without `last_seen_at` they stand on the LMS's list of the course and never came.
    """

    title: Line
    label: Line
    roles: list[Short]
    active: bool
    first_seen_at: Moment
    last_seen_at: Moment | None
    groups: list[Line] = Field(default_factory=list)
    own_dates: list[OwnDates] = Field(default_factory=list)


class SignIn(Shape):
    """A session that is or was not long ago open."""

    opened_at: Moment
    seen_at: Moment


class Rating(Shape):
    """The present answer to a competency."""

    instrument: Short
    instrument_version: Edition
    code: Code
    state: State
    note: LongText
    version: Version
    changed_at: Moment


class RatingChange(Shape):
    """One change of an answer. `source` says where it was made; `taken_from` where it was
    brought from, for an answer that was taken in and not typed."""

    instrument: Short
    instrument_version: Edition
    code: Code
    version: Version
    changed_at: Moment
    by_oneself: bool
    from_state: State
    to_state: State
    from_note: LongText
    to_note: LongText
    source: Source | None = None
    taken_from: Line | None = None


class SnapshotAnswer(Shape):
    """One frozen answer."""

    code: Code
    state: State
    note: LongText
    version: Count
    instrument_version: Edition
    changed_at: Moment


class Snapshot(Shape):
    """A dated, frozen copy of the answers to an instrument."""

    id: Key
    instrument: Short
    instrument_version: Edition
    kind: Annotated[str, Field(pattern=r"^(baseline|by-hand|dated)$")]
    label: Label
    due_on: Day | None
    taken_at: Moment
    answers: list[SnapshotAnswer]


class LookingBack(Shape):
    """An answer to "looking back, at the start I was"; `baseline` is the id of a snapshot."""

    instrument: Short
    instrument_version: Edition
    code: Code
    version: Version
    baseline: Key
    state: StateOrNone
    note: LongText
    answered_at: Moment


class GoalFacts(Shape):
    """All of a goal that a change may touch."""

    what: LongText
    by_when: DayText
    offer: Label
    training: LongText
    evidence: LongText
    state: GoalState
    outcome: LongText


class GoalChange(Shape):
    """One change of a goal, with all of the goal after it."""

    version: Version
    act: Annotated[str, Field(pattern=r"^(made|changed|done|dropped|reopened|undone)$")]
    changed_at: Moment
    after: GoalFacts


class Goal(Shape):
    """A learning goal with its history."""

    id: Key
    instrument: Short
    instrument_version: Edition
    code: CodeOrNone
    what: LongText
    by_when: Day
    offer: Label
    training: LongText
    evidence: LongText
    state: GoalState
    outcome: LongText
    done_at: Moment | None
    version: Version
    created_at: Moment
    changed_at: Moment
    changes: list[GoalChange]


class TrainingRecord(Shape):
    """Training that was taken; `hours` in quarters, `goal` and `file` by their ids here."""

    id: Key
    title: Line
    provider: Line
    begun_on: Day
    ended_on: Day
    quarter_hours: Annotated[int, Field(ge=0, le=8_000)]
    reflection: LongText
    ties: list[tuple[Short, Code]]
    offer: Label
    goal: Key | None
    file: Key | None
    state: Annotated[str, Field(pattern=r"^(kept|removed)$")]
    version: Version
    created_at: Moment
    changed_at: Moment
    removed_at: Moment | None


class AccountVersion(Shape):
    """One version of an account, from when it was begun to when it was last saved."""

    number: Version
    act: Annotated[str, Field(pattern=r"^(typed|restored|added|carried)$")]
    text: LongText
    instrument_version: Edition
    begun_at: Moment
    saved_at: Moment


class Account(Shape):
    """The text for one task of a portfolio. `left_alone` are marks of places in it that the
    check pointed to and its writer left; `version` is 0 where only marks were set."""

    code: Code
    instrument_version: Edition
    text: LongText
    version: Count
    changed_at: Moment | None
    ticks: list[Annotated[int, Field(ge=0, le=99)]]
    declaration: Annotated[str, Field(pattern=r"^(anonymised|consent|)$")]
    declared_at: Moment | None
    left_alone: list[Label]
    versions: list[AccountVersion]


class Portfolio(Shape):
    """A portfolio at one level; `worked_on_in` are the activities for which it was chosen."""

    id: Key
    instrument: Short
    round: Version
    created_at: Moment
    worked_on_in: list[Line]
    accounts: list[Account]


class File(Shape):
    """A file of the zip: its path there, its owner's name for it, and what its content is."""

    id: Key
    path: Annotated[str, Field(pattern=r"^files/[a-z0-9][a-z0-9-]{0,60}\.[a-z0-9]{1,5}$")]
    name: FileName
    media_type: Label
    size: Annotated[int, Field(ge=0, le=100_000_000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    created_at: Moment


class Paper(Shape):
    """A PDF that was asked for. It can be made anew from the rest, and is not in the zip."""

    kind: Short
    state: Short
    asked_at: Moment
    ready_at: Moment | None


class Opening(Shape):
    """A minute in which a link was opened or previewed."""

    at: Moment
    times: Count


class SharedLink(Shape):
    """A shared link, without its address: that opens a plan, and a record travels."""

    label: Title
    instrument: Short
    parts: list[Short]
    created_at: Moment
    ends_on: Day
    withdrawn_at: Moment | None
    openings: list[Opening]


class Grade(Shape):
    """What was sent to a gradebook: of a whole activity, or of one `domain` of it.

    Without a `value` it says that something was handed in and is not graded yet.
    `changed_to` and `changed_at` tell of a grade that a tutor entered there in its place, out of
    `changed_of`.
    """

    course: Line
    activity: Line
    value: Annotated[int, Field(ge=0, le=100)] | None
    comment: LongText
    state: Short
    recorded_at: Moment
    delivered_at: Moment | None
    domain: int | None = None
    changed_to: float | None = None
    changed_of: float | None = None
    changed_at: Moment | None = None


class BroughtRecord(Shape):
    """A record that was brought to the installation before."""

    origin: Line
    written_at: Moment
    taken_at: Moment | None
    taken: dict[Short, Count]


class Badge(Shape):
    """A credential that was signed for an entry of the register, as it was signed."""

    issued_at: Moment
    ends_at: AwareDatetime
    suspended: bool
    signed: Annotated[str, Field(max_length=200_000)]


class RegisterEvent(Shape):
    """A line of the log of an entry; `details` are what was before and after."""

    at: Moment
    act: Short
    by_oneself: bool
    reason: LongText
    details: dict[str, Any]


class Recognition(Shape):
    """An entry of the Recognition Register. It belongs to that register, and is never taken in."""

    level: Annotated[int, Field(ge=1, le=9)]
    instrument: Short
    instrument_version: Edition
    recognised_on: Day
    renewed_on: Day | None
    valid_until: Day
    name: Line
    place: Line
    shown: bool
    state: Short
    code: Short
    renewal_asked_at: Moment | None
    badges: list[Badge]
    log: list[RegisterEvent]


class KeptAside(Shape):
    """A thing from an earlier record that the installation could not use, as it came."""

    kind: Short
    key: Title
    original: dict[str, Any]


class Record(Shape):
    """Everything about one person in one organisation."""

    format: Literal["imhcf-record/1"]
    written_at: Moment
    origin: Origin
    person: Person
    courses: list[Course]
    sign_ins: list[SignIn]
    ratings: list[Rating]
    rating_changes: list[RatingChange]
    snapshots: list[Snapshot]
    looking_back: list[LookingBack]
    goals: list[Goal]
    training_records: list[TrainingRecord]
    # Records that were written before there were portfolios have none.
    portfolios: list[Portfolio] = Field(default_factory=list)
    files: list[File]
    papers: list[Paper]
    shared_links: list[SharedLink]
    grades: list[Grade]
    brought_records: list[BroughtRecord]
    kept_aside: list[KeptAside]
    # Absent from records that were written before there was a register.
    recognition: list[Recognition] = Field(default_factory=list)
    # Absent from records that were written before portfolios could be handed in.
    evidence: list[Evidence] = Field(default_factory=list)
    witness_statements: list[WitnessStatement] = Field(default_factory=list)
    submissions: list[Submission] = Field(default_factory=list)
    cases: list[Case] = Field(default_factory=list)
    notifications: list[Notification] = Field(default_factory=list)
    mail: Mail | None = None
    assessing: list[Assessing] = Field(default_factory=list)


def json_schema() -> dict[str, Any]:
    """Returns the JSON Schema of a record; the committed file must equal it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Record.model_json_schema()
