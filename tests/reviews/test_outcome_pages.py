"""The learner's page of an outcome: what it says, answers, appeal; nothing typed is lost."""

import re

from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews.outcomes.queries import answers_of, outcomes_of, outcomes_of_people
from lti_tool.reviews.outcomes.rules import Answer
from lti_tool.reviews.rules import Overall
from tests.portfolios.handing_in import Handing, handed_in
from tests.reviews.deciding import NOT_YET, PARTLY, appeal, let_go, released_by_one, told, work
from tests.reviews.offices import acts, allocated, appoint, now
from tests.tool import Tool


def path(handing: Handing, submission: SubmissionView) -> str:
    return f"{handing.path}/submissions/{submission.public_id}/outcome"


def said(handing: Handing, submission: SubmissionView) -> str:
    page = handing.visitor.get(path(handing, submission))
    assert page.status_code == 200, page.text
    return re.sub(r"\s+", " ", page.text)


def kept(tool: Tool, submission: SubmissionView) -> dict[str, Answer]:
    with tool.database.transaction(write=False) as session:
        return dict(answers_of(session, outcomes_of(session, submission.id)[-1].id))


def test_more_evidence_says_what_stays_what_is_open_and_until_when_to_appeal(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY, "2.02": NOT_YET})
    page = said(handing, submission)
    for text in ("More evidence is wanted", "10 of 12 competencies met", "2 tasks are open again",
                 f'{handing.path}/task/1.01"', f'{handing.path}/task/2.02"', "Partly met",
                 "Not yet met", "More 1.01.", "You write with care.", "What I did for 1.01",
                 "You can appeal once, until"):  # fmt: skip
        assert text in page, text


def test_recognition_leads_to_the_register(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool)
    page = said(handing, submission)
    assert "You are recognised at Level 1" in page
    assert "Your entry on the Recognition Register is being made" in page
    assert "Appeal against" not in page
    work(tool)
    assert "You are on the Recognition Register" in said(handing, submission)


def test_not_recognised_is_said_kindly_with_a_way_on(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": NOT_YET}, Overall.NOT_RECOGNISED)
    page = said(handing, submission)
    assert "Not recognised this time" in page
    assert "all tasks are open again" in page


def test_the_first_look_is_noted_and_the_assessor_sees_that(tool: Tool) -> None:
    handing, submission, rosa = released_by_one(tool)
    desk = f"desk/{rosa.review(submission).public_id}/decision"
    assert "The learner has not seen it yet." in rosa.visitor.get(desk).text
    said(handing, submission)
    with tool.database.transaction(write=False) as session:
        first = outcomes_of(session, submission.id)[0].seen_at
    assert first
    said(handing, submission)
    with tool.database.transaction(write=False) as session:
        assert outcomes_of(session, submission.id)[0].seen_at == first
    assert "The learner first saw it" in rosa.visitor.get(desk).text


def test_before_the_release_there_is_no_page(tool: Tool) -> None:
    handing, submission = handed_in(tool)
    answer = handing.visitor.get(path(handing, submission))
    assert answer.status_code == 404
    assert "There is no outcome of this submission yet" in answer.text
    form = {"code": "1.01", "text": "x", "version": "0"}
    assert handing.visitor.post(f"{path(handing, submission)}/answers", form).status_code == 404


def test_an_answer_is_saved_by_the_plain_form_and_assessors_see_it(tool: Tool) -> None:
    handing, submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    form = {"code": "1.01", "text": "I had not thought of that.", "version": "0"}
    answer = handing.visitor.post(f"{path(handing, submission)}/answers", form)
    assert answer.status_code == 303
    assert "Your answer is saved" in handing.visitor.client.get(answer.location).text
    desk = rosa.visitor.get(f"desk/{rosa.review(submission).public_id}/decision").text
    assert "I had not thought of that." in desk
    assert told(tool, rosa.visitor)[-1] == "answer-given"
    assert acts(tool, submission)[-1] == "answered"


def test_answers_save_themselves_and_are_told_once(tool: Tool) -> None:
    handing, submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    where = f"{path(handing, submission)}/answers"
    first = handing.visitor.post_json(where, {"code": "summary", "text": "Than", "version": 0})
    assert first.status_code == 200
    assert first.get_json()["version"] == 1
    second = {"code": "summary", "text": "Thank you.", "version": 1}
    assert handing.visitor.post_json(where, second).get_json()["version"] == 2
    third = {"code": "1.01", "text": "Yes.", "version": 0}
    assert handing.visitor.post_json(where, third).status_code == 200
    assert kept(tool, submission) == {"": Answer("Thank you.", 2), "1.01": Answer("Yes.", 1)}
    assert told(tool, rosa.visitor).count("answer-given") == 1
    assert acts(tool, submission).count("answered") == 2


def test_an_answer_changed_elsewhere_is_not_written_over(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    where = f"{path(handing, submission)}/answers"
    handing.visitor.post_json(where, {"code": "1.01", "text": "From a phone.", "version": 0})
    late = handing.visitor.post_json(where, {"code": "1.01", "text": "Mine.", "version": 0})
    assert late.status_code == 409
    assert late.get_json()["current"] == {"text": "From a phone.", "version": 1}
    form = {"code": "1.01", "text": "Mine.", "version": "0"}
    page = handing.visitor.post(where, form)
    assert page.status_code == 409
    assert "Mine." in page.text
    assert "From a phone." in page.text
    assert kept(tool, submission)["1.01"].text == "From a phone."
    # The same text again, as after an answer that was not heard, is no conflict.
    same = {"code": "1.01", "text": "From a phone.", "version": 0}
    assert handing.visitor.post_json(where, same).status_code == 200


def test_an_answer_that_cannot_be_kept_comes_back_as_typed(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    where = f"{path(handing, submission)}/answers"
    long = "long " * 3000
    page = handing.visitor.post(where, {"code": "1.01", "text": long, "version": "0"})
    assert page.status_code == 400
    assert "10,000 characters can be kept" in page.text
    assert long.strip() in page.text
    wrongs: tuple[object, ...] = (
        {},
        [],
        {"code": 1, "text": "x", "version": 0},
        {"code": "1.01", "version": 0},
        {"code": "1.01", "text": "x", "version": "x"},
        {"code": "1.01", "text": "x", "version": 10**30},
        {"code": "1.01", "text": "x" * 20_000, "version": 0},
    )
    for wrong in wrongs:
        assert handing.visitor.post_json(where, wrong).status_code == 400
    for code in ("9.99", "\0", "x" * 5000):
        unknown = {"code": code, "text": "x", "version": 0}
        assert handing.visitor.post_json(where, unknown).status_code == 404
    assert kept(tool, submission) == {}


def test_an_appeal_from_the_page_and_back(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    appoint(tool, "mona", moderates=True)
    where = f"{path(handing, submission)}/appeal"
    empty = handing.visitor.post(where, {"reason": " "})
    assert empty.status_code == 400
    assert "Say in your own words why you appeal" in empty.text
    long = handing.visitor.post(where, {"reason": "why " * 4000})
    assert long.status_code == 400
    assert ("why " * 4000).strip() in long.text
    answer = handing.visitor.post(where, {"reason": "It is in my second paragraph."})
    assert answer.status_code == 303
    page = handing.visitor.client.get(answer.location).text
    assert "Your appeal is made" in page
    assert "It is in my second paragraph." in page
    assert now(tool, submission).state is State.IN_REVIEW
    # While it is read the outcome is still a step away, since the appeal can be taken back there.
    for page_of_hers in ("portfolio/", path(handing, submission).removesuffix("/outcome")):
        assert f"{submission.public_id}/outcome" in handing.visitor.get(page_of_hers).text
    back = handing.visitor.post(f"{where}/withdraw", {})
    assert back.status_code == 303
    assert "Your appeal is taken back" in handing.visitor.client.get(back.location).text
    late = handing.visitor.post(where, {"reason": "After all: the second paragraph."})
    assert late.status_code == 409
    assert "After all: the second paragraph." in late.text


def test_the_moderator_of_an_appeal_reads_the_reason_and_what_was_decided(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission, "It is in my second paragraph.")
    page = mona.visitor.get(f"desk/{mona.review(submission).public_id}/decision").text
    assert "It is in my second paragraph." in page
    assert "The outcome that is appealed against" in page
    assert "You write with care." in page


def test_after_an_appeal_both_outcomes_can_be_read(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    mona.begin(submission)
    mona.find(submission, "1.01", NOT_YET, "I looked for it twice.")
    mona.conclude(submission, Overall.MORE_EVIDENCE, "It is still open.")
    mona.finish(submission)
    let_go(tool, mona, submission)
    page = said(handing, submission)
    assert "after your appeal" in page
    assert "It is still open." in page
    assert "The outcome before your appeal" in page
    assert "You write with care." in page


def test_nobody_else_reads_answers_or_appeals(tool: Tool) -> None:
    handing, submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    where = path(handing, submission)
    ben, _other = handed_in(tool, "ben")
    stranger, _theirs = handed_in(tool, "olga", organisation="Other")
    form = {"code": "1.01", "text": "x", "version": "0", "reason": "x"}
    mine = f"{ben.path}/submissions/{submission.public_id}/outcome"
    for who, address in ((ben, where), (ben, mine), (stranger, where)):
        assert who.visitor.get(address).status_code == 404
        for act in ("answers", "appeal", "appeal/withdraw"):
            assert who.visitor.post(f"{address}/{act}", form).status_code == 404
    assert rosa.visitor.get(where).status_code == 403
    assert "appealed" not in acts(tool, submission)
    # A submission of one's own below another portfolio of one's own is not there, either.
    assert handing.visitor.get(where.replace(submission.public_id, "unknown")).status_code == 404


def test_assessed_outcomes_of_a_placement_are_for_who_asks_with_names(tool: Tool) -> None:
    handing, submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    handing.write("1.01", "Anew: I waited, and she told me what she had seen in her baby.")
    second = handing.hand_in()
    allocated(tool, second)
    rosa.read(second)
    let_go(tool, rosa, second)
    person = handing.visitor.actor.person_id
    with tool.database.transaction(write=False) as session:
        found = outcomes_of_people(session, submission.placement_id, [person, 999_999])
        assert outcomes_of_people(session, submission.placement_id, []) == {}
        assert outcomes_of_people(session, submission.placement_id + 1, [person]) == {}
    assert list(found) == [person]
    assert found[person].overall is Overall.RECOGNISED
    assert (found[person].met, found[person].total) == (12, 12)
