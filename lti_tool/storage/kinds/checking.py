"""Which kind a file is, by its content, and what of it has to be replaced. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lti_tool.storage.kinds import boxes, documents, matroska, pictures, sounds, types
from lti_tool.storage.kinds.names import kept_name
from lti_tool.storage.kinds.patches import Patch
from lti_tool.storage.kinds.refusals import refused

HEAD, TAIL = 4_096, 66_000
_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe)", re.IGNORECASE)
_END_OF_ZIP = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: its type, the name that it is kept under, and which bytes are replaced."""

    media_type: str
    name: str
    patches: tuple[Patch, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ends:
    head: bytes
    tail: bytes
    size: int


def check_evidence(name: str, source: BinaryIO, size: int) -> Kind:
    """Returns what a file is; `name` was checked by `check_name`.

    Raises `NotEvidence` with a sentence for each reason. Read are the ends, the frames of
    recordings and, of documents, every part once, in steps: what they unpack to is counted and
    thrown away. The type that a browser said is not asked.
    """
    source.seek(0)
    head = source.read(HEAD)
    source.seek(max(0, size - TAIL))
    ends = _Ends(head, source.read(TAIL), size)
    media_type = _type_of(source, ends)
    promised = types.type_of_ending(name)
    if promised and not types.may_be_named(promised, media_type):
        raise refused("type-wrong", f"{promised} is {media_type}")
    if media_type not in _PACKAGED:
        _check_alone(ends)
    patches = _clean(media_type, source, size)
    return Kind(media_type, kept_name(name, media_type), tuple(patches))


_PACKAGED = frozenset({types.DOCX, types.XLSX, types.PPTX, types.ODT, types.ODS, types.ODP})


def _type_of(source: BinaryIO, ends: _Ends) -> str:
    head = ends.head
    if head.startswith(b"PK\x03\x04"):
        return documents.check_package(source, ends.size)
    if head.startswith(documents.OLE):
        raise refused(documents.old_kind(source, ends.size))
    if head.startswith(b"%PDF-"):
        return _pdf(ends)
    if head[4:8] == b"ftyp":
        return boxes.check_boxes(source, ends.size)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return matroska.check_webm(source, ends.size)
    found = pictures.type_of(head, ends.tail, ends.size) or sounds.type_of(source, head, ends)
    if found is None:
        raise refused("type-unknown")
    return found


def _pdf(ends: _Ends) -> str:
    """ISO 32000-2, 7.5: a header line with a version, and "%%EOF" at the end."""
    if not re.match(rb"%PDF-[12]\.\d\s", ends.head) or b"%%EOF" not in ends.tail[-1024:]:
        raise refused("file-damaged")
    behind = ends.tail.rpartition(b"%%EOF")[2]
    if _MARKUP.search(ends.head[:1024]) or behind.strip(b"\0 \t\r\n"):
        raise refused("file-two-in-one")
    return types.PDF


def _check_alone(ends: _Ends) -> None:
    """Raises `NotEvidence` where a ZIP file ends where this file does: it would open as both."""
    at = ends.tail.rfind(_END_OF_ZIP)
    if at < 0 or len(ends.tail) - at < 22:
        return
    comment = int.from_bytes(ends.tail[at + 20 : at + 22], "little")
    directory = int.from_bytes(ends.tail[at + 12 : at + 16], "little")
    if at + 22 + comment <= len(ends.tail) and 0 < directory < ends.size:
        raise refused("file-two-in-one")


def _clean(media_type: str, source: BinaryIO, size: int) -> Sequence[Patch]:
    cleaner = _CLEANERS.get(media_type)
    return cleaner(source, size) if cleaner else ()


_CLEANERS: dict[str, Callable[[BinaryIO, int], Sequence[Patch]]] = {
    types.MP4: boxes.places_of,
    types.MOV: boxes.places_of,
    types.M4A: boxes.places_of,
    types.WEBM: matroska.places_of,
    types.MP3: sounds.tags_of_mp3,
    types.WAV: sounds.tags_of_wav,
}
