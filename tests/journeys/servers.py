"""A whole site for one test: a development LMS, the tool, its workers, and its database."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import func, select, text, update

from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.grades.models import Score
from lti_tool.kernel import clock
from lti_tool.kernel.database import Database
from lti_tool.outbox.models import Message
from tests.journeys.lms import IMH101, IMH201, Lms
from tests.journeys.processes import (
    ON_TIME,
    Running,
    Scene,
    eventually,
    free_port,
    is_free,
    local_http,
)

__all__ = ["IMH101", "IMH201", "Site"]

SETTINGS = {
    "IMHCF_SECRET_KEY": "a secret of thirty-two characters or more",
    "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
    "IMHCF_EMBEDDED_WORKER": "false",
    "IMHCF_GRADE_DELAY_SECONDS": "0.1",
    "IMHCF_OUTBOX_POLL_SECONDS": "0.1",
}


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
    def sending(self) -> Path:
        """Where processes note when they were sending a score."""
        return self.folder / "sending.log"

    def scene(self, clock_off_by: timedelta = ON_TIME, **more: str) -> Scene:
        """Returns what a process of this site finds."""
        return Scene(self.settings | more, self.log, self.sending, clock_off_by)

    def started(self, *arguments: str, clock_off_by: timedelta = ON_TIME, **more: str) -> Running:
        """Starts a command of `imhcf` and returns it, perhaps before it is up."""
        running = Running(self.scene(clock_off_by, **more), arguments)
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
        running = Running(Scene(self.settings, output, self.sending), arguments)
        assert running.wait() == 0, output.read_text()
        return output.read_text()

    def wait_until_up(self, running: Running, address: str) -> None:
        """Waits until the address answers; fails at once when its process has ended."""

        http = local_http()

        def answers() -> bool:
            assert running.is_alive, f"{running.name} ended:\n{self.tail()}"
            try:
                return http.get(address, timeout=30).status_code == 200
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
