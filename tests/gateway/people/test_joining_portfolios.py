"""Two who are one and both wrote a portfolio: put together with every version, and taken apart."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.kernel import clock
from lti_tool.portfolios.models import Account, AccountVersion, Portfolio
from lti_tool.portfolios.submitting.models import Submission
from tests.gateway.people.two import ADMINISTRATOR, Two
from tests.portfolios.gathering import Gatherer
from tests.portfolios.handing_in import Handing, begun, ready
from tests.portfolios.writing import Writer
from tests.tool import Tool

PASSING = ("scores", "notifications")


@pytest.fixture
def both(tool: Tool) -> tuple[Handing, Handing]:
    """Amina then and Amina now, each with a portfolio of Level 1 that is begun."""
    return begun(tool, "old", name="Amina"), begun(tool, "new", name="")


def two_of(tool: Tool, both: tuple[Handing, Handing]) -> Two:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    return Two(tool, both[0].visitor, both[1].visitor, ada)


def write_at(handing: Handing, days: int, code: str, text: str) -> None:
    with time_machine.travel(clock.now() - timedelta(days=20) + timedelta(days=days)):
        handing.write(code, text)


def text_of(tool: Tool, handing: Handing, code: str) -> str:
    with tool.database.transaction(write=False) as session:
        return str(
            session.execute(
                select(Account.text)
                .join(Portfolio, Portfolio.id == Account.portfolio_id)
                .where(
                    Portfolio.person_id == handing.visitor.actor.person_id,
                    Portfolio.public_id == handing.portfolio.public_id,
                    Account.code == code,
                )
            ).scalar_one_or_none()
            or ""
        )


def versions_of(tool: Tool, handing: Handing, code: str) -> list[tuple[int, str]]:
    with tool.database.transaction(write=False) as session:
        rows = session.execute(
            select(AccountVersion.number, AccountVersion.text)
            .join(Account, Account.id == AccountVersion.account_id)
            .where(Account.portfolio_id == handing.portfolio.id, Account.code == code)
            .order_by(AccountVersion.number)
        )
        return [(row.number, row.text) for row in rows]


def without(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {name: found for name, found in rows.items() if name not in PASSING}


def test_what_only_one_wrote_comes_over_with_its_versions(
    tool: Tool, both: tuple[Handing, Handing]
) -> None:
    old, new = both
    write_at(old, 1, "1.01", "Old words, that nobody else wrote.")
    write_at(old, 2, "1.01", "Other words altogether, a day later.")
    write_at(new, 3, "1.02", "New")
    two = two_of(tool, both)
    two.join(new.visitor, old.visitor)
    assert text_of(tool, new, "1.01") == "Other words altogether, a day later."
    assert [text for _, text in versions_of(tool, new, "1.01")] == [
        "Old words, that nobody else wrote.",
        "Other words altogether, a day later.",
    ]
    assert text_of(tool, new, "1.02") == "New"
    page = tool.sign_in("old", name="").get(f"{new.path}/task/1.01")
    assert "Other words altogether" in page.text


@pytest.mark.parametrize("newer", ["old", "new"])
@pytest.mark.parametrize("stays", ["old", "new"])
def test_the_newer_text_stands_and_the_other_is_a_version(
    tool: Tool, both: tuple[Handing, Handing], newer: str, stays: str
) -> None:
    first, last = both if newer == "new" else both[::-1]
    write_at(first, 1, "1.01", "The earlier one")
    write_at(last, 2, "1.01", "The later one")
    two = two_of(tool, both)
    stay, go = both if stays == "old" else both[::-1]
    before = two.rows()
    merge = two.join(stay.visitor, go.visitor)
    assert text_of(tool, stay, "1.01") == "The later one"
    assert [text for _, text in versions_of(tool, stay, "1.01")] == [
        "The earlier one",
        "The later one",
    ]
    after = two.rows()
    assert {name: len(rows) for name, rows in before.items()} == {
        name: len(rows) for name, rows in after.items()
    }
    two.undo(merge)
    assert without(two.rows()) == without(before)


def test_a_page_that_is_still_open_overwrites_nothing(
    tool: Tool, both: tuple[Handing, Handing]
) -> None:
    old, new = both
    write_at(new, 1, "1.01", "Mine")
    write_at(old, 2, "1.01", "Theirs")
    seen = versions_of(tool, new, "1.01")[-1][0]
    two_of(tool, both).join(new.visitor, old.visitor)
    current = versions_of(tool, new, "1.01")[-1][0]
    for version in range(seen, current):
        answer = new.visitor.post_json(
            f"{new.path}/task/1.01/text", {"text": "Stale", "version": version}
        )
        assert answer.status_code == 409, version
    assert text_of(tool, new, "1.01") == "Theirs"
    # The page of today goes on.
    answer = new.visitor.post_json(f"{new.path}/task/1.01/text", {"text": "On", "version": current})
    assert answer.status_code == 200


def test_evidence_comes_along_and_goes_back(tool: Tool, both: tuple[Handing, Handing]) -> None:
    old, new = both
    piece = Gatherer(Writer(old.visitor, old.path)).give()
    two = two_of(tool, both)
    before = two.rows()
    merge = two.join(new.visitor, old.visitor)
    there = Gatherer(Writer(new.visitor, new.path))
    assert there.pieces() == [piece]
    two.undo(merge)
    assert without(two.rows()) == without(before)


@pytest.mark.parametrize("stays", ["old", "new"])
def test_what_is_handed_in_stands_though_the_other_is_newer(tool: Tool, stays: str) -> None:
    old, new = ready(tool, "old", name="Amina"), begun(tool, "new", name="")
    submission = old.hand_in()
    new.write("1.01", "Newer, and not handed in")
    two = two_of(tool, (old, new))
    before = two.rows()
    stay, go = (old, new) if stays == "old" else (new, old)
    merge = two.join(stay.visitor, go.visitor)
    assert text_of(tool, stay, "1.01").startswith("What I did for 1.01")
    assert "Newer, and not handed in" in [text for _, text in versions_of(tool, stay, "1.01")]
    standing = stay.standing()
    assert standing.submission
    assert standing.submission.id == submission.id
    assert not standing.is_open("1.01")
    with tool.database.transaction(write=False) as session:
        (owner,) = session.execute(select(Submission.person_id)).scalars()
    assert owner == stay.visitor.actor.person_id
    two.undo(merge)
    assert without(two.rows()) == without(before)


def test_two_that_were_handed_in_stay_two(tool: Tool) -> None:
    old, new = ready(tool, "old", name="Amina"), ready(tool, "new", name="")
    old.hand_in()
    new.hand_in()
    two = two_of(tool, (old, new))
    before = two.rows()
    merge = two.join(new.visitor, old.visitor)
    with tool.database.transaction(write=False) as session:
        rows = session.execute(
            select(Portfolio.public_id, Portfolio.round)
            .where(Portfolio.person_id == new.visitor.actor.person_id)
            .order_by(Portfolio.round)
        )
        assert [tuple(row) for row in rows] == [
            (new.portfolio.public_id, 1),
            (old.portfolio.public_id, 2),
        ]
    assert new.visitor.get("portfolio/").status_code == 200
    two.undo(merge)
    assert without(two.rows()) == without(before)


def test_what_was_written_since_stays_with_who_remained(
    tool: Tool, both: tuple[Handing, Handing]
) -> None:
    old, new = both
    write_at(old, 1, "1.01", "Old alone")
    write_at(old, 1, "1.02", "Old, and first")
    write_at(new, 2, "1.02", "New, and second")
    two = two_of(tool, both)
    merge = two.join(new.visitor, old.visitor)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        new.write("1.01", "Since, over old's own")
        new.write("1.02", "Since, over both")
        new.write("2.01", "Since, over nothing")
    two.undo(merge)
    assert text_of(tool, old, "1.01") == "Old alone"
    assert text_of(tool, old, "1.02") == "Old, and first"
    assert text_of(tool, new, "1.01") == "Since, over old's own"
    assert text_of(tool, new, "1.02") == "Since, over both"
    assert text_of(tool, new, "2.01") == "Since, over nothing"
    assert [text for _, text in versions_of(tool, new, "1.02")] == [
        "New, and second",
        "Since, over both",
    ]
    # Both go on: numbers on their pages are those on record, and the newest version is the text.
    for who in (old, new):
        with time_machine.travel(clock.now() + timedelta(hours=2)):
            who.write("1.02", f"On, {who.visitor.slot}")
        newest = versions_of(tool, who, "1.02")[-1][1]
        assert newest == text_of(tool, who, "1.02") == f"On, {who.visitor.slot}"


def test_marks_without_a_text_give_way_to_a_text(tool: Tool, both: tuple[Handing, Handing]) -> None:
    old, new = both
    write_at(old, 1, "1.01", "A text")
    with tool.database.transaction() as session:
        session.add(
            Account(
                portfolio_id=new.portfolio.id, code="1.01", instrument_version="1", text="",
                words=0, version=0, changed_at=None, ticks=[0], declaration="",
                declared_at=None, left_alone=[], places=0,
            )
        )  # fmt: skip
    two = two_of(tool, both)
    before = two.rows()
    merge = two.join(new.visitor, old.visitor)
    assert text_of(tool, new, "1.01") == "A text"
    two.undo(merge)
    assert without(two.rows()) == without(before)


def test_a_second_round_finds_its_place(tool: Tool) -> None:
    """One has two rounds, both were handed in: nothing stands twice."""
    old, new = ready(tool, "old", name="Amina"), ready(tool, "new", name="")
    old.hand_in()
    new.hand_in()
    with tool.database.transaction() as session:
        session.add(
            Portfolio(
                public_id="second-round", organisation_id=old.visitor.actor.organisation_id,
                person_id=old.visitor.actor.person_id, instrument="portfolio-1", round=2,
                created_at=clock.now(),
            )
        )  # fmt: skip
        session.execute(update(Submission).values(state="recognised"))
    two = two_of(tool, (old, new))
    before = two.rows()
    merge = two.join(new.visitor, old.visitor)
    with tool.database.transaction(write=False) as session:
        rounds = session.execute(
            select(Portfolio.round)
            .where(Portfolio.person_id == new.visitor.actor.person_id)
            .order_by(Portfolio.round)
        ).scalars()
        assert list(rounds) == [1, 2, 3]
    two.undo(merge)
    assert without(two.rows()) == without(before)
