"""Words of the desk: what is missing, how old something is, and what its scripts say."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.reviews.blind import alias_code
from lti_tool.reviews.desk.rules import Lack, Missing
from lti_tool.reviews.rules import Terms
from lti_tool.web.saving import saving_words


def who_is(terms: Terms, name: str, organisation_id: int, portfolio_id: int) -> str:
    """Returns the learner's name, or what stands for it where reviews are blind."""
    if not terms.blind:
        return name
    return _("Learner %(code)s", code=alias_code(organisation_id, portfolio_id))


def lack_words(lack: Lack) -> str:
    """Returns a sentence for something that is missing."""
    if lack.what is Missing.VERDICT:
        return _("%(code)s needs a verdict.", code=lack.code)
    if lack.what is Missing.FEEDBACK:
        return _("%(code)s needs feedback: it is not met, so say what is missing.", code=lack.code)
    if lack.what is Missing.OVERALL:
        return _("The portfolio as a whole needs a verdict.")
    if lack.what is Missing.SUMMARY:
        return _("Write a summary: who is not recognised needs to know why.")
    if lack.what is Missing.NOT_ALL_MET:
        return _("Recognition needs every competency met. Change a verdict, or ask for more.")
    return _("Every competency is met. Choose recognised, or change a verdict.")


def age_words(since: date, today: date) -> str:
    """Returns how long ago something came in."""
    days = max((today - since).days, 0)
    if days == 0:
        return _("today")
    if days < 14:
        return ngettext("%(num)s day ago", "%(num)s days ago", days)
    return ngettext("%(num)s week ago", "%(num)s weeks ago", days // 7)


def due_words(due: date, today: date) -> str:
    """Returns how far a target day is; for one that is over, that it is."""
    days = (due - today).days
    if days < 0:
        return ngettext("overdue by %(num)s day", "overdue by %(num)s days", -days)
    if days == 0:
        return _("due today")
    return ngettext("%(num)s day left", "%(num)s days left", days)


def script_messages(limit: int) -> dict[str, object]:
    """Returns the sentences of a page whose parts save themselves."""
    return saving_words() | {
        "limit": limit,
        "no_text": _("No text"),
        "announce_saved": _("Everything is saved."),
        "taken": _("The other version is in place."),
        "undone": _("As it was before."),
        "inserted": _("The phrase was inserted."),
        "phrase_kept": _("Kept among your phrases."),
        "phrase_failed": _("It could not be kept as a phrase."),
        "elsewhere_kept": _("You typed something for this that is not saved:"),
    }
