"""Office documents: ZIP packages whose every part is counted before anybody opens one. Pure."""

import io
import zipfile
from collections.abc import Sequence
from typing import BinaryIO

from lti_tool.storage.kinds import types
from lti_tool.storage.kinds.inflating import check_part
from lti_tool.storage.kinds.refusals import refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_PARTS = 5_000
# What a document may unpack to, and how much denser than its file.
MOST_UNPACKED = 1_000_000_000
MOST_INFLATED = 400_000_000
HIGHEST_RATIO = 200
_RATIO_FROM = 20_000_000
_DEEPEST = 2
_LONGEST_TYPES = 2_000_000

# Main parts' content types (ECMA-376, part 1, 11.3.10, 12.3.23, 13.3.6), without macros.
_MAIN = {
    b"wordprocessingml.document.main+xml": types.DOCX,
    b"spreadsheetml.sheet.main+xml": types.XLSX,
    b"presentationml.presentation.main+xml": types.PPTX,
    b"presentationml.slideshow.main+xml": types.PPTX,
}
_OPEN_DOCUMENT = {kind.encode(): kind for kind in (types.ODT, types.ODS, types.ODP)}
_PROGRAMS = (".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".js", ".vbs", ".ps1", ".jar", ".lnk")
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".cab", ".iso")
_DOCUMENTS_WITHIN = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
_MACROS_WITHIN = (".docm", ".xlsm", ".pptm", ".xlsb")


class Budget:
    """How much a document and all documents within it may still be inflated to, in bytes."""

    def __init__(self, left: int = MOST_INFLATED) -> None:
        self.left = left

    def spend(self, size: int) -> None:
        """Takes bytes out of it; raises `NotEvidence` when it has not so many."""
        self.left -= size
        if self.left < 0:
            raise refused("package-bomb", "inflated")


def check_package(
    source: BinaryIO, size: int, *, depth: int = 0, budget: Budget | None = None
) -> str:
    """Returns the type of an office document.

    Raises `NotEvidence` for an archive that is none, for macros, passwords, what would unpack
    to too much, archives and programs within, and for anything before or behind the package.
    """
    package, parts = _open(source, size)
    _check_sizes(parts, size)
    _check_names(parts)
    budget = budget or Budget()
    for part in parts:
        budget.spend(check_part(source, part, min(budget.left, part.file_size)))
    media_type = _type_of(package, parts)
    _check_within(package, parts, depth, budget)
    return media_type


def old_kind(source: BinaryIO, size: int) -> str:
    """Returns why a compound file is refused: an encrypted document, or one in an old format."""
    source.seek(0)
    directory = source.read(min(size, 4_000_000))
    if "EncryptedPackage".encode("utf-16-le") in directory:
        return "package-password"
    return "ending-old-office"


def _open(source: BinaryIO, size: int) -> tuple[zipfile.ZipFile, Sequence[zipfile.ZipInfo]]:
    try:
        package = zipfile.ZipFile(source)
        parts = package.infolist()
    except Exception:  # noqa: BLE001 - zipfile raises whatever a damaged header leads to
        raise refused("file-damaged") from None
    if not parts:
        raise refused("file-damaged")
    if len(parts) > MOST_PARTS:
        raise refused("package-bomb", f"{len(parts)} parts")
    _check_edges(source, package, parts, size)
    return package, parts


def _check_edges(
    source: BinaryIO, package: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo], size: int
) -> None:
    """The first part begins the file, none overlaps another, and nothing is behind the end."""
    source.seek(max(0, size - 66_000))
    tail = source.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end != 22 + len(package.comment):
        raise refused("file-two-in-one")
    ordered = sorted(parts, key=lambda part: part.header_offset)
    if ordered[0].header_offset != 0:
        raise refused("file-two-in-one")
    for one, other in zip(ordered, [*ordered[1:], None], strict=True):
        begins = other.header_offset if other else package.start_dir
        if one.header_offset + 30 + one.compress_size > begins:
            raise refused("package-bomb", "parts overlap")


def _check_sizes(parts: Sequence[zipfile.ZipInfo], size: int) -> None:
    if any(part.flag_bits & 0x41 for part in parts):
        raise refused("package-password")
    methods = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if any(part.compress_type not in methods for part in parts):
        raise refused("file-damaged", "compression")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or (unpacked > _RATIO_FROM and unpacked > HIGHEST_RATIO * size):
        raise refused("package-bomb", "declared")


def _check_names(parts: Sequence[zipfile.ZipInfo]) -> None:
    names = [part.orig_filename.replace("\\", "/") for part in parts]
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
            raise refused("package-paths")
    lower = [name.lower() for name in names]
    if len(set(lower)) != len(lower):
        raise refused("file-damaged", "one name twice")
    if any(_is_macro(name) for name in lower):
        raise refused("ending-macros")
    if any(name.endswith(_PROGRAMS + _ARCHIVES) for name in lower):
        raise refused("package-nested")


def _is_macro(name: str) -> bool:
    if name.endswith(("vbaproject.bin", "vbadata.xml", *_MACROS_WITHIN)):
        return True
    parts = name.split("/")
    is_source = name.endswith((".xml", ".py", ".bas", ".js", ".bsh")) and len(parts) > 1
    return (parts[0] in {"basic", "scripts"} and is_source) or "xl/macrosheets/" in name


def _type_of(package: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> str:
    names = {part.filename for part in parts}
    if "[Content_Types].xml" in names:
        kinds = _read(package, "[Content_Types].xml")
        if b"macroEnabled" in kinds:
            raise refused("ending-macros")
        found = [kind for mark, kind in _MAIN.items() if mark in kinds]
        if found:
            return found[0]
    elif parts[0].filename == "mimetype" and "content.xml" in names:
        kind = _OPEN_DOCUMENT.get(_read(package, "mimetype").strip())
        if kind and _is_encrypted(package, names):
            raise refused("package-password")
        if kind:
            return kind
    raise refused("archive")


def _is_encrypted(package: zipfile.ZipFile, names: set[str]) -> bool:
    """OpenDocument 1.3, part 2, 3.4.2: the manifest says so."""
    manifest = "META-INF/manifest.xml"
    return manifest in names and b"encryption-data" in _read(package, manifest)


def _check_within(
    package: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo], depth: int, budget: Budget
) -> None:
    """Looks at the beginning of every part: documents within are checked as this one is."""
    for part in parts:
        if part.is_dir():
            continue
        with package.open(part) as opened:
            head = opened.read(8)
        if head.startswith((b"MZ", b"\x7fELF", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")):
            raise refused("package-nested")
        if head.startswith(b"PK\x03\x04"):
            if depth >= _DEEPEST or not part.filename.lower().endswith(_DOCUMENTS_WITHIN):
                raise refused("package-nested")
            if part.file_size > 20_000_000:
                raise refused("package-bomb", "large document within")
            within = io.BytesIO(package.read(part))
            check_package(within, part.file_size, depth=depth + 1, budget=budget)


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(_LONGEST_TYPES)
