"""What in a text could tell who a person is: numbers, dates of birth, addresses, likely names. Pure.

Reflections with identifiable data can be disclosed, and in some schemes fail the candidate. The
writer is warned and decides: what is found here is a question, never a verdict, and a text in
which nothing is found may still tell who somebody is.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum


def _words(text: str) -> list[str]:
    return text.split()


# The 124 postcode areas of the United Kingdom and the Crown dependencies (Royal Mail).
_AREAS = frozenset(
    _words(
        "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E"
        " EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL"
        " LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM"
        " SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
    )
)
_MONTHS = _words(
    "January February March April May June July August September October November December"
    " Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec"
)
_DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
# Words that begin with a capital in ordinary accounts of this work, and name nobody.
_NOBODY = frozenset(
    [word.casefold() for word in (*_MONTHS, *_DAYS)]
    + "I English Welsh Scottish Irish British England Wales Scotland Ireland Britain UK NHS GP CAMHS"
    " Health Visitor Nursery Early Years Level Domain Theme Infant Mental Baby Mum Dad Nan Gran Mother"
    " Father Parent Christmas Easter Ramadan Eid Covid Polish Somali Urdu Arabic Bengali Punjabi"
    " Chinese French Spanish Romanian Muslim Christian Jewish Hindu Sikh European African Asian".casefold().split()
)


class Kind(StrEnum):
    """What was found. A number of health services is proven by its check digit; a name is a guess."""

    HEALTH_NUMBER = "health-number"
    DATE_OF_BIRTH = "date-of-birth"
    POSTCODE = "postcode"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text: `text[start:end]`, in characters."""

    kind: Kind
    start: int
    end: int


_NUMBER = re.compile(r"(?<![\d+])\d{3}[ \u00a0-]?\d{3}[ \u00a0-]?\d{4}(?!\d)")
_EMAIL = re.compile(r"[\w.+'-]{1,64}@(?:[\w-]{1,63}\.)+[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w+])(?:\+44[ \u00a0]?(?:\(0\)[ \u00a0]?)?|\(?0)(?:[ \u00a0()-]{0,2}\d){9,10}(?!\d)"
)
_POSTCODE = re.compile(
    r"\b([A-Za-z]{1,2})(\d[A-Za-z\d]?)([ \u00a0]?)(\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2})\b"
)
_CUE = re.compile(r"\b(?:d\.?\s?o\.?\s?b\.?|date of birth|birth ?da(?:y|te)|born)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:\d{1,2}(?P<mark>[/.-])\d{1,2}(?P=mark)(?:\d{4}|\d{2})"
    r"|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{'|'.join(_MONTHS)})\b\.?,?(?: \d{{4}})?"
    rf"|(?:{'|'.join(_MONTHS)})\.? \d{{1,2}}(?:st|nd|rd|th)?\b,?(?: \d{{4}})?)",
    re.IGNORECASE,
)
# A birth is told beside its date; a date further away is one of the work.
_REACH = 30
_NAME_WORD = r"[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sister|Aunt|Auntie|Uncle|Baby|Little)\.?[ \u00a0]+"
    rf"({_NAME_WORD}(?:[ \u00a0]+{_NAME_WORD})?)"
)
_CALLED = re.compile(
    r"\b(?:called|named|name is|name was|known as|brother|sister|son|daughter|partner|husband|wife)"
    rf",?[ \u00a0]+({_NAME_WORD}(?:[ \u00a0]+{_NAME_WORD})?)"
)
_CAPITALISED = re.compile(rf"(?<![\w'’-])({_NAME_WORD})(?:['’]s)?(?![\w-])")
_SENTENCE_ENDS = re.compile(r"(?:^|[.!?:;\n\"“”‘(\[*#>-])[\s\"“‘(*_]*$")
# A capitalised word that comes back within sentences is somebody or something with a name.
_OFTEN = 2


def identifiable(text: str, known: Collection[str] = ()) -> list[Finding]:
    """Returns the places that could tell who a person is, in the order of the text.

    `known` are words that begin with a capital and name nobody here, such as those of the
    framework, in any case. No two places overlap: the surer kind has the place.
    """
    nobody = _NOBODY | {word.casefold() for word in known}
    found: list[Finding] = []
    taken = bytearray(len(text))
    for one in (*_numbers(text), *_contacts(text), *_births(text), *_names(text, nobody)):
        if not any(taken[one.start : one.end]):
            found.append(one)
            taken[one.start : one.end] = b"\x01" * (one.end - one.start)
    return sorted(found, key=lambda one: one.start)


def is_health_number(digits: str) -> bool:
    """Says whether ten digits are an NHS, CHI or Health and Care number, by their check digit.

    NHS Data Dictionary, “NHS number”: weights 10 to 2, modulus 11. All three use it. A row of one
    digit, which the sum lets pass, was never given to anybody.
    """
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit() or len(set(digits)) == 1:
        return False
    rest = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return rest != 10 and rest % 11 == int(digits[9])


def _numbers(text: str) -> Iterator[Finding]:
    for match in _NUMBER.finditer(text):
        if is_health_number(re.sub(r"\D", "", match[0])):
            yield Finding(Kind.HEALTH_NUMBER, *match.span())


def _contacts(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        yield Finding(Kind.EMAIL, *match.span())
    for match in _PHONE.finditer(text):
        yield Finding(Kind.PHONE, *match.span())
    for match in _POSTCODE.finditer(text):
        # "M1 5th" is none: people write all of it in capitals, or none, and then with its space.
        written = match[0].isupper() or (match[3] and match[0].islower())
        if match[1].upper() in _AREAS and written:
            yield Finding(Kind.POSTCODE, *match.span())


def _births(text: str) -> Iterator[Finding]:
    cues = [match.span() for match in _CUE.finditer(text)]
    for match in _DATE.finditer(text):
        if any(
            0 <= match.start() - end <= _REACH or 0 <= start - match.end() <= _REACH
            for start, end in cues
        ):
            yield Finding(Kind.DATE_OF_BIRTH, *match.span())


def _names(text: str, nobody: Collection[str]) -> Iterator[Finding]:
    for pattern in (_TITLED, _CALLED):
        for match in pattern.finditer(text):
            if match[1].split()[0].casefold() not in nobody:
                yield Finding(Kind.NAME, *match.span(1))
    places: dict[str, list[tuple[int, int]]] = {}
    for match in _CAPITALISED.finditer(text):
        if _SENTENCE_ENDS.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        word = match[1]
        if word.casefold() not in nobody and not word.isupper() and len(word) > 1:
            places.setdefault(word.casefold(), []).append(match.span(1))
    for spans in places.values():
        if len(spans) >= _OFTEN:
            yield from (Finding(Kind.NAME, *span) for span in spans)
