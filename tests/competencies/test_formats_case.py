"""The framework in CASE 1.1: what is required is there, and the links hold together."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, ValidationError, validate

from lti_tool.competencies.crosswalk import rests_on
from lti_tool.competencies.formats.case import case_package
from lti_tool.competencies.loading import frameworks, library, load_frameworks
from tests.competencies import case_schema
from tests.competencies.folders import SECOND

BASE = "https://imhcf.example.org"


@pytest.fixture(scope="module")
def package() -> dict[str, Any]:
    return case_package(frameworks()["imhcf"], BASE).as_json()


def links(package: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    return [
        (one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"])
        for one in package["CFAssociations"]
        if one["associationType"] == kind
    ]


def by_label(package: dict[str, Any]) -> dict[str, str]:
    """Identifiers of competencies by instrument and code."""
    return {
        item["alternativeLabel"]: item["identifier"]
        for item in package["CFItems"]
        if "alternativeLabel" in item
    }


def test_the_schemas_refuse_what_lacks_a_required_field(package: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(case_schema.PACKAGE)
    for part, name in (
        ("CFItems", "fullStatement"),
        ("CFItems", "lastChangeDateTime"),
        ("CFAssociations", "originNodeURI"),
    ):
        first = {k: v for k, v in package[part][0].items() if k != name}
        with pytest.raises(ValidationError, match=name):
            validate({**package, part: [first]}, case_schema.PACKAGE)


def test_a_package_has_every_field_that_the_standard_requires(package: dict[str, Any]) -> None:
    validate(package, case_schema.PACKAGE)
    whole = case_package(frameworks()["imhcf"], BASE)
    validate(whole.document, case_schema.DOCUMENT)
    item, association = (
        Draft202012Validator(schema) for schema in (case_schema.ITEM, case_schema.ASSOCIATION)
    )
    for one in whole.items:
        item.validate(one)
    for one in whole.associations:
        association.validate(one)


def test_identifiers_are_there_once_and_stand_in_their_addresses(package: dict[str, Any]) -> None:
    parts = {
        "CFDocuments": [package["CFDocument"]],
        "CFItems": package["CFItems"],
        "CFAssociations": package["CFAssociations"],
    }
    every = [one["identifier"] for found in parts.values() for one in found]
    assert len(set(every)) == len(every)
    for collection, found in parts.items():
        for one in found:
            assert one["uri"] == f"{BASE}/ims/case/v1p1/{collection}/{one['identifier']}"
            assert UUID(one["identifier"]).version == 5


def test_every_competency_is_an_item_with_its_code_and_words(package: dict[str, Any]) -> None:
    kinds = Counter(item["CFItemType"] for item in package["CFItems"])
    themes = sum(
        1 for one in library().values() for d in one.domains for theme in d.themes if theme.title
    )
    assert kinds == {"Instrument": 6, "Domain": 36, "Theme": themes, "Competency": 265}
    found = {item.get("alternativeLabel"): item for item in package["CFItems"]}
    item = found["self-assessment-1:2.01"]
    assert item["humanCodingScheme"] == "2.01"
    assert item["abbreviatedStatement"] == "Development within caregiving relationships"
    assert item["fullStatement"].startswith("You know: How an infant's development")
    assert item["fullStatement"].count("\n- ") == 2
    assert "notes" not in item
    assert found["portfolio-1:1.02"]["notes"].startswith("Provisional wording, derived")


def test_the_tree_reaches_the_document_from_every_item(package: dict[str, Any]) -> None:
    parents = dict(links(package, "isChildOf"))
    assert len(parents) == len(links(package, "isChildOf")) == len(package["CFItems"])
    root = package["CFDocument"]["identifier"]
    for item in package["CFItems"]:
        here, steps = item["identifier"], 0
        while here != root:
            here, steps = parents[here], steps + 1
            assert steps <= 4
    for one in package["CFAssociations"]:
        if one["destinationNodeURI"]["identifier"] == root:
            assert "/CFDocuments/" in one["destinationNodeURI"]["uri"]


def test_brothers_and_sisters_have_an_order(package: dict[str, Any]) -> None:
    orders: dict[str, list[int]] = {}
    for one in package["CFAssociations"]:
        if one["associationType"] == "isChildOf":
            parent = one["destinationNodeURI"]["identifier"]
            orders.setdefault(parent, []).append(one["sequenceNumber"])
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in orders.values())


def test_levels_precede_one_another_code_by_code(package: dict[str, Any]) -> None:
    found, at = set(links(package, "precedes")), by_label(package)
    codes = library()["self-assessment-1"].by_code
    for code in codes:
        first, second, third = (at[f"self-assessment-{level}:{code}"] for level in (1, 2, 3))
        assert {(first, second), (second, third)} <= found
        assert (first, third) not in found
    # Besides, the instruments as wholes: grids and portfolios, each twice.
    assert len(found) == 2 * 63 + 4


def test_tasks_are_related_to_what_they_rest_on_and_that_is_marked_as_ours(
    package: dict[str, Any],
) -> None:
    at = by_label(package)
    wanted = {
        (at[f"{one.id}:{code}"], at[f"{on.instrument}:{on.code}"])
        for one in library().values()
        for code in one.by_code
        for on in rests_on(one.id, code)
    }
    assert set(links(package, "isRelatedTo")) == wanted
    for one in package["CFAssociations"]:
        if one["associationType"] == "isRelatedTo":
            assert "not published with the framework" in one["notes"]


def test_every_link_leads_to_something_in_the_package(package: dict[str, Any]) -> None:
    known = {one["identifier"]: one for one in (package["CFDocument"], *package["CFItems"])}
    for one in package["CFAssociations"]:
        for end in ("originNodeURI", "destinationNodeURI"):
            assert known[one[end]["identifier"]]["uri"] == one[end]["uri"]


def test_identity_and_time_are_the_same_each_time_and_wherever_it_is_served() -> None:
    parts = frameworks()["imhcf"]
    here, there = case_package(parts, BASE), case_package(parts, "http://127.0.0.1:8000")
    assert here == case_package(parts, BASE)
    assert [one["identifier"] for one in here.items] == [one["identifier"] for one in there.items]
    # A promise to whoever linked to us: it may never change.
    assert here.document["identifier"] == "5fdc2e66-93a2-5cd3-8643-78eaa5535455"
    assert (
        by_label(here.as_json())["self-assessment-1:1.01"] == "fe7fc948-131b-57dc-bdd1-39d63628da11"
    )
    assert {one["lastChangeDateTime"] for one in (here.document, *here.items)} == {
        "2026-11-21T00:00:00Z"
    }


def test_a_version_in_another_zone_is_written_in_utc() -> None:
    package = case_package(load_frameworks(SECOND)["woodland"], BASE).as_json()
    validate(package, case_schema.PACKAGE)
    assert package["CFDocument"]["lastChangeDateTime"] == "2026-03-14T08:00:00Z"
    assert "officialSourceURL" not in package["CFDocument"]
    assert links(package, "precedes") == links(package, "isRelatedTo") == []


def test_some_instruments_alone_hold_together_too() -> None:
    package = case_package(frameworks()["imhcf"], BASE, ("portfolio-1",)).as_json()
    validate(package, case_schema.PACKAGE)
    test_every_link_leads_to_something_in_the_package(package)
    assert links(package, "isRelatedTo") == links(package, "precedes") == []
