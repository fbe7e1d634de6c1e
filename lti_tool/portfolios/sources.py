"""What stands beside a task and may be pulled in. Rooms above offer it; `wiring` names them here.

This room does not know ratings or training records: what they hold for a task comes as plain
words or as a file, each under a name by which the page can ask for it again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.kernel.actor import Actor
from lti_tool.storage.facts import FileView

_EXTENSION = "imhcf_portfolio_sources"


@dataclass(frozen=True, slots=True)
class Quote:
    """Something that its writer wrote elsewhere: `key` names it, `where` says where it was.

    `where` is a translated sentence; `title` is what it was about, `text` what may be added.
    """

    key: str
    where: str
    title: str
    text: str
    on: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file that its owner keeps elsewhere, and may add as evidence; `key` names it.

    `where` is a translated sentence; `title` is what the file belongs to.
    """

    key: str
    where: str
    title: str
    file: FileView


# What a person wrote for a task of a portfolio.
Source = Callable[[Session, Actor, Instrument, str], Sequence[Quote]]
# Which files a person keeps elsewhere that may serve a task.
FileSource = Callable[[Session, Actor, Instrument, str], Sequence[OfferedFile]]
# How many pieces of evidence each task of a portfolio has, by code, in one statement.
EvidenceCount = Callable[[Session, int], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked for what stands beside a task, and who counts evidence."""

    beside: Collection[Source] = ()
    evidence: EvidenceCount = lambda _session, _portfolio: {}
    files: Collection[FileSource] = ()


def use_sources(app: Flask, sources: Sources) -> None:
    """Names the sources of an application."""
    app.extensions[_EXTENSION] = sources


def quotes_beside(session: Session, actor: Actor, asked: Instrument, code: str) -> list[Quote]:
    """Returns what the actor wrote elsewhere that may serve a task."""
    found: list[Quote] = []
    for source in _sources().beside:
        found += source(session, actor, asked, code)
    return found


def files_beside(session: Session, actor: Actor, asked: Instrument, code: str) -> list[OfferedFile]:
    """Returns the files that the actor keeps elsewhere and may add to a task as evidence."""
    found: list[OfferedFile] = []
    for source in _sources().files:
        found += source(session, actor, asked, code)
    return found


def evidence_of(session: Session, portfolio_id: int) -> Mapping[str, int]:
    """Returns the number of pieces of evidence by code; a task without any is left out."""
    return _sources().evidence(session, portfolio_id)


def _sources() -> Sources:
    return cast("Sources", current_app.extensions.get(_EXTENSION, Sources()))
