"""Everything about me: what the page says, what is in the zip, and that nothing is forgotten."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from sqlalchemy import select

import lti_tool.exports.personal as room
from lti_tool.courses.models import Membership, Placement
from lti_tool.courses.rules import Dates, with_own_dates
from lti_tool.exports.personal.coverage import HELD, LEFT_OUT
from lti_tool.exports.personal.rules import file_name, is_file_name
from lti_tool.exports.personal.shapes import Record, json_schema
from lti_tool.schema import metadata
from tests.exports.records import CERTIFICATE, CERTIFICATE_NAME, NOTE, SIX, fill, record_in, zip_of
from tests.tool import TUTOR, Tool

SCHEMA = Path(room.__file__).with_name("record.schema.json")


def tables_of_people() -> set[str]:
    """Every table that names a person, or a row of which belongs to one that does."""
    found = {"people"}
    while True:
        more = {
            table.name
            for table in metadata.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in found and table.name not in found
        }
        if not more:
            return found
        found |= more


def test_every_table_about_a_person_is_in_the_record_or_left_out_for_a_reason() -> None:
    assert tables_of_people() == set(HELD) | set(LEFT_OUT)
    assert not set(HELD) & set(LEFT_OUT)
    assert set(HELD.values()) <= set(Record.model_fields)
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


def test_the_committed_schema_is_the_shape_that_is_read_and_written() -> None:
    committed = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(json_schema())), "write record.schema.json anew"
    assert validator_for(committed) is Draft202012Validator
    Draft202012Validator.check_schema(committed)


@pytest.mark.parametrize(
    "ending", ["", ".pdf", ".PDF", "../x", ".p/f", ".\u202efdp", "." + "x" * 90, ".ß", ".\0"]
)
def test_files_in_the_zip_have_names_of_ours(ending: str) -> None:
    name = file_name(7, ending)
    assert is_file_name(name)
    assert name.startswith("files/certificate-007.")
    assert ".." not in name


def test_the_zip_holds_everything_and_is_valid(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX, name="Amina O'Brien-Żółć")
    fill(tool, amina)
    amina.post("sharing/new", {"parts": "gaps", "previewed": "gaps", "save": "1", "label": "For Mo",
                               "ends_on": datetime.now(UTC).date().isoformat()})  # fmt: skip
    content = zip_of(amina)
    record = record_in(content)
    Draft202012Validator(json_schema()).validate(record)
    Record.model_validate_json(json.dumps(record))
    assert record["person"]["name"] == "Amina O'Brien-Żółć"
    assert [r["note"] for r in record["ratings"][:2]] == [NOTE, NOTE]
    assert len(record["ratings"]) == 6
    assert len(record["rating_changes"]) == 7
    (baseline,) = record["snapshots"]
    assert (baseline["kind"], len(baseline["answers"])) == ("baseline", 6)
    (back,) = record["looking_back"]
    assert (back["baseline"], back["note"]) == (baseline["id"], NOTE)
    (goal,), (entry,), (file,) = record["goals"], record["training_records"], record["files"]
    assert (entry["goal"], entry["file"]) == (goal["id"], file["id"])
    assert file["name"] == CERTIFICATE_NAME
    assert len(record["grades"]) == 1
    (link,) = record["shared_links"]
    assert link["label"] == "For Mo"
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert set(archive.namelist()) == {"record.json", "index.html", file["path"]}
    assert archive.read(file["path"]) == CERTIFICATE
    assert archive.testzip() is None


def test_the_zip_opens_no_link_and_no_session(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    amina.post("sharing/new", {"parts": "gaps", "previewed": "gaps", "save": "1",
                               "ends_on": datetime.now(UTC).date().isoformat()})  # fmt: skip
    (path,) = re.findall(r'value="http://[^/]+/shared/([^"]+)"', amina.get("sharing").text)
    archive = zipfile.ZipFile(io.BytesIO(zip_of(amina)))
    everything = "".join(archive.read(name).decode() for name in archive.namelist())
    for secret in (path, amina.slot):
        assert secret not in everything


def test_the_page_in_the_zip_needs_nothing_but_a_browser(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX, name="<script>alert(1)</script>")
    fill(tool, amina)
    page = zipfile.ZipFile(io.BytesIO(zip_of(amina))).read("index.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert addresses
    assert all(re.match(r"#|files/certificate-\d+\.", one) for one in addresses)
    for text in (NOTE.split("\n", maxsplit=1)[0].replace("'", "&#39;"), "Lead a case discussion"):
        assert text in page


def test_the_page_says_in_words_what_is_held(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    page = re.sub(r"\s+", " ", amina.get("my-record").text)
    assert "Willow Training holds about you" in page
    for what, count in (
        ("Your answers to competencies", "6, 2 with an evidence note"),
        ("Every change of an answer, with what you had written before", "7"),
        ("Goals, with every change of them", "1"),
        ("Certificates and other files", "1"),
        ("PDFs that you asked for", "none"),
    ):
        assert f'<th scope="row">{what}</th> <td>{count}</td>' in page, what


def test_a_tutor_has_a_record_of_their_own_and_only_that(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    tara = tool.sign_in("tara", set_up=SIX, roles=TUTOR)
    assert tara.get("my-record").status_code == 200
    record = record_in(zip_of(tara))
    assert (record["ratings"], record["goals"], record["files"]) == ([], [], [])
    assert [course["roles"] for course in record["courses"]] == [["tutor"]]
    assert tara.get("my-record/import").status_code == 403


def test_one_organisation_knows_nothing_of_another(tool: Tool) -> None:
    here = tool.sign_in("amina", set_up=SIX)
    fill(tool, here)
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    record = record_in(zip_of(there))
    assert record["ratings"] == []
    assert record["origin"]["organisation"] == "Other"
    assert len(record["courses"]) == 1


def test_a_certificate_that_the_store_lost_keeps_nobody_from_the_rest(tool: Tool) -> None:
    from lti_tool.storage.blobs import open_blobs

    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    digest = record_in(zip_of(amina))["files"][0]["sha256"]
    open_blobs(tool.runtime.settings).delete(amina.actor.organisation_id, digest)
    record = record_in(zip_of(amina))
    assert record["files"] == []
    assert record["training_records"][0]["file"] is None


def test_dates_that_the_lms_gave_somebody_alone_are_in_their_record(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    with tool.database.transaction() as session:
        place = session.execute(
            select(Placement).where(Placement.course_id == amina.actor.course_id)
        ).scalar_one()
        membership = session.get_one(Membership, amina.actor.membership_id)
        due = datetime(2026, 12, 3, 17, tzinfo=UTC)
        membership.own_dates = with_own_dates(None, place.id, Dates(due_at=due))
        title = place.title
    content = zip_of(amina)
    (own,) = record_in(content)["courses"][0]["own_dates"]
    assert own["activity"] == title
    assert datetime.fromisoformat(own["due_at"]) == due
    with zipfile.ZipFile(io.BytesIO(content)) as record:
        (name,) = (one for one in record.namelist() if one.endswith(".html"))
        assert f"“{title}” is due for you" in record.read(name).decode()
    assert record_in(zip_of(ben))["courses"][0].get("own_dates", []) == []
