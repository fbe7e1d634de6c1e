"""The development LMS of a test, and its control API."""

import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lti_tool.demo.app import create_lms
from lti_tool.demo.lms import EXTENSION
from lti_tool.demo.settings import LmsSettings
from tests.journeys.processes import ON_TIME, Running, eventually, is_free, local_http

if TYPE_CHECKING:
    from tests.journeys.servers import Site

IMH101, IMH201 = 2, 3


@cache
def _first_state() -> bytes:
    """Returns the LMS's database as its first start makes it, with people, courses and a key."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lms.db"
        app = create_lms(LmsSettings("http://127.0.0.1:1", "http://127.0.0.1:2", path))
        app.extensions[EXTENSION].database.close()  # the file alone is then whole
        return path.read_bytes()


class Lms:
    """The development LMS and its control API."""

    def __init__(self, site: "Site", port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._site = site
        self._port = port
        self._http = local_http()
        self._profile = "moodle"
        self.process: Running | None = None
        (site.folder / "lms.db").write_bytes(_first_state())

    def start(self, profile: str | None = None, *, clock_off_by: timedelta = ON_TIME) -> None:
        """Starts it, as the LMS that it was before, or as another."""
        self._profile = profile or self._profile
        eventually(lambda: is_free(self._port), "the LMS's port is free")
        self.process = self._site.started("lms", clock_off_by=clock_off_by)
        self._site.wait_until_up(self.process, f"{self.url}/control/state")
        self.control("PUT", "profile", profile=self._profile)

    def kill(self) -> None:
        assert self.process
        self.process.kill()

    def control(self, method: str, path: str, **sent: Any) -> Any:
        """Returns what the control API answers."""
        answer = self._http.request(method, f"{self.url}/control/{path}", json=sent, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def break_down(self, *faults: dict[str, Any]) -> None:
        """Switches these faults on, and all others off."""
        self.control("PUT", "faults", faults=list(faults))

    def mend(self) -> None:
        self.control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "faults")["faults"])

    def wait_until_met(self) -> None:
        """Waits until calls of the tool have met every fault that was switched on for them."""
        eventually(lambda: self.faults() == [], "each fault was met")

    def add_learners(self, count: int) -> list[str]:
        """Returns the keys of so many new learners of the first course."""
        added = self.control("POST", "learners", count=count, course=IMH101)["learners"]
        return [one["key"] for one in added]

    def cells(self) -> list[dict[str, Any]]:
        """Returns every cell of the gradebooks that was ever written."""
        return [
            cell
            for course in (IMH101, IMH201)
            for cell in self.control("GET", f"gradebook?course={course}")
        ]

    def log(self) -> dict[str, Any]:
        """Returns calls, counts, and the ledger of scores."""
        return dict(self.control("GET", "log"))

    def ledger(self) -> list[dict[str, Any]]:
        """Returns every score that arrived, in the order in which it was dealt with."""
        return list(self.log()["scores"])

    def stored(self) -> list[dict[str, Any]]:
        """Returns every score that went into the gradebook."""
        return [score for score in self.ledger() if score["is_stored"]]
