"""A second framework is data: it loads, is set up, assessed and graded without a change of code."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.competencies.loading import library, load_frameworks, use_frameworks
from lti_tool.courses.rules import NOT_SET_UP
from lti_tool.grades.models import Score
from lti_tool.grades.rules import TOPIC
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.settings import Settings
from lti_tool.outbox.models import Message
from tests.competencies.folders import SECOND, SHIPPED, change, copy_of
from tests.tool import TUTOR, Tool, Visitor, make_tool

WOODLAND = "woodland-play-1"


@pytest.fixture
def larger_tool(settings: Settings) -> Iterator[Tool]:
    """The tool with the folder of a second framework named in its settings."""
    tool = make_tool(settings.model_copy(update={"frameworks_dir": str(SECOND)}))
    yield tool
    tool.close()
    use_frameworks(None)


def rate(visitor: Visitor, code: str, state: str) -> None:
    answer = {"code": code, "state": state, "note": "Seen in the wood", "version": 0}
    assert visitor.post_json("ratings", answer).status_code == 200


def test_it_is_set_up_assessed_and_graded(larger_tool: Tool) -> None:
    tool = larger_tool
    tara = tool.sign_in("tara", roles=TUTOR, set_up=NOT_SET_UP)
    assert "Woodland play practice, Level 1" in tara.get("set-up").text
    domains = [f"{WOODLAND}:1", f"{WOODLAND}:2"]
    form = {"instrument": WOODLAND, "domains": domains, "grade_rule": "achieved"}
    assert tara.post("set-up", form).status_code == 303

    amina = tool.sign_in("amina", set_up=NOT_SET_UP)
    assert "Knowing the wood" in amina.get().text
    assert "Walk the ground on the morning" in amina.get("domain/1").text
    rate(amina, "1.01", "achieved")
    rate(amina, "2.02", "achieved")
    rate(amina, "2.01", "working-towards")
    assert "3 of 5 rated, 2 achieved" in amina.get().text
    with tool.database.transaction(write=False) as session:
        (score,) = session.execute(select(Score)).scalars()
        assert score.value == 40
        topics = session.execute(select(Message.topic)).scalars().all()
        assert TOPIC in topics
    assert "Person amina" in tara.get("course").text


def test_without_the_setting_it_is_not_there(tool: Tool) -> None:
    assert WOODLAND not in library()
    assert "Woodland" not in tool.sign_in("tara", roles=TUTOR).get("set-up").text


def test_its_instruments_follow_the_shipped_ones() -> None:
    both = load_frameworks(SHIPPED, SECOND)
    assert list(both) == ["imhcf", "woodland"]
    assert len(both["imhcf"].instruments) == 6
    assert list(both["woodland"].instruments) == [WOODLAND]


def test_an_instrument_id_that_is_taken_is_refused_with_file_line_and_field(
    tmp_path: Path,
) -> None:
    folder = copy_of(tmp_path, SECOND / "woodland")
    file = folder / "woodland" / "self-assessment-1.yaml"
    (folder / "woodland" / "woodland-play-1.yaml").rename(file)
    change(file, lambda values: values.update(id="self-assessment-1"))
    change(
        folder / "woodland" / "framework.yaml",
        lambda values: values["instruments"][0].update(id="self-assessment-1"),
    )
    with pytest.raises(Misconfigured) as caught:
        load_frameworks(SHIPPED, folder)
    said = caught.value.sentence
    assert said.startswith(f"{file}, line 1, id: is self-assessment-1, which {SHIPPED}/imhcf/")


def test_a_framework_id_that_is_taken_is_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path, SECOND / "woodland")
    shutil.copytree(folder / "woodland", folder / "wood")
    with pytest.raises(Misconfigured) as caught:
        load_frameworks(folder)
    said = [str(problem) for problem in caught.value.problems]  # type: ignore[attr-defined]
    assert any("framework.yaml, line 2, id: is woodland, which " in one for one in said)
    assert any(f"id: is {WOODLAND}, which " in one for one in said)


def test_a_setting_that_names_no_framework_stops_the_start(
    settings: Settings, tmp_path: Path
) -> None:
    for folder in (tmp_path, tmp_path / "away"):
        with pytest.raises(Misconfigured, match="IMHCF_FRAMEWORKS_DIR"):
            make_tool(settings.model_copy(update={"frameworks_dir": str(folder)}))
