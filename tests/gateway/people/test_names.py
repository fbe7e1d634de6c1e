"""Without names everything works with a pseudonym; names arrive later, and stay."""

import io
import re
import zipfile

import pytest

from lti_tool.exports.papers import worker as papers_worker
from lti_tool.kernel.actor import Role
from lti_tool.wiring.messages import make_worker
from tests.exports.test_papers import FakePress
from tests.gateway.lms import MISSING, Lms
from tests.gateway.people.walking import LEARNER, TUTOR, Arrived, arrive, rate
from tests.tool import TUTOR as TEACHES
from tests.tool import Tool

PSEUDONYM = re.compile(r"Participant [0-9A-F]{4}")
NAMELESS = {"name": MISSING, "given_name": MISSING, "family_name": MISSING, "email": MISSING}
LEARNERS_PAGES = (
    *("", "domain/1", "summary", "change", "goals", "training", "training-record", "history"),
    *("papers", "sharing", "my-record"),
)


def pseudonym_on(arrived: Arrived, path: str) -> str:
    answer = arrived.get(path)
    assert answer.status_code == 200, path
    found = set(PSEUDONYM.findall(answer.text))
    assert len(found) == 1, (path, found)
    assert "None" not in re.sub(r"<[^>]+>", "", answer.text)
    return found.pop()


def test_every_page_of_a_learner_without_a_name_shows_the_same_pseudonym(lms: Lms) -> None:
    arrived = arrive(lms, "amina", **NAMELESS)
    rate(arrived, "1.01")
    assert len({pseudonym_on(arrived, path) for path in LEARNERS_PAGES}) == 1


def test_tutors_see_a_learner_without_a_name_by_the_same_pseudonym(lms: Lms) -> None:
    arrived = arrive(lms, "amina", **NAMELESS)
    expected = pseudonym_on(arrived, "")
    tara = arrive(lms, "tara", TUTOR, name="Tara")
    assert pseudonym_on(tara, "course") == expected
    learner = re.search(r"/learners/([\w-]+)", tara.get("course").text)
    assert learner
    assert pseudonym_on(tara, f"learners/{learner.group(1)}") == expected


def test_papers_and_the_record_name_the_pseudonym(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers_worker, "press_for", lambda _name: FakePress())
    amina = tool.sign_in("amina", name="")
    (expected,) = set(PSEUDONYM.findall(amina.get().text))
    for kind in ("grid", "plan", "record"):
        assert amina.post("papers", {"kind": kind, "do": "pdf"}).status_code == 303
    make_worker(tool.runtime).drain()
    assert amina.get("papers").status_code == 200
    record = zipfile.ZipFile(io.BytesIO(amina.get("my-record/zip").data))
    page = record.read("index.html").decode()
    assert expected in page or "no name was sent" in page.lower()
    ada = tool.sign_in("ada", roles=TEACHES | {Role.ADMINISTRATOR})
    assert expected in ada.get("people?words=participant").text


def test_a_name_that_arrives_later_is_shown_everywhere_and_not_erased_again(lms: Lms) -> None:
    arrived = arrive(lms, "amina", **NAMELESS)
    pseudonym = pseudonym_on(arrived, "")
    named = arrive(lms, "amina", LEARNER, name="Amina Żółć")
    tara = arrive(lms, "tara", TUTOR, name="Tara")
    nameless = arrive(lms, "amina", **NAMELESS)
    for page in (named.get(""), nameless.get(""), tara.get("course"), nameless.get("my-record")):
        assert "Amina Żółć" in page.text
        assert pseudonym not in page.text


def test_a_name_shared_in_one_course_is_known_in_the_other(lms: Lms) -> None:
    """One person in one organisation: what one course may know, the same people read in both."""
    arrive(lms, "amina", name="Amina Żółć")
    other = {"lti_context": {"id": "c-2"}, "lti_resource_link": {"id": "link-2"}}
    there = arrive(lms, "amina", **NAMELESS, **other)
    assert "Amina Żółć" in there.get("").text


def test_given_and_family_name_make_a_name_and_blanks_make_none(lms: Lms) -> None:
    parts = {**NAMELESS, "given_name": "美琳", "family_name": "陈"}
    assert "美琳 陈" in arrive(lms, "meilin", **parts).get("").text
    blank = {**NAMELESS, "name": "  ", "given_name": " ", "family_name": ""}
    assert PSEUDONYM.search(arrive(lms, "blank", **blank).get("").text)
