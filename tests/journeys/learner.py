"""A learner with a browser: launches from the LMS over HTTP, and saves answers as the page does."""

import html
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import requests

from lti_tool.competencies.queries import instrument
from tests.journeys.lms import IMH101
from tests.journeys.processes import PATIENCE, local_http
from tests.journeys.servers import Site

CODES: Sequence[str] = tuple(
    code for domain in instrument("self-assessment-1").domains for code in domain.codes
)
LEVEL_1, TWO_DOMAINS, A_YEAR_LATER = 11, 12, 21

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], things: Iterable[T], *, threads: int = 4) -> list[R]:
    """Returns the results of work that several threads share."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, things))


class Learner:
    """One person in one placement. An answer counts as saved when the tool has confirmed it."""

    def __init__(self, site: Site, key: str, item: int = LEVEL_1, course: int = IMH101) -> None:
        self.key = key
        self.saved: dict[str, str] = {}
        self._site = site
        self._start = f"{site.lms.url}/courses/{course}/items/{item}/launch?as={key}"
        self._browser = local_http()
        self._home = ""
        self._csrf_token = ""
        self._versions: dict[str, int] = {}

    def open(self) -> "Learner":
        """Launches: the LMS's form, our login, the LMS's form with the token, our page."""
        page = self._browser.get(self._start, timeout=PATIENCE)
        for _form in ("login", "launch"):
            action, fields = form_of(page)
            page = self._browser.post(action, data=fields, timeout=PATIENCE)
            # Without scripts the page that would keep something with the LMS offers the way on.
            if plain := re.search(r'<a href="([^"]+)" data-plain', page.text):
                page = self._browser.get(html.unescape(plain[1]), timeout=PATIENCE)
        assert page.status_code == 200, page.text
        assert page.url.startswith(f"{self._site.url}/at/"), page.url
        self._home = page.url
        here = self._browser.get(f"{self._home}domain/1", timeout=PATIENCE).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', here)
        assert found, "the page has no form"
        self._csrf_token = found[1]
        return self

    def rate(self, code: str, state: str = "achieved") -> None:
        """Saves an answer, again and again while the tool is away, until it is confirmed."""
        ends_at = time.monotonic() + PATIENCE
        while (answer := self._try_to_save(code, state)) is None:
            assert time.monotonic() < ends_at, f"{self.key} could not save {code}"
            time.sleep(0.05)
        assert answer.status_code == 200, answer.text
        self._versions[code] = answer.json()["version"]
        self.saved[code] = state

    def rate_all(self, codes: Iterable[str], state: str = "achieved") -> None:
        for code in codes:
            self.rate(code, state)

    def send_without_hearing(self, code: str, state: str = "achieved") -> None:
        """Sends an answer and leaves before the tool says whether it was saved."""
        try:
            self._post(code, state, hear_within=0.001)
        except requests.Timeout:
            return

    def _try_to_save(self, code: str, state: str) -> requests.Response | None:
        """Returns the tool's answer; none when there was none, or the tool could not say."""
        try:
            answer = self._post(code, state, hear_within=PATIENCE)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return None
        return None if answer.status_code >= 500 else answer

    def _post(self, code: str, state: str, *, hear_within: float) -> requests.Response:
        wish = {"code": code, "state": state, "note": "", "version": self._versions.get(code, 0)}
        headers = {"X-CSRFToken": self._csrf_token, "Accept": "application/json"}
        return self._browser.post(
            f"{self._home}ratings", json=wish, headers=headers, timeout=(PATIENCE, hear_within)
        )


def learners(site: Site, count: int) -> list[Learner]:
    """Returns so many new learners who have opened the activity."""
    return in_parallel(lambda key: Learner(site, key).open(), site.lms.add_learners(count))


def form_of(page: requests.Response) -> tuple[str, dict[str, str]]:
    """Returns where the page's form goes, and what it sends."""
    assert page.status_code == 200, page.text
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert action, page.text
    fields = re.findall(
        r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text
    )
    return html.unescape(action[1]), {html.unescape(n): html.unescape(v) for n, v in fields}
