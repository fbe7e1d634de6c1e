"""A task that reads differently since it was answered: said so, with the old words, and confirmed."""

import pytest
from sqlalchemy import select

from lti_tool.competencies.queries import instrument_for
from lti_tool.competencies.wordings.rules import Wording, Words
from lti_tool.competencies.wordings.services import Wish, correct
from lti_tool.kernel.actor import Role
from lti_tool.portfolios.models import Account, AccountVersion
from tests.portfolios.handing_in import Handing, begun, handed_in
from tests.tool import Tool

SAID = "The wording changed since you wrote this"


def reword(tool: Tool, code: str, prompt: str, points: tuple[str, ...] = (), seen: int = 0) -> None:
    """Changes what a task of Level 1 asks, as an administrator of the organisation."""
    ada = tool.sign_in("ada", roles=frozenset({Role.ADMINISTRATOR}))
    with tool.database.transaction() as session:
        now = instrument_for(session, ada.actor.organisation_id, "portfolio-1").by_code[code]
        words = Words(now.knowledge, now.ability, prompt, now.points_of, points or now.points)
        wish = Wish("portfolio-1", code, Wording.CORRECTED, words)
        assert correct(session, ada.actor, wish, seen=seen, sentence="Clearer")


def task(handing: Handing, code: str = "1.01") -> str:
    answer = handing.visitor.get(f"{handing.path}/task/{code}")
    assert answer.status_code == 200
    return answer.text


def answered(tool: Tool, code: str = "1.01") -> tuple[str, str]:
    """The version that an account answers, and its text."""
    with tool.database.transaction(write=False) as session:
        row = session.execute(
            select(Account.instrument_version, Account.text).where(Account.code == code)
        ).one()
        return row.instrument_version, row.text


@pytest.fixture
def amina(tool: Tool) -> Handing:
    handing = begun(tool)
    handing.write("1.01", "What I wrote")
    return handing


def edition(handing: Handing) -> str:
    """What the form sends for "still holds"."""
    return task(handing).split('name="holds"')[1].split('value="')[1].split('"')[0]


def confirm(handing: Handing, holds: str, text: str = "What I wrote", version: int = 1) -> int:
    form = {"text": text, "version": version, "declaration": "anonymised", "holds": holds}
    return handing.visitor.post(f"{handing.path}/task/1.01", form).status_code


def test_nothing_is_said_while_nothing_changed(tool: Tool, amina: Handing) -> None:
    assert SAID not in task(amina)
    reword(tool, "1.02", "Another task asks another thing")
    assert SAID not in task(amina)


def test_the_change_is_said_with_the_old_words_and_nothing_is_rewritten(
    tool: Tool, amina: Handing
) -> None:
    old_prompt = amina.asked.by_code["1.01"].prompt
    old_version, _ = answered(tool)
    reword(tool, "1.01", "Quite another thing is asked", ("A new point",))
    page = task(amina)
    assert SAID in page
    assert f"({old_version} → {old_version}+1)" in page
    assert "Quite another thing is asked" in page
    assert old_prompt[:40] in page
    assert answered(tool) == (old_version, "What I wrote")


def test_a_task_without_a_text_says_nothing(tool: Tool, amina: Handing) -> None:
    reword(tool, "1.02", "Another thing")
    assert SAID not in task(amina, "1.02")


def test_it_can_be_said_to_hold_and_the_text_and_versions_stay(tool: Tool, amina: Handing) -> None:
    old_version, _ = answered(tool)
    reword(tool, "1.01", "Quite another thing is asked")
    assert confirm(amina, edition(amina)) == 303
    assert answered(tool) == (f"{old_version}+1", "What I wrote")
    assert SAID not in task(amina)
    with tool.database.transaction(write=False) as session:
        rows = session.execute(select(AccountVersion.text, AccountVersion.instrument_version))
        assert [tuple(row) for row in rows] == [("What I wrote", old_version)]


def test_what_is_typed_beside_it_is_saved_too(tool: Tool, amina: Handing) -> None:
    reword(tool, "1.01", "Quite another thing is asked")
    assert confirm(amina, edition(amina), text="What I wrote, and more") == 303
    assert answered(tool)[1] == "What I wrote, and more"
    assert SAID not in task(amina)


@pytest.mark.parametrize("holds", ["", "2026.1", "nonsense", "\0", "x" * 5000])
def test_a_wording_that_was_not_read_is_not_confirmed(
    tool: Tool, amina: Handing, holds: str
) -> None:
    before = answered(tool)
    reword(tool, "1.01", "Quite another thing is asked")
    assert confirm(amina, holds) == 303
    assert answered(tool) == before
    assert SAID in task(amina)


def test_a_later_wording_is_not_confirmed_by_an_older_page(tool: Tool, amina: Handing) -> None:
    reword(tool, "1.01", "Quite another thing is asked")
    shown = edition(amina)
    before = answered(tool)
    reword(tool, "1.01", "And another one again", seen=1)
    assert confirm(amina, shown) == 303
    assert answered(tool) == before


def test_a_new_text_answers_the_new_wording(tool: Tool, amina: Handing) -> None:
    reword(tool, "1.01", "Quite another thing is asked")
    with tool.database.transaction(write=False) as session:
        asked = instrument_for(session, amina.visitor.actor.organisation_id, "portfolio-1")
    page = {"text": "Anew", "version": 1}
    assert amina.visitor.post_json(f"{amina.path}/task/1.01/text", page).status_code == 200
    assert answered(tool) == (asked.version, "Anew")
    assert SAID not in task(amina)


def test_what_is_handed_in_is_not_confirmed_any_more(tool: Tool) -> None:
    handing, _ = handed_in(tool)
    before = answered(tool)
    reword(tool, "1.01", "Quite another thing is asked")
    with tool.database.transaction(write=False) as session:
        asked = instrument_for(session, handing.visitor.actor.organisation_id, "portfolio-1")
    form = {"text": before[1], "version": 1, "holds": asked.version, "declaration": "anonymised"}
    answer = handing.visitor.post(f"{handing.path}/task/1.01", form)
    assert answer.status_code == 409
    assert answered(tool) == before
