"""A framework in CASE 1.1 JSON (1EdTech, Competencies and Academic Standards Exchange).

One CFDocument for a framework; its CFItems are instruments, domains, themes and competencies;
its CFAssociations are the tree (`isChildOf`), the levels (`precedes`) and the crosswalk
(`isRelatedTo`). Identifiers are UUIDs of version 5 over ids, the same in every installation
and every version; what changes is `lastChangeDateTime`, with the framework's version.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

from lti_tool.competencies.formats.selection import (
    OURS,
    Selection,
    as_text,
    provenance_words,
    select,
)
from lti_tool.competencies.frameworks import Progression, Reference
from lti_tool.competencies.models import Domain, Instrument, Theme
from lti_tool.competencies.parts import Parts

PATH = "/ims/case/v1p1"
# Made once for this tool; another one would give every item another identity.
NAMESPACE = UUID("5b0f1d3a-7c52-4e0e-9a56-1c2f0e8f7a41")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Package:
    """One framework in CASE: the document, its items and associations, all with their links."""

    document: Json
    items: tuple[Json, ...]
    associations: tuple[Json, ...]

    def as_json(self) -> Json:
        """Returns the CFPackage, whose parts do not link back to what they stand in."""
        return {
            "CFDocument": _without(self.document, "CFPackageURI"),
            "CFItems": [_without(item, "CFDocumentURI") for item in self.items],
            "CFAssociations": [_without(one, "CFDocumentURI") for one in self.associations],
        }


def case_package(parts: Parts, base_url: str, wanted: tuple[str, ...] = ()) -> Package:
    """Returns one framework in CASE, of the wanted instruments or all, for a tool's base URL.

    Raises `NotFound` for an instrument that the framework does not hold.
    """
    chosen = select(parts, wanted)
    writer = _Writer(chosen, base_url.rstrip("/"))
    items = tuple(writer.items())
    progressions = parts.framework.progressions
    associations = (*writer.tree(), *writer.levels(progressions), *writer.crosswalk())
    return Package(writer.document(), items, associations)


def _without(values: Json, name: str) -> Json:
    return {key: value for key, value in values.items() if key != name}


class _Writer:
    """Writes one selection. Keys are paths of ids, such as `imhcf/self-assessment-1/1.01`."""

    def __init__(self, chosen: Selection, base_url: str) -> None:
        self.chosen = chosen
        self.base = base_url + PATH
        self.root = chosen.framework.id
        self.changed = chosen.framework.changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.titles: dict[str, str] = {self.root: chosen.framework.title}
        self.parents: list[tuple[str, str, int]] = []

    def document(self) -> Json:
        """The CFDocument."""
        facts = self.chosen.framework
        written: Json = {
            **self._link("CFDocuments", self.root),
            "creator": facts.creator,
            "publisher": facts.publisher,
            "description": facts.description,
            "version": facts.version,
            "language": facts.language,
            "adoptionStatus": facts.adoption.value,
            "caseVersion": "1.1",
            "lastChangeDateTime": self.changed,
            "CFPackageURI": self._link("CFPackages", self.root),
        }
        if facts.address:
            written["officialSourceURL"] = facts.address
        return written

    def items(self) -> Iterator[Json]:
        """The CFItems, parents first; what is whose child is noted for `tree`."""
        for position, instrument in enumerate(self.chosen.instruments, 1):
            key = f"{self.root}/{instrument.id}"
            yield self._item(key, self.root, position, instrument.title, "Instrument")
            for domain in instrument.domains:
                yield from self._domain(key, instrument, domain)

    def tree(self) -> Iterator[Json]:
        """An association from each item to its parent; call after `items`."""
        for child, parent, position in self.parents:
            yield self._association("isChildOf", child, parent) | {"sequenceNumber": position}

    def levels(self, progressions: tuple[Progression, ...]) -> Iterator[Json]:
        """Associations from each level to the next: code by code, or of instruments as wholes."""
        here = {one.id: one for one in self.chosen.instruments}
        for progression in progressions:
            steps = [here[name] for name in progression.instruments if name in here]
            for lower, higher in pairwise(steps):
                yield self._association("precedes", self._key(lower), self._key(higher))
                if progression.by_code:
                    for code in lower.by_code:
                        yield self._association(
                            "precedes", self._key(lower, code), self._key(higher, code)
                        )

    def crosswalk(self) -> Iterator[Json]:
        """Associations from each portfolio task to what it rests on."""
        for task, on in self.chosen.related.items():
            for reference in on:
                written = self._association("isRelatedTo", self._of(task), self._of(reference))
                notes = [OURS] if self.chosen.is_ours else []
                notes += [self.chosen.reasons[task]] if task in self.chosen.reasons else []
                yield written | ({"notes": " ".join(notes)} if notes else {})

    def _domain(self, parent: str, instrument: Instrument, domain: Domain) -> Iterator[Json]:
        key = f"{parent}/{domain.number}"
        yield self._item(key, parent, domain.number, domain.title, "Domain") | {
            "humanCodingScheme": str(domain.number),
            "notes": domain.introduction,
        }
        position = 0
        for number, theme in enumerate(domain.themes, 1):
            above = key
            if theme.title:
                above = f"{key}/theme-{number}"
                position += 1
                yield self._item(above, key, position, theme.title, "Theme")
            yield from self._competencies(above, instrument, theme)

    def _competencies(self, above: str, instrument: Instrument, theme: Theme) -> Iterator[Json]:
        for position, competency in enumerate(theme.competencies, 1):
            key = self._key(instrument, competency.code)
            title = f"{competency.code} {competency.topic}"
            statement = as_text(competency)
            written = self._item(key, above, position, statement, "Competency", title)
            written |= {
                "humanCodingScheme": competency.code,
                "abbreviatedStatement": competency.topic,
                # The code says nothing without its instrument.
                "alternativeLabel": f"{instrument.id}:{competency.code}",
            }
            said = provenance_words(competency)
            yield written | ({"notes": said} if said else {})

    def _item(
        self, key: str, parent: str, position: int, statement: str, kind: str, title: str = ""
    ) -> Json:
        self.titles[key] = title or statement
        self.parents.append((key, parent, position))
        return {
            **_without(self._link("CFItems", key), "title"),
            "fullStatement": statement,
            "CFItemType": kind,
            "language": self.chosen.framework.language,
            "lastChangeDateTime": self.changed,
            "CFDocumentURI": self._link("CFDocuments", self.root),
        }

    def _association(self, kind: str, origin: str, destination: str) -> Json:
        identifier = str(uuid5(NAMESPACE, f"{kind} {origin} {destination}"))
        return {
            "identifier": identifier,
            "associationType": kind,
            "uri": f"{self.base}/CFAssociations/{identifier}",
            "originNodeURI": self._link("CFItems", origin),
            "destinationNodeURI": self._link(
                "CFDocuments" if destination == self.root else "CFItems", destination
            ),
            "lastChangeDateTime": self.changed,
            "CFDocumentURI": self._link("CFDocuments", self.root),
        }

    def _link(self, collection: str, key: str) -> Json:
        identifier = str(uuid5(NAMESPACE, key))
        return {
            "title": self.titles[key],
            "identifier": identifier,
            "uri": f"{self.base}/{collection}/{identifier}",
        }

    def _key(self, instrument: Instrument, code: str = "") -> str:
        return f"{self.root}/{instrument.id}" + (f"/{code}" if code else "")

    def _of(self, reference: Reference) -> str:
        return f"{self.root}/{reference.instrument}/{reference.code}"
