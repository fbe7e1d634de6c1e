"""The LMSs of the other profiles connect themselves over HTTP, and a learner's grade arrives."""

import html
import re

import pytest

from tests.journeys.agreement import assert_agreement
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner
from tests.journeys.processes import PATIENCE, local_http


@on("postgresql")
@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_an_lms_connects_itself_and_a_grade_arrives(open_site: OpenSite, profile: str) -> None:
    site = open_site(profile, embedded=True)
    address = site.command("platform", "invite", "--organisation", "Oak Institute").split()[0]
    browser = local_http()
    browser.cookies.set("lms_user", "gethin")
    page = browser.get(f"{site.lms.url}/tools/start", params={"url": address}, timeout=PATIENCE)
    assert page.status_code == 200, page.text
    sealed = re.search(r'name="form"\s+value="([^"]+)"', page.text)
    assert sealed, page.text
    form = {"form": html.unescape(sealed[1])}
    done = browser.post(f"{site.url}/lti/register", data=form, timeout=PATIENCE)
    assert done.status_code == 200, done.text
    tools = browser.get(f"{site.lms.url}/tools", timeout=PATIENCE)
    client = re.search(r'value="([^"]+)"\s+aria-label="Use: Infant', tools.text)
    assert client, tools.text
    browser.post(f"{site.lms.url}/tools/use", data={"client_id": client[1]}, timeout=PATIENCE)
    assert f"client id {client[1]}" in site.command("platform", "list")
    site.lms.control("PUT", "settings", storage="")  # a browser with scripts has its own journeys
    amina = Learner(site, "amina").open()
    amina.rate_all(CODES[:2])
    assert_agreement(site)
    assert [cell["user"] for cell in site.lms.cells()] == ["amina"]
