"""Whether addresses still answer: the operator's command."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from click.testing import CliRunner

from lti_tool.cli.main import imhcf
from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.training.offers.links import check_links, links_checked
from tests.platform import FakeHttp
from tests.tool import Tool
from tests.training.test_catalogue_views import ADMIN, add


class Internet(FakeHttp):
    """Answers as the addresses below do, and says if it was called inside a transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        assert not in_transaction()
        self.asked.append(url)
        for word in ("unreachable", "timeout", "redirected", "answer-too-large", "address-refused"):
            if word in url:
                raise CallFailed("No.", code=word)
        status = next((int(part) for part in url.split("/") if part.isdigit()), 200)
        return HttpAnswer(status, {}, b"")


def test_every_address_is_asked_once_and_what_did_not_answer_is_noted(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    paths = [
        *("200", "401", "403", "404", "410", "500", "503"),
        *("unreachable", "timeout", "redirected", "answer-too-large", "address-refused"),
    ]
    for path in (*paths, "200"):
        add(ada, title=path, address=f"https://x.example/{path}")
    internet = Internet()
    runtime = replace(tool.runtime, http=internet)
    found = {one.address: one.answered for one in check_links(runtime)}
    assert sorted(internet.asked) == sorted(set(internet.asked))
    assert "https://warwick.ac.uk" in internet.asked
    ours = {address: ok for address, ok in found.items() if "x.example" in address}
    silent = {address.rpartition("/")[2] for address, ok in ours.items() if not ok}
    assert silent == {"404", "410", "500", "503", "unreachable", "timeout"}
    assert "https://x.example/address-refused" not in found
    with tool.database.transaction(write=False) as session:
        noted = links_checked(session, list(found))
        assert {a: row.answered for a, row in noted.items()} == found
    assert ada.get("catalogue").text.count("Did not answer") == 6


def test_asking_again_replaces_the_answer(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    add(ada, address="https://x.example/404")
    internet = Internet()
    list(check_links(replace(tool.runtime, http=internet)))
    assert "Did not answer" in ada.get("catalogue").text
    internet.get = lambda url, *, headers: HttpAnswer(200, {}, b"")  # type: ignore[method-assign]
    list(check_links(replace(tool.runtime, http=internet)))
    assert "Did not answer" not in ada.get("catalogue").text


def test_the_operator_checks_from_the_command_line(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    add(ada, address="https://x.example/404")
    runtime = replace(tool.runtime, http=Internet())
    monkeypatch.setattr("lti_tool.cli.training.open_runtime", lambda: runtime)
    said = CliRunner().invoke(imhcf, ["training", "check-links"]).output
    assert "does not answer (404)  https://x.example/404" in said
    assert "answers (200)  https://warwick.ac.uk" in said
    assert said.rstrip().endswith("1 did not answer.")
    assert "19 shipped offer(s)" in CliRunner().invoke(imhcf, ["training", "check"]).output
