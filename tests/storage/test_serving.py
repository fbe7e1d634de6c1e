"""Handing files out: whole or in part, to be saved or shown where nothing runs, to whom it may be."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask import Response

from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound, Unavailable
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.downloads import hand_out, show_preview
from lti_tool.storage.queries import FileView
from lti_tool.storage.ranges import Part, Unsatisfiable, is_known, part_asked
from lti_tool.storage.scanning.rules import Scan, Serving, serving
from tests.storage import files, media
from tests.storage.uploading import blobs_of, give
from tests.tool import Tool

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "if_range", "part"),
    [
        ("", "", None),
        ("bytes=0-", "", Part(0, 1_000)),
        ("bytes=0-0", "", Part(0, 1)),
        ("bytes=10-19", "", Part(10, 10)),
        ("bytes=990-5000", "", Part(990, 10)),
        ("bytes=-10", "", Part(990, 10)),
        ("bytes=-5000", "", Part(0, 1_000)),
        ("bytes=10-19", ETAG, Part(10, 10)),
        ("bytes=10-19", '"other"', None),
        ("bytes=10-19", 'W/"abc"', None),
        ("bytes=10-19", "Sun, 22 Nov 2026 00:00:00 GMT", None),
        ("bytes=0-1,5-6", "", None),
        ("bytes=19-10", "", None),
        ("bytes=-", "", None),
        ("lines=0-1", "", None),
        ("bytes=a-b", "", None),
        ("bytes=" + "9" * 400 + "-", "", None),
    ],
)
def test_a_part_is_what_the_headers_ask_for(header: str, if_range: str, part: Part | None) -> None:
    assert part_asked(header, if_range, ETAG, 1_000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_behind_the_end_cannot_be_had(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        part_asked(header, "", ETAG, 1_000)


def test_a_version_that_the_browser_holds_is_known() -> None:
    assert is_known('"x", W/"abc"', ETAG)
    assert is_known("*", ETAG)
    assert not is_known('"x"', ETAG)
    assert not is_known("", ETAG)


@pytest.mark.parametrize("scan", Scan)
def test_nobody_but_the_owner_hears_of_a_file_that_is_not_clean_and_nobody_gets_it(
    scan: Scan,
) -> None:
    is_given = scan in {Scan.CLEAN, Scan.NOT_ASKED}
    owner = serving(scan, is_owner=True, may_see=False)
    assessor = serving(scan, is_owner=False, may_see=True)
    assert serving(scan, is_owner=False, may_see=False) is Serving.NOTHING
    assert (owner is Serving.CONTENT) == (assessor is Serving.CONTENT) == is_given
    if not is_given:
        assert assessor is Serving.NOTHING
        told = Serving.INFECTED if scan is Scan.INFECTED else Serving.BEING_CHECKED
        assert owner is told


@pytest.fixture
def film(tool: Tool) -> FileView:
    return give(tool, tool.sign_in("amina"), "Play.mp4", media.mp4())


def ask(
    tool: Tool, file: FileView, *, inline: bool = True, method: str = "GET", **headers: str
) -> Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with tool.app.test_request_context("/", method=method, headers=given):
        response = hand_out(blobs_of(tool), file, is_owner=True, may_see=True, inline=inline)
        response.get_data()
        return response


def test_a_film_is_played_in_parts(tool: Tool, film: FileView) -> None:
    content = blobs_of(tool).get(film.organisation_id, film.digest)
    whole = ask(tool, film)
    assert (whole.status_code, whole.get_data()) == (200, content)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["ETag"] == f'"{film.digest}"'
    part = ask(tool, film, Range="bytes=100-199")
    assert (part.status_code, part.get_data()) == (206, content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert part.headers["Content-Length"] == "100"
    assert ask(tool, film, Range="bytes=5-9", If_Range='"old"').status_code == 200
    beyond = ask(tool, film, Range="bytes=99999999-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert ask(tool, film, If_None_Match=f'"{film.digest}"').status_code == 304
    head = ask(tool, film, method="HEAD")
    assert (head.get_data(), head.headers["Content-Length"]) == (b"", str(len(content)))


def test_what_is_shown_can_run_nothing_and_what_is_not_shown_is_saved(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    film = give(tool, amina, "Play.mp4", media.mp4())
    shown, saved = ask(tool, film), ask(tool, film, inline=False)
    paper = ask(tool, give(tool, amina, "Żółć.pdf", files.PDF))
    assert "Content-Disposition" not in shown.headers
    for response in (saved, paper):
        assert response.headers["Content-Disposition"].startswith("attachment;")
    for response in (shown, saved, paper):
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "private, no-store"
    assert "script" not in shown.headers["Content-Security-Policy"]
    assert shown.content_type == "video/mp4"


def test_a_picture_has_a_preview_and_a_document_none(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    photo, paper = give(tool, amina, "a.jpg", media.photo()), give(tool, amina, "a.pdf", files.PDF)
    with tool.app.test_request_context("/"):
        shown = show_preview(blobs_of(tool), photo, is_owner=False, may_see=True)
        assert shown.content_type == "image/webp"
        assert len(shown.get_data()) == photo.preview_size
        with pytest.raises(NotFound):
            show_preview(blobs_of(tool), paper, is_owner=True, may_see=True)


def test_who_may_not_see_a_file_is_told_that_there_is_none(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    waiting = give(tool, amina, "a.jpg", media.photo(), scan=True)
    with tool.app.test_request_context("/"):
        for give_it in (hand_out, show_preview):
            for sees in (True, False):
                with pytest.raises(NotFound):
                    give_it(blobs_of(tool), waiting, is_owner=False, may_see=sees)
            with pytest.raises(Conflict) as told:
                give_it(blobs_of(tool), waiting, is_owner=True, may_see=True)
            assert told.value.code == "file-being-checked"


def test_a_store_that_is_away_is_said_before_anything_is_sent(tool: Tool, film: FileView) -> None:
    def refuse(_step: int) -> bytes:
        raise Unavailable("away")

    def away(*_given: object) -> Iterator[bytes]:
        return map(refuse, range(3))

    with patch.object(Blobs, "stream", away), pytest.raises(Unavailable):
        ask(tool, film)


def test_a_blob_that_is_gone_is_not_found(tool: Tool, film: FileView) -> None:
    blobs_of(tool).delete(film.organisation_id, film.digest)
    with pytest.raises(NotFound):
        ask(tool, film)


def test_an_infected_file_is_refused_with_what_to_do() -> None:
    from dataclasses import replace

    from lti_tool.kernel import clock
    from lti_tool.storage.downloads import check_serving
    from lti_tool.storage.rules import FileStatus

    file = FileView(1, "x", 1, 1, "a.pdf", "", 1, "", FileStatus.KEPT, clock.now(), None)
    with pytest.raises(NotAllowed) as refused:
        check_serving(replace(file, scan=Scan.INFECTED), is_owner=True, may_see=True)
    assert refused.value.advice
