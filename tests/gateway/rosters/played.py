"""An LMS's roster as this test plays it: pages, groups, and trouble on any of them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select, update

from lti_tool.courses.models import Course, Identity, Membership, Person
from lti_tool.courses.rosters.models import CourseRoster
from lti_tool.courses.rosters.services import ask_for_roster
from lti_tool.kernel.http import HttpAnswer
from lti_tool.wiring.messages import make_worker
from tests.platform import as_json
from tests.tool import Tool, Visitor


def member(user_id: str, *roles: str, **more: Any) -> dict[str, Any]:
    """A member as Moodle lists them: short role names."""
    return {"user_id": user_id, "roles": list(roles or ("Learner",)), "name": f"N {user_id}"} | more


@dataclass
class PlayedRoster:
    """What one LMS says of one course; `trouble` answers a page instead of its people."""

    tool: Tool
    visitor: Visitor
    issuer: str = "https://lms-0.example"
    course: str = "course-1"
    pages: list[list[dict[str, Any]]] = field(default_factory=list)
    groups: list[dict[str, Any]] | None = None
    sets: list[dict[str, Any]] = field(default_factory=list)
    trouble: dict[int, HttpAnswer] = field(default_factory=dict)
    groups_trouble: HttpAnswer | None = None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        answers = self.tool.http.answers
        token = {"access_token": "token", "token_type": "Bearer", "expires_in": 3600}
        answers[f"{self.issuer}/token"] = as_json(token)
        answers[self.memberships_url] = self._page
        answers[f"{self.issuer}/{self.course}/groups"] = self._groups
        answers[f"{self.issuer}/{self.course}/sets"] = lambda *_: as_json({"sets": self.sets})
        self.offer()

    @property
    def memberships_url(self) -> str:
        return f"{self.issuer}/{self.course}/memberships"

    def offer(self) -> None:
        """The course knows its roster's address, as from a launch."""
        groups = f"{self.issuer}/{self.course}/groups" if self.groups is not None else ""
        sets = f"{self.issuer}/{self.course}/sets" if self.sets else ""
        with self.tool.database.transaction() as session:
            session.execute(
                update(Course)
                .where(Course.id == self.visitor.actor.course_id)
                .values(
                    memberships_url=self.memberships_url, groups_url=groups, group_sets_url=sets
                )
            )

    def refresh(self, *pages: list[dict[str, Any]]) -> None:
        """Has the roster fetched, as if the last time were long ago."""
        self.pages = list(pages) or self.pages
        self.ask_anew()
        make_worker(self.tool.runtime).drain()

    def ask_anew(self) -> None:
        course = self.visitor.actor.course_id
        with self.tool.database.transaction() as session:
            session.execute(update(CourseRoster).values(asked_at=None))
            registration = session.get_one(Course, course).registration_id
            assert ask_for_roster(session, course, registration, by_hand=True)

    def known(self) -> dict[str, Membership]:
        """Returns the memberships of the course by the LMS's ids."""
        with self.tool.database.transaction(write=False) as session:
            rows = session.execute(
                select(Identity.subject, Membership)
                .join(Membership, Membership.identity_id == Identity.id)
                .where(Membership.course_id == self.visitor.actor.course_id)
            )
            return {row.subject: row.Membership for row in rows}

    def names(self) -> dict[str, str]:
        with self.tool.database.transaction(write=False) as session:
            rows = session.execute(
                select(Identity.subject, Person.name).join(Person, Person.id == Identity.person_id)
            )
            return {row.subject: row.name for row in rows}

    def active(self) -> set[str]:
        return {subject for subject, one in self.known().items() if one.active}

    def state(self) -> CourseRoster:
        with self.tool.database.transaction(write=False) as session:
            return session.get_one(CourseRoster, self.visitor.actor.course_id)

    def _page(self, _method: str, url: str, _body: bytes) -> HttpAnswer:
        self.asked.append(url)
        number = int(parse_qs(urlsplit(url).query).get("page", ["1"])[0])
        if number in self.trouble:
            return self.trouble[number]
        people = self.pages[number - 1]
        following = f"{self.memberships_url}?page={number + 1}"
        links = {"Link": f'<{following}>; rel="next"'} if number < len(self.pages) else {}
        return as_json({"id": url, "members": people}, **links)

    def _groups(self, *_: object) -> HttpAnswer:
        return self.groups_trouble or as_json({"groups": self.groups or []})
