"""What a panel of evidence shows: of one task, or all that a person has."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.kernel.errors import ImhcfError
from lti_tool.kernel.settings import Settings
from lti_tool.portfolios.evidence.queries import evidence_of_person
from lti_tool.portfolios.evidence.rules import EvidenceView, Lack, Served, lacking
from lti_tool.portfolios.opening import Desk
from lti_tool.portfolios.queries import portfolios_of
from lti_tool.portfolios.rules import Declaration
from lti_tool.portfolios.sources import OfferedFile, files_beside
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.storage.uploads.queries import (
    UploadView,
    kept_by,
    limits_of,
    quota_of,
    uploads_of,
)
from lti_tool.storage.uploads.rules import Kept, Limits, Quota

# A list of more to choose from is read by nobody; the page of all has every piece.
MOST_OFFERED = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done just now, in words, and which act on which piece takes it back."""

    did: str
    words: str
    piece: str = ""
    code: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of a piece and could not be saved."""

    piece: str
    title: str
    alt: str
    declaration: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class TaskName:
    """A task as a page names it; `level` is 0 in the portfolio that is open."""

    code: str
    topic: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as a page shows it: what it lacks, which tasks it serves, what was typed of it."""

    view: EvidenceView
    lacks: tuple[Lack, ...]
    tasks: tuple[TaskName, ...]
    typed: Typed

    @property
    def here(self) -> list[TaskName]:
        """The tasks of the open portfolio that it serves."""
        return [task for task in self.tasks if not task.level]


@dataclass(frozen=True, slots=True)
class Panel:
    """The evidence of one task. `others` may be added to it, and so may `files` kept elsewhere."""

    code: str
    is_open: bool
    pieces: list[Piece]
    others: list[Piece]
    more_others: int
    files: list[OfferedFile]
    uploads: list[UploadView]
    kept: Kept
    limits: Limits
    notice: Notice | None = None
    error: ImhcfError | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """All pieces that a person has, or those that lack something, and the space they take."""

    pieces: list[Piece]
    count: int
    lacking: int
    only_lacking: bool
    open_codes: list[str]
    quota: Quota
    notice: Notice | None = None
    error: ImhcfError | None = None
    code: str = ""


def panel_of(
    session: Session,
    settings: Settings,
    desk: Desk,
    code: str,
    *,
    notice: Notice | None = None,
    error: ImhcfError | None = None,
    typed: Typed | None = None,
) -> Panel:
    """Returns the evidence of a task, with what may be added to it; constant statements."""
    actor = desk.here.actor
    pieces = _pieces(session, desk, typed)
    serves = Served(desk.portfolio.id, code)
    others = [one for one in pieces if serves not in one.view.tasks]
    return Panel(
        code=code,
        is_open=standing_of(session, desk.portfolio.id).is_open(code),
        pieces=[one for one in reversed(pieces) if serves in one.view.tasks],
        others=others[:MOST_OFFERED],
        more_others=len(others[MOST_OFFERED:]),
        files=files_beside(session, actor, desk.asked, code),
        uploads=uploads_of(session, actor.person_id),
        kept=kept_by(session, actor.organisation_id, actor.person_id),
        limits=limits_of(settings),
        notice=notice,
        error=error,
    )


def everything(
    session: Session,
    settings: Settings,
    desk: Desk,
    *,
    only_lacking: bool = False,
    notice: Notice | None = None,
    error: ImhcfError | None = None,
    typed: Typed | None = None,
) -> Everything:
    """Returns all pieces of a person, newest first; constant statements."""
    actor = desk.here.actor
    pieces = _pieces(session, desk, typed)
    lacks = [one for one in pieces if one.lacks]
    standing = standing_of(session, desk.portfolio.id)
    return Everything(
        pieces=lacks if only_lacking else pieces,
        count=len(pieces),
        lacking=len(lacks),
        only_lacking=only_lacking,
        open_codes=[code for code in desk.asked.by_code if standing.is_open(code)],
        quota=quota_of(session, actor.organisation_id, actor.person_id, limits_of(settings)),
        notice=notice,
        error=error,
    )


def piece_of(session: Session, desk: Desk, view: EvidenceView) -> Piece:
    """Returns one piece as a page shows it."""
    return _piece(view, desk, _instruments(session, desk), None)


def _pieces(session: Session, desk: Desk, typed: Typed | None) -> list[Piece]:
    views = evidence_of_person(session, desk.here.actor.person_id)
    instruments = _instruments(session, desk) if views else {}
    return [_piece(view, desk, instruments, typed) for view in views]


def _piece(
    view: EvidenceView, desk: Desk, instruments: Mapping[int, Instrument], typed: Typed | None
) -> Piece:
    if typed is None or typed.piece != view.public_id:
        typed = Typed(view.public_id, view.title, view.alt, Declaration(view.declaration).value)
    tasks = [_name(served, desk, instruments) for served in view.tasks]
    return Piece(view, lacking(view), tuple(tasks), typed)


def _name(served: Served, desk: Desk, instruments: Mapping[int, Instrument]) -> TaskName:
    asked = instruments.get(served.portfolio_id)
    task = asked.by_code.get(served.code) if asked else None
    level = (asked.level if asked else 0) if served.portfolio_id != desk.portfolio.id else 0
    return TaskName(served.code, task.topic if task else "", level)


def _instruments(session: Session, desk: Desk) -> Mapping[int, Instrument]:
    mine = portfolios_of(session, desk.here.actor.person_id)
    return {
        one.id: desk.here.library[one.instrument]
        for one, _begun, _words in mine
        if one.instrument in desk.here.library
    }
