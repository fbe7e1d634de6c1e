"""The operator's commands: database, grades."""

import click

from lti_tool.cli.framework_import import what_moved
from lti_tool.cli.openings import open_runtime
from lti_tool.competencies.loading import use_frameworks
from lti_tool.competencies.wordings.keeping import record_shipped
from lti_tool.grades import services as grade_services
from lti_tool.grades.queries import undelivered
from lti_tool.kernel.database import Database
from lti_tool.kernel.settings import load_settings
from lti_tool.schema import migrate


@click.group()
def db() -> None:
    """The database and its migrations."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database up to this program's revision."""
    settings = load_settings()
    use_frameworks(settings.added_frameworks)
    database = Database(settings.database)
    migrate.upgrade(database)
    with database.transaction() as session:
        recorded = record_shipped(session)
    click.echo(f"The database is at revision {migrate.head()}.")
    for line in filter(None, map(what_moved, recorded)):
        click.echo(line)


@db.command("current")
def db_current() -> None:
    """Say at which revision the database is."""
    found = migrate.current(Database(load_settings().database))
    click.echo(f"{found or 'no tables yet'} (this program needs {migrate.head()})")


@click.group()
def grades() -> None:
    """Grades on their way to the LMSs."""


@grades.command("list")
def grades_list() -> None:
    """Show every grade that its LMS does not have yet, and why."""
    with open_runtime().database.transaction(write=False) as session:
        waiting = undelivered(session)
    for row in waiting:
        reason = f" ({row.reason})" if row.reason else ""
        value = "handed in" if row.value is None else f"{row.value}/100"
        click.echo(
            f"{row.id}  registration {row.registration_id}  placement {row.placement_id}"
            f"{f' ({row.part})' if row.part else ''}"
            f"  {value}  {row.state.value}{reason}  since {row.recorded_at:%Y-%m-%d %H:%M}"
        )
    if not waiting:
        click.echo("Every grade has arrived.")


@grades.command("retry")
@click.argument("scores", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every grade that has not arrived.")
def grades_retry(scores: tuple[int, ...], *, everything: bool) -> None:
    """Send grades again that failed or wait: by number, or all of them."""
    if not scores and not everything:
        raise click.UsageError("Name the grades by their numbers, or say --all.")
    with open_runtime().database.transaction() as session:
        wanted = [row.id for row in undelivered(session)] if everything else list(scores)
        count = grade_services.retry(session, wanted)
    click.echo(f"{count} grade(s) will be sent again by the worker.")
