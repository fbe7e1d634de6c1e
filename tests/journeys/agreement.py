"""The claim that is proven: the gradebooks say what the tool says, nothing lost or doubled."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from lti_tool.assessments.models import Rating
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import worth
from lti_tool.assessments.services import progress_of
from lti_tool.courses.queries import placement_of_course
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState
from tests.journeys.processes import PATIENCE, eventually
from tests.journeys.servers import Site

Cells = Mapping[tuple[str, str], tuple[float, str]]


def assert_agreement(site: Site, *, within: float = PATIENCE) -> None:
    """Waits until nothing is on its way any more, then compares everything with everything."""
    wait_for_delivery(site, within=within)
    assert_equal_gradebooks(site)
    assert_no_two_sent_at_once(site)


def assert_equal_gradebooks(site: Site) -> None:
    """Every cell is the tool's own score, no more and no fewer, and nothing was taken twice."""
    scores = site.scores()
    assert {score.state for score in scores} <= {DeliveryState.DELIVERED}
    assert all(score.delivered_version == score.version for score in scores)
    assert_scores_are_worth_the_answers(site, scores)
    assert gradebook(site) == {(s.line_item, s.subject): (s.value, s.comment) for s in scores}
    assert_nothing_was_doubled(site)


def wait_for_delivery(site: Site, *, within: float = PATIENCE) -> None:
    """Waits until the outbox is empty."""
    try:
        eventually(lambda: site.waiting() == 0, "every grade is delivered", within=within)
    except AssertionError as error:
        left = [
            (m.topic, m.key, m.attempts, m.lease, m.available_at, m.last_error)
            for m in site.messages()
        ]
        raise AssertionError(f"{error}\nleft: {left}\n{site.tail()}") from None


def gradebook(site: Site) -> Cells:
    """Returns what the LMS shows, by column and person."""
    return {
        (cell["line_item"], cell["user_id"]): (cell["value"], cell["comment"])
        for cell in site.lms.cells()
    }


def assert_scores_are_worth_the_answers(site: Site, scores: list[Score]) -> None:
    """The tool's own scores are what the answers on record are worth, for all who answered."""
    with site.database.transaction(write=False) as session:
        answered = set(session.execute(select(Rating.person_id)).scalars())
        assert answered == {score.person_id for score in scores}
        for score in scores:
            placement = placement_of_course(session, score.placement_id)
            answers = ratings_of(session, score.person_id, placement.set_up.instrument)
            done = progress_of(placement, answers)
            assert score.value == worth(placement.set_up.grade_rule, done)
            assert f"{done.rated} of {done.total} rated" in score.comment


def assert_nothing_was_doubled(site: Site) -> None:
    """What the LMS took for one cell has ever later times: no version was taken twice."""
    taken: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for score in site.lms.stored():
        taken[score["line_item_id"], score["user_id"]].append(score)
    for cell, posts in taken.items():
        times = [datetime.fromisoformat(post["timestamp"]) for post in posts]
        assert all(one < next_one for one, next_one in pairwise(times)), (cell, times)
    for cell in site.lms.cells():
        # Canvas counts submissions: the first version is one, a regrade of it is none.
        assert cell["submissions"] <= 1, cell


def assert_no_two_sent_at_once(site: Site) -> None:
    """No two threads, of whatever process, were sending the same score at the same time."""
    if not site.sending.exists():
        return
    sent: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for line in site.sending.read_text().splitlines():
        score, began, ended, process = line.split()
        sent[score].append((int(began), int(ended), process))
    for score, spans in sent.items():
        for one, next_one in pairwise(sorted(spans)):
            assert one[1] <= next_one[0], (score, one, next_one)
