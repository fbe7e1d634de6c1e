"""Where two people who are one wrote the same portfolio: the two are put together.

A task that only one of them answered comes over with its versions. Where both did, the newer text
stands, or the one that is handed in, and all versions of both become one history. Evidence,
statements, reports and submissions come along. Where both were handed in, they stay two: the
absorbed one becomes the next round.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Table, func, select

from lti_tool.gateway.people.folding import renumber
from lti_tool.gateway.people.journal import Joining
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.evidence.models import EvidenceLink
from lti_tool.portfolios.models import Account, AccountVersion, Portfolio
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import Standing

PORTFOLIOS = table_of(Portfolio)
ACCOUNTS = table_of(Account)
VERSIONS = table_of(AccountVersion)
_SUBMISSIONS = table_of(Submission)

# All of an account but whose it is and which task it answers.
CONTENT = (
    *("instrument_version", "text", "words", "version", "changed_at", "ticks"),
    *("declaration", "declared_at", "left_alone", "places"),
)
_COMING_ALONG: tuple[Table, ...] = (
    table_of(EvidenceLink),
    table_of(WitnessStatement),
    table_of(ConfidentialityCase),
    _SUBMISSIONS,
)


def fold_portfolios(joining: Joining) -> None:
    """Puts portfolios of the same level and round together; the others simply change their owner."""
    for absorbed, remaining in list(joining.pairs(PORTFOLIOS, "person_id")):
        if _was_handed_in(joining, absorbed.id) and _was_handed_in(joining, remaining.id):
            joining.change(
                PORTFOLIOS,
                absorbed,
                person_id=joining.remaining_id,
                round=_newest_round(joining, absorbed.instrument) + 1,
            )
        else:
            _put_together(joining, absorbed, remaining)
    joining.move(PORTFOLIOS, "person_id")


def _put_together(joining: Joining, absorbed: Row[Any], remaining: Row[Any]) -> None:
    between = replace(joining, absorbed_id=absorbed.id, remaining_id=remaining.id)
    standings = [standing_of(joining.session, one.id) for one in (absorbed, remaining)]
    for theirs, ours in list(between.pairs(ACCOUNTS, "portfolio_id")):
        _fold_account(joining, theirs, ours, stands=_which_stands(theirs, ours, standings))
    between.move(ACCOUNTS, "portfolio_id", also=CONTENT)
    for table in _COMING_ALONG:
        between.move(table, "portfolio_id")


def _which_stands(theirs: Row[Any], ours: Row[Any], standings: list[Standing]) -> Row[Any]:
    """The text that is handed in or accepted; else the newer one; else the one that has a text."""
    for row, standing in zip((theirs, ours), standings, strict=True):
        if standing.submission is not None and not standing.is_open(row.code):
            return row
    if theirs.changed_at is None or ours.changed_at is None:
        return theirs if ours.changed_at is None and theirs.changed_at is not None else ours
    return theirs if theirs.changed_at > ours.changed_at else ours


def _fold_account(joining: Joining, theirs: Row[Any], ours: Row[Any], *, stands: Row[Any]) -> None:
    """All versions become one history, in the order of time, that ends with the text that stands.

    Its number exceeds what either had: a page that is still open must not take it for its own.
    """
    session = joining.session
    rows = session.execute(
        select(VERSIONS).where(VERSIONS.c.account_id.in_([theirs.id, ours.id]))
    ).all()
    last = max((row for row in rows if row.account_id == stands.id), key=_number, default=None)
    ordered = sorted(rows, key=lambda row: (row is last, row.saved_at, row.id))
    version = theirs.version + ours.version + 1 if ordered else max(theirs.version, ours.version)
    numbers = [*range(1, len(ordered)), version]
    wanted = [
        (row, {"account_id": ours.id, "number": number})
        for row, number in zip(ordered, numbers, strict=False)
    ]
    renumber(session, VERSIONS, [(row.id, after) for row, after in wanted], column="number")
    joining.remember(
        VERSIONS,
        [
            (row.id, {"account_id": row.account_id, "number": row.number}, after)
            for row, after in wanted
        ],
    )
    content = {name: getattr(stands, name) for name in CONTENT} | {"version": version}
    joining.change(ACCOUNTS, ours, **content)


def _number(row: Row[Any]) -> int:
    return int(row.number)


def _was_handed_in(joining: Joining, portfolio_id: int) -> bool:
    wanted = select(_SUBMISSIONS.c.id).where(_SUBMISSIONS.c.portfolio_id == portfolio_id).limit(1)
    return joining.session.execute(wanted).first() is not None


def _newest_round(joining: Joining, instrument: str) -> int:
    people: Iterable[int] = (joining.absorbed_id, joining.remaining_id)
    wanted = select(func.max(PORTFOLIOS.c.round)).where(
        PORTFOLIOS.c.person_id.in_(people), PORTFOLIOS.c.instrument == instrument
    )
    return int(joining.session.execute(wanted).scalar_one())
