"""Pages: where grades go, what a tutor changed in the gradebook, and ours sent again."""

import re

import pytest
from click.testing import CliRunner

from lti_tool.cli import reconciling as command
from lti_tool.competencies.queries import instrument
from lti_tool.gateway.reconciling.rules import review_address, reviewed_person
from lti_tool.grades.rules import DeliveryState
from tests.gateway.reconciling.conftest import LMS_URL, Place
from tests.tool import Visitor

CODES = tuple(c for d in instrument("self-assessment-1").domains for c in d.codes)
ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def amina(place: Place) -> Visitor:
    visitor = place.launch("amina")
    for code in CODES[:5]:
        place.rate(visitor, code)
    place.work()
    return visitor


@pytest.fixture
def morag(place: Place, amina: Visitor) -> Visitor:
    return place.launch("morag")


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@ONE
def test_an_override_is_shown_to_the_tutor_and_to_the_learner(
    place: Place, amina: Visitor, morag: Visitor
) -> None:
    assert "in the gradebook since" in text_of(morag.get("course").text)
    place.enter(70)
    place.reconcile()
    assert "Changed in the gradebook to 70 of 100" in text_of(morag.get("course").text)
    assert "It would be 8 of 100." in text_of(morag.get("course").text)
    assert "Your tutor changed your grade in the gradebook to 70 of 100" in text_of(
        amina.get().text
    )


@pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("sqlite", "canvas"), ("postgresql", "strict")],
    indirect=["engine_name"],
)
def test_ours_replaces_an_override_when_the_tutor_asks_for_it(
    place: Place, amina: Visitor, morag: Visitor
) -> None:
    place.enter(70)
    place.reconcile()
    (score,) = place.scores()
    answer = morag.post(f"scores/{score.id}/insist", {})
    assert answer.status_code == 303
    place.work()
    assert place.cell()["value"] == score.value
    (score,) = place.scores()
    assert (score.state, score.overridden_at, score.insists) == ("delivered", None, False)
    place.reconcile()
    assert place.scores()[0].state == DeliveryState.DELIVERED


@ONE
def test_where_moodle_keeps_the_override_the_tutor_reads_what_to_do(
    place: Place, morag: Visitor
) -> None:
    place.enter(70)
    place.reconcile()
    (score,) = place.scores()
    morag.post(f"scores/{score.id}/insist", {})
    place.work()
    assert place.cell()["value"] == 70
    assert "Remove it in the gradebook first." in text_of(morag.get("course").text)
    (score,) = place.scores()
    assert (score.state, score.overridden_value) == (DeliveryState.OVERRIDDEN, 70)


@ONE
def test_nobody_sends_the_grade_of_another_course(place: Place, morag: Visitor) -> None:
    assert morag.post("scores/999/insist", {}).status_code == 404


@ONE
def test_the_columns_page_of_a_column_that_the_lms_made(place: Place, morag: Visitor) -> None:
    page = morag.get("columns")
    assert page.status_code == 200
    assert "Grades go to the column that your LMS made" in text_of(page.text)
    assert "Delete this column" not in page.text
    assert morag.post("columns/compare", {}).status_code == 303
    place.work()
    assert "nothing differed" in text_of(morag.get("columns").text)


@ONE
def test_a_column_of_ours_is_changed_and_deleted_from_its_page(place: Place) -> None:
    place.control("DELETE", "lineitems/31")
    amina, morag = place.launch("amina"), place.launch("morag")
    place.rate(amina, CODES[0])
    place.work()
    (column,) = place.columns()
    assert "This tool made it." in text_of(morag.get("columns").text)
    bad = morag.post(f"columns/{column.id}/change", {"label": "", "points": "10"})
    assert bad.status_code == 400
    bad = morag.post(f"columns/{column.id}/change", {"label": "Mine", "points": "many"})
    assert bad.status_code == 400
    bad = morag.post(f"columns/{column.id}/change", {"label": "Mine", "points": "-1"})
    assert bad.status_code == 400
    bad = morag.post(f"columns/{column.id}/change", {"label": "Mine", "points": "NaN"})
    assert bad.status_code == 400
    good = morag.post(f"columns/{column.id}/change", {"label": "Mine", "points": "20"})
    assert good.status_code == 303
    assert "on its way" in text_of(morag.get("columns").text)
    place.work()
    (there,) = (one for one in place.lms_columns() if one["ours"])
    assert (there["label"], there["points"]) == ("Mine", 20)
    assert "Delete the column “Mine”?" in text_of(morag.get(f"columns/{column.id}/delete").text)
    assert len([one for one in place.lms_columns() if one["ours"]]) == 1  # asking deletes nothing
    assert morag.post(f"columns/{column.id}/delete", {}).status_code == 303
    place.work()
    assert [one for one in place.lms_columns() if one["ours"]] == []
    assert "It was deleted." in text_of(morag.get("columns").text)
    assert morag.post(f"columns/{column.id}/again", {}).status_code == 303
    place.work()
    assert len([one for one in place.lms_columns() if one["ours"]]) == 1


@ONE
def test_learners_see_no_columns(place: Place, amina: Visitor) -> None:
    assert amina.get("columns").status_code == 403
    assert amina.post("columns/compare", {}).status_code == 403


@ONE
def test_a_tutor_chooses_one_grade_for_each_domain(
    place: Place, amina: Visitor, morag: Visitor
) -> None:
    form = {
        "instrument": "self-assessment-1",
        "domains": ["self-assessment-1:1", "self-assessment-1:2"],
        "grade_rule": "completion",
        "grade_parts": "domains",
    }
    assert morag.post("set-up", form).status_code == 303
    place.work()
    columns = [one for one in place.lms_columns() if one["ours"]]
    assert len(columns) == 2
    page = text_of(morag.get("course").text)
    assert "Domain 1:" in page
    assert "in the gradebook since" in page
    assert "The whole activity" in text_of(morag.get("columns").text)
    assert 'value="domains" checked' in " ".join(morag.get("set-up").text.split())
    # Without the field nothing changes; an unknown value changes nothing either.
    morag.post("set-up", {**form, "grade_parts": "thirds"})
    place.work()
    assert len([one for one in place.lms_columns() if one["ours"]]) == 2


@pytest.mark.parametrize(
    ("engine_name", "profile"), [("sqlite", "canvas")], indirect=["engine_name"]
)
def test_canvas_gets_the_address_of_the_learners_work(
    place: Place, amina: Visitor, morag: Visitor
) -> None:
    submission = place.cell()["submission"]
    assert submission["submission_type"] == "basic_lti_launch"
    person = reviewed_person(submission["submission_data"])
    assert submission["submission_data"] == review_address("http://127.0.0.1:8000", person)
    assert morag.get(f"learners/{person}").status_code == 200


@pytest.mark.parametrize(
    ("target", "person"),
    [
        ("http://tool/lti/launch", ""),
        ("http://tool/lti/launch?learner=aB-9_x", "aB-9_x"),
        ("http://tool/lti/launch?learner=../../x", ""),
        ("http://tool/lti/launch?learner=%2F%2Fevil", ""),
        ("http://tool/lti/launch?learner=a%0d%0ab", ""),
        ("http://tool/lti/launch?learner=é", ""),
        ("", ""),
    ],
)
def test_only_a_public_id_is_taken_from_a_target(target: str, person: str) -> None:
    assert reviewed_person(target) == person


def run(place: Place, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setattr(command, "open_runtime", lambda: place.tool.runtime)
    result = CliRunner().invoke(command.grades_reconcile, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_says_what_differs_and_mends_unless_it_is_dry(
    place: Place, amina: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "1 grade(s) compared, 0 column(s) could not be read" in run(
        place, monkeypatch, "--dry-run"
    )
    place.enter(None, damage=True)
    dry = run(place, monkeypatch, "--dry-run")
    assert "8/100  is not in the gradebook: no grade" in dry
    place.work()
    assert place.cell()["value"] is None
    assert "0 grade(s) compared" in run(place, monkeypatch, "--registration", "99")
    assert "1 grade(s) will be sent again" in run(place, monkeypatch)
    place.work()
    assert place.cell()["value"] == 8
    place.enter(70)
    assert "was changed in the gradebook: 70 of 100" in run(place, monkeypatch)
    assert place.scores()[0].state == DeliveryState.OVERRIDDEN


@ONE
def test_the_command_says_when_a_gradebook_cannot_be_read(
    place: Place, amina: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.control("PUT", "faults", faults=[{"kind": "down", "scope": "results"}])
    output = run(place, monkeypatch)
    assert "0 grade(s) compared, 1 column(s) could not be read." in output
    assert LMS_URL not in output
