"""A whole site for one test: a development LMS, the tool, its workers, and its database."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select, text, update

from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.grades.models import Score
from lti_tool.kernel import clock
from lti_tool.kernel.database import Database
from lti_tool.outbox.models import Message
from tests.journeys.processes import Running, Scene, eventually, free_port, is_free

ON_TIME = timedelta(0)
SETTINGS = {
    "IMHCF_SECRET_KEY": "a secret of thirty-two characters or more",
    "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
    "IMHCF_EMBEDDED_WORKER": "false",
    "IMHCF_GRADE_DELAY_SECONDS": "0.1",
    "IMHCF_OUTBOX_POLL_SECONDS": "0.05",
}
IMH101, IMH201 = 2, 3


class Lms:
    """The development LMS and its control API."""

    def __init__(self, site: "Site", port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._site = site
        self._port = port
        self._http = requests.Session()
        self._profile = "moodle"
        self.process: Running | None = None

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


class Site:
    """The parts of one installation, on ports of their own, and everything that runs there."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.folder = folder
        port, lms_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.lms = Lms(self, lms_port)
        self.database = Database(database_url)
        self.running: list[Running] = []
        self.web: Running | None = None
        self._port = port
        self.settings = SETTINGS | {
            "IMHCF_BASE_URL": self.url,
            "IMHCF_PORT": str(port),
            "IMHCF_DEMO_PORT": str(lms_port),
            "IMHCF_DATA_DIR": str(folder),
            "IMHCF_DATABASE_URL": database_url,
            **{f"IMHCF_{name.upper()}": value for name, value in settings.items()},
        }
        self._register()

    @property
    def log(self) -> Path:
        return self.folder / "processes.log"

    @property
    def held(self) -> Path:
        """Where processes note for how long they held a message."""
        return self.folder / "held.log"

    def started(self, *arguments: str, clock_off_by: timedelta = ON_TIME, **more: str) -> Running:
        """Starts a command of `imhcf` and returns it, perhaps before it is up."""
        scene = Scene(self.settings | more, self.log, self.held, clock_off_by)
        running = Running(scene, arguments)
        self.running.append(running)
        return running

    def start_web(self, *, embedded: bool = False, clock_off_by: timedelta = ON_TIME) -> None:
        """Starts `imhcf run` and waits until it serves."""
        eventually(lambda: is_free(self._port), "the tool's port is free")
        more = {"IMHCF_EMBEDDED_WORKER": str(embedded).lower()}
        self.web = self.started("run", clock_off_by=clock_off_by, **more)
        self.wait_until_up(self.web, f"{self.url}/readyz")

    def kill_web(self) -> None:
        assert self.web
        self.web.kill()

    def start_worker(self, *, clock_off_by: timedelta = ON_TIME) -> Running:
        """Starts `imhcf worker`."""
        return self.started("worker", clock_off_by=clock_off_by)

    def command(self, *arguments: str) -> str:
        """Runs a command to its end and returns what it printed."""
        output = self.folder / "command.log"
        output.unlink(missing_ok=True)
        running = Running(Scene(self.settings, output, self.held), arguments)
        assert running.wait() == 0, output.read_text()
        return output.read_text()

    def wait_until_up(self, running: Running, address: str) -> None:
        """Waits until the address answers; fails at once when its process has ended."""

        def answers() -> bool:
            assert running.is_alive, f"{running.name} ended:\n{self.tail()}"
            try:
                return requests.get(address, timeout=30).status_code == 200
            except requests.RequestException:
                return False

        eventually(answers, f"{address} answers")

    def close(self) -> None:
        """Ends everything that was started here, each by its own id."""
        for running in self.running:
            running.kill()
        self.database.dispose()

    def tail(self) -> str:
        """Returns the end of what the processes wrote."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])

    def waiting(self) -> int:
        """Returns how many messages there are in the outbox."""
        with self.database.transaction(write=False) as session:
            return session.execute(select(func.count()).select_from(Message)).scalar_one()

    def scores(self) -> list[Score]:
        """Returns every score of the tool."""
        with self.database.transaction(write=False) as session:
            return list(session.execute(select(Score).order_by(Score.id)).scalars())

    def messages(self) -> list[Message]:
        """Returns every message in the outbox."""
        with self.database.transaction(write=False) as session:
            return list(session.execute(select(Message).order_by(Message.id)).scalars())

    def let_leases_end(self) -> None:
        """Ends the leases of dead workers now: that they end by themselves is a test of its own."""
        with self.database.transaction() as session:
            leased = update(Message).where(Message.lease != "")
            session.execute(leased.values(leased_until=clock.now()))

    def freeze(self, running: Running) -> None:
        """Freezes a process at a moment when nobody waits for a lock that it holds."""
        running.freeze()
        while not self._is_unlocked():
            running.thaw()
            time.sleep(0.01)
            running.freeze()

    def wait_for_a_waiter(self) -> None:
        """Waits until a process waits for a lock that the test holds."""
        if self.database.is_sqlite:
            time.sleep(0.5)  # SQLite does not say
            return
        eventually(lambda: self._others("wait_event_type = 'Lock'"), "somebody waits")

    def _is_unlocked(self) -> bool:
        if not self.database.is_sqlite:
            return self._others("xact_start IS NOT NULL") == 0
        path = str(self.database.url.database)
        try:
            with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def _others(self, condition: str) -> int:
        """Returns how many other connections PostgreSQL sees in this state."""
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        with self.database.engine.connect() as connection:
            counted = f"SELECT count(*) FROM pg_stat_activity WHERE {mine} AND {condition}"
            return int(connection.execute(text(counted)).scalar_one())

    def _register(self) -> None:
        facts = platform_facts(LmsSettings(self.lms.url, self.url, Path(os.devnull)))
        with self.database.transaction() as session:
            add_registration(
                session,
                NewRegistration(
                    organisation="Willow Training",
                    issuer=facts.issuer,
                    client_id=facts.client_id,
                    auth_login_url=facts.auth_login_url,
                    token_url=facts.token_url,
                    jwks_url=facts.jwks_url,
                    product=facts.product,
                ),
            )
