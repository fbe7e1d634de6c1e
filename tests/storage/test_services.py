"""Keeping files: a blob for equal content once, and none removed that somebody needs."""

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from sqlalchemy import update

from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.storage.models import StoredFile
from lti_tool.storage.queries import FileView, files_of, usage_of
from lti_tool.storage.rules import CheckedFile, check_file
from lti_tool.storage.services import keep_file, purge_files, read_file, remove_file, restore_file
from tests.storage import files
from tests.tool import Tool, Visitor


def pdf(name: str = "one.pdf", content: bytes = files.PDF) -> CheckedFile:
    return check_file(name, content, limit=1_000_000)


def blobs_of(tool: Tool) -> Blobs:
    return open_blobs(tool.runtime.settings)


def keep(tool: Tool, who: Visitor, file: CheckedFile) -> FileView:
    with tool.database.transaction() as session:
        return keep_file(session, who.actor, blobs_of(tool), file)


def remove(tool: Tool, who: Visitor, file: FileView) -> None:
    with tool.database.transaction() as session:
        remove_file(session, who.actor, file.id)


def purge(tool: Tool, *, after: timedelta) -> int:
    with time_machine.travel(clock.now() + after), tool.database.transaction() as session:
        return purge_files(session, blobs_of(tool))


def blobs_on_disk(tool: Tool) -> list[Path]:
    folder = tool.runtime.settings.storage
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_read_by_its_owner_and_by_nobody_else(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    olga = tool.sign_in("olga", organisation="Other")
    kept = keep(tool, amina, pdf())
    with tool.database.transaction(write=False) as session:
        found, content = read_file(session, amina.actor, blobs_of(tool), kept.id)
        assert (found.name, found.size, content) == ("one.pdf", len(files.PDF), files.PDF)
        assert [file.public_id for file in files_of(session, amina.actor.person_id)] == [
            kept.public_id
        ]
        for other in (ben, olga):
            assert files_of(session, other.actor.person_id) == []
            with pytest.raises(NotFound):
                read_file(session, other.actor, blobs_of(tool), kept.id)


def test_equal_content_is_kept_once_in_an_organisation_and_apart_between_two(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    olga = tool.sign_in("olga", organisation="Other")
    keep(tool, amina, pdf())
    keep(tool, ben, pdf("two.pdf"))
    assert len(blobs_on_disk(tool)) == 1
    keep(tool, olga, pdf())
    assert len(blobs_on_disk(tool)) == 2
    with tool.database.transaction(write=False) as session:
        usage = usage_of(session, amina.actor.organisation_id)
    assert (usage.files, usage.bytes) == (2, len(files.PDF))


def test_a_removed_file_can_be_had_back_for_a_day_and_then_goes_with_its_blob(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    kept = keep(tool, amina, pdf())
    remove(tool, ben, kept)  # nobody removes another's
    remove(tool, amina, kept)
    with tool.database.transaction() as session:
        with pytest.raises(NotFound):
            read_file(session, amina.actor, blobs_of(tool), kept.id)
        with pytest.raises(NotFound):
            restore_file(session, ben.actor, kept.public_id)
        assert restore_file(session, amina.actor, kept.public_id).name == "one.pdf"
        with pytest.raises(NotFound):
            restore_file(session, amina.actor, kept.public_id)
    assert purge(tool, after=timedelta(days=9)) == 0
    remove(tool, amina, kept)
    later = clock.now() + timedelta(hours=25)
    session = tool.database.begin(write=True)
    with time_machine.travel(later), pytest.raises(NotFound):  # though no worker came by yet
        restore_file(session, amina.actor, kept.public_id)
    tool.database.end(session)
    assert purge(tool, after=timedelta(hours=23)) == 0
    assert len(blobs_on_disk(tool)) == 1
    assert purge(tool, after=timedelta(hours=25)) == 1
    assert blobs_on_disk(tool) == []
    with tool.database.transaction() as session, pytest.raises(NotFound):
        restore_file(session, amina.actor, kept.public_id)


def test_a_blob_stays_as_long_as_anybody_of_the_organisation_needs_it(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    hers, his = keep(tool, amina, pdf()), keep(tool, ben, pdf())
    remove(tool, amina, hers)
    assert purge(tool, after=timedelta(days=2)) == 1
    with tool.database.transaction(write=False) as session:
        assert read_file(session, ben.actor, blobs_of(tool), his.id)[1] == files.PDF
    remove(tool, ben, his)
    assert purge(tool, after=timedelta(days=2)) == 1
    assert blobs_on_disk(tool) == []


def test_a_blob_is_there_before_its_row_commits_and_no_row_outlives_a_rollback(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    session = tool.database.begin(write=True)
    keep_file(session, amina.actor, blobs_of(tool), pdf())
    tool.database.end(session)  # without a commit, as when the request fails after all
    assert len(blobs_on_disk(tool)) == 1
    with tool.database.transaction(write=False) as session:
        assert files_of(session, amina.actor.person_id) == []


def test_a_file_that_is_kept_as_an_equal_one_is_purged_does_not_lose_its_blob(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    hers = keep(tool, amina, pdf())
    remove(tool, amina, hers)
    with tool.database.transaction() as session:
        old = clock.now() - timedelta(days=2)
        session.execute(update(StoredFile).where(StoredFile.id == hers.id).values(removed_at=old))
    session = tool.database.begin(write=True)
    his = keep_file(session, ben.actor, blobs_of(tool), pdf())
    purging = Thread(target=lambda: purge(tool, after=timedelta()))
    purging.start()
    purging.join(timeout=1)  # it waits for the one who keeps the same content
    tool.database.commit(session)
    tool.database.end(session)
    purging.join()
    with tool.database.transaction(write=False) as session:
        assert read_file(session, ben.actor, blobs_of(tool), his.id)[1] == files.PDF
        assert usage_of(session, ben.actor.organisation_id).files == 1
