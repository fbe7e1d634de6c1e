"""Uploads as tests make them: in parts of any size, over any connection."""

import io
from dataclasses import dataclass, field

from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.storage.queries import FileView
from lti_tool.storage.uploads.finishing import finish_upload
from lti_tool.storage.uploads.queries import UploadView
from lti_tool.storage.uploads.receiving import receive_part
from lti_tool.storage.uploads.rules import Limits, Wish
from lti_tool.storage.uploads.services import begin_upload
from tests.tool import Tool, Visitor

LIMITS = Limits(file=100_000_000, person=200_000_000, organisation=300_000_000)


@dataclass
class CutShort:
    """A body whose connection is cut after some bytes."""

    content: bytes
    after: int
    read_so_far: int = field(default=0)

    def read(self, size: int, /) -> bytes:
        end = min(self.read_so_far + size, self.after)
        step = self.content[self.read_so_far : end]
        self.read_so_far += len(step)
        return step


def blobs_of(tool: Tool) -> Blobs:
    return open_blobs(tool.runtime.settings)


def begin(tool: Tool, who: Visitor, name: str, size: int, limits: Limits = LIMITS) -> UploadView:
    with tool.database.transaction() as session:
        return begin_upload(session, who.actor, Wish(name, size, "text/html"), limits)


def send(tool: Tool, who: Visitor, upload: UploadView, content: bytes, at: int = 0) -> UploadView:
    body = io.BytesIO(content)
    return receive_part(tool.database, blobs_of(tool), who.actor, upload.public_id, at, body)


def finish(tool: Tool, who: Visitor, upload: UploadView, *, scan: bool = False) -> FileView:
    return finish_upload(tool.database, blobs_of(tool), who.actor, upload.public_id, scan=scan)


def give(tool: Tool, who: Visitor, name: str, content: bytes, *, scan: bool = False) -> FileView:
    """Uploads a whole file and returns it."""
    upload = begin(tool, who, name, len(content))
    send(tool, who, upload, content)
    return finish(tool, who, upload, scan=scan)


def objects(tool: Tool) -> list[str]:
    """The names of everything in the store."""
    folder = tool.runtime.settings.storage
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
