"""Rows of a portfolio that was handed in: what was frozen, readings, outcome, log. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool.cli.seeding.people import Assessing, Pen
from lti_tool.cli.seeding.plan import INSTRUMENT, LEVEL
from lti_tool.cli.seeding.texts import FEEDBACK, SUMMARY
from lti_tool.cli.seeding.writing import Portfolio
from lti_tool.portfolios.submitting.freezing import Earlier, collect
from lti_tool.portfolios.submitting.rules import PdfState, Standing, State
from lti_tool.portfolios.submitting.sealing import digest_of
from lti_tool.reviews.assessors.rules import due_day
from lti_tool.reviews.log import digest_of as line_digest_of
from lti_tool.reviews.models import ReviewEvent
from lti_tool.reviews.outcomes.rules import Reading, decision
from lti_tool.reviews.rules import Act, By, Overall, Part, ReviewState, Terms, Verdict

_OVERALL = {
    State.RETURNED: Overall.MORE_EVIDENCE,
    State.RECOGNISED: Overall.RECOGNISED,
    State.NOT_RECOGNISED: Overall.NOT_RECOGNISED,
}
_READERS = 2
_HOUR = timedelta(hours=1)


@dataclass
class _Way:
    """A submission on its way: its facts, its log so far, and the time of the next step."""

    pen: Pen
    facts: dict[str, Any]
    at: datetime
    lines: int = 0
    before: str = ""

    def log(self, act: Act, by: By, person_id: int | None, **details: Any) -> None:
        self.lines += 1
        values = {
            "submission_id": self.facts["id"],
            "number": self.lines,
            "at": self.at,
            "act": act.value,
            "by": by.value,
            "by_person_id": person_id,
            "details": details,
        }
        self.before = line_digest_of(self.before, ReviewEvent(**values))
        self.pen.add("review_events", **values, digest=self.before)
        self.at += _HOUR


@dataclass(frozen=True, slots=True)
class Recognised:
    """A submission that was recognised: what the register has an entry for."""

    submission_id: int
    person_id: int
    name: str
    at: datetime


def add_submission(
    pen: Pen, portfolio: Portfolio, state: State, assessors: list[Assessing]
) -> Recognised | None:
    """Hands a portfolio in and takes it as far as `state`; returns what recognises, if so."""
    facts = _frozen(pen, portfolio, state)
    way = _Way(pen, facts, facts["submitted_at"])
    owner = portfolio.owner
    way.log(
        Act.SUBMITTED,
        By.LEARNER,
        owner.id,
        at=facts["submitted_at"].isoformat(),
        receipt=facts["receipt_code"],
        digest=facts["digest"],
        number=1,
        readers=_READERS,
    )
    chosen = pen.chance.draw.sample(assessors, _READERS)
    if state is State.WITHDRAWN:
        _withdrawn(way, chosen)
    elif state is State.SUBMITTED:
        for one in chosen:
            _reading(way, one, ReviewState.ALLOCATED, {})
    elif state is State.IN_REVIEW:
        _under_way(way, chosen)
    else:
        _decided(way, chosen, _OVERALL[state])
    facts["changed_at"] = way.at
    pen.rows["submissions"].append(facts)
    if state is not State.RECOGNISED:
        return None
    return Recognised(facts["id"], owner.id, owner.name, way.at)


def _frozen(pen: Pen, portfolio: Portfolio, state: State) -> dict[str, Any]:
    """The submission and what it froze, by the functions that a real hand-in uses."""
    chance, ground = pen.chance, pen.ground
    content = collect(ground.asked, portfolio.stock, Standing(None), Earlier(None, {}, {}))
    submitted_at = chance.days_ago(2, 60) if state in {
        State.SUBMITTED, State.IN_REVIEW, State.WITHDRAWN,
    } else chance.days_ago(40, 120)  # fmt: skip
    facts: dict[str, Any] = {
        "id": chance.number("submissions"),
        "public_id": chance.public_id(),
        "organisation_id": ground.organisation_id,
        "person_id": portfolio.owner.id,
        "portfolio_id": portfolio.id,
        "placement_id": portfolio.owner.course.placement_id,
        "number": 1,
        "instrument": INSTRUMENT,
        "instrument_version": ground.asked.version,
        "level": LEVEL,
        "state": state.value,
        "submitted_at": submitted_at,
        "fee_reference": "",
        "receipt_code": chance.code(),
        "words": content.words,
        "evidence": content.pieces,
        "reopened": [],
        "pdf_state": PdfState.READY.value,
        "pdf_reason": "",
        "pdf_digest": ground.document.digest,
        "pdf_size": ground.document.size,
    }
    facts["digest"] = digest_of(facts, submitted_at, content.tasks)
    for task in content.tasks:
        pen.add("submission_tasks", submission_id=facts["id"], **task)
    for piece in content.evidence:
        pen.add("submission_evidence", submission_id=facts["id"], **piece)
    return facts


def _withdrawn(way: _Way, chosen: list[Assessing]) -> None:
    for one in chosen:
        _reading(way, one, ReviewState.ENDED, {})
    way.log(Act.WITHDRAWN, By.LEARNER, way.facts["person_id"], at=way.at.isoformat())


def _under_way(way: _Way, chosen: list[Assessing]) -> None:
    """One has done half; the other has done all, or not begun."""
    codes = list(way.pen.ground.asked.by_code)
    half = dict.fromkeys(codes[: len(codes) // 2], Verdict.MET)
    whole = dict.fromkeys(codes, Verdict.MET)
    is_done = way.pen.chance.draw.random() < 0.5
    _reading(way, chosen[0], ReviewState.BEGUN, half)
    if is_done:
        _reading(way, chosen[1], ReviewState.DONE, whole, Overall.RECOGNISED)
    else:
        _reading(way, chosen[1], ReviewState.ALLOCATED, {})


def _decided(way: _Way, chosen: list[Assessing], overall: Overall) -> None:
    """Both found the same, and the second of them released it."""
    codes = list(way.pen.ground.asked.by_code)
    verdicts = dict.fromkeys(codes, Verdict.MET)
    lacking = {Overall.RECOGNISED: 0, Overall.MORE_EVIDENCE: 3}.get(overall, len(codes) // 2)
    verdicts |= dict.fromkeys(way.pen.chance.draw.sample(codes, lacking), Verdict.NOT_YET)
    readings = [_reading(way, one, ReviewState.DONE, verdicts, overall) for one in chosen]
    way.log(Act.AGREED, By.TOOL, None)
    found = decision(readings, codes, {})
    way.facts["reopened"] = sorted(found.reopened)
    outcome_id = way.pen.chance.public_id()
    way.pen.add(
        "outcomes",
        public_id=outcome_id,
        organisation_id=way.facts["organisation_id"],
        submission_id=way.facts["id"],
        number=1,
        outcome=overall.value,
        summary=found.summary,
        findings=found.findings,
        met=found.met,
        total=found.total,
        released_by=chosen[1].person_id,
        released_at=way.at,
        seen_at=way.at + _HOUR,
    )
    way.log(
        Act.RELEASED,
        By.ASSESSOR,
        chosen[1].person_id,
        outcome=outcome_id,
        overall=overall.value,
        met=found.met,
        total=found.total,
    )


def _reading(
    way: _Way,
    who: Assessing,
    state: ReviewState,
    verdicts: dict[str, Verdict],
    overall: Overall = Overall.NONE,
) -> Reading:
    """One assessor's reading with its findings, and its lines of the log."""
    pen, facts = way.pen, way.facts
    public_id = pen.chance.public_id()
    about = {"review": public_id, "assessor": who.public_id, "part": Part.READER.value}
    allocated_at = way.at
    way.log(Act.ALLOCATED, By.TOOL, None, **about)
    begun_at = done_at = None
    is_done = state is ReviewState.DONE
    if is_done or state is ReviewState.BEGUN:
        begun_at = way.at
        way.log(Act.BEGUN, By.ASSESSOR, who.person_id, **about)
    if is_done:
        done_at = way.at
        way.log(Act.DONE, By.ASSESSOR, who.person_id, **about, verdict=overall.value)
    feedback = {code: pen.chance.draw.choice(FEEDBACK) for code in verdicts}
    first = allocated_at.date()
    review_id = pen.add(
        "reviews",
        public_id=public_id,
        organisation_id=facts["organisation_id"],
        submission_id=facts["id"],
        assessor_id=who.id,
        part=Part.READER.value,
        state=state.value,
        allocated_at=allocated_at,
        allocated_by=None,
        due_on=due_day(Part.READER, facts["submitted_at"].date(), first, Terms().target_days),
        begun_at=begun_at,
        done_at=done_at,
        verdict=overall.value,
        summary=SUMMARY if is_done else "",
        summary_version=1 if is_done else 0,
        notes="",
        notes_version=0,
        first_verdict=overall.value,
        first_findings={c: v.value for c, v in verdicts.items()} if is_done else {},
    )
    _findings(pen, review_id, verdicts, feedback, done_at or begun_at)
    return Reading(overall, SUMMARY if is_done else "", verdicts, feedback)


def _findings(
    pen: Pen,
    review_id: int,
    verdicts: dict[str, Verdict],
    feedback: dict[str, str],
    at: datetime | None,
) -> None:
    for code, verdict in verdicts.items():
        pen.add(
            "findings",
            review_id=review_id,
            code=code,
            verdict=verdict.value,
            feedback=feedback[code],
            version=1,
            changed_at=at,
        )
