"""The plain form of a domain, as browsers without scripts send it."""

import re
from typing import Any

import pytest

from tests.tool import TUTOR, Tool, Visitor

CODES = [f"6.0{n}" for n in range(1, 7)]


def form(**changes: Any) -> dict[str, Any]:
    """A form of domain 6 that was opened before anything was rated; keys like `state_6_01`."""
    fields = {f"version-{code}": 0 for code in CODES}
    fields |= {f"state-{code}": "not-started" for code in CODES}
    fields |= {f"note-{code}": "" for code in CODES}
    for name, value in changes.items():
        field, domain, number = name.split("_")
        fields[f"{field}-{domain}.{number}"] = value
    return fields


def save(visitor: Visitor, **changes: Any) -> Any:
    return visitor.post("domain/6", form(**changes))


def versions(visitor: Visitor) -> dict[str, int]:
    """The versions that the domain's page builds on now."""
    page = visitor.get("domain/6").text
    return {
        code: int(re.search(f'name="version-{code}" value="(\\d+)"', page)[1])  # type: ignore[index]
        for code in CODES
    }


def test_everything_that_was_changed_is_saved_and_the_rest_left_alone(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = save(amina, state_6_01="achieved", note_6_03="A note\r\nof two lines")
    assert answer.status_code == 303
    assert answer.location.endswith("domain/6?saved=2")
    assert versions(amina) == dict.fromkeys(CODES, 0) | {"6.01": 1, "6.03": 1}
    assert "Saved: 2 answers." in amina.get("domain/6?saved=2").text


def test_save_and_go_on_leads_to_the_next_domain_and_at_last_to_the_summary(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.post("domain/6", form(state_6_01="achieved") | {"next": "1"})
    assert answer.location.endswith("/domain/7")
    assert amina.post("domain/7", {"next": "1"}).location.endswith("/summary")


def test_an_answer_that_the_form_only_repeats_does_not_undo_a_newer_one(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(amina, state_6_01="achieved")
    answer = save(amina, state_6_02="working-towards")
    assert answer.location.endswith("saved=1")
    assert versions(amina)["6.01"] == 1


def test_a_conflict_shows_both_versions_and_saves_the_others(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(amina, state_6_01="achieved", note_6_01="The first")
    answer = save(
        amina, state_6_01="working-towards", note_6_01="The second", state_6_02="achieved"
    )
    assert answer.status_code == 409
    assert "The first" in answer.text
    assert "The second" in answer.text
    assert 'href="#c-6.01"' in answer.text
    assert "1 other answer was saved." in answer.text
    assert versions(amina)["6.02"] == 1


def test_saving_again_after_a_conflict_keeps_mine(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(amina, state_6_01="achieved")
    save(amina, state_6_01="working-towards")
    assert save(amina, state_6_01="working-towards", version_6_01=1).status_code == 303
    assert versions(amina)["6.01"] == 2


def test_ticking_the_version_on_record_keeps_that(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(amina, state_6_01="achieved")
    assert save(amina, state_6_01="working-towards", take_6_01="1").status_code == 303
    assert versions(amina)["6.01"] == 1


def test_a_note_that_is_too_long_comes_back_whole(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = save(amina, note_6_04="é" * 20_001, state_6_05="achieved")
    assert answer.status_code == 413
    assert "é" * 20_001 in answer.text
    assert "20,001" in answer.text
    assert versions(amina) == dict.fromkeys(CODES, 0) | {"6.05": 1}


def test_an_unknown_state_is_named_beside_its_competency(tool: Tool) -> None:
    answer = save(tool.sign_in("amina"), state_6_01="excellent", note_6_01="still here")
    assert answer.status_code == 400
    assert "still here" in answer.text


@pytest.mark.parametrize("version", ["", "-1", "x", "٣", "9" * 30])
def test_a_damaged_version_is_refused(tool: Tool, version: str) -> None:
    answer = save(tool.sign_in("amina"), state_6_01="achieved", version_6_01=version)
    assert answer.status_code == 400


def test_a_tutor_can_look_at_a_domain_and_not_answer_it(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    page = tara.get("domain/6")
    assert "This is what learners see." in page.text
    assert '<fieldset class="plain" disabled>' in " ".join(page.text.split())
    assert save(tara, state_6_01="achieved").status_code == 403
