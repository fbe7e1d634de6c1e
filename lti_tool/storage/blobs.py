"""Bytes by content, per organisation: one interface over a local folder and S3."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from obstore import open_writer
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from lti_tool.kernel.errors import NotFound, Unavailable
from lti_tool.kernel.settings import Settings
from lti_tool.kernel.text import N_

if TYPE_CHECKING:
    from obstore import WritableFile

# How much of a large content is in memory at once.
STEP = 1_000_000
# S3 takes parts of 5 MB and more. One at a time: more would each stand in memory.
_MULTIPART = 5 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BLOB = re.compile(r"(\d+)/[0-9a-f]{2}/([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written under a name of its own: its digest and its size in bytes."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of the store: its name, and when it was last written."""

    name: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Blobs:
    """A store of byte strings. A name is an organisation's number and the SHA-256 of the content.

    Storing the same content again is harmless, and one organisation's names never lead to
    another's bytes. Calls may reach a server elsewhere: make none inside a transaction that
    holds locks longer than it must. What is too large for memory is first written under a name
    of its own (`write`), then named by its content (`adopt`).
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
        with _asked():
            self.store.put(_name(organisation_id, digest), content)
        return digest

    def get(self, organisation_id: int, digest: str) -> bytes:
        """Returns the content; raises `NotFound` where there is none, `Unavailable`."""
        with _asked():
            return bytes(self.store.get(_name(organisation_id, digest)).bytes())

    def delete(self, organisation_id: int, digest: str) -> None:
        """Removes the content; nothing happens where there is none. Raises `Unavailable`."""
        self.discard(_name(organisation_id, digest))

    def stream(self, organisation_id: int, digest: str, start: int, size: int) -> Iterator[bytes]:
        """Yields `size` bytes from `start` in steps; raises `NotFound`, `Unavailable`."""
        name, end = _name(organisation_id, digest), start + size
        while start < end:
            step = self.read(name, start, min(STEP, end - start))
            if not step:
                raise _gone()
            yield step
            start += len(step)

    def adopt(self, written: Written, organisation_id: int) -> None:
        """Names what was written by its content. It is all there at once, or not at all.

        What was written stays under its own name too, until it is discarded. On a disk no byte
        is copied. Raises `NotFound` when it is gone, `Unavailable`.
        """
        with _asked():
            self.store.copy(written.name, _name(organisation_id, written.digest))

    def write(self, name: str, steps: Iterable[bytes]) -> Written:
        """Writes steps of bytes under a name of their own; nothing stands there if one fails.

        Raises `Unavailable` when the store does not take them.
        """
        found, size = hashlib.sha256(), 0
        with _asked():
            writer = open_writer(self.store, name, buffer_size=_MULTIPART, max_concurrency=1)
            try:
                for step in steps:
                    found.update(step)
                    size += len(step)
                    writer.write(step)
                writer.close()
            except BaseException:
                self._take_back(writer, name)
                raise
        return Written(name, found.hexdigest(), size)

    def read(self, name: str, start: int, size: int) -> bytes:
        """Returns up to `size` bytes of what stands under a name; raises as `get` does."""
        with _asked():
            return bytes(self.store.get_range(name, start=start, length=size))

    def discard(self, name: str) -> None:
        """Removes what stands under a name; nothing happens where nothing does."""
        try:
            with _asked():
                self.store.delete(name)
        except NotFound:
            return

    def listed(self, prefix: str = "", *, after: str = "", most: int = 1_000) -> list[Listed]:
        """Returns up to `most` objects in the order of the store, those after a name."""
        found: list[Listed] = []
        with _asked():
            for batch in self.store.list(prefix or None, offset=after or None, chunk_size=most):
                found += [Listed(str(o["path"]), o["last_modified"]) for o in batch]
                if len(found) >= most and not self.folder:
                    break
        # A folder is walked in an order of its own, so that all of it must be seen.
        return sorted(found, key=lambda o: o.name)[:most] if self.folder else found[:most]

    def written_at(self, organisation_id: int, digest: str) -> datetime:
        """Returns when the content was last written; raises `NotFound`, `Unavailable`."""
        with _asked():
            return self.store.head(_name(organisation_id, digest))["last_modified"]

    def _take_back(self, writer: "WritableFile", name: str) -> None:
        """Ends a write that failed, so that nothing of it is left, or else the sweep finds it."""
        with suppress(BaseError, OSError):
            writer.close()
        with suppress(Unavailable):
            self.discard(name)

    @property
    def folder(self) -> Path | None:
        """The folder of a store on this machine's disk; None for one elsewhere."""
        if isinstance(self.store, LocalStore) and self.store.prefix:
            return Path(self.store.prefix)
        return None


def blob_of(name: str) -> tuple[int, str] | None:
    """Returns the organisation and digest that an object's name says, or None for another kind."""
    found = _BLOB.fullmatch(name)
    return (int(found[1]), found[2]) if found else None


def open_blobs(settings: Settings) -> Blobs:
    """Returns the store that the settings name: a local folder, made if need be, or a URL.

    Raises `Unavailable` where the folder is not there and cannot be made.
    """
    if not settings.storage_url or settings.storage_url.startswith("file://"):
        folder = settings.storage.resolve()
        with _asked():
            folder.mkdir(parents=True, exist_ok=True)
            return Blobs(LocalStore(folder))
    return Blobs(from_url(settings.storage_url))


def _name(organisation_id: int, digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise _gone()
    return f"{organisation_id}/{digest[:2]}/{digest}"


@contextmanager
def _asked() -> Iterator[None]:
    """Says in our words what the store answered: nothing there, or it does not take or give."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise _gone() from None
    except (BaseError, OSError) as error:
        raise Unavailable(
            N_("The store for files does not answer."),
            code="storage-away",
            advice=N_("Try again in a minute."),
            detail=type(error).__name__,
        ) from None


def _gone() -> NotFound:
    return NotFound(N_("This file is no longer kept here."), code="file-gone")
