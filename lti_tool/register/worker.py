"""The worker's part: a verdict that recognises puts its owner on the register."""

from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import complete
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.register.issuing import Issuer
from lti_tool.register.recognising import recognise
from lti_tool.register.rules import Recognition
from lti_tool.reviews.outcomes.queries import OutcomeView, outcome_by_id
from lti_tool.reviews.outcomes.recognition import note_entered, note_refused
from lti_tool.reviews.rules import Overall

log = structlog.get_logger()


class LeaseLost(Exception):
    """Somebody else holds the message by now; what was done here is undone."""


class Recogniser:
    """Handles what reviews say of recognitions. Each message may come any number of times."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def recognise(self, lease: Lease) -> None:
        """Handles "register.recognise": entry, credential, log and message in one transaction.

        What the register refuses would be refused again: it is noted for the administrators, who
        can ask once more, and the message is done.
        """
        with self._runtime.database.transaction() as session:
            outcome = outcome_by_id(session, int(lease.key))
            if outcome is not None and outcome.overall is Overall.RECOGNISED:
                self._enter(session, outcome)
            if not complete(session, lease):
                raise LeaseLost

    def _enter(self, session: Session, outcome: OutcomeView) -> None:
        zone = ZoneInfo(self._runtime.settings.timezone)
        today = clock.now().astimezone(zone).date()
        submission = submission_by_id(session, outcome.submission_id)
        if submission is None:
            return
        recognition = Recognition(
            organisation_id=submission.organisation_id,
            person_id=submission.person_id,
            level=submission.level,
            instrument=submission.instrument,
            instrument_version=submission.instrument_version,
            recognised_on=outcome.released_at.astimezone(zone).date(),
            reference=f"submission:{submission.id}",
        )
        try:
            with session.begin_nested():
                issuer = Issuer.of(self._runtime)
                entry = recognise(session, issuer, recognition, today=today)
        except (InvalidInput, NotFound) as refused:
            log.warning("recognition-refused", code=refused.code, outcome=outcome.public_id)
            note_refused(session, outcome, refused.code)
            return
        note_entered(session, outcome, entry)
