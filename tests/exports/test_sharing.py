"""Shared links: made with a preview, read by strangers, counted, prolonged, withdrawn."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.exports.sharing.models import LinkOpening, SharedLink
from lti_tool.exports.sharing.rules import (
    USUAL_PARTS,
    Part,
    State,
    Terms,
    parse_terms,
    state_of,
    today_in,
    usual_terms,
)
from lti_tool.kernel.secrets import digest
from tests.tool import TUTOR, Tool, Visitor

TODAY = date(2027, 3, 14)
NOTE = "Observed a family at bath time"
USUAL = [part.value for part in USUAL_PARTS]
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def form(parts: list[str] | None = None, **more: str) -> dict[str, Any]:
    parts = USUAL if parts is None else parts
    ends = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    return {
        "parts": parts,
        "previewed": " ".join(parts),
        "ends_on": ends,
        "label": "For my manager",
        "save": "1",
    } | more


def rate(visitor: Visitor, code: str, state: str = "achieved", note: str = "") -> None:
    wish = {"code": code, "state": state, "note": note, "version": 0}
    assert visitor.post_json("ratings", wish).status_code == 200


def make(visitor: Visitor, parts: list[str] | None = None, **more: str) -> str:
    """Makes a link and returns its path, as the list shows it."""
    made = visitor.post("sharing/new", form(parts, **more))
    assert made.status_code == 303, made.text
    page = visitor.client.get(made.headers["Location"]).text
    assert "Your link is ready" in page
    return paths(page)[0]


def paths(page: str) -> list[str]:
    return re.findall(r'value="http://127.0.0.1:8000(/shared/[^"]+)"', page)


def names(tool: Tool) -> list[str]:
    with tool.database.transaction(write=False) as session:
        return list(session.execute(select(SharedLink.public_id).order_by(SharedLink.id)).scalars())


def stranger(tool: Tool) -> FlaskClient:
    return tool.app.test_client()


def body(answer: TestResponse) -> str:
    """A page without what is new in every answer: its reference and the moment."""
    text = re.sub(r'<code class="reference">.*?</code>', "", answer.text)
    return re.sub(r"<time.*?</time>", "", text)


def test_the_form_refuses_what_no_link_can_be_and_says_why() -> None:
    def problems(label: str = "", parts: Any = ("gaps",), ends_on: str = "2027-04-01") -> set[str]:
        typed, terms = parse_terms(label, parts, ends_on, TODAY)
        assert (terms is None) == bool(typed.problems)
        return set(typed.problems)

    assert problems() == set()
    assert problems(parts=()) == {"parts"}
    assert problems(parts=("notes",)) == {"parts"}
    assert problems(parts=("notes", "goals")) == {"parts"}
    assert problems(parts=("everything",)) == {"parts"}
    assert problems(label="x" * 101) == {"label"}
    for wrong in ("", "soon", "2027-02-30", "2027-03-13", "2028-03-20", "14/03/2027", "9" * 400):
        assert problems(ends_on=wrong) == {"ends_on"}, wrong
    assert problems(ends_on="2027-03-14") == set()
    assert problems(ends_on="2028-03-14") == set()
    _typed, terms = parse_terms(
        " For\0 my\nmanager \ud800", ("gaps", "strengths"), "2027-04-01", TODAY
    )
    assert terms == Terms("For my manager ?", (Part.STRENGTHS, Part.GAPS), date(2027, 4, 1))


def test_a_link_is_open_through_its_last_day_where_the_installation_is() -> None:
    last = datetime(2027, 6, 30, 22, 59, tzinfo=UTC)  # 23:59 in a London summer
    assert state_of(date(2027, 6, 30), None, today_in("Europe/London", last)) is State.OPEN
    after = today_in("Europe/London", last + timedelta(minutes=1))
    assert state_of(date(2027, 6, 30), None, after) is State.ENDED
    assert state_of(date(2027, 6, 30), last, date(2027, 1, 1)) is State.WITHDRAWN


def test_evidence_notes_are_left_out_unless_they_are_asked_for() -> None:
    assert Part.NOTES not in usual_terms(TODAY).parts
    assert usual_terms(TODAY).ends_on == "2027-04-13"


def test_a_reader_sees_the_chosen_parts_as_they_are_now_and_nothing_else(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina O'Brien-Żółć")
    rate(amina, "1.01", note=NOTE)
    preview = amina.get("sharing/new").text
    assert "what the reader sees" in preview
    assert "Amina O&#39;Brien-Żółć: development plan" in preview
    path = make(amina, ["strengths"])
    page = stranger(tool).get(path, headers=BROWSER)
    assert page.status_code == 200
    assert "Amina O&#39;Brien-Żółć" in page.text
    assert "Nobody has assessed it" in page.text
    assert "Willow Training" in page.text
    assert "Gaps: not achieved yet" not in page.text
    assert "At a glance" not in page.text  # its counts would tell of the gaps
    assert NOTE not in page.text
    assert "1.02" not in page.text
    rate(amina, "1.02")
    assert "1.02" in stranger(tool).get(path, headers=BROWSER).text
    for leak in (amina.slot, amina.placement, "/at/", "amina@"):
        assert leak not in page.text


def test_every_part_can_be_shown_together(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01", note=NOTE)
    path = make(amina, [part.value for part in Part])
    page = stranger(tool).get(path, headers=BROWSER).text
    assert NOTE in page
    for heading in (
        "At a glance",
        "Strengths",
        "Gaps",
        "Goals",
        "Training record",
        "Change over time",
    ):
        assert heading in page, heading


def test_the_public_page_is_for_its_reader_alone(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    for answer in (
        stranger(tool).get(path, headers=BROWSER),
        stranger(tool).get("/shared/wrong", headers=BROWSER),
    ):
        headers = answer.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert "Set-Cookie" not in headers
    assert stranger(tool).post(path).status_code == 405


def test_wrong_ended_and_withdrawn_links_look_the_same(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    withdrawn, ended = make(amina), make(amina)
    _first, second = names(tool)
    answer = amina.post(f"sharing/{names(tool)[0]}/withdraw", {})
    assert answer.status_code == 303
    with tool.database.transaction() as session:
        link = session.execute(
            select(SharedLink).where(SharedLink.public_id == second)
        ).scalar_one()
        link.ends_on = date(2020, 1, 1)
    client = stranger(tool)
    wrong = client.get("/shared/" + "A" * 43, headers=BROWSER)
    assert wrong.status_code == 404
    assert "Ask the person who sent it to you" in wrong.text
    for path in (withdrawn, ended, "/shared/x", ended + "x", "/shared/" + "x" * 5000):
        answer = client.get(path, headers=BROWSER)
        assert answer.status_code == 404, path
        assert body(answer) == body(wrong), path
        assert dict(answer.headers).keys() == dict(wrong.headers).keys()


def test_the_database_alone_opens_no_link(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    token = make(amina).removeprefix("/shared/")
    assert len(token) >= 22  # 128 bits and more
    with tool.database.transaction(write=False) as session:
        link = session.execute(select(SharedLink)).scalar_one()
        assert link.token_digest == digest(token)
        assert token not in link.token_sealed
        stored = (link.token_digest, link.token_sealed, link.public_id)
    for name in stored:
        assert stranger(tool).get(f"/shared/{name}", headers=BROWSER).status_code == 404


def test_openings_are_counted_by_the_minute_and_name_nobody(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    assert "Not yet" in amina.get("sharing").text
    client = stranger(tool)
    with time_machine.travel(datetime(2027, 1, 5, 9, 30, 10, tzinfo=UTC), tick=False):
        rows = {}
        with tool.database.transaction() as session:
            session.execute(select(SharedLink)).scalar_one().ends_on = date(2027, 2, 1)
        client.get(path, headers=BROWSER | {"User-Agent": "Somebody's own browser"})
        client.get(path, headers=BROWSER)
    with time_machine.travel(datetime(2027, 1, 5, 9, 45, tzinfo=UTC), tick=False):
        client.get(path, headers=BROWSER)
        with tool.database.transaction(write=False) as session:
            rows = {
                (row.opened_at, row.times) for row in session.execute(select(LinkOpening)).scalars()
            }
    assert rows == {
        (datetime(2027, 1, 5, 9, 30, tzinfo=UTC), 2),
        (datetime(2027, 1, 5, 9, 45, tzinfo=UTC), 1),
    }
    page = amina.get("sharing").text
    assert "3 times" in page
    assert "5 January 2027, 09:45" in page
    columns = {column.name for column in LinkOpening.__table__.columns}
    assert columns == {"id", "link_id", "opened_at", "times"}


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "application/json"}, BROWSER | {"Sec-Purpose": "prefetch;prerender"}],
    ids=["a script", "a prefetch"],
)
def test_what_is_no_page_view_is_not_counted(tool: Tool, headers: dict[str, str]) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    stranger(tool).get(path, headers=headers)
    assert stranger(tool).head(path, headers=BROWSER).status_code == 200
    amina.get("sharing/new")
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(LinkOpening)).first() is None


def test_nothing_is_made_before_its_preview_was_seen(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01", note=NOTE)
    ticked_more = form(["strengths", "notes"], previewed="strengths")
    answer = amina.post("sharing/new", ticked_more)
    assert answer.status_code == 200
    assert "You changed what is in it" in answer.text
    assert NOTE in answer.text
    assert names(tool) == []
    assert amina.post("sharing/new", form(["strengths", "notes"])).status_code == 303


def test_a_refused_form_keeps_what_was_typed(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.post(
        "sharing/new", form(["gaps", "records"], ends_on="never", label="Für Łucja")
    )
    assert answer.status_code == 400
    assert 'value="never"' in answer.text
    assert "Für Łucja" in answer.text
    assert 'href="#ends_on"' in answer.text
    ticked = re.findall(r'value="(\w+)"\s+checked', answer.text)
    assert ticked == ["gaps", "records"]
    empty = amina.post("sharing/new", form([]))
    assert empty.status_code == 400
    assert "Choose at least one thing" in empty.text


def test_a_link_is_prolonged_and_changed_under_the_same_address(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina, ["strengths"])
    (name,) = names(tool)
    with tool.database.transaction() as session:
        session.execute(select(SharedLink)).scalar_one().ends_on = date(2020, 1, 1)
    assert stranger(tool).get(path, headers=BROWSER).status_code == 404
    assert "Open it again until a later day" in amina.get("sharing").text
    changed = amina.post(f"sharing/{name}", form(["gaps"], label="For my supervisor"))
    assert changed.status_code == 303
    page = stranger(tool).get(path, headers=BROWSER)
    assert page.status_code == 200
    assert "Gaps: not achieved yet" in page.text
    assert "For my supervisor" not in page.text
    assert "For my supervisor" in amina.get("sharing").text


def test_a_withdrawn_link_stays_closed_and_its_token_is_gone(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    (name,) = names(tool)
    assert "cannot be undone" in amina.get(f"sharing/{name}/withdraw").text
    assert stranger(tool).get(path, headers=BROWSER).status_code == 200
    for _twice in range(2):
        assert amina.post(f"sharing/{name}/withdraw", {}).status_code == 303
    assert stranger(tool).get(path, headers=BROWSER).status_code == 404
    assert amina.post(f"sharing/{name}", form()).status_code == 409
    assert path not in amina.get("sharing").text
    assert stranger(tool).get(path, headers=BROWSER).status_code == 404
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(SharedLink.token_sealed)).scalar_one() == ""


def test_nobody_else_sees_or_touches_a_link(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    (name,) = names(tool)
    for other in (tool.sign_in("ben"), tool.sign_in("olga", organisation="Other")):
        assert paths(other.get("sharing").text) == []
        assert other.get(f"sharing/{name}").status_code == 404
        assert other.post(f"sharing/{name}", form()).status_code == 404
        assert other.get(f"sharing/{name}/withdraw").status_code == 404
        assert other.post(f"sharing/{name}/withdraw", {}).status_code == 404
    tara = tool.sign_in("tara", roles=TUTOR)
    for page in ("sharing", "sharing/new", f"sharing/{name}"):
        assert tara.get(page).status_code == 403
    assert stranger(tool).get(path, headers=BROWSER).status_code == 200


def test_a_link_is_the_learners_own_in_every_course_and_after_they_left_one(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    path = make(amina)
    (name,) = names(tool)
    elsewhere = tool.sign_in("amina", course="course-2")
    assert paths(elsewhere.get("sharing").text) == [path]
    from lti_tool.courses.models import Membership

    with tool.database.transaction() as session:
        session.get_one(Membership, amina.actor.membership_id).active = False
    assert stranger(tool).get(path, headers=BROWSER).status_code == 200
    assert elsewhere.post(f"sharing/{name}/withdraw", {}).status_code == 303
    assert stranger(tool).get(path, headers=BROWSER).status_code == 404


def test_there_is_an_end_to_how_many_links_one_has(tool: Tool, monkeypatch: Any) -> None:
    monkeypatch.setattr("lti_tool.exports.sharing.services.MOST_LINKS", 1)
    amina = tool.sign_in("amina")
    make(amina)
    refused = amina.post("sharing/new", form())
    assert refused.status_code == 409
    assert "Withdraw one" in refused.text
