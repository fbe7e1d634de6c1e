"""Reports of identifiable data: hidden at once, told, and kept in a history."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text, update

from lti_tool.courses.models import Membership
from lti_tool.kernel import clock
from lti_tool.kernel.errors import InvalidInput, NotAllowed, NotFound, TooLarge
from lti_tool.notifications.models import Notification
from lti_tool.portfolios.cases import history
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.queries import hidden_accounts, hides_anything
from lti_tool.portfolios.cases.rules import (
    Item,
    ItemKind,
    account_item,
    evidence_item,
    parse_item,
    statement_item,
    text_digest,
)
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.evidence.services import remove as remove_evidence
from lti_tool.portfolios.evidence.services import restore as restore_evidence
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.submitting.models import SubmissionEvidence
from tests.portfolios.handing_in import ready
from tests.portfolios.reporting import CONTENT, TEXT, WORDS, Scene
from tests.portfolios.witnessing import (
    SAID,
    add_file,
    names_in,
    piece_of,
    reported,
    text_of,
)
from tests.reviews.offices import ADMINISTRATOR
from tests.storage import files
from tests.tool import TUTOR, Tool, Visitor


@pytest.mark.parametrize("kind", list(ItemKind))
def test_a_report_hides_the_item_at_once_from_all_but_owner_and_administrators(
    scene: Scene, kind: ItemKind
) -> None:
    assert CONTENT[kind] in scene.seen_by_reader()
    case = scene.report(kind)
    assert CONTENT[kind] not in scene.seen_by_reader()
    others = [content for one, content in CONTENT.items() if one is not kind]
    assert all(content in scene.seen_by_reader() for content in others)
    assert CONTENT[kind] in str(scene.amina.frozen(scene.submission.id, sees_hidden=True))
    assert CONTENT[kind] in text_of(scene.mine(case))
    assert CONTENT[kind] in text_of(scene.ada.get(f"cases/{case}"))
    with scene.tool.database.transaction(write=False) as session:
        assert hides_anything(session, scene.submission.id)
        assert bool(hidden_accounts(session, scene.amina.portfolio.id)) == (kind == "account")
        live = {
            ItemKind.EVIDENCE: session.execute(select(Evidence.hidden_at)).scalar_one(),
            ItemKind.STATEMENT: session.execute(select(WitnessStatement.hidden_at)).scalar_one(),
        }
    assert {one for one, at in live.items() if at} == {kind} - {ItemKind.ACCOUNT}


def test_owner_and_administrators_are_told_and_never_what_it_was(scene: Scene) -> None:
    case = scene.report()
    with scene.tool.database.transaction(write=False) as session:
        found = list(session.execute(select(Notification)).scalars())
    told = {(one.person_id, one.kind): one for one in found if one.kind.startswith("case")}
    owner = told.pop((scene.amina.visitor.actor.person_id, "case-opened"))
    assert (owner.endpoint, owner.link["case"]) == ("cases.mine", case)
    assert owner.placement_id == scene.submission.placement_id
    office = told.pop((scene.ada.actor.person_id, "case-to-settle"))
    assert (office.endpoint, office.link) == ("cases.case", {"case": case})
    assert not told  # not the tutors, and not the one who reported
    for one in found:
        assert WORDS not in str(one.params)
        assert TEXT not in str(one.params)


def test_administrators_who_are_enrolled_in_no_course_are_told_and_former_ones_are_not(
    scene: Scene,
) -> None:
    former = scene.tool.sign_in("former", roles=ADMINISTRATOR, course="office")
    elsewhere = scene.tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    with scene.tool.database.transaction() as session:
        for who, listed_at in ((scene.ada, None), (former, clock.now())):
            session.execute(
                update(Membership)
                .where(Membership.id == who.actor.membership_id)
                .values(active=False, listed_at=listed_at)
            )
    scene.report()
    with scene.tool.database.transaction(write=False) as session:
        told = session.execute(
            select(Notification.person_id).where(Notification.kind == "case-to-settle")
        )
        assert set(told.scalars()) == {scene.ada.actor.person_id}
    assert elsewhere.actor.person_id != scene.ada.actor.person_id


def test_overview_and_task_say_what_was_reported_until_it_is_replaced(scene: Scene) -> None:
    case = scene.report()
    page = scene.amina.visitor.get("portfolio/")
    assert "known by your text for 1.01" in text_of(page)
    assert f"/cases/{case}" in page.text
    assert "handed in or accepted" in text_of(scene.mine(case))
    locked = scene.amina.visitor.get(f"{scene.amina.path}/task/1.01")
    assert f"/cases/{case}" in locked.text
    scene.give_back("1.01")
    task = scene.amina.visitor.get(f"{scene.amina.path}/task/1.01")
    assert "known by your text for 1.01" in text_of(task)
    assert "known by your" not in text_of(scene.amina.visitor.get(f"{scene.amina.path}/task/1.02"))
    assert "Change your text" in text_of(scene.mine(case))
    scene.amina.write("1.01", "A baby, and a mother.")
    scene.amina.write("1.01", "A baby, and a mother. We waited.")
    assert scene.acts(case) == ["opened", "replaced"]
    assert "You have replaced it already" in text_of(scene.mine(case))
    assert "known by your text" not in text_of(scene.amina.visitor.get("portfolio/"))
    scene.amina.write("1.01", TEXT)
    assert scene.acts(case) == ["opened", "replaced", "put-back"]
    assert "known by your text" in text_of(scene.amina.visitor.get("portfolio/"))


def test_a_text_that_was_put_back_is_hidden_in_the_next_submission_too(scene: Scene) -> None:
    scene.report()
    scene.give_back("1.01", "1.02")
    scene.amina.write("1.02", "More of it.")
    again = scene.amina.hand_in()
    hidden = {one.code for one in scene.amina.frozen(again.id).tasks if one.is_hidden}
    assert hidden == {"1.01"}
    assert TEXT not in str(scene.amina.frozen(again.id, sees_hidden=False))


def test_a_changed_text_is_shown_in_the_next_submission(scene: Scene) -> None:
    scene.report()
    scene.give_back("1.01")
    scene.amina.write("1.01", "A baby, and a mother.")
    again = scene.amina.hand_in()
    assert "A baby, and a mother." in str(scene.amina.frozen(again.id, sees_hidden=False))
    assert TEXT not in scene.seen_by_reader()


def test_a_removed_file_is_noted_and_so_is_one_that_came_back(scene: Scene) -> None:
    case = scene.report(ItemKind.EVIDENCE)
    scene.give_back("1.01")
    actor = scene.amina.visitor.actor
    with scene.tool.database.transaction() as session:
        remove_evidence(session, actor, scene.piece.public_id)
    assert scene.acts(case) == ["opened", "replaced"]
    assert "You have replaced it already" in text_of(scene.mine(case))
    with scene.tool.database.transaction() as session:
        restore_evidence(session, actor, scene.piece.public_id)
    assert scene.acts(case) == ["opened", "replaced", "put-back"]


def test_a_corrected_statement_is_not_what_was_reported(scene: Scene) -> None:
    case = scene.report(ItemKind.STATEMENT)
    scene.give_back("1.01")
    assert scene.witness.give(text="Calm, and on time.").status_code == 303
    assert scene.acts(case) == ["opened", "replaced"]
    with scene.tool.database.transaction(write=False) as session:
        assert session.execute(select(WitnessStatement.hidden_at)).scalar_one() is None
    assert SAID["text"] not in scene.seen_by_reader()


def test_a_statement_left_out_is_noted(scene: Scene) -> None:
    case = scene.report(ItemKind.STATEMENT)
    scene.give_back("1.01")
    page = scene.amina.visitor.get(f"{scene.amina.path}/task/1.01/statements")
    assert "reported that somebody could be known by it" in text_of(page)
    (name,) = names_in(page)
    scene.amina.visitor.post(f"{scene.amina.path}/task/1.01/statements/{name}/remove", {})
    assert scene.acts(case) == ["opened", "replaced"]


def test_a_witness_does_not_read_an_account_that_is_hidden(scene: Scene) -> None:
    assert TEXT.split("*")[0] in scene.witness.get().text
    scene.report()
    assert TEXT.split("*")[0] not in scene.witness.get().text


def test_the_file_of_a_case_is_for_administrators_as_an_attachment(scene: Scene) -> None:
    case = scene.report(ItemKind.EVIDENCE)
    answer = scene.ada.get(f"cases/{case}/file")
    assert answer.data == files.PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert scene.ada.get(f"cases/{case}/file?preview=1").status_code == 404
    other = scene.report(ItemKind.ACCOUNT)
    assert scene.ada.get(f"cases/{other}/file").status_code == 404


def test_a_second_report_joins_the_case(scene: Scene) -> None:
    first = scene.report(words="A name.")
    other = scene.tool.sign_in("elin", roles=TUTOR, course="another")
    again = reported(scene.tool, other, scene.submission, account_item("1.01"), "And a date.")
    assert again.public_id == first
    assert scene.acts(first) == ["opened", "reported"]
    page = text_of(scene.ada.get(f"cases/{first}"))
    assert "And a date." in page
    assert "Person elin (Assessor)" in page
    mine = text_of(scene.mine(first))
    assert "And a date." in mine
    assert "elin" not in mine  # the owner reads in what part somebody acted


def test_a_piece_that_serves_two_tasks_is_one_item(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina)
    add_file(amina, "1.02")
    submission = amina.hand_in()
    reader = tool.sign_in("rhys", roles=TUTOR, course="elsewhere")
    one = reported(tool, reader, submission, evidence_item(piece_of(amina, submission).id))
    assert one.code == "1.01"
    frozen = amina.frozen(submission.id)
    hidden = [piece.code for task in frozen.tasks for piece in task.evidence if piece.is_hidden]
    with tool.database.transaction(write=False) as session:
        pieces = len(set(session.execute(select(SubmissionEvidence.evidence_id)).scalars()))
    assert len(hidden) == (2 if pieces == 1 else 1)


def test_owner_and_administrator_write_to_each_other(scene: Scene) -> None:
    case = scene.report()
    path = f"{scene.amina.path}/cases/{case}"
    assert scene.amina.visitor.post(path, {"words": "It is an invented name."}).status_code == 303
    assert scene.ada.post(f"cases/{case}/note", {"words": "Thank you."}).status_code == 303
    assert scene.acts(case) == ["opened", "answered", "noted"]
    for page in (scene.mine(case), scene.ada.get(f"cases/{case}")):
        assert "It is an invented name." in page.text
        assert "Thank you." in page.text


@pytest.mark.parametrize("words", ["", " \0\n", "x" * 2001])
def test_words_that_cannot_be_kept_are_said_and_stay(scene: Scene, words: str) -> None:
    case = scene.report()
    status = 413 if len(words) > 2000 else 400
    answers = [
        scene.amina.visitor.post(f"{scene.amina.path}/cases/{case}", {"words": words}),
        scene.ada.post(f"cases/{case}/note", {"words": words}),
        scene.settle(case, "shown-again", words=words),
        scene.settle(case, "erased", words=words, sure=""),
    ]
    assert [one.status_code for one in answers[:3]] == [status] * 3
    for one in answers[:3]:
        assert not words.strip(" \0\n") or words in one.text
    assert answers[3].status_code in {200, status}
    assert scene.acts(case) == ["opened"]


def test_what_cannot_be_reported(scene: Scene) -> None:
    elsewhere = scene.tool.sign_in("olga", roles=TUTOR, organisation="Other")
    other = ready(scene.tool, "ben")
    add_file(other)
    hers = other.hand_in()
    refused: list[tuple[type[Exception], Visitor, Item, str]] = [
        (NotFound, elsewhere, account_item("1.01"), WORDS),
        (NotAllowed, scene.amina.visitor, account_item("1.01"), WORDS),
        (NotFound, scene.reader, account_item("9.99"), WORDS),
        (NotFound, scene.reader, evidence_item(piece_of(other, hers).id), WORDS),
        (NotFound, scene.reader, Item(ItemKind.EVIDENCE, "9" * 40), WORDS),
        (NotFound, scene.reader, Item(ItemKind.EVIDENCE, "x"), WORDS),
        (NotFound, scene.reader, statement_item("nobody"), WORDS),
        (InvalidInput, scene.reader, account_item("1.01"), " \0"),
        (TooLarge, scene.reader, account_item("1.01"), "x" * 2001),
    ]
    for error, who, item, words in refused:
        with pytest.raises(error):
            reported(scene.tool, who, scene.submission, item, words)
    assert TEXT in scene.seen_by_reader()


@pytest.mark.parametrize("sent", ["", "account", "account:", "burnt:1.01", "account:" + "1" * 41])
def test_a_form_that_names_nothing_is_refused(sent: str) -> None:
    with pytest.raises(InvalidInput):
        parse_item(sent)


def test_a_form_names_what_it_shows() -> None:
    for item in (account_item("1.01"), evidence_item(7), statement_item("abc-d_e")):
        assert parse_item(item.key) == item


def test_the_list_puts_what_waits_first_and_filters(scene: Scene) -> None:
    assert "Nothing has been reported" in text_of(scene.ada.get("cases"))
    settled, first, second = (scene.report(kind) for kind in CONTENT)
    scene.settle(settled, "shown-again")
    page = scene.ada.get("cases")
    shown = re.findall(r"/cases/([\w-]{16})\"", page.text)
    assert shown == [first, second, settled]
    assert "since today" in text_of(page)
    only = scene.ada.get("cases?state=open").text
    assert settled not in only
    assert first in only
    assert "There is no case like that." in scene.ada.get("cases?state=erased").text
    for query in ("?state=burnt", "?page=0", "?page=x", "?page=9999999", "?page=%00"):
        assert scene.ada.get(f"cases{query}").status_code == 200


def test_who_may_not_see_a_case(scene: Scene) -> None:
    case = scene.report(ItemKind.EVIDENCE)
    tool = scene.tool
    odin = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert "Nothing has been reported" in text_of(odin.get("cases"))
    tara = tool.sign_in("tara", roles=TUTOR)
    ben = tool.sign_in("ben")
    gone = {odin: 404, tara: 403, ben: 403, scene.reader: 403, scene.amina.visitor: 403}
    form = {"decision": "shown-again", "words": "Mine now.", "seen": "open", "sure": "yes"}
    for who, status in gone.items():
        assert who.get(f"cases/{case}").status_code == status
        assert who.get(f"cases/{case}/file").status_code == status
        assert who.post(f"cases/{case}/note", form).status_code == status
        assert who.post(f"cases/{case}/settle", form).status_code == status
    for who, status in {odin: 403, tara: 403, ben: 404}.items():
        assert who.get(f"{scene.amina.path}/cases/{case}").status_code == status
        assert who.post(f"{scene.amina.path}/cases/{case}", form).status_code == status
    for page in ("cases/nobody", "cases/%00", f"{scene.amina.path}/cases/nobody"):
        who = scene.amina.visitor if page.startswith("portfolio") else scene.ada
        assert who.get(page).status_code == 404
    assert scene.acts(case) == ["opened"]


def test_lines_of_the_history_can_neither_be_changed_nor_taken_out(scene: Scene) -> None:
    case = scene.report()
    for statement in (
        "UPDATE confidentiality_events SET words = 'nothing'",
        "DELETE FROM confidentiality_events",
    ):
        with pytest.raises(Exception, match="only added to"):  # noqa: SIM117
            with scene.tool.database.transaction() as session:
                session.execute(text(statement))
    with scene.tool.database.transaction(write=False) as session:
        number = session.execute(select(ConfidentialityCase.id)).scalar_one()
        assert history.is_whole(session, number)
    assert "not as it was written" not in scene.ada.get(f"cases/{case}").text


def test_a_line_that_was_changed_by_force_shows(scene: Scene) -> None:
    case = scene.report()
    with scene.tool.database.transaction() as session:
        if scene.tool.database.is_sqlite:
            session.execute(text("DROP TRIGGER confidentiality_events_fixed"))
        else:
            session.execute(text("SET LOCAL session_replication_role = 'replica'"))
        session.execute(text("UPDATE confidentiality_events SET words = 'nothing'"))
    assert "not as it was written" in scene.ada.get(f"cases/{case}").text


def test_two_reports_at_once_make_one_case(scene: Scene) -> None:
    others = [
        scene.tool.sign_in(f"reader-{n}", roles=TUTOR, course=f"elsewhere-{n}") for n in range(4)
    ]
    gate = Barrier(len(others))

    def one(who: Visitor) -> str:
        gate.wait()
        return reported(scene.tool, who, scene.submission, account_item("1.01")).public_id

    with ThreadPoolExecutor(len(others)) as pool:
        cases = set(pool.map(one, others))
    assert len(cases) == 1
    assert scene.acts(cases.pop()) == ["opened", "reported", "reported", "reported"]


def test_a_report_while_the_owner_takes_it_back_hides_it_all_the_same(scene: Scene) -> None:
    gate = Barrier(2)

    def withdraw() -> None:
        gate.wait()
        scene.amina.withdraw(scene.submission.public_id)

    def report() -> str:
        gate.wait()
        return scene.report()

    with ThreadPoolExecutor(2) as pool:
        gone, case = pool.submit(withdraw), pool.submit(report)
        gone.result(60)
        public_id = case.result(60)
    assert TEXT not in scene.seen_by_reader()
    assert scene.acts(public_id) == ["opened"]
    page = text_of(scene.mine(public_id))
    assert "Change your text so that nobody can be known by it" in page


def test_an_item_is_known_again_by_its_digest_alone(scene: Scene) -> None:
    scene.report()
    with scene.tool.database.transaction(write=False) as session:
        row = session.execute(select(ConfidentialityCase)).scalar_one()
        assert row.digest == text_digest(TEXT)
        assert TEXT not in str(vars(row))
