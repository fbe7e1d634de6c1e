"""Parts of files as requests bring them: limits, cut connections, wrong headers."""

import io

import pytest
from flask import Flask

from lti_tool.kernel.errors import ImhcfError
from lti_tool.web.uploads import PART_TYPES, PartBody, sent_part

TYPE = "application/offset+octet-stream"


class Cut(io.BytesIO):
    """A stream whose other side goes away."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) or self._gone()

    def _gone(self) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize("media_type", sorted(PART_TYPES))
def test_a_part_says_where_it_begins_and_is_read_in_steps(media_type: str) -> None:
    headers = {"Upload-Offset": "70"}
    with Flask("x").test_request_context(
        method="PATCH", data=b"x" * 100, headers=headers, content_type=media_type
    ):
        part = sent_part(100)
        assert (part.offset, part.length) == (70, 100)
        assert [len(part.body.read(60)) for _ in range(3)] == [60, 40, 0]
        assert not part.body.was_cut


@pytest.mark.parametrize(
    ("media_type", "offset", "size", "code"),
    [
        ("text/plain", "0", 10, "part-media-type"),
        (TYPE, None, 10, "part-offset"),
        (TYPE, "", 10, "part-offset"),
        (TYPE, "-1", 10, "part-offset"),
        (TYPE, "1.5", 10, "part-offset"),
        (TYPE, "٣", 10, "part-offset"),
        (TYPE, "9" * 16, 10, "part-offset"),
        (TYPE, "0", 101, "part-too-large"),
    ],
)
def test_a_wrong_part_is_refused_before_it_is_read(
    media_type: str, offset: str | None, size: int, code: str
) -> None:
    environ = {} if offset is None else {"HTTP_UPLOAD_OFFSET": offset}
    with (
        Flask("x").test_request_context(
            method="PATCH", data=b"x" * size, environ_overrides=environ, content_type=media_type
        ),
        pytest.raises(ImhcfError) as refused,
    ):
        sent_part(100)
    assert refused.value.code == code


def test_a_part_of_unknown_length_is_refused() -> None:
    with (
        Flask("x").test_request_context(
            method="PATCH", headers={"Upload-Offset": "0"}, content_type=TYPE
        ),
        pytest.raises(ImhcfError) as refused,
    ):
        sent_part(100)
    assert refused.value.code == "part-length"


def test_a_cut_connection_ends_the_body_and_says_so() -> None:
    body = PartBody(Cut(b"x" * 10), 100)
    assert body.read(50) == b"x" * 10
    assert body.read(50) == b""
    assert body.was_cut
    assert body.read(50) == b""
