"""Delivering scores to gradebooks: read (one transaction), post (none), settle (another)."""

from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.services import refresh_score
from lti_tool.courses.models import Course, Placement
from lti_tool.courses.queries import PlacementView, learners_of_placement, placement_of_course
from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.rules import KnownRegistration, RegistrationStatus
from lti_tool.grades import services as grades
from lti_tool.grades.rules import MAXIMUM, Delivery
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti import deliveries, refusals
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READONLY
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

    def find_line_item(self, lease: Lease) -> None:
        """Finds the gradebook column of a placement whose launch named none (field note 16)."""
        with self._database.transaction(write=False) as session:
            placement, line_items, scopes = _placement_addresses(session, int(lease.key))
            found = registration_by_id(session, placement.registration_id)
        url = None
        if found and line_items and found.status is RegistrationStatus.ACTIVE:
            narrow = SCOPE_LINE_ITEM_READONLY in scopes
            try:
                item = self._protocol.grades.find_line_item(
                    found.protocol,
                    self._protocol.key_ring.signing_key(),
                    line_items,
                    resource_link_id=placement.resource_link,
                    scope=SCOPE_LINE_ITEM_READONLY if narrow else SCOPE_LINE_ITEM,
                )
                url = item.id if item else None
            except refusals.ServiceUnavailable as error:
                self._give_back(lease, Retry(error.code, _seconds(error.retry_after)))
                return
            except (refusals.ServiceRefused, refusals.TokenRefused) as error:
                log.warning("line-item-not-found", placement=placement.id, reason=error.code)
        with self._database.transaction() as session:
            if url:
                _use_line_item(session, placement, url, self._runtime.grade_delay)
            self._hold(complete(session, lease))

    def _send(self, found: KnownRegistration, delivery: Delivery) -> deliveries.Delivery:
        if found.status is not RegistrationStatus.ACTIVE:
            return deliveries.Rejected("registration-disabled")
        score = _score(delivery)
        if delivery.may_have_arrived:
            try:
                stored = self._stored(found, delivery)
            except refusals.TokenUnavailable as error:
                return deliveries.Deferred(error.code, error.retry_after)
            if platform_for(found.protocol.product).holds(stored, score):
                return deliveries.Delivered()
            is_there = stored is not None and stored.score is not None
            score = replace(score, is_regrade=score.is_regrade or is_there)
        return self._protocol.grades.send(
            found.protocol,
            self._protocol.key_ring.signing_key(),
            delivery.destination.line_item,
            score,
        )

    def _stored(self, found: KnownRegistration, delivery: Delivery) -> deliveries.Result | None:
        """Looks whether an answer was lost: Canvas takes a repeat as one more submission.

        Raises `TokenUnavailable`; an LMS that does not let us look is sent the score again.
        """
        try:
            return self._protocol.grades.result(
                found.protocol,
                self._protocol.key_ring.signing_key(),
                delivery.destination.line_item,
                delivery.destination.subject,
            )
        except refusals.TokenUnavailable:
            raise
        except (refusals.ServiceUnavailable, refusals.ServiceRefused, refusals.TokenRefused):
            return None

    def _settle(
        self, session: Session, lease: Lease, delivery: Delivery, outcome: deliveries.Delivery
    ) -> bool:
        score_id, version = delivery.score_id, delivery.version
        match outcome:
            case deliveries.Delivered():
                grades.mark_delivered(session, score_id, version)
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

    def _give_back(self, lease: Lease, retry: Retry) -> None:
        with self._database.transaction() as session:
            self._hold(give_back(session, lease, retry))

    @staticmethod
    def _hold(held: object) -> None:
        """Undoes the transaction around it when the message is no longer this worker's."""
        if not held:
            raise LeaseLost


def _score(delivery: Delivery) -> deliveries.Score:
    """What is sent: always FullyGraded and with its comment, which Moodle would else erase."""
    complete_now = delivery.worth.is_complete
    return deliveries.Score(
        user_id=delivery.destination.subject,
        score_given=float(delivery.worth.value),
        score_maximum=float(MAXIMUM),
        timestamp=delivery.stamp,
        activity_progress=(
            deliveries.ActivityProgress.COMPLETED
            if complete_now
            else deliveries.ActivityProgress.IN_PROGRESS
        ),
        grading_progress=deliveries.GradingProgress.FULLY_GRADED,
        comment=delivery.worth.comment,
        # Canvas refuses one ahead of its clock, as these may be after ours was set back.
        submitted_at=min(delivery.recorded_at, clock.now()),
        is_regrade=delivery.is_regrade,
    )


def _seconds(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=min(seconds, 24 * 3600))


def _placement_addresses(
    session: Session, placement_id: int
) -> tuple[PlacementView, str, list[str]]:
    row = session.execute(
        select(Placement.line_items, Placement.scopes)
        .join(Course, Course.id == Placement.course_id)
        .where(Placement.id == placement_id)
    ).one()
    return placement_of_course(session, placement_id), row.line_items, row.scopes.split()


def _use_line_item(session: Session, placement: PlacementView, url: str, delay: timedelta) -> None:
    """Stores the column's address, and sends what its people have done already."""
    session.execute(
        update(Placement)
        .where(Placement.id == placement.id, Placement.line_item == "")
        .values(line_item=url)
    )
    known = placement_of_course(session, placement.id)
    for person_id in learners_of_placement(session, known):
        refresh_score(session, person_id, known, delay=delay)
