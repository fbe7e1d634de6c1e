"""A large upload through the pages needs little memory: measured in a process of its own."""

import json
import subprocess
import sys

MOST = 64_000_000


def test_a_film_of_many_megabytes_grows_the_web_process_by_less_than_sixty_four() -> None:
    command = [sys.executable, "-m", "tests.portfolios.memory", "120"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    said = json.loads(found.stdout.splitlines()[-1])
    assert said["size"] == 120_000_000
    assert said["grown_bytes"] < MOST, said
