"""Words and facts that go to the pages' scripts: translated here, so that scripts hold no text."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.assessments.rules import LONGEST_NOTE, NOT_RATED, Progress, Rated


def progress_words(done: Progress) -> str:
    """Returns progress as a page says it, such as "5 of 10 rated, 3 achieved"."""
    return str(
        ngettext(
            "%(rated)s of %(num)s rated, %(achieved)s achieved",
            "%(rated)s of %(num)s rated, %(achieved)s achieved",
            done.total,
            rated=done.rated,
            achieved=done.achieved,
        )
    )


def progress_facts(done: Progress) -> dict[str, Any]:
    """Returns progress as numbers and words."""
    return {
        "total": done.total,
        "rated": done.rated,
        "achieved": done.achieved,
        "working_towards": done.working_towards,
        "words": progress_words(done),
    }


def answer_facts(rated: Rated | None) -> dict[str, Any]:
    """Returns an answer on record."""
    rated = rated or NOT_RATED
    return {
        "state": rated.answer.state,
        "note": rated.answer.note,
        "version": rated.version,
        "changed_at": rated.changed_at.isoformat() if rated.changed_at else None,
    }


def script_messages() -> dict[str, Any]:
    """Returns every sentence that autosave may show; `{…}` is filled in by the script."""
    return {
        "saved": _("Saved {time}"),
        "saving": _("Saving…"),
        "all_saved": _("All saved {time}"),
        "unsaved": _("Not saved yet"),
        "not_kept": _("This browser keeps nothing on this device until it is saved."),
        "offline": _("Not saved yet. Kept on this device; trying again."),
        "offline_not_kept": _("Not saved yet; trying again. Keep this page open."),
        "ended": _(
            "Your session has ended. What you typed is kept on this device: open the activity"
            " again from your course."
        ),
        "ended_not_kept": _(
            "Your session has ended. Copy what you typed before you close this page, then open"
            " the activity again from your course."
        ),
        "ended_short": _("Not saved. Kept on this device."),
        "conflict": _("Not saved: changed elsewhere. Choose which version to keep."),
        "refused": _("Not saved. {sentence}"),
        "restored": _("You typed this earlier and it was not saved. It is back in place."),
        "elsewhere": _("Changed in another tab. Saved {time}"),
        "count": _("{count} of {limit} characters"),
        "too_long": _("{count} characters; {limit} can be kept. Shorten it and it will be saved."),
        "offer": _("You typed this on {time} and it was not saved."),
        "announce_saved": _("Saved. Your answers are saved as you go."),
        "no_note": _("No note"),
        "limit": LONGEST_NOTE,
    }
