"""The operator's command that makes a large set of sample data, to measure the tool with."""

from datetime import datetime

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.cli.seeding.plan import Chance, Size
from lti_tool.cli.seeding.seed import make
from lti_tool.kernel import clock

_USUAL = Size()


@click.command("bench-data", hidden=True)
@click.option("--organisation", required=True, help="A name that no organisation has yet.")
@click.option("--yes", is_flag=True, help="Make it: without this, only say what would be made.")
@click.option("--people", default=_USUAL.people, show_default=True, type=click.IntRange(1))
@click.option("--assessors", default=_USUAL.assessors, show_default=True, type=click.IntRange(2))
@click.option("--words", default=_USUAL.words, show_default=True, help="Mean of an account.")
@click.option("--pieces", default=_USUAL.pieces, show_default=True, help="Evidence of each person.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same set.")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day from which times count back; today without it.",
)
def bench_data(
    *,
    organisation: str,
    yes: bool,
    people: int,
    assessors: int,
    words: int,
    pieces: int,
    seed: int,
    day: datetime | None,
) -> None:
    """Make a large set of sample data, to measure the tool with.

    Learners with a written Level 3 portfolio and evidence, submissions in every state, assessors
    with reviews, and entries on the register. Never in a database that people use: it is refused
    where anybody came from a learning platform. The same name, seed and day give the same set,
    but for keys and signatures.
    """
    size = Size(people=people, assessors=assessors, words=words, pieces=pieces)
    runtime = open_runtime()
    click.echo(
        f"{people:,} people with 33 tasks each, {people * pieces:,} pieces of evidence,"
        f" {assessors:,} assessors, in {runtime.database.url.render_as_string()}."
    )
    if not yes:
        raise click.UsageError("Nothing was made. Say --yes to make it.")
    begun = clock.now()
    chance = Chance(seed, organisation, (day or begun).date())
    make(runtime, organisation, size, chance, click.echo)
    click.echo(f"Made in {(clock.now() - begun).total_seconds():.0f} s.")
