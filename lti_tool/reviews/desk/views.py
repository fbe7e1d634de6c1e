"""The desk: every page of it answers below one address."""

from lti_tool.reviews.desk import (
    conflict_views,
    file_views,
    keeping_views,
    phrase_views,
    queue_views,
    reading_views,
    step_views,
)
from lti_tool.reviews.opening import desk as blueprint

__all__ = [
    "blueprint",
    "conflict_views",
    "file_views",
    "keeping_views",
    "phrase_views",
    "queue_views",
    "reading_views",
    "step_views",
]
