"""When gradebooks are read back: once a night each, spread out, and not for ever in vain."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import func, select, update

from lti_tool.competencies.queries import instrument
from lti_tool.gateway.reconciling import looks
from lti_tool.gateway.reconciling.rules import RECONCILE, next_look
from lti_tool.grades.models import PlacementLineItem
from lti_tool.kernel import clock
from lti_tool.outbox.models import Message
from tests.gateway.reconciling.conftest import Place

CODES = tuple(c for d in instrument("self-assessment-1").domains for c in d.codes)
ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
LONDON = ZoneInfo("Europe/London")


def waiting(place: Place) -> int:
    with place.tool.database.transaction(write=False) as session:
        wanted = select(func.count()).select_from(Message).where(Message.topic == RECONCILE)
        return session.execute(wanted).scalar_one()


def plan(place: Place) -> int:
    with place.tool.database.transaction() as session:
        return looks.plan_looks(session, UTC)


def test_a_column_is_read_back_once_a_night_by_itself(place: Place) -> None:
    amina = place.launch("amina")
    place.rate(amina, CODES[0])
    place.work()
    assert plan(place) == 0  # it is known from now on, and waits for the night
    now = clock.now()
    with time_machine.travel(now + timedelta(days=1, hours=5), tick=False):
        assert plan(place) == 1
        assert plan(place) == 0
        assert waiting(place) == 1
    with time_machine.travel(now + timedelta(days=2, hours=5), tick=False):
        assert plan(place) == 1
        assert waiting(place) == 1  # news on the one message


@ONE
def test_an_lms_that_is_away_is_left_in_peace_until_the_next_night(place: Place) -> None:
    amina = place.launch("amina")
    place.rate(amina, CODES[0])
    place.work()
    place.control("PUT", "faults", faults=[{"kind": "down", "scope": "results"}])
    place.reconcile()
    for _ in range(10):
        with place.tool.database.transaction() as session:
            session.execute(update(Message).values(available_at=clock.now(), wait_seconds=0))
        place.work()
    assert place.line.count("GET", "/results") == 6
    assert waiting(place) == 0
    (column,) = place.columns()
    assert column.check_reason == "service-unavailable"
    with place.tool.database.transaction(write=False) as session:
        assert session.execute(select(PlacementLineItem.check_at)).scalar_one() > clock.now()


@ONE
def test_a_column_that_is_gone_is_not_read_again_until_a_grade_arrives(place: Place) -> None:
    amina = place.launch("amina")
    place.rate(amina, CODES[0])
    place.work()
    place.control("DELETE", "lineitems/31")
    place.reconcile()
    with time_machine.travel(clock.now() + timedelta(days=9), tick=False):
        assert plan(place) == 0
    with place.tool.database.transaction() as session:
        from lti_tool.grades.models import Score

        session.execute(update(Score).values(delivered_at=clock.now() + timedelta(hours=1)))
    assert plan(place) == 1


@pytest.mark.parametrize("number", range(1, 40))
def test_looks_are_spread_over_the_night(number: int) -> None:
    noon = datetime(2027, 3, 14, 12, tzinfo=UTC)
    found = next_look(noon, LONDON, number).astimezone(LONDON)
    assert (found.day, found.hour in range(1, 5)) == (15, True)
    assert next_look(found, LONDON, number) - found == timedelta(days=1)


def test_looks_are_not_all_at_once() -> None:
    noon = datetime(2027, 3, 14, 12, tzinfo=UTC)
    assert len({next_look(noon, LONDON, number) for number in range(200)}) > 150
