"""The protocol of ClamAV's daemon: a file is streamed to it, and it says what it found.

clamd(8), "INSTREAM": `zINSTREAM\\0`, then chunks of four bytes of length and content, then a
length of zero; it answers "stream: OK", "stream: NAME FOUND" or "… ERROR", ended by a NUL.
"""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lti_tool.storage.scanning.rules import Scan

_CHUNK = struct.Struct(">L")
_LONGEST_ANSWER = 4_096
DEFAULT_PORT = 3310


class NoAnswer(Exception):
    """The scanner could not be reached, broke off, or said that it cannot; with the reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the scanner says: clean, or infected with the name that it has for it."""

    scan: Scan
    name: str = ""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A daemon at an address: `tcp://host:port` or `unix:///path/of/socket`."""

    address: str
    seconds: float = 60.0

    def scan(self, steps: Iterable[bytes]) -> Finding:
        """Returns what it finds in a content that comes in steps; raises `NoAnswer`.

        The time-out is for each step, not for the whole.
        """
        try:
            with self._connect() as connection:
                answer = _stream(connection, steps)
        except OSError as error:
            raise NoAnswer(f"clamd: {type(error).__name__}") from None
        return _finding(answer)

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.seconds)
            try:
                connection.connect(parts.path)
            except OSError:
                connection.close()
                raise
            return connection
        place = (parts.hostname or "", parts.port or DEFAULT_PORT)
        return socket.create_connection(place, timeout=self.seconds)


def _stream(connection: socket.socket, steps: Iterable[bytes]) -> str:
    try:
        connection.sendall(b"zINSTREAM\0")
        for step in steps:
            if step:  # a length of zero would end the stream
                connection.sendall(_CHUNK.pack(len(step)))
                connection.sendall(step)
        connection.sendall(_CHUNK.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it may have said why, such as a limit of its own
    return _answer(connection)


def _answer(connection: socket.socket) -> str:
    found = b""
    while b"\0" not in found and len(found) < _LONGEST_ANSWER:
        step = connection.recv(_LONGEST_ANSWER)
        if not step:
            break
        found += step
    return found.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _finding(answer: str) -> Finding:
    if answer == "stream: OK":
        return Finding(Scan.CLEAN)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Finding(Scan.INFECTED, answer.removeprefix("stream: ").removesuffix(" FOUND"))
    raise NoAnswer("clamd: " + (answer[:80] or "no answer"))
