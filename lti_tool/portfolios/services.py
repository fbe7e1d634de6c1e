"""Writing an account, its marks and versions; restoring one. Services never commit."""

from dataclasses import dataclass, replace

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.cases.services import note_changes
from lti_tool.portfolios.models import Account, AccountVersion
from lti_tool.portfolios.places import Place, framework_words, open_places, places_in
from lti_tool.portfolios.queries import (
    PortfolioView,
    account_of,
    newest_version,
    version_of,
)
from lti_tool.portfolios.rules import (
    NO_MARKS,
    NOTHING,
    Act,
    Declaration,
    Wish,
    Written,
    count_words,
    marked,
)
from lti_tool.portfolios.submitting.services import check_open
from lti_tool.portfolios.versions import is_one_version, taken_away
from lti_tool.portfolios.wishes import MOST_LEFT_ALONE


@dataclass(frozen=True, slots=True)
class Kept:
    """An account as it stands after saving, and the places that the check points to still."""

    written: Written
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a portfolio: whose, and which."""

    portfolio: PortfolioView
    asked: Instrument
    code: str


class ChangedElsewhere(Conflict):
    """The account was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "changed-elsewhere"

    def __init__(self, written: Written) -> None:
        super().__init__(
            N_("This account was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.written = written


def save_account(
    session: Session, actor: Actor, task: Task, wish: Wish, act: Act = Act.TYPED
) -> Kept:
    """Stores a text and marks, with the text's version; returns the account on record.

    Raises `ChangedElsewhere`, and stores nothing, when the text that the writer saw is no longer
    the one on record and differs from the wish. Marks do not count as a change of the text: the
    later one holds. Raises `Conflict` where the task is handed in or accepted, `NotFound` for one
    that the portfolio does not have, `NotAllowed` for anyone but its owner.
    """
    _check(actor, task)
    lock_person(session, actor.person_id)
    found = account_of(session, task.portfolio.id, task.code)
    account_id, before = found if found else (0, NOTHING)
    is_changed = before.text != wish.text
    if is_changed or wish.marks != NO_MARKS:
        check_open(session, task.portfolio.id, task.code)
    if is_changed and before.version != wish.seen:
        raise ChangedElsewhere(before)
    places = places_in(wish.text, framework_words())
    after = _after(task, wish, before, places, is_changed=is_changed)
    if after != before:
        account_id = _store(session, task, account_id, after)
    if is_changed:
        _keep_version(session, account_id, wish, act, before, after)
        note_changes(session, actor.person_id, portfolio_id=task.portfolio.id, code=task.code)
    return Kept(after, open_places(places, after.left_alone))


def look_at(session: Session, actor: Actor, task: Task) -> Kept:
    """Returns an account as it stands, with the places that the check points to."""
    _check(actor, task)
    found = account_of(session, task.portfolio.id, task.code)
    written = found[1] if found else NOTHING
    places = places_in(written.text, framework_words()) if written.places else []
    return Kept(written, open_places(places, written.left_alone))


def restore_version(session: Session, actor: Actor, task: Task, number: int, seen: int) -> Kept:
    """Makes an earlier version the account; what stood until now stays among the versions.

    Raises `NotFound` for an unknown version, else as `save_account`.
    """
    _check(actor, task)
    lock_person(session, actor.person_id)
    found = account_of(session, task.portfolio.id, task.code)
    if found is None:
        raise NotFound(N_("There is no such version of this account."), code="version-unknown")
    # Before the first version there was an empty page: to undo the first addition leads there.
    text = version_of(session, found[0], number).text if number else ""
    return save_account(session, actor, task, Wish(text, seen), Act.RESTORED)


def _check(actor: Actor, task: Task) -> None:
    if not actor.is_learner or task.portfolio.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner writes in a portfolio."), code="role-not-allowed")
    if task.code not in task.asked.by_code:
        raise NotFound(N_("This portfolio has no such task."), code="code-unknown")


def _after(
    task: Task, wish: Wish, before: Written, places: list[Place], *, is_changed: bool
) -> Written:
    now = clock.now()
    ticks, declaration, left_alone = marked(before, wish.marks)
    if len(left_alone) > MOST_LEFT_ALONE:
        left_alone &= {place.mark for place in places}
    after = replace(
        before,
        ticks=ticks,
        declaration=declaration,
        left_alone=left_alone,
        places=len(open_places(places, left_alone)),
    )
    if declaration != before.declaration:
        declared_at = None if declaration is Declaration.NONE else now
        after = replace(after, declared_at=declared_at)
    if is_changed:
        after = replace(
            after,
            text=wish.text,
            words=count_words(wish.text),
            version=before.version + 1,
            changed_at=now,
            instrument_version=task.asked.version,
        )
    return after


def _store(session: Session, task: Task, account_id: int, after: Written) -> int:
    values = {
        "instrument_version": after.instrument_version or task.asked.version,
        "text": after.text,
        "words": after.words,
        "version": after.version,
        "changed_at": after.changed_at,
        "ticks": sorted(after.ticks),
        "declaration": after.declaration.value,
        "declared_at": after.declared_at,
        "left_alone": sorted(after.left_alone),
        "places": after.places,
    }
    if account_id:
        session.execute(update(Account).where(Account.id == account_id).values(**values))
        return account_id
    key = {"portfolio_id": task.portfolio.id, "code": task.code}
    added = insert(Account).values(**key, **values).returning(Account.id)
    return int(session.execute(added).scalar_one())


def _keep_version(
    session: Session, account_id: int, wish: Wish, act: Act, before: Written, after: Written
) -> None:
    """Adds a version, or goes on with the newest one where both are of one sitting."""
    now = clock.now()
    values = {
        "number": after.version,
        "text": after.text,
        "words": after.words,
        "instrument_version": after.instrument_version,
        "saved_at": now,
    }
    newest = newest_version(session, account_id) if act is Act.TYPED and wish.sitting else None
    if newest and newest.act is Act.TYPED and newest.sitting == wish.sitting:
        taken = newest.taken_away + taken_away(before.text, after.text)
        if is_one_version(newest.begun_at, now, taken):
            session.execute(
                update(AccountVersion)
                .where(
                    AccountVersion.account_id == account_id,
                    AccountVersion.number == newest.number,
                )
                .values(**values, taken_away=taken)
            )
            return
    values |= {"act": act.value, "sitting": wish.sitting, "begun_at": now, "taken_away": 0}
    session.execute(insert(AccountVersion).values(account_id=account_id, **values))
