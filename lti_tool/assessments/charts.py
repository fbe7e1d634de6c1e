"""Small charts as SVG text, for pages and for papers. No script, no style attribute.

On a page a chart is as wide as its place (positions in per cent, texts at reading size) and
takes its colours from the stylesheet by class. On paper it has a width in points and says its
colours itself. What a colour says, a direction, a shape or a word says as well.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from lti_tool.assessments.change_words import state_words, tally_words
from lti_tool.assessments.comparison import Comparison, DomainChange
from lti_tool.assessments.pages import DomainLine

PAPER_WIDTH = 500
_LINE, _BAR, _GAP = 19, 14, 18
_LONGEST_LINE, _LONGEST_ON_PAPER = 42, 90
# Class on the page: what paper shows in its place. The colours hold AA contrast on white.
_PAPER = {
    "chart-title": Markup('fill="#2a2622" font-weight="bold"'),
    "chart-words": Markup('fill="#574f47"'),
    "chart-rest": Markup('fill="#ffffff" stroke="#857b6f" stroke-width="0.75"'),
    "chart-up": Markup('fill="#17695f" stroke="#17695f" stroke-width="0.75"'),
    "chart-new": Markup('fill="#9ccbc3" stroke="#17695f" stroke-width="0.75"'),
    "chart-down": Markup('fill="#ffffff" stroke="#574f47" stroke-width="1.5"'),
    "chart-gone": Markup('fill="#ffffff" stroke="#574f47" stroke-width="1" stroke-dasharray="3 2"'),
    "chart-axis": Markup('fill="none" stroke="#857b6f" stroke-width="1"'),
    "chart-arrow-up": Markup('fill="#17695f"'),
    "chart-arrow-down": Markup('fill="#574f47"'),
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where a chart is drawn: x runs from 0 to 100, whatever the width."""

    paper: bool
    font: str

    def x(self, share: float) -> str:
        return f"{share * PAPER_WIDTH / 100:.2f}" if self.paper else f"{share:.2f}%"

    def look(self, name: str) -> Markup:
        return _PAPER[name] if self.paper else Markup('class="{}"').format(name)

    def text(self, y: int, words: str, look: str) -> Markup:
        font = (
            Markup(' font-family="{}" font-size="10"').format(self.font) if self.paper else Markup()
        )
        return Markup('<text x="0" y="{}" {}{}>{}</text>').format(
            y, self.look(look), font, escape(words)
        )

    def bar(self, start: float, length: float, y: int, look: str) -> Markup:
        if length <= 0:
            return Markup()
        return Markup('<rect x="{}" y="{}" width="{}" height="{}" {}/>').format(
            self.x(start), y, self.x(length), _BAR, self.look(look)
        )

    def arrow(self, at: float, y: int, look: str, *, to_right: bool) -> Markup:
        points = f"2,0 9,{_BAR // 2} 2,{_BAR}" if to_right else f"-2,0 -9,{_BAR // 2} -2,{_BAR}"
        shape = Markup('<polygon points="{}" {}/>').format(points, self.look(look))
        if self.paper:
            return Markup('<g transform="translate({} {})">{}</g>').format(self.x(at), y, shape)
        # A nested drawing can stand at a per cent; a transform cannot.
        return Markup('<svg x="{}" y="{}" overflow="visible">{}</svg>').format(self.x(at), y, shape)

    def whole(self, parts: Iterable[Markup], height: int, label: str, name: str) -> Markup:
        """Returns the drawing; its label says in words what it is, for who does not see it."""
        if self.paper:
            head = Markup(
                '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}"'
                ' viewBox="0 0 {0} {1}">'
            ).format(PAPER_WIDTH, height)
        else:
            head = Markup(
                '<svg class="chart {}" width="100%" height="{}" role="img" aria-label="{}">'
            ).format(name, height, label)
        return head + Markup().join(parts) + Markup("</svg>")


def change_chart(comparison: Comparison, *, paper: bool = False, font: str = "Helvetica") -> Markup:
    """Returns a bar for each domain: what moved up runs to the right, what moved down to the left.

    Newly answered stands with the right side, no longer answered with the left, each with a
    look of its own. `paper` gives a drawing of `PAPER_WIDTH` points that needs no stylesheet,
    its texts in `font`.
    """
    sheet = _Sheet(paper, font)
    left = max((d.tally.down + d.tally.gone for d in comparison.domains), default=0)
    right = max((d.tally.up + d.tally.new for d in comparison.domains), default=0)
    # Room is left at both ends for the arrowheads.
    unit = 92 / max(left + right, 6)
    axis = 4 + unit * left
    parts, y = [], 0
    if paper:  # on a page, the legend stands beneath
        legend, y = _lines(sheet, _legend(), "chart-words", y)
        parts.append(legend)
    for domain in comparison.domains:
        part, y = _change_row(sheet, domain, axis, unit, y)
        parts.append(part)
    label = _("What moved, domain by domain. The table says the same.")
    return sheet.whole(parts, y, label, "change-chart")


def domain_chart(
    lines: Iterable[DomainLine], *, paper: bool = False, font: str = "Helvetica"
) -> Markup:
    """Returns a bar for each domain: achieved, working towards, and what is not started.

    `lines` are those of `pages.overview(…)`; `paper` and `font` as for `change_chart`.
    """
    sheet = _Sheet(paper, font)
    parts, y = [], 0
    for line in lines:
        words = state_words(line.progress)
        head, y = _head(sheet, line.domain.number, line.domain.title, words, y)
        unit = 100 / (line.progress.total or 1)
        achieved, working = unit * line.progress.achieved, unit * line.progress.working_towards
        parts += [
            head,
            sheet.bar(0, 100, y, "chart-rest"),
            sheet.bar(0, achieved, y, "chart-up"),
            sheet.bar(achieved, working, y, "chart-new"),
        ]
        y += _BAR + _GAP
    label = _("How each domain stands. The table says the same.")
    return sheet.whole(parts, y, label, "domain-chart")


def _legend() -> str:
    return _(
        "Filled: moved up. Pale: newly answered. Outlined: moved down. Dashed: no longer answered."
    )


def _lines(sheet: _Sheet, words: str, look: str, y: int) -> tuple[Markup, int]:
    """Returns words in lines that a phone has room for, and where the next thing begins."""
    parts = []
    for line in textwrap.wrap(words, _LONGEST_ON_PAPER if sheet.paper else _LONGEST_LINE):
        parts.append(sheet.text(y + 15, line, look))
        y += _LINE
    return Markup().join(parts), y


def _head(sheet: _Sheet, number: int, title: str, words: str, y: int) -> tuple[Markup, int]:
    top, y = _lines(sheet, f"{number}. {title}", "chart-title", y)
    below, y = _lines(sheet, words, "chart-words", y)
    return top + below, y + 6


def _change_row(
    sheet: _Sheet, domain: DomainChange, axis: float, unit: float, y: int
) -> tuple[Markup, int]:
    tally = domain.tally
    head, y = _head(sheet, domain.number, domain.title, tally_words(tally), y)
    up, new = unit * tally.up, unit * tally.new
    down, gone = unit * tally.down, unit * tally.gone
    parts = [
        head,
        sheet.bar(axis, up, y, "chart-up"),
        sheet.bar(axis + up, new, y, "chart-new"),
        sheet.bar(axis - down, down, y, "chart-down"),
        sheet.bar(axis - down - gone, gone, y, "chart-gone"),
        Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" {3}/>').format(
            sheet.x(axis), y - 3, y + _BAR + 3, sheet.look("chart-axis")
        ),
    ]
    if up or new:
        parts.append(sheet.arrow(axis + up + new, y, "chart-arrow-up", to_right=True))
    if down or gone:
        parts.append(sheet.arrow(axis - down - gone, y, "chart-arrow-down", to_right=False))
    return Markup().join(parts), y + _BAR + _GAP
