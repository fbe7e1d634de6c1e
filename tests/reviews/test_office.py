"""The office's pages: appointments, rules, the list, who reads; over HTTP, with their refusals."""

import re
from typing import Any

import pytest

from lti_tool.reviews.queries import terms_of
from lti_tool.reviews.rules import Terms
from tests.portfolios.handing_in import handed_in
from tests.reviews.offices import allocated, appoint, office, readings
from tests.tool import Tool, Visitor

GOOD = {"levels": ["1", "3"], "capacity": "4", "away_until": ""}


@pytest.fixture
def ada(tool: Tool) -> Visitor:
    return office(tool)


def found(ada: Visitor, name: str) -> str:
    """Returns the name in addresses of a person, as the page's search finds them."""
    page = ada.get(f"assessors?name={name}")
    assert page.status_code == 200
    (person,) = set(re.findall(r"person=([\w-]+)\"", page.text))
    return str(person)


def test_an_administrator_appoints_changes_and_ends(tool: Tool, ada: Visitor) -> None:
    anna = tool.sign_in("anna", course="hers")
    assert "Nobody is appointed yet" in ada.get("assessors").text
    assert anna.get("desk").status_code == 403
    person = found(ada, "ANNA")
    assert "Appoint Person anna" in ada.get(f"assessors/new?person={person}").text
    answer = ada.post("assessors/new", GOOD | {"person": person, "moderates": "yes"})
    assert answer.status_code == 303
    page = ada.get("assessors").text
    assert "Level 1, 3" in page
    assert "moderator" in page
    assert anna.get("desk").status_code == 200
    again = ada.post("assessors/new", GOOD | {"person": person})
    assert again.status_code == 409
    assert "an assessor already" in again.text
    (one,) = set(re.findall(r"assessors/([\w-]{16})\"", page))
    changed = ada.post(
        f"assessors/{one}", {"levels": "2", "capacity": "9", "away_until": "2001-01-01"}
    )
    assert changed.status_code == 400
    assert "not over" in changed.text
    assert ada.post(f"assessors/{one}", {"levels": "2", "capacity": "9"}).status_code == 303
    assert "Level 2" in ada.get("assessors").text
    assert ada.post(f"assessors/{one}/end", {}).status_code == 303
    assert anna.get("desk").status_code == 403
    assert ada.post(f"assessors/{one}", {"levels": "2", "capacity": "9"}).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"levels": []}, "at least one level"),
        ({"levels": ["7", "x"]}, "at least one level"),
        ({"capacity": ""}, "from 1 to 100"),
        ({"capacity": "0"}, "from 1 to 100"),
        ({"capacity": "-3"}, "from 1 to 100"),
        ({"capacity": "9" * 40}, "from 1 to 100"),
        ({"capacity": "٣"}, "from 1 to 100"),
        ({"away_until": "soon"}, "as a date"),
        ({"away_until": "9999-12-31"}, "within three years"),
    ],
)
def test_nonsense_is_refused_in_words(
    tool: Tool, ada: Visitor, wrong: dict[str, Any], sentence: str
) -> None:
    tool.sign_in("anna", course="hers")
    answer = ada.post("assessors/new", GOOD | {"person": found(ada, "anna")} | wrong)
    assert answer.status_code == 400
    assert sentence in answer.text


def test_people_of_elsewhere_are_not_found(tool: Tool, ada: Visitor) -> None:
    tool.sign_in("olga", organisation="Other")
    assert "Nobody of this name" in ada.get("assessors?name=olga").text
    assert ada.get("assessors?name=%00").status_code == 200
    assert ada.get("assessors/new?person=nobody").status_code == 404
    assert ada.get("assessors/new").status_code == 404
    other = appoint(tool, "oscar", organisation="Other")
    path = f"assessors/{other.assessor.public_id}"
    assert ada.get(path).status_code == 404
    for more in ("", "/end", "/conflicts"):
        assert ada.post(path + more, GOOD | {"person": "x", "reason": "y"}).status_code == 404


def test_the_office_declares_a_conflict(tool: Tool, ada: Visitor) -> None:
    anna = appoint(tool, "anna", [1])
    tool.sign_in("ben", course="his")
    path = f"assessors/{anna.assessor.public_id}"
    page = ada.get(f"{path}?name=ben").text
    (person,) = set(re.findall(r"person=([\w-]+)\"", page))
    assert "Conflict with Person ben" in ada.get(f"{path}?person={person}").text
    assert ada.post(f"{path}/conflicts", {"person": person, "reason": " "}).status_code == 400
    assert ada.post(f"{path}/conflicts", {"person": person, "reason": "Kin"}).status_code == 303
    page = ada.get(path).text
    assert "Kin" in page
    assert "Kin" in anna.visitor.get("desk/conflicts").text
    (conflict,) = set(re.findall(r"conflicts/([\w-]+)/withdraw", page))
    assert ada.post(f"{path}/conflicts/{conflict}/withdraw", {}).status_code == 303
    assert ada.post(f"{path}/conflicts/{conflict}/withdraw", {}).status_code == 404
    mine = found(ada, "anna") if "person=" in ada.get("assessors?name=anna").text else ""
    assert not mine  # who is appointed is offered to be changed, not appointed again


def test_the_rules_are_stored_and_nonsense_refused(tool: Tool, ada: Visitor) -> None:
    assert "Two assessors" in ada.get("review-rules").text
    good = {
        "readers_1": "1", "readers_2": "2", "readers_3": "2", "target_days": "21",
        "appeal_days": "14", "blind": "yes",
    }  # fmt: skip
    for wrong in (
        {"readers_1": "3"},
        {"readers_3": ""},
        {"target_days": "0"},
        {"appeal_days": "367"},
        {"target_days": "1e3"},
    ):
        answer = ada.post("review-rules", good | wrong)
        assert answer.status_code == 400, wrong
        assert "Not saved yet" in answer.text
    assert ada.post("review-rules", good).status_code == 303
    with tool.database.transaction(write=False) as session:
        terms = terms_of(session, ada.actor.organisation_id)
        assert terms == Terms(1, 2, 2, blind=True, target_days=21, appeal_days=14)
    assert 'value="21"' in ada.get("review-rules").text


def test_the_list_filters_and_says_who_waits(tool: Tool, ada: Visitor) -> None:
    assert "Nothing was handed in yet" in ada.get("reviews").text
    _amina, first = handed_in(tool)
    allocated(tool, first)
    page = ada.get("reviews").text
    assert "1 submission waits for an assessor" in page
    anna = appoint(tool, "anna", [1])
    allocated(tool, first)
    page = ada.get("reviews").text
    assert "waits for an assessor" not in page
    assert anna.assessor.name in page
    for query, shown in (
        ("?level=1", True), ("?level=2", False), ("?show=waiting", True),
        ("?show=in-review", False), ("?show=overdue", False), ("?show=decided", False),
        ("?show=nobody", False), ("?show=nonsense&level=x&page=z", True),
        ("?page=99999999999999999999", True), ("?page=2", False),
    ):  # fmt: skip
        assert ("Person amina" in ada.get(f"reviews{query}").text) is shown, query


def test_the_office_gives_takes_away_and_replaces(tool: Tool, ada: Visitor) -> None:
    _amina, submission = handed_in(tool)
    path = f"reviews/{submission.public_id}/readers"
    assert "1 assessor is missing" in ada.get(path).text
    nobody = ada.post(path, {"assessor": ""})
    assert nobody.location.endswith("done=nobody")
    anna, bert = appoint(tool, "anna", [1]), appoint(tool, "bert", [1])
    assert ada.post(path, {"assessor": "nobody"}).status_code == 404
    assert ada.post(path, {"assessor": anna.assessor.public_id}).status_code == 303
    assert ada.post(path, {"assessor": bert.assessor.public_id}).status_code == 409
    (review,) = readings(tool, submission)
    take = f"{path}/{review.public_id}/take"
    refused = ada.post(take, {"reason": "", "assessor": bert.assessor.public_id})
    assert refused.status_code == 400
    assert "Give a reason" in refused.text
    back = ada.post(take, {"reason": "Ill", "assessor": anna.assessor.public_id})
    assert back.status_code == 409
    assert readings(tool, submission) == [review]  # nothing was changed half-way
    assert ada.post(take, {"reason": "Ill", "assessor": bert.assessor.public_id}).status_code == 303
    (now,) = readings(tool, submission)
    assert now.assessor_id == bert.assessor.id
    assert ada.post(take, {"reason": "Twice"}).status_code == 409
    assert ada.post(f"{path}/nothing/take", {"reason": "x"}).status_code == 404
    assert ada.get("reviews/nothing/readers").status_code == 404


def test_none_but_administrators_come_in(tool: Tool, ada: Visitor) -> None:
    anna = appoint(tool, "anna", [1])
    _amina, submission = handed_in(tool)
    elsewhere = office(tool, organisation="Other")
    paths = (
        "assessors", "assessors/new", f"assessors/{anna.assessor.public_id}", "review-rules",
        "reviews", f"reviews/{submission.public_id}/readers",
    )  # fmt: skip
    for path in paths:
        assert anna.visitor.get(path).status_code == 403, path
    for path in (paths[2], paths[5]):
        assert elsewhere.get(path).status_code == 404, path
    assert "Person amina" not in elsewhere.get("reviews").text
    assert ada.get("reviews").status_code == 200
