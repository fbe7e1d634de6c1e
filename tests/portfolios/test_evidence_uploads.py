"""Files on their way to a task: in parts, cut, resumed, refused; full disks and lost stores."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.kernel import clock
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.storage.models import StoredFile, Upload
from lti_tool.wiring.messages import chores, make_worker
from tests.portfolios.gathering import Gatherer, gatherer
from tests.storage import files, media
from tests.storage.clamav import EICAR, clamd
from tests.storage.test_uploads import full_disk
from tests.storage.uploading import objects
from tests.tool import Tool

HALF = 6_000_000


def film(size: int = 2 * HALF) -> bytes:
    """A film of so many bytes."""
    start, end = media.mp4_around(size)
    return start + bytes(size - len(start) - len(end)) + end


def rows(tool: Tool) -> tuple[int, int, int]:
    """How many pieces, files and uploads that have not arrived are on record."""
    with tool.database.transaction(write=False) as session:
        waiting = select(Upload.id).where(Upload.file_id.is_(None))
        asked = (select(Evidence.id), select(StoredFile.id), waiting)
        pieces, kept, uploads = (len(session.execute(one).all()) for one in asked)
    return pieces, kept, uploads


def set_to(tool: Tool, **changes: Any) -> None:
    """Gives the running application other settings."""
    settings = tool.runtime.settings.model_copy(update=changes)
    tool.runtime = replace(tool.runtime, settings=settings)
    tool.app.extensions["imhcf"] = tool.runtime


def whole(amina: Gatherer, name: str, content: bytes) -> tuple[int, str]:
    """Sends a file as the script does; returns status and code of what became of it."""
    begun = amina.begin(name, len(content))
    if begun.status_code != 200:
        return begun.status_code, begun.json["error"]["code"] if begun.json else ""
    facts: dict[str, Any] = begun.get_json()
    amina.send(facts["part"], content)
    made = amina.finish(facts["done"])
    said = made.get_json()
    return made.status_code, said["error"]["code"] if "error" in said else ""


def test_a_film_comes_in_parts_is_cut_and_goes_on_from_where_it_was(tool: Tool) -> None:
    amina = gatherer(tool)
    content = film()
    begun = amina.begin("Play.mp4", len(content)).get_json()
    assert begun["received"] == 0
    assert amina.send(begun["part"], content[:HALF]).get_json() == {"received": HALF}
    gap = amina.send(begun["part"], b"x", at=HALF + 5)
    assert (gap.status_code, gap.get_json()["error"]["code"]) == (409, "upload-gap")
    early = amina.finish(begun["done"])
    assert (early.status_code, early.get_json()["error"]["code"]) == (409, "upload-unfinished")
    assert "6.0 MB of 12 MB have arrived." in amina.panel()
    stands = amina.writer.visitor.client.get(begun["stands"]).get_json()
    assert stands["received"] == HALF
    again = amina.send(begun["part"], content[HALF - 100 :], at=HALF - 100)
    assert again.get_json() == {"received": len(content)}
    made = amina.finish(begun["done"])
    assert "Play" in made.get_json()["html"]
    assert amina.finish(begun["done"]).status_code == 200  # asked again, the same
    assert rows(tool) == (1, 1, 0)
    (piece,) = amina.pieces()
    assert amina.look(piece).data[-len(content) :][:8] == content[:8]


def test_all_of_it_is_there_and_the_page_was_closed_before_it_was_looked_at(tool: Tool) -> None:
    amina = gatherer(tool)
    begun = amina.begin("Notes.pdf", len(files.PDF)).get_json()
    amina.send(begun["part"], files.PDF)
    assert "All of it has arrived" in amina.panel("1.02")
    there = begun["done"].replace("1.01", "1.02")
    answer = amina.writer.visitor.client.post(
        there, data={"panel": "1.02", "csrf_token": amina.writer.visitor.csrf_token()}
    )
    assert answer.status_code == 303
    assert len(amina.pieces("1.02")) == 1
    assert amina.pieces("1.01") == []


def test_an_upload_is_cancelled_and_nothing_of_it_stays(tool: Tool) -> None:
    amina = gatherer(tool)
    begun = amina.begin("Play.mp4", 2 * HALF).get_json()
    amina.send(begun["part"], film()[:HALF])
    assert objects(tool)
    assert amina.finish(begun["cancel"]).status_code == 200
    assert rows(tool) == (0, 0, 0)
    assert objects(tool) == []
    gone = amina.send(begun["part"], b"x", at=HALF)
    assert (gone.status_code, gone.get_json()["error"]["code"]) == (404, "upload-unknown")


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            zipfile.ZipFile(io.BytesIO(files.docx())).read("[Content_Types].xml"),
        )
        archive.writestr("word/document.xml", bytes(300_000_000))
    return target.getvalue()  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("Notes.pdf", files.PDF + files.HTML, "file-two-in-one"),
        ("Tower.jpg", media.photo() + files.docx(), "file-two-in-one"),
        ("Notes.docx", bomb(), "package-bomb"),
        ("Tower.png", media.png_of(30_000, 30_000), "picture-too-large"),
        ("Notes.pdf", files.HTML, "type-unknown"),
        ("Notes.pdf", media.photo(), "type-wrong"),
        ("../../etc/Notes.pdf", files.PDF, "name-path"),
        ("a\\b.pdf", files.PDF, "name-path"),
        ("Notes.pdf.exe", files.PROGRAM, "name-double"),
        ("Notes\u202efdp.exe", files.PROGRAM, "name-control"),
        ("Notes.zip", files.docx(), "archive"),
        ("Tower.svg", files.SVG, "ending-unknown"),
        ("   ", files.PDF, "name-empty"),
    ],
)
def test_what_is_no_evidence_is_refused_in_words_and_leaves_nothing(
    tool: Tool, name: str, content: bytes, code: str
) -> None:
    amina = gatherer(tool)
    assert whole(amina, name, content) == (400, code)
    assert rows(tool) == (0, 0, 0)
    assert objects(tool) == []
    if "\\" in name:
        return  # of a form's file name, what stands before a backslash is no part
    plain = amina.add((name, content))
    assert plain.status_code == 400
    assert 'id="problems"' in plain.text
    assert rows(tool) == (0, 0, 0)
    assert objects(tool) == []


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"size": "5"},
        {"size": True},
        {"size": -1},
        {"size": 0},
        {"size": 10**400},
        {"size": 5.5},
        {"name": None},
        {"name": ["a.pdf"]},
        {"type": 5},
        {"name": "a\0.pdf"},
        {"name": "\ud800.pdf"},
    ],
)
def test_an_upload_that_says_nonsense_is_refused(tool: Tool, sent: dict[str, Any]) -> None:
    amina = gatherer(tool)
    at = f"{amina.path}/task/1.01/evidence/uploads"
    facts = {"name": "a.pdf", "size": 5, "type": ""} | sent if sent else []
    answer = amina.writer.visitor.post_json(at, facts)
    assert answer.status_code in {400, 413}
    assert answer.get_json()["error"]["sentence"]
    assert rows(tool) == (0, 0, 0)


def test_no_room_is_said_before_a_byte_is_sent(tool: Tool) -> None:
    amina = gatherer(tool)
    set_to(tool, evidence_megabytes=50, person_quota_megabytes=60)
    assert amina.begin("Play.mp4", 51_000_000).get_json()["error"]["code"] == "file-too-large"
    assert amina.begin("One.mp4", 40_000_000).status_code == 200
    full = amina.begin("Two.mp4", 40_000_000)
    assert (full.status_code, full.get_json()["error"]["code"]) == (413, "quota-person")
    set_to(tool, organisation_quota_megabytes=41, person_quota_megabytes=60)
    full = amina.begin("Two.mp4", 2_000_000)
    assert full.get_json()["error"]["code"] == "quota-organisation"


def test_more_than_a_plain_form_carries_is_refused_in_words(tool: Tool) -> None:
    amina = gatherer(tool)
    answer = amina.add(("Play.mp4", bytes(16_000_001)))
    assert answer.status_code == 413
    assert "Without the page’s script" in answer.text
    assert rows(tool) == (0, 0, 0)
    assert amina.add(("Play.mp4", bytes(50_000_000))).status_code == 413


def test_a_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(tool: Tool) -> None:
    amina = gatherer(tool)
    content = film()
    begun = amina.begin("Play.mp4", len(content)).get_json()
    with full_disk(3_000_000):
        full = amina.send(begun["part"], content)
    assert (full.status_code, full.get_json()["error"]["code"]) == (503, "storage-away")
    assert full.headers["Retry-After"]
    amina.send(begun["part"], content)
    with full_disk(10_000_000):
        assert amina.finish(begun["done"]).status_code == 503
    assert rows(tool) == (0, 0, 1)
    assert amina.finish(begun["done"]).status_code == 200
    assert rows(tool) == (1, 1, 0)


def test_a_store_that_is_away_is_said_and_nothing_is_lost(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    begun = amina.begin("Notes.pdf", len(files.PDF)).get_json()
    amina.send(begun["part"], files.PDF)
    here = tool.runtime.settings.storage_url
    set_to(tool, storage_url="http://127.0.0.1:9/nothing")
    for answer in (
        amina.look(piece),
        amina.finish(begun["done"]),
        amina.add(("One.pdf", files.PDF)),
    ):
        assert answer.status_code == 503, answer.text
    set_to(tool, storage_url=here)
    assert amina.look(piece).status_code == 200
    assert amina.finish(begun["done"]).status_code == 200
    assert rows(tool) == (2, 2, 0)


def test_what_is_left_lying_is_swept(tool: Tool) -> None:
    amina = gatherer(tool)
    begun = amina.begin("Play.mp4", 2 * HALF).get_json()
    amina.send(begun["part"], film()[:HALF])
    gone = amina.give("Gone.pdf", files.PDF)
    amina.act(gone, "remove")
    kept = amina.give()
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)
        for chore in chores(tool.runtime):  # what the first round let go of
            with tool.database.transaction() as session:
                chore(session)
    assert rows(tool) == (1, 1, 0)
    assert len(objects(tool)) == 2  # the picture and its preview
    amina = gatherer(tool)  # the session ended meanwhile
    assert amina.pieces() == [kept]
    assert amina.act(gone, "restore").status_code == 404


def test_a_file_is_checked_for_viruses_before_anybody_gets_it(tool: Tool) -> None:
    amina = gatherer(tool)
    with clamd() as (address, _daemon):
        set_to(tool, clamav=address)
        piece = amina.give()
        assert "being checked for viruses" in amina.panel()
        assert f"/evidence/{piece}/preview" not in amina.panel()
        assert amina.look(piece).status_code == 409
        make_worker(tool.runtime).drain()
        assert amina.look(piece).status_code == 200
        assert f"/evidence/{piece}/preview" in amina.panel()
        infected = files.PDF[:9] + b"%" + EICAR + b"\n" + files.PDF[9:]
        bad = amina.give("Bad.pdf", infected)
        make_worker(tool.runtime).drain()
        assert "A virus was found in this file" in amina.panel()
        assert amina.look(bad).status_code == 403
