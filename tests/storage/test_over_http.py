"""Uploads and downloads through the application: its guards, form check, limits and headers.

The pages are other rooms'; these views are as thin as theirs are meant to be.
"""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import hand_out
from lti_tool.storage.queries import file_in_organisation
from lti_tool.storage.uploads.finishing import finish_upload
from lti_tool.storage.uploads.receiving import receive_part
from lti_tool.storage.uploads.rules import LARGEST_PART
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime
from lti_tool.web.uploads import sent_part, takes_up_to
from tests.storage import media
from tests.storage.uploading import begin
from tests.tool import Tool, Visitor

TYPE = "application/offset+octet-stream"


@learner
@takes_up_to(LARGEST_PART)
def part(actor: Actor, upload: str) -> ResponseReturnValue:
    sent = sent_part(LARGEST_PART)
    close_transaction()  # nothing is held while the bytes come
    blobs = open_blobs(runtime().settings)
    stands = receive_part(runtime().database, blobs, actor, upload, sent.offset, sent.body)
    return jsonify(received=stands.received)


@learner
def done(actor: Actor, upload: str) -> ResponseReturnValue:
    close_transaction()
    blobs = open_blobs(runtime().settings)
    file = finish_upload(runtime().database, blobs, actor, upload, scan=False)
    return jsonify(file=file.id, name=file.name)


@learner
def content(actor: Actor, file: int) -> Response:
    found = file_in_organisation(db(), actor.organisation_id, file)
    assert found
    is_owner = found.person_id == actor.person_id
    blobs = open_blobs(runtime().settings)
    return hand_out(blobs, found, is_owner=is_owner, may_see=is_owner, inline=True)


def with_views(tool: Tool) -> Visitor:
    for name, view, method in (("part", part, "PATCH"), ("done", done, "POST")):
        rule = f"/at/<slot>/try/{name}/<upload>"
        tool.app.add_url_rule(rule, f"try-{name}", view, methods=[method])
    tool.app.add_url_rule("/at/<slot>/try/content/<int:file>", "try-content", content)
    return tool.sign_in("amina")


def test_a_film_goes_up_in_parts_and_comes_back_in_parts(tool: Tool) -> None:
    amina = with_views(tool)
    film = media.mp4()
    upload = begin(tool, amina, "Play.mp4", len(film))
    at = f"/at/{amina.slot}/try"
    headers = {"X-CSRFToken": amina.csrf_token(), "Accept": "application/json"}
    for start in range(0, len(film), 500):
        sent = amina.client.patch(
            f"{at}/part/{upload.public_id}",
            data=film[start : start + 500],
            headers=headers | {"Upload-Offset": str(start)},
            content_type=TYPE,
        )
        assert (sent.status_code, sent.json) == (200, {"received": min(start + 500, len(film))})
    made = amina.client.post(f"{at}/done/{upload.public_id}", headers=headers)
    assert made.json
    assert made.json["name"] == "Play.mp4"
    played = amina.client.get(f"{at}/content/{made.json['file']}", headers={"Range": "bytes=4-11"})
    assert (played.status_code, played.data) == (206, b"ftypisom")
    assert played.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert played.headers["Cache-Control"] == "private, no-store"
    assert played.headers["Content-Range"] == f"bytes 4-11/{len(film)}"


def test_a_part_without_the_pages_secret_or_too_large_is_refused(tool: Tool) -> None:
    amina = with_views(tool)
    upload = begin(tool, amina, "Play.mp4", 50_000_000)
    address = f"/at/{amina.slot}/try/part/{upload.public_id}"
    headers = {"Upload-Offset": "0", "Accept": "application/json"}
    foreign = amina.client.patch(address, data=b"x", headers=headers, content_type=TYPE)
    assert foreign.status_code == 400
    headers["X-CSRFToken"] = amina.csrf_token()
    large = amina.client.patch(
        address, data=bytes(LARGEST_PART + 1), headers=headers, content_type=TYPE
    )
    assert large.status_code == 413
    assert large.json
    assert large.json["error"]["sentence"].endswith(".")
    gap = amina.client.patch(
        address, data=b"x", headers=headers | {"Upload-Offset": "9"}, content_type=TYPE
    )
    assert gap.status_code == 409
    assert gap.json
    assert gap.json["error"]["code"] == "upload-gap"
