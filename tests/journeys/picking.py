"""A tutor over HTTP: picks activities for a course of the LMS, sets them up, copies courses."""

import html
import re
from typing import Any

import requests

from tests.journeys.lms import IMH101
from tests.journeys.processes import PATIENCE, local_http
from tests.journeys.servers import Site

TUTOR = "morag"
ALL = [str(number) for number in range(1, 8)]


class Tutor:
    """One tutor with one browser, in one course."""

    def __init__(self, site: Site, course: int = IMH101, key: str = TUTOR) -> None:
        self.site, self.course, self.key = site, course, key
        self._browser = local_http()
        self._browser.cookies.set("lms_user", key)
        self.home = ""

    def pick(self, *items: dict[str, Any], place: str = "") -> requests.Response:
        """Picks activities; returns the LMS's page about the tool's answer."""
        query = f"?as={self.key}" + (f"&place={place}" if place else "")
        page = self._launched(f"/courses/{self.course}/add/launch{query}")
        assert "/pick/" in page.url, page.text
        for item in items:
            form = f"{page.url}add/{item.get('instrument', 'self-assessment-1')}"
            typed = {"title": "Picked", "domains": ALL, "grade_rule": "completion"}
            self.post(form, typed | {"text": "", "points": "100"} | item, form)
        answer = self.post(f"{page.url}send", {}, page.url)
        action, fields = form_of(answer.text)
        return self._browser.post(action, data=fields, timeout=PATIENCE)

    def open(self, item: int) -> None:
        """Launches an activity, as a tutor."""
        path = f"/courses/{self.course}/items/{item}/launch?as={self.key}"
        page = self._launched(path)
        self.home = re.match(r"(.*/p/[^/]+/)", page.url)[1]  # type: ignore[index]

    def set_up(self, instrument: str, domains: tuple[int, ...], rule: str) -> None:
        ticked = [f"{instrument}:{number}" for number in domains]
        form = {"instrument": instrument, "domains": ticked, "grade_rule": rule}
        address = f"{self.home}set-up"
        assert "set_up=saved" in self.post(address, form, address).url

    def course_page(self) -> str:
        return self._browser.get(f"{self.home}course", timeout=PATIENCE).text

    def change(self, path: str, **form: str) -> requests.Response:
        """Changes the course on the LMS's own pages."""
        address = f"{self.site.lms.url}/courses/{self.course}/{path}?as={self.key}"
        answer = self._browser.post(address, form, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer

    def copy_course(self) -> "Tutor":
        made = int(self.change("copy").url.rpartition("/")[2])
        return Tutor(self.site, made, self.key)

    def items(self) -> dict[str, dict[str, Any]]:
        """The activities of the course, by title."""
        courses = self.site.lms.control("GET", "state")["courses"]
        (here,) = [one for one in courses if one["id"] == self.course]
        return {item["title"]: item for item in here["items"]}

    def enrol(self, key: str) -> None:
        self.site.lms.control("PUT", f"courses/{self.course}/members/{key}", role="learner")

    def post(self, address: str, form: dict[str, Any], page: str) -> requests.Response:
        """Posts a form of a page of the tool's."""
        text = self._browser.get(page, timeout=PATIENCE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert token, text
        sent = form | {"csrf_token": token[1]}
        answer = self._browser.post(address, data=sent, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer

    def _launched(self, path: str) -> requests.Response:
        page = self._browser.get(self.site.lms.url + path, timeout=PATIENCE)
        for _form in ("login", "launch"):
            assert page.status_code == 200, page.text
            action, fields = form_of(page.text)
            page = self._browser.post(action, data=fields, timeout=PATIENCE)
        assert page.status_code == 200, page.text
        assert page.url.startswith(f"{self.site.url}/at/"), page.url
        return page


def form_of(text: str) -> tuple[str, dict[str, str]]:
    """Returns where the page's form goes, and what it sends."""
    action = re.search(r'<form[^>]*action="([^"]+)"', text)
    assert action, text
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text)
    return html.unescape(action[1]), {html.unescape(n): html.unescape(v) for n, v in fields}
