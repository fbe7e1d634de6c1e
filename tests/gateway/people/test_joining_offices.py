"""Assessors who turn out to be one human, or the very learner whom they read; and wishes."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.notifications.models import MailWish
from lti_tool.reviews.models import Assessor, Phrase, Review
from lti_tool.reviews.rules import Terms
from tests.gateway.people.two import ADMINISTRATOR, Two
from tests.portfolios.handing_in import handed_in
from tests.reviews.offices import acts, allocated, appoint, set_terms
from tests.tool import Tool


def rows(tool: Tool, wanted: Any) -> list[Any]:
    with tool.database.transaction(write=False) as session:
        return list(session.execute(wanted))


def two_of(tool: Tool, old: Any, new: Any) -> Two:
    return Two(tool, old, new, tool.sign_in("ada", roles=ADMINISTRATOR))


def add_phrase(tool: Tool, assessor_id: int, text: str) -> None:
    from lti_tool.kernel import clock
    from lti_tool.kernel.secrets import new_public_id

    with tool.database.transaction() as session:
        session.add(
            Phrase(
                public_id=new_public_id(),
                assessor_id=assessor_id,
                text=text,
                changed_at=clock.now(),
            )
        )


def test_two_appointments_become_one_and_two_again(tool: Tool) -> None:
    rosa = appoint(tool, "rosa", (1,), capacity=3)
    _, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    later = appoint(tool, "rosa-now", (2,), capacity=5, moderates=True)
    add_phrase(tool, rosa.assessor.id, "You write with care.")
    two = two_of(tool, rosa.visitor, later.visitor)
    before = two.rows()
    merge = two.join(later.visitor, rosa.visitor)
    (office,) = rows(
        tool, select(Assessor.__table__).where(Assessor.person_id == later.visitor.actor.person_id)
    )
    assert (office.levels, office.capacity, office.moderates, office.active) == (
        [1, 2],
        5,
        True,
        True,
    )
    assert rows(tool, select(Review.assessor_id)) == [(office.id,)]
    assert rows(tool, select(Phrase.assessor_id)) == [(office.id,)]
    assert later.visitor.get(f"desk/{review.public_id}").status_code == 200
    two.undo(merge)
    assert {n: r for n, r in two.rows().items() if n != "scores"} == {
        n: r for n, r in before.items() if n != "scores"
    }


def test_nobody_reads_what_turns_out_to_be_their_own(tool: Tool) -> None:
    rosa = appoint(tool, "rosa")
    handing, submission = handed_in(tool, name="Rosa's other self")
    allocated(tool, submission)
    rosa.begin(submission)
    sam = appoint(tool, "sam")
    two = two_of(tool, handing.visitor, rosa.visitor)
    merge = two.join(rosa.visitor, handing.visitor)
    states = rows(tool, select(Review.assessor_id, Review.state).order_by(Review.id))
    assert states == [(rosa.assessor.id, "handed-back"), (sam.assessor.id, "allocated")]
    assert "handed-back" in acts(tool, submission)
    two.undo(merge)
    states = rows(tool, select(Review.assessor_id, Review.state).order_by(Review.id))
    assert states == [(rosa.assessor.id, "handed-back"), (sam.assessor.id, "allocated")]


def test_one_human_does_not_read_a_portfolio_twice(tool: Tool) -> None:
    set_terms(tool, Terms(readers_1=2))
    rosa, again = appoint(tool, "rosa"), appoint(tool, "rosa-now")
    _, submission = handed_in(tool)
    assert len(allocated(tool, submission)) == 2
    sam = appoint(tool, "sam")
    two_of(tool, rosa.visitor, again.visitor).join(again.visitor, rosa.visitor)
    states = rows(tool, select(Review.assessor_id, Review.state).order_by(Review.assessor_id))
    assert sorted(states) == sorted(
        [
            (rosa.assessor.id, "handed-back"),
            (again.assessor.id, "allocated"),
            (sam.assessor.id, "allocated"),
        ]
    )


@pytest.mark.parametrize("newer", ["old", "new"])
def test_of_two_wishes_about_mail_the_newer_holds(tool: Tool, newer: str) -> None:
    old, new = tool.sign_in("old", name="Amina"), tool.sign_in("new", name="")
    first, last = (old, new) if newer == "new" else (new, old)
    first.post("notifications/e-mail", {"wanted": "yes"})
    last.post("notifications/e-mail", {"wanted": "no"})
    two = two_of(tool, old, new)
    before = two.rows()
    merge = two.join(new, old)
    wish = select(MailWish.wanted).where(MailWish.person_id == new.actor.person_id)
    assert rows(tool, wish) == [(False,)]
    two.undo(merge)
    assert two.rows()["mail_wishes"] == before["mail_wishes"]


def test_a_wish_against_mail_that_only_one_had_goes_along(tool: Tool) -> None:
    old, new = tool.sign_in("old", name="Amina"), tool.sign_in("new", name="")
    old.post("notifications/e-mail", {"wanted": "no"})
    two_of(tool, old, new).join(new, old)
    wish = select(MailWish.wanted).where(MailWish.person_id == new.actor.person_id)
    assert rows(tool, wish) == [(False,)]
