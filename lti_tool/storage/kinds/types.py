"""The kinds of file that are evidence: their types, endings, and what a page may do with them."""

from collections.abc import Mapping
from enum import StrEnum

PDF = "application/pdf"
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
MP3, M4A, OGG, WAV = "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"
MP4, MOV, WEBM = "video/mp4", "video/quicktime", "video/webm"

# The endings that each type may keep; the first is given to a name that has none of them.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    PPTX: (".pptx",),
    ODT: (".odt",),
    ODS: (".ods",),
    ODP: (".odp",),
    MP3: (".mp3",),
    M4A: (".m4a",),
    OGG: (".ogg", ".oga", ".opus"),
    WAV: (".wav",),
    MP4: (".mp4", ".m4v"),
    MOV: (".mov",),
    WEBM: (".webm",),
}
# What a page's file field asks the browser to offer. HEIC is left out on purpose: a telephone
# that keeps its pictures as HEIC then hands over a JPEG by itself.
ACCEPT = ",".join(ending for endings in ENDINGS.values() for ending in endings)

PICTURES = frozenset({JPEG, PNG, WEBP})
VIDEOS = frozenset({MP4, MOV, WEBM})
SOUNDS = frozenset({MP3, M4A, OGG, WAV})
DOCUMENTS = frozenset(ENDINGS) - PICTURES - VIDEOS - SOUNDS
# Recordings that telephones and programs name one for the other: their content decides.
_ALIKE = (PICTURES, VIDEOS | SOUNDS)


class Family(StrEnum):
    """What a page does with a file: show it, play it, or only hand it out."""

    PICTURE = "picture"
    SOUND = "sound"
    VIDEO = "video"
    DOCUMENT = "document"


def family_of(media_type: str) -> Family:
    """Returns the family of a type; what is unknown is only handed out."""
    if media_type in PICTURES:
        return Family.PICTURE
    if media_type in VIDEOS:
        return Family.VIDEO
    return Family.SOUND if media_type in SOUNDS else Family.DOCUMENT


def type_of_ending(name: str) -> str | None:
    """Returns the type that a name's ending promises, or None where it has no known one."""
    lower = name.lower()
    return next((kind for kind, ends in ENDINGS.items() if lower.endswith(ends)), None)


def may_be_named(promised: str, found: str) -> bool:
    """Says whether content of one type may come under the ending of another.

    A picture may be any picture and a recording any recording; it gets the right ending.
    """
    return promised == found or any({promised, found} <= alike for alike in _ALIKE)
