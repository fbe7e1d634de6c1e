"""Over real HTTP: the LMS's list comes with a tutor's visit, whole or not at all."""

import re

import requests

from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import LEVEL_1, Learner, form_of
from tests.journeys.lms import IMH101
from tests.journeys.processes import PATIENCE, eventually, local_http
from tests.journeys.servers import Site


class Tutor:
    """Somebody who teaches, on the course page, with a browser."""

    def __init__(self, site: Site, key: str) -> None:
        self._site = site
        self._browser = local_http()
        start = f"{site.lms.url}/courses/{IMH101}/items/{LEVEL_1}/launch?as={key}"
        page = self._browser.get(start, timeout=PATIENCE)
        for _form in ("login", "launch"):
            action, fields = form_of(page)
            page = self._browser.post(action, data=fields, timeout=PATIENCE)
        assert page.url.endswith("/course"), page.url
        self._url = page.url

    def page(self, query: str = "") -> str:
        answer = self._browser.get(f"{self._url}?{query}", timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.text

    def refresh(self) -> requests.Response:
        """Presses "Refresh now"."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page())
        assert token
        address = self._url.removesuffix("course") + "roster/refresh"
        sent = {"csrf_token": token[1], "sort": "name"}
        return self._browser.post(address, data=sent, timeout=PATIENCE)


def let_it_be_old(site: Site) -> None:
    """As if the LMS had been asked long ago."""
    from sqlalchemy import update

    from lti_tool.courses.rosters.models import CourseRoster

    with site.database.transaction() as session:
        session.execute(update(CourseRoster).values(asked_at=None))


def row_of(page: str, name: str) -> str:
    return next((row for row in page.split("<tr") if name in row), "")


@on("postgresql")
def test_the_list_of_participants_follows_the_lms(open_site: OpenSite) -> None:
    site = open_site("strict", embedded=True)
    site.lms.control("PUT", "settings", roster_page=3, storage="")
    Learner(site, "amina").open()
    morag = Tutor(site, "morag")
    eventually(lambda: "Cerys" in morag.page(), "who never came is in the table")
    page = morag.page()
    assert "never opened" in row_of(page, "Cerys")
    assert "never opened" not in row_of(page, "Amina")
    assert "7 learners" in page
    assert "Monday tutorial (3)" in page
    assert "Participants as of" in page
    assert "Try again in five minutes" in morag.refresh().text
    group = re.search(r'<option value="([^"]+)"[^>]*>\s*Monday tutorial', page)
    assert group
    assert "3 learners" in morag.page(f"group={group[1]}")
    # The second page fails, for good: nothing changes, and the reason is told.
    site.lms.control("DELETE", f"courses/{IMH101}/members/amina")
    site.lms.break_down({"kind": "401", "scope": "roster", "after": 1})
    let_it_be_old(site)
    assert "The list is being fetched" in morag.page()
    eventually(lambda: "did not give the list" in morag.page(), "the reason is told")
    assert "no longer in the course" not in morag.page()
    site.lms.mend()
    let_it_be_old(site)
    eventually(
        lambda: "no longer in the course" in row_of(morag.page(), "Amina"), "the list is whole"
    )
    site.lms.control("PUT", f"courses/{IMH101}/members/amina", role="learner")
    let_it_be_old(site)
    eventually(
        lambda: "no longer in the course" not in row_of(morag.page(), "Amina"), "she is back"
    )


@on("sqlite")
def test_a_copied_course_is_told_of(open_site: OpenSite) -> None:
    from sqlalchemy import select

    from lti_tool.gateway.rosters.models import CourseCopy, NoticeHandler

    site = open_site("strict", embedded=True)
    site.lms.control("PUT", "settings", storage="")
    Learner(site, "amina").open()

    def is_registered() -> bool:
        with site.database.transaction(write=False) as session:
            handler = session.execute(select(NoticeHandler)).scalar_one_or_none()
            return handler is not None and handler.registered_at is not None

    eventually(is_registered, "our address is registered")
    assert site.lms.control("POST", "notices", course=3, origins=[2]) == {"status": 202}
    with site.database.transaction(write=False) as session:
        assert session.execute(select(CourseCopy.origin)).scalar_one()
