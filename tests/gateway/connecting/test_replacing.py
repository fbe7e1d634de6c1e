"""An LMS that moved: people, courses, placements and grades go on under the same registration."""

import pytest
from sqlalchemy import select, update

from lti_tool.courses.models import Course, Identity, Membership, Person, Placement
from lti_tool.gateway.connecting.replacing import Addresses, replace_registration
from lti_tool.gateway.organisation.models import ConnectionTest
from lti_tool.gateway.organisation.services import open_by_operator, set_policy
from lti_tool.gateway.queries import deployments_of
from lti_tool.gateway.rosters.models import NoticeHandler
from lti_tool.gateway.rules import DeploymentPolicy
from lti_tool.grades.models import Score
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.web.models import WebSession
from tests.gateway.connecting.newcomer import Newcomer, invited, registrations
from tests.gateway.lms import Lms
from tests.platform import as_json
from tests.tool import Tool


def moved(lms: Lms, issuer: str, client: str, **more: str) -> Addresses:
    """The addresses of an LMS after its move; it answers there with a key of its own."""
    lms.issuer, lms.client_id, lms.key_name, lms.kid = issuer, client, "moved", "key-2"
    lms.tool.http.answers[lms.jwks_url] = as_json(lms.key_set())
    return Addresses(
        issuer=issuer,
        client_id=client,
        auth_login_url=f"{issuer}/auth",
        token_url=f"{issuer}/token",
        jwks_url=lms.jwks_url,
        **more,
    )


def replaced(lms: Lms, new: Addresses, **options: object) -> None:
    with lms.tool.database.transaction() as session:
        replace_registration(session, lms.number, new, **options)  # type: ignore[arg-type]


def counts(tool: Tool) -> list[int]:
    with tool.database.transaction(write=False) as session:
        tables = (Person, Identity, Course, Membership, Placement)
        return [len(session.execute(select(table)).all()) for table in tables]


def test_everybody_goes_on_where_they_were(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    first = lms.launch(browser)
    home = browser.get(first.location).location
    before = counts(lms.tool)
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    assert browser.get(home).status_code == 401  # the old LMS's sessions have ended
    again = lms.tool.app.test_client()
    assert again.get(lms.launch(again).location).location == home
    assert counts(lms.tool) == before
    (row,) = registrations(lms.tool)
    assert (row.id, row.issuer, row.client_id) == (lms.number, "https://new.example", "client-9")


def test_the_old_lms_comes_in_no_more(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    assert lms.launch(browser).status_code == 303  # its keys are cached now
    asked = lms.begin(browser)  # a login under way
    old_token = lms.sign(lms.claims(asked))
    old_issuer = lms.issuer
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    assert lms.send(browser, asked, old_token).status_code == 400
    # The old LMS's key, over claims of the new one: the cache must not serve it.
    asked = lms.begin(browser)
    forged = lms.sign(lms.claims(asked), key="lms", kid="key-1")
    refused = lms.send(browser, asked, forged)
    assert refused.status_code == 401
    assert "key-unknown" in refused.text
    login = browser.post("/lti/login", data=lms.initiation() | {"iss": old_issuer})
    assert "registration-unknown" in login.text


def test_the_same_key_id_of_the_old_lms_is_not_believed(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    assert lms.launch(browser).status_code == 303
    new = moved(lms, "https://new.example", "client-9")
    lms.kid = "key-1"
    lms.tool.http.answers[lms.jwks_url] = as_json(lms.key_set())
    replaced(lms, new)
    asked = lms.begin(browser)
    refused = lms.send(browser, asked, lms.sign(lms.claims(asked), key="lms"))
    assert (refused.status_code, "signature-wrong" in refused.text) == (401, True)
    assert lms.launch(lms.tool.app.test_client()).status_code == 303


def test_grades_on_their_way_go_to_the_new_address(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    with lms.tool.database.transaction(write=False) as session:
        placement = session.execute(select(Placement)).scalar_one()
        assert placement.line_item == "https://new.example/items/1/lineitem?type_id=1"
        assert placement.line_items == "https://new.example/items?type_id=1"
        for score in session.execute(select(Score)).scalars():
            assert score.line_item.startswith("https://new.example/")


def test_rosters_move_and_what_the_old_lms_awaits_is_dropped(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    now = clock.now()
    with lms.tool.database.transaction() as session:
        session.execute(update(Course).values(memberships_url="https://lms.example/members?x=1"))
        session.add(
            NoticeHandler(
                registration_id=lms.number,
                deployment="1",
                service_url="https://lms.example/notices",
                notice_types="",
                asked_at=now,
                registered_at=now,
                reason="",
            )
        )
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    with lms.tool.database.transaction(write=False) as session:
        found = session.execute(select(Course.memberships_url)).scalar_one()
        assert found == "https://new.example/members?x=1"
        assert session.execute(select(NoticeHandler)).first() is None


def test_two_tested_connections_become_one(lms: Lms) -> None:
    other = Lms(lms.tool, issuer="https://new.example", client_id="client-9", key_name="moved")
    now = clock.now()
    with lms.tool.database.transaction() as session:
        for number in (lms.number, other.number):
            session.add(
                ConnectionTest(
                    registration_id=number, asked_at=now, ended_at=None, steps=[], scopes=""
                )
            )
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    with lms.tool.database.transaction(write=False) as session:
        assert session.execute(select(ConnectionTest.registration_id)).scalars().all() == [
            lms.number
        ]


def test_only_the_old_lms_s_own_addresses_move(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    elsewhere = "https://lms.example.evil.example/items/1"
    with lms.tool.database.transaction() as session:
        session.execute(update(Placement).values(line_item=elsewhere))
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    with lms.tool.database.transaction(write=False) as session:
        assert session.execute(select(Placement.line_item)).scalar_one() == elsewhere


def test_a_new_deployment_takes_the_place_of_the_only_one(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    with lms.tool.database.transaction() as session:
        set_policy(open_by_operator(session, lms.number), DeploymentPolicy.KNOWN)
    before = counts(lms.tool)
    replaced(lms, moved(lms, "https://new.example", "client-9", deployment="5"))
    done = lms.launch(lms.tool.app.test_client(), lti_deployment_id="5")
    assert done.status_code == 303, done.text
    assert counts(lms.tool) == before


def test_several_deployments_are_told_apart_by_name(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    for deployment in ("1", "2"):
        lms.launch(browser, lti_deployment_id=deployment)
    before = counts(lms.tool)
    new = moved(lms, "https://new.example", "client-9")
    with pytest.raises(InvalidInput):
        replaced(lms, new, deployments={"7": "8"})
    replaced(lms, new, deployments={"1": "10", "2": "20"})
    for deployment in ("10", "20"):
        assert lms.launch(browser, lti_deployment_id=deployment).status_code == 303
    assert counts(lms.tool) == before
    with lms.tool.database.transaction(write=False) as session:
        assert ("10", "accepted") in deployments_of(session, lms.number)


def test_an_lms_that_registered_anew_is_taken_up_with_its_new_people(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    other = Lms(lms.tool, issuer="https://new.example", client_id="client-9", key_name="moved")
    other.launch(lms.tool.app.test_client(), sub="newcomer", lti_context={"id": "course-2"})
    people, identities, *_ = counts(lms.tool)
    replaced(lms, moved(lms, "https://new.example", "client-9"))
    (row,) = registrations(lms.tool)
    assert row.id == lms.number
    assert counts(lms.tool)[:2] == [people, identities]
    for subject, course in (("amina", "course-1"), ("newcomer", "course-2")):
        browser = lms.tool.app.test_client()
        done = lms.launch(browser, sub=subject, lti_context={"id": course})
        assert done.status_code == 303
    assert counts(lms.tool)[:2] == [people, identities]


def test_two_registrations_that_know_the_same_people_stay_two(lms: Lms) -> None:
    lms.launch(lms.tool.app.test_client())
    other = Lms(lms.tool, issuer="https://new.example", client_id="client-9", key_name="moved")
    browser = lms.tool.app.test_client()
    home = browser.get(other.launch(browser).location).location
    before = counts(lms.tool)
    new = Addresses("https://new.example", "client-9", "https://n/a", "https://n/t", "https://n/k")
    with pytest.raises(Conflict) as refused, lms.tool.database.transaction() as session:
        replace_registration(session, lms.number, new)
    assert refused.value.code == "both-in-use"
    assert counts(lms.tool) == before
    assert len(registrations(lms.tool)) == 2
    assert browser.get(home).status_code == 200  # nothing was done at all


def test_another_organisations_registration_is_not_taken_up(lms: Lms) -> None:
    Lms(lms.tool, issuer="https://new.example", client_id="client-9", organisation="Oak")
    new = Addresses("https://new.example", "client-9", "https://n/a", "https://n/t", "https://n/k")
    with pytest.raises(Conflict) as refused, lms.tool.database.transaction() as session:
        replace_registration(session, lms.number, new)
    assert refused.value.code == "registration-taken"
    assert len(registrations(lms.tool)) == 2


def test_what_is_not_there_is_not_replaced(tool: Tool) -> None:
    new = Addresses("https://new.example", "client-9", "https://n/a", "https://n/t", "https://n/k")
    with pytest.raises(NotFound), tool.database.transaction() as session:
        replace_registration(session, 99, new)


def test_an_invitation_may_replace(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    lms.launch(browser)
    newcomer = Newcomer(lms.tool, deployment="1")
    invitation = invited(lms.tool, lms.organisation, replaces=lms.number)
    page = newcomer.open(lms.tool.app.test_client(), invitation)
    assert "takes the place of an earlier connection" in page.text
    done = newcomer.connect(lms.tool.app.test_client(), invitation)
    assert "where they were" in done.text
    (row,) = registrations(lms.tool)
    assert (row.id, row.issuer) == (lms.number, "https://moodle.example")
    assert row.scopes
    with lms.tool.database.transaction(write=False) as session:
        assert session.execute(select(WebSession)).first() is None


def test_an_invitation_replaces_nothing_of_another_organisation(lms: Lms) -> None:
    with pytest.raises(Conflict):
        invited(lms.tool, "Oak", replaces=lms.number)
    with pytest.raises(NotFound):
        invited(lms.tool, lms.organisation, replaces=99)
