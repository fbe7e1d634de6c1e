"""The operator's commands about LMSs: connecting them by hand, and what is stored of each."""

import click
from sqlalchemy.orm import Session

from lti_tool.cli.openings import open_runtime
from lti_tool.courses.queries import organisation_names
from lti_tool.gateway.connecting.facts import CANVAS_PATH, CONNECT_PATH, custom_parameters, values
from lti_tool.gateway.connecting.queries import (
    RegistrationFacts,
    registration_facts,
    waiting_registrations,
)
from lti_tool.gateway.connecting.services import approve
from lti_tool.gateway.organisation.services import (
    accept,
    note_approval,
    open_by_operator,
    rename,
    set_policy,
    switch,
)
from lti_tool.gateway.queries import all_registrations, deployments_of
from lti_tool.gateway.registrations import (
    NewRegistration,
    add_registration,
    registration_unknown,
)
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus


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
    click.echo(f"Registration {number} is ready. In the LMS, this tool has the addresses:")
    _print_values(runtime.settings.base_url)


@platform.command("list")
def platform_list() -> None:
    """Show every registration with its deployments, and what waits for approval."""
    runtime = open_runtime()
    with runtime.database.transaction(write=False) as session:
        names = organisation_names(session)
        found = all_registrations(session)
        for one in found:
            known = one.protocol
            product = known.product or "unknown product"
            click.echo(f"{known.id}  {names[one.organisation_id]}  {one.status.value}  {product}")
            if name := _facts(session, known.id).name:
                click.echo(f"   called {name}")
            click.echo(f"   issuer {known.issuer}  client id {known.client_id}")
            for deployment, status in deployments_of(session, known.id):
                click.echo(f"   deployment {deployment}: {status}")
        waiting = waiting_registrations(session)
        for row in waiting:
            product = row.product or "unknown product"
            click.echo(f"waiting {row.id}  {row.name or 'no name'}  {product}")
            click.echo(f"   issuer {row.issuer}  client id {row.client_id}")
            click.echo(f"   until {row.ends_at:%Y-%m-%d}; to approve it:")
            click.echo(f"   imhcf platform approve {row.id} --organisation NAME")
    if not found and not waiting:
        click.echo("No LMS is connected yet: imhcf platform invite --organisation NAME")


@platform.command("show")
@click.argument("registration", type=int, required=False)
def platform_show(registration: int | None) -> None:
    """Print the values to enter in an LMS; with a number, what is stored of that registration."""
    runtime = open_runtime()
    if registration is None:
        click.echo("To enter in the LMS:")
        _print_values(runtime.settings.base_url)
        return
    with runtime.database.transaction(write=False) as session:
        found = _facts(session, registration)
        deployments = deployments_of(session, registration)
    for name, text in (
        ("organisation", found.organisation),
        ("name", found.name),
        ("status", found.status),
        ("product", found.product),
        ("issuer", found.issuer),
        ("client id", found.client_id),
        ("auth login URL", found.auth_login_url),
        ("token URL", found.token_url),
        ("token audience", found.token_audience or "the token URL"),
        ("keyset URL", found.jwks_url),
        ("connected", f"{found.created_at:%Y-%m-%d}"),
        ("deployments", f"{found.deployment_policy} (policy)"),
        *((f"  {deployment}", status) for deployment, status in deployments),
        ("scopes", "" if found.scopes else "the LMS did not say"),
        *(("", scope) for scope in found.scopes),
    ):
        click.echo(f"{name:<16}{text or '-' if name else text}")


@platform.command("rename")
@click.argument("registration", type=int)
@click.argument("name")
def platform_rename(registration: int, name: str) -> None:
    """Give a registration a name of your own; an empty one takes it away."""
    with open_runtime().database.transaction() as session:
        rename(open_by_operator(session, registration), name)
    click.echo(f"Registration {registration} is called: {name.strip() or 'by its issuer'}")


@platform.command("policy")
@click.argument("registration", type=int)
@click.argument("policy", type=click.Choice([policy.value for policy in DeploymentPolicy]))
def platform_policy(registration: int, policy: str) -> None:
    """Say what happens to a deployment that nobody has named: accept it, or let it wait."""
    with open_runtime().database.transaction() as session:
        set_policy(open_by_operator(session, registration), DeploymentPolicy(policy))
    click.echo(
        f"Registration {registration} accepts every deployment."
        if policy == DeploymentPolicy.ACCEPT
        else f"Registration {registration} accepts only deployments that are approved."
    )


@platform.command("disable")
@click.argument("registration", type=int)
def platform_disable(registration: int) -> None:
    """Let nobody in from this registration, at once."""
    with open_runtime().database.transaction() as session:
        switch(open_by_operator(session, registration), RegistrationStatus.DISABLED)
    click.echo(f"Registration {registration} is off; its sessions have ended.")


@platform.command("enable")
@click.argument("registration", type=int)
def platform_enable(registration: int) -> None:
    """Let people in from this registration again, and send the grades that were held back."""
    with open_runtime().database.transaction() as session:
        switch(open_by_operator(session, registration), RegistrationStatus.ACTIVE)
    click.echo(f"Registration {registration} is on.")


@platform.command("approve")
@click.argument("number", type=int)
@click.option("--organisation", default="", help="Approve a waiting registration, for this one.")
@click.option("--deployment", default="", help="Accept this deployment of registration NUMBER.")
def platform_approve(number: int, organisation: str, deployment: str) -> None:
    """Approve what waits: a registration (--organisation), or a deployment of one (--deployment)."""
    if bool(organisation) == bool(deployment):
        raise click.UsageError("Say either --organisation NAME or --deployment ID.")
    with open_runtime().database.transaction() as session:
        if organisation:
            approved = approve(session, number, organisation)
            note_approval(open_by_operator(session, approved))
            click.echo(f"It is registration {approved} of {organisation} now, and on.")
            return
        accept(open_by_operator(session, number), deployment)
    click.echo(f"Deployment {deployment} is accepted.")


def _facts(session: Session, number: int) -> RegistrationFacts:
    found = registration_facts(session, number)
    if found is None:
        raise registration_unknown(number)
    return found


def _print_values(base_url: str) -> None:
    for value in values(base_url):
        click.echo(f"  {value.words:<38}{value.text}")
    click.echo(f"  {'Canvas, as one address (JSON)':<38}{base_url}{CANVAS_PATH}")
    click.echo(f"  {'All of it with copy buttons':<38}{base_url}{CONNECT_PATH}")
    click.echo("  Custom parameters, for copies and dates:")
    for line in custom_parameters().splitlines():
        click.echo(f"    {line}")
