"""In words: what is held about a person, and how much of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.exports.personal.shapes import Record


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of thing that is held: what it is, and how many there are, in words."""

    what: str
    count: str


def held_words(record: Record) -> list[Line]:
    """Returns what is held, in the order in which it came to be there."""
    notes = sum(bool(one.note) for one in record.ratings)
    openings = sum(opening.times for link in record.shared_links for opening in link.openings)
    return [
        Line(
            _(
                "Who you are: your name, e-mail address and the name by which your course's LMS knows you, as it sent them"
            ),
            record.person.name or _("no name was sent"),
        ),
        Line(_("Courses that you are or were in, with your roles there"), _courses(record)),
        Line(_("Sign-ins that are still on record"), _number(len(record.sign_ins))),
        Line(_("Your answers to competencies"), _answers(len(record.ratings), notes)),
        Line(
            _("Every change of an answer, with what you had written before"),
            _number(len(record.rating_changes)),
        ),
        Line(_("Snapshots of your answers"), _number(len(record.snapshots))),
        Line(_("“Looking back” answers"), _number(len(record.looking_back))),
        Line(_("Goals, with every change of them"), _number(len(record.goals))),
        Line(_("Entries of your training record"), _number(len(record.training_records))),
        Line(
            _("Texts of your portfolios, with every version of them"),
            _number(sum(len(one.accounts) for one in record.portfolios)),
        ),
        Line(_("Certificates and other files"), _number(len(record.files))),
        Line(_("PDFs that you asked for"), _number(len(record.papers))),
        Line(
            _("Links that you shared, and when they were opened or previewed"),
            _links(len(record.shared_links), openings),
        ),
        Line(_("Grades for the gradebooks of your courses"), _number(len(record.grades))),
        Line(_("Records that you brought from elsewhere"), _number(len(record.brought_records))),
        Line(
            _("Entries on the Recognition Register, with their log and badges"),
            _number(len(record.recognition)),
        ),
        *_handed_in(record),
        *_aside(record),
    ]


def _handed_in(record: Record) -> list[Line]:
    readings = sum(len(one.readings) for one in record.assessing)
    return [
        Line(
            _("Pieces of evidence: what each is; the files themselves are on their pages"),
            _number(len(record.evidence)),
        ),
        Line(
            _("Invitations to witnesses, and what they wrote"),
            _number(len(record.witness_statements)),
        ),
        Line(
            _("Portfolios handed in, with feedback, your answers, appeals and the log"),
            _number(len(record.submissions)),
        ),
        Line(
            _("Reports that somebody can be known by something of yours"),
            _number(len(record.cases)),
        ),
        Line(_("Notices that you got in this tool"), _number(len(record.notifications))),
        *([Line(_("Readings of yours as assessor"), _number(readings))] if readings else []),
    ]


def taken_words(taken: Mapping[str, int]) -> str:
    """Returns what came in with a record, in one sentence."""
    said = [str(words(taken[kind])) for kind, words in _CAME_IN.items() if taken.get(kind)]
    if not said:
        return str(_("Everything in it was here already."))
    return str(_("Came in: %(things)s.", things=", ".join(said)))


_CAME_IN: Mapping[str, Callable[[int], str]] = {
    "ratings": lambda n: ngettext("%(num)s answer", "%(num)s answers", n),
    "changes": lambda n: ngettext(
        "%(num)s change of your history", "%(num)s changes of your history", n
    ),
    "snapshots": lambda n: ngettext("%(num)s snapshot", "%(num)s snapshots", n),
    "looking_back": lambda n: ngettext(
        "%(num)s “looking back” answer", "%(num)s “looking back” answers", n
    ),
    "goals": lambda n: ngettext("%(num)s goal", "%(num)s goals", n),
    "training": lambda n: ngettext("%(num)s training entry", "%(num)s training entries", n),
    "certificates": lambda n: ngettext("%(num)s certificate", "%(num)s certificates", n),
    "accounts": lambda n: ngettext("%(num)s text of a portfolio", "%(num)s texts of portfolios", n),
    "aside": lambda n: ngettext("%(num)s thing kept aside", "%(num)s things kept aside", n),
}


def _number(count: int) -> str:
    return str(count) if count else str(_("none"))


def _courses(record: Record) -> str:
    return ", ".join(course.title or course.label for course in record.courses)


def _answers(count: int, notes: int) -> str:
    if not count:
        return str(_("none"))
    said: Callable[..., str] = ngettext
    return f"{count}, " + said(
        "%(num)s with an evidence note", "%(num)s with an evidence note", notes
    )


def _links(count: int, openings: int) -> str:
    if not count:
        return str(_("none"))
    return f"{count}, " + str(ngettext("opened once", "opened %(num)s times", openings))


def _aside(record: Record) -> list[Line]:
    if not record.kept_aside:
        return []
    return [
        Line(
            _("Things from another installation that this one cannot use, kept as they came"),
            _number(len(record.kept_aside)),
        )
    ]
