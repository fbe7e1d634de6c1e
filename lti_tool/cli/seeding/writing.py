"""Rows of one learner's portfolio: accounts with their version, and evidence. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from lti_tool.cli.seeding.people import Pen, Someone
from lti_tool.cli.seeding.plan import INSTRUMENT
from lti_tool.portfolios.evidence.rules import EvidenceView
from lti_tool.portfolios.rules import Act, Declaration, Written
from lti_tool.portfolios.submitting.freezing import Stock
from lti_tool.storage.facts import FileView
from lti_tool.storage.rules import FileStatus

_SECOND_TASK = 0.25  # how many pieces serve a second task


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A portfolio that somebody has written, with all that may be handed in."""

    id: int
    public_id: str
    owner: Someone
    stock: Stock
    written_by: datetime


def add_portfolio(pen: Pen, owner: Someone) -> Portfolio:
    """Writes every task of a portfolio, with its evidence."""
    chance = pen.chance
    public_id = chance.public_id()
    begun = chance.days_ago(200, 300)
    portfolio_id = pen.add(
        "portfolios",
        public_id=public_id,
        organisation_id=pen.ground.organisation_id,
        person_id=owner.id,
        instrument=INSTRUMENT,
        round=1,
        created_at=begun,
    )
    pen.rows["portfolio_choices"].append(
        {
            "person_id": owner.id,
            "placement_id": owner.course.placement_id,
            "portfolio_id": portfolio_id,
            "chosen_at": begun,
        }
    )
    accounts = {code: _account(pen, portfolio_id, code) for code in pen.ground.asked.by_code}
    evidence = _evidence(pen, owner, portfolio_id, list(accounts))
    return Portfolio(portfolio_id, public_id, owner, Stock(accounts, evidence, {}), begun)


def _account(pen: Pen, portfolio_id: int, code: str) -> Written:
    chance, found = pen.chance, pen.writer.text()
    saved = chance.days_ago(121, 200)
    points = len(pen.ground.asked.by_code[code].points)
    ticks = [number for number in range(points) if chance.draw.random() < 0.6]
    declaration = Declaration.ANONYMISED if chance.draw.random() < 0.8 else Declaration.CONSENT
    version = pen.ground.asked.version
    account_id = pen.add(
        "accounts",
        portfolio_id=portfolio_id,
        code=code,
        instrument_version=version,
        text=found.text,
        words=found.words,
        version=1,
        changed_at=saved,
        ticks=ticks,
        declaration=declaration.value,
        declared_at=saved,
        left_alone=[],
        places=0,
    )
    pen.add(
        "account_versions",
        account_id=account_id,
        number=1,
        text=found.text,
        words=found.words,
        act=Act.TYPED.value,
        sitting="",
        taken_away=0,
        instrument_version=version,
        begun_at=saved,
        saved_at=saved,
    )
    return Written(
        text=found.text,
        words=found.words,
        version=1,
        changed_at=saved,
        ticks=frozenset(ticks),
        declaration=declaration,
        declared_at=saved,
        instrument_version=version,
    )


def _evidence(
    pen: Pen, owner: Someone, portfolio_id: int, codes: list[str]
) -> dict[str, list[EvidenceView]]:
    found: dict[str, list[EvidenceView]] = defaultdict(list)
    for number in range(pen.size.pieces):
        piece = _piece(pen, owner, number)
        many = 2 if pen.chance.draw.random() < _SECOND_TASK else 1
        for code in pen.chance.draw.sample(codes, many):
            pen.add(
                "evidence_links",
                evidence_id=piece.id,
                portfolio_id=portfolio_id,
                code=code,
                added_at=piece.created_at,
            )
            found[code].append(piece)
    return dict(found)


def _piece(pen: Pen, owner: Someone, number: int) -> EvidenceView:
    chance, ground = pen.chance, pen.ground
    is_picture = number % 2 == 0
    blob = ground.picture if is_picture else ground.document
    at = chance.days_ago(121, 200)
    file = {
        "public_id": chance.public_id(),
        "organisation_id": ground.organisation_id,
        "person_id": owner.id,
        "name": blob.name,
        "media_type": blob.media_type,
        "size": blob.size,
        "digest": blob.digest,
        "status": FileStatus.KEPT,
        "created_at": at,
        "removed_at": None,
        "width": 1 if is_picture else None,
        "height": 1 if is_picture else None,
    }
    file_id = pen.add(
        "files",
        **file | {"status": FileStatus.KEPT.value},
        scan="not-asked",
        scan_note="",
        scanned_at=None,
        preview_digest=None,
        preview_size=None,
    )
    facts = {
        "public_id": chance.public_id(),
        "organisation_id": ground.organisation_id,
        "person_id": owner.id,
        "title": f"Piece {number + 1} from practice",
        "alt": "A drawing of a room with two chairs." if is_picture else "",
        "declared_at": at,
        "created_at": at,
        "removed_at": None,
        "hidden_at": None,
    }
    declaration = Declaration.ANONYMISED
    evidence_id = pen.add("evidence", file_id=file_id, declaration=declaration.value, **facts)
    view = FileView(id=file_id, **file)  # type: ignore[arg-type]
    return EvidenceView(id=evidence_id, file=view, declaration=declaration, **facts)  # type: ignore[arg-type]
