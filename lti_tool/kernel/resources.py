"""Where the files that ship with the program are: in the wheel, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_folder(name: str) -> Path:
    """Returns the folder `frameworks`, `templates` or `config`, as installed.

    A wheel carries them under `lti_tool/_data/`; a checkout has them at its top.
    """
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
