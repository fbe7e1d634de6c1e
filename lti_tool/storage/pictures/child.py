"""The process that decodes pictures: makes each anew, upright, with nothing but its pixels.

What a camera or program wrote beside them (EXIF with the place, XMP, IPTC, comments, thumbnails,
texts, a second file behind the end) is not carried over, because nothing is: only pixels are.
"""

import io
import json
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence

from lti_tool.kernel.confined import serve
from lti_tool.storage.kinds.pictures import LONGEST_SIDE, MOST_PIXELS

MOST_MEMORY = 2 * 1024**3
LARGEST_FILE = 400_000_000
# A picture that moves has many; all of them together may have as many pixels as a large one.
MOST_FRAMES = 300
PREVIEW_SIDE = 1_280
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_QUALITY = {"JPEG": {"quality": 92}, "PNG": {}, "WEBP": {"quality": 92}}


class _Refused(Exception):
    """A picture that is not prepared; its text is a code of `kinds.refusals`."""


def prepare(job: bytes) -> bytes:
    """Returns what was made of a picture, or why nothing was, as JSON.

    The job names the file, its type, and where the picture and its preview are to be written.
    """
    asked = json.loads(job)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        made = _prepare(asked, _FORMATS[asked["type"]])
    except _Refused as refusal:
        made = {"refused": str(refusal)}
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        made = {"refused": "picture-too-large"}
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError):
        made = {"refused": "file-damaged"}
    return json.dumps(made).encode()


def _prepare(asked: dict[str, str], name: str) -> dict[str, Any]:
    with Image.open(asked["source"], formats=[name]) as picture:
        frames = getattr(picture, "n_frames", 1)
        _check(picture, frames)
        options: dict[str, Any] = dict(_QUALITY[name])
        if frames > 1:
            options |= _moving(picture)
        first, *others = _frames(picture)
    if others:
        options["append_images"] = others
    try:
        first.save(asked["picture"], name, **options)
    except OSError:  # the encoder's own way to say that it has not enough memory or room
        raise _Refused("picture-too-large") from None
    _preview(first).save(asked["preview"], "WEBP", quality=82)
    width, height = first.size
    return {"width": width, "height": height}


def _preview(picture: Image.Image) -> Image.Image:
    if max(picture.size) <= PREVIEW_SIDE:
        return picture
    return ImageOps.contain(picture, (PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)


def _check(picture: Image.Image, frames: int) -> None:
    width, height = picture.size
    if frames > MOST_FRAMES or width * height * frames > MOST_PIXELS:
        raise _Refused("picture-too-large")
    if max(width, height) > LONGEST_SIDE:
        raise _Refused("picture-too-large")


def _moving(picture: Image.Image) -> dict[str, Any]:
    durations = [int(f.info.get("duration", 100)) for f in ImageSequence.Iterator(picture)]
    picture.seek(0)
    return {"save_all": True, "duration": durations, "loop": int(picture.info.get("loop", 0))}


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    for frame in ImageSequence.Iterator(picture):
        frame.load()
        yield _only_pixels(_in_known_colours(ImageOps.exif_transpose(frame)))


def _in_known_colours(frame: Image.Image) -> Image.Image:
    """Returns a frame in sRGB or grey: a profile of its own goes, and its colours stay."""
    has_alpha = "A" in frame.getbands() or "transparency" in frame.info
    profile = frame.info.get("icc_profile")
    if profile and frame.mode in {"RGB", "CMYK", "RGBA"}:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            wanted = ImageCms.createProfile("sRGB")
            mode = "RGBA" if frame.mode == "RGBA" else "RGB"
            frame = ImageCms.profileToProfile(frame, given, wanted, outputMode=mode) or frame
        except ImageCms.PyCMSError:
            pass  # a damaged profile: the colours are taken as they are
    if has_alpha:
        return frame.convert("RGBA")
    if frame.mode.startswith("I"):  # 16 bits of grey
        return frame.point(lambda value: value * (1 / 256)).convert("L")
    return frame if frame.mode in {"L", "RGB"} else frame.convert("RGB")


def _only_pixels(frame: Image.Image) -> Image.Image:
    """Returns the frame without anything that it remembers of its file."""
    frame.info = {}
    bare = Image.new(frame.mode, frame.size)
    bare.paste(frame)
    return bare


if __name__ == "__main__":
    serve(prepare, memory=MOST_MEMORY, file_size=LARGEST_FILE)
