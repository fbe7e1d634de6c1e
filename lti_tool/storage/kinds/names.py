"""Names of files: what is refused before a byte is sent, and how one is kept. Pure."""

import re
import unicodedata

from lti_tool.storage.kinds.refusals import refused
from lti_tool.storage.kinds.types import ENDINGS, type_of_ending

LONGEST_NAME = 120
_MACROS = (".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm", ".ppam")
_OLD_OFFICE = (".doc", ".xls", ".ppt", ".dot", ".pps")
_HEIC = (".heic", ".heif", ".hif")
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")
# Endings that a system runs, or opens as a page: never before another one.
_RUN = frozenset(
    [
        "exe",
        "com",
        "scr",
        "pif",
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "hta",
        "msi",
        "msp",
        "jar",
        "lnk",
        "reg",
        "cpl",
        "dll",
        "sys",
        "sh",
        "app",
        "dmg",
        "pkg",
        "apk",
        "py",
        "pl",
        "php",
        "phtml",
        "asp",
        "aspx",
        "jsp",
        "html",
        "htm",
        "xhtml",
        "svg",
        "xml",
        "swf",
        "docm",
        "xlsm",
        "pptm",
        "iso",
        "img",
        "vhd",
        "chm",
        "url",
        "desktop",
        "zip",
        "rar",
        "7z",
    ]
)
# Joiners are parts of words in several scripts; other invisible marks are not.
_JOINERS = "\u200c\u200d"
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def check_name(name: str) -> str:
    """Returns a name in its usual form (NFC), at most 255 characters.

    Raises `NotEvidence` for a folder in it, for characters that turn the reading direction or
    cannot be seen, for an ending that is not taken and for one that hides another.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain.strip(". "):
        raise refused("name-empty")
    if "/" in plain or "\\" in plain:
        raise refused("name-path")
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c not in _JOINERS for c in plain):
        raise refused("name-control")
    _check_ending(plain.lower())
    stem, dot, ending = plain.rpartition(".")
    return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending


def kept_name(name: str, media_type: str) -> str:
    """Returns the name under which content of a type is handed out, with an ending that agrees."""
    plain = " ".join(_NOT_IN_NAMES.sub("_", name).split())
    endings = ENDINGS[media_type]
    promised = type_of_ending(plain)
    if promised:
        known = max((e for e in ENDINGS[promised] if plain.lower().endswith(e)), key=len)
        stem, ending = plain[: -len(known)], plain[-len(known) :]
        ending = ending if ending.lower() in endings else endings[0]
    else:
        stem, ending = plain, endings[0]
    stem = stem[: LONGEST_NAME - len(ending)].strip(". ") or "file"
    return ("_" if _DEVICES.fullmatch(stem) else "") + stem + ending


def _check_ending(lower: str) -> None:
    for endings, code in (
        (_MACROS, "ending-macros"),
        (_OLD_OFFICE, "ending-old-office"),
        (_HEIC, "ending-heic"),
        (_ARCHIVES, "archive"),
    ):
        if lower.endswith(endings):
            raise refused(code)
    inner = [part.strip() for part in lower.split(".")[1:-1]]
    if _RUN & set(inner) or (inner and lower.rpartition(".")[2].strip() in _RUN):
        raise refused("name-double")
    if type_of_ending(lower) is None:
        raise refused("ending-unknown")
