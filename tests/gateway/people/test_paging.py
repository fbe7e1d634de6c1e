"""Many people of an organisation come in pages: nobody is left out, and it costs no more."""

import re
from typing import Any

import pytest
from sqlalchemy import event, select, update

from lti_tool.courses.models import Person
from tests.gateway.people.two import START, Two
from tests.tool import Tool


def crowd(tool: Tool, names: list[str]) -> None:
    with tool.database.transaction() as session:
        organisation = session.execute(select(Person.organisation_id).limit(1)).scalar_one()
        for place, name in enumerate(names):
            session.add(
                Person(
                    public_id=f"crowd-{place}",
                    organisation_id=organisation,
                    name=name,
                    email="",
                    created_at=START,
                )
            )


def test_many_people_come_in_pages_and_nobody_is_left_out(two: Two) -> None:
    crowd(two.tool, [f"Crowd {number:03}" for number in range(61)])
    seen: list[str] = []
    for page, (first, last) in enumerate(((1, 30), (31, 60), (61, 61)), start=1):
        text = two.ada.get(f"people?words=crowd&page={page}").text
        assert f"People found: {first} to {last}" in text
        seen += re.findall(r"<bdi>(Crowd \d+)</bdi>", text)
        assert ('rel="prev"' in text, 'rel="next"' in text) == (page > 1, page < 3)
    assert seen == [f"Crowd {number:03}" for number in range(61)]


def test_the_pages_leave_out_who_is_chosen_and_keep_the_choice(two: Two) -> None:
    crowd(two.tool, [f"Crowd {number:03}" for number in range(32)])
    text = two.ada.get("people?words=crowd&with=crowd-0").text
    assert "People found: 1 to 30" in text
    assert "page=2&amp;with=crowd-0#found-title" in text
    second = two.ada.get("people?words=crowd&with=crowd-0&page=2").text
    assert "People found: 31 to 31" in second
    assert "Crowd 031" in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "9", "999999", "9" * 40, "\u0662", ""])
def test_a_page_that_is_not_there_is_the_first(two: Two, page: str) -> None:
    crowd(two.tool, [f"Crowd {number:03}" for number in range(31)])
    answer = two.ada.get("people", query_string={"words": "crowd", "page": page})
    assert answer.status_code == 200
    assert "People found: 1 to 30" in answer.text


def test_pseudonyms_have_pages_too(two: Two) -> None:
    crowd(two.tool, [""] * 45)
    pages = [two.ada.get(f"people?words=participant&page={page}").text for page in (1, 2)]
    found = [set(re.findall(r"<bdi>(Participant \w+)</bdi>", text)) for text in pages]
    assert len(found[0]) == 30
    assert len(found[1]) >= 15
    assert not found[0] & found[1]


def test_a_page_of_many_costs_as_many_statements_as_one_of_few(two: Two) -> None:
    def cost() -> int:
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            said.append(statement)

        event.listen(two.tool.database.engine, "before_cursor_execute", note)
        assert two.ada.get("people?words=crowd").status_code == 200
        event.remove(two.tool.database.engine, "before_cursor_execute", note)
        return len(said)

    crowd(two.tool, ["Crowd 000"])
    few = cost()
    with two.tool.database.transaction() as session:
        session.execute(update(Person).where(Person.public_id == "crowd-0").values(public_id="c"))
    crowd(two.tool, [f"Crowd {number:03}" for number in range(40)])
    assert cost() == few
