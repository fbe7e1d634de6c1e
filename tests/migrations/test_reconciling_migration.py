"""Migration 0013 with rows in place: what the LMSs have is known, and parts come and go."""

from sqlalchemy import text

from lti_tool.schema import migrate
from tests.tool import Tool


def test_delivered_scores_are_known_and_those_of_domains_go_with_their_columns(tool: Tool) -> None:
    amina, cerys = tool.sign_in("amina"), tool.sign_in("cerys")
    for who in (amina, cerys):
        sent = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
        assert who.post_json("ratings", sent).status_code == 200
    with tool.database.transaction() as session:
        session.execute(
            text(
                "UPDATE scores SET delivered_version = version, state = 'delivered'"
                f" WHERE person_id = {amina.actor.person_id}"
            )
        )
    migrate.downgrade(tool.database, "0012")
    migrate.upgrade(tool.database)
    with tool.database.transaction() as session:
        rows = session.execute(
            text("SELECT person_id, part, delivered_value, delivered_comment FROM scores")
        ).all()
        found = {row[0]: tuple(row[1:]) for row in rows}
        value, comment = session.execute(text("SELECT value, comment FROM scores")).first() or ()
        assert found[amina.actor.person_id] == ("", value, comment)
        assert found[cerys.actor.person_id] == ("", None, None)
        names = "placement_id, person_id, registration_id, line_item, subject, value, comment"
        rest = "is_complete, version, delivered_version, state, reason, stamp, recorded_at"
        session.execute(
            text(
                f"INSERT INTO scores ({names}, {rest}, part)"
                f" SELECT {names}, {rest}, 'domain-1' FROM scores"
            )
        )
        session.execute(text("UPDATE scores SET state = 'overridden'"))
    migrate.downgrade(tool.database, "0012")
    with tool.database.transaction(write=False) as session:
        left = session.execute(text("SELECT state FROM scores")).scalars().all()
        assert left == ["delivered", "delivered"]
    migrate.upgrade(tool.database)
