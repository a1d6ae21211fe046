"""Days, periods, sums of money, numbers of requests and sections of law, as US agencies write them.

All work on one sentence: on its text where capital letters matter, else on its bare form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_MONTH_NUMBERS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY: Final = r"(?:(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? (?:the )?)?"
_DAY: Final = r"(?P<{0}>[0-3]?[0-9])(?:st|nd|rd|th)?"
_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_WEEKDAY}(?P<month>{_MONTHS})\.? {_DAY.format('day')}(?![0-9])(?:,? (?P<year>20[0-9]{{2}}))?(?![0-9])",
        rf"\b{_WEEKDAY}{_DAY.format('day')} (?:day )?(?:of )?(?P<month>{_MONTHS})\.?(?![a-z])"
        r"(?:,? (?P<year>20[0-9]{2}))?",
        rf"\b{_WEEKDAY}(?P<month>[01]?[0-9])([/.-])(?P<day>[0-3]?[0-9])\3(?P<year>20[0-9]{{2}}|[0-9]{{2}})(?![0-9/])",
        rf"\b{_WEEKDAY}(?P<year>20[0-9]{{2}})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?![0-9-])",
        rf"(?:\bby|\buntil|\bbefore|\bthan|\bon) {_WEEKDAY}(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])(?![0-9/])",
    )
)
_END_OF_MONTH: Final = re.compile(rf"\bend of (?P<month>{_MONTHS})(?:,? (?P<year>20[0-9]{{2}}))?(?![\w])(?! [0-9])")
_LIMIT: Final = re.compile(
    r"\b(?:by|until|till|through|to|before|than|is|to be|of|for|at|as|on|-|:)(?: or (?:before|about|around))?"
    r"(?: (?:the )?(?:close of business|end of (?:the )?(?:business )?day|c\.?o\.?b\.?|e\.?o\.?d\.?|5:00 p\.?m\.?))?"
    r"(?: (?:approximately|around|about|roughly))?(?: on)?,? ?$"
)
_STRONG_LIMIT: Final = re.compile(r"\b(?:by|until|till|through|to|before|than)\b[^,]{0,40}$")


@dataclass(frozen=True, slots=True)
class Day:
    """A day that stands in a sentence. `limit`: the words before it make it a last day; "dated" makes none.

    `other_weekday`: the sentence names a weekday that it is not.
    """

    start: int
    on: date
    limit: bool
    strong: bool
    other_weekday: bool = False


def days_in(bare: str, written_on: date | None) -> list[Day]:
    """Return the days named in a sentence, in order. Without a year, it is the first such day from the mail's on."""
    found = {day.start: day for day in _ends_of_months(bare, written_on)}
    if not found and not any(sign.isdecimal() for sign in bare):
        return []
    for pattern in _DATES:
        for match in pattern.finditer(bare):
            on = _day_of(match, written_on)
            start = match.start()
            if on is None or any(abs(start - other) < 4 for other in found):
                continue
            words = match[0]
            before = bare[max(0, start - 60) : start]
            own = words.partition(" ")[0] in {"by", "until", "before", "than", "on"}
            limit = own or bool(_LIMIT.search(before))
            strong = (own and not words.startswith("on ")) or bool(_STRONG_LIMIT.search(before))
            weekday = match["weekday"]
            other = bool(weekday) and _WEEKDAYS.index(weekday[:3]) != on.weekday()
            found[start] = Day(start, on, limit, strong, other)
    return [found[start] for start in sorted(found)]


def _ends_of_months(bare: str, written_on: date | None) -> Iterator[Day]:
    if "end of" not in bare:
        return
    for match in _END_OF_MONTH.finditer(bare):
        month = _MONTH_NUMBERS[match["month"][:3]]
        if not match["year"] and written_on is None:
            continue
        this_year = written_on.year if written_on else 0
        later = written_on is not None and month < written_on.month
        year = int(match["year"]) if match["year"] else this_year + later
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        yield Day(match.start(), first_of_next - timedelta(days=1), limit=True, strong=True)


def _day_of(match: re.Match[str], written_on: date | None) -> date | None:
    named = match.groupdict()
    month = _MONTH_NUMBERS.get(named["month"][:3]) or (int(named["month"]) if named["month"].isdecimal() else 0)
    day, year = int(named["day"]), named.get("year")
    try:
        if year:
            return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        if written_on is None:
            return None
        this_year = date(written_on.year, month, day)
        # A day without a year lies ahead, unless it has just been: "we received your letter of March 2".
        return this_year if this_year > written_on - timedelta(days=120) else date(written_on.year + 1, month, day)
    except ValueError:
        return None


_COUNTS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "twenty-one": 21, "twenty-five": 25, "thirty": 30, "forty-five": 45,
    "forty": 40, "sixty": 60, "ninety": 90, "a": 1,
}  # fmt: skip
_COUNT_WORDS: Final = "|".join(sorted((re.escape(word) for word in _COUNTS), key=len, reverse=True))
_PERIOD: Final = re.compile(
    rf"(?<![\w$.])(?P<count>[0-9]{{1,3}}"
    rf"|{_COUNT_WORDS})(?: \((?P<again>[0-9]{{1,3}})\))?(?:[- ]to[- ][0-9]{{1,3}}|-[0-9]{{1,3}})?"
    r"[ -](?:(?:additional|more|full) )?(?P<unit>business|working|work|calendar)?[ -]?(?P<name>day|week|month)s?\b"
)
_FROM_THE_LETTER: Final = re.compile(
    r"^[^.;]{0,30}\b(?:from|of|after|following) (?:the date of )?(?:this|today|the date (?:of|on) this)\b"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time in a sentence, with its words. `days` is None where it is months. `of_letter`: it begins with the
    mail itself ("within 20 business days of this letter"), so that its end can be counted."""

    start: int
    words: str
    days: int | None
    unit: str
    of_letter: bool


def periods_in(bare: str) -> list[Period]:
    """Return the spans of time in a sentence."""
    found = []
    for match in _PERIOD.finditer(bare):
        count = int(match["again"] or 0) or _COUNTS.get(match["count"]) or int(match["count"])
        unit = "business" if match["unit"] in ("business", "working", "work") else "calendar"
        days = {"day": count, "week": count * 7}.get(match["name"])
        if match["name"] == "week":
            unit = "calendar"
        found.append(Period(match.start(), match[0], days, unit, bool(_FROM_THE_LETTER.match(bare[match.end() :]))))
    return found


_AMOUNT: Final = re.compile(
    r"(?:\$|\busd ?) ?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,8})(?:\.(?P<cents>[0-9]{2}))?(?![0-9])"
    r"|(?<![\w.$,-])(?P<dollars>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,8})(?:\.(?P<cents2>[0-9]{2}))? dollars\b"
)
# A price for one of many, or a bound, is not what is asked.
_RATE: Final = re.compile(
    r" ?(?:/|per\b|an? |each\b|for (?:each|every)|apiece|or (?:more|less)\b|(?:an?|every) ?(?:hour|page))"
)
_BOUND: Final = re.compile(
    r"\b(?:exceeds?|exceeding|exceeded|more than|over|under|less than|up to|at least|below|above|limit(?: of)?|first"
    r"|maximum(?: of)?|minimum(?: of)?|threshold(?: of)?|cap(?:ped)?(?: of| at)?|not to exceed|greater than|rate of"
    r"|refund(?: of)?|rate(?: is|:)?|excess of|minus|less|credit of|waive(?:d)?(?: the)?|received(?: your)?(?: payment"
    r"| check)?(?: of)?|paid) (?:the )?(?:an? )?$"
)
_DEPOSIT: Final = re.compile(
    r"\b(?:deposit|prepay(?:ment)?|pre-payment|advance payment|down payment|payment in advance)\b"
)
_TOTAL: Final = re.compile(
    r"\b(?:total(?:s|ing|ling|ed)?|amount due|balance|grand|estimated? (?:cost|fee|charge|total|amount)s?"
    r"|sum)\b[^$]{0,40}$"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money that is asked for. `role`: "total", "plain" or "deposit"."""

    start: int
    cents: int
    role: str


def amounts_in(bare: str) -> list[Amount]:
    """Return the sums in a sentence that may be asked for: prices for one page or hour, and bounds, are left out."""
    if "$" not in bare and "dollars" not in bare and "usd" not in bare:
        return []
    found = []
    for match in _AMOUNT.finditer(bare):
        before, after = bare[max(0, match.start() - 60) : match.start()], bare[match.end() : match.end() + 40]
        if _RATE.match(after) or _BOUND.search(before):
            continue
        whole = (match["whole"] or match["dollars"]).replace(",", "")
        cents = int(whole) * 100 + int(match["cents"] or match["cents2"] or 0)
        role = "plain"
        if _names_deposit(before, after):
            role = "deposit"
        elif _TOTAL.search(before) or after.startswith((" total", " in total")):
            role = "total"
        if 0 < cents <= 1_000_000_000:
            found.append(Amount(match.start(), cents, role))
    return found


def _names_deposit(before: str, after: str) -> bool:
    """True where the nearest words make a sum a deposit: "a deposit of $20", "a $20 deposit"."""
    near = before.rpartition("$")[2]
    return (
        bool(_DEPOSIT.search(near))
        or bool(_DEPOSIT.match(after.lstrip()))
        or bool(re.match(r" (?:as |is )?(?:an? |the )?(?:required )?(?:deposit|prepayment|advance payment)", after))
    )


# A number stands after its name, holds a digit, and is no day, sum or telephone number.
_NUMBER: Final = re.compile(
    r"\b(?:(?:public |open |state )?records? (?:act )?(?:request|inquiry)|information request|request"
    r"|reference|ref|tracking|case|confirmation|control|file"
    r"|ticket|log|foia|foil|pra|cpra|pira|ipra|mpia|gra|grama|opra|orr|right-to-know|rtk|sunshine)"
    r"(?: (?:request|id|number|num\.?|no\.?|case|#)){0,2}\s?(?:(?<=number)|(?<=no\.)|(?<=no)|(?<=id)|(?<=#)"
    r"|(?<=num)|(?<=num\.)|::?|#)"
    r"(?: ?(?:is|of|as|::?|-))?\s{0,2}#?\s?"
    r"(?P<number>[A-Z0-9][A-Z0-9._/-]{0,28}[0-9][A-Z0-9-]{0,12}|[0-9]{2,12})(?![\w/])",
    re.IGNORECASE,
)
_ASSIGNED: Final = re.compile(
    r"\b(?:assigned|given|logged as|tracked as|number|reference)(?: (?:it|your request"
    r"|this request))?(?: (?:the|as|is))?"
    r"(?: (?:public records|reference|tracking|request|control|case|file|foia|number|no\.|id|#)){0,3}:?"
    r" #?(?P<number>[A-Z]{0,6}[-]?[0-9][A-Z0-9._/-]{2,24}[0-9])(?![\w/])",
    re.IGNORECASE,
)
_NO_NUMBER: Final = re.compile(
    r"[0-9]{1,2}[/.-][0-9]{1,2}(?:[/.-][0-9]{2,4})?|[0-9]{3}[-.][0-9]{3}[-.][0-9]{4}|20[0-9]{2}"
)


def number_in(text: str, ours: re.Pattern[str] | None = None) -> str:
    """Return the agency's number for the request, "" where none is named. Our own references are none of theirs."""
    if not any(sign.isdecimal() for sign in text):
        return ""
    for pattern in (_NUMBER, _ASSIGNED):
        for match in pattern.finditer(text):
            number = match["number"].rstrip("-._/")
            if (
                len(number) >= 2
                and not _NO_NUMBER.fullmatch(number)
                and (ours is None or not ours.fullmatch(number.upper()))
            ):
                return number
    return ""


_CODES: Final = (
    r"RCW|ORS|NRS|KRS|MCL|MCLA|RSA|HRS|SDCL|NDCC|N\.?D\.?C\.?C\.?|K\.S\.A\.|C\.R\.S\.|A\.R\.S\.|O\.C\.G\.A\."
    r"|F\.S\.|N\.J\.S\.A\."
    r"|M\.G\.L\.|R\.I\.G\.L\.|N\.C\.G\.S\.|I\.C\.|T\.C\.A\.|R\.C\.|Tex\. Gov't Code|Gov't Code|GP|SG"
)
_SECTION: Final = re.compile(
    r"(?:\b[0-9]{1,3} (?:U\.?S\.?C\.?A?\.?|C\.?F\.?R\.?|O\.?S\.?|ILCS|Pa\.? ?C\.?S\.?|M\.?R\.?S\.?A?\.?|V\.?S\.?A?\.?"
    r"|Del\. C\.|P\.S\.)(?: ?(?:§{1,2}|[Ss]ections?|[Ss]ec\.))?\s?[0-9]"
    rf"|(?:\b(?:{_CODES})(?: ?(?:§{{1,2}}|[Ss]ections?|c\. [0-9]+,))*\s?[0-9])"
    r"|\b(?:[A-Z][A-Za-z.&']{1,15} ){0,4}(?:§{1,2}\s?|[Ss]ections? |[Ss]ec\. |[Aa]rticle )[0-9]"
    r"|§{1,2}\s?[0-9]"
    r"|\b[Ee]xemptions? (?=[0-9(])[0-9(])"
    r"[\w.:/-]{0,25}(?:\([\w.-]{1,6}\)){0,6}"
)


def sections_in(text: str) -> list[str]:
    """Return the sections of law that a sentence cites, as it writes them."""
    found = (" ".join(match[0].split()).rstrip(".,;:-/") for match in _SECTION.finditer(text))
    return list(dict.fromkeys(one for one in found if any(sign.isdecimal() for sign in one)))


_NAME: Final = re.compile(
    r"(?:[Tt]he )?(?P<name>(?:[A-Z][\w&.'’-]{0,25}|of|and|for|the|&)(?: (?:[A-Z][\w&.'’-]{0,25}|of|and|for|the"
    r"|&)){0,9})"
)
_BODY: Final = re.compile(
    r"Department|Division|Agency|Bureau|Commission|Office|Police|Patrol|Court|Sheriff|Board|Authority|Administration"
    r"|Vehicles|Safety|County|City|Clerk|Archives|Ministry|Service|Nlets|Licensing|Revenue|Transportation|DMV|DPS|ICE"
    r"|DHS|FBI|MVA|BMV|MVD"
)


def names_of_bodies(text: str) -> Iterator[tuple[int, str]]:
    """Yield the names of public bodies in a sentence, each with its place."""
    for match in _NAME.finditer(text):
        name = match["name"]
        while name.rpartition(" ")[2] in ("of", "and", "for", "the", "&"):
            name = name.rpartition(" ")[0]
        if _BODY.search(name) and name[:1].isupper():
            yield match.start("name"), name.rstrip(".,'’")
