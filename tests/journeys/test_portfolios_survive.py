"""Portfolios survive the death of web and worker at each step, and a store that is away.

A process ends itself, as by `kill -9`, at its first step, then at its second, and so on, until it
gets through: see `fatal`. After each death everything is wholly before or wholly after: see
`portfolio_agreement`. What has not happened then happens by itself, or by doing the same again.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.kernel import clock
from lti_tool.outbox.models import Message
from lti_tool.outbox.services import put
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import ALLOCATE, LANE, RENDER
from lti_tool.register.models import RegisterEntry
from lti_tool.reviews.models import Outcome, Review
from lti_tool.reviews.rules import RECOGNISE
from tests.journeys import fatal
from tests.journeys.conftest import OpenSite
from tests.journeys.portfolio import CODES, Assessor, Gone, Writer
from tests.journeys.portfolio_agreement import (
    assert_evidence_is_whole,
    assert_settled,
    assert_whole,
    everything,
)
from tests.journeys.processes import eventually
from tests.journeys.servers import Site

MANY = 60  # more steps than anything here has


def read_one(site: Site, wanted: object) -> object:
    with site.database.transaction(write=False) as session:
        return session.execute(wanted).scalar_one_or_none()  # type: ignore[call-overload]


def submission(site: Site) -> Submission | None:
    """The one submission there is, or None."""
    return read_one(site, select(Submission))  # type: ignore[return-value]


def review(site: Site) -> str:
    """The public id of the one reading there is."""
    return str(read_one(site, select(Review.public_id)))


def killed_at_each_step(site: Site, act: Callable[[], bool]) -> list[str]:
    """Does something until nobody dies of it, with death one step later each time.

    `act` says whether it was done. Returns what the steps were, in the order of the deaths.
    """
    file, log = site.folder / fatal.NAME, (site.folder / fatal.NAME).with_suffix(".log")
    deaths: list[str] = []
    for number in range(1, MANY):
        log.unlink(missing_ok=True)
        file.write_text(str(number))
        done = act()
        file.unlink()
        if done:
            return deaths
        deaths.append(log.read_text().splitlines()[-1].split(" ", 2)[2])
        assert_whole(site)
    raise AssertionError(f"still dying: {deaths}")


def by_web(site: Site, request: Callable[[], object]) -> Callable[[], bool]:
    """Returns an act that asks the web process for something, and starts it anew if it dies."""

    def act() -> bool:
        try:
            request()
        except Gone:
            site.kill_web()
            (site.folder / fatal.NAME).unlink()
            site.start_web()
            (site.folder / fatal.NAME).touch()
            return False
        return True

    return act


def by_worker(site: Site, topic: str) -> Callable[[], bool]:
    """Returns an act that lets a worker handle what waits of one topic, and nothing else."""

    def act() -> bool:
        only(site, topic)
        worker = site.start_worker()
        eventually(lambda: not worker.is_alive or not waits(site, topic), f"{topic} is handled")
        # The step after the commit comes a moment after the message is gone.
        if (site.folder / fatal.NAME).exists() and worker.is_alive:
            eventually(lambda: not worker.is_alive or idle(site), "the worker rests")
        died = not worker.is_alive
        worker.kill()
        return not died

    return act


def waits(site: Site, topic: str) -> bool:
    """Whether a message of a topic is to be handled."""
    return any(one.topic == topic for one in site.messages())


def idle(site: Site) -> bool:
    """Whether the newest step that was noted is no step within a transaction."""
    log = (site.folder / fatal.NAME).with_suffix(".log")
    return log.exists() and log.read_text().splitlines()[-1].endswith("after the commit")


def only(site: Site, *topics: str) -> None:
    """Lets messages of these topics be due now, and all others for hours not. Leases end."""
    hours = timedelta(hours=4)
    with site.database.transaction() as session:
        session.execute(
            update(Message).values(
                lease="",
                leased_until=None,
                available_at=clock.now() + hours,
                wait_seconds=hours.total_seconds(),
            )
        )
        session.execute(
            update(Message)
            .where(Message.topic.in_(topics))
            .values(available_at=clock.now(), wait_seconds=0.0)
        )


def let_all_go_on(site: Site) -> None:
    """Lets a worker do what is left, and waits until nothing is."""
    only(site, *{one.topic for one in site.messages()})
    worker = site.start_worker()
    eventually(lambda: site.waiting() == 0, f"nothing waits\n{site.tail()}")
    worker.kill()
    assert_settled(site)


def test_a_web_process_killed_at_each_step_of_handing_in_leaves_all_of_it_or_nothing(
    site: Site,
) -> None:
    Assessor(site, "rhiannon")
    amina = Writer(site)
    stood: list[bool] = []

    def hand_in() -> None:
        stood.append(submission(site) is not None)
        answer = amina.hand_in()
        assert answer.status_code == 303, answer.text

    deaths = killed_at_each_step(site, by_web(site, hand_in))
    assert {"INSERT INTO submissions", "INSERT INTO scores", "INSERT INTO messages"} <= {*deaths}
    assert deaths[-2:] == ["before the commit", "after the commit"]
    assert stood == [False] * len(deaths) + [True]
    let_all_go_on(site)


@pytest.mark.parametrize("topic", [ALLOCATE, RENDER])
def test_a_worker_killed_at_each_step_leaves_readers_and_paper_to_the_next(
    site: Site, topic: str
) -> None:
    Assessor(site, "rhiannon")
    Writer(site).hand_in()
    deaths = killed_at_each_step(site, by_worker(site, topic))
    assert {"before the commit", "after the commit", "UPDATE messages"} <= {*deaths}
    changed = {ALLOCATE: "INSERT INTO reviews", RENDER: "UPDATE submissions"}[topic]
    assert changed in deaths
    if topic == RENDER:
        assert {"before a blob", "after a blob"} <= {*deaths}
    let_all_go_on(site)


def read_and_done(site: Site, *not_met: str) -> tuple[Writer, Assessor]:
    """A portfolio that was handed in, and read to the end by its one assessor."""
    rhiannon, amina = Assessor(site, "rhiannon"), Writer(site)
    amina.hand_in()
    by_worker(site, ALLOCATE)()
    rhiannon.read(review(site), not_met)
    return amina, rhiannon


@pytest.mark.parametrize("not_met", [(), CODES[:2]], ids=["recognised", "more evidence"])
def test_killed_at_each_step_of_release_and_recognition(
    site: Site, not_met: tuple[str, ...]
) -> None:
    amina, rhiannon = read_and_done(site, *not_met)
    ends_as = "returned" if not_met else "recognised"

    def release() -> None:
        answer = rhiannon.release(review(site))
        # The second time there is nothing to release: the page has no button for it any more.
        assert answer.status_code == 303, answer.text

    deaths = killed_at_each_step(site, by_web(site, release))
    assert {"INSERT INTO outcomes", "UPDATE submissions", "INSERT INTO review_events"} <= {*deaths}
    assert deaths[-2:] == ["before the commit", "after the commit"]
    found = submission(site)
    assert found
    assert found.state == ends_as
    if not not_met:
        deaths = killed_at_each_step(site, by_worker(site, RECOGNISE))
        assert {"INSERT INTO register_entries", "INSERT INTO register_credentials"} <= {*deaths}
    let_all_go_on(site)
    if not_met:
        for code in not_met:
            amina.write(code, 1, "I went back, and asked.")
        amina.hand_in()
        let_all_go_on(site)


def test_two_clicks_are_one_and_a_message_that_comes_again_changes_nothing(site: Site) -> None:
    rhiannon, amina = Assessor(site, "rhiannon"), Writer(site)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: amina.hand_in(), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"].split("?")[0] for answer in answers}) == 1
    let_all_go_on(site)
    rhiannon.read(review(site))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: rhiannon.release(review(site)), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    let_all_go_on(site)
    before = everything(site)
    found, outcome = submission(site), read_one(site, select(Outcome.id))
    assert found
    repeated = {ALLOCATE: found.id, RENDER: found.id, RECOGNISE: outcome}
    workers = [site.start_worker() for _ in range(2)]
    for _round in range(5):
        with site.database.transaction() as session:
            for topic, key in repeated.items():
                put(session, topic, str(key), lane=LANE, delay=timedelta(0))
        eventually(lambda: site.waiting() == 0, "nothing waits")
    for worker in workers:
        worker.kill()
    assert everything(site) == before
    assert_settled(site)


def test_many_submissions_are_shared_by_two_workers_and_each_is_read_once(
    open_site: OpenSite,
) -> None:
    site = open_site()
    for key in ("rhiannon", "babajide"):
        Assessor(site, key)
    writers = [Writer(site, key) for key in ("amina", "cerys", "siobhan")]
    workers = [site.start_worker() for _ in range(2)]
    with ThreadPoolExecutor(3) as pool:
        assert all(answer.status_code == 303 for answer in pool.map(Writer.hand_in, writers))
    eventually(lambda: site.waiting() == 0, f"nothing waits\n{site.tail()}")
    for worker in workers:
        worker.kill()
    assert_settled(site)


def store_away(site: Site) -> Callable[[], None]:
    """Takes the store of files away; returns what brings it back."""
    files, aside = site.folder / "files", site.folder / "files-aside"
    files.mkdir(exist_ok=True)
    files.rename(aside)
    files.write_text("a file where a folder was")

    def bring_back() -> None:
        files.unlink()
        aside.rename(files)

    return bring_back


def test_a_paper_waits_for_a_store_that_is_away(site: Site) -> None:
    Assessor(site, "rhiannon")
    Writer(site).hand_in()
    only(site, ALLOCATE)
    worker = site.start_worker()
    eventually(lambda: not waits(site, ALLOCATE), "the worker is up")
    bring_back = store_away(site)
    only(site, RENDER)

    def tried() -> bool:
        return any(one.topic == RENDER and one.last_error for one in site.messages())

    eventually(tried, f"the store was asked\n{site.tail()}")
    worker.kill()
    found = submission(site)
    assert found
    assert found.pdf_state == "asked"
    assert_whole(site)
    bring_back()
    let_all_go_on(site)


def test_evidence_survives_deaths_and_a_store_that_is_away(site: Site) -> None:
    amina = Writer(site)
    content = b"%PDF-1.4\n" + b"1 0 obj<</Type/Catalog>>endobj\n" * 40 + b"%%EOF\n"
    task = f"{amina.path}/task/{CODES[0]}/evidence"
    wish = {"name": "a plan.pdf", "size": len(content), "type": "application/pdf"}
    begun = amina.send(f"{task}/uploads", json=wish)
    assert begun.status_code == 200, begun.text
    upload = f"{task}/uploads/{begun.json()['upload']}"
    sent = amina.send(upload, content, method="PATCH")
    assert sent.json() == {"received": len(content)}, sent.text
    bring_back = store_away(site)
    refused = amina.send(f"{upload}/done", {})
    assert refused.status_code == 503, refused.text
    bring_back()
    assert assert_evidence_is_whole(site) == []

    def finish() -> None:
        answer = amina.send(f"{upload}/done", {})
        assert answer.status_code in {200, 303}, answer.text

    deaths = killed_at_each_step(site, by_web(site, finish))
    assert {"INSERT INTO files", "INSERT INTO evidence"} <= {*deaths}
    assert len(assert_evidence_is_whole(site)) == 1
    for again in itertools.repeat(finish, 2):
        again()
    assert len(assert_evidence_is_whole(site)) == 1


def test_nobody_is_on_the_register_before_a_release(site: Site) -> None:
    read_and_done(site)
    assert read_one(site, select(RegisterEntry.id)) is None
    assert_whole(site)
