"""Evidence on the desk: to whom it is handed out, in parts, under which name, and when not."""

import io
from typing import Any

import pytest

from lti_tool.portfolios.evidence.queries import evidence_of_person
from lti_tool.portfolios.evidence.rules import Told
from lti_tool.portfolios.evidence.services import change_evidence
from lti_tool.portfolios.rules import Declaration
from lti_tool.reviews.rules import Terms
from tests.portfolios.handing_in import ready
from tests.reviews.offices import Reader, allocated, appoint, set_terms
from tests.storage import media
from tests.tool import Tool


@pytest.fixture
def on_desk(tool: Tool) -> tuple[Reader, Any, str, int]:
    """Anna, the submission with a picture of Amina Khan's, its address and the picture's number."""
    anna = appoint(tool, "anna", [1])
    amina = ready(tool, name="Amina Khan")
    at = f"{amina.path}/task/1.01/evidence"
    picture = (io.BytesIO(media.photo()), "amina_khan at work.jpg")
    assert amina.visitor.post(at, {"files": [picture]}).status_code == 303
    with tool.database.transaction() as session:
        (piece,) = evidence_of_person(session, amina.visitor.actor.person_id)
        said = Told("Amina at work", "A room with toys", Declaration.ANONYMISED)
        change_evidence(session, amina.visitor.actor, piece.public_id, said, seen=piece.mark)
    submission = amina.hand_in()
    allocated(tool, submission)
    (frozen,) = amina.frozen(submission.id).tasks[0].evidence
    return anna, submission, f"desk/{anna.review(submission).public_id}", frozen.id


def test_evidence_is_handed_out_once_begun_and_to_its_reader_alone(
    tool: Tool, on_desk: tuple[Reader, Any, str, int]
) -> None:
    anna, submission, path, number = on_desk
    file = f"{path}/evidence/{number}"
    assert anna.visitor.get(file).status_code == 409
    anna.begin(submission)
    saved = anna.visitor.get(file)
    assert saved.status_code == 200
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    shown = anna.visitor.get(f"{file}?show=1")
    assert "Content-Disposition" not in shown.headers
    part = anna.visitor.get(f"{file}?show=1", headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.data)) == (206, 10)
    assert anna.visitor.get(f"{file}/preview").status_code == 200
    page = anna.visitor.get(f"{path}?task=1.01").text
    assert f"evidence/{number}/preview" in page
    assert "Amina at work" in page
    bert = appoint(tool, "bert", [1])
    for who in (bert.visitor, tool.sign_in("ben")):
        for more in ("", "/preview", "?show=1"):
            assert who.get(file + more).status_code in {403, 404}
    for wrong in ("0", "999999", str(2**63 - 1), str(2**70), "x"):
        assert anna.visitor.get(f"{path}/evidence/{wrong}").status_code == 404


def test_a_blind_reader_gets_a_file_without_the_name_in_its_name(
    tool: Tool, on_desk: tuple[Reader, Any, str, int]
) -> None:
    anna, submission, path, number = on_desk
    set_terms(tool, Terms(blind=True))
    anna.begin(submission)
    page = anna.visitor.get(f"{path}?task=1.01").text
    assert "… at work" in page
    saved = anna.visitor.get(f"{path}/evidence/{number}").headers["Content-Disposition"]
    for text in (page, saved):
        assert "amina" not in text.casefold()
        assert "khan" not in text.casefold()


def test_what_a_report_hides_is_given_to_no_assessor(
    tool: Tool, on_desk: tuple[Reader, Any, str, int]
) -> None:
    anna, submission, path, number = on_desk
    anna.begin(submission)
    form = {"item": f"evidence:{number}", "words": "A face", "code": "1.01"}
    assert anna.visitor.post(f"{path}/report", form).status_code == 303
    page = anna.visitor.get(f"{path}?task=1.01").text
    assert "Amina at work" not in page
    assert f"evidence/{number}" not in page
    for more in ("", "/preview", "?show=1"):
        assert anna.visitor.get(f"{path}/evidence/{number}{more}").status_code == 404
    nothing = form | {"item": "evidence:999999"}
    assert anna.visitor.post(f"{path}/report", nothing).status_code == 404
