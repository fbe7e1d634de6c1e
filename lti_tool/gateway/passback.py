"""Delivering scores to gradebooks: read (one transaction), post (none), settle (another).

Where the gradebook holds a score already, it is looked at first: what somebody entered there by
hand is respected, and noted. That something was handed in is news without a grade, which erases
one in most LMSs (Moodle for anything but FullyGraded, Canvas without a score): it is sent only
where the gradebook shows none.
"""

from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.reconciling.arrivals import (
    has_arrived,
    is_contradicted,
    is_known_work,
    is_overridden,
)
from lti_tool.gateway.reconciling.queries import address_of_work, maximum_of
from lti_tool.gateway.reconciling.rules import cell_of
from lti_tool.gateway.rules import KnownRegistration, RegistrationStatus
from lti_tool.grades import services as grades
from lti_tool.grades.overrides import mark_overridden
from lti_tool.grades.rules import MAXIMUM, Delivery
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti import deliveries, refusals
from lti_tool.lti.platforms import platform_for
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back, holds

log = structlog.get_logger()


class LeaseLost(Exception):
    """Another worker holds the message now; what this one found out is not stored."""


class Passback:
    """Handles the messages that make this tool call an LMS."""

    def __init__(self, runtime: Runtime, protocol: Protocol) -> None:
        self._runtime = runtime
        self._protocol = protocol
        self._database = runtime.database

    def deliver_score(self, lease: Lease) -> None:
        """Sends one score and settles its message; whatever happens, the row is true.

        A crash before the second transaction leaves the lease to end: the score is then looked
        for in the gradebook, and sent again with the same timestamp if it is not there.
        """
        with self._database.transaction() as session:
            delivery = grades.begin_delivery(session, int(lease.key))
            found = (
                registration_by_id(session, delivery.destination.registration_id)
                if delivery
                else None
            )
            if delivery is None or found is None:
                self._hold(complete(session, lease))
                return
            # Whoever was held up for longer than the lease must not post beside its successor.
            self._hold(holds(session, lease))
            delivery = self._with_more(session, found, delivery)
        outcome = self._send(found, delivery)
        with self._database.transaction() as session:
            self._hold(self._settle(session, lease, delivery, outcome))
        log.info(
            "score-delivery",
            registration=found.protocol.id,
            outcome=type(outcome).__name__.lower(),
            reason=getattr(outcome, "reason_code", ""),
            attempt=lease.attempts,
        )

    def _with_more(
        self, session: Session, found: KnownRegistration, delivery: Delivery
    ) -> Delivery:
        """Adds what only some deliveries need: where the work is, what the column was out of."""
        to = delivery.destination
        if delivery.is_regrade:
            maximum = maximum_of(session, to.placement_id, to.part)
            delivery = replace(delivery, earlier_maximum=maximum)
        if platform_for(found.protocol.product).shows_submissions:
            where = address_of_work(session, to.person_id, self._runtime.settings.base_url)
            delivery = replace(delivery, review_url=where)
        return delivery

    def _send(self, found: KnownRegistration, delivery: Delivery) -> deliveries.Delivery:
        if found.status is not RegistrationStatus.ACTIVE:
            return deliveries.Rejected("registration-disabled")
        score = _score(delivery)
        if delivery.worth.is_pending or delivery.may_have_arrived or delivery.is_regrade:
            try:
                _, stored = self._stored(found, delivery)
            except refusals.TokenUnavailable as error:
                return deliveries.Deferred(error.code, error.retry_after)
            except refusals.ServiceUnavailable as error:
                return deliveries.Deferred("service-unavailable", error.retry_after)
            if has_arrived(platform_for(found.protocol.product), stored, score, delivery):
                return deliveries.Delivered()
            if is_overridden(stored, delivery):
                return deliveries.Overridden(stored)
            score = replace(score, is_regrade=is_known_work(stored, delivery))
        outcome = self._protocol.grades.send(
            found.protocol,
            self._protocol.key_ring.signing_key(),
            delivery.destination.line_item,
            score,
        )
        return self._checked(found, delivery, score, outcome)

    def _checked(
        self,
        found: KnownRegistration,
        delivery: Delivery,
        score: deliveries.Score,
        outcome: deliveries.Delivery,
    ) -> deliveries.Delivery:
        """Says of an outcome whether a person's grade stands in spite of it, or in its way.

        Moodle takes a score for an overridden cell with 200, and leaves the cell as it is: where
        a cell was found wanting before, it is read back.
        """
        if isinstance(outcome, deliveries.Stale):
            is_tutors = is_overridden(outcome.stored, delivery)
            return deliveries.Overridden(outcome.stored) if is_tutors else outcome
        if isinstance(outcome, deliveries.Delivered) and (delivery.is_mend or delivery.insists):
            try:
                is_known, stored = self._stored(found, delivery)
            except refusals.ServiceUnavailable:
                return outcome
            platform = platform_for(found.protocol.product)
            if is_known and is_contradicted(platform, stored, score):
                return deliveries.Overridden(stored)
        return outcome

    def _stored(
        self, found: KnownRegistration, delivery: Delivery
    ) -> tuple[bool, deliveries.Result | None]:
        """Looks what the gradebook shows: whether that could be read, and what it is.

        An answer may have been lost, and Canvas takes a repeat as one more submission; or a
        person gave another grade. Raises `TokenUnavailable`; an LMS that does not let us look is
        sent the score all the same. For news without a grade, which could erase one, it raises
        `ServiceUnavailable`: that can wait until somebody may look.
        """
        try:
            stored = self._protocol.grades.result(
                found.protocol,
                self._protocol.key_ring.signing_key(),
                delivery.destination.line_item,
                delivery.destination.subject,
            )
        except refusals.TokenUnavailable:
            raise
        except (refusals.ServiceRefused, refusals.TokenRefused):
            return False, None
        except refusals.ServiceUnavailable:
            if delivery.worth.is_pending:
                raise
            return False, None
        return True, stored

    def _settle(
        self, session: Session, lease: Lease, delivery: Delivery, outcome: deliveries.Delivery
    ) -> bool:
        score_id, version = delivery.score_id, delivery.version
        match outcome:
            case deliveries.Delivered():
                grades.mark_delivered(session, score_id, version, delivery.worth)
                return complete(session, lease)
            case deliveries.Overridden(stored=stored):
                reason = "override-stands" if delivery.insists else ""
                mark_overridden(session, score_id, version, cell_of(stored), reason=reason)
                return complete(session, lease)
            case deliveries.Rejected(reason_code=reason):
                grades.mark_failed(session, score_id, version, reason)
                return complete(session, lease)
            case deliveries.Stale(stored=stored):
                grades.restamp(session, score_id, stored.timestamp if stored else None)
                return give_back(session, lease, Retry("stale"))
            case deliveries.Deferred(reason_code=reason, retry_after=seconds):
                grades.mark_retrying(session, score_id, version, reason)
                retry = Retry(reason, _seconds(seconds), whole_lane=seconds is not None)
                return give_back(session, lease, retry)

    @staticmethod
    def _hold(held: object) -> None:
        """Undoes the transaction around it when the message is no longer this worker's."""
        if not held:
            raise LeaseLost


def _score(delivery: Delivery) -> deliveries.Score:
    """What is sent: a grade always FullyGraded and with its comment, which Moodle would else erase."""
    worth = delivery.worth
    activity, grading = _PROGRESS[worth.is_pending, worth.is_complete]
    return deliveries.Score(
        user_id=delivery.destination.subject,
        score_given=None if worth.value is None else float(worth.value),
        score_maximum=float(MAXIMUM),
        timestamp=delivery.stamp,
        activity_progress=activity,
        grading_progress=grading,
        comment=worth.comment,
        # Canvas refuses one ahead of its clock, as these may be after ours was set back.
        submitted_at=min(worth.submitted_at or delivery.recorded_at, clock.now()),
        is_regrade=delivery.is_regrade and not delivery.is_new_attempt,
        review_url=delivery.review_url,
    )


_SUBMITTED = (deliveries.ActivityProgress.SUBMITTED, deliveries.GradingProgress.PENDING_MANUAL)
_GRADED = deliveries.GradingProgress.FULLY_GRADED
# By whether it is pending, and complete (AGS 2.0, "activityProgress" and "gradingProgress").
_PROGRESS = {
    (True, False): _SUBMITTED,
    (True, True): _SUBMITTED,
    (False, False): (deliveries.ActivityProgress.IN_PROGRESS, _GRADED),
    (False, True): (deliveries.ActivityProgress.COMPLETED, _GRADED),
}


def _seconds(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=min(seconds, 24 * 3600))
