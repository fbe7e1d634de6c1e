"""Canvas, as its score API is documented and as its controller answers.

https://developerdocs.instructure.com/services/canvas/resources/score
Each score is a new submission unless we say otherwise, and each comment is added to the ones
before it. Observers, who are often parents, come with the role `#Mentor`.
"""

from lti_tool.lti.claims import CANVAS_SUBMISSION
from lti_tool.lti.deliveries import Deferred, Delivery, Rejected, Score, Stale
from lti_tool.lti.platforms.strict import Platform, timestamp

_EARLIER = "before last updated timestamp"
_IN_THE_FUTURE = "in the future"
_NO_ATTEMPTS = "maximum number of allowed attempts"
# https://developerdocs.instructure.com/services/canvas/basics/file.throttling: 403 once, 429 now
_THROTTLED = "rate limit exceeded"


class Canvas(Platform):
    """The profile for `product_family_code` "canvas"."""

    code = "canvas"
    mentor_is_tutor = False
    shows_submissions = True

    def score_body(self, score: Score) -> dict[str, object]:
        """Adds when the work was handed in, whether it is new, and what SpeedGrader opens."""
        body = super().score_body(score)
        submission: dict[str, object] = {"new_submission": not score.is_regrade}
        if score.submitted_at is not None:
            submitted = timestamp(score.submitted_at)
            submission["submitted_at"] = submitted
            body["submission"] = {"submittedAt": submitted}
        if score.review_url:
            submission |= {
                "submission_type": "basic_lti_launch",
                "submission_data": score.review_url,
            }
        return body | {CANVAS_SUBMISSION: submission}

    def bad_request(self, text: str) -> Delivery:
        """Canvas has no 409: an earlier timestamp is a 400, in words."""
        if _EARLIER in text:
            return Stale()
        if _IN_THE_FUTURE in text:
            return Deferred("clock-ahead")
        return super().bad_request(text)

    def forbidden(self, text: str) -> Delivery:
        """A throttled call was a 403 for years."""
        return Deferred("busy") if _THROTTLED in text else super().forbidden(text)

    def unprocessable(self, text: str) -> Delivery:
        """Not a student in the course, mostly."""
        code = "attempts-used-up" if _NO_ATTEMPTS in text else "person-not-gradable"
        return Rejected(code, "status 422")
