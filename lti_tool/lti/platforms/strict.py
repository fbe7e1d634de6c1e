"""An LMS that we know nothing special of: what AGS 2.0 says, read with care.

Care means: what may pass by itself is tried again; what cannot is not; and a conflict is settled
by reading the result back.
"""

import math
from datetime import UTC, datetime

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.deliveries import Deferred, Delivered, Delivery, Rejected, Result, Score, Stale
from lti_tool.lti.waiting import is_passing, retry_after

_SUCCESS = range(200, 300)
_CLIENT_ERRORS = range(400, 500)
_BUSY = frozenset({429, 503})

# Moodle keeps five decimals of a grade, others two of their own scale: what is nearer than this
# share of the maximum, or than this many points, is the same.
_TOLERANCE = 1e-4
_ROUNDED = 0.006

# Open edX answers 400, and says so in words (lti_consumer's LtiAgsScoreSerializer).
_STALE_PHRASES = (
    "can only be updated to a later point in time",
    "already exists for the provided timestamp",
)


class Platform:
    """How one LMS takes scores, and what its roles mean. Has no state."""

    code = "strict"
    mentor_is_tutor = True
    # Whether an assessor of the LMS opens the work by an address that comes with the score.
    shows_submissions = False
    # Whether an item of deep linking names the tool's address, which is optional (Deep Linking
    # 2.0, “LTI resource link”).
    items_name_address = True

    def score_body(self, score: Score) -> dict[str, object]:
        """Returns the JSON object to post (AGS 2.0, “Score service”)."""
        body: dict[str, object] = {
            "userId": score.user_id,
            "timestamp": timestamp(score.timestamp),
            "activityProgress": score.activity_progress.value,
            "gradingProgress": score.grading_progress.value,
        }
        if score.score_given is not None:
            body |= {"scoreGiven": score.score_given, "scoreMaximum": score.score_maximum}
        if score.comment:
            body["comment"] = score.comment
        return body

    def classify(self, answer: HttpAnswer, now: datetime) -> Delivery:
        """Returns what the answer to a posted score means; `Stale` is not read back yet."""
        match answer.status:
            case status if status in _SUCCESS:
                return Delivered()
            case 400:
                return self.bad_request(text_of(answer))
            case 401:
                # With a token made a moment ago: an LMS whose memory of tokens is ill may heal.
                return Deferred("service-unauthorised")
            case 403:
                return self.forbidden(text_of(answer))
            case 404 | 410:
                return Rejected("line-item-gone", _detail(answer))
            case 409:
                return Stale()
            case 422:
                return self.unprocessable(text_of(answer))
            case status if is_passing(status) or status not in _CLIENT_ERRORS:
                code = "busy" if status in _BUSY else "service-unavailable"
                return Deferred(code, retry_after(answer.headers, now))
        return Rejected("score-refused", _detail(answer))

    def bad_request(self, text: str) -> Delivery:
        """Returns what a 400 means."""
        if any(phrase in text for phrase in _STALE_PHRASES):
            return Stale()
        return Rejected("score-refused", "status 400")

    def forbidden(self, text: str) -> Delivery:  # noqa: ARG002 - Canvas reads it
        """Returns what a 403 means."""
        return Rejected("permission-missing", "status 403")

    def unprocessable(self, text: str) -> Delivery:  # noqa: ARG002 - Canvas reads it
        """Returns what a 422 means."""
        return Rejected("score-refused", "status 422")

    def holds(self, stored: Result | None, score: Score) -> bool:
        """Returns whether the gradebook shows what the score says, comment included.

        Of one without a grade only the words are proof: a result without a score may be another.
        """
        if score.score_given is None:
            if stored is None or stored.score is not None:
                return False
            return (stored.comment or "").strip() == score.comment.strip() != ""
        if stored is None or stored.score is None:
            return False
        return _same_score(stored, score.score_given, score.score_maximum) and (
            stored.comment is None or stored.comment.strip() == score.comment.strip()
        )


def timestamp(moment: datetime) -> str:
    """Returns what AGS 2.0, “timestamp” asks for: ISO 8601 with fractions of a second and the zone.

    The form is that of the specification's and of Canvas's examples; Moodle's pattern takes it.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def text_of(answer: HttpAnswer) -> str:
    """Returns the start of the answer's body in lower case, to look for known phrases in.

    It may name people, and is not for the log.
    """
    return answer.body[:4096].decode(errors="replace").lower()


def _detail(answer: HttpAnswer) -> str:
    return f"status {answer.status}"


def _same_score(stored: Result, given: float, maximum: float) -> bool:
    """Compares shares of the maximum: an LMS may show its own scale."""
    if stored.score is None:
        return False
    scale = stored.maximum or maximum
    tolerance = max(_TOLERANCE, _ROUNDED / scale)
    return math.isclose(stored.score / scale, given / maximum, rel_tol=0, abs_tol=tolerance)
