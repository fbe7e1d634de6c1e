"""Measures the learner's pages, without a server: processor time of one view."""

import statistics
import time
from pathlib import Path

from lti_tool.competencies.queries import instrument
from lti_tool.kernel.settings import Settings
from lti_tool.schema import migrate
from tests.tool import Visitor, make_tool

PAGES = ("", "domain/2", "summary", "training", "goals", "training-record", "change", "history")
RATED, VIEWS = 50, 40


def seconds_of_pages(folder: Path) -> dict[str, float]:
    """Returns the median for each page, of a learner who has rated 50 of 63 with notes."""
    folder.mkdir(parents=True)
    tool = make_tool(Settings(data_dir=folder, secret_key="x" * 32, allow_private_network=True))
    migrate.upgrade(tool.database)
    try:
        learner = tool.sign_in("amina")
        for number, code in enumerate(list(instrument("self-assessment-1").by_code)[:RATED]):
            state = "achieved" if number % 3 else "working-towards"
            rating = {"code": code, "state": state, "note": "n" * 100, "version": 0}
            assert learner.post_json("ratings", rating).status_code == 200
        return {page or "start": _median(learner, page) for page in PAGES}
    finally:
        tool.close()


def _median(learner: Visitor, page: str) -> float:
    taken = []
    for _ in range(VIEWS):
        begun = time.process_time()
        assert learner.get(page).status_code == 200
        taken.append(time.process_time() - begun)
    return statistics.median(taken)
