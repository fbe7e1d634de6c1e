"""Every reason for which a grade can be late or refused has words for the tutor."""

from lti_tool.grades.rules import REASONS
from lti_tool.lti.deliveries import DEFERRED_REASONS, REJECTED_REASONS


def test_each_reason_that_the_protocol_gives_has_words() -> None:
    given = {*DEFERRED_REASONS, *REJECTED_REASONS}
    assert given
    assert given <= set(REASONS), given - set(REASONS)
