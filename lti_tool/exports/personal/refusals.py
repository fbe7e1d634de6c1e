"""How a zip is refused: which part of it is wrong, and what was expected there."""

from collections.abc import Mapping

from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.kernel.text import N_


def refused(
    what: str,
    expected: str,
    *,
    code: str,
    too_large: bool = False,
    params: Mapping[str, object] | None = None,
) -> ImhcfError:
    """Returns the error for a zip with a wrong part; `expected` is a sentence of advice."""
    kind = TooLarge if too_large else InvalidInput
    return kind(
        N_("Nothing was taken in: something is not right with %(what)s."),
        code=code,
        advice=expected,
        params={"what": what} | dict(params or {}),
    )


def refused_field(file: str, field: str, expected: str, *, code: str) -> ImhcfError:
    """Returns the error for a file of the zip with a wrong field."""
    return InvalidInput(
        N_("Nothing was taken in: in %(what)s, the field %(field)s is not right."),
        code=code,
        advice=N_(
            "What is expected there: %(expected)s. Bring the zip as it was downloaded, unchanged."
        ),
        params={"what": file, "field": field[:120], "expected": expected[:200]},
    )
