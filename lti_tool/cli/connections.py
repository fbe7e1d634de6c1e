"""`imhcf platform test`: tests one connection step by step, as the administrator's page does."""

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.gateway.diagnosis import SUBJECTS, examination, spoken, switched_off
from lti_tool.gateway.keys import KeyRing
from lti_tool.gateway.organisation.asking import store_test
from lti_tool.gateway.organisation.findings import Outcome
from lti_tool.gateway.organisation.scopes import SERVICES
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.kernel.errors import NotFound

_MARKS = {Outcome.OK: "ok", Outcome.FAILED: "!!", Outcome.NOT_TRIED: "--"}


@click.command("test")
@click.argument("registration", type=int)
def platform_test(registration: int) -> None:
    """Call the LMS step by step and say what works; status 1 when something is wrong."""
    runtime = open_runtime()
    with runtime.database.transaction(write=False) as session:
        found = registration_by_id(session, registration)
    if found is None:
        raise NotFound(
            f"There is no registration {registration}.",
            code="registration-unknown",
            advice="`imhcf platform list` shows them with their numbers.",
        )
    looking = examination(runtime, KeyRing(runtime), found)
    is_on = found.status is RegistrationStatus.ACTIVE
    findings = []
    for one in looking.steps() if is_on else switched_off():
        findings.append(one)
        key_set = f"{runtime.settings.base_url}/lti/jwks.json"
        says, mend = spoken(one, key_set=key_set, known=found.protocol)
        advice = f" → {mend}" if mend and one.outcome is not Outcome.OK else ""
        click.echo(f"{_MARKS[one.outcome]}  {SUBJECTS[one.step]}: {says}{advice}")
    for service in SERVICES:
        if service.scope in looking.refused:
            click.echo(f"--  not allowed: {service.title}. {service.without}")
    with runtime.database.transaction() as session:
        store_test(session, registration, findings, looking.granted)
    if any(one.outcome is Outcome.FAILED for one in findings):
        raise click.exceptions.Exit(1)
