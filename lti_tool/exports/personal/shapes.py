"""The shape of a record, `imhcf-record/1`. `record.schema.json` beside it is made from here.

Every text and number is bounded as the tables bound it, so that whatever passes can be kept.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    Short,
    State,
    StateOrNone,
    Title,
    Version,
)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Origin(_Shape):
    """Who wrote a record: an installation, an organisation in it, its own name for the person."""

    installation: Line
    organisation: Line
    person: Key
    tool_version: Short


class Source(_Shape):
    """Where something was first written, if not in the installation that wrote the record."""

    installation: Line
    person: Key


class Person(_Shape):
    """The person as known: shown where a record is brought to, never taken over."""

    name: Line
    email: Email
    known_since: Moment
    known_to_lms_as: list[Line]


class Course(_Shape):
    """A course in which the person is or was, with the roles there."""

    title: Line
    label: Line
    roles: list[Short]
    active: bool
    first_seen_at: Moment
    last_seen_at: Moment


class SignIn(_Shape):
    """A session that is or was not long ago open."""

    opened_at: Moment
    seen_at: Moment


class Rating(_Shape):
    """The present answer to a competency."""

    instrument: Short
    instrument_version: Edition
    code: Code
    state: State
    note: LongText
    version: Version
    changed_at: Moment


class RatingChange(_Shape):
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


class SnapshotAnswer(_Shape):
    """One frozen answer."""

    code: Code
    state: State
    note: LongText
    version: Count
    instrument_version: Edition
    changed_at: Moment


class Snapshot(_Shape):
    """A dated, frozen copy of the answers to an instrument."""

    id: Key
    instrument: Short
    instrument_version: Edition
    kind: Annotated[str, Field(pattern=r"^(baseline|by-hand|dated)$")]
    label: Label
    due_on: Day | None
    taken_at: Moment
    answers: list[SnapshotAnswer]


class LookingBack(_Shape):
    """An answer to "looking back, at the start I was"; `baseline` is the id of a snapshot."""

    instrument: Short
    instrument_version: Edition
    code: Code
    version: Version
    baseline: Key
    state: StateOrNone
    note: LongText
    answered_at: Moment


class GoalFacts(_Shape):
    """All of a goal that a change may touch."""

    what: LongText
    by_when: DayText
    offer: Label
    training: LongText
    evidence: LongText
    state: GoalState
    outcome: LongText


class GoalChange(_Shape):
    """One change of a goal, with all of the goal after it."""

    version: Version
    act: Annotated[str, Field(pattern=r"^(made|changed|done|dropped|reopened|undone)$")]
    changed_at: Moment
    after: GoalFacts


class Goal(_Shape):
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


class TrainingRecord(_Shape):
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


class File(_Shape):
    """A file of the zip: its path there, its owner's name for it, and what its content is."""

    id: Key
    path: Annotated[str, Field(pattern=r"^files/[a-z0-9][a-z0-9-]{0,60}\.[a-z0-9]{1,5}$")]
    name: FileName
    media_type: Label
    size: Annotated[int, Field(ge=0, le=100_000_000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    created_at: Moment


class Paper(_Shape):
    """A PDF that was asked for. It can be made anew from the rest, and is not in the zip."""

    kind: Short
    state: Short
    asked_at: Moment
    ready_at: Moment | None


class Opening(_Shape):
    """A minute in which a link was opened or previewed."""

    at: Moment
    times: Count


class SharedLink(_Shape):
    """A shared link, without its address: that opens a plan, and a record travels."""

    label: Title
    instrument: Short
    parts: list[Short]
    created_at: Moment
    ends_on: Day
    withdrawn_at: Moment | None
    openings: list[Opening]


class Grade(_Shape):
    """What was sent to a gradebook."""

    course: Line
    activity: Line
    value: Annotated[int, Field(ge=0, le=100)]
    comment: LongText
    state: Short
    recorded_at: Moment
    delivered_at: Moment | None


class BroughtRecord(_Shape):
    """A record that was brought to the installation before."""

    origin: Line
    written_at: Moment
    taken_at: Moment | None
    taken: dict[Short, Count]


class KeptAside(_Shape):
    """A thing from an earlier record that the installation could not use, as it came."""

    kind: Short
    key: Title
    original: dict[str, Any]


class Record(_Shape):
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
    files: list[File]
    papers: list[Paper]
    shared_links: list[SharedLink]
    grades: list[Grade]
    brought_records: list[BroughtRecord]
    kept_aside: list[KeptAside]


def json_schema() -> dict[str, Any]:
    """Returns the JSON Schema of a record; the committed file must equal it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Record.model_json_schema()
