"""Which files are taken, and under which names they are handed out."""

import pytest

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.storage import rules
from lti_tool.storage.rules import check_file, content_disposition, safe_name, type_of
from tests.storage import files

LIMIT = 10_000_000


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.PDF, rules.PDF),
        (files.JPEG, rules.JPEG),
        (files.PNG, rules.PNG),
        (files.WEBP, rules.WEBP),
        (files.TEXT, rules.TEXT),
        (b"\xef\xbb\xbf" + files.TEXT, rules.TEXT),
        (files.docx(), rules.DOCX),
        (files.odt(), rules.ODT),
    ],
)
def test_a_file_is_what_its_content_is_whatever_it_is_called(
    content: bytes, media_type: str
) -> None:
    checked = check_file("anything.exe", content, limit=LIMIT)
    assert checked.media_type == media_type
    assert checked.name == "anything.exe" + rules.ENDINGS[media_type][0]
    assert checked.content == content


@pytest.mark.parametrize(
    "content",
    [
        files.HTML,
        files.HTML_AS_PDF,
        b"\n\n   " + files.HTML,
        b"Dear all, <script>alert(1)</script>",
        files.SVG,
        files.PROGRAM,
        b" " + files.PDF,
        b"%PDF-1.7\n<html><script>alert(1)</script>",
        b"%PDF-nonsense\n%%EOF",
        b"\xff\xd8\xff\xe0 no end",
        files.PNG[:-12],
        b"GIF89a" + b"\0" * 60,
        b"RIFF\xff\xff\xff\x00WEBPVP8 ",
        b"\0\0\0\0",
        b"   \n ",
        b"\xff\xfeT\x00e\x00x\x00t\x00",
        b"Text with a bell \a",
        b"%!PS-Adobe-3.0",
    ],
)
def test_what_is_none_of_the_kinds_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_file("certificate.pdf", content, limit=LIMIT)
    assert refused.value.code == "file-type-unknown"


@pytest.mark.parametrize(
    "content",
    [
        files.package({"readme.txt": "A plain archive"}),
        files.docx(**{"word/vbaProject.bin": "macros"}),
        files.package({"[Content_Types].xml": "macroEnabled", "word/document.xml": "x"}),
        files.package({"[Content_Types].xml": "spreadsheet", "word/document.xml": "x"}),
        files.odt("application/epub+zip"),
        files.docx()[:60],
        files.HTML + files.docx(),
        b"PK\x03\x04" + b"\0" * 100,
    ],
)
def test_an_archive_is_taken_only_as_a_document_without_macros(content: bytes) -> None:
    assert type_of(content) is None


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_file("certificate.pdf", b"", limit=LIMIT)
    assert refused.value.code == "file-empty"


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_refused() -> None:
    assert check_file("a.pdf", files.PDF, limit=len(files.PDF))
    with pytest.raises(TooLarge) as refused:
        check_file("a.pdf", files.PDF + b"\n", limit=len(files.PDF))
    assert refused.value.sentence % refused.value.params == "This file is larger than 0 MB."


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("certificate.pdf", "certificate.pdf"),
        ("Certificate.PDF", "Certificate.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\amina\\scan.pdf", "scan.pdf"),
        ('My "best" file.pdf', "My _best_ file.pdf"),
        ("one\r\nSet-Cookie: a=b.pdf", "one Set-Cookie_ a=b.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe.pdf"),
        ("page.html", "page.html.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file.pdf"),
        ("con.pdf", "_con.pdf"),
        ("Llŷr Żółć.pdf", "Llŷr Żółć.pdf"),
        ("شهادة.pdf", "شهادة.pdf"),
        ("证书.pdf", "证书.pdf"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("half \ud800 pair.pdf", "half pair.pdf"),
        ("nul\0byte.pdf", "nul byte.pdf"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_safe(name: str, safe: str) -> None:
    assert safe_name(name, rules.PDF) == safe


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = safe_name("x" * 500 + ".jpeg", rules.JPEG)
    assert len(name) == rules.LONGEST_NAME
    assert name.endswith(".jpeg")


def test_the_download_header_holds_the_name_in_any_script_and_nothing_else() -> None:
    header = content_disposition("Żółć 证书 (1).pdf")
    assert header.startswith('attachment; filename="')
    assert "filename*=UTF-8''%C5%BB%C3%B3%C5%82%C4%87%20%E8%AF%81" in header
    assert header.isascii()
    assert content_disposition("证书.pdf").startswith('attachment; filename="file.pdf"')
    quoted = content_disposition('a";\r\nX: y.pdf')
    assert quoted.split('"')[1] == "a____X_ y.pdf"
    assert "\n" not in quoted
