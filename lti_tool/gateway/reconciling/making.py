"""Calls to the line item service: which columns there are, one made, one altered.

Never inside a transaction. Each raises what `LineItemService` raises.
"""

from dataclasses import replace

from lti_tool.competencies.models import Instrument
from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.reconciling.queries import Column
from lti_tool.gateway.reconciling.rules import Home, new_column
from lti_tool.gateway.rules import KnownRegistration
from lti_tool.lti import refusals
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READONLY
from lti_tool.lti.line_items import LineItem


def columns_there(protocol: Protocol, found: KnownRegistration, home: Home) -> list[LineItem]:
    """Returns every column of the course that is this tool's, with the right that the LMS gave."""
    narrow = SCOPE_LINE_ITEM_READONLY in home.scopes
    return protocol.grades.line_items(
        found.protocol,
        protocol.key_ring.signing_key(),
        home.line_items,
        scope=SCOPE_LINE_ITEM_READONLY if narrow else SCOPE_LINE_ITEM,
    )


def make_column(
    protocol: Protocol, found: KnownRegistration, home: Home, part: str, asked: Instrument
) -> LineItem:
    """Returns a column that was made now, tied to the link where the LMS takes that."""
    wanted = new_column(home, part, asked)
    key = protocol.key_ring.signing_key()
    try:
        made = protocol.grades.create_line_item(found.protocol, key, home.line_items, wanted)
    except refusals.ServiceRefused:
        if not wanted.resource_link_id:
            raise
        loose = replace(wanted, resource_link_id="")
        made = protocol.grades.create_line_item(found.protocol, key, home.line_items, loose)
    # An LMS may answer with less than it keeps.
    return replace(
        made,
        resource_id=wanted.resource_id,
        label=made.label or wanted.label,
        score_maximum=made.score_maximum or wanted.score_maximum,
    )


def alter_column(protocol: Protocol, found: KnownRegistration, column: Column) -> LineItem:
    """Returns the column as it is after the change; what else the LMS says of it stays."""
    key = protocol.key_ring.signing_key()
    present = protocol.grades.line_item(found.protocol, key, column.url, scope=SCOPE_LINE_ITEM)
    wanted = replace(
        present,
        id=column.url,
        label=column.wanted_label,
        score_maximum=column.wanted_maximum or present.score_maximum,
    )
    if wanted != present:
        protocol.grades.update_line_item(found.protocol, key, wanted)
    return wanted
