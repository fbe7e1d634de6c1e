"""The page “Profile and faults”: what the LMS plays, and what goes wrong in it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.demo.faults import SCOPES, Fault, FaultKind
from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import current_lms
from lti_tool.demo.platform.profiles import PROFILES, TEXTS
from lti_tool.demo.platform.storage import ANSWER_TEXTS, STORAGE_TEXTS
from lti_tool.demo.seed import reseed
from lti_tool.demo.views.words import DONE, FAULT_TEXTS, SCOPE_TEXTS
from lti_tool.kernel.errors import InvalidInput

LATEST_CALLS = 25
STORAGE = {"storage": STORAGE_TEXTS, "storage_answers": ANSWER_TEXTS}


def switching_blueprint() -> Blueprint:
    """Returns the settings page and its forms, ready to be registered."""
    blueprint = Blueprint("switching", __name__, url_prefix="/settings")
    blueprint.before_request(refuse_strangers)
    blueprint.before_request(refuse_other_sites)
    blueprint.add_url_rule("", view_func=settings)
    for rule, view in (
        ("/profile", set_profile),
        ("/launches", set_launches),
        ("/faults", add_fault),
        ("/faults/clear", clear_faults),
        ("/faults/<int:number>/remove", remove_fault),
        ("/reset", start_again),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=["POST"])
    return blueprint


def settings() -> str:
    """Shows every switch, the faults that are on, and the tool's latest calls."""
    lms = current_lms()
    return render_template(
        "demo/settings.html",
        profiles=TEXTS,
        kinds=FAULT_TEXTS,
        scopes=SCOPE_TEXTS,
        calls=list(reversed(lms.calls.latest(LATEST_CALLS))),
        counts=lms.calls.counts(),
        storage=STORAGE,
        done=DONE.get(request.args.get("done", "")),
    )


def set_profile() -> Response:
    """Switches to another profile."""
    profile = request.form.get("profile", "")
    if profile not in PROFILES:
        raise InvalidInput(_("There is no such profile."))
    current_lms().switchboard.change(profile=profile)
    return _back("profile")


def set_launches() -> Response:
    """Switches how launches are made and what they tell."""
    form = request.form
    current_lms().switchboard.change(
        share_names="share_names" in form,
        lineitem_claim="lineitem_claim" in form,
        own_clock="own_clock" in form,
        older_links="older_links" in form,
        initiate_by="GET" if form.get("initiate_by") == "GET" else "POST",
        **{name: form[name] for name, texts in STORAGE.items() if form.get(name) in texts},
    )
    return _back("launches")


def add_fault() -> Response:
    """Switches one more fault on."""
    form = request.form
    count = form.get("remaining", "").strip()
    fields = {
        "kind": form.get("kind"),
        "scope": form.get("scope"),
        "remaining": count or None,
        "seconds": form.get("seconds") or 5,
    }
    try:
        fault = Fault.read(fields)
    except ValueError as error:
        raise InvalidInput(_("This fault cannot be switched on."), advice=f"{error}.") from error
    current_lms().faults.add([fault])
    return _back("faults")


def clear_faults() -> Response:
    """Switches all faults off."""
    current_lms().faults.clear()
    return _back("faults")


def remove_fault(number: int) -> Response:
    """Switches one fault off."""
    current_lms().faults.remove(number)
    return _back("faults")


def start_again() -> Response:
    """Puts everything back to how it was at the first start."""
    lms = current_lms()
    if "sure" not in request.form:
        raise InvalidInput(
            _("Nothing was reset."),
            advice=_("Tick the box first: grades and added people will go."),
        )
    with lms.database.writing() as session:
        reseed(session)
    lms.faults.clear()
    lms.calls.clear()
    lms.switchboard.reset()
    return _back("reset")


def _back(section: str) -> Response:
    return redirect(url_for("switching.settings", done=section, _anchor="done"))


# A new kind or scope must get its words: the page would leave it out in silence.
if set(FAULT_TEXTS) != set(FaultKind) or set(SCOPE_TEXTS) != set(SCOPES):  # pragma: no cover
    raise RuntimeError("a fault has no words on the settings page")
