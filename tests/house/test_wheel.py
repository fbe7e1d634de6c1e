"""The wheel carries frameworks, templates, default settings and static files, and runs alone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "installed")
    return folder / "installed"


def run(unpacked: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IMHCF_")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(unpacked), "IMHCF_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_runs_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    where = run(unpacked, tmp_path, "-c", "import lti_tool; print(lti_tool.__file__)")
    assert where.stdout.startswith(str(unpacked))
    shown = run(unpacked, tmp_path, "-m", "lti_tool.cli", "framework", "show")
    assert "self-assessment-1" in shown.stdout, shown.stderr
    doctor = run(unpacked, tmp_path, "-m", "lti_tool.cli", "keys", "list")
    assert "active" in doctor.stdout, doctor.stderr


def test_pages_and_static_files_are_in_it(unpacked: Path, tmp_path: Path) -> None:
    script = """
from lti_tool.app import create_app
from lti_tool.kernel.runtime import make_runtime
from lti_tool.kernel.settings import load_settings
client = create_app(make_runtime(load_settings())).test_client()
page = client.get("/nowhere")
assert page.status_code == 404 and "page-not-found" in page.text
import re
for address in re.findall(r'(?:href|src)="(/[^"]+[.](?:css|js)[^"]*)"', page.text):
    assert client.get(address).status_code == 200, address
    print(address)
"""
    found = run(unpacked, tmp_path, "-c", script)
    assert ".css" in found.stdout, found.stderr
