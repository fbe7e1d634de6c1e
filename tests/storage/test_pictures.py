"""Pictures lose what cameras write into them, stand upright, and have a preview."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from lti_tool.kernel.confined import Confined
from lti_tool.storage.kinds.refusals import NotEvidence
from lti_tool.storage.pictures import cleaning
from lti_tool.storage.pictures.cleaning import cleaned_picture
from tests.storage import files, media
from tests.storage.uploading import begin, blobs_of, finish, give, objects, send
from tests.tool import Tool


def clean(content: bytes, media_type: str) -> tuple[bytes, bytes]:
    with cleaned_picture([content], media_type) as made:
        return made.picture.read_bytes(), made.preview.read_bytes()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")],
)
def test_a_picture_is_upright_and_says_nothing_but_its_pixels(kind: str, media_type: str) -> None:
    given = media.photo(kind)
    assert b"Camera of Amina" in given
    made, preview = clean(given, media_type)
    for content in (made, preview):
        picture = opened(content)
        assert picture.size == (40, 60)  # it lay on its side
        assert not picture.getexif()
        assert b"Camera" not in content
        red, _green, blue = picture.convert("RGB").getpixel((20, 5))  # type: ignore[misc]
        assert (red > 200, blue < 60) == (True, True)
    assert opened(made).format == kind


def test_texts_comments_xmp_profiles_and_what_is_behind_the_end_go() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "secret-text")
    said.add_itxt("XML:com.adobe.xmp", "secret-xmp")
    png, _ = clean(media.photo("PNG", pnginfo=said), "image/png")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    given = media.photo("JPEG", comment=b"secret-comment", xmp=b"secret-xmp", icc_profile=profile)
    jpeg, _ = clean(given + b"secret-behind" + files.HTML, "image/jpeg")
    assert b"ICC_PROFILE" in given
    for content in (png, jpeg):
        assert b"secret" not in content
        assert b"ICC_PROFILE" not in content
        assert b"html" not in content
    assert opened(png).info == {}


def test_a_large_picture_keeps_its_size_and_has_a_smaller_preview() -> None:
    made, preview = clean(media.photo("JPEG", (3_000, 2_000), 1), "image/jpeg")
    assert opened(made).size == (3_000, 2_000)
    assert opened(preview).size == (1_280, 853)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_mode_are_prepared(mode: str) -> None:
    kind, media_type = ("JPEG", "image/jpeg") if mode == "CMYK" else ("PNG", "image/png")
    target = io.BytesIO()
    Image.new(mode, (20, 10)).save(target, kind)
    made, _preview = clean(target.getvalue(), media_type)
    assert opened(made).mode in {"L", "RGB", "RGBA"}


def test_a_picture_that_moves_goes_on_moving_and_its_preview_is_the_first_of_it() -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "lime", "blue")]
    target = io.BytesIO()
    frames[0].save(
        target, "WEBP", save_all=True, append_images=frames[1:], duration=70, lossless=True
    )
    made, preview = clean(target.getvalue(), "image/webp")
    assert opened(made).n_frames == 3  # type: ignore[attr-defined]
    assert opened(preview).convert("RGB").getpixel((5, 5))[0] > 200  # type: ignore[index]
    assert getattr(opened(preview), "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (media.png_of(9_000, 20_000), "image/png", "picture-too-large"),
        (media.png_of(9_000, 9_000), "image/png", "file-damaged"),
        (files.JPEG, "image/jpeg", "file-damaged"),
        (media.photo("PNG"), "image/jpeg", "file-damaged"),
        (b"", "image/webp", "file-damaged"),
    ],
)
def test_what_cannot_be_decoded_is_refused(content: bytes, media_type: str, code: str) -> None:
    with pytest.raises(NotEvidence) as refused:
        clean(content, media_type)
    assert refused.value.code == code


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    child = Confined("lti_tool.storage.pictures.child", seconds=0.0)
    monkeypatch.setattr(cleaning, "decoder", lambda: child)
    yield
    child.close()


@pytest.mark.usefixtures("impatient")
def test_a_picture_that_takes_too_long_is_refused_and_the_child_is_ended() -> None:
    with pytest.raises(NotEvidence) as refused:
        clean(media.photo(), "image/jpeg")
    assert refused.value.code == "picture-too-large"


def test_an_uploaded_picture_is_kept_clean_with_its_size_and_preview(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    kept = give(tool, amina, "Garden.JPG", media.photo())
    assert (kept.media_type, kept.name, kept.width, kept.height) == (
        "image/jpeg",
        "Garden.JPG",
        40,
        60,
    )
    blobs = blobs_of(tool)
    content = blobs.get(kept.organisation_id, kept.digest)
    assert len(content) == kept.size
    assert b"Camera" not in content
    assert kept.preview_digest
    assert len(blobs.get(kept.organisation_id, kept.preview_digest)) == kept.preview_size
    assert len(objects(tool)) == 2
    again = give(tool, amina, "Garden.JPG", media.photo())
    assert (again.digest, again.preview_digest) == (kept.digest, kept.preview_digest)
    assert len(objects(tool)) == 2


def test_a_picture_that_is_a_bomb_leaves_nothing_and_the_next_is_prepared(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    bomb = media.png_of(9_000, 20_000)
    upload = begin(tool, amina, "bomb.png", len(bomb))
    send(tool, amina, upload, bomb)
    with pytest.raises(NotEvidence):
        finish(tool, amina, upload)
    assert objects(tool) == []
    assert give(tool, amina, "next.png", media.photo("PNG")).width == 40
