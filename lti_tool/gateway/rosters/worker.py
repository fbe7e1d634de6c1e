"""What the worker asks LMSs for: a course's roster with its groups, and to send us notices.

Read (one transaction), call (none), store (others). A roster is stored in parts, each with the
lease checked, and only its last part says who has left: a crash leaves nobody out, and the next
worker begins anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from lti_tool.courses.rosters.queries import RosterSource, roster_source
from lti_tool.courses.rosters.rules import PEOPLE_AT_ONCE, Group, Listed
from lti_tool.courses.rosters.services import complete_roster, note_failure, store_listed
from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.rosters.queries import handler_to_register
from lti_tool.gateway.rosters.rules import MOST_TRIES
from lti_tool.gateway.rosters.services import note_not_registered, note_registered
from lti_tool.gateway.rules import KnownRegistration, RegistrationStatus
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti import refusals
from lti_tool.lti.roster import Member
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back, holds

log = structlog.get_logger()

_NAME_LENGTH = 200
_PERMANENT = (refusals.ServiceRefused, refusals.TokenRefused)


class LeaseLost(Exception):
    """Another worker holds the message now; what this one found out is not stored."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    people: Sequence[Listed]
    groups: Sequence[Group]


class RosterKeeper:
    """Handles the messages about rosters and notices."""

    def __init__(self, runtime: Runtime, protocol: Protocol) -> None:
        self._runtime = runtime
        self._protocol = protocol
        self._database = runtime.database

    def refresh(self, lease: Lease) -> None:
        """Fetches a course's roster whole, and stores it; or notes why it did not come."""
        course_id = int(lease.key)
        with self._database.transaction(write=False) as session:
            source = roster_source(session, course_id)
            found = registration_by_id(session, source.registration_id) if source else None
        if source is None or found is None:
            self._complete(lease)
            return
        if found.status is not RegistrationStatus.ACTIVE:
            self._give_up(lease, course_id, "registration-disabled")
            return
        begun_at = clock.now()
        try:
            fetched = self._fetched(found, source)
        except refusals.ServiceUnavailable as error:
            self._try_later(lease, course_id, error)
            return
        except _PERMANENT as error:
            self._give_up(lease, course_id, error.code)
            return
        for start in range(0, len(fetched.people), PEOPLE_AT_ONCE):
            with self._database.transaction() as session:
                _hold(holds(session, lease))
                part = fetched.people[start : start + PEOPLE_AT_ONCE]
                store_listed(session, source, part, begun_at)
        with self._database.transaction() as session:
            complete_roster(session, source, fetched.groups, begun_at)
            _hold(complete(session, lease))
        log.info("roster-stored", course=course_id, people=len(fetched.people))

    def register_handler(self, lease: Lease) -> None:
        """Registers our address for the notices that a deployment's LMS offers."""
        handler_id = int(lease.key)
        with self._database.transaction(write=False) as session:
            handler = handler_to_register(session, handler_id)
            found = registration_by_id(session, handler.registration_id) if handler else None
        reason = ""
        if handler is None or found is None or found.status is not RegistrationStatus.ACTIVE:
            self._complete(lease)
            return
        try:
            for kind in handler.notice_types.split():
                self._protocol.notices.register(
                    found.protocol,
                    self._protocol.key_ring.signing_key(),
                    handler.service_url,
                    kind=kind,
                    handler=f"{self._runtime.settings.base_url}/lti/notices",
                )
        except refusals.ServiceUnavailable as error:
            if lease.attempts < MOST_TRIES:
                with self._database.transaction() as session:
                    _hold(give_back(session, lease, _retry(error)))
                return
            reason = error.code
        except _PERMANENT as error:
            reason = error.code
            log.warning("notices-not-registered", registration=found.protocol.id, reason=reason)
        with self._database.transaction() as session:
            if reason:
                note_not_registered(session, handler_id, reason)
            else:
                note_registered(session, handler_id)
            _hold(complete(session, lease))

    def _fetched(self, found: KnownRegistration, source: RosterSource) -> _Fetched:
        """Asks the LMS; raises as `Roster.members`. Without its groups a roster is whole too."""
        key = self._protocol.key_ring.signing_key()
        groups = self._groups(found, source)
        members = self._protocol.roster.members(
            found.protocol, key, source.memberships_url, with_groups=bool(groups)
        )
        known = {group.id for group in groups}
        return _Fetched([_listed(member, known) for member in members], groups)

    def _groups(self, found: KnownRegistration, source: RosterSource) -> list[Group]:
        """Returns the course's groups; none where the LMS refuses them for good.

        While they cannot be had for now, the whole roster waits: else all would be in no group.
        """
        if not source.groups_url:
            return []
        key, service = self._protocol.key_ring.signing_key(), self._protocol.groups
        try:
            groups = service.groups(found.protocol, key, source.groups_url)
            kinds = (
                service.sets(found.protocol, key, source.group_sets_url)
                if source.group_sets_url and any(group.set_id for group in groups)
                else {}
            )
        except _PERMANENT as error:
            log.warning("groups-refused", course=source.course_id, reason=error.code)
            return []
        return [Group(one.id, one.name, kinds.get(one.set_id, "")) for one in groups]

    def _try_later(self, lease: Lease, course_id: int, error: refusals.ServiceUnavailable) -> None:
        if lease.attempts >= MOST_TRIES:
            self._give_up(lease, course_id, error.code)
            return
        with self._database.transaction() as session:
            note_failure(session, course_id, error.code)
            _hold(give_back(session, lease, _retry(error)))

    def _give_up(self, lease: Lease, course_id: int, reason: str) -> None:
        log.warning("roster-not-given", course=course_id, reason=reason)
        with self._database.transaction() as session:
            note_failure(session, course_id, reason)
            _hold(complete(session, lease))

    def _complete(self, lease: Lease) -> None:
        with self._database.transaction() as session:
            _hold(complete(session, lease))


def _hold(held: object) -> None:
    """Undoes the transaction around it when the message is no longer this worker's."""
    if not held:
        raise LeaseLost


def _retry(error: refusals.ServiceUnavailable) -> Retry:
    wait = error.retry_after
    return Retry(error.code, None if wait is None else timedelta(seconds=min(wait, 24 * 3600)))


def _listed(member: Member, groups: set[str]) -> Listed:
    name = (member.name or f"{member.given_name} {member.family_name}").strip()
    return Listed(
        subject=member.user_id,
        roles=frozenset(Role(role.value) for role in member.roles),
        active=member.active,
        name=name[:_NAME_LENGTH],
        groups=tuple(one for one in member.groups if one in groups),
    )
