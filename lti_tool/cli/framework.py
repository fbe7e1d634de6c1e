"""The commands about the framework: show it, check its files, export it for other programs."""

import json
import sys
from pathlib import Path

import click

from lti_tool.competencies.formats.canvas import canvas_csv
from lti_tool.competencies.formats.case import case_package
from lti_tool.competencies.formats.moodle import moodle_csv
from lti_tool.competencies.inspection import Table, inspect
from lti_tool.competencies.loading import (
    framework_folders,
    frameworks,
    library,
    survey,
    use_frameworks,
)
from lti_tool.competencies.parts import Parts
from lti_tool.competencies.presentation import as_published
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.settings import Settings, load_settings

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.group()
def framework() -> None:
    """The instruments of the framework."""


@framework.command("show")
@click.option("--json", "as_json", is_flag=True, help="The whole text, as JSON.")
def framework_show(*, as_json: bool) -> None:
    """Show the instruments that this installation has."""
    _open()
    if as_json:
        instruments = [as_published(one) for one in library().values()]
        click.echo(json.dumps({"instruments": instruments}, ensure_ascii=False, indent=1))
        return
    for one in library().values():
        counts = " ".join(str(len(domain.codes)) for domain in one.domains)
        click.echo(f"{one.id}  {one.title}: {len(one.by_code)} competencies ({counts})")


@framework.command("check")
@click.argument("folder", required=False, type=FOLDER)
def framework_check(folder: Path | None) -> None:
    """Check every framework file: counts, codes, order, cross-references, provenance notes.

    FOLDER is checked beside the shipped framework, as if it were IMHCF_FRAMEWORKS_DIR.
    """
    settings = load_settings(**({"frameworks_dir": str(folder)} if folder else {}))
    use_frameworks(settings.added_frameworks)
    found = survey(framework_folders())
    for parts in found.frameworks:
        for table in inspect(parts):
            _print(table)
    if not found.problems:
        click.echo("All as expected.")
        return
    for problem in found.problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(found.problems)} mistake(s).", err=True)
    sys.exit(1)


@framework.command("export")
@click.option("--format", "form", required=True, type=click.Choice(["case", "moodle", "canvas"]))
@click.option("--framework", "name", default="", help="Its id, where there are several.")
@click.option("--instrument", "wanted", multiple=True, help="Only this one; may be repeated.")
@click.option("--output", type=FILE, help="Else it goes to standard output.")
def framework_export(form: str, name: str, wanted: tuple[str, ...], output: Path | None) -> None:
    """Write a framework, in this tool's own wording, as another program reads it.

    case: a CASE 1.1 package, JSON. moodle: for "Import competency framework", CSV. canvas: for
    the import of outcomes, CSV.
    """
    settings = _open()
    parts = _chosen(name, wanted)
    text = _written(form, parts, settings, wanted)
    if output is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        output.write_bytes(text.encode())
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written: {error.strerror}.") from None
    click.echo(f"{output} is written: {parts.framework.title}.")


def _open() -> Settings:
    settings = load_settings()
    use_frameworks(settings.added_frameworks)
    return settings


def _chosen(name: str, wanted: tuple[str, ...]) -> Parts:
    """The named framework, else the one that holds the wanted instruments, else the first."""
    known = frameworks()
    if name:
        if name not in known:
            raise InvalidInput(f"There is no framework {name}; there is: {', '.join(known)}.")
        known = {name: known[name]}
    for parts in known.values():
        if set(wanted) <= set(parts.instruments):
            return parts
    raise InvalidInput(
        f"No framework holds {', '.join(wanted)} together; there is: {', '.join(library())}."
    )


def _written(form: str, parts: Parts, settings: Settings, wanted: tuple[str, ...]) -> str:
    if form == "moodle":
        return moodle_csv(parts, wanted)
    if form == "canvas":
        return canvas_csv(parts, wanted)
    package = case_package(parts, settings.base_url, wanted).as_json()
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _print(table: Table) -> None:
    click.echo(table.title)
    widths = [max(len(row[column]) for row in table.rows) for column in range(len(table.rows[0]))]
    for row in table.rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(f"  {'  '.join(cells).rstrip()}")
    click.echo()
