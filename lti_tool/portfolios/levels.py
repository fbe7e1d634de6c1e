"""Which level is mine: four plain questions, and what they suggest. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.competencies.models import Competency, Instrument, Kind
from lti_tool.kernel.text import N_

YES, NO = "yes", "no"


class Question(StrEnum):
    """The four questions, named as the form names them."""

    REGULATED = "regulated"
    AUTONOMOUS = "autonomous"
    SPECIALIST = "specialist"
    LEADING = "leading"


QUESTIONS: Mapping[Question, str] = {
    Question.REGULATED: N_(
        "Are you registered with a body that regulates your profession, such as the NMC, the"
        " HCPC or Social Work England?"
    ),
    Question.AUTONOMOUS: N_(
        "Do you work with parents and their infants on your own judgement, with supervision to"
        " support you?"
    ),
    Question.SPECIALIST: N_(
        "Do you deliver a specialist service for parents and infants, such as a parent-infant"
        " mental health team?"
    ),
    Question.LEADING: N_(
        "Do you supervise or train others in this work, manage a team, or shape services and"
        " policies?"
    ),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A level, and why it is suggested. It only suggests: the writer chooses."""

    level: int
    reason: str


def answers_in(sent: Mapping[str, str]) -> dict[Question, bool]:
    """Returns what was answered; what is neither yes nor no counts as not answered."""
    known = {YES: True, NO: False}
    return {q: known[sent[q]] for q in Question if sent.get(q) in known}


def suggestion(answers: Mapping[Question, bool]) -> Suggestion | None:
    """Returns the level that the programme's own descriptions lead to; None until all is said."""
    if len(answers) < len(Question):
        return None
    if not answers[Question.REGULATED]:
        return Suggestion(
            1,
            N_(
                "Levels 2 and 3 are for practitioners who are regulated by a professional body."
                " Level 1 is for students and for everybody else who works with infants."
            ),
        )
    if not answers[Question.AUTONOMOUS]:
        return Suggestion(
            1,
            N_(
                "You are regulated, and your work with parents and infants is under somebody"
                " else's direction. Level 2 asks how you work on your own judgement."
            ),
        )
    return _of_autonomous(
        specialist=answers[Question.SPECIALIST], leading=answers[Question.LEADING]
    )


def _of_autonomous(*, specialist: bool, leading: bool) -> Suggestion:
    if specialist and leading:
        return Suggestion(
            3,
            N_(
                "You deliver a specialist service, and others learn from you or are led by you:"
                " Level 3 asks for both."
            ),
        )
    if specialist:
        return Suggestion(
            2,
            N_(
                "You work on your own judgement in a specialist service. Level 3 has a domain on"
                " supervising, training and shaping services, which you said you do not do yet."
            ),
        )
    return Suggestion(
        2,
        N_(
            "You are regulated and work on your own judgement, with supervision to support you."
            " Level 3 is for those who deliver specialist services."
        ),
    )


def portfolios_in(library: Mapping[str, Instrument]) -> list[Instrument]:
    """Returns the portfolios of the library, by level."""
    found = [known for known in library.values() if known.kind is Kind.PORTFOLIO]
    return sorted(found, key=lambda known: (known.level, known.id))


def same_tasks(here: Instrument, there: Instrument) -> dict[str, str]:
    """Returns, by code of one portfolio, the code of the other's task on the very same topic.

    Codes do not mean the same at each level, and there is no crosswalk between the portfolios:
    a task fits where its topic is the same word for word, and nowhere else.
    """
    codes = {_topic(task): task.code for task in there.by_code.values()}
    return {
        task.code: codes[_topic(task)]
        for task in here.by_code.values()
        if _topic(task) in codes and here.id != there.id
    }


def _topic(task: Competency) -> str:
    return " ".join(task.topic.casefold().split())
