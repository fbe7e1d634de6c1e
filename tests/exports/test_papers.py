"""A learner's papers over HTTP: asked for, made by the worker, kept for their owner."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pypdf
import pytest
import time_machine

from lti_tool.competencies.queries import instrument_for
from lti_tool.competencies.wordings.rules import Wording, Words
from lti_tool.competencies.wordings.services import Wish, correct
from lti_tool.exports.papers import worker as papers_worker
from lti_tool.exports.papers.press import Press, PressFailed
from lti_tool.exports.papers.rules import KEPT_FOR, TOPIC
from lti_tool.exports.papers.services import purge_papers
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.outbox.services import take
from lti_tool.storage.blobs import open_blobs
from lti_tool.wiring.messages import chores, make_worker
from tests.tool import NOT_SET_UP, TUTOR, Tool, Visitor
from tests.training import planning

NAME = "Llŷr O'Brien-Żółć"


def rate(visitor: Visitor, code: str, note: str = "", version: int = 0) -> None:
    answer = {"code": code, "state": "achieved", "note": note, "version": version}
    assert visitor.post_json("ratings", answer).status_code == 200


def ask(visitor: Visitor, kind: str = "grid", **chosen: str) -> Any:
    return visitor.post("papers", {"kind": kind, "do": "pdf", **chosen})


def made(visitor: Visitor) -> list[str]:
    """The addresses of the PDFs that the page offers."""
    return re.findall(r'href="([^"]+/file)"', visitor.get("papers").text)


def states(visitor: Visitor) -> list[str]:
    return re.findall(r'data-state="([a-z]+)"', visitor.get("papers").text)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


class FakePress(Press):
    """Stands in where it does not matter what a PDF looks like."""

    def __init__(self, reason: str = "") -> None:
        super().__init__("xhtml2pdf")
        self.reason = reason
        self.jobs: list[str] = []

    def render(self, html: str, faces: Any) -> bytes:
        self.jobs.append(html)
        if self.reason:
            raise PressFailed(self.reason)
        return b"%PDF-1.4 " + str(len(self.jobs)).encode()


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> FakePress:
    press = FakePress()
    monkeypatch.setattr(papers_worker, "press_for", lambda _name: press)
    return press


def test_a_paper_is_asked_for_made_by_the_worker_and_downloaded(tool: Tool) -> None:
    llyr = tool.sign_in("llyr", name=NAME)
    rate(llyr, "1.01", "Watched a feed with محمد and 王小明. Ŵ <img src=file:///etc/passwd>")
    assert ask(llyr, notes="1").status_code == 303
    assert states(llyr) == ["asked"]
    address = re.findall(r'data-paper="([^"]+)"', llyr.get("papers").text)[0]
    assert "The PDF is being made" in llyr.client.get(address).get_json()["html"]
    assert llyr.client.get(f"{address}/file").status_code == 404
    assert make_worker(tool.runtime).drain() >= 1
    assert llyr.client.get(address).get_json()["state"] == "ready"
    (link,) = made(llyr)
    answer = llyr.client.get(link)
    assert answer.content_type == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert f"Self-assessment level 1 - {NAME} - " in unquote(disposition)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    text = text_of(answer.data)
    assert NAME in text
    assert "Watched a feed" in text
    assert "<img src=file:///etc/passwd>" in text
    assert "Nobody has assessed it" in text
    assert "root:" not in text


def test_asking_twice_for_the_same_gives_the_same_file(tool: Tool, press: FakePress) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01", "A note")
    ask(amina, notes="1")
    ask(amina, notes="1")
    make_worker(tool.runtime).drain()
    (first,) = made(amina)
    ask(amina, notes="1")
    make_worker(tool.runtime).drain()
    assert made(amina) == [first]
    assert len(press.jobs) == 1
    rate(amina, "1.02")
    ask(amina, notes="1")
    make_worker(tool.runtime).drain()
    assert made(amina) != [first]
    assert len(press.jobs) == 2


def test_without_notes_no_note_is_in_the_paper(tool: Tool, press: FakePress) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01", "Between ourselves")
    for kind in ("grid", "plan", "record"):
        ask(amina, kind)
    make_worker(tool.runtime).drain()
    assert len(press.jobs) == 3
    assert not any("Between ourselves" in job for job in press.jobs)
    for kind in ("grid", "plan"):
        assert "Between ourselves" not in amina.get(f"papers/{kind}").text
        assert "Between ourselves" in amina.get(f"papers/{kind}?notes=1").text


@pytest.mark.parametrize("reason", ["too-slow", "broken", "too-large"])
def test_a_paper_that_fails_says_so_in_words_and_can_be_tried_again(
    tool: Tool, press: FakePress, reason: str
) -> None:
    amina = tool.sign_in("amina")
    press.reason = reason
    ask(amina)
    make_worker(tool.runtime).drain()
    page = amina.get("papers").text
    assert states(amina) == ["failed"]
    assert "print it from your browser" in page
    press.reason = ""
    ask(amina)
    make_worker(tool.runtime).drain()
    assert states(amina) == ["ready"]


def test_more_text_than_a_worker_can_take_is_refused_before_it_is_rendered(
    tool: Tool, press: FakePress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers_worker, "MOST_CHARACTERS", 1000)
    amina = tool.sign_in("amina")
    ask(amina)
    make_worker(tool.runtime).drain()
    assert press.jobs == []
    assert "too much text" in amina.get("papers").text


def test_a_paper_is_for_its_owner_in_its_place_alone(tool: Tool, press: FakePress) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    elsewhere = tool.sign_in("amina", course="course-2")
    ask(amina)
    make_worker(tool.runtime).drain()
    name = made(amina)[0].split("/")[-2]
    assert amina.get(f"papers/made/{name}/file").status_code == 200
    for other in (ben, elsewhere, tool.sign_in("olga", organisation="Other")):
        assert other.get(f"papers/made/{name}/file").status_code == 404
        assert other.get(f"papers/made/{name}").status_code == 404
    tara = tool.sign_in("tara", roles=TUTOR)
    assert tara.get("papers").status_code == 403
    assert ask(tara).status_code == 403
    assert tara.get(f"papers/made/{name}/file").status_code == 403


def test_old_papers_are_forgotten_with_their_files(tool: Tool, press: FakePress) -> None:
    amina = tool.sign_in("amina")
    ask(amina)
    worker = make_worker(tool.runtime)
    worker.drain()
    stored = [path for path in tool.runtime.settings.storage.rglob("*") if path.is_file()]
    assert len(stored) == 1
    with tool.database.transaction() as session:
        assert purge_papers(session) == 0
    with time_machine.travel(clock.now() + KEPT_FOR + timedelta(minutes=1), tick=False):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)
        worker.drain()
    assert not stored[0].exists()
    assert states(amina) == []


def test_a_paper_that_was_uploaded_again_is_kept_when_the_paper_goes(
    tool: Tool, press: FakePress
) -> None:
    """Files are named by content: the stored paper must not be the same content as the PDF."""
    amina = tool.sign_in("amina")
    ask(amina)
    make_worker(tool.runtime).drain()
    pdf = amina.client.get(made(amina)[0]).data
    blobs = open_blobs(tool.runtime.settings)
    uploaded = blobs.put(amina.actor.organisation_id, pdf)
    stored = {path.name for path in tool.runtime.settings.storage.rglob("*") if path.is_file()}
    assert len(stored) == 2
    assert uploaded in stored


def test_the_period_bounds_the_training_record(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    page = amina.get("papers/record?since=2026-01-01&until=2026-12-31").text
    assert "1 January 2026" in page
    assert "31 December 2026" in page
    assert "No training in this period" in page


@pytest.mark.parametrize(
    ("since", "until"),
    [("2027-01-01", "2026-01-01"), ("soon", ""), ("2026-02-30", ""), ("", "9" * 400)],
)
def test_a_wrong_period_is_refused_with_what_was_typed(tool: Tool, since: str, until: str) -> None:
    amina = tool.sign_in("amina")
    refused = ask(amina, "record", since=since, until=until)
    assert refused.status_code == 400
    assert "Nothing was made yet" in refused.text
    assert f'value="{since}"' in refused.text
    assert f'value="{until}"' in refused.text
    assert amina.get(f"papers/record?since={since}&until={until}").status_code == 400
    assert states(amina) == []


def test_an_unknown_paper_and_a_place_that_is_not_set_up_are_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    assert ask(amina, "diploma").status_code == 400
    assert amina.get("papers/made/nothing").status_code == 404
    bare = tool.sign_in("amina", link="bare", set_up=NOT_SET_UP)
    assert bare.get("papers").status_code == 404
    assert ask(bare).status_code == 404


def test_printing_opens_the_page_with_what_was_chosen(tool: Tool) -> None:
    amina = tool.sign_in("amina", name=NAME)
    rate(amina, "1.01", "First line\nsecond <b>line</b>")
    opened = amina.post("papers", {"kind": "grid", "do": "print", "notes": "1"})
    assert opened.status_code == 303
    page = amina.client.get(opened.headers["Location"]).text
    assert "First line<br />second &lt;b&gt;line&lt;/b&gt;" in page
    assert page.count('class="paper-topic"') == 63
    assert "Willow Training" in page
    assert "provisional, note 1" in page
    assert "Nobody has assessed it" in page


def test_a_paper_says_whose_words_it_shows(tool: Tool) -> None:
    amina = tool.sign_in("amina", name=NAME)
    assert "service's own plain words" in amina.get("papers/grid").text
    admin = tool.sign_in("ada", roles=frozenset({Role.ADMINISTRATOR}))
    with tool.database.transaction() as session:
        asked = instrument_for(session, admin.actor.organisation_id, "self-assessment-1")
        now = asked.by_code["1.01"]
        words = Words("Quite other words", now.ability, now.prompt, now.points_of, now.points)
        wish = Wish(asked.id, "1.01", Wording.CORRECTED, words)
        assert correct(session, admin.actor, wish, seen=0, sentence="Clearer")
    page = amina.get("papers/grid").text
    assert "Quite other words" in page
    assert "as this organisation corrected it" in page
    assert f"version {asked.version}+1" in page


def test_characters_that_no_font_has_are_named_before_a_paper_is_made(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    assert "empty squares" not in amina.get("papers").text
    rate(amina, "1.01", "\N{EGYPTIAN HIEROGLYPH A001}")
    page = amina.get("papers").text
    assert "\N{EGYPTIAN HIEROGLYPH A001}" in page
    assert "empty squares" in page


def test_the_plan_holds_goals_and_training_and_the_record_its_hours(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01", "Seen")
    planning.make_goal(tool, amina, what="Observe three newborns")
    planning.add_record(tool, amina, title="PIIOS", begun_on="2025-03-14", hours="1.5")
    planning.add_record(tool, amina, title="NBO", begun_on="2026-03-14", hours="6")
    plan = amina.get("papers/plan").text
    order = ("At a glance", "Strengths", "Gaps", "Goals", "Training for these gaps")
    places = [plan.index(f"<h2>{heading}") for heading in order]
    assert places == sorted(places)
    assert "Observe three newborns" in plan
    assert "Serves" in plan
    whole = amina.get("papers/record").text
    assert re.search(r">All<.*?>2<.*?>7.5<", whole, re.S)
    part = amina.get("papers/record?since=2026-01-01").text
    assert "NBO" in part
    assert "PIIOS" not in part
    assert re.search(r">All<.*?>1<.*?>6<", part, re.S)


def test_papers_never_take_all_threads_of_a_worker(tool: Tool, press: FakePress) -> None:
    """The third waits its turn in the outbox, so that grades are delivered meanwhile."""
    amina = tool.sign_in("amina")
    ask(amina)
    maker = papers_worker.PaperMaker(tool.runtime, press)
    with tool.database.transaction() as session:
        leases = take(session, limit=9, lease_for=timedelta(seconds=60))
    (lease,) = (one for one in leases if one.topic == TOPIC)
    with maker._places, maker._places:
        maker.render(lease)
    assert press.jobs == []
    assert states(amina) == ["asked"]
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        assert make_worker(tool.runtime).drain() >= 1
        assert states(amina) == ["ready"]


def test_a_worker_that_lost_its_lease_notes_nothing(tool: Tool, press: FakePress) -> None:
    amina = tool.sign_in("amina")
    ask(amina)
    maker = papers_worker.PaperMaker(tool.runtime, press)
    with tool.database.transaction() as session:
        leases = take(session, limit=9, lease_for=timedelta(seconds=60))
    (lease,) = (one for one in leases if one.topic == TOPIC)
    with pytest.raises(papers_worker.LeaseLost):
        maker.render(replace(lease, token="somebody else's"))
    assert states(amina) == ["asked"]
