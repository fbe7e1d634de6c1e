"""Our scripts, read: no text becomes code, and a message is believed by its origin. In a browser:
`tests/journeys/browser`.
"""

import re
from pathlib import Path

import pytest

from lti_tool.lti.texts import shown
from tests.attacks.target import Target

SCRIPTS = sorted((Path(__file__).parents[2] / "lti_tool/web/static/js").rglob("*.js"))
CODE_FROM_TEXT = re.compile(
    r"\beval\(|new Function|document\.write|outerHTML\s*=|insertAdjacentHTML|srcdoc|import\([^\"'`]"
    r"|set(Timeout|Interval)\(\s*[\"'`]|createContextualFragment|\.href\s*=\s*event|javascript:"
)
# HTML that the server made of a template, taken over as it is; nothing of it is put together here.
FROM_OUR_SERVER = re.compile(r"innerHTML = answer\.\w+;")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_text_becomes_code(path: Path) -> None:
    text = path.read_text()
    assert not CODE_FROM_TEXT.search(text)
    for found in re.findall(r"innerHTML[^\n]*", text):
        assert FROM_OUR_SERVER.fullmatch(found), found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_messages_go_to_one_origin_and_are_believed_from_one(path: Path) -> None:
    text = path.read_text()
    if re.search(r"window\.addEventListener\(\s*[\"']message", text):
        assert re.search(r"origin !== (window\.location\.origin|origin)", text)
    # To everybody goes one question alone: what the LMS's page can do. It says nothing of anybody.
    for line in text.splitlines():
        if '"*"' in line and "origin ===" not in line:
            assert "lti.capabilities" in line, line


def test_only_addresses_of_ours_are_loaded() -> None:
    for path in SCRIPTS:
        for found in re.findall(r"(?:from|fetch\()\s*[\"'`]([^\"'`]+)", path.read_text()):
            assert not re.match(r"https?:|//", found), (path.name, found)


def test_a_name_turns_round_nothing_that_stands_behind_it(target: Target) -> None:
    """“\u202egnp.exe” reads as “exe.png”, and so does what follows on the line."""
    for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        assert shown(f"a{mark}b", 10) == "ab"
    assert shown("עברית \u200fابن سينا \u200d", 40) == "עברית \u200fابن سينا \u200d"
    browser = target.browser()
    sent = target.lms.launch(
        browser, name="Amina\u202e", lti_context={"id": "x", "title": "\u2067IMH"}
    )
    page = browser.get(browser.get(sent.headers["Location"]).headers["Location"])
    assert "\u202e" not in page.text
    assert "\u2067" not in page.text
    assert "Amina" in page.text
