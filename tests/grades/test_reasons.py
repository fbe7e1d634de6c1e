"""Every reason for which a grade can be late or refused has words for the tutor."""

import re
from pathlib import Path

from lti_tool.grades.rules import REASONS

LTI = Path(__file__).parents[2] / "lti_tool" / "lti"
CODES = re.compile(r'(?:Rejected|Deferred)\(\s*"([a-z-]+)"')


def test_each_code_that_the_protocol_gives_has_words() -> None:
    given = {code for file in LTI.rglob("*.py") for code in CODES.findall(file.read_text())}
    assert given
    assert given <= set(REASONS), given - set(REASONS)
