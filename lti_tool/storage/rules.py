"""Which files are taken, by their content, and under which name they are handed out. Pure."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_

# How long a removed file can be had back.
UNDO_FOR = timedelta(days=1)
MEGABYTE = 1_000_000
LONGEST_NAME = 120
PDF, JPEG, PNG, WEBP, TEXT = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
# The endings that each type may keep; the first is given to a name that has none of them.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    TEXT: (".txt",),
    DOCX: (".docx",),
    ODT: (".odt",),
}
# What a page's file field asks the browser to offer. A comfort: only the content decides.
ACCEPT = ",".join(ending for endings in ENDINGS.values() for ending in endings)

_PARTS = re.compile(r"[/\\]")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
# Of the invisible characters these two are part of words; others turn the reading direction.
_JOINERS = "\u200c\u200d"
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml)", re.IGNORECASE)
_LEFT_OUT_OF_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MOST_PARTS = 5_000
_LONGEST_PART = 1_000_000


class FileStatus(StrEnum):
    """Whether a file is there for its owner, or removed and still to be had back."""

    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: its bytes, the type of its content, and a name made safe."""

    content: bytes
    media_type: str
    name: str


def check_file(name: str, content: bytes, *, limit: int) -> CheckedFile:
    """Returns the file as it may be kept; `limit` is in bytes.

    Raises `TooLarge`, or `InvalidInput` for an empty file and for any content that is not on
    the list of types. Neither the name nor the type that a browser sent is asked.
    """
    if not content:
        raise InvalidInput(
            N_("This file is empty."),
            code="file-empty",
            advice=N_("Choose another file, or save without one."),
        )
    if len(content) > limit:
        raise TooLarge(
            N_("This file is larger than %(limit)s MB."),
            code="file-too-large",
            advice=N_("Choose a smaller one, such as a scan at lower resolution."),
            params={"limit": limit // MEGABYTE},
        )
    media_type = type_of(content)
    if media_type is None:
        raise InvalidInput(
            N_("This is none of the kinds of file that are kept here."),
            code="file-type-unknown",
            advice=N_("Choose a PDF, a picture (JPEG, PNG, WebP), a text, DOCX or ODT file."),
        )
    return CheckedFile(content, media_type, safe_name(name, media_type))


def type_of(content: bytes) -> str | None:
    """Returns the media type of the content, or None for what is not taken.

    Each type must look right at its beginning and, where the format says so, at its end or
    inside: a page of HTML that holds "%PDF" is no PDF.
    """
    return next((kind for kind, looks_right in _CHECKS.items() if looks_right(content)), None)


def safe_name(name: str, media_type: str) -> str:
    """Returns a file name without folders, control or direction marks, of a bounded length.

    Its ending agrees with the type: "page.html" that is a PDF becomes "page.html.pdf".
    """
    last = _PARTS.split(unicodedata.normalize("NFC", name))[-1]
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in last)
    plain = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) != "Cf")
    plain = " ".join(_NOT_IN_NAMES.sub("_", plain).split()).rstrip(". ")
    endings = ENDINGS[media_type]
    stem, ending = plain, endings[0]
    for known in endings:
        if plain.lower().endswith(known):
            stem, ending = plain[: -len(known)], plain[-len(known) :]
    stem = stem[: LONGEST_NAME - len(ending)].strip(". ") or "file"
    return ("_" if _DEVICES.fullmatch(stem) else "") + stem + ending


def content_disposition(name: str) -> str:
    """Returns the header that makes a browser save a file under this name (RFC 6266, RFC 8187)."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._ ()-]", "_", letters)
    stem, dot, ending = plain.rpartition(".")
    if not re.search("[A-Za-z0-9]", stem):
        plain = "file" + dot + ending
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_pdf(content: bytes) -> bool:
    """ISO 32000-2, 7.5: a header line with a version, and "%%EOF" in the last 1,024 bytes."""
    return bool(re.match(rb"%PDF-[12]\.\d\s", content)) and b"%%EOF" in content[-1024:]


def _is_jpeg(content: bytes) -> bool:
    """ISO 10918-1: start of image and a further marker; an end of image near the end."""
    begins = content[:3] == b"\xff\xd8\xff" and content[3:4] >= b"\xc0"
    return begins and b"\xff\xd9" in content[-4096:]


def _is_png(content: bytes) -> bool:
    """W3C PNG, 5: the signature, then a header chunk of 13 bytes; the last chunk is IEND."""
    begins = content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    return begins and b"IEND\xaeB`\x82" in content[-64:]


def _is_webp(content: bytes) -> bool:
    """RFC 9649: a RIFF container of the length that it says, with a VP8 chunk."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return False
    length = int.from_bytes(content[4:8], "little")
    return content[12:16] in {b"VP8 ", b"VP8L", b"VP8X"} and abs(length + 8 - len(content)) <= 1


def _is_docx(content: bytes) -> bool:
    """ECMA-376, part 2: a package whose main part is a word-processing document, no macros."""
    parts = _parts(content)
    if parts is None or "word/document.xml" not in parts.namelist():
        return False
    if any(name.lower().endswith("vbaproject.bin") for name in parts.namelist()):
        return False
    kinds = _part(parts, "[Content_Types].xml")
    return b"wordprocessingml.document.main+xml" in kinds and b"macroEnabled" not in kinds


def _is_odt(content: bytes) -> bool:
    """OpenDocument 1.3, part 2, 3.3: the first part says the type, uncompressed."""
    parts = _parts(content)
    if parts is None or parts.namelist()[:1] != ["mimetype"]:
        return False
    return "content.xml" in parts.namelist() and _part(parts, "mimetype") == ODT.encode()


def _parts(content: bytes) -> zipfile.ZipFile | None:
    """Opens a package that begins at the first byte. Nothing of it is unpacked yet."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        parts = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        return None
    return parts if 0 < len(parts.infolist()) <= _MOST_PARTS else None


def _part(parts: zipfile.ZipFile, name: str) -> bytes:
    """Returns the beginning of one part, however large it says that it is; empty when damaged."""
    try:
        with parts.open(name) as part:
            return part.read(_LONGEST_PART)
    except Exception:  # noqa: BLE001 - zipfile, zlib, lzma and bz2 each raise errors of their own
        return b""


def _is_text(content: bytes) -> bool:
    """UTF-8, without control characters, and no markup that somebody might open as a page."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if _LEFT_OUT_OF_TEXT.search(text) or text.lstrip().startswith(("<", "%PDF", "%!PS")):
        return False
    return bool(text.strip()) and not _MARKUP.search(content)


_CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    PDF: _is_pdf,
    JPEG: _is_jpeg,
    PNG: _is_png,
    WEBP: _is_webp,
    DOCX: _is_docx,
    ODT: _is_odt,
    TEXT: _is_text,
}
