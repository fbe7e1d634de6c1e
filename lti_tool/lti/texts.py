"""Text from outside that every database takes: no NUL, no half of a surrogate pair.

JSON escapes can bring both in (an LMS that cuts a title in the middle of an emoji does);
PostgreSQL refuses the first, and the second has no UTF-8.
"""


def is_storable(text: str) -> bool:
    """Returns whether the text can be stored as it is."""
    return storable(text) == text


def storable(text: str) -> str:
    """Returns the text with what cannot be stored taken out or replaced by "?"."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode(errors="replace").decode()


# Embeddings, overrides and isolates (UAX 9, §2): what is open at the end of a name turns round the
# words behind it. Names that are written from right to left need none.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def shown(text: str, longest: int) -> str:
    """Returns a text for display that can be stored: trimmed, cut, and without change of direction."""
    text = storable(text)
    return (text if text.isascii() else text.translate(_DIRECTIONS)).strip()[:longest]
