"""What can be switched while the LMS runs: the profile, and how launches are made.

It is kept in memory: a restart begins with the settings again.
"""

from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Literal

from lti_tool.demo.platform.names import ALL_SCOPES
from lti_tool.demo.platform.storage import BY_PROFILE
from lti_tool.demo.registration import BY_HAND, UsedTool


@dataclass(frozen=True, slots=True)
class Switches:
    """One state of the switchboard.

    `own_clock`: what the gradebook keeps as a score's time. Off, the score's own timestamp.
    On, the LMS's clock at the moment when value or comment changed, as Moodle's source does
    for the line item of an activity (`grade_item::update_raw_grade`); a score that waited in
    the tool's outbox can then be refused as too old.

    `older_links`: whether launches say, signed, what LTI 1.1 called person and link.

    `key_cache_seconds`: how long a copy of the tool's key set is good for. 0: until a key is not
    in it, as Moodle's. More: until then, and an unknown key is refused meanwhile.

    `storage`: the frame in which the LMS's page keeps data for the tool, and `storage_answers`
    how it answers; see `platform.storage`.

    `roster_page`: so many people are on a page of the roster where the tool names no number. 0:
    as the profile has it.

    `tool`: which of the registered tools launches go to; see `tools`.
    """

    profile: str
    share_names: bool = True
    initiate_by: Literal["POST", "GET"] = "POST"
    lineitem_claim: bool = True
    own_clock: bool = False
    older_links: bool = False
    key_cache_seconds: int = 0
    storage: str = BY_PROFILE
    storage_answers: str = "right"
    roster_page: int = 0
    scopes: tuple[str, ...] = ALL_SCOPES
    tool: UsedTool = BY_HAND


class Switchboard:
    """Holds the present switches; threads may share it."""

    def __init__(self, profile: str) -> None:
        self._start = Switches(profile)
        self._current = self._start
        self._lock = Lock()

    @property
    def current(self) -> Switches:
        """The switches as they are now; the answer does not change afterwards."""
        return self._current

    def change(self, **changes: Any) -> Switches:
        """Sets the named switches, and returns them all."""
        with self._lock:
            self._current = replace(self._current, **changes)
            return self._current

    def reset(self) -> None:
        """Puts everything back to how it was at the start."""
        self._current = self._start
