"""A store that is not a folder of this machine: the same uploads, downloads and sweep."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from obstore.store import MemoryStore, S3Store

from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound, Unavailable
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.sweeping import Sweep
from lti_tool.storage.uploads.finishing import finish_upload
from lti_tool.storage.uploads.receiving import receive_part
from lti_tool.wiring.messages import NAMES_OF_BLOBS
from tests.storage import media
from tests.storage.test_uploads import LONG_PDF
from tests.storage.uploading import CutShort, begin
from tests.tool import Tool

# An S3 server to try, such as moto's: TRY_S3=http://127.0.0.1:5000, with a bucket "try".
S3 = os.environ.get("TRY_S3", "")


@pytest.fixture(
    params=[
        "memory",
        pytest.param("s3", marks=pytest.mark.skipif(not S3, reason="no S3 server was named")),
    ]
)
def blobs(request: pytest.FixtureRequest) -> Blobs:
    return Blobs(MemoryStore()) if request.param == "memory" else s3(S3)


def s3(endpoint: str) -> Blobs:
    return Blobs(
        S3Store(
            "try",
            prefix=uuid4().hex,
            endpoint=endpoint,
            region="us-east-1",
            access_key_id="try",
            secret_access_key="try",
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
        )
    )


def names(blobs: Blobs) -> list[str]:
    return [listed.name for listed in blobs.listed()]


def test_a_file_is_uploaded_read_in_part_and_swept(tool: Tool, blobs: Blobs) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(LONG_PDF))
    for at in (0, 4_000_000):
        body = CutShort(LONG_PDF[at:], after=6_000_000)
        receive_part(tool.database, blobs, amina.actor, upload.public_id, at, body)
    file = finish_upload(tool.database, blobs, amina.actor, upload.public_id, scan=False)
    assert names(blobs) == [f"{file.organisation_id}/{file.digest[:2]}/{file.digest}"]
    part = b"".join(blobs.stream(file.organisation_id, file.digest, 100, 2_500_000))
    assert part == LONG_PDF[100:2_500_100]
    blobs.put(file.organisation_id, b"orphan")
    with time_machine.travel(clock.now() + timedelta(hours=25)), tool.database.transaction() as s:
        assert Sweep(blobs, NAMES_OF_BLOBS).round(s) == 1
    assert len(names(blobs)) == 1


def test_a_picture_is_prepared_and_what_is_not_there_is_not_found(tool: Tool, blobs: Blobs) -> None:
    amina = tool.sign_in("amina")
    photo = media.photo()
    upload = begin(tool, amina, "a.jpg", len(photo))
    body = CutShort(photo, after=len(photo))
    receive_part(tool.database, blobs, amina.actor, upload.public_id, 0, body)
    file = finish_upload(tool.database, blobs, amina.actor, upload.public_id, scan=False)
    assert len(names(blobs)) == 2
    with pytest.raises(NotFound):
        list(blobs.stream(file.organisation_id, "0" * 64, 0, 5))
    blobs.delete(file.organisation_id, "0" * 64)
    blobs.discard("uploads/nothing/here")


def test_listing_goes_on_behind_a_name(blobs: Blobs) -> None:
    for number in range(5):
        blobs.put(1, bytes([number]))
    first = [listed.name for listed in blobs.listed(most=2)]
    rest = [listed.name for listed in blobs.listed(after=first[-1])]
    assert first + rest == names(blobs)
    assert len(first) == 2


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    away = s3("http://127.0.0.1:9")
    for asked in (
        lambda: away.put(1, b"x"),
        lambda: away.write("x", [b"x"]),
        lambda: away.listed(),
    ):
        with pytest.raises(Unavailable):
            asked()
