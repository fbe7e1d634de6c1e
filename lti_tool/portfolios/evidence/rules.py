"""What a piece of evidence is, and what it lacks. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from lti_tool.kernel.errors import InvalidInput, NotFound, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.rules import Declaration, text_mark
from lti_tool.storage.facts import FileView
from lti_tool.storage.kinds.types import Family, family_of
from lti_tool.storage.rules import UNDO_FOR
from lti_tool.storage.scanning.rules import Scan

LONGEST_TITLE = 200
LONGEST_ALT = 2_000
# A task with more of them is read by nobody.
MOST_FOR_A_TASK = 50
# For so long a piece that was removed can be had back; then its file goes.
HAD_BACK_FOR: timedelta = UNDO_FOR


class Lack(StrEnum):
    """What a piece of evidence lacks before it can be handed in."""

    INFECTED = "infected"
    HIDDEN = "hidden"
    BEING_CHECKED = "being-checked"
    ALT = "alt"
    DECLARATION = "declaration"
    DESCRIPTION = "description"


# A description of a recording is asked for and not demanded; everything else stops a hand-in.
STOPPING = frozenset(Lack) - {Lack.DESCRIPTION}


@dataclass(frozen=True, slots=True)
class Served:
    """A task that a piece serves: the number of its portfolio, and its code."""

    portfolio_id: int
    code: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A piece of evidence as services and pages read it, with its file.

    `tasks` are those that it serves: of one portfolio where that was asked for, else of all.
    """

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    title: str
    alt: str
    declaration: Declaration
    declared_at: datetime | None
    created_at: datetime
    removed_at: datetime | None
    hidden_at: datetime | None
    file: FileView
    tasks: tuple[Served, ...] = ()

    @property
    def is_hidden(self) -> bool:
        """Whether a report of identifiable data stands against it."""
        return self.hidden_at is not None

    @property
    def family(self) -> Family:
        """What a page does with it: show it, play it, or only hand it out."""
        return family_of(self.file.media_type)

    @property
    def mark(self) -> str:
        """A short mark of what its owner wrote of it, so that a form knows what it was made of."""
        return text_mark(f"{self.title}\0{self.alt}\0{self.declaration.value}")


@dataclass(frozen=True, slots=True)
class Told:
    """What its owner says of a piece: its title, what it shows, how nobody can be known by it."""

    title: str
    alt: str
    declaration: Declaration


def lacking(view: EvidenceView) -> tuple[Lack, ...]:
    """Returns what a piece lacks, the gravest first; of these, `STOPPING` stop a hand-in."""
    found = []
    if view.file.scan is Scan.INFECTED:
        found.append(Lack.INFECTED)
    if view.is_hidden:
        found.append(Lack.HIDDEN)
    if view.file.scan not in {Scan.INFECTED, Scan.CLEAN, Scan.NOT_ASKED}:
        found.append(Lack.BEING_CHECKED)
    if not view.alt and view.family is Family.PICTURE:
        found.append(Lack.ALT)
    if view.declaration is Declaration.NONE:
        found.append(Lack.DECLARATION)
    if not view.alt and view.family in {Family.SOUND, Family.VIDEO}:
        found.append(Lack.DESCRIPTION)
    return tuple(found)


def told(title: str, alt: str, declaration: str) -> Told:
    """Returns what a form says of a piece, made fit to be kept.

    Raises `InvalidInput` for no title and for an unknown declaration, `TooLarge` for a text
    that is too long; nothing is cut.
    """
    plain = " ".join(as_kept(title).split())
    words = as_kept(alt)
    if not plain:
        raise InvalidInput(
            N_("A piece of evidence needs a title."),
            code="evidence-title",
            advice=N_("Say in a few words what it is."),
        )
    for text, limit in ((plain, LONGEST_TITLE), (words, LONGEST_ALT)):
        if len(text) > limit:
            raise TooLarge(
                N_("%(count)s characters; %(limit)s can be kept."),
                code="evidence-too-long",
                advice=N_("Shorten it and save again."),
                params={"count": len(text), "limit": limit},
            )
    try:
        return Told(plain, words, Declaration(declaration))
    except ValueError:
        raise InvalidInput(
            N_("There is no such declaration."), code="declaration-unknown"
        ) from None


def title_of(name: str) -> str:
    """Returns a first title for a file, made of its name without the ending."""
    stem = PurePosixPath(name).stem.replace("_", " ")
    return " ".join(stem.split())[:LONGEST_TITLE] or name[:LONGEST_TITLE]


def unknown() -> NotFound:
    """Returns the refusal of a piece that is not the asker's, or is no more."""
    return NotFound(
        N_("There is no such piece of evidence of yours here."),
        code="evidence-unknown",
        advice=N_("Look at the list of your evidence."),
    )
