"""Stored markup: what an LMS or a person writes is shown as it was written, on every page, to all.

Every text that can come in holds markup, a template's expression and a change of direction; then
every page of every role is read as a browser would read it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import func, update
from werkzeug.test import TestResponse

from lti_tool.courses.models import Course, Organisation, Person, Placement
from lti_tool.gateway.models import Deployment, RegistrationRow
from lti_tool.kernel.actor import Role
from lti_tool.web.models import WebSession
from tests.attacks.target import Target
from tests.gateway.lms import AGS, CLAIM, MISSING, TUTOR_ROLE
from tests.house import belongings
from tests.house.belongings import Belongings, give_everything
from tests.house.test_permissions import address, methods, rules
from tests.tool import Visitor

MARKUP = "\"'><script src=//x></script><img src=x onerror=q(1)>x{{7*7}}x</title>"
SHORT = "\"'><img src=x onerror=q(1)>x{{7*7}}x"


class _Reader(HTMLParser):
    """Notes what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img" and found.get("src") == "x":
            self.runs.append("an image of theirs")
        if tag == "script":
            source = found.get("src") or ""
            if not source.startswith(("/static/", "/bootstrap/")) and (
                found.get("type") != "application/json"
            ):
                self.runs.append(f"a script {source}")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or name == "srcdoc":
                self.runs.append(f"{tag} {name}")
            plain = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            if name in {"href", "src", "action", "formaction"} and plain.startswith(
                ("javascript:", "data:text", "vbscript:")
            ):
                self.runs.append(f"{tag} {name}={plain[:30]}")


def reads_safely(answer: TestResponse, where: object) -> None:
    """Nothing runs, nothing is calculated, and no header was written by them."""
    assert answer.status_code < 500, where
    kind = answer.headers["Content-Type"]
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    if kind.startswith("text/html"):
        reader = _Reader()
        reader.feed(answer.text)
        assert reader.runs == [], where
        assert "x49x" not in answer.text, where
    elif kind.startswith("text/csv"):
        for row in csv.reader(io.StringIO(answer.text)):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row), where
    else:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where


@pytest.fixture(scope="module")
def poisoned(target: Target) -> Iterator[Belongings]:
    """Amina's class and all that is in it, where everybody writes markup wherever they can."""
    everything = {
        name: SHORT
        if name in {"what", "title", "label", "outcome", "knowledge", "ability"}
        else value
        for name, value in belongings.FORM.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(belongings, "FORM", everything | {"reason": MARKUP, "note-1.01": MARKUP})
        patch.setattr(belongings, "SECRET", SHORT)
        patch.setattr(belongings, "RATING", belongings.RATING | {"note": MARKUP})
        sign_in = partial(target.tool.sign_in, course=SHORT, link=SHORT)
        patch.setattr(target.tool, "sign_in", lambda who, **more: sign_in(who + MARKUP, **more))
        hers = give_everything(target.tool, patch)
    with target.tool.database.transaction() as session:
        for column in (
            Organisation.name,
            Person.name,
            Person.email,
            Course.title,
            Course.label,
            Placement.title,
            RegistrationRow.product,
            Deployment.deployment,
        ):
            session.execute(
                update(column.class_).values({column.key: func.substr(column, 1, 20) + SHORT})
            )
        session.execute(update(Person).values(name=SHORT))
        session.execute(update(WebSession).values(display_name=SHORT))
    return hers


def everybody(hers: Belongings, target: Target) -> list[Visitor]:
    watcher = target.tool.sign_in("watcher" + MARKUP, roles=frozenset({Role.OBSERVER}))
    return [hers.amina, hers.tara, hers.ada, watcher]


def test_nothing_that_anybody_wrote_runs_on_any_page(target: Target, poisoned: Belongings) -> None:
    shown = 0
    for who in everybody(poisoned, target):
        for rule in rules(target.tool):
            if "GET" not in methods(rule) or not rule.arguments <= poisoned.values.keys():
                continue
            answer = who.client.get(address(rule, poisoned, who))
            reads_safely(answer, (rule, who.actor.roles))
            shown += (
                answer.text.count("&lt;img src=x onerror=q(1)&gt;")
                if answer.mimetype == "text/html"
                else 0
            )
    assert shown > 50  # it was there to be seen


def test_a_shared_link_and_its_reader(target: Target, poisoned: Belongings) -> None:
    made = poisoned.amina.post("sharing/new", belongings.FORM | {"label": SHORT})
    page = poisoned.amina.client.get(made.location)
    token = re.search(r"/shared/([\w-]{20,})", page.text)
    assert token
    answer = target.browser().get(f"/shared/{token[1]}")
    assert answer.status_code == 200
    reads_safely(answer, "shared")


def test_forms_that_come_back_with_a_mistake(target: Target, poisoned: Belongings) -> None:
    """What was typed wrongly is shown again; every field of it holds markup."""
    form = dict.fromkeys(
        [*belongings.FORM, "q", "search", "next", "notes", "url", "provider"], MARKUP
    )
    asked = 0
    for who in (poisoned.amina, poisoned.tara, poisoned.ada):
        for rule in rules(target.tool):
            if "POST" not in methods(rule) or not rule.arguments <= poisoned.values.keys():
                continue
            if any(word in rule.endpoint for word in ("discard", "delete", "remove", "withdraw")):
                continue
            headers = {"X-CSRFToken": who.csrf_token()}
            path = address(rule, poisoned, who)
            answer = who.client.post(path, data=form, headers=headers)
            reads_safely(answer, rule)
            assert "evil" not in answer.headers.get("Location", "")
            asked += answer.status_code == 400
    assert asked > 5


def test_parameters_of_reading_pages(target: Target, poisoned: Belongings) -> None:
    names = ["page", "q", "saved", "set_up", "offer", "from", "to", "kind", "year", "instrument"]
    names += [
        "domain",
        "code",
        "sort",
        "state",
        "level",
        "group",
        "next",
        "message",
        "error",
        "show",
    ]
    query = dict.fromkeys(names, MARKUP)
    for rule in rules(target.tool):
        if "GET" in methods(rule) and rule.arguments <= poisoned.values.keys():
            for who in (poisoned.amina, poisoned.tara, poisoned.ada):
                answer = who.client.get(address(rule, poisoned, who), query_string=query)
                reads_safely(answer, (rule, answer.status_code))


@pytest.mark.parametrize(
    "claims",
    [
        {"name": MARKUP, "given_name": MARKUP, "family_name": MARKUP, "email": MARKUP},
        {"lti_context": {"id": MARKUP, "title": MARKUP, "label": MARKUP}},
        {"lti_resource_link": {"id": MARKUP, "title": MARKUP, "description": MARKUP}},
        {"lti_custom": {"instrument": MARKUP, "domains": MARKUP, "grade": MARKUP, MARKUP: MARKUP}},
        {"lti_tool_platform": {"guid": MARKUP, "name": MARKUP, "product_family_code": SHORT}},
        {"lti_launch_presentation": {"locale": MARKUP, "document_target": MARKUP}},
        {"sub": MARKUP, "lti_deployment_id": MARKUP, AGS: MISSING},
        {"locale": MARKUP, "picture": MARKUP, "website": MARKUP},
        {CLAIM + "for_user": {"user_id": MARKUP, "name": MARKUP}},
    ],
    ids=lambda claims: "+".join(claims)[:40],
)
@pytest.mark.parametrize("roles", [[], [TUTOR_ROLE]], ids=["learner", "tutor"])
def test_what_a_launch_says(target: Target, claims: dict[str, Any], roles: list[str]) -> None:
    changes = claims | ({"lti_roles": roles} if roles else {})
    for cookies in (True, False):
        browser = target.tool.app.test_client(use_cookies=cookies)
        answer = target.lms.launch(browser, **changes)
        reads_safely(answer, claims)
        if answer.status_code != 303:
            continue
        page = browser.get(answer.headers["Location"])
        reads_safely(page, claims)
        if not cookies:
            asking = target.browser().get(answer.headers["Location"].removesuffix("/tab"))
            reads_safely(asking, claims)
            continue
        home = browser.get(page.headers["Location"])
        reads_safely(home, claims)
        if roles:
            reads_safely(
                browser.get(page.headers["Location"].replace("/course", "/set-up")), claims
            )


def test_what_a_login_and_a_refusal_say(target: Target) -> None:
    for name in (
        *target.lms.initiation(),
        "lti_storage_target",
        "lti_deployment_id",
        "canvas_region",
    ):
        sent = target.lms.initiation() | {name: MARKUP}
        reads_safely(
            target.tool.app.test_client(use_cookies=False).post("/lti/login", data=sent), name
        )
    for sent in (
        {"error": MARKUP, "error_description": MARKUP},
        {"state": MARKUP, "id_token": MARKUP},
    ):
        reads_safely(target.browser().post("/lti/launch", data=sent), sent)
    for path in (
        f"/{MARKUP}",
        f"/at/{MARKUP}/p/{MARKUP}/",
        f"/shared/{MARKUP}",
        f"/lti/enter/{MARKUP}",
    ):
        reads_safely(target.browser().get(path), path)


def test_a_file_whose_name_is_markup_or_a_header(poisoned: Belongings) -> None:
    from tests.storage import files

    names = [
        f"{SHORT}.pdf",
        "a\r\nX-Injected: 1.pdf",
        'a"; filename="evil.html',
        "../../../etc/passwd.pdf",
        "\u202efdp.exe.pdf",
        "a\0.pdf",
        "é" * 200 + ".pdf",
        "C:\\con.pdf",
        ".htaccess",
        "x.html",
    ]
    kept = 0
    for number, name in enumerate(names):
        entry = {"title": "File", "begun_on": "2026-01-01", "once": f"file-{number:011}"}
        sent = belongings.FORM | entry | {"certificate": (io.BytesIO(files.PDF), name)}
        answer = poisoned.amina.post("training-record/new", sent)
        reads_safely(answer, name)
        found = poisoned.amina.get(f"training-record/{entry['once']}/certificate")
        if found.status_code != 200:
            continue  # its name did not survive the form's own headers
        kept += 1
        disposition = found.headers["Content-Disposition"]
        assert disposition.startswith("attachment"), name
        assert "X-Injected" not in found.headers
        assert "/" not in disposition.partition("filename")[2].replace("UTF-8''", ""), name
        assert "\\" not in disposition.replace('\\"', ""), name
        assert "\u202e" not in disposition, name
        assert "%E2%80%AE" not in disposition, name
        assert not re.search(r"\.(html?|exe|htaccess)\"?$", disposition), name
    assert kept >= 7


def test_the_whole_record_unpacks_within_its_own_folder(poisoned: Belongings) -> None:
    packed = zipfile.ZipFile(io.BytesIO(poisoned.amina.get("my-record/zip").data))
    for name in packed.namelist():
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert "\\" not in name
        assert ":" not in name
        assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", name)
