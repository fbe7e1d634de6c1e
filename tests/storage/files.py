"""Small files of each kind, made by hand: right ones, and ones that only pretend."""

import io
import zipfile

from lti_tool.storage.rules import ODT

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    + b"\0" * 40
    + b"\xff\xd9"
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
WEBP = b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8 " + (10).to_bytes(4, "little") + b"\0" * 10
TEXT = "Attended on 14 March. Llŷr, O'Brien-Żółć, محمد, 王小明.\n".encode()
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
HTML_AS_PDF = b"<html><body>%PDF-1.7\n<script>alert(1)</script>%%EOF</body></html>"
SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 200
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def package(parts: dict[str, str]) -> bytes:
    """A ZIP file with these parts, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # always the same bytes
    return target.getvalue()


def docx(**more: str) -> bytes:
    kinds = f'<Types><Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
    return package({"[Content_Types].xml": kinds, "word/document.xml": "<w:document/>"} | more)


def odt(mimetype: str = ODT) -> bytes:
    return package({"mimetype": mimetype, "content.xml": "<office:document-content/>"})
