"""Processor time of a submission's PDF: 15,000 words at Level 3, by each renderer that is there."""

import statistics
import time
from importlib.util import find_spec
from pathlib import Path

from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.exports.submissions.content import paper_asked
from lti_tool.exports.submissions.drawing import document_of
from lti_tool.kernel.settings import Settings
from lti_tool.portfolios.rules import count_words
from lti_tool.schema import migrate
from tests.portfolios.handing_in import ready
from tests.tool import Tool, make_tool

WORDS = 15_000
ROUNDS = 5
# As people write: paragraphs of about 80 words, a list, and some emphasis.
PARAGRAPH = (
    "I sat with a mother and her baby in the clinic, and we *waited* until he looked up from the"
    " lamp. She **mirrored** his yawn, and said that she had not slept; I named what I saw in both"
    " of them, slowly, and asked what she had seen. In supervision we went back to that silence."
    " What I would do otherwise is to say less, and to ask the father to come as well, whose name"
    " she had used twice while she spoke of the nights. "
)
LIST = "- I waited\n- I named what I saw\n- I asked what she had seen\n"


def seconds_of_a_submission(folder: Path) -> dict[str, tuple[float, float]]:
    """Returns by renderer the median processor seconds of rendering alone, and of it all."""
    folder.mkdir(parents=True)
    tool = make_tool(Settings(data_dir=folder, secret_key="x" * 32, allow_private_network=True))
    migrate.upgrade(tool.database)
    try:
        submission_id = _handed_in(tool)
        known = [name for name in ("xhtml2pdf", "weasyprint") if find_spec(name)]
        return {name: _measured(tool, submission_id, name) for name in known}
    finally:
        tool.close()


def _handed_in(tool: Tool) -> int:
    learner = ready(tool, instrument="portfolio-3", name="Llŷr O'Brien-Żółć")
    each = WORDS // len(learner.codes) + 1
    for code in learner.codes:
        text = LIST
        while count_words(text) < each:
            text = f"{PARAGRAPH}\n\n{text}"
        learner.write(code, text)
    submission = learner.hand_in()
    assert submission.words >= WORDS
    return submission.id


def _measured(tool: Tool, submission_id: int, name: str) -> tuple[float, float]:
    renderer = renderer_named(name)
    rendering, everything = [], []
    for number in range(ROUNDS + 1):
        begun = time.process_time()
        with tool.database.transaction(write=False) as session:
            paper = paper_asked(session, submission_id)
        assert paper
        with tool.app.app_context():
            document = document_of(paper, renderer)
        drawn = time.process_time()
        assert renderer.render(document.html, document.faces).startswith(b"%PDF")
        if number:  # the first round loads libraries and fonts
            rendering.append(time.process_time() - drawn)
            everything.append(time.process_time() - begun)
    return statistics.median(rendering), statistics.median(everything)
