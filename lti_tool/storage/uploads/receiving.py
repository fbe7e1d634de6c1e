"""Receiving a part: stored piece by piece, each noted as soon as it is safe."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import Database
from lti_tool.kernel.errors import ImhcfError, Unavailable
from lti_tool.kernel.secrets import new_public_id
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.uploads.queries import PieceView, UploadView, upload_of
from lti_tool.storage.uploads.rules import PIECE, check_offset, too_long
from lti_tool.storage.uploads.services import note_piece

FOLDER = "uploads"
_READ = 65_536


class Body(Protocol):
    """A stream of bytes that ends early, without an error, where the connection is cut."""

    def read(self, size: int, /) -> bytes:
        """Returns up to so many bytes; none at the end."""


def receive_part(
    database: Database, blobs: Blobs, actor: Actor, public_id: str, offset: int, body: Body
) -> UploadView:
    """Stores what comes of a part that begins at `offset`, and returns how far the upload is.

    A part may come again after a cut connection: what is stored already is passed over. Call
    it outside any transaction; a few MB are in memory at most. Raises `NotFound`, `Conflict`
    for a gap or when another request is faster, `TooLarge`, `InvalidInput`, and `Unavailable`
    when the store takes no more. Whatever happens, each piece is noted after it is stored.
    """
    with database.transaction(write=False) as session:
        upload = upload_of(session, actor.person_id, public_id)
    if upload.file_id is not None:
        return upload
    if not _pass_over(body, check_offset(offset, upload.received, upload.size)):
        return upload
    while content := _fill(body, min(PIECE, upload.size - upload.received)):
        upload = _store(database, blobs, upload, content)
    if upload.is_complete and body.read(1):
        raise too_long()
    return upload


def object_folder(public_id: str) -> str:
    """Returns the beginning of the names of an upload's objects."""
    return f"{FOLDER}/{public_id}/"


def object_name(upload: UploadView, what: str) -> str:
    """Returns a name that nothing else of this upload has."""
    return f"{object_folder(upload.public_id)}{what}-{new_public_id()}"


def _store(database: Database, blobs: Blobs, upload: UploadView, content: bytes) -> UploadView:
    name = object_name(upload, f"{upload.received:015}")
    blobs.write(name, [content])
    piece = PieceView(upload.received, len(content), name)
    try:
        with database.transaction() as session:
            return note_piece(session, upload, piece)
    except ImhcfError:
        with suppress(Unavailable):  # else the sweep finds it
            blobs.discard(name)
        raise


def _fill(body: Body, size: int) -> bytes:
    """Returns the next bytes of the body: `size` of them, or what comes before it ends."""
    return b"".join(_steps(body, size))


def _pass_over(body: Body, size: int) -> bool:
    """Reads so many bytes and forgets them; says whether they all came."""
    return size == sum(len(step) for step in _steps(body, size))


def _steps(body: Body, size: int) -> Iterator[bytes]:
    while size and (step := body.read(min(_READ, size))):
        size -= len(step)
        yield step
