"""A process of its own for work that may be slow or swell: the process that asks stays well.

Libraries that such work needs are loaded there alone, once for many jobs. A job that takes too
long has its process ended; one that needs too much memory ends there by itself.
"""

import gc
import os
import resource
import selectors
import struct
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from typing import IO

JOBS_A_PROCESS = 100
IDLE_SECONDS = 300.0
_HEAD = struct.Struct(">Q")
_DONE, _BROKEN = b"+", b"-"


class ConfinedFailed(Exception):
    """A job was not done; `reason` is "too-slow" or "broken"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Confined:
    """A child process that does jobs one after another; it is started when needed.

    The child runs a module of ours that calls `serve`.
    """

    def __init__(self, module: str, *arguments: str, seconds: float) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._seconds = seconds
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0

    def ask(self, job: bytes) -> bytes:
        """Returns the child's answer; raises `ConfinedFailed`. Others wait their turn."""
        with self._turn:
            try:
                return self._ask(job)
            except ConfinedFailed:
                self._end()
                raise

    @property
    def is_running(self) -> bool:
        """Whether there is a child process just now."""
        return self._child is not None

    def close(self) -> None:
        """Ends the child process, if there is one."""
        with self._turn:
            self._end()

    def _ask(self, job: bytes) -> bytes:
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
                raise ConfinedFailed("broken") from None
        answer = _receive(_pipe(child.stdout), ends_at)
        self._done += 1
        if answer[:1] != _DONE:
            raise ConfinedFailed("broken")
        return answer[1:]

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._child and (self._child.poll() is not None or self._done >= JOBS_A_PROCESS):
            self._end()
        if self._child is None:
            self._done = 0
            self._child = subprocess.Popen(  # noqa: S603 - our own program and known words  # nosec B603
                self._command,
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


def serve(answer: Callable[[bytes], bytes], *, memory: int, file_size: int = 0) -> None:
    """In the child: answers jobs until the parent closes the pipe, or leaves it idle for long.

    `memory` is the most that the process may have, `file_size` the largest file that it may
    write, both in bytes. Whatever `answer` raises, the parent hears that the job was not done.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if file_size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    jobs, answers = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    with suppress(ConfinedFailed):
        while True:
            job = _receive(jobs, time.monotonic() + IDLE_SECONDS)
            try:
                said = _DONE + answer(job)
            except Exception:  # noqa: BLE001 - whatever it was, the parent says it in words
                said = _BROKEN
            _send(answers, said)
            gc.collect()


def _pipe(found: IO[bytes] | None) -> IO[bytes]:
    if found is None:
        raise ConfinedFailed("broken")
    return found


def _send(pipe: IO[bytes] | FileIO, content: bytes) -> None:
    view = memoryview(_HEAD.pack(len(content)) + content)
    while view:
        view = view[os.write(pipe.fileno(), view) :]


def _receive(pipe: IO[bytes] | FileIO, ends_at: float) -> bytes:
    """Returns one message; raises when the time is over or the other side has ended."""
    found = bytearray()
    needed = _HEAD.size
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(found) < needed:
            if not selector.select(max(0.0, ends_at - time.monotonic())):
                raise ConfinedFailed("too-slow")
            part = os.read(pipe.fileno(), 1 << 20)
            if not part:
                raise ConfinedFailed("broken")
            found += part
            if needed == _HEAD.size and len(found) >= needed:
                needed += _HEAD.unpack_from(found)[0]
    return bytes(found[_HEAD.size : needed])
