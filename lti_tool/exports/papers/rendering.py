"""PDF from HTML, by one of two renderers behind one interface.

Their libraries are loaded when the first paper is made: they take seconds and have no types.

Whatever the HTML says, a renderer opens the fonts that it was given and nothing else: no file,
no network address, loopback included. Pictures come inside the document, as data.
"""

import base64
import gc
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from lti_tool.exports.papers.fonts import Face
from lti_tool.kernel.errors import Misconfigured

# How a picture stands in a paper: in the document itself.
PICTURE = "data:image/svg+xml;base64,"
# Long for the longest paper, even on a busy machine; then the press ends it.
SECONDS = 120.0


class Renderer(Protocol):
    """Makes a PDF of an HTML document that is set in the given faces.

    `name` is also the medium that stylesheets are chosen by. `shapes` says whether it joins and
    moves letters as scripts such as Devanagari need.
    """

    name: str
    shapes: bool

    def render(self, html: str, faces: Sequence[Face]) -> bytes:
        """Returns the PDF; raises whatever the library raises when it cannot be made."""


class Xhtml2pdfRenderer:
    """xhtml2pdf on ReportLab: light, no system library, PDF without tags."""

    name = "xhtml2pdf"
    shapes = False

    def render(self, html: str, faces: Sequence[Face]) -> bytes:
        """Returns the PDF. A document that asks for anything but its fonts goes without it."""
        pisa = import_module("xhtml2pdf.pisa")
        resources = import_module("xhtml2pdf.config.resources")
        logging.getLogger("xhtml2pdf").setLevel(logging.CRITICAL)  # it quotes the document
        reportlab: Any = import_module("reportlab.rl_config")
        reportlab.invariant = 1  # the same document gives the same bytes
        if faces:  # each page begins with this one, even where nothing is drawn in it
            reportlab.canvas_basefontname = f"{faces[0].family}_00"
        policy = resources.ResourceAccessPolicy.server(
            None,
            allow_remote=False,
            extra_roots=tuple(face.path for face in faces),
            max_render_seconds=SECONDS,
        )
        made = io.BytesIO()
        with _no_search_for_garbage():
            pisa.CreatePDF(html, made, resource_policy=policy)
        return made.getvalue()


class WeasyPrintRenderer:
    """WeasyPrint: tagged PDF/UA-1, every script shaped. Needs the extra `tagged` and Pango."""

    name = "weasyprint"
    shapes = True

    def render(self, html: str, faces: Sequence[Face]) -> bytes:
        """Returns the PDF. A document that asks for anything but its fonts goes without it."""
        weasyprint = import_module("weasyprint")
        logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
        logging.getLogger("fontTools").setLevel(logging.CRITICAL)
        document = weasyprint.HTML(string=html, url_fetcher=fonts_only(faces))
        made: Any = document.write_pdf(pdf_variant="pdf/ua-1")
        return bytes(made)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Lets Python not look for garbage meanwhile.

    A paper is made of very many small objects, all of which live until it is done: looking
    among them again and again would take a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def fonts_only(faces: Sequence[Face]) -> Any:
    """Returns a fetcher for WeasyPrint that opens these fonts and pictures in `data:`."""
    urls = import_module("weasyprint.urls")
    allowed = {face.path for face in faces}

    def fetch(_self: object, url: str, _headers: object = None) -> Any:
        """Refuses every address that is not one of our fonts or inside the document."""
        parts = urlsplit(url)
        if url.startswith(PICTURE):
            picture = base64.b64decode(url.removeprefix(PICTURE))
            return urls.URLFetcherResponse(url, picture, {"Content-Type": "image/svg+xml"})
        path = Path(unquote(parts.path))
        if parts.scheme == "file" and not parts.netloc and path in allowed:
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})
        raise ValueError("this address is not opened for a paper")

    return type("FontsOnly", (urls.URLFetcher,), {"fetch": fetch})()


_KNOWN: dict[str, type[Renderer]] = {
    "xhtml2pdf": Xhtml2pdfRenderer,
    "weasyprint": WeasyPrintRenderer,
}


def renderer_named(name: str) -> Renderer:
    """Returns a renderer by the setting's value; raises `Misconfigured` for an unknown one."""
    try:
        return _KNOWN[name]()
    except KeyError:
        raise Misconfigured(f"There is no PDF renderer {name}.") from None
