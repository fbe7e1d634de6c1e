"""Learners with portfolios: they launch over HTTP, and write and hand in by the services of pages."""

import html
import re
from typing import Any

from sqlalchemy import select

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Membership, Person
from lti_tool.courses.queries import placement_for
from lti_tool.kernel.actor import Actor, Role
from lti_tool.portfolios.choosing import choose_portfolio
from tests.journeys.learner import form_of
from tests.journeys.lms import IMH201
from tests.journeys.processes import PATIENCE, local_http
from tests.journeys.servers import Site
from tests.portfolios.handing_in import Handing

PORTFOLIO, COLUMN = 24, 44


def launch(site: Site, key: str, item: int = PORTFOLIO, course: int = IMH201) -> str:
    """Launches an activity from the LMS; returns the address that it leads to."""
    browser = local_http()
    start = f"{site.lms.url}/courses/{course}/items/{item}/launch?as={key}"
    page = browser.get(start, timeout=PATIENCE)
    for _form in ("login", "launch"):
        action, fields = form_of(page)
        page = browser.post(action, data=fields, timeout=PATIENCE)
        # Without scripts the page that would keep something with the LMS offers the way on.
        if plain := re.search(r'<a href="([^"]+)" data-plain', page.text):
            page = browser.get(html.unescape(plain[1]), timeout=PATIENCE)
    assert page.status_code == 200, page.text
    return page.url


def writer_at(site: Site, address: str, instrument: str = "portfolio-1") -> Handing:
    """Returns the learner whose session has this address, with a portfolio begun."""
    _, _, _, _, slot, _, placement, *_ = address.split("/")
    with site.database.transaction() as session:
        row = session.execute(
            select(Membership, Person.organisation_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.public_id == slot)
        ).one()
        member = row.Membership
        actor = Actor(
            member.person_id,
            row.organisation_id,
            member.course_id,
            member.id,
            frozenset({Role.LEARNER}),
        )
        where = placement_for(session, actor, placement)
        library = instruments_for(session, actor.organisation_id)
        portfolio = choose_portfolio(session, actor, where, library, instrument)
    visitor: Any = type("Visitor", (), {"actor": actor})()
    tool: Any = site
    return Handing(tool, visitor, portfolio, library[instrument], where)
