"""Asking for a test of a connection, and keeping what it found."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import Session

from lti_tool.gateway.organisation.findings import StepFinding
from lti_tool.gateway.organisation.models import ConnectionTest
from lti_tool.gateway.organisation.rules import TEST_PATIENCE, TOPIC
from lti_tool.gateway.organisation.services import Settings
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.outbox import services as outbox


def ask_for_test(settings: Settings) -> bool:
    """Asks the worker to test the connection; returns False while a test is under way.

    Of two who ask at once, one is answered by the other's test.
    """
    session, now = settings.session, clock.now()
    fresh: dict[str, Any] = {"asked_at": now, "ended_at": None, "steps": [], "scopes": ""}
    asked = session.execute(
        insert_into(session, ConnectionTest)
        .values(registration_id=settings.row.id, **fresh)
        .on_conflict_do_update(
            index_elements=["registration_id"],
            set_=fresh,
            where=or_(
                ConnectionTest.ended_at.is_not(None),
                ConnectionTest.asked_at <= now - TEST_PATIENCE,
            ),
        )
        .returning(ConnectionTest.registration_id)
    ).first()
    if asked is None:
        return False
    # A lane of its own: an LMS that asked to be left alone is tested all the same.
    key = str(settings.row.id)
    outbox.put(session, TOPIC, key, lane=f"connection:{key}", delay=timedelta(0))
    outbox.hurry(session, TOPIC, [key])
    return True


def store_test(
    session: Session, number: int, findings: Sequence[StepFinding], granted: Iterable[str]
) -> None:
    """Keeps what a test found, in place of the one before."""
    now = clock.now()
    values = {
        "ended_at": now,
        "steps": [one.as_json() for one in findings],
        "scopes": " ".join(sorted(granted)),
    }
    session.execute(
        insert_into(session, ConnectionTest)
        .values(registration_id=number, asked_at=now, **values)
        .on_conflict_do_update(index_elements=["registration_id"], set_=values)
    )
