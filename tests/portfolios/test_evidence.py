"""Evidence on a task's page: added, described, shared between tasks, removed, had back, played."""

import re

import pytest

from tests.portfolios.gathering import gatherer
from tests.storage import files, media
from tests.tool import Tool


def test_a_picture_is_added_by_the_plain_form_and_shown_with_its_words(tool: Tool) -> None:
    amina = gatherer(tool)
    assert "No files yet." in amina.panel()
    answer = amina.add(("Play at home.jpg", media.photo()))
    assert answer.status_code == 303
    assert answer.location.endswith("/task/1.01?evidence=added#evidence")
    page = amina.writer.visitor.client.get(answer.location).text
    assert "Added." in page
    (piece,) = amina.pieces()
    panel = amina.panel()
    assert "Play at home" in panel
    assert "Say what the picture shows" in panel
    assert "Say how nobody can be known by it." in panel
    assert amina.tell(piece, "Play", "A baby who reaches for a ball").status_code == 303
    panel = amina.panel()
    assert 'alt="A baby who reaches for a ball"' in panel
    assert "Say what the picture shows" not in panel
    assert "data-lack" not in panel
    assert "1 piece of evidence" in amina.writer.visitor.get("portfolio/").text


def test_a_picture_loses_where_it_was_taken_and_is_shown_in_a_sandbox(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    for what in ("file", "preview"):
        shown = amina.look(piece, what)
        assert shown.status_code == 200
        assert shown.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "Content-Disposition" not in shown.headers
        assert b"Camera of Amina" not in shown.data
        assert b"GPS" not in shown.data
    saved = amina.look(piece, "file?save=1")
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="Play.jpg"')
    larger = amina.writer.visitor.get(f"{amina.path}/evidence/{piece}?task=1.01").text
    assert f"/evidence/{piece}/file" in larger
    assert "Back to 1.01" in larger


def test_a_film_plays_by_parts_and_a_document_is_saved(tool: Tool) -> None:
    amina = gatherer(tool)
    film = amina.give("Play.mp4", media.mp4())
    paper = amina.give("Notes.pdf", files.PDF)
    panel = amina.panel()
    assert re.search(r"<video[^>]*\scontrols", panel)
    assert 'preload="metadata"' in panel
    played = amina.look(film, headers={"Range": "bytes=4-11"})
    assert (played.status_code, played.data) == (206, b"ftypisom")
    saved = amina.look(paper)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert amina.look(paper, "preview").status_code == 404


def test_several_at_once_and_one_that_is_refused_loses_none_of_the_others(tool: Tool) -> None:
    amina = gatherer(tool)
    answer = amina.add(("One.jpg", media.photo()), ("Two.exe", b"MZ"), ("Three.pdf", files.PDF))
    assert answer.status_code == 400
    assert "Files with this ending are not taken as evidence." in answer.text
    assert len(amina.pieces()) == 1
    nothing = amina.add(("", b""))
    assert nothing.status_code == 400
    assert "No file was chosen." in nothing.text


def test_one_piece_serves_several_tasks_and_is_taken_off_one(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    assert "Use what you have already" in amina.panel("1.02")
    assert amina.act(piece, "link", panel="1.02", code="1.02").status_code == 303
    assert amina.pieces("1.02") == [piece]
    assert "It serves these tasks as well:" in amina.panel("1.02")
    again = amina.act(piece, "link", code="1.02")
    assert again.status_code == 303
    off = amina.act(piece, "unlink", code="1.01")
    page = amina.writer.visitor.client.get(off.location).text
    assert "Taken off this task." in page
    assert (amina.pieces("1.01"), amina.pieces("1.02")) == ([], [piece])
    assert "Undo" in page
    amina.act(piece, "link", code="1.01")
    assert amina.pieces("1.01") == [piece]


def test_what_was_removed_comes_back_to_all_its_tasks(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    amina.act(piece, "link", code="1.02")
    gone = amina.act(piece, "remove")
    page = amina.writer.visitor.client.get(gone.location).text
    assert "Removed. It can be had back for a day." in page
    assert (amina.pieces("1.01"), amina.pieces("1.02")) == ([], [])
    assert amina.look(piece).status_code == 404
    assert f"/evidence/{piece}/restore" in page
    assert amina.act(piece, "restore").status_code == 303
    assert (amina.pieces("1.01"), amina.pieces("1.02")) == ([piece], [piece])
    assert amina.look(piece).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"title": " \0 "}, 400, "A piece of evidence needs a title."),
        ({"title": "x" * 201}, 413, "201 characters; 200 can be kept."),
        ({"alt": "ü" * 2001}, 413, "2001 characters; 2000 can be kept."),
        ({"declaration": "maybe"}, 400, "There is no such declaration."),
    ],
)
def test_what_cannot_be_kept_is_shown_again(
    tool: Tool, form: dict[str, str], status: int, sentence: str
) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    answer = amina.tell(piece, **({"title": "Play", "alt": "Typed just now"} | form))
    assert answer.status_code == status
    assert sentence in answer.text
    assert form.get("alt", "Typed just now") in answer.text
    assert "Typed just now" not in amina.panel()


def test_two_tabs_never_write_over_each_other(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    stale = re.search(rf'id="form-{piece}".*?name="seen" value="(\w+)"', amina.panel(), re.DOTALL)
    assert stale
    amina.tell(piece, alt="From the first tab")
    second = amina.tell(piece, alt="From the second tab", seen=stale[1])
    assert second.status_code == 409
    assert "From the first tab" in second.text
    assert "From the second tab</textarea>" in second.text
    seen = re.search(rf'id="form-{piece}".*?name="seen" value="(\w+)"', second.text, re.DOTALL)
    assert seen
    assert amina.tell(piece, alt="From the second tab", seen=seen[1]).status_code == 303
    assert "From the second tab" in amina.panel()
    same = amina.tell(piece, alt="From the second tab", seen="stale")
    assert same.status_code == 303


def test_nobody_else_sees_it_or_changes_it(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    others = (gatherer(tool, "ben"), gatherer(tool, "olga", organisation="Other"))
    for other in others:
        for what in ("file", "preview"):
            assert other.look(piece, what).status_code == 404
        for act in ("", "link", "unlink", "remove", "restore"):
            form = {"title": "Mine", "alt": "", "declaration": "", "code": "1.01"}
            assert other.act(piece, act, **form).status_code == 404, act
        assert "Use what you have already" not in other.panel()
    assert amina.pieces() == [piece]


def test_wrong_names_and_codes_are_not_found(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    for path in ("task/9.99/evidence", "evidence/none", "evidence/none/file"):
        assert amina.writer.visitor.get(f"{amina.path}/{path}").status_code == 404
    assert amina.act(piece, "link", code="9.99").status_code == 404
    assert amina.act(piece, "link", panel="9.99", code="1.02").status_code == 303
    assert amina.act("no\0ne", "remove").status_code == 404
    assert amina.act(piece, "remove", panel="\0").status_code == 303


def test_the_page_of_all_says_what_is_lacking_and_how_much_room_is_left(tool: Tool) -> None:
    amina = gatherer(tool)
    visitor = amina.writer.visitor
    assert "You have added no files yet." in visitor.get(f"{amina.path}/evidence").text
    told, other = amina.give("First.jpg"), amina.give("Second.pdf", files.PDF)
    amina.tell(told, "First", "A ball")
    page = visitor.get(f"{amina.path}/evidence").text
    assert "All (2)" in page
    assert "Lacking something (1)" in page
    assert "1 kB of 2,000 MB" in page or "kB of" in page
    lacking = visitor.get(f"{amina.path}/evidence?show=lacking").text
    assert f"piece-{other}" in lacking
    assert f"piece-{told}" not in lacking
    answer = amina.act(other, "link", panel="", code="2.01")
    assert answer.location.startswith(f"{visitor.home}{amina.path}/evidence?")
    assert amina.pieces("2.01") == [other]


def test_a_script_is_answered_with_what_changes(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    headers = {"X-CSRFToken": amina.writer.visitor.csrf_token(), "Accept": "application/json"}
    at = f"{amina.writer.visitor.home}{amina.path}/evidence/{piece}/remove"
    answer = amina.writer.visitor.client.post(at, data={"panel": "1.01"}, headers=headers)
    assert answer.json
    assert answer.json["said"].startswith("Removed.")
    assert f"/evidence/{piece}/restore" in answer.json["html"]
    assert "<html" not in answer.json["html"]
