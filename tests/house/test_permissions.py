"""Walks every route with every role of two organisations: nobody reaches what is not theirs."""

from typing import Any

import pytest
from werkzeug.routing import Rule

from lti_tool.grades.queries import scores_of_placements
from tests.tool import LEARNER, TUTOR, Tool, Visitor

# Addresses that anyone may call; each guards itself, by token, ticket or by holding nothing.
PUBLIC = {
    "static",
    "bootstrap.static",
    "gateway.login",
    "gateway.launch",
    "gateway.key_set",
    "gateway.enter",
    "gateway.confirm",
    "health.alive",
    "health.ready",
}
RATING = {"code": "1.01", "state": "achieved", "note": "A secret of Amina's", "version": 0}


def rules(tool: Tool) -> list[Rule]:
    return [rule for rule in tool.app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def address(rule: Rule, owner: Visitor, person: str, score: int) -> str:
    """The address of this route for what belongs to `owner`."""
    values: dict[str, Any] = {
        "slot": owner.slot,
        "placement": owner.placement,
        "number": 1,
        "person": person,
        "score": score,
    }
    missing = rule.arguments - values.keys()
    assert not missing, f"this walk does not know how to fill {missing} of {rule}"
    adapter = owner.app.url_map.bind("localhost")
    return str(adapter.build(rule.endpoint, {n: values[n] for n in rule.arguments}))


@pytest.fixture
def people(tool: Tool) -> dict[str, Visitor]:
    amina = tool.sign_in("amina")
    assert amina.post_json("ratings", RATING).status_code == 200
    return {
        "amina": amina,
        "ben": tool.sign_in("ben"),
        "tara": tool.sign_in("tara", roles=TUTOR),
        "tom, tutor of another course": tool.sign_in("tom", roles=TUTOR, course="course-2"),
        "amina in another course": tool.sign_in("amina", course="course-2"),
        "olga, learner elsewhere": tool.sign_in("olga", organisation="Other"),
        "oscar, tutor elsewhere": tool.sign_in("oscar", roles=TUTOR, organisation="Other"),
    }


def amina_is(tool: Tool, people: dict[str, Visitor]) -> tuple[str, int]:
    from lti_tool.courses.models import Person

    amina = people["amina"]
    with tool.database.transaction(write=False) as session:
        person = session.get_one(Person, amina.actor.person_id).public_id
        (score,) = scores_of_placements(session, [amina.placement_id])
    return person, score.id


def call(visitor: Visitor, method: str, path: str) -> Any:
    if method == "GET":
        return visitor.client.get(path)
    headers = {"X-CSRFToken": visitor.csrf_token(), "Accept": "application/json"}
    return visitor.client.post(path, json=RATING, headers=headers)


def test_every_route_has_a_guard_and_the_public_ones_are_listed(tool: Tool) -> None:
    for rule in tool.app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        guard = getattr(tool.app.view_functions[rule.endpoint], "guard", None)
        assert guard in {"public", "member", "learner", "tutor", "administrator"}, rule.endpoint
        assert (guard == "public") == (rule.endpoint in PUBLIC), rule.endpoint


def test_nobody_opens_another_persons_address(tool: Tool, people: dict[str, Visitor]) -> None:
    """Amina's own addresses, with everybody else's cookies, and with none."""
    amina = people["amina"]
    person, score = amina_is(tool, people)
    stranger = tool.app.test_client()
    for rule in rules(tool):
        path = address(rule, amina, person, score)
        for method in methods(rule):
            answers = [call(who, method, path) for name, who in people.items() if who != amina]
            answers.append(stranger.open(path, method=method))
            for answer in answers:
                assert answer.status_code in {400, 401}, (method, path)
                assert "secret of Amina" not in answer.text


def test_nobody_reaches_another_courses_or_organisations_things_through_their_own_slot(
    tool: Tool, people: dict[str, Visitor]
) -> None:
    """Everybody's own slot, with Amina's placement, person and score put into the address."""
    amina = people["amina"]
    person, score = amina_is(tool, people)
    outsiders = {name: who for name, who in people.items() if "," in name or "another" in name}
    assert len(outsiders) == 4
    for rule in rules(tool):
        for method in methods(rule):
            for name, who in outsiders.items():
                path = address(rule, amina, person, score).replace(amina.slot, who.slot)
                answer = call(who, method, path)
                assert answer.status_code in {403, 404}, (name, method, path, answer.status_code)
                assert "secret of Amina" not in answer.text


def test_a_tutor_reaches_only_learners_and_scores_of_their_own_course(
    tool: Tool, people: dict[str, Visitor]
) -> None:
    person, score = amina_is(tool, people)
    olga = people["oscar, tutor elsewhere"]
    assert olga.get(f"learners/{person}").status_code == 404
    assert olga.post(f"scores/{score}/retry", {}).status_code == 404
    assert people["tara"].get(f"learners/{person}").status_code == 200


def test_a_learner_reaches_no_tutors_page(tool: Tool, people: dict[str, Visitor]) -> None:
    person, score = amina_is(tool, people)
    tutors = [r for r in rules(tool) if guard_of(tool, r) == "tutor"]
    assert tutors
    for learner in (people["amina"], people["ben"]):
        for rule in tutors:
            for method in methods(rule):
                path = address(rule, learner, person, score)
                assert call(learner, method, path).status_code == 403, (method, path)


def test_a_learner_sees_nothing_of_another_learner(tool: Tool, people: dict[str, Visitor]) -> None:
    ben = people["ben"]
    person, score = amina_is(tool, people)
    for rule in rules(tool):
        if "GET" in methods(rule):
            assert "secret of Amina" not in ben.client.get(address(rule, ben, person, score)).text


def test_a_tutor_rates_for_nobody(tool: Tool, people: dict[str, Visitor]) -> None:
    tara = people["tara"]
    assert tara.post_json("ratings", RATING).status_code == 403
    assert tara.post("domain/1", {}).status_code == 403


def guard_of(tool: Tool, rule: Rule) -> str:
    return str(getattr(tool.app.view_functions[rule.endpoint], "guard", ""))


def test_a_person_is_learner_here_and_tutor_there(tool: Tool) -> None:
    here = tool.sign_in("gethin", roles=LEARNER, course="one")
    there = tool.sign_in("gethin", roles=TUTOR, course="two")
    assert here.get("course").status_code == 403
    assert there.get("course").status_code == 200
