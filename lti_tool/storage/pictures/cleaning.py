"""Asking the process that decodes pictures; what it makes stands in a folder of this call's."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lti_tool.kernel.confined import Confined, ConfinedFailed
from lti_tool.kernel.errors import Unavailable
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import STEP
from lti_tool.storage.kinds.refusals import refused

SECONDS = 30.0
# Even the largest telephone's pictures have less than half of this.
LARGEST_PICTURE = 60_000_000
PREVIEW_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture made anew, as files: itself and its preview; its width and height in pixels."""

    picture: Path
    preview: Path
    width: int
    height: int


@cache
def decoder() -> Confined:
    """Returns this process's child for pictures. One is enough: decoding fills a processor."""
    return Confined("lti_tool.storage.pictures.child", seconds=SECONDS)


@contextmanager
def cleaned_picture(steps: Iterable[bytes], media_type: str) -> Iterator[Cleaned]:
    """Yields a picture without metadata, upright, and its preview; both go when the block ends.

    Raises `NotEvidence` for one that cannot be decoded or has too many pixels, `Unavailable`
    where this machine has no room for it.
    """
    with TemporaryDirectory(prefix="imhcf-picture-") as name:
        folder = Path(name)
        source = folder / "source"
        _spill(steps, source)
        job = {
            "source": str(source),
            "type": media_type,
            "picture": str(folder / "picture"),
            "preview": str(folder / "preview"),
        }
        try:
            made = json.loads(decoder().ask(json.dumps(job).encode()))
        except ConfinedFailed as failed:
            raise refused(
                "picture-too-large" if failed.reason == "too-slow" else "file-damaged",
                failed.reason,
            ) from None
        if "refused" in made:
            raise refused(made["refused"])
        yield Cleaned(folder / "picture", folder / "preview", made["width"], made["height"])


def steps_of_file(path: Path) -> Iterator[bytes]:
    """Yields a file's content in steps."""
    with path.open("rb") as file:
        while step := file.read(STEP):
            yield step


def _spill(steps: Iterable[bytes], path: Path) -> None:
    try:
        with path.open("wb") as file:
            for step in steps:
                file.write(step)
    except OSError as error:
        raise Unavailable(
            N_("There is no room to prepare this picture just now."),
            code="picture-no-room",
            advice=N_("Try again in a minute."),
            detail=type(error).__name__,
        ) from None
