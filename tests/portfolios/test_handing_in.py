"""Handing in: what is frozen, the receipt, and what nobody can do twice."""

from tests.portfolios.handing_in import handed_in, text_for
from tests.tool import Tool


def test_everything_is_frozen_with_its_wording(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    frozen = amina.frozen(submission.id)
    assert [task.code for task in frozen.tasks] == amina.codes
    first = frozen.tasks[0]
    asked = amina.asked.by_code[first.code]
    assert first.text == text_for(first.code)
    assert first.wording["prompt"] == asked.prompt
    assert first.wording["version"] == amina.asked.version
    assert submission.number == 1
    assert len(submission.digest) == 64
