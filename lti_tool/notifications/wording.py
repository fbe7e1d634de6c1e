"""What people are told, a sentence for each kind. The title of a portfolio and a code, at most.

Sentences for assessors never name the learner: an organisation may review blind to names.
"""

from collections.abc import Callable, Mapping
from datetime import date

from babel.dates import format_date

from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind

Say = Callable[[str], str]

SENTENCES: Mapping[Kind, str] = {
    Kind.SUBMITTED: N_("You handed in “%(title)s”. Your receipt is ready."),
    Kind.WITHDRAWN: N_("You took “%(title)s” back. You can write on, and hand it in again."),
    Kind.REVIEW_BEGUN: N_("The review of “%(title)s” has begun."),
    Kind.OUTCOME_RELEASED: N_("The review of “%(title)s” is done. The outcome is there to read."),
    Kind.APPEAL_DECIDED: N_("Your appeal about “%(title)s” is decided."),
    Kind.RECOGNISED: N_("You are on the Recognition Register. Your certificate is ready."),
    Kind.RECOGNITION_REFUSED: N_(
        "A review recognised “%(title)s”, and the register could not take it in. Look why."
    ),
    Kind.STATEMENT_GIVEN: N_("A witness confirmed a statement for task %(code)s of “%(title)s”."),
    Kind.CASE_OPENED: N_(
        "Somebody may be identifiable in task %(code)s of “%(title)s”. It is hidden from others"
        " until this is settled."
    ),
    Kind.CASE_SETTLED: N_("The report about task %(code)s of “%(title)s” is settled."),
    Kind.REVIEW_ALLOCATED: N_("“%(title)s” waits for you to review it."),
    Kind.REVIEW_WITHDRAWN: N_("A “%(title)s” that you were to review is no longer yours to read."),
    Kind.REVIEW_TO_AGREE: N_("Both readings of “%(title)s” are done. Look at them together."),
    Kind.REVIEW_AGREED: N_("Both readings of “%(title)s” agree. The outcome can be released."),
    Kind.REVIEW_DUE: N_("The target date for your review of “%(title)s” has passed."),
    Kind.MODERATION_WANTED: N_("Two readers of “%(title)s” disagree. You are asked to moderate."),
    Kind.APPEAL_MADE: N_("An appeal about “%(title)s” waits for you to decide it."),
    Kind.ANSWER_GIVEN: N_("The feedback that you gave on “%(title)s” was answered."),
    Kind.CASE_TO_SETTLE: N_("A report of identifiable data waits to be settled."),
    Kind.NO_ASSESSOR: N_("There is no assessor who can read “%(title)s”. Appoint one, or choose."),
    Kind.RENEWAL_DUE: N_("Your recognition at Level %(level)s ends on %(day)s. You can renew it."),
}
_OF_A_LEVEL = N_("Portfolio, Level %(level)s")
_SOME = N_("Portfolio")


def sentence(kind: str, params: Mapping[str, str], say: Say = str, *, language: str = "en") -> str:
    """Returns the sentence of a kind, in the language of `say`; a fact that is missing reads well.

    A kind that this version does not know, as after an older one was brought back, is told
    without its facts.
    """
    if kind not in set(Kind):
        return say(N_("There is news for you."))
    facts = {"code": "", "level": "", "day": ""} | {k: str(v) for k, v in params.items()}
    if not facts.get("title"):
        facts["title"] = say(_OF_A_LEVEL) % facts if facts["level"] else say(_SOME)
    facts["day"] = _day(facts["day"], language)
    return say(SENTENCES[Kind(kind)]) % facts


def _day(text: str, language: str) -> str:
    """A day as people write it: "14 March 2027"."""
    try:
        return format_date(date.fromisoformat(text), "d MMMM y", locale=language)
    except ValueError:
        return text
