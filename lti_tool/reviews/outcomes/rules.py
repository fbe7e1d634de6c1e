"""What readings come to, and what follows. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.kernel.text import N_, as_kept
from lti_tool.reviews.rules import Overall, Verdict

LONGEST_REASON = 10_000
LONGEST_ANSWER = 10_000


class Step(StrEnum):
    """How far a submission is on the way from its readings to an outcome."""

    READING = "reading"
    DIFFERENT = "different"
    MODERATING = "moderating"
    READY = "ready"
    RELEASED = "released"


class Whose(StrEnum):
    """Whose words the learner gets, where two readers agree on the verdicts."""

    BOTH = "both"
    MINE = "mine"
    THEIRS = "theirs"


class AppealState(StrEnum):
    """How an appeal stands."""

    MADE = "made"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one assessor found, for each competency that was to be read, and as a whole."""

    overall: Overall
    summary: str
    verdicts: Mapping[str, Verdict]
    feedback: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two readings do not say the same."""

    codes: tuple[str, ...]
    overall: bool

    @property
    def is_none(self) -> bool:
        return not self.codes and not self.overall


@dataclass(frozen=True, slots=True)
class Decision:
    """What a learner gets: the outcome, a summary, and verdict and feedback by code."""

    overall: Overall
    summary: str
    findings: dict[str, dict[str, Any]]

    def is_met(self, code: str) -> bool:
        """Says whether a competency is met."""
        return bool(self.findings[code]["verdict"] == Verdict.MET)

    @property
    def met(self) -> int:
        """How many competencies are met."""
        return sum(self.is_met(code) for code in self.findings)

    @property
    def total(self) -> int:
        return len(self.findings)

    @property
    def reopened(self) -> tuple[str, ...]:
        """The codes that more evidence is wanted for; what is met stays as it is."""
        if self.overall is not Overall.MORE_EVIDENCE:
            return ()
        return tuple(code for code in self.findings if not self.is_met(code))


def difference(readings: Collection[Reading], codes: Collection[str]) -> Difference:
    """Returns where readings do not all say the same: for a competency, or as a whole."""
    return Difference(
        tuple(
            code
            for code in codes
            if len({one.verdicts.get(code, Verdict.NONE) for one in readings}) > 1
        ),
        len({one.overall for one in readings}) > 1,
    )


def wanting(
    overall: Overall, verdicts: Mapping[str, Verdict], codes: Collection[str]
) -> tuple[str, ...]:
    """Returns a sentence for each thing that keeps a reading from being an outcome; none if none.

    `codes` are the competencies that are to be read; what was accepted before is not among them.
    """
    found = [verdicts.get(code, Verdict.NONE) for code in codes]
    all_met = all(one is Verdict.MET for one in found)
    sentences = []
    if Verdict.NONE in found:
        sentences.append(N_("Each competency needs a verdict."))
    if overall is Overall.NONE:
        sentences.append(N_("The portfolio as a whole needs a verdict."))
    elif overall is Overall.RECOGNISED and not all_met:
        sentences.append(N_("Recognition needs every competency to be met."))
    elif overall is Overall.MORE_EVIDENCE and all_met:
        sentences.append(N_("More evidence can be asked for where a competency is not met yet."))
    elif overall is Overall.NOT_RECOGNISED and all_met:
        sentences.append(N_("Every competency is met, so the portfolio is recognised."))
    return tuple(sentences)


def decision(
    readings: Sequence[Reading], codes: Sequence[str], accepted: Mapping[str, int]
) -> Decision:
    """Returns what readings that agree come to; each one's words follow the other's.

    `codes` are all of the instrument, in its order; `accepted` says in which earlier submission
    a competency was found to be met, where it was: it is met.
    """
    findings: dict[str, dict[str, Any]] = {}
    for code in codes:
        if code in accepted:
            findings[code] = {
                "verdict": Verdict.MET.value,
                "feedback": "",
                "accepted_in": accepted[code],
            }
            continue
        findings[code] = {
            "verdict": readings[0].verdicts.get(code, Verdict.NONE).value,
            "feedback": together(one.feedback.get(code, "") for one in readings),
        }
    return Decision(readings[0].overall, together(one.summary for one in readings), findings)


def together(texts: Any) -> str:
    """Returns texts one under the other; one that is said twice is said once."""
    kept = dict.fromkeys(text for text in (as_kept(one) for one in texts) if text)
    return "\n\n".join(kept)


def agreed_on(
    readings: Sequence[Reading], codes: Collection[str]
) -> tuple[Overall, dict[str, tuple[Verdict, str]]]:
    """Returns what readings agree on, to begin a moderator's: overall, and by code."""
    apart, first = difference(readings, codes), readings[0]
    same = {
        code: (first.verdicts[code], together(one.feedback.get(code, "") for one in readings))
        for code in codes
        if code not in apart.codes and first.verdicts.get(code)
    }
    return (Overall.NONE if apart.overall else first.overall), same


def appeal_until(released_on: date, days: int) -> date:
    """Returns the last day on which an appeal can be made."""
    return released_on + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class AppealCase:
    """What decides whether an appeal may be made. `until` is the last day for it."""

    outcome: Overall
    until: date
    was_made: bool
    is_newest: bool


def why_no_appeal(case: AppealCase, today: date) -> str:
    """Returns why an appeal cannot be made, in a sentence; empty where it can."""
    if case.outcome is Overall.RECOGNISED:
        return N_("You are recognised, so there is nothing to appeal against.")
    if case.was_made:
        return N_("You have appealed against this review. That is possible once.")
    if not case.is_newest:
        return N_("You have handed this portfolio in again since, so this review is closed.")
    if today > case.until:
        return N_("The time for an appeal is over.")
    return ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it was typed, with what is wrong with it, if anything."""

    text: str
    problem: str = ""


def parse_reason(typed: str) -> Typed:
    """Returns the reason of an appeal, or what is wrong with it."""
    text = as_kept(typed)
    if not text:
        return Typed(text, N_("Say in your own words why you appeal."))
    if len(text) > LONGEST_REASON:
        return Typed(text, N_("This is too long: 10,000 characters can be kept."))
    return Typed(text)


def parse_answer(typed: str) -> Typed:
    """Returns an answer to feedback; an empty one takes an answer back."""
    text = as_kept(typed)
    if len(text) > LONGEST_ANSWER:
        return Typed(text, N_("This is too long: 10,000 characters can be kept."))
    return Typed(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner answered, and how often it was changed."""

    text: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a submission's readings, to say how far it is."""

    readers_wanted: int
    readers_done: int
    is_different: bool
    with_moderator: bool
    decider_done: bool
    released: bool


def step_of(progress: Progress) -> Step:
    """Returns how far a submission is. `decider_done`: the moderator, or the appeal's, is done."""
    if progress.released:
        return Step.RELEASED
    if progress.with_moderator:
        return Step.READY if progress.decider_done else Step.MODERATING
    if progress.readers_done < max(progress.readers_wanted, 1):
        return Step.READING
    return Step.DIFFERENT if progress.is_different else Step.READY
