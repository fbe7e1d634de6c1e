"""Text: marking sentences for translation where no request is at hand, and what somebody typed."""


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Returns the sentence unchanged; `make messages` collects it, `web` translates it."""
    return sentence


def as_kept(typed: str) -> str:
    """Returns a typed text as every database can keep it, with newlines as line ends, trimmed.

    A form and a script then send the same text. A NUL, which PostgreSQL cannot keep, is left
    out; half a surrogate pair, which a browser never makes of typed text, becomes "?".
    """
    text = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    return text.encode("utf-8", "replace").decode()
