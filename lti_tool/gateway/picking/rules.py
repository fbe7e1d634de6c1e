"""What a tutor puts together for a course, how it is typed, and what an LMS takes of it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from lti_tool.competencies.models import Instrument, Kind
from lti_tool.courses.rules import Dates, GradeParts, GradeRule, SetUp
from lti_tool.gateway.reconciling.rules import TAG
from lti_tool.gateway.rules import TOOL_NAME
from lti_tool.kernel.text import N_, as_kept
from lti_tool.lti.addresses import origin
from lti_tool.lti.content_items import RESOURCE_LINK, LinkItem, WantedLineItem, Window
from lti_tool.lti.messages import DeepLinkingSettings

# Long enough for a meeting in between; the session's own limits end it sooner.
PICK_LIFE = timedelta(hours=4)
MOST_DRAFTS = 40
LONGEST_TITLE = 255
LONGEST_TEXT = 2000
MOST_POINTS = 1000
LAST_YEAR = 2099
FRAME_HEIGHT = 800
_TYPED_MOMENT = "%Y-%m-%dT%H:%M"
# CSP Level 3, “host-source”: nothing that could end the directive or widen it.
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_DATE_NAMES = ("available_from", "available_until", "submission_from", "due_at")


@dataclass(frozen=True, slots=True)
class Draft:
    """One activity as it will be placed. `points` is what its gradebook column is worth."""

    id: str
    title: str
    text: str
    set_up: SetUp
    points: int
    dates: Dates
    grade_parts: GradeParts = GradeParts.WHOLE
    is_carried: bool = False

    def as_json(self) -> dict[str, Any]:
        """Returns what is stored of it; `draft_from` reads it again."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "instrument": self.set_up.instrument,
            "domains": list(self.set_up.domains),
            "grade_rule": self.set_up.grade_rule.value,
            "points": self.points,
            "grade_parts": self.grade_parts.value,
            "is_carried": self.is_carried,
            **{n: m.isoformat() if m else "" for n, m in asdict(self.dates).items()},
        }


def draft_from(stored: Mapping[str, Any]) -> Draft:
    """Returns a draft as it was stored."""
    moments = (stored[name] for name in _DATE_NAMES)
    return Draft(
        id=stored["id"],
        title=stored["title"],
        text=stored["text"],
        set_up=SetUp(
            stored["instrument"], tuple(stored["domains"]), GradeRule(stored["grade_rule"])
        ),
        points=stored["points"],
        dates=Dates(*(datetime.fromisoformat(one) if one else None for one in moments)),
        grade_parts=GradeParts(stored.get("grade_parts", GradeParts.WHOLE)),
        is_carried=stored["is_carried"],
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """A draft as it stands in the form: texts, whatever they say."""

    title: str
    text: str
    domains: tuple[str, ...]
    grade_rule: str
    points: str
    dates: Mapping[str, str]
    grade_parts: str = GradeParts.WHOLE.value


@dataclass(frozen=True, slots=True)
class Read:
    """What a form said: a draft, or what is wrong with which field."""

    draft: Draft | None
    problems: Mapping[str, str]


def typed_from(draft: Draft, known: Instrument, zone: tzinfo) -> Typed:
    """Returns the form of a draft, its moments in the zone."""
    return Typed(
        title=draft.title,
        text=draft.text,
        domains=tuple(str(domain.number) for domain in known.scope(draft.set_up.domains)),
        grade_rule=draft.set_up.grade_rule.value,
        points=str(draft.points),
        dates={
            name: moment.astimezone(zone).strftime(_TYPED_MOMENT) if moment else ""
            for name, moment in asdict(draft.dates).items()
        },
        grade_parts=draft.grade_parts.value,
    )


def first_draft(name: str, known: Instrument, settings: DeepLinkingSettings) -> Draft:
    """Returns what the form begins with: all domains, by completion, what the LMS suggests.

    Moodle suggests the tool's own name for everything. A portfolio is graded by its review.
    """
    is_portfolio = known.kind is Kind.PORTFOLIO
    rule = GradeRule.ACHIEVED if is_portfolio else GradeRule.COMPLETION
    suggested = settings.title if settings.title.casefold() != TOOL_NAME.casefold() else ""
    return Draft(
        id=name,
        title=suggested or known.title,
        text=settings.text,
        set_up=SetUp(known.id, (), rule),
        points=100,
        dates=Dates(),
    )


def read_draft(name: str, known: Instrument, typed: Typed, zone: tzinfo) -> Read:
    """Returns the draft that was typed, or a sentence for each field that cannot be used.

    A portfolio is handed in whole: it has neither a choice of domains nor grades of them.
    """
    is_whole = known.kind is Kind.PORTFOLIO
    problems: dict[str, str] = {}
    title = " ".join(as_kept(typed.title).split())
    text = as_kept(typed.text)
    if not title:
        problems["title"] = N_("Give the activity a title.")
    elif len(title) > LONGEST_TITLE:
        problems["title"] = N_("The title is too long. Use at most 255 characters.")
    if len(text) > LONGEST_TEXT:
        problems["text"] = N_("The description is too long. Use at most 2,000 characters.")
    numbers = tuple(d.number for d in known.domains if is_whole or str(d.number) in typed.domains)
    if not numbers:
        problems["domains"] = N_("Choose at least one domain.")
    rule = next((rule for rule in GradeRule if rule.value == typed.grade_rule), None)
    if rule is None or (is_whole and rule is GradeRule.COMPLETION):
        problems["grade_rule"] = N_("Choose how the activity is graded.")
    points = _points(typed.points)
    if points is None and rule is not GradeRule.NONE:
        problems["points"] = N_("Points are a whole number from 1 to 1,000.")
    dates = _dates(typed.dates, zone, problems)
    if problems or rule is None:
        return Read(None, problems)
    is_all = len(numbers) == len(known.domains)
    set_up = SetUp(known.id, () if is_all else numbers, rule)
    is_apart = typed.grade_parts == GradeParts.DOMAINS and rule is not GradeRule.NONE
    parts = GradeParts.DOMAINS if is_apart and not is_whole else GradeParts.WHOLE
    return Read(Draft(name, title, text, set_up, points or 100, dates, parts), {})


def _points(typed: str) -> int | None:
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_POINTS))):
        return None
    return int(text) if 0 < int(text) <= MOST_POINTS else None


def _dates(typed: Mapping[str, str], zone: tzinfo, problems: dict[str, str]) -> Dates:
    found: dict[str, datetime | None] = {}
    for name in _DATE_NAMES:
        text = typed.get(name, "").strip()
        found[name] = _moment(text, zone)
        if text and found[name] is None:
            problems[name] = N_("The date could not be read. Choose it again, or leave it out.")
    for first, last in ((_DATE_NAMES[0], _DATE_NAMES[1]), (_DATE_NAMES[2], _DATE_NAMES[3])):
        begins, ends = found[first], found[last]
        if begins and ends and ends <= begins:
            problems[last] = N_("The end comes before the beginning. Change one of the two.")
    return Dates(**found)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Returns what a date field sends (HTML, “local date and time”), in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= moment.year <= LAST_YEAR or moment.tzinfo is not None:
        return None
    return moment.replace(tzinfo=zone, second=0, microsecond=0).astimezone(UTC)


# A list of drafts ---------------------------------------------------------------------------


def with_draft(drafts: Sequence[Draft], new: Draft) -> tuple[Draft, ...]:
    """Returns the list with the draft in the place of its earlier self, or at the end."""
    if any(draft.id == new.id for draft in drafts):
        return tuple(new if draft.id == new.id else draft for draft in drafts)
    return (*drafts, new)


def moved(drafts: Sequence[Draft], name: str, steps: int) -> tuple[Draft, ...]:
    """Returns the list with one draft moved by so many places, as far as there are places."""
    order = list(drafts)
    here = next((i for i, draft in enumerate(order) if draft.id == name), None)
    if here is not None:
        order.insert(max(here + steps, 0), order.pop(here))
    return tuple(order)


def carried(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Returns drafts of an earlier pick that was never answered, marked as such."""
    return tuple(replace(draft, is_carried=True) for draft in drafts)


# What the LMS takes -------------------------------------------------------------------------


def takes_links(settings: DeepLinkingSettings) -> bool:
    """Says whether activities can be placed at all where the LMS asks."""
    return RESOURCE_LINK in settings.accept_types


def source_of(url: str) -> str | None:
    """Returns the origin of an address as a CSP source, or None for what has no clear one."""
    found = origin(url)
    if found is None:
        return None
    scheme, host, port = found
    try:
        plain = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        return None
    return f"{scheme}://{plain}:{port}" if _HOST.fullmatch(plain) else None


def is_refused_return(return_url: str, login_url: str) -> bool:
    """Says whether an answer must not go there: unencrypted, though the LMS itself is not."""
    return return_url.startswith("http:") and not login_url.startswith("http:")


def link_item(draft: Draft, public_id: str, launch_url: str, asked: Mapping[str, str]) -> LinkItem:
    """Returns the draft as the LMS takes it; `asked` are variables that it is to fill in.

    With a grade for each domain it asks for no column: the LMS's own would stay empty, and this
    tool adds the others at the first launch. Without `launch_url` the LMS uses the tool's own.
    """
    numbers = ",".join(map(str, draft.set_up.domains))
    is_graded = draft.set_up.grade_rule is not GradeRule.NONE
    has_column = is_graded and draft.grade_parts is GradeParts.WHOLE
    column = WantedLineItem(draft.title, draft.points, public_id, TAG) if has_column else None
    dates = draft.dates
    return LinkItem(
        title=draft.title,
        url=launch_url,
        text=draft.text,
        custom={
            "instrument": draft.set_up.instrument,
            **({"domains": numbers} if numbers else {}),
            "grade": draft.set_up.grade_rule.value,
            "placement": public_id,
            **asked,
        },
        line_item=column,
        available=Window(dates.available_from, dates.available_until),
        submission=Window(dates.submission_from, dates.due_at),
        height=FRAME_HEIGHT,
    )


def settings_as_json(settings: DeepLinkingSettings) -> dict[str, Any]:
    """Returns what is stored of an LMS's wishes; `settings_from` reads it again."""
    return asdict(settings)


def settings_from(stored: Mapping[str, Any]) -> DeepLinkingSettings:
    """Returns an LMS's wishes as they were stored."""
    lists = {name: tuple(stored[name]) for name in ("accept_types", "accept_targets")}
    return DeepLinkingSettings(**{**stored, **lists})
