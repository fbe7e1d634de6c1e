"""The operator's commands: database, platforms, keys, grades."""

import click
from sqlalchemy import select

from lti_tool.cli.framework_import import what_moved
from lti_tool.cli.openings import open_runtime
from lti_tool.competencies.loading import use_frameworks
from lti_tool.competencies.wordings.keeping import record_shipped
from lti_tool.courses.queries import organisation_names
from lti_tool.gateway.keys import ensure_key
from lti_tool.gateway.models import ToolKey
from lti_tool.gateway.queries import all_registrations, deployments_of
from lti_tool.gateway.registrations import NewRegistration, add_registration, set_status
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.gateway.services import accept_deployment
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
def platform() -> None:
    """The LMSs that may launch this tool."""


@platform.command("add")
@click.option("--organisation", required=True, help="The training provider or employer.")
@click.option("--issuer", required=True, help="The LMS's issuer (platform id), exactly.")
@click.option("--client-id", required=True, help="What the LMS calls this tool.")
@click.option("--auth-login-url", required=True, help="The LMS's authentication request address.")
@click.option("--token-url", required=True, help="The LMS's access token address.")
@click.option("--jwks-url", required=True, help="The LMS's public key set.")
@click.option("--token-audience", default="", help="Audience of token requests, if not token-url.")
@click.option("--product", default="", help="moodle, canvas, …; learnt from launches otherwise.")
@click.option("--deployment", "deployments", multiple=True, help="Accept only these; may repeat.")
def platform_add(**options: str | tuple[str, ...]) -> None:
    """Connect an LMS, or change how it is connected."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        number = add_registration(session, NewRegistration(**options))  # type: ignore[arg-type]
    base = runtime.settings.base_url
    click.echo(f"Registration {number} is ready. In the LMS, this tool has the addresses:")
    for name, path in (
        ("tool URL", "/lti/launch"),
        ("login URL", "/lti/login"),
        ("redirect URI", "/lti/launch"),
        ("public key set", "/lti/jwks.json"),
    ):
        click.echo(f"  {name:<16}{base}{path}")


@platform.command("list")
def platform_list() -> None:
    """Show every registration with its deployments."""
    runtime = open_runtime()
    with runtime.database.transaction(write=False) as session:
        names = organisation_names(session)
        found = all_registrations(session)
        for one in found:
            known = one.protocol
            product = known.product or "unknown product"
            click.echo(f"{known.id}  {names[one.organisation_id]}  {one.status.value}  {product}")
            click.echo(f"   issuer {known.issuer}  client id {known.client_id}")
            for deployment, status in deployments_of(session, known.id):
                click.echo(f"   deployment {deployment}: {status}")
    if not found:
        click.echo("No LMS is connected yet: imhcf platform add --help")


@platform.command("disable")
@click.argument("registration", type=int)
def platform_disable(registration: int) -> None:
    """Let nobody in from this registration, at once."""
    with open_runtime().database.transaction() as session:
        set_status(session, registration, RegistrationStatus.DISABLED)
    click.echo(f"Registration {registration} is off; its sessions have ended.")


@platform.command("enable")
@click.argument("registration", type=int)
def platform_enable(registration: int) -> None:
    """Let people in from this registration again."""
    with open_runtime().database.transaction() as session:
        set_status(session, registration, RegistrationStatus.ACTIVE)
    click.echo(f"Registration {registration} is on.")


@platform.command("approve")
@click.argument("registration", type=int)
@click.option("--deployment", required=True, help="As `imhcf platform list` shows it.")
def platform_approve(registration: int, deployment: str) -> None:
    """Accept a deployment that is pending."""
    with open_runtime().database.transaction() as session:
        accept_deployment(session, registration, deployment)
    click.echo(f"Deployment {deployment} is accepted.")


@click.group()
def keys() -> None:
    """The tool's signing keys."""


@keys.command("list")
def keys_list() -> None:
    """Show the keys, newest first; makes the first one where there is none."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        ensure_key(session, runtime.secrets)
        for row in session.execute(select(ToolKey).order_by(ToolKey.id.desc())).scalars():
            click.echo(f"{row.kid}  {row.status}  made {row.created_at:%Y-%m-%d}")


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
        click.echo(
            f"{row.id}  registration {row.registration_id}  placement {row.placement_id}"
            f"  {row.value}/100  {row.state.value}{reason}  since {row.recorded_at:%Y-%m-%d %H:%M}"
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
