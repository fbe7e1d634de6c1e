"""Where the services of a profile are. All profiles' addresses answer all the time.

They look as they do in the LMS that the profile stands for; a tool must take them as they
come. What a tool adds, `/scores` and `/results`, goes on the path and before the query
(AGS 2.0, sections 3.3 and 3.4).
"""

from dataclasses import dataclass

NOTICE_HANDLERS = "/lti/notice-handlers/{deployment}"


@dataclass(frozen=True, slots=True)
class Paths:
    """Path templates with `{course}` and `{item}`, and the query that line items carry."""

    lineitems: str
    lineitem: str
    memberships: str
    query: str = ""
    groups: str = ""
    group_sets: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A profile's paths on this LMS's origin."""

    base_url: str
    paths: Paths

    def lineitems(self, course_id: int) -> str:
        """Returns the address of a course's line item container."""
        return self._made(self.paths.lineitems, course_id) + self.paths.query

    def lineitem(self, course_id: int, item_id: int) -> str:
        """Returns the address of one line item."""
        return self._made(self.paths.lineitem, course_id, item_id) + self.paths.query

    def results(self, course_id: int, item_id: int) -> str:
        """Returns the address of a line item's results."""
        return self._made(self.paths.lineitem + "/results", course_id, item_id) + self.paths.query

    def memberships(self, course_id: int) -> str:
        """Returns the address of a course's roster."""
        return self._made(self.paths.memberships, course_id)

    def groups(self, course_id: int) -> str:
        """Returns the address of a course's groups."""
        return self._made(self.paths.groups, course_id)

    def group_sets(self, course_id: int) -> str:
        """Returns the address of the sets of a course's groups."""
        return self._made(self.paths.group_sets, course_id)

    def notice_handlers(self, deployment: str) -> str:
        """Returns the address at which a deployment's notices are asked for."""
        return self.base_url + NOTICE_HANDLERS.format(deployment=deployment)

    def _made(self, template: str, course_id: int, item_id: int = 0) -> str:
        return self.base_url + template.format(course=course_id, item=item_id)
