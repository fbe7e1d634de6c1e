"""The operator's commands on signing keys: list, rotate, retire."""

from datetime import timedelta

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.gateway import key_life
from lti_tool.gateway.key_life import KeyFacts, Standing
from lti_tool.gateway.keys import all_keys, ensure_key, readable_kids, retire, rotate, settle
from lti_tool.kernel import clock

_MOMENT = "%Y-%m-%d %H:%M"
_LEAD_HOURS = key_life.LEAD.total_seconds() / 3600


@click.group()
def keys() -> None:
    """The tool's signing keys."""


@keys.command("list")
def keys_list() -> None:
    """Show the keys, newest first; makes the first one where there is none. Times are in UTC."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        ensure_key(session, runtime.secrets)
        settle(session)
        known = all_keys(session)
        readable = readable_kids(session, runtime.secrets)
    now = clock.now()
    for key in known:
        stands = key_life.standing(key, known, now)
        sealed = stands is not Standing.RETIRED and key.kid not in readable
        mark = "; cannot be read with this IMHCF_SECRET_KEY" if sealed else ""
        click.echo(
            f"{key.kid}  {stands.value:<8}  made {key.created_at:{_MOMENT}}{_since(key, stands)}{mark}"
        )


@keys.command("rotate")
@click.option("--now", "at_once", is_flag=True, help="Sign with it at once.")
@click.option(
    "--lead",
    type=click.FloatRange(0, 24 * 30),
    default=_LEAD_HOURS,
    show_default=True,
    help="Hours for which it is published before it signs: LMSs keep copies of the key set.",
)
def keys_rotate(*, at_once: bool, lead: float) -> None:
    """Make a new key; the present one signs until the new one's time comes."""
    runtime = open_runtime()
    wait = timedelta(0) if at_once else timedelta(hours=lead)
    with runtime.database.transaction() as session:
        ensure_key(session, runtime.secrets)
        made = rotate(session, runtime.secrets, lead=wait)
    click.echo(f"Key {made.kid} is published.")
    if made.activates_at <= clock.now():
        click.echo("It signs from now on. An LMS that keeps a copy of the key set may refuse")
        click.echo("calls until it reads the set again; grades wait, and are sent again.")
    else:
        click.echo(f"It signs from {made.activates_at:{_MOMENT}} UTC; until then the present one.")
    days = key_life.OVERLAP.days
    click.echo(f"The one before it stays published for {days} days, and is then erased.")


@keys.command("retire")
@click.argument("kid")
def keys_retire(kid: str) -> None:
    """Publish a key no more, at once, and erase it. KID may be how its id begins."""
    with open_runtime().database.transaction() as session:
        was = retire(session, kid)
    if was.retired_at:
        click.echo(f"Key {was.kid} was retired already, {was.retired_at:{_MOMENT}} UTC.")
    else:
        click.echo(f"Key {was.kid} is retired: what it signed is trusted no more.")


def _since(key: KeyFacts, stands: Standing) -> str:
    if stands is Standing.NEXT:
        return f", signs from {key.activates_at:{_MOMENT}}"
    if stands is Standing.SIGNING:
        return f", signs since {key.activates_at:{_MOMENT}}"
    if stands is Standing.RETIRING and key.retires_at:
        return f", published until {key.retires_at:{_MOMENT}}"
    return f", retired {key.retired_at:{_MOMENT}}" if key.retired_at else ""
