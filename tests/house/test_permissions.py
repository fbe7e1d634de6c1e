"""Walks every route with every role of two organisations: nobody reaches what is not theirs."""

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.house.belongings import (
    ADMINISTRATOR,
    FORM,
    PERSONAL,
    RATING,
    SEEN,
    Belongings,
    give_everything,
)
from tests.tool import LEARNER, TUTOR, Tool, Visitor

# Addresses that anyone may call; each guards itself, by token, ticket or by holding nothing.
PUBLIC = {
    "static",
    "case.documents",
    "case.document",
    "case.package",
    "case.item",
    "case.association",
    "case.item_associations",
    "case.elsewhere",
    "bootstrap.static",
    "gateway.login",
    "gateway.launch",
    "gateway.key_set",
    "arriving.enter",
    "arriving.confirm",
    "arriving.new_tab",
    "arriving.prove",
    "notices.notices",
    "registering.ask",
    "registering.confirm",
    "connecting.connect",
    "connecting.canvas",
    "connecting.icon",
    "health.alive",
    "health.ready",
    "shared.plan",
    "statement.invited",
    "statement.confirm",
    "register.search",
    "register.search_json",
    "register.embed",
    "register.entry",
    "register.entry_json",
    "register.verify_form",
    "register.verify",
    "register.verify_json",
    "credentials.keys",
    "credentials.key",
    "credentials.issuer",
    "credentials.achievement",
    "credentials.status",
}
# Pages that open only once there is something to look back on: `tests/assessments` has them. The
# comparison needs two people in its query: `tests/gateway/people`; an appointment one: `tests/reviews`.
# A report hides her picture from assessors: `tests/reviews`.
NOT_ASKED_NOW = {
    "assessors.new",
    "desk.evidence",
    "desk.evidence_preview",
    "looking.back",
    "looking.domain",
    "people.compare",
}
# Pages about whoever asks, with nothing in their address but the asker's own slot.
OF_ONESELF = {"personal_alone.mine", "personal_alone.download", "about.nobody"}
GUARDS = {
    "public",
    "member",
    "participant",
    "learner",
    "tutor",
    "observer",
    "assessor",
    "administrator",
}


def rules(tool: Tool) -> list[Rule]:
    return [rule for rule in tool.app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def guard_of(tool: Tool, rule: Rule) -> str:
    return str(getattr(tool.app.view_functions[rule.endpoint], "guard", ""))


def address(rule: Rule, hers: Belongings, who: Visitor | None = None) -> str:
    """The address of this route for what is Amina's, in her slot or through another's."""
    missing = rule.arguments - hers.values.keys()
    assert not missing, f"this walk does not know how to fill {missing} of {rule}"
    values = {name: hers.values[name] for name in rule.arguments}
    adapter = hers.amina.app.url_map.bind("localhost")
    return str(adapter.build(rule.endpoint, values | ({"slot": who.slot} if who else {})))


def call(visitor: Visitor, method: str, path: str) -> TestResponse:
    """Calls as the tool's own page would: with a token, and a form that could be right."""
    if method == "GET":
        return visitor.client.get(path)
    headers = {"X-CSRFToken": visitor.csrf_token(), "Accept": "application/json"}
    if path.endswith("/ratings"):
        return visitor.client.post(path, json=RATING, headers=headers)
    return visitor.client.post(path, data=FORM, headers=headers)


@pytest.fixture
def hers(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Belongings:
    return give_everything(tool, monkeypatch)


@pytest.fixture
def others(tool: Tool, hers: Belongings) -> dict[str, Visitor]:
    """Everybody else, made after Amina, so that what is hers is there already."""
    return {
        "ben": tool.sign_in("ben"),
        "tara": hers.tara,
        "ada": hers.ada,
        "oriel": hers.oriel,
        "tom, tutor of another course": tool.sign_in("tom", roles=TUTOR, course="course-2"),
        "amina in another course": tool.sign_in("amina", course="course-2"),
        "olga, learner elsewhere": tool.sign_in("olga", organisation="Other"),
        "oscar, tutor elsewhere": tool.sign_in("oscar", roles=TUTOR, organisation="Other"),
        "odin, administrator elsewhere": tool.sign_in(
            "odin", roles=ADMINISTRATOR, organisation="Other"
        ),
    }


def outside(others: dict[str, Visitor]) -> dict[str, Visitor]:
    """Those who have nothing to do with Amina's course."""
    found = {name: who for name, who in others.items() if "," in name or "another" in name}
    assert len(found) == 5
    return found


def test_every_route_has_a_guard_and_the_public_ones_are_listed(tool: Tool) -> None:
    for rule in tool.app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        guard = guard_of(tool, rule)
        assert guard in GUARDS, rule.endpoint
        assert (guard == "public") == (rule.endpoint in PUBLIC), rule.endpoint


def test_every_address_of_this_walk_opens_for_whom_it_is_meant(
    tool: Tool, hers: Belongings
) -> None:
    """Without this, a refusal below might only mean that there is nothing at the address."""
    assert_all_opens(tool, hers)


def assert_all_opens(tool: Tool, hers: Belongings) -> None:
    for rule in rules(tool):
        if "GET" in methods(rule) and rule.endpoint not in NOT_ASKED_NOW:
            who = hers.for_guard(guard_of(tool, rule))
            answer = call(who, "GET", address(rule, hers, who))
            assert answer.status_code == 200, (rule, answer.status_code)


def test_nobody_opens_another_persons_address(
    tool: Tool, hers: Belongings, others: dict[str, Visitor]
) -> None:
    """Amina's own addresses, with everybody else's cookies, and with none."""
    stranger = tool.app.test_client()
    for rule in rules(tool):
        path = address(rule, hers)
        for method in methods(rule):
            answers = [call(who, method, path) for who in others.values()]
            answers.append(stranger.open(path, method=method))
            for answer in answers:
                assert answer.status_code in {400, 401}, (method, path)
                assert SEEN not in answer.data
    assert_all_opens(tool, hers)


def test_nobody_reaches_another_courses_or_organisations_things_through_their_own_slot(
    tool: Tool, hers: Belongings, others: dict[str, Visitor]
) -> None:
    """Everybody's own slot, with Amina's placement and all that is hers put into the address."""
    for rule in rules(tool):
        if rule.endpoint in OF_ONESELF:
            continue
        for method in methods(rule):
            for name, who in outside(others).items():
                path = address(rule, hers, who)
                answer = call(who, method, path)
                assert answer.status_code in {403, 404}, (name, method, path, answer.status_code)
                assert SEEN not in answer.data
    assert_all_opens(tool, hers)


def test_nobody_reaches_what_is_hers_through_their_own_placement(
    tool: Tool, hers: Belongings, others: dict[str, Visitor]
) -> None:
    """Ids of what is hers alone, put into the addresses of classmates, tutors and outsiders."""
    personal = [rule for rule in rules(tool) if rule.arguments & PERSONAL]
    assert {name for rule in personal for name in rule.arguments} >= PERSONAL
    for rule in personal:
        for method in methods(rule):
            for name, who in others.items():
                if "amina" in name:
                    continue  # she may reach from there what is hers
                path = address(rule, hers, who).replace(hers.values["placement"], who.placement)
                answer = call(who, method, path)
                assert answer.status_code in {403, 404}, (name, method, path, answer.status_code)
                assert SEEN not in answer.data
    assert_all_opens(tool, hers)


def test_a_role_reaches_no_page_of_another(
    tool: Tool, hers: Belongings, others: dict[str, Visitor]
) -> None:
    """Learners no tutor's, tutors no learner's, neither an administrator's, and observers none."""
    refused = {
        "participant": [hers.oriel],
        "tutor": [hers.amina, others["ben"], hers.oriel],
        "administrator": [hers.amina, others["ben"], hers.tara, hers.oriel],
        "learner": [hers.tara, hers.ada, hers.oriel],
        "observer": [hers.amina, others["ben"], hers.tara, hers.ada],
        "assessor": [hers.amina, others["ben"], hers.tara, hers.ada, hers.oriel],
    }
    for rule in rules(tool):
        for who in refused.get(guard_of(tool, rule), ()):
            for method in methods(rule):
                path = address(rule, hers, who)
                assert call(who, method, path).status_code == 403, (method, path)
    assert_all_opens(tool, hers)


def test_a_tutor_reaches_learners_and_scores_and_offers_of_their_own_course_alone(
    hers: Belongings, others: dict[str, Visitor]
) -> None:
    person, score, offer = (hers.values[name] for name in ("person", "score", "offer"))
    assert hers.tara.get(f"learners/{person}").status_code == 200
    assert others["oscar, tutor elsewhere"].get(f"learners/{person}").status_code == 404
    for name in ("tom, tutor of another course", "oscar, tutor elsewhere"):
        who = others[name]
        assert who.post(f"scores/{score}/retry", {}).status_code == 404
        assert who.get(f"catalogue/offers/{offer}").status_code in {403, 404}
        for path in ("", "/act"):
            answer = who.post(f"catalogue/offers/{offer}{path}", FORM)
            assert answer.status_code in {403, 404}, (name, path, answer.status_code)
    assert "Tara&#39;s offer" in hers.tara.get("catalogue").text


def test_a_statement_corrected_elsewhere_is_not_read_here(
    hers: Belongings, others: dict[str, Visitor]
) -> None:
    assert "Mine now" in others["ben"].get("domain/1").text
    assert "Mine now" not in others["olga, learner elsewhere"].get("domain/1").text
    odin = others["odin, administrator elsewhere"]
    assert "Mine now" not in odin.get("wording/self-assessment-1/1.01").text


def test_a_learner_sees_nothing_of_another_learner(
    tool: Tool, hers: Belongings, others: dict[str, Visitor]
) -> None:
    ben = others["ben"]
    for rule in rules(tool):
        if "GET" in methods(rule):
            answer = ben.client.get(address(rule, hers, ben))
            assert SEEN not in answer.data, rule


def test_an_observer_reads_the_progress_of_whom_they_may_see_and_nothing_else(
    tool: Tool, hers: Belongings
) -> None:
    opened = set()
    for rule in rules(tool):
        for method in methods(rule):
            answer = call(hers.oriel, method, address(rule, hers, hers.oriel))
            assert SEEN not in answer.data, rule
            if answer.status_code not in {403, 404}:
                opened.add((method, rule.endpoint))
    assert opened == {
        ("GET", "observing.observed"),
        ("GET", "personal.mine"),
        ("GET", "personal.download"),
        ("GET", "personal_alone.mine"),
        ("GET", "notifications.notices"),
        ("POST", "notifications.wish"),
        ("GET", "personal_alone.download"),
    }
    assert "1 of 63 rated" in hers.oriel.get("observe").text


def test_a_tutor_rates_for_nobody(hers: Belongings) -> None:
    assert hers.tara.post_json("ratings", RATING).status_code == 403
    assert hers.tara.post("domain/1", {}).status_code == 403


def test_a_person_is_learner_here_and_tutor_there(tool: Tool) -> None:
    here = tool.sign_in("gethin", roles=LEARNER, course="one")
    there = tool.sign_in("gethin", roles=TUTOR, course="two")
    assert here.get("course").status_code == 403
    assert there.get("course").status_code == 200
