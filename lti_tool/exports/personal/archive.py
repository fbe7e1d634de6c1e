"""The zip of a record: written whole before a byte of it is sent, and opened with suspicion."""

import hashlib
import stat
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from pydantic import ValidationError

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.bounds import PAGE, RECORD
from lti_tool.exports.personal.consistency import check_consistency
from lti_tool.exports.personal.queries import Held
from lti_tool.exports.personal.refusals import refused, refused_field
from lti_tool.exports.personal.rules import (
    MEGABYTE,
    MOST_ENTRIES,
    MOST_RATIO,
    MOST_RECORD,
    MOST_UNPACKED,
    MOST_ZIP,
    SCHEMA,
    is_file_name,
)
from lti_tool.kernel.errors import ImhcfError, NotFound
from lti_tool.kernel.text import N_

# APPNOTE 6.3.10, 4.3.16: the last record of a zip without a comment, and the locator of a
# 64-bit one, which no record needs.
_END, _END_LENGTH, _END64 = b"PK\x05\x06", 22, b"PK\x06\x07"
_LARGEST_DIRECTORY = 512 * MOST_ENTRIES
_ENCRYPTED = 0x1
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

_AS_DOWNLOADED = N_("Bring the zip as it was downloaded, unchanged.")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A zip that was found to be a record. Its files are read one by one."""

    record: shapes.Record
    zip: zipfile.ZipFile

    def content(self, file: shapes.File) -> bytes:
        """Returns the bytes of a file of the record; raises `InvalidInput` when damaged."""
        return _read(self.zip, file.path, file.size)


def write_record(
    target: BinaryIO,
    held: Held,
    page: Callable[[shapes.Record], str],
    read_blob: Callable[[str], bytes],
) -> None:
    """Writes the zip of a record; at most one certificate is in memory at a time.

    A certificate that the store no longer has is left out of the zip and of the record: the
    rest is the person's all the same. Raises `Unavailable` when the store does not answer.
    """
    lost = set()
    with zipfile.ZipFile(target, "w") as archive:
        for file in held.record.files:
            try:
                content = read_blob(held.digests[file.path])
            except NotFound:
                lost.add(file.id)
                continue
            archive.writestr(_info(file.path, held.record.written_at), content)
        record = _without(held.record, lost)
        for name, text in (
            (RECORD, record.model_dump_json(indent=1, warnings=False)),
            (PAGE, page(record)),
        ):
            info = _info(name, record.written_at)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)


def open_record(source: BinaryIO, *, tried: Callable[[str, bytes], object]) -> Parcel:
    """Returns the record in a zip, everything in it checked; `tried` refuses a file by its content.

    Raises `InvalidInput` or `TooLarge`, which name what is wrong and what was expected. Nothing
    is unpacked but the record and, one at a time, the files that it names.
    """
    _check_end(source)
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError):
        raise refused(N_("the zip"), _AS_DOWNLOADED, code="record-not-a-zip") from None
    _check_entries(archive.infolist())
    record = _parse(_read(archive, RECORD, MOST_RECORD))
    check_consistency(record)
    parcel = Parcel(record, archive)
    _check_files(parcel, {info.filename for info in archive.infolist()}, tried)
    return parcel


def _info(name: str, written_at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, written_at.timetuple()[:6])
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


def _without(record: shapes.Record, lost: Collection[str]) -> shapes.Record:
    if not lost:
        return record
    entries = [
        entry.model_copy(update={"file": None}) if entry.file in lost else entry
        for entry in record.training_records
    ]
    files = [file for file in record.files if file.id not in lost]
    return record.model_copy(update={"files": files, "training_records": entries})


def _check_end(source: BinaryIO) -> None:
    """Bounds the size of the table of contents, which is read whole, before it is read."""
    size = source.seek(0, 2)
    if size > MOST_ZIP:
        raise refused(
            N_("the zip"),
            N_("It may have 100 MB."),
            code="record-too-large",
            too_large=True,
        )
    source.seek(max(0, size - _END_LENGTH - 20))
    tail = source.read()
    end = tail[-_END_LENGTH:]
    directory = int.from_bytes(end[12:16], "little")
    if not end.startswith(_END) or end[20:22] != b"\0\0" or _END64 in tail[:-_END_LENGTH]:
        raise refused(N_("the zip"), _AS_DOWNLOADED, code="record-not-a-zip")
    if int.from_bytes(end[10:12], "little") > MOST_ENTRIES or directory > _LARGEST_DIRECTORY:
        raise refused(N_("the zip"), _AS_DOWNLOADED, code="record-too-many-entries")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if RECORD not in names:
        raise refused(RECORD, _AS_DOWNLOADED, code="record-missing")
    if len(names) != len(set(names)):
        raise refused(N_("the zip"), _AS_DOWNLOADED, code="record-name-twice")
    for entry in entries:
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise refused(
            N_("the zip"),
            N_("Unpacked it may have 200 MB."),
            code="record-too-large",
            too_large=True,
        )


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """A name of ours, a plain file, not encrypted, packed as far as such a file can be."""
    name = entry.filename
    # `orig_filename` holds what `filename` was cut or changed from: a NUL, a backslash.
    if entry.orig_filename != name or not (name in {RECORD, PAGE} or is_file_name(name)):
        raise refused(_shown(entry.orig_filename), _AS_DOWNLOADED, code="record-name-unknown")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise refused(name, N_("A plain file was expected."), code="record-not-a-file")
    if entry.flag_bits & _ENCRYPTED:
        raise refused(name, N_("A zip without a password was expected."), code="record-encrypted")
    if entry.compress_type not in _PACKED:
        raise refused(name, _AS_DOWNLOADED, code="record-packed-otherwise")
    is_dense = entry.file_size > MEGABYTE and entry.file_size > MOST_RATIO * entry.compress_size
    if name != RECORD and is_dense:
        raise refused(name, _AS_DOWNLOADED, code="record-packed-too-tight")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Returns an entry whole; never more than `most` bytes of it are unpacked."""
    try:
        with archive.open(name) as entry:
            content = entry.read(most + 1)
    except Exception:  # noqa: BLE001 - zipfile and zlib each raise errors of their own
        raise refused(name, _AS_DOWNLOADED, code="record-damaged") from None
    if len(content) > most:
        raise refused(
            name, N_("It is larger than it may be."), code="record-too-large", too_large=True
        )
    return content


def _parse(text: bytes) -> shapes.Record:
    try:
        return shapes.Record.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    if first["loc"] == ("format",):
        raise refused_field(RECORD, "format", f"“{SCHEMA}”", code="record-other-version")
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    raise refused_field(RECORD, where or N_("the whole file"), message, code="record-field-wrong")


def _check_files(
    parcel: Parcel, names: Collection[str], tried: Callable[[str, bytes], object]
) -> None:
    """Every file that the record names is there, as it says; and there is none that it does not."""
    named = {file.path for file in parcel.record.files}
    if strangers := sorted(set(names) - named - {RECORD, PAGE}):
        raise refused(strangers[0], _AS_DOWNLOADED, code="record-file-unnamed")
    for file in parcel.record.files:
        if file.path not in names:
            raise refused(file.path, _AS_DOWNLOADED, code="record-file-missing")
        content = parcel.content(file)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise refused(file.path, _AS_DOWNLOADED, code="record-file-changed")
        try:
            tried(file.name, content)
        except ImhcfError as error:
            raise refused(
                file.path, error.sentence, code="record-file-refused", params=error.params
            ) from None


def _shown(name: str) -> str:
    """A name from a hostile zip, fit for a sentence."""
    return "".join(c if c.isprintable() else "?" for c in name)[:80] or "?"
