"""Why a file is not taken as evidence: a sentence for each reason, and what to do. Pure."""

from collections.abc import Mapping

from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_

_ANOTHER = N_("Choose another file.")
_SAVE_NEW = N_("Open it on your computer, save it again under a new name, and upload that.")
_RENAME = N_("Rename the file on your computer, then choose it again.")

# Each code with its sentence and its advice.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "name-path": (N_("This file's name holds a folder."), _RENAME),
    "name-control": (
        N_("This file's name holds invisible characters that can make it look like another one."),
        _RENAME,
    ),
    "name-double": (
        N_("This file's name has a second ending, as programs in disguise have."),
        _RENAME,
    ),
    "name-empty": (N_("This file has no name."), _RENAME),
    "ending-unknown": (
        N_("Files with this ending are not taken as evidence."),
        N_(
            "Choose a picture (JPEG, PNG, WebP), a PDF, a document (DOCX, XLSX, PPTX, ODT, ODS,"
            " ODP), a sound (MP3, M4A, OGG, WAV) or a video (MP4, MOV, WebM)."
        ),
    ),
    "ending-heic": (
        N_("HEIC pictures cannot be shown by every browser."),
        N_("Save the picture as JPEG and upload that. On an iPhone: Settings, Camera, Formats."),
    ),
    "ending-macros": (
        N_("Documents with macros are not taken: a macro is a program that runs when opened."),
        N_("Save it without macros, as DOCX, XLSX or PPTX, and upload that."),
    ),
    "ending-old-office": (
        N_("Documents in the old Office format are not taken."),
        N_("Open it and save it as DOCX, XLSX or PPTX, or as PDF, and upload that."),
    ),
    "type-wrong": (
        N_("This file is not what its name says: its content is of another kind."),
        _SAVE_NEW,
    ),
    "type-unknown": (N_("The content of this file is none of the kinds that are taken."), _ANOTHER),
    "file-damaged": (N_("This file is damaged or not complete."), _SAVE_NEW),
    "file-two-in-one": (
        N_("This file holds a second file of another kind behind the first."),
        _SAVE_NEW,
    ),
    "package-password": (
        N_("This document is protected by a password, so that no assessor could read it."),
        N_("Save it without the password and upload that. Only those who may will see it."),
    ),
    "package-bomb": (
        N_("This document would unpack to far more than a document holds."),
        _SAVE_NEW,
    ),
    "package-nested": (N_("This document holds an archive or a program."), _SAVE_NEW),
    "package-paths": (N_("Parts of this document have names that lead out of it."), _SAVE_NEW),
    "archive": (
        N_("Archives such as ZIP are not taken."),
        N_("Unpack it and upload the files in it one by one."),
    ),
    "picture-too-large": (
        N_("This picture has more pixels than can be prepared here."),
        N_("Save it smaller, at most 12,000 pixels wide and high, and upload that."),
    ),
    "video-location": (
        N_("This video may hold where it was taken, and that cannot be removed here."),
        N_("Export it again from your telephone or computer without its location."),
    ),
}


class NotEvidence(InvalidInput):
    """A file that is not taken; `code` says which reason of `SENTENCES` it was."""


def refused(code: str, detail: str = "") -> NotEvidence:
    """Returns the refusal for a reason; `detail` is for the log and holds nothing of the file."""
    sentence, advice = SENTENCES[code]
    return NotEvidence(sentence, code=code, advice=advice, detail=detail)
