"""How often the public pages of the register may be asked for, from one network in a minute."""

from lti_tool.kernel.text import N_
from lti_tool.web.limits import Limit, limited

_AGAIN = N_("Wait a minute, then ask again.")
REGISTER = Limit("register", 60, advice=_AGAIN)
VERIFYING = Limit("verifying", 30, advice=_AGAIN)
MACHINES = Limit("credentials", 120, advice=_AGAIN)

__all__ = ["MACHINES", "REGISTER", "VERIFYING", "limited"]
