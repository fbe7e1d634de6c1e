"""Processor time of papers: a full grid with evidence, by each renderer that is installed."""

import statistics
import time
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from lti_tool.assessments.rules import Answer, State
from lti_tool.assessments.services import Wish, rate
from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.queries import placement_for
from lti_tool.exports.papers.content import Whose, content_of
from lti_tool.exports.papers.drawing import document_of
from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.exports.papers.rules import Kind, Options
from lti_tool.kernel.settings import Settings
from lti_tool.schema import migrate
from tests.tool import Tool, make_tool

ROUNDS = 5
NOTE = "I watched a feed with a colleague, and we talked over what the baby had shown us: "
EVIDENCE = (NOTE * 3)[:200]


def seconds_of_a_grid(folder: Path) -> dict[str, tuple[float, float]]:
    """Returns by renderer the median processor seconds of rendering alone, and of it all.

    The grid has 63 competencies, each with 200 characters of evidence. The libraries are
    loaded before, as they are in the worker's press.
    """
    folder.mkdir(parents=True)
    tool = make_tool(Settings(data_dir=folder, secret_key="x" * 32, allow_private_network=True))
    migrate.upgrade(tool.database)
    try:
        whose = _somebody_with_a_full_grid(tool)
        known = [name for name in ("xhtml2pdf", "weasyprint") if find_spec(name)]
        return {name: _measured(tool, whose, name) for name in known}
    finally:
        tool.close()


def _somebody_with_a_full_grid(tool: Tool) -> Whose:
    amina = tool.sign_in("amina", name="Llŷr O'Brien-Żółć")
    with tool.database.transaction() as session:
        place = placement_for(session, amina.actor, amina.placement)
        asked = instrument_for(session, amina.actor.organisation_id, place.set_up.instrument)
        for code in asked.by_code:
            wish = Wish(code, Answer(State.ACHIEVED, EVIDENCE), 0)
            rate(session, amina.actor, place, wish, delay=timedelta(0))
    return Whose(amina.actor.person_id, amina.actor.organisation_id, place, asked)


def _measured(tool: Tool, whose: Whose, name: str) -> tuple[float, float]:
    renderer = renderer_named(name)
    rendering, everything = [], []
    for number in range(ROUNDS + 1):
        begun = time.process_time()
        with tool.database.transaction(write=False) as session:
            content = content_of(session, whose, Kind.GRID, Options())
        with tool.app.app_context():
            document = document_of(content, renderer)
        drawn = time.process_time()
        assert renderer.render(document.html, document.faces).startswith(b"%PDF")
        if number:  # the first round loads libraries and fonts
            rendering.append(time.process_time() - drawn)
            everything.append(time.process_time() - begun)
    return statistics.median(rendering), statistics.median(everything)
