"""The log of a submission learns what became of a report of identifiable data."""

from sqlalchemy.orm import Session

from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import complete
from lti_tool.portfolios.cases.queries import settlement_of
from lti_tool.reviews import log
from lti_tool.reviews.rules import Act, By
from lti_tool.reviews.services import begin_log, hold
from lti_tool.reviews.worker import LeaseLost


class Settled:
    """Handles what the outbox says of cases. Each message may come any number of times."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def note(self, lease: Lease) -> None:
        """Handles "portfolio.case-settled": writes the decision into the submission's log."""
        with self._runtime.database.transaction() as session:
            note_settled(session, int(lease.key))
            if not complete(session, lease):
                raise LeaseLost


def note_settled(session: Session, case_id: int) -> None:
    """Adds a line about how a case was settled, once for each decision."""
    found = settlement_of(session, case_id)
    if found is None:
        return
    submission = hold(session, found.submission_id)
    begin_log(session, submission)
    details = {"case": found.case, "state": found.state.value, "line": found.line}
    lines = log.lines_of(session, submission.id)
    if any(one.act == Act.CASE_SETTLED and one.details == details for one in lines):
        return
    log.write(
        session,
        submission.id,
        Act.CASE_SETTLED,
        By.ADMINISTRATOR,
        person_id=found.person_id,
        details=details,
    )
