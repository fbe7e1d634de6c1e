"""Places that could tell who somebody is: asked about, left alone, remembered."""

from sqlalchemy import select

from lti_tool.portfolios.identifiable import Kind
from lti_tool.portfolios.models import Account
from lti_tool.portfolios.places import framework_words, open_places, places_in
from tests.portfolios.writing import writer
from tests.tool import Tool

NUMBER = "Her NHS number is 943 476 5919."


def marks(places: list[dict[str, str]]) -> list[str]:
    return [place["mark"] for place in places]


def test_saving_says_which_places_there_are_and_keeps_the_text(tool: Tool) -> None:
    saved = writer(tool).save(f"{NUMBER} 😀 Call 07700 900123.")
    found = {place["what"]: place for place in saved["places"]}
    assert list(found) == ["An NHS number", "A phone number"]
    assert found["An NHS number"]["words"] == "943 476 5919"
    assert "Her NHS number is" in found["An NHS number"]["before"]
    phone = found["A phone number"]
    text = saved["text"].encode("utf-16-le")
    assert text[2 * phone["start"] : 2 * phone["end"]].decode("utf-16-le") == "07700 900123"


def test_a_place_that_is_left_alone_is_not_asked_about_again(tool: Tool) -> None:
    amina = writer(tool)
    (mark,) = marks(amina.save(NUMBER)["places"])
    assert amina.save(NUMBER, 1, left={mark: True})["places"] == []
    longer = f"{NUMBER} Later: 943 476 5919, and 07700 900123."
    assert len(amina.save(longer, 1)["places"]) == 1
    assert "07700 900123" in amina.get().text
    assert "place to look at" in amina.get().text


def test_without_scripts_the_page_asks_and_the_form_leaves(tool: Tool) -> None:
    amina = writer(tool)
    amina.post(text=NUMBER)
    page = amina.get().text
    assert "An NHS number:" in page
    assert 'name="leave"' in page
    (mark,) = {
        part.split('"')[0] for part in page.split('name="leave"\n                   value="')[1:]
    }
    answer = amina.post(text=NUMBER, version="1", leave=mark)
    assert answer.status_code == 303
    assert 'name="leave"' not in amina.get().text


def test_a_declaration_is_asked_for_and_never_forced(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("A text.")
    page = amina.visitor.get("portfolio/").text
    assert "say how nobody can be known by it" in page
    amina.save("A text.", 1, declaration="anonymised")
    assert "1 of 12 tasks ready" in amina.visitor.get("portfolio/").text
    amina.save("A text.", 1, declaration="")
    assert "0 of 12 tasks ready" in amina.visitor.get("portfolio/").text


def test_words_of_the_framework_name_nobody() -> None:
    text = (
        "In Infant Mental Health I met Zara. I like the Healthy Child Programme, and Zara smiled."
    )
    places = places_in(text, framework_words())
    assert [(place.kind, place.words, place.times) for place in places] == [(Kind.NAME, "Zara", 2)]
    assert open_places(places, {places[0].mark}) == []


def test_what_is_left_alone_is_bounded(tool: Tool) -> None:
    amina = writer(tool)
    (mark,) = marks(amina.save(NUMBER)["places"])
    amina.save(NUMBER, 1, left={mark: True})
    for start in (0, 400):
        left = {f"name:{number:016x}": True for number in range(start, start + 400)}
        assert amina.save(NUMBER, 1, left=left)["places"] == []
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(Account.left_alone)).scalar_one() == [mark]
