"""The operator's commands about invitations, and about an LMS that moved."""

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.courses.queries import organisation_names
from lti_tool.gateway.connecting.facts import REGISTER_PATH
from lti_tool.gateway.connecting.invitations import invite, revoke
from lti_tool.gateway.connecting.queries import all_invitations
from lti_tool.gateway.connecting.replacing import Addresses, replace_registration
from lti_tool.gateway.connecting.rules import INVITATION_DAYS
from lti_tool.gateway.registrations import check_addresses
from lti_tool.gateway.rules import DeploymentPolicy
from lti_tool.kernel import clock


@click.command("invite")
@click.option("--organisation", required=True, help="Whose LMS it is; made if it is new.")
@click.option("--days", default=INVITATION_DAYS, show_default=True, help="How long it is good.")
@click.option("--replaces", type=int, help="The registration whose LMS moved; it keeps its people.")
@click.option(
    "--policy",
    type=click.Choice([policy.value for policy in DeploymentPolicy]),
    default=DeploymentPolicy.ACCEPT.value,
    show_default=True,
    help="Accept every deployment, or only those that are known.",
)
def platform_invite(organisation: str, days: int, replaces: int | None, policy: str) -> None:
    """Make an address with which an LMS connects itself, once."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        is_new = organisation.strip() not in organisation_names(session).values()
        token = invite(
            session,
            organisation,
            days=days,
            policy=DeploymentPolicy(policy),
            replaces=replaces,
        )
    click.echo(f"{runtime.settings.base_url}{REGISTER_PATH}/{token}")
    click.echo(
        f"\nPaste it into the LMS as the registration address. It connects one LMS to"
        f" {organisation.strip()}, within {days} day(s), and is not shown again.",
        err=True,
    )
    if is_new:
        click.echo(f"{organisation.strip()} is a new organisation here.", err=True)


@click.command("invitations")
def platform_invitations() -> None:
    """Show the invitations, newest first."""
    with open_runtime().database.transaction(write=False) as session:
        found = all_invitations(session)
    for one in found:
        state = one.state(clock.now())
        where = f"  registration {one.registration_id}" if one.registration_id else ""
        instead = f"  replaces {one.replaces_id}" if one.replaces_id else ""
        click.echo(
            f"{one.id}  {one.organisation}  {state}  until {one.ends_at:%Y-%m-%d}{instead}{where}"
        )
    if not found:
        click.echo("There are no invitations: imhcf platform invite --organisation NAME")


@click.command("revoke")
@click.argument("invitation", type=int)
def platform_revoke(invitation: int) -> None:
    """Withdraw an invitation that was not used yet."""
    with open_runtime().database.transaction() as session:
        revoke(session, invitation)
    click.echo(f"Invitation {invitation} can no longer be used.")


@click.command("replace")
@click.argument("registration", type=int)
@click.option("--issuer", required=True, help="The LMS's issuer now, exactly.")
@click.option("--client-id", required=True, help="What the LMS calls this tool now.")
@click.option("--auth-login-url", required=True, help="The LMS's authentication request address.")
@click.option("--token-url", required=True, help="The LMS's access token address.")
@click.option("--jwks-url", required=True, help="The LMS's public key set.")
@click.option("--token-audience", default="", help="Audience of token requests, if not token-url.")
@click.option("--product", default="", help="As before, if not said.")
@click.option(
    "--deployment",
    "deployments",
    multiple=True,
    metavar="[OLD=]NEW",
    help="What a deployment is called now; may repeat with OLD=.",
)
def platform_replace(registration: int, deployments: tuple[str, ...], **options: str) -> None:
    """Go on with an LMS that moved: its people, courses, placements and grades are kept."""
    moves = dict(one.split("=", 1) for one in deployments if "=" in one)
    named = [one for one in deployments if "=" not in one]
    if len(named) > 1:
        raise click.UsageError("Say OLD=NEW where there are several deployments.")
    new = Addresses(**options, deployment=named[0] if named else "")
    check_addresses(new)
    with open_runtime().database.transaction() as session:
        replace_registration(session, registration, new, deployments=moves)
    click.echo(
        f"Registration {registration} is now {new.issuer}, client id {new.client_id}."
        " Its sessions have ended; people open their activities again from the LMS."
    )


COMMANDS = (platform_invite, platform_invitations, platform_revoke, platform_replace)
