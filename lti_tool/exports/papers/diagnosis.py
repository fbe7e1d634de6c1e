"""What papers can be printed on this machine, for `imhcf doctor`."""

from importlib import import_module

from lti_tool.exports.papers.fonts import WANTED, choose, installed_faces, lacking_scripts
from lti_tool.exports.papers.rendering import renderer_named

PACKAGES = "fonts-noto-core fonts-wqy-microhei fonts-dejavu-core"


def diagnose_papers(renderer_name: str) -> tuple[str, str]:
    """Returns what is found and how to mend it, the latter empty when nothing is wrong.

    Scripts that only another renderer can draw are said, and are nothing to mend.
    """
    renderer = renderer_named(renderer_name)
    if renderer.name == "weasyprint":
        try:
            import_module("weasyprint")
        except OSError as error:
            first = str(error).splitlines()[0]
            return f"weasyprint cannot start: {first}", "apt-get install libpango-1.0-0"
    faces = installed_faces()
    mend = f"Install fonts, such as: apt-get install {PACKAGES}"
    if choose("a", faces, shapes=renderer.shapes).missing:
        return f"{renderer.name}; no font is there to print with", mend
    absent = lacking_scripts(faces, shapes=True)
    if absent:
        return f"{renderer.name}; no font for {', '.join(absent)}", mend
    unshaped = [] if renderer.shapes else [wanted.script for wanted in WANTED if wanted.shaped]
    if unshaped:
        return f"{renderer.name}; only weasyprint can print {', '.join(unshaped)}", ""
    return f"{renderer.name}; every known script can be printed", ""
