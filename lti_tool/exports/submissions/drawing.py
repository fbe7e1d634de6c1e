"""The PDF of a submission as a document for the renderers that papers use."""

from collections.abc import Sequence

from flask import Flask, render_template
from markupsafe import Markup

from lti_tool.exports.papers.drawing import Document
from lti_tool.exports.papers.fonts import BASE, Face, choose, installed_faces, without
from lti_tool.exports.papers.rendering import Renderer
from lti_tool.exports.submissions.content import SubmissionPaper
from lti_tool.kernel.codes import grouped
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.submitting.opening import frozen_day


def add_filters(app: Flask) -> None:
    """Gives an application without pages the filters that this paper uses."""
    app.jinja_env.filters["account_html"] = formatted
    app.jinja_env.filters["grouped_code"] = grouped
    app.jinja_env.filters["frozen_day"] = frozen_day


def document_of(
    paper: SubmissionPaper, renderer: Renderer, faces: Sequence[Face] | None = None
) -> Document:
    """Returns the document of a submission. Needs an application context, no request.

    Characters that no face has become empty squares, and the paper says how many they are.
    """
    known = installed_faces() if faces is None else faces
    body = render_template("submitting/pdf_body.html", paper=paper, medium=renderer.name)
    choice = choose(body, known, shapes=renderer.shapes)
    html = render_template(
        "submitting/pdf.html",
        paper=paper,
        body=Markup(body),  # noqa: S704 - our template, all escaped  # nosec B704
        medium=renderer.name,
        faces=choice.faces,
        families=", ".join(dict.fromkeys(face.family for face in choice.faces)) or BASE,
        missing=choice.missing,
    )
    return Document(without(html, choice.missing), choice.faces, choice.missing, renderer.name)
