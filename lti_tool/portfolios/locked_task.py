"""The page of a task that is handed in, accepted or recognised: to be read, and not changed."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from lti_tool.competencies.models import Competency
from lti_tool.portfolios.cases.queries import notices_of
from lti_tool.portfolios.opening import Desk, page
from lti_tool.portfolios.queries import accounts_of
from lti_tool.portfolios.rules import text_mark
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.submitting.evidence_links import evidence_links
from lti_tool.portfolios.submitting.queries import FrozenTask, frozen_content, standing_of
from lti_tool.portfolios.submitting.rules import LOCKED_WORDS
from lti_tool.web.guards import live_session
from lti_tool.web.requests import db


def locked_page(
    desk: Desk,
    here: Task,
    neighbours: tuple[Competency | None, Competency | None],
    typed: str | None = None,
) -> str | None:
    """Returns the page of a locked task, or None for one that is open.

    `typed` is what came too late to be saved: it is shown, to be copied. The task is the frozen
    one. One that the framework gained since has nothing frozen: it is shown empty.
    """
    standing = standing_of(db(), desk.portfolio.id)
    lock, found = standing.lock(here.code), standing.decisive
    if lock is None or found is None:
        return None
    frozen = frozen_content(db(), found, sees_hidden=True).tasks
    before, after = neighbours
    return page(
        "task_locked",
        desk.here,
        desk.asked,
        portfolio=desk.portfolio,
        task=desk.asked.by_code[here.code],
        frozen=next((one for one in frozen if one.code == here.code), _empty(desk, here.code)),
        lock=lock.value,
        lock_words=_(LOCKED_WORDS[lock]),
        submission=found,
        case_notices=notices_of(db(), desk.portfolio.id, here.code),
        before=before,
        after=after,
        typed=typed,
        script=_script(desk, here.code),
        **evidence_links(desk.portfolio.public_id, found.public_id),
    )


def _empty(desk: Desk, code: str) -> FrozenTask:
    asked = desk.asked.by_code[code]
    wording = {
        "topic": asked.topic,
        "prompt": asked.prompt or asked.knowledge or asked.ability or "",
        "points": list(asked.points),
        "domain": "",
        "theme": "",
        "provenance": asked.provenance.value,
        "note": asked.note or "",
        "wording": asked.wording,
        "version": desk.asked.version,
    }
    return FrozenTask(code, wording, "", 0, "", 0, None, (), (), is_hidden=False)


def _script(desk: Desk, code: str) -> dict[str, Any]:
    """What the script needs that says what is kept on the device; of this task alone."""
    live = live_session()
    accounts = accounts_of(db(), desk.portfolio.id)
    return {
        "slot": live.slot if live else "",
        "instrument": f"portfolio-{desk.portfolio.public_id}",
        "task": url_for("portfolios.task", portfolio=desk.portfolio.public_id, code="0.00"),
        "only": code,
        "marks": {code: text_mark(one.text) for code, one in accounts.items()},
    }
