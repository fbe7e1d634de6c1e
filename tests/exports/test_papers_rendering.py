"""What comes out of the renderers: whole names, embedded fonts, nothing fetched, nothing lost."""

import functools
import http.server
import importlib
import io
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flask import Flask
from markupsafe import Markup
from pypdf.generic import BooleanObject, DictionaryObject

from lti_tool.competencies.loading import library
from lti_tool.exports.papers.content import About
from lti_tool.exports.papers.drawing import add_filters, whole_document
from lti_tool.exports.papers.fonts import (
    BASE,
    Choice,
    Face,
    choose,
    coverage,
    installed_faces,
    lacking_scripts,
    without,
)
from lti_tool.exports.papers.press import Press, PressFailed
from lti_tool.exports.papers.rendering import Renderer, fonts_only, renderer_named
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.runtime import make_runtime
from lti_tool.kernel.settings import Settings, load_settings
from lti_tool.web.application import make_application

NAMES = ("Llŷr", "O'Brien-Żółć", "Ŵrth", "Ŷnys", "Łukasz", "Nguyễn", "Ελένη", "Дарья", "王小明張偉")
ARABIC = "محمد"


@pytest.fixture
def pango() -> None:
    """WeasyPrint comes from a wheel, and the library that it draws with from the system."""
    try:
        importlib.import_module("weasyprint")
    except OSError:
        pytest.skip("no Pango here (apt-get install libpango-1.0-0 libpangoft2-1.0-0)")


@pytest.fixture(params=["xhtml2pdf", "weasyprint"])
def renderer(request: pytest.FixtureRequest) -> Renderer:
    name: str = request.param
    if name == "weasyprint":
        request.getfixturevalue("pango")
    return renderer_named(name)


@functools.cache
def app() -> Flask:
    """Templates alone: no page, no database."""
    app = make_application(make_runtime(Settings(data_dir=Path(tempfile.mkdtemp()))))
    add_filters(app)
    return app


def drawn(renderer: Renderer, body: str) -> tuple[pypdf.PdfReader, Choice]:
    """A PDF of the body, as papers are drawn: their style sheets, the faces that it needs."""
    choice = choose(body, installed_faces(), shapes=renderer.shapes)
    nobody = About("Amina", "Willow", "Course", clock.now(), library()["self-assessment-1"])
    trusted = Markup(body)  # noqa: S704 - the test's own markup
    with app().app_context():
        html = whole_document(trusted, "T", nobody, renderer, choice)
    return pypdf.PdfReader(io.BytesIO(renderer.render(html, choice.faces))), choice


def text_of(pdf: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def fonts_of(pdf: pypdf.PdfReader) -> dict[str, bool]:
    """The fonts that the pages name, and whether each is embedded."""
    found: dict[str, bool] = {}
    for page in pdf.pages:
        for entry in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr]
            font: Any = entry.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor: Any = inner.get("/FontDescriptor", DictionaryObject())
            files = {"/FontFile", "/FontFile2", "/FontFile3"}
            found[font["/BaseFont"]] = bool(files & set(descriptor.get_object() or {}))
    return found


def test_names_of_many_scripts_come_out_whole_in_embedded_fonts(renderer: Renderer) -> None:
    lines = "".join(f"<p>{name} <b>{name}</b></p>" for name in (*NAMES, ARABIC))
    pdf, choice = drawn(renderer, lines)
    assert choice.missing == ()
    text = text_of(pdf)
    for name in NAMES:
        assert text.count(name) == 2, name
    # xhtml2pdf draws Arabic in presentation forms, which are the same letters by NFKC.
    letters = unicodedata.normalize("NFKC", text)
    assert sorted(set(ARABIC) & set(letters)) == sorted(set(ARABIC))
    assert ARABIC in letters or ARABIC[::-1] in letters
    fonts = fonts_of(pdf)
    assert len(fonts) >= 4
    assert all(fonts.values()), fonts


def test_arabic_letters_are_joined_and_run_from_right_to_left() -> None:
    pdf, _ = drawn(renderer_named("xhtml2pdf"), f"<p>{ARABIC}</p>")
    raw = "".join(text_of(pdf).split())
    forms = {"\N{ARABIC LETTER MEEM INITIAL FORM}", "\N{ARABIC LETTER HAH MEDIAL FORM}"}
    assert forms <= set(raw)
    assert not set(ARABIC) & set(raw)


class Listener(http.server.BaseHTTPRequestHandler):
    calls = 0

    def do_GET(self) -> None:
        Listener.calls += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[str]:
    """An address on loopback that counts who calls."""
    Listener.calls = 0
    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_document_opens_no_file_and_no_address(
    renderer: Renderer, listener: str, tmp_path: Path
) -> None:
    """Even where markup got in: notes are escaped long before this."""
    secret = tmp_path / "secret.svg"
    words = "verysecret"
    secret.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="9"><text y="9">{words}</text>'
        "</svg>"
    )
    (tmp_path / "secret.css").write_text("p::before { content: 'verysecret' }")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<image xlink:href="{listener}/5"/><image href="{secret.as_uri()}"/></svg>'
    )
    body = f"""<p>before</p>
      <img src="{secret}"><img src="{secret.as_uri()}"><img src="{listener}/1.png">
      <img src="../../../../etc/passwd"><object data="{secret.as_uri()}"></object>
      <link rel="stylesheet" href="{(tmp_path / "secret.css").as_uri()}">
      <link rel="attachment" href="{secret.as_uri()}">
      <style>@import url("{listener}/2.css"); @import url("{secret.with_suffix(".css").as_uri()}");
      @font-face {{ font-family: x; src: url("{listener}/3.ttf") }}
      p {{ background-image: url("{listener}/4.png") }}</style>
      {svg}<p>after</p>"""
    pdf, _ = drawn(renderer, body)
    text = text_of(pdf)
    assert "before" in text
    assert "after" in text
    assert words not in text
    assert Listener.calls == 0
    assert not pdf.attachments


@pytest.mark.usefixtures("pango")
def test_the_fetcher_of_weasyprint_opens_our_fonts_and_pictures_inside_alone() -> None:
    faces = installed_faces()[:1]
    fetch = fonts_only(faces).fetch
    assert fetch(faces[0].path.as_uri()).read() == faces[0].path.read_bytes()
    for refused in (
        "file:///etc/passwd",
        f"file://elsewhere{faces[0].path}",
        f"{faces[0].path.parent.as_uri()}/",
        "http://127.0.0.1/",
        "https://example.org/",
        "ftp://127.0.0.1/",
        "data:text/css,p{}",
        "data:image/png;base64,AAAA",
    ):
        with pytest.raises(ValueError, match="not opened"):
            fetch(refused)


@pytest.mark.parametrize("script", ["words", "han", "one word"])
def test_a_long_note_breaks_across_pages_and_loses_nothing(renderer: Renderer, script: str) -> None:
    numbers = [f"w{number:05d}" for number in range(2800)]
    if script == "han":
        numbers = [chr(0x4E00 + number) for number in range(9000)]
    joint = " " if script == "words" else ""
    note = joint.join(numbers)
    body = (
        f'<div class="paper-line"><p>before</p><p class="paper-note">{note}</p><p>after</p></div>'
    )
    pdf, _ = drawn(renderer, body)
    assert len(pdf.pages) > 1
    text = re.sub(r"Amina, .*", "", text_of(pdf))  # the foot of each page
    text = re.sub(r"\s", "", text)
    assert text.partition("before")[2].partition("after")[0] == "".join(numbers)


@pytest.mark.usefixtures("pango")
def test_a_tagged_paper_is_flagged_as_pdf_ua() -> None:
    pdf, _ = drawn(renderer_named("weasyprint"), "<h1>Plan</h1><p>Text</p>")
    root = pdf.root_object
    assert root["/MarkInfo"]["/Marked"] == BooleanObject(True)  # type: ignore[index]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == BooleanObject(True)  # type: ignore[index]
    assert pdf.metadata
    assert pdf.metadata.title == "T"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()  # type: ignore[union-attr]


def test_the_press_gives_the_paper_or_says_why_not() -> None:
    press = Press("xhtml2pdf")
    try:
        assert press.render("<p>one</p>", []).startswith(b"%PDF")
        assert press.render("<p>two</p>", []).startswith(b"%PDF")
    finally:
        press.close()
    broken = Press("no such renderer")
    with pytest.raises(PressFailed, match="broken"):
        broken.render("<p>one</p>", [])
    slow = Press("xhtml2pdf", seconds=0.0)
    with pytest.raises(PressFailed, match="too-slow"):
        slow.render("<p>one</p>", [])
    assert not slow._child.is_running


def test_faces_are_taken_as_characters_need_them() -> None:
    latin = Face(BASE, "Latin", Path("latin"))
    bold = Face(BASE, "Latin", Path("bold"), bold=True)
    han = Face("han", "Chinese", Path("han"))
    hindi = Face("hindi", "Devanagari", Path("hindi"), shaped=True)
    both = Face("both", "Latin and Chinese", Path("both"))
    known = {"latin": "ab’", "bold": "ab’", "han": "王", "hindi": "ह", "both": "a王"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "lti_tool.exports.papers.fonts.coverage",
            lambda path: frozenset(map(ord, known[path.name])),
        )
        faces = (latin, bold, han, hindi, both)
        assert choose("a b\n’\u200f\ufe0f", faces, shapes=False) == Choice((latin, bold), ())
        assert choose("a王", faces, shapes=False) == Choice((latin, bold, han), ())
        assert choose("aहz", faces, shapes=False) == Choice((latin, bold), ("z", "ह"))
        assert choose("aह", faces, shapes=True) == Choice((latin, bold, hindi), ())
        assert choose("a", (), shapes=True) == Choice((), ("a",))
    assert without("aहz", ("ह",)) == "a□z"


def test_the_scripts_that_cannot_be_printed_are_named() -> None:
    faces = installed_faces()
    assert "Devanagari" in lacking_scripts(faces, shapes=False)
    assert "Arabic" in lacking_scripts((), shapes=True)
    assert lacking_scripts(faces, shapes=True) == []


def test_the_coverage_of_a_font_is_what_its_table_says() -> None:
    from fontTools.ttLib import TTFont

    for face in installed_faces():
        said = TTFont(face.path, fontNumber=0).getBestCmap()
        assert coverage(face.path) == frozenset(said), face.path.name


def test_a_wrong_or_missing_renderer_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="IMHCF_PDF_RENDERER"):
        load_settings(pdf_renderer="word")
    monkeypatch.setattr("lti_tool.kernel.settings.find_spec", lambda _name: None)
    with pytest.raises(Misconfigured, match="tagged"):
        load_settings(pdf_renderer="weasyprint")
