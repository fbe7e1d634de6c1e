"""The administrator's pages on wording: who may, what they show, what is kept, what is refused."""

from typing import Any

import pytest

from lti_tool.competencies.queries import instrument, instrument_for
from lti_tool.kernel.actor import Role
from tests.tool import TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PAGE = "wording/self-assessment-1/1.01"
OURS = instrument("self-assessment-1").by_code["1.01"]
FORM = {
    "knowledge": "Knowledge of how gardeners work together with bees.",
    "ability": "Ability to use that knowledge to:",
    "points": "plant clover\n\n  leave a corner wild  ",
    "points_of": "ability",
    "wording": "official",
    "reason": "As printed in the second edition",
    "seen": "0",
    "save": "1",
}


@pytest.fixture
def ada(tool: Tool) -> Visitor:
    return tool.sign_in("ada", roles=ADMINISTRATOR, name="Ada Żółć")


def read_now(tool: Tool, visitor: Visitor, instrument_id: str = "self-assessment-1") -> Any:
    with tool.database.transaction(write=False) as session:
        return instrument_for(session, visitor.actor.organisation_id, instrument_id)


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_the_page_says_which_wording_and_version_each_instrument_shows(
    tool: Tool, ada: Visitor
) -> None:
    page = ada.get("wording").text
    assert "IMHCF self-assessment, Level 1" in page
    assert "This tool's own wording." in page
    assert "63 statements are provisional" in page
    assert ada.post(PAGE, FORM).status_code == 303
    assert "1 published, 0 corrected here, 62 in this tool's own words." in ada.get("wording").text
    listed = ada.get("wording/self-assessment-1").text
    assert "version 2026.1+1" in listed
    assert "Published" in listed


def test_a_correction_is_shown_before_it_is_saved_and_then_read_by_everyone(
    tool: Tool, ada: Visitor
) -> None:
    preview = ada.post(PAGE, {name: FORM[name] for name in FORM if name != "save"} | {"preview": 1})
    assert preview.status_code == 200
    assert "Nothing is saved yet" in preview.text
    assert preview.text.index(OURS.topic) < preview.text.index("leave a corner wild")
    assert read_now(tool, ada).by_code["1.01"] == OURS
    assert ada.post(PAGE, FORM).status_code == 303
    said = read_now(tool, ada).by_code["1.01"]
    assert said.knowledge == FORM["knowledge"]
    assert said.points == ("plant clover", "leave a corner wild")
    assert (said.wording, said.points_of) == ("official", "ability")
    learner = tool.sign_in("amina").get("domain/1").text
    assert "gardeners work together with bees" in learner
    elsewhere = tool.sign_in("olga", organisation="Other").get("domain/1").text
    assert "gardeners" not in elsewhere


def test_the_history_says_who_and_why_and_leads_back(tool: Tool, ada: Visitor) -> None:
    ada.post(PAGE, FORM)
    page = ada.get(PAGE).text
    second = FORM | {"knowledge": "Knowledge of hives.", "seen": seen_on(page)}
    ada.post(PAGE, second | {"wording": "corrected", "reason": "<b>ours</b>"})
    page = ada.get(PAGE).text
    assert "Ada Żółć" in page
    assert "As printed in the second edition" in page
    assert "&lt;b&gt;ours&lt;/b&gt;" in page
    assert ada.post(PAGE + "/back", {"edition": 1, "seen": seen_on(page)}).status_code == 303
    assert read_now(tool, ada).by_code["1.01"].knowledge == FORM["knowledge"]
    ada.post(PAGE + "/back", {"edition": 0, "seen": seen_on(ada.get(PAGE).text)})
    shown = read_now(tool, ada)
    assert shown.by_code["1.01"] == OURS
    assert (shown.version, shown.wording) == ("2026.1+4", "own")
    assert ada.get(PAGE).text.count("Put back") == 2


def test_two_administrators_do_not_overwrite_each_other_silently(tool: Tool, ada: Visitor) -> None:
    brian = tool.sign_in("brian", roles=ADMINISTRATOR)
    assert ada.post(PAGE, FORM).status_code == 303
    refused = brian.post(PAGE, FORM | {"knowledge": "Knowledge of Brian’s own."})
    assert refused.status_code == 409
    assert "Somebody else changed this statement" in refused.text
    assert "Knowledge of Brian’s own." in refused.text
    assert "gardeners work together" in refused.text
    assert read_now(tool, ada).by_code["1.01"].knowledge == FORM["knowledge"]
    again = FORM | {"knowledge": "Knowledge of Brian’s own.", "seen": seen_on(refused.text)}
    assert brian.post(PAGE, again).status_code == 303
    assert read_now(tool, ada).by_code["1.01"].knowledge == "Knowledge of Brian’s own."
    late = ada.post(PAGE + "/back", {"edition": 0, "seen": "1"})
    assert late.status_code == 409
    other = "wording/self-assessment-1/1.02"
    assert brian.post(other, FORM).status_code == 303, "another statement is nobody's conflict"


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"knowledge": "", "ability": "", "points": ""}, 400, "Write at least one part in words."),
        ({"ability": ""}, 400, "The points belong to a part that is empty."),
        ({"wording": "mine"}, 400, "Say whose words these are."),
        ({"reason": " "}, 400, "Say in a few words why you change it."),
        ({"knowledge": "界" * 20_001}, 413, "This text has 20,001 characters; 20,000 can be kept."),
        ({"points": "x\n" * 101}, 413, "There are 101 points; 100 can be kept."),
    ],
)
def test_a_refused_form_keeps_all_that_was_typed(
    tool: Tool, ada: Visitor, wrong: dict[str, str], status: int, says: str
) -> None:
    typed = FORM | {"knowledge": "Kept: Llŷr, O'Brien-Żółć, العربية, 中文"} | wrong
    refused = ada.post(PAGE, typed)
    assert refused.status_code == status
    assert refused.text.count(says) >= 2, "in the summary and beside the field"
    assert typed["knowledge"][:20] in refused.text.replace("&#39;", "'")
    assert read_now(tool, ada).version == "2026.1"


def test_twenty_thousand_characters_of_any_script_are_kept(tool: Tool, ada: Visitor) -> None:
    text = "界" * 19_990 + "\nا😀\0\r\nz"
    assert ada.post(PAGE, FORM | {"knowledge": text}).status_code == 303
    kept = read_now(tool, ada).by_code["1.01"].knowledge
    assert kept == "界" * 19_990 + "\nا😀\nz"


def test_a_portfolios_task_is_corrected_too(tool: Tool, ada: Visitor) -> None:
    form = {"prompt": "Describe a hive.", "points": "combs", "wording": "corrected"}
    saved = ada.post("wording/portfolio-1/1.02", form | {"reason": "ours", "seen": "0"})
    assert saved.status_code == 303
    shown = read_now(tool, ada, "portfolio-1")
    task = shown.by_code["1.02"]
    assert (task.prompt, task.points, task.points_of) == ("Describe a hive.", ("combs",), None)
    assert task.provenance == "derived", "our own words leave it provisional"
    assert (shown.wording, shown.version) == ("mixed", "2026.1+1")


def test_saving_what_it_says_already_makes_no_edition(tool: Tool, ada: Visitor) -> None:
    ada.post(PAGE, FORM)
    again = ada.post(PAGE, FORM | {"seen": seen_on(ada.get(PAGE).text)})
    assert again.headers["Location"].endswith("saved=same")
    assert read_now(tool, ada).version == "2026.1+1"


def test_only_administrators_come_in_and_only_to_what_is_there(tool: Tool, ada: Visitor) -> None:
    for outsider in (tool.sign_in("amina"), tool.sign_in("tara", roles=TUTOR)):
        for path in ("wording", "wording/self-assessment-1", PAGE):
            assert outsider.get(path).status_code == 403
        assert outsider.post(PAGE, FORM).status_code == 403
        assert outsider.post(PAGE + "/back", {"edition": 0}).status_code == 403
    for path in ("wording/nothing", "wording/self-assessment-1/9.99"):
        assert ada.get(path).status_code == 404
        if path.endswith("9.99"):
            assert ada.post(path, FORM).status_code == 404
    for edition in ("7", "99999999999999", "x", ""):
        answer = ada.post(PAGE + "/back", {"edition": edition, "seen": "0"})
        assert answer.status_code in {400, 404}, edition
    other = tool.sign_in("otto", roles=ADMINISTRATOR, organisation="Other")
    ada.post(PAGE, FORM)
    assert "gardeners" not in other.get(PAGE).text
    assert other.post(PAGE + "/back", {"edition": 1, "seen": "0"}).status_code == 404


def test_an_address_of_another_course_leads_nowhere(tool: Tool, ada: Visitor) -> None:
    there = tool.sign_in("zoe", roles=ADMINISTRATOR, course="course-2")
    for path in ("wording", "wording/self-assessment-1", PAGE):
        assert there.client.get(f"/at/{there.slot}/p/{ada.placement}/{path}").status_code == 404
    for path in (PAGE, PAGE + "/back"):
        data = FORM | {"edition": 0, "csrf_token": there.csrf_token()}
        address = f"/at/{there.slot}/p/{ada.placement}/{path}"
        assert there.client.post(address, data=data).status_code == 404
    assert read_now(tool, ada).version == "2026.1"


def test_every_answer_names_the_version_that_was_read(tool: Tool, ada: Visitor) -> None:
    from sqlalchemy import select

    from lti_tool.assessments.models import RatingChange

    amina = tool.sign_in("amina")
    rating = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
    assert amina.post_json("ratings", rating).status_code == 200
    ada.post(PAGE, FORM)
    assert amina.post_json("ratings", rating | {"code": "1.02"}).status_code == 200
    with tool.database.transaction(write=False) as session:
        rows = session.execute(select(RatingChange.code, RatingChange.instrument_version))
        assert {row.code: row.instrument_version for row in rows} == {
            "1.01": "2026.1",
            "1.02": "2026.1+1",
        }
