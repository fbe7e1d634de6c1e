"""Evidence beyond one task: certificates, other portfolios, what is handed in, cases, the record."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.loading import library
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, NotFound
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.evidence.queries import (
    evidence_counts,
    evidence_file,
    evidence_of_person,
    evidence_of_portfolio,
)
from lti_tool.portfolios.evidence.rules import Lack, lacking
from lti_tool.portfolios.evidence.services import link, remove, unlink
from lti_tool.portfolios.levels import same_tasks
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.submitting.models import SubmissionEvidence
from lti_tool.storage.models import StoredFile
from tests.portfolios.gathering import Gatherer, gatherer
from tests.portfolios.handing_in import ready
from tests.portfolios.writing import begin
from tests.storage import files, media
from tests.tool import Tool, Visitor

RECORD = {"title": "PIIOS", "provider": "Warwick", "begun_on": "2026-01-01", "hours": "2"}


ENTRY = "piios-entry-0001"


def with_certificate(tool: Tool, name: str, content: bytes) -> tuple[Visitor, Gatherer]:
    """A learner with a certificate, at her self-assessment and at her portfolio."""
    rated = tool.sign_in("amina", link="grid")
    form: dict[str, Any] = RECORD | {"once": ENTRY, "certificate": (io.BytesIO(content), name)}
    answer = rated.post("training-record/new", form)
    assert answer.status_code == 303, answer.text
    return rated, gatherer(tool, link="portfolio")


def test_a_certificate_is_added_without_another_upload_and_both_live_on(tool: Tool) -> None:
    rated, amina = with_certificate(tool, "certificate.jpg", media.photo())
    assert "Certificates of your training" in amina.panel()
    bring = f"{amina.path}/task/1.01/evidence/bring"
    form = {"panel": "1.01", "key": f"certificate:{ENTRY}"}
    assert amina.writer.visitor.post(bring, form).status_code == 303
    (piece,) = amina.pieces()
    assert b"GPS" not in amina.look(piece).data
    assert amina.look(piece, "preview").status_code == 200
    removed = rated.post(f"training-record/{ENTRY}/certificate/remove", {})
    assert removed.status_code == 303
    assert amina.look(piece).status_code == 200
    gone = amina.writer.visitor.post(bring, form)
    assert gone.status_code == 404
    ben = gatherer(tool, "ben")
    foreign = ben.writer.visitor.post(f"{ben.path}/task/1.01/evidence/bring", form)
    assert foreign.status_code == 404


def test_a_certificate_that_is_no_evidence_is_refused_in_words(tool: Tool) -> None:
    _rated, amina = with_certificate(tool, "certificate.txt", files.TEXT)
    form = {"panel": "1.01", "key": f"certificate:{ENTRY}"}
    answer = amina.writer.visitor.post(f"{amina.path}/task/1.01/evidence/bring", form)
    assert answer.status_code == 400
    assert "Files with this ending are not taken as evidence." in answer.text


def test_what_is_carried_over_brings_its_evidence(tool: Tool) -> None:
    amina = gatherer(tool)
    fits = same_tasks(library()["portfolio-2"], library()["portfolio-1"])
    (here, there), (_here2, there2) = list(fits.items())[:2]
    amina.writer.save("Copied.", code=there)
    piece = amina.give(code=there)
    amina.give("Elsewhere.pdf", files.PDF, code=there2)
    second = Gatherer(begin(amina.writer.visitor, "portfolio-2"))
    source = amina.path.rpartition("/")[2]
    assert amina.writer.visitor.post(f"{second.path}/carry", {"source": source}).status_code == 303
    assert second.pieces(here) == [piece]
    assert "level 1:" in second.panel(here)
    assert amina.pieces(there) == [piece]


def portfolio_of(tool: Tool, who: Visitor) -> int:
    with tool.database.transaction(write=False) as session:
        mine = select(Portfolio.id).where(Portfolio.person_id == who.actor.person_id)
        return int(session.execute(mine).scalar_one())


def test_counts_and_pieces_take_as_many_statements_for_one_as_for_many(tool: Tool) -> None:
    amina = gatherer(tool)
    first = amina.give()
    portfolio = portfolio_of(tool, amina.writer.visitor)
    amina.act(first, "link", code="1.02")
    removed = amina.give("Gone.pdf", files.PDF)
    amina.act(removed, "remove")
    with tool.database.transaction(write=False) as session:
        assert evidence_counts(session, portfolio) == {"1.01": 1, "1.02": 1}
        found = evidence_of_portfolio(session, portfolio)
        assert {code: [one.public_id for one in ones] for code, ones in found.items()} == {
            "1.01": [first],
            "1.02": [first],
        }
        assert {task.code for task in found["1.01"][0].tasks} == {"1.01", "1.02"}
        assert lacking(found["1.01"][0]) == (Lack.ALT, Lack.DECLARATION)
        assert len(evidence_of_person(session, amina.writer.visitor.actor.person_id)) == 1


def test_what_is_handed_in_keeps_its_evidence_and_lets_nothing_be_changed(tool: Tool) -> None:
    hers = ready(tool)
    amina = Gatherer(begin(hers.visitor))
    piece = amina.give()
    amina.tell(piece, alt="A tower")
    hers.hand_in()
    visitor, task = hers.visitor, Task(hers.portfolio, hers.asked, "1.01")
    acts: list[Callable[[Session], object]] = [
        lambda session: unlink(session, visitor.actor, piece, task),
        lambda session: link(session, visitor.actor, piece, task),
        lambda session: remove(session, visitor.actor, piece),
    ]
    for act in acts:
        with pytest.raises(Conflict), tool.database.transaction() as session:
            act(session)
    begun = amina.begin("Late.mp4", 100)
    assert begun.status_code == 409
    assert amina.act(piece, "remove").status_code == 409
    late = amina.add(("Late.pdf", files.PDF))
    assert late.status_code == 409
    told = amina.act(piece, title="Other", alt="", declaration="", seen="")
    assert told.status_code == 409
    with tool.database.transaction(write=False) as session:
        frozen = session.execute(select(SubmissionEvidence.alt)).scalars().all()
        assert frozen == ["A tower"]
        assert session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 1


def test_a_hidden_piece_is_seen_by_its_owner_and_found_by_the_office_alone(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    with tool.database.transaction() as session:
        session.execute(update(Evidence).values(hidden_at=clock.now()))
        number = session.execute(select(Evidence.id)).scalar_one()
        mine = amina.writer.visitor.actor.organisation_id
        assert evidence_file(session, mine, number).is_hidden
        with pytest.raises(NotFound):
            evidence_file(session, mine + 1, number)
    assert "An assessor reported that somebody can be known" in amina.panel()
    assert amina.look(piece).status_code == 200


def test_the_record_of_a_person_has_the_facts_of_their_evidence(tool: Tool) -> None:
    amina = gatherer(tool)
    piece = amina.give()
    amina.tell(piece, "Tower", "A tower of blocks")
    packed = amina.writer.visitor.get("my-record/zip")
    assert packed.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(packed.data))
    record = json.loads(archive.read("record.json"))
    (found,) = record["evidence"]
    assert (found["title"], found["alt"], found["id"]) == ("Tower", "A tower of blocks", piece)
    assert found["tasks"][0]["code"] == "1.01"
    assert found["tasks"][0]["portfolio"] == record["portfolios"][0]["id"]
    assert record["files"] == []
