"""Bytes by content, per organisation: one interface over a local folder and S3."""

import hashlib
import re
from dataclasses import dataclass

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from lti_tool.kernel.errors import NotFound, Unavailable
from lti_tool.kernel.settings import Settings
from lti_tool.kernel.text import N_

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Blobs:
    """A store of byte strings. A name is an organisation's number and the SHA-256 of the content.

    Storing the same content again is harmless, and one organisation's names never lead to
    another's bytes. Calls may reach a server elsewhere: make none inside a transaction that
    holds locks longer than it must.
    """

    store: ObjectStore

    @staticmethod
    def digest(content: bytes) -> str:
        """Returns the name of a content, 64 hexadecimal digits; stores nothing."""
        return hashlib.sha256(content).hexdigest()

    def put(self, organisation_id: int, content: bytes) -> str:
        """Stores the content and returns its digest, 64 hexadecimal digits.

        Raises `Unavailable` when the store does not take it.
        """
        digest = self.digest(content)
        try:
            self.store.put(_name(organisation_id, digest), content)
        except BaseError as error:
            raise _away(error) from None
        return digest

    def get(self, organisation_id: int, digest: str) -> bytes:
        """Returns the content; raises `NotFound` where there is none, `Unavailable`."""
        try:
            return bytes(self.store.get(_name(organisation_id, digest)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NotFound(N_("This file is no longer kept here."), code="file-gone") from None
        except BaseError as error:
            raise _away(error) from None

    def delete(self, organisation_id: int, digest: str) -> None:
        """Removes the content; nothing happens where there is none. Raises `Unavailable`."""
        try:
            self.store.delete(_name(organisation_id, digest))
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise _away(error) from None


def open_blobs(settings: Settings) -> Blobs:
    """Returns the store that the settings name: a local folder, made if need be, or a URL."""
    if not settings.storage_url or settings.storage_url.startswith("file://"):
        folder = settings.storage.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return Blobs(LocalStore(folder))
    return Blobs(from_url(settings.storage_url))


def _name(organisation_id: int, digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise NotFound(N_("This file is no longer kept here."), code="file-gone")
    return f"{organisation_id}/{digest[:2]}/{digest}"


def _away(error: BaseError) -> Unavailable:
    return Unavailable(
        N_("The store for files does not answer."),
        code="storage-away",
        advice=N_("Try again in a minute."),
        detail=type(error).__name__,
    )
