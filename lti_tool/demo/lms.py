"""The running LMS: its parts, and how a view gets at them."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from lti_tool.demo.calls import CallLog
from lti_tool.demo.database import Database
from lti_tool.demo.faults import FaultBoard
from lti_tool.demo.keys import KeyRing
from lti_tool.demo.models import Course
from lti_tool.demo.platform.assertions import ToolKeys
from lti_tool.demo.platform.profile import Profile
from lti_tool.demo.platform.profiles import named_profile
from lti_tool.demo.platform.storage import BY_PROFILE
from lti_tool.demo.registration import UsedTool
from lti_tool.demo.settings import LmsSettings
from lti_tool.demo.switches import Switchboard

EXTENSION = "larkfield"


@dataclass(frozen=True, slots=True)
class Lms:
    """One LMS in one process. What can change, changes inside its parts."""

    settings: LmsSettings
    database: Database
    switchboard: Switchboard
    faults: FaultBoard
    calls: CallLog
    keys: KeyRing
    tool_keys: ToolKeys

    @property
    def profile(self) -> Profile:
        """The profile that is on."""
        return named_profile(self.switchboard.current.profile)

    @property
    def tool(self) -> UsedTool:
        """The tool that launches go to."""
        return self.switchboard.current.tool

    def deployment_id(self, course: Course) -> str:
        """Returns the deployment by which a course has the tool."""
        return self.tool.deployment_id or self.profile.deployment_id(course)

    @property
    def storage_target(self) -> str:
        """The `lti_storage_target` of a login; empty where this LMS keeps no data for tools."""
        chosen = self.switchboard.current.storage
        return self.profile.storage_target if chosen == BY_PROFILE else chosen


def current_lms() -> Lms:
    """Returns the LMS that answers the present request."""
    return cast("Lms", current_app.extensions[EXTENSION])
