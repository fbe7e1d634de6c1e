"""The operator's commands for people and links that LTI 1.1 knew."""

import csv
import os
from pathlib import Path

import click

from lti_tool.cli.openings import open_runtime
from lti_tool.gateway.people.legacy import OlderPerson, import_older_people, keep_legacy_key

# Not a setting, so without their prefix: it is read once, here, and kept encrypted.
SECRET_VARIABLE = "LTI11_SECRET"  # noqa: S105 - a name, and no secret  # nosec B105
_LONGEST_ID, _LONGEST_NAME = 255, 200


@click.group()
def people() -> None:
    """The people of the organisations."""


@people.command("import-legacy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--registration", type=int, required=True, help="As `imhcf platform list` shows it.")
@click.option("--key", "consumer_key", default="", help="The LTI 1.1 key, if there are several.")
def import_legacy(file: Path, registration: int, consumer_key: str) -> None:
    """Bring in people whom LTI 1.1 knew: a CSV file with user_id and, if known, name.

    Nothing happens unless every line can be read. Who is known already stays as they are.
    """
    found = read_people(file)
    with open_runtime().database.transaction() as session:
        new = import_older_people(session, registration, consumer_key, found)
    click.echo(f"{new} of {len(found)} people are new.")


@click.command("legacy-key")
@click.argument("registration", type=int)
@click.option("--key", "consumer_key", required=True, help="The LTI 1.1 consumer key.")
def legacy_key(registration: int, consumer_key: str) -> None:
    """Store the LTI 1.1 key of an LMS, so that its older links keep their people.

    The secret is asked for, or read from LTI11_SECRET; it is kept encrypted.
    """
    if not 0 < len(consumer_key) <= _LONGEST_ID:
        raise click.BadParameter("A key has 1 to 255 characters.", param_hint="--key")
    secret = os.environ.get(SECRET_VARIABLE) or click.prompt("Secret of the key", hide_input=True)
    runtime = open_runtime()
    with runtime.database.transaction() as session:
        keep_legacy_key(session, runtime.secrets, registration, consumer_key, secret)
    click.echo(f"Older links of registration {registration} signed with this key are followed.")


def read_people(file: Path) -> list[OlderPerson]:
    """Returns the people in a CSV file; raises a `ClickException` that names the line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException("The file is not UTF-8 text. Save it as CSV UTF-8.") from None
    reader = csv.DictReader(text.splitlines())
    if "user_id" not in (reader.fieldnames or ()):
        raise click.ClickException("The first line must name the columns: user_id and name.")
    found: dict[str, OlderPerson] = {}
    try:
        for row in reader:
            one = _person(row, reader.line_num)
            if one.user_id in found:
                raise click.ClickException(f"Line {reader.line_num}: this user_id is there twice.")
            found[one.user_id] = one
    except csv.Error as error:
        raise click.ClickException(f"Line {reader.line_num}: {error}.") from None
    return list(found.values())


def _person(row: dict[str, str | None], line: int) -> OlderPerson:
    user_id = (row.get("user_id") or "").strip()
    name = (row.get("name") or "").strip().replace("\0", "")
    if not 0 < len(user_id) <= _LONGEST_ID or "\0" in user_id:
        raise click.ClickException(f"Line {line}: user_id must have 1 to 255 characters.")
    return OlderPerson(user_id, name[:_LONGEST_NAME])
