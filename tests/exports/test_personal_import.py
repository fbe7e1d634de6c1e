"""A record that is brought to another installation: looked at, taken in, and brought home again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.assessments.models_import import ImportedChange
from lti_tool.assessments.rules import Answer, State
from lti_tool.assessments.services_import import BroughtAnswer, take_answers
from lti_tool.courses.queries import placement_of_course
from lti_tool.exports.personal.models import ImportedItem, RecordImport
from lti_tool.exports.personal.services import forget_waiting
from lti_tool.grades.models import Score
from lti_tool.kernel.settings import Settings
from lti_tool.storage.blobs import open_blobs
from tests.databases import clean_postgres, clean_sqlite, postgres_server
from tests.exports.records import (
    CERTIFICATE,
    NOTE,
    SIX,
    bring,
    changed,
    fill,
    rate,
    record_in,
    take,
    zip_of,
)
from tests.tool import TUTOR, Tool, Visitor, make_tool

OWN = ("ratings", "goals", "training_records", "snapshots", "looking_back")


@pytest.fixture
def installations(
    worker_name: str, sqlite_template: Path, tmp_path: Path
) -> Iterator[dict[str, Tool]]:
    """Two installations, one on each engine, with addresses and secrets of their own."""
    if postgres_server() is None:
        pytest.skip("no PostgreSQL server can be had here")
    made = {
        "sqlite": _installation("sqlite", clean_sqlite(sqlite_template, tmp_path), tmp_path),
        "postgresql": _installation("postgresql", clean_postgres(worker_name), tmp_path),
    }
    yield made
    for tool in made.values():
        tool.close()


def _installation(name: str, url: str, folder: Path) -> Tool:
    port = {"sqlite": 8001, "postgresql": 8002}[name]
    return make_tool(
        Settings(
            base_url=f"http://127.0.0.1:{port}",
            data_dir=folder / name,
            database_url=url,
            secret_key=f"the secret of {name}, thirty-two characters",
            grade_delay_seconds=0,
        )
    )


def content_of(record: dict[str, Any]) -> dict[str, Any]:
    """What a record says of its owner's work, wherever it was written."""
    return {name: record[name] for name in OWN}


def count(tool: Tool, table: Any) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("first", ["sqlite", "postgresql"])
def test_a_record_moves_to_another_installation_and_home_again(
    installations: dict[str, Tool], first: str
) -> None:
    old, new = (
        installations[first],
        installations["postgresql" if first == "sqlite" else "sqlite"],
    )
    amina = old.sign_in("amina", set_up=SIX, name="Amina")
    fill(old, amina)
    written = zip_of(amina)
    there = new.sign_in("someone", set_up=SIX, name="A. O'Brien", organisation="New Employer")
    page = take(there, written)
    assert "Your record was taken in" in page.text
    again = zip_of(there)
    before, after = record_in(written), record_in(again)
    assert content_of(after) == content_of_with_versions(before, after)
    assert after["person"]["name"] == "A. O'Brien"
    brought = [one for one in after["rating_changes"] if one["source"]]
    assert [strip(one) for one in brought] == [strip(one) for one in before["rating_changes"]]
    assert {one["source"]["installation"] for one in brought} == {before["origin"]["installation"]}
    assert {one["taken_from"] for one in after["rating_changes"] if not one["source"]} == {
        before["origin"]["installation"]
    }
    # Home again: all of it is known there but what happened in between.
    rate(there, "6.04", "achieved", "Since then", 1)
    take(amina, zip_of(there), **{"side-self-assessment-1": "theirs"})
    home = record_in(zip_of(amina))
    assert len(home["goals"]) == len(home["training_records"]) == len(home["files"]) == 1
    assert len(home["snapshots"]) == 1
    (changed_there,) = (one for one in home["ratings"] if one["code"] == "6.04")
    assert (changed_there["state"], changed_there["note"]) == ("achieved", "Since then")
    assert "Everything in this record is here already" in look_at(amina, zip_of(there))


def content_of_with_versions(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The same work; only the count of an answer's changes begins anew where it was taken in."""
    expected = content_of(before)
    versions = {(one["instrument"], one["code"]): one["version"] for one in after["ratings"]}
    expected["ratings"] = [
        one | {"version": versions[one["instrument"], one["code"]]} for one in before["ratings"]
    ]
    return expected


def strip(change: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in change.items() if k not in {"source", "taken_from"}}


def look_at(who: Visitor, content: bytes) -> str:
    looked = bring(who, content)
    assert looked.status_code == 303, looked.text
    return who.client.get(looked.location).text


def test_the_same_zip_twice_changes_nothing(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    written = zip_of(amina)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    take(there, written)
    tables = (Rating, RatingChange, ImportedChange, ImportedItem)
    counts = [count(tool, table) for table in tables]
    once = content_of(record_in(zip_of(there)))
    page = take(there, written)
    assert "Everything in it was here already" in page.text
    assert [count(tool, table) for table in tables] == counts
    assert content_of(record_in(zip_of(there))) == once


def test_looking_takes_nothing_in_and_leaves_nothing_when_put_away(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX, name="Amina Elsewhere")
    fill(tool, amina)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    looked = bring(there, zip_of(amina))
    page = there.client.get(looked.location).text
    assert "Amina Elsewhere" in page
    assert "Nothing is taken in yet" in page
    assert "Goals" in page
    assert record_in(zip_of(there))["ratings"] == []
    with tool.database.transaction(write=False) as session:
        digest = session.execute(select(RecordImport.digest)).scalar_one()
    away = there.client.post(looked.location + "/put-away", data={"csrf_token": there.csrf_token()})
    assert away.status_code == 303
    assert count(tool, RecordImport) == 0
    with pytest.raises(Exception, match="no longer kept"):
        open_blobs(tool.runtime.settings).get(there.actor.organisation_id, digest)
    assert there.client.get(looked.location).status_code == 404


def test_newer_answers_win_as_their_owner_chooses_and_older_ones_never(tool: Tool) -> None:
    early, late = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    amina = tool.sign_in("amina", set_up=SIX)
    rate(amina, "6.01", "achieved", "Theirs, newer")
    rate(amina, "6.02", "achieved", "Theirs, older")
    rate(amina, "6.03", "achieved", "Only theirs")
    rate(amina, "6.04", "achieved", "The same")

    def times(record: dict[str, Any]) -> None:
        for one in record["ratings"]:
            one["changed_at"] = (early if one["code"] == "6.02" else late).isoformat()

    written = changed(zip_of(amina), times)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    rate(there, "6.01", "working-towards", "Mine, older")
    rate(there, "6.02", "working-towards", "Mine, newer")
    rate(there, "6.04", "achieved", "The same")
    with tool.database.transaction() as session:
        for row in session.execute(
            select(Rating).where(Rating.person_id == there.actor.person_id)
        ).scalars():
            row.changed_at = early + timedelta(days=30)
    page = look_at(there, written)
    assert "1 answer differs, and the one in the record is newer" in page
    assert "1 answer differs, and yours here is newer. It stays." in page
    take(there, written, **{"side-self-assessment-1": "mine"})
    notes = {one["code"]: one["note"] for one in record_in(zip_of(there))["ratings"]}
    assert notes == {
        "6.01": "Mine, older", "6.02": "Mine, newer", "6.03": "Only theirs", "6.04": "The same",
    }  # fmt: skip
    take(there, written, **{"side-self-assessment-1": "theirs"})
    ratings = {one["code"]: one for one in record_in(zip_of(there))["ratings"]}
    assert ratings["6.01"]["note"] == "Theirs, newer"
    assert datetime.fromisoformat(ratings["6.01"]["changed_at"]) == late
    assert ratings["6.02"]["note"] == "Mine, newer"


def test_an_answer_that_was_given_later_here_is_never_overwritten(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    rate(amina, "6.01", "achieved", "Mine")
    older = BroughtAnswer(
        "6.01", Answer(State.WORKING_TOWARDS, "Theirs"), "2026.1", datetime(2026, 1, 1, tzinfo=UTC)
    )
    with tool.database.transaction() as session:
        place = placement_of_course(session, amina.placement_id)
        taken = take_answers(
            session,
            amina.actor,
            place,
            "self-assessment-1",
            [older],
            origin="https://elsewhere.example",
            delay=timedelta(0),
        )
    assert taken == 0
    assert [one["note"] for one in record_in(zip_of(amina))["ratings"]] == ["Mine"]


def test_what_is_taken_in_counts_for_the_grade_and_is_marked_in_the_history(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    take(there, zip_of(amina))
    with tool.database.transaction(write=False) as session:
        score = session.execute(
            select(Score).where(Score.person_id == there.actor.person_id)
        ).scalar_one()
        assert (score.value, score.is_complete) == (100, True)
        mine = RatingChange.person_id == there.actor.person_id
        changes = session.execute(select(RatingChange).where(mine)).scalars().all()
        assert {one.origin for one in changes} == {tool.runtime.settings.base_url}
        kept = session.execute(select(ImportedChange)).scalars().all()
        assert len(kept) == 7
        assert {one.person_id for one in kept} == {there.actor.person_id}
        assert all(one.changed_at < one.imported_at for one in kept)
    page = there.get("history").text
    assert page.count("Brought from ") == len(changes) + len(kept)
    assert page.count("Changes you made elsewhere") == 1
    assert "Brought from " not in amina.get("history").text


def test_the_baseline_moves_along_and_never_takes_the_place_of_another(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    written = zip_of(amina)
    newcomer = tool.sign_in("new", set_up=SIX, organisation="Other")
    take(newcomer, written)
    (kept,) = record_in(zip_of(newcomer))["snapshots"]
    assert kept["kind"] == "baseline"
    settled = tool.sign_in("settled", set_up=SIX, organisation="Other")
    fill(tool, settled)
    own = record_in(zip_of(settled))

    def otherwise(record: dict[str, Any]) -> None:
        record["looking_back"][0]["note"] = "Otherwise"

    take(settled, changed(written, otherwise))
    now = record_in(zip_of(settled))
    kinds = sorted((one["kind"], one["label"]) for one in now["snapshots"])
    assert kinds == [("baseline", ""), ("by-hand", "Baseline: Willow Training")]
    assert now["looking_back"] == own["looking_back"]
    assert {one["kind"] for one in now["kept_aside"]} == {"looking-back"}


def test_an_instrument_that_is_not_here_is_kept_aside_said_and_handed_on(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)

    def elsewhere(record: dict[str, Any]) -> None:
        for kind in ("ratings", "snapshots", "looking_back", "goals"):
            for one in record[kind]:
                one["instrument"] = "self-assessment-9"

    written = changed(zip_of(amina), elsewhere)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    assert "This tool does not hold: self-assessment-9" in look_at(there, written)
    take(there, written)
    record = record_in(zip_of(there))
    assert record["ratings"] == record["goals"] == record["snapshots"] == []
    assert len(record["kept_aside"]) == 6 + 1 + 1 + 1
    assert NOTE in [one["original"].get("note") for one in record["kept_aside"]]
    third = tool.sign_in("amina", set_up=SIX, organisation="Third")
    take(third, zip_of(there))
    assert record_in(zip_of(third))["kept_aside"] == record["kept_aside"]


def test_a_certificate_is_kept_under_its_own_name(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    take(there, zip_of(amina))
    (file,) = record_in(zip_of(there))["files"]
    assert file["name"] == "Żółć certificate.pdf"
    blobs = open_blobs(tool.runtime.settings)
    assert blobs.get(there.actor.organisation_id, file["sha256"]) == CERTIFICATE


def test_nobody_takes_in_what_another_brought(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    looked = bring(amina, zip_of(amina))
    name = looked.location.rsplit("/", 1)[1]
    for other in (
        tool.sign_in("ben", set_up=SIX),
        tool.sign_in("olga", set_up=SIX, organisation="Other"),
    ):
        assert other.get(f"my-record/import/{name}").status_code == 404
        assert other.post(f"my-record/import/{name}", {}).status_code == 404
        assert other.post(f"my-record/import/{name}/put-away", {}).status_code == 404
        assert record_in(zip_of(other))["goals"] == []
    tara = tool.sign_in("tara", set_up=SIX, roles=TUTOR)
    assert bring(tara, zip_of(amina)).status_code == 403
    assert tara.post(f"my-record/import/{name}", {}).status_code == 403


def test_a_zip_that_nobody_decides_on_is_forgotten_after_a_day(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    looked = bring(amina, zip_of(amina))
    blobs = open_blobs(tool.runtime.settings)
    with tool.database.transaction() as session:
        assert forget_waiting(session, blobs) == 0
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)
    with time_machine.travel(later, tick=False), tool.database.transaction() as session:
        assert forget_waiting(session, blobs) == 1
    assert amina.client.get(looked.location).status_code == 404


def test_a_zip_that_is_refused_says_why_and_leaves_nothing(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    rate(amina, "6.01")

    def wrong(record: dict[str, Any]) -> None:
        record["ratings"][0]["state"] = "superb"

    answer = bring(amina, changed(zip_of(amina), wrong))
    assert answer.status_code == 400
    page = " ".join(answer.text.split())
    assert "in record.json, the field ratings.0.state is not right" in page
    assert "What is expected there" in page
    assert bring(amina, b"no zip").status_code == 400
    assert amina.post("my-record/import", {}).status_code == 400
    assert count(tool, RecordImport) == 0
