"""Telling people what happened, in the transaction in which it happens."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.notifications.models import Notification
from lti_tool.notifications.rules import Telling

_NOTIFICATIONS = table_of(Notification)


def tell(session: Session, tellings: Iterable[Telling]) -> None:
    """Stores what people are told, each once. The rows commit with the change that they tell of."""
    for one in tellings:
        session.execute(
            insert_into(session, _NOTIFICATIONS)
            .values(
                public_id=new_public_id(),
                organisation_id=one.organisation_id,
                person_id=one.person_id,
                placement_id=one.placement_id,
                kind=one.kind.value,
                params=dict(one.params),
                endpoint=one.endpoint,
                link=dict(one.link),
                reference=one.reference,
                created_at=clock.now(),
                read_at=None,
                mailed_at=None,
                mail_failure="",
            )
            .on_conflict_do_nothing()
        )
