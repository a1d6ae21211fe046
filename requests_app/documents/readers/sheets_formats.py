"""Numbers as a spreadsheet shows them: a number format (ECMA-376 part 1, 18.8.31) turned into words. Pure.

American English throughout: the formats that a program words by its own place (14 and its like) are month/day/year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Final

from requests_app.documents.cells import DATE, LENGTH, NUMBER, TIME, Cell

BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
    **dict.fromkeys((*range(27, 32), 34, 35, 36, *range(50, 59)), "m/d/yyyy"), 32: "h:mm", 33: "h:mm:ss",
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip

DAY: Final = Decimal(86400)
LAST_DAY: Final = 2_958_465  # December 31, 9999, in the 1900 system
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TOKEN: Final = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<space>.)
    | \*(?P<fill>.)
    | \[(?P<elapsed>[hH]+|[mM]+|[sS]+)\]
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<condition>[<>=]+-?[0-9.]+)\]
    | \[(?P<other>[^\]]*)\]
    | (?P<general>[Gg][Ee][Nn][Ee][Rr][Aa][Ll])
    | (?P<half>[Aa][Mm]/[Pp][Mm]|[Aa]/[Pp])
    | (?P<exponent>[Ee][+-])
    | (?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+)
    | (?P<digit>[0\#?])
    | (?P<sign>[.,%/@])
    | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_TIDY: Final = re.compile(r"-?[1-9][0-9]*|0|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]", re.ASCII)


_ROOM: Final = Context(prec=60)
_STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(31))
_USUAL: Final = re.compile(r"(L*)((?:#,##0|#?0+)(?:\.(0{1,30}))?)L*(%)?L*")


@dataclass(frozen=True)
class Section:
    """One part of a format: for numbers of one sign, or for text."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None
    has_date: bool  # it shows a year, month or day
    has_time: bool
    has_length: bool  # it shows hours, minutes or seconds past their usual end
    is_general: bool
    has_digits: bool

    @cached_property
    def plain(self) -> tuple[str, bool, int, int, str] | None:
        """Return words before, whether in threes, whole digits, decimals, words behind: for the most usual formats.

        None for any other, which is worded sign by sign.
        """
        codes = {"digit": "", "sign": "", "literal": "L"}
        shape = "".join(codes.get(name, "X") or text for name, text in self.tokens)
        match = _USUAL.fullmatch(shape)
        if match is None:
            return None
        words = [text if name == "literal" else "" for name, text in self.tokens]
        before, behind = "".join(words[: match.start(2)]), "".join(words[match.end(2) :])
        if match[4]:
            behind = "".join(text for _name, text in self.tokens[match.end(2) :])
        return before, match[2].startswith("#,"), match[2].partition(".")[0].count("0"), len(match[3] or ""), behind


@dataclass(frozen=True, eq=False)  # one for each code, so that it is quickly found as a key
class Format:
    """A number format, taken apart."""

    code: str
    sections: tuple[Section, ...]

    @cached_property
    def is_general(self) -> bool:
        """Whether it asks for nothing."""
        return len(self.sections) == 1 and self.sections[0].is_general and len(self.sections[0].tokens) == 1

    @property
    def is_date(self) -> bool:
        """Whether numbers under it are moments, times or lengths of time."""
        first = self.sections[0]
        return first.has_date or first.has_time or first.has_length

    @property
    def is_text(self) -> bool:
        """Whether it is the format by which a person says: this number is text."""
        return self.code == "@"


@lru_cache(maxsize=2000)
def format_of(code: str) -> Format:
    """Return the format of that code."""
    return Format(code, tuple(_section(part) for part in _parts(code[:1000])))


def _parts(code: str) -> list[str]:
    parts, start, inside = [], 0, ""
    skip = False
    for place, sign in enumerate(code):
        if skip:
            skip = False
        elif inside:
            inside = "" if sign == inside else inside
        elif sign == "\\":
            skip = True
        elif sign in '"[':
            inside = '"' if sign == '"' else "]"
        elif sign == ";":
            parts.append(code[start:place])
            start = place + 1
    return [*parts, code[start:]][:4]


def _section(part: str) -> Section:
    tokens: list[tuple[str, str]] = []
    condition: tuple[str, Decimal] | None = None
    for match in _TOKEN.finditer(part):
        name, text = match.lastgroup or "literal", match[match.lastgroup or 0] or ""
        if name == "condition":
            sign = text.rstrip("0123456789.-")
            try:
                condition = (sign, Decimal(text[len(sign) :]))
            except InvalidOperation:
                condition = None
        elif name in ("quoted", "escaped", "currency", "literal"):
            tokens.append(("literal", text))
        elif name == "space":
            tokens.append(("literal", " "))
        elif name not in ("fill", "other"):
            tokens.append((name, text.lower() if name in ("date", "elapsed") else text))
    tokens = _months_and_minutes(tokens)
    dates = {text[0] for name, text in tokens if name == "date"}
    return Section(
        tokens=tuple(tokens),
        condition=condition,
        has_date=bool(dates & set("ymd")),
        has_time=bool(dates & set("hsi")),
        has_length=any(name == "elapsed" for name, _text in tokens),
        is_general=any(name == "general" for name, _text in tokens),
        has_digits=any(name == "digit" for name, _text in tokens),
    )


def _months_and_minutes(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Tell the two meanings of m apart: after hours or before seconds it is minutes, written i here."""
    places = [place for place, (name, _text) in enumerate(tokens) if name in ("date", "elapsed")]
    found = list(tokens)
    for order, place in enumerate(places):
        name, text = tokens[place]
        if name != "date" or text[0] != "m" or len(text) > 2:
            continue
        before = tokens[places[order - 1]][1] if order else ""
        after = tokens[places[order + 1]][1] if order + 1 < len(places) else ""
        if before[:1] == "h" or after[:1] == "s":
            found[place] = (name, "i" * len(text))
    return found


def tidy(text: str) -> str:
    """Return a number in plain decimal, exact, without what is not needed: `1.50E1` gives `15`.

    Raises ValueError for what is no number.
    """
    if len(text) <= 40 and _TIDY.fullmatch(text):
        return text
    try:
        number = Decimal(text.strip())
    except InvalidOperation as trouble:
        raise ValueError(text[:50]) from trouble
    if not number.is_finite():
        raise ValueError(text[:50])
    if not number:
        return "0"
    _sign, digits, exponent = number.as_tuple()
    if isinstance(exponent, int) and exponent >= -30 and len(digits) + exponent <= 30:
        plain = f"{number:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f"{number.normalize():E}"


def plainly(value: str) -> str:
    """Return a number as the General format shows it: whole ones in full, others to 15 digits.

    A spreadsheet keeps fractions in binary, where 0.1 + 0.2 is 0.30000000000000004; no program shows that.
    """
    if "." not in value and "E" not in value:
        return value
    if len(value) <= 16 and "E" not in value:  # no more than 15 digits and the point
        return value
    short = f"{float(value):.15g}"
    if "e" not in short:
        return short if "." in short or "E" in value else tidy(short)
    number = Decimal(value)
    if len(number.as_tuple().digits) > 15:
        with localcontext() as context:
            context.prec = 15
            context.rounding = ROUND_HALF_UP
            number = +number
    return tidy(str(number))


def number_cell(text: str, form: Format, *, from_1904: bool = False) -> Cell:
    """Return the cell of a number that stands in the file as `text`, under that format. Raises ValueError."""
    if form.is_general:
        if len(text) <= 15 and text.isdigit() and text.isascii():
            return int(text)
        value = tidy(text)
        shown = plainly(value)
        if shown == value:
            return int(value) if len(value) <= 15 and value.lstrip("-").isdigit() else [NUMBER, value]
        return [NUMBER, value, shown]
    kind, exact, shown = _formed(tidy(text), form, from_1904)
    return [kind, exact] if shown == exact else [kind, exact, shown]


@lru_cache(maxsize=100_000)
def _formed(value: str, form: Format, from_1904: bool) -> tuple[str, str, str]:
    number = Decimal(value)
    if form.is_date:
        moment = _moment(number, form.sections[0], from_1904)
        return moment or (NUMBER, value, plainly(value))
    return NUMBER, value, shown_number(number, form)


def shown_number(number: Decimal, form: Format) -> str:
    """Return the number in words of that format."""
    section, number = _fitting(number, form.sections)
    if section is None:
        return plainly(tidy(str(number)))
    try:
        return _in_section(number, section).strip()
    except (ArithmeticError, ValueError):
        return plainly(tidy(str(number)))


def _fitting(number: Decimal, sections: tuple[Section, ...]) -> tuple[Section | None, Decimal]:
    """Return the section for that number, and the number as that section takes it: its own sign may be in the words."""
    compare = {
        "<": number.__lt__, "<=": number.__le__, ">": number.__gt__, ">=": number.__ge__,
        "=": number.__eq__, "<>": number.__ne__,
    }  # fmt: skip
    if any(section.condition for section in sections):
        for section in sections[:3]:
            if section.condition is None:
                return section, number
            sign, limit = section.condition
            if compare.get(sign, number.__eq__)(limit):
                return section, number
        return None, number
    if number < 0 and len(sections) > 1:
        return sections[1], -number
    if number == 0 and len(sections) > 2:
        return sections[2], number
    return sections[0], number


def _in_section(number: Decimal, section: Section) -> str:
    names = [name for name, _text in section.tokens]
    if section.is_general:
        inner = plainly(tidy(str(number)))
        return "".join(inner if name == "general" else text for name, text in section.tokens if name != "sign")
    if "exponent" in names:
        return _scientific(number, section)
    if ("sign", "/") in section.tokens and section.has_digits:
        return _fraction(number, section)
    if not section.has_digits:
        shown = plainly(tidy(str(number)))
        return "".join(shown if text == "@" and name == "sign" else text for name, text in section.tokens)
    return _plain_digits(number, section)


def _usual(number: Decimal, before: str, in_threes: bool, least: int, decimals: int, behind: str) -> str:
    # Rounded to 15 digits first: what lies behind them is an accident of binary fractions.
    exact = Decimal(plainly(tidy(str(number)))).scaleb(2 if "%" in behind else 0)
    rounded = exact.quantize(_STEPS[decimals], rounding=ROUND_HALF_UP, context=_ROOM)
    width = least + decimals + 1 if decimals else least
    digits = f"{abs(rounded):,f}" if in_threes else f"{abs(rounded):f}".zfill(width)
    return f"{'-' if rounded < 0 else ''}{before}{digits}{behind}"


def _plain_digits(number: Decimal, section: Section) -> str:
    if section.plain is not None:
        return _usual(number, *section.plain)
    tokens = list(section.tokens)
    percents = sum(token == ("sign", "%") for token in tokens)
    digits = [place for place, (name, _text) in enumerate(tokens) if name == "digit"]
    point = next(
        (place for place, token in enumerate(tokens) if token == ("sign", ".") and place >= digits[0] - 1), None
    )
    whole = [place for place in digits if point is None or place < point]
    behind = [place for place in digits if point is not None and place > point]
    last = digits[-1] if point is None else (whole[-1] if whole else point)
    scale, grouped = 0, False
    for place, token in enumerate(tokens):
        if token == ("sign", ","):
            following = place > last and all(text == "," for _name, text in tokens[last + 1 : place])
            if following or place > digits[-1]:
                scale += 1
            elif whole and whole[0] < place < whole[-1]:
                grouped = True
    # Rounded to 15 digits first: what lies behind them is an accident of binary fractions.
    number = Decimal(plainly(tidy(str(number)))) * (100**percents) / (1000**scale)
    with localcontext() as context:
        context.prec = 60
        rounded = number.quantize(Decimal(1).scaleb(-len(behind)), rounding=ROUND_HALF_UP)
    before, _point, after = f"{abs(rounded):f}".partition(".")
    written = dict(_whole_digits(before.lstrip("0"), [(place, tokens[place][1]) for place in whole], grouped))
    written |= _digits_behind(after, [(place, tokens[place][1]) for place in behind])
    shown: list[str] = []
    for place, (name, text) in enumerate(tokens):
        if name == "digit":
            shown.append(written.get(place, ""))
        elif name == "sign":
            shown.append(text if text == "%" or (text == "." and place == point) else "")
            if text == "." and not whole:
                shown.insert(0, before.lstrip("0"))
        else:
            shown.append(text)
    return ("-" if rounded < 0 else "") + "".join(shown)


def _whole_digits(digits: str, places: list[tuple[int, str]], grouped: bool) -> list[tuple[int, str]]:
    """Give each place its digits, from the right; the first place takes all that are left."""
    found: list[tuple[int, str]] = []
    count = 0
    for order, (place, kind) in enumerate(reversed(places)):
        is_first = order == len(places) - 1
        mine = digits if is_first else digits[-1:]
        digits = "" if is_first else digits[:-1]
        if not mine:
            mine = {"0": "0", "?": " "}.get(kind, "")
        out = ""
        for digit in reversed(mine):
            if grouped and count and count % 3 == 0 and digit.isdigit():
                out = "," + out
            out = digit + out
            count += digit.isdigit()
        found.append((place, out))
    return found


def _digits_behind(digits: str, places: list[tuple[int, str]]) -> dict[int, str]:
    found = {place: digits[order : order + 1] for order, (place, _kind) in enumerate(places)}
    for place, kind in reversed(places):
        if found[place] not in ("0", "") or kind == "0":
            break
        found[place] = " " if kind == "?" else ""
    return found


def _scientific(number: Decimal, section: Section) -> str:
    tokens = section.tokens
    place = next(place for place, (name, _text) in enumerate(tokens) if name == "exponent")
    before = [text for name, text in tokens[:place] if name in ("digit", "sign")]
    decimals = len(before) - before.index(".") - 1 if "." in before else 0
    least = sum(name == "digit" and text == "0" for name, text in tokens[place:])
    mantissa, exponent = f"{number:.{decimals}E}".split("E")
    sign = "-" if exponent[0] == "-" else ("+" if tokens[place][1].endswith("+") else "")
    return f"{mantissa}E{sign}{exponent.lstrip('+-').zfill(least)}"


def _fraction(number: Decimal, section: Section) -> str:
    tokens = section.tokens
    slash = tokens.index(("sign", "/"))
    below = "".join(text for name, text in tokens[slash + 1 :] if name in ("digit", "literal")).strip()
    is_mixed = any(name == "literal" and text == " " for name, text in tokens[:slash])
    exact = Fraction(abs(number))
    whole = int(exact) if is_mixed else 0
    rest = exact - whole
    if below.isdigit() and int(below) > 0:
        parts = Fraction(round(rest * int(below)), 1)
        above, under = int(parts), int(below)
    else:
        near = rest.limit_denominator(10 ** min(4, max(1, len(below))) - 1)
        above, under = near.numerator, near.denominator
    if above == under and is_mixed:
        whole, above = whole + 1, 0
    shown = f"{whole}" if is_mixed and (whole or not above) else ""
    if above or not is_mixed:
        shown = f"{shown} {above}/{under}".strip()
    return ("-" if number < 0 else "") + shown


# Moments


def _moment(number: Decimal, section: Section, from_1904: bool) -> tuple[str, str, str] | None:
    """Return kind, exact value and words of a day number; None where there is no such day, and the number stays one."""
    thousandths = int((number * DAY * 1000).to_integral_value(rounding=ROUND_HALF_UP))
    days, rest = divmod(thousandths, 86_400_000)
    if section.has_length:
        return LENGTH, length_of(thousandths), _worded(section, None, rest, thousandths)
    if number < 0 or days > LAST_DAY:
        return None
    clock = _clock(rest)
    if not section.has_date and days == 0:
        return TIME, clock, _worded(section, None, rest, thousandths)
    day = day_of(days, from_1904)
    if day is None:
        return None
    exact = f"{day[0]:04d}-{day[1]:02d}-{day[2]:02d}"
    if rest or section.has_time:
        exact += f"T{clock}"
    return DATE, exact, _worded(section, day, rest, thousandths)


def day_of(days: int, from_1904: bool) -> tuple[int, int, int, int] | None:
    """Return year, month, day and weekday (Monday is 0) of a day number.

    In the system that begins in 1900, day 60 is February 29, 1900: a day that never was, kept for the sake of an older
    program. Day 0 is written January 0, 1900.
    """
    if from_1904:
        if days > LAST_DAY - 1462:
            return None
        when = date(1904, 1, 1) + timedelta(days=days)
    elif days == 60:
        return 1900, 2, 29, 2  # a Wednesday, as that program says
    elif days == 0:
        return 1900, 1, 0, 5
    else:
        when = date(1899, 12, 31 if days < 60 else 30) + timedelta(days=days)
        if days < 60:
            return when.year, when.month, when.day, (days + 5) % 7  # its weekdays before that day are one off
    return when.year, when.month, when.day, when.weekday()


def length_of(thousandths: int) -> str:
    """Return a length of time as hours:minutes:seconds."""
    sign, rest = ("-", -thousandths) if thousandths < 0 else ("", thousandths)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{sign}{hours}:{minutes:02d}:{_seconds(rest)}"


def _clock(thousandths: int) -> str:
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{_seconds(rest)}"


def _seconds(thousandths: int) -> str:
    seconds, rest = divmod(thousandths, 1000)
    return f"{seconds:02d}.{rest:03d}".rstrip("0").rstrip(".") if rest else f"{seconds:02d}"


def _worded(section: Section, day: tuple[int, int, int, int] | None, rest: int, everything: int) -> str:
    year, month, number, weekday = day or (1900, 1, 0, 5)
    fraction = _places_of_seconds(section)
    if not fraction and any(name == "date" and text[0] == "s" for name, text in section.tokens):
        rest = min(86_399_000, (rest + 500) // 1000 * 1000)
    halves = any(name == "half" for name, _text in section.tokens)
    hours, minutes = rest // 3_600_000, rest // 60_000 % 60
    seconds, left = rest // 1000 % 60, rest % 1000
    hour = (hours % 12 or 12) if halves else hours
    whole = abs(everything)
    shown: list[str] = ["-"] if everything < 0 else []
    in_fraction = False
    for name, text in section.tokens:
        if name == "date":
            letter, size = text[0], len(text)
            if letter == "y":
                shown.append(f"{year:04d}" if size > 2 else f"{year % 100:02d}")
            elif letter == "m":
                shown.append(_month(month, size))
            elif letter == "d":
                shown.append(_day(number, weekday, size))
            else:
                amount = {"h": hour, "i": minutes, "s": seconds}[letter]
                shown.append(f"{amount:02d}" if size > 1 else str(amount))
        elif name == "elapsed":
            amount = whole // {"h": 3_600_000, "m": 60_000, "s": 1000}[text[0]]
            shown.append(str(amount).zfill(len(text)))
        elif name == "half":
            shown.append(("AM" if hours < 12 else "PM") if len(text) > 3 else ("A" if hours < 12 else "P"))
        elif name == "sign" and text == "." and fraction:
            shown.append("." + f"{left:03d}"[:fraction].ljust(fraction, "0"))
            in_fraction = True
        elif (name == "digit" and in_fraction) or (name == "sign" and text == "@"):
            continue
        else:
            shown.append(text)
    return "".join(shown).strip()


def _places_of_seconds(section: Section) -> int:
    tokens = section.tokens
    if ("sign", ".") not in tokens:
        return 0
    start = tokens.index(("sign", ".")) + 1
    count = 0
    while start + count < len(tokens) and tokens[start + count] == ("digit", "0"):
        count += 1
    return count


def _month(month: int, size: int) -> str:
    name = MONTHS[month - 1]
    return {1: str(month), 2: f"{month:02d}", 3: name[:3], 5: name[0]}.get(size, name)


def _day(day: int, weekday: int, size: int) -> str:
    name = WEEKDAYS[weekday]
    return {1: str(day), 2: f"{day:02d}", 3: name[:3]}.get(size, name)


def iso_cell(text: str, form: Format) -> Cell:
    """Return the cell of a moment that stands in the file by ISO 8601, shown by its format. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    exact = moment.isoformat() if len(text.strip()) > 10 else moment.date().isoformat()
    section = form.sections[0]
    if not form.is_date:
        return [DATE, exact]
    rest = (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000 + moment.microsecond // 1000
    shown = _worded(section, (moment.year, moment.month, moment.day, moment.weekday()), rest, rest)
    return [DATE, exact] if shown == exact else [DATE, exact, shown]
