"""The shapes of what was handed in, what came of it, and what an assessor wrote."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from lti_tool.exports.personal.bounds import (
    Code,
    CodeOrNone,
    Count,
    Day,
    Edition,
    FileName,
    Key,
    Label,
    LongText,
    Moment,
    Shape,
    Short,
    Title,
    Version,
)

_Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
_Size = Annotated[int, Field(ge=0, le=2**53)]
_Level = Annotated[int, Field(ge=1, le=9)]


class EvidenceTask(Shape):
    """One task that a piece of evidence serves; `portfolio` is an id of this record."""

    portfolio: Key
    code: Code
    added_at: Moment


class Evidence(Shape):
    """A piece of evidence: what it is, and the file by name and digest.

    A recording has 500 MB, so that the bytes are not in the zip: each piece can be fetched from
    its page. `hidden_at` is set as long as a report of identifiable data stands against it.
    """

    id: Key
    title: Title
    alt: LongText
    declaration: Short
    declared_at: Moment | None
    created_at: Moment
    removed_at: Moment | None
    hidden_at: Moment | None
    file_name: FileName
    media_type: Label
    size: _Size
    sha256: _Digest
    tasks: list[EvidenceTask]


class WitnessStatement(Shape):
    """An invitation to a witness, without its address, and what they wrote in answer."""

    portfolio: Key
    code: Code
    invited_name: Title
    ask: LongText
    shows_account: bool
    invited_at: Moment
    ends_at: AwareDatetime
    withdrawn_at: Moment | None
    opened_at: Moment | None
    confirmed_at: Moment | None
    name: Title
    role: Title
    text: LongText
    account_version: Count
    hidden_at: Moment | None


class FrozenEvidence(Shape):
    """A piece of evidence as it was handed in, by name and digest."""

    title: Title
    alt: LongText
    declaration: Short
    name: FileName
    media_type: Label
    size: _Size
    sha256: _Digest


class FrozenTask(Shape):
    """A task as it was handed in, with the wording that it answers."""

    code: Code
    wording: dict[str, Any]
    text: LongText
    declaration: Short
    account_version: Count
    accepted_in: Version | None
    statements: list[dict[str, Any]]
    evidence: list[FrozenEvidence]
    hidden_at: Moment | None


class Answer(Shape):
    """What was answered to feedback, for one task or (without a code) to the summary."""

    code: CodeOrNone
    text: LongText
    changed_at: Moment


class Outcome(Shape):
    """What a submission came to; `findings` are verdict and feedback by code."""

    number: Version
    outcome: Short
    summary: LongText
    findings: dict[Code, dict[str, Any]]
    met: Count
    total: Count
    released_at: Moment
    seen_at: Moment | None
    answers: list[Answer]


class Appeal(Shape):
    """An appeal against an outcome."""

    against: Version
    reason: LongText
    state: Short
    made_at: Moment
    decided_at: Moment | None


class Step(Shape):
    """A line of a submission's log: what was done, and in which part; no names but one's own."""

    number: Version
    at: Moment
    act: Short
    by: Short
    by_oneself: bool


class Submission(Shape):
    """A portfolio as it was handed in, with its receipt, and all that came of it."""

    id: Key
    portfolio: Key
    number: Version
    instrument: Short
    instrument_version: Edition
    level: _Level
    state: Short
    submitted_at: Moment
    changed_at: Moment
    fee_reference: Label
    receipt_code: Short
    digest: _Digest
    reopened: list[Code]
    tasks: list[FrozenTask]
    outcomes: list[Outcome]
    appeal: Appeal | None
    log: list[Step]


class CaseStep(Shape):
    """A line of the history of a case."""

    at: Moment
    act: Short
    by: Short
    by_oneself: bool
    words: LongText


class Case(Shape):
    """A report that somebody can be known by something of one's own, and its history."""

    kind: Short
    code: Code
    state: Short
    opened_at: Moment
    settled_at: Moment | None
    history: list[CaseStep]


class Notification(Shape):
    """Something that was told in the tool, and whether an e-mail went out about it."""

    kind: Short
    params: dict[str, Any]
    created_at: Moment
    read_at: Moment | None
    mailed_at: Moment | None
    mail_failure: Short


class Mail(Shape):
    """What was said about e-mail; nothing, where it was never said."""

    wanted: bool
    changed_at: Moment


class Finding(Shape):
    """What was found for one task, in a reading of one's own."""

    code: Code
    verdict: Short
    feedback: LongText
    changed_at: Moment


class Reading(Shape):
    """A reading of one's own as assessor: one's words, and not whose portfolio it was."""

    id: Key
    part: Short
    state: Short
    level: _Level
    allocated_at: Moment
    due_on: Day
    begun_at: Moment | None
    done_at: Moment | None
    verdict: Short
    summary: LongText
    notes: LongText
    findings: list[Finding]


class Conflict(Shape):
    """A conflict of interest that one declared, or that was declared for one as assessor."""

    reason: LongText
    declared_at: Moment


class Assessing(Shape):
    """An appointment as assessor, with readings, phrases and declared conflicts."""

    levels: list[_Level]
    capacity: Count
    moderates: bool
    active: bool
    away_until: Day | None
    appointed_at: Moment
    readings: list[Reading]
    phrases: list[LongText]
    conflicts: list[Conflict]
