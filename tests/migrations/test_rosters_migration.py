"""Migration 0012 with rows in place: visits and sessions stay, on both engines."""

from sqlalchemy import text

from lti_tool.schema import migrate
from tests.gateway.rosters.played import PlayedRoster, member
from tests.tool import TUTOR, Tool


def test_memberships_and_sessions_outlive_the_migration_and_its_undoing(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    tool.sign_in("amina")
    PlayedRoster(tool, tara).refresh([member("tara", "Instructor"), member("amina"), member("ben")])

    def counts() -> tuple[int, int]:
        with tool.database.transaction(write=False) as session:
            members = session.execute(text("SELECT count(*) FROM memberships")).scalar_one()
            sessions = session.execute(text("SELECT count(*) FROM web_sessions")).scalar_one()
            return int(members), int(sessions)

    assert counts() == (3, 2)
    migrate.downgrade(tool.database, "0011")
    assert counts() == (2, 2)  # who never came had no place before
    migrate.upgrade(tool.database)
    assert counts() == (2, 2)
    with tool.database.transaction(write=False) as session:
        rows = session.execute(text("SELECT listed_at, listed_roles FROM memberships")).all()
        assert {tuple(row) for row in rows} == {(None, "")}
    assert tara.get("course").status_code == 200
