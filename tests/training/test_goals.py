"""Goals over HTTP: made, changed, done, dropped, undone; seen by their owner and, in part, tutors."""

from datetime import timedelta

import pytest
import time_machine

from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotAllowed, NotFound
from lti_tool.training.plans.forms import read_goal, typed_goal
from lti_tool.training.plans.queries import goals_of, history_of_goal, overdue_goals_of_people
from lti_tool.training.plans.rules import Act, GoalState
from lti_tool.training.plans.services import drop_goal
from lti_tool.training.plans.services import make_goal as make
from tests.dashboards.test_views import person_of
from tests.tool import TUTOR, Tool
from tests.training.planning import (
    add_record,
    follow,
    goal_form,
    goals,
    make_goal,
    record_form,
    soon,
)


def test_without_goals_the_page_teaches_and_leads_on(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    page = amina.get("goals").text
    assert "No goals yet" in page
    assert "goals/new" in page
    assert "tutors of this course can see your goals" in page
    assert "They cannot open your reflections or certificates." in page


def test_a_goal_from_a_gap_is_filled_in_and_stays_tied_to_it(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    form = amina.get("goals/new?code=2.04").text
    assert 'name="code" value="2.04"' in form
    goal = make_goal(tool, amina, code="2.04", what="Know how a brain grows")
    assert (goal.instrument, goal.code) == ("self-assessment-1", "2.04")
    assert goal.instrument_version
    page = amina.get("goals").text
    assert "Know how a brain grows" in page
    assert "2.04" in page
    assert amina.get("goals/new?code=99.99").status_code == 200
    assert amina.post("goals/new", goal_form(code="99.99")).status_code == 404


def test_a_form_that_is_sent_twice_makes_one_goal(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    once = "abcdefghijklmnop"
    first = make_goal(tool, amina, once=once)
    assert make_goal(tool, amina, once=once) == first
    assert make_goal(tool, ben, once=once).public_id != once
    assert len(goals(tool, amina)) == 1
    # After the browser's Back button: what was typed then is not lost.
    assert make_goal(tool, amina, once=once, what="Another one").what == "Another one"
    assert goals(tool, amina)[once] == first


def test_a_refused_goal_keeps_all_that_was_typed_and_says_what_is_wrong(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    long = "Ż" * 20_001
    answer = amina.post(
        "goals/new", goal_form(what=long, by_when="2020-01-01", evidence="A </textarea> note")
    )
    assert answer.status_code == 413
    assert long in answer.text
    assert "20,001 characters; 20,000 can be kept" in answer.text
    assert "This date has passed" in answer.text
    assert "A &lt;/textarea&gt; note" in answer.text
    assert 'href="#by_when"' in answer.text
    assert goals(tool, amina) == {}
    assert make_goal(tool, amina, what="Ż" * 20_000).what == "Ż" * 20_000


def test_every_change_is_kept_and_the_last_one_can_be_undone_and_done_again(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    goal = make_goal(tool, amina, evidence="A note")
    where = f"goals/{goal.public_id}"
    amina.post(f"{where}/edit", goal_form(what="Observe two newborns", version="1"))
    page = follow(amina, amina.post(f"{where}/done", {"outcome": "Dr Żółć saw it", "version": "2"}))
    assert "marked as done" in page
    done = goals(tool, amina)[goal.public_id]
    assert (done.state, done.outcome, done.version) == (GoalState.DONE, "Dr Żółć saw it", 3)
    assert done.done_at
    page = follow(amina, amina.post(f"{where}/undo", {"version": "3"}))
    assert "The last change is undone." in page
    undone = goals(tool, amina)[goal.public_id]
    assert (undone.state, undone.outcome, undone.done_at) == (GoalState.OPEN, "", None)
    amina.post(f"{where}/undo", {"version": "4"})
    assert goals(tool, amina)[goal.public_id].outcome == "Dr Żółć saw it"
    with tool.database.transaction(write=False) as session:
        acts = [change.act for change in history_of_goal(session, goal.id)]
    assert acts == [Act.UNDONE, Act.UNDONE, Act.DONE, Act.CHANGED, Act.MADE]
    page = amina.get(where).text
    for words in ("Goal made", "Observe two newborns", "Observe a newborn", "Marked as done"):
        assert words in page
    fresh = make_goal(tool, amina)
    assert amina.post(f"goals/{fresh.public_id}/undo", {"version": "1"}).status_code == 400


def test_a_goal_is_dropped_and_opened_again(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    goal = make_goal(tool, amina)
    page = follow(amina, amina.post(f"goals/{goal.public_id}/drop", {"version": "1"}))
    assert "The goal is dropped" in page
    assert "Undo" in page
    assert goals(tool, amina)[goal.public_id].state is GoalState.DROPPED
    page = follow(amina, amina.post(f"goals/{goal.public_id}/reopen", {"version": "2"}))
    assert "open again" in page


def test_a_change_on_an_older_version_shows_both_and_keeps_what_was_typed(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    goal = make_goal(tool, amina)
    where = f"goals/{goal.public_id}"
    amina.post(f"{where}/edit", goal_form(what="From the other tab", version="1"))
    answer = amina.post(f"{where}/edit", goal_form(what="Typed in this tab", version="1"))
    assert answer.status_code == 409
    assert "From the other tab" in answer.text
    assert "Typed in this tab</textarea>" in answer.text
    assert 'name="version" value="2"' in answer.text
    for act in ("drop", "undo", "reopen"):
        assert amina.post(f"{where}/{act}", {"version": "9"}).status_code in {303, 400, 409}
    answer = amina.post(f"{where}/done", {"outcome": "What showed it here", "version": "1"})
    assert answer.status_code == 409
    assert "What showed it here</textarea>" in answer.text
    assert goals(tool, amina)[goal.public_id].what == "From the other tab"
    amina.post(f"{where}/edit", goal_form(what="Typed in this tab", version="2"))
    assert goals(tool, amina)[goal.public_id].what == "Typed in this tab"


def test_what_showed_it_is_kept_in_the_box_when_it_is_too_long(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    goal = make_goal(tool, amina)
    answer = amina.post(f"goals/{goal.public_id}/done", {"outcome": "x" * 20_001, "version": "1"})
    assert answer.status_code == 413
    assert "x" * 20_001 in answer.text
    assert "20,001" in answer.text
    assert amina.post(f"goals/{goal.public_id}/done", {"version": "x"}).status_code == 400


def test_an_overdue_goal_is_first_and_marked_in_words(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    make_goal(tool, amina, what="Still time", by_when=soon(40))
    make_goal(tool, amina, what="Too late by now", by_when=soon(0))
    with time_machine.travel(clock.now() + timedelta(days=3)):
        page = tool.sign_in("amina").get("goals").text
    assert "Overdue by 3 days" in page
    assert page.index("Too late by now") < page.index("Still time")


def test_nobody_but_its_owner_opens_a_goal(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    goal = make_goal(tool, amina, what="A secret of Amina's")
    ben, tara = tool.sign_in("ben"), tool.sign_in("tara", roles=TUTOR)
    olga = tool.sign_in("olga", organisation="Other")
    for path in ("", "/edit", "/done", "/drop", "/reopen", "/undo"):
        for other, status in ((ben, 404), (olga, 404), (tara, 403)):
            where = f"goals/{goal.public_id}{path}"
            if path != "":
                form = goal_form(version="1", outcome="")
                assert other.post(where, form).status_code == status
            if path in ("", "/edit"):
                answer = other.get(where)
                assert answer.status_code == status
                assert "secret" not in answer.text
    assert goals(tool, amina)[goal.public_id] == goal
    for path in ("goals", "goals/new", "training-record", "training-record/new"):
        assert tara.get(path).status_code == 403


def test_addresses_and_forms_that_nobody_made_are_refused_in_words(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    odd = ("%00", "%F0%9F%90%A3", "..%5c", "x" * 500, "1' OR '1'='1")
    for name in odd:
        assert amina.get(f"goals/{name}").status_code == 404
        assert amina.get(f"training-record/{name}/certificate").status_code == 404
        assert amina.get(f"goals/new?code={name}&offer={name}").status_code == 200
        assert amina.get(f"training-record/new?goal={name}&offer={name}").status_code == 200
        assert amina.get(f"goals?goal={name}&did={name}").status_code == 200
        assert amina.get(f"training-record?record={name}&did={name}&file={name}").status_code == 200
    entry = record_form(offer="\0", goal="\0", once="\0", ties=["\0/\0"], provider="\0")
    assert amina.post("training-record/new", entry).status_code == 303
    made = make_goal(tool, amina, offer="\0x", training="T\0", once="\0" * 16)
    assert (made.offer, made.training) == ("x", "T")
    where = f"training-record/{add_record(tool, amina).public_id}"
    assert amina.post(f"{where}/certificate/restore", {"file": "\0"}).status_code == 404


def test_services_refuse_those_who_are_no_learners_and_competencies_that_are_not(
    tool: Tool,
) -> None:
    amina, tara = tool.sign_in("amina"), tool.sign_in("tara", roles=TUTOR)
    wish, _problems = read_goal(typed_goal(goal_form()), clock.now().date(), is_new=True)
    assert wish
    with tool.database.transaction() as session:
        with pytest.raises(NotAllowed):
            make(session, tara.actor, wish)
        with pytest.raises(NotFound):
            make(session, amina.actor, wish, tie=("self-assessment-1", "9.99"))
        with pytest.raises(NotFound):
            make(session, amina.actor, wish, tie=("nothing", "1.01"))
        with pytest.raises(NotFound):
            drop_goal(session, amina.actor, "nobodys", seen_version=1)
        assert goals_of(session, amina.actor.person_id) == []


def test_goals_are_read_by_instrument_and_counted_for_many_people_at_once(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    make_goal(tool, amina, code="2.04", by_when=soon(0))
    make_goal(tool, amina, by_when=soon(0))
    make_goal(tool, ben)
    people = [amina.actor.person_id, ben.actor.person_id]
    late = clock.now().date() + timedelta(days=5)
    with tool.database.transaction(write=False) as session:
        assert len(goals_of(session, people[0], "self-assessment-1")) == 1
        assert len(goals_of(session, people[0])) == 2
        assert overdue_goals_of_people(session, people, late) == {people[0]: 2}
        assert overdue_goals_of_people(session, people, clock.now().date()) == {}
        assert overdue_goals_of_people(session, [], late) == {}


def test_a_tutor_sees_goals_of_the_course_overdue_ones_counted_and_hours_alone(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina")
    make_goal(tool, amina, what="Free and of this course", by_when=soon(0))
    make_goal(tool, amina, code="2.04", what="Tied to the framework")
    elsewhere = tool.sign_in("amina", course="course-2", name="Amina")
    make_goal(tool, elsewhere, what="Free and of another course", by_when=soon(0))
    record = record_form(reflection="A private reflection", title="A private title")
    assert amina.post("training-record/new", record).status_code == 303
    with time_machine.travel(clock.now() + timedelta(days=2)):
        tara = tool.sign_in("tara", roles=TUTOR)
        course = tara.get("course").text
        assert "has an overdue goal" in course
        assert "1 goal overdue" in course
        assert "Amina" in tara.get("course?show=goals-overdue").text
        page = tara.get(f"learners/{person_of(course)}").text
    for words in ("Free and of this course", "Tied to the framework", "Overdue by", "1.5 hours"):
        assert words in page
    for words in ("Free and of another course", "private"):
        assert words not in page


def test_a_tutor_sees_no_goal_outside_the_domains_that_the_placement_asks_for(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    make_goal(tool, amina, code="5.01", what="Outside this placement", by_when=soon(0))
    some = SetUp("self-assessment-1", (1,), GradeRule.COMPLETION)
    tool.sign_in("amina", link="some", set_up=some)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        tara = tool.sign_in("tara", roles=TUTOR, link="some", set_up=some)
        course = tara.get("course").text
        assert "No goal is overdue" in course
        assert "Outside this placement" not in tara.get(f"learners/{person_of(course)}").text
