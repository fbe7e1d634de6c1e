"""A framework as Canvas's outcome import reads it, CSV: groups and outcomes, ratings last."""

from collections.abc import Iterator

from lti_tool.competencies.formats.selection import (
    Selection,
    as_html,
    cut,
    label,
    paragraphs,
    select,
)
from lti_tool.competencies.models import Domain, Instrument
from lti_tool.competencies.parts import Parts
from lti_tool.kernel.cells import csv_text

COLUMNS = (
    "vendor_guid",
    "object_type",
    "title",
    "parent_guids",
    "description",
    "display_name",
    "calculation_method",
    "calculation_int",
    "workflow_state",
    "ratings",
)
# Points and words, highest first; Canvas takes the first for mastery.
RATINGS = ("2", "Achieved", "1", "Working towards", "0", "Not started")
# Canvas keeps titles and display names of at most 255 characters.
LONGEST = 255

Row = tuple[str, ...]


def canvas_csv(parts: Parts, wanted: tuple[str, ...] = ()) -> str:
    """Returns the CSV of one framework, of the wanted instruments or all.

    Raises `NotFound` for an instrument that the framework does not hold.
    """
    # The columns after `ratings` have no name: pairs of points and words fill them.
    header = (*COLUMNS, *[""] * (len(RATINGS) - 1))
    return csv_text([header, *_rows(select(parts, wanted))])


def _rows(chosen: Selection) -> Iterator[Row]:
    root = chosen.framework.id
    yield _group(root, chosen.framework.title, "", chosen.framework.description)
    for instrument in chosen.instruments:
        yield _group(_guid(root, instrument), instrument.title, root, instrument.introduction)
        for domain in instrument.domains:
            title = f"{domain.number}. {domain.title}"
            parent = _guid(root, instrument)
            yield _group(_guid(root, instrument, domain), title, parent, domain.introduction)
    for instrument, domain, theme, competency in chosen.competencies():
        yield (
            f"{_guid(root, instrument)}:{competency.code}",
            "outcome",
            cut(f"{competency.code} {competency.topic} ({label(instrument)})", LONGEST),
            _guid(root, instrument, domain),
            as_html(competency, theme),
            cut(competency.topic, LONGEST),
            # A later answer replaces an earlier one, as it does in this tool.
            *("latest", "", "active"),
            *RATINGS,
        )


def _group(guid: str, title: str, parent: str, words: str) -> Row:
    blank = ("", "", "")
    ratings = [""] * len(RATINGS)
    return (
        guid,
        "group",
        cut(title, LONGEST),
        parent,
        paragraphs(words),
        *blank,
        "active",
        *ratings,
    )


def _guid(root: str, instrument: Instrument, domain: Domain | None = None) -> str:
    """An id of the whole account, so the framework's stands before it; it has no spaces."""
    return f"{root}:{instrument.id}" + (f":{domain.number}" if domain else "")
