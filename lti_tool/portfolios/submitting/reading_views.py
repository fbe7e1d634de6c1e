"""What was handed in: the frozen tasks, their files, and whether all is as the receipt says."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.changes import changes_since
from lti_tool.portfolios.submitting.evidence_links import evidence_links
from lti_tool.portfolios.submitting.opening import blueprint, open_submission, page
from lti_tool.portfolios.submitting.queries import (
    frozen_content,
    frozen_piece,
)
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.portfolios.submitting.verifying import verify
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import hand_out, show_preview
from lti_tool.storage.queries import FileView, file_in_organisation
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime

# The databases count rows in 63 bits; an address may hold any number.
_HIGHEST = 2**63 - 1
_PIECE = f"/<portfolio>/submissions/<submission>/evidence/<int(max={_HIGHEST}):piece>"


@blueprint.get("/<portfolio>/submissions/<submission>/handed-in")
@learner
def content(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Everything that was handed in, as it was then."""
    desk, found = open_submission(actor, placement, portfolio, submission)
    links = evidence_links(portfolio, submission)
    return page(
        "content",
        desk,
        submission=found,
        frozen=frozen_content(db(), found, sees_hidden=True),
        changes=changes_since(db(), found, sees_hidden=True),
        **links,
    )


@blueprint.get("/<portfolio>/submissions/<submission>/check")
@learner
def check(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Is what is stored still what the receipt names?"""
    desk, found = open_submission(actor, placement, portfolio, submission)
    return page("check", desk, submission=found, verified=verify(db(), found))


@blueprint.get(_PIECE)
@learner
def evidence(
    actor: Actor, placement: str, portfolio: str, submission: str, piece: int
) -> ResponseReturnValue:
    """A file as it was handed in: to be saved, or shown and played in place."""
    file = _file(actor, placement, portfolio, submission, piece)
    return _out(hand_out, file, inline="show" in request.args)


@blueprint.get(f"{_PIECE}/preview")
@learner
def evidence_preview(
    actor: Actor, placement: str, portfolio: str, submission: str, piece: int
) -> ResponseReturnValue:
    """The preview of a picture that was handed in."""
    return _out(show_preview, _file(actor, placement, portfolio, submission, piece))


def _file(actor: Actor, placement: str, portfolio: str, submission: str, piece: int) -> FileView:
    _desk, found = open_submission(actor, placement, portfolio, submission)
    return file_of(found, piece)


def file_of(submission: SubmissionView, number: int) -> FileView:
    """Returns the file of a piece that a submission has; raises `NotFound` for any other."""
    piece = frozen_piece(db(), submission, number)
    file = file_in_organisation(db(), submission.organisation_id, piece.file_id)
    if file is None or not piece.digest:  # a report led to its erasure
        raise NotFound(N_("There is no such file here."), code="file-unknown")
    return file


def _out(answer: object, file: FileView, **more: bool) -> Response:
    close_transaction()  # the store may be a server elsewhere, and a file takes a while
    blobs = open_blobs(runtime().settings)
    made: Response = answer(blobs, file, is_owner=True, may_see=True, **more)  # type: ignore[operator]
    return made
