"""Scores and results of an LMS's gradebook: AGS 2.0, “Score service” and “Result service”.

https://www.imsglobal.org/spec/lti-ags/v2p0/. Every method makes HTTP calls: never inside a
transaction.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeGuard

from lti_tool.kernel.http import CallFailed
from lti_tool.lti.addresses import with_path_ending, with_query
from lti_tool.lti.claims import MEDIA_RESULTS, MEDIA_SCORE, SCOPE_RESULT, SCOPE_SCORE
from lti_tool.lti.deliveries import (
    ActivityProgress,
    Deferred,
    Delivered,
    Delivery,
    GradingProgress,
    Overridden,
    Rejected,
    Result,
    Score,
    Stale,
    must_not_downgrade,
)
from lti_tool.lti.line_item_service import LineItemService
from lti_tool.lti.line_items import LineItem
from lti_tool.lti.platforms import platform_for
from lti_tool.lti.refusals import (
    ServiceRefused,
    ServiceUnavailable,
    TokenRefused,
    TokenUnavailable,
)
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_calls import Call, Caller, Method, listed
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.strict_json import finite_number
from lti_tool.lti.texts import storable

__all__ = [
    "ActivityProgress",
    "Deferred",
    "Delivered",
    "Delivery",
    "GradeService",
    "GradingProgress",
    "LineItem",
    "Overridden",
    "Rejected",
    "Result",
    "Score",
    "Stale",
    "must_not_downgrade",
]


class GradeService(LineItemService):
    """Speaks AGS to any LMS that we are registered with; safe to share between threads."""

    def send(
        self, registration: Registration, key: SigningKey, line_item_url: str, score: Score
    ) -> Delivery:
        """Returns how sending the score ended; raises nothing.

        On a conflict the result is read back: `Delivered` when the gradebook holds what we
        sent, `Stale` when it holds something else or cannot be read.
        """
        platform = platform_for(registration.product)
        call = Call(
            Method.POST,
            with_path_ending(line_item_url, "scores"),
            media=MEDIA_SCORE,
            body=platform.score_body(score),
        )
        try:
            answer = self._calls.make(Caller(registration, key, SCOPE_SCORE), call)
        except TokenUnavailable as error:
            return Deferred(error.code, error.retry_after)
        except (CallFailed, TokenRefused) as error:
            # A key or a client that the LMS does not know is mended by operators: grades wait.
            return Deferred(error.code)
        except ServiceRefused as error:
            return Rejected(error.code, error.detail)
        delivery = platform.classify(answer, self._clock())
        if isinstance(delivery, Stale):
            return self._settled(registration, key, line_item_url, score)
        return delivery

    def result(
        self, registration: Registration, key: SigningKey, line_item_url: str, user_id: str
    ) -> Result | None:
        """Returns what the gradebook holds for a person, or None; raises as its class says."""
        url = with_query(with_path_ending(line_item_url, "results"), {"user_id": user_id})
        caller = Caller(registration, key, SCOPE_RESULT)
        # An LMS may not know the filter: the person is looked for on every page.
        for found in listed(self._calls.pages(caller, url, accept=MEDIA_RESULTS)):
            if isinstance(found, dict) and str(found.get("userId")) == user_id:
                return _read_result(found, user_id)
        return None

    def results(
        self, registration: Registration, key: SigningKey, line_item_url: str
    ) -> dict[str, Result]:
        """Returns what the gradebook holds for everybody, from all pages, by `userId`.

        Raises as its class says; a part of the results is never returned for the whole.
        """
        caller = Caller(registration, key, SCOPE_RESULT)
        url = with_path_ending(line_item_url, "results")
        found = listed(self._calls.pages(caller, url, accept=MEDIA_RESULTS))
        results = (_read_result(one, str(one.get("userId"))) for one in found if _is_named(one))
        return {result.user_id: result for result in results}

    def _settled(
        self, registration: Registration, key: SigningKey, line_item_url: str, score: Score
    ) -> Delivery:
        try:
            stored = self.result(registration, key, line_item_url, score.user_id)
        except (ServiceUnavailable, ServiceRefused, TokenRefused):
            return Stale()
        if platform_for(registration.product).holds(stored, score):
            return Delivered()
        return Stale(stored)


def _is_named(found: object) -> TypeGuard[dict[str, object]]:
    return isinstance(found, dict) and found.get("userId") is not None


def _read_result(found: Mapping[str, object], user_id: str) -> Result:
    comment = found.get("comment")
    return Result(
        user_id=user_id,
        score=finite_number(found.get("resultScore")),
        maximum=finite_number(found.get("resultMaximum")),
        comment=storable(comment) if isinstance(comment, str) else None,
        timestamp=_moment(found.get("timestamp")),
        by_person=bool(found.get("scoringUserId")),
    )


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
