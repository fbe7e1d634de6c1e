"""A large upload needs little memory: measured in a process of its own."""

import json
import subprocess
import sys

MOST = 64_000_000


def test_an_upload_of_many_megabytes_grows_the_process_by_less_than_sixty_four() -> None:
    command = [sys.executable, "-m", "tests.storage.memory", "120"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    said = json.loads(found.stdout)
    assert said["size"] == 120_000_000
    assert said["grown_bytes"] < MOST, said
