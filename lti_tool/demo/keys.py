"""The platform's signing keys: made at first start, rotated on demand, kept in its database."""

import secrets
from dataclasses import dataclass
from threading import Lock

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select, update

from lti_tool.demo.database import Database
from lti_tool.demo.jws import public_jwk
from lti_tool.demo.models import SigningKey

KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A parsed private key: parsing takes a hundred times longer than signing."""

    kid: str
    private: rsa.RSAPrivateKey


def new_private_key() -> rsa.RSAPrivateKey:
    """Returns a fresh RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


class KeyRing:
    """The published keys; the newest signs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._keys = self._load()
        if not self._keys:
            self.rotate(retire=False)

    @property
    def current(self) -> LoadedKey:
        """The key that signs."""
        with self._lock:
            return self._keys[-1]

    def published(self) -> list[dict[str, str]]:
        """Returns the key set's keys, newest first."""
        with self._lock:
            return [public_jwk(key.private, key.kid) for key in reversed(self._keys)]

    def rotate(self, *, retire: bool) -> str:
        """Makes a new signing key, and takes the old ones off the key set if asked.

        Returns the new key's id.
        """
        kid = secrets.token_hex(8)
        with self._lock:
            with self._database.writing() as session:
                if retire:
                    session.execute(update(SigningKey).values(is_retired=True))
                session.add(SigningKey(kid=kid, private_pem=_pem(new_private_key())))
            self._keys = self._load()
        return kid

    def _load(self) -> list[LoadedKey]:
        published = select(SigningKey).where(~SigningKey.is_retired).order_by(SigningKey.id)
        with self._database.reading() as session:
            return [
                LoadedKey(row.kid, _parsed(row.private_pem)) for row in session.scalars(published)
            ]


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _parsed(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):  # pragma: no cover
        raise TypeError("the LMS's database holds a key that is not RSA")
    return key
