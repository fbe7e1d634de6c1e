"""Learners with a portfolio and assessors at their desk, over HTTP; and an office that appoints."""

import html
import re
from typing import Any

import requests
from sqlalchemy import select

from lti_tool.competencies.queries import instrument
from lti_tool.courses.models import Membership, Person
from lti_tool.demo.seed import REVIEWERS
from lti_tool.kernel.actor import Actor, Role
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import appoint
from tests.journeys.learner import form_of
from tests.journeys.lms import IMH201
from tests.journeys.processes import PATIENCE, local_http
from tests.journeys.servers import Site

LEVEL_1, READING = 24, 51
CODES = tuple(instrument("portfolio-1").by_code)


class Gone(Exception):
    """The tool ended before it answered."""


class Member:
    """Somebody in a course with a browser."""

    def __init__(self, site: Site, key: str, item: int, course: int) -> None:
        self._site = site
        self._start = f"{site.lms.url}/courses/{course}/items/{item}/launch?as={key}"
        self._browser = local_http()
        self.home = ""

    def launch(self) -> None:
        page = self._browser.get(self._start, timeout=PATIENCE)
        for _form in ("login", "launch"):
            action, fields = form_of(page)
            page = self._browser.post(action, data=fields, timeout=PATIENCE)
            if plain := re.search(r'<a href="([^"]+)" data-plain', page.text):
                page = self._browser.get(html.unescape(plain[1]), timeout=PATIENCE)
        found = re.match(r".*/at/[^/]+/p/[^/]+/", page.url)
        assert found, (page.url, page.text)
        self.home = found[0]

    def get(self, path: str) -> requests.Response:
        return self._browser.get(self.home + path, timeout=PATIENCE)

    def send(
        self, path: str, data: Any = None, *, json: Any = None, method: str = "POST"
    ) -> requests.Response:
        """Posts what a page would; raises `Gone` when nobody answers. Redirects are not followed."""
        headers = {"X-CSRFToken": self._token}
        if json is not None:
            headers["Accept"] = "application/json"
        if isinstance(data, bytes):
            headers |= {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        elif data is not None:
            data = dict(data) | {"csrf_token": self._token}
        address = self.home + path if not path.startswith("/") else self._site.url + path
        try:
            return self._browser.request(
                method, address, data=data, json=json, headers=headers,
                timeout=PATIENCE, allow_redirects=False,
            )  # fmt: skip
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise Gone from error

    def read_token(self, path: str) -> None:
        """Takes the secret of forms from a page."""
        page = self.get(path)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert found, page.text
        self._token = html.unescape(found[1])


class Writer(Member):
    """A learner whose portfolio at Level 1 is written."""

    def __init__(self, site: Site, key: str = "amina") -> None:
        super().__init__(site, key, LEVEL_1, IMH201)
        self.launch()
        self.read_token("portfolio/level")
        assert self.send("portfolio/level", {"instrument": "portfolio-1"}).status_code == 303
        found = re.search(r"/portfolio/([^/\"]+)/task/", self.get("portfolio/").text)
        assert found
        self.path = f"portfolio/{found[1]}"
        for code in CODES:
            self.write(code)

    def write(
        self, code: str, version: int = 0, text: str = "I waited, and then I named it."
    ) -> None:
        wish = {"text": f"{text} {code}", "version": version, "declaration": "anonymised"}
        answer = self.send(f"{self.path}/task/{code}/text", json=wish)
        assert answer.status_code == 200, answer.text

    def hand_in(self) -> requests.Response:
        return self.send(f"{self.path}/hand-in", {"understood": "yes"})


class Assessor(Member):
    """Somebody whom the organisation appointed, at their desk."""

    def __init__(self, site: Site, key: str) -> None:
        super().__init__(site, key, READING, REVIEWERS)
        self.launch()
        _appoint(site, key)
        self.read_token("desk/phrases")

    def read(self, review: str, not_met: tuple[str, ...] = ()) -> None:
        """Begins, finds, concludes and finishes, as the desk's pages do."""
        desk = f"desk/{review}"
        assert self.send(f"{desk}/begin", {}).status_code == 303
        for code in CODES:
            verdict = "partly" if code in not_met else "met"
            found = {"what": "finding", "code": code, "verdict": verdict, "version": 0}
            self._keep(desk, found | {"feedback": "Say more." if code in not_met else ""})
        overall = "more-evidence" if not_met else "recognised"
        whole = {"what": "conclusion", "verdict": overall, "summary": "Read with care."}
        self._keep(desk, whole | {"version": 0})
        assert self.send(f"{desk}/finish", {}).status_code == 303

    def release(self, review: str) -> requests.Response:
        """Releases what the decision's page shows."""
        path = f"desk/{review}/decision"
        seen = re.search(r'name="seen"[^>]*value="([^"]*)"', self.get(path).text)
        return self.send(path, {"seen": seen[1] if seen else "", "words": "both"})

    def _keep(self, desk: str, wish: dict[str, Any]) -> None:
        answer = self.send(f"{desk}/keep", json=wish)
        assert answer.status_code == 200, answer.text


def _appoint(site: Site, key: str) -> None:
    """As an administrator does on their page."""
    with site.database.transaction() as session:
        person, organisation, course, membership = session.execute(
            select(Person.public_id, Person.organisation_id, Membership.course_id, Membership.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(Person.name.startswith(key.capitalize()))
        ).one()
        some = session.execute(select(Person.id).where(Person.public_id == person)).scalar_one()
        office = Actor(some, organisation, course, membership, frozenset({Role.ADMINISTRATOR}))
        appoint(session, office, person, Appointment((1, 2, 3), 10, moderates=False))
