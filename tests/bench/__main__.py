"""Prints one table: launch, pages, delivery, and what pages cost over 10,000 people's portfolios.

`--people` makes that set smaller, `--only size` measures nothing else, and `--only usual`
everything but that.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from lti_tool.cli.seeding.plan import Size
from tests.bench.at_size import engines, pages, seeded
from tests.bench.deliveries import deliveries_a_second
from tests.bench.pages import seconds_of_pages
from tests.bench.papers import seconds_of_a_grid
from tests.bench.platform import CLIENT, KeySet, begin, token
from tests.bench.processes import Browser, free_port, processor_seconds, running
from tests.bench.statements import statements_of_tutors_page
from tests.bench.submission_papers import seconds_of_a_submission
from tests.bench.uploading import memory_of_an_upload

WARM_UP, BLOCKS, BLOCK = 50, 10, 100
PAGES = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--people", type=int, default=Size().people)
    parser.add_argument("--only", choices=["usual", "size"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imhcf-bench-") as name:
        if asked.only != "size":
            measure_usual(Path(name))
        if asked.only != "usual":
            measure_at_size(Path(name) / "size", Size(people=asked.people))


def measure_usual(folder: Path) -> None:
    measure_tool(folder)
    say("scores delivered by one worker", f"{deliveries_a_second(folder / 'd'):.0f} a second")
    few, many = statements_of_tutors_page(folder / "s")
    say("statements of the tutor's page, 10 and 200 learners", f"{few} and {many}")
    for page, seconds in seconds_of_pages(folder / "v").items():
        say(f"page {page}, processor time, p50", f"{seconds * 1000:.1f} ms")
    for renderer, (alone, all_of_it) in seconds_of_a_grid(folder / "p").items():
        figures = f"{alone:.2f} s ({all_of_it:.2f} s with reading and HTML)"
        say(f"grid of 63 with evidence by {renderer}, processor time", figures)
    for renderer, (alone, all_of_it) in seconds_of_a_submission(folder / "h").items():
        figures = f"{alone:.2f} s ({all_of_it:.2f} s with reading and HTML)"
        say(f"portfolio of 15,000 words by {renderer}, processor time", figures)


def measure_at_size(folder: Path, size: Size) -> None:
    """What an upload of 500 MB needs, and what pages cost over a seeded set, on each engine."""
    grown, took = memory_of_an_upload(folder / "upload")
    say("500 MB uploaded: the web process grew by", f"{grown:.0f} MB ({took:.0f} s)")
    for engine, url in engines(folder):
        with seeded(folder / engine, url, size) as (tool, seconds):
            say(f"{engine}: {size.people:,} portfolios made", f"{seconds:.0f} s")
            for page, found in pages(tool):
                say(f"{engine}: {page}, p50 and p95", found)


def say(what: str, figure: str) -> None:
    print(f"{what:<58}{figure}", flush=True)


def measure_tool(folder: Path) -> None:
    """Measures launches in turn with bare requests, so that both meet the same weather."""
    port, bare_port, keys = free_port(), free_port(), KeySet()
    base = f"http://127.0.0.1:{port}"
    environment = {
        "IMHCF_DATA_DIR": str(folder / "tool"),
        "IMHCF_PORT": str(port),
        "IMHCF_BASE_URL": base,
        "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
        "IMHCF_EMBEDDED_WORKER": "false",
        # All of it comes from one address.
        "IMHCF_LOGINS_PER_MINUTE": "1000000000",
    }
    register(environment, keys)
    bare_arguments = ["-m", "tests.bench.serve_bare", str(bare_port), str(folder)]
    tool = running(["-m", "lti_tool.cli", "run"], environment, f"{base}/readyz")
    bare = running(bare_arguments, {}, f"http://127.0.0.1:{bare_port}/")
    with tool as tool_process, bare as bare_process:
        browser, bare_browser = Browser(port), Browser(bare_port)
        launch = partial(launched, browser, keys, base)
        pair = partial(bare_pair, bare_browser)
        ours, theirs = in_turn((tool_process, launch), (bare_process, pair))
        say("bare Flask, two requests, processor time", f"{theirs * 1000:.2f} ms")
        say("login + launch, processor time", f"{ours * 1000:.2f} ms ({ours / theirs:.2f} × bare)")
        say("key-set fetches in all of these launches", str(keys.fetches))
        measure_pages(browser, launch())


def launched(browser: Browser, keys: KeySet, base: str) -> str:
    """Goes through login and launch; returns the way in."""
    asked = begin(browser, keys.issuer, f"{base}/lti/launch")
    id_token = token(asked, keys.issuer, f"{base}/lti/launch", "amina")
    body = urlencode({"state": asked["state"], "id_token": id_token})
    status, location, _ = browser.call("POST", "/lti/launch", body)
    assert status == 303, status
    return location


def bare_pair(browser: Browser) -> None:
    """Two requests with bodies of the size that a login and a launch have."""
    login = {"login_hint": "hint", "x": "y" * 200}
    launch = {"id_token": "t" * 1900, "state": "s" * 43}
    assert browser.call("POST", "/lti/login", urlencode(login))[0] == 302
    assert browser.call("POST", "/lti/launch", urlencode(launch))[0] == 303


Measured = tuple[subprocess.Popen[bytes], Callable[[], object]]


def in_turn(*measured: Measured) -> list[float]:
    """Returns each server's processor time for one round of its work, in seconds."""
    for _, work in measured:
        for _ in range(WARM_UP):
            work()
    spent = [0.0 for _ in measured]
    for _ in range(BLOCKS):
        for number, (process, work) in enumerate(measured):
            before = processor_seconds(process)
            for _ in range(BLOCK):
                work()
            spent[number] += processor_seconds(process) - before
    return [seconds / (BLOCKS * BLOCK) for seconds in spent]


def register(environment: dict[str, str], keys: KeySet) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "lti_tool.cli", "platform", "add"),
            *("--organisation", "Bench", "--issuer", keys.issuer, "--client-id", CLIENT),
            *("--auth-login-url", f"{keys.issuer}/auth", "--token-url", f"{keys.issuer}/token"),
            *("--jwks-url", keys.url, "--product", "moodle"),
        ],
        env=os.environ | environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def measure_pages(browser: Browser, way_in: str) -> None:
    _, home, _ = browser.call("GET", way_in)
    _, _, page = browser.call("GET", f"{home}domain/2")
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    headers = {
        "X-CSRFToken": found[1],
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    seen = [timed(lambda: browser.call("GET", f"{home}domain/2")) for _ in range(PAGES)]
    say("assessment page, p50 and p95", p50_p95(seen))
    saved = []
    for version in range(PAGES):
        rating = {"code": "2.01", "state": "achieved", "note": f"v{version}", "version": version}
        body = json.dumps(rating)
        saved.append(timed(lambda b=body: browser.call("POST", f"{home}ratings", b, headers)))
    say("one saved rating, p50 and p95", p50_p95(saved))


def timed(work: object) -> float:
    start = time.perf_counter()
    status, _, text = work()  # type: ignore[operator]
    took = time.perf_counter() - start
    assert status == 200, (status, text[:300])
    return took


def p50_p95(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=20)
    return f"{statistics.median(seconds) * 1000:.1f} ms and {cuts[18] * 1000:.1f} ms"


main()
