"""How the views of evidence answer: with a page, or with the part of one that its script puts in."""

from dataclasses import replace
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.errors import ImhcfError
from lti_tool.portfolios.evidence import wording
from lti_tool.portfolios.evidence.panels import Notice, Panel, Typed, everything, panel_of
from lti_tool.portfolios.opening import Desk, page, task_of
from lti_tool.portfolios.rules import Declaration
from lti_tool.storage.kinds.types import Family
from lti_tool.web.errors import error_answer, status_of, wants_json
from lti_tool.web.requests import close_transaction, db, runtime

# What the templates of evidence call, and what they know.
WORDS = {
    "evidence_words": wording,
    "Declaration": Declaration,
    "Family": Family,
}


def where() -> str:
    """Returns the code of the task whose panel was used, as the form says; "" for all of it."""
    return request.form.get("panel", "")


def done(desk: Desk, did: str, piece: str = "", code: str = "") -> ResponseReturnValue:
    """Answers what was done: with what changes to a script, else by leading back to the page."""
    if wants_json():
        notice = wording.notice_of(did, piece, code)
        return jsonify(html=body(desk, where(), notice), said=notice.words if notice else "")
    return redirect(_address(desk, did, piece, code), 303)


def refused(desk: Desk, error: ImhcfError, typed: Typed | None = None) -> ResponseReturnValue:
    """Answers a refusal: in words to a script, else with the page and what was typed in it."""
    close_transaction()  # nothing of what was begun may be kept
    status = status_of(error)
    if wants_json():
        return error_answer(error, status)
    return whole_page(desk, where(), error=error, typed=typed), status


def body(desk: Desk, code: str, notice: Notice | None = None) -> str:
    """Returns what of a page of evidence changes as one uses it."""
    settings = runtime().settings
    if code:
        task_of(desk, code)
        return render_template(
            "evidence/_body.html", evidence_panel=panel_of(db(), settings, desk, code, notice=notice),
            **_context(desk),
        )  # fmt: skip
    found = everything(db(), settings, desk, only_lacking=_only_lacking(), notice=notice)
    return render_template(
        "evidence/_all.html", evidence_panel=found, instrument=desk.asked, **_context(desk)
    )


def task_panel(desk: Desk, code: str) -> dict[str, Any]:
    """Returns what the page of a task needs, beside its own, to show the panel of evidence."""
    panel = panel_of(db(), runtime().settings, desk, code, notice=said_in_address())
    return {**WORDS, "evidence_panel": panel, "evidence_script": script_of(desk, panel)}


def whole_page(
    desk: Desk,
    code: str,
    *,
    notice: Notice | None = None,
    error: ImhcfError | None = None,
    typed: Typed | None = None,
) -> str:
    """Returns the page of the evidence of one task, or of all of it where no task is named."""
    settings = runtime().settings
    if code:
        task = desk.asked.by_code[task_of(desk, code).code]
        panel = panel_of(db(), settings, desk, code, notice=notice, error=error, typed=typed)
        script = script_of(desk, panel)
        return _page(desk, "task", evidence_panel=panel, task=task, evidence_script=script)
    found = everything(
        db(), settings, desk,
        only_lacking=_only_lacking(), notice=notice, error=error, typed=typed,
    )  # fmt: skip
    script = {"refresh": url_for("evidence.overview"), "messages": wording.script_messages()}
    return _page(desk, "all", evidence_panel=found, evidence_script=script)


def piece_page(desk: Desk, **context: object) -> str:
    """Returns the page of one piece."""
    return _page(desk, "piece", **context)


def said_in_address() -> Notice | None:
    """Returns what was done just now, as the address says that the last answer led to."""
    did = request.args.get("evidence", "")
    found = wording.notice_of(did, request.args.get("piece", ""), request.args.get("task", ""))
    # An address can be sent to somebody: a button for what it says is made for known names alone.
    return replace(found, piece=found.piece[:32], code=found.code[:10]) if found else None


def script_of(desk: Desk, panel: Panel) -> dict[str, object]:
    """Returns what the script of a task's panel needs: where to send, how much at once, words."""
    portfolio, code = desk.portfolio.public_id, panel.code
    return {
        "begin": url_for("evidence.begin", portfolio=portfolio, code=code),
        "refresh": url_for("evidence.of_task", portfolio=portfolio, code=code),
        "part": wording.PART,
        "limit": panel.limits.file,
        "messages": wording.script_messages(),
    }


def _page(desk: Desk, view: str, **context: object) -> str:
    return page(view, desk.here, desk.asked, folder="evidence", **_context(desk), **context)


def _context(desk: Desk) -> dict[str, object]:
    return {**WORDS, "portfolio": desk.portfolio}


def _only_lacking() -> bool:
    return request.values.get("show", "") == "lacking"


def _address(desk: Desk, did: str, piece: str, code: str) -> str:
    facts: dict[str, Any] = {"evidence": did, "piece": piece or None, "task": code or None}
    portfolio, panel = desk.portfolio.public_id, where()
    if panel in desk.asked.by_code:
        return url_for(
            "portfolios.task", portfolio=portfolio, code=panel, **facts, _anchor="evidence"
        )
    show = "lacking" if _only_lacking() else None
    return url_for("evidence.overview", show=show, **facts, _anchor="evidence")
