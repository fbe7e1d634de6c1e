"""What a tutor picked, as an LMS takes it back: Deep Linking 2.0, “LTI resource link”."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

RESOURCE_LINK = "ltiResourceLink"


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when; either end may be open. Moments are aware."""

    starts: datetime | None = None
    ends: datetime | None = None

    def body(self) -> dict[str, str]:
        """Returns the ends that are set, as ISO 8601 in UTC."""
        ends = {"startDateTime": self.starts, "endDateTime": self.ends}
        return {name: _utc(moment) for name, moment in ends.items() if moment}


ALWAYS = Window()


@dataclass(frozen=True, slots=True)
class WantedLineItem:
    """The gradebook column that the LMS is asked to make with the link."""

    label: str
    score_maximum: float
    resource_id: str
    tag: str = ""

    def body(self) -> dict[str, object]:
        """Returns the JSON object of the item's `lineItem`."""
        body: dict[str, object] = {
            "label": self.label,
            "scoreMaximum": self.score_maximum,
            "resourceId": self.resource_id,
        }
        return body | ({"tag": self.tag} if self.tag else {})


@dataclass(frozen=True, slots=True)
class LinkItem:
    """One resource link to be placed in a course.

    `custom` goes out with every launch of the link, so that a copied course still says what the
    link is for. Without `url` the LMS launches the tool's own address. `height` is in pixels.
    """

    title: str
    url: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict, hash=False)
    line_item: WantedLineItem | None = None
    available: Window = ALWAYS
    submission: Window = ALWAYS
    height: int | None = None

    def body(self, targets: tuple[str, ...], *, with_line_item: bool) -> dict[str, object]:
        """Returns the JSON object of the item, for an LMS that shows links in these `targets`.

        Hints are given only for a target that the LMS named: it may refuse an item for others.
        """
        body: dict[str, object] = {
            "type": RESOURCE_LINK,
            "title": self.title,
            "text": self.text,
            "url": self.url,
            "custom": dict(self.custom),
            "available": self.available.body(),
            "submission": self.submission.body(),
        }
        if self.line_item and with_line_item:
            body["lineItem"] = self.line_item.body()
        if "iframe" in targets:
            body["iframe"] = {"height": self.height} if self.height else {}
        elif "window" in targets:
            body["window"] = {"targetName": "_blank"}
        kept_empty = {"iframe"}
        return {name: value for name, value in body.items() if value or name in kept_empty}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
