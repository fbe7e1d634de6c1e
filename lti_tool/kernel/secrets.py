"""What is kept under `IMHCF_SECRET_KEY`: encryption at rest, and digests of random tokens."""

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.settings import Settings


def new_token() -> str:
    """Returns 256 random bits for a URL or a cookie. Only its `digest` is ever stored."""
    return secrets.token_urlsafe(32)


def new_public_id() -> str:
    """Returns a short random name for use in addresses: 96 bits, so not to be guessed."""
    return secrets.token_urlsafe(12)


def digest(token: str) -> str:
    """Returns what is stored in place of a random token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class SecretBox:
    """Keys derived from the one secret of an installation, each for a purpose of its own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._derived: dict[str, bytes] = {}
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derive("encryption")))

    def _derive(self, purpose: str) -> bytes:
        if purpose not in self._derived:
            info = f"imhcf {purpose}".encode()
            kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info)
            self._derived[purpose] = kdf.derive(self._secret)
        return self._derived[purpose]

    def key_for(self, purpose: str) -> str:
        """Returns a key for another library (form signing), unrelated to the encryption key."""
        return base64.urlsafe_b64encode(self._derive(purpose)).decode()

    def mac(self, purpose: str, text: str) -> str:
        """Returns a keyed digest of the text, for tokens that need no row of their own."""
        return hmac.new(self._derive(purpose), text.encode(), hashlib.sha256).hexdigest()

    def encrypt(self, plain: bytes) -> str:
        return self._fernet.encrypt(plain).decode()

    def decrypt(self, sealed: str) -> bytes:
        """Returns what was encrypted; raises `Misconfigured` under another secret."""
        try:
            return self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            raise Misconfigured(
                "The stored keys cannot be read with this IMHCF_SECRET_KEY.",
                advice="Set IMHCF_SECRET_KEY to the value it had when the keys were made.",
            ) from None


def secret_box(settings: Settings) -> SecretBox:
    """Returns the box for these settings; on loopback a missing secret is made and kept."""
    return SecretBox(settings.secret_key or _kept_secret(settings.data_dir / "secret_key"))


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked into place: two processes that start together agree on one.
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
