"""Uploads in parts: cut connections, repeats, quotas, crashes, a full disk."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine

from lti_tool.kernel import clock
from lti_tool.kernel.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    TooLarge,
    Unavailable,
)
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.kinds.refusals import NotEvidence
from lti_tool.storage.queries import files_of, usage_of
from lti_tool.storage.sweeping import Sweep
from lti_tool.storage.uploads import finishing, rules
from lti_tool.storage.uploads.queries import quota_of, upload_of, uploads_of
from lti_tool.storage.uploads.receiving import receive_part
from lti_tool.storage.uploads.rules import Limits
from lti_tool.storage.uploads.services import abandon_upload, forget_old_uploads
from lti_tool.wiring.messages import NAMES_OF_BLOBS
from tests.storage import files
from tests.storage.uploading import (
    LIMITS,
    CutShort,
    begin,
    blobs_of,
    finish,
    give,
    objects,
    send,
)
from tests.tool import Tool

LONG_PDF = files.PDF[:9] + b"%" + b"x" * 9_000_000 + b"\n" + files.PDF[9:]


def test_a_file_comes_in_parts_and_is_there_when_the_last_has_come(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "Report.pdf", len(LONG_PDF))
    assert send(tool, amina, upload, LONG_PDF[:5_000_000]).received == 5_000_000
    with pytest.raises(Conflict) as unfinished:
        finish(tool, amina, upload)
    assert unfinished.value.code == "upload-unfinished"
    assert send(tool, amina, upload, LONG_PDF[5_000_000:], 5_000_000).is_complete
    kept = finish(tool, amina, upload)
    assert (kept.name, kept.media_type, kept.size) == (
        "Report.pdf",
        "application/pdf",
        len(LONG_PDF),
    )
    assert blobs_of(tool).get(kept.organisation_id, kept.digest) == LONG_PDF
    assert finish(tool, amina, upload) == kept  # as when the answer was lost
    assert objects(tool) == [f"{kept.organisation_id}/{kept.digest[:2]}/{kept.digest}"]


def test_what_came_before_the_connection_was_cut_is_kept_and_a_part_may_come_again(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(LONG_PDF))
    body = CutShort(LONG_PDF, after=4_700_001)
    after_cut = receive_part(tool.database, blobs_of(tool), amina.actor, upload.public_id, 0, body)
    assert after_cut.received == 4_700_001
    again = send(tool, amina, upload, LONG_PDF[:4_000_000])  # all of it is there already
    assert again.received == 4_700_001
    assert send(tool, amina, upload, LONG_PDF[4_000_000:], 4_000_000).is_complete
    assert send(tool, amina, upload, LONG_PDF).is_complete
    kept = finish(tool, amina, upload)
    assert kept.digest == Blobs.digest(LONG_PDF)
    assert send(tool, amina, upload, LONG_PDF).file_id == kept.id


def test_a_gap_and_bytes_beyond_the_end_are_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", 100)
    send(tool, amina, upload, b"x" * 10)
    with pytest.raises(Conflict) as gap:
        send(tool, amina, upload, b"x", 11)
    assert (gap.value.code, gap.value.params) == ("upload-gap", {"received": 10})
    for outside in (-1, 101):
        with pytest.raises(InvalidInput):
            send(tool, amina, upload, b"x", outside)
    with pytest.raises(TooLarge):
        send(tool, amina, upload, b"x" * 91, 10)


def test_two_requests_that_bring_the_same_bytes_make_one_file(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(LONG_PDF))
    seen: list[str] = []

    def bring() -> None:
        try:
            send(tool, amina, upload, LONG_PDF)
        except Conflict as refused:
            seen.append(refused.code)

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {"upload-elsewhere"}
    with tool.database.transaction(write=False) as session:
        upload = upload_of(session, amina.actor.person_id, upload.public_id)
    send(tool, amina, upload, LONG_PDF[upload.received :], upload.received)
    assert finish(tool, amina, upload).digest == Blobs.digest(LONG_PDF)
    assert len(objects(tool)) == 1


def test_an_upload_is_its_owners_alone(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    olga = tool.sign_in("olga", organisation="Other")
    upload = begin(tool, amina, "a.pdf", len(files.PDF))
    for other in (ben, olga):
        with pytest.raises(NotFound):
            send(tool, other, upload, files.PDF)
        with pytest.raises(NotFound):
            finish(tool, other, upload)
        with tool.database.transaction() as session, pytest.raises(NotFound):
            abandon_upload(session, other.actor, upload.public_id)
    with tool.database.transaction(write=False) as session, pytest.raises(NotFound):
        upload_of(session, amina.actor.person_id, "no\0such")


def test_equal_content_of_two_people_is_stored_once(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    hers, his = give(tool, amina, "a.pdf", files.PDF), give(tool, ben, "b.pdf", files.PDF)
    assert hers.digest == his.digest
    assert len(objects(tool)) == 1
    with tool.database.transaction(write=False) as session:
        assert usage_of(session, amina.actor.organisation_id).bytes == len(files.PDF)


def test_what_is_not_taken_is_said_and_leaves_nothing(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "page.pdf", len(files.HTML))
    send(tool, amina, upload, files.HTML)
    with pytest.raises(NotEvidence) as refused:
        finish(tool, amina, upload)
    assert refused.value.code == "type-unknown"
    assert objects(tool) == []
    with tool.database.transaction(write=False) as session:
        assert uploads_of(session, amina.actor.person_id) == []
        assert files_of(session, amina.actor.person_id) == []


def test_room_is_made_for_what_is_under_way_and_refused_when_there_is_none(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    limits = Limits(file=1_000, person=1_500, organisation=2_000)
    with pytest.raises(TooLarge) as large:
        begin(tool, amina, "a.pdf", 1_001, limits)
    assert large.value.code == "file-too-large"
    with pytest.raises(InvalidInput):
        begin(tool, amina, "a.pdf", 0, limits)
    first = begin(tool, amina, "a.pdf", 1_000, limits)
    with pytest.raises(TooLarge) as mine:
        begin(tool, amina, "b.pdf", 501, limits)
    assert mine.value.code == "quota-person"
    begin(tool, amina, "b.pdf", 500, limits)
    with pytest.raises(TooLarge) as ours:
        begin(tool, ben, "c.pdf", 501, limits)
    assert ours.value.code == "quota-organisation"
    with tool.database.transaction() as session:
        quota = quota_of(session, amina.actor.organisation_id, amina.actor.person_id, limits)
        assert (quota.person.on_the_way, quota.organisation.total, quota.left) == (1_500, 1_500, 0)
        abandon_upload(session, amina.actor, first.public_id)
    begin(tool, ben, "c.pdf", 501, limits)


def test_two_who_take_the_last_room_at_once_do_not_both_get_it(tool: Tool) -> None:
    people = [tool.sign_in(f"p{number}") for number in range(4)]
    limits = Limits(file=1_000, person=1_000, organisation=1_000)
    got: list[Any] = []

    def take(number: int) -> None:
        try:
            got.append(begin(tool, people[number], "a.pdf", 600, limits))
        except TooLarge as refused:
            got.append(refused.code)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(type(g).__name__) for g in got) == ["UploadView", "str", "str", "str"]


def test_quota_counts_equal_content_once_and_other_organisations_not(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    olga = tool.sign_in("olga", organisation="Other")
    for who in (amina, ben, olga, amina):
        give(tool, who, "a.pdf", files.PDF)
    with tool.database.transaction(write=False) as session:
        quota = quota_of(session, amina.actor.organisation_id, amina.actor.person_id, LIMITS)
    assert quota.person.files == quota.organisation.files == len(files.PDF)
    assert quota.left == LIMITS.person - len(files.PDF)


def test_nobody_has_uploads_without_end_or_in_crumbs(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = tool.sign_in("amina")
    monkeypatch.setattr(rules, "MOST_UPLOADS", 2)
    uploads = [begin(tool, amina, "a.pdf", 100) for _ in range(2)]
    with pytest.raises(NotAllowed):
        begin(tool, amina, "a.pdf", 100)
    monkeypatch.setattr("lti_tool.storage.uploads.services.MOST_PIECES", 2)
    for at in range(2):
        send(tool, amina, uploads[0], b"x", at)
    with pytest.raises(InvalidInput) as crumbs:
        send(tool, amina, uploads[0], b"x", 2)
    assert crumbs.value.code == "upload-crumbs"
    assert len(objects(tool)) == 2


@pytest.mark.parametrize("name", ["run.exe", "../a.pdf", "a.docm", "a.pdf.exe", "a\u202efdp.exe"])
def test_a_name_is_refused_before_a_byte_is_sent(tool: Tool, name: str) -> None:
    with pytest.raises(NotEvidence):
        begin(tool, tool.sign_in("amina"), name, 10)


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond `room` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(LONG_PDF))
    with full_disk(3_000_000), pytest.raises(Unavailable) as full:
        send(tool, amina, upload, LONG_PDF)
    assert full.value.code == "storage-away"
    assert [name for name in objects(tool) if "#" not in name] == []
    send(tool, amina, upload, LONG_PDF)
    with full_disk(6_000_000), pytest.raises(Unavailable):
        finish(tool, amina, upload)
    with tool.database.transaction(write=False) as session:
        assert files_of(session, amina.actor.person_id) == []
    assert finish(tool, amina, upload).digest == Blobs.digest(LONG_PDF)


STEPS = [
    ("lti_tool.storage.uploads.finishing.check_evidence", 0),
    ("lti_tool.storage.uploads.finishing.hold_upload", 0),
    ("lti_tool.storage.uploads.finishing.lock_blob", 0),
    ("lti_tool.storage.uploads.finishing.note_arrival", 0),
    ("lti_tool.storage.uploads.finishing.ask_for_scan", 0),
    ("lti_tool.storage.uploads.finishing.discard_objects", 1),
]


@pytest.mark.parametrize(("step", "kept"), STEPS, ids=[s.rpartition(".")[2] for s, _ in STEPS])
def test_a_crash_at_any_step_of_finishing_leaves_it_before_or_after(
    tool: Tool, step: str, kept: int
) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(files.PDF))
    send(tool, amina, upload, files.PDF)
    with patch(step, side_effect=SystemExit), pytest.raises(SystemExit):
        finish(tool, amina, upload, scan=True)
    with tool.database.transaction(write=False) as session:
        assert len(files_of(session, amina.actor.person_id)) == kept
    file = finish(tool, amina, upload, scan=True)
    assert blobs_of(tool).get(file.organisation_id, file.digest) == files.PDF
    with tool.database.transaction(write=False) as session:
        assert len(files_of(session, amina.actor.person_id)) == 1
    later = clock.now() + timedelta(hours=25)
    with time_machine.travel(later), tool.database.transaction() as session:
        forget_old_uploads(session)
        Sweep(blobs_of(tool), NAMES_OF_BLOBS).round(session)
    assert len(objects(tool)) == 1  # nothing of the crash is left


def test_a_crash_between_a_stored_piece_and_its_note_is_mended_by_sending_it_again(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(files.PDF))
    with (
        patch("lti_tool.storage.uploads.receiving.note_piece", side_effect=SystemExit),
        pytest.raises(SystemExit),
    ):
        send(tool, amina, upload, files.PDF)
    assert send(tool, amina, upload, files.PDF).is_complete
    assert finish(tool, amina, upload).size == len(files.PDF)
    assert len(objects(tool)) == 1


def test_a_file_that_is_finished_as_an_equal_one_is_purged_does_not_lose_its_blob(
    tool: Tool,
) -> None:
    from tests.storage.test_services import purge, remove

    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    hers = give(tool, amina, "a.pdf", files.PDF)
    remove(tool, amina, hers)
    upload = begin(tool, ben, "b.pdf", len(files.PDF))
    send(tool, ben, upload, files.PDF)
    write = Blobs.write

    def purged_meanwhile(self: Blobs, *given: Any) -> Any:
        written = write(self, *given)
        assert purge(tool, after=timedelta(days=2)) == 1
        return written

    with patch.object(Blobs, "write", purged_meanwhile):
        his = finish(tool, ben, upload)
    assert blobs_of(tool).get(his.organisation_id, his.digest) == files.PDF


def test_two_who_finish_one_upload_at_once_make_one_file(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", len(files.PDF))
    send(tool, amina, upload, files.PDF)
    prepared = finishing._prepared
    first: list[Any] = []

    @contextmanager
    def overtaken(*given: Any) -> Iterator[Any]:
        with prepared(*given) as ready:
            if not first:
                first.append(None)
                first.append(finish(tool, amina, upload))
            yield ready

    with patch.object(finishing, "_prepared", overtaken):
        second = finish(tool, amina, upload)
    assert second == first[1]
    with tool.database.transaction(write=False) as session:
        assert len(files_of(session, amina.actor.person_id)) == 1


def test_an_upload_that_nobody_touches_is_forgotten_after_a_day(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    kept = give(tool, amina, "a.pdf", files.PDF)
    begin(tool, amina, "b.pdf", 100)
    for hours, gone in ((23, 0), (25, 2)):
        later = clock.now() + timedelta(hours=hours)
        with time_machine.travel(later), tool.database.transaction() as session:
            assert forget_old_uploads(session) == gone
    with tool.database.transaction(write=False) as session:
        assert uploads_of(session, amina.actor.person_id) == []
        assert [f.id for f in files_of(session, amina.actor.person_id)] == [kept.id]
