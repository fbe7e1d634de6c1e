"""A paper's content as HTML: for a page, and as a whole document for a PDF renderer."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version

from flask import Flask, render_template
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from lti_tool.assessments.rules import Progress
from lti_tool.exports.papers.content import About, Content, GridContent, PlanContent
from lti_tool.exports.papers.fonts import BASE, Choice, Face, choose, installed_faces, without
from lti_tool.exports.papers.rendering import PICTURE, Renderer
from lti_tool.exports.papers.rules import Kind

_BAR_WIDTH, _BAR_HEIGHT = 110, 8


@dataclass(frozen=True, slots=True)
class Document:
    """A document for a renderer, with the faces that it is set in and what no face has."""

    html: str
    faces: tuple[Face, ...]
    missing: tuple[str, ...]
    renderer: str

    @property
    def digest(self) -> str:
        """Returns a name for what the PDF will be: content, template, fonts and renderer."""
        drawn_by = f"{self.renderer} {version(self.renderer)}\n"
        return hashlib.sha256((drawn_by + self.html).encode()).hexdigest()


def add_filters(app: Flask) -> None:
    """Gives the application's templates the filters that papers use."""
    app.jinja_env.filters["paper_day"] = paper_day
    app.jinja_env.filters["paper_hours"] = paper_hours
    app.jinja_env.filters["paper_bar"] = paper_bar
    app.jinja_env.filters["paper_lines"] = paper_lines


def kind_of(content: Content) -> Kind:
    """Returns which paper a content is for."""
    if isinstance(content, GridContent):
        return Kind.GRID
    return Kind.PLAN if isinstance(content, PlanContent) else Kind.RECORD


def title_of(content: Content) -> str:
    """Returns the title of a paper, as the PDF's own title has it."""
    titles = {
        Kind.GRID: _("Self-assessment: completed grid"),
        Kind.PLAN: _("Development plan"),
        Kind.RECORD: _("Training record"),
    }
    about = content.about
    return f"{titles[kind_of(content)]} – {about.person} – {about.instrument.title}"


def document_of(
    content: Content, renderer: Renderer, faces: Sequence[Face] | None = None
) -> Document:
    """Returns the document of a paper. Needs an application context, no request.

    Characters that no face has become empty squares, and the paper says how many they are.
    """
    kind = kind_of(content)
    known = installed_faces() if faces is None else faces
    body = render_template(f"papers/_{kind}_body.html", **{kind: content, "medium": renderer.name})
    choice = choose(body, known, shapes=renderer.shapes)
    trusted = Markup(body)  # noqa: S704 - our template made it, with everything escaped  # nosec B704
    html = whole_document(trusted, title_of(content), content.about, renderer, choice)
    return Document(without(html, choice.missing), choice.faces, choice.missing, renderer.name)


def whole_document(
    body: Markup, title: str, about: About, renderer: Renderer, choice: Choice
) -> str:
    """Returns a body with its head, style sheets and feet, for one renderer."""
    return render_template(
        "papers/pdf.html",
        body=body,
        title=title,
        about=about,
        medium=renderer.name,
        faces=choice.faces,
        families=", ".join(dict.fromkeys(face.family for face in choice.faces)) or BASE,
        missing=choice.missing,
    )


def paper_day(value: date) -> str:
    """Returns "14 March 2027" for a day of the calendar, which has no time zone."""
    return str(format_date(value, "d MMMM y"))


def paper_hours(value: Decimal) -> str:
    """Returns hours as a person writes them: "6", "1.5"."""
    return str(format_decimal(value.normalize(), "#,##0.##"))


def paper_lines(text: str) -> Markup:
    """Returns what somebody typed with its line breaks, everything else escaped."""
    return Markup("<br />").join(text.split("\n"))


def paper_bar(done: Progress) -> str:
    """Returns a bar as the address of a picture that holds its own data (SVG)."""
    unit = _BAR_WIDTH / (done.total or 1)
    rated, achieved = unit * done.rated, unit * done.achieved
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_BAR_WIDTH}" height="{_BAR_HEIGHT}"'
        f' viewBox="0 0 {_BAR_WIDTH} {_BAR_HEIGHT}">'
        f'<rect x="0" y="0" width="{_BAR_WIDTH}" height="{_BAR_HEIGHT}" fill="#e8e2d9"/>'
        f'<rect x="0" y="0" width="{rated:.2f}" height="{_BAR_HEIGHT}" fill="#7cb3aa"/>'
        f'<rect x="0" y="0" width="{achieved:.2f}" height="{_BAR_HEIGHT}" fill="#17695f"/></svg>'
    )
    return PICTURE + base64.b64encode(picture.encode()).decode()
