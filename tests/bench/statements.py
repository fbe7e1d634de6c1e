"""Counts the SQL statements of the tutor's page."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from lti_tool.kernel.settings import Settings
from lti_tool.schema import migrate
from tests.tool import TUTOR, Tool, make_tool


def statements_of_tutors_page(folder: Path) -> tuple[int, int]:
    """Returns the number of statements with 10 learners in the course, and with 200."""
    folder.mkdir(parents=True)
    tool = make_tool(Settings(data_dir=folder, secret_key="x" * 32, allow_private_network=True))
    migrate.upgrade(tool.database)
    try:
        return count_with(tool, 10), count_with(tool, 200)
    finally:
        tool.close()


def count_with(tool: Tool, learners: int) -> int:
    """Returns the number of statements of one view once there are so many learners."""
    for number in range(learners):
        visitor = tool.sign_in(f"learner-{number}")
        if number < 10:
            rating = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
            visitor.post_json("ratings", rating)
    tutor = tool.sign_in("tara", roles=TUTOR)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(tool.database.engine, "before_cursor_execute", note)
    assert tutor.get("course").status_code == 200
    event.remove(tool.database.engine, "before_cursor_execute", note)
    return len(statements)
