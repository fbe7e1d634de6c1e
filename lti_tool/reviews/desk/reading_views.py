"""A reading's page: the submission on one side, verdict and feedback on the other."""

from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.reviews.desk.phrases import add_phrase, phrase_text
from lti_tool.reviews.desk.rules import (
    LONGEST_FEEDBACK,
    LONGEST_NOTES,
    LONGEST_PHRASE,
    LONGEST_SUMMARY,
    Conclusion,
    Note,
    parse_overall,
    parse_text,
    parse_verdict,
    parse_version,
)
from lti_tool.reviews.desk.services import begin
from lti_tool.reviews.desk.showing import content_of, head_of, script_of
from lti_tool.reviews.desk.writing import (
    ConclusionChanged,
    FindingChanged,
    save_conclusion,
    save_finding,
    save_notes,
)
from lti_tool.reviews.opening import Assessing, AtDesk, assessor, desk, open_review, page
from lti_tool.reviews.outcomes.wording import OVERALLS, PARTS, VERDICTS
from lti_tool.reviews.rules import ReviewState
from lti_tool.web.errors import status_of
from lti_tool.web.requests import db

_WRONG = (FindingChanged, ConclusionChanged, InvalidInput, TooLarge)


@desk.get("/<review>")
@assessor
def reading(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """What was handed in, and what do I find?"""
    return reading_page(open_review(who, placement, review))


@desk.post("/<review>/begin")
@assessor
def begin_reading(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Begins to read: from now on the learner cannot take the submission back."""
    at = open_review(who, placement, review)
    begin(db(), at.assessor, at.review)
    return redirect(url_for("desk.reading", review=review), 303)


@desk.post("/<review>/finding")
@assessor
def save_form(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """The plain form of one competency: saves it, or shows again what could not be saved."""
    at = open_review(who, placement, review)
    form = request.form
    code = as_kept(form.get("code", ""))[:10]
    typed = {"verdict": form.get("verdict", ""), "feedback": form.get("feedback", "")}
    try:
        if "take" in form:
            return redirect(to_task(review, code), 303)
        note = Note(
            code,
            parse_verdict(typed["verdict"]),
            parse_text(typed["feedback"], LONGEST_FEEDBACK),
            parse_version(form.get("version")),
        )
        kept = save_finding(db(), at.assessor, at.review, note)
        _use_phrase(at, replace(note, seen=kept.version))
    except _WRONG as error:
        other = error.finding if isinstance(error, FindingChanged) else None
        problem = {"for": code, "error": error, "typed": typed, "other": other}
        return reading_page(at, task=code, problem=problem), status_of(error)
    if "next" in form:
        return redirect(_to(review, form["next"]), 303)
    return redirect(to_task(review, code, saved=1), 303)


@desk.post("/<review>/conclusion")
@assessor
def save_conclusion_form(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """The plain form of the verdict as a whole, with its summary."""
    at = open_review(who, placement, review)
    form = request.form
    typed = {"verdict": form.get("verdict", ""), "summary": form.get("summary", "")}
    try:
        wish = Conclusion(
            parse_overall(typed["verdict"]),
            parse_text(typed["summary"], LONGEST_SUMMARY),
            parse_version(form.get("version")),
        )
        save_conclusion(db(), at.assessor, at.review, wish)
    except _WRONG as error:
        other = error if isinstance(error, ConclusionChanged) else None
        problem = {"for": "conclusion", "error": error, "typed": typed, "other": other}
        return reading_page(at, step="conclusion", problem=problem), status_of(error)
    return redirect(url_for("desk.reading", review=review, step="conclusion", saved=1), 303)


@desk.post("/<review>/notes")
@assessor
def save_notes_form(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """The plain form of the private notes."""
    at = open_review(who, placement, review)
    form = request.form
    typed = {"notes": form.get("notes", "")}
    code = as_kept(form.get("code", ""))[:10]
    step = "conclusion" if form.get("step") == "conclusion" else ""
    try:
        text = parse_text(typed["notes"], LONGEST_NOTES)
        save_notes(db(), at.assessor, at.review, text, parse_version(form.get("version")))
    except _WRONG as error:
        other = error if isinstance(error, ConclusionChanged) else None
        problem = {"for": "notes", "error": error, "typed": typed, "other": other}
        return reading_page(at, task=code, step=step, problem=problem), status_of(error)
    if step:
        return redirect(url_for("desk.reading", review=review, step=step, saved=1), 303)
    return redirect(to_task(review, code, saved=1), 303)


def check_begun(at: AtDesk) -> None:
    """Raises `Conflict` for a reading that was not begun: nothing of it is shown before."""
    if at.review.state is ReviewState.ALLOCATED:
        raise Conflict(
            N_("You have not begun this review yet."),
            code="review-not-begun",
            advice=N_("Choose “Begin reading” first."),
        )


def _use_phrase(at: AtDesk, note: Note) -> None:
    """Adds a phrase to feedback, or feedback to the phrases, as the plain form may ask."""
    if "phrase" in request.form:
        phrase = phrase_text(db(), at.assessor, request.form["phrase"])
        text = f"{note.feedback}\n\n{phrase}".strip()
        added = replace(note, feedback=parse_text(text, LONGEST_FEEDBACK))
        save_finding(db(), at.assessor, at.review, added)
    elif "keep_phrase" in request.form:
        add_phrase(db(), at.assessor, parse_text(note.feedback, LONGEST_PHRASE))


def _to(review: str, step: str) -> str:
    if step == "conclusion":
        return url_for("desk.reading", review=review, step="conclusion")
    return to_task(review, step[:10])


def to_task(review: str, code: str, **more: Any) -> str:
    """Returns the address of one competency, in the view that the form came from."""
    if request.values.get("view") == "all":
        return url_for("desk.reading", review=review, view="all", _anchor=f"task-{code}", **more)
    return url_for("desk.reading", review=review, task=code, **more)


def reading_page(
    at: AtDesk,
    *,
    task: str = "",
    step: str = "",
    problem: dict[str, Any] | None = None,
    missing: list[Any] | None = None,
) -> str:
    """Returns the page of a reading, with what was typed and could not be saved, if anything."""
    if at.review.state is ReviewState.ALLOCATED:
        return page("begin", at.here, **head_of(at), parts=PARTS)
    content = content_of(at)
    codes = [one.code for one in content["steps"]]
    step = step or request.args.get("step", "")
    view = "all" if request.values.get("view") == "all" else "one"
    if step == "conclusion":
        view = "conclusion"
    code = task or request.args.get("task", "") or _first_open(content)
    if code not in content["tasks"]:
        raise NotFound(N_("This portfolio has no such task."), code="code-unknown")
    shown = {"all": codes, "one": [code], "conclusion": []}[view]
    place = codes.index(code)
    return page(
        "reading",
        at.here,
        **head_of(at),
        **content,
        view=view,
        code=code,
        before=codes[place - 1] if place else "",
        after=codes[place + 1] if place + 1 < len(codes) else "",
        last=codes[-1],
        shown=shown,
        problem=problem,
        missing=missing,
        saved="saved" in request.args,
        reported="reported" in request.args,
        verdicts=VERDICTS,
        overalls=OVERALLS,
        parts=PARTS,
        script=script_of(at, content, shown),
    )


def _first_open(content: dict[str, Any]) -> str:
    """Where one goes on: the first competency without a verdict, else the first of all."""
    steps = content["steps"]
    return str(next((one.code for one in steps if not one.verdict), steps[0].code))
