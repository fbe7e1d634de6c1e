"""What tests share of handing in: a portfolio that is ready, and one that was handed in.

Both go through the services that pages call, and so does everything here: nothing is put into a
table by hand.
"""

from dataclasses import dataclass

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.portfolios.choosing import choose_portfolio
from lti_tool.portfolios.queries import PortfolioView, account_of
from lti_tool.portfolios.rules import Declaration, Marks, Wish
from lti_tool.portfolios.services import Task, save_account
from lti_tool.portfolios.submitting.queries import (
    Frozen,
    frozen_content,
    standing_of,
    submission_by_id,
)
from lti_tool.portfolios.submitting.rules import Standing, SubmissionView
from lti_tool.portfolios.submitting.services import HandIn, submit, withdraw
from tests.tool import LEARNER, Tool, Visitor


@dataclass(frozen=True)
class Handing:
    """A learner at a portfolio of theirs, which may be handed in."""

    tool: Tool
    visitor: Visitor
    portfolio: PortfolioView
    asked: Instrument
    place: PlacementView

    @property
    def path(self) -> str:
        """The portfolio's address, below the placement's."""
        return f"portfolio/{self.portfolio.public_id}"

    @property
    def codes(self) -> list[str]:
        return list(self.asked.by_code)

    def write(
        self, code: str, text: str, declaration: Declaration = Declaration.ANONYMISED
    ) -> None:
        """Writes a text with its declaration over what stands there."""
        with self.tool.database.transaction() as session:
            found = account_of(session, self.portfolio.id, code)
            seen = found[1].version if found else 0
            task = Task(self.portfolio, self.asked, code)
            wish = Wish(text, seen, Marks({}, declaration))
            save_account(session, self.visitor.actor, task, wish)

    def make_ready(self) -> None:
        """Writes every task that has no text yet."""
        for code in self.codes:
            self.write(code, text_for(code))

    def hand_in(self, fee_reference: str = "") -> SubmissionView:
        what = HandIn(self.portfolio, self.asked, self.place, fee_reference)
        with self.tool.database.transaction() as session:
            return submit(session, self.visitor.actor, what)

    def withdraw(self, public_id: str) -> SubmissionView:
        with self.tool.database.transaction() as session:
            return withdraw(
                session, self.visitor.actor, self.portfolio, public_id, self.asked.title
            )

    def standing(self) -> Standing:
        with self.tool.database.transaction(write=False) as session:
            return standing_of(session, self.portfolio.id)

    def frozen(self, submission_id: int, *, sees_hidden: bool = True) -> Frozen:
        with self.tool.database.transaction(write=False) as session:
            found = submission_by_id(session, submission_id)
            assert found
            return frozen_content(session, found, sees_hidden=sees_hidden)


def text_for(code: str) -> str:
    return f"What I did for {code}: I sat with a mother and waited, and *then* I named it."


def begun(
    tool: Tool, subject: str = "amina", instrument: str = "portfolio-1", **more: object
) -> Handing:
    """Returns a learner whose portfolio is begun and empty. `more` is for `Tool.sign_in`."""
    set_up = SetUp(instrument, (), GradeRule.COMPLETION)
    options = {"roles": LEARNER, "set_up": set_up} | more
    visitor = tool.sign_in(subject, **options)  # type: ignore[arg-type]
    with tool.database.transaction() as session:
        library = instruments_for(session, visitor.actor.organisation_id)
        place = placement_for(session, visitor.actor, visitor.placement)
        portfolio = choose_portfolio(session, visitor.actor, place, library, instrument)
    return Handing(tool, visitor, portfolio, library[instrument], place)


def ready(
    tool: Tool, subject: str = "amina", instrument: str = "portfolio-1", **more: object
) -> Handing:
    """Returns a learner whose portfolio is ready to be handed in."""
    found = begun(tool, subject, instrument, **more)
    found.make_ready()
    return found


def handed_in(
    tool: Tool, subject: str = "amina", instrument: str = "portfolio-1", **more: object
) -> tuple[Handing, SubmissionView]:
    """Returns a learner and the portfolio that they handed in; no worker has run since."""
    found = ready(tool, subject, instrument, **more)
    return found, found.hand_in()
