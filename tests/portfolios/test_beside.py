"""What a person wrote elsewhere: shown beside a task, added to the text, taken out again."""

import re

from lti_tool.competencies.crosswalk import rests_on
from tests.portfolios.writing import begin, writer
from tests.tool import Tool

NOTE = "I saw him turn to her voice."


def test_notes_and_training_and_other_texts_stand_beside_a_task(tool: Tool) -> None:
    rated = tool.sign_in("amina", link="grid")
    footing = rests_on("portfolio-1", "1.01")[0]
    rating = {"code": footing.code, "state": "achieved", "note": NOTE, "version": 0}
    assert rated.post_json("ratings", rating).status_code == 200
    record = {"title": "PIIOS", "provider": "Warwick", "begun_on": "2026-01-01", "hours": "2"}
    assert (
        rated.post("training-record/new", record | {"once": "piios-entry-0001"}).status_code == 303
    )
    amina = writer(tool, link="portfolio")
    page = amina.get().text
    assert "You wrote in your self-assessment" in page
    assert NOTE in page
    assert "PIIOS (Warwick)" in page
    ben = writer(tool, "ben", link="portfolio")
    assert NOTE not in ben.get().text


def test_it_is_added_after_what_is_typed_and_can_be_taken_out(tool: Tool) -> None:
    rated = tool.sign_in("amina", link="grid")
    footing = rests_on("portfolio-1", "1.01")[0]
    rating = {"code": footing.code, "state": "achieved", "note": NOTE, "version": 0}
    rated.post_json("ratings", rating)
    amina = writer(tool, link="portfolio")
    answer = amina.post(text="Typed just now.", add=f"note:{footing.code}")
    page = amina.visitor.client.get(answer.location).text
    assert f"Typed just now.\n\n{NOTE}</textarea>" in page
    (number,) = re.findall(r"/versions/(\d+)/restore", page)
    amina.visitor.post(f"{amina.task()}/versions/{number}/restore", {"seen": "2"})
    assert "Typed just now.</textarea>" in amina.get().text


def test_added_to_nothing_it_can_be_taken_out_again(tool: Tool) -> None:
    rated = tool.sign_in("amina", link="grid")
    footing = rests_on("portfolio-1", "1.01")[0]
    rating = {"code": footing.code, "state": "achieved", "note": NOTE, "version": 0}
    rated.post_json("ratings", rating)
    amina = writer(tool, link="portfolio")
    amina.post(text="", add=f"note:{footing.code}")
    assert f"{NOTE}</textarea>" in amina.get().text
    answer = amina.visitor.post(f"{amina.task()}/versions/0/restore", {"seen": "1"})
    assert answer.status_code == 303
    assert NOTE + "</textarea>" not in amina.get().text


def test_what_cannot_be_added_loses_nothing(tool: Tool) -> None:
    rated = tool.sign_in("amina", link="grid")
    footing = rests_on("portfolio-1", "1.01")[0]
    rating = {"code": footing.code, "state": "achieved", "note": NOTE, "version": 0}
    rated.post_json("ratings", rating)
    amina = writer(tool, link="portfolio")
    long = "x" * 19_990
    answer = amina.post(text=long, add=f"note:{footing.code}")
    assert answer.status_code == 413
    assert long in answer.text
    for number, gone in enumerate(("note:9.99", "training:none", ""), 1):
        answer = amina.post(text=f"Typed {gone}.", version=str(number), add=gone)
        assert answer.status_code == 404
        assert f"Typed {gone}.</textarea>" in amina.get().text


def test_a_text_of_another_level_on_the_same_topic_is_offered(tool: Tool) -> None:
    first = writer(tool, instrument="portfolio-2")
    first.save("From level 2.")
    third = begin(first.visitor, "portfolio-3")
    page = third.get().text
    assert "You wrote in your other portfolio" in page
    assert "From level 2." in page
