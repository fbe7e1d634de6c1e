"""The desk over HTTP: the queue, a reading from begin to finish, refusals, what is hidden."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.submitting.queries import frozen_content, standing_of
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews.blind import alias_code
from lti_tool.reviews.queries import findings_of
from lti_tool.reviews.rules import Overall, ReviewState, Terms, Verdict
from tests.portfolios.handing_in import Handing, handed_in
from tests.reviews.offices import (
    Reader,
    acts,
    allocated,
    appoint,
    now,
    readings,
    set_terms,
)
from tests.tool import Tool

CODES = 12  # of Level 1


@dataclass(frozen=True)
class Desk:
    """A submission on an assessor's desk."""

    tool: Tool
    learner: Handing
    submission: SubmissionView
    reader: Reader

    @property
    def path(self) -> str:
        return f"desk/{self.reader.review(self.submission).public_id}"

    def get(self, more: str = "") -> Any:
        return self.reader.visitor.get(self.path + more)

    def post(self, more: str, **form: Any) -> Any:
        return self.reader.visitor.post(self.path + more, form)

    def keep(self, **sent: Any) -> Any:
        return self.reader.visitor.post_json(f"{self.path}/keep", sent)

    def finding(self, code: str) -> tuple[str, str, int]:
        with self.tool.database.transaction(write=False) as session:
            review = self.reader.review(self.submission)
            found = findings_of(session, review.id).get(code)
        return (found.verdict.value, found.feedback, found.version) if found else ("", "", 0)


@pytest.fixture
def desk(tool: Tool) -> Desk:
    """A submission of Amina's, given to Anna, who has not begun."""
    anna = appoint(tool, "anna", [1])
    amina, submission = handed_in(tool)
    allocated(tool, submission)
    return Desk(tool, amina, submission, anna)


@pytest.fixture
def begun(desk: Desk) -> Desk:
    assert desk.post("/begin").status_code == 303
    return desk


def test_an_empty_desk_teaches(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    page = anna.visitor.get("desk")
    assert page.status_code == 200
    assert "Nothing waits for you" in page.text


def test_the_menu_leads_assessors_to_the_desk_and_nobody_else(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    assert 'desk"' in anna.visitor.get("course").text
    ben = tool.sign_in("ben")
    assert "Review desk" not in ben.get("").text
    assert ben.get("desk").status_code == 403


def test_the_desk_opens_from_any_course(desk: Desk) -> None:
    elsewhere = desk.tool.sign_in("anna", course="another course")
    assert "Person amina" in elsewhere.get("desk").text
    assert elsewhere.get(desk.path).status_code == 200


def test_who_is_no_longer_appointed_is_kept_out(desk: Desk) -> None:
    from lti_tool.reviews.assessors.services import end_appointment
    from tests.reviews.offices import office

    path, ada = desk.path, office(desk.tool)
    with desk.tool.database.transaction() as session:
        end_appointment(session, ada.actor, desk.reader.assessor)
    for address in ("desk", path, f"{path}/evidence/1"):
        assert desk.reader.visitor.get(address).status_code == 403


def test_the_queue_says_how_old_and_until_when(desk: Desk) -> None:
    page = desk.reader.visitor.get("desk").text
    assert "Handed in today" in page
    assert "28 days left" in page
    assert "To read" in page


def test_an_overdue_one_is_marked_in_words(desk: Desk) -> None:
    set_terms(desk.tool, Terms(target_days=1))
    ben, later = handed_in(desk.tool, "ben")
    allocated(desk.tool, later)
    with desk.tool.database.transaction() as session:
        from datetime import timedelta

        from lti_tool.reviews.models import Review

        review = session.get(Review, desk.reader.review(later).id)
        assert review
        review.due_on -= timedelta(days=4)
    assert "overdue by 3 days" in desk.reader.visitor.get("desk").text
    assert ben.visitor.get("desk").status_code == 403


def test_nothing_is_shown_before_it_is_begun(desk: Desk) -> None:
    page = desk.get()
    assert "Begin reading" in page.text
    assert "What I did" not in page.text
    assert (
        desk.keep(what="finding", code="1.01", verdict="met", feedback="", version=0).status_code
        == 409
    )
    assert desk.get("/evidence/1").status_code == 409
    assert desk.post("/report", item="account:1.01", words="A name").status_code == 409
    assert now(desk.tool, desk.submission).state is State.SUBMITTED


def test_to_begin_ends_withdrawal_and_tells_the_learner(desk: Desk) -> None:
    assert desk.post("/begin").status_code == 303
    assert desk.post("/begin").status_code == 303  # a second click
    assert now(desk.tool, desk.submission).state is State.IN_REVIEW
    assert acts(desk.tool, desk.submission) == ["submitted", "allocated", "begun"]
    from lti_tool.kernel.errors import Conflict

    with pytest.raises(Conflict):
        desk.learner.withdraw(desk.submission.public_id)


def test_a_withdrawal_that_came_first_is_said(desk: Desk) -> None:
    desk.learner.withdraw(desk.submission.public_id)
    answer = desk.post("/begin")
    assert answer.status_code == 409
    assert "no longer waiting" in answer.text


def test_a_reading_shows_task_and_form_side_by_side(begun: Desk) -> None:
    page = begun.get().text
    first = begun.learner.codes[0]
    assert f"What I did for {first}" in page
    assert f'data-finding="{first}"' in page
    assert page.count("data-finding=") == 1
    everything = begun.get("?view=all").text
    assert everything.count("data-finding=") == CODES
    assert "data-conclusion" in everything
    assert "Alt" in page


def test_an_unknown_task_is_not_found(begun: Desk) -> None:
    assert begun.get("?task=9.99").status_code == 404
    assert begun.get("?task=%00").status_code == 404
    assert (
        begun.keep(what="finding", code="9.99", verdict="met", feedback="", version=0).status_code
        == 404
    )


def test_a_finding_is_saved_by_itself_and_twice_is_once(begun: Desk) -> None:
    for _ in range(2):
        answer = begun.keep(
            what="finding", code="1.01", verdict="partly", feedback=" Say more. ", version=0
        )
        assert answer.status_code == 200, answer.text
        facts = answer.get_json()
        assert (facts["version"], facts["feedback"], facts["verdict"]) == (1, "Say more.", "partly")
    assert begun.finding("1.01") == ("partly", "Say more.", 1)


def test_what_was_changed_elsewhere_is_shown_and_nothing_lost(begun: Desk) -> None:
    begun.keep(what="finding", code="1.01", verdict="met", feedback="One", version=0)
    answer = begun.keep(what="finding", code="1.01", verdict="partly", feedback="Two", version=0)
    assert answer.status_code == 409
    assert answer.get_json()["current"]["feedback"] == "One"
    page = begun.post("/finding", code="1.01", verdict="partly", feedback="Two", version="0")
    assert page.status_code == 409
    assert "One" in page.text
    assert "Two" in page.text
    assert 'name="version" value="1"' in page.text
    assert begun.finding("1.01") == ("met", "One", 1)
    again = begun.post("/finding", code="1.01", verdict="partly", feedback="Two", version="1")
    assert again.status_code == 303
    assert begun.finding("1.01") == ("partly", "Two", 2)


@pytest.mark.parametrize(
    "sent",
    [
        {"verdict": "splendid"},
        {"verdict": None},
        {"feedback": 7},
        {"version": "x"},
        {"version": None},
        {"version": 10**30},
        {"version": True},
        {"what": "elsewhere"},
        {"what": None},
        {"feedback": "x" * 10_001},
    ],
)
def test_bad_input_is_refused_in_words(begun: Desk, sent: dict[str, Any]) -> None:
    good = {"what": "finding", "code": "1.01", "verdict": "met", "feedback": "", "version": 0}
    answer = begun.keep(**(good | sent))
    assert answer.status_code in {400, 413}
    assert answer.get_json()["error"]["sentence"]
    assert begun.finding("1.01") == ("", "", 0)


def test_the_plain_form_keeps_what_was_typed_where_it_is_refused(begun: Desk) -> None:
    page = begun.post("/finding", code="1.01", verdict="splendid", feedback="My words", version="0")
    assert page.status_code == 400
    assert "My words" in page.text
    page = begun.post("/finding", code="1.01", verdict="met", feedback="x" * 10_001, version="0")
    assert page.status_code == 413
    assert "10,000 characters" in page.text


def test_a_nul_byte_is_left_out(begun: Desk) -> None:
    answer = begun.keep(what="finding", code="1.01", verdict="met", feedback="a\0b", version=0)
    assert answer.get_json()["feedback"] == "ab"
    assert begun.reader.visitor.get(f"{begun.path}%00").status_code == 404


def test_save_and_go_on_leads_to_the_next(begun: Desk) -> None:
    first, second, *_ = begun.learner.codes
    answer = begun.post(
        "/finding", code=first, verdict="met", feedback="", version="0", next=second
    )
    assert answer.status_code == 303
    assert answer.location.endswith(f"task={second}")
    page = begun.reader.visitor.client.get(answer.location).text
    assert f'data-finding="{second}"' in page


def test_the_verdict_as_a_whole_saves_and_suggests(begun: Desk) -> None:
    for code in begun.learner.codes:
        begun.keep(what="finding", code=code, verdict="met", feedback="", version=0)
    page = begun.get("?step=conclusion").text
    assert "Your verdicts suggest: Recognised" in page
    answer = begun.keep(what="conclusion", verdict="recognised", summary="Well done.", version=0)
    assert answer.get_json()["version"] == 1
    clash = begun.keep(what="conclusion", verdict="not-recognised", summary="No", version=0)
    assert clash.status_code == 409
    assert clash.get_json()["current"]["summary"] == "Well done."
    page = begun.post("/conclusion", verdict="more-evidence", summary="Other", version="0")
    assert page.status_code == 409
    assert "Well done." in page.text
    assert "Other" in page.text
    assert begun.post("/conclusion", verdict="", summary="Other", version="1").status_code == 303


def test_to_finish_lists_what_is_missing_with_links(begun: Desk) -> None:
    code, other, *rest = begun.learner.codes
    for one in rest:
        begun.keep(what="finding", code=one, verdict="met", feedback="", version=0)
    begun.keep(what="finding", code=other, verdict="not-yet", feedback="", version=0)
    page = begun.post("/finish")
    assert page.status_code == 409
    assert f"{code} needs a verdict" in page.text
    assert f"{other} needs feedback" in page.text
    assert "The portfolio as a whole needs a verdict" in page.text
    assert re.search(rf'href="[^"]*task={re.escape(code)}"', page.text)
    assert begun.reader.review(begun.submission).state is ReviewState.BEGUN


def test_what_contradicts_itself_cannot_be_finished(begun: Desk) -> None:
    code, *rest = begun.learner.codes
    for one in rest:
        begun.keep(what="finding", code=one, verdict="met", feedback="", version=0)
    begun.keep(what="finding", code=code, verdict="partly", feedback="More.", version=0)
    begun.keep(what="conclusion", verdict="recognised", summary="", version=0)
    assert "Recognition needs every competency met" in begun.post("/finish").text
    begun.keep(what="conclusion", verdict="not-recognised", summary="", version=1)
    assert "Write a summary" in begun.post("/finish").text
    begun.keep(what="finding", code=code, verdict="met", feedback="More.", version=1)
    begun.keep(what="conclusion", verdict="more-evidence", summary="", version=2)
    assert "Every competency is met" in begun.post("/finish").text


def test_a_finished_reading_is_closed_until_one_thinks_again(begun: Desk) -> None:
    for code in begun.learner.codes:
        begun.keep(what="finding", code=code, verdict="met", feedback="", version=0)
    begun.keep(what="conclusion", verdict="recognised", summary="", version=0)
    assert begun.post("/finish").status_code == 303
    assert begun.post("/finish").status_code == 409
    refused = begun.keep(what="finding", code="1.01", verdict="partly", feedback="Hm", version=1)
    assert refused.status_code == 409
    assert "current" not in refused.get_json()
    assert "data-finding" not in begun.get().text
    assert begun.post("/think-again").status_code == 303
    assert (
        begun.keep(
            what="finding", code="1.01", verdict="partly", feedback="Hm", version=1
        ).status_code
        == 200
    )
    assert acts(begun.tool, begun.submission)[-2:] == ["done", "thought-again"]


def test_notes_are_private_and_can_be_written_when_done(begun: Desk) -> None:
    kept = begun.keep(what="notes", notes="Ask her about the visit.", version=0)
    assert kept.get_json()["version"] == 1
    clash = begun.keep(what="notes", notes="Other", version=0)
    assert clash.get_json()["current"]["notes"] == "Ask her about the visit."
    assert begun.post("/notes", code="1.01", notes="Mine", version="0").status_code == 409
    saved = begun.post("/notes", code="1.01", notes="Mine", version="1")
    assert saved.status_code == 303
    assert "Mine" in begun.get().text


def test_phrases_are_added_put_in_changed_removed_and_had_back(begun: Desk) -> None:
    who = begun.reader.visitor
    assert who.post("desk/phrases", {"text": " "}).status_code == 400
    assert who.post("desk/phrases", {"text": "x" * 1001}).status_code == 413
    for _ in range(2):
        assert who.post("desk/phrases", {"text": "Say what came of it."}).status_code == 303
    page = who.get("desk/phrases").text
    (phrase,) = set(re.findall(r"desk/phrases/([\w-]+)\"", page))
    begun.keep(what="finding", code="1.01", verdict="partly", feedback="Good.", version=0)
    put_in = begun.post(
        "/finding", code="1.01", verdict="partly", feedback="Good.", version="1", phrase=phrase
    )
    assert put_in.status_code == 303
    assert begun.finding("1.01") == ("partly", "Good.\n\nSay what came of it.", 2)
    assert who.post(f"desk/phrases/{phrase}", {"text": "Changed."}).status_code == 303
    removed = who.post(f"desk/phrases/{phrase}", {"text": "", "remove": "1"})
    assert "Undo" in removed.text
    assert who.post("desk/phrases", {"text": "Changed.", "back": "1"}).status_code == 303
    assert "Changed." in who.get("desk/phrases").text
    assert who.post("desk/phrases/nobodys", {"text": "Mine"}).status_code == 404
    kept = who.post_json(f"{begun.path}/keep-phrase", {"text": "From the page."})
    assert kept.get_json() == {"text": "From the page."}
    assert who.post_json(f"{begun.path}/keep-phrase", {"text": 3}).status_code == 400


def test_nobody_has_another_assessors_phrases_or_readings(begun: Desk) -> None:
    bert = appoint(begun.tool, "bert", [1])
    begun.reader.visitor.post("desk/phrases", {"text": "Anna's own."})
    (phrase,) = set(
        re.findall(r"desk/phrases/([\w-]+)\"", begun.reader.visitor.get("desk/phrases").text)
    )
    assert bert.visitor.post(f"desk/phrases/{phrase}", {"text": "Mine"}).status_code == 404
    for more in ("", "?view=all", "/evidence/1", "/evidence/1/preview", "/hand-back", "/decision"):
        assert bert.visitor.get(begun.path + more).status_code == 404, more
    for more in (
        "/begin",
        "/finding",
        "/conclusion",
        "/notes",
        "/finish",
        "/think-again",
        "/report",
        "/hand-back",
    ):
        form = {"code": "1.01", "verdict": "met", "feedback": "", "version": "0", "reason": "No"}
        assert bert.visitor.post(begun.path + more, form).status_code == 404, more
    assert bert.visitor.post_json(f"{begun.path}/keep", {}).status_code == 404


def test_handing_back_wants_a_reason_and_goes_to_the_next(begun: Desk) -> None:
    path = begun.path
    bert = appoint(begun.tool, "bert", [1])
    assert begun.get("/hand-back").status_code == 200
    assert begun.post("/hand-back", reason=" ").status_code == 400
    assert begun.post("/hand-back", reason="x" * 2001).status_code == 413
    answer = begun.post("/hand-back", reason="She is a friend.")
    assert answer.status_code == 303
    assert begun.reader.visitor.get(path).status_code == 404
    (review,) = readings(begun.tool, begun.submission)
    assert review.assessor_id == bert.assessor.id


def test_two_readers_see_nothing_of_each_other_before_both_are_done(tool: Tool) -> None:
    """At every address that either has: pages, keeping, files, and the decision."""
    set_terms(tool, Terms(readers_1=2))
    anna, bert = appoint(tool, "anna", [1]), appoint(tool, "bert", [1])
    _amina, submission = handed_in(tool)
    allocated(tool, submission)
    anna.begin(submission)
    anna.find(submission, "1.01", Verdict.PARTLY, "Annas words alone")
    anna.conclude(submission, Overall.MORE_EVIDENCE, "Annas summary alone")
    bert.begin(submission)
    theirs = Desk(tool, _amina, submission, bert)
    seen = [
        theirs.get(more).text
        for more in ("", "?view=all", "?step=conclusion", "/decision", "/hand-back")
    ]
    seen.append(bert.visitor.get("desk").text)
    seen.append(theirs.post("/finish").text)
    seen += [
        theirs.post(more, seen="", words="theirs").text
        for more in ("/decision", "/decision/moderator")
    ]
    assert not [page for page in seen if "Annas" in page or "Person anna" in page]
    anna.find(submission, "1.01", Verdict.MET)
    for code in [c for c in _amina.codes if c != "1.01"]:
        anna.find(submission, code, Verdict.MET, "Annas praise")
    anna.conclude(submission, Overall.RECOGNISED, "Annas summary alone")
    anna.finish(submission)
    seen = [theirs.get(more).text for more in ("", "?view=all", "?step=conclusion", "/decision")]
    seen.append(bert.visitor.get("desk").text)
    assert not [page for page in seen if "Annas" in page or "Person anna" in page]
    waiting = anna.visitor.get("desk").text
    assert "Waiting for the other reader" in waiting
    for code in _amina.codes:
        bert.find(submission, code, Verdict.MET, "Berts words")
    bert.conclude(submission, Overall.RECOGNISED, "Berts summary")
    bert.finish(submission)
    assert "To agree or release" in bert.visitor.get("desk").text
    assert "Annas summary alone" in theirs.get("/decision").text


def test_a_blind_review_names_nobody(tool: Tool) -> None:
    set_terms(tool, Terms(blind=True))
    anna = appoint(tool, "anna", [1])
    amina, submission = handed_in(tool, name="Amina Khan")
    allocated(tool, submission)
    mine = Desk(tool, amina, submission, anna)
    code = alias_code(submission.organisation_id, submission.portfolio_id)
    for page in (anna.visitor.get("desk"), mine.get(), mine.get("/hand-back")):
        assert f"Learner {code}" in page.text
        assert "Amina" not in page.text
    mine.post("/begin")
    for more in ("", "?view=all", "?step=conclusion", "/decision"):
        page = mine.get(more)
        assert page.status_code == 200
        assert "Amina" not in page.text, more


def test_a_report_hides_at_once_and_is_in_the_log(begun: Desk) -> None:
    first = begun.learner.codes[0]
    assert f"What I did for {first}" in begun.get().text
    assert begun.post("/report", item=f"account:{first}", words=" ", code=first).status_code == 400
    assert begun.post("/report", item="nonsense", words="A name", code=first).status_code == 400
    answer = begun.post("/report", item=f"account:{first}", words="A name, line one", code=first)
    assert answer.status_code == 303
    page = begun.get(f"?task={first}").text
    assert f"What I did for {first}" not in page
    assert "hidden until that is settled" in page
    assert acts(begun.tool, begun.submission)[-1] == "case-opened"
    with begun.tool.database.transaction(write=False) as session:
        assert session.query(ConfidentialityCase).count() == 1


def test_a_resubmission_marks_what_was_accepted_and_what_changed(tool: Tool) -> None:
    from lti_tool.reviews.outcomes import releasing
    from lti_tool.reviews.outcomes.matters import matter_of, seal_of
    from lti_tool.reviews.outcomes.rules import Whose

    anna = appoint(tool, "anna", [1])
    amina, first = handed_in(tool)
    allocated(tool, first)
    code, other, *_ = amina.codes
    anna.read(first, {code: Verdict.NOT_YET})
    with tool.database.transaction() as session:
        review = anna.review(first)
        seen = seal_of(matter_of(session, now(tool, first)).comes_to(review, Whose.BOTH))
        releasing.release(session, anna.assessor, review, seen=seen, whose=Whose.BOTH)
    assert "Released" in anna.visitor.get("desk").text
    amina.write(code, "Now with what came of it in the end.")
    second = amina.hand_in()
    allocated(tool, second)
    mine = Desk(tool, amina, second, anna)
    mine.post("/begin")
    page = mine.get().text
    assert f'data-finding="{code}"' in page  # where one goes on
    assert "What changed since submission 1" in page
    accepted = mine.get(f"?task={other}").text
    assert "Accepted in submission 1" in accepted
    assert "data-finding" not in accepted
    refused = mine.keep(what="finding", code=other, verdict="not-yet", feedback="No", version=0)
    assert refused.status_code == 404
    mine.keep(what="finding", code=code, verdict="met", feedback="", version=0)
    mine.keep(what="conclusion", verdict="recognised", summary="", version=0)
    assert mine.post("/finish").status_code == 303
    with tool.database.transaction(write=False) as session:
        assert standing_of(session, amina.portfolio.id).submission
        assert frozen_content(session, second)


def test_ones_own_conflicts_are_declared_and_taken_back(desk: Desk) -> None:
    who = desk.reader.visitor
    assert "Give two letters" in who.get("desk/conflicts?name=a").text
    page = who.get("desk/conflicts?name=amin").text
    assert "Person amina" in page
    (person,) = set(re.findall(r"person=([\w-]+)\"", page))
    assert "Conflict with Person amina" in who.get(f"desk/conflicts?person={person}").text
    assert who.post("desk/conflicts", {"person": person, "reason": ""}).status_code == 400
    assert who.post("desk/conflicts", {"person": "nobody", "reason": "x"}).status_code == 404
    assert who.post("desk/conflicts", {"person": person, "reason": "My cousin"}).status_code == 303
    page = who.get("desk/conflicts").text
    assert "My cousin" in page
    assert "Nothing waits for you" in who.get("desk").text
    (conflict,) = set(re.findall(r"conflicts/([\w-]+)/withdraw", page))
    assert who.post("desk/conflicts/other/withdraw", {}).status_code == 404
    assert who.post(f"desk/conflicts/{conflict}/withdraw", {}).status_code == 303
    assert "My cousin" not in who.get("desk/conflicts").text
