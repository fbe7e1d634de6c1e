"""What the LMS's page keeps for a tool whose cookies are blocked, and what can go wrong there.

LTI Client Side postMessages 0.1, LTI postMessage Storage 0.1, and LTI OIDC Login with LTI Client
Side postMessages 0.1. Canvas answers in a frame of its page, `post_message_forwarding`, since its
page and its authorisation address are on different origins; other LMSs in the page itself. Moodle
4.5 has none of this: its source knows no such message, and its logins no `lti_storage_target`.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

PARENT = "_parent"
FORWARDING = "post_message_forwarding"
BY_PROFILE = "by-profile"
FORWARDING_PATH = "/lti/post-message-forwarding"
STRANGER_PATH = "/lti/stranger"

STORAGE_TEXTS: Mapping[str, LazyString] = {
    BY_PROFILE: _("As the profile does"),
    PARENT: _("In the page itself"),
    FORWARDING: _("In a frame of the page, as Canvas"),
    "": _("Not at all"),
}
ANSWER_TEXTS: Mapping[str, LazyString] = {
    "right": _("As it should"),
    "never": _("Never"),
    "refused": _("With an error"),
    "wrong-id": _("With another message id"),
    "wrong-value": _("With another value"),
    "wrong-origin": _("From another origin"),
    "no-frame": _("Without the frame that it named"),
}
