"""What was handed in, read and told, in the record of each; and texts of portfolios brought along."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.exports.personal.shapes import Record, json_schema
from lti_tool.reviews.rules import Verdict
from tests.exports.records import SIX, bring, changed, record_in, take, zip_of
from tests.exports.test_personal_import import installations, look_at
from tests.portfolios.gathering import Gatherer
from tests.portfolios.handing_in import begun, handed_in, ready
from tests.portfolios.writing import Writer
from tests.reviews.deciding import let_go
from tests.reviews.offices import allocated, appoint
from tests.tool import Tool, Visitor

__all__ = ["installations"]

LEVEL_1 = SetUp("portfolio-1", (), GradeRule.COMPLETION)


def checked(content: bytes) -> dict[str, Any]:
    """The record of a zip, which is valid by the committed schema and by the shapes."""
    record = record_in(content)
    Draft202012Validator(json_schema()).validate(record)
    Record.model_validate_json(json.dumps(record))
    return record


def returned(tool: Tool) -> tuple[Visitor, Any]:
    """Amina, whose portfolio came back for more evidence, and Rosa, who read it."""
    rosa = appoint(tool, "rosa")
    handing = ready(tool, name="Amina Nobody-Else")
    gatherer = Gatherer(Writer(handing.visitor, handing.path))
    gatherer.tell(gatherer.give("Observation of a home.jpg"), "A visit", alt="Two people at play")
    submission = handing.hand_in()
    allocated(tool, submission)
    rosa.read(submission, {"1.02": Verdict.NOT_YET}, summary="A careful portfolio.")
    let_go(tool, rosa, submission)
    return handing.visitor, rosa


def test_a_learner_has_what_was_handed_in_and_what_came_of_it(tool: Tool) -> None:
    amina, _ = returned(tool)
    content = zip_of(amina)
    record = checked(content)
    (submission,) = record["submissions"]
    assert submission["state"] == "returned"
    assert submission["reopened"] == ["1.02"]
    assert len(submission["digest"]) == 64
    (task,) = [one for one in submission["tasks"] if one["code"] == "1.01"]
    assert task["text"].startswith("What I did for 1.01")
    assert task["wording"]["prompt"]
    assert [one["name"] for one in task["evidence"]] == ["Observation of a home.jpg"]
    (outcome,) = submission["outcomes"]
    assert outcome["summary"] == "A careful portfolio."
    assert outcome["findings"]["1.02"]["feedback"] == "More 1.02."
    acts = [(step["act"], step["by_oneself"]) for step in submission["log"]]
    assert acts[0] == ("submitted", True)
    assert ("released", False) in acts
    (piece,) = record["evidence"]
    assert piece["tasks"] == [
        {
            "portfolio": record["portfolios"][0]["id"],
            "code": "1.01",
            "added_at": piece["tasks"][0]["added_at"],
        }
    ]
    assert record["files"] == []  # evidence may have 500 MB: it is on its page
    assert {one["kind"] for one in record["notifications"]} >= {"submitted", "outcome-released"}
    assert record["mail"] is None
    page = amina.get("my-record")
    assert page.status_code == 200


def test_the_page_to_read_without_the_tool_says_it(tool: Tool) -> None:
    import io
    import zipfile

    amina, rosa = returned(tool)
    html = zipfile.ZipFile(io.BytesIO(zip_of(amina))).read("index.html").decode()
    for words in ("A careful portfolio.", "More 1.02.", "Observation of a home.jpg", "Receipt"):
        assert words in html
    theirs = zipfile.ZipFile(io.BytesIO(zip_of(rosa.visitor))).read("index.html").decode()
    assert "A careful portfolio." in theirs


def test_an_assessor_has_their_own_words_and_nobodys_portfolio(tool: Tool) -> None:
    _, rosa = returned(tool)
    rosa.visitor.post("notifications/e-mail", {"wanted": "no"})
    content = zip_of(rosa.visitor)
    record = checked(content)
    (office,) = record["assessing"]
    (reading,) = office["readings"]
    assert reading["summary"] == "A careful portfolio."
    assert {one["code"]: one["feedback"] for one in reading["findings"]}["1.02"] == "More 1.02."
    assert record["mail"]["wanted"] is False
    assert record["submissions"] == []
    said = json.dumps(record)
    assert "Nobody-Else" not in said
    assert "What I did for" not in said


def test_another_person_has_none_of_it(tool: Tool) -> None:
    returned(tool)
    ben = tool.sign_in("ben", set_up=LEVEL_1)
    record = checked(zip_of(ben))
    for part in ("submissions", "evidence", "witness_statements", "cases", "assessing"):
        assert record[part] == []


@pytest.mark.parametrize("first", ["sqlite", "postgresql"])
def test_texts_come_in_where_there_are_none_with_versions_and_declarations(
    installations: dict[str, Tool], first: str
) -> None:
    old = installations[first]
    new = installations["postgresql" if first == "sqlite" else "sqlite"]
    handing, _ = handed_in(old)
    written = zip_of(handing.visitor)
    there = begun(new, "someone")
    there.write("1.01", "My own words here")
    shown = look_at(there.visitor, written)
    assert "Texts of portfolios" in shown
    assert "What you handed in there" in shown
    page = take(there.visitor, written)
    assert "texts of portfolios" in page.text
    before, after = record_in(written), checked(zip_of(there.visitor))
    (mine,) = after["portfolios"]
    texts = {one["code"]: one for one in mine["accounts"]}
    assert texts["1.01"]["text"] == "My own words here"
    for theirs in before["portfolios"][0]["accounts"]:
        if theirs["code"] != "1.01":
            same = ("text", "declaration", "declared_at", "versions", "changed_at", "ticks")
            here = texts[theirs["code"]]
            assert {n: here[n] for n in same} == {n: theirs[n] for n in same}
    # What was handed in there is kept as it came, and counts for nothing here.
    assert after["submissions"] == []
    kept = [one for one in after["kept_aside"] if one["kind"] == "submission"]
    assert [one["original"]["receipt_code"] for one in kept] == [
        before["submissions"][0]["receipt_code"]
    ]
    # Writing goes on, over the version that came in; a second time nothing comes in.
    there.write("1.02", "And on")
    assert "Everything in this record is here already" in look_at(there.visitor, written)


def test_a_portfolio_begins_with_what_comes_in_and_comes_home_under_its_name(
    installations: dict[str, Tool],
) -> None:
    handing, _ = handed_in(installations["sqlite"])
    written = zip_of(handing.visitor)
    someone = installations["postgresql"].sign_in("someone", set_up=SIX)
    take(someone, written)
    record = checked(zip_of(someone))
    assert record["portfolios"][0]["id"] == record_in(written)["portfolios"][0]["id"]
    assert len(record["portfolios"][0]["accounts"]) == len(handing.codes)
    shown = look_at(handing.visitor, zip_of(someone))
    assert "Everything in this record is here already" in shown


def test_what_is_there_twice_is_refused(tool: Tool) -> None:
    handing = begun(tool)
    handing.write("1.01", "Words")
    written = zip_of(handing.visitor)

    def twice(record: dict[str, Any]) -> None:
        record["portfolios"][0]["accounts"] *= 2

    answer = bring(handing.visitor, changed(written, twice))
    assert answer.status_code == 400
    assert "each thing once" in answer.text


def test_a_portfolio_of_an_unknown_level_is_kept_aside(tool: Tool) -> None:
    handing = begun(tool)
    handing.write("1.01", "Words")
    written = zip_of(handing.visitor)

    def elsewhere(record: dict[str, Any]) -> None:
        record["portfolios"][0] |= {"instrument": "portfolio-9", "id": "another"}

    take(handing.visitor, changed(written, elsewhere))
    kept = checked(zip_of(handing.visitor))["kept_aside"]
    assert [(one["kind"], one["key"]) for one in kept] == [("portfolio", "another")]


def test_a_record_of_before_there_were_submissions_is_taken(tool: Tool) -> None:
    handing = begun(tool)
    written = zip_of(handing.visitor)

    def older(record: dict[str, Any]) -> None:
        for name in ("evidence", "witness_statements", "submissions", "cases", "notifications"):
            del record[name]
        del record["mail"], record["assessing"]

    assert bring(handing.visitor, changed(written, older)).status_code == 303
