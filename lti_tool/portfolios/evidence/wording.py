"""Words of evidence that pages, and their scripts, show: translated here, once."""

from typing import Any

from flask_babel import gettext as _

from lti_tool.kernel.text import N_
from lti_tool.portfolios.evidence.panels import Notice
from lti_tool.portfolios.evidence.rules import Lack
from lti_tool.storage.kinds.types import ACCEPT, PICTURES, SOUNDS, VIDEOS, Family
from lti_tool.storage.uploads.rules import LARGEST_PART

# What a file field offers. With the media types a telephone offers its camera; it is not forced.
ACCEPTED = ",".join([*sorted(PICTURES | VIDEOS | SOUNDS), ACCEPT])
# What a script sends in one request: half of what one may carry.
PART = LARGEST_PART // 2

# What was done, the sentence for it, and the act that takes it back.
_DONE = {
    "added": (N_("Added."), "remove"),
    "linked": (N_("This piece serves this task as well now."), "unlink"),
    "unlinked": (N_("Taken off this task. It stays among your evidence."), "link"),
    "removed": (N_("Removed. It can be had back for a day."), "restore"),
    "restored": (N_("It is back."), ""),
    "changed": (N_("Saved."), ""),
    "cancelled": (N_("The upload was cancelled. What had arrived of it is removed."), ""),
}


def notice_of(did: str, piece: str = "", code: str = "") -> Notice | None:
    """Returns the sentence for what was done with its undo; None for an unknown word."""
    if did not in _DONE:
        return None
    words, undo = _DONE[did]
    return Notice(did, str(_(words)), piece, code, undo if piece else "")


def lack_words(lack: Lack) -> str:
    """Returns what a piece lacks, and what to do about it."""
    words = {
        Lack.INFECTED: _(
            "A virus was found in this file, so nobody is given it. Remove it, and have the device"
            " checked that it came from."
        ),
        Lack.HIDDEN: _(
            "An assessor reported that somebody can be known by this file. Until that is settled,"
            " only you and your organisation’s administrators see it."
        ),
        Lack.BEING_CHECKED: _(
            "This file is being checked for viruses. It is safely stored, and opens once that is"
            " done."
        ),
        Lack.ALT: _("Say what the picture shows, for an assessor who cannot see it."),
        Lack.DECLARATION: _("Say how nobody can be known by it."),
        Lack.DESCRIPTION: _("Say what is seen or heard in it: not every assessor sees and hears."),
    }
    return str(words[lack])


def family_words(family: Family) -> str:
    """Returns what kind of file it is."""
    words = {
        Family.PICTURE: _("Picture"),
        Family.SOUND: _("Sound"),
        Family.VIDEO: _("Video"),
        Family.DOCUMENT: _("Document"),
    }
    return str(words[family])


def alt_label(family: Family) -> str:
    """Returns how a page asks for the words that stand in for a file."""
    if family is Family.PICTURE:
        return str(_("What the picture shows"))
    if family is Family.DOCUMENT:
        return str(_("What it holds (if the title does not say it)"))
    return str(_("What is seen or heard in it"))


def size_words(size: int) -> str:
    """Returns a number of bytes as people read it."""
    if size < 1_000_000:
        return str(_("%(count)s kB", count=max(1, round(size / 1_000))))
    if size < 10_000_000:
        return str(_("%(count)s MB", count=f"{size / 1_000_000:.1f}"))
    return str(_("%(count)s MB", count=f"{round(size / 1_000_000):,}"))


def script_messages() -> dict[str, Any]:
    """Returns every sentence that the page's script may show; `{…}` is filled in there."""
    return {
        "waiting": _("Waiting for the one before"),
        "sending": _("{done} of {total} MB sent"),
        "paused": _(
            "Paused: the connection is gone. It goes on by itself from {done} of {total} MB."
        ),
        "trouble": _("Paused. {sentence} It is tried again by itself, from {done} of {total} MB."),
        "checking": _("All sent. Looking at what it is…"),
        "done": _("{name} was added."),
        "refused": _("Not added. {sentence}"),
        "cancelled": _("{name}: cancelled."),
        "ended": _(
            "Your session has ended. Open the activity again from your course, then choose the"
            " same file: the upload goes on from where it is."
        ),
        "other_file": _(
            "That is another file than the one that was begun. Choose the same one, or cancel"
            " this upload and begin anew."
        ),
        "too_large": _("Not added. This file is larger than {limit} MB."),
        "empty": _("Not added. This file is empty."),
        "failed": _("That did not reach us. Nothing was changed; try again."),
    }
