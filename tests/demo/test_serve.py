"""The LMS under gunicorn, as `imhcf demo` runs it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from lti_tool.demo.guard import is_loopback
from lti_tool.demo.serve import serve
from lti_tool.demo.settings import LmsSettings
from lti_tool.kernel.errors import Misconfigured

from .standin import Lms, Tool

PROGRAM = """
import sys
from pathlib import Path
from lti_tool.demo.serve import serve
from lti_tool.demo.settings import LmsSettings
url, tool, database, port = sys.argv[1:]
serve(LmsSettings(url, tool, Path(database)), "127.0.0.1", int(port))
"""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "lms.example.org", ""])
def test_public_host_is_refused_in_plain_words(tmp_path: Path, host: str) -> None:
    settings = LmsSettings("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "lms.sqlite")

    with pytest.raises(Misconfigured, match="serves only its own machine"):
        serve(settings, host, 8000)

    assert not settings.database.exists()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("lms.localhost", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("url", ["", "localhost:80", "ftp://x", "http://x/", "http://"])
def test_wrong_address_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="base_url"):
        LmsSettings(url, "http://127.0.0.1:2", tmp_path / "lms.sqlite")


@pytest.fixture(scope="module")
def served(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lms]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    database = tmp_path_factory.mktemp("served") / "lms.sqlite"
    command = [sys.executable, "-c", PROGRAM, url, tool.url, str(database), str(port)]
    process = subprocess.Popen(command)
    try:
        _wait_for(url, process)
        yield Lms(url, tool, None)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert process.poll() is None, "the LMS ended"
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the LMS does not answer")


def test_score_goes_through_gunicorn(served: Lms) -> None:
    served.control("POST", "reset")

    assert served.post_score(served.lineitem()).status_code == 200
    assert served.cell()["value"] == 40


@pytest.mark.parametrize(("kind", "writes"), [("down", 0), ("lost-answer", 1)])
def test_connection_is_dropped_under_gunicorn(served: Lms, kind: str, writes: int) -> None:
    served.control("POST", "reset")
    item, token = served.lineitem(), served.token()
    served.fault(kind, scope="scores", remaining=1)

    with pytest.raises(requests.ConnectionError):
        served.post_score(item, token)

    assert sum(cell["writes"] for cell in served.cells()) == writes


def test_connection_that_is_kept_open_is_dropped_too(served: Lms) -> None:
    served.control("POST", "reset")
    keyset = f"{served.url}/lti/jwks.json"
    with requests.Session() as session:
        assert session.get(keyset, timeout=10).status_code == 200
        served.fault("down", scope="keyset", remaining=1)
        with pytest.raises(requests.ConnectionError):
            session.get(keyset, timeout=10)
        assert session.get(keyset, timeout=10).status_code == 200


def test_recorded_paging_header_passes_gunicorn(served: Lms) -> None:
    url = served.course()["lineitems"]
    accept = "application/vnd.ims.lis.v2.lineitemcontainer+json"

    header = served.call("GET", f"{url}&limit=1", accept=accept).headers["Link"]

    assert "rel=“canonical”" in header.encode("latin-1").decode()
