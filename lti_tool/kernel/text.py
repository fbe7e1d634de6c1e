"""Marking sentences for translation where no request is at hand to translate them in."""


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Returns the sentence unchanged; `make messages` collects it, `web` translates it."""
    return sentence
