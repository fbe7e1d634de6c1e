"""People over HTTP: reviews, observers, a new identifier, older links, what is held about whom."""

import re

import requests

from lti_tool.demo.platform.about import OLDER_KEY, OLDER_SECRET
from lti_tool.gateway.people.legacy import OlderPerson, import_older_people, keep_legacy_key
from lti_tool.kernel.secrets import SecretBox
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import LEVEL_1, Learner, form_of
from tests.journeys.lms import IMH101
from tests.journeys.processes import PATIENCE, eventually, local_http
from tests.journeys.servers import Site

COLUMN = 31
LAUNCH = f"courses/{IMH101}/items/{LEVEL_1}/launch"


class Walk:
    """One person's browser, from an address of the LMS to a page of the tool."""

    def __init__(self, site: Site, address: str, key: str) -> None:
        self.browser = local_http()
        joint = "&" if "?" in address else "?"
        page = self.browser.get(f"{site.lms.url}/{address}{joint}as={key}", timeout=PATIENCE)
        for _form in ("login", "launch"):
            action, fields = form_of(page)
            page = self.browser.post(action, data=fields, timeout=PATIENCE)
        self.page = page
        self.home = re.sub(r"(/p/[^/]+/).*", r"\1", page.url)

    def get(self, path: str) -> requests.Response:
        return self.browser.get(self.home + path, timeout=PATIENCE)

    def post(self, path: str, page: str, **fields: object) -> requests.Response:
        secret = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert secret
        form = {"csrf_token": secret[1], **fields}
        return self.browser.post(self.home + path, data=form, timeout=PATIENCE)


@on("postgresql")
def test_reviews_observers_and_a_new_identifier_in_canvas(open_site: OpenSite) -> None:
    site = open_site("canvas")
    site.lms.control("PUT", "settings", storage="")  # a browser with scripts has its own journeys
    Learner(site, "amina").open().rate_all(["1.01", "1.02"])
    review = f"courses/{IMH101}/grades/{COLUMN}/amina/review"
    for key, path in (("morag", "/learners/"), ("amina", "/p/")):
        page = Walk(site, review, key).page
        assert page.status_code == 200
        assert path in page.url
        assert "2 of 63 rated" in page.text
    parent = site.lms.control("POST", "observers", course=IMH101, of="amina")["key"]
    seen = Walk(site, LAUNCH, parent)
    assert seen.page.url.endswith("/observe")
    assert "2 of 63 rated" in seen.page.text
    assert seen.get("course").status_code == 403

    before = site.lms.control("GET", f"gradebook?course={IMH101}")
    new = site.lms.control("POST", "people/amina/identifier")["user_id"]
    assert new not in str(before)
    again = Learner(site, "amina").open()
    again.rate("1.03")
    ada = Walk(site, LAUNCH, "gethin")
    found = ada.get("people?words=O'Brien").text
    people = re.findall(r"with=([\w-]+)", found)
    assert len(people) == 2
    compared = ada.get(f"people/compare?who={people[0]}&who={people[1]}")
    assert new in compared.text
    joined = ada.post("people/join", compared.text, who=people, stays=people[0])
    assert joined.status_code == 200, joined.text
    assert "Undo the join" in joined.text
    site.start_worker()
    eventually(
        lambda: [cell["value"] for cell in site.lms.cells() if cell["user_id"] == new] == [5],
        "the joined grade arrived under the new identifier",
    )
    assert "3 of 63 rated" in Walk(site, LAUNCH, "amina").page.text


@on("sqlite")
def test_what_is_held_and_older_links_in_strict(open_site: OpenSite) -> None:
    site = open_site("strict")
    with site.database.transaction() as session:
        box = SecretBox(site.settings["IMHCF_SECRET_KEY"])
        keep_legacy_key(session, box, 1, OLDER_KEY, OLDER_SECRET)
        older = [OlderPerson("older-cerys", "Cerys of old")]
        assert import_older_people(session, 1, "", older) == 1
    site.lms.control("PUT", "settings", older_links=True, share_names=False, storage="")
    assert "Cerys of old" in Walk(site, LAUNCH, "cerys").page.text
    mine = Walk(site, "privacy", "cerys").page
    assert mine.url.endswith("/my-record")
    assert "Cerys of old" in mine.text
    theirs = Walk(site, "privacy?about=cerys", "gethin").page
    assert "What is held about" in theirs.text
    assert "Cerys of old" in theirs.text
    nobody = Walk(site, "privacy?about=yusuf", "gethin").page
    assert "Nothing is held about this person" in nobody.text
