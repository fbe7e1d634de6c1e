"""The tool's signing keys: made on first start, encrypted at rest, parsed once in a process."""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.gateway import key_life
from lti_tool.gateway.key_life import KeyFacts
from lti_tool.gateway.models import ToolKey
from lti_tool.gateway.rules import KeyStatus
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, Misconfigured, Unavailable
from lti_tool.kernel.runtime import Runtime
from lti_tool.kernel.secrets import SecretBox
from lti_tool.kernel.text import N_
from lti_tool.lti.signing import SigningKey

log = structlog.get_logger()

# How soon a process that signs learns of a key that another process, or the operator, added.
# Who publishes the set reads it each time: no key signs before it is published.
RELOAD_SECONDS = 5.0
NO_TIME = timedelta(0)


def add_key(session: Session, box: SecretBox, *, lead: timedelta = NO_TIME) -> KeyFacts:
    """Makes and stores a new active key that signs after the lead, and returns what is known."""
    key, now = SigningKey.generate(), clock.now()
    row_id = session.execute(
        insert(ToolKey)
        .values(
            kid=key.kid,
            status=KeyStatus.ACTIVE.value,
            sealed=box.encrypt(key.to_pem().encode()),
            created_at=now,
            activates_at=now + lead,
        )
        .returning(ToolKey.id)
    ).scalar_one()
    return KeyFacts(row_id, key.kid, KeyStatus.ACTIVE, now, now + lead)


def ensure_key(session: Session, box: SecretBox) -> None:
    """Makes the first key where there is none."""
    active = select(ToolKey.id).where(ToolKey.status == KeyStatus.ACTIVE.value).limit(1)
    if session.execute(active).first() is None:
        add_key(session, box)


def all_keys(session: Session) -> list[KeyFacts]:
    """Returns every key that there ever was, newest first."""
    rows = session.execute(select(ToolKey).order_by(ToolKey.id.desc())).scalars()
    return [_facts(row) for row in rows]


def rotate(session: Session, box: SecretBox, *, lead: timedelta) -> KeyFacts:
    """Makes a key that is published at once and signs after the lead; returns it.

    The present one signs until then, and stays published for the overlap. Where none can be
    read (the installation's secret changed), the new one signs at once.
    """
    opened = readable_kids(session, box)
    readable = [key for key in all_keys(session) if key.kid in opened]
    if key_life.signing(readable, clock.now()) is None:
        lead = NO_TIME
    made = add_key(session, box, lead=lead)
    settle(session)
    return made


def settle(session: Session) -> None:
    """Moves keys on as time goes: superseded ones retire, and are erased when that is over."""
    now = clock.now()
    keys = all_keys(session)
    replaced = [key.id for key in key_life.superseded(keys, now)]
    if replaced:
        session.execute(
            update(ToolKey)
            .where(ToolKey.id.in_(replaced), ToolKey.status == KeyStatus.ACTIVE.value)
            .values(status=KeyStatus.RETIRING.value, retires_at=now + key_life.OVERLAP)
        )
    _erase(session, [key.id for key in key_life.over(keys, now)], now)


def retire(session: Session, start: str) -> KeyFacts:
    """Ends a key at once, named by its id or how that begins; returns it as it was.

    Its private half is erased and its public half published no more. Raises `NotFound`,
    `InvalidInput` for a beginning that several share, and `Conflict` for the key that signs.
    """
    settle(session)
    keys, now = all_keys(session), clock.now()
    key = key_life.named(keys, start)
    present = key_life.signing(keys, now)
    if present is not None and key.id == present.id:
        raise Conflict(
            N_("This key signs at the moment, and there must always be one that does."),
            code="key-in-use",
            advice="Make another one first: imhcf keys rotate --now",
        )
    if key.status is not KeyStatus.RETIRED:
        _erase(session, [key.id], now)
    return key


def readable_kids(session: Session, box: SecretBox) -> set[str]:
    """Returns the ids of the published keys that this installation's secret opens."""
    rows = session.execute(
        select(ToolKey.kid, ToolKey.sealed).where(ToolKey.status != KeyStatus.RETIRED.value)
    ).all()
    return {row.kid for row in rows if _opened(box, row.kid, row.sealed) is not None}


@dataclass(frozen=True, slots=True)
class _Held:
    """What a process holds: the published keys that it can read, newest first."""

    facts: tuple[KeyFacts, ...] = ()
    parsed: dict[str, SigningKey] = field(default_factory=dict)
    is_sealed: bool = False


class KeyRing:
    """The keys in force, read from the database now and then, each parsed once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._held = _Held()
        self._read_at = -RELOAD_SECONDS

    def signing_key(self) -> SigningKey:
        """Returns the key that signs now; makes the first one where there is none yet.

        Raises `Misconfigured` where there are keys and none can be read.
        """
        held = self._current(RELOAD_SECONDS)
        chosen = key_life.signing(held.facts, clock.now())
        if chosen is None:
            if held.is_sealed:
                raise keys_sealed()
            with self._runtime.database.transaction() as session:
                ensure_key(session, self._runtime.secrets)
            held = self._current(0)
            chosen = held.facts[0]
        return held.parsed[chosen.kid]

    def public_set(self) -> dict[str, list[dict[str, str]]]:
        """Returns the JWK Set of every key that is active or retiring (RFC 7517, 5).

        Raises `Unavailable` where none of them can be read: an empty set would be remembered.
        """
        self._current(0)
        try:
            self.signing_key()
        except Misconfigured as error:
            raise Unavailable(
                N_("The keys of this service cannot be read at the moment."),
                code=error.code,
                detail=error.sentence,
            ) from None
        held = self._held
        return {"keys": [held.parsed[key.kid].public_jwk() for key in held.facts]}

    def _current(self, seconds: float) -> _Held:
        """Returns what is held, unless it was read that long ago."""
        with self._lock:
            if time.monotonic() - self._read_at >= seconds:
                with self._runtime.database.transaction(write=False) as session:
                    self._held = self._read(session)
                self._read_at = time.monotonic()
            return self._held

    def _read(self, session: Session) -> _Held:
        rows = session.execute(
            select(ToolKey)
            .where(ToolKey.status != KeyStatus.RETIRED.value)
            .order_by(ToolKey.id.desc())
        ).scalars()
        facts, parsed, is_sealed = [], {}, False
        for row in rows:
            key = self._held.parsed.get(row.kid)
            key = key or _opened(self._runtime.secrets, row.kid, row.sealed)
            if key is None:
                is_sealed = True
                continue
            parsed[row.kid] = key
            facts.append(_facts(row))
        return _Held(tuple(facts), parsed, is_sealed)


def keys_sealed() -> Misconfigured:
    """Returns the refusal to sign where no stored key can be read."""
    return Misconfigured(
        "The stored keys cannot be read with this IMHCF_SECRET_KEY.",
        code="keys-sealed",
        advice=(
            "Set IMHCF_SECRET_KEY to the value it had when the keys were made."
            " If that is lost: imhcf keys rotate --now"
        ),
    )


def _opened(box: SecretBox, kid: str, sealed: str) -> SigningKey | None:
    try:
        return SigningKey.from_pem(kid, box.decrypt(sealed).decode())
    except Misconfigured as error:
        log.error("key-unreadable", kid=kid, reason=error.code)
        return None


def _erase(session: Session, ids: Collection[int], now: datetime) -> None:
    if ids:
        session.execute(
            update(ToolKey)
            .where(ToolKey.id.in_(ids), ToolKey.status != KeyStatus.RETIRED.value)
            .values(status=KeyStatus.RETIRED.value, sealed="", retires_at=now, retired_at=now)
        )


def _facts(row: ToolKey) -> KeyFacts:
    return KeyFacts(
        row.id,
        row.kid,
        KeyStatus(row.status),
        row.created_at,
        row.activates_at,
        row.retires_at,
        row.retired_at,
    )
