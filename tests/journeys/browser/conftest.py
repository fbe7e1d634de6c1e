"""One Chromium for all journeys of a worker; for each, a site of its own and fresh browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import clean_sqlite
from tests.journeys.browser.device import Device, Open
from tests.journeys.browser.inspection import LOOKS, Inspection
from tests.journeys.servers import Site

CHROMIUM = Path("/usr/bin/chromium")
# Nothing that Chromium does for itself may be taken for a call of the tool.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package", autouse=True)
def looks(request: pytest.FixtureRequest) -> None:
    """In how many sizes and colour schemes every page is looked at."""
    Inspection.looks = LOOKS[request.config.getoption("--breadth")]


# Not for the whole session: Playwright runs once in a thread, and other packages use it too.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(chromium: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An LMS as Moodle and the tool with its worker, on SQLite: no page shows the engine."""
    with opened(Site(tmp_path, clean_sqlite(sqlite_template, tmp_path))) as site:
        yield site


@pytest.fixture
def other_site(chromium: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """The tool under another name than the LMS: another site to the browser, as out there."""
    site = Site(tmp_path, clean_sqlite(sqlite_template, tmp_path))
    site.url = site.settings["IMHCF_BASE_URL"] = site.url.replace("127.0.0.1", "localhost")
    with opened(site):
        yield site


@contextmanager
def opened(site: Site) -> Iterator[Site]:
    """Starts the processes of a site, and ends them."""
    try:
        site.lms.start()
        site.start_web(embedded=True)
        yield site
    finally:
        site.close()
        print(site.tail())  # shown when the test failed


@pytest.fixture
def device(chromium: Browser, site: Site) -> Iterator[Open]:
    """Opens browsers by who sits before them; in the end every one of them must be calm."""
    devices: list[Device] = []

    def opener(key: str, **options: Any) -> Device:
        devices.append(Device(chromium, site, key, **options))
        return devices[-1]

    yield opener
    for one in devices:
        one.close()
    for one in devices:
        one.assert_calm()
