"""The certificate of one's own entry: drawn when it is asked for, always as the entry stands.

It is a page long and takes a third of a second in the child process that draws papers, so it
needs no row, no message and no file of its own.
"""

import threading

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.courses.queries import placement_for
from lti_tool.exports.certificates.drawing import certificate_of
from lti_tool.exports.papers import worker
from lti_tool.exports.papers.press import PressFailed
from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, Unavailable
from lti_tool.kernel.text import N_
from lti_tool.register.queries import own_entry
from lti_tool.register.rules import State
from lti_tool.storage.rules import content_disposition
from lti_tool.web.guards import participant
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("certificates", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

# One at the press and one who comes next; more would hold the threads that others wait for.
_MOST_NAMED = 20
_places = threading.BoundedSemaphore(2)


@blueprint.get("/recognition/<recognition>/certificate.pdf")
@participant
def certificate(actor: Actor, placement: str, recognition: str) -> ResponseReturnValue:
    """The certificate as PDF."""
    placement_for(db(), actor, placement)
    entry = own_entry(db(), actor, recognition)
    if entry.state is State.SUSPENDED:
        raise Conflict(
            N_("Your entry is suspended, and its certificate with it."),
            code="entry-suspended",
            advice=N_("Your recognition page says why, and who can restore it."),
        )
    close_transaction()  # nothing is held while the page is drawn
    address = runtime().settings.base_url + url_for("register.verify", code=entry.code)
    renderer = renderer_named(runtime().settings.pdf_renderer)
    document = certificate_of(entry, address, renderer)
    if document.missing:
        raise Conflict(
            N_("Your certificate would have empty squares in place of: %(characters)s."),
            code="characters-without-font",
            advice=N_(
                "Write the name to show in other letters, or ask the operator of this service for"
                " a renderer that has them."
            ),
            params={"characters": " ".join(document.missing[:_MOST_NAMED])},
        )
    if not _places.acquire(blocking=False):
        raise _busy("press-busy")
    try:
        pdf = worker.press_for(renderer.name).render(document.html, document.faces)
    except PressFailed as failed:
        raise _busy(failed.reason) from None
    finally:
        _places.release()
    response = Response(pdf, mimetype="application/pdf")
    name = f"imh-recognition-level-{entry.level}.pdf"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def _busy(reason: str) -> Unavailable:
    return Unavailable(
        N_("The certificate cannot be drawn just now."),
        code="certificate-busy",
        advice=N_("Try again in a moment."),
        detail=reason,
    )
