"""The line item service of a gradebook: AGS 2.0, “Line item service”."""

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import HttpAnswer, HttpClient
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.addresses import with_query
from lti_tool.lti.claims import (
    MEDIA_LINE_ITEM,
    MEDIA_LINE_ITEMS,
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READONLY,
)
from lti_tool.lti.line_items import LineItem, read_line_item
from lti_tool.lti.refusals import ServiceRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_calls import Call, Caller, Method, ServiceCalls, listed, parsed
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.waiting import Clock


class LineItemService:
    """Reads and changes the columns that are ours.

    Every method raises `ServiceUnavailable` (also as `TokenUnavailable`, `ServiceUnreadable`)
    when trying later may help, `ServiceRefused` and `TokenRefused` when not.
    """

    def __init__(
        self, http: HttpClient, tokens: AccessTokens, *, clock: Clock = wall_clock
    ) -> None:
        self._calls = ServiceCalls(http, tokens, clock=clock)
        self._clock = clock

    def line_items(
        self,
        registration: Registration,
        key: SigningKey,
        line_items_url: str,
        *,
        resource_link_id: str | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
        scope: str = SCOPE_LINE_ITEM_READONLY,
    ) -> list[LineItem]:
        """Returns the course's line items that are ours, from all pages, in the LMS's order.

        With a filter, only those that say the same: an LMS may not know the filter, and a grade
        must not go into another column. `scope`: `Launch.ags.reading_scope` knows it.
        """
        asked = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
        wanted = {name: value for name, value in asked.items() if value is not None}
        pages = self._calls.pages(
            Caller(registration, key, scope),
            with_query(line_items_url, wanted),
            accept=MEDIA_LINE_ITEMS,
        )
        return [item for item in map(read_line_item, listed(pages)) if item.fits(wanted)]

    def find_line_item(
        self,
        registration: Registration,
        key: SigningKey,
        line_items_url: str,
        *,
        resource_link_id: str | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
        scope: str = SCOPE_LINE_ITEM_READONLY,
    ) -> LineItem | None:
        """Returns the first line item that fits, in the LMS's order, or None.

        For a launch whose `lineitem` is absent: Moodle leaves it out when there are several.
        """
        found = self.line_items(
            registration,
            key,
            line_items_url,
            resource_link_id=resource_link_id,
            resource_id=resource_id,
            tag=tag,
            scope=scope,
        )
        return found[0] if found else None

    def line_item(
        self,
        registration: Registration,
        key: SigningKey,
        line_item_url: str,
        *,
        scope: str = SCOPE_LINE_ITEM_READONLY,
    ) -> LineItem:
        """Returns one line item as the LMS has it."""
        call = Call(Method.GET, line_item_url, accept=MEDIA_LINE_ITEM)
        return read_line_item(parsed(self._calls.ask(Caller(registration, key, scope), call)))

    def create_line_item(
        self, registration: Registration, key: SigningKey, line_items_url: str, item: LineItem
    ) -> LineItem:
        """Returns the new line item with the address that the LMS gave it."""
        answer = self._change(registration, key, Method.POST, line_items_url, item)
        return read_line_item(parsed(answer))

    def update_line_item(
        self, registration: Registration, key: SigningKey, item: LineItem
    ) -> LineItem:
        """Returns the line item as the LMS now has it; what `item` leaves out is lost there."""
        answer = self._change(registration, key, Method.PUT, item.id, item)
        return read_line_item(parsed(answer)) if answer.body.strip() else item

    def delete_line_item(
        self, registration: Registration, key: SigningKey, line_item_url: str
    ) -> None:
        """Deletes a line item, and is content when it is gone already."""
        caller = Caller(registration, key, SCOPE_LINE_ITEM)
        try:
            self._calls.ask(caller, Call(Method.DELETE, line_item_url))
        except ServiceRefused as error:
            if error.code != "not-found":
                raise

    def _change(
        self,
        registration: Registration,
        key: SigningKey,
        method: Method,
        url: str,
        item: LineItem,
    ) -> HttpAnswer:
        call = Call(method, url, accept=MEDIA_LINE_ITEM, media=MEDIA_LINE_ITEM, body=item.body())
        return self._calls.ask(Caller(registration, key, SCOPE_LINE_ITEM), call)
