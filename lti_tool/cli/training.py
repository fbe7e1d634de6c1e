"""The operator's commands about training: the shipped catalogue, and addresses that answer."""

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.training.offers.links import check_links
from lti_tool.training.offers.shipped import shipped_offers


@click.group()
def training() -> None:
    """The catalogue of training."""


@training.command("check")
def training_check() -> None:
    """Read the shipped catalogue; a mistake is named with file, line and field."""
    click.echo(f"{len(shipped_offers())} shipped offer(s) are well formed.")


@training.command("check-links")
def training_check_links() -> None:
    """Fetch every address of every catalogue, and note which do not answer.

    Providers see the outcome on their catalogue page. Run it now and then, by cron perhaps.
    """
    count = dead = 0
    for found in check_links(open_runtime()):
        count += 1
        dead += not found.answered
        said = "answers" if found.answered else "does not answer"
        click.echo(f"{said} ({found.reason})  {found.address}")
    click.echo(f"{count} address(es) asked, {dead} did not answer.")
