"""What in a text looks like a person's number or address: suggestions for a reader, who confirms or dismisses each.

Where a number has a rule of its own (a Social Security number, a VIN's check digit, a telephone number), the rule is
asked. Licence and plate numbers have none that holds in every state, so those are found by the word before them. It is
better to suggest too much: what is not suggested here may still be there, and a reader reads the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import phonenumbers

LONGEST: Final = 200_000  # characters of one page that are looked at


@dataclass(frozen=True, order=True)
class Suspect:
    """A stretch of text that may have to be covered. `is_sure`: its own rule holds, or its label says what it is."""

    start: int
    end: int
    kind: str  # one of KINDS
    is_sure: bool


KINDS: Final = ("ssn", "vin", "phone", "email", "licence", "plate", "birth_date", "address")

# 001-01-0001 and on; never 000, 666 or 9xx, 00 or 0000: Social Security Administration, POMS RM 10201.035.
_SSN: Final = re.compile(r"(?<![\w-])(?!000|666|9\d\d)(\d{3})([- ]?)(?!00)(\d\d)\2(?!0000)(\d{4})(?![\w-])")
_SSN_LABEL: Final = re.compile(
    r"\b(?:ssn|soc(?:ial)?\.? ?sec(?:urity)?(?: ?(?:no|number|num|#))?)[ .:#]*$", re.IGNORECASE
)
_VIN: Final = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?![\w-])")
_LABELLED: Final = {
    "licence": re.compile(
        r"\b(?:oln|d\.?l\.?(?: ?(?:no|number|num|#))?|(?:driver'?s?|operator'?s?) ?licen[sc]e(?: ?(?:no|number|num|#))?"
        r"|licen[sc]e ?(?:no|number|num|#))[ .:#]{1,4}(?P<value>[A-Z0-9*][A-Z0-9* -]{3,22}[A-Z0-9*])(?![A-Za-z0-9])",
        re.IGNORECASE,
    ),
    "plate": re.compile(
        r"\b(?:lic(?:ense)?\.? ?plate|plate ?(?:no|number|num|#)?|tag ?(?:no|number|num|#)|lp|reg(?:istration)? ?plate)"
        r"[ .:#]{1,4}(?P<value>(?=[A-Z0-9 -]*\d)[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9])(?![A-Za-z0-9])",
        re.IGNORECASE,
    ),
    "birth_date": re.compile(
        r"\b(?:d\.?o\.?b\.?|(?:date of )?birth(?: ?date)?|born(?: on)?)[ .:#]{1,4}"
        r"(?P<value>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{8}"
        r"|[A-Z][a-z]{2,8}\.? \d{1,2}, ?\d{4})",
        re.IGNORECASE,
    ),
}
# Publication 28 of the US Postal Service, appendix C1: the commonest street suffixes.
_STREET: Final = re.compile(
    r"(?<![\w/.-])\d{1,6}(?:-\d{1,4})? (?:[NSEW]\.? |[NS][EW] |North |South |East |West )?"
    r"(?:[A-Z0-9][\w'.-]{0,30} ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Circle|Cir|Terrace|Ter|"
    r"Highway|Hwy|Parkway|Pkwy|Trail|Trl|Square|Sq|Loop)\b\.?(?:,? (?:Apt|Unit|Suite|Ste|#)\.? ?[\w-]{1,6})?"
    r"(?:,? [A-Z][A-Za-z .'-]{1,30},? [A-Z]{2}(?: \d{5}(?:-\d{4})?)?)?"
)


def suspects(text: str) -> list[Suspect]:
    """Return what looks like something to cover, in the order of the text. Overlapping ones of another kind are left
    out where a surer one covers them whole."""
    text = text[:LONGEST]
    found = sorted({*_numbers(text), *_labelled(text), *_places(text)})
    sure = [one for one in found if one.is_sure]
    return [one for one in found if one.is_sure or not any(_covers(other, one) for other in sure)]


def _covers(other: Suspect, one: Suspect) -> bool:
    return other.start <= one.start and one.end <= other.end


def _numbers(text: str) -> Iterator[Suspect]:
    for found in _SSN.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        if found[2] or _SSN_LABEL.search(before):  # nine digits in a row are a number of anything
            yield Suspect(found.start(), found.end(), "ssn", found[2] == "-" or bool(_SSN_LABEL.search(before)))
    for found in _VIN.finditer(text):
        if any(letter.isdigit() for letter in found[0]) and any(letter.isalpha() for letter in found[0]):
            yield Suspect(found.start(), found.end(), "vin", vin_holds(found[0]))
    for number in phonenumbers.PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.VALID):
        if sum(letter.isdigit() for letter in number.raw_string) >= 10:
            yield Suspect(number.start, number.end, "phone", True)
    for found in _EMAIL.finditer(text):
        yield Suspect(found.start(), found.end(), "email", True)


def _labelled(text: str) -> Iterator[Suspect]:
    for kind, pattern in _LABELLED.items():
        for found in pattern.finditer(text):
            value = found["value"]
            if any(letter.isdigit() for letter in value):
                yield Suspect(found.start("value"), found.end("value"), kind, True)


def _places(text: str) -> Iterator[Suspect]:
    for found in _STREET.finditer(text):
        yield Suspect(found.start(), found.end(), "address", bool(re.search(r"[A-Z]{2} \d{5}", found[0])))


# 49 CFR 565.15, table IV: A to H are 1 to 8, J to R start again at 1, S begins at 2; I, O and Q are never used.
_VIN_VALUES: Final = {letter: int(value) for letter, value in zip(
    "ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True
)}  # fmt: skip
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin_holds(vin: str) -> bool:
    """Return whether a vehicle identification number's ninth sign is its check digit (49 CFR 565.15(c))."""
    letters = vin.upper()
    if len(letters) != 17 or any(letter not in _VIN_VALUES and letter not in "0123456789" for letter in letters):
        return False
    values = (int(letter) if letter.isdigit() else _VIN_VALUES[letter] for letter in letters)
    rest = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return letters[8] == ("X" if rest == 10 else str(rest))
