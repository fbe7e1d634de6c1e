"""What is exported: one framework, some or all of its instruments, and the words for each part."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from lti_tool.competencies.crosswalk import footing, reasons
from lti_tool.competencies.frameworks import Framework, Reference
from lti_tool.competencies.models import Competency, Domain, Instrument, Kind, Provenance, Theme
from lti_tool.competencies.parts import Parts
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_

_PROVISIONAL = {
    Provenance.REPAIRED: "Provisional wording, repaired from a damaged source.",
    Provenance.DERIVED: "Provisional wording, derived and not in the sources.",
}
OURS = "This link is the reading of imhcf-tool; it is not published with the framework."
ALL_OURS = (
    "The cross-references are the reading of imhcf-tool; none is published with the framework."
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a framework that goes out. `related` holds only what is selected."""

    framework: Framework
    instruments: tuple[Instrument, ...]
    related: Mapping[Reference, tuple[Reference, ...]]
    reasons: Mapping[Reference, str]
    is_ours: bool

    def competencies(self) -> Iterator[tuple[Instrument, Domain, Theme, Competency]]:
        """Yields every competency in order, with where it belongs."""
        for instrument in self.instruments:
            for domain in instrument.domains:
                for theme in domain.themes:
                    for competency in theme.competencies:
                        yield instrument, domain, theme, competency


def select(parts: Parts, wanted: Iterable[str] = ()) -> Selection:
    """Returns the wanted instruments of a framework, all of them when none is named.

    Raises `NotFound` for an instrument that the framework does not hold.
    """
    names = set(wanted) or set(parts.instruments)
    if unknown := sorted(names - set(parts.instruments)):
        raise NotFound(
            N_("There is no such instrument in this tool."),
            code="instrument-unknown",
            detail=unknown[0][:60],
        )
    instruments = tuple(
        parts.instruments[one.id].value for one in parts.framework.instruments if one.id in names
    )
    related = {
        task: on
        for task, on in footing(parts).items()
        if task.instrument in names and on[0].instrument in names
    }
    is_ours = parts.crosswalk is not None and parts.crosswalk.value.origin == "ours"
    return Selection(parts.framework, instruments, related, reasons(parts), is_ours)


def label(instrument: Instrument) -> str:
    """Returns a short name of an instrument, such as "portfolio, Level 2"."""
    kind = {Kind.SELF_ASSESSMENT: "self-assessment", Kind.PORTFOLIO: "portfolio"}
    return f"{kind[instrument.kind]}, Level {instrument.level}"


def cut(text: str, limit: int) -> str:
    """Returns the text, or its beginning with "…" where it has more characters than the limit."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def provenance_words(competency: Competency) -> str:
    """Returns what an export says of a statement that is not published as it stands, else ""."""
    said = _PROVISIONAL.get(competency.provenance, "")
    return f"{said} {competency.note}" if said and competency.note else said


def as_text(competency: Competency) -> str:
    """Returns the statement in plain text, a point on each line."""
    return "\n".join(f"{sign}{text}" for sign, text in _lines(competency))


def as_html(competency: Competency, theme: Theme) -> str:
    """Returns the statement as HTML for an LMS, with its theme and the mark of its provenance."""
    found = [f"<p><strong>{_safe(theme.title)}</strong></p>"] if theme.title else []
    listed: list[str] = []
    for sign, text in [*_lines(competency), ("", "")]:
        if sign:
            listed.append(f"<li>{_safe(text)}</li>")
            continue
        if listed:
            found.append(f"<ul>{''.join(listed)}</ul>")
            listed = []
        if text:
            found.append(f"<p>{_safe(text)}</p>")
    if said := provenance_words(competency):
        found.append(f"<p><em>{_safe(said)}</em></p>")
    return "".join(found)


def paragraphs(text: str) -> str:
    """Returns plain text as HTML paragraphs, one for each line that is not empty."""
    return "".join(f"<p>{_safe(part.strip())}</p>" for part in text.split("\n") if part.strip())


def _safe(text: str) -> str:
    return escape(text, quote=False)


def _lines(competency: Competency) -> Iterator[tuple[str, str]]:
    """Yields the statement's paragraphs (no sign) and points (a dash), in reading order."""
    points = [("- ", point) for point in competency.points]
    if competency.prompt:
        yield "", competency.prompt
        yield from points
    if competency.knowledge:
        yield "", f"You know: {competency.knowledge}"
        if competency.points_of == "knowledge":
            yield from points
    if competency.ability:
        yield "", f"You are able to: {competency.ability}"
        if competency.points_of == "ability":
            yield from points
