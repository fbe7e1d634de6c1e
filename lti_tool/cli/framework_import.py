"""`imhcf framework import`, `versions` and `revert`: an organisation's own wording."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import click
from sqlalchemy.orm import Session

from lti_tool.cli.openings import open_runtime
from lti_tool.competencies.loading import library
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instrument
from lti_tool.competencies.wordings.keeping import Recorded
from lti_tool.competencies.wordings.queries import versions_kept
from lti_tool.competencies.wordings.reading import Found, Outcome, Reading, read_files
from lti_tool.competencies.wordings.reading_source import LARGEST_FILE
from lti_tool.competencies.wordings.rules import How, Wording, Words
from lti_tool.competencies.wordings.services import (
    Made,
    Reason,
    Wish,
    adopt,
    news_of,
    revert,
)
from lti_tool.courses.queries import organisation_names
from lti_tool.kernel.errors import InvalidInput, NotFound

MOST_FILES = 20
FilePath = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=FilePath, metavar="FILE…")
@click.option("--organisation", required=True, help="Whose people shall read this wording.")
@click.option("--instrument", "only", help="Take only this one; needed where a file names none.")
@click.option("--apply", "is_meant", is_flag=True, help="Store it. Without, nothing is changed.")
@click.option("--with-doubtful", is_flag=True, help="Store what is doubtful too.")
@click.option("--words", "with_words", is_flag=True, help="Print what was read as well.")
def framework_import(
    files: tuple[Path, ...],
    organisation: str,
    only: str | None,
    *,
    is_meant: bool,
    with_doubtful: bool,
    with_words: bool,
) -> None:
    """Read the published wording of the framework from PDF or text, for one organisation.

    Says what was read, what is doubtful and why, and what keeps this tool's own wording.
    """
    runtime = open_runtime()
    with runtime.database.transaction(write=False) as session:
        organisation_id = _organisation(session, organisation)
    chosen = instrument(only) if only else None
    readings = read_files(_contents(files), library(), chosen)
    for reading in readings:
        _print_reading(reading, with_words=with_words)
    wishes = _wishes(readings, with_doubtful=with_doubtful)
    if not is_meant:
        with runtime.database.transaction(write=False) as session:
            count = len(news_of(session, organisation_id, wishes))
        click.echo(f"Nothing was changed. With --apply, {count} statement(s) would be.")
        return
    reason = Reason(How.IMPORT, files=tuple(_file_name(path) for path in files))
    with runtime.database.transaction() as session:
        made = adopt(session, organisation_id, wishes, reason) if wishes else None
    _print_made(made)


@click.command("versions")
@click.option("--organisation", help="Its own versions too.")
def framework_versions(organisation: str | None) -> None:
    """List every version of the instruments that is kept, oldest first."""
    with open_runtime().database.transaction(write=False) as session:
        organisation_id = _organisation(session, organisation) if organisation else None
        kept = versions_kept(session, organisation_id)
    for one in kept:
        whose = "shipped" if one.organisation_id is None else str(organisation)
        click.echo(
            f"{one.instrument:<18}  {one.version:<12}  {whose}  {one.how.value}"
            f"  {one.created_at:%Y-%m-%d %H:%M}  {one.digest[:12]}"
        )
    if not kept:
        click.echo("No version is kept yet: imhcf run and imhcf db upgrade keep what is shipped.")


@click.command("revert")
@click.option("--organisation", required=True)
@click.option("--instrument", "name", required=True, help="Which one goes back.")
@click.option("--edition", type=click.IntRange(min=0), default=0, help="0: this tool's wording.")
def framework_revert(organisation: str, name: str, edition: int) -> None:
    """Put an instrument back to how it read in an earlier edition. Nothing is lost by it."""
    with open_runtime().database.transaction() as session:
        made = revert(session, _organisation(session, organisation), name, edition)
    _print_made(made)


def what_moved(recorded: Recorded) -> str:
    """Returns what is different in a new shipped text, such as "…: 2 wording (1.01 1.02)"."""
    if not recorded.before:
        return ""
    codes: dict[str, list[str]] = defaultdict(list)
    for change in recorded.changes:
        codes[change.kind.value].append(change.code)
    said = [f"{len(found)} {kind} ({' '.join(found)})" for kind, found in codes.items()]
    return (
        f"{recorded.instrument} {recorded.version} since {recorded.before}:"
        f" {', '.join(said) or 'every competency reads the same'}"
    )


def _organisation(session: Session, name: str) -> int:
    known = organisation_names(session)
    for number, one in known.items():
        if one == name:
            return number
    names = ", ".join(sorted(known.values())) or "none yet: imhcf platform add makes one"
    raise NotFound(f"There is no organisation {name}; there is: {names}.", code="organisation")


def _contents(files: tuple[Path, ...]) -> Iterable[tuple[str, bytes]]:
    if len(files) > MOST_FILES:
        raise InvalidInput(f"{len(files)} files are too many; {MOST_FILES} at most are read.")
    for path in files:
        try:
            with path.open("rb") as file:
                yield str(path), file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise InvalidInput(f"{path}: cannot be read: {error.strerror}.") from None


def _file_name(path: Path) -> str:
    return "".join(c for c in path.name if c.isprintable())[:200]


def _wishes(readings: Iterable[Reading], *, with_doubtful: bool) -> list[Wish]:
    taken = {Outcome.READ, Outcome.DOUBTFUL} if with_doubtful else {Outcome.READ}
    return [
        Wish(reading.instrument, one.code, Wording.OFFICIAL, one.words)
        for reading in readings
        for one in reading.found.values()
        if one.outcome in taken
    ]


def _print_reading(reading: Reading, *, with_words: bool) -> None:
    ours: Instrument = library()[reading.instrument]
    counts = {outcome: len(reading.of(outcome)) for outcome in Outcome}
    click.echo(f"{ours.title} ({ours.id})")
    click.echo(
        f"  {counts[Outcome.READ]} read, {counts[Outcome.DOUBTFUL]} doubtful,"
        f" {counts[Outcome.ABSENT]} absent, of {len(ours.by_code)}"
    )
    if read := reading.of(Outcome.READ):
        click.echo(f"  read      {' '.join(one.code for one in read)}")
    for outcome, word in ((Outcome.DOUBTFUL, "doubtful"), (Outcome.ABSENT, "absent")):
        for one in reading.of(outcome):
            click.echo(f"  {word:<8}  {one.code}  {_reasons(one)}")
    for stranger in reading.strangers:
        click.echo(f"  unknown   {stranger}: there is no such competency")
    if with_words:
        for one in reading.found.values():
            _print_words(one.code, one.words)
    click.echo()


def _reasons(one: Found) -> str:
    reasons = "; ".join(one.doubts) or "no text with this code was found"
    kept = "; our wording stays" if one.outcome is Outcome.ABSENT else ""
    return f"{reasons}{kept}{f' ({one.place})' if one.place else ''}"


def _print_words(code: str, words: Words) -> None:
    for name in ("knowledge", "ability", "prompt"):
        if part := getattr(words, name):
            click.echo(f"    {code} {name}: {part}")
            code = " " * len(code)
    for point in words.points:
        click.echo(f"    {code}   - {point}")


def _print_made(made: Made | None) -> None:
    if made is None:
        click.echo("Nothing changes: it reads like that already.")
        return
    for name, version in made.versions.items():
        click.echo(f"{name} is now version {version}.")
    click.echo(f"Edition {made.number} is stored: {made.changed} statement(s) changed.")
