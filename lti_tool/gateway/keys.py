"""The tool's signing keys: made on first start, encrypted at rest, parsed once in a process."""

import threading
import time

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.gateway.models import ToolKey
from lti_tool.gateway.rules import KeyStatus
from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.kernel.secrets import SecretBox
from lti_tool.lti.signing import SigningKey

# How soon a process learns of a key that another process, or the operator, added.
RELOAD_SECONDS = 60.0


def add_key(session: Session, box: SecretBox) -> SigningKey:
    """Makes and stores a new active key, and returns it."""
    key = SigningKey.generate()
    session.execute(
        insert(ToolKey).values(
            kid=key.kid,
            status=KeyStatus.ACTIVE.value,
            sealed=box.encrypt(key.to_pem().encode()),
            created_at=clock.now(),
        )
    )
    return key


def ensure_key(session: Session, box: SecretBox) -> None:
    """Makes the first key where there is none."""
    active = select(ToolKey.id).where(ToolKey.status == KeyStatus.ACTIVE.value).limit(1)
    if session.execute(active).first() is None:
        add_key(session, box)


class KeyRing:
    """The keys in force, read from the database now and then, each parsed once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._parsed: dict[str, SigningKey] = {}
        self._in_force: list[tuple[str, KeyStatus]] = []
        self._read_at = -RELOAD_SECONDS

    def signing_key(self) -> SigningKey:
        """Returns the newest active key; makes the first one where there is none yet."""
        for kid, status in self._current():
            if status is KeyStatus.ACTIVE:
                return self._parsed[kid]
        with self._runtime.database.transaction() as session:
            ensure_key(session, self._runtime.secrets)
        self._read_at = -RELOAD_SECONDS
        return self.signing_key()

    def public_set(self) -> dict[str, list[dict[str, str]]]:
        """Returns the JWK Set of every key that is active or retiring (RFC 7517, 5)."""
        self.signing_key()
        return {"keys": [self._parsed[kid].public_jwk() for kid, _ in self._current()]}

    def _current(self) -> list[tuple[str, KeyStatus]]:
        with self._lock:
            if time.monotonic() - self._read_at >= RELOAD_SECONDS:
                with self._runtime.database.transaction(write=False) as session:
                    self._in_force = self._read(session)
                self._read_at = time.monotonic()
            return self._in_force

    def _read(self, session: Session) -> list[tuple[str, KeyStatus]]:
        rows = session.execute(
            select(ToolKey.kid, ToolKey.status, ToolKey.sealed)
            .where(ToolKey.status != KeyStatus.RETIRED.value)
            .order_by(ToolKey.id.desc())
        ).all()
        for row in rows:
            if row.kid not in self._parsed:
                pem = self._runtime.secrets.decrypt(row.sealed)
                self._parsed[row.kid] = SigningKey.from_pem(row.kid, pem.decode())
        return [(row.kid, KeyStatus(row.status)) for row in rows]
