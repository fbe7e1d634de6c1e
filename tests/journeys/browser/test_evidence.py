"""Evidence: large files over a line that drops, several at once, by the keyboard, on a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Locator, Route, expect
from sqlalchemy import select

from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.storage.models import StoredFile, Upload
from tests.journeys.browser.device import PHONE, Activity, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_keyboard import tab_to
from tests.journeys.browser.test_portfolio import FIRST, choose, open_task, stored
from tests.journeys.servers import Site
from tests.storage import files, media

pytestmark = pytest.mark.browser

PART = 8_000_000
LONG = 20_000_000
RECORDED = 1_790_000_000  # seconds


def film(folder: Path, size: int = LONG, changed: int = RECORDED) -> Path:
    """A film of so many bytes, last changed at this moment."""
    start, end = media.mp4_around(size)
    path = folder / "Play at home.mp4"
    with path.open("wb") as target:
        target.write(start)
        target.seek(size - len(end))
        target.write(end)
    os.utime(path, (changed, changed))
    return path


def picture(folder: Path, name: str = "Tower.jpg") -> Path:
    path = folder / name
    path.write_bytes(media.photo(size=(600, 400)))
    return path


def pieces(view: Frame) -> Locator:
    return view.locator("[data-evidence-body] .piece")


def open_at(activity: Activity, code: str = "1.01") -> Frame:
    tool = open_task(activity, code).view
    assert isinstance(tool, Frame)
    return tool


def begin(activity: Activity) -> Frame:
    choose(activity)
    return open_at(activity)


class Line:
    """The line between a page and the tool, which can be cut as parts of a file are sent."""

    def __init__(self, activity: Activity, passes: int) -> None:
        self.passes = passes
        self.offsets: list[int] = []
        activity.page.context.route("**/evidence/uploads/*", self._part)

    def _part(self, route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
        elif self.passes <= 0:
            route.abort("connectionreset")
        else:
            self.passes -= 1
            self.offsets.append(int(route.request.headers["upload-offset"]))
            route.continue_()


def test_an_upload_goes_on_where_it_was_after_a_cut_and_after_a_reload(
    site: Site, device: Open, tmp_path: Path
) -> None:
    amina = device("amina")
    amina.foresee("ERR_CONNECTION_RESET")
    activity = amina.open_activity()
    tool = begin(activity)
    line = Line(activity, passes=1)
    tool.locator("#evidence-files").set_input_files(film(tmp_path))
    row = tool.locator("[data-sending-list] .upload")
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text("8.0 of 20 MB")
    line.passes = 1
    row.get_by_role("button", name="Try again now").click()
    expect(row).to_contain_text("from 16 of 20 MB")
    assert line.offsets == [0, PART]
    activity.page.on("dialog", lambda dialog: dialog.accept())
    tool = open_at(activity)
    rest = tool.locator("[data-unfinished]")
    expect(rest).to_contain_text("16 MB of 20 MB have arrived.")
    other = tmp_path / "Other.mp4"
    other.write_bytes(media.mp4())
    again = rest.get_by_label("Choose the same file")
    again.set_input_files(other)
    expect(rest).to_contain_text("That is another file")
    again.set_input_files(film(tmp_path, changed=RECORDED + 60))
    expect(rest).to_contain_text("That is another file")
    line.passes = 9
    again.set_input_files(film(tmp_path))
    expect(pieces(tool)).to_have_count(1)
    expect(pieces(tool)).to_contain_text("Play at home")
    expect(tool.locator("[data-unfinished]")).to_have_count(0)
    assert line.offsets == [0, PART, 2 * PART]
    with site.database.transaction(write=False) as session:
        assert session.execute(select(StoredFile.size)).scalars().all() == [LONG]
        assert session.execute(select(Upload.file_id)).scalars().all() != [None]


def test_several_at_once_are_added_refused_and_cancelled_each_in_its_words(
    site: Site, device: Open, tmp_path: Path
) -> None:
    amina = device("amina")
    amina.foresee("status of 400", "ERR_CONNECTION_RESET", "net::ERR_FAILED")
    activity = amina.open_activity()
    tool = begin(activity)
    program = tmp_path / "Program.exe"
    program.write_bytes(files.PROGRAM)
    disguised = tmp_path / "Notes.pdf"
    disguised.write_bytes(files.HTML)
    empty = tmp_path / "Nothing.pdf"
    empty.write_bytes(b"")
    field = tool.locator("#evidence-files")
    field.set_input_files([picture(tmp_path), program, disguised, empty])
    expect(pieces(tool)).to_have_count(1)
    rows = tool.locator("[data-sending-list] .upload")
    expect(rows.filter(has_text="Program.exe")).to_contain_text("Files with this ending")
    expect(rows.filter(has_text="Notes.pdf")).to_contain_text("Not added.")
    expect(rows.filter(has_text="Nothing.pdf")).to_contain_text("This file is empty.")
    for _row in range(3):
        rows.get_by_role("button", name="Close").first.click()
    expect(rows).to_have_count(0)
    Line(activity, passes=0)
    field.set_input_files(film(tmp_path))
    expect(rows).to_contain_text("Paused")
    rows.get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(0)
    expect(tool.locator("[data-unfinished]")).to_have_count(0)
    with site.database.transaction(write=False) as session:
        assert session.execute(select(Upload.id).where(Upload.file_id.is_(None))).first() is None


def test_dropped_on_the_page_told_shared_removed_and_had_back(
    site: Site, device: Open, tmp_path: Path
) -> None:
    activity = device("amina").open_activity()
    tool = begin(activity)
    tool.locator("#text").press_sequentially(FIRST)
    dropped = """async ([name, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/jpeg"}));
        const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
        const panel = document.querySelector("[data-evidence]");
        panel.dispatchEvent(new DragEvent("dragover", options));
        panel.dispatchEvent(new DragEvent("drop", options));
    }"""
    tool.evaluate(dropped, ["Tower.jpg", list(media.photo(size=(600, 400)))])
    piece = pieces(tool)
    expect(piece.locator("img")).to_have_attribute("alt", "Tower")
    expect(piece).to_contain_text("Say what the picture shows")
    piece.get_by_label("What the picture shows").fill("A tower of blocks")
    # What is typed of one piece stays while another one comes.
    tool.locator("#evidence-files").set_input_files(picture(tmp_path, "Ball.jpg"))
    expect(piece).to_have_count(2)
    first = piece.first
    expect(first.get_by_label("What the picture shows")).to_have_value("A tower of blocks")
    first.get_by_label("Nobody can be known by it.", exact=True).check()
    first.get_by_role("button", name="Save").click()
    expect(tool.locator("[data-notice]")).to_contain_text("Saved.")
    expect(first.locator("img")).to_have_attribute("alt", "A tower of blocks")
    assert first.locator("img").evaluate("(it) => it.complete && it.naturalWidth > 0")
    expect(first.locator("[data-lack]")).to_have_count(0)
    first.get_by_role("button", name="Remove").click()
    expect(piece).to_have_count(1)
    tool.locator("[data-notice]").get_by_role("button", name="Undo").click()
    expect(piece).to_have_count(2)
    assert stored(site) == FIRST  # the text saved itself meanwhile, and is still there
    expect(tool.locator("#text")).to_have_value(FIRST)
    tool = open_at(activity, "1.02")
    tool.get_by_text("Use what you have already").click()
    tool.get_by_role("button", name="Add to this task Tower").click()
    expect(pieces(tool)).to_contain_text("It serves these tasks as well:")
    with site.database.transaction(write=False) as session:
        assert len(session.execute(select(Evidence.id)).all()) == 2


def test_by_the_keyboard_alone(site: Site, device: Open, tmp_path: Path) -> None:
    activity = device("amina").open_activity()
    # The browser hands choosers over from some moment after somebody listens, so that is early.
    activity.page.on("filechooser", lambda _chooser: None)
    tool = begin(activity)
    tool.evaluate("document.querySelector('main').focus()")
    tab_to(activity, {"id": "evidence-files"})
    with activity.page.expect_file_chooser() as chooser:
        activity.page.keyboard.press("Space")
    chooser.value.set_files(picture(tmp_path))
    expect(pieces(tool)).to_have_count(1)
    keyboard = activity.page.keyboard
    tab_to(activity, {"name": "alt"})
    keyboard.type("A tower of blocks")
    tab_to(activity, {"name": "declaration"})
    keyboard.press("ArrowUp")
    tab_to(activity, {"words": "Save Tower"})
    keyboard.press("Enter")
    expect(tool.locator("[data-evidence-said]")).to_have_text("Saved.")
    expect(pieces(tool).locator("img")).to_have_attribute("alt", "A tower of blocks")
    tab_to(activity, {"words": "Remove Tower"})
    keyboard.press("Enter")
    expect(pieces(tool)).to_have_count(0)
    tab_to(activity, {"words": "Undo"}, key="Shift+Tab")
    keyboard.press("Enter")
    expect(pieces(tool)).to_have_count(1)


def test_every_page_of_it(device: Open, tmp_path: Path) -> None:
    activity = device("amina", size=PHONE).open_activity()
    tool = begin(activity)

    def shown() -> Locator:
        return pieces(activity.tool)

    with Inspection() as inspection:
        paper = tmp_path / "Notes.pdf"
        paper.write_bytes(files.PDF)
        sound = tmp_path / "Song.wav"
        sound.write_bytes(media.wav())
        tool.locator("#evidence-files").set_input_files([picture(tmp_path), paper, sound])
        expect(shown()).to_have_count(3)
        inspection.look("task with evidence", tool)
        tool = open_at(activity, "1.02")
        tool.get_by_text("Use what you have already").click()
        tool.get_by_role("button", name="Add to this task Tower").click()
        expect(shown()).to_have_count(1)
        inspection.look("task that shares evidence", tool)
        tool.locator(".piece-picture").click()
        expect(tool.locator(".piece-large")).to_be_visible()
        inspection.look("one piece", tool)
        tool.get_by_role("link", name="Back to 1.02").click()
        tool.get_by_role("link", name="All your evidence").click()
        expect(shown()).to_have_count(3)
        inspection.look("all evidence", tool)
        tool.get_by_role("link", name="Lacking something").click()
        expect(tool.locator(".piece-filter [aria-current]")).to_contain_text("Lacking")
        inspection.look("what is lacking", tool)
