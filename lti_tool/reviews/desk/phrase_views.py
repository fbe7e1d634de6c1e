"""One's own phrases: looked at, added, changed, removed, had back."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.reviews.desk.phrases import add_phrase, change_phrase, remove_phrase
from lti_tool.reviews.desk.queries import phrases_of
from lti_tool.reviews.desk.rules import LONGEST_PHRASE, parse_text
from lti_tool.reviews.opening import Assessing, assessor, desk, open_place, page
from lti_tool.web.errors import status_of
from lti_tool.web.requests import db


@desk.get("/phrases")
@assessor
def phrases(who: Assessing, placement: str) -> ResponseReturnValue:
    """Which sentences do I write often?"""
    return _page(who, placement)


@desk.post("/phrases")
@assessor
def add(who: Assessing, placement: str) -> ResponseReturnValue:
    """Adds a phrase, also one that was removed a moment ago."""
    open_place(who.actor, placement)
    typed = request.form.get("text", "")
    try:
        add_phrase(db(), who.assessor, parse_text(typed, LONGEST_PHRASE))
    except (InvalidInput, TooLarge) as error:
        return _page(who, placement, typed=typed, error=error), status_of(error)
    done = "back" if "back" in request.form else "added"
    return redirect(url_for("desk.phrases", done=done), 303)


@desk.post("/phrases/<phrase>")
@assessor
def change(who: Assessing, placement: str, phrase: str) -> ResponseReturnValue:
    """Changes a phrase, or removes it; what was removed can be had back from the page after."""
    open_place(who.actor, placement)
    typed = request.form.get("text", "")
    if "remove" in request.form:
        removed = remove_phrase(db(), who.assessor, phrase)
        return _page(who, placement, removed=removed)
    try:
        change_phrase(db(), who.assessor, phrase, parse_text(typed, LONGEST_PHRASE))
    except (InvalidInput, TooLarge) as error:
        shown = _page(who, placement, typed=typed, error=error, wrong=phrase)
        return shown, status_of(error)
    return redirect(url_for("desk.phrases", done="changed"), 303)


def _page(
    who: Assessing,
    placement: str,
    *,
    typed: str = "",
    error: ImhcfError | None = None,
    wrong: str = "",
    removed: str = "",
) -> str:
    return page(
        "phrases",
        open_place(who.actor, placement),
        phrases=phrases_of(db(), who.assessor.id),
        longest=LONGEST_PHRASE,
        typed=typed,
        error=error,
        wrong=wrong,
        removed=removed,
        done=request.args.get("done", ""),
    )
