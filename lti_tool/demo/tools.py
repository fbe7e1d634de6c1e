"""The tools that this LMS knows: the one that was set up by hand, and those that registered."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.database import Database
from lti_tool.demo.models_registering import RegisteredTool
from lti_tool.demo.platform.names import ALL_SCOPES
from lti_tool.demo.registration import BY_HAND, CLIENT_ID, UsedTool
from lti_tool.demo.switches import Switchboard
from lti_tool.kernel.errors import NotFound

_TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_NAMES = {"name", "given_name", "family_name"}


def known_clients(database: Database) -> Sequence[str]:
    """Returns every client id that this LMS gave."""
    with database.reading() as session:
        return [CLIENT_ID, *session.scalars(select(RegisteredTool.client_id))]


def registered_tools(session: Session) -> Sequence[RegisteredTool]:
    """Returns the tools that registered themselves, oldest first."""
    return session.scalars(select(RegisteredTool).order_by(RegisteredTool.id)).all()


def use_tool(session: Session, switchboard: Switchboard, client_id: str) -> None:
    """Makes launches go to a tool, with the scopes and names that it registered for.

    Raises `NotFound`. A restart, or a reset, goes back to the tool that was set up by hand.
    """
    if client_id == CLIENT_ID:
        switchboard.change(tool=BY_HAND, scopes=ALL_SCOPES)
        return
    found = session.scalar(select(RegisteredTool).where(RegisteredTool.client_id == client_id))
    if found is None:
        raise NotFound(_("No tool is registered here under that client id."))
    configuration = found.registered.get(_TOOL, {})
    used = UsedTool(
        client_id=client_id,
        deployment_id=found.deployment_id,
        login_url=found.registered["initiate_login_uri"],
        redirect_uris=tuple(found.registered["redirect_uris"]),
        custom={str(k): str(v) for k, v in configuration.get("custom_parameters", {}).items()},
    )
    granted = set(found.scopes.split())
    switchboard.change(
        tool=used,
        scopes=tuple(scope for scope in ALL_SCOPES if scope in granted),
        share_names=bool(_NAMES & set(configuration.get("claims", ()))),
    )
