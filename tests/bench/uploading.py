"""How much memory the web process needs while a film of 500 MB comes in, and is finished."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from lti_tool.kernel.settings import Settings
from lti_tool.schema import migrate
from lti_tool.web.sessions import COOKIE
from tests.bench.processes import free_port, memory_of, running
from tests.portfolios.handing_in import Handing, begun
from tests.storage import media
from tests.tool import make_tool

PART = 8_000_000
SECRET = "a secret of thirty-two characters or more"


def memory_of_an_upload(folder: Path, megabytes: int = 500) -> tuple[float, float]:
    """Returns by how many MB the web process grew at most, and how many seconds it took."""
    folder.mkdir(parents=True)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    tool = make_tool(
        Settings(data_dir=folder, secret_key=SECRET, base_url=base, allow_private_network=True)
    )
    migrate.upgrade(tool.database)
    learner = begun(tool)
    environment = {
        "IMHCF_DATA_DIR": str(folder),
        "IMHCF_SECRET_KEY": SECRET,
        "IMHCF_PORT": str(port),
        "IMHCF_BASE_URL": base,
        "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
        "IMHCF_EMBEDDED_WORKER": "false",
    }
    serving = running(["-m", "lti_tool.cli", "run"], environment, f"{base}/readyz")
    with serving as process, _browser(learner) as browser:
        home = f"{base}{learner.visitor.home}{learner.path}/task/1.01"
        assert browser.get(home).status_code == 200  # loads what every page needs
        peak = _Peak(process.pid)
        at = time.monotonic()
        _send_film(browser, f"{home}/evidence/uploads", megabytes * 1_000_000)
        took = time.monotonic() - at
        grown = peak.stop()
    tool.close()
    return grown / 1_000_000, took


def _browser(learner: Handing) -> requests.Session:
    browser = requests.Session()
    browser.trust_env = False
    cookie = learner.visitor.client.get_cookie(COOKIE, path=f"/at/{learner.visitor.slot}/")
    assert cookie
    browser.headers["Cookie"] = f"{COOKIE}={cookie.value}"
    browser.headers["X-CSRFToken"] = learner.visitor.csrf_token()
    browser.headers["Accept"] = "application/json"
    return browser


def _send_film(browser: requests.Session, uploads: str, size: int) -> None:
    wish = {"name": "a feed.mp4", "size": size, "type": "video/mp4"}
    begun_at = browser.post(uploads, json=wish)
    assert begun_at.status_code == 200, begun_at.text
    upload = f"{uploads}/{begun_at.json()['upload']}"
    for at, part in _parts(size):
        told = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        sent = browser.patch(upload, data=part, headers=told)
        assert sent.status_code == 200, sent.text
    done = browser.post(f"{upload}/done", allow_redirects=False)
    assert done.status_code in {200, 303}, done.text


def _parts(size: int) -> Iterator[tuple[int, bytes]]:
    start, end = media.mp4_around(size)
    for at in range(0, size, PART):
        part = bytearray(min(PART, size - at))
        media.lay(part, at, start, 0)
        media.lay(part, at, end, size - len(end))
        yield at, bytes(part)


class _Peak:
    """The most memory that a process and its children have from now on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._first = self._most = memory_of(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Returns by how many bytes it grew at most."""
        self._over.set()
        self._thread.join()
        return self._most - self._first

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self._most = max(self._most, memory_of(self._pid))
