"""Reads framework folders: each has a `framework.yaml`, its instruments, perhaps a crosswalk."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lti_tool.competencies.checking import problems_of
from lti_tool.competencies.files import Problem, Read, Refused, read
from lti_tool.competencies.frameworks import Crosswalk, Framework
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.parts import Parts
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.resources import resource_folder

MANIFEST = "framework.yaml"
CROSSWALK = "crosswalk.yaml"
# The training offers stand beside the frameworks; another room reads them.
CATALOGUE = "training"
_ORDER = {"self-assessment": 0, "portfolio": 1}
_added: Path | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in framework folders: the frameworks that can be read, and all mistakes."""

    frameworks: tuple[Parts, ...]
    problems: tuple[Problem, ...]


def survey(folders: Iterable[Path]) -> Survey:
    """Returns everything below the folders, right or wrong; raises nothing."""
    found: list[Parts] = []
    problems: list[Problem] = []
    for folder in folders:
        problems += _without_manifest(folder)
        for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
            parts, wrong = _read_framework(manifest)
            problems += wrong
            if parts is None:
                continue
            problems += _clashes(parts, found)
            found.append(parts)
    return Survey(tuple(found), tuple(problems))


def load_frameworks(*folders: Path) -> dict[str, Parts]:
    """Returns the frameworks below the folders by id; raises `Refused` when anything is wrong."""
    found = survey(folders)
    if found.problems:
        raise Refused(found.problems)
    return {one.framework.id: one for one in found.frameworks}


def load_instruments(*folders: Path) -> dict[str, Instrument]:
    """Returns the instruments of every framework below the folders, by id, in their order.

    Raises `Refused` naming the file, the line and the field of the first thing wrong.
    """
    return _instruments(load_frameworks(*folders))


def load_instrument(path: Path) -> Instrument:
    """Returns the instrument of one file; raises `Refused` as `load_instruments` does."""
    return read(path, Instrument).value


def use_frameworks(added: Path | None) -> None:
    """Says which folder of frameworks this process reads beside the shipped one.

    Raises `Misconfigured` when it holds none: a slip in its name would else go unnoticed.
    """
    global _added
    if added is not None and not any(added.glob(f"*/{MANIFEST}")):
        raise Misconfigured(
            f"The setting IMHCF_FRAMEWORKS_DIR names {added}, which holds no framework: each has"
            f" a folder of its own there, with a {MANIFEST}.",
        )
    _added = added.resolve() if added else None
    for remembered in (framework_folders, frameworks, library):
        remembered.cache_clear()


@cache
def framework_folders() -> tuple[Path, ...]:
    """Returns the folders that hold frameworks: the shipped one, then the one that was added."""
    shipped = resource_folder("frameworks")
    return (shipped, _added) if _added else (shipped,)


@cache
def frameworks() -> dict[str, Parts]:
    """Returns every framework by id, read once in a process."""
    return _frameworks(framework_folders())


@cache
def library() -> dict[str, Instrument]:
    """Returns every instrument by id, as shipped, read once in a process."""
    return _library(framework_folders())


@cache
def _frameworks(folders: tuple[Path, ...]) -> dict[str, Parts]:
    return load_frameworks(*folders)


@cache
def _library(folders: tuple[Path, ...]) -> dict[str, Instrument]:
    return _instruments(_frameworks(folders))


def _instruments(found: Mapping[str, Parts]) -> dict[str, Instrument]:
    return {name: read_one.value for parts in found.values() for name, read_one in _in_order(parts)}


def _in_order(parts: Parts) -> list[tuple[str, Read[Instrument]]]:
    def place(item: tuple[str, Read[Instrument]]) -> tuple[int, int, str]:
        return _ORDER[item[1].value.kind], item[1].value.level, item[0]

    return sorted(parts.instruments.items(), key=place)


def _read_framework(manifest_path: Path) -> tuple[Parts | None, list[Problem]]:
    folder = manifest_path.parent
    problems: list[Problem] = []
    instruments: dict[str, Read[Instrument]] = {}
    crosswalk: Read[Crosswalk] | None = None
    for path in sorted(folder.glob("*.yaml")):
        try:
            if path.name == CROSSWALK:
                crosswalk = read(path, Crosswalk)
            elif path.name != MANIFEST:
                instruments[path.stem] = read(path, Instrument)
        except Refused as refused:
            problems += refused.problems
    try:
        parts = Parts(folder, read(manifest_path, Framework), instruments, crosswalk)
    except Refused as refused:
        return None, problems + list(refused.problems)
    # A file that cannot be read has its own problem; what is missing for it is not another.
    return parts, problems or problems_of(parts)


def _without_manifest(folder: Path) -> Iterator[Problem]:
    """A folder with YAML files is a framework whose manifest has a slip in its name."""
    for manifest in sorted(path / MANIFEST for path in folder.glob("*/")):
        named = manifest.parent.name
        has_yaml = any(manifest.parent.glob("*.yaml")) or any(manifest.parent.glob("*.yml"))
        if named != CATALOGUE and has_yaml and not manifest.is_file():
            yield Problem(manifest, 1, "the whole file", "is expected beside these YAML files")


def _clashes(parts: Parts, others: Iterable[Parts]) -> Iterator[Problem]:
    for other in others:
        if other.framework.id == parts.framework.id:
            yield parts.manifest.problem(
                ("id",), f"is {other.framework.id}, which {other.manifest.path} has already"
            )
        for name in sorted(parts.instruments.keys() & other.instruments.keys()):
            yield parts.instruments[name].problem(
                ("id",), f"is {name}, which {other.instruments[name].path} has already"
            )
