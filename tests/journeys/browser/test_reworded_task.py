"""A task that reads differently since it was answered: said beside the text, confirmed, nothing lost."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti_tool.competencies.queries import instrument_for
from lti_tool.competencies.wordings.rules import Wording, Words
from lti_tool.competencies.wordings.services import Wish, correct
from lti_tool.courses.models import Membership, Person
from lti_tool.kernel.actor import Actor, Role
from tests.journeys.browser.device import Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.browser.test_portfolio import choose, open_task, stored
from tests.journeys.servers import Site

pytestmark = pytest.mark.browser


def reword(site: Site, code: str, prompt: str) -> None:
    """Changes what a task asks, as an administrator of the organisation does."""
    with site.database.transaction() as session:
        person, member = session.execute(
            select(Person, Membership)
            .join(Membership, Membership.person_id == Person.id)
            .where(Person.name.startswith("Amina"))
        ).one()
        roles = frozenset({Role.ADMINISTRATOR})
        ada = Actor(person.id, person.organisation_id, member.course_id, member.id, roles)
        now = instrument_for(session, ada.organisation_id, "portfolio-1").by_code[code]
        words = Words(now.knowledge, now.ability, prompt, now.points_of, ("A new point",))
        wish = Wish("portfolio-1", code, Wording.CORRECTED, words)
        assert correct(session, ada, wish, seen=0, sentence="Clearer")


def test_a_text_is_said_to_hold_and_what_is_typed_meanwhile_is_kept(
    site: Site, device: Open
) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    choose(activity)
    desk = open_task(activity)
    desk.type("I waited, and then I named it.")
    desk.is_saved()
    reword(site, "1.01", "Tell what you did when nothing seemed to happen.")
    desk = open_task(activity)
    said = desk.view.get_by_text("The wording changed since you wrote this")
    expect(said).to_be_visible()
    said.click()
    with Inspection() as inspection:
        inspection.look("a reworded task", desk.view)
    desk.type(" And more.")
    desk.view.get_by_role("button", name="My text still holds").press("Enter")
    expect(desk.view.get_by_text("The wording changed since you wrote this")).to_have_count(0)
    expect(desk.view.locator("#text")).to_have_value("I waited, and then I named it. And more.")
    assert stored(site) == "I waited, and then I named it. And more."


def test_it_holds_without_a_change_of_the_text(site: Site, device: Open) -> None:
    amina = device("amina")
    activity = amina.open_activity()
    choose(activity)
    desk = open_task(activity)
    desk.type("I waited.")
    desk.is_saved()
    reword(site, "1.01", "Tell what you did when nothing seemed to happen.")
    desk = open_task(activity)
    desk.view.get_by_text("The wording changed since you wrote this").click()
    desk.view.get_by_role("button", name="My text still holds").click()
    expect(desk.view.get_by_text("The wording changed since you wrote this")).to_have_count(0)
    assert stored(site) == "I waited."
