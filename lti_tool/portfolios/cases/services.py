"""Reporting identifiable data, and what comes after it. Services never commit.

Everything that changes a case first locks the portfolio's owner (`courses.services.lock_person`),
as handing in, withdrawing and saving do: they come in turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import administrators_of
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.outbox.services import put
from lti_tool.portfolios.cases import history
from lti_tool.portfolios.cases.hiding import Erasure, erase, hide
from lti_tool.portfolios.cases.items import Reported, find_item, is_still_there, no_item
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.queries import (
    case_of_organisation,
    case_of_owner,
    cases_about,
    standing_case,
)
from lti_tool.portfolios.cases.rules import (
    SETTLED,
    Act,
    By,
    CaseState,
    CaseView,
    Item,
    parse_words,
)
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.queries import PortfolioView
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import LANE, SubmissionView

_CASES = table_of(ConfidentialityCase)
_SUBMISSIONS = table_of(Submission)
_DECIDED = {
    CaseState.SHOWN: Act.SHOWN,
    CaseState.HIDDEN: Act.HIDDEN,
    CaseState.ERASED: Act.ERASED,
}


def report(
    session: Session, actor: Actor, submission: SubmissionView, item: Item, words: str
) -> CaseView:
    """Hides something of a submission from all but its owner and administrators, at once.

    Returns the case, which is a new one or the one that hides the item already; its history has
    a line with the reporter's words either way. `item` is made by `rules.account_item(code)`,
    `rules.evidence_item(frozen_id)`, `rules.statement_item(id)`, or from a form's field by
    `rules.parse_item(text)`, of which `item.key` is the text. The caller has seen that the actor
    reads this submission, and writes its own log (`reviews.log`: CASE_OPENED with
    `case.public_id`). A submission that was withdrawn a moment ago can be reported still: what
    was seen was seen.

    Raises `NotFound` for what the submission does not have, and outside its organisation;
    `InvalidInput` without words, `TooLarge` with too many; `NotAllowed` to its owner.
    """
    if submission.organisation_id != actor.organisation_id:
        raise no_item()
    if submission.person_id == actor.person_id:
        raise NotAllowed(
            N_("This is your own portfolio."),
            code="case-own",
            advice=N_("Withdraw it, and change what could tell who somebody is."),
        )
    said = parse_words(words)
    lock_person(session, submission.person_id)
    found = find_item(session, submission, item)
    case = standing_case(session, submission.portfolio_id, found)
    if case is not None:
        history.write(session, case.id, Act.REPORTED, By.ASSESSOR, actor.person_id, said)
        return case
    case = _open(session, actor, submission, found)
    history.write(session, case.id, Act.OPENED, By.ASSESSOR, actor.person_id, said)
    hide(session, case, case.opened_at)
    tell(session, _tellings(session, case))
    return case


def answer(
    session: Session, actor: Actor, portfolio: PortfolioView, public_id: str, words: str
) -> None:
    """Adds the owner's words to a case about their portfolio.

    Raises `NotFound`, `InvalidInput` without words, `TooLarge` with too many, `NotAllowed` to
    anybody else.
    """
    if portfolio.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner answers here."), code="role-not-allowed")
    said = parse_words(words)
    lock_person(session, actor.person_id)
    case = case_of_owner(session, portfolio.id, public_id)
    history.write(session, case.id, Act.ANSWERED, By.OWNER, actor.person_id, said)


def note(session: Session, actor: Actor, public_id: str, words: str) -> None:
    """Adds an administrator's words to a case; raises as `answer` does."""
    case = _for_administrator(session, actor, public_id)
    said = parse_words(words)
    lock_person(session, case.person_id)
    history.write(session, case.id, Act.NOTED, By.ADMINISTRATOR, actor.person_id, said)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an administrator decides, why, and in which state they saw the case.

    `instead` is what stands in place of what is erased.
    """

    state: CaseState
    words: str
    seen: CaseState
    instead: Erasure


def settle(session: Session, actor: Actor, public_id: str, decision: Decision) -> CaseView:
    """Settles a case as an administrator decides, and returns it.

    Raises `NotFound` outside the organisation, `NotAllowed` to who is no administrator or is the
    owner, `InvalidInput` without words, `Conflict` when it was settled meanwhile or cannot be so.
    """
    case = _for_administrator(session, actor, public_id)
    said = parse_words(decision.words)
    lock_person(session, case.person_id)
    case = case_of_organisation(session, actor, public_id)
    if case.state is not decision.seen or decision.state not in case.decisions:
        raise Conflict(
            N_("This case was settled meanwhile."),
            code="case-settled",
            advice=N_("Look at how it stands now. What you typed is still in the box."),
        )
    act = _DECIDED[decision.state]
    if decision.state is CaseState.SHOWN:
        hide(session, case, None)
    elif decision.state is CaseState.ERASED:
        erase(session, case, decision.instead)
    now = clock.now()
    session.execute(
        update(_CASES)
        .where(_CASES.c.id == case.id)
        .values(state=decision.state.value, settled_at=now)
    )
    history.write(session, case.id, act, By.ADMINISTRATOR, actor.person_id, said)
    put(session, SETTLED, str(case.id), lane=LANE, delay=timedelta())
    reference = f"case:{case.public_id}:{decision.state}"
    tell(session, [_to_owner(session, case, Kind.CASE_SETTLED, reference)])
    return case_of_organisation(session, actor, public_id)


def note_changes(
    session: Session,
    person_id: int,
    *,
    portfolio_id: int | None = None,
    code: str = "",
    evidence_id: int | None = None,
    statement_id: int | None = None,
) -> None:
    """Notes in the history that the owner replaced what was reported, or put it back.

    Called by whoever changed an account, a piece of evidence or a statement, after the change;
    costs one statement where no report stands against it.
    """
    cases = cases_about(
        session,
        portfolio_id=portfolio_id,
        code=code,
        evidence_id=evidence_id,
        statement_id=statement_id,
    )
    newest = history.newest_of(session, [one.id for one in cases], {Act.REPLACED, Act.PUT_BACK})
    for case in cases:
        is_there = is_still_there(session, case)
        was_there = newest.get(case.id) is not Act.REPLACED
        if is_there != was_there:
            act = Act.PUT_BACK if is_there else Act.REPLACED
            history.write(session, case.id, act, By.OWNER, person_id)


def _for_administrator(session: Session, actor: Actor, public_id: str) -> CaseView:
    if not actor.is_administrator:
        raise NotAllowed(N_("Administrators settle cases."), code="role-not-allowed")
    case = case_of_organisation(session, actor, public_id)
    if case.person_id == actor.person_id:
        raise NotAllowed(
            N_("This case is about your own portfolio, so another administrator settles it."),
            code="case-own",
        )
    return case


def _open(session: Session, actor: Actor, submission: SubmissionView, found: Reported) -> CaseView:
    public_id = new_public_id()
    session.execute(
        insert(_CASES).values(
            public_id=public_id,
            organisation_id=submission.organisation_id,
            person_id=submission.person_id,
            portfolio_id=submission.portfolio_id,
            submission_id=submission.id,
            kind=found.kind.value,
            code=found.code,
            evidence_id=found.evidence_id,
            statement_id=found.statement_id,
            digest=found.digest,
            state=CaseState.OPEN.value,
            reported_by=actor.person_id,
            opened_at=clock.now(),
            settled_at=None,
        )
    )
    return case_of_owner(session, submission.portfolio_id, public_id)


def _tellings(session: Session, case: CaseView) -> Iterator[Telling]:
    yield _to_owner(session, case, Kind.CASE_OPENED, f"case:{case.public_id}")
    for person_id in administrators_of(session, case.organisation_id):
        if person_id != case.person_id:
            yield Telling(
                person_id,
                case.organisation_id,
                Kind.CASE_TO_SETTLE,
                f"case:{case.public_id}:to-settle",
                endpoint="cases.case",
                link={"case": case.public_id},
                params={"code": case.code},
            )


def _to_owner(session: Session, case: CaseView, kind: Kind, reference: str) -> Telling:
    row = session.execute(
        select(_SUBMISSIONS.c.placement_id, _SUBMISSIONS.c.instrument, Portfolio.public_id)
        .join(Portfolio, Portfolio.id == _SUBMISSIONS.c.portfolio_id)
        .where(_SUBMISSIONS.c.id == case.submission_id)
    ).one()
    asked = instruments_for(session, case.organisation_id).get(row.instrument)
    return Telling(
        case.person_id,
        case.organisation_id,
        kind,
        reference,
        placement_id=row.placement_id,
        endpoint="cases.mine",
        link={"portfolio": row.public_id, "case": case.public_id},
        params={"title": asked.title if asked else "", "code": case.code},
    )
