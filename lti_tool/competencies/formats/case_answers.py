"""The answers of the CASE service, each made once in a process: they change with a release."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lti_tool.competencies.formats.case import Json, Package, case_package
from lti_tool.competencies.loading import framework_folders, frameworks

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its tag, which is the same as long as the body is."""

    body: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the service answers: the documents in order, and what stands at an identifier."""

    documents: tuple[Json, ...]
    by_collection: Mapping[str, Mapping[str, Json]]


def case_answers(base_url: str) -> Answers:
    """Returns every answer for a tool's base URL."""
    return _answers(base_url, framework_folders())


def answer_at(base_url: str, collection: str, identifier: str) -> Answer | None:
    """Returns what stands at an identifier of a collection such as `CFItems`, or None."""
    if identifier not in case_answers(base_url).by_collection[collection]:
        return None
    return _written(base_url, framework_folders(), collection, identifier)


def written(values: Json) -> Answer:
    """Returns values as the body of an answer."""
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, hashlib.sha256(body).hexdigest()[:32])


def is_identifier(text: str) -> bool:
    """Says whether a text has the form of a UUID, as CASE defines it."""
    return _UUID.fullmatch(text) is not None


@cache
def _answers(base_url: str, _folders: tuple[Path, ...]) -> Answers:
    packages = [case_package(parts, base_url) for parts in frameworks().values()]
    documents = tuple(package.document for package in packages)
    return Answers(
        documents,
        {
            "CFDocuments": {one["identifier"]: one for one in documents},
            "CFPackages": {one.document["identifier"]: one.as_json() for one in packages},
            "CFItems": {item["identifier"]: item for one in packages for item in one.items},
            "CFAssociations": {
                link["identifier"]: link for one in packages for link in one.associations
            },
            "CFItemAssociations": {
                name: values for one in packages for name, values in _item_associations(one).items()
            },
        },
    )


def _item_associations(package: Package) -> dict[str, Json]:
    found: dict[str, Json] = {
        item["identifier"]: {"CFItem": item, "CFAssociations": []} for item in package.items
    }
    for link in package.associations:
        for end in ("originNodeURI", "destinationNodeURI"):
            if link[end]["identifier"] in found:
                found[link[end]["identifier"]]["CFAssociations"].append(link)
    return found


@cache
def _written(base_url: str, folders: tuple[Path, ...], collection: str, identifier: str) -> Answer:
    return written(_answers(base_url, folders).by_collection[collection][identifier])
