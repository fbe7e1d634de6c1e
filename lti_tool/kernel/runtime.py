"""What a running process is given: settings, database, secrets, and the way out to LMSs."""

from dataclasses import dataclass
from datetime import timedelta

from lti_tool.kernel.database import Database
from lti_tool.kernel.http import HttpClient
from lti_tool.kernel.outgoing import Outgoing
from lti_tool.kernel.secrets import SecretBox, secret_box
from lti_tool.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """The things that are made once in a process and handed to whoever needs them."""

    settings: Settings
    database: Database
    secrets: SecretBox
    http: HttpClient

    @property
    def grade_delay(self) -> timedelta:
        """How long changes are gathered before they go to the gradebook as one."""
        return timedelta(seconds=self.settings.grade_delay_seconds)


def make_runtime(settings: Settings) -> Runtime:
    """Returns the runtime for these settings. Opens nothing yet but the connection pool."""
    return Runtime(
        settings=settings,
        database=Database(settings.database, pool_size=settings.web_threads + 4),
        secrets=secret_box(settings),
        http=Outgoing(
            allow_private=settings.allow_private_network,
            timeout=settings.outgoing_timeout_seconds,
        ),
    )
