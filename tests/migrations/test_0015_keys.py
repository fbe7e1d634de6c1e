"""Migration 0015 with rows in place: a key that signed goes on signing, registrations keep theirs."""

from sqlalchemy import text

from lti_tool.gateway.keys import KeyRing
from lti_tool.gateway.organisation.queries import connections_of
from lti_tool.schema import migrate
from tests.tool import Tool


def test_the_key_that_signed_signs_and_connections_have_no_name_yet(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    kid = KeyRing(tool.runtime).signing_key().kid
    migrate.downgrade(tool.database, "0014")
    migrate.upgrade(tool.database)
    assert KeyRing(tool.runtime).signing_key().kid == kid
    with tool.database.transaction(write=False) as session:
        row = session.execute(text("SELECT activates_at, created_at FROM tool_keys")).one()
        assert row.activates_at == row.created_at
        (connection,) = connections_of(session, amina.actor.organisation_id)
    assert (connection.name, connection.title) == ("", "https://lms-0.example")
    assert amina.get().status_code == 200
