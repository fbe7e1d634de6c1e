"""How Moodle writes: its JSON, its explanation of a refusal, its paging header."""

import json
from typing import Any

from lti_tool.demo.platform.facts import FailedCall
from lti_tool.demo.platform.paging import Page, with_query
from lti_tool.demo.registration import DEPLOYMENT_ID

# The quotes around `rel` are typographic in Moodle's source; a header carries their bytes.
OPEN_QUOTE = "“".encode().decode("latin-1")
CLOSE_QUOTE = "”".encode().decode("latin-1")


def php_json(body: Any) -> bytes:
    """Returns JSON as PHP's `json_encode` writes it: ASCII, no spaces, escaped slashes."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def error_body(call: FailedCall) -> bytes:
    """Returns what `mod_lti\\local\\ltiservice\\response` says of a refused call."""
    request = {"method": call.method, "url": call.path}
    if call.accept:
        request["accept"] = call.accept
    if call.content_type:
        request["contentType"] = call.content_type
    body = {"status": call.status, "reason": call.reason, "request": request}
    return json.dumps(body, indent=4).encode()


def malformed_links(base: str, page: Page, total: int) -> str:
    """Returns the `Link` header of line items and results, with `&amp;` and curly quotes.

    `last` is computed as in `lineitems::get_json_for_get_request`, which is not the last page.
    """
    limit = page.limit or 0
    offsets: dict[str, int | None] = {
        "first": 0,
        "prev": max(page.offset - limit, 0) if 0 < page.offset < total else None,
        "canonical": page.offset,
        "next": page.next_offset(total),
        "last": max(total - limit + 1, 0),
    }
    return ", ".join(
        _link(base, limit, offset, rel) for rel, offset in offsets.items() if offset is not None
    )


def _link(base: str, limit: int, offset: int, rel: str) -> str:
    query = {"type_id": DEPLOYMENT_ID, "limit": limit, "from": offset}
    url = with_query(base, query).replace("&", "&amp;")
    return f"<{url}>; rel={OPEN_QUOTE}{rel}{CLOSE_QUOTE}"
