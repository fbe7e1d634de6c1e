"""What every command opens first: settings, and a database that is there and up to date."""

from typing import Any

from lti_tool.competencies.loading import use_frameworks
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.runtime import Runtime, make_runtime
from lti_tool.kernel.settings import load_settings
from lti_tool.schema import migrate


def open_runtime(**overrides: Any) -> Runtime:
    """Returns the runtime; an embedded database is made and migrated if need be.

    Raises `Misconfigured` when a PostgreSQL database is not at this program's revision: only
    `imhcf db upgrade` changes that one.
    """
    runtime = make_runtime(load_settings(**overrides))
    use_frameworks(runtime.settings.added_frameworks)
    if runtime.settings.is_embedded:
        migrate.upgrade(runtime.database)
    elif (found := migrate.current(runtime.database)) != migrate.head():
        raise Misconfigured(
            f"The database is at revision {found or 'none'}, this program needs {migrate.head()}.",
            code="migrations-missing",
            advice="Run: imhcf db upgrade",
        )
    return runtime
