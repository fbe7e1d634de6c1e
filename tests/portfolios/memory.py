"""How much memory a large upload needs through the pages: run in a process of its own.

`python -m tests.portfolios.memory 500` prints the bytes that the process grew by, at most, while
a video of so many MB came in parts over HTTP, was finished as evidence, and was read again.
"""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from werkzeug.serving import make_server

from lti_tool.kernel.settings import Settings
from lti_tool.schema import migrate
from tests.portfolios.gathering import PART_TYPE, gatherer
from tests.storage import media
from tests.storage.memory import PART, Peak
from tests.tool import Tool, make_tool


@contextmanager
def served(tool: Tool) -> Iterator[int]:
    """Serves the application from a thread of this process, on a port that is free."""
    server = make_server("127.0.0.1", 0, tool.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()


def ask(port: int, method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == 200, (method, path, answer.status, said[:500])
    return said


def measure(megabytes: int, folder: Path) -> dict[str, int]:
    settings = Settings(data_dir=folder, secret_key="a secret of thirty-two characters or more")
    tool = make_tool(settings)
    migrate.upgrade(tool.database)
    amina = gatherer(tool)
    size = megabytes * 1_000_000
    start, end = media.mp4_around(size)
    begun = amina.begin("Play at home.mp4", size).get_json()
    amina.panel()  # what any page needs is there before it is measured
    visitor = amina.writer.visitor
    cookie = visitor.client.get_cookie("imhcf_session", path=f"/at/{visitor.slot}/")
    headers = {
        "Cookie": f"{cookie.key}={cookie.value}" if cookie else "",
        "X-CSRFToken": visitor.csrf_token(),
        "Accept": "application/json",
    }
    with served(tool) as port:
        peak = Peak()
        for at in range(0, size, PART):
            part = bytearray(min(PART, size - at))
            media.lay(part, at, start, 0)
            media.lay(part, at, end, size - len(end))
            facts = {"Content-Type": PART_TYPE, "Upload-Offset": str(at)}
            ask(port, "PATCH", begun["part"], part, headers | facts)
            del part
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        ask(port, "POST", begun["done"], "panel=1.01", headers | form)
        (piece,) = amina.pieces()
        read = read_through(port, f"{visitor.home}{amina.path}/evidence/{piece}/file", headers)
        return {"grown_bytes": peak.stop(), "size": read}


def read_through(port: int, path: str, headers: dict[str, str]) -> int:
    """Reads an answer in steps; returns how long its body was."""
    with socket.create_connection(("127.0.0.1", port), timeout=300) as line:
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n{said}\r\n".encode())
        head, rest = b"", b""
        while b"\r\n\r\n" not in head:
            head += line.recv(65_536)
        head, _, rest = head.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head
        length = len(rest)
        while step := line.recv(65_536):
            length += len(step)
    return length


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]), Path(folder))))
