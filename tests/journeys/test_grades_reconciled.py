"""Gradebooks that lost grades, and tutors who changed some: every cell is right in the end."""

from datetime import UTC

import pytest

from lti_tool.gateway.reconciling.looks import know_columns, request_look
from lti_tool.gateway.reconciling.queries import column_by_id, columns_with_grades
from lti_tool.grades.rules import DeliveryState
from tests.journeys.agreement import (
    assert_nothing_was_doubled,
    assert_scores_are_worth_the_answers,
    gradebook,
    wait_for_delivery,
)
from tests.journeys.classroom import fill_class, rate_as
from tests.journeys.conftest import OpenSite
from tests.journeys.learner import CODES, TWO_DOMAINS, Learner, in_parallel
from tests.journeys.servers import Site


def damage(site: Site, cell: dict[str, object], value: float | None, **more: object) -> None:
    path = f"lineitems/{cell['line_item_id']}/cells/{cell['user']}"
    site.lms.control("PUT", path, value=value, **more)


def ask_for_a_look(site: Site) -> None:
    """Does what the night does: each column is to be read back."""
    with site.database.transaction() as session:
        know_columns(session, UTC)
        for number in columns_with_grades(session, None):
            column = column_by_id(session, number)
            assert column
            request_look(session, number, column.registration_id)


def assert_every_cell_is_the_ledgers_but_those_overridden(site: Site, overridden: int) -> None:
    scores = site.scores()
    assert_scores_are_worth_the_answers(site, scores)
    shown = gradebook(site)
    assert len(shown) == len(scores)
    kept = [score for score in scores if score.state == DeliveryState.OVERRIDDEN]
    assert len(kept) == overridden
    for score in scores:
        value, comment = shown[score.line_item, score.subject]
        if score in kept:
            assert value == score.overridden_value != score.value
            continue
        assert score.state == DeliveryState.DELIVERED
        assert score.delivered_version == score.version
        assert (value, comment) == (score.value, score.comment)
    assert_nothing_was_doubled(site)


@pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("sqlite", "moodle"), ("postgresql", "canvas")],
    indirect=["engine_name"],
)
def test_lost_cells_are_mended_and_overridden_ones_respected(
    open_site: OpenSite, profile: str
) -> None:
    site = open_site(profile)
    Learner(site, "amina").open().rate(CODES[0])
    Learner(site, "cerys", TWO_DOMAINS).open().rate(CODES[0])
    class_ = fill_class(site, 9)
    for code in CODES[:2]:
        in_parallel(lambda pupil, code=code: rate_as(site, pupil, code), class_)
    for _ in range(2):
        site.start_worker()
    wait_for_delivery(site)
    cells = site.lms.cells()
    assert len(cells) == len(site.scores())
    for cell in cells[:4]:
        damage(site, cell, None, damage=True)
    for cell in cells[4:6]:
        damage(site, cell, 90, comment=cell["comment"])
    ask_for_a_look(site)
    said = site.command("grades", "reconcile")  # while the workers look as well
    assert "0 column(s) could not be read" in said
    wait_for_delivery(site)
    assert_every_cell_is_the_ledgers_but_those_overridden(site, overridden=2)
    # What they rate now reaches all but those; an override that is taken back reaches theirs.
    in_parallel(lambda pupil: rate_as(site, pupil, CODES[2]), class_)
    wait_for_delivery(site)
    assert_every_cell_is_the_ledgers_but_those_overridden(site, overridden=2)
    for cell in cells[4:6]:
        path = f"lineitems/{cell['line_item_id']}/cells/{cell['user']}"
        site.lms.control("DELETE", path)
    ask_for_a_look(site)
    wait_for_delivery(site)
    assert_every_cell_is_the_ledgers_but_those_overridden(site, overridden=0)
