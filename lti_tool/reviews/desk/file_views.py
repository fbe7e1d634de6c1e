"""The evidence of a submission on the desk: saved, shown or played, never what a report hides."""

from dataclasses import replace

from flask import Response, request
from flask.typing import ResponseReturnValue

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.queries import frozen_piece
from lti_tool.reviews.blind import without_name
from lti_tool.reviews.desk.queries import name_of
from lti_tool.reviews.desk.reading_views import check_begun
from lti_tool.reviews.opening import Assessing, assessor, desk, open_review
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import hand_out, show_preview
from lti_tool.storage.queries import FileView, file_in_organisation
from lti_tool.web.requests import close_transaction, db, runtime

# The databases count rows in 63 bits; an address may hold any number.
_PIECE = f"/<review>/evidence/<int(max={2**63 - 1}):piece>"


@desk.get(_PIECE)
@assessor
def evidence(who: Assessing, placement: str, review: str, piece: int) -> ResponseReturnValue:
    """A file as it was handed in: to be saved, or shown and played in place."""
    file = _file(who, placement, review, piece)
    blobs = open_blobs(runtime().settings)
    return hand_out(blobs, file, is_owner=False, may_see=True, inline="show" in request.args)


@desk.get(f"{_PIECE}/preview")
@assessor
def evidence_preview(
    who: Assessing, placement: str, review: str, piece: int
) -> ResponseReturnValue:
    """The preview of a picture that was handed in."""
    file = _file(who, placement, review, piece)
    answer: Response = show_preview(
        open_blobs(runtime().settings), file, is_owner=False, may_see=True
    )
    return answer


def _file(who: Assessing, placement: str, review: str, piece: int) -> FileView:
    """Returns a file of a submission that is on this desk, and lets the database go."""
    at = open_review(who, placement, review)
    check_begun(at)
    frozen = frozen_piece(db(), at.submission, piece)
    file = file_in_organisation(db(), at.submission.organisation_id, frozen.file_id)
    if frozen.is_hidden or file is None:
        raise NotFound(N_("There is no such file here."), code="file-unknown")
    if at.terms.blind:
        name = name_of(db(), at.submission.person_id)
        file = replace(file, name=without_name(file.name, name))
    close_transaction()  # the store may be a server elsewhere, and a file takes a while
    return file
