"""Invented wording in the layouts of the published files, in the shape of our own instruments.

Nothing of it was ever published: it is all about gardens. Only codes, titles and layouts are
those of the framework, so that reading can be tested without anybody's text.
"""

import io
import textwrap

from reportlab.pdfgen.canvas import Canvas

from lti_tool.competencies.models import Competency, Domain, Instrument
from lti_tool.competencies.wordings.rules import Words

LETTERS = "abcdefghijklmno"
TABLE_HEAD = "Practice Themes\tCompetencies"
CHORES = (
    *("plant clover", "sow marigolds after frost", "leave a corner wild", "turn the compost"),
    *("prune every old rose", "tie up the beans", "count butterflies at noon", "mend a fence"),
    *("gather fallen leaves", "share out the seeds", "oil all tools", "water at dusk"),
    *("thin young carrots", "net the cherries", "write labels"),
)
LEAD_IN = "Please consider the following points:"


def invented(competency: Competency) -> Words:
    """Words about a garden, with the parts and the number of points that ours has."""
    bed = f"bed {int(competency.code.split('.')[1])} of plot {competency.code.split('.')[0]}"
    many = bool(competency.points)
    tail = " to:" if many else ", so that bees find it."
    knowledge = ability = prompt = None
    if competency.knowledge:
        own = tail if competency.points_of == "knowledge" else ", and why it is tended."
        knowledge = f"Knowledge of what grows in {bed}{own}"
    if competency.ability:
        ability = f"Ability to look after {bed}{tail}"
    if competency.prompt:
        prompt = f"Provide a practice-focused account of a season in {bed}."
    place = competency.code.replace(".", "-")
    points = tuple(f"{chore} in {place}" for chore in CHORES[: len(competency.points)])
    return Words(knowledge, ability, prompt, competency.points_of, points)


def expected(instrument: Instrument) -> dict[str, Words]:
    return {code: invented(one) for code, one in instrument.by_code.items()}


def running_text(instrument: Instrument) -> str:
    """The self-assessment as running text: code, knowledge, ability, lettered points."""
    lines = ["The garden framework", "", f"Level {instrument.level}", ""]
    for domain in instrument.domains:
        lines += [f"Domain {domain.number}: {domain.title} ({len(domain.codes)} units)"]
        lines += ["This is a plot of the garden, and here is what it is for.", ""]
        for theme in domain.themes:
            lines += [f"\t{theme.title}", ""] if theme.title else []
            for one in theme.competencies:
                lines += _statement(one, f"\t{one.code}\t")
    return "\n".join(lines)


def grid(instrument: Instrument) -> str:
    """The grid: running titles on every page, codes alone on a line, boxes to tick."""
    lines = []
    for domain in instrument.domains:
        title = f"Domain {domain.number}: {domain.title} ({len(domain.codes)} units)"
        lines += [f"3.{domain.number}", f"Grid Level {instrument.level}: Domain {domain.number}"]
        lines += ["", title, "", "This is a plot of the garden, and here is what it is for.", ""]
        for theme in domain.themes:
            first, last = theme.competencies[0].code, theme.competencies[-1].code
            lines += [f"{first} - {last}: {theme.title}.", ""] if theme.title else []
            for one in theme.competencies:
                lines += [one.code, "", *_statement(one, ""), *_boxes(instrument, domain)]
        lines += [f"End: The garden. **Grid Level {instrument.level}. Domain {domain.number}.**"]
    return "\n".join(lines)


def tables(*instruments: Instrument) -> str:
    """The programme: portfolios as tables, themes at the left, bullets beneath each task."""
    lines = ["The garden programme", "Level 1 Portfolio\t4 - 11", ""]
    for one in instruments:
        lines += [f"LEVEL {one.level} PORTFOLIO", "", "https://garden.example", ""]
        for domain in one.domains:
            lines += portfolio_domain(one, domain)
    return "\n".join(lines)


def portfolio_domain(one: Instrument, domain: Domain, *, mark: str = "- ") -> list[str]:
    count = len(domain.codes)
    noun = "competency" if count == 1 else "competencies"
    lines = [f"Level {one.level} Portfolio - Domain {domain.number}:", ""]
    lines += [f"{domain.title} ({count} {noun})", "", "What this plot is for.", "", TABLE_HEAD]
    for theme in domain.themes:
        head = f"{theme.title} {len(theme.competencies)} competencies"
        for competency in theme.competencies:
            words = invented(competency)
            lines.append(f"{head}\t{competency.code} {words.prompt}")
            if words.points:
                lines += [f"\t{LEAD_IN}", *(f"\t{mark}{point}" for point in words.points)]
            head = ""
    return [*lines, ""]


def _statement(one: Competency, start: str) -> list[str]:
    words = invented(one)
    lines: list[str] = []
    for name in ("knowledge", "ability"):
        if part := getattr(words, name):
            lines += [f"{start}{part}"]
            start = ""
            if words.points_of == name:
                lines += [f"{a}) {p};" for a, p in zip(LETTERS, words.points, strict=False)]
            lines += [""]
    return lines


def _boxes(instrument: Instrument, domain: Domain) -> list[str]:
    boxes = ['<input type="checkbox"/> Working towards\tEvidence', "Achieved", ""]
    head = ["AIMH", f"Grid Level {instrument.level}", f"Domain {domain.number}:", "The plot", ""]
    return [*boxes, *head]


def as_pdf(text: str, *, password: str | None = None) -> bytes:
    """The text on pages with a running title and page numbers, its lines wrapped."""
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=password)
    wrapped = [part for line in text.split("\n") for part in textwrap.wrap(line, 88)]
    for page, start in enumerate(range(0, max(1, len(wrapped)), 45), 1):
        canvas.drawString(60, 800, "The garden framework, second edition")
        for place, line in enumerate(wrapped[start : start + 45]):
            canvas.drawString(60, 780 - 15 * place, line)
        canvas.drawString(60, 30, str(page))
        canvas.showPage()
    canvas.save()
    return file.getvalue()
