"""The decision page: what it shows to whom, and what a click does."""

import re

from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews.rules import Overall, Terms
from tests.reviews.deciding import PARTLY, given_to_two, matter, read_by_one
from tests.reviews.offices import Reader, acts, appoint, now, set_terms
from tests.tool import Tool


def path(reader: Reader, submission: SubmissionView) -> str:
    return f"desk/{reader.review(submission).public_id}/decision"


def said(reader: Reader, submission: SubmissionView, more: str = "") -> str:
    page = reader.visitor.get(path(reader, submission) + more)
    assert page.status_code == 200, page.text
    return re.sub(r"\s+", " ", page.text)


def form_of(page: str) -> dict[str, str]:
    """What the release form of a page sends."""
    release = page.split('class="sheet release"')[1]
    return dict(re.findall(r'name="(seen|words)" value="([^"]*)"', release))


def test_one_reader_sees_exactly_what_the_learner_gets_and_releases_it(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool, {"1.01": PARTLY})
    page = said(rosa, submission)
    for text in ("Ready to release", "More evidence wanted", "11 of 12 competencies met",
                 "More 1.01.", "You write with care.", "With the release 1 task opens again"):  # fmt: skip
        assert text in page, text
    answer = rosa.visitor.post(path(rosa, submission), form_of(page))
    assert answer.status_code == 303
    assert now(tool, submission).state is State.RETURNED
    page = rosa.visitor.client.get(answer.location).text
    assert "Released. The learner is told" in page
    assert "The learner has not seen it yet." in page
    assert "Release it to the learner" not in page


def test_a_double_click_leads_to_the_same_page(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool)
    form = form_of(said(rosa, submission))
    first = rosa.visitor.post(path(rosa, submission), form)
    second = rosa.visitor.post(path(rosa, submission), form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert acts(tool, submission).count("released") == 1


def test_a_page_that_is_no_longer_true_is_shown_anew_and_releases_nothing(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool, {"1.01": PARTLY})
    form = form_of(said(rosa, submission))
    rosa.think_again(submission)
    rosa.find(submission, "1.01", PARTLY, "Quite other words.")
    rosa.finish(submission)
    for wrong in (form, {"seen": ""}, {"seen": "\0" * 9000, "words": "x"}, {}):
        answer = rosa.visitor.post(path(rosa, submission), wrong)
        assert answer.status_code == 409
        assert "This has changed since you opened the page" in answer.text
        assert "Quite other words." in answer.text
    assert now(tool, submission).state is State.IN_REVIEW


def test_second_thoughts_lead_back_to_the_desk(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool)
    assert "Think again" in said(rosa, submission)
    answer = rosa.visitor.post(f"{path(rosa, submission)}/think-again", {})
    assert answer.status_code == 303
    assert f"/desk/{rosa.review(submission).public_id}" in answer.location
    assert rosa.visitor.client.get(answer.location).status_code == 200
    page = said(rosa, submission)
    assert "Your reading is not done yet" in page
    assert "Release it to the learner" not in page


def test_the_first_of_two_waits_and_sees_nothing_of_the_other(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    sam.begin(submission)
    sam.find(submission, "1.02", PARTLY, "Only Sam knows this.")
    rosa.read(submission, {"1.01": PARTLY})
    for one in (rosa, sam):
        page = said(one, submission)
        assert "side by side" not in page
    page = said(rosa, submission)
    assert "Neither of you sees what the other decides" in page
    assert "Only Sam knows this." not in page
    assert "More 1.01." not in said(sam, submission)


def test_two_who_differ_see_both_and_where(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY}, summary="Nearly.")
    sam.read(submission, summary="All there.")
    for one, other in ((rosa, "Person sam"), (sam, "Person rosa")):
        page = said(one, submission)
        assert "Your readings differ" in page
        assert other in page
        assert "Nearly." in page
        assert "All there." in page
        assert page.count('class="apart-mark"') == 2  # 1.01, and as a whole
        assert "Release it to the learner" not in page
        assert one.visitor.post(path(one, submission), {"seen": "x"}).status_code == 409


def test_sent_to_a_moderator_who_sees_both_readings_and_decides(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY}, summary="Nearly.")
    sam.read(submission, summary="All there.")
    mona = appoint(tool, "mona", moderates=True)
    answer = rosa.visitor.post(f"{path(rosa, submission)}/moderator", {})
    assert answer.status_code == 303
    assert "Sent to a moderator" in rosa.visitor.client.get(answer.location).text
    assert "Think again" not in said(rosa, submission)
    page = said(mona, submission)
    assert "You decide" in page
    assert "Nearly." in page
    assert "All there." in page
    # Neither reader's desk answers for the moderator's, and the other way round.
    assert rosa.visitor.get(path(mona, submission)).status_code == 404
    assert mona.visitor.get(path(sam, submission)).status_code == 404


def test_without_a_moderator_the_page_says_that_it_waits(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    answer = sam.visitor.post(f"{path(sam, submission)}/moderator", {})
    assert "None is free at the moment" in sam.visitor.client.get(answer.location).text


def test_who_agrees_chooses_whose_words_and_gets_what_was_shown(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY}, summary="Rosa's words.")
    sam.read(submission, {"1.01": PARTLY}, summary="Sam's words.")
    page = said(rosa, submission)
    gets = page.split("What the learner will get")[1].split("The readings side by side")[0]
    assert "Rosa&#39;s words." in gets
    assert "Sam&#39;s words." in gets
    page = said(rosa, submission, "?words=mine")
    gets = page.split("What the learner will get")[1].split("The readings side by side")[0]
    assert "Sam&#39;s words." not in gets
    assert rosa.visitor.post(path(rosa, submission), form_of(page)).status_code == 303
    outcome = matter(tool, submission).outcome
    assert outcome
    assert outcome.decision.summary == "Rosa's words."


def test_the_other_reader_finds_it_released(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    for one in (rosa, sam):
        one.read(submission)
    form = form_of(said(sam, submission))
    assert rosa.visitor.post(path(rosa, submission), form).status_code == 303
    assert sam.visitor.post(path(sam, submission), form).status_code == 303
    assert "What the learner got" in said(sam, submission)
    assert acts(tool, submission).count("released") == 1


def test_nobody_else_opens_or_releases_it(tool: Tool) -> None:
    handing, submission, rosa = read_by_one(tool)
    where = path(rosa, submission)
    form = form_of(said(rosa, submission))
    other = appoint(tool, "oscar")
    stranger = appoint(tool, "olga", organisation="Other")
    for who, status in ((handing.visitor, 403), (other.visitor, 404), (stranger.visitor, 404)):
        assert who.get(where).status_code == status
        assert who.post(where, form).status_code == status
        for act in ("moderator", "think-again"):
            assert who.post(f"{where}/{act}", {}).status_code == status
    assert now(tool, submission).state is State.IN_REVIEW


def test_what_cannot_be_is_refused_in_words(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool)
    assert rosa.visitor.post(f"{path(rosa, submission)}/moderator", {}).status_code == 409
    assert rosa.visitor.get("desk/unknown/decision").status_code == 404
    assert rosa.visitor.get("desk/%00/decision").status_code == 404
    rosa.visitor.post(path(rosa, submission), form_of(said(rosa, submission)))
    again = rosa.visitor.post(f"{path(rosa, submission)}/think-again", {})
    assert again.status_code == 409


def test_feedback_is_shown_as_text(tool: Tool) -> None:
    handing, submission, rosa = read_by_one(tool)
    rosa.think_again(submission)
    rosa.find(submission, "1.01", PARTLY, "<script>alert(1)</script>")
    rosa.conclude(submission, Overall.MORE_EVIDENCE, "<b>bold</b>")
    rosa.finish(submission)
    page = said(rosa, submission)
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page
    rosa.visitor.post(path(rosa, submission), form_of(page))
    outcome = handing.visitor.get(f"{handing.path}/submissions/{submission.public_id}/outcome").text
    assert "<script>alert" not in outcome
    assert "&lt;b&gt;bold" in outcome


def test_assessors_are_named_nowhere_to_the_learner(tool: Tool) -> None:
    handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission, {"1.01": PARTLY})
    rosa.visitor.post(path(rosa, submission), form_of(said(rosa, submission)))
    page = handing.visitor.get(f"{handing.path}/submissions/{submission.public_id}/outcome").text
    for name in ("rosa", "sam"):
        assert f"Person {name}" not in page


def test_the_learner_is_named_unless_reviews_are_blind(tool: Tool) -> None:
    _handing, submission, rosa = read_by_one(tool)
    assert "Person amina" in said(rosa, submission)
    set_terms(tool, Terms(blind=True))
    page = said(rosa, submission)
    assert "Person amina" not in page
    assert re.search(r"Learner [0-9A-Z]{4}", page)
