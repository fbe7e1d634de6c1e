"""What tests of evidence share: a learner who adds files as the page's form and script do."""

import io
import re
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.portfolios.writing import Writer, writer
from tests.storage import media
from tests.tool import Tool

PART_TYPE = "application/offset+octet-stream"


@dataclass(frozen=True)
class Gatherer:
    """A learner at the evidence of one portfolio."""

    writer: Writer

    @property
    def path(self) -> str:
        return self.writer.path

    def panel(self, code: str = "1.01") -> str:
        """The task's page, as far as its evidence goes."""
        answer = self.writer.get(code)
        assert answer.status_code == 200, answer.text
        return answer.text[answer.text.index('id="evidence"') :]

    def pieces(self, code: str = "1.01") -> list[str]:
        """The names of the pieces that serve a task, oldest first."""
        return re.findall(r'id="piece-([\w-]+)"', self.panel(code))

    def add(self, *sent: tuple[str, bytes], code: str = "1.01") -> TestResponse:
        """Sends the plain form with these files."""
        form = {"panel": code, "files": [(io.BytesIO(content), name) for name, content in sent]}
        return self.writer.visitor.post(f"{self.path}/task/{code}/evidence", form)

    def give(self, name: str = "Play.jpg", content: bytes | None = None, code: str = "1.01") -> str:
        """Adds a file that is taken; returns the name of the piece."""
        before = self.pieces(code)
        answer = self.add((name, media.photo() if content is None else content), code=code)
        assert answer.status_code == 303, answer.text
        (made,) = [one for one in self.pieces(code) if one not in before]
        return made

    def act(self, piece: str, act: str = "", **form: Any) -> TestResponse:
        """Sends a form about a piece from the panel of the first task."""
        path = f"{self.path}/evidence/{piece}" + (f"/{act}" if act else "")
        return self.writer.visitor.post(path, {"panel": "1.01"} | form)

    def tell(self, piece: str, title: str = "Play", alt: str = "", **form: Any) -> TestResponse:
        """Says of a piece what it is, from the form as it stands."""
        mark = re.search(rf'id="form-{piece}".*?name="seen" value="(\w+)"', self.panel(), re.DOTALL)
        told = {"title": title, "alt": alt, "declaration": "anonymised"}
        return self.act(piece, **(told | {"seen": mark[1] if mark else ""} | form))

    def look(self, piece: str, what: str = "file", **options: Any) -> TestResponse:
        return self.writer.visitor.get(f"{self.path}/evidence/{piece}/{what}", **options)

    # As the script does --------------------------------------------------------------------

    def begin(self, name: str, size: int, code: str = "1.01", **more: Any) -> TestResponse:
        facts = {"name": name, "size": size, "type": "video/mp4"} | more
        return self.writer.visitor.post_json(f"{self.path}/task/{code}/evidence/uploads", facts)

    def send(self, address: str, content: bytes, at: int = 0) -> TestResponse:
        visitor = self.writer.visitor
        headers = {
            "X-CSRFToken": visitor.csrf_token(),
            "Accept": "application/json",
            "Upload-Offset": str(at),
        }
        return visitor.client.patch(address, data=content, headers=headers, content_type=PART_TYPE)

    def finish(self, address: str, code: str = "1.01") -> TestResponse:
        visitor = self.writer.visitor
        headers = {"X-CSRFToken": visitor.csrf_token(), "Accept": "application/json"}
        return visitor.client.post(address, data={"panel": code}, headers=headers)


def gatherer(tool: Tool, subject: str = "amina", **more: Any) -> Gatherer:
    return Gatherer(writer(tool, subject, **more))
