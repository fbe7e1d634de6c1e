"""The fonts that papers are set in, and which of them a text needs.

Fonts come from wheels (they are data; nothing of those packages is imported), else from the
machine. No character is left out in silence: what no font has is named, so that a page can
say it before a paper is made.
"""

import os
import struct
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# Where Debian and others keep fonts; only names of the table below are looked for.
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
BASE = "paper"
REPLACEMENT = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A face that papers may need: the first candidate that is there is taken.

    A candidate with a slash is a file in an installed package; one without is a file name in
    the machine's font folders. `shaped`: its script is only right when letters are joined and
    moved by the renderer, which xhtml2pdf does for Arabic alone.
    """

    family: str
    script: str
    candidates: tuple[str, ...]
    bold: bool = False
    shaped: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """A font file that was found, under the family name that stylesheets use."""

    family: str
    script: str
    path: Path
    bold: bool = False
    shaped: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The faces that a text needs, the base ones first, and the characters that none has."""

    faces: tuple[Face, ...]
    missing: tuple[str, ...]


def _noto(family: str, script: str, name: str, *, shaped: bool = False) -> Wanted:
    files = (f"manimgx_fonts/{name}[wght].ttf", f"{name}-Regular.ttf")
    return Wanted(f"{BASE}-{family}", script, files, shaped=shaped)


_SOURCE = "font_source_sans_pro/files/SourceSansPro-"
WANTED = (
    Wanted(
        BASE,
        "Latin, Greek and Cyrillic",
        (f"{_SOURCE}Regular.ttf", "NotoSans-Regular.ttf", "DejaVuSans.ttf"),
    ),
    Wanted(
        BASE,
        "Latin, Greek and Cyrillic",
        (f"{_SOURCE}Bold.ttf", "NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf"),
        bold=True,
    ),
    _noto("noto", "more Latin, Greek and Cyrillic", "NotoSans"),
    _noto("arabic", "Arabic", "NotoSansArabic"),
    _noto("hebrew", "Hebrew", "NotoSansHebrew"),
    Wanted(
        f"{BASE}-cjk",
        "Chinese, Japanese and Korean",
        (
            "paperang_p2_fonts_cjk/fonts/wqy-microhei.ttc",
            "wqy-microhei.ttc",
            "DroidSansFallbackFull.ttf",
            "DroidSansFallback.ttf",
        ),
    ),
    _noto("armenian", "Armenian", "NotoSansArmenian"),
    _noto("georgian", "Georgian", "NotoSansGeorgian"),
    _noto("ethiopic", "Ethiopic", "NotoSansEthiopic"),
    _noto("thai", "Thai", "NotoSansThai"),
    _noto("lao", "Lao", "NotoSansLao"),
    _noto("devanagari", "Devanagari", "NotoSansDevanagari", shaped=True),
    _noto("bengali", "Bengali", "NotoSansBengali", shaped=True),
    _noto("gujarati", "Gujarati", "NotoSansGujarati", shaped=True),
    _noto("gurmukhi", "Gurmukhi", "NotoSansGurmukhi", shaped=True),
    _noto("tamil", "Tamil", "NotoSansTamil", shaped=True),
    _noto("telugu", "Telugu", "NotoSansTelugu", shaped=True),
    _noto("kannada", "Kannada", "NotoSansKannada", shaped=True),
    _noto("malayalam", "Malayalam", "NotoSansMalayalam", shaped=True),
    _noto("oriya", "Odia", "NotoSansOriya", shaped=True),
    _noto("sinhala", "Sinhala", "NotoSansSinhala", shaped=True),
    _noto("khmer", "Khmer", "NotoSansKhmer", shaped=True),
    _noto("myanmar", "Burmese", "NotoSansMyanmar", shaped=True),
    _noto("symbols", "symbols", "NotoSansSymbols"),
    Wanted(f"{BASE}-more", "more symbols", ("DejaVuSans.ttf",)),
    Wanted(f"{BASE}-emoji", "emoji", ("manimgx_fonts/NotoEmoji[wght].ttf",)),
)


@cache
def installed_faces() -> tuple[Face, ...]:
    """Returns the faces that are on this machine, in the order in which they are asked."""
    found = ((wanted, _first(wanted.candidates)) for wanted in WANTED)
    return tuple(
        Face(wanted.family, wanted.script, path, wanted.bold, wanted.shaped)
        for wanted, path in found
        if path
    )


def lacking_scripts(faces: Iterable[Face], *, shapes: bool) -> list[str]:
    """Returns the scripts that cannot be printed; `shapes` says whether the renderer shapes."""
    usable = {face.script for face in faces if shapes or not face.shaped}
    return list(dict.fromkeys(w.script for w in WANTED if w.script not in usable))


def choose(text: str, faces: Sequence[Face], *, shapes: bool) -> Choice:
    """Returns the faces that a text needs, and the characters that cannot be printed, in order.

    A character is drawn by the first face that has it. Spaces, line ends and marks that are
    never drawn need none. A paper without any base face cannot be set at all.
    """
    usable = [face for face in faces if shapes or not face.shaped]
    left = {c for c in set(text) if _is_drawn(c)}
    needed: list[Face] = []
    for face in usable:
        if face.bold or face.family == BASE:
            needed.append(face)
            left -= set() if face.bold else _had(left, face)
        elif left and (had := _had(left, face)):
            needed.append(face)
            left -= had
    return Choice(tuple(needed), tuple(sorted(left)))


def without(text: str, missing: Iterable[str]) -> str:
    """Returns the text with an empty square for every character that cannot be printed."""
    return text.translate({ord(c): REPLACEMENT for c in missing})


@cache
def coverage(path: Path) -> frozenset[int]:
    """Returns the characters that a TrueType font (the first of a collection) has a glyph for.

    Reads the `cmap` table (OpenType 1.9, formats 4 and 12), which takes a few milliseconds.
    """
    data = path.read_bytes()
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    count = struct.unpack_from(">H", data, start + 4)[0]
    for number in range(count):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
        if tag == b"cmap":
            return _characters(data, offset)
    return frozenset()


def _characters(data: bytes, cmap: int) -> frozenset[int]:
    tables = struct.unpack_from(">H", data, cmap + 2)[0]
    found: set[int] = set()
    for number in range(tables):
        platform, _encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        kind = struct.unpack_from(">H", data, cmap + offset)[0]
        if platform not in {0, 3}:
            continue
        if kind == 4:
            found |= _format_4(data, cmap + offset)
        elif kind == 12:
            found |= _format_12(data, cmap + offset)
    return frozenset(found)


def _format_4(data: bytes, at: int) -> set[int]:
    """Segments of the basic plane. A segment with glyph 0 for a character does not have it."""
    segments = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", data, at + 14)
    starts = struct.unpack_from(f">{segments}H", data, at + 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", data, at + 16 + 4 * segments)
    ranges_at = at + 16 + 6 * segments
    offsets = struct.unpack_from(f">{segments}H", data, ranges_at)
    found: set[int] = set()
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        if first == 0xFFFF:
            continue
        if not offsets[number]:
            found.update(c for c in range(first, last + 1) if (c + deltas[number]) & 0xFFFF)
            continue
        glyphs_at = ranges_at + 2 * number + offsets[number]
        glyphs = struct.unpack_from(f">{last - first + 1}H", data, glyphs_at)
        found.update(first + place for place, glyph in enumerate(glyphs) if glyph)
    return found


def _format_12(data: bytes, at: int) -> set[int]:
    groups = struct.unpack_from(">I", data, at + 12)[0]
    found: set[int] = set()
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * number)
        found.update(range(first if glyph else first + 1, last + 1))
    return found


def _had(characters: Iterable[str], face: Face) -> set[str]:
    known = coverage(face.path)
    return {c for c in characters if ord(c) in known}


def _is_drawn(character: str) -> bool:
    """Control and format characters, spaces and variation selectors leave no mark."""
    if unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
        return False
    return not 0xFE00 <= ord(character) <= 0xFE0F


def _first(candidates: Iterable[str]) -> Path | None:
    return next((path for path in map(_locate, candidates) if path), None)


def _locate(candidate: str) -> Path | None:
    package, slash, inside = candidate.partition("/")
    if not slash:
        return _on_this_machine().get(candidate)
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / inside if folders else None
    return path.resolve() if path and path.is_file() else None


@cache
def _on_this_machine() -> dict[str, Path]:
    """Returns the font files of the machine by name, the first of each name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for where, _folders, names in os.walk(Path(folder).expanduser()):
            for name in names:
                if name.endswith((".ttf", ".ttc")):
                    found.setdefault(name, (Path(where) / name).resolve())
    return found
