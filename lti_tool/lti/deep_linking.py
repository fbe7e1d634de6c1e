"""The answer to a deep linking request: Deep Linking 2.0, “Deep linking response message”."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_
from lti_tool.lti import claims as names
from lti_tool.lti.content_items import RESOURCE_LINK, LinkItem
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

# The browser carries it to the LMS at once. Our clock may be ahead of the LMS's.
_BACKDATED = timedelta(seconds=5)
_LIFE = timedelta(minutes=5)


def deep_linking_response(
    registration: Registration,
    deployment_id: str,
    settings: DeepLinkingSettings,
    items: Sequence[LinkItem],
    key: SigningKey,
    *,
    now: datetime,
    message: str = "",
    problem: str = "",
) -> str:
    """Returns the signed message that the browser posts to `settings.return_url` as `JWT`.

    No items means that the tutor picked nothing, which is an answer too. `data` goes back as it
    came, and only if it came. `message` is for the person, `problem` for them and the LMS's log
    (`errormsg` and `errorlog`). Raises `InvalidInput` (`items-not-accepted`, `one-item-only`) for
    items that the LMS said it does not take.
    """
    _check(settings, items)
    claims: dict[str, object] = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int((now - _BACKDATED).timestamp()),
        "exp": int((now + _LIFE).timestamp()),
        "nonce": uuid.uuid4().hex,
        names.MESSAGE_TYPE: names.DEEP_LINKING_RESPONSE,
        names.VERSION: names.LTI_VERSION,
        names.DEPLOYMENT_ID: deployment_id,
        names.CONTENT_ITEMS: [
            item.body(
                settings.accept_targets, with_line_item=settings.accept_line_item is not False
            )
            for item in items
        ],
    }
    if settings.data is not None:
        claims[names.DEEP_LINKING_DATA] = settings.data
    if message:
        claims[names.DEEP_LINKING_MESSAGE] = message
    if problem:
        claims |= {names.DEEP_LINKING_ERROR: problem, names.DEEP_LINKING_ERROR_LOG: problem}
    return key.sign(claims)


def _check(settings: DeepLinkingSettings, items: Sequence[LinkItem]) -> None:
    if items and RESOURCE_LINK not in settings.accept_types:
        raise InvalidInput(
            N_("Your LMS does not take activities in this place."),
            code="items-not-accepted",
            advice=N_("Add the activity from the place in your course where external tools go."),
        )
    if len(items) > 1 and not settings.accept_multiple:
        raise InvalidInput(
            N_("Your LMS takes one activity at a time here."),
            code="one-item-only",
            advice=N_("Choose one, and come back for the next."),
        )
