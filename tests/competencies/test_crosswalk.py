"""The crosswalk: every task rests on competencies of its level, and the other way round."""

from pathlib import Path
from typing import Any

import pytest

from lti_tool.competencies.crosswalk import reason_for, rests_on, tasks_resting_on
from lti_tool.competencies.frameworks import Reference
from lti_tool.competencies.loading import frameworks, library, load_frameworks
from lti_tool.kernel.errors import Misconfigured
from tests.competencies.folders import change, copy_of

LEVELS = (1, 2, 3)


@pytest.mark.parametrize("level", LEVELS)
def test_every_task_rests_on_one_to_five_competencies_of_its_level(level: int) -> None:
    grid = library()[f"self-assessment-{level}"]
    for code in library()[f"portfolio-{level}"].by_code:
        found = rests_on(f"portfolio-{level}", code)
        assert 1 <= len(found) <= 5
        assert len(set(found)) == len(found)
        assert {one.instrument for one in found} == {grid.id}
        assert all(one.code in grid.by_code for one in found)


@pytest.mark.parametrize("level", LEVELS)
def test_the_way_back_is_the_same_way(level: int) -> None:
    portfolio = f"portfolio-{level}"
    forth = {
        (Reference(portfolio, code), on)
        for code in library()[portfolio].by_code
        for on in rests_on(portfolio, code)
    }
    back = {
        (task, Reference(f"self-assessment-{level}", code))
        for code in library()[f"self-assessment-{level}"].by_code
        for task in tasks_resting_on(f"self-assessment-{level}", code)
    }
    assert forth == back


@pytest.mark.parametrize(
    ("task", "words"),
    [
        # Level 1, Level 2 or 3: a word of the task's topic, and of a topic that it rests on.
        (("portfolio-1", "2.03"), "Cultural beliefs and practices"),
        (("portfolio-1", "3.03"), "Supervision in reflective practice"),
        (("portfolio-2", "1.05"), "Parental reflective functioning"),
        (("portfolio-2", "3.06"), "Substance misuse, domestic abuse, mental health"),
        (("portfolio-2", "5.01"), "Legislation and guidance on child protection"),
        (("portfolio-3", "2.06"), "Barriers to engagement"),
        (("portfolio-3", "3.07"), "Mental health problems in both parents"),
        (("portfolio-3", "5.01"), "Supervision in reflective practice"),
        (("portfolio-3", "6.02"), "Confidentiality and information sharing"),
    ],
)
def test_a_task_rests_on_what_it_is_about(task: tuple[str, str], words: str) -> None:
    topics = {library()[one.instrument].by_code[one.code].topic for one in rests_on(*task)}
    assert words in topics


def test_it_is_marked_as_ours_and_gives_reasons() -> None:
    crosswalk = frameworks()["imhcf"].crosswalk
    assert crosswalk is not None
    assert crosswalk.value.origin == "ours"
    assert "not published" in crosswalk.value.note
    assert "supporting colleagues" in (reason_for("portfolio-1", "3.04") or "")
    assert reason_for("portfolio-1", "1.02") is None


def test_what_has_no_crosswalk_rests_on_nothing() -> None:
    assert rests_on("self-assessment-1", "1.01") == ()
    assert tasks_resting_on("portfolio-1", "1.01") == ()
    assert rests_on("nothing", "9.99") == ()


def task(values: dict[str, Any], footing: int, code: str) -> dict[str, Any]:
    tasks = values["footings"][footing]["tasks"]
    return next(one for one in tasks if one["task"] == code)


WRONG = [
    (
        lambda v: task(v, 0, "1.01")["codes"].append("8.01"),
        "footings.0.tasks.0.codes.3: is 8.01, not in self-assessment-1",
    ),
    (
        lambda v: task(v, 1, "1.01").update(codes=["2.01", "2.01"]),
        "footings.1.tasks.0.codes.1: is 2.01, which is there twice",
    ),
    (
        lambda v: task(v, 2, "6.02").update(task="6.03"),
        "footings.2.tasks.32.task: is 6.03, not in portfolio-3",
    ),
    (
        lambda v: v["footings"][0]["tasks"].pop(3),
        "footings.0.tasks: has no 2.02 of portfolio-1",
    ),
    (
        lambda v: v["footings"][0]["tasks"].append(dict(v["footings"][0]["tasks"][0])),
        "footings.0.tasks.0.task: is 1.01, which is there twice",
    ),
    (
        lambda v: v["footings"][0].update(rests_on="self-assessment-2"),
        "footings.0.rests_on: is self-assessment-2 of level 2 where level 1 is expected",
    ),
    (
        lambda v: v["footings"][0].update(portfolio="self-assessment-1"),
        "footings.0.portfolio: is self-assessment-1 where the id of a portfolio is expected",
    ),
    (lambda v: v["footings"].pop(), "footings: the portfolio portfolio-3 is missing"),
    (lambda v: task(v, 0, "1.01").update(codes=[]), "footings.0.tasks.0.codes: Tuple should"),
    (
        lambda v: task(v, 0, "1.01").update(codes=["1.01", "1.02", "1.03", "1.04", "1.05", "1.06"]),
        "footings.0.tasks.0.codes: Tuple should",
    ),
    (lambda v: v.update(origin="theirs"), "origin: Input should be 'ours' or 'published'"),
]


@pytest.mark.parametrize(("how", "words"), WRONG, ids=[words for _how, words in WRONG])
def test_a_wrong_crosswalk_is_refused_whole_with_file_line_and_field(
    tmp_path: Path, how: Any, words: str
) -> None:
    folder = copy_of(tmp_path)
    file = folder / "imhcf" / "crosswalk.yaml"
    change(file, how)
    with pytest.raises(Misconfigured) as caught:
        load_frameworks(folder)
    assert caught.value.sentence.startswith(f"{file}, line ")
    assert words in caught.value.sentence
