"""Pages of one's own recognition and of the organisation's part of the register."""

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader

from lti_tool.exports.papers import worker as papers_worker
from lti_tool.exports.papers.press import PressFailed
from lti_tool.kernel import clock
from lti_tool.kernel.codes import grouped
from lti_tool.register.rules import Terms
from lti_tool.register.services import suspend
from lti_tool.register.terms import change_terms
from tests.exports.records import fill, record_in, zip_of
from tests.register.entries import ADMINISTRATOR, BASE, recognised, row_of, today
from tests.tool import TUTOR, Tool, Visitor


def said(page: str) -> str:
    return re.sub(r"\s+", " ", page)


def test_who_is_not_on_the_register_reads_how_one_comes_there(tool: Tool) -> None:
    for who in (tool.sign_in("amina"), tool.sign_in("tara", roles=TUTOR)):
        page = who.get("recognition")
        assert page.status_code == 200
        assert "You are not on the register yet" in page.text


def test_my_entry_says_level_dates_and_code(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina Khan")
    entry = recognised(tool, amina)
    page = said(amina.get("recognition").text)
    for text in ("Level 2", grouped(entry.code), f"{BASE}/verify/{entry.code}", "data:image/svg",
                 "Certificate (PDF)", "Badge (Open Badges 3.0)", "you can ask for renewal"):  # fmt: skip
        assert text in page
    assert entry.code not in tool.sign_in("ben").get("recognition").text


def test_i_show_my_entry_under_my_name_and_hide_it_again(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    form = {"shown": "yes", "name": "Dr Amina Khan", "place": "Leeds"}
    answer = amina.post(f"recognition/{entry.public_id}", form)
    assert answer.status_code == 303
    assert "The register says so from now on" in amina.client.get(answer.location).text
    public = tool.app.test_client()
    assert "Dr Amina Khan" in public.get("/register?name=amina&place=leeds").text
    amina.post(f"recognition/{entry.public_id}", form | {"shown": "no"})
    assert "Dr Amina Khan" not in public.get("/register?name=amina").text


def test_a_form_that_cannot_be_kept_comes_back_with_what_was_typed(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    answer = amina.post(
        f"recognition/{entry.public_id}", {"shown": "yes", "name": "", "place": "Leeds\0" * 40}
    )
    assert answer.status_code == 400
    assert "Give the name that the register shall show" in answer.text
    assert "Leeds" * 10 in answer.text
    assert not row_of(tool, entry).shown


def test_renewal_is_offered_when_it_is_due_with_the_training_since(tool: Tool) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina, on=today() - timedelta(days=365 * 3 - 30))
    form = {"title": "PIIOS", "begun_on": (today() - timedelta(days=9)).isoformat(), "hours": "6",
            "once": "entry-000000001"}  # fmt: skip
    assert amina.post("training-record/new", form).status_code == 303
    page = said(amina.get("recognition").text)
    assert "Ask for renewal now" in page
    assert "1 entry since your last recognition, with 6 hours" in page
    assert "That is enough" in page
    assert amina.post(f"recognition/{entry.public_id}/renewal", {}).status_code == 303
    assert "You asked for renewal on" in said(amina.get("recognition").text)
    listed = ada.get("register?standing=renewal").text
    assert "Renewal asked for" in listed
    kept = ada.get(f"register/entries/{entry.public_id}").text
    assert "1 training since, 6 hours" in said(kept)
    assert "PIIOS" not in kept
    answer = ada.post(f"register/entries/{entry.public_id}/renew", {"reason": "Six hours."})
    assert answer.status_code == 303
    assert "The owner has a new badge" in ada.client.get(answer.location).text
    assert "Six hours." in amina.get("recognition").text


def test_renewal_before_its_day_is_refused_with_a_sentence(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    answer = amina.post(f"recognition/{entry.public_id}/renewal", {})
    assert answer.status_code == 409
    assert "cannot be renewed yet" in answer.text


def test_a_suspended_owner_reads_why_and_has_no_proof(tool: Tool) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina, shown=True)
    path = f"register/entries/{entry.public_id}"
    assert ada.post(f"{path}/suspend", {"reason": "A complaint."}).status_code == 303
    page = amina.get("recognition").text
    assert "The reason given: A complaint." in said(page)
    assert "Certificate (PDF)" not in page
    for proof in ("certificate.pdf", "credential.jwt"):
        assert amina.get(f"recognition/{entry.public_id}/{proof}").status_code == 409
    assert ada.post(f"{path}/restore", {"reason": "Unfounded."}).status_code == 303
    assert "Certificate (PDF)" in amina.get("recognition").text


@pytest.mark.parametrize("act", ["suspend", "restore", "renew"])
def test_a_decision_needs_a_reason(tool: Tool, act: str) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina)
    if act == "restore":
        with tool.database.transaction() as session:
            suspend(session, ada.actor, entry.public_id, "Looked into.")
    for reason in ("", "  ", "x" * 2001):
        answer = ada.post(f"register/entries/{entry.public_id}/{act}", {"reason": reason})
        assert answer.status_code == 400
        assert "field-problem" in answer.text
        assert reason.strip() in answer.text


def test_an_administrator_does_not_decide_on_their_own_entry(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, ada)
    page = ada.get(f"register/entries/{entry.public_id}").text
    assert "This entry is your own" in page
    assert "<textarea" not in page
    answer = ada.post(f"register/entries/{entry.public_id}/renew", {"reason": "Me."})
    assert answer.status_code == 403


def test_an_administrator_searches_and_exports_their_own_part(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    assert "Nobody is on the register yet" in ada.get("register").text
    recognised(tool, tool.sign_in("amina"), 1, name="=Amina", place="@Leeds")
    recognised(tool, tool.sign_in("ben", name="Ben Bell"), 3)
    recognised(tool, tool.sign_in("olga", organisation="Other"), name="Olga")
    listed = ada.get("register").text
    assert "=Amina" in listed
    assert "Ben Bell" in listed
    assert "Olga" not in listed
    assert "Ben Bell" not in ada.get("register?level=1").text
    assert "Ben Bell" in ada.get("register?name=bell&page=x&standing=in-force").text
    assert "No entry matches" in ada.get("register?standing=suspended").text
    table = ada.get("register/entries.csv")
    assert table.mimetype == "text/csv"
    lines = table.text.removeprefix("\ufeff").split("\r\n")
    assert lines[1].startswith("'=Amina,1,'@Leeds,Recognised,")
    assert len(lines) == 4  # a head, two people, and the end
    assert len(ada.get("register/entries.csv?level=3").text.split("\r\n")) == 3


def test_rules_of_the_register_are_set_and_come_back(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    form = {"years": "5", "remind_months": "12", "hours": "30", "lists_all": "yes"}
    assert ada.post("register/rules", form).status_code == 303
    page = ada.get("register/rules").text
    assert 'value="30"' in page
    assert page.count("checked") == 1
    bad = ada.post("register/rules", form | {"years": "99"})
    assert bad.status_code == 400
    assert 'value="99"' in bad.text
    odin = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert 'value="30"' not in odin.get("register/rules").text


def test_only_administrators_have_these_pages_in_their_menu(tool: Tool) -> None:
    ada, tara = tool.sign_in("ada", roles=ADMINISTRATOR), tool.sign_in("tara", roles=TUTOR)
    assert "Recognition Register" in ada.get("course").text
    assert "Recognition Register" not in tara.get("course").text


def certificate(who: Visitor, public_id: str) -> PdfReader:
    answer = who.get(f"recognition/{public_id}/certificate.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(answer.data))


def test_the_certificate_says_all_that_verifies_it(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Ffion Żółć-Łukasz, Llŷr")
    entry = recognised(tool, amina)
    found = certificate(amina, entry.public_id)
    assert len(found.pages) == 1
    text = said(found.pages[0].extract_text())
    for part in ("Ffion Żółć-Łukasz, Llŷr", "Level 2", "Willow Training", grouped(entry.code),
                 f"/verify/{entry.code}", str(entry.valid_until.year)):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "Ξένια Παπά", "Оксана Їжак", "x" * 200])
def test_a_certificate_holds_a_name_in_any_script_on_one_page(tool: Tool, name: str) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina, name=name)
    found = certificate(amina, entry.public_id)
    assert len(found.pages) == 1
    assert "\N{WHITE SQUARE}" not in found.pages[0].extract_text()


def test_a_name_that_cannot_be_printed_is_said_and_not_drawn_as_squares(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina, name="नमस्ते")
    answer = amina.get(f"recognition/{entry.public_id}/certificate.pdf")
    assert answer.status_code == 409
    assert "empty squares in place of" in answer.text
    assert "न" in answer.text


def test_a_press_that_fails_is_said_and_nothing_is_lost(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def render(self, _html: str, _faces: object) -> bytes:
            raise PressFailed("broken")

    monkeypatch.setattr(papers_worker, "press_for", lambda _name: Broken())
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    for _ in range(4):  # a place at the press is given back each time
        answer = amina.get(f"recognition/{entry.public_id}/certificate.pdf")
        assert answer.status_code == 503
        assert "Try again in a moment" in answer.text


def test_the_personal_record_holds_entry_log_and_badge(tool: Tool) -> None:
    from jsonschema import Draft202012Validator

    from lti_tool.exports.personal.shapes import Record, json_schema

    amina = tool.sign_in("amina", name="Amina Khan")
    recognised(tool, amina, shown=True, place="Leeds")
    content = zip_of(amina)
    record = record_in(content)
    Draft202012Validator(json_schema()).validate(record)
    import json

    Record.model_validate_json(json.dumps(record))
    (entry,) = record["recognition"]
    assert (entry["place"], entry["shown"]) == ("Leeds", True)
    assert [line["act"] for line in entry["log"]] == ["recognised", "placed", "shown"]
    assert entry["badges"][0]["signed"].count(".") == 2
    assert "Entries on the Recognition Register" in amina.get("my-record").text


def test_a_record_from_before_the_register_is_still_taken(tool: Tool) -> None:
    from tests.exports.records import SIX, changed, take

    amina = tool.sign_in("amina", set_up=SIX)
    fill(tool, amina)
    old = changed(zip_of(amina), lambda record: record.pop("recognition"))
    there = tool.sign_in("amina", set_up=SIX, organisation="Other")
    assert take(there, old).status_code == 200


def test_the_dates_of_a_page_follow_the_organisations_rules(tool: Tool) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    with tool.database.transaction() as session:
        change_terms(session, ada.actor, Terms(years=1, renewal_hours=12, remind_months=24))
    recognised(tool, amina)
    page = said(amina.get("recognition").text)
    assert "Your organisation asks for 12 hours." in page
    assert "Ask for renewal now" in page
    assert str(clock.now().year + 1) in page
