"""What the shape of a record cannot say: names are unique, and what is pointed at is there. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterable

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.bounds import RECORD
from lti_tool.exports.personal.refusals import refused_field


def check_consistency(record: shapes.Record) -> None:
    """Raises `InvalidInput` for the first thing that is there twice or points to nothing."""
    _once("ratings", ((one.instrument, one.code) for one in record.ratings))
    _once(
        "rating_changes",
        (
            (one.source.person if one.source else "", one.instrument, one.code, one.version)
            for one in record.rating_changes
        ),
    )
    _once("snapshots", (one.id for one in record.snapshots))
    for snapshot in record.snapshots:
        _once(f"snapshots {snapshot.id}", (answer.code for answer in snapshot.answers))
    _once("looking_back", ((o.instrument, o.code, o.version) for o in record.looking_back))
    _once("goals", (one.id for one in record.goals))
    for goal in record.goals:
        _unbroken(goal)
    _once("training_records", (one.id for one in record.training_records))
    _once("portfolios", (one.id for one in record.portfolios))
    for portfolio in record.portfolios:
        _once(f"portfolios {portfolio.id}", (one.code for one in portfolio.accounts))
        for account in portfolio.accounts:
            field = f"portfolios {portfolio.id} {account.code} versions"
            _once(field, (one.number for one in account.versions))
    _once("submissions", (one.id for one in record.submissions))
    _once("files", (one.id for one in record.files))
    _once("files", (one.path for one in record.files))
    _once("kept_aside", ((one.kind, one.key) for one in record.kept_aside))
    _check_pointers(record)


def _once(field: str, names: Iterable[Hashable]) -> None:
    counted = Counter(names)
    if any(times > 1 for times in counted.values()):
        raise refused_field(RECORD, field, "each thing once", code="record-thing-twice")


def _unbroken(goal: shapes.Goal) -> None:
    """The history of a goal is whole: the last change can be undone only then."""
    versions = [change.version for change in goal.changes]
    if versions != list(range(1, goal.version + 1)):
        raise refused_field(
            RECORD,
            f"goals {goal.id} changes",
            f"every version from 1 to {goal.version}, in order",
            code="record-history-broken",
        )


def _check_pointers(record: shapes.Record) -> None:
    goals = {goal.id for goal in record.goals}
    files = {file.id for file in record.files}
    baselines = {one.id: one.instrument for one in record.snapshots if one.kind == "baseline"}
    snapshots = {one.id: one.instrument for one in record.snapshots}
    for entry in record.training_records:
        if entry.goal and entry.goal not in goals:
            _points_nowhere(f"training_records {entry.id} goal", "the id of a goal of this record")
        if entry.file and entry.file not in files:
            _points_nowhere(f"training_records {entry.id} file", "the id of a file of this record")
        if entry.ended_on < entry.begun_on:
            _points_nowhere(f"training_records {entry.id} ended_on", "no day before begun_on")
    for answer in record.looking_back:
        if snapshots.get(answer.baseline) != answer.instrument:
            _points_nowhere("looking_back baseline", "the id of a snapshot of that instrument")
    if len(set(baselines.values())) != len(baselines):
        _points_nowhere("snapshots kind", "one baseline for each instrument")


def _points_nowhere(field: str, expected: str) -> None:
    raise refused_field(RECORD, field, expected, code="record-inconsistent")
