"""Migration 0025 with rows in place: grades stay, what only the newer table can say goes."""

from sqlalchemy import select, text, update

from lti_tool.grades.models import Score
from lti_tool.schema import migrate
from tests.portfolios.handing_in import handed_in
from tests.tool import Tool


def test_grades_stay_and_announcements_go_where_there_is_no_place_for_them(tool: Tool) -> None:
    handed_in(tool, "amina")
    handed_in(tool, "cerys")
    with tool.database.transaction() as session:
        kept = session.execute(select(Score.id).order_by(Score.id)).scalars().all()[1]
        session.execute(
            update(Score).where(Score.id == kept).values(value=50, sent_values=[None, 50])
        )
    migrate.downgrade(tool.database, "0024")
    with tool.database.transaction(write=False) as session:
        assert session.execute(text("SELECT id, value FROM scores")).all() == [(kept, 50)]
    migrate.upgrade(tool.database)
    with tool.database.transaction(write=False) as session:
        score = session.execute(select(Score)).scalar_one()
        assert (score.value, score.sent_values) == (50, [50])
        assert (score.submitted_at, score.announced_at) == (None, None)
