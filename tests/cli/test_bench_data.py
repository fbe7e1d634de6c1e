"""Sample data for measuring: valid as if people had made it, the same for a seed, never in use."""

from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Select, func, select, text

from lti_tool.cli.main import imhcf
from lti_tool.cli.seeding.people import (
    Blob,
    Ground,
    Pen,
    add_assessor,
    add_course,
    add_person,
)
from lti_tool.cli.seeding.plan import STATES, Chance, Size
from lti_tool.cli.seeding.reviewing import add_submission
from lti_tool.cli.seeding.texts import Writer
from lti_tool.cli.seeding.writing import add_portfolio
from lti_tool.competencies.queries import instrument
from lti_tool.courses.models import Organisation, Person
from lti_tool.kernel.actor import Role
from lti_tool.kernel.errors import Conflict
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.identifiable import identifiable
from lti_tool.portfolios.models import Account, AccountVersion
from lti_tool.portfolios.rules import count_words
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.portfolios.submitting.verifying import verify
from lti_tool.register import log as register_log
from lti_tool.register.models import RegisterCredential, RegisterEntry, RegisterEvent
from lti_tool.reviews import log as review_log
from lti_tool.reviews.models import Finding, Outcome, Review
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.models import StoredFile
from tests.tool import Tool

PEOPLE = 100


@pytest.fixture
def make(tool: Tool, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("IMHCF_DATABASE_URL", database_url)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tool.runtime.settings.data_dir))

    def run(*more: str, organisation: str = "Seeded") -> Result:
        words = ["bench-data", "--organisation", organisation, "--people", str(PEOPLE), *more]
        return CliRunner().invoke(imhcf, [*words, "--words", "20", "--day", "2026-11-22"])

    return run


def values(tool: Tool, wanted: Select[Any]) -> list[Any]:
    with tool.database.transaction(write=False) as session:
        return list(session.execute(wanted).scalars())


def count(tool: Tool, model: type[Any]) -> int:
    found: int = values(tool, select(func.count()).select_from(model))[0]
    return found


def test_without_a_yes_nothing_is_made(tool: Tool, make: Any) -> None:
    answer = make()
    assert answer.exit_code == 2
    assert "Nothing was made" in answer.output
    assert values(tool, select(Organisation.id)) == []


def test_a_database_that_people_use_is_refused(tool: Tool, make: Any) -> None:
    tool.sign_in("amina")
    answer = make("--yes")
    assert isinstance(answer.exception, Conflict)
    assert answer.exception.code == "database-in-use"
    assert count(tool, Person) == 1


def test_a_name_that_is_taken_is_refused_and_another_one_adds_to_it(tool: Tool, make: Any) -> None:
    assert make("--yes").exit_code == 0
    again = make("--yes")
    assert isinstance(again.exception, Conflict)
    assert again.exception.code == "organisation-taken"
    assert make("--yes", organisation="Seeded too").exit_code == 0
    assert count(tool, Submission) == 2 * len(STATES)


def test_every_row_is_as_if_people_had_made_it(tool: Tool, make: Any) -> None:
    answer = make("--yes")
    assert answer.exit_code == 0, answer.output
    assert count(tool, Account) == PEOPLE * len(instrument("portfolio-3").by_code)
    assert count(tool, Evidence) == PEOPLE * 10
    found = values(tool, select(Submission))
    assert sorted(one.state for one in found) == sorted(state.value for state in STATES)
    with tool.database.transaction(write=False) as session:
        for one in found:
            view = submission_by_id(session, one.id)
            assert view
            assert verify(session, view).is_whole
            assert review_log.is_whole(session, one.id)
        for entry in session.execute(select(RegisterEntry.id)).scalars():
            assert register_log.is_whole(session, entry)
        if tool.database.is_sqlite:
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    for account in values(tool, select(Account).limit(200)):
        assert account.words == count_words(account.text)
        assert identifiable(account.text) == []
    newest = values(tool, select(AccountVersion.text).order_by(AccountVersion.account_id))
    assert newest == values(tool, select(Account.text).order_by(Account.id))


def test_its_files_have_bytes_its_reviews_findings_and_its_entries_credentials(
    tool: Tool, make: Any
) -> None:
    assert make("--yes").exit_code == 0
    (organisation,) = values(tool, select(Organisation.id))
    blobs = open_blobs(tool.runtime.settings)
    for digest in set(values(tool, select(StoredFile.digest))):
        assert blobs.digest(blobs.get(organisation, digest)) == digest
    done = values(tool, select(Review.id).where(Review.state == "done"))
    total = len(instrument("portfolio-3").by_code)
    for review in done:
        of_one = select(func.count()).select_from(Finding).where(Finding.review_id == review)
        assert values(tool, of_one) == [total]
    recognised = values(tool, select(Outcome).where(Outcome.outcome == "recognised"))
    references = values(tool, select(RegisterEvent.reference))
    for outcome in recognised:
        assert outcome.met == outcome.total == total
        assert f"submission:{outcome.submission_id}" in references
    assert 0 < count(tool, RegisterCredential) <= count(tool, RegisterEntry)


def test_people_come_after_it_as_before(tool: Tool, make: Any) -> None:
    assert make("--yes").exit_code == 0
    assert tool.sign_in("amina").get().status_code == 200
    assert count(tool, Person) > PEOPLE


def drawn(seed: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of ten learners in every state, without a database."""
    blob = Blob("0" * 64, 1, "image/png", "a room.png")
    size, chance = Size(people=10), Chance(seed, "Seeded", date(2026, 11, 22))
    pen = Pen(
        Ground(1, 1, instrument("portfolio-3"), blob, blob),
        size,
        chance,
        Writer(chance.draw, 20),
    )
    course = add_course(pen, "A course")
    assessors = [add_assessor(pen, course, number) for number in range(3)]
    for state in dict.fromkeys(STATES):
        portfolio = add_portfolio(pen, add_person(pen, course, Role.LEARNER))
        add_submission(pen, portfolio, state, assessors)
    return pen.taken()


def test_the_same_seed_draws_the_same_set_and_another_one_another() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1)["submissions"] != drawn(2)["submissions"]
