"""Real processes of the command `imhcf`, each in a group of its own, ended by its own id.

They are forked from a server process that has the program imported already: a start then costs
a fraction of a second, and what runs is `lti_tool.cli.main` with its arguments and environment,
as from a shell. Each notes when it was sending a score, for `agreement` to look for overlaps.
"""

import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import requests
import time_machine
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests.journeys.fatal import watch

# Generous: they bound a failure, and say nothing about speed.
PATIENCE = 60.0
ON_TIME = timedelta(0)

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.journeys.preloaded"])


@cache
def _compiled_templates() -> tempfile.TemporaryDirectory[str]:
    """Returns the folder in which processes find the templates that another has compiled."""
    return tempfile.TemporaryDirectory(prefix="imhcf-templates-")


def eventually(holds: Callable[[], object], what: str, *, within: float = PATIENCE) -> None:
    """Waits until something holds; fails with `what` when it never does."""
    ends_at = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends_at, f"not in {within:.0f} s: {what}"
        time.sleep(0.04)


def local_http() -> requests.Session:
    """Returns a client that calls this machine directly, whatever proxy the environment names."""
    session = requests.Session()
    session.trust_env = False
    return session


def free_port() -> int:
    """Returns a port that nobody listens on, below those that outgoing calls are given."""
    while True:
        port = random.randint(15_000, 32_000)  # noqa: S311 - spreads tests, guards nothing
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Says whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class Scene:
    """What a process finds: its settings, where it writes, and how wrong its clock is."""

    settings: Mapping[str, str]
    log: Path
    sending: Path
    clock_off_by: timedelta = ON_TIME


class Running:
    """A process that was started: to be waited for, killed as by `kill -9`, or frozen."""

    def __init__(self, scene: Scene, arguments: Sequence[str]) -> None:
        self.name = " ".join(arguments)
        self._process = _context.Process(
            target=_run,
            args=(scene, list(arguments), _compiled_templates().name),
            name=self.name,
            daemon=True,
        )
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid
        eventually(self._has_own_group, f"{self.name} began")

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """`kill -9`, for the process and what it forked: nothing is finished or said."""
        self._signal(signal.SIGKILL)
        self._process.join()

    def freeze(self) -> None:
        """Stops it in its tracks: what it was about to do or to read, it does not."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on where it was frozen."""
        self._signal(signal.SIGCONT)

    def wait(self) -> int:
        """Waits for a command to end by itself; returns its status."""
        self._process.join(PATIENCE)
        status = self._process.exitcode
        assert status is not None, f"{self.name} did not end"
        return status

    def _has_own_group(self) -> bool:
        if not self.is_alive:
            return True
        try:
            return os.getpgid(self.pid) == self.pid
        except ProcessLookupError:
            return True

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return  # the whole group has gone already


@contextmanager
def typed(scene: Scene, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `imhcf` as somebody does at a shell: an interpreter of its own, a plain environment."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("IMHCF_")}
    with scene.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lti_tool.cli", *arguments],
            env=environment | dict(scene.settings),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _run(scene: Scene, arguments: list[str], templates: str) -> None:
    """In the new process: sets the scene, then is `imhcf` with these arguments."""
    os.setsid()
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    output = os.open(scene.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for name in [name for name in os.environ if name.startswith("IMHCF_")]:
        del os.environ[name]
    os.environ.update(scene.settings)
    if scene.clock_off_by:
        time_machine.travel(datetime.now(UTC) + scene.clock_off_by, tick=True).start()
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(templates)}
    _time_sending(scene.sending)
    watch(scene.log.parent)
    sys.argv = ["imhcf", *arguments]
    from lti_tool.cli.main import main

    main()


def _end_with_the_tests() -> None:
    """Leaves nothing running when the tests are killed and cannot stop what they started."""
    tests = multiprocessing.parent_process()
    assert tests
    tests.join()
    os.killpg(os.getpid(), signal.SIGKILL)


def _time_sending(path: Path) -> None:
    """Writes a line for each call that came to its end: which score, from when, until when."""
    from lti_tool.gateway.passback import Passback
    from lti_tool.gateway.rules import KnownRegistration
    from lti_tool.grades.rules import Delivery
    from lti_tool.lti import deliveries

    send = Passback._send
    lines = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def timed(
        passback: Passback, found: KnownRegistration, delivery: Delivery
    ) -> deliveries.Delivery:
        began = time.monotonic_ns()  # one clock for all processes of the machine
        try:
            return send(passback, found, delivery)
        finally:
            line = f"{delivery.score_id} {began} {time.monotonic_ns()} {os.getpid()}\n"
            os.write(lines, line.encode())

    Passback._send = timed  # type: ignore[method-assign]
