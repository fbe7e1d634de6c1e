"""A learner plans and notes training in the LMS's frame; nothing typed is lost on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Frame, expect
from sqlalchemy import delete

from lti_tool.web.models import WebSession
from tests.journeys.browser.device import Open
from tests.journeys.servers import Site
from tests.storage import files

pytestmark = pytest.mark.browser

TEXT = "I keep a log of four visits – Llŷr, Żółć, 陈, يوسف."


def save(tool: Frame) -> None:
    tool.get_by_role("button", name="Save", exact=True).click()


def test_a_goal_typed_as_the_session_ended_is_offered_again_and_saved(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    amina.foresee("401")
    activity = amina.open_activity()
    tool = activity.open("goals/new?code=2.04")
    tool.get_by_label("What will show that you reached it?").fill(TEXT)
    tool.get_by_label("By when?").fill("2090-03-14")
    with site.database.transaction() as session:
        session.execute(delete(WebSession))
    save(tool)
    activity.heading("Your session here has ended.")
    activity.launch_again()
    tool = activity.open("goals")
    expect(tool.get_by_role("heading", name="Typed here and not saved")).to_be_visible()
    tool.get_by_role("link", name="Go on with it").click()
    tool.get_by_role("button", name="Use it").click()
    expect(tool.get_by_label("What will show that you reached it?")).to_have_value(TEXT)
    tool.get_by_label("By when?").fill("2090-03-14")
    save(tool)
    expect(tool.get_by_text("Your goal is saved.")).to_be_visible()
    expect(tool.get_by_text(TEXT)).to_be_visible()
    tool = activity.open("goals")
    expect(tool.get_by_text(TEXT)).to_be_visible()
    expect(tool.locator("[data-left-behind]")).to_be_hidden()
    expect(tool.locator("[data-left-list] li")).to_have_count(0)


def test_a_refused_certificate_loses_nothing_and_a_good_one_is_sent_and_had_back(
    device: Open, tmp_path: Path
) -> None:
    pretends, too_large, good = (tmp_path / name for name in ("a.pdf", "b.pdf", "Żółć 1.pdf"))
    pretends.write_bytes(files.HTML_AS_PDF)
    too_large.write_bytes(files.PDF + b"0" * 10_000_000)
    good.write_bytes(files.PDF)
    amina = device("amina")
    amina.foresee("400")
    activity = amina.open_activity()
    tool = activity.open("training-record/new")
    tool.get_by_label("What was it?").fill("PIIOS")
    tool.get_by_label("When did you take it?").fill("2026-03-14")
    tool.get_by_label("How many hours?").fill("1,5")
    tool.get_by_label("What did you make of it?").fill(TEXT)
    certificate = tool.get_by_label("Certificate")
    certificate.set_input_files(too_large)
    expect(tool.get_by_text("This file is larger than 10 MB.")).to_be_visible()
    certificate.set_input_files(pretends)
    save(tool)
    expect(tool.locator("#problems")).to_be_focused()
    expect(tool.get_by_label("What did you make of it?")).to_have_value(TEXT)
    expect(tool.get_by_label("How many hours?")).to_have_value("1,5")
    tool.get_by_label("Certificate").set_input_files(good)
    save(tool)
    expect(tool.get_by_text("“PIIOS” is in your record.")).to_be_visible()
    expect(tool.get_by_text("1.5 hours").first).to_be_visible()
    with activity.page.expect_download() as download:
        tool.get_by_role("link", name="Żółć 1.pdf").click()
    assert download.value.suggested_filename == "Żółć 1.pdf"
    assert download.value.path().read_bytes() == files.PDF
