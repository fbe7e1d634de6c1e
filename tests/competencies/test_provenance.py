"""What pages say of a statement that is not published as it stands."""

import pytest
from flask import render_template_string

from lti_tool.competencies.loading import library
from lti_tool.competencies.models import Competency
from lti_tool.competencies.presentation import is_provisional, provenance_counts
from tests.competencies.facts import FACTS
from tests.tool import Tool

PAGE = """{% import "_shared/provenance.html" as provenance with context %}
{{ provenance.mark(competency) }}{{ provenance.summary(counts) }}"""


@pytest.mark.parametrize("name", FACTS)
def test_what_was_damaged_is_provisional_and_nothing_else_is(name: str) -> None:
    instrument = library()[name]
    found = {c.code for c in instrument.by_code.values() if is_provisional(c)}
    assert found == set(FACTS[name].damaged)
    counts = provenance_counts(instrument)
    assert counts.provisional == len(FACTS[name].damaged)
    assert counts.total == len(instrument.by_code)


def test_level_2_is_provisional_throughout() -> None:
    counts = provenance_counts(library()["self-assessment-2"])
    assert (counts.published, counts.repaired, counts.derived) == (0, 0, 63)


def test_words_that_an_organisation_put_in_its_place_are_not() -> None:
    ours = library()["self-assessment-2"].by_code["1.01"]
    assert is_provisional(ours)
    assert not is_provisional(ours.model_copy(update={"wording": "corrected"}))


def shown(tool: Tool, instrument: str, code: str) -> str:
    found = library()[instrument]
    competency: Competency = found.by_code[code]
    with tool.app.test_request_context("/"):
        page = render_template_string(PAGE, competency=competency, counts=provenance_counts(found))
    return " ".join(page.split())


def test_pages_mark_it_and_give_the_reason(tool: Tool) -> None:
    derived = shown(tool, "portfolio-1", "1.02")
    assert "<details" in derived
    assert "Provisional wording" in derived
    assert "was derived. The whole competency is missing" in derived
    assert "The wording of 5 statements of 12 is provisional." in derived
    repaired = shown(tool, "portfolio-1", "2.04")
    assert "was repaired. In the source a stray word" in repaired
    assert "wording of every statement is provisional" in shown(tool, "self-assessment-2", "1.01")
    published = shown(tool, "portfolio-1", "2.01")
    assert "<details" not in published
