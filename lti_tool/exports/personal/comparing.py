"""What a brought record would add, what is here already, what differs and which side wins. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lti_tool.exports.personal.shapes import (
    Account,
    Goal,
    KeptAside,
    LookingBack,
    Portfolio,
    Rating,
    RatingChange,
    Record,
    Snapshot,
    TrainingRecord,
)
from lti_tool.exports.personal.shapes_handed_in import Submission

Codes = Mapping[str, Collection[str]]
T = TypeVar("T", Snapshot, Goal, TrainingRecord)
Kept = Rating | Snapshot | Goal | LookingBack | Portfolio | Submission


@dataclass(frozen=True, slots=True)
class Mine:
    """What is here: the person's own record, and under which names they have things already.

    `names` are the names of the things of each kind, those of earlier records among them.
    """

    record: Record
    names: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A competency that is answered in both places, and not the same."""

    theirs: Rating
    mine: Rating


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one instrument: which are new, the same, newer there, newer here."""

    instrument: str
    new: tuple[Rating, ...]
    same: int
    newer_there: tuple[Pair, ...]
    newer_here: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A text of the record for a task that has none here, and the portfolio that it is from."""

    portfolio: Portfolio
    account: Account


@dataclass(frozen=True, slots=True)
class Things:
    """Goals, entries or snapshots: how many are new, and how many are here already."""

    new: int
    here: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a record holds for this person, ready to be shown and to be taken in.

    `unknown` are instruments that this tool does not hold, and `aside` what is kept as it came.
    """

    answers: tuple[Answers, ...]
    changes: tuple[RatingChange, ...]
    changes_here: int
    snapshots: tuple[Snapshot, ...]
    snapshots_here: int
    looking_back: tuple[LookingBack, ...]
    goals: tuple[Goal, ...]
    goals_here: int
    training: tuple[TrainingRecord, ...]
    training_here: int
    certificates: int
    accounts: tuple[Written, ...]
    accounts_here: int
    aside: tuple[KeptAside, ...]
    unknown: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Says whether nothing of the record would change anything here."""
        return not (
            any(group.new or group.newer_there for group in self.answers)
            or self.changes
            or self.snapshots
            or self.looking_back
            or self.goals
            or self.training
            or self.accounts
            or self.aside
        )


def compare(record: Record, mine: Mine, known: Codes) -> Findings:
    """Returns what a record would bring; `known` are the codes of each instrument here."""
    had = {_change_key(mine.record, one) for one in mine.record.rating_changes}
    changes = [one for one in record.rating_changes if _change_key(record, one) not in had]
    snapshots, snapshots_here = _new(record.snapshots, mine, "snapshot")
    goals, goals_here = _new(record.goals, mine, "goal")
    kept = [entry for entry in record.training_records if entry.state == "kept"]
    training, training_here = _new(kept, mine, "training")
    usable = [one for one in snapshots if _is_known(one, known)]
    followed = _followed(record, mine, usable, known)
    accounts, accounts_here = _accounts(record, mine, known)
    return Findings(
        answers=_answers(record, mine, known),
        changes=tuple(changes),
        changes_here=len(record.rating_changes) - len(changes),
        snapshots=tuple(usable),
        snapshots_here=snapshots_here,
        looking_back=followed,
        goals=tuple(goal for goal in goals if _has_code(known, goal.instrument, goal.code)),
        goals_here=goals_here,
        training=tuple(training),
        training_here=training_here,
        certificates=sum(entry.file is not None for entry in training),
        accounts=accounts,
        accounts_here=accounts_here,
        aside=_aside(record, mine, known, snapshots, goals, followed),
        unknown=_unknown(record, known),
    )


def _unknown(record: Record, known: Codes) -> tuple[str, ...]:
    """The instruments that a record names and that this tool does not hold."""
    named = {one.instrument for one in record.ratings}
    named |= {one.instrument for one in record.snapshots}
    named |= {one.instrument for one in record.goals}
    named |= {one.instrument for one in record.portfolios}
    return tuple(sorted(named - set(known) - {""}))


def origin_of(record: Record, change: RatingChange) -> tuple[str, str]:
    """Returns where a change was first made: the installation, and its name for the person."""
    if change.source:
        return change.source.installation, change.source.person
    return record.origin.installation, record.origin.person


def _answers(record: Record, mine: Mine, known: Codes) -> tuple[Answers, ...]:
    here = {(one.instrument, one.code): one for one in mine.record.ratings}
    groups = []
    for instrument in sorted({one.instrument for one in record.ratings} & set(known)):
        theirs = [
            one
            for one in record.ratings
            if one.instrument == instrument and one.code in known[instrument]
        ]
        pairs = [
            Pair(one, here[instrument, one.code])
            for one in theirs
            if (instrument, one.code) in here
        ]
        differing = [pair for pair in pairs if not _is_same(pair)]
        newer = [pair for pair in differing if pair.theirs.changed_at > pair.mine.changed_at]
        groups.append(
            Answers(
                instrument,
                tuple(one for one in theirs if (instrument, one.code) not in here),
                len(pairs) - len(differing),
                tuple(newer),
                tuple(pair for pair in differing if pair not in newer),
            )
        )
    return tuple(groups)


def _accounts(record: Record, mine: Mine, known: Codes) -> tuple[tuple[Written, ...], int]:
    """The texts for tasks that have none here, of several rounds the newest; how many have one."""
    have = {
        (portfolio.instrument, account.code)
        for portfolio in mine.record.portfolios
        for account in portfolio.accounts
        if account.text
    }
    coming: dict[tuple[str, str], Written] = {}
    for portfolio in sorted(record.portfolios, key=lambda one: one.round):
        for account in portfolio.accounts:
            if account.text and account.code in known.get(portfolio.instrument, ()):
                coming[portfolio.instrument, account.code] = Written(portfolio, account)
    new = tuple(one for key, one in sorted(coming.items()) if key not in have)
    return new, len(coming) - len(new)


def _is_same(pair: Pair) -> bool:
    return (pair.theirs.state, pair.theirs.note) == (pair.mine.state, pair.mine.note)


def _change_key(record: Record, one: RatingChange) -> tuple[str, str, str, int]:
    return origin_of(record, one)[1], one.instrument, one.code, one.version


def _new(things: Collection[T], mine: Mine, kind: str) -> tuple[list[T], int]:
    new = [one for one in things if one.id not in mine.names[kind]]
    return new, len(things) - len(new)


def _is_known(snapshot: Snapshot, known: Codes) -> bool:
    return snapshot.instrument in known


def _has_code(known: Codes, instrument: str, code: str) -> bool:
    return not instrument or code in known.get(instrument, ())


def _followed(
    record: Record, mine: Mine, new: Collection[Snapshot], known: Codes
) -> tuple[LookingBack, ...]:
    """The looking-back answers whose baseline becomes, or is, the person's baseline here.

    Where another baseline stands they would answer a question about another start.
    """
    here = {one.instrument for one in mine.record.snapshots if one.kind == "baseline"}
    coming = {one.id for one in new if one.kind == "baseline" and one.instrument not in here}
    answered = {one.instrument for one in mine.record.looking_back}
    return tuple(
        one
        for one in record.looking_back
        if one.baseline in coming
        and one.instrument not in answered
        and _has_code(known, one.instrument, one.code)
    )


def _aside(
    record: Record,
    mine: Mine,
    known: Codes,
    snapshots: Collection[Snapshot],
    goals: Collection[Goal],
    followed: Collection[LookingBack],
) -> tuple[KeptAside, ...]:
    """What cannot be used here and is not lost: it is kept as it came, and leaves with the record."""
    things: list[tuple[str, str, Kept]] = [
        ("rating", f"{one.instrument} {one.code}", one)
        for one in record.ratings
        if not _has_code(known, one.instrument, one.code)
    ]
    things += [("snapshot", one.id, one) for one in snapshots if not _is_known(one, known)]
    things += [("goal", g.id, g) for g in goals if not _has_code(known, g.instrument, g.code)]
    things += [("portfolio", p.id, p) for p in record.portfolios if p.instrument not in known]
    # What was handed in elsewhere, and what came of it, is that installation's word.
    own = {one.id for one in mine.record.submissions}
    things += [("submission", one.id, one) for one in record.submissions if one.id not in own]
    have = {(o.instrument, o.code, o.version, o.state, o.note) for o in mine.record.looking_back}
    for one in record.looking_back:
        is_here = (one.instrument, one.code, one.version, one.state, one.note) in have
        if one not in followed and not is_here:
            things.append(("looking-back", f"{one.instrument} {one.code} {one.version}", one))
    found = [
        KeptAside(kind=kind, key=key, original=thing.model_dump(mode="json"))
        for kind, key, thing in things
    ]
    # What was made here and was kept aside elsewhere comes home to itself.
    seen = {(one.kind, one.key) for one in mine.record.kept_aside}
    seen |= {("submission", name) for name in own}
    return tuple(one for one in [*found, *record.kept_aside] if (one.kind, one.key) not in seen)
