"""What tests of portfolios share: a learner with a portfolio, and what their pages send."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from lti_tool.courses.rules import GradeRule, SetUp
from tests.tool import LEARNER, Tool, Visitor

PORTFOLIO = SetUp("portfolio-1", (), GradeRule.COMPLETION)
TEXT = "I sat with a mother and her baby. She **mirrored** his yawn.\n\n- I waited\n- I named it"


@dataclass(frozen=True)
class Writer:
    """A learner at the desk of one portfolio."""

    visitor: Visitor
    path: str

    def task(self, code: str = "1.01") -> str:
        return f"{self.path}/task/{code}"

    def get(self, code: str = "1.01", more: str = "") -> TestResponse:
        return self.visitor.get(self.task(code) + more)

    def send(self, text: str, version: int = 0, code: str = "1.01", **more: Any) -> TestResponse:
        """Saves as the page's script does."""
        wish = {"text": text, "version": version} | more
        return self.visitor.post_json(f"{self.task(code)}/text", wish)

    def save(self, text: str, version: int = 0, code: str = "1.01", **more: Any) -> dict[str, Any]:
        answer = self.send(text, version, code, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def post(self, code: str = "1.01", **form: Any) -> TestResponse:
        """Saves as the plain form does."""
        return self.visitor.post(self.task(code), {"version": "0", "text": ""} | form)


def begin(visitor: Visitor, instrument: str = "portfolio-1") -> Writer:
    """Chooses a level, as the page does."""
    answer = visitor.post("portfolio/level", {"instrument": instrument})
    assert answer.status_code == 303, answer.text
    page = visitor.get("portfolio/")
    assert page.status_code == 200, page.text
    (here,) = {
        part.split("/")[0] for part in page.text.split("/portfolio/")[1:] if "/task/" in part[:60]
    }
    return Writer(visitor, f"portfolio/{here}")


def writer(
    tool: Tool, subject: str = "amina", instrument: str = "portfolio-1", **more: Any
) -> Writer:
    set_up = SetUp(instrument, (), GradeRule.COMPLETION)
    who = tool.sign_in(subject, roles=LEARNER, set_up=set_up, **more)
    return begin(who, instrument)
