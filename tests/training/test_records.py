"""The training record over HTTP: entries, hours, certificates that only their owner opens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotAllowed
from lti_tool.storage.queries import files_of
from lti_tool.training.plans import record_views
from lti_tool.training.plans.queries import hours_by_year
from lti_tool.training.plans.recording import add_record as add
from lti_tool.training.plans.recording import purge_records, remove_record
from lti_tool.wiring.messages import chores
from tests.storage import files
from tests.tool import TUTOR, Tool, Visitor
from tests.training.planning import (
    add_record,
    follow,
    goals,
    make_goal,
    record_form,
    records,
    sent,
    soon,
)


def with_certificate(tool: Tool, who: Visitor, name: str = "certificate.pdf") -> Any:
    return add_record(tool, who, certificate=sent(name))


def upload(who: Visitor, content: bytes, name: str = "certificate.pdf") -> Any:
    form = record_form(reflection="What I learned", certificate=sent(name, content))
    return who.post("training-record/new", form)


def blobs(tool: Tool) -> int:
    return sum(path.is_file() for path in tool.runtime.settings.storage.rglob("*"))


def do_chores(tool: Tool, *, after: timedelta) -> None:
    with time_machine.travel(clock.now() + after):
        for chore in chores(tool.runtime):
            with tool.database.transaction() as session:
                chore(session)


def test_without_entries_the_page_teaches(tool: Tool) -> None:
    page = tool.sign_in("amina").get("training-record").text
    assert "Nothing noted yet" in page
    assert "training-record/new" in page


def test_hours_add_up_by_year_altogether_and_for_a_period(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    add_record(tool, amina, title="PIIOS", begun_on="2025-12-30", ended_on="2026-01-02", hours="12")
    add_record(tool, amina, title="IMHOL", begun_on="2025-03-14", hours="1,5")
    add_record(tool, amina, title="An hour", begun_on="2025-03-15", hours="1")
    assert hours_by_year(records(tool, amina)) == {2026: Decimal(12), 2025: Decimal("2.5")}
    page = amina.get("training-record").text
    for words in (
        "14.5 hours",
        "12 hours",
        "2.5 hours",
        "1.5 hours",
        ">1 hour<",
        "30 December 2025 to 2 January 2026",
    ):
        assert words in page
    page = amina.get("training-record?from=2025-03-14&to=2025-12-31").text
    assert "<strong>2.5 hours</strong>" in page
    assert "in 2 entries from 14 March 2025 to 31 December 2025" in page
    for wrong in ("from=x&to=y", "from=2026-01-01&to=2025-01-01", "from=2026-01-01"):
        answer = amina.get(f"training-record?{wrong}")
        assert answer.status_code == 200
        assert "field-problem" in answer.text


def test_an_entry_from_a_goal_is_tied_to_its_gap_and_asks_whether_it_is_reached(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    goal = make_goal(tool, amina, code="2.04", training="Infant observation seminar\nat the clinic")
    form = amina.get(f"training-record/new?goal={goal.public_id}").text
    assert 'value="Infant observation seminar"' in form
    assert 'value="self-assessment-1/2.04" checked' in " ".join(form.split())
    assert "Infant observation" not in ben.get(f"training-record/new?goal={goal.public_id}").text
    answer = amina.post(
        "training-record/new",
        record_form(goal=goal.public_id, ties=["self-assessment-1/2.04", "self-assessment-9/9.99"]),
    )
    assert "Have you reached your goal?" in follow(amina, answer)
    (record,) = records(tool, amina)
    assert (record.goal, record.ties) == (goal.public_id, (("self-assessment-1", "2.04"),))
    stolen = add_record(tool, ben, goal=goal.public_id)
    assert stolen.goal == ""


def test_a_refused_entry_keeps_all_that_was_typed(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    form = record_form(hours="90 min", begun_on=soon(9), reflection="Ż" * 20_001, provider="A & B")
    answer = amina.post("training-record/new", form | {"ties": ["self-assessment-1/1.01"]})
    assert answer.status_code == 413
    for words in ("90 min", "Ż" * 20_001, "A &amp; B", "still to come", "20,001", "such as 1.5"):
        assert words in answer.text
    assert 'value="self-assessment-1/1.01" checked' in " ".join(answer.text.split())
    assert records(tool, amina) == []
    assert len(add_record(tool, amina, reflection="Ż" * 20_000).reflection) == 20_000


def test_a_form_that_is_sent_twice_makes_one_entry_and_one_file(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    for _ in range(2):
        form = record_form(once="abcdefghijklmnop", certificate=sent())
        assert amina.post("training-record/new", form).status_code == 303
    assert len(records(tool, amina)) == 1
    with tool.database.transaction(write=False) as session:
        assert len(files_of(session, amina.actor.person_id)) == 1


def test_an_entry_is_changed_and_an_older_version_shows_both(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    record = add_record(tool, amina)
    where = f"training-record/{record.public_id}/edit"
    assert 'value="1.5"' in amina.get(where).text
    amina.post(where, record_form(title="From the other tab", version="1"))
    answer = amina.post(where, record_form(title="Typed here", reflection="Mine", version="1"))
    assert answer.status_code == 409
    for words in ("From the other tab", 'value="Typed here"', ">\nMine</textarea>"):
        assert words in answer.text
    assert amina.post(where, record_form(title="Typed here", version="2")).status_code == 303
    assert records(tool, amina)[0].title == "Typed here"
    assert amina.post(where, record_form(version="nonsense")).status_code == 400


def test_a_removed_entry_can_be_put_back_for_thirty_days_and_then_goes_with_its_file(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina")
    record = with_certificate(tool, amina)
    where = f"training-record/{record.public_id}"
    page = follow(amina, amina.post(f"{where}/remove", {}))
    assert "is removed" in page
    assert "Undo" in page
    assert records(tool, amina) == []
    assert amina.post(f"{where}/remove", {}).status_code == 303
    assert "is back" in follow(amina, amina.post(f"{where}/restore", {}))
    assert records(tool, amina)[0].certificate
    amina.post(f"{where}/remove", {})
    do_chores(tool, after=timedelta(days=29))
    amina = tool.sign_in("amina")  # the chores end sessions too
    assert amina.get(f"{where}/edit").status_code == 200
    do_chores(tool, after=timedelta(days=31))
    assert tool.sign_in("amina").get(f"{where}/edit").status_code == 404
    assert blobs(tool) == 1
    do_chores(tool, after=timedelta(days=33))
    assert blobs(tool) == 0


def test_a_certificate_comes_back_as_it_was_and_can_neither_run_nor_be_shown(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    record = with_certificate(tool, amina, "Zoë's certificate.html")
    answer = amina.get(f"training-record/{record.public_id}/certificate")
    assert answer.data == files.PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Zoe_s certificate.html.pdf"; filename*=')
    assert "no-store" in answer.headers["Cache-Control"]
    bare = add_record(tool, amina)
    assert amina.get(f"training-record/{bare.public_id}/certificate").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "This file is empty."),
        (files.HTML, 400, "none of the kinds of file"),
        (files.HTML_AS_PDF, 400, "none of the kinds of file"),
        (files.SVG, 400, "none of the kinds of file"),
        (files.PDF[:-6] + b"0" * 1_000_000 + b"%%EOF", 413, "larger than 1 MB"),
    ],
)
def test_a_refused_file_loses_nothing_and_the_entry_can_be_saved_without_it(
    tool: Tool, content: bytes, status: int, words: str
) -> None:
    small = tool.runtime.settings.model_copy(update={"upload_megabytes": 1})
    object.__setattr__(tool.runtime, "settings", small)
    amina = tool.sign_in("amina")
    answer = upload(amina, content)
    assert answer.status_code == status
    for kept in (words, "What I learned", 'value="PIIOS"', "at most 1 MB", 'href="#certificate"'):
        assert kept in answer.text
    assert records(tool, amina) == []
    assert blobs(tool) == 0
    assert add_record(tool, amina, reflection="What I learned").certificate is None


def test_a_file_may_be_larger_than_any_other_form_and_a_huge_one_is_cut_off(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    large = files.PDF[:-6] + b"0" * 9_000_000 + b"%%EOF"
    assert upload(amina, large).status_code == 303
    huge = files.PDF + b"0" * 35_000_000
    assert upload(amina, huge).status_code == 413
    # Every other page keeps the limit of forms.
    answer = amina.post("goals/new", {"what": sent("x.pdf", large)})
    assert answer.status_code == 413
    assert len(records(tool, amina)) == 1


def test_a_certificate_is_replaced_removed_and_put_back(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    record = with_certificate(tool, amina, "first.pdf")
    where = f"training-record/{record.public_id}"
    form = record_form(version="2", certificate=sent("second.txt", files.TEXT))
    assert amina.post(f"{where}/edit", form).status_code == 303
    (after,) = records(tool, amina)
    assert after.certificate
    assert (after.certificate.name, after.certificate.media_type) == ("second.txt", "text/plain")
    removed = amina.post(f"{where}/certificate/remove", {})
    page = follow(amina, removed)
    assert "until this time tomorrow" in page
    assert amina.get(f"{where}/certificate").status_code == 404
    file = removed.location.split("file=")[1]
    assert f'value="{file}"' in page
    back = amina.post(f"{where}/certificate/restore", {"file": file})
    assert "The certificate is back." in follow(amina, back)
    assert amina.get(f"{where}/certificate").data == files.TEXT
    assert amina.post(f"{where}/certificate/restore", {"file": file}).status_code == 303
    assert amina.post(f"{where}/certificate/restore", {"file": "nobodys"}).status_code == 404
    do_chores(tool, after=timedelta(days=2))
    assert blobs(tool) == 1


def test_an_entry_is_saved_though_the_store_for_files_is_away(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lti_tool.kernel.errors import Unavailable

    def away(*_: object) -> None:
        raise Unavailable("The store for files does not answer.", code="storage-away")

    monkeypatch.setattr(record_views, "put_certificate", away)
    amina = tool.sign_in("amina")
    page = follow(amina, upload(amina, files.PDF))
    assert "Your entry is saved. Its certificate is not" in page
    assert records(tool, amina)[0].reflection == "What I learned"


def test_nobody_but_its_owner_reaches_an_entry_or_its_certificate(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    record = with_certificate(tool, amina)
    assert record.certificate
    ben, tara = tool.sign_in("ben"), tool.sign_in("tara", roles=TUTOR)
    olga = tool.sign_in("olga", organisation="Other")
    where = f"training-record/{record.public_id}"
    form = record_form(version="2", title="Taken over", file=record.certificate.public_id)
    for other, status in ((ben, 404), (olga, 404), (tara, 403)):
        for path in ("/edit", "/certificate"):
            assert other.get(where + path).status_code == status
        for path in ("/edit", "/remove", "/restore", "/certificate/remove", "/certificate/restore"):
            assert other.post(where + path, dict(form)).status_code == status
    own = add_record(tool, ben)
    stolen = f"training-record/{own.public_id}/certificate/restore"
    amina.post(f"{where}/certificate/remove", {})
    assert ben.post(stolen, {"file": record.certificate.public_id}).status_code == 404
    assert records(tool, amina)[0].title == "PIIOS"
    with tool.database.transaction() as session:
        with pytest.raises(NotAllowed):
            add(session, tara.actor, record.wish)
        with pytest.raises(NotAllowed):
            remove_record(session, tara.actor, record.public_id)
        assert purge_records(session) == 0
    assert goals(tool, ben) == {}
