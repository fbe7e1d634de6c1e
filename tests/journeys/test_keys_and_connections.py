"""The tool's keys are rotated while a class works, and the connection is tested, over real HTTP."""

import re

from lti_tool.gateway.organisation.findings import Outcome
from lti_tool.gateway.organisation.models import ConnectionTest
from tests.journeys.agreement import assert_agreement
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner
from tests.journeys.processes import Running, Scene, eventually, local_http
from tests.journeys.servers import Site

AN_HOUR = 3600


def keys(site: Site) -> dict[str, str]:
    """Returns how each key stands, by its id."""
    lines = [line.split() for line in site.command("keys", "list").splitlines()]
    return {line[0]: line[1] for line in lines}


def published(site: Site) -> set[str]:
    answer = local_http().get(f"{site.url}/lti/jwks.json", timeout=30)
    return {key["kid"] for key in answer.json()["keys"]}


def refused_tokens(site: Site) -> int:
    return int(site.lms.log()["counts"]["tokens_refused"])


def with_a_new_token(site: Site) -> None:
    """Makes the LMS forget the access token at the next score: another is asked for, signed."""
    site.lms.break_down({"kind": "401", "scope": "scores", "remaining": 1})


def told_by_test(site: Site) -> str:
    """Returns what `imhcf platform test` printed, however it ended."""
    output = site.folder / "tested.log"
    output.unlink(missing_ok=True)
    Running(Scene(site.settings, output, site.sending), ["platform", "test", "1"]).wait()
    return output.read_text()


@on("sqlite")
def test_a_rotation_loses_no_launch_and_no_grade(open_site: OpenSite) -> None:
    """The LMS keeps its copy of our key set for as long as it likes, within the lead."""
    site = open_site("moodle", embedded=True)
    site.lms.control("PUT", "settings", key_cache_seconds=2)
    amina = Learner(site, "amina").open()
    amina.rate(CODES[0])
    assert_agreement(site)
    (old,) = keys(site)
    site.command("keys", "rotate", "--lead", str(8 / 3600))
    (new,) = keys(site).keys() - {old}
    assert published(site) == {old, new}
    for number in range(1, 4):
        with_a_new_token(site)
        amina.rate(CODES[number])
        assert_agreement(site)
    eventually(lambda: keys(site)[new] == "active", "the new key signs")
    assert keys(site)[old] == "retiring"
    assert published(site) == {old, new}
    site.command("keys", "retire", old[:10])
    assert published(site) == {new}
    # The worker has looked long since, and signs with the new one: nothing is refused.
    with_a_new_token(site)
    amina.rate_all(CODES[4:6])
    Learner(site, "cerys").open().rate(CODES[0])
    assert_agreement(site)
    assert refused_tokens(site) == 0


@on("postgresql")
def test_after_a_rotation_at_once_grades_wait_until_the_lms_reads_the_new_key(
    open_site: OpenSite,
) -> None:
    site = open_site("moodle")
    worker = site.start_worker()
    site.lms.control("PUT", "settings", key_cache_seconds=AN_HOUR)
    amina = Learner(site, "amina").open()
    amina.rate(CODES[0])
    assert_agreement(site)
    worker.kill()
    site.command("keys", "rotate", "--now")
    with_a_new_token(site)
    site.start_worker()
    amina.rate(CODES[1])
    eventually(lambda: refused_tokens(site) > 0, "the LMS refuses what it does not know")
    said = told_by_test(site)
    assert "the LMS does not know our key".lower() in said.lower()
    site.lms.control("PUT", "settings", key_cache_seconds=0)
    assert_agreement(site)


@on("sqlite")
def test_a_connection_is_tested_against_the_lms_itself(open_site: OpenSite) -> None:
    site = open_site("moodle")
    Learner(site, "amina").open()
    said = told_by_test(site)
    assert re.findall(r"^(\S\S)  ([a-z ]+):", said, re.M) == [
        ("ok", "login"),
        ("ok", "key set"),
        ("ok", "clock"),
        ("ok", "token"),
        ("ok", "gradebook"),
        ("ok", "roster"),
    ]
    score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    site.lms.control("PUT", "settings", scopes=[score])
    assert "not allowed: See who is in a course" in told_by_test(site)
    with site.database.transaction(write=False) as session:
        (stored,) = session.query(ConnectionTest).all()
        assert stored.scopes == score
        outcomes = {one["step"]: one["outcome"] for one in stored.steps}
    assert outcomes["roster"] == Outcome.NOT_TRIED
    site.lms.kill()
    assert "the lms cannot be reached" in told_by_test(site).lower()
