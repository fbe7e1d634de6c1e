"""How the parts of a record are called, and how long, high or far off what is in it may be.

Texts and numbers are bounded as the tables bound them, so that what passes can be kept.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from lti_tool.kernel import clock

RECORD, PAGE = "record.json", "index.html"

# Nobody's working life lies outside these years; a clock elsewhere may be a little ahead.
_FIRST_YEAR, _LAST_YEAR = 1950, 2099
_AHEAD = timedelta(days=1)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character, which no text of a record has")
    return text


def _happened(moment: datetime) -> datetime:
    if moment.year < _FIRST_YEAR:
        raise ValueError(f"must not lie before {_FIRST_YEAR}")
    if moment.year > _LAST_YEAR or moment > clock.now() + _AHEAD:
        raise ValueError("must not lie in the future")
    return moment.astimezone(UTC)


def _in_life(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


def _day_text(text: str) -> str:
    return _in_life(date.fromisoformat(text)).isoformat()


Line = Annotated[str, Field(max_length=300), AfterValidator(_storable)]
Short = Annotated[str, Field(max_length=60), AfterValidator(_storable)]
Edition = Annotated[str, Field(max_length=40), AfterValidator(_storable)]
LongText = Annotated[str, Field(max_length=20_000), AfterValidator(_storable)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{1,2}\.[0-9]{2}$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Moment = Annotated[AwareDatetime, AfterValidator(_happened)]
Day = Annotated[date, AfterValidator(_in_life)]
DayText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day_text)]
GoalState = Annotated[str, Field(pattern=r"^(open|done|dropped)$")]
State = Annotated[str, Field(pattern=r"^(not-started|working-towards|achieved)$")]
StateOrNone = Annotated[str, Field(pattern=r"^(not-started|working-towards|achieved|)$")]
CodeOrNone = Annotated[str, Field(pattern=r"^([0-9]{1,2}\.[0-9]{2})?$")]
Email = Annotated[str, Field(max_length=320), AfterValidator(_storable)]
Label = Annotated[str, Field(max_length=100), AfterValidator(_storable)]
Title = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
FileName = Annotated[str, Field(max_length=255), AfterValidator(_storable)]


class Shape(BaseModel):
    """A part of a record: it has the fields that are named, of the types that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
