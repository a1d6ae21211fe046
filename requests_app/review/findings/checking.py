"""What a reviewer says stands in the evidence, checked before it is kept, and two readings held against each other.

A *claim* is one value with everything it says of itself. `check` returns what is wrong with it (it cannot be kept) and
what is doubtful (it can, once its reader has looked again; the doubt is kept and shown). Pure: the words of the
evidence and the day on which the file came are passed in.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.kits import catalog
from requests_app.review.findings.comparing import NATION, REWRITTEN, STATES_OWN, Number
from requests_app.review.findings.definitions import DIMENSIONS, Definition
from requests_app.review.findings.periods import EARLIEST, LATEST, NoPeriod, Period, months_of

GIVEN: Final = "given"
ANSWERS: Final[dict[str, Promise]] = {
    GIVEN: _("It gives a value"),
    "refused": _("It is withheld or covered"),
    "not_held": _("It says there is none on record"),
    "unclear": _("It cannot be read"),
}
GRAINS: Final[dict[str, Promise]] = {
    "day": _("One day"),
    "month": _("One month"),
    "quarter": _("A quarter"),
    "year": _("A year"),
    "span": _("Another span of time"),
}
FAN_OUT: Final[dict[str, Promise]] = {
    "unknown": _("The source does not say"),
    "no": _("Not counted"),
    "yes": _("Counted"),
}
LABELS: Final[dict[str, Promise]] = {
    "component": _("Whose queries"),
    "message_key": _("Kind of query"),
    "door": _("Through which door"),
}
LARGEST: Final = Decimal(10) ** 15
PLACES: Final = 4  # after the point
LONGEST: Final = 2000  # characters of one value in words
MOST_WORDS: Final = 50  # values in words of one finding


@dataclass(frozen=True)
class Claim:
    """One value as one person reads it. `number` for numbers; `words` for all else: texts, codes, ISO dates.

    `ends_on` is included. `unit` is of the shared list where the field leaves it open, else "".
    """

    answer: str = GIVEN
    number: Decimal | None = None
    words: tuple[str, ...] = ()
    unit: str = ""
    component: str = ""
    message_key: str = ""
    door: str = ""
    producer: str = ""
    fan_out: str = "unknown"
    starts_on: date | None = None
    ends_on: date | None = None
    grain: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong or doubtful. `about`: the part of the claim, "" for all of it. `stops`: it cannot be kept so."""

    code: str
    about: str = ""
    stops: bool = True

    @property
    def sentence(self) -> Promise:
        """What it is, and what to do, in plain words."""
        return SENTENCES[self.code]


SENTENCES: Final[dict[str, Promise]] = {
    # It cannot be kept so.
    "worked_out": _("This value is worked out from other findings. Keep those; the program counts it."),
    "no_value": _("Give the value, or choose why there is none."),
    "value_beside_reason": _("You gave a value and a reason why there is none. Keep one of the two."),
    "unknown_answer": _("Choose whether the source gives a value."),
    "not_a_number": _("Give a number."),
    "not_whole": _("This is counted in whole numbers."),
    "negative": _("A count cannot be below zero."),
    "too_large": _("This number is too large to be a count. Look at its digits again."),
    "too_fine": _("Give at most four places after the point."),
    "no_percent": _("A share in percent lies between 0 and 100."),
    "no_year": _("Give a year of four digits, such as 2025."),
    "no_date": _("Give a date that exists."),
    "not_listed": _("Choose one of the values listed."),
    "one_only": _("This field has one value. Keep the others as findings of their own."),
    "too_long": _("Shorten this to 2,000 characters; the page itself is the evidence."),
    "too_many": _("Fifty values are the most that one finding holds."),
    "no_identifier": _("An agency's identifier has nine letters and digits."),
    "needs_unit": _("Choose what is counted. A number without its unit cannot be compared."),
    "unknown_unit": _("Choose one of the units listed."),
    "unit_elsewhere": _(
        "This unit has a field of its own: photos, refused messages, answers with data, logins, searches by face and "
        "records sold are not kept as queries."
    ),
    "unit_fixed": _("What this field counts never differs, so it takes no unit of its own."),
    "needs_component": _("Choose whose queries these are."),
    "needs_message_key": _("Choose the kind of query."),
    "needs_door": _("Choose the door. “Not known” is an answer, too."),
    "needs_producer": _("Choose who counted or wrote this."),
    "needs_period": _("Give the first and the last day that this is about."),
    "unknown_name": _("Choose one of the names listed."),
    "image_as_key": _(
        "A photo is no kind of query: it is asked for by a mark inside one. Keep this number under photos asked for."
    ),
    "ends_before_it_starts": _("The period ends before it starts."),
    "no_such_time": _("These days lie outside the years that can be meant, 1980 to 2100."),
    "not_over": _("The period ends after this file came, so the file cannot have counted it."),
    "not_that_grain": _("These days are not the whole month, quarter or year that you chose."),
    "no_grain": _("Choose how long the period is."),
    # Of what is said besides the value.
    "needs_about": _("Say what it is about: without that, the value alone says nothing."),
    "no_state": _("Choose the state this is about."),
    "needs_evidence": _(
        "Mark at least one place in this document that shows it. Without evidence it is not a finding."
    ),
    "evidence_gone": _("A mark you chose was withdrawn, or its words are not found any more. Choose another."),
    "evidence_private": _("A mark you chose is for you alone, so the second reader could not see it. Show it to all."),
    "evidence_elsewhere": _("A mark you chose is in a document of another request. Keep that as a finding of its own."),
    # It is doubtful.
    "unit_unspecified": _("The source does not say what it counts, so this number cannot be added to others."),
    "component_unknown": _("It is not known whose queries these are, so this number cannot be compared."),
    "hsi_not_named": _("The marked words do not name HSI. If they only say ICE, choose the part not named."),
    "hsi_named": _("The marked words name HSI, and you chose ICE without a part. HSI is counted apart from ICE."),
    "federal_total": _("The marked words speak of all federal agencies. Such a total is no number of one of them."),
    "covered": _("The marked words have a blank, a dash or something covered. That is not a zero."),
    "refused_words": _("The marked words speak of refused or blocked queries. Are these really the answered ones?"),
    "not_in_the_words": _("This number does not stand in the marked words. Mark where it stands, or look again."),
    "fan_out_yes": _("Messages to all states are in this number, so it cannot be added to another state's."),
    "rewritten": _("A state does not see queries to a region under this name: that none is shown says nothing."),
    "mixed_producer": _("You say that Nlets counted this, about an account on the state's own system."),
    "asked_elsewhere": _("These days lie outside the time that was asked for."),
    "nation": _("This is for the whole nation and holds every state's queries."),
}

# Units that belong to a field of their own.
_OWN_FIELD: Final = frozenset({"image_requested", "image_returned", "rejected", "login", "face_search", "record_sold"})
_ICE: Final = frozenset({"ice_unspecified", "ice_ero", "ice_hsi", "ice_lesc"})
_ONE_AGENCY: Final = _ICE | {"cbp_unspecified", "cbp_ofo", "cbp_usbp", "uscis", "dhs_obim", "dhs_fps"}
_SAYS_HSI: Final = re.compile(r"\bHSI\b|homeland security investigations", re.IGNORECASE)
_SAYS_ICE: Final = re.compile(r"\bICE\b|immigration and customs|immigration & customs")
_SAYS_FEDERAL: Final = re.compile(
    r"\b(?:all|total|other) federal\b|federal (?:agencies|total|requesters)", re.IGNORECASE
)
_SAYS_REFUSED: Final = re.compile(r"\b(?:refus|reject|block|den(?:y|ied))", re.IGNORECASE)
_COVERED: Final = re.compile(
    r"(?:^|\s)(?:-+|\u2013|\u2014|n/?a|\*+|<\s?\d+|redacted|suppressed|withheld)(?:\s|$)", re.IGNORECASE
)
_NUMBERS: Final = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.,])\d+(?:\.\d+)?(?![\w])")
_ORI: Final = re.compile(r"[A-Z0-9]{9}")


def check(
    claim: Claim,
    definition: Definition,
    *,
    evidence: Sequence[str] = (),
    came_on: date | None = None,
    asked: tuple[date | None, date | None] = (None, None),
    jurisdiction: str = "",
) -> list[Problem]:
    """Return what is wrong with a claim, then what is doubtful about it; [] when nothing is.

    `evidence`: the words that were marked, where they are words. `came_on`: when the file came. `asked`: the first and
    last day of the time that was asked for.
    """
    if definition.is_derived:
        return [Problem("worked_out")]
    wrong = [*_of_value(claim, definition), *_of_unit(claim, definition), *_of_names(claim, definition)]
    wrong += _of_period(claim, definition, came_on)
    doubts = [*_doubts(claim, definition, jurisdiction), *_doubts_of_words(claim, definition, evidence)]
    doubts += _doubts_of_time(claim, asked)
    return [*dict.fromkeys(wrong), *dict.fromkeys(doubts)]


def stops(problems: Iterable[Problem]) -> list[Problem]:
    """Return those for which the claim cannot be kept."""
    return [problem for problem in problems if problem.stops]


def doubts(problems: Iterable[Problem]) -> list[Problem]:
    """Return those with which it can be kept, once its reader has looked."""
    return [problem for problem in problems if not problem.stops]


# --- Wrong --------------------------------------------------------------------------------------------------------


def _of_value(claim: Claim, definition: Definition) -> list[Problem]:
    has_value = claim.number is not None or any(word.strip() for word in claim.words)
    if claim.answer not in ANSWERS:
        return [Problem("unknown_answer", "answer")]
    if claim.answer != GIVEN:
        return [Problem("value_beside_reason", "value")] if has_value else []
    if not has_value:
        return [Problem("no_value", "value")]
    if definition.is_number:
        return _of_number(claim.number, definition)
    return _of_words(claim.words, definition)


def _of_number(number: Decimal | None, definition: Definition) -> list[Problem]:
    if number is None or not number.is_finite():
        return [Problem("not_a_number", "value")]
    found = []
    if definition.type == "integer" and number != number.to_integral_value():
        found.append("not_whole")
    elif -int(number.normalize().as_tuple().exponent) > PLACES:
        found.append("too_fine")
    if number < 0:
        found.append("negative")
    if number >= LARGEST:
        found.append("too_large")
    elif definition.unit.startswith("percent") and number > 100:
        found.append("no_percent")
    elif definition.unit == "year" and not EARLIEST <= number <= LATEST:
        found.append("no_year")
    return [Problem(code, "value") for code in found]


def _of_words(words: Sequence[str], definition: Definition) -> list[Problem]:
    found = []
    if len(words) > 1 and not definition.many:
        found.append("one_only")
    if len(words) > MOST_WORDS:
        found.append("too_many")
    if any(len(word) > LONGEST for word in words):
        found.append("too_long")
    if definition.type == "enum" and not set(words) <= {code for code, _words in definition.choices}:
        found.append("not_listed")
    if definition.type == "date" and any(_day(word) is None for word in words):
        found.append("no_date")
    if definition.name == "ori" and any(not _ORI.fullmatch(word) for word in words):
        found.append("no_identifier")
    return [Problem(code, "value") for code in found]


def _of_unit(claim: Claim, definition: Definition) -> list[Problem]:
    if not definition.asks_unit:
        return [Problem("unit_fixed", "unit")] if claim.unit else []
    if not claim.unit:
        return [Problem("needs_unit", "unit")] if claim.answer == GIVEN else []
    if claim.unit not in catalog.shared_blocks().enumerations["count_unit"]:
        return [Problem("unknown_unit", "unit")]
    if claim.unit in _OWN_FIELD and definition.name != "numbers_disclosed":
        return [Problem("unit_elsewhere", "unit")]
    return []


def _of_names(claim: Claim, definition: Definition) -> list[Problem]:
    lists = catalog.shared_blocks().enumerations
    found = []
    for name in DIMENSIONS:
        said = getattr(claim, name)
        if name in definition.says and not said:
            found.append(Problem(f"needs_{name}", name))
        elif said and said not in lists[name]:
            found.append(Problem("unknown_name", name))
    if definition.is_count and not claim.producer:
        found.append(Problem("needs_producer", "producer"))
    elif claim.producer and claim.producer not in lists["producer"]:
        found.append(Problem("unknown_name", "producer"))
    if claim.fan_out not in FAN_OUT:
        found.append(Problem("unknown_name", "fan_out"))
    if claim.message_key == "image_flag" and "message_key" in definition.says:
        found.append(Problem("image_as_key", "message_key"))
    return found


def _of_period(claim: Claim, definition: Definition, came_on: date | None) -> list[Problem]:
    start, end = claim.starts_on, claim.ends_on
    if start is None and end is None:
        return [Problem("needs_period", "starts_on")] if "period" in definition.says else []
    if start is None or end is None:
        return [Problem("needs_period", "starts_on" if start is None else "ends_on")]
    if end < start:
        return [Problem("ends_before_it_starts", "ends_on")]
    if start.year < EARLIEST or end.year > LATEST:
        return [Problem("no_such_time", "starts_on")]
    if "period" in definition.says and came_on is not None and end > came_on:
        return [Problem("not_over", "ends_on")]
    if claim.grain not in GRAINS:
        return [Problem("no_grain", "grain")]
    return [] if fits_grain(start, end, claim.grain) else [Problem("not_that_grain", "grain")]


def fits_grain(start: date, end: date, grain: str) -> bool:
    """Return whether these days are a whole day, month, quarter (from any month) or year (calendar's or fiscal)."""
    if grain == "span":
        return True
    if grain == "day":
        return start == end
    try:
        months = months_of(Period(start, end, "span"))
    except NoPeriod:
        return False
    return months == {"month": 1, "quarter": 3, "year": 12}[grain]


def grain_of(start: date, end: date) -> str:
    """Return the finest name that these days have."""
    return next((grain for grain in ("day", "month", "quarter", "year") if fits_grain(start, end, grain)), "span")


def end_of(start: date, grain: str) -> date | None:
    """Return the last day of a month, quarter or year that begins on this day; None where it begins none."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    if grain == "day":
        return start
    if months is None or start.day != 1:
        return None
    last = start.month - 1 + months - 1
    year, month = start.year + last // 12, last % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


# --- Doubtful -----------------------------------------------------------------------------------------------------


def _doubt(code: str, about: str) -> Problem:
    return Problem(code, about, stops=False)


def _doubts(claim: Claim, definition: Definition, jurisdiction: str) -> list[Problem]:
    if not definition.is_count or claim.answer != GIVEN:
        return []
    found = []
    if claim.unit == "unspecified":
        found.append(_doubt("unit_unspecified", "unit"))
    if claim.component == "unknown":
        found.append(_doubt("component_unknown", "component"))
    if claim.fan_out == "yes":
        found.append(_doubt("fan_out_yes", "fan_out"))
    if claim.message_key in REWRITTEN and claim.producer in STATES_OWN:
        found.append(_doubt("rewritten", "message_key"))
    if claim.producer == "nlets" and claim.door in {"direct_switch", "dmv_portal"}:
        found.append(_doubt("mixed_producer", "door"))
    if jurisdiction == NATION:
        found.append(_doubt("nation", ""))
    return found


def _doubts_of_words(claim: Claim, definition: Definition, evidence: Sequence[str]) -> list[Problem]:
    words = " ".join(evidence).strip()
    if not words or claim.answer != GIVEN:
        return []
    found = []
    if definition.is_number and claim.number is not None:
        if claim.number == 0 and _COVERED.search(words):
            found.append(_doubt("covered", "value"))
        elif (numbers := numbers_in(words)) and claim.number not in numbers:
            found.append(_doubt("not_in_the_words", "value"))
    if not definition.is_count:
        return found
    if claim.component == "ice_hsi" and _SAYS_ICE.search(words) and not _SAYS_HSI.search(words):
        found.append(_doubt("hsi_not_named", "component"))
    if claim.component in {"ice_unspecified", "ice_ero"} and _SAYS_HSI.search(words):
        found.append(_doubt("hsi_named", "component"))
    if claim.component in _ONE_AGENCY and _SAYS_FEDERAL.search(words):
        found.append(_doubt("federal_total", "component"))
    if definition.asks_unit and _SAYS_REFUSED.search(words):
        found.append(_doubt("refused_words", "unit"))
    return found


def _doubts_of_time(claim: Claim, asked: tuple[date | None, date | None]) -> list[Problem]:
    start, end = asked
    before = start is not None and claim.ends_on is not None and claim.ends_on < start
    after = end is not None and claim.starts_on is not None and claim.starts_on > end
    return [_doubt("asked_elsewhere", "starts_on")] if before or after else []


def numbers_in(words: str) -> set[Decimal]:
    """Return the numbers that stand in a text, with commas between thousands or without."""
    return {Decimal(found[0].replace(",", "")) for found in _NUMBERS.finditer(words)}


# --- Reading and comparing ----------------------------------------------------------------------------------------


def completed(claim: Claim, definition: Definition) -> Claim:
    """Return the claim with what all values of its field say, numbers and words in their plainest form."""
    number = claim.number
    if number is not None and number.is_finite():
        number = number.quantize(Decimal(1)) if number == number.to_integral_value() and number < LARGEST else number
    words = tuple(" ".join(word.split()) if definition.type != "text" else word.strip() for word in claim.words)
    if definition.name == "ori":
        words = tuple(word.upper() for word in words)
    said: dict[str, Any] = {**asdict(claim), **definition.fixed}
    said |= {"number": number, "words": tuple(word for word in words if word)}
    return Claim(**said)


def differences(one: Claim, other: Claim, definition: Definition) -> tuple[str, ...]:
    """Return the parts in which two readings differ: names of `Claim`, "value" for number and words.

    Texts are the same when they differ only in capitals, spaces and marks; several values in whatever order.
    """
    found = []
    if one.answer != other.answer:
        return ("answer",)
    if definition.is_number:
        same = one.number == other.number
    elif definition.type == "text":
        same = sorted(map(_folded, one.words)) == sorted(map(_folded, other.words))
    else:
        same = sorted(one.words) == sorted(other.words)
    if not same:
        found.append("value")
    parts: list[str] = [name for name in DIMENSIONS if name in definition.says]
    if definition.asks_unit:
        parts.insert(0, "unit")
    if definition.is_count:
        parts += ["producer", "fan_out"]
    found += [name for name in parts if getattr(one, name) != getattr(other, name)]
    if (one.starts_on, one.ends_on) != (other.starts_on, other.ends_on):
        found.append("period")
    return tuple(found)


def number_of(claim: Claim, definition: Definition, jurisdiction: str) -> Number | None:
    """Return what the claim counts, for `comparing`; None where it is no count, has no value or no time."""
    if not definition.is_count or claim.number is None or claim.starts_on is None or claim.ends_on is None:
        return None
    return Number(
        jurisdiction=jurisdiction,
        field=definition.name,
        count_unit=definition.counts or claim.unit,
        component=claim.component or "unknown",
        message_key=claim.message_key or "all",
        door=claim.door or "unknown",
        producer=claim.producer,
        starts_on=claim.starts_on,
        ends_on=claim.ends_on,
        fan_out=claim.fan_out,
    )


def number_from(text: str) -> Decimal | None:
    """Return the number that a person typed, with commas between thousands or without; None where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip().removeprefix("$").strip()
    if not re.fullmatch(r"-?(?:\d{1,3}(?:[, ]\d{3})+|\d{1,20})(?:\.\d{1,10})?", plain, re.ASCII):
        return None
    try:
        return Decimal(re.sub(r"[, ]", "", plain))
    except InvalidOperation:
        return None


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
