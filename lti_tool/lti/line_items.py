"""A column of a gradebook: AGS 2.0, “Line item service”."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.lti.addresses import origin
from lti_tool.lti.refusals import ServiceUnreadable
from lti_tool.lti.strict_json import finite_number

_OURS = frozenset({"id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId"})


@dataclass(frozen=True, slots=True)
class LineItem:
    """One column. `id` is its address, "" before the LMS has made it.

    `others` holds what else the LMS said of it (dates, extensions): an update replaces the whole
    line item, so that what is not sent back is lost.
    """

    id: str
    label: str
    score_maximum: float
    resource_id: str = ""
    tag: str = ""
    resource_link_id: str = ""
    others: Mapping[str, object] = field(default_factory=dict, hash=False, repr=False)

    def fits(self, wanted: Mapping[str, str]) -> bool:
        """Returns whether each named field has the wanted value."""
        return all(getattr(self, name) == value for name, value in wanted.items())

    def body(self) -> dict[str, object]:
        """Returns the JSON object to post or put; empty fields are left out."""
        ours: dict[str, object] = {
            "id": self.id,
            "resourceId": self.resource_id,
            "tag": self.tag,
            "resourceLinkId": self.resource_link_id,
        }
        given = {name: value for name, value in ours.items() if value}
        return {
            **self.others,
            **given,
            "label": self.label,
            "scoreMaximum": self.score_maximum,
        }


def read_line_item(found: object) -> LineItem:
    """Returns the line item that an LMS's JSON describes; raises `ServiceUnreadable`."""
    if not isinstance(found, dict):
        raise ServiceUnreadable(detail="a line item is not an object")
    address = found.get("id")
    if not isinstance(address, str) or origin(address) is None:
        raise ServiceUnreadable(detail="a line item has no address")
    return LineItem(
        id=address,
        label=_text(found, "label"),
        score_maximum=finite_number(found.get("scoreMaximum")) or 0.0,
        resource_id=_text(found, "resourceId"),
        tag=_text(found, "tag"),
        resource_link_id=_text(found, "resourceLinkId"),
        others={name: value for name, value in found.items() if name not in _OURS},
    )


def _text(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
