"""An organisation's wording: what people read, which versions are kept, what moved since."""

from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from lti_tool.cli.framework_import import what_moved
from lti_tool.competencies.models import Instrument, Provenance
from lti_tool.competencies.queries import instrument, instrument_for, instruments_for, library
from lti_tool.competencies.wordings.keeping import record_shipped
from lti_tool.competencies.wordings.models import Edition, FrameworkVersion, Statement
from lti_tool.competencies.wordings.queries import moved_since, version_text, versions_kept
from lti_tool.competencies.wordings.rules import (
    Change,
    How,
    Kind,
    Spoken,
    Wording,
    Words,
    content_of,
    digest_of,
    moved,
    overlaid,
)
from lti_tool.competencies.wordings.services import Reason, Wish, adopt, news_of, revert
from lti_tool.courses.services import find_or_add_organisation
from lti_tool.kernel.database import Database
from lti_tool.kernel.errors import InvalidInput, NotFound
from tests.competencies.reading_layouts import expected

ID = "self-assessment-1"
OURS = instrument(ID)
GARDEN = Words(knowledge="Knowledge of bees.", ability="Ability to keep them.")
IMPORT = Reason(How.IMPORT, files=("garden.pdf",))


def official(code: str, words: Words = GARDEN, name: str = ID) -> Wish:
    return Wish(name, code, Wording.OFFICIAL, words)


def changed(one: Instrument, code: str, **news: Any) -> Instrument:
    """A copy of an instrument, as a release might ship it, with one competency changed."""
    content = content_of(one)
    for domain in content["domains"]:
        for theme in domain["themes"]:
            for competency in theme["competencies"]:
                if competency["code"] == code:
                    competency.update(news)
    return Instrument.model_validate(content)


@pytest.fixture
def willow(database: Database) -> int:
    with database.transaction() as session:
        return find_or_add_organisation(session, "Willow")


def statements(session: Session) -> list[str]:
    seen: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda *args: seen.append(str(args[2]))
    )
    return seen


def test_moved_names_each_thing_that_differs_and_no_blank() -> None:
    assert moved(OURS, OURS) == []
    first = OURS.by_code["1.01"].knowledge or ""
    assert moved(OURS, changed(OURS, "1.01", knowledge=first.replace(" ", "\n  "))) == []
    new = changed(OURS, "1.01", knowledge="Bees.", topic="Bees")
    new = changed(new, "1.06", points=["one", "two"])
    assert moved(OURS, new) == [
        Change("1.01", Kind.RENAMED),
        Change("1.01", Kind.WORDING),
        Change("1.06", Kind.POINTS),
    ]
    content = content_of(OURS)
    content["domains"][6]["themes"][0]["competencies"].pop()
    shorter = Instrument.model_validate(content)
    assert moved(OURS, shorter) == [Change("7.09", Kind.REMOVED)]
    assert moved(shorter, OURS) == [Change("7.09", Kind.ADDED)]


def test_published_words_leave_nothing_provisional_and_name_the_edition() -> None:
    level_2 = instrument("self-assessment-2")
    said = {c: Spoken(Wording.OFFICIAL, w, 3) for c, w in expected(level_2).items()}
    shown = overlaid(level_2, said)
    assert (shown.wording, shown.version) == ("official", "2026.1+3")
    assert {one.provenance for one in shown.by_code.values()} == {Provenance.PUBLISHED}
    assert {one.note for one in shown.by_code.values()} == {None}
    assert shown.by_code["1.01"].topic == level_2.by_code["1.01"].topic
    ours = {"1.01": Spoken(Wording.CORRECTED, GARDEN, 5)}
    corrected = overlaid(level_2, said | ours)
    assert (corrected.wording, corrected.version) == ("mixed", "2026.1+5")
    assert corrected.by_code["1.01"].provenance is Provenance.DERIVED
    gone = overlaid(level_2, {"1.01": Spoken(Wording.OWN, Words(), 6), "9.99": said["1.01"]})
    assert (gone.wording, gone.by_code) == ("own", level_2.by_code)


def test_only_the_organisations_own_people_read_its_wording(
    database: Database, willow: int
) -> None:
    with database.transaction() as session:
        oak = find_or_add_organisation(session, "Oak")
        assert instrument_for(session, willow, ID) is OURS
        made = adopt(session, willow, [official("1.01"), official("2.01")], IMPORT)
        assert made
        assert (made.number, made.versions, made.changed) == (1, {ID: "2026.1+1"}, 2)
        assert instrument_for(session, willow, ID).by_code["1.01"].knowledge == GARDEN.knowledge
    with database.transaction(write=False) as session:
        assert instrument_for(session, willow, ID).by_code["2.01"].knowledge == GARDEN.knowledge
        assert instruments_for(session, oak) is library()
    with database.transaction() as session:
        assert adopt(session, oak, [official("1.02")], IMPORT)
        assert instrument_for(session, oak, ID).by_code["1.01"] == OURS.by_code["1.01"]
        assert adopt(session, willow, [official("1.03")], IMPORT)
        assert instrument_for(session, willow, ID).by_code["1.02"] == OURS.by_code["1.02"]
        assert instrument_for(session, willow, "portfolio-1") is library()["portfolio-1"]


def test_reading_the_wording_costs_one_small_statement_in_a_transaction(
    database: Database, willow: int
) -> None:
    with database.transaction() as session:
        adopt(session, willow, [official("1.01")], IMPORT)
    with database.transaction(write=False) as session:
        instruments_for(session, willow)
    with database.transaction(write=False) as session:
        seen = statements(session)
        for _ in range(3):
            assert instrument_for(session, willow, ID).version == "2026.1+1"
        assert len(seen) == 1
        assert "framework_statements" not in seen[0]
        moved_since(session, willow, ID, {"1.01": "2026.1+1"})
        assert len(seen) == 1, "answers to the present version cost nothing more"


def test_the_same_again_changes_nothing_and_leaves_no_edition(
    database: Database, willow: int
) -> None:
    wishes = [official("1.01"), official("1.02")]
    with database.transaction() as session:
        adopt(session, willow, wishes, IMPORT)
    with database.transaction() as session:
        assert news_of(session, willow, wishes) == []
        assert adopt(session, willow, wishes, IMPORT) is None
        assert session.scalar(select(func.count()).select_from(Edition)) == 1
        assert session.scalar(select(func.count()).select_from(Statement)) == 2
        newer = Words(knowledge="Knowledge of wasps.")
        made = adopt(session, willow, [wishes[0], official("1.02", newer)], IMPORT)
        assert made
        assert (made.number, made.changed) == (2, 1)


def test_what_was_half_done_is_not_kept_in_the_process(database: Database, willow: int) -> None:
    undone = database.begin(write=True)
    adopt(undone, willow, [official("1.01")], IMPORT)
    assert instrument_for(undone, willow, ID).version == "2026.1+1"
    database.end(undone)
    with database.transaction() as session:
        assert instrument_for(session, willow, ID) is OURS
        wish = official("1.01", Words(knowledge="Knowledge of wasps."))
        adopt(session, willow, [wish], IMPORT)
    with database.transaction(write=False) as session:
        assert instrument_for(session, willow, ID).by_code["1.01"].knowledge == (
            "Knowledge of wasps."
        )


def test_nonsense_is_refused_before_anything_is_stored(database: Database, willow: int) -> None:
    with database.transaction() as session:
        for words in (Words(), Words(knowledge=" "), Words(points=("x",))):
            with pytest.raises(InvalidInput):
                adopt(session, willow, [official("1.02"), official("1.01", words)], IMPORT)
        for wish in (official("9.99"), official("1.01", name="nothing")):
            with pytest.raises(NotFound):
                adopt(session, willow, [wish], IMPORT)
        assert session.scalar(select(func.count()).select_from(Edition)) == 0


def test_every_text_that_was_shown_can_be_read_again(database: Database, willow: int) -> None:
    with database.transaction() as session:
        oak = find_or_add_organisation(session, "Oak")
        assert version_text(session, willow, ID, "2026.1") == OURS, "before anything is kept, too"
        assert {one.before for one in record_shipped(session)} == {""}
        assert record_shipped(session) == []
        adopt(session, willow, [official("1.01")], IMPORT)
        wasps = Words(knowledge="Knowledge of wasps.")
        adopt(session, willow, [official("1.01", wasps)], IMPORT)
        revert(session, willow, ID, 1)
    with database.transaction(write=False) as session:
        kept = [one for one in versions_kept(session, willow) if one.instrument == ID]
        assert [(one.version, one.how) for one in kept] == [
            ("2026.1", How.SHIPPED),
            ("2026.1+1", How.IMPORT),
            ("2026.1+2", How.IMPORT),
            ("2026.1+3", How.RETURN),
        ]
        assert {one.organisation_id for one in versions_kept(session, oak)} == {None}
        texts = {v: version_text(session, willow, ID, v) for v in ("2026.1+1", "2026.1+2")}
        assert texts["2026.1+1"]
        assert texts["2026.1+2"]
        assert texts["2026.1+2"].by_code["1.01"].knowledge == "Knowledge of wasps."
        first = texts["2026.1+1"]
        assert moved(first, instrument_for(session, willow, ID)) == []
        assert digest_of(content_of(first)) == kept[1].digest
        assert version_text(session, oak, ID, "2026.1+1") is None, "another organisation's"
        assert version_text(session, willow, ID, "1999.1") is None
        assert version_text(session, willow, "nothing", "2026.1") is None


def test_what_moved_since_an_answer_is_told_with_both_texts(
    database: Database, willow: int
) -> None:
    with database.transaction() as session:
        adopt(session, willow, [official("1.01"), official("1.02")], IMPORT)
        wasps = Words(GARDEN.knowledge, "Ability to flee.", None, "ability", ("by day", "by night"))
        adopt(session, willow, [official("1.01", wasps)], IMPORT)
    with database.transaction(write=False) as session:
        versions = {"1.01": "2026.1", "1.02": "2026.1+1", "1.03": "2026.1", "9.99": "2026.1"}
        found = moved_since(session, willow, ID, versions | {"2.01": "1999.1"})
        assert list(found) == ["1.01"]
        one = found["1.01"]
        assert one.kinds == (Kind.WORDING, Kind.POINTS)
        assert one.then == OURS.by_code["1.01"]
        assert one.now
        assert (one.version, one.now.points) == ("2026.1", ("by day", "by night"))
        assert moved_since(session, willow, ID, {}) == {}


def test_a_new_release_is_kept_beside_the_old_and_beneath_an_organisations_wording(
    database: Database, willow: int
) -> None:
    """As if the shipped text that is kept were an older release's."""
    with database.transaction() as session:
        adopt(session, willow, [official("1.01")], IMPORT)
        old = changed(OURS, "1.03", knowledge="An older text.")
        rows = FrameworkVersion.instrument == ID
        content = content_of(old) | {"version": "2025.1"}
        session.execute(
            update(FrameworkVersion)
            .where(rows, FrameworkVersion.organisation_id.is_(None))
            .values(version="2025.1", content=content, digest=digest_of(content))
        )
        session.execute(
            update(FrameworkVersion)
            .where(rows, FrameworkVersion.organisation_id == willow)
            .values(version="2025.1+1")
        )
    with database.transaction() as session:
        (new,) = record_shipped(session)
        assert (new.instrument, new.version, new.before) == (ID, "2026.1", "2025.1")
        assert new.changes == (Change("1.03", Kind.WORDING),)
        assert what_moved(new) == f"{ID} 2026.1 since 2025.1: 1 wording (1.03)"
        kept = [(o.version, o.how) for o in versions_kept(session, willow) if o.instrument == ID]
        assert kept == [
            ("2025.1", How.SHIPPED),
            ("2025.1+1", How.IMPORT),
            ("2026.1", How.SHIPPED),
            ("2026.1+1", How.UPGRADE),
        ]
        found = moved_since(session, willow, ID, {"1.03": "2025.1", "1.02": "2025.1"})
        assert [(one.code, one.then.knowledge) for one in found.values()] == [
            ("1.03", "An older text.")
        ]


def test_an_instrument_goes_back_to_any_edition_and_forward_again(
    database: Database, willow: int
) -> None:
    with database.transaction() as session:
        adopt(session, willow, [official("1.01"), official("1.02")], IMPORT)
        back = revert(session, willow, ID, 0)
        assert back
        assert back.changed == 2
        shown = instrument_for(session, willow, ID)
        assert (shown.by_code, shown.version) == (OURS.by_code, "2026.1+2")
        assert revert(session, willow, ID, 0) is None
        assert revert(session, willow, "portfolio-1", 0) is None
        again = revert(session, willow, ID, 1)
        assert again
        assert again.versions == {ID: "2026.1+3"}
        assert instrument_for(session, willow, ID).by_code["1.02"].wording == "official"
