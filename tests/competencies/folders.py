"""Copies of framework folders, to be made wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lti_tool.kernel.resources import resource_folder

SHIPPED = resource_folder("frameworks")
SECOND = Path(__file__).parent / "second_framework"
Change = Callable[[dict[str, Any]], None]


def copy_of(tmp_path: Path, source: Path = SHIPPED / "imhcf") -> Path:
    """Returns the folder of frameworks that holds a copy of one."""
    folder = tmp_path / "frameworks"
    shutil.copytree(source, folder / source.name, dirs_exist_ok=True)
    return folder


def change(file: Path, how: Change) -> None:
    """Rewrites a YAML file with something changed."""
    values = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    how(values)
    file.write_text(yaml.dump(values, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))
