"""One human under two identifiers: joined, with nothing lost, and taken apart again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.courses.models import Identity, Membership
from lti_tool.grades.models import Score
from lti_tool.kernel.actor import Role
from lti_tool.schema import metadata
from tests.gateway.people.two import ADMINISTRATOR, START, Two, rate
from tests.tool import LEARNER, Tool, Visitor


def counts(rows: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {name: len(found) for name, found in rows.items()}


@pytest.mark.parametrize("stays", ["old", "new"])
def test_joining_loses_no_row(two: Two, stays: str) -> None:
    before = two.rows()
    stay, go = (two.old, two.new) if stays == "old" else (two.new, two.old)
    two.join(stay, go)
    after = two.rows()
    assert counts(before) == counts(after)
    notes = {row["to_note"] for row in after["rating_changes"]}
    assert notes == {"Old and first", "Old alone", "New", "New alone", "Old and last"}
    assert {row["person_id"] for row in after["rating_changes"]} == {stay.actor.person_id}
    assert {row["actor_id"] for row in after["rating_changes"]} == {stay.actor.person_id}


@pytest.mark.parametrize("stays", ["old", "new"])
def test_the_newer_answer_stands_and_the_history_has_both(two: Two, stays: str) -> None:
    stay, go = (two.old, two.new) if stays == "old" else (two.new, two.old)
    two.join(stay, go)
    visitor = two.tool.sign_in(stays, name="")
    assert "3 of 63 rated" in visitor.get().text
    page = visitor.get("domain/1").text
    assert "Old and last" in page
    assert "Old alone" in page
    assert "New alone" in page
    history = visitor.get("history").text
    assert history.count("Note written") + history.count("Note changed") == 5
    # The version that the page sends is the one that is on record: saving goes on.
    rate(visitor, "1.01", "achieved", "Since", 3)


def test_both_identifiers_lead_to_one_person_and_the_name_is_kept(two: Two) -> None:
    two.join(two.new, two.old)
    for subject in ("old", "new"):
        visitor = two.tool.sign_in(subject, name="")
        assert visitor.actor.person_id == two.new.actor.person_id
        assert "Amina" in visitor.get().text


def test_a_tutor_sees_one_learner_and_no_rest_of_the_other(two: Two) -> None:
    two.join(two.new, two.old)
    page = two.ada.get("course").text
    assert len(re.findall(r'/learners/[\w-]+"', page)) == 1


@pytest.mark.parametrize("last", ["old", "new"])
def test_a_grade_goes_to_the_identifier_that_came_last(two: Two, last: str) -> None:
    two.tool.sign_in(last, name="")
    two.join(two.new, two.old)
    subject = two.one(select(Score.subject).where(Score.person_id == two.new.actor.person_id))
    assert subject == last


def test_grades_go_to_each_course_under_its_own_identifier(two: Two) -> None:
    there = two.tool.sign_in("old", course="course-2", link="link-9", name="Amina")
    two.tool.sign_in("new", course="course-1", name="")
    two.join(two.new, two.old)
    with two.tool.database.transaction(write=False) as session:
        found = session.execute(
            select(Score.placement_id, Score.subject, Score.value).where(
                Score.person_id == two.new.actor.person_id
            )
        ).all()
    assert {(row.placement_id, row.subject) for row in found} == {
        (there.placement_id, "old"),
        (two.new.placement_id, "new"),
    }
    assert {row.value for row in found} == {5}  # three of sixty-three, both


def test_the_next_timestamp_exceeds_that_of_either(two: Two) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    with two.tool.database.transaction() as session:
        for score in session.execute(select(Score)).scalars():
            score.sent_stamp = later if score.person_id == two.old.actor.person_id else None
    two.join(two.new, two.old)
    stamp = two.one(select(Score.stamp).where(Score.person_id == two.new.actor.person_id))
    assert stamp > later


def without(rows: dict[str, list[dict[str, Any]]], *names: str) -> dict[str, Any]:
    return {name: found for name, found in rows.items() if name not in names}


@pytest.mark.parametrize("stays", ["old", "new"])
def test_undoing_at_once_brings_every_row_back(two: Two, stays: str) -> None:
    before = two.rows()
    stay, go = (two.old, two.new) if stays == "old" else (two.new, two.old)
    two.undo(two.join(stay, go))
    after = two.rows()
    assert without(before, "scores") == without(after, "scores")
    said = ("person_id", "subject", "value", "comment")
    for old, new in zip(before["scores"], after["scores"], strict=True):
        assert {name: old[name] for name in said} == {name: new[name] for name in said}


def test_what_was_added_since_stays_with_who_remained(two: Two) -> None:
    merge = two.join(two.new, two.old)
    since = two.tool.sign_in("new", name="")
    rate(since, "1.01", "working-towards", "Since, both had it", 3)
    rate(since, "1.02", "working-towards", "Since, old's own", 1)
    rate(since, "1.04", "achieved", "Since, nobody had it")
    two.undo(merge)
    old, new = (two.tool.sign_in(name, name="") for name in ("old", "new"))
    olds, news = old.get("domain/1").text, new.get("domain/1").text
    assert "Since" not in olds
    for note in ("Old and last", "Old alone"):
        assert note in olds
        assert note not in news
    for note in ("Since, both had it", "Since, old&#39;s own", "Since, nobody had it"):
        assert note in news
    # Both go on: the versions on their pages are those on record.
    rate(old, "1.02", "not-started", "On", 1)
    rate(old, "1.01", "achieved", "On", 2)
    rate(new, "1.02", "achieved", "On", 1)
    rate(new, "1.01", "achieved", "On", 2)
    rows = two.rows()
    for rating in rows["ratings"]:
        changes = [row for row in rows["rating_changes"] if row["rating_id"] == rating["id"]]
        assert sorted(row["version"] for row in changes) == [*range(1, rating["version"] + 1)]
        assert {row["person_id"] for row in changes} == {rating["person_id"]}


def test_a_course_opened_since_goes_back_with_its_identifier(two: Two) -> None:
    merge = two.join(two.new, two.old)
    two.tool.sign_in("old", course="course-7", name="")
    two.undo(merge)
    person = two.one(
        select(Membership.person_id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Identity.subject == "old", Membership.first_seen_at > START + timedelta(days=61))
    )
    assert person == two.old.actor.person_id


def test_a_join_is_undone_once_and_only_the_last_of_a_person(two: Two) -> None:
    third = two.tool.sign_in("third", name="Third")
    first = two.join(two.new, two.old)
    second = two.join(third, two.new)
    refused = two.ada.post(f"people/joins/{first}/undo", {})
    assert refused.status_code == 409
    assert "merge-not-last" in refused.text
    assert "Undo the newer join first" in two.ada.get(f"people/joins/{first}").text
    two.undo(second)
    two.undo(first)
    assert two.ada.post(f"people/joins/{first}/undo", {}).status_code == 409


def test_two_baselines_become_a_baseline_and_a_snapshot(tool: Tool) -> None:
    from lti_tool.assessments.models import Snapshot
    from lti_tool.courses.rules import GradeRule, SetUp

    small = SetUp("self-assessment-1", (4,), GradeRule.COMPLETION)
    people = [tool.sign_in(name, set_up=small) for name in ("old", "new")]
    codes = re.findall(r'data-code="([\d.]+)"', people[0].get("domain/4").text)
    for who in people:
        for code in codes:
            rate(who, code, "achieved")
    two = Two(tool, *people, tool.sign_in("ada", roles=ADMINISTRATOR))
    before = two.rows()
    merge = two.join(two.new, two.old)
    with tool.database.transaction(write=False) as session:
        kinds = session.execute(
            select(Snapshot.kind, Snapshot.person_id).order_by(Snapshot.taken_at)
        )
        assert [tuple(row) for row in kinds] == [
            ("baseline", two.new.actor.person_id),
            ("by-hand", two.new.actor.person_id),
        ]
    assert two.new.get("change").status_code == 200
    two.undo(merge)
    assert without(before, "scores") == without(two.rows(), "scores")


def test_looking_back_is_one_series_and_two_again(two: Two) -> None:
    from lti_tool.assessments.models import LookingBack, Snapshot

    def add(who: Visitor, code: str, version: int, days: int) -> None:
        with two.tool.database.transaction() as session:
            baseline = session.execute(select(Snapshot.id)).scalars().first()
            session.add(
                LookingBack(
                    person_id=who.actor.person_id,
                    instrument="self-assessment-1",
                    instrument_version="1",
                    code=code,
                    version=version,
                    baseline_id=baseline,
                    placement_id=who.placement_id,
                    state="achieved",
                    note=f"{who.actor.person_id} {version}",
                    answered_at=START + timedelta(days=days),
                )
            )

    add(two.old, "1.01", 1, 1)
    add(two.new, "1.01", 1, 2)
    add(two.old, "1.01", 2, 3)
    add(two.old, "1.02", 1, 3)
    before = two.rows()
    merge = two.join(two.new, two.old)
    joined = [(row["code"], row["version"]) for row in two.rows()["looking_back"]]
    assert sorted(joined) == [("1.01", 1), ("1.01", 2), ("1.01", 3), ("1.02", 1)]
    add(two.new, "1.01", 4, 9)
    two.undo(merge)
    after = two.rows()["looking_back"]
    assert after[-1]["version"] == 2
    assert after[:-1] == before["looking_back"]


def test_sessions_of_who_is_absorbed_end(two: Two) -> None:
    two.join(two.new, two.old)
    assert two.old.get().status_code == 401
    assert two.new.get().status_code == 200


def test_the_pages_find_compare_and_tell(two: Two) -> None:
    found = two.ada.get("people?words=amin")
    assert found.status_code == 200
    assert "1 person found" in found.text
    pseudonym = re.search(r"Participant [0-9A-F]{4}", two.ada.get("people?words=participant").text)
    assert pseudonym
    for words in ("old", pseudonym.group(), "%", "_", "'; --", "\0", "x" * 5000):
        assert two.ada.get("people", query_string={"words": words}).status_code == 200
    assert "Nobody else" in two.ada.get("people?words=%25").text
    old, new = two.public(two.old), two.public(two.new)
    chosen = two.ada.get(f"people?words=new&with={old}").text
    assert "Compare the two" in chosen
    compared = two.ada.get(f"people/compare?who={old}&who={new}").text
    assert "Answers to competencies" in compared
    for secret in ("Old alone", "1.02"):
        assert secret not in compared
    merge = two.join(two.new, two.old)
    assert "Undo the join" in two.ada.get(f"people/joins/{merge}").text
    assert "Joined so far" in two.ada.get("people").text
    # Who was joined is found as one person, by every identifier.
    again = two.ada.get("people?words=old").text
    assert "1 person found" in again
    assert f"with={new}" in again
    assert two.ada.get(f"people/compare?who={old}&who={new}").status_code == 404


REFUSED: list[tuple[Callable[[Two], dict[str, Any]], int, str]] = [
    (lambda two: {}, 400, "merge-same"),
    (
        lambda two: {"who": [two.public(two.old)] * 2, "stays": two.public(two.old)},
        400,
        "merge-same",
    ),
    (lambda two: {"who": [two.public(two.old), two.public(two.new)]}, 400, "merge-unclear"),
    (
        lambda two: {"who": [two.public(two.old), "x"], "stays": "x"},
        404,
        "person-unknown",
    ),
    (
        lambda two: {
            "who": [two.public(two.old), two.public(two.ada)],
            "stays": two.public(two.old),
        },
        409,
        "merge-oneself",
    ),
]


@pytest.mark.parametrize(("form", "status", "code"), REFUSED)
def test_a_join_that_is_not_of_two_is_refused(
    two: Two, form: Callable[[Two], dict[str, Any]], status: int, code: str
) -> None:
    before = counts(two.rows())
    answer = two.ada.post("people/join", form(two))
    assert (answer.status_code, code in answer.text) == (status, True)
    assert counts(two.rows()) == before


def test_nobody_joins_people_of_another_organisation(two: Two) -> None:
    far = two.tool.sign_in("far", organisation="Far")
    odin = two.tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Far")
    names = [two.public(two.old), two.public(far)]
    for who in (two.ada, odin):
        answer = who.post("people/join", {"who": names, "stays": names[0]})
        assert answer.status_code == 404
        assert who.get(f"people/compare?who={names[0]}&who={names[1]}").status_code == 404
    merge = two.join(two.new, two.old)
    assert odin.get(f"people/joins/{merge}").status_code == 404
    assert odin.post(f"people/joins/{merge}/undo", {}).status_code == 404
    assert "Amina" not in odin.get("people?words=a").text


@pytest.mark.parametrize("roles", [LEARNER, frozenset({Role.TUTOR})])
def test_only_administrators_join(two: Two, roles: frozenset[Role]) -> None:
    who = two.tool.sign_in("who", roles=roles)
    names = [two.public(two.old), two.public(two.new)]
    assert who.get("people").status_code == 403
    assert who.post("people/join", {"who": names, "stays": names[0]}).status_code == 403


def test_a_join_that_fails_changes_nothing(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    from lti_tool.gateway.people import services

    before = two.rows()

    def fails(*_arguments: object) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(services, "_take_name", fails)
    names = [two.public(two.new), two.public(two.old)]
    assert two.ada.post("people/join", {"who": names, "stays": names[0]}).status_code == 500
    assert two.rows() == before
    assert two.one(select(func.count()).select_from(metadata.tables["merges"])) == 0


def test_one_row_alone_is_sent_for_a_cell(two: Two) -> None:
    """The other's undelivered score is about the same cell: either could be the last to arrive."""
    merge = two.join(two.new, two.old)

    def unsent() -> list[tuple[int, str]]:
        with two.tool.database.transaction(write=False) as session:
            rows = session.execute(
                select(Score.person_id, Score.subject)
                .where(Score.delivered_version < Score.version)
                .order_by(Score.subject)
            )
            return [(row.person_id, row.subject) for row in rows]

    assert [person for person, _subject in unsent()] == [two.new.actor.person_id]
    two.undo(merge)
    old, new = two.old.actor.person_id, two.new.actor.person_id
    assert unsent() == [(new, "new"), (old, "old")]
