"""The pages of handing in: what is missing, the receipt, what was handed in, taking back."""

import re

from lti_tool.kernel.actor import Role
from lti_tool.wiring.messages import make_worker
from tests.portfolios.handing_in import Handing, begun, handed_in, ready, text_for
from tests.tool import LEARNER, TUTOR, Tool

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
