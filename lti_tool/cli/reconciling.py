"""The operator's command that reads gradebooks back, and mends what differs."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.gateway.protocol import make_protocol
from lti_tool.gateway.reconciling import looks
from lti_tool.gateway.reconciling.queries import columns_with_grades
from lti_tool.gateway.reconciling.reading import TROUBLE, ColumnReader, Look
from lti_tool.gateway.reconciling.rules import column_trouble
from lti_tool.grades.comparing import Finding
from lti_tool.kernel.runtime import Runtime

_WORDS = {
    Finding.MISSING: "is not in the gradebook",
    Finding.OLDER: "is an older one in the gradebook",
    Finding.OVERRIDDEN: "was changed in the gradebook",
    Finding.AGREES: "is no longer changed in the gradebook",
}


@click.command("reconcile")
@click.option("--registration", type=int, help="Only the gradebooks of this one, by number.")
@click.option("--dry-run", is_flag=True, help="Say what differs, and change nothing.")
def grades_reconcile(registration: int | None, *, dry_run: bool) -> None:
    """Read gradebooks back; grades that are lost there are sent again, changed ones respected."""
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        looks.know_columns(session, ZoneInfo(runtime.settings.timezone))
        numbers = columns_with_grades(session, registration)
    compared = mended = failed = 0
    reader = ColumnReader(runtime, make_protocol(runtime))
    for number in numbers:
        try:
            look = reader.look(number)
        except TROUBLE as error:
            failed += 1
            detail = f" ({error.detail})" if error.detail else ""
            click.echo(f"column {number}  {column_trouble(error.code)}{detail}")
            continue
        if look is None:
            continue
        compared += look.compared
        for line in _lines(look):
            click.echo(line)
        if not dry_run:
            mended += _settled(runtime, look)
    click.echo(f"{compared} grade(s) compared, {failed} column(s) could not be read.")
    if not dry_run:
        click.echo(f"{mended} grade(s) will be sent again by the worker.")


def _lines(look: Look) -> Iterator[str]:
    for one in look.differences:
        shown = "no grade" if one.cell.value is None else f"{one.cell.value:g}"
        out_of = (
            f" of {one.cell.maximum:g}" if one.cell.value is not None and one.cell.maximum else ""
        )
        yield (
            f"grade {one.entry.score_id}  placement {look.column.placement_id}"
            f"  {_ours(one.entry.value)}  {_WORDS[one.finding]}: {shown}{out_of}"
        )


def _ours(value: int | None) -> str:
    return "handed in" if value is None else f"{value}/100"


def _settled(runtime: Runtime, look: Look) -> int:
    with runtime.database.transaction() as session:
        mended = looks.settle(session, look.differences)
        looks.note_look(session, look.column.id, differing=look.differing, maximum=look.maximum)
    return mended
