"""What an assessor writes, and what is missing before it is done. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.reviews.rules import (
    Act,
    FindingView,
    Overall,
    Part,
    ReviewState,
    Verdict,
)

LONGEST_FEEDBACK = 10_000
LONGEST_SUMMARY = 10_000
LONGEST_NOTES = 20_000
LONGEST_PHRASE = 1_000
LONGEST_REASON = 2_000
MOST_PHRASES = 200


class Missing(StrEnum):
    """What keeps a reading from being finished."""

    VERDICT = "verdict"
    FEEDBACK = "feedback"
    OVERALL = "overall"
    SUMMARY = "summary"
    NOT_ALL_MET = "not-all-met"
    ALL_MET = "all-met"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing; `code` is the competency, empty for the reading as a whole."""

    what: Missing
    code: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A finding that an assessor wants kept, and the version that they saw."""

    code: str
    verdict: Verdict
    feedback: str
    seen: int


@dataclass(frozen=True, slots=True)
class Conclusion:
    """An overall verdict with its summary that an assessor wants kept, and the version seen."""

    verdict: Overall
    summary: str
    seen: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How the verdicts stand: how many of each, of how many."""

    met: int
    partly: int
    not_yet: int
    open: int

    @property
    def total(self) -> int:
        return self.met + self.partly + self.not_yet + self.open


def tally(codes: Collection[str], verdicts: Mapping[str, Verdict]) -> Tally:
    """Returns how the verdicts stand; `verdicts` has those of accepted competencies, too."""
    found = [verdicts.get(code, Verdict.NONE) for code in codes]
    return Tally(
        found.count(Verdict.MET),
        found.count(Verdict.PARTLY),
        found.count(Verdict.NOT_YET),
        found.count(Verdict.NONE),
    )


def suggested(stands: Tally) -> Overall:
    """Returns what the verdicts suggest as a whole; nothing before every one is there.

    It is a suggestion alone: whether something is to be asked for, or the portfolio is not
    recognised, is for a person to judge.
    """
    if stands.open or not stands.total:
        return Overall.NONE
    return Overall.RECOGNISED if stands.met == stands.total else Overall.MORE_EVIDENCE


def lacks(
    codes: Sequence[str],
    findings: Mapping[str, FindingView],
    overall: Overall,
    summary: str,
) -> tuple[Lack, ...]:
    """Returns what is missing until a reading can be finished, in the order of the instrument.

    `codes` are the competencies that are to be read: what was accepted before is not among them.
    Recognition needs every one met; more evidence needs one that is not; whatever is not met
    needs feedback; and who is not recognised is told why.
    """
    found: list[Lack] = []
    for code in codes:
        finding = findings.get(code, FindingView(code))
        if finding.verdict is Verdict.NONE:
            found.append(Lack(Missing.VERDICT, code))
        elif finding.verdict is not Verdict.MET and not finding.feedback:
            found.append(Lack(Missing.FEEDBACK, code))
    given = [findings.get(code, FindingView(code)).verdict for code in codes]
    return (*found, *_lacks_as_a_whole(given, overall, summary))


def _lacks_as_a_whole(given: list[Verdict], overall: Overall, summary: str) -> list[Lack]:
    if overall is Overall.NONE:
        return [Lack(Missing.OVERALL)]
    is_complete = Verdict.NONE not in given
    all_met = is_complete and all(one is Verdict.MET for one in given)
    found = []
    if overall is Overall.RECOGNISED and is_complete and not all_met:
        found.append(Lack(Missing.NOT_ALL_MET))
    if overall is not Overall.RECOGNISED and all_met:
        found.append(Lack(Missing.ALL_MET))
    if overall is Overall.NOT_RECOGNISED and not summary:
        found.append(Lack(Missing.SUMMARY))
    return found


def may_write(state: ReviewState) -> bool:
    """Says whether findings can be changed: from when it was begun until it is done."""
    return state is ReviewState.BEGUN


def is_settled(acts: Sequence[Act], part: Part) -> bool:
    """Says whether a reading of this part can no longer be thought over, by the log's acts.

    Until release; a reader's, also from when it went to a moderator. An appeal is a round of its
    own: what came before it is settled.
    """
    for act in reversed(acts):
        if act is Act.RELEASED:
            return True
        if act is Act.APPEALED:
            return part is not Part.APPEAL
        if act is Act.SENT_TO_MODERATOR and part is Part.READER:
            return True
    return False


def parse_verdict(typed: str) -> Verdict:
    """Returns the verdict of a form; raises `InvalidInput` for any other word."""
    try:
        return Verdict(typed)
    except ValueError:
        raise InvalidInput(N_("Choose met, partly or not yet."), code="verdict-unknown") from None


def parse_overall(typed: str) -> Overall:
    """Returns the overall verdict of a form; raises `InvalidInput` for any other word."""
    try:
        return Overall(typed)
    except ValueError:
        raise InvalidInput(
            N_("Choose recognised, more evidence or not recognised."), code="overall-unknown"
        ) from None


def parse_text(typed: object, longest: int) -> str:
    """Returns a text as it is kept; raises `InvalidInput` for no text, `TooLarge`."""
    if not isinstance(typed, str):
        raise InvalidInput(N_("There was no text in what was sent."), code="text-missing")
    text = as_kept(typed)
    if len(text) > longest:
        raise TooLarge(
            N_("This text is too long: %(most)s characters can be kept."),
            code="text-too-long",
            advice=N_("Shorten it and save again."),
            params={"most": f"{longest:,}"},
        )
    return text


def parse_version(typed: object) -> int:
    """Returns the version that somebody saw; raises `InvalidInput` for what is no such number."""
    text = str(typed) if isinstance(typed, str | int) and not isinstance(typed, bool) else ""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise InvalidInput(
            N_("The page did not say which version it shows."),
            code="version-missing",
            advice=N_("Open the page anew. What you typed is kept on this device."),
        )
    return int(text)
