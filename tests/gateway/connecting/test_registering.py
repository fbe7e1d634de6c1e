"""An administrator registers this tool: what they read, what is sent, what is kept."""

from dataclasses import replace

from sqlalchemy import select

from lti_tool.gateway.connecting.models import WaitingRegistration
from lti_tool.gateway.connecting.services import approve, purge_connecting
from lti_tool.gateway.models import Deployment, RegistrationRow
from lti_tool.gateway.organisation.services import open_by_operator, rename, switch
from lti_tool.gateway.queries import deployments_of
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus
from lti_tool.kernel.http import HttpAnswer
from tests.gateway.connecting.newcomer import (
    AGS,
    PLATFORM,
    TOOL_CONFIGURATION,
    Newcomer,
    confirm,
    invited,
    registrations,
)
from tests.gateway.lms import Lms
from tests.tool import Tool


def test_the_page_says_who_asks_and_what_will_be_shared(tool: Tool, newcomer: Newcomer) -> None:
    page = newcomer.open(tool.app.test_client(), invited(tool))
    assert page.status_code == 200
    for words in (
        "Connect Moodle 4.5.5 to",
        "https://moodle.example",
        "Willow Training",
        "names",
        "role",
        "Not shared: e-mail addresses",
        "grade into your gradebook",
        "takes part in a course",
    ):
        assert words in page.text, words
    assert "What will be missing" not in page.text
    assert newcomer.received == []  # nothing is registered by looking
    assert registrations(tool) == []


def test_only_the_lms_may_frame_the_page(tool: Tool, newcomer: Newcomer) -> None:
    page = newcomer.open(tool.app.test_client())
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://moodle.example" in policy
    assert "http:" not in policy.partition("frame-ancestors")[2]


def test_what_an_lms_does_not_offer_is_said(tool: Tool, newcomer: Newcomer) -> None:
    newcomer.changes = {"scopes_supported": ["openid"], "claims_supported": ["sub", "iss"]}
    page = newcomer.open(tool.app.test_client())
    for words in ("no grades can go there", "only who came", "pseudonyms"):
        assert words in page.text
    assert "gradebook." not in page.text.partition("With it, this tool")[2].partition("missing")[0]


def test_an_invited_lms_is_connected_at_once(tool: Tool, newcomer: Newcomer) -> None:
    done = newcomer.connect(tool.app.test_client(), invited(tool))
    assert done.status_code == 200
    assert "Moodle 4.5.5 is connected" in done.text
    assert 'data-close-origins="https://moodle.example"' in done.text
    assert "data-close-now" in done.text
    assert "js/closing.js" in done.text
    (row,) = registrations(tool)
    assert (row.issuer, row.client_id) == ("https://moodle.example", "fresh-client")
    assert row.product == "moodle"
    assert row.status == RegistrationStatus.ACTIVE
    assert AGS + "score" in row.scopes.split()
    assert row.deployment_policy == DeploymentPolicy.ACCEPT
    with tool.database.transaction(write=False) as session:
        assert deployments_of(session, row.id) == [("7", "accepted")]


def test_what_the_lms_is_told_is_ours_and_no_more_than_it_offers(
    tool: Tool, newcomer: Newcomer
) -> None:
    newcomer.connect(tool.app.test_client(), invited(tool))
    (sent,) = newcomer.received
    assert sent["logo_uri"] == "http://127.0.0.1:8000/lti/icon.svg"
    configuration = sent[TOOL_CONFIGURATION]
    assert configuration["domain"] == "127.0.0.1:8000"
    assert configuration["custom_parameters"] == {"context_history": "$Context.id.history"}
    assert "email" not in configuration["claims"]
    assert [message["type"] for message in configuration["messages"]] == ["LtiDeepLinkingRequest"]


def test_other_messages_and_services_are_asked_for_where_they_are_offered(
    tool: Tool, newcomer: Newcomer
) -> None:
    groups = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
    notices = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
    newcomer.changes = {
        "scopes_supported": [AGS + "score", groups, notices],
        PLATFORM: {
            "product_family_code": "canvas",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {
                    "type": "LtiDeepLinkingRequest",
                    "placements": [
                        "https://canvas.instructure.com/lti/assignment_selection",
                        "editor_button",
                    ],
                },
                {"type": "LtiSubmissionReviewRequest"},
                {"type": "DataPrivacyLaunchRequest"},
            ],
            "variables": ["ResourceLink.submission.endDateTime", "Canvas.assignment.dueAt.iso8601"],
        },
    }
    newcomer.connect(tool.app.test_client(), invited(tool))
    (sent,) = newcomer.received
    assert sent["scope"].split() == [AGS + "score", groups, notices]
    configuration = sent[TOOL_CONFIGURATION]
    assert [message["type"] for message in configuration["messages"]] == [
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
        "DataPrivacyLaunchRequest",
    ]
    assert configuration["messages"][0]["placements"] == [
        "https://canvas.instructure.com/lti/assignment_selection"
    ]
    assert configuration["custom_parameters"] == {
        "due": "$ResourceLink.submission.endDateTime",
        "canvas_due": "$Canvas.assignment.dueAt.iso8601",
    }


def test_a_browser_without_cookies_confirms_too(tool: Tool, newcomer: Newcomer) -> None:
    page = newcomer.open(tool.app.test_client(), invited(tool))
    done = confirm(tool.app.test_client(use_cookies=False), page)
    assert done.status_code == 200
    assert len(registrations(tool)) == 1


def test_people_come_in_through_it_at_once(tool: Tool, newcomer: Newcomer) -> None:
    newcomer.connect(tool.app.test_client(), invited(tool))
    browser = tool.app.test_client()
    sent = {
        "iss": newcomer.issuer,
        "client_id": newcomer.client_id,
        "login_hint": "hint",
        "target_link_uri": "http://127.0.0.1:8000/lti/launch",
    }
    # The browser was never here, so that it is sent on at once or by a page of ours.
    assert browser.post("/lti/login", data=sent).status_code in {200, 302}


def test_without_an_invitation_it_waits_and_belongs_to_nobody(
    tool: Tool, newcomer: Newcomer
) -> None:
    done = newcomer.connect(tool.app.test_client())
    assert "waiting for approval" in done.text
    assert registrations(tool) == []
    refused = tool.app.test_client().post(
        "/lti/login",
        data={
            "iss": newcomer.issuer,
            "client_id": newcomer.client_id,
            "login_hint": "hint",
            "target_link_uri": "http://127.0.0.1:8000/lti/launch",
        },
    )
    assert refused.status_code == 403
    assert "registration-waiting" in refused.text
    with tool.database.transaction() as session:
        (waiting,) = session.execute(select(WaitingRegistration)).scalars()
        number = approve(session, waiting.id, "Oak")
    (row,) = registrations(tool)
    assert (row.id, row.client_id, row.status) == (number, "fresh-client", "active")
    with tool.database.transaction(write=False) as session:
        assert deployments_of(session, number) == [("7", "accepted")]
        assert session.execute(select(WaitingRegistration)).first() is None


def test_registering_again_brings_up_to_date_and_keeps_what_was_decided_here(
    tool: Tool, newcomer: Newcomer
) -> None:
    newcomer.connect(tool.app.test_client(), invited(tool))
    (before,) = registrations(tool)
    with tool.database.transaction() as session:
        rename(open_by_operator(session, before.id), "Our Moodle")
        switch(open_by_operator(session, before.id), RegistrationStatus.DISABLED)
    again = replace(newcomer, deployment="8", changes={"jwks_uri": "https://moodle.example/new"})
    done = again.connect(tool.app.test_client(), invited(tool))
    assert "switched off" in done.text
    (after,) = registrations(tool)
    assert (after.id, after.jwks_url) == (before.id, "https://moodle.example/new")
    assert (after.name, after.status) == ("Our Moodle", "disabled")
    with tool.database.transaction(write=False) as session:
        assert len(deployments_of(session, after.id)) == 2


def test_two_lmss_of_one_organisation_and_two_organisations_of_one_issuer(tool: Tool) -> None:
    for client, organisation in (("a", "Willow"), ("b", "Oak")):
        Newcomer(tool, issuer="https://shared.example", client_id=client).connect(
            tool.app.test_client(), invited(tool, organisation)
        )
    Newcomer(tool, issuer="https://other.example", client_id="a").connect(
        tool.app.test_client(), invited(tool, "Willow")
    )
    first, second, third = registrations(tool)
    assert first.organisation_id == third.organisation_id != second.organisation_id
    assert first.issuer == second.issuer != third.issuer


def test_a_person_of_one_organisation_is_nobody_in_the_other_on_the_same_issuer(
    tool: Tool,
) -> None:
    willow = Lms(tool, issuer="https://shared.example", client_id="a")
    oak = Lms(tool, issuer="https://shared.example", client_id="b", organisation="Oak")
    for lms in (willow, oak):
        assert lms.launch(tool.app.test_client()).status_code == 303
    with tool.database.transaction(write=False) as session:
        from lti_tool.courses.models import Course, Identity, Person

        assert len(session.execute(select(Identity)).all()) == 2
        people = session.execute(select(Person.organisation_id)).scalars().all()
        assert len(set(people)) == 2
        assert len(session.execute(select(Course)).all()) == 2


def test_the_address_of_an_invitation_opened_by_hand_says_where_it_goes(tool: Tool) -> None:
    token = invited(tool)
    page = tool.app.test_client().get(f"/lti/register/{token}")
    assert page.status_code == 200
    assert f"http://127.0.0.1:8000/lti/register/{token}" in page.text
    assert "Willow Training" in page.text
    bare = tool.app.test_client().get("/lti/register")
    assert "waits until the people who run this service approve it" in bare.text


def test_an_invitation_is_read_from_the_query_too(tool: Tool, newcomer: Newcomer) -> None:
    newcomer.listen()
    address = newcomer.configuration_url
    for query in (
        f"invitation={invited(tool)}&openid_configuration={address}",
        f"invitation={invited(tool)}?openid_configuration={address}&registration_token=t",
    ):
        page = tool.app.test_client().get(f"/lti/register?{query}")
        assert page.status_code == 200, page.text
        assert "Willow Training" in page.text


def test_what_waits_is_forgotten_in_time(tool: Tool, newcomer: Newcomer) -> None:
    newcomer.connect(tool.app.test_client())
    with tool.database.transaction() as session:
        session.execute(select(WaitingRegistration)).scalar_one().ends_at = row_past(session)
    with tool.database.transaction() as session:
        purge_connecting(session)
        assert session.execute(select(WaitingRegistration)).first() is None


def row_past(_session: object) -> object:
    from datetime import timedelta

    from lti_tool.kernel import clock

    return clock.now() - timedelta(seconds=1)


def test_canvas_gets_its_configuration(tool: Tool) -> None:
    answer = tool.app.test_client().get("/lti/canvas.json")
    assert answer.mimetype == "application/json"
    found = answer.json
    assert found
    assert found["oidc_initiation_url"] == "http://127.0.0.1:8000/lti/login"
    assert found["public_jwk_url"] == "http://127.0.0.1:8000/lti/jwks.json"
    (extension,) = found["extensions"]
    assert extension["platform"] == "canvas.instructure.com"
    assert extension["privacy_level"] == "name_only"
    placements = extension["settings"]["placements"]
    assert [one["placement"] for one in placements] == ["assignment_selection", "link_selection"]
    assert {one["message_type"] for one in placements} == {"LtiDeepLinkingRequest"}
    assert found["custom_fields"]["context_history"] == "$Context.id.history"


def test_the_values_for_setting_up_by_hand_are_public(tool: Tool) -> None:
    page = tool.app.test_client().get("/lti/connect").text
    for path in ("launch", "login", "jwks.json", "canvas.json", "register", "icon.svg"):
        assert f"http://127.0.0.1:8000/lti/{path}" in page
    icon = tool.app.test_client().get("/lti/icon.svg")
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
    assert icon.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_failed_start_can_be_repeated_with_the_same_invitation(
    tool: Tool, newcomer: Newcomer
) -> None:
    invitation = invited(tool)
    newcomer.answer = HttpAnswer(500, {}, b"")
    refused = newcomer.connect(tool.app.test_client(), invitation)
    assert refused.status_code == 400
    assert "registration-refused" in refused.text
    newcomer.answer = None
    assert newcomer.connect(tool.app.test_client(), invitation).status_code == 200
    with tool.database.transaction(write=False) as session:
        assert len(session.execute(select(RegistrationRow)).all()) == 1
        assert len(session.execute(select(Deployment)).all()) == 1
