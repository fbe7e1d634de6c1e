"""What each LMS's answer to a score means, and what is sent to it."""

import pytest

from lti_tool.lti.deliveries import (
    DEFERRED_REASONS,
    REJECTED_REASONS,
    Deferred,
    Delivery,
    Rejected,
)
from lti_tool.lti.platforms import Platform, platform_for

from .fakes import START, answer

STRICT, MOODLE, CANVAS = (platform_for(code) for code in ("strict", "moodle", "canvas"))
ALL = (STRICT, MOODLE, CANVAS)


def shown(delivery: Delivery) -> str:
    """The outcome in a word, with its reason."""
    match delivery:
        case Deferred(reason, _):
            assert reason in DEFERRED_REASONS
            return f"deferred {reason}"
        case Rejected(reason, _):
            assert reason in REJECTED_REASONS
            return f"rejected {reason}"
    return type(delivery).__name__.lower()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("moodle", "Moodle"),
        ("Moodle ", "Moodle"),
        ("canvas", "Canvas"),
        ("", "Platform"),
        ("BlackboardLearn", "Platform"),
    ],
)
def test_the_product_chooses_the_profile(code: str, kind: str) -> None:
    assert type(platform_for(code)).__name__ == kind


@pytest.mark.parametrize("platform", ALL)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "delivered"),
        (201, "delivered"),
        (202, "delivered"),
        (204, "delivered"),
        (401, "deferred service-unauthorised"),
        (403, "rejected permission-missing"),
        (404, "rejected line-item-gone"),
        (410, "rejected line-item-gone"),
        (405, "rejected score-refused"),
        (412, "rejected score-refused"),
        (415, "rejected score-refused"),
        (408, "deferred service-unavailable"),
        (425, "deferred service-unavailable"),
        (429, "deferred busy"),
        (500, "deferred service-unavailable"),
        (502, "deferred service-unavailable"),
        (503, "deferred busy"),
        (504, "deferred service-unavailable"),
        (302, "deferred service-unavailable"),
        (409, "stale"),
    ],
)
def test_what_a_status_means_everywhere(platform: Platform, status: int, outcome: str) -> None:
    assert shown(platform.classify(answer(status=status), START)) == outcome


EARLIER = b'{"errors": {"message": "Provided timestamp of X before last updated timestamp of Y"}}'
EQUAL = b'{"timestamp": ["Score already exists for the provided timestamp"]}'
LATER = b'{"timestamp": ["Score timestamp can only be updated to a later point in time"]}'


@pytest.mark.parametrize(
    ("platform", "status", "body", "outcome"),
    [
        (MOODLE, 400, b"[]", "rejected person-not-gradable"),
        (MOODLE, 422, b"", "rejected score-refused"),
        (STRICT, 400, b"no", "rejected score-refused"),
        (STRICT, 400, EQUAL, "stale"),
        (STRICT, 400, LATER, "stale"),
        (STRICT, 422, b"", "rejected score-refused"),
        (CANVAS, 400, b"no", "rejected score-refused"),
        (CANVAS, 400, EARLIER, "stale"),
        (CANVAS, 400, b"submitted_at timestamp of X in the future", "deferred clock-ahead"),
        (CANVAS, 403, b"403 Forbidden (Rate Limit Exceeded)", "deferred busy"),
        (CANVAS, 422, b"User not found in course", "rejected person-not-gradable"),
        (
            CANVAS,
            422,
            b"The maximum number of allowed attempts has been reached",
            "rejected attempts-used-up",
        ),
        (CANVAS, 400, b"\xff\xfe", "rejected score-refused"),
    ],
)
def test_what_an_lms_means_in_its_own_way(
    platform: Platform, status: int, body: bytes, outcome: str
) -> None:
    assert shown(platform.classify(answer(body, status=status), START)) == outcome


def test_an_lms_says_how_long_to_wait() -> None:
    busy = answer(status=503, headers={"Retry-After": "90"})
    assert STRICT.classify(busy, START) == Deferred("busy", 90)


def test_no_detail_quotes_an_answer() -> None:
    refused = STRICT.classify(answer(b"Nia is no learner", status=400), START)
    assert refused == Rejected("score-refused", "status 400")
