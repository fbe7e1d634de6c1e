"""The provider's pages of the catalogue over HTTP: who may do what, order, undo, gaps."""

import re

import pytest

from lti_tool.training.offers.models import CheckedLink, OwnOffer
from tests.tool import TUTOR, Tool
from tests.training.catalogue import ADMIN, OFFER, act, add, listed, offered, rate, recommended


def test_an_administrator_adds_an_offer_and_a_learner_is_recommended_it(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina", course="another")
    rate(amina, "1.01")
    assert "Reflective practice group" not in amina.get("training").text
    key = add(ada, essential="yes", cost="free", length="90 minutes")
    assert "Added: Reflective practice group." in ada.get(f"catalogue?did=added&offer={key}").text
    assert recommended(amina)[0] == "Reflective practice group"
    page = amina.get("training").text
    assert "Serves 6 of your gaps:" in page
    assert "6.01, 6.02, 6.03, 6.04, 6.05, 6.06" in page
    assert "Essential" in page
    assert "Cost: free" in page
    elsewhere = tool.sign_in("olga", organisation="Other")
    assert "Reflective practice group" not in elsewhere.get("training").text


def test_hiding_archiving_and_moving_are_seen_by_learners_and_undone(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina")
    first = add(ada, title="Alpha")
    second = add(ada, title="Beta")
    assert offered(amina)[:3] == ["Alpha", "Beta", "Infant Mental Health Online (IMHOL)"]
    for key, there, back in ((first, "hide", "show"), (first, "archive", "restore")):
        assert act(ada, key, there) == 303
        assert offered(amina)[0] == "Beta"
        page = ada.get(f"catalogue?did={there}&offer={key}").text
        assert f'value="{back}">Undo' in page.replace("\n", "").replace("  ", "")
        assert act(ada, key, back) == 303
        assert offered(amina)[:2] == ["Alpha", "Beta"]
    assert act(ada, second, "up") == 303
    assert offered(amina)[:2] == ["Beta", "Alpha"]
    assert act(ada, second, "down") == 303
    assert offered(amina)[:2] == ["Alpha", "Beta"]
    shipped = "shipped:warwick-imhol"
    assert act(ada, shipped, "up") == 303
    assert offered(amina)[:3] == ["Alpha", "Infant Mental Health Online (IMHOL)", "Beta"]
    assert act(ada, shipped, "hide") == 303
    assert "Infant Mental Health Online (IMHOL)" not in offered(amina)
    assert act(ada, shipped, "show") == 303
    assert offered(amina)[1] == "Infant Mental Health Online (IMHOL)"
    assert offered(tool.sign_in("olga", organisation="Other"))[0].startswith("Infant Mental")


def test_the_order_has_ends_and_a_new_offer_comes_first(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    last = listed(ada)[-1]
    assert act(ada, "shipped:warwick-imhol", "up") == 303
    assert act(ada, "shipped:elfh-safeguarding-children-3", "down") == 303
    assert (listed(ada)[0], listed(ada)[-1]) == ("Infant Mental Health Online (IMHOL)", last)
    add(ada, title="New")
    assert listed(ada)[0] == "New"


def test_what_an_organisation_says_of_a_shipped_offer_is_its_own(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina")
    rate(amina, "1.01")
    shipped = "catalogue/offers/shipped:elfh-safeguarding-children-3"
    assert 'name="version" value="0"' in ada.get(shipped).text
    said = {
        "version": "0",
        "note": "Book through <b>Rhian</b>.",
        "cost": "free to us",
        "address": "https://willow.example/book",
        "essential": "yes",
    }
    assert ada.post(shipped, said).status_code == 303
    page = amina.get("training").text
    assert recommended(amina)[0] == "Safeguarding Children, Level 3 modules"
    assert "Book through &lt;b&gt;Rhian&lt;/b&gt;." in page
    assert 'href="https://willow.example/book"' in page
    olga = tool.sign_in("olga", organisation="Other")
    rate(olga, "1.01")
    assert "Rhian" not in olga.get("training").text
    stale = ada.post(shipped, said | {"note": "Second thoughts"})
    assert stale.status_code == 409
    assert "Second thoughts" in stale.text
    wrong = ada.post(shipped, said | {"version": "1", "address": "http://x", "note": "n" * 20_001})
    assert wrong.status_code == 400
    assert "20,001 characters" in wrong.text
    assert "n" * 20_001 in wrong.text


def test_a_tutor_manages_the_offers_of_their_own_course_and_no_others(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    tara = tool.sign_in("tara", roles=TUTOR)
    tom = tool.sign_in("tom", roles=TUTOR, course="course-2")
    shared = add(ada, title="Shared")
    bound = add(tara, title="Bound", scope="organisation")
    assert offered(tool.sign_in("amina"))[0] == "Bound"
    assert "Bound" not in offered(tool.sign_in("ben", course="course-2"))
    for key, who, status in (
        (shared, tara, 404),
        ("shipped:warwick-imhol", tara, 403),
        (bound, tom, 404),
        (bound, tool.sign_in("amina"), 403),
        (bound, tool.sign_in("oscar", roles=ADMIN, organisation="Other"), 404),
        (shared, tool.sign_in("oscar", roles=ADMIN, organisation="Other"), 404),
        ("own:unknown", ada, 404),
        ("shipped:unknown", ada, 404),
        ("unknown", ada, 404),
    ):
        for what in ("hide", "show", "up", "archive"):
            if not (what == "archive" and key.startswith("shipped:") and status == 403):
                assert act(who, key, what) == status, (key, what)
        assert who.get(f"catalogue/offers/{key}").status_code == status
        assert who.post(f"catalogue/offers/{key}", OFFER | {"version": "1"}).status_code == status
    assert act(tara, "shipped:warwick-imhol", "archive") == 404
    assert act(ada, bound, "hide") == 303
    assert act(tara, bound, "show") == 303
    assert act(ada, shared, "nonsense") == 400
    assert "Bound" not in tom.get("catalogue").text
    assert "Shared" in tom.get("catalogue").text


def test_an_offer_can_lead_to_an_activity_of_its_own_course_only(tool: Tool) -> None:
    tara, amina = tool.sign_in("tara", roles=TUTOR), tool.sign_in("amina")
    other = tool.sign_in("tom", roles=TUTOR, course="course-2")
    add(tara, title="Do the activity", activity=tara.placement)
    found = re.search(
        r'href="([^"]+)">\s*Open the activity in this course', amina.get("training").text
    )
    assert found
    assert amina.client.get(found[1]).status_code == 200
    refused = tara.post("catalogue/new", OFFER | {"activity": other.placement})
    assert refused.status_code == 400
    ada = tool.sign_in("ada", roles=ADMIN)
    shared = ada.post(
        "catalogue/new", OFFER | {"activity": tara.placement, "scope": "organisation"}
    )
    assert shared.status_code == 400


def test_a_refused_form_keeps_what_was_typed_and_leads_to_each_field(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    refused = ada.post(
        "catalogue/new",
        {"title": "", "description": "幼児 </textarea>", "levels": ["2"], "domains": ["9"]},
    )
    assert refused.status_code == 400
    assert "幼児 &lt;/textarea&gt;" in refused.text
    assert re.search(r'<a href="#title">Title</a>:\s*This is needed.', refused.text)
    assert '<a href="#domains">Domains</a>' in refused.text
    assert re.search(r'name="levels"\s+value="2"\s+checked', refused.text)
    assert ada.post("catalogue/new", {}).status_code == 400
    assert ada.post_json("catalogue/new", {"title": 1}).status_code == 400


def test_an_edit_builds_on_what_was_seen(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina")
    key = add(ada)
    form = f"catalogue/offers/{key}"
    assert 'value="Reflective practice group"' in ada.get(form).text
    changed = OFFER | {"title": "Second title", "levels_2": "1", "domains_2": "7"}
    assert ada.post(form, changed | {"version": "1"}).status_code == 303
    stale = ada.post(form, OFFER | {"title": "Third title", "version": "1"})
    assert stale.status_code == 409
    assert "changed meanwhile" in stale.text
    assert 'value="Third title"' in stale.text
    assert offered(amina)[0] == "Second title"
    again = re.search(r'name="version" value="(\d+)"', stale.text)
    assert again
    assert ada.post(form, OFFER | {"title": "Third title", "version": again[1]}).status_code == 303
    assert offered(amina)[0] == "Third title"
    assert ada.post(form, OFFER | {"version": "x" * 30}).status_code == 409


def test_a_reference_is_taken_once_in_its_scope(tool: Tool) -> None:
    ada, tara = tool.sign_in("ada", roles=ADMIN), tool.sign_in("tara", roles=TUTOR)
    add(ada, reference="Group")
    taken = ada.post("catalogue/new", OFFER | {"reference": "group"})
    assert taken.status_code == 409
    assert "has this reference already" in taken.text
    add(tara, reference="group")
    with tool.database.transaction(write=False) as session:
        found = {row.reference for row in session.query(OwnOffer)}
    assert found == {"group"}
    add(ada)
    add(ada)
    with tool.database.transaction(write=False) as session:
        found = {row.reference for row in session.query(OwnOffer)}
    assert found == {"group", "reflective-practice-group", "reflective-practice-group-2"}


def test_old_offers_and_silent_addresses_are_flagged(tool: Tool) -> None:
    from lti_tool.kernel import clock

    ada = tool.sign_in("ada", roles=ADMIN)
    page = ada.get("catalogue").text
    assert "Did not answer" not in page
    assert ">Old<" not in page
    add(ada, title="Last year's", checked="2024-01-31", address="https://gone.example/x")
    with tool.database.transaction() as session:
        for address, answered in (("https://gone.example/x", False), ("https://ihv.org.uk", True)):
            session.add(
                CheckedLink(
                    address=address, answered=answered, reason="404", checked_at=clock.now()
                )
            )
    page = ada.get("catalogue").text
    assert page.count("Did not answer") == 1
    assert page.count(">Old<") == 1
    assert "The address did not answer on" in page
    assert "Checked January 2024." in page


def test_a_tutor_sees_how_many_have_gaps_that_nothing_serves(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    assert "Nobody has begun to rate yet." in tara.get("catalogue/gaps").text
    for number in range(3):
        rate(tool.sign_in(f"learner-{number}"), "6.01", "achieved" if number else "working-towards")
    tool.sign_in("never began")
    found = _unserved(tara.get("catalogue/gaps").text)
    assert found["6.01"] == "1"
    assert found["6.02"] == "3"
    assert "1.01" not in found
    assert "In your organisation" not in tara.get("catalogue/gaps").text
    add(tara, title="Bound", domains=["6"], results=["not-started"])
    found = _unserved(tara.get("catalogue/gaps").text)
    assert found["6.01"] == "1"
    assert "6.02" not in found


def test_an_administrator_sees_no_small_numbers_of_the_organisation(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    for number in range(12):
        course = f"course-{number % 2 + 2}"
        rate(tool.sign_in(f"learner-{number}", course=course), "6.01" if number < 4 else "1.01")
    elsewhere = tool.sign_in("olga", organisation="Other")
    rate(elsewhere, "1.01")
    page = ada.get("catalogue/gaps").text
    here, organisation = page.split("In your organisation")
    assert "Nobody has begun to rate yet." in here
    assert "About 10 people have begun." in organisation
    found = _unserved(organisation)
    assert found["6.01"] == "fewer than 10"
    assert found["6.02"] == "10"
    assert not re.search(r'class="number">\s*(8|12)\s*<', organisation)


def _unserved(page: str) -> dict[str, str]:
    rows = re.findall(
        r'class="code">([\d.]+)</span>.*?class="number">\s*([^<]*?)\s*</td>', page, re.DOTALL
    )
    return dict(rows)


@pytest.mark.parametrize("did", ["", "nonsense", "<script>", "imported"])
def test_any_address_of_the_list_is_answered(tool: Tool, did: str) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    page = ada.get("catalogue", query_string={"did": did, "offer": "own:' OR 1=1"})
    assert page.status_code == 200
    assert "<script>" not in page.text


def test_an_edit_is_undone_and_the_undoing_too(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina")
    own = add(ada, cost="£10", competencies="2.10")
    shipped = "shipped:warwick-imhol"
    edits = {
        own: OFFER | {"title": "Another title", "version": "1"},
        shipped: {"note": "Another note", "version": "0"},
    }
    for key, fields in edits.items():
        saved = ada.post(f"catalogue/offers/{key}", fields)
        assert saved.status_code == 303
        shown = amina.get("training").text
        assert "Another" in shown
        page = ada.client.get(saved.location).text
        for there in (False, True):
            assert 'value="revert"' in page
            version = re.search(r'name="version" value="(\d+)"', page)
            assert version
            form = {"act": "revert", "version": version[1]}
            undone = ada.post(f"catalogue/offers/{key}/act", form)
            assert undone.status_code == 303, undone.text
            assert (amina.get("training").text == shown) is there
            page = ada.client.get(undone.location).text
            assert ada.post(f"catalogue/offers/{key}/act", form).status_code == 409
        assert ada.post(f"catalogue/offers/{key}/act", {"act": "revert"}).status_code == 409


def test_what_was_never_edited_has_nothing_to_undo(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    key = add(ada)
    form = {"act": "revert", "version": "1"}
    assert ada.post(f"catalogue/offers/{key}/act", form).status_code == 409
    assert ada.post("catalogue/offers/shipped:itsiey/act", form).status_code == 409
    tara = tool.sign_in("tara", roles=TUTOR)
    assert tara.post(f"catalogue/offers/{key}/act", form).status_code == 404
    assert (
        ada.post("catalogue/offers/shipped:itsiey", {"note": "x", "version": "0"}).status_code
        == 303
    )
    refused = tara.post("catalogue/offers/shipped:itsiey/act", form)
    assert refused.status_code == 403
