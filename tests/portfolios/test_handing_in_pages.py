"""The pages of handing in: what is missing, the receipt, what was handed in, taking back."""

import re

from sqlalchemy import update

from lti_tool.kernel.actor import Role
from lti_tool.portfolios.cases.rules import account_item
from lti_tool.portfolios.submitting.models import SubmissionTask
from lti_tool.portfolios.submitting.services import begin_review, close, return_for_more
from lti_tool.wiring.messages import make_worker
from tests.portfolios.handing_in import Handing, begun, handed_in, ready, text_for
from tests.portfolios.witnessing import add_file, reported
from tests.storage import files
from tests.tool import TUTOR, Tool

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
YES = {"understood": "yes"}


def post(amina: Handing, **form: str) -> str:
    answer = amina.visitor.post(f"{amina.path}/hand-in", YES | form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def page(amina: Handing, path: str) -> str:
    answer = amina.visitor.get(f"{amina.path}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_is_missing_is_listed_with_links(tool: Tool) -> None:
    amina = begun(tool)
    amina.write("1.01", text_for("1.01"))
    found = page(amina, "hand-in")
    missing = found[found.index('id="missing"') : found.index('id="what-title"')]
    assert f"{amina.path}/task/1.02" in missing
    assert f"{amina.path}/task/1.01" not in missing
    assert 'name="understood"' not in found


def test_trying_with_something_missing_loses_nothing(tool: Tool) -> None:
    amina = begun(tool)
    amina.write("1.01", text_for("1.01"))
    answer = amina.visitor.post(f"{amina.path}/hand-in", YES)
    assert answer.status_code == 409
    assert "cannot be handed in yet" in answer.text
    assert amina.standing().submission is None
    assert text_for("1.01") in page(amina, "task/1.01")


def test_handing_in_leads_to_the_receipt_and_the_worker_makes_the_pdf(tool: Tool) -> None:
    amina = ready(tool)
    receipt = post(amina)
    shown = amina.visitor.client.get(receipt)
    assert shown.status_code == 200, shown.text
    submission = amina.standing().submission
    assert submission
    assert submission.digest in shown.text
    assert "The PDF is being made" in shown.text
    make_worker(tool.runtime).drain()
    assert "Download the PDF" in amina.visitor.client.get(receipt).text
    pdf = amina.visitor.get(f"{amina.path}/submissions/{submission.public_id}/pdf")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.mimetype == "application/pdf"


def test_the_tick_and_the_reference_are_asked_for_in_words(tool: Tool) -> None:
    amina = ready(tool)
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    rules = {"fee_required": "yes", "fee_text": "Forty pounds, to be paid at the office."}
    assert ada.post("submission-rules", rules).status_code == 303
    assert "Forty pounds" in page(amina, "hand-in")
    untouched = amina.visitor.post(f"{amina.path}/hand-in", {"fee_reference": "INV-7"})
    assert untouched.status_code == 400
    assert 'value="INV-7"' in untouched.text
    assert "Tick that you want to hand it in." in untouched.text
    without = amina.visitor.post(f"{amina.path}/hand-in", YES)
    assert without.status_code == 409
    assert "asks for the reference number" in without.text
    for wrong in ("\0", "7" * 20_000):
        refused = amina.visitor.post(f"{amina.path}/hand-in", YES | {"fee_reference": wrong})
        assert refused.status_code == 409, refused.text
    assert amina.standing().submission is None
    assert "INV-7" in amina.visitor.client.get(post(amina, fee_reference="INV-7")).text


def test_a_second_click_leads_to_the_same_receipt(tool: Tool) -> None:
    amina = ready(tool)
    assert post(amina) == post(amina)
    assert "It cannot be handed in twice" in page(amina, "hand-in")


def test_a_submission_is_taken_back_until_somebody_reads_it(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    path = f"submissions/{submission.public_id}"
    assert "Yes, take it back" in page(amina, path)
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
    assert "Yes, take it back" not in page(amina, path)
    refused = amina.visitor.post(f"{amina.path}/{path}/withdraw", {})
    assert refused.status_code == 409
    assert "A review has begun" in refused.text
    ben, other = handed_in(tool, "ben")
    answer = ben.visitor.post(f"{ben.path}/submissions/{other.public_id}/withdraw", {})
    assert answer.status_code == 303
    assert "You took it back" in ben.visitor.client.get(answer.location).text
    assert "Taken back" in page(ben, "submissions")
    assert "nobody reads it" in ben.visitor.get("portfolio/").text


def test_the_overview_says_how_it_stands_and_what_comes_next(tool: Tool) -> None:
    amina = ready(tool)
    overview = amina.visitor.get("portfolio/").text
    assert f"{amina.path}/hand-in" in overview
    assert "not possible yet" not in overview
    submission = amina.hand_in()
    overview = amina.visitor.get("portfolio/").text
    assert "Handed in, waiting for an assessor" in overview
    assert "Hand in again" not in overview
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
    assert "Being read" in amina.visitor.get("portfolio/").text
    with tool.database.transaction() as session:
        assert return_for_more(session, submission.id, ["1.02"])
    overview = amina.visitor.get("portfolio/").text
    (reopened,) = re.findall(r'<ul class="reopened">(.*?)</ul>', overview, re.DOTALL)
    assert re.findall(r"/task/([\d.]+)", reopened) == ["1.02"]
    assert "Read the outcome" in overview
    assert "Hand it in again" in overview
    assert overview.count("Accepted") == 11


def test_a_closed_task_is_read_and_says_why(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    shown = page(amina, "task/1.01")
    assert "This task is handed in, so it cannot be changed now." in shown
    assert 'name="text"' not in shown
    assert "I sat with a mother" in shown
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert return_for_more(session, submission.id, ["1.02"])
    assert "This task was accepted" in page(amina, "task/1.01")
    assert 'name="text"' in page(amina, "task/1.02")
    assert "no version can be put back" in page(amina, "task/1.01/versions/1")


def test_what_is_typed_too_late_is_refused_and_shown_again(tool: Tool) -> None:
    amina, _submission = handed_in(tool)
    typed = "Written while another tab handed it in."
    form = {"text": typed, "version": "1"}
    answer = amina.visitor.post(f"{amina.path}/task/1.01", form)
    assert answer.status_code == 409
    assert typed in answer.text
    assert "What you typed was not saved here" in answer.text
    sent = amina.visitor.post_json(f"{amina.path}/task/1.01/text", {"text": typed, "version": 1})
    assert sent.status_code == 409
    assert sent.get_json()["error"]["code"] == "portfolio-handed-in"
    assert "current" not in sent.get_json()


def test_what_was_handed_in_is_shown_with_its_files_and_changes(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina, "1.02")
    first = amina.hand_in()
    with tool.database.transaction() as session:
        assert begin_review(session, first.id)
        assert return_for_more(session, first.id, ["1.01"])
    amina.write("1.01", "I went back, and asked the father as well.")
    second = amina.hand_in()
    shown = page(amina, f"submissions/{second.public_id}/handed-in")
    assert shown.count('<article class="frozen"') == 12
    assert "What changed since submission 1" in shown
    assert "<ins>" in shown
    assert shown.count("Accepted in submission 1") == 11
    (link,) = set(re.findall(r'href="([^"]*/evidence/\d+)"', shown))
    assert amina.visitor.client.get(link).data == files.PDF
    assert "<ins>" not in page(amina, f"submissions/{first.public_id}/handed-in")


def test_a_file_of_another_submission_is_not_there(tool: Tool) -> None:
    amina, ben = ready(tool), ready(tool, "ben")
    add_file(amina)
    hers, his = amina.hand_in(), ben.hand_in()
    piece = amina.frozen(hers.id).tasks[0].evidence[0].id
    for path in (
        f"{ben.path}/submissions/{his.public_id}/evidence/{piece}",
        f"{ben.path}/submissions/{hers.public_id}/evidence/{piece}",
        f"{ben.path}/submissions/{hers.public_id}",
        f"{amina.path}/submissions/{his.public_id}",
        f"{ben.path}/submissions/{hers.public_id}/pdf",
        f"{ben.path}/submissions/%00",
        f"{ben.path}/submissions/{his.public_id}/evidence/{10**30}",
    ):
        assert ben.visitor.get(path).status_code == 404, path
    assert amina.visitor.get(f"{amina.path}/submissions/{his.public_id}").status_code == 404


def test_the_owner_checks_that_nothing_changed(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    path = f"submissions/{submission.public_id}/check"
    assert "Nothing has changed" in page(amina, path)
    with tool.database.transaction() as session:
        session.execute(
            update(SubmissionTask).where(SubmissionTask.code == "2.03").values(text="Other words.")
        )
    changed = page(amina, path)
    assert "What is stored is not what you handed in" in changed
    assert "It differs in: 2.03." in changed


def test_a_text_that_a_report_hides_still_is_pointed_out_before_it_goes_again(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    reader = tool.sign_in("rhys", roles=TUTOR, course="elsewhere")
    reported(tool, reader, submission, account_item("1.02"))
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert return_for_more(session, submission.id, ["1.01", "1.02"])
    asked = page(amina, "hand-in")
    assert "1 text would be read by nobody" in asked
    amina.write("1.02", "Nobody can be known by this.")
    assert "would be read by nobody" not in page(amina, "hand-in")


def test_a_new_round_begins_from_the_receipt(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    refused = amina.visitor.post(f"{amina.path}/new-round", {})
    assert refused.status_code == 409
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert close(session, submission.id, recognised=True)
    assert "Begin a new round" in page(amina, f"submissions/{submission.public_id}")
    answer = amina.visitor.post(f"{amina.path}/new-round", {})
    assert answer.status_code == 303
    overview = amina.visitor.client.get(answer.location).text
    assert "Copy 12 texts" in overview
    assert f"{amina.path}/task" not in overview
    assert "This portfolio was recognised" in page(amina, "task/1.01")


def test_the_rules_are_the_administrators(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    assert tool.sign_in("amina").get("submission-rules").status_code == 403
    assert tool.sign_in("tara", roles=TUTOR).post("submission-rules", {}).status_code == 403
    for wrong in ({"fee_required": "yes"}, {"fee_text": "x" * 2001}):
        refused = ada.post("submission-rules", wrong)
        assert refused.status_code == 400
        assert "Not saved yet" in refused.text
    assert ada.post("submission-rules", {"fee_text": "For later.\0"}).status_code == 303
    shown = ada.get("submission-rules").text
    assert "For later." in shown
    assert "checked" not in shown
    other = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert "For later." not in other.get("submission-rules").text
