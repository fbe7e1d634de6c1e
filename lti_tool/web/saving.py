"""What a page that saves by itself says of it, the same wherever something is typed."""

from flask_babel import gettext as _


def saving_words() -> dict[str, str]:
    """Returns the sentences; `{…}` is filled in by the page's script."""
    return {
        "saved": _("Saved {time}"),
        "saving": _("Saving…"),
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
    }
