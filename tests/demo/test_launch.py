"""Logins and launches, as the tool meets them over HTTP."""

import pytest
import requests

from .standin import CLAIM, CLIENT_ID, ENDPOINT, NAMES_ROLES, Lms, read_form

COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"

# The claims of a learner's launch as recorded from Moodle 4.5, by name.
MOODLE_CLAIMS = {
    *("iss", "aud", "sub", "iat", "exp", "nonce", "name", "given_name", "family_name", "email"),
    *(
        f"{CLAIM}/{name}"
        for name in (
            *("message_type", "version", "deployment_id", "target_link_uri", "roles", "lis"),
            *("context", "resource_link", "launch_presentation", "tool_platform", "custom", "ext"),
        )
    ),
    "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome",
    ENDPOINT,
    NAMES_ROLES,
}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_login_is_initiated_with_everything_that_the_tool_needs(lms: Lms, method: str) -> None:
    login = lms.initiate("amina", initiate_by=method)

    assert (login.action, login.method) == (f"{lms.tool.url}/lti/login", method.lower())
    assert login.fields["iss"] == lms.url
    assert login.fields["client_id"] == CLIENT_ID
    assert login.fields["lti_deployment_id"] == "2"
    assert login.fields["target_link_uri"] == f"{lms.tool.url}/lti/launch"
    assert login.fields["login_hint"]
    assert login.fields["lti_message_hint"]


def test_login_is_initiated_by_get_when_switched_so(lms: Lms) -> None:
    lms.control("PUT", "settings", {"initiate_by": "GET"})

    assert lms.initiate("amina").method == "get"


@pytest.mark.parametrize("post", [False, True])
def test_authorisation_answers_by_a_form_to_the_redirect_uri(lms: Lms, post: bool) -> None:
    login = lms.initiate("amina")

    form = read_form(lms.authorise(login.fields, post=post).text)

    assert (form.action, form.method) == (f"{lms.tool.url}/lti/launch", "post")
    assert form.fields["state"] == "state-1"
    assert lms.verified(form.fields["id_token"])["nonce"] == "nonce-1"


def test_moodle_launch_has_the_recorded_claims(lms: Lms) -> None:
    claims = lms.launch("amina")

    assert set(claims) == MOODLE_CLAIMS
    assert claims["exp"] - claims["iat"] == 60
    assert claims["sub"] == "3"
    assert claims["name"] == "Amina O'Brien-Żółć"
    assert claims[f"{CLAIM}/roles"] == [f"{COURSE}Learner"]
    assert claims[f"{CLAIM}/context"] == {
        "id": "2",
        "label": "IMH101",
        "title": "Foundations of infant mental health",
        "type": ["CourseSection"],
    }
    assert claims[f"{CLAIM}/custom"] == {
        "instrument": "self-assessment-1",
        "grade": "completion",
        "context_memberships_url": claims[NAMES_ROLES]["context_memberships_url"],
    }
    assert claims[ENDPOINT]["lineitem"].endswith("/2/lineitems/31/lineitem?type_id=2")
    assert claims[NAMES_ROLES]["service_versions"] == ["1.0", "2.0"]


def test_moodle_withholds_names_where_it_is_told_to(lms: Lms) -> None:
    lms.control("PUT", "settings", {"share_names": False})

    claims = lms.launch("amina")

    assert not {"name", "given_name", "family_name", "email"} & set(claims)
    assert claims[f"{CLAIM}/ext"] == {"lms": "moodle-2"}


def test_moodle_administrator_is_instructor_of_a_course_that_they_are_not_in(lms: Lms) -> None:
    assert lms.launch("gethin")[f"{CLAIM}/roles"] == [
        f"{COURSE}Instructor",
        f"{SYSTEM}Administrator",
        f"{INSTITUTION}Administrator",
    ]


def test_same_person_learns_in_one_course_and_teaches_in_the_other(lms: Lms) -> None:
    assert lms.launch("harpreet")[f"{CLAIM}/roles"] == [f"{COURSE}Learner"]
    assert lms.launch("harpreet", 3, 21)[f"{CLAIM}/roles"] == [f"{COURSE}Instructor"]


def test_canvas_sends_institution_roles_to_students_too(lms: Lms) -> None:
    lms.play("canvas")

    claims = lms.launch("harpreet")

    assert claims[f"{CLAIM}/roles"] == [
        f"{INSTITUTION}Instructor",
        f"{INSTITUTION}Student",
        f"{COURSE}Learner",
        f"{SYSTEM}User",
    ]
    assert claims[f"{CLAIM}/tool_platform"]["product_family_code"] == "canvas"
    assert claims["exp"] - claims["iat"] == 3600


def test_canvas_has_one_deployment_for_the_account_and_one_for_a_course(lms: Lms) -> None:
    lms.play("canvas")

    deployments = [
        lms.launch("amina", course, item)[f"{CLAIM}/deployment_id"]
        for course, item in ((2, 11), (3, 21))
    ]

    assert len(set(deployments)) == 2


def test_strict_launch_holds_the_required_and_little_else(lms: Lms) -> None:
    lms.play("strict")
    lms.control("PUT", "settings", {"share_names": False})

    claims = lms.launch("amina")

    assert claims["aud"] == [CLIENT_ID]
    assert claims["azp"] == CLIENT_ID
    assert claims[f"{CLAIM}/context"].keys() == {"id"}
    assert claims[f"{CLAIM}/resource_link"].keys() == {"id"}
    assert not {f"{CLAIM}/{name}" for name in ("tool_platform", "launch_presentation")} & set(
        claims
    )


def test_subject_differs_in_each_profile_and_is_the_same_in_each_launch(lms: Lms) -> None:
    subjects = []
    for profile in ("moodle", "canvas", "strict"):
        lms.play(profile)
        first, again = lms.launch("cerys")["sub"], lms.launch("cerys", 3, 21)["sub"]
        assert first == again == lms.user_id("cerys")
        subjects.append(first)

    assert len(set(subjects)) == 3


def test_line_item_is_not_named_where_it_is_switched_off_or_there_are_several(lms: Lms) -> None:
    lms.control("PUT", "settings", {"lineitem_claim": False})
    assert "lineitem" not in lms.launch("amina")[ENDPOINT]

    lms.control("PUT", "settings", {"lineitem_claim": True})
    body = {"label": "Second", "scoreMaximum": 10, "resourceLinkId": "11"}
    url = lms.course()["lineitems"]
    made = lms.call(
        "POST", url, json=body, headers={"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    )
    assert made.status_code == 201
    assert "lineitem" not in lms.launch("amina")[ENDPOINT]
    assert "lineitem" in lms.launch("amina", item=12)[ENDPOINT]


def test_window_is_said_to_be_a_window(lms: Lms) -> None:
    presentation = lms.launch("amina", target="window")[f"{CLAIM}/launch_presentation"]

    assert presentation["document_target"] == "window"
    assert requests.get(presentation["return_url"], timeout=10).status_code == 200


def test_service_claims_follow_the_scopes_that_the_lms_allows(lms: Lms) -> None:
    readonly = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
    lms.control("PUT", "settings", {"scopes": [readonly]})

    claims = lms.launch("amina")

    assert claims[ENDPOINT]["scope"] == [readonly]
    assert NAMES_ROLES not in claims


def test_login_that_was_initiated_is_answered_once(lms: Lms) -> None:
    login = lms.initiate("amina")
    assert "id_token" in read_form(lms.authorise(login.fields).text).fields

    again = read_form(lms.authorise(login.fields).text).fields

    assert again["error"] == "login_required"
    assert again["state"] == "state-1"
    assert "id_token" not in again


def test_login_for_somebody_else_is_refused_and_over(lms: Lms) -> None:
    login = lms.initiate("amina")

    stolen = read_form(lms.authorise(login.fields, login_hint="4").text).fields
    after = read_form(lms.authorise(login.fields).text).fields

    assert (stolen["error"], after["error"]) == ("access_denied", "login_required")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "guessed"}, "login_required"),
    ],
)
def test_wrong_authorisation_request_is_answered_with_an_error(
    lms: Lms, changed: dict[str, str | None], error: str
) -> None:
    login = lms.initiate("amina")

    fields = read_form(lms.authorise(login.fields, **changed).text).fields

    assert fields["error"] == error
    assert "id_token" not in fields


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://elsewhere.example/lti/launch"},
        {"redirect_uri": "{tool}/lti/launch?next=1"},
        {"redirect_uri": "{tool}/lti/launch/"},
        {"redirect_uri": None},
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(
    lms: Lms, changed: dict[str, str | None]
) -> None:
    login = lms.initiate("amina")
    changed = {k: v and v.format(tool=lms.tool.url) for k, v in changed.items()}

    answer = lms.authorise(login.fields, **changed)

    assert answer.status_code == 400
    assert "lk-forward" not in answer.text


def test_who_was_removed_meanwhile_is_not_let_in(lms: Lms) -> None:
    login = lms.initiate("amina")
    lms.control("DELETE", "courses/2/members/amina")

    assert read_form(lms.authorise(login.fields).text).fields["error"] == "access_denied"


def test_who_is_not_in_the_course_cannot_open_its_activities(lms: Lms) -> None:
    answer = requests.get(f"{lms.url}/courses/3/items/21/launch?as=yusuf", timeout=10)

    assert answer.status_code == 403


def test_forms_escape_what_they_carry(lms: Lms) -> None:
    login = lms.initiate("amina")

    page = lms.authorise(login.fields, state='"><script>alert(1)</script>').text

    assert "<script>alert" not in page
    assert read_form(page).fields["state"] == '"><script>alert(1)</script>'
