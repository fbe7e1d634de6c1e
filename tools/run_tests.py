"""Runs the whole suite, on a PostgreSQL server that it finds or starts.

What cannot be had here is said in one line; the tests that need it are then skipped.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.databases import postgres_server  # noqa: E402 - the path is set just above


def main(arguments: list[str]) -> int:
    """Returns the status of the test run."""
    if not Path("/usr/bin/chromium").exists():
        print("No Chromium here: the browser journeys are skipped (apt-get install chromium).")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start the program many times
    with postgres() as found:
        print(found)
        command = [
            *(sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", "-q"),
            *arguments,
        ]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


@contextmanager
def postgres() -> Iterator[str]:
    """Yields what there is, in words, for as long as the tests run."""
    if postgres_server():
        yield "PostgreSQL: a server that runs here."
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(programs[-1]) if programs else shutil.which("initdb")
    if not initdb:
        yield "No PostgreSQL here: tests run on SQLite alone (apt-get install postgresql)."
        return
    with tempfile.TemporaryDirectory(prefix="imhcf-pg-") as folder:
        url = start(Path(initdb).parent, Path(folder))
        os.environ["IMHCF_TEST_POSTGRES_URL"] = url
        postgres_server.cache_clear()
        try:
            yield "PostgreSQL: a server of this run's own."
        finally:
            control(Path(initdb).parent, Path(folder), "stop", "-m", "immediate")


def start(programs: Path, folder: Path) -> str:
    """Makes and starts a server in the folder; returns its address."""
    if as_postgres():
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    run([*as_postgres(), programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"])
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -k {folder}"
    control(programs, folder, "start", "-w", "-o", options, "-l", str(folder / "log"))
    time.sleep(0.2)
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def control(programs: Path, folder: Path, *words: str) -> None:
    """Starts or stops the server."""
    run([*as_postgres(), programs / "pg_ctl", "-D", folder / "data", *words])


def as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root: Debian's package brings an account for it."""
    if os.getuid() != 0:
        return []
    pwd.getpwnam("postgres")
    return ["runuser", "-u", "postgres", "--"]


def run(command: list[object]) -> None:
    """Runs a command quietly; its output is shown when it fails."""
    done = subprocess.run(
        [str(word) for word in command], check=False, capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
