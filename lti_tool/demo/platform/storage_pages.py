"""The pages that keep data for the tool, and what their script is told."""

from urllib.parse import urlsplit, urlunsplit

from flask import render_template

from lti_tool.demo.lms import Lms
from lti_tool.demo.platform.storage import FORWARDING, FORWARDING_PATH, STRANGER_PATH

# Two names of this machine: to a browser, each is a stranger to the other.
_STRANGERS = {"127.0.0.1": "localhost"}


def message_facts(lms: Lms) -> dict[str, str | bool]:
    """Returns what the page around a tool knows of messages; empty where it knows none."""
    settings = lms.settings
    target, answers = lms.storage_target, lms.switchboard.current.storage_answers
    if not target and not lms.profile.resizes_frames:
        return {}
    shows_frame = target == FORWARDING and answers != "no-frame"
    return {
        "tool_origin": _origin(settings.tool_url),
        "target": target,
        "answers": answers,
        "resizes": lms.profile.resizes_frames,
        "frame": f"{_origin(settings.base_url)}{FORWARDING_PATH}" if shows_frame else "",
        "stranger": _stranger(settings.base_url) if answers == "wrong-origin" else "",
    }


def forwarding() -> str:
    """The frame of Canvas's page that answers for storage, on the authorisation's origin."""
    return render_template("demo/forwarding.html")


def stranger() -> str:
    """A page that answers in the LMS's stead, from another origin."""
    return render_template("demo/stranger.html")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _stranger(base_url: str) -> str:
    parts = urlsplit(base_url)
    host = _STRANGERS.get(parts.hostname or "", "127.0.0.1")
    netloc = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, netloc, STRANGER_PATH, "", ""))
