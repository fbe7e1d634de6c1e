"""The administrator's page “Tools”: adding one by its registration address, choosing one."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import current_lms
from lti_tool.demo.platform.registering import issue_token, offer_of
from lti_tool.demo.registration import CLIENT_ID
from lti_tool.demo.tools import registered_tools, use_tool
from lti_tool.demo.views.shared import acting_person
from lti_tool.kernel.errors import InvalidInput, NotAllowed


def tools_blueprint() -> Blueprint:
    """Returns the pages, ready to be registered."""
    blueprint = Blueprint("tools", __name__, url_prefix="/tools")
    blueprint.before_request(refuse_strangers)
    blueprint.before_request(refuse_other_sites)
    blueprint.before_request(_refuse_others)
    blueprint.add_url_rule("", view_func=tools)
    blueprint.add_url_rule("/add", view_func=add)
    blueprint.add_url_rule("/start", view_func=start)
    blueprint.add_url_rule("/use", view_func=use, methods=["POST"])
    return blueprint


def tools() -> str:
    """The tools that are known here, and the form that adds one."""
    lms = current_lms()
    with lms.database.reading() as session:
        found = registered_tools(session)
    return render_template(
        "demo/tools.html", tools=found, used=lms.tool.client_id, by_hand=CLIENT_ID
    )


def add() -> str:
    """The tool's registration page, in a frame; it says when it is done."""
    return render_template("demo/add_tool.html", url=_registration_address())


def start() -> Response:
    """Sends the frame on to the tool, with a fresh token (Moodle: startltiadvregistration.php)."""
    lms = current_lms()
    address = _registration_address()
    configuration = lms.settings.base_url + offer_of(lms).configuration_path
    sent = {"openid_configuration": configuration, "registration_token": issue_token(lms)}
    joint = "&" if urlsplit(address).query else "?"
    return redirect(f"{address}{joint}{urlencode(sent)}")


def use() -> Response:
    """Makes launches go to another of the tools."""
    lms = current_lms()
    with lms.database.reading() as session:
        use_tool(session, lms.switchboard, request.form.get("client_id", ""))
    return redirect(url_for("tools.tools"))


def _registration_address() -> str:
    address = request.args.get("url", "").strip()
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InvalidInput(
            _("This is no registration address."),
            advice=_("Paste the whole address that the tool's people gave you."),
        )
    return address


def _refuse_others() -> None:
    with current_lms().database.reading() as session:
        person = acting_person(session)
    if not person.is_administrator:
        raise NotAllowed(
            _("Only an administrator adds tools."),
            advice=_("Act as Gethin Prys-Jones: the list is at the top of the page."),
        )
