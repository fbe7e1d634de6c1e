"""A portfolio that is handed in, whoever reports something in it, and what becomes of it."""

from typing import Any

from sqlalchemy import select

from lti_tool.portfolios.cases.models import ConfidentialityCase, ConfidentialityEvent
from lti_tool.portfolios.cases.rules import (
    Item,
    ItemKind,
    account_item,
    evidence_item,
    statement_item,
)
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.portfolios.handing_in import ready, text_for
from tests.portfolios.witnessing import (
    SAID,
    add_file,
    piece_of,
    reported,
    statement_in,
    witness,
)
from tests.reviews.offices import ADMINISTRATOR
from tests.tool import TUTOR, Tool

WORDS = "A first name in the second line."
TEXT = text_for("1.01")


class Scene:
    """Amina's portfolio with a text, a file and a statement for 1.01, handed in; and who looks."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.amina = ready(tool)
        self.piece = add_file(self.amina)
        self.witness = witness(tool, self.amina)
        self.witness.give()
        self.ada = tool.sign_in("ada", roles=ADMINISTRATOR, course="office")
        self.reader = tool.sign_in("rhys", roles=TUTOR, course="elsewhere")
        self.submission = self.amina.hand_in()

    def item(self, kind: ItemKind) -> Item:
        return {
            ItemKind.ACCOUNT: account_item("1.01"),
            ItemKind.EVIDENCE: evidence_item(piece_of(self.amina, self.submission).id),
            ItemKind.STATEMENT: statement_item(statement_in(self.amina, self.submission)["id"]),
        }[kind]

    def report(self, kind: ItemKind = ItemKind.ACCOUNT, words: str = WORDS) -> str:
        return reported(self.tool, self.reader, self.submission, self.item(kind), words).public_id

    def settle(self, case: str, decision: str, **more: str) -> Any:
        form = {"decision": decision, "words": "I have looked.", "seen": "open", "sure": "yes"}
        return self.ada.post(f"cases/{case}/settle", form | more)

    def mine(self, case: str) -> Any:
        return self.amina.visitor.get(f"{self.amina.path}/cases/{case}")

    def give_back(self, *codes: str) -> None:
        with self.tool.database.transaction() as session:
            assert begin_review(session, self.submission.id)
            assert return_for_more(session, self.submission.id, codes)

    def seen_by_reader(self) -> str:
        """All that a page for an assessor could show of the submission."""
        return str(self.amina.frozen(self.submission.id, sees_hidden=False))

    def acts(self, case: str) -> list[str]:
        with self.tool.database.transaction(write=False) as session:
            rows = session.execute(
                select(ConfidentialityEvent.act)
                .join(ConfidentialityCase, ConfidentialityCase.id == ConfidentialityEvent.case_id)
                .where(ConfidentialityCase.public_id == case)
                .order_by(ConfidentialityEvent.number)
            )
            return list(rows.scalars())


CONTENT = {
    ItemKind.ACCOUNT: TEXT.partition(",")[0],
    ItemKind.EVIDENCE: "Notes of a visit",
    ItemKind.STATEMENT: SAID["text"],
}
