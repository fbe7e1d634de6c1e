"""Which files are evidence: by their content, with a reason for each that is not."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.kernel.errors import InvalidInput
from lti_tool.storage.kinds import documents, types
from lti_tool.storage.kinds.checking import Kind, check_evidence
from lti_tool.storage.kinds.names import LONGEST_NAME, check_name, kept_name
from lti_tool.storage.kinds.patches import Patch, patched
from lti_tool.storage.kinds.refusals import SENTENCES, NotEvidence
from tests.storage import files, media

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def office(kind: str, part: str, **more: str) -> bytes:
    kinds = f'<Types><Override PartName="/{part}" ContentType="{kind}"/></Types>'
    return files.package({"[Content_Types].xml": kinds, part: "<x/>"} | more)


def check(content: bytes, name: str = "") -> Kind:
    return check_evidence(name or "evidence", io.BytesIO(content), len(content))


def why_not(content: bytes, name: str = "") -> str:
    with pytest.raises(NotEvidence) as refused:
        check(content, name)
    return refused.value.code


def cleaned(content: bytes) -> bytes:
    return patched(content, 0, check(content).patches)


WHOLE = {
    types.PDF: files.PDF,
    types.JPEG: media.photo(),
    types.PNG: media.photo("PNG"),
    types.WEBP: media.photo("WEBP"),
    types.DOCX: files.docx(),
    types.XLSX: office(_SHEET, "xl/workbook.xml"),
    types.PPTX: office(_SLIDES, "ppt/presentation.xml"),
    types.ODT: files.odt(),
    types.ODS: files.odt(types.ODS),
    types.ODP: files.odt(types.ODP),
    types.MP3: media.mp3(),
    types.WAV: media.wav(),
    types.OGG: media.ogg(),
    types.M4A: media.mp4(brand=b"M4A "),
    types.MP4: media.mp4(),
    types.MOV: media.mp4(brand=b"qt  "),
    types.WEBM: media.webm(),
}


@pytest.mark.parametrize("media_type", WHOLE)
def test_each_kind_is_known_by_its_content(media_type: str) -> None:
    found = check(WHOLE[media_type], f"Evidence{types.ENDINGS[media_type][0].upper()}")
    assert found.media_type == media_type
    assert found.name == f"Evidence{types.ENDINGS[media_type][0].upper()}"


def test_every_kind_has_an_example() -> None:
    assert set(WHOLE) == set(types.ENDINGS)


@pytest.mark.parametrize("media_type", sorted(set(WHOLE) - {types.MP3}))
def test_a_file_that_is_cut_off_is_not_taken(media_type: str) -> None:
    content = WHOLE[media_type]
    for length in {len(content) // 2, len(content) - 9} - {0}:
        with pytest.raises(NotEvidence):
            check(content[:length])


@pytest.mark.parametrize(
    "media_type", sorted(set(WHOLE) - {types.MP3, types.WEBP, types.JPEG, types.PNG})
)
def test_a_second_file_behind_the_first_is_not_taken(media_type: str) -> None:
    """Pictures are made anew, so that what is behind them does not matter."""
    for second in (files.HTML, files.package({"a.js": "alert(1)"})):
        with pytest.raises(NotEvidence):
            check(WHOLE[media_type] + second)


@pytest.mark.parametrize("media_type", sorted(set(WHOLE) - {types.PDF}))
def test_a_zip_that_ends_with_the_file_is_not_taken(media_type: str) -> None:
    archive = files.package({"evil.class": "x" * 100})
    with pytest.raises(NotEvidence):
        check(WHOLE[media_type] + archive)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.HTML, "type-unknown"),
        (files.SVG, "type-unknown"),
        (files.PROGRAM, "type-unknown"),
        (files.TEXT, "type-unknown"),
        (b"GIF89a" + bytes(60), "type-unknown"),
        (b"", "type-unknown"),
        (files.HTML_AS_PDF, "type-unknown"),
        (b"%PDF-1.7\n<script>x</script>%%EOF\n", "file-two-in-one"),
        (files.PDF + files.HTML, "file-two-in-one"),
        (b"%PDF-1.7 nothing", "file-damaged"),
        (media.box(b"ftyp", b"heic", bytes(4)), "ending-heic"),
        (media.webm(b"matroska"), "type-unknown"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x08\x80theora", "type-unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ending-old-office"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "package-password",
        ),
        (files.package({"readme.txt": "A plain archive"}), "archive"),
        (files.odt("application/epub+zip"), "archive"),
        (files.docx(**{"word/vbaProject.bin": "x"}), "ending-macros"),
        (files.package({"[Content_Types].xml": "macroEnabled", "a": "x"}), "ending-macros"),
        (
            files.package(
                {"mimetype": types.ODT, "content.xml": "x", "Basic/Standard/Module1.xml": "x"}
            ),
            "ending-macros",
        ),
        (
            files.package(
                {
                    "mimetype": types.ODT,
                    "content.xml": "x",
                    "META-INF/manifest.xml": "<m:encryption-data/>",
                }
            ),
            "package-password",
        ),
        (files.docx(**{"../../evil.xml": "x"}), "package-paths"),
        (files.docx(**{"/etc/passwd": "x"}), "package-paths"),
        (files.docx(**{"word/media/a.exe": "x"}), "package-nested"),
        (files.docx(**{"word/media/a.png": "MZ program"}), "package-nested"),
        (files.docx(**{"word/embeddings/a.zip": "x"}), "package-nested"),
        (files.HTML + files.docx(), "type-unknown"),
        (files.docx() + b"x", "file-two-in-one"),
        (media.png_of(60_000, 60_000), "picture-too-large"),
        (media.png_of(0, 5), "file-damaged"),
    ],
)
def test_what_is_not_taken_has_its_reason(content: bytes, code: str) -> None:
    assert why_not(content) == code


def zipped(name: str, content: bytes, *, encrypted: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml")
        archive.writestr(name, content)
    made = bytearray(target.getvalue())
    if encrypted:
        made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def test_a_document_with_a_password_is_not_taken() -> None:
    assert why_not(zipped("word/document.xml", b"x", encrypted=True)) == "package-password"


def test_a_document_that_unpacks_to_far_more_is_not_taken() -> None:
    assert why_not(zipped("word/document.xml", bytes(50_000_000))) == "package-bomb"


def test_a_document_that_lies_about_what_it_unpacks_to_is_not_taken() -> None:
    made = bytearray(zipped("word/document.xml", bytes(30_000_000)))
    short = struct.pack("<L", 1_000)
    for mark, at_sum, at_size in ((b"PK\x01\x02", 16, 24), (b"PK\x03\x04", 14, 22)):
        at = made.rindex(mark)
        made[at + at_size : at + at_size + 4] = short
        made[at + at_sum : at + at_sum + 4] = struct.pack("<L", zlib.crc32(bytes(1_000)))
    assert why_not(bytes(made)) == "package-bomb"


def test_a_document_of_too_many_or_overlapping_parts_is_not_taken() -> None:
    many = files.docx(**{f"word/{number}.xml": "" for number in range(5_001)})
    assert why_not(many) == "package-bomb"
    made = bytearray(files.docx(**{"word/a.xml": "x" * 50, "word/b.xml": "x" * 50}))
    first, second = (
        made.rindex(b"PK\x01\x02"),
        made.rindex(b"PK\x01\x02", 0, made.rindex(b"PK\x01\x02")),
    )
    made[first + 42 : first + 46] = made[second + 42 : second + 46]
    assert why_not(bytes(made)) == "package-bomb"


def test_a_document_in_a_document_is_checked_as_deep_as_documents_go() -> None:
    def within(content: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml")
            archive.writestr("word/document.xml", "x")
            archive.writestr("word/embeddings/sheet.xlsx", content)
        return target.getvalue()

    sheet = WHOLE[types.XLSX]
    assert check(within(sheet)).media_type == types.DOCX
    assert why_not(within(files.package({"a": "plain"}))) == "archive"
    assert why_not(within(within(within(sheet)))) == "package-nested"


def test_documents_within_do_not_unpack_to_more_than_one_document_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = io.BytesIO()
    inner = zipped("word/document.xml", bytes(1_000_000))
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml")
        for number in range(5):
            archive.writestr(f"word/embeddings/{number}.docx", inner)
    assert check(target.getvalue()).media_type == types.DOCX
    monkeypatch.setattr(documents.Budget.__init__, "__defaults__", (4_000_000,))
    assert why_not(target.getvalue()) == "package-bomb"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", WHOLE[types.JPEG], "type-wrong"),
        ("a.jpg", WHOLE[types.PDF], "type-wrong"),
        ("a.mp4", WHOLE[types.PNG], "type-wrong"),
        ("a.docx", WHOLE[types.XLSX], "type-wrong"),
    ],
)
def test_content_of_another_kind_than_the_name_says_is_not_taken(
    name: str, content: bytes, code: str
) -> None:
    assert why_not(content, name) == code


def test_a_picture_or_recording_under_another_ones_ending_gets_the_right_one() -> None:
    assert check(WHOLE[types.PNG], "Photo.JPG").name == "Photo.png"
    assert check(WHOLE[types.M4A], "voice.mp4").name == "voice.m4a"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name-empty"),
        ("...", "name-empty"),
        ("../../etc/passwd.pdf", "name-path"),
        ("C:\\Users\\amina\\scan.pdf", "name-path"),
        ("evil\u202efdp.exe", "name-control"),
        ("a\u200b.pdf", "name-control"),
        ("nul\0byte.pdf", "name-control"),
        ("one\r\ntwo.pdf", "name-control"),
        ("report.pdf.exe", "name-double"),
        ("report.exe.pdf", "name-double"),
        ("report.js .pdf", "name-double"),
        ("report.html.docx", "name-double"),
        ("program.exe", "ending-unknown"),
        ("page.html", "ending-unknown"),
        ("noending", "ending-unknown"),
        ("a.docm", "ending-macros"),
        ("a.XLSM", "ending-macros"),
        ("a.doc", "ending-old-office"),
        ("IMG_1.HEIC", "ending-heic"),
        ("all.zip", "archive"),
    ],
)
def test_a_name_that_misleads_is_refused_with_its_reason(name: str, code: str) -> None:
    with pytest.raises(NotEvidence) as refused:
        check_name(name)
    assert refused.value.code == code
    assert refused.value.sentence
    assert refused.value.advice


@pytest.mark.parametrize(
    "name",
    [
        "Report 2.1 final.pdf",
        "Llŷr Żółć.pdf",
        "شهادة.pdf",
        "证书.pdf",
        "می\u200cخواهم.pdf",
        "a.b.c.jpg",
    ],
)
def test_an_honest_name_is_kept_in_any_script(name: str) -> None:
    assert check_name(name) == name
    assert kept_name(name, types.type_of_ending(name) or "") == name


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    assert check_name("x" * 500 + ".jpeg") == "x" * (LONGEST_NAME - 5) + ".jpeg"


def test_every_reason_has_a_sentence_and_advice() -> None:
    for code, (sentence, advice) in SENTENCES.items():
        assert sentence.endswith("."), code
        assert advice.endswith("."), code


@pytest.mark.parametrize(
    "content",
    [
        media.mp4(),
        media.mp4(brand=b"qt  "),
        media.mp4(samples_of_places=True),
        media.mp4() + media.box(b"sefd", media.PLACE) + media.box(b"free", media.PLACE),
        media.webm(),
        media.webm(live=True),
        media.wav(),
        media.mp3(),
    ],
    ids=["mp4", "mov", "samples", "others", "webm", "webm-live", "wav", "mp3"],
)
def test_where_it_was_taken_goes_and_everything_else_stays_where_it_is(content: bytes) -> None:
    assert media.PLACE in content
    made = cleaned(content)
    assert len(made) == len(content)
    assert media.PLACE not in made
    assert b"location" not in made.lower()
    assert check(made).media_type == check(content).media_type
    assert made.count(b"FRAMES") == content.count(b"FRAMES")


def test_samples_of_places_that_cannot_be_found_are_refused() -> None:
    broken = bytearray(media.mp4(samples_of_places=True))
    at = broken.rindex(b"stco")
    broken[at : at + 4] = b"free"
    assert why_not(bytes(broken)) == "video-location"


@given(
    st.binary(max_size=60),
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 30), st.binary(max_size=10)), max_size=3),
    st.integers(1, 20),
)
def test_patches_do_the_same_whatever_the_steps(
    content: bytes, given_patches: list[tuple[int, int, bytes]], step: int
) -> None:
    patches = [Patch(at, size, new[:size]) for at, size, new in given_patches]
    whole = patched(content, 0, patches)
    parts = [patched(content[at : at + step], at, patches) for at in range(0, len(content), step)]
    assert b"".join(parts) == whole
    assert len(whole) == len(content)


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_anywhere_is_refused_in_words_or_taken_and_never_fails(
    media_type: str, data: st.DataObject
) -> None:
    content = bytearray(WHOLE[media_type])
    for _number in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            check(damaged)
        except InvalidInput:
            continue
