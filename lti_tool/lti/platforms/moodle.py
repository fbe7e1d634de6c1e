"""Moodle, as its source says (mod/lti/service/gradebookservices, 4.5) and as it was recorded.

409: a timestamp that is not later by the second. 400: mostly a person who cannot be graded
there (teachers, people who left); neither has a reason in its body. A score without a comment
erases the comment, and anything but `FullyGraded` erases the grade: see `must_not_downgrade`,
and send the comment each time.
"""

from dataclasses import replace

from lti_tool.lti.deliveries import Delivery, Rejected, Result, Score
from lti_tool.lti.platforms.strict import Platform


class Moodle(Platform):
    """The profile for `product_family_code` "moodle"."""

    code = "moodle"
    # Of two tools with one address Moodle would choose by the address, and perhaps the other;
    # without it the link belongs to the tool that was asked (`content_item_to_form`).
    items_name_address = False

    def bad_request(self, text: str) -> Delivery:  # noqa: ARG002 - Moodle gives no reason
        """Permanent for this person; the next one's score may well be taken."""
        return Rejected("person-not-gradable", "status 400")

    def holds(self, stored: Result | None, score: Score) -> bool:
        """A result of zero comes without its score and its comment (`result_for_json`)."""
        if stored is not None and stored.score is None and score.score_given == 0:
            return True
        # A result with a score and without a comment says that there is none.
        if stored is not None and stored.score is not None and stored.comment is None:
            stored = replace(stored, comment="")
        return super().holds(stored, score)
