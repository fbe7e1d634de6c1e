"""A process of its own that renders papers: it may be slow or swell, the worker stays well.

Libraries that render PDF are loaded there alone, once for many papers. A paper that takes too
long has its process ended; one that needs too much memory ends there by itself.
"""

import gc
import json
import os
import resource
import selectors
import struct
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import IO, Any

from lti_tool.exports.papers.fonts import Face
from lti_tool.exports.papers.rendering import SECONDS, renderer_named

MOST_MEMORY = 2 * 1024**3
PAPERS_A_PROCESS = 100
IDLE_SECONDS = 300.0
_HEAD = struct.Struct(">Q")
_DONE, _BROKEN = b"+", b"-"


class PressFailed(Exception):
    """A paper could not be made; `reason` is one of `rules.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Press:
    """Renders papers one after another in a child process, which is started when needed."""

    def __init__(self, renderer: str, *, seconds: float = SECONDS) -> None:
        self._renderer = renderer
        self._seconds = seconds
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._made = 0

    def render(self, html: str, faces: Sequence[Face]) -> bytes:
        """Returns the PDF; raises `PressFailed`. Callers in other threads wait their turn."""
        job = json.dumps({"html": html, "faces": [_plain(face) for face in faces]}).encode()
        with self._turn:
            try:
                return self._render(job)
            except PressFailed:
                self._end()
                raise

    def close(self) -> None:
        """Ends the child process, if there is one."""
        with self._turn:
            self._end()

    def _render(self, job: bytes) -> bytes:
        ends_at = time.monotonic() + self._seconds
        child = self._ready_child()
        try:
            _send(_pipe(child.stdin), job)
        except OSError:  # it ended of idleness just now
            self._end()
            child = self._ready_child()
            try:
                _send(_pipe(child.stdin), job)
            except OSError:
                raise PressFailed("broken") from None
        answer = _receive(_pipe(child.stdout), ends_at)
        self._made += 1
        if answer[:1] != _DONE:
            raise PressFailed("broken")
        return answer[1:]

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._child and (self._child.poll() is not None or self._made >= PAPERS_A_PROCESS):
            self._end()
        if self._child is None:
            self._made = 0
            command = [sys.executable, "-m", "lti_tool.exports.papers.press", self._renderer]
            self._child = subprocess.Popen(  # noqa: S603 - our own program and a known name  # nosec B603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                _pipe(pipe).close()


def _plain(face: Face) -> dict[str, Any]:
    return asdict(face) | {"path": str(face.path)}


def _pipe(found: IO[bytes] | None) -> IO[bytes]:
    if found is None:
        raise PressFailed("broken")
    return found


def _send(pipe: IO[bytes] | FileIO, content: bytes) -> None:
    view = memoryview(_HEAD.pack(len(content)) + content)
    while view:
        view = view[os.write(pipe.fileno(), view) :]


def _receive(pipe: IO[bytes] | FileIO, ends_at: float) -> bytes:
    """Returns one message; raises `PressFailed` when the time is over or the child has ended."""
    found = bytearray()
    needed = _HEAD.size
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(found) < needed:
            if not selector.select(max(0.0, ends_at - time.monotonic())):
                raise PressFailed("too-slow")
            part = os.read(pipe.fileno(), 1 << 20)
            if not part:
                raise PressFailed("broken")
            found += part
            if needed == _HEAD.size and len(found) >= needed:
                needed += _HEAD.unpack_from(found)[0]
    return bytes(found[_HEAD.size : needed])


def _serve(renderer_name: str) -> None:
    """The child: reads jobs until its parent closes the pipe, or leaves it idle for long."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    jobs, answers = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    renderer = renderer_named(renderer_name)
    with suppress(PressFailed):
        while True:
            job = json.loads(_receive(jobs, time.monotonic() + IDLE_SECONDS))
            faces = [Face(**face | {"path": Path(face["path"])}) for face in job["faces"]]
            try:
                answer = _DONE + renderer.render(job["html"], faces)
            except Exception:  # noqa: BLE001 - whatever it was, the parent says it in words
                answer = _BROKEN
            _send(answers, answer)
            gc.collect()


if __name__ == "__main__":
    _serve(sys.argv[1])
