"""Scanning by ClamAV: what is found, what could not be scanned, and that nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import time_machine

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.settings import load_settings
from lti_tool.storage.queries import FileView, files_of
from lti_tool.storage.scanning.clamd import Clamd, Finding, NoAnswer
from lti_tool.storage.scanning.rules import Scan
from lti_tool.storage.scanning.services import ask_for_all
from lti_tool.storage.services import remove_file, restore_file
from lti_tool.wiring.messages import make_worker
from tests.storage import files, media
from tests.storage.clamav import EICAR, Daemon, clamd
from tests.storage.uploading import blobs_of, give
from tests.tool import Tool, Visitor

INFECTED = files.PDF[:9] + b"%" + EICAR + b"\n" + files.PDF[9:]


@pytest.fixture
def daemon(tool: Tool) -> Iterator[Daemon]:
    with clamd() as (address, daemon):
        tool.runtime = replace(
            tool.runtime, settings=tool.runtime.settings.model_copy(update={"clamav": address})
        )
        yield daemon


def scan(tool: Tool, *, after: timedelta = timedelta()) -> int:
    with time_machine.travel(clock.now() + after, tick=False):
        return make_worker(tool.runtime).drain()


def of(tool: Tool, who: Visitor) -> list[FileView]:
    with tool.database.transaction(write=False) as session:
        return files_of(session, who.actor.person_id)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_the_daemon_says_clean_or_what_it_found(over: str) -> None:
    with (
        TemporaryDirectory(prefix="clamd-") as folder,
        clamd(Path(folder) / "s" if over == "unix" else None) as (address, daemon),
    ):
        scanner = Clamd(address, seconds=5)
        assert scanner.scan([b"", b"all", b" well"]) == Finding(Scan.CLEAN)
        assert scanner.scan([EICAR[:20], EICAR[20:]]) == Finding(
            Scan.INFECTED, "Win.Test.EICAR_HDB-1"
        )
        assert daemon.scanned[0] == b"all well"


def test_whatever_is_no_verdict_is_no_answer() -> None:
    with clamd() as (address, daemon):
        daemon.most = 10
        with pytest.raises(NoAnswer, match="size limit"):
            Clamd(address, seconds=5).scan([b"x" * 65_536] * 40)
        daemon.breaks_off = True
        with pytest.raises(NoAnswer):
            Clamd(address, seconds=5).scan([b"x" * 65_536] * 40)
        daemon.breaks_off = False
        for nonsense in ("stream: ", "HTTP/1.1 200 OK", "x" * 9_000, "stream: OK FINE"):
            daemon.says = nonsense
            with pytest.raises(NoAnswer):
                Clamd(address, seconds=5).scan([b"x"])
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        Clamd(address, seconds=5).scan([b"x"])
    with pytest.raises(NoAnswer):
        Clamd("unix:///nowhere/clamd.ctl").scan([b"x"])


def test_a_file_waits_until_the_scanner_has_found_nothing(tool: Tool, daemon: Daemon) -> None:
    amina = tool.sign_in("amina")
    kept = give(tool, amina, "a.jpg", media.photo(), scan=True)
    assert kept.scan is Scan.RECEIVED
    assert scan(tool) == 1
    (found,) = of(tool, amina)
    assert (found.scan, found.scan_note) == (Scan.CLEAN, "")
    assert found.scanned_at
    assert daemon.scanned == [blobs_of(tool).get(kept.organisation_id, kept.digest)]
    assert scan(tool) == 0


@pytest.mark.usefixtures("daemon")
def test_a_virus_is_noted_by_its_name_on_every_file_of_that_content(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    olga = tool.sign_in("olga", organisation="Other")
    give(tool, ben, "before.pdf", INFECTED)
    give(tool, olga, "elsewhere.pdf", INFECTED)
    give(tool, amina, "a.pdf", INFECTED, scan=True)
    assert scan(tool) == 1
    for who in (amina, ben):
        assert [(f.scan, f.scan_note) for f in of(tool, who)] == [
            (Scan.INFECTED, "Win.Test.EICAR_HDB-1")
        ]
    assert of(tool, olga)[0].scan is Scan.NOT_ASKED


def test_a_scanner_that_is_away_is_asked_again(tool: Tool, daemon: Daemon) -> None:
    amina = tool.sign_in("amina")
    daemon.breaks_off = True
    give(tool, amina, "a.pdf", files.PDF, scan=True)
    assert scan(tool) == 1
    assert of(tool, amina)[0].scan is Scan.COULD_NOT_SCAN
    assert of(tool, amina)[0].scan_note == "clamd: no answer"
    daemon.breaks_off = False
    assert scan(tool, after=timedelta(minutes=5)) == 1
    assert of(tool, amina)[0].scan is Scan.CLEAN


def test_a_scanner_taken_out_of_the_settings_makes_nothing_clean(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    give(tool, amina, "a.pdf", files.PDF, scan=True)
    assert scan(tool) == 1
    assert of(tool, amina)[0].scan is Scan.COULD_NOT_SCAN


def test_a_file_that_is_removed_and_restored_meanwhile_is_scanned_all_the_same(
    tool: Tool, daemon: Daemon
) -> None:
    amina = tool.sign_in("amina")
    kept = give(tool, amina, "a.pdf", files.PDF, scan=True)
    with tool.database.transaction() as session:
        remove_file(session, amina.actor, kept.id)
    scan(tool)
    with tool.database.transaction() as session:
        assert restore_file(session, amina.actor, kept.public_id).scan is Scan.CLEAN
    assert len(daemon.scanned) == 1


def test_a_blob_that_is_gone_ends_the_scan(tool: Tool, daemon: Daemon) -> None:
    amina = tool.sign_in("amina")
    kept = give(tool, amina, "a.pdf", files.PDF, scan=True)
    blobs_of(tool).delete(kept.organisation_id, kept.digest)
    assert scan(tool) == 1
    assert scan(tool, after=timedelta(days=1)) == 0
    assert daemon.scanned == []


def test_a_new_scanner_is_asked_about_what_was_there_before(tool: Tool, daemon: Daemon) -> None:
    amina = tool.sign_in("amina")
    give(tool, amina, "a.pdf", files.PDF)
    give(tool, amina, "b.pdf", INFECTED)
    with tool.database.transaction() as session:
        assert ask_for_all(session) == 2
        assert ask_for_all(session) == 0
    scan(tool)
    assert [f.scan for f in of(tool, amina)] == [Scan.CLEAN, Scan.INFECTED]
    assert len(daemon.scanned) == 2


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:3310", "tcp://clamd", "unix:///run/c.ctl", ""]
)
def test_an_address_of_a_scanner_is_taken(address: str) -> None:
    assert load_settings(clamav=address).clamav == address


@pytest.mark.parametrize("address", ["127.0.0.1", "http://clamd", "unix://run/c", "tcp://a:b"])
def test_a_wrong_address_of_a_scanner_stops_the_start(address: str) -> None:
    with pytest.raises(Misconfigured, match="IMHCF_CLAMAV"):
        load_settings(clamav=address)
