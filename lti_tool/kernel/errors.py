"""The errors that reach a person. Rooms raise them; `web` alone turns them into pages.

Each carries a code that support can search for in the log, a plain sentence that says what
happened, and one that says what to do next. `detail` is for the log only: it says what was
wrong and never holds a token, a name or an address of a person. Sentences are marked with
`N_` where they are raised; `params` fills their named places after translation.
"""

from collections.abc import Mapping


class ImhcfError(Exception):
    """The root of everything that this program refuses or reports in plain words."""

    code = "unexpected"

    def __init__(
        self,
        sentence: str,
        *,
        code: str | None = None,
        advice: str = "",
        detail: str = "",
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code
        self.advice = advice
        self.detail = detail
        self.params = dict(params or {})


class InvalidInput(ImhcfError):
    """What was sent cannot be understood or breaks a rule of form (HTTP 400)."""

    code = "invalid-input"


class NotSignedIn(ImhcfError):
    """No session, or one that has ended (HTTP 401)."""

    code = "not-signed-in"


class NotAllowed(ImhcfError):
    """The person is known and may not do this (HTTP 403)."""

    code = "not-allowed"


class NotFound(ImhcfError):
    """It does not exist, or not for this person: both look the same (HTTP 404)."""

    code = "not-found"


class Conflict(ImhcfError):
    """It was changed meanwhile (HTTP 409)."""

    code = "conflict"


class TooLarge(ImhcfError):
    """More was sent than is taken (HTTP 413)."""

    code = "too-large"


class TooManyRequests(ImhcfError):
    """More requests than one network may send (HTTP 429); `retry_after` is in seconds."""

    code = "too-many-requests"

    def __init__(
        self, sentence: str, *, code: str, advice: str, detail: str, retry_after: int
    ) -> None:
        super().__init__(sentence, code=code, advice=advice, detail=detail)
        self.retry_after = retry_after


class Unavailable(ImhcfError):
    """Something that this needs does not answer; trying again may help (HTTP 503)."""

    code = "unavailable"


class Misconfigured(ImhcfError):
    """A setting or a file of this installation is wrong; the operator must mend it."""

    code = "misconfigured"
