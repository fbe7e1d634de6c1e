"""Figures of reviews: what they count, on how many they rest, what they do not say."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lti_tool.kernel import clock
from lti_tool.reviews.figures.queries import figures_of
from lti_tool.reviews.figures.rules import Figures, Period, read_period
from lti_tool.reviews.rules import Overall
from tests.portfolios.handing_in import handed_in
from tests.reviews.deciding import NOT_YET, PARTLY, given_to_two, let_go, released_by_one
from tests.reviews.offices import ADMINISTRATOR, allocated, appoint, office
from tests.tool import TUTOR, Tool

UTC = ZoneInfo("UTC")


def figures(tool: Tool, period: Period = Period(), *, ahead: int = 0) -> Figures:  # noqa: B008 - frozen
    administrator = office(tool)
    today = clock.now().date() + timedelta(days=ahead)
    with tool.database.transaction(write=False) as session:
        return figures_of(session, administrator.actor.organisation_id, period, today, UTC)


def test_before_anything_happened_the_page_teaches(tool: Tool) -> None:
    page = office(tool).get("review-figures")
    assert page.status_code == 200
    assert "Nothing to count yet" in page.text
    assert figures(tool).is_empty


def test_two_readers_are_compared_by_what_they_first_decided(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY, "1.02": PARTLY})
    sam.read(submission, {"1.02": PARTLY})
    # Whatever they say after they saw each other does not count.
    sam.think_again(submission)
    sam.find(submission, "1.01", PARTLY, "Yes.")
    sam.finish(submission)
    found = figures(tool)
    assert found.pairs == 1
    assert (found.by_competency.n, found.by_competency.agreed) == (12, 11)
    # Observed 11/12; first reader 10 met and 2 partly, second 11 and 1: by chance (110 + 2) / 144.
    assert found.by_competency.kappa == pytest.approx((11 / 12 - 112 / 144) / (1 - 112 / 144))
    assert (found.overall.n, found.overall.kappa) == (1, None)
    page = office(tool).get("review-figures").text
    assert "κ = 0.62" in page
    assert "11 of 12 verdicts are the same." in " ".join(page.split())
    assert "That is few" in page


def test_one_reader_makes_no_pair_and_the_page_says_why(tool: Tool) -> None:
    released_by_one(tool)
    found = figures(tool)
    assert found.pairs == 0
    assert "No submission was read by two yet." in office(tool).get("review-figures").text


def test_what_was_accepted_before_is_not_judged_again(tool: Tool) -> None:
    handing, submission, rosa, sam = given_to_two(tool)
    for one in (rosa, sam):
        one.read(submission, {"1.01": PARTLY})
    let_go(tool, rosa, submission)
    handing.write("1.01", "Anew: I waited, and she told me what she had seen in her baby.")
    second = handing.hand_in()
    allocated(tool, second)
    rosa.read(second)
    sam.read(second, {"1.01": NOT_YET})
    found = figures(tool)
    assert found.pairs == 2
    assert (found.by_competency.n, found.by_competency.agreed) == (13, 12)


def test_first_outcomes_count_once_for_each_portfolio(tool: Tool) -> None:
    handing, _submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    handing.write("1.01", "Anew: I waited, and she told me what she had seen in her baby.")
    second = handing.hand_in()
    allocated(tool, second)
    rosa.read(second)
    let_go(tool, rosa, second)
    _other, third = handed_in(tool, "ben")
    allocated(tool, third)
    rosa.read(third, {"2.01": NOT_YET}, Overall.NOT_RECOGNISED)
    let_go(tool, rosa, third)
    found = figures(tool)
    level_1 = found.first_times[0]
    assert (level_1.recognised, level_1.more_evidence, level_1.not_recognised) == (0, 1, 1)
    assert found.first_times[2].n == 0
    assert found.times.n == 3
    assert found.times.ninetieth is None
    page = office(tool).get("review-figures").text
    assert "there is no 90th percentile yet" in page
    assert "%" not in page.split("What first submissions came to")[1].split("</table>")[0]


def test_a_period_leaves_out_what_was_before_and_after(tool: Tool) -> None:
    released_by_one(tool)
    today = clock.now().date()
    tomorrow = (today + timedelta(days=1)).isoformat()
    yesterday = (today - timedelta(days=1)).isoformat()
    assert figures(tool, read_period(yesterday, tomorrow)[0]).times.n == 1
    assert figures(tool, read_period(tomorrow, "")[0]).times.n == 0
    assert figures(tool, read_period("", yesterday)[0]).first_times[0].n == 0
    page = office(tool).get(f"review-figures?first={tomorrow}")
    assert "No outcome was released in this period" in page.text
    assert f'value="{tomorrow}"' in page.text


@pytest.mark.parametrize("typed", ["first=x", "last=2026-02-30", "first=2026-12-01&last=2026-01-01",
                                   "first=%00", "last=" + "9" * 500])  # fmt: skip
def test_a_period_that_cannot_be_read_is_said_and_kept(tool: Tool, typed: str) -> None:
    page = office(tool).get(f"review-figures?{typed}")
    assert page.status_code == 400
    assert "This period cannot be read" in page.text
    assert office(tool).get(f"review-figures/figures.csv?{typed}").status_code == 200


def test_load_and_overdue_are_of_today(tool: Tool) -> None:
    rosa = appoint(tool, "rosa", capacity=4)
    _handing, submission = handed_in(tool)
    assert figures(tool).unallocated == 1
    allocated(tool, submission)
    found = figures(tool)
    assert found.unallocated == 0
    (load,) = found.loads
    assert (load.name, load.open, load.capacity, load.overdue) == ("Person rosa", 1, 4, 0)
    assert not found.overdue
    late = figures(tool, ahead=40)
    assert [one.submission for one in late.overdue] == [submission.public_id]
    assert late.loads[0].overdue == 1
    rosa.read(submission)
    done = figures(tool, ahead=40)
    assert (done.loads[0].open, done.loads[0].done, len(done.overdue)) == (0, 1, 0)


def test_an_organisation_counts_its_own_alone(tool: Tool) -> None:
    _handing, submission, _reader = released_by_one(tool)
    stranger = tool.sign_in("olga", roles=ADMINISTRATOR, organisation="Other")
    page = stranger.get("review-figures").text
    assert "Nothing to count yet" in page
    assert submission.public_id not in page


def test_the_table_says_what_the_page_says(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission, {"1.01": PARTLY})
    let_go(tool, sam, submission)
    answer = office(tool).get("review-figures/figures.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert ["Cohen's kappa, unweighted", "verdicts by competency", "1.00", "12"] in rows
    assert ["First submissions: more evidence", "Level 1", "1", "1"] in rows
    assert any(row[0] == "Done in the period" and row[1] == "Person rosa" for row in rows)


def test_figures_are_for_administrators(tool: Tool) -> None:
    for who in (tool.sign_in("amina"), tool.sign_in("tara", roles=TUTOR)):
        assert who.get("review-figures").status_code == 403
        assert who.get("review-figures/figures.csv").status_code == 403
