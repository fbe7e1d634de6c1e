"""The catalogue as a file over HTTP: a dry run, applied or refused whole, and the way back."""

import csv
import io
import re
from typing import Any

from tests.tool import TUTOR, Tool, Visitor
from tests.training.catalogue import ADMIN, act, add, listed, offered

HEAD = "reference,title,provider,levels,domains\r\n"


def upload(visitor: Visitor, content: bytes, **more: str) -> Any:
    data = {"csrf_token": visitor.csrf_token(), "file": (io.BytesIO(content), "offers.csv")}
    return visitor.client.post(visitor.home + "catalogue/upload", data=data | more)


def apply(visitor: Visitor, dry_run: str) -> Any:
    fields = dict(re.findall(r'name="(content|mark|scope)"\s+value="([^"]*)"', dry_run))
    return visitor.post("catalogue/upload/apply", fields)


def test_a_file_is_shown_first_and_then_applied(tool: Tool) -> None:
    ada, amina = tool.sign_in("ada", roles=ADMIN), tool.sign_in("amina")
    add(ada, title="Stays", reference="stays")
    add(ada, title="Changes", reference="changes", cost="£10")
    gone = add(ada, title="Comes back", reference="back")
    assert act(ada, gone, "archive") == 303
    content = (
        HEAD + "new,Brand new,Łódź College,1,6\r\nCHANGES,Has changed,Willow Training,1,6\r\n"
        "back,Comes back,Willow Training,1,6\r\n"
    ).encode()
    dry = upload(ada, content)
    assert dry.status_code == 200
    for words in ("Add 1 offer", "Change 2 offers", "comes back from the archive", "title"):
        assert words in dry.text
    assert "1 offer is not in the file and stays." in dry.text
    assert "Brand new" not in offered(amina)
    assert apply(ada, dry.text).status_code == 303
    assert sorted(offered(amina)[:4]) == ["Brand new", "Comes back", "Has changed", "Stays"]
    assert "Cost: £10" in amina.get("training").text
    again = upload(ada, content).text
    assert "3 offers in the file are no different." in again
    assert "Apply" not in again


def test_a_file_that_meets_another_catalogue_than_it_was_shown_for_waits(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    dry = upload(ada, (HEAD + "new,Brand new,,1,6\r\n").encode()).text
    add(ada, title="In between", reference="new")
    stale = apply(ada, dry)
    assert stale.status_code == 409
    assert "The catalogue has changed since you looked" in stale.text
    assert "Change 1 offer" in stale.text
    assert apply(ada, stale.text).status_code == 303
    assert listed(ada)[0] == "Brand new"
    for damaged in ({}, {"content": "%%%", "mark": "x"}, {"content": "YWJj", "mark": "x"}):
        assert ada.post("catalogue/upload/apply", damaged).status_code == 400


def test_a_wrong_file_is_refused_whole_with_line_column_and_what_was_expected(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    content = HEAD + "a,Fine,,1,6\r\nb,,,9,6\r\na,Again,,1,6\r\n,No name,,1,77\r\n"
    refused = upload(ada, content.encode())
    assert refused.status_code == 400
    found = re.findall(
        r"<tr>\s*<td>(\d+)</td>\s*<td>([^<]*)</td>\s*<td>(.*?)</td>", refused.text, re.DOTALL
    )
    assert [(line, column) for line, column, _words in found] == [
        ("3", "title"),
        ("3", "levels"),
        ("4", "reference"),
        ("5", "reference"),
        ("5", "domains"),
    ]
    assert "stands in line 2 already" in found[2][2]
    assert "Fine" not in listed(ada)
    assert "6 mistakes" not in refused.text
    assert "5 mistakes" in refused.text
    assert upload(ada, b"").status_code == 400
    assert ada.post("catalogue/upload", {}).status_code == 400
    many = HEAD + "".join(f"r{n},,,1,6\r\n" for n in range(900))
    assert "and 600 more." in upload(ada, many.encode()).text


def test_what_is_exported_comes_back_as_no_change(tool: Tool) -> None:
    ada, tara = tool.sign_in("ada", roles=ADMIN), tool.sign_in("tara", roles=TUTOR)
    fields = {
        "title": "=HYPERLINK(1)",
        "description": 'Two lines,\r\n"quoted"; 幼児',
        "format": "blended",
        "checked": "2025-02-03",
        "shown": "no",
        "competencies": "2.10",
        "essential": "yes",
        "levels_2": ["2", "3"],
        "domains_2": ["1"],
        "results_2": "not-started",
    }
    add(ada, **fields)
    add(ada, title="Another")
    add(tara, title="Bound", activity=tara.placement)
    for who, scope, count in (
        (ada, "organisation", 2),
        (ada, "course", 1),
        (tara, "organisation", 1),
    ):
        file = who.get(f"catalogue/export.csv?scope={scope}")
        assert file.headers["Content-Disposition"].startswith("attachment")
        rows = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
        assert len(rows) == count
        assert not any(cell[:1] in "=+-@" for row in rows for cell in row.values() if cell)
        back = upload(who, file.data, scope=scope)
        assert back.status_code == 200, back.text
        unchanged = "offer in the file is" if count == 1 else "offers in the file are"
        assert f"{count} {unchanged} no different." in back.text
        assert "Apply" not in back.text


def test_the_template_is_a_file_that_is_taken(tool: Tool) -> None:
    ada = tool.sign_in("ada", roles=ADMIN)
    assert "Add 1 offer" in upload(ada, ada.get("catalogue/template.csv").data).text


def test_a_tutors_file_goes_to_their_course_whatever_it_asks(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    dry = upload(tara, (HEAD + "new,Brand new,,1,6\r\n").encode(), scope="organisation")
    assert "To the offers of this course." in dry.text
    assert apply(tara, dry.text).status_code == 303
    assert "Brand new" in offered(tool.sign_in("amina"))
    assert "Brand new" not in offered(tool.sign_in("ben", course="course-2"))
