"""A task's page: saving, conflicts, limits, the plain form, and who may not."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from lti_tool.kernel import clock
from lti_tool.portfolios.models import Account, AccountVersion
from lti_tool.portfolios.rules import LONGEST_ACCOUNT
from tests.portfolios.writing import TEXT, Writer, writer
from tests.tool import TUTOR, Tool


def versions(tool: Tool) -> list[tuple[int, str, str]]:
    with tool.database.transaction(write=False) as session:
        rows = session.execute(select(AccountVersion).order_by(AccountVersion.number)).scalars()
        return [(row.number, row.act, row.text) for row in rows]


def test_what_is_typed_is_saved_and_stands_there_again(tool: Tool) -> None:
    amina = writer(tool)
    saved = amina.save(TEXT, ticks={"1": True}, declaration="anonymised")
    assert (saved["version"], saved["words"], saved["ticks"]) == (1, 17, [1])
    page = amina.get().text
    assert "She **mirrored** his yawn." in page
    assert "17 words" in page
    assert re.search(r'name="ticks"\s+value="1"\s+checked', page)
    assert re.search(r'value="anonymised"\s+checked', page)


def test_the_same_again_changes_nothing(tool: Tool) -> None:
    amina = writer(tool)
    amina.save(TEXT)
    assert amina.save(TEXT, 0)["version"] == 1  # an answer that never came, sent again
    assert len(versions(tool)) == 1


def test_another_tab_is_never_written_over(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("First tab.")
    answer = amina.send("Second tab.", 0)
    assert answer.status_code == 409
    assert answer.get_json()["current"]["text"] == "First tab."
    assert amina.save("Second tab.", 1)["version"] == 2
    assert [text for _, _, text in versions(tool)] == ["First tab.", "Second tab."]


def test_marks_are_no_conflict_and_change_only_what_they_name(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("One.", ticks={"0": True}, declaration="consent")
    amina.save("Two.", 1)
    saved = amina.save("Two.", 0, ticks={"1": True})
    assert (saved["ticks"], saved["declaration"], saved["version"]) == ([0, 1], "consent", 2)
    assert amina.save("Two.", 2, ticks={"0": False})["ticks"] == [1]


def test_one_sitting_is_one_version_until_words_are_taken_away(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("I sat", sitting="a1")
    amina.save("I sat with a mother and her baby, and waited for a while.", 1, sitting="a1")
    assert [number for number, _, _ in versions(tool)] == [2]
    amina.save("I", 2, sitting="a1")
    amina.save("I left", 3, sitting="b2")  # another tab, another version
    assert [(number, text[:6]) for number, _, text in versions(tool)] == [
        (2, "I sat "),
        (3, "I"),
        (4, "I left"),
    ]


def test_what_is_taken_away_bit_by_bit_can_be_had_back(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("word " * 40, sitting="a1")
    for version, left in enumerate(range(36, 0, -4), 1):
        amina.save("word " * left, version, sitting="a1")
    texts = [text for _, _, text in versions(tool)]
    assert len(texts) < 8
    assert len(texts[0].split()) >= 32
    gone = [len(a) - len(b) for a, b in pairwise(texts)]
    assert max(gone) <= 2 * 40


def test_after_some_minutes_a_new_version_begins(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = writer(tool)
    amina.save("One.", sitting="a1")
    now = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: now)
    amina.save("One. Two.", 1, sitting="a1")
    assert [text for _, _, text in versions(tool)] == ["One.", "One. Two."]


def test_a_version_can_be_looked_at_put_back_and_that_undone(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("The first words.")
    amina.save("Quite other words.", 1)
    listed = amina.get(more="/versions").text
    assert listed.count("version-row") == 2
    looked = amina.get(more="/versions/1").text
    assert "The first words." in looked
    assert "<del>" in looked
    answer = amina.visitor.post(f"{amina.task()}/versions/1/restore", {"seen": "2"})
    assert answer.status_code == 303
    page = amina.visitor.client.get(answer.location).text
    assert "The first words.</textarea>" in page
    (undo,) = re.findall(r"/versions/(\d+)/restore", page)
    amina.visitor.post(f"{amina.task()}/versions/{undo}/restore", {"seen": "3"})
    assert "Quite other words.</textarea>" in amina.get().text
    assert [act for _, act, _ in versions(tool)] == ["typed", "typed", "restored", "restored"]


def test_a_version_is_not_put_back_over_what_was_typed_meanwhile(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("One.")
    amina.save("Two.", 1)
    amina.save("Three.", 2)
    assert (
        amina.visitor.post(f"{amina.task()}/versions/1/restore", {"seen": "2"}).status_code == 409
    )
    for number in (9, 2**31):
        path = f"{amina.task()}/versions/{number}"
        assert amina.visitor.get(path).status_code == 404
        assert amina.visitor.post(f"{path}/restore", {"seen": "3"}).status_code == 404
    assert amina.get(more="/versions?before=99999999999999999999").status_code == 200


def test_the_plain_form_saves_everything_at_once(tool: Tool) -> None:
    amina = writer(tool)
    answer = amina.post(text=TEXT, ticks=["0", "1"], declaration="consent", stay="1")
    assert answer.status_code == 303
    page = amina.visitor.client.get(answer.location).text
    assert "Saved." in page
    assert len(re.findall(r'name="ticks"\s+value="\d"\s+checked', page)) == 2
    answer = amina.post(text=TEXT, version="1", ticks=["0"], declaration="consent", next="1")
    assert answer.location.endswith("/task/1.02")


def test_the_plain_form_shows_both_texts_and_then_keeps_the_chosen_one(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("From the other tab.")
    answer = amina.post(text="From this tab.", version="0", ticks="0")
    assert answer.status_code == 409
    assert "From the other tab." in answer.text
    assert "From this tab.</textarea>" in answer.text
    assert amina.post(text="From this tab.", version="0", take="1").status_code == 303
    assert "From the other tab.</textarea>" in amina.get().text
    (version,) = re.findall(r'name="version" value="(\d)"', answer.text)
    assert amina.post(text="From this tab.", version=version).status_code == 303
    assert [text for _, _, text in versions(tool)] == ["From the other tab.", "From this tab."]


def test_too_long_a_text_is_refused_and_stands_in_the_box(tool: Tool) -> None:
    amina = writer(tool)
    long = "x" * (LONGEST_ACCOUNT + 1)
    answer = amina.send(long)
    assert answer.status_code == 413
    assert "20,001" in answer.get_json()["error"]["sentence"]
    page = amina.post(text=long)
    assert page.status_code == 413
    assert long in page.text
    assert amina.save("é" * LONGEST_ACCOUNT)["version"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {},
        {"text": 1, "version": 0},
        {"text": "a", "version": "0"},
        {"text": "a", "version": -1},
        {"text": "a", "version": True},
        {"text": "a", "version": 2**31},
        {"text": "a", "version": 0, "ticks": {"99": True}},
        {"text": "a", "version": 0, "ticks": {"-1": True}},
        {"text": "a", "version": 0, "ticks": {"0": 1}},
        {"text": "a", "version": 0, "ticks": ["0"]},
        {"text": "a", "version": 0, "declaration": "perhaps"},
        {"text": "a", "version": 0, "declaration": 1},
        {"text": "a", "version": 0, "left": {"x": True}},
        {"text": "a", "version": 0, "sitting": "A B"},
        {"text": "a", "version": 0, "sitting": "a" * 41},
    ],
    ids=str,
)
def test_what_is_damaged_is_refused_in_words(tool: Tool, sent: object) -> None:
    amina = writer(tool)
    answer = amina.visitor.post_json(f"{amina.task()}/text", sent)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["sentence"]
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(Account)).first() is None


def test_a_form_that_is_damaged_is_refused(tool: Tool) -> None:
    amina = writer(tool)
    for wrong in ({"version": "x"}, {"version": "9" * 10}, {"declaration": "perhaps"}):
        assert amina.post(text=TEXT, **wrong).status_code == 400, wrong


def test_characters_that_no_database_keeps_are_taken_out(tool: Tool) -> None:
    amina = writer(tool)
    assert amina.save("a\0b\r\nc \ud800 😀")["text"] == "ab\nc ? 😀"


def test_nobody_else_writes_or_reads_in_it(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("Mine alone.")
    ben = writer(tool, "ben")
    olga = writer(tool, "olga", organisation="Other")
    tara = tool.sign_in("tara", roles=TUTOR)
    for who in (Writer(ben.visitor, amina.path), Writer(olga.visitor, amina.path)):
        for more in ("", "/versions", "/versions/1"):
            assert who.get(more=more).status_code == 404, more
        assert who.send("Not mine.", 1).status_code == 404
        assert who.post(text="Not mine.", version="1").status_code == 404
        assert (
            who.visitor.post(f"{who.task()}/versions/1/restore", {"seen": "1"}).status_code == 404
        )
        carried = who.visitor.post(f"{who.path}/carry", {"source": "x"})
        assert carried.status_code == 404
    for more in ("", "/versions", "/versions/1"):
        assert tara.get(amina.task() + more).status_code == 403
    assert amina.get(code="9.99").status_code == 404
    assert "Mine alone." in amina.get().text


def test_a_preview_shows_the_form_and_nothing_that_acts(tool: Tool) -> None:
    amina = writer(tool)
    text = (
        "# One\n<img src=x onerror=alert(1)> ![i](https://a.example/i.png) [j](javascript:alert(1))"
    )
    answer = amina.visitor.post_json(f"{amina.task()}/preview", {"text": text})
    html = answer.get_json()["html"]
    assert "<h3>One</h3>" in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert amina.visitor.post_json(f"{amina.task()}/preview", {"text": 1}).status_code == 400
    assert amina.post(text=text, preview="1").status_code == 303
    assert "<h3>One</h3>" in amina.get(more="?preview=1").text
