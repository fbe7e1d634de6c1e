"""Statements of witnesses: a link for one task, their own words, and what a learner can do."""

import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.kernel import clock
from lti_tool.kernel.secrets import digest
from lti_tool.notifications.models import Notification
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.statements.queries import statements_of_portfolio
from lti_tool.portfolios.statements.rules import LONGEST_STATEMENT, MOST_OF_A_TASK, UNDO_FOR
from lti_tool.portfolios.statements.services import purge_statements
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.portfolios.handing_in import begun, handed_in, ready
from tests.portfolios.witnessing import (
    SAID,
    Witness,
    in_days,
    invite,
    link_in,
    names_in,
    text_of,
    value_of,
    witness,
)
from tests.tool import TUTOR, Tool

PAGE = "task/1.01/statements"


def rows(tool: Tool) -> list[WitnessStatement]:
    with tool.database.transaction(write=False) as session:
        found = session.execute(select(WitnessStatement).order_by(WitnessStatement.id)).scalars()
        return list(found)


def told(tool: Tool) -> list[Notification]:
    with tool.database.transaction(write=False) as session:
        return list(session.execute(select(Notification)).scalars())


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    now = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: now)


def test_a_witness_is_asked_reads_and_says_something_and_the_learner_reads_it(tool: Tool) -> None:
    amina = begun(tool)
    amina.write("1.01", "I **waited** with a mother.")
    gethin = witness(tool, amina, ask="The visit in spring, please.")
    assert "Waiting: the link was not opened yet" in amina.visitor.get(f"{amina.path}/{PAGE}").text
    page = gethin.get()
    said = text_of(page)
    assert page.status_code == 200
    for words in (
        "Person amina asks you for a statement",
        "Willow Training",
        "The visit in spring, please.",
        amina.asked.by_code["1.01"].topic,
        "name no child",
    ):
        assert words in said, words
    assert "I <strong>waited</strong> with a mother." in page.text
    assert "Opened, nothing written yet" in text_of(amina.visitor.get(f"{amina.path}/{PAGE}"))
    answer = gethin.give(account_version=value_of(page, "account_version"))
    assert (answer.status_code, answer.location) == (303, gethin.link)
    thanks = text_of(gethin.get())
    assert "Thank you" in thanks
    assert SAID["text"] in thanks
    mine = text_of(amina.visitor.get(f"{amina.path}/{PAGE}"))
    assert SAID["text"] in mine
    assert "Gethin Rees, supervisor" in mine
    (row,) = rows(tool)
    assert (row.account_version, row.words) == (1, 14)
    (news,) = told(tool)
    assert (news.kind, news.endpoint, news.placement_id) == (
        "statement-given",
        "statements.of_task",
        amina.visitor.placement_id,
    )
    assert news.params["code"] == "1.01"
    assert SAID["text"] not in str(news.params)
    with tool.database.transaction(write=False) as session:
        found = statements_of_portfolio(session, amina.portfolio.id)
    assert [one.text for one in found["1.01"]] == [SAID["text"]]
    assert SAID["text"] in text_of(amina.visitor.get(f"{amina.path}/task/1.01"))


def test_the_link_is_shown_once_and_stored_nowhere(tool: Tool) -> None:
    amina = begun(tool)
    answer = invite(amina, once="a-form-that-comes-twice")
    link = link_in(answer)
    token = link.rpartition("/")[2]
    (row,) = rows(tool)
    assert row.token_digest == digest(token)
    assert token not in str(vars(row))
    assert "mailto:?subject=" in answer.text
    assert token not in amina.visitor.get(f"{amina.path}/{PAGE}").text
    again = invite(amina, once="a-form-that-comes-twice")
    assert (again.status_code, again.location.partition("?")[2]) == (303, "done=again")
    assert len(rows(tool)) == 1
    assert "sent already" in amina.visitor.get(f"{amina.path}/{PAGE}?done=again").text


def test_headers_of_the_public_page_keep_the_address_to_itself(tool: Tool) -> None:
    gethin = witness(tool, begun(tool))
    for answer in (
        gethin.get(),
        gethin.give(),
        gethin.give(text=""),
        gethin.client.get("/statement/x"),
    ):
        headers = answer.headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers


def test_a_page_without_the_account_shows_none_of_it(tool: Tool) -> None:
    amina = begun(tool)
    amina.write("1.01", "Something for my assessors.")
    gethin = witness(tool, amina, shows_account="")
    assert "Something for my assessors." not in gethin.get().text
    assert gethin.give(account_version="1").status_code == 303
    assert rows(tool)[0].account_version == 0


@pytest.mark.parametrize("version", ["7", "-1", "x", "9" * 30, "", "\0"])
def test_no_version_is_noted_that_there_is_not(tool: Tool, version: str) -> None:
    amina = begun(tool)
    amina.write("1.01", "Something.")
    assert witness(tool, amina).give(account_version=version).status_code == 303
    assert rows(tool)[0].account_version in {0, 1}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": " "}, "Give your name"),
        ({"role": ""}, "in what role"),
        ({"text": "\0 "}, "Write what you can say"),
        ({"confirmed": ""}, "your own words"),
        ({"name": "x" * 201}, "200 characters"),
        ({"text": "word " * (LONGEST_STATEMENT // 5 + 1)}, "10,000 characters"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    tool: Tool, form: dict[str, str], sentence: str
) -> None:
    gethin = witness(tool, begun(tool))
    answer = gethin.give(**form)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    for name in {"name", "role", "text"} - form.keys():
        assert SAID[name] in answer.text
    assert rows(tool)[0].confirmed_at is None


def test_an_empty_post_is_answered_in_words(tool: Tool) -> None:
    gethin = witness(tool, begun(tool))
    assert gethin.client.post(gethin.link).status_code == 400
    assert gethin.client.post(gethin.link, json={"text": 1}).status_code == 400


def test_places_by_which_somebody_could_be_known_are_shown_and_left_to_the_witness(
    tool: Tool,
) -> None:
    gethin = witness(tool, begun(tool))
    told_of = "She rang 07700 900123 and Amina called back. Amina always does."
    answer = gethin.give(text=told_of)
    assert answer.status_code == 400
    assert "1 place to look at" in text_of(answer)  # and not the name of who asks
    assert "07700 900123" in answer.text
    assert rows(tool)[0].confirmed_at is None
    seen = value_of(answer, "places")
    more = told_of + " Her postcode is M1 1AE."
    assert gethin.give(text=more, places=seen).status_code == 400
    assert gethin.give(text=told_of, places=seen).status_code == 303
    assert rows(tool)[0].text == told_of


def test_a_statement_can_be_corrected_until_it_ends(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = begun(tool)
    gethin = witness(tool, amina)
    gethin.give()
    form = gethin.get("?correct=1")
    assert SAID["text"] in form.text
    assert gethin.give(text="On second thoughts: very good.").status_code == 303
    assert rows(tool)[0].text == "On second thoughts: very good."
    assert len(told(tool)) == 1
    later(monkeypatch, timedelta(days=30))
    assert gethin.get().status_code == 404
    late = gethin.give(text="Too late, and still here to copy.")
    assert late.status_code == 404
    assert "Too late, and still here to copy." in late.text
    assert rows(tool)[0].text == "On second thoughts: very good."


def test_links_that_lead_nowhere_say_the_same(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = begun(tool)
    ended, withdrawn, removed = (witness(tool, amina) for _ in range(3))
    third, second, _first = names_in(amina.visitor.get(f"{amina.path}/{PAGE}"))
    amina.visitor.post(f"{amina.path}/{PAGE}/{second}/withdraw", {})
    amina.visitor.post(f"{amina.path}/{PAGE}/{third}/remove", {})
    unknown = Witness(ended.client, "/statement/" + "x" * 43)
    closed = [withdrawn, removed, unknown, Witness(ended.client, "/statement/%00%F0")]
    pages = [re.sub(r"statement-closed-\w+", "", one.get().text) for one in closed]
    later(monkeypatch, timedelta(days=29))
    pages.append(re.sub(r"statement-closed-\w+", "", ended.get().text))
    assert len(set(pages)) == 1
    assert "There is nothing at this link." in pages[0]


def test_words_are_not_echoed_at_a_link_that_never_was(tool: Tool) -> None:
    nobody = Witness(tool.app.test_client(), "/statement/" + "x" * 43)
    answer = nobody.give(text="Buy here")
    assert answer.status_code == 404
    assert "Buy here" not in answer.text


def test_what_another_site_sends_is_refused(tool: Tool) -> None:
    gethin = witness(tool, begun(tool))
    answer = gethin.client.post(gethin.link, data=SAID, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 404
    assert rows(tool)[0].confirmed_at is None


def test_too_many_requests_lose_nothing_that_was_typed(tool: Tool) -> None:
    gethin = witness(tool, begun(tool))
    answers = [gethin.give(text="") for _ in range(61)]
    assert answers[-1].status_code == 429
    last = gethin.give(text="Typed with care.")
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) <= 60
    assert "Typed with care." in last.text


def test_nothing_is_taken_in_while_the_portfolio_is_handed_in(tool: Tool) -> None:
    amina = ready(tool)
    gethin, late = witness(tool, amina), witness(tool, amina)
    gethin.give()
    submission = amina.hand_in()
    (frozen,) = (one for one in amina.frozen(submission.id).tasks if one.code == "1.01")
    assert [one["text"] for one in frozen.statements] == [SAID["text"]]
    for one in (gethin, late):
        answer = one.give(text="Something else.")
        assert answer.status_code == 409
        assert "Something else." in answer.text
    assert "cannot be changed now" in text_of(gethin.get())
    assert "has been handed in" in text_of(late.get())
    assert "Correct it" not in gethin.get().text
    amina.withdraw(submission.public_id)
    assert gethin.give(text="Something else.").status_code == 303
    assert amina.frozen(submission.id).tasks[0].statements[0]["text"] == SAID["text"]


def test_nobody_is_asked_while_the_portfolio_is_handed_in(tool: Tool) -> None:
    amina = ready(tool)
    gethin = witness(tool, amina)
    gethin.give()
    (name,) = names_in(amina.visitor.get(f"{amina.path}/{PAGE}"))
    submission = amina.hand_in()
    seen = rows(tool)[0].invited_at.isoformat()
    form = {"ends_on": in_days(5), "seen": seen}
    answers = [
        invite(amina, ask="Please, dear."),
        amina.visitor.post(f"{amina.path}/{PAGE}/{name}/renew", form),
        amina.visitor.post(f"{amina.path}/{PAGE}/{name}/remove", {}),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert "handed in" in text_of(answer)
    assert "Whom do you ask?" not in amina.visitor.get(f"{amina.path}/{PAGE}").text
    # Who may read what is decided at any time.
    assert amina.visitor.post(f"{amina.path}/{PAGE}/{name}/withdraw", {}).status_code == 303
    assert gethin.get().status_code == 404
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert return_for_more(session, submission.id, ["1.01"])
    assert invite(amina).status_code == 200
    assert invite(amina, code="1.02").status_code == 409


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"invited_name": " \0 "}, "Say whom you invite"),
        ({"invited_name": "x" * 201}, "200 characters"),
        ({"ask": "x" * 1001}, "1,000 characters"),
        ({"ends_on": "soon"}, "year, month and day"),
        ({"ends_on": "99999-01-01"}, "year, month and day"),
        ({"ends_on": "2020-01-01"}, "in the past"),
        ({"ends_on": in_days(367)}, "a year at most"),
    ],
)
def test_an_invitation_that_cannot_be_is_said_and_stays_in_the_form(
    tool: Tool, form: dict[str, str], sentence: str
) -> None:
    amina = begun(tool)
    answer = invite(amina, **({"ask": "Please say more."} | form))
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    if "ask" not in form:
        assert "Please say more." in answer.text
    assert not rows(tool)


def test_there_is_a_most_of_invitations_for_a_task(tool: Tool) -> None:
    amina = begun(tool)
    for _ in range(MOST_OF_A_TASK):
        assert invite(amina).status_code == 200
    answer = invite(amina, ask="One more, please.")
    assert answer.status_code == 409
    assert "One more, please." in answer.text
    assert invite(amina, code="1.02").status_code == 200


def test_a_new_link_replaces_the_old_one_once(tool: Tool) -> None:
    amina = begun(tool)
    old = witness(tool, amina)
    old.give()
    (row,) = rows(tool)
    path = f"{amina.path}/{PAGE}/{row.public_id}/renew"
    form = {"ends_on": in_days(3), "seen": row.invited_at.isoformat()}
    assert amina.visitor.post(path, form | {"ends_on": "soon"}).status_code == 400
    new = Witness(old.client, link_in(amina.visitor.post(path, form)))
    assert old.get().status_code == 404
    assert SAID["text"] in new.get().text  # what was given stays
    again = amina.visitor.post(path, form)
    assert (again.status_code, again.location.partition("?")[2]) == (303, "done=again")
    assert new.get().status_code == 200


def test_what_is_left_out_can_be_had_back_and_goes_in_the_end(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = begun(tool)
    gethin = witness(tool, amina)
    gethin.give()
    (name,) = names_in(amina.visitor.get(f"{amina.path}/{PAGE}"))
    gone = amina.visitor.post(f"{amina.path}/{PAGE}/{name}/remove", {})
    page = amina.visitor.get(f"{amina.path}/{PAGE}?{gone.location.partition('?')[2]}")
    assert SAID["text"] not in page.text
    assert f"{name}/restore" in page.text
    with tool.database.transaction(write=False) as session:
        assert not statements_of_portfolio(session, amina.portfolio.id)
    assert (
        amina.visitor.post(f"{amina.path}/{PAGE}/{name}/renew", {"ends_on": in_days(3)}).status_code
        == 404
    )
    assert amina.visitor.post(f"{amina.path}/{PAGE}/{name}/restore", {}).status_code == 303
    assert SAID["text"] in amina.visitor.get(f"{amina.path}/{PAGE}").text
    assert gethin.get().status_code == 200
    amina.visitor.post(f"{amina.path}/{PAGE}/{name}/remove", {})
    with tool.database.transaction() as session:
        assert purge_statements(session) == 0
    later(monkeypatch, UNDO_FOR + timedelta(minutes=1))
    with tool.database.transaction() as session:
        assert purge_statements(session) == 1
    assert not rows(tool)


def test_what_may_be_in_a_submission_is_kept(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = ready(tool)
    witness(tool, amina).give()
    submission = amina.hand_in()
    amina.withdraw(submission.public_id)
    (name,) = names_in(amina.visitor.get(f"{amina.path}/{PAGE}"))
    assert amina.visitor.post(f"{amina.path}/{PAGE}/{name}/remove", {}).status_code == 303
    later(monkeypatch, UNDO_FOR + timedelta(minutes=1))
    with tool.database.transaction() as session:
        assert purge_statements(session) == 0


def test_nobody_else_reaches_an_invitation(tool: Tool) -> None:
    amina = begun(tool)
    witness(tool, amina)
    (name,) = names_in(amina.visitor.get(f"{amina.path}/{PAGE}"))
    others = {
        "classmate": tool.sign_in("ben"),
        "elsewhere": tool.sign_in("olga", organisation="Other"),
    }
    paths = ["", f"/{name}/renew", f"/{name}/withdraw", f"/{name}/remove", f"/{name}/restore"]
    for who in others.values():
        for path in paths:
            answer = who.post(f"{amina.path}/{PAGE}{path}", {"ends_on": in_days(3)})
            assert answer.status_code == 404, path
        assert who.get(f"{amina.path}/{PAGE}").status_code == 404
    tara = tool.sign_in("tara", roles=TUTOR)
    assert tara.get(f"{amina.path}/{PAGE}").status_code == 403
    # Nor do another task or another portfolio of the same person.
    assert (
        amina.visitor.post(f"{amina.path}/task/1.02/statements/{name}/remove", {}).status_code
        == 404
    )
    assert amina.visitor.get(f"{amina.path}/task/9.99/statements").status_code == 404
    assert rows(tool)[0].removed_at is None


def test_an_early_look_of_a_program_opens_nothing(tool: Tool) -> None:
    gethin = witness(tool, begun(tool))
    gethin.get(headers={"Sec-Purpose": "prefetch", "Accept": "text/html"})
    gethin.client.head(gethin.link)
    assert rows(tool)[0].opened_at is None
    gethin.get()
    assert rows(tool)[0].opened_at is not None


def test_a_witness_and_a_hand_in_at_once_leave_one_order(tool: Tool) -> None:
    """Whichever comes first: what was said is frozen, or was refused with its words."""
    amina = ready(tool)
    gethin = witness(tool, amina)
    answers: dict[str, Any] = {}
    gate = Barrier(2)

    def say() -> None:
        gate.wait()
        answers["said"] = gethin.give().status_code

    def hand_in() -> None:
        gate.wait()
        answers["handed_in"] = amina.hand_in()

    both = [Thread(target=say), Thread(target=hand_in)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    frozen = amina.frozen(answers["handed_in"].id).tasks[0].statements
    assert (answers["said"], len(frozen)) in {(303, 1), (409, 0)}


def test_a_lapsed_invitation_shows_as_ended(tool: Tool) -> None:
    amina = begun(tool)
    witness(tool, amina)
    with tool.database.transaction() as session:
        session.execute(update(WitnessStatement).values(ends_at=clock.now() - timedelta(seconds=1)))
    page = text_of(amina.visitor.get(f"{amina.path}/{PAGE}"))
    assert "Ended without an answer" in page
    assert "The link leads nowhere any more." in page


def test_the_page_of_a_task_that_was_handed_in_says_so(tool: Tool) -> None:
    amina, _submission = handed_in(tool)
    assert "nobody can be asked for it now" in amina.visitor.get(f"{amina.path}/{PAGE}").text
