"""Short codes that people read aloud and type: on certificates, on receipts. Pure."""

import secrets

# Letters and digits that nobody mistakes for one another (Crockford's base 32).
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
CODE_LENGTH = 12
_GROUP = 4


def new_code() -> str:
    """Returns a short code to verify something by: 60 random bits, easy to read aloud."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str | None:
    """Returns the code that somebody typed, in any case and grouping; None for what is none."""
    text = "".join(c for c in typed.upper() if c not in " -\u2010\u2011\u2012\u2013")
    text = text.translate(_MISREAD)
    is_code = len(text) == CODE_LENGTH and set(text) <= set(CODE_ALPHABET)
    return text if is_code else None


def grouped(code: str) -> str:
    """Returns a code as it is printed: "7K3M-9QXA-2BTN"."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
