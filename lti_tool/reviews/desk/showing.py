"""What a reading's page shows: the frozen tasks, what was found, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import url_for

from lti_tool.kernel import clock
from lti_tool.portfolios.cases.rules import account_item, evidence_item, statement_item
from lti_tool.portfolios.submitting.changes import Changed, changes_since
from lti_tool.portfolios.submitting.queries import (
    Frozen,
    FrozenEvidence,
    FrozenTask,
    frozen_content,
)
from lti_tool.reviews.blind import frozen_without_name, without_name
from lti_tool.reviews.desk.queries import name_of, notes_of, phrases_of
from lti_tool.reviews.desk.rules import (
    LONGEST_FEEDBACK,
    LONGEST_NOTES,
    LONGEST_SUMMARY,
    lacks,
    may_write,
    suggested,
    tally,
)
from lti_tool.reviews.desk.wording import age_words, due_words, lack_words, script_messages, who_is
from lti_tool.reviews.opening import AtDesk
from lti_tool.reviews.queries import findings_of
from lti_tool.reviews.rules import FindingView, Part, ReviewView, Verdict
from lti_tool.web.guards import live_session
from lti_tool.web.requests import db

LIMITS = {"feedback": LONGEST_FEEDBACK, "summary": LONGEST_SUMMARY, "notes": LONGEST_NOTES}


@dataclass(frozen=True, slots=True)
class Step:
    """A competency in the row of them: its code, topic, and how it stands."""

    code: str
    topic: str
    verdict: Verdict
    accepted_in: int | None
    is_changed: bool


def head_of(at: AtDesk) -> dict[str, Any]:
    """Returns what stands above every page of a reading: whose, which, since when, until when."""
    submission, today = at.submission, clock.now().date()
    asked = at.here.library.get(submission.instrument)
    name = "" if at.terms.blind else name_of(db(), submission.person_id)
    return {
        "at": at,
        "review": at.review,
        "submission": submission,
        "title": asked.title if asked else submission.instrument,
        "whose": who_is(at.terms, name, submission.organisation_id, submission.portfolio_id),
        "age": age_words(submission.submitted_at.date(), today),
        "due": due_words(at.review.due_on, today),
        "is_overdue": at.review.is_open and at.review.due_on < today,
        "is_moderating": at.review.part is not Part.READER,
    }


def frozen_of(at: AtDesk) -> Frozen:
    """Returns what was handed in as this assessor may see it."""
    found = frozen_content(db(), at.submission)
    if at.terms.blind:
        return frozen_without_name(found, name_of(db(), at.submission.person_id))
    return found


def content_of(at: AtDesk) -> dict[str, Any]:
    """Returns everything of a reading that was begun: tasks, findings, changes, what is missing."""
    frozen = frozen_of(at)
    findings = findings_of(db(), at.review.id)
    changes = _changes(at)
    codes = [task.code for task in frozen.tasks if task.accepted_in is None]
    stands = tally(codes, {code: one.verdict for code, one in findings.items()})
    notes, notes_version = notes_of(db(), at.review.id)
    return {
        "frozen": frozen,
        "tasks": {task.code: task for task in frozen.tasks},
        "findings": {
            task.code: findings.get(task.code, FindingView(task.code)) for task in frozen.tasks
        },
        "changes": changes,
        "steps": [_step(task, findings, task.code in changes) for task in frozen.tasks],
        "lacks": [
            (lack, lack_words(lack))
            for lack in lacks(codes, findings, at.review.verdict, at.review.summary)
        ],
        "tally": stands,
        "suggested": suggested(stands),
        "notes": notes,
        "notes_version": notes_version,
        "phrases": phrases_of(db(), at.assessor.id),
        "may_write": may_write(at.review.state),
        "limits": LIMITS,
        "account_item": account_item,
        "evidence_item": evidence_item,
        "statement_item": statement_item,
        **_links(at),
    }


def script_of(at: AtDesk, content: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    """Returns what the page's script needs: records as they stand, where to save, phrases."""
    live = live_session()
    return {
        "save": url_for("desk.keep", review=at.review.public_id),
        "phrase": url_for("desk.keep_phrase", review=at.review.public_id),
        "slot": live.slot if live else "",
        "instrument": f"review-{at.review.public_id}",
        "records": {code: finding_facts(content["findings"][code]) for code in codes},
        "conclusion": conclusion_facts(at.review),
        "notes": {"notes": content["notes"], "version": content["notes_version"]},
        "limits": LIMITS,
        "phrases": [one.text for one in content["phrases"]],
        "messages": script_messages(LONGEST_FEEDBACK),
    }


def finding_facts(finding: FindingView) -> dict[str, Any]:
    """Returns a finding as scripts read it."""
    return {
        "code": finding.code,
        "verdict": finding.verdict.value,
        "feedback": finding.feedback,
        "version": finding.version,
        "changed_at": finding.changed_at.isoformat() if finding.changed_at else None,
    }


def conclusion_facts(review: ReviewView) -> dict[str, Any]:
    """Returns overall verdict and summary as scripts read them."""
    return {
        "code": "conclusion",
        "verdict": review.verdict.value,
        "summary": review.summary,
        "version": review.summary_version,
    }


def _changes(at: AtDesk) -> Mapping[str, Changed]:
    """What changed since the submission before, without names of files that tell whose it is."""
    found = changes_since(db(), at.submission)
    if not found or not at.terms.blind:
        return found
    name = name_of(db(), at.submission.person_id)
    return {
        code: replace(
            one,
            added=tuple(without_name(title, name) for title in one.added),
            removed=tuple(without_name(title, name) for title in one.removed),
        )
        for code, one in found.items()
    }


def _step(task: FrozenTask, findings: dict[str, FindingView], is_changed: bool) -> Step:  # noqa: FBT001 - of one call
    verdict = Verdict.MET if task.accepted_in else Verdict.NONE
    if task.code in findings and not task.accepted_in:
        verdict = findings[task.code].verdict
    return Step(task.code, str(task.wording["topic"]), verdict, task.accepted_in, is_changed)


def _links(at: AtDesk) -> dict[str, object]:
    """Where a submission's files are for the partial that shows a frozen task."""
    to = partial(url_for, review=at.review.public_id)

    def evidence_url(piece: FrozenEvidence) -> str:
        return "" if piece.is_hidden else to("desk.evidence", piece=piece.id)

    def preview_url(piece: FrozenEvidence) -> str:
        is_there = piece.preview_digest and not piece.is_hidden
        return to("desk.evidence_preview", piece=piece.id) if is_there else ""

    def media_url(piece: FrozenEvidence) -> str:
        is_shown = piece.media_type.partition("/")[0] in {"image", "video", "audio"}
        if piece.is_hidden or not is_shown:
            return ""
        return to("desk.evidence", piece=piece.id, show=1)

    return {"evidence_url": evidence_url, "preview_url": preview_url, "media_url": media_url}
