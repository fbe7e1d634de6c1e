"""Hostile and damaged zips: each is refused whole, by name, before anything of it is used."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.exports.personal import archive
from lti_tool.exports.personal.archive import open_record
from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.storage.rules import check_file
from tests.storage import files

NOW = datetime(2026, 11, 1, tzinfo=UTC).isoformat()
PATH = "files/certificate-001.pdf"
FILE = {
    "id": "file-1",
    "path": PATH,
    "name": "certificate.pdf",
    "media_type": "application/pdf",
    "size": len(files.PDF),
    "sha256": "",
    "created_at": NOW,
}


def record(**more: Any) -> dict[str, Any]:
    lists = (
        "courses", "sign_ins", "ratings", "rating_changes", "snapshots", "looking_back", "goals",
        "training_records", "files", "papers", "shared_links", "grades", "brought_records",
        "kept_aside",
    )  # fmt: skip
    origin = {
        "installation": "https://imhcf.example",
        "organisation": "Willow",
        "person": "amina",
        "tool_version": "1",
    }
    person = {"name": "Amina", "email": "", "known_since": NOW, "known_to_lms_as": ["amina"]}
    whole = {
        "format": "imhcf-record/1", "written_at": NOW, "origin": origin, "person": person,
    } | {name: [] for name in lists}  # fmt: skip
    return whole | more


def rating(**more: Any) -> dict[str, Any]:
    return {
        "instrument": "self-assessment-1", "instrument_version": "2026.1", "code": "1.01",
        "state": "achieved", "note": "", "version": 1, "changed_at": NOW,
    } | more  # fmt: skip


def file(content: bytes = files.PDF, **more: Any) -> dict[str, Any]:
    import hashlib

    return FILE | {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} | more


def packed(
    whole: object = None, parts: dict[str, bytes] | None = None, *, pack: int = zipfile.ZIP_DEFLATED
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", pack) as made:
        made.writestr("record.json", json.dumps(record() if whole is None else whole))
        made.writestr("index.html", "<!doctype html>")
        for name, content in (parts or {}).items():
            made.writestr(name, content)
    return target.getvalue()


def tried(name: str, content: bytes) -> object:
    return check_file(name, content, limit=1_000_000)


def refused(content: bytes) -> ImhcfError:
    with pytest.raises((InvalidInput, TooLarge)) as caught:
        open_record(io.BytesIO(content), tried=tried)
    error = caught.value
    assert error.advice
    assert error.sentence % error.params
    assert error.advice % error.params
    return error


def with_entry(change: Callable[[zipfile.ZipInfo], None], name: str = PATH) -> bytes:
    """A zip whose file's entry was changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("record.json", json.dumps(record(files=[file()])))
        info = zipfile.ZipInfo(name)
        change(info)
        made.writestr(info, files.PDF)
    return target.getvalue()


def test_an_honest_zip_is_opened() -> None:
    content = packed(record(files=[file()], ratings=[rating()]), {PATH: files.PDF})
    parcel = open_record(io.BytesIO(content), tried=tried)
    assert parcel.content(parcel.record.files[0]) == files.PDF
    assert parcel.record.ratings[0].code == "1.01"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"x" * 500, b"PK\x05\x06" + b"\0" * 18 + b"x", packed()[:-1], packed() + b"x"],
    ids=["empty", "short", "no zip", "end with more", "cut short", "with something after"],
)
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refused(content).code == "record-not-a-zip"


@pytest.mark.parametrize(
    "name",
    [
        "../record.json", "/etc/passwd", "files/../../x.pdf", "files/a/b.pdf", "C:\\x.pdf",
        "files\\certificate-001.pdf", "files/", "files/.pdf", "files/CERTIFICATE.PDF", "readme.txt",
        "Record.json", "record.json/", "files/\u202efdp.exe",
        "__MACOSX/record.json", "record.json\n",
    ],
)  # fmt: skip
def test_a_name_that_we_never_give_is_refused(name: str) -> None:
    assert refused(packed(None, {name: b"x"})).code in {"record-name-unknown", "record-not-a-zip"}


def test_a_name_that_zip_readers_cut_at_a_nul_is_refused() -> None:
    content = packed(None, {PATH + "#.exe": files.PDF}).replace(b"#.exe", b"\0.exe")
    assert refused(content).code == "record-name-unknown"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_no_name_breaks_out(name: str) -> None:
    try:
        content = packed(None, {name: files.PDF})
    except (ValueError, IndexError):  # zipfile itself refuses to write it
        return
    error = refused(content)
    assert error.code.startswith("record-")


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed(None, {"record.json": b"{}"})
    assert refused(content).code == "record-name-twice"


def test_links_and_folders_are_refused() -> None:
    def link(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    def folder(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFDIR | 0o777) << 16

    assert refused(with_entry(link)).code == "record-not-a-file"
    assert refused(with_entry(folder)).code == "record-not-a-file"


def test_an_encrypted_zip_is_refused() -> None:
    content = bytearray(packed())
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    assert refused(bytes(content)).code == "record-encrypted"


def test_another_kind_of_packing_is_refused() -> None:
    assert refused(packed(pack=zipfile.ZIP_LZMA)).code == "record-packed-otherwise"


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(record(files=[file()]), {PATH: b"\0" * 5_000_000})
    assert len(bomb) < 20_000
    assert refused(bomb).code == "record-packed-too-tight"
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1_000)
    assert isinstance(refused(packed(record(person={"name": "x" * 2_000}))), TooLarge)
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_RECORD", 100)
    assert isinstance(refused(packed()), TooLarge)
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_ZIP", 100)
    assert isinstance(refused(packed()), TooLarge)


def test_too_many_entries_are_refused_without_reading_their_table() -> None:
    content = bytearray(packed())
    struct.pack_into("<H", content, len(content) - 12, 60_000)
    assert refused(bytes(content)).code == "record-too-many-entries"
    content = bytearray(packed())
    struct.pack_into("<I", content, len(content) - 10, 2**31)
    assert refused(bytes(content)).code == "record-too-many-entries"


def test_a_record_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(packed())
    start = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, start + 24, 10)  # the uncompressed size of the first entry
    assert refused(bytes(content)).code == "record-damaged"


@pytest.mark.parametrize(
    ("whole", "field"),
    [
        (record(format="imhcf-record/2"), "format"),
        (record(surprise=1), "surprise"),
        (record(ratings=[rating(state="superb")]), "ratings.0.state"),
        (record(ratings=[rating(code="1.1")]), "ratings.0.code"),
        (record(ratings=[rating(note="x" * 20_001)]), "ratings.0.note"),
        (record(ratings=[rating(note="a\0b")]), "ratings.0.note"),
        (record(ratings=[rating(version=0)]), "ratings.0.version"),
        (record(ratings=[rating(version=2**31)]), "ratings.0.version"),
        (record(ratings=[rating(version="1")]), "ratings.0.version"),
        (record(ratings=[rating(version=True)]), "ratings.0.version"),
        (record(ratings=[rating(changed_at="2026-01-01T00:00:00")]), "ratings.0.changed_at"),
        (record(ratings=[rating(changed_at="0001-01-01T00:00:00+14:00")]), "ratings.0.changed_at"),
        (record(ratings=[rating(changed_at="9999-12-31T23:59:59-14:00")]), "ratings.0.changed_at"),
        (
            record(
                ratings=[rating(changed_at=(datetime.now(UTC) + timedelta(days=3)).isoformat())]
            ),
            "ratings.0.changed_at",
        ),
        (record(ratings=[rating(instrument="x" * 61)]), "ratings.0.instrument"),
        (record(ratings=[rating(), rating()]), "ratings"),
        (record(files=[file(path="../x.pdf")]), "files.0.path"),
        ([], "the whole file"),
        ({"format": "imhcf-record/1"}, "written_at"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(whole: object, field: str) -> None:
    error = refused(packed(whole))
    assert error.params["field"] == field
    assert error.params["expected"]


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format": "\\ud800"}', b"NaN", b"1e999"],
    ids=["nothing", "half", "no UTF-8", "too deep", "half a surrogate", "NaN", "infinite"],
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("record.json", text)
    assert refused(target.getvalue()).code == "record-field-wrong"


def test_files_must_be_what_the_record_says() -> None:
    named = record(files=[file()])
    assert refused(packed(named)).code == "record-file-missing"
    assert refused(packed(None, {PATH: files.PDF})).code == "record-file-unnamed"
    other = files.PDF.replace(b"Catalog", b"Catalox")
    assert refused(packed(named, {PATH: other})).code == "record-file-changed"
    html = record(files=[file(files.HTML_AS_PDF)])
    assert refused(packed(html, {PATH: files.HTML_AS_PDF})).code == "record-file-refused"
    longer = record(files=[file(size=3)])
    assert isinstance(refused(packed(longer, {PATH: files.PDF})), TooLarge)


def entry(**more: Any) -> dict[str, Any]:
    return {
        "id": "entry-1", "title": "PIIOS", "provider": "", "begun_on": "2026-03-01",
        "ended_on": "2026-03-02", "quarter_hours": 6, "reflection": "", "ties": [], "offer": "",
        "goal": None, "file": None, "state": "kept", "version": 1, "created_at": NOW,
        "changed_at": NOW, "removed_at": None,
    } | more  # fmt: skip


def goal(**more: Any) -> dict[str, Any]:
    facts = {
        "what": "Lead", "by_when": "2027-03-01", "offer": "", "training": "", "evidence": "",
        "state": "open", "outcome": "",
    }  # fmt: skip
    change = {"version": 1, "act": "made", "changed_at": NOW, "after": facts}
    return facts | {
        "id": "goal-1", "instrument": "", "instrument_version": "", "code": "", "done_at": None,
        "version": 1, "created_at": NOW, "changed_at": NOW, "changes": [change],
    } | more  # fmt: skip


@pytest.mark.parametrize(
    "whole",
    [
        record(training_records=[entry(goal="nobody")]),
        record(training_records=[entry(file="nothing")]),
        record(training_records=[entry(ended_on="2026-02-01")]),
        record(training_records=[entry(), entry()]),
        record(goals=[goal(version=2)]),
        record(goals=[goal(changes=[])]),
        record(goals=[goal(), goal()]),
    ],
)
def test_a_record_that_points_to_nothing_is_refused(whole: dict[str, Any]) -> None:
    open_record(io.BytesIO(packed(record(goals=[goal()], training_records=[entry()]))), tried=tried)
    assert refused(packed(whole)).code.startswith("record-")
