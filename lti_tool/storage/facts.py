"""A file as every room reads it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool.storage.rules import FileStatus
from lti_tool.storage.scanning.rules import Scan


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as services and pages read it; `size` is in bytes, `digest` names its blob.

    `width` and `height` are a picture's, in pixels; `preview_digest` names its preview.
    """

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    name: str
    media_type: str
    size: int
    digest: str
    status: FileStatus
    created_at: datetime
    removed_at: datetime | None
    scan: Scan = Scan.NOT_ASKED
    scan_note: str = ""
    scanned_at: datetime | None = None
    width: int | None = None
    height: int | None = None
    preview_digest: str | None = None
    preview_size: int | None = None
