"""What the pages of change over time say in words: what moved, since when, what a point is."""

from datetime import timedelta

from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _

from lti_tool.assessments.comparison import Point, SnapshotHead, SnapshotKind, Tally
from lti_tool.assessments.rules import Progress


def state_words(done: Progress) -> str:
    """Returns how a domain stands, such as "3 achieved, 2 working towards, 5 not started"."""
    return _(
        "%(achieved)s achieved, %(working)s working towards, %(rest)s not started",
        achieved=done.achieved,
        working=done.working_towards,
        rest=done.total - done.rated,
    )


def tally_words(tally: Tally) -> str:
    """Returns what moved, such as "12 moved up, 2 moved down"; says so where nothing did."""
    parts = [
        ngettext("%(num)s moved up", "%(num)s moved up", tally.up) if tally.up else "",
        ngettext("%(num)s moved down", "%(num)s moved down", tally.down) if tally.down else "",
        ngettext("%(num)s newly answered", "%(num)s newly answered", tally.new)
        if tally.new
        else "",
        ngettext("%(num)s no longer answered", "%(num)s no longer answered", tally.gone)
        if tally.gone
        else "",
    ]
    return ", ".join(part for part in parts if part) or _("nothing moved")


def snapshot_words(head: SnapshotHead) -> str:
    """Returns a snapshot's name with its date, such as "Baseline, 3 March 2026"."""
    if head.kind is SnapshotKind.BASELINE:
        return _("Baseline, %(day)s", day=format_datetime(head.taken_at, "d MMMM y"))
    if head.kind is SnapshotKind.DATED and head.due_on:
        return _("Date set by your course, %(day)s", day=format_date(head.due_on, "d MMMM y"))
    return _(
        "%(name)s, %(moment)s",
        name=head.label or _("Kept by you"),
        moment=format_datetime(head.taken_at, "d MMMM y, HH:mm"),
    )


def point_words(point: Point) -> str:
    """Returns the name of a point: its snapshot's, or "Now"."""
    return snapshot_words(point.snapshot) if point.snapshot else _("Now")


def day_words(point: Point) -> str:
    """Returns the day of a point, such as "3 March 2026"."""
    if point.snapshot and point.snapshot.due_on:
        return str(format_date(point.snapshot.due_on, "d MMMM y"))
    return str(format_datetime(point.taken_at, "d MMMM y"))


def span_words(span: timedelta) -> str:
    """Returns how long it was, in whole days, weeks or months, such as "3 months"."""
    days = max(span.days, 0)
    if days < 1:
        return str(_("less than a day"))
    if days < 21:
        return str(ngettext("%(num)s day", "%(num)s days", days))
    if days < 70:
        return str(ngettext("%(num)s week", "%(num)s weeks", round(days / 7)))
    return str(ngettext("%(num)s month", "%(num)s months", round(days / 30.4)))
