"""Words and facts that go to the pages' scripts: translated here, so that scripts hold no text."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.assessments.rules import LONGEST_NOTE, NOT_RATED, Progress, Rated
from lti_tool.web.saving import saving_words


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
        **saving_words(),
        "all_saved": _("All saved {time}"),
        "announce_saved": _("Saved. Your answers are saved as you go."),
        "no_note": _("No note"),
        "limit": LONGEST_NOTE,
    }
