"""Where pages and styles are, in the repository and in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def template_folder() -> Path:
    """Returns the folder that holds `demo/`: the wheel's own, else the repository's."""
    packaged = PACKAGE / "_data" / "templates"
    return packaged if packaged.is_dir() else PACKAGE.parent / "templates"


def translation_folder() -> Path:
    """Returns the folder of the message catalogues; it may not be there."""
    return PACKAGE / "translations"
