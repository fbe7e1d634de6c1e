"""`imhcf doctor`: what is wrong with this installation, and how to mend it, one line each."""

import os
from collections.abc import Iterator
from datetime import timedelta

import click
from sqlalchemy import func, select

from lti_tool.exports.papers.diagnosis import diagnose_papers
from lti_tool.gateway.diagnosis import Finding, diagnose, diagnose_keys, tried
from lti_tool.gateway.queries import all_registrations
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime, make_runtime
from lti_tool.kernel.settings import load_settings
from lti_tool.outbox.models import Message
from lti_tool.schema import migrate

# A message that has been due for this long says that no worker is there to take it.
PATIENCE = timedelta(minutes=5)


@click.command()
def doctor() -> None:
    """Check this installation; status 1 when something is wrong."""
    runtime = make_runtime(load_settings())
    is_well = True
    for finding in examine(runtime):
        mark = "!!" if finding.mend else "ok"
        mend = f" → {finding.mend}" if finding.mend else ""
        click.echo(f"{mark}  {finding.subject}: {finding.says}{mend}")
        is_well = is_well and not finding.mend
    if not is_well:
        raise click.exceptions.Exit(1)


def examine(runtime: Runtime) -> Iterator[Finding]:
    """Yields the findings; what cannot be looked at for want of a database is left out."""
    yield _base_url(runtime)
    yield _storage(runtime)
    yield _limits(runtime)
    yield Finding("papers", *diagnose_papers(runtime.settings.pdf_renderer))
    database = tried("database", lambda: _database(runtime), "Check IMHCF_DATABASE_URL.")
    yield database
    if database.mend:
        return
    migrations = _migrations(runtime)
    yield migrations
    if migrations.mend:
        return
    yield tried("keys", lambda: diagnose_keys(runtime), "Set IMHCF_SECRET_KEY to what it was.")
    yield _worker(runtime)
    with runtime.database.transaction(write=False) as session:
        registrations = all_registrations(session)
    if not registrations:
        yield Finding("platforms", "none is connected", "imhcf platform add --help")
    for registration in registrations:
        yield from diagnose(runtime, registration)


def _base_url(runtime: Runtime) -> Finding:
    settings = runtime.settings
    if settings.is_https:
        return Finding("base URL", settings.base_url)
    return Finding("base URL", f"{settings.base_url} (this machine only, for development)")


def _storage(runtime: Runtime) -> Finding:
    folder = runtime.settings.storage
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Finding("storage", f"{folder}: {error.strerror}", "Set IMHCF_STORAGE_URL.")
    if not os.access(folder, os.W_OK):
        return Finding("storage", f"{folder} cannot be written", "Change its owner or mode.")
    return Finding("storage", str(folder))


def _limits(runtime: Runtime) -> Finding:
    settings = runtime.settings
    if settings.is_https and not settings.trusted_proxies:
        # We speak no TLS ourselves: somebody in front does, and everybody seems to be there.
        mend = "Set IMHCF_TRUSTED_PROXIES to how many proxies stand in front."
        return Finding("limits", "all people count as one network, that of the proxy", mend)
    if not settings.redis_url:
        return Finding("limits", "counted in each process")
    from lti_tool.web.shared_counts import InRedis  # its library is slow to import

    if not InRedis(settings.redis_url).answers():
        mend = "Check IMHCF_REDIS_URL."
        return Finding("limits", "Redis does not answer: each process counts by itself", mend)
    return Finding("limits", "counted in Redis, for all processes together")


def _database(runtime: Runtime) -> Finding:
    with runtime.database.engine.connect() as connection:
        connection.execute(select(1))
    shown = runtime.database.url.render_as_string(hide_password=True)
    return Finding("database", shown)


def _migrations(runtime: Runtime) -> Finding:
    found, needed = migrate.current(runtime.database), migrate.head()
    if found == needed:
        return Finding("migrations", f"at {needed}")
    return Finding("migrations", f"at {found or 'none'}, needs {needed}", "imhcf db upgrade")


def _worker(runtime: Runtime) -> Finding:
    with runtime.database.transaction(write=False) as session:
        waiting = session.execute(select(func.count()).select_from(Message)).scalar_one()
        overdue = session.execute(
            select(func.count())
            .select_from(Message)
            .where(Message.lease == "", Message.available_at < clock.now() - PATIENCE)
        ).scalar_one()
    if overdue:
        mend = "Start one: imhcf worker (or imhcf run with IMHCF_EMBEDDED_WORKER=true)."
        return Finding("worker", f"{overdue} message(s) are overdue: no worker runs", mend)
    return Finding("worker", f"nothing is overdue; {waiting} message(s) wait their time")
