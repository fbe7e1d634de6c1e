"""A pick under way, as a deep linking request of the LMS would have left it."""

import json

from lti_tool.competencies.queries import library
from lti_tool.gateway.picking.models import Pick
from lti_tool.gateway.picking.rules import PICK_LIFE, first_draft, settings_as_json
from lti_tool.kernel import clock
from lti_tool.kernel.secrets import new_public_id
from lti_tool.lti.messages import DeepLinkingSettings
from tests.tool import Tool, Visitor

DRAFT = "taras-draft-0001"
SETTINGS = DeepLinkingSettings(
    "https://lms-0.example/return", ("ltiResourceLink",), ("iframe",), accept_multiple=True
)


def pick_for(tool: Tool, tutor: Visitor) -> str:
    """Returns the public id of a new pick of this tutor, with one activity on its list."""
    public_id, now = new_public_id(), clock.now()
    draft = first_draft(DRAFT, library()["self-assessment-1"], SETTINGS)
    with tool.database.transaction() as session:
        session.add(
            Pick(
                public_id=public_id,
                membership_id=tutor.actor.membership_id,
                registration_id=tool.registration(),
                deployment="1",
                sealed=tool.runtime.secrets.encrypt(
                    json.dumps(settings_as_json(SETTINGS)).encode()
                ),
                drafts=[draft.as_json()],
                made_at=now,
                ends_at=now + PICK_LIFE,
            )
        )
    return public_id
