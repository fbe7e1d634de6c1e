"""Scores in the Canvas and the strict profile."""

import http.client
from urllib.parse import urlsplit

import pytest

from .standin import SCORE_TYPE, Lms, results_url, scores_url

EXTENSION = "https://canvas.instructure.com/lti/submission"
TEN = "2026-11-20T10:00:00.500+00:00"
EARLIER = "2026-11-20T10:00:00.400+00:00"
LATER = "2026-11-20T10:00:00.600+00:00"

SUBMITTED: dict[str, object] = {
    "activityProgress": "Submitted",
    "gradingProgress": "PendingManual",
    "scoreGiven": ...,
    "scoreMaximum": ...,
    "comment": "handed in",
}


@pytest.fixture
def canvas(lms: Lms) -> Lms:
    lms.play("canvas")
    return lms


@pytest.fixture
def strict(lms: Lms) -> Lms:
    lms.play("strict")
    return lms


def post(lms: Lms, **fields: object) -> object:
    fields = {"userId": lms.user_id("amina"), "timestamp": TEN} | fields
    return lms.post_score(lms.lineitem(), **fields)


class TestCanvas:
    def test_answer_names_the_result(self, canvas: Lms) -> None:
        answer = post(canvas)

        assert answer.status_code == 200
        result = canvas.call("GET", answer.json()["resultUrl"])
        assert result.json()["resultScore"] == 40

    def test_equal_timestamp_is_taken_and_an_earlier_one_refused(self, canvas: Lms) -> None:
        post(canvas)

        assert post(canvas, scoreGiven=41).status_code == 200
        assert post(canvas, scoreGiven=42, timestamp=EARLIER).status_code == 400
        assert canvas.cell()["value"] == 41

    @pytest.mark.parametrize("who", ["morag", "gethin", "nobody"])
    def test_who_is_no_student_cannot_be_graded(self, canvas: Lms, who: str) -> None:
        user_id = "nobody" if who == "nobody" else canvas.user_id(who)

        assert post(canvas, userId=user_id).status_code == 422

    def test_suspended_student_cannot_be_graded(self, canvas: Lms) -> None:
        canvas.control("PUT", "courses/2/members/amina", {"active": False})

        assert post(canvas).status_code == 422

    def test_deleted_line_item_and_course_are_not_found(self, canvas: Lms) -> None:
        first, second = canvas.lineitem(31), canvas.lineitem(32)
        canvas.control("DELETE", "lineitems/31")
        assert canvas.post_score(first).status_code == 404

        canvas.control("DELETE", "courses/2")
        assert canvas.post_score(second).status_code == 404

    def test_each_score_is_a_submission_unless_it_says_otherwise(self, canvas: Lms) -> None:
        post(canvas)
        post(canvas, **{EXTENSION: {"submitted_at": TEN, "submission_type": "online_url"}})
        assert canvas.cell()["submissions"] == 2

        post(canvas, **{EXTENSION: {"new_submission": False}})
        post(canvas, **{EXTENSION: {"submission_type": "none"}})
        assert canvas.cell()["submissions"] == 2

    def test_submission_extension_is_kept(self, canvas: Lms) -> None:
        extension = {
            "submission_type": "basic_lti_launch",
            "submission_data": "https://tool.example/1",
        }
        post(canvas, **{EXTENSION: extension})
        post(canvas)

        assert canvas.cell()["submission"] == extension

    def test_submission_of_the_future_is_refused(self, canvas: Lms) -> None:
        future = {EXTENSION: {"submitted_at": "2999-01-01T00:00:00Z"}}

        assert post(canvas, **future).status_code == 400

    @pytest.mark.parametrize(
        ("progress", "value"),
        [("FullyGraded", 40), ("PendingManual", 40), ("Pending", None), ("Failed", None)],
    )
    def test_score_counts_when_it_is_gradable(
        self, canvas: Lms, progress: str, value: float | None
    ) -> None:
        assert post(canvas, gradingProgress=progress).status_code == 200
        assert canvas.cell()["value"] == value

    def test_submission_that_waits_is_a_result_without_a_score(self, canvas: Lms) -> None:
        post(canvas, **SUBMITTED)

        (result,) = canvas.call("GET", results_url(canvas.lineitem())).json()
        assert "resultScore" not in result
        assert result["comment"] == "handed in"
        assert canvas.cell()["submissions"] == 1

    def test_submission_that_waits_takes_an_earlier_grade_away(self, canvas: Lms) -> None:
        post(canvas)
        assert post(canvas, **SUBMITTED | {"timestamp": LATER}).status_code == 200

        assert canvas.cell()["value"] is None

    def test_comment_stays_when_none_is_sent(self, canvas: Lms) -> None:
        post(canvas, comment="well done")
        post(canvas)

        assert canvas.cell()["comment"] == "well done"

    def test_maximum_is_required_with_a_score(self, canvas: Lms) -> None:
        assert post(canvas, scoreMaximum=...).status_code == 422

    @pytest.mark.parametrize("name", ["activityProgress", "gradingProgress", "timestamp"])
    def test_required_fields_are_required(self, canvas: Lms, name: str) -> None:
        assert post(canvas, **{name: ...}).status_code == 400

    def test_submission_time_that_is_none_is_refused(self, canvas: Lms) -> None:
        assert post(canvas, **{EXTENSION: {"submitted_at": "soon"}}).status_code == 400

    def test_body_that_is_no_score_is_refused(self, canvas: Lms) -> None:
        headers = {"Content-Type": SCORE_TYPE}

        answer = canvas.call("POST", scores_url(canvas.lineitem()), data=b"[]", headers=headers)

        assert (answer.status_code, list(answer.json())) == (400, ["errors"])

    def test_result_that_is_not_there_is_not_found(self, canvas: Lms) -> None:
        url = f"{results_url(canvas.lineitem())}/{canvas.user_id('amina')}"

        assert canvas.call("GET", url).status_code == 404

    def test_call_without_a_user_agent_is_refused(self, canvas: Lms) -> None:
        parts = urlsplit(scores_url(canvas.lineitem()))
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {"Authorization": f"Bearer {canvas.token()}", "Content-Type": SCORE_TYPE}

        connection.request("POST", parts.path, b"{}", headers)

        assert connection.getresponse().status == 403
        connection.close()


class TestStrict:
    def test_score_comes_back_as_it_was_stored(self, strict: Lms) -> None:
        answer = post(strict)

        assert answer.status_code == 201
        assert answer.json()["scoreGiven"] == 40
        assert strict.cell()["writes"] == 1

    @pytest.mark.parametrize("timestamp", [TEN, EARLIER])
    def test_equal_timestamp_is_refused_with_400(self, strict: Lms, timestamp: str) -> None:
        post(strict)

        answer = post(strict, scoreGiven=41, timestamp=timestamp)

        assert answer.status_code == 400
        assert list(answer.json()) == ["timestamp"]
        assert strict.cell()["value"] == 40

    def test_later_timestamp_is_taken_within_the_second(self, strict: Lms) -> None:
        post(strict)

        assert post(strict, scoreGiven=41, timestamp=LATER).status_code == 201

    @pytest.mark.parametrize(
        "fields",
        [
            {"timestamp": ...},
            {"timestamp": "2026-11-20T10:00:00"},
            {"activityProgress": ...},
            {"activityProgress": "Done"},
            {"gradingProgress": ...},
            {"gradingProgress": "Graded"},
            {"userId": "unknown"},
            {"scoreGiven": -1},
            {"scoreMaximum": ...},
            {"scoreMaximum": 0},
        ],
    )
    def test_incomplete_score_is_refused_with_its_field(
        self, strict: Lms, fields: dict[str, object]
    ) -> None:
        answer = post(strict, **fields)

        assert answer.status_code == 400
        assert list(answer.json()) == list(fields)

    def test_score_without_scoregiven_clears_it_and_keeps_the_comment(self, strict: Lms) -> None:
        post(strict, comment="well done")
        post(strict, scoreGiven=..., timestamp=LATER)

        assert (strict.cell()["value"], strict.cell()["comment"]) == (None, "well done")

    def test_tutor_cannot_be_graded(self, strict: Lms) -> None:
        assert list(post(strict, userId=strict.user_id("morag")).json()) == ["userId"]


@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_other_media_type_is_refused(lms: Lms, profile: str) -> None:
    lms.play(profile)

    answer = lms.call("POST", scores_url(lms.lineitem()), json={})

    assert answer.status_code == 415
