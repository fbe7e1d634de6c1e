"""`imhcf demo`, as a stranger runs it: one address, and Ctrl-C leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def said(log: Path, text: str) -> str:
    """Waits until the log says it; returns the log."""
    ends_at = time.monotonic() + PATIENCE
    while text not in log.read_text() and time.monotonic() < ends_at:
        time.sleep(0.1)
    return log.read_text()


def start(tmp_path: Path, tool: int, lms: int, log: Path) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMHCF_")} | {
        "IMHCF_DATA_DIR": str(tmp_path),
        "IMHCF_PORT": str(tool),
        "IMHCF_DEMO_PORT": str(lms),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "lti_tool.cli", "demo"],
        env=environment,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_says_its_address_and_stops_whole(tmp_path: Path, word: signal.Signals) -> None:
    tool, lms, log = free_port(), free_port(), tmp_path / "log"
    process = start(tmp_path, tool, lms, log)
    try:
        address = f"http://127.0.0.1:{lms}/"
        assert address in said(log, address)
        assert requests.get(address, timeout=PATIENCE).status_code == 200
        assert requests.get(f"http://127.0.0.1:{tool}/readyz", timeout=PATIENCE).ok
        process.send_signal(word)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
    assert not is_open(tool)
    assert not is_open(lms)
    assert (tmp_path / "imhcf.db").exists()


def test_a_port_that_is_taken_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        log = tmp_path / "log"
        process = start(tmp_path, taken.getsockname()[1], free_port(), log)
        assert process.wait(PATIENCE) == 1
    assert "IMHCF_PORT" in log.read_text()
    assert "Traceback" not in log.read_text()
