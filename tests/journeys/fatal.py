"""Death at a chosen point: a process of a site ends itself, as by `kill -9`, at its nth step.

A step is a statement that changes one of the tables that are looked at, the moment before such a
transaction is committed, the moment after, and the moments before and after a blob is stored. As
long as the file is there, each process counts its own steps, and notes them beside it.
"""

import os
import re
import signal
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

NAME = "fatal"
_CHANGES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
_LOOKED_AT = re.compile(
    r"submission.*|scores|messages|notifications|reviews|review_events|findings|outcomes|appeals"
    r"|register_(entries|events|credentials)|credential_.*|evidence.*|files|upload.*"
)
_HAS_CHANGED, _COMMITTED = "fatal_changed", "fatal_committed"


class Steps:
    """Counts the steps of this process, and ends it at the one that the file names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        self._guard = threading.Lock()

    def step(self, what: str) -> None:
        try:
            wanted = int(self._path.read_text())
        except FileNotFoundError:
            return
        with self._guard:
            self._count += 1
            line = f"{os.getpid()} {self._count} {what}\n"
            with self._path.with_suffix(".log").open("a") as log:
                log.write(line)
            if self._count == wanted:
                os.killpg(os.getpgrp(), signal.SIGKILL)


def watch(folder: Path) -> None:
    """Lets this process die where the site's file says."""
    steps = Steps(folder / NAME)

    @event.listens_for(Engine, "before_cursor_execute")
    def changes(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found = _CHANGES.match(statement)
        if found and _LOOKED_AT.fullmatch(found[2]):
            connection.info[_HAS_CHANGED] = True
            steps.step(f"{found[1]} {found[2]}")

    @event.listens_for(Engine, "commit")
    def commits(connection: Any) -> None:
        if connection.info.pop(_HAS_CHANGED, False):
            connection.info[_COMMITTED] = True
            steps.step("before the commit")

    @event.listens_for(Engine, "rollback")
    def rolls_back(connection: Any) -> None:
        connection.info.pop(_HAS_CHANGED, None)

    @event.listens_for(Pool, "checkin")
    def gives_back(_dbapi: Any, record: Any) -> None:
        if record.info.pop(_COMMITTED, False):
            steps.step("after the commit")

    _watch_blobs(steps)


def _watch_blobs(steps: Steps) -> None:
    from lti_tool.storage.blobs import Blobs

    put = Blobs.put

    def watched(blobs: Blobs, organisation_id: int, content: bytes) -> str:
        steps.step("before a blob")
        found = put(blobs, organisation_id, content)
        steps.step("after a blob")
        return found

    Blobs.put = watched  # type: ignore[assignment, method-assign]
