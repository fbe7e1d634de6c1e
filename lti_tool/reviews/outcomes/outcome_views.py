"""The learner's page of an outcome: what it came to, why, what to do next; answers and appeal."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.opening import Desk, open_portfolio
from lti_tool.portfolios.submitting.queries import frozen_content, submission_of
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews.desk.rules import parse_version
from lti_tool.reviews.log import lines_of
from lti_tool.reviews.outcomes.answering import AnswerChanged, note_seen, save_answer
from lti_tool.reviews.outcomes.appealing import (
    appeal_case,
    make_appeal,
    may_withdraw,
    today_in,
    withdraw_appeal,
)
from lti_tool.reviews.outcomes.matters import Matter, matter_of
from lti_tool.reviews.outcomes.queries import OutcomeView, answers_of, outcomes_of
from lti_tool.reviews.outcomes.recognition import is_entered
from lti_tool.reviews.outcomes.rules import (
    LONGEST_ANSWER,
    LONGEST_REASON,
    Answer,
    Typed,
    parse_answer,
    parse_reason,
    why_no_appeal,
)
from lti_tool.reviews.outcomes.wording import APPEALS, OVERALLS, VERDICTS
from lti_tool.web.errors import error_answer, status_of
from lti_tool.web.guards import learner, live_session
from lti_tool.web.requests import READING, db, runtime
from lti_tool.web.saving import saving_words

blueprint = Blueprint(
    "outcomes",
    __name__,
    url_prefix=("/at/<slot>/p/<placement>/portfolio/<portfolio>/submissions/<submission>/outcome"),
)
_PLACE = ("slot", "placement", "portfolio", "submission")
# A draft on the device needs a name; the database knows the summary by an empty code.
SUMMARY = "summary"


@blueprint.url_defaults
def stay(_endpoint: str, values: dict[str, Any]) -> None:
    """Fills what stands in the address of this request."""
    here = request.view_args or {}
    for name in _PLACE:
        if name in here:
            values.setdefault(name, here[name])


@blueprint.app_template_global("has_outcome")
def has_outcome(submission: SubmissionView) -> bool:
    """Says whether a submission that is being read has an outcome already: it is under appeal."""
    return submission.state is State.IN_REVIEW and bool(outcomes_of(db(), submission.id))


@blueprint.get("")
@learner
def outcome(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """What did my portfolio come to, why, and what can I do now?"""
    desk, found = _open(actor, placement, portfolio, submission)
    return _page(desk, found)


@blueprint.post("/answers")
@learner
def answer(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Keeps an answer to feedback, from the page's script or its plain form."""
    desk, found = _open(actor, placement, portfolio, submission)
    sent = request.get_json() if request.is_json else request.form
    code, typed, version = _read(sent)
    try:
        kept = save_answer(db(), actor, found, "" if code == SUMMARY else code, (typed, version))
    except AnswerChanged as error:
        if request.is_json:
            return _conflict(error)
        shown = Shown(code, typed.text, error.answer.version, error)
        return _page(desk, found, shown), 409
    except InvalidInput as error:
        if request.is_json:
            raise
        return _page(desk, found, Shown(code, typed.text, version, error)), status_of(error)
    if request.is_json:
        return jsonify(_facts(kept) | {"changed_at": clock.now().isoformat()})
    return redirect(url_for(".outcome", done="answered", _anchor=f"answer-{code}"), 303)


@blueprint.post("/appeal")
@learner
def appeal(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Appeals, with a reason in the learner's own words."""
    desk, found = _open(actor, placement, portfolio, submission)
    typed = parse_reason(request.form.get("reason", ""))
    try:
        make_appeal(db(), actor, found, typed, _zone())
    except ImhcfError as error:
        return _page(desk, found, reason=Typed(typed.text, error.sentence)), status_of(error)
    return redirect(url_for(".outcome", done="appealed"), 303)


@blueprint.post("/appeal/withdraw")
@learner
def withdraw(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Takes an appeal back before it is read."""
    found = _open(actor, placement, portfolio, submission)[1]
    withdraw_appeal(db(), actor, found)
    return redirect(url_for(".outcome", done="withdrawn"), 303)


class Shown:
    """An answer as it was typed, where saving was refused."""

    def __init__(self, code: str, text: str, version: int, error: ImhcfError) -> None:
        self.code, self.text, self.version, self.error = code, text, version, error
        self.other = error.answer if isinstance(error, AnswerChanged) else None


def _open(
    actor: Actor, placement: str, portfolio: str, submission: str
) -> tuple[Desk, SubmissionView]:
    desk = open_portfolio(actor, placement, portfolio)
    found = submission_of(db(), actor, submission)
    if found.portfolio_id != desk.portfolio.id:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return desk, found


def _note_seen(newest: OutcomeView) -> None:
    """A request that reads gets a short transaction of its own for it."""
    if newest.seen_at is None and request.method in READING:
        with runtime().database.transaction() as session:
            note_seen(session, newest)


def _zone() -> ZoneInfo:
    return ZoneInfo(runtime().settings.timezone)


def _read(sent: Any) -> tuple[str, Typed, int]:
    """What was sent: for which competency, what, over which version."""
    code = sent.get("code") if hasattr(sent, "get") else None
    text = sent.get("text") if hasattr(sent, "get") else None
    if not isinstance(code, str) or not isinstance(text, str):
        raise InvalidInput(N_("There was no answer in what was sent."), code="answer-missing")
    return code, parse_answer(text), parse_version(sent.get("version"))


def _facts(answer: Answer) -> dict[str, Any]:
    return {"text": answer.text, "version": answer.version}


def _conflict(error: AnswerChanged) -> ResponseReturnValue:
    response = error_answer(error, 409)
    facts: dict[str, Any] = response.get_json()
    response.data = jsonify(facts | {"current": _facts(error.answer)}).data
    return response


def _page(
    desk: Desk, submission: SubmissionView, shown: Shown | None = None, reason: Typed | None = None
) -> str:
    matter = matter_of(db(), submission)
    if not matter.outcomes:
        raise NotFound(
            N_("There is no outcome of this submission yet."),
            code="outcome-unknown",
            advice=N_("You will be told here, and by e-mail if you get it, when there is one."),
        )
    newest = matter.outcomes[-1]
    _note_seen(newest)
    answers = answers_of(db(), newest.id)
    tasks = frozen_content(db(), submission, sees_hidden=True).tasks
    place = desk.here.place
    return render_template(
        "reviews/outcome.html",
        actor=desk.here.actor,
        placement=place,
        instrument=desk.asked,
        in_portfolio=True,
        asks_portfolio=place.set_up.instrument == desk.asked.id,
        portfolio=desk.portfolio,
        submission=submission,
        matter=matter,
        newest=newest,
        earlier=matter.outcomes[:-1],
        tasks=tasks,
        met_codes=[code for code in newest.decision.findings if newest.decision.is_met(code)],
        open_codes=[code for code in newest.decision.findings if not newest.decision.is_met(code)],
        topics={task.code: task.wording for task in tasks},
        answers=answers,
        is_entered=is_entered(lines_of(db(), submission.id)),
        shown=shown,
        reason=reason or Typed(""),
        done=request.args.get("done", ""),
        verdicts=VERDICTS,
        overalls=OVERALLS,
        appeals=APPEALS,
        longest=LONGEST_ANSWER,
        longest_reason=LONGEST_REASON,
        **_appeal_facts(matter),
        script=_script(matter, answers),
    )


def _appeal_facts(matter: Matter) -> dict[str, Any]:
    case = appeal_case(db(), matter, _zone())
    return {
        "appeal_until": case.until if case else None,
        "no_appeal": why_no_appeal(case, today_in(_zone())) if case else "",
        "may_withdraw": may_withdraw(matter),
    }


def _script(matter: Matter, answers: Any) -> dict[str, Any]:
    """What the page's script needs to save answers by itself."""
    live = live_session()
    codes = ["", *matter.outcomes[-1].decision.findings]
    return {
        "save": url_for(".answer"),
        "slot": live.slot if live else "",
        "instrument": f"outcome-{matter.outcomes[-1].public_id}",
        "records": {code or SUMMARY: _facts(answers.get(code, Answer())) for code in codes},
        "messages": {
            **saving_words(),
            "announce_saved": _("Saved. Your answers are saved as you go."),
            "no_text": _("Nothing"),
            "limit": LONGEST_ANSWER,
        },
    }
