"""A process of its own that renders papers: it may be slow or swell, the worker stays well."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lti_tool.exports.papers.fonts import Face
from lti_tool.exports.papers.rendering import SECONDS, renderer_named
from lti_tool.kernel.confined import Confined, ConfinedFailed, serve

MOST_MEMORY = 2 * 1024**3


class PressFailed(Exception):
    """A paper could not be made; `reason` is one of `rules.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Press:
    """Renders papers one after another in a child process, which is started when needed."""

    def __init__(self, renderer: str, *, seconds: float = SECONDS) -> None:
        self._child = Confined("lti_tool.exports.papers.press", renderer, seconds=seconds)

    def render(self, html: str, faces: Sequence[Face]) -> bytes:
        """Returns the PDF; raises `PressFailed`. Callers in other threads wait their turn."""
        job = json.dumps({"html": html, "faces": [_plain(face) for face in faces]}).encode()
        try:
            return self._child.ask(job)
        except ConfinedFailed as failed:
            raise PressFailed(failed.reason) from None

    def close(self) -> None:
        """Ends the child process, if there is one."""
        self._child.close()


def _plain(face: Face) -> dict[str, Any]:
    return asdict(face) | {"path": str(face.path)}


def _serve(renderer_name: str) -> None:
    """The child: renders until its parent closes the pipe, or leaves it idle for long."""
    renderer = renderer_named(renderer_name)

    def render(job: bytes) -> bytes:
        asked = json.loads(job)
        faces = [Face(**face | {"path": Path(face["path"])}) for face in asked["faces"]]
        return renderer.render(asked["html"], faces)

    serve(render, memory=MOST_MEMORY)


if __name__ == "__main__":
    _serve(sys.argv[1])
