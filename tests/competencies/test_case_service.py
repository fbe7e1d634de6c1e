"""CASE 1.1 as a service: open, paged, cached, and refusing in the standard's own form."""

import json
import re
from typing import Any

import pytest
from jsonschema import validate
from werkzeug.test import TestResponse

from lti_tool.competencies.formats.case import case_package
from lti_tool.competencies.loading import frameworks, use_frameworks
from tests.competencies import case_schema
from tests.competencies.folders import SECOND
from tests.tool import Tool, make_tool

AT = "/ims/case/v1p1"


def refused(answer: TestResponse, status: int, minor: str) -> None:
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    values = answer.get_json()
    validate(values, case_schema.STATUS_INFO)
    assert values["imsx_codeMajor"] == "failure"
    (field,) = values["imsx_codeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == minor


def relations(answer: TestResponse) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    return {name: address for address, name in found}


def test_everything_of_the_framework_is_served_to_anyone(tool: Tool) -> None:
    client = tool.app.test_client()
    listed = client.get(f"{AT}/CFDocuments").get_json()
    validate(listed, case_schema.DOCUMENTS)
    (document,) = listed["CFDocuments"]
    base = tool.runtime.settings.base_url
    assert client.get(document["uri"].removeprefix(base)).get_json() == document
    package = client.get(document["CFPackageURI"]["uri"].removeprefix(base)).get_json()
    validate(package, case_schema.PACKAGE)
    assert package == case_package(frameworks()["imhcf"], base).as_json()
    for item in package["CFItems"][::40]:
        found = client.get(item["uri"].removeprefix(base)).get_json()
        validate(found, case_schema.ITEM)
        assert {k: v for k, v in found.items() if k != "CFDocumentURI"} == item
        around = client.get(f"{AT}/CFItemAssociations/{item['identifier']}").get_json()
        validate(around, case_schema.ITEM_ASSOCIATIONS)
        assert around["CFItem"] == found
        wanted = [
            one["identifier"]
            for one in package["CFAssociations"]
            if item["identifier"]
            in {one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"]}
        ]
        assert [one["identifier"] for one in around["CFAssociations"]] == wanted
    for association in package["CFAssociations"][::90]:
        found = client.get(association["uri"].removeprefix(base)).get_json()
        validate(found, case_schema.ASSOCIATION)


def test_it_is_cached_by_tag_and_opens_no_session(tool: Tool) -> None:
    client = tool.app.test_client()
    identifier = client.get(f"{AT}/CFDocuments").get_json()["CFDocuments"][0]["identifier"]
    first = client.get(f"{AT}/CFPackages/{identifier}")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in first.headers
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    tag = first.headers["ETag"]
    again = client.get(f"{AT}/CFPackages/{identifier}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{AT}/CFPackages/{identifier}", headers={"If-None-Match": '"x"'})
    assert other.status_code == 200
    assert client.head(f"{AT}/CFPackages/{identifier.upper()}").headers["ETag"] == tag
    assert client.post(f"{AT}/CFDocuments").status_code == 405


def test_what_is_not_there_is_refused_in_the_standards_form(tool: Tool) -> None:
    client = tool.app.test_client()
    document = client.get(f"{AT}/CFDocuments").get_json()["CFDocuments"][0]["identifier"]
    unknown = "00000000-0000-5000-8000-000000000000"
    for collection in ("CFDocuments", "CFPackages", "CFItems", "CFAssociations"):
        refused(client.get(f"{AT}/{collection}/{unknown}"), 404, "unknownobject")
    refused(client.get(f"{AT}/CFItemAssociations/{unknown}"), 404, "unknownobject")
    refused(client.get(f"{AT}/CFItems/{document}"), 404, "unknownobject")
    for text in ("1.01", "x" * 5000, "%00", f"{{{unknown}}}", "٠" * 36):
        refused(client.get(f"{AT}/CFItems/{text}"), 404, "invaliduuid")
    for address in ("CFSubjects", "CFRubrics/1", "CFItems/", "CFItems/..%2f..", "<script>"):
        refused(client.get(f"{AT}/{address}"), 404, "unknownobject")


@pytest.mark.parametrize("name", ["limit", "offset"])
def test_paging_that_makes_no_sense_is_refused(tool: Tool, name: str) -> None:
    client = tool.app.test_client()
    wrong = ["x", "-1", "", "1.5", "9" * 40, "٣", "1 ", *(["0"] if name == "limit" else [])]
    for text in wrong:
        answer = client.get(f"{AT}/CFDocuments", query_string={name: text})
        refused(answer, 400, "invalid_selection_field")
        assert name in answer.get_json()["imsx_description"]


def test_documents_come_page_by_page_with_links_and_a_total(settings: Any) -> None:
    tool = make_tool(settings.model_copy(update={"frameworks_dir": str(SECOND)}))
    try:
        walk_the_pages(tool)
    finally:
        tool.close()
        use_frameworks(None)


def walk_the_pages(tool: Tool) -> None:
    client, base = tool.app.test_client(), tool.runtime.settings.base_url
    first = client.get(f"{AT}/CFDocuments?limit=1")
    assert first.headers["X-Total-Count"] == "2"
    assert set(relations(first)) == {"first", "next", "last"}
    second = client.get(relations(first)["next"].removeprefix(base))
    assert set(relations(second)) == {"first", "prev", "last"}
    titles = [
        one["title"] for page in (first, second) for one in json.loads(page.data)["CFDocuments"]
    ]
    assert titles[1] == "Woodland play practice"
    assert first.headers["ETag"] != second.headers["ETag"]
    beyond = client.get(f"{AT}/CFDocuments?offset=7")
    assert beyond.get_json() == {"CFDocuments": []}
    assert set(relations(beyond)) == {"first", "prev", "last"}
    assert len(client.get(f"{AT}/CFDocuments?limit=99999").get_json()["CFDocuments"]) == 2
