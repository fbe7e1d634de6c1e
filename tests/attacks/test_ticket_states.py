"""Logins and tickets as a machine of states: in any order of steps, nobody gets in twice or unasked."""

import re
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from lti_tool.web.sessions import COOKIE
from tests.attacks.target import Target


class Doors(RuleBasedStateMachine):
    """Browsers begin logins, launch, and go in, in any order and with each other's things."""

    target: ClassVar[Target]
    logins = Bundle("logins")
    tickets = Bundle("tickets")
    spent = Bundle("spent")

    def __init__(self) -> None:
        super().__init__()
        self.browsers = [self.target.browser() for _ in range(2)]
        self.opened = 0
        self.issued = 0
        self.before = self.target.doors()

    @rule(target=logins, who=st.booleans())
    def begin(self, who: bool) -> Any:
        return who, self.target.lms.begin(self.browsers[who])

    @rule(target=tickets, login=consumes(logins))
    def launch(self, login: Any) -> Any:
        who, asked = login
        token = self.target.lms.sign(self.target.lms.claims(asked))
        answer = self.target.lms.send(self.browsers[who], asked, token)
        assert answer.status_code == 303
        self.issued += 1
        again = self.target.lms.send(self.browsers[who], asked, token)
        assert again.status_code == 409
        return who, answer.headers["Location"]

    @rule(login=logins)
    def launch_in_the_other_browser(self, login: Any) -> None:
        who, asked = login
        other = self.browsers[not who]
        other.set_cookie("imhcf_keeps_cookies", "1", path="/lti/")
        token = self.target.lms.sign(self.target.lms.claims(asked))
        assert self.target.lms.send(other, asked, token).status_code == 403

    @rule(target=spent, ticket=consumes(tickets))
    def enter(self, ticket: Any) -> Any:
        who, way_in = ticket
        answer = self.browsers[who].get(way_in)
        assert re.match(r"/at/[\w-]+/", answer.headers["Location"])
        assert COOKIE in str(answer.headers.getlist("Set-Cookie"))
        self.opened += 1
        return ticket

    @rule(ticket=tickets)
    def enter_in_the_other_browser(self, ticket: Any) -> None:
        who, way_in = ticket
        assert self.browsers[not who].get(way_in).status_code == 403

    @rule(ticket=tickets)
    def confirm_without_having_been_asked(self, ticket: Any) -> None:
        _who, way_in = ticket
        for browser in self.browsers:
            assert browser.post(way_in, data={"proof": "x"}).status_code == 403

    @rule(ticket=spent, who=st.booleans())
    def enter_again(self, ticket: Any, who: bool) -> None:
        assert self.browsers[who].get(ticket[1]).status_code == 401

    @rule(ticket=spent)
    def look_again(self, ticket: Any) -> None:
        assert self.browsers[ticket[0]].get(f"{ticket[1]}/tab").status_code == 401

    @invariant()
    def as_many_doors_as_launches(self) -> None:
        tickets, sessions, consumed = (
            now - then for now, then in zip(self.target.doors(), self.before, strict=True)
        )
        assert tickets == consumed == self.issued
        assert sessions == self.opened


def test_no_order_of_steps_lets_anybody_in_twice_or_unasked(target: Target) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Doors.target = target
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Doors,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
        ),
    )
