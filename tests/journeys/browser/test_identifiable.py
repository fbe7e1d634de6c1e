"""Somebody could be known: from the desk's button to the owner's notice, and what is decided."""

import re
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Frame, expect
from sqlalchemy import select

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Course, Membership, Person
from lti_tool.courses.queries import placement_for
from lti_tool.demo.seed import REVIEWERS
from lti_tool.kernel.actor import Actor, Role
from lti_tool.portfolios.choosing import choose_portfolio
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import appoint
from tests.journeys.browser.device import Activity, Open
from tests.journeys.browser.inspection import Inspection
from tests.journeys.lms import IMH201
from tests.journeys.processes import eventually
from tests.journeys.servers import Site
from tests.portfolios.handing_in import Handing
from tests.tool import Tool, Visitor

pytestmark = pytest.mark.browser

PORTFOLIO, DESK = 24, 51
SECRET = "I sat with Ella Morgan and her mother in Leeds, on her second birthday."
BETTER = "I sat with a mother and her little girl, on a day that mattered to them."
WHAT = "A child’s full name in the first line."


def actor_of(site: Site, activity: Activity) -> tuple[Actor, str]:
    """Returns who sits before an activity, and its placement."""
    slot, placement = re.findall(r"/at/([^/]+)/p/([^/]+)/", activity.home)[0]
    with site.database.transaction(write=False) as session:
        member, organisation_id = session.execute(
            select(Membership, Course.organisation_id)
            .join(Course, Course.id == Membership.course_id)
            .where(Membership.public_id == slot)
        ).one()
    roles = frozenset(Role(one) for one in member.roles.split())
    actor = Actor(member.person_id, organisation_id, member.course_id, member.id, roles)
    return actor, placement


def handing(site: Site, activity: Activity) -> Handing:
    """Returns a portfolio at Level 1, begun by the service that the page calls."""
    actor, placement = actor_of(site, activity)
    with site.database.transaction() as session:
        place = placement_for(session, actor, placement)
        library = instruments_for(session, actor.organisation_id)
        portfolio = choose_portfolio(session, actor, place, library, "portfolio-1")
    who = cast("Visitor", SimpleNamespace(actor=actor))
    return Handing(cast("Tool", site), who, portfolio, library["portfolio-1"], place)


def appointed(site: Site, office: Activity, reader: Activity) -> None:
    administrator, _placement = actor_of(site, office)
    actor, _placement = actor_of(site, reader)
    with site.database.transaction() as session:
        person = session.get_one(Person, actor.person_id).public_id
        appoint(session, administrator, person, Appointment((1, 2, 3), 5, moderates=False))


def report(activity: Activity) -> Frame:
    """Begins to read what waits on the desk, and reports the text of the first task."""
    eventually(
        lambda: activity.open("desk").locator(".queue-act a").count() == 1, "the worker allocates"
    )
    tool = activity.tool
    tool.locator(".queue-act a").click()
    tool.get_by_role("button", name="Begin").click()
    expect(tool.get_by_text("Ella Morgan").first).to_be_visible()
    tool.get_by_text("Can somebody be known by this?").first.click()
    tool.get_by_text("Report identifiable data in this text").first.click()
    tool.get_by_label("What could tell who somebody is?").first.fill(WHAT)
    tool.get_by_role("button", name="Report and hide it").first.click()
    return tool


def test_what_an_assessor_reports_is_hidden_told_replaced_and_settled(
    site: Site, device: Open
) -> None:
    office = device("gethin").open_activity()
    reader = device("rhiannon").open_activity(DESK, REVIEWERS)
    amina = device("amina").open_activity(PORTFOLIO, IMH201)
    appointed(site, office, reader)
    hers = handing(site, amina)
    hers.make_ready()
    hers.write("1.01", SECRET)
    submission = hers.hand_in()
    with Inspection() as inspection:
        inspection.look("no cases", office.open("cases"))
        tool = report(reader)
        expect(tool.get_by_text("it is hidden until that is settled")).to_be_visible()
        expect(tool.get_by_text("Ella Morgan")).to_have_count(0)
        inspection.look("the desk, hidden", tool)

        tool = amina.open("portfolio/")
        expect(tool.locator(".notice-problem")).to_contain_text("known by your text for 1.01")
        inspection.look("overview with a notice", tool)
        tool.get_by_role("link", name="See what to do").click()
        amina.heading("Somebody could be known by something of yours")
        expect(tool.get_by_text("Ella Morgan")).to_be_visible()
        expect(tool.get_by_text(WHAT)).to_be_visible()
        expect(tool.get_by_text("Rhiannon")).to_have_count(0)
        tool.get_by_label("Your words to the administrators").fill("I see it. It is her real name.")
        tool.get_by_role("button", name="Add to the history").click()
        expect(tool.get_by_text("Your words are in the history.")).to_be_visible()
        inspection.look("the owner's page", tool)

        tool = office.open("cases")
        expect(tool.locator(".case-row")).to_contain_text("since today")
        expect(tool.locator(".bar-notices")).to_contain_text("1")
        inspection.look("cases", tool)
        tool.locator(".case-row").click()
        expect(tool.get_by_text("Ella Morgan")).to_be_visible()
        expect(tool.get_by_text("It is her real name.")).to_be_visible()
        inspection.look("a case", tool)
        tool.get_by_label("Erase it").check()
        tool.get_by_label("Why").fill("It names a child.")
        tool.get_by_role("button", name="Settle").click()
        office.heading("Erase it for good?")
        inspection.look("asked twice", tool)
        tool.get_by_role("button", name="Erase it now").click()
        expect(tool.get_by_role("status").first).to_contain_text("erased from what was handed in")
        expect(tool.get_by_text("Ella Morgan")).to_have_count(0)
        inspection.look("an erased case", tool)

        tool = reader.tool
        tool.goto(tool.url)
        expect(tool.get_by_text("Erased on").first).to_be_visible()
        expect(tool.get_by_text("Ella Morgan")).to_have_count(0)
    assert "Ella" not in str(hers.frozen(submission.id))


def test_a_witness_is_invited_by_a_link_and_needs_nothing_else(site: Site, device: Open) -> None:
    amina = device("amina").open_activity(PORTFOLIO, IMH201)
    hers = handing(site, amina)
    hers.write("1.01", BETTER)
    stranger = device("nobody")
    stranger.foresee("status of 400")
    witness = stranger.context.new_page()
    with Inspection() as inspection:
        tool = amina.open(f"{hers.path}/task/1.01")
        tool.get_by_role("link", name="Ask for a statement").click()
        amina.heading("What others say")
        inspection.look("nobody asked yet", tool)
        tool.get_by_label("Whom do you ask?").fill("Gethin Rees")
        tool.get_by_label("What shall they say something about?").fill("The visit in spring.")
        tool.get_by_role("button", name="Make the link").click()
        expect(tool.locator("#new-address")).to_be_visible()
        link = tool.locator("#new-address").input_value()
        inspection.look("the link, this once", tool)
        witness.goto(link)
        expect(witness.locator("h1")).to_contain_text("asks you for a statement")
        expect(witness.get_by_text(BETTER)).to_be_visible()
        inspection.look("a witness's page", witness)
        witness.get_by_label("What can you say of their work?").fill(
            "Calm and warm. I called 07700 900123 once, and she came."
        )
        witness.get_by_label("Your name").fill("Gethin Rees")
        witness.get_by_label("How do you know their work?").fill("supervisor")
        witness.get_by_role("button", name="Confirm and send").click()
        expect(witness.locator("#problems")).to_contain_text("Confirm that these are your own")
        witness.get_by_role("link", name="Confirm that these are your own").click()
        expect(witness.locator("#confirmed")).to_be_focused()
        witness.get_by_label("These are my own words").check()
        expect(witness.get_by_text("A phone number")).to_be_visible()
        inspection.look("a witness's page, places", witness)
        witness.get_by_label("What can you say of their work?").fill("Calm and warm.")
        witness.get_by_role("button", name="Send it as it stands now").click()
        expect(witness.locator("h1")).to_have_text("Thank you")
        inspection.look("a witness is thanked", witness)
        tool = amina.open(f"{hers.path}/task/1.01/statements")
        expect(tool.locator(".statement-said")).to_contain_text("Calm and warm.")
        inspection.look("a statement was given", tool)
        tool.get_by_role("button", name="Leave it out").click()
        expect(tool.locator(".statement-said")).to_have_count(0)
        inspection.look("left out", tool)
        tool.get_by_role("button", name="Undo").click()
        expect(tool.locator(".statement-said")).to_contain_text("Calm and warm.")
        inspection.look("beside the task", amina.open(f"{hers.path}/task/1.01"))
