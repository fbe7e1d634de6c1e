"""What a set stands on: that it does no harm, its organisation, and the bytes that files share."""

import struct
import zlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.cli.seeding.people import Blob, Ground
from lti_tool.cli.seeding.plan import INSTRUMENT, ISSUER
from lti_tool.competencies.queries import instrument_for
from lti_tool.courses.models import Identity, Organisation
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.runtime import Runtime
from lti_tool.register.terms import ensure_terms
from lti_tool.storage.blobs import Blobs, open_blobs


def check_harmless(session: Session, organisation: str) -> None:
    """Raises `Conflict` for a database that somebody uses."""
    came = (
        select(func.count())
        .select_from(Identity)
        .join(RegistrationRow, RegistrationRow.id == Identity.registration_id)
        .where(~RegistrationRow.issuer.startswith(ISSUER))
    )
    if session.execute(came).scalar():
        raise Conflict(
            "There are people in this database who came from a learning platform.",
            code="database-in-use",
            advice="Sample data goes into a database of its own: set IMHCF_DATABASE_URL.",
        )
    if session.execute(select(Organisation.id).where(Organisation.name == organisation)).first():
        raise Conflict(
            f"There is an organisation {organisation} already.",
            code="organisation-taken",
            advice="Give another name, or begin with an empty database.",
        )


def make_ground(runtime: Runtime, organisation: str) -> Ground:
    """The organisation with its registration, and the two contents that all files share."""
    with runtime.database.transaction() as session:
        registration_id = add_registration(
            session,
            NewRegistration(
                organisation=organisation,
                issuer=f"{ISSUER}/{organisation}",
                client_id="seeded",
                auth_login_url=f"{ISSUER}/auth",
                token_url=f"{ISSUER}/token",
                jwks_url=f"{ISSUER}/jwks",
            ),
        )
        organisation_id = session.execute(
            select(Organisation.id).where(Organisation.name == organisation)
        ).scalar_one()
        ensure_terms(session, organisation_id)
        asked = instrument_for(session, organisation_id, INSTRUMENT)
    blobs = open_blobs(runtime.settings)
    picture = _put(blobs, organisation_id, _picture(), "image/png", "a room.png")
    document = _put(blobs, organisation_id, _document(), "application/pdf", "a plan.pdf")
    return Ground(organisation_id, registration_id, asked, picture, document)


def _put(blobs: Blobs, organisation_id: int, content: bytes, media_type: str, name: str) -> Blob:
    return Blob(blobs.put(organisation_id, content), len(content), media_type, name)


def _picture() -> bytes:
    """A PNG of one grey pixel (W3C PNG, 11.2)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def _document() -> bytes:
    """A PDF of one empty page (ISO 32000-1, annex H)."""
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj%sendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    begins = len(written)
    written += b"xref\n0 4\n0000000000 65535 f \n" + table
    return written + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % begins
