"""The public register: who is found and who is not, and that nobody can tell the hidden."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.kernel.codes import grouped
from lti_tool.register.rules import Terms
from lti_tool.register.searching import MOST_PAGES, PAGE_SIZE
from lti_tool.register.services import suspend
from lti_tool.register.terms import change_terms
from tests.register.entries import ADMINISTRATOR, BASE, recognised, row_of, today
from tests.tool import Tool


@pytest.fixture
def public(tool: Tool) -> FlaskClient:
    return tool.app.test_client()


def names(public: FlaskClient, **query: Any) -> list[str]:
    answer = public.get("/register.json", query_string=query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.get_json()["entries"]]


def without_reference(answer: TestResponse) -> str:
    return re.sub(r"[a-z-]+-[0-9a-f]{6}|error-csrf|[\w-]{16}", "", answer.text)


def test_who_is_shown_is_found_by_name_level_and_place(tool: Tool, public: FlaskClient) -> None:
    recognised(tool, tool.sign_in("amina"), 1, name="Amina O’Brien-Żółć", place="Leeds")
    recognised(tool, tool.sign_in("ben"), 2, name="Ben Amin", place="York")
    assert names(public, name="AMIN") == ["Amina O’Brien-Żółć", "Ben Amin"]
    assert names(public, name="brien zolc") == ["Amina O’Brien-Żółć"]
    assert names(public, name="amin", level="2") == ["Ben Amin"]
    assert names(public, name="amin", place="leed") == ["Amina O’Brien-Żółć"]
    assert names(public, place="York") == ["Ben Amin"]
    assert names(public, name="mina") == []  # the middle of a word is not its beginning


def test_the_hidden_the_suspended_and_the_ended_are_not_found(
    tool: Tool, public: FlaskClient
) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    recognised(tool, tool.sign_in("amina", name="Amina Hidden"))
    suspended = recognised(tool, tool.sign_in("ben"), name="Amina Suspended")
    recognised(tool, tool.sign_in("cai"), on=today() - timedelta(days=2000), name="Amina Ended")
    assert "Amina Suspended" in names(public, name="amina")
    with tool.database.transaction() as session:
        suspend(session, ada.actor, suspended.public_id, "Looked into.")
    assert names(public, name="amina") == []
    assert "Nobody found" in public.get("/register?name=amina").text


@pytest.mark.parametrize("typed", ["%", "%%%", "___", "*", "a%", ".*", "\\%\\%", "", "  ", "ab"])
def test_no_pattern_lists_people(tool: Tool, public: FlaskClient, typed: str) -> None:
    recognised(tool, tool.sign_in("amina"), name="Amina Khan", place="Leeds")
    page = public.get("/register", query_string={"name": typed, "level": "2"})
    assert page.status_code == 200
    assert "Amina" not in page.text
    answer = public.get("/register.json", query_string={"name": typed, "level": "2"})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "search-too-short"


def test_an_organisation_may_let_its_own_part_be_listed(tool: Tool, public: FlaskClient) -> None:
    recognised(tool, tool.sign_in("amina"), name="Amina Khan")
    recognised(tool, tool.sign_in("ben", name="Ben Hidden"))
    recognised(tool, tool.sign_in("olga", organisation="Other"), name="Olga Bell")
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    page = public.get("/register").text
    ids = dict(re.findall(r'<option value="([\w-]{16})"\s*>([^<]+)</option>', page))
    here = next(key for key, name in ids.items() if name == "Willow Training")
    there = next(key for key, name in ids.items() if name == "Other")
    assert public.get(f"/register.json?organisation={here}").status_code == 400
    with tool.database.transaction() as session:
        change_terms(session, ada.actor, Terms(lists_all=True))
    assert names(public, organisation=here) == ["Amina Khan"]
    assert names(public, organisation=here, level=1) == []
    assert public.get(f"/register.json?organisation={there}").status_code == 400
    assert public.get("/register.json").status_code == 400
    assert names(public, organisation=there, name="olga") == ["Olga Bell"]
    assert names(public, organisation=here, name="olga") == []


def test_a_search_ends_after_five_pages(tool: Tool, public: FlaskClient) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina, name="Amina 000")
    row = row_of(tool, entry)
    from lti_tool.courses.models import Person
    from lti_tool.register.models import RegisterEntry

    values = {c.name: getattr(row, c.key) for c in RegisterEntry.__table__.columns}
    with tool.database.transaction() as session:
        for number in range(1, PAGE_SIZE * MOST_PAGES + 5):
            person = Person(
                public_id=f"person-{number}", organisation_id=row.organisation_id, name="",
                email="", created_at=row.created_at,
            )  # fmt: skip
            session.add(person)
            session.flush()
            session.add(RegisterEntry(**values | {
                "id": None, "public_id": f"e{number}", "code": f"{number:012}",
                "person_id": person.id, "name": f"Amina {number:03}",
                "name_words": f" amina {number:03}",
            }))  # fmt: skip
    seen = []
    for page in range(1, MOST_PAGES + 3):
        answer = public.get(f"/register.json?name=amina&page={page}").get_json()
        seen += [one["name"] for one in answer["entries"]]
        assert answer["has_more"] == (page < MOST_PAGES)
        assert answer["is_cut"] == (page >= MOST_PAGES)
    assert len(set(seen)) == PAGE_SIZE * MOST_PAGES
    last = public.get(f"/register?name=amina&page={MOST_PAGES}").text
    assert "Give more of the name" in last
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last


def test_the_hidden_the_suspended_and_the_unknown_look_the_same(
    tool: Tool, public: FlaskClient
) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    hidden = recognised(tool, tool.sign_in("amina"))
    suspended = recognised(tool, tool.sign_in("ben"), shown=True)
    with tool.database.transaction() as session:
        suspend(session, ada.actor, suspended.public_id, "Looked into.")
    for ending in ("", ".json"):
        answers = [
            public.get(f"/register/{name}{ending}")
            for name in (hidden.public_id, suspended.public_id, "A" * 16)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_reference(answer) for answer in answers}) == 1
        assert len({tuple(sorted(dict(answer.headers).items())) for answer in answers}) == 1


def test_hiding_holds_at_once(tool: Tool, public: FlaskClient) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina, name="Amina Khan")
    assert public.get(f"/register/{entry.public_id}").status_code == 200
    amina.post(f"recognition/{entry.public_id}", {"shown": "no", "name": "Amina Khan"})
    answer = public.get(f"/register/{entry.public_id}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_entry_says_who_is_recognised_by_whom_until_when(
    tool: Tool, public: FlaskClient
) -> None:
    entry = recognised(tool, tool.sign_in("amina"), name="<b>Amina</b>", place="Leeds")
    page = public.get(f"/register/{entry.public_id}")
    for said in ("&lt;b&gt;Amina&lt;/b&gt;", "Willow Training", "Level 2", "Leeds", "Recognised"):
        assert said in page.text
    assert entry.code not in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    for answer in (
        public.get(f"/register/{entry.public_id}.json"),
        public.get(f"/register/{entry.public_id}", headers={"Accept": "application/json"}),
    ):
        found = answer.get_json()
        assert found["organisation"]["name"] == "Willow Training"
        assert found["standing"] == "in-force"
        assert found["valid_until"] == entry.valid_until.isoformat()
        assert found["url"] == f"{BASE}/register/{entry.public_id}"
        assert entry.code not in answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_code_verifies_the_hidden_the_suspended_and_the_ended(
    tool: Tool, public: FlaskClient
) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    hidden = recognised(tool, tool.sign_in("amina", name="Amina Khan"))
    ended = recognised(tool, tool.sign_in("cai"), on=today() - timedelta(days=2000))
    page = public.get(f"/verify/{hidden.code}").text
    assert "Amina Khan" in page
    assert "stands on the register today" in page
    assert "was not renewed since" in public.get(f"/verify/{ended.code}").text
    with tool.database.transaction() as session:
        suspend(session, ada.actor, hidden.public_id, "A secret reason.")
    page = public.get(f"/verify/{hidden.code}").text
    assert "Suspended" in page
    assert "A secret reason" not in page
    found = public.get(f"/verify/{hidden.code}.json").get_json()
    assert (found["standing"], found["url"]) == ("suspended", f"{BASE}/verify/{hidden.code}")
    assert hidden.public_id not in json.dumps(found)


def test_a_code_is_typed_as_people_type(tool: Tool, public: FlaskClient) -> None:
    entry = recognised(tool, tool.sign_in("amina", name="Amina Khan"))
    answer = public.get("/verify", query_string={"code": f" {grouped(entry.code).lower()} "})
    assert (answer.status_code, answer.location) == (303, f"/verify/{entry.code}")
    assert "Amina Khan" in public.get(f"/verify/{grouped(entry.code)}").text
    bad = public.get("/verify?code=hello")
    assert bad.status_code == 400
    assert "12 letters and digits" in bad.text
    assert 'value="hello"' in bad.text
    unknown = [public.get(f"/verify/{code}") for code in ("0" * 12, "hello", "%F0%9F%90%9F")]
    assert {answer.status_code for answer in unknown} == {404}
    assert len({without_reference(answer) for answer in unknown}) == 1


def test_one_page_alone_may_stand_in_a_frame(tool: Tool, public: FlaskClient) -> None:
    entry = recognised(tool, tool.sign_in("amina"), name="Amina Khan")
    embedded = public.get("/register/embed?name=amina")
    assert "frame-ancestors http: https:" in embedded.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in embedded.headers
    assert 'target="_blank"' in embedded.text
    for path in ("/register", f"/register/{entry.public_id}", "/verify", f"/verify/{entry.code}",
                 "/register/none", "/register.json"):  # fmt: skip
        headers = public.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in embedded.headers


@pytest.mark.parametrize(
    "query", ["name=%00", "name=%FF%FE", "level=9", "page=-1", "page=99999999999", "name=" + "x" * 5000,
              "organisation=%27%3B--", "page=٣", "level=2&level=3", "name[]=x"]
)  # fmt: skip
def test_whatever_a_client_sends_is_answered(public: FlaskClient, query: str) -> None:
    for path in ("/register", "/register/embed", "/register.json", "/verify"):
        assert public.get(f"{path}?{query}").status_code in {200, 400}


def test_searching_takes_the_same_statements_however_many_there_are(tool: Tool) -> None:
    from sqlalchemy import event

    counted: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            counted.append(statement)

    for number in range(3):
        recognised(tool, tool.sign_in(f"amina-{number}"), name=f"Amina {number}")
    event.listen(tool.database.engine, "before_cursor_execute", note)
    public = tool.app.test_client()
    public.get("/register?name=amina")
    assert len(counted) <= 3
