"""An administrator's settings of a connection: what is changed, logged, taken back, refused."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from lti_tool.gateway.models import Deployment, RegistrationRow
from lti_tool.gateway.organisation.models import ConnectionChange
from lti_tool.gateway.organisation.services import (
    accept,
    open_by_operator,
    set_policy,
    switch,
)
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus
from lti_tool.gateway.services import note_pending_deployment
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.web.models import WebSession
from lti_tool.wiring.messages import make_worker
from tests.gateway.lms import Lms
from tests.gateway.organisation.played import ADMINISTRATOR, ada_of
from tests.tool import TUTOR, Tool, Visitor

PAGE = "connections/1"
OTHER_LMS = "https://second.example"


@pytest.fixture
def ada(tool: Tool) -> Visitor:
    return ada_of(tool)


@pytest.fixture
def second(tool: Tool, ada: Visitor) -> Lms:
    """Another LMS of the same organisation, of which registration 2 is made."""
    return Lms(tool, issuer=OTHER_LMS, key_name="second")


def row(tool: Tool, number: int = 1) -> RegistrationRow:
    with tool.database.transaction(write=False) as session:
        return session.get_one(RegistrationRow, number)


def log(tool: Tool) -> list[tuple[str, str, str, str]]:
    with tool.database.transaction(write=False) as session:
        changes = session.query(ConnectionChange).order_by(ConnectionChange.id)
        return [(one.what, one.subject, one.before, one.after) for one in changes]


def done(ada: Visitor, path: str, **form: Any) -> str:
    """Posts a form that is taken, and returns the page that it leads to."""
    answer = ada.post(path, form)
    assert answer.status_code == 303, answer.text
    return ada.client.get(answer.location).text


def change_in(page: str) -> str:
    return page.split('name="change" value="')[1].split('"')[0]


def test_a_name_is_given_shown_logged_and_taken_back(tool: Tool, ada: Visitor) -> None:
    page = done(ada, f"{PAGE}/name", name="  Our   <b>Moodle</b> ")
    assert "Named “Our &lt;b&gt;Moodle&lt;/b&gt;”" in page
    assert "Person ada" in page
    assert "Our &lt;b&gt;Moodle&lt;/b&gt;" in ada.get("connections").text
    page = done(ada, f"{PAGE}/undo", change=change_in(page))
    assert "Name taken away" in page
    assert row(tool).name == ""
    assert [line[2:] for line in log(tool)] == [
        ("", "Our <b>Moodle</b>"),
        ("Our <b>Moodle</b>", ""),
    ]


def test_the_same_again_changes_nothing_and_says_so(tool: Tool, ada: Visitor) -> None:
    assert "Nothing changed" in done(ada, f"{PAGE}/name", name="")
    assert "Nothing changed" in done(ada, f"{PAGE}/policy", policy="accept")
    assert "Nothing changed" in done(ada, f"{PAGE}/on")
    assert "Nothing changed" in done(ada, f"{PAGE}/grades")
    assert log(tool) == []


def test_a_name_that_is_too_long_is_kept_in_the_form(tool: Tool, ada: Visitor) -> None:
    answer = ada.post(f"{PAGE}/name", {"name": "x" * 121})
    assert answer.status_code == 400
    assert "longer than 120 characters" in answer.text
    assert "x" * 121 in answer.text
    assert log(tool) == []


def test_what_was_changed_again_since_is_not_taken_back(tool: Tool, ada: Visitor) -> None:
    first = change_in(done(ada, f"{PAGE}/name", name="One"))
    done(ada, f"{PAGE}/name", name="Two")
    answer = ada.post(f"{PAGE}/undo", {"change": first})
    assert answer.status_code == 409
    assert "changed again since" in answer.text
    assert row(tool).name == "Two"


@pytest.mark.parametrize(
    ("form", "status"),
    [({}, 400), ({"change": "x"}, 400), ({"change": "99"}, 404), ({"change": "9" * 30}, 400)],
)
def test_a_change_that_is_not_there_is_refused(
    ada: Visitor, form: dict[str, str], status: int
) -> None:
    assert ada.post(f"{PAGE}/undo", form).status_code == status


def test_new_deployments_wait_where_the_policy_says_so(
    tool: Tool, ada: Visitor, second: Lms
) -> None:
    page = done(ada, "connections/2/policy", policy="known")
    assert "New deployments wait for an administrator" in page
    browser = tool.app.test_client()
    assert second.launch(browser).status_code == 403
    page = ada.get("connections/2").text
    assert "Waits for you" in page
    assert "1 deployment waits for you" in ada.get("connections").text
    page = done(ada, "connections/2/accept", deployment=str(deployments(tool, 2)[0].id))
    assert "Deployment 1 let in" in page
    assert second.launch(browser).status_code == 303
    page = done(ada, "connections/2/undo", change=policy_change(tool))
    assert "New deployments are let in at once" in page


def policy_change(tool: Tool) -> str:
    with tool.database.transaction(write=False) as session:
        return str(session.query(ConnectionChange).filter_by(what="policy").one().id)


def deployments(tool: Tool, number: int) -> list[Deployment]:
    with tool.database.transaction(write=False) as session:
        found = session.query(Deployment).filter_by(registration_id=number)
        return found.order_by(Deployment.id).all()


@pytest.mark.parametrize("policy", ["", "everyone", "ACCEPT"])
def test_a_policy_that_is_none_is_refused(tool: Tool, ada: Visitor, policy: str) -> None:
    assert ada.post(f"{PAGE}/policy", {"policy": policy}).status_code == 400
    assert row(tool).deployment_policy == "accept"


def test_a_refused_deployment_stays_out_and_can_be_let_in(
    tool: Tool, ada: Visitor, second: Lms
) -> None:
    browser = tool.app.test_client()
    assert second.launch(browser).status_code == 303
    (one,) = deployments(tool, 2)
    question = ada.get(f"connections/2/off?deployment={one.id}")
    assert "Refuse deployment 1?" in question.text
    assert "You came in here yourself" not in question.text
    page = done(ada, "connections/2/off", deployment=str(one.id))
    assert "Deployment 1 refused" in page
    assert second.launch(browser).status_code == 403
    assert deployments(tool, 2)[0].status == "refused"  # the refused launch did not reopen it
    page = done(ada, "connections/2/undo", change=change_in(page))
    assert "Deployment 1 let in" in page
    assert second.launch(browser).status_code == 303


def test_refusing_a_deployment_ends_its_sessions_and_no_others(tool: Tool, ada: Visitor) -> None:
    amina = tool.sign_in("amina")
    with tool.database.transaction() as session:
        note_pending_deployment(session, 1, "other")
        note_pending_deployment(session, 1, "1")
    other, own = deployments(tool, 1)
    done(ada, f"{PAGE}/off", deployment=str(other.id))
    assert amina.get().status_code == 200
    refused = ada.post(f"{PAGE}/off", {"deployment": str(own.id)})
    assert refused.status_code == 400  # she came through this one
    assert "Tick the box" in refused.text
    shut = ada.post(f"{PAGE}/off", {"deployment": str(own.id), "understood": "y"})
    assert shut.status_code == 200
    assert "Deployment 1 is refused" in shut.text
    assert "imhcf platform approve 1 --deployment 1" in shut.text
    assert amina.get().status_code == 401


def test_another_connection_is_switched_off_after_saying_what_happens(
    tool: Tool, ada: Visitor, second: Lms
) -> None:
    browser = tool.app.test_client()
    second.launch(browser)
    question = ada.get("connections/2/off").text
    assert "Switch off “https://second.example”?" in question
    assert "1 course so far" in question
    assert "understood" not in question
    page = done(ada, "connections/2/off")
    assert "Switched off" in page
    assert browser.post("/lti/login", data=second.initiation()).status_code == 403
    assert ada.get().status_code == 200
    page = done(ada, "connections/2/undo", change=change_in(page))
    assert "Switched on" in page
    assert second.launch(tool.app.test_client(), sub="ben").status_code == 303


def test_off_ends_sessions_at_once(tool: Tool, ada: Visitor, second: Lms) -> None:
    amina = tool.sign_in("amina")
    with tool.database.transaction() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.person_id == amina.actor.person_id)
            .values(registration_id=2)
        )
    assert "1 person who is here now" in ada.get("connections/2/off").text
    done(ada, "connections/2/off")
    assert amina.get().status_code == 401


def test_nobody_locks_themselves_out_without_saying_that_they_know(
    tool: Tool, ada: Visitor
) -> None:
    assert "You came in here yourself" in ada.get(f"{PAGE}/off").text
    answer = ada.post(f"{PAGE}/off", {})
    assert answer.status_code == 400
    assert "Tick the box" in answer.text
    assert row(tool).status == "active"
    shut = ada.post(f"{PAGE}/off", {"understood": "y"})
    assert shut.status_code == 200
    assert "imhcf platform enable 1" in shut.text
    assert row(tool).status == "disabled"
    assert ada.get().status_code == 401
    assert log(tool) == [("status", "", "active", "disabled")]


def test_switching_on_is_not_undone_by_a_click(tool: Tool, ada: Visitor, second: Lms) -> None:
    done(ada, "connections/2/off")
    page = done(ada, "connections/2/on")
    assert "Switched on" in page
    assert "Undo" not in page
    with tool.database.transaction(write=False) as session:
        newest = max(one.id for one in session.query(ConnectionChange))
    assert ada.post("connections/2/undo", {"change": str(newest)}).status_code == 409


def test_what_the_operator_does_stands_in_the_log_as_theirs(tool: Tool, ada: Visitor) -> None:
    with tool.database.transaction() as session:
        note_pending_deployment(session, 1, "7")
        settings = open_by_operator(session, 1)
        assert set_policy(settings, DeploymentPolicy.KNOWN)
        assert accept(settings, "7")
        assert accept(settings, "8")  # which has not come yet
        assert accept(settings, "8") is None
    assert log(tool) == [
        ("policy", "", "accept", "known"),
        ("deployment", "7", "pending", "accepted"),
        ("deployment", "8", "", "accepted"),
    ]
    page = ada.get(PAGE).text
    assert page.count("Whoever runs this service, on the command line") == 3
    assert "Somebody who has left" not in page
    assert "Deployment 8 let in" in page
    # An administrator takes it back as if it were their own.
    assert "New deployments are let in at once" in done(ada, f"{PAGE}/undo", change="1")


def test_the_operator_names_a_connection_that_is_there(tool: Tool, ada: Visitor) -> None:
    with tool.database.transaction() as session, pytest.raises(NotFound):
        open_by_operator(session, 99)


def failed_grade(tool: Tool, visitor: Visitor) -> None:
    rating = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
    assert visitor.post_json("ratings", rating).status_code == 200
    with tool.database.transaction() as session:
        score = session.query(Score).filter_by(person_id=visitor.actor.person_id).one()
        score.state, score.reason = DeliveryState.FAILED.value, "permission-missing"


def test_failed_grades_are_counted_and_sent_again(tool: Tool, ada: Visitor) -> None:
    for subject in ("amina", "ben"):
        failed_grade(tool, tool.sign_in(subject))
    elsewhere = tool.sign_in("olga", organisation="Other")
    failed_grade(tool, elsewhere)
    assert "2 grades were not delivered" in ada.get("connections").text
    page = done(ada, f"{PAGE}/grades")
    assert "2 grades sent again" in page
    assert "2 grades wait to be sent" in page
    with tool.database.transaction(write=False) as session:
        states = {one.person_id: one.state for one in session.query(Score)}
    assert states.pop(elsewhere.actor.person_id) == DeliveryState.FAILED
    assert set(states.values()) == {DeliveryState.WAITING}


@pytest.mark.parametrize("by_operator", [False, True])
def test_grades_that_could_not_go_out_meanwhile_are_sent_when_it_is_on_again(
    tool: Tool, ada: Visitor, by_operator: bool
) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    failed_grade(tool, ben)
    rating = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
    amina.post_json("ratings", rating)
    with tool.database.transaction() as session:
        session.query(RegistrationRow).filter_by(id=1).update({"status": "disabled"})
    make_worker(tool.runtime).drain()
    with tool.database.transaction() as session:
        assert {one.state for one in session.query(Score)} == {DeliveryState.FAILED}
        mine = session.query(Score).filter_by(person_id=ben.actor.person_id)
        mine.update({"reason": "person-not-gradable"})
    if by_operator:
        with tool.database.transaction() as session:
            switch(open_by_operator(session, 1), RegistrationStatus.ACTIVE)
    else:
        done(ada, f"{PAGE}/on")
    with tool.database.transaction(write=False) as session:
        states = {one.person_id: one.state for one in session.query(Score)}
    assert states[amina.actor.person_id] == DeliveryState.WAITING
    assert states[ben.actor.person_id] == DeliveryState.FAILED  # for a reason of its own


def test_the_page_tells_when_and_how_many(tool: Tool, ada: Visitor, second: Lms) -> None:
    amina = tool.sign_in("amina", course="course-2")
    failed_grade(tool, amina)
    with tool.database.transaction() as session:
        session.query(Score).update(
            {"state": DeliveryState.DELIVERED.value, "delivered_at": clock.now()}
        )
    page = " ".join(ada.get("connections").text.split())
    assert "2 courses, 2 people" in page
    assert "0 courses, 0 people" in page
    assert "You came through this one" in page
    # Of the second, nobody has come and no grade went out.
    assert page.count("<dd> never </dd>") == 2


def test_what_the_lms_does_not_allow_is_said_in_plain_words(tool: Tool, ada: Visitor) -> None:
    assert "not known yet" in ada.get(PAGE).text
    with tool.database.transaction() as session:
        session.query(RegistrationRow).update(
            {"scopes": "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"}
        )
    page = ada.get(PAGE).text
    assert "No grade reaches the gradebook" in page
    assert "Tutors see only those who have come" in page
    assert "Find columns" in page  # whoever may change columns may read them
    assert "Where the LMS does not say which column" not in page
    assert "3 services are not allowed" in ada.get("connections").text


@pytest.mark.parametrize("number", ["2", "99", "0", "x", "-1", "9" * 30, "1.0", "%00"])
def test_another_organisations_connection_is_not_there(
    tool: Tool, ada: Visitor, number: str
) -> None:
    tool.registration("Other")
    assert ada.get(f"connections/{number}").status_code == 404
    assert ada.get(f"connections/{number}/off").status_code == 404
    assert ada.get(f"connections/{number}/test").status_code == 404
    for path in ("name", "policy", "accept", "on", "off", "grades", "undo", "test"):
        form = {"name": "x", "policy": "known", "deployment": "1", "change": "1"}
        assert ada.post(f"connections/{number}/{path}", form).status_code == 404
    assert row(tool, 2).name == ""
    assert row(tool, 2).status == "active"


def test_a_deployment_or_change_of_another_connection_is_not_there(
    tool: Tool, ada: Visitor, second: Lms
) -> None:
    second.launch(tool.app.test_client())
    (theirs,) = deployments(tool, 2)
    done(ada, "connections/2/name", name="Two")
    with tool.database.transaction(write=False) as session:
        change = session.query(ConnectionChange).one().id
    for path, form in (
        ("accept", {"deployment": str(theirs.id)}),
        ("off", {"deployment": str(theirs.id)}),
        ("accept", {"deployment": "x"}),
        ("undo", {"change": str(change)}),
    ):
        assert ada.post(f"{PAGE}/{path}", form).status_code == 404
    assert ada.get(f"{PAGE}/off?deployment={theirs.id}").status_code == 404
    assert deployments(tool, 2)[0].status == "accepted"


@pytest.mark.parametrize("path", ["connections", PAGE, f"{PAGE}/off", f"{PAGE}/test"])
def test_tutors_and_learners_see_nothing_of_it(tool: Tool, ada: Visitor, path: str) -> None:
    for who in (tool.sign_in("tara", roles=TUTOR), tool.sign_in("amina")):
        assert who.get(path).status_code == 403
        assert "Connections" not in who.get("course" if who.actor.is_tutor else "").text
    assert "Connections" in ada.get("course").text


def test_an_administrator_elsewhere_sees_their_own_alone(tool: Tool, ada: Visitor) -> None:
    odin = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert "https://lms-0.example" not in odin.get("connections").text
    assert "https://lms-1.example" in odin.get("connections").text
    assert odin.get(PAGE).status_code == 404


def test_an_organisation_without_a_connection_is_told_how_to_make_one(
    tool: Tool, ada: Visitor
) -> None:
    tool.registration("Other")
    with tool.database.transaction() as session:
        session.query(RegistrationRow).filter_by(id=1).update({"organisation_id": 2})
    page = ada.get("connections").text
    assert "No LMS is connected" in page
    assert "imhcf platform invite" in page


def statements(tool: Tool, ada: Visitor, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(tool.database.engine, "before_cursor_execute", note)
    assert ada.get(path).status_code == 200
    event.remove(tool.database.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("path", ["connections", PAGE])
def test_pages_cost_as_many_statements_with_one_connection_as_with_many(
    tool: Tool, ada: Visitor, path: str
) -> None:
    done(ada, f"{PAGE}/name", name="Our Moodle")
    before = statements(tool, ada, path)
    for number in range(5):
        lms = Lms(tool, issuer=f"https://many-{number}.example", key_name="second")
        for course in range(3):
            context = {"id": f"c-{course}", "title": "C"}
            launched = lms.launch(tool.app.test_client(), lti_context=context)
            assert launched.status_code == 303
        tool.sign_in(f"one-{number}", course=f"more-{number}")
        done(ada, f"{PAGE}/name", name=f"Name {number}")
    assert statements(tool, ada, path) == before
    assert before <= 14


def test_sessions_that_are_over_are_not_counted_as_people_here(tool: Tool, ada: Visitor) -> None:
    with tool.database.transaction() as session:
        session.query(WebSession).filter(WebSession.person_id != ada.actor.person_id).update(
            {"ends_at": clock.now() - timedelta(hours=1)}
        )
    tool.sign_in("amina")
    assert "2 people who are here now" in ada.get(f"{PAGE}/off").text
