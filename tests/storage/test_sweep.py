"""The sweep takes what nobody names, and nothing that somebody needs or is about to."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import String, delete, insert, select

from lti_tool.exports.papers.models import Paper
from lti_tool.kernel import clock
from lti_tool.schema import metadata
from lti_tool.storage import services, sweeping
from lti_tool.storage.models import StoredFile, Upload
from lti_tool.storage.sweeping import Sweep
from lti_tool.storage.uploads.services import abandon_upload, forget_old_uploads
from lti_tool.wiring.messages import NAMES_OF_BLOBS, chores
from tests.storage import files, media
from tests.storage.uploading import begin, blobs_of, finish, give, objects, send
from tests.tool import Tool

NOW = timedelta()
NEXT_DAY = timedelta(hours=25)


def sweep(tool: Tool, *, after: timedelta) -> int:
    walk = Sweep(blobs_of(tool), NAMES_OF_BLOBS)
    with time_machine.travel(clock.now() + after), tool.database.transaction() as session:
        return walk.round(session)


# Columns of a digest's length that name no blob, each with what they are.
NO_BLOBS = {
    "framework_versions.digest": "of a wording's text",
    "register_events.digest": "of a chain of events",
    "review_events.digest": "of a chain of events",
    "confidentiality_events.digest": "of a chain of events",
    "confidentiality_cases.digest": "of the text that was reported",
    "submissions.digest": "of all that was handed in",
    "submission_tasks.digest": "of one task as it was handed in",
}


def test_every_column_that_names_a_blob_is_asked() -> None:
    known = {f"{n.digest.class_.__tablename__}.{n.digest.key}" for n in NAMES_OF_BLOBS}
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String)
        and column.type.length == 64
        and ("blob" in column.name or column.name.endswith("digest"))
        and not column.name.startswith(("token_", "state_"))
    }
    assert found - set(NO_BLOBS) <= known, "the sweep would take what these columns name"
    assert known <= found


def test_a_blob_that_nobody_names_goes_after_a_day_and_others_stay(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    photo = give(tool, amina, "a.jpg", media.photo())
    blobs = blobs_of(tool)
    orphan = blobs.put(photo.organisation_id, b"nobody needs this")
    elsewhere = blobs.put(photo.organisation_id + 1, files.PDF)
    assert sweep(tool, after=NOW) == 0
    assert sweep(tool, after=timedelta(hours=23)) == 0
    assert sweep(tool, after=NEXT_DAY) == 2
    left = " ".join(objects(tool))
    assert orphan not in left
    assert elsewhere not in left
    assert photo.digest in left
    assert str(photo.preview_digest) in left


def test_what_other_rooms_keep_stays(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    organisation = amina.actor.organisation_id
    blob = blobs_of(tool).put(organisation, b"a paper, sealed")
    with tool.database.transaction() as session:
        session.execute(
            insert(Paper).values(
                public_id="p",
                organisation_id=organisation,
                person_id=amina.actor.person_id,
                placement_id=amina.placement_id,
                kind="grid",
                options={},
                content="",
                state="ready",
                reason="",
                blob=blob,
                size=1,
                asked_at=clock.now(),
            )
        )
    assert sweep(tool, after=NEXT_DAY) == 0
    with tool.database.transaction() as session:
        session.execute(delete(Paper))
    assert sweep(tool, after=NEXT_DAY) == 1
    assert objects(tool) == []


def test_what_is_under_way_stays_and_what_was_abandoned_goes_at_once(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    stays = begin(tool, amina, "a.pdf", len(files.PDF))
    goes = begin(tool, amina, "b.pdf", 100)
    send(tool, amina, stays, files.PDF)
    send(tool, amina, goes, b"x" * 50)
    assert len(objects(tool)) == 2
    assert sweep(tool, after=NEXT_DAY) == 0
    with tool.database.transaction() as session:
        abandon_upload(session, amina.actor, goes.public_id)
    assert sweep(tool, after=NOW) == 1
    assert finish(tool, amina, stays).size == len(files.PDF)


def test_an_upload_left_for_a_day_goes_with_all_that_was_stored_of_it(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    upload = begin(tool, amina, "a.pdf", 100)
    send(tool, amina, upload, b"x" * 50)
    with time_machine.travel(clock.now() + NEXT_DAY), tool.database.transaction() as session:
        forget_old_uploads(session)
    assert sweep(tool, after=NEXT_DAY) == 1
    assert objects(tool) == []


def test_content_that_is_kept_again_as_the_sweep_comes_stays(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking and removing somebody stores equal content, and has not committed yet."""
    amina = tool.sign_in("amina")
    organisation = amina.actor.organisation_id
    digest = blobs_of(tool).put(organisation, files.PDF)
    path = tool.runtime.settings.storage / objects(tool)[0]
    long_ago = (clock.now() - timedelta(days=3)).timestamp()
    os.utime(path, (long_ago, long_ago))
    locked = services.lock_blob

    def stored_meanwhile(*given: object) -> None:
        os.utime(path)
        locked(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "lock_blob", stored_meanwhile)
    assert sweep(tool, after=NOW) == 0
    assert blobs_of(tool).get(organisation, digest) == files.PDF
    monkeypatch.undo()
    os.utime(path, (long_ago, long_ago))
    assert sweep(tool, after=NOW) == 1


def test_a_half_written_file_of_a_process_that_died_goes_after_a_day(tool: Tool) -> None:
    half: Path = tool.runtime.settings.storage / "1" / "ab" / ("ab" * 32 + "#1")
    blobs_of(tool)
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    sweep(tool, after=NOW)
    assert half.exists()
    sweep(tool, after=NEXT_DAY)
    assert not half.exists()


def test_a_walk_goes_in_stretches_and_rests_for_a_day(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "LOOKED_AT_IN_A_ROUND", 3)
    organisation = tool.sign_in("amina").actor.organisation_id
    for number in range(7):
        blobs_of(tool).put(organisation, bytes([number]))
    walk = Sweep(blobs_of(tool), NAMES_OF_BLOBS)
    rounds = []
    with time_machine.travel(clock.now() + NEXT_DAY, tick=False):
        for _round in range(5):
            with tool.database.transaction() as session:
                rounds.append(walk.round(session))
    assert rounds == [3, 3, 1, 0, 0]


def test_the_worker_sweeps(tool: Tool) -> None:
    organisation = tool.sign_in("amina").actor.organisation_id
    blobs_of(tool).put(organisation, b"orphan")
    with time_machine.travel(clock.now() + NEXT_DAY):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)
    assert objects(tool) == []


def test_purging_a_picture_takes_its_preview_along(tool: Tool) -> None:
    from tests.storage.test_services import purge, remove

    amina = tool.sign_in("amina")
    remove(tool, amina, give(tool, amina, "a.jpg", media.photo()))
    assert len(objects(tool)) == 2
    assert purge(tool, after=NEXT_DAY) == 1
    assert objects(tool) == []
    with tool.database.transaction() as session:
        assert session.execute(select(StoredFile.id)).all() == []
        assert session.execute(select(Upload.id)).all() == []
