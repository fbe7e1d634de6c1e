"""The catalogue for translators holds every sentence that a page or an error can show."""

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "lti_tool" / "translations" / "messages.pot"


def test_the_catalogue_is_as_new_as_the_text(tmp_path: Path) -> None:
    fresh = tmp_path / "messages.pot"
    subprocess.run(
        [
            *(sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"),
            *("-F", "config/babel.cfg", "-k", "N_", "--no-location", "--sort-output"),
            *("--omit-header", "-o", str(fresh), "lti_tool", "templates"),
        ],
        cwd=ROOT,
        check=True,
    )
    wanted, found = (
        {message.id for message in read_po(path.open("rb"))} for path in (fresh, CATALOGUE)
    )
    assert found == wanted, "run: make messages"
