"""Words and facts that go to the pages' scripts: translated here, so that scripts hold no text."""

from typing import Any

from flask_babel import gettext as _

from lti_tool.portfolios.identifiable import Kind
from lti_tool.portfolios.places import MOST_SHOWN, Place
from lti_tool.portfolios.rules import LONGEST_ACCOUNT, Written
from lti_tool.portfolios.services import Kept
from lti_tool.web.saving import saving_words


def written_facts(written: Written) -> dict[str, Any]:
    """Returns an account on record."""
    return {
        "text": written.text,
        "version": written.version,
        "words": written.words,
        "changed_at": written.changed_at.isoformat() if written.changed_at else None,
        "ticks": sorted(written.ticks),
        "declaration": written.declaration.value,
    }


def kept_facts(kept: Kept) -> dict[str, Any]:
    """Returns an account after it was saved, with what the check points to."""
    return written_facts(kept.written) | {"places": places_facts(kept.places)}


def places_facts(places: list[Place]) -> list[dict[str, Any]]:
    """Returns places as a page shows them."""
    return [
        {
            "mark": place.mark,
            "what": kind_words(place.kind),
            "why": kind_advice(place.kind),
            "words": place.words,
            "before": place.before,
            "after": place.after,
            "times": place.times,
            "start": place.start,
            "end": place.end,
        }
        for place in places[:MOST_SHOWN]
    ]


def kind_words(kind: Kind) -> str:
    """Returns what a place looks like."""
    words = {
        Kind.HEALTH_NUMBER: _("An NHS number"),
        Kind.DATE_OF_BIRTH: _("A date of birth"),
        Kind.POSTCODE: _("A postcode"),
        Kind.PHONE: _("A phone number"),
        Kind.EMAIL: _("An e-mail address"),
        Kind.NAME: _("Perhaps a name"),
    }
    return str(words[kind])


def kind_advice(kind: Kind) -> str:
    """Returns what could stand in its place."""
    words = {
        Kind.HEALTH_NUMBER: _("It names one person for certain. Take it out."),
        Kind.DATE_OF_BIRTH: _("An age says as much: “at five months”."),
        Kind.POSTCODE: _("The kind of place says as much: “in a small town”."),
        Kind.PHONE: _("It leads to a person. Take it out."),
        Kind.EMAIL: _("It leads to a person. Take it out."),
        Kind.NAME: _(
            "If it is a child or somebody in the family, say “the baby”, “her mother”. If it is"
            " an author or a method, leave it."
        ),
    }
    return str(words[kind])


def script_messages() -> dict[str, Any]:
    """Returns every sentence that the task page's script may show; `{…}` is filled in there."""
    return {
        **saving_words(),
        "announce_saved": _("Saved. Your text is saved as you go."),
        "no_text": _("Nothing"),
        "word": _("{count} word"),
        "words": _("{count} words"),
        "added": _("Added to the end of your text."),
        "taken": _(
            "The other version is in place. Yours can be had back as long as this page is open."
        ),
        "undone": _("Taken out again."),
        "preview_failed": _("The preview could not be had just now. Your text is as it was."),
        "places_one": _("{count} place to look at"),
        "places_many": _("{count} places to look at"),
        "times": _("{count} times"),
        "limit": LONGEST_ACCOUNT,
    }
