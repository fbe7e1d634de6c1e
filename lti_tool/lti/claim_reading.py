"""Takes values out of an LMS's JSON by type, and refuses a launch whose claims are of another.

An optional claim that is null counts as absent: Canvas sends such.
"""

from collections.abc import Mapping

from lti_tool.lti.addresses import origin
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.texts import is_storable, shown

MAX_ID_LENGTH = 255
MAX_URL_LENGTH = 4096

Claims = Mapping[str, object]


def required_text(claims: Claims, name: str, *, place: str = "") -> str:
    """Returns an identifier of 1 to 255 characters; raises `LaunchRefused` (`claim-missing`)."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_LENGTH:
        raise LaunchRefused("claim-missing", detail=place + name)
    if not is_storable(value):
        raise _wrong(place + name)
    return value


def optional_text(claims: Claims, name: str, *, longest: int, place: str = "") -> str:
    """Returns a text for display, cut to `longest`, or ""; raises `LaunchRefused`."""
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(place + name)
    return shown(value, longest)


def optional_object(claims: Claims, name: str) -> Claims | None:
    """Returns a JSON object or None; raises `LaunchRefused` (`claim-wrong`)."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong(name)
    return value


def optional_texts(claims: Claims, name: str, *, place: str = "") -> tuple[str, ...]:
    """Returns a list of texts, or (); raises `LaunchRefused` (`claim-wrong`)."""
    value = claims.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong(place + name)
    texts = tuple(item for item in value if isinstance(item, str))
    if len(texts) != len(value):
        raise _wrong(place + name)
    return texts


def optional_url(claims: Claims, name: str, *, place: str = "") -> str | None:
    """Returns an absolute http(s) address; None when absent or empty; raises `LaunchRefused`."""
    value = claims.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_URL_LENGTH:
        raise _wrong(place + name)
    if origin(value) is None or not is_storable(value):
        raise _wrong(place + name)
    return value


def _wrong(name: str) -> LaunchRefused:
    return LaunchRefused("claim-wrong", detail=name)
