"""The operator's commands for the register: entries that were kept elsewhere, and signing keys."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.competencies.queries import instrument_for
from lti_tool.kernel import clock
from lti_tool.register.issuing import Issuer
from lti_tool.register.keys import all_keys, key_address, rotate
from lti_tool.register.queries import person_to_recognise
from lti_tool.register.recognising import recognise
from lti_tool.register.rules import INSTRUMENTS, By, Recognition


@click.group()
def register() -> None:
    """The Recognition Register."""


@register.command("add")
@click.option("--person", required=True, help="The public id, as a learner's address shows it.")
@click.option("--level", required=True, type=click.IntRange(1, 3))
@click.option("--organisation", required=True, help="The organisation's name, exactly.")
@click.option(
    "--recognised-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day, such as 2026-03-14; today without it.",
)
def register_add(
    person: str, level: int, organisation: str, recognised_on: datetime | None
) -> None:
    """Put somebody on the register who was recognised outside this tool."""
    runtime = open_runtime()
    today = clock.now().astimezone(ZoneInfo(runtime.settings.timezone)).date()
    day: date = recognised_on.date() if recognised_on else today
    with runtime.database.transaction() as session:
        person_id, organisation_id = person_to_recognise(session, person, organisation)
        instrument = instrument_for(session, organisation_id, INSTRUMENTS[level])
        recognition = Recognition(
            organisation_id=organisation_id,
            person_id=person_id,
            level=level,
            instrument=instrument.id,
            instrument_version=instrument.version,
            recognised_on=day,
            reference=f"operator:{level}:{day.isoformat()}",
            by=By.OPERATOR,
        )
        entry = recognise(session, Issuer.of(runtime), recognition, today=today)
    click.echo(f"The entry {entry} is on the register at level {level}.")


@register.group("keys")
def register_keys() -> None:
    """The keys that sign credentials. They have nothing to do with those of LTI."""


@register_keys.command("list")
def register_keys_list() -> None:
    """Show the keys, newest first."""
    runtime = open_runtime()
    with runtime.database.transaction(write=False) as session:
        found = all_keys(session)
        for row in found:
            state = f"retired {row.retired_at:%Y-%m-%d}" if row.retired_at else "signs"
            address = key_address(runtime.settings.base_url, row.kid)
            click.echo(f"{address}  {state}  made {row.created_at.astimezone(UTC):%Y-%m-%d}")
    if not found:
        click.echo("No key yet: the first credential makes one.")


@register_keys.command("rotate")
def register_keys_rotate() -> None:
    """Sign with a new key from now on. What older ones signed can still be verified."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        kid = rotate(session, runtime.secrets).kid
    click.echo(f"New credentials are signed with {key_address(runtime.settings.base_url, kid)}.")
