"""A framework as Moodle's "Import competency framework" reads it (tool_lpimportcsv), CSV.

One framework row; below it instruments, their domains, the competencies. Themes are no level:
some domains have none, and Moodle names what stands at a depth (`Taxonomy`), so that a
competency must stand at the same depth everywhere; the theme opens the description instead.
"""

from collections.abc import Iterable, Iterator

from lti_tool.competencies.formats.selection import (
    ALL_OURS,
    Selection,
    as_html,
    cut,
    label,
    paragraphs,
    select,
)
from lti_tool.competencies.frameworks import Reference
from lti_tool.competencies.models import Domain, Instrument
from lti_tool.competencies.parts import Parts
from lti_tool.kernel.cells import csv_text

COLUMNS = (
    "Parent id number",
    "Id number",
    "Shortname",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type",
    "Rule outcome",
    "Rule config",
    "Cross referenced competency id numbers",
    "Exported id",
    "Is framework",
    "Taxonomy",
)
# Moodle cuts both at 100 characters.
LONGEST = 100
_HTML = "1"
_SCALE = "Working towards,Achieved"
# Moodle puts its own scale's id in; the second value is proficient, and what a rule gives.
_SCALE_CONFIGURATION = '[{"scaleid":"2"},{"id":2,"scaledefault":1,"proficient":1}]'
# What stands at the first, second, third and any deeper place; Moodle's own words.
_TAXONOMY = "level,domain,competency,competency"

Row = tuple[str, ...]


def moodle_csv(parts: Parts, wanted: tuple[str, ...] = ()) -> str:
    """Returns the CSV of one framework, of the wanted instruments or all.

    Raises `NotFound` for an instrument that the framework does not hold.
    """
    return csv_text([COLUMNS, *_rows(select(parts, wanted))])


def competency_id(reference: Reference) -> str:
    """Returns the id number of a competency; a code alone would overwrite another's."""
    return f"{reference.instrument}:{reference.code}"


def joined(ids: Iterable[str]) -> str:
    """Returns ids as one cell of cross references: a comma inside an id is written %2C."""
    return ",".join(one.replace(",", "%2C") for one in ids)


def _rows(chosen: Selection) -> Iterator[Row]:
    yield _framework_row(chosen)
    for instrument in chosen.instruments:
        yield _row("", instrument.id, instrument.title, _instrument_words(instrument))
        for domain in instrument.domains:
            yield _row(
                instrument.id,
                _domain_id(instrument, domain),
                f"{domain.number}. {domain.title}",
                paragraphs(domain.introduction),
            )
    for instrument, domain, theme, competency in chosen.competencies():
        reference = Reference(instrument.id, competency.code)
        yield _row(
            _domain_id(instrument, domain),
            competency_id(reference),
            _short_name(competency.code, competency.topic, instrument),
            as_html(competency, theme),
            [competency_id(other) for other in chosen.related.get(reference, ())],
        )


def _framework_row(chosen: Selection) -> Row:
    framework = chosen.framework
    words = framework.description + (f" {ALL_OURS}" if chosen.related and chosen.is_ours else "")
    return (
        "",
        cut(f"{framework.id}-{framework.version}", LONGEST),
        cut(framework.title, LONGEST),
        paragraphs(words),
        _HTML,
        _SCALE,
        _SCALE_CONFIGURATION,
        *("", "", "", "", ""),
        "1",
        _TAXONOMY,
    )


def _row(parent: str, number: str, name: str, words: str, related: list[str] | None = None) -> Row:
    blank = ("", "", "", "", "")
    others = joined(related or ())
    return (parent, number, cut(name, LONGEST), words, _HTML, *blank, others, "", "", "")


def _domain_id(instrument: Instrument, domain: Domain) -> str:
    return f"{instrument.id}:{domain.number}"


def _short_name(code: str, topic: str, instrument: Instrument) -> str:
    """The topic gives way where all would be too long: code and instrument tell it apart."""
    ending = f" ({label(instrument)})"
    return f"{code} {cut(topic, LONGEST - len(code) - 1 - len(ending))}{ending}"


def _instrument_words(instrument: Instrument) -> str:
    return paragraphs(f"{instrument.audience}\n\n{instrument.introduction}")
