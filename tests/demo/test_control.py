"""The control API, and the data that the LMS starts with."""

import threading
from pathlib import Path

import jwt
import pytest
import requests

from lti_tool.demo.app import create_lms
from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from lti_tool.kernel.errors import Misconfigured

from .standin import CLAIM, Lms


def test_first_start_has_the_courses_and_people_of_the_story(lms: Lms) -> None:
    state = lms.control("GET", "state")

    items = {
        course["label"]: [(item["id"], item["title"]) for item in course["items"]]
        for course in state["courses"]
    }
    assert items == {
        "IMH101": [
            (11, "Level 1 self-assessment"),
            (12, "Domains 1 and 2 only"),
            (13, "Not set up yet"),
        ],
        "IMH201": [
            (21, "Where am I now? Level 1"),
            (22, "Level 2 self-assessment"),
            (23, "Level 3 self-assessment"),
            (24, "Portfolio, Level 1"),
            (25, "Portfolio, Level 2"),
            (26, "Portfolio, Level 3"),
        ],
        "IMHREV": [(51, "Reading portfolios")],
    }
    assert all(len(i["line_items"]) == 1 for c in state["courses"] for i in c["items"])
    assert {person["key"]: person["name"] for person in state["people"]} == {
        "amina": "Amina O'Brien-Żółć",
        "cerys": "Cerys Llŷr",
        "yusuf": "يوسف الخطيب",
        "meilin": "陈美琳",
        "oluwaseun": "Oluwaseun Adébáyò",
        "siobhan": "Siobhán Nic Dhonnchaidh",
        "harpreet": "Harpreet Dhillon",
        "rhiannon": "Rhiannon Vaughan",
        "babajide": "Babajide Adeyemi-Cole",
        "noor": "Noor van der Berg",
        "morag": "Morag Sinclair",
        "gethin": "Gethin Prys-Jones",
    }


@pytest.mark.parametrize(
    ("course", "item", "custom"),
    [
        (2, 11, {"instrument": "self-assessment-1", "grade": "completion"}),
        (2, 12, {"instrument": "self-assessment-1", "domains": "1,2", "grade": "achieved"}),
        (2, 13, {}),
        (3, 21, {"instrument": "self-assessment-1", "grade": "completion"}),
        (3, 22, {"instrument": "self-assessment-2", "grade": "completion"}),
        (3, 23, {"instrument": "self-assessment-3", "grade": "achieved"}),
    ],
)
def test_placements_carry_their_custom_parameters(
    lms: Lms, course: int, item: int, custom: dict[str, str]
) -> None:
    lms.play("strict")

    assert lms.launch("amina", course, item)[f"{CLAIM}/custom"] == custom


def test_registration_names_the_addresses_that_answer(lms: Lms, tmp_path: Path) -> None:
    facts = platform_facts(LmsSettings(lms.url, lms.tool.url, tmp_path / "x.sqlite", "canvas"))

    assert (facts.issuer, facts.product) == (lms.url, "canvas")
    assert requests.get(facts.jwks_url, timeout=10).json()["keys"]
    assert facts.auth_login_url == f"{lms.url}/lti/auth"
    for profile in ("moodle", "canvas", "strict"):
        lms.play(profile)
        for course in lms.control("GET", "state")["courses"]:
            assert course["deployment_id"] in facts.deployment_ids


def test_key_and_data_outlive_a_restart(tmp_path: Path) -> None:
    settings = LmsSettings("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "lms.sqlite")
    keysets = [create_lms(settings).test_client().get("/lti/jwks.json").json for _ in range(2)]

    assert keysets[0] == keysets[1]


def test_unknown_profile_stops_the_start(tmp_path: Path) -> None:
    settings = LmsSettings("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "x", "blackboard")

    with pytest.raises(Misconfigured, match="blackboard"):
        create_lms(settings)


def test_reset_puts_everything_back(lms: Lms) -> None:
    token = lms.token()
    lms.play("canvas")
    lms.fault("down", scope="roster")
    lms.control("PUT", "settings", {"share_names": False})
    lms.control("POST", "learners", {"count": 3})
    lms.post_score(lms.lineitem(), token, userId=lms.user_id("amina"))

    lms.control("POST", "reset")

    state, log = lms.control("GET", "state"), lms.log()
    assert state["settings"]["profile"] == "moodle"
    assert state["settings"]["share_names"] is True
    assert (state["faults"], len(state["people"])) == ([], 12)
    assert (lms.cells(), log["scores"], log["requests"]) == ([], [], [])
    assert lms.post_score(lms.lineitem(), token).status_code == 200, "tokens stay good"


def test_learners_are_added_and_can_be_launched_and_graded(lms: Lms) -> None:
    added = lms.control("POST", "learners", {"count": 300, "course": 3})["learners"]

    assert len({learner["user_id"] for learner in added}) == 300
    assert lms.launch(added[0]["key"], 3, 21)["sub"] == added[0]["user_id"]
    item = lms.lineitem(41, 3)
    assert lms.post_score(item, userId=added[-1]["user_id"]).status_code == 200


@pytest.mark.parametrize("count", [0, -1, 10**6, "many", None, True])
def test_wrong_number_of_learners_is_refused(lms: Lms, count: object) -> None:
    answer = requests.post(f"{lms.url}/control/learners", json={"count": count}, timeout=10)

    assert answer.status_code == 400


def test_gradebook_says_where_each_grade_stands(lms: Lms) -> None:
    item = lms.lineitem(32)
    lms.post_score(item, scoreGiven=12.5, comment="good")

    assert lms.cells() == [
        {
            "user": "amina",
            "user_id": "3",
            "line_item": item,
            "line_item_id": 32,
            "label": "Domains 1 and 2 only",
            "resource_link": "12",
            "value": 12.5,
            "maximum": 100,
            "comment": "good",
            "timestamp": "2026-11-20T10:00:00+00:00",
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
            "submissions": 0,
            "submission": None,
            "writes": 1,
            "overridden": False,
        }
    ]
    assert lms.cells(3) == []


def test_log_lists_calls_in_order_with_counts(lms: Lms) -> None:
    lms.launch("amina")
    lms.post_score(lms.lineitem())

    log = lms.log()

    assert [(call["endpoint"], call["status"]) for call in log["requests"]] == [
        ("login", 200),
        ("auth", 200),
        ("keyset", 200),
        ("token", 200),
        ("scores", 200),
    ]
    assert log["counts"] == {
        "jwks_served": 1,
        "launches": 1,
        "logins_refused": 0,
        "scores_accepted": 1,
        "scores_refused": 0,
        "tokens_issued": 1,
        "tokens_refused": 0,
    }


def test_many_scores_at_once_are_each_written_once(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    people = [
        learner["user_id"] for learner in lms.control("POST", "learners", {"count": 24})["learners"]
    ]
    statuses: list[int] = []

    def post(some: list[str]) -> None:
        for user_id in some:
            for second in (1, 2, 2):
                stamp = f"2026-11-20T10:00:0{second}Z"
                answer = lms.post_score(item, token, userId=user_id, timestamp=stamp)
                statuses.append(answer.status_code)

    threads = [threading.Thread(target=post, args=(people[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(409) == 24
    assert [cell["writes"] for cell in lms.cells()] == [2] * 24
    assert len(lms.log()["scores"]) == 72


def test_same_score_from_many_sides_is_taken_once(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    statuses: list[int] = []

    def post() -> None:
        statuses.append(lms.post_score(item, token).status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] + [409] * 7
    assert lms.cell()["writes"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", {"colour": "red"}),
        ("settings", {"share_names": "yes"}),
        ("settings", {"initiate_by": "PUT"}),
        ("settings", {"scopes": ["everything"]}),
        ("settings", ["share_names"]),
        ("profile", {"profile": "blackboard"}),
        ("profile", {}),
        ("courses/2/members/nobody", {}),
        ("courses/99/members/amina", {}),
        ("courses/2/members/amina", {"role": "visitor"}),
    ],
)
def test_wrong_setting_is_refused_with_a_sentence(lms: Lms, path: str, body: object) -> None:
    answer = requests.put(f"{lms.url}/control/{path}", json=body, timeout=10)

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


class TestTokens:
    """Minted launches: right by default, wrong where asked."""

    def mint(self, lms: Lms, **body: object) -> str:
        return str(lms.control("POST", "tokens", body)["id_token"])

    def test_minted_token_is_a_good_launch(self, lms: Lms) -> None:
        login = {"as": "morag", "course": 3, "item": 21, "nonce": "n-7"}

        claims = lms.verified(self.mint(lms, login=login))

        assert (claims["nonce"], claims["sub"]) == ("n-7", "10")
        assert claims[f"{CLAIM}/context"]["label"] == "IMH201"

    def test_claims_are_replaced_and_left_out(self, lms: Lms) -> None:
        token = self.mint(lms, claims={"sub": "99", "extra": [1]}, omit=["nonce", "exp"])

        claims = jwt.decode(token, options={"verify_signature": False})

        assert (claims["sub"], claims["extra"]) == ("99", [1])
        assert not {"nonce", "exp"} & set(claims)

    def test_header_is_replaced_and_fields_taken_away(self, lms: Lms) -> None:
        token = self.mint(lms, header={"kid": None, "alg": "RS512", "x": 1})

        assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "RS512", "x": 1}

    def test_foreign_key_signs_under_the_current_name(self, lms: Lms) -> None:
        token = self.mint(lms, sign_with="foreign")

        with pytest.raises(jwt.InvalidSignatureError):
            lms.verified(token)

    def test_unsigned_token_says_so(self, lms: Lms) -> None:
        token = self.mint(lms, sign_with="none")

        assert jwt.get_unverified_header(token)["alg"] == "none"
        assert token.endswith(".")

    def test_public_key_is_used_as_a_shared_secret(self, lms: Lms) -> None:
        token = self.mint(lms, sign_with="hs256-public-key")

        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        with pytest.raises(jwt.InvalidAlgorithmError):
            lms.verified(token)

    @pytest.mark.parametrize(
        "body",
        [
            {"sign_with": "crayon"},
            {"claims": []},
            {"omit": "nonce"},
            {"login": {"as": "nobody"}},
            {"login": {"course": 3, "item": 11}},
        ],
    )
    def test_wrong_wish_is_refused(self, lms: Lms, body: dict[str, object]) -> None:
        answer = requests.post(f"{lms.url}/control/tokens", json=body, timeout=10)

        assert answer.status_code in (400, 404)


def test_rotated_keys_stay_published_until_they_are_retired(lms: Lms) -> None:
    before = lms.control("POST", "tokens")["id_token"]
    first = lms.control("POST", "keys/rotate")
    assert len(first["published"]) >= 2
    lms.verified(before)
    assert (
        jwt.get_unverified_header(lms.control("POST", "tokens")["id_token"])["kid"] == first["kid"]
    )

    second = lms.control("POST", "keys/rotate", {"retire": True})

    assert second["published"] == [second["kid"]]
    with pytest.raises(StopIteration):
        lms.verified(before)


class TestGuard:
    """The LMS has no passwords; it must not serve a page elsewhere on the web."""

    @pytest.mark.parametrize("path", ["/control/reset", "/act-as", "/settings/faults"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_other_sites_change_nothing(self, lms: Lms, path: str, headers: dict[str, str]) -> None:
        assert requests.post(lms.url + path, headers=headers, timeout=10).status_code == 403

    @pytest.mark.parametrize("path", ["/", "/settings", "/control/state"])
    def test_foreign_name_for_this_machine_is_refused(self, lms: Lms, path: str) -> None:
        answer = requests.get(lms.url + path, headers={"Host": "elsewhere.example"}, timeout=10)

        assert answer.status_code == 403

    @pytest.mark.parametrize("path", ["/", "/control/state"])
    def test_callers_elsewhere_are_refused(self, lms: Lms, path: str) -> None:
        client = lms.app.test_client()

        answer = client.get(path, environ_base={"REMOTE_ADDR": "192.168.1.10"})

        assert answer.status_code == 403
