"""Versions: an answer names the edition that it answers, and a new one rewrites nothing."""

from sqlalchemy import text

from lti_tool.assessments.comparison import NOW
from lti_tool.assessments.rewordings import with_rewordings
from lti_tool.assessments.snapshot_queries import comparison_of, snapshots_of
from lti_tool.competencies.queries import instrument_for
from lti_tool.competencies.wordings.rules import Wording, Words
from lti_tool.competencies.wordings.services import Wish, correct
from lti_tool.courses.rules import SetUp
from lti_tool.kernel.actor import Role
from tests.tool import Tool, Visitor

SIX = SetUp("self-assessment-1", (6,))
CODES = [f"6.0{n}" for n in range(1, 7)]


def rate(who: Visitor, code: str, state: str = "working-towards", version: int = 0) -> None:
    sent = {"code": code, "state": state, "note": "", "version": version}
    assert who.post_json("ratings", sent).status_code == 200


def reword(tool: Tool, code: str, knowledge: str) -> None:
    admin = tool.sign_in("ada", roles=frozenset({Role.ADMINISTRATOR}), set_up=SIX)
    with tool.database.transaction() as session:
        now = instrument_for(session, admin.actor.organisation_id, SIX.instrument).by_code[code]
        words = Words(knowledge, now.ability, now.prompt, now.points_of, now.points)
        wish = Wish(SIX.instrument, code, Wording.CORRECTED, words)
        assert correct(session, admin.actor, wish, seen=0, sentence="Clearer")


def versions(tool: Tool) -> dict[str, str]:
    with tool.database.transaction(write=False) as session:
        rows = session.execute(text("SELECT code, instrument_version FROM ratings"))
        return {row.code: row.instrument_version for row in rows}


def test_a_changed_wording_is_said_beside_the_answer_and_the_answer_stays(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code)
    old = versions(tool)["6.01"]
    assert "The wording changed" not in amina.get("domain/6").text
    before = instrument_words(tool, amina, "6.01")
    reword(tool, "6.01", "Quite another thing to know")
    page = amina.get("domain/6").text
    assert page.count("The wording changed since you answered") == 1
    assert f"({old} → {old}+1)" in page
    assert "Quite another thing to know" in page
    assert before in page
    assert set(versions(tool).values()) == {old}
    rate(amina, "6.01", "achieved", 1)
    assert versions(tool)["6.01"] == f"{old}+1"
    assert versions(tool)["6.02"] == old
    assert "The wording changed" not in amina.get("domain/6").text


def test_an_answer_can_be_said_to_hold_for_the_new_wording(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code)
    reword(tool, "6.01", "Quite another thing to know")
    assert "My answer still holds" in amina.get("domain/6").text
    form = {"version-6.02": "1", "state-6.02": "achieved", "note-6.02": "typed meanwhile"}
    answer = amina.post("domain/6", form | {"holds": "6.01"})
    assert answer.headers["Location"].endswith("/domain/6#c-6.01")
    page = amina.get("domain/6").text
    assert "The wording changed" not in page
    assert "typed meanwhile" in page
    assert versions(tool)["6.01"].endswith("+1")
    history = amina.get("history").text
    assert history.count("Still holds, as it is worded now") == 1
    amina.post("domain/6", {"holds": "6.01"})
    assert amina.get("history").text == history
    for wrong in ("7.01", "nonsense"):
        assert amina.post("domain/6", {"holds": wrong}).status_code == 404


def test_nothing_holds_where_nothing_was_answered(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    assert amina.post("domain/6", {"holds": "6.01"}).status_code == 404
    assert versions(tool) == {}


def test_a_comparison_names_the_editions_and_the_reworded_statement(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in CODES:
        rate(amina, code)
    reword(tool, "6.01", "Quite another thing to know")
    rate(amina, "6.01", "achieved", 1)
    rate(amina, "6.02", "achieved", 1)
    with tool.database.transaction(write=False) as session:
        asked = instrument_for(session, amina.actor.organisation_id, SIX.instrument)
        (head,) = snapshots_of(session, amina.actor.person_id, SIX.instrument)
        plain = comparison_of(session, amina.actor.person_id, asked, head.public_id, NOW)
        found = with_rewordings(session, amina.actor.organisation_id, asked, plain)
    assert found.reworded == {"6.01"}
    assert found.versions == (asked.version.split("+")[0], asked.version)
    assert found.added == ()
    page = amina.get("change").text
    assert "different versions of the framework" in page
    assert page.count("(reworded between versions") == 1


def test_provisional_statements_are_marked_and_said_once_at_the_top(tool: Tool) -> None:
    level_2 = tool.sign_in("amina", set_up=SetUp("self-assessment-2")).get("domain/6").text
    assert level_2.count("All statements of this level are provisional") == 1
    assert level_2.count("Provisional wording") == 6
    level_1 = tool.sign_in("ben", link="one", set_up=SetUp("self-assessment-1")).get("domain/6")
    assert "All statements of this level" not in level_1.text
    assert "Where it is shown, each is marked with the reason." in level_1.text


def instrument_words(tool: Tool, who: Visitor, code: str) -> str:
    with tool.database.transaction(write=False) as session:
        asked = instrument_for(session, who.actor.organisation_id, SIX.instrument)
    return str(asked.by_code[code].knowledge)[:40]
