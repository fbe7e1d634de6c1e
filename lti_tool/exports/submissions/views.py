"""The PDF of what was handed in: for its owner, and for administrators; how it stands."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.courses.queries import placement_for
from lti_tool.exports.papers.worker import unseal
from lti_tool.exports.submissions.rules import file_name, reason_words
from lti_tool.exports.submissions.services import ask_again
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.opening import open_submission
from lti_tool.portfolios.submitting.queries import submission_in_organisation
from lti_tool.portfolios.submitting.rules import PdfState, SubmissionView
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.rules import content_disposition
from lti_tool.web.guards import administrator, learner
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("submission_papers", __name__, url_prefix="/at/<slot>/p/<placement>")
_SUBMISSION = "/portfolio/<portfolio>/submissions/<submission>/pdf"


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot and placement from the address of this request."""
    here = request.view_args or {}
    for name in ("slot", "placement"):
        if name in here:
            values.setdefault(name, here[name])


@blueprint.app_template_global("submission_paper_words")
def paper_words(reason: str) -> tuple[str, str]:
    """Returns why a PDF was not made, and what to do."""
    happened, advice = reason_words(reason)
    return str(_(happened)), str(_(advice))


@blueprint.get(_SUBMISSION)
@learner
def file(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """The PDF itself, to be saved."""
    _desk, found = open_submission(actor, placement, portfolio, submission)
    return _pdf(found)


@blueprint.get(f"{_SUBMISSION}/state")
@learner
def state(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """How the PDF stands, for the page's script."""
    desk, found = open_submission(actor, placement, portfolio, submission)
    html = render_template("submitting/_pdf_state.html", submission=found, portfolio=desk.portfolio)
    return jsonify(state=found.pdf_state, html=html)


@blueprint.post(f"{_SUBMISSION}/again")
@learner
def again(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Asks once more for a PDF that could not be made."""
    _desk, found = open_submission(actor, placement, portfolio, submission)
    ask_again(db(), actor, found)
    return redirect(url_for("submitting.receipt", portfolio=portfolio, submission=submission), 303)


@blueprint.get("/reviews/<submission>/handed-in.pdf")
@administrator
def for_administrator(actor: Actor, placement: str, submission: str) -> ResponseReturnValue:
    """The PDF of any submission of the organisation, for its administrators."""
    placement_for(db(), actor, placement)
    return _pdf(submission_in_organisation(db(), actor.organisation_id, submission))


def _pdf(found: SubmissionView) -> Response:
    if found.pdf_state is not PdfState.READY:
        raise NotFound(
            N_("This PDF is not ready."),
            code="paper-not-ready",
            advice=N_("Go back to the receipt, which says how it stands."),
        )
    close_transaction()  # the store may be a server elsewhere
    stored = open_blobs(runtime().settings).get(found.organisation_id, found.pdf_digest)
    response = Response(unseal(stored), content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition(file_name(found))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
