"""Pages over 10,000 people's portfolios: SQL statements, processor time and time of the clock."""

import itertools
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.engine import make_url

from lti_tool.cli.seeding.plan import Chance, Size
from lti_tool.cli.seeding.seed import make
from lti_tool.courses.models import Course, Identity, Membership, Person, Placement
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.settings import Settings
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.register.models import RegisterEntry
from lti_tool.reviews.models import Assessor, Review
from lti_tool.schema import migrate
from lti_tool.web.sessions import COOKIE, SignIn, open_session
from tests.databases import postgres_server
from tests.tool import Tool, Visitor, make_tool

VIEWS = 40
_networks = itertools.count(1)


@dataclass(frozen=True)
class Measured:
    """What one page costs: statements, and milliseconds of processor and clock."""

    statements: int
    p50: float
    p95: float
    clock_p95: float

    def __str__(self) -> str:
        return (
            f"{self.statements:>2} statements, {self.p50:.1f} and {self.p95:.1f} ms"
            f" (clock, p95: {self.clock_p95:.1f} ms)"
        )


def engines(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields name and address of an empty database of each engine that is there."""
    yield "SQLite", f"sqlite:///{folder / 'imhcf.db'}"
    server = postgres_server()
    if server is None:
        return
    name = f"imhcf_bench_{uuid4().hex[:8]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        url = make_url(server).set(database=name)
        yield "PostgreSQL", url.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()


@contextmanager
def seeded(folder: Path, url: str, size: Size) -> Iterator[tuple[Tool, float]]:
    """Yields the tool over a seeded set, and the seconds that making it took."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data_dir=folder, database_url=url, secret_key="x" * 32, allow_private_network=True
    )
    tool = make_tool(settings)
    migrate.upgrade(tool.database)
    begun = time.monotonic()
    make(tool.runtime, "Seeded", size, Chance(1, "Seeded", clock.now().date()), lambda _: None)
    try:
        yield tool, time.monotonic() - begun
    finally:
        tool.close()


def pages(tool: Tool) -> Iterator[tuple[str, str]]:
    """Yields the name of each page, and what it costs; or that it cannot be seen."""
    for name, visitor, path in _pages(tool):
        try:
            yield name, str(measured(tool, visitor, path))
        except AssertionError as error:
            yield name, f"FAILED {error}"


def measured(tool: Tool, visitor: Visitor, path: str) -> Measured:
    """Views a page many times; the first one, which fills caches, does not count."""

    def view() -> None:
        address = path if path.startswith("/") else visitor.home + path
        # The public pages are asked for from many networks: each may ask so often only.
        number = next(_networks)
        caller = {"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        answer = visitor.client.get(address, environ_overrides=caller)
        assert answer.status_code == 200, (address, answer.status_code)
        answer.get_data()

    view()
    processor, by_clock = [], []
    for _ in range(VIEWS):
        begun, at = time.process_time(), time.perf_counter()
        view()
        processor.append(1000 * (time.process_time() - begun))
        by_clock.append(1000 * (time.perf_counter() - at))
    return Measured(
        _statements(tool, view), statistics.median(processor), _p95(processor), _p95(by_clock)
    )


def _pages(tool: Tool) -> Iterator[tuple[str, Visitor, str]]:
    learner = visit(tool, _owner(tool, "recognised"), Role.LEARNER)
    writer = visit(tool, _writer(tool), Role.LEARNER)
    portfolio, submission = _handed_in(tool, learner.actor.person_id)
    theirs = _portfolio(tool, writer.actor.person_id)
    yield "overview of a portfolio", writer, "portfolio/"
    yield "overview, recognised", learner, "portfolio/"
    yield "task", writer, f"portfolio/{theirs}/task/1.01"
    yield "hand in", writer, f"portfolio/{theirs}/hand-in"
    yield "receipt", learner, f"portfolio/{portfolio}/submissions/{submission}"
    yield "outcome", learner, f"portfolio/{portfolio}/submissions/{submission}/outcome"
    yield "evidence of a person", writer, f"portfolio/{theirs}/evidence"
    assessor = visit(tool, _busiest_assessor(tool), Role.TUTOR)
    yield "assessor's queue", assessor, "desk"
    yield "assessor's desk", assessor, f"desk/{_review(tool, assessor.actor.person_id)}"
    administrator = visit(tool, _administrator(tool), Role.ADMINISTRATOR)
    yield "reviews, administrator", administrator, "reviews"
    yield "assessors, administrator", administrator, "assessors"
    yield "quality figures", administrator, "review-figures"
    yield "register, administrator", administrator, "register"
    yield "public register, a name", writer, "/register?name=okafor"
    yield "public register, a place", writer, "/register?place=leeds&level=1"
    yield "public register, JSON", writer, "/register.json?name=patel"
    yield "verification of an entry", writer, f"/verify/{_code(tool)}"


def visit(tool: Tool, person_id: int, role: Role) -> Visitor:
    """Returns somebody of the set with a session, as a launch would have left them."""
    with tool.database.transaction() as session:
        row = session.execute(
            select(
                Membership.id,
                Membership.public_id,
                Membership.course_id,
                Course.organisation_id,
                Identity.registration_id,
                Person.name,
                Placement.id.label("placement_id"),
                Placement.public_id.label("placement"),
            )
            .join(Person, Person.id == Membership.person_id)
            .join(Identity, Identity.id == Membership.identity_id)
            .join(Course, Course.id == Membership.course_id)
            .join(Placement, Placement.course_id == Course.id)
            .where(Membership.person_id == person_id)
        ).one()
        actor = Actor(person_id, row.organisation_id, row.course_id, row.id, frozenset({role}))
        sign_in = SignIn(row.public_id, actor, row.registration_id, row.name, "'self'")
        token = open_session(session, sign_in, tool.runtime.settings)
    client = tool.app.test_client()
    client.set_cookie(COOKIE, token, path=f"/at/{row.public_id}/")
    return Visitor(tool.app, client, actor, row.public_id, row.placement, row.placement_id)


def _statements(tool: Tool, view: Any) -> int:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(tool.database.engine, "before_cursor_execute", note)
    view()
    event.remove(tool.database.engine, "before_cursor_execute", note)
    return len([one for one in found if not one.startswith(("BEGIN", "SAVEPOINT"))])


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def _one(tool: Tool, wanted: Any) -> Any:
    with tool.database.transaction(write=False) as session:
        return session.execute(wanted.limit(1)).scalar_one()


def _owner(tool: Tool, state: str) -> int:
    return int(
        _one(
            tool,
            select(Submission.person_id).where(Submission.state == state).order_by(Submission.id),
        )
    )


def _writer(tool: Tool) -> int:
    has_handed_in = select(Submission.portfolio_id)
    wanted = select(Portfolio.person_id).where(Portfolio.id.not_in(has_handed_in))
    return int(_one(tool, wanted))


def _portfolio(tool: Tool, person_id: int) -> str:
    return str(_one(tool, select(Portfolio.public_id).where(Portfolio.person_id == person_id)))


def _handed_in(tool: Tool, person_id: int) -> tuple[str, str]:
    wanted = select(Submission.public_id).where(Submission.person_id == person_id)
    return _portfolio(tool, person_id), str(_one(tool, wanted))


def _busiest_assessor(tool: Tool) -> int:
    wanted = select(Assessor.person_id).join(Review, Review.assessor_id == Assessor.id)
    wanted = wanted.where(Review.state.in_(["allocated", "begun"])).group_by(Assessor.person_id)
    return int(_one(tool, wanted.order_by(func.count().desc())))


def _review(tool: Tool, person_id: int) -> str:
    wanted = select(Review.public_id).join(Assessor, Assessor.id == Review.assessor_id)
    return str(_one(tool, wanted.where(Assessor.person_id == person_id, Review.state == "begun")))


def _administrator(tool: Tool) -> int:
    wanted = select(Membership.person_id).where(Membership.roles == Role.ADMINISTRATOR.value)
    return int(_one(tool, wanted))


def _code(tool: Tool) -> str:
    return str(_one(tool, select(RegisterEntry.code)))
