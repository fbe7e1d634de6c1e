"""Processes under measurement: started, watched for processor time, stopped by their own id."""

import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: list[str], environment: dict[str, str], ready: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `python …` until the block ends; waits until the address answers."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env=os.environ | environment, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(ready, timeout=1).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """Returns the processor time of a process and of its children so far, in seconds."""
    total = 0
    for pid in [process.pid, *_children(process.pid)]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_of(pid: int) -> int:
    """Returns the memory that a process and its children hold in common with nobody, in bytes."""
    total = 0
    for one in [pid, *_children(pid)]:
        try:
            pages = Path(f"/proc/{one}/statm").read_text().split()
        except FileNotFoundError:
            continue  # it ended a moment ago
        total += (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")
    return total


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    direct = [int(child) for child in text.split()]
    return direct + [grandchild for child in direct for grandchild in _children(child)]


class Browser:
    """One kept-alive connection with the cookies that it was given."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._cookies: dict[str, str] = {}

    def call(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Returns status, Location and body."""
        sent = {"Cookie": "; ".join(f"{n}={v}" for n, v in self._cookies.items())}
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, sent | (headers or {}))
        response = self._connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self._cookies[name] = value
            else:
                self._cookies.pop(name, None)
        return response.status, response.headers.get("Location", ""), response.read().decode()
