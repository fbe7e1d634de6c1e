"""What one LMS does differently, chosen by its `product_family_code` (LTI Core 1.3, §5.4.2)."""

from collections.abc import Mapping
from types import MappingProxyType

from lti_tool.lti.platforms.canvas import Canvas
from lti_tool.lti.platforms.moodle import Moodle
from lti_tool.lti.platforms.strict import Platform

__all__ = ["Platform", "platform_for"]

_STRICT = Platform()
_KNOWN: Mapping[str, Platform] = MappingProxyType(
    {platform.code: platform for platform in (Moodle(), Canvas(), _STRICT)}
)


def platform_for(product: str) -> Platform:
    """Returns the LMS's profile; the strict one for an LMS that we do not know."""
    return _KNOWN.get(product.strip().lower(), _STRICT)
