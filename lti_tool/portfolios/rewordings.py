"""What reads differently in a task since its account was written; and that the account still holds."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.competencies.wordings.queries import moved_since
from lti_tool.competencies.wordings.rules import Moved
from lti_tool.courses.services import lock_person
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.models import Account
from lti_tool.portfolios.queries import account_of
from lti_tool.portfolios.rules import Written
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.submitting.services import check_open

_ACCOUNTS = table_of(Account)


def moved_task(session: Session, actor: Actor, task: Task, written: Written) -> Moved | None:
    """Returns what an account answered, where its task reads differently now; else None.

    No statement is needed where it answers the present version, the usual case.
    """
    if not written.text or not written.instrument_version:
        return None
    versions = {task.code: written.instrument_version}
    found = moved_since(session, actor.organisation_id, task.asked.id, versions)
    return found.get(task.code)


def say_it_holds(session: Session, actor: Actor, task: Task, edition: str) -> bool:
    """Notes that an account answers its task as worded in the present version, too.

    The text and its versions stay as they are. False, and nothing noted, where `edition` is not
    the wording that holds now: it was not what the writer read. Raises `Conflict` where the task
    is handed in or accepted.
    """
    if edition != task.asked.version:
        return False
    lock_person(session, actor.person_id)
    check_open(session, task.portfolio.id, task.code)
    found = account_of(session, task.portfolio.id, task.code)
    if found is None:
        return False
    session.execute(
        update(_ACCOUNTS)
        .where(_ACCOUNTS.c.id == found[0])
        .values(instrument_version=task.asked.version)
    )
    return True
