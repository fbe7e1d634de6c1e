"""Conventions of the house, as tests: what a reader may rely on everywhere."""

import ast
import re
from pathlib import Path

import pytest

from lti_tool.grades.rules import TOPIC
from lti_tool.kernel import errors
from lti_tool.web.errors import STATUS
from lti_tool.wiring.messages import handlers
from tests.tool import Tool

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "lti_tool").rglob("*.py"))
SOURCES = [path for path in SOURCES if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def test_no_function_is_longer_than_fifty_lines() -> None:
    for path in SOURCES:
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            assert length <= 50, f"{path.name}:{function.name} has {length} lines"


def test_most_functions_and_modules_are_short() -> None:
    lengths = sorted(
        (f.end_lineno or 0) - f.lineno + 1 for path in SOURCES for f in functions(path)
    )
    assert lengths[int(len(lengths) * 0.9)] <= 30
    modules = sorted(len(path.read_text().splitlines()) for path in SOURCES)
    assert modules[int(len(modules) * 0.9)] <= 250


def test_every_module_says_what_it_is_for() -> None:
    for path in SOURCES:
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_services_never_commit() -> None:
    for path in SOURCES:
        if path.name in {"services.py", "queries.py", "rules.py", "views.py"}:
            assert ".commit(" not in path.read_text(), path


def test_the_wall_clock_is_read_in_one_place() -> None:
    for path in SOURCES:
        if path.name != "clock.py" and "demo" not in path.parts:
            assert not re.search(r"datetime\.(now|utcnow)\(", path.read_text()), path


def test_every_noqa_says_why() -> None:
    for path in SOURCES:
        for line in path.read_text().splitlines():
            if "noqa" in line:
                said = re.search(r"noqa: [A-Z0-9, ]+(.*)", line)
                assert said, f"{path}: {line.strip()}"
                assert len(said[1]) > 10, f"{path}: {line.strip()}"


def test_every_error_of_the_kernel_that_a_client_can_cause_has_a_status() -> None:
    kinds = set(errors.ImhcfError.__subclasses__()) - {errors.Misconfigured}
    kinds = {kind for kind in kinds if kind.__module__ == errors.__name__}
    assert kinds == set(STATUS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_templates_hold_no_inline_code_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"\sstyle=", text)
    assert "javascript:" not in text
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "application/json" in script, script
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_page_text_goes_through_gettext(path: Path) -> None:
    """What is left of a template without tags, expressions and comments holds no words."""
    classes = r"{% block (page|width) %}.*?{% endblock[^%]*%}"
    translated = r"{% trans .*?{% endtrans %}"
    text = re.sub(f"{classes}|{translated}", " ", path.read_text(), flags=re.S)
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.S)
    text = re.sub(r"<[^>]*>", " ", text)
    text = re.sub(r"&[a-z]+;|&#\d+;", " ", text)
    words = [word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in NAMES]
    assert not words, words


# Names of things, the same in every language.
NAMES = {"IMHCF", "Larkfield", "LTI", "PDF"}


def test_every_topic_has_a_handler(tool: Tool) -> None:
    known = set(handlers(tool.runtime))
    assert TOPIC in known
    put = re.compile(r'= "([a-z-]+\.[a-z-]+)"')
    named = {
        topic
        for path in SOURCES
        if path.name in {"rules.py", "services.py"}
        for topic in put.findall(path.read_text())
    }
    assert named == known
