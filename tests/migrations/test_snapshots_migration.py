"""Migration 0003 with rows in place: ratings learn the edition that they answer."""

from sqlalchemy import text

from lti_tool.schema import migrate
from tests.tool import Tool, Visitor


def rate(who: Visitor, code: str, version: int) -> None:
    state = "achieved" if version else "working-towards"
    sent = {"code": code, "state": state, "note": "", "version": version}
    assert who.post_json("ratings", sent).status_code == 200


def test_a_rating_answers_the_edition_of_its_newest_change_and_no_row_is_lost(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    for code, version in (("1.01", 0), ("1.01", 1), ("1.02", 0)):
        rate(amina, code, version)
    with tool.database.transaction() as session:
        session.execute(text("UPDATE rating_changes SET instrument_version = 'old' || version"))
    migrate.downgrade(tool.database, "0002")
    migrate.upgrade(tool.database)
    with tool.database.transaction(write=False) as session:
        found = session.execute(text("SELECT code, instrument_version FROM ratings ORDER BY code"))
        assert [tuple(row) for row in found] == [("1.01", "old2"), ("1.02", "old1")]
        asked = session.execute(text("SELECT snapshot_on, asks_looking_back FROM placements"))
        assert [(row[0], bool(row[1])) for row in asked] == [(None, False)]
        assert session.execute(text("SELECT count(*) FROM rating_changes")).scalar_one() == 3
    assert "2 of 63 rated" in amina.get().text
