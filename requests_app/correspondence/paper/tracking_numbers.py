"""Numbers that a carrier prints on a receipt: read, written in groups, and checked where it is known how. Pure.

A check digit catches a digit typed wrong; it does not prove that the number was ever used. Sources of the arithmetic:
the check digit of GS1 numbers (weights 3 and 1, as USPS labels use it); standard S10 of the Universal Postal Union; the
1Z numbers of UPS, in which letters count as digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 40

_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_S10: Final = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")
_UPS: Final = re.compile(r"1Z([0-9A-Z]{15})(\d)")
_USPS_IN_FULL: Final = re.compile(r"9[1-5]\d{20}")
_USPS_WITH_ZIP: Final = re.compile(r"420(?:\d{5}|\d{9})(9[1-5]\d{20})")


class Check(StrEnum):
    """What the number itself says."""

    FITS = "fits"
    BROKEN = "broken"  # of a kind that has a check digit, and it does not fit
    UNKNOWN = "unknown"  # no kind that we know how to check


@dataclass(frozen=True, slots=True)
class TrackingNumber:
    """A number without blanks and dashes, and what its check digit says. `carrier`: whose it looks like, else ""."""

    value: str
    check: Check
    carrier: str = ""

    @property
    def grouped(self) -> str:
        """Return the number as receipts print it: digits in groups of four."""
        if not self.value.isdigit():
            return self.value
        return " ".join(self.value[place : place + 4] for place in range(0, len(self.value), 4))


class NotANumber(ValueError):
    """What was typed cannot be a number of any carrier."""


def parse_tracking_number(text: str) -> TrackingNumber:
    """Return a number as it stands on a receipt, blanks, dots and dashes left out, letters in capitals.

    The digits with which a barcode names the ZIP code (420...) are left out: they stand before the number on a label
    and not on a receipt. Raises NotANumber for anything but Latin letters and digits, or more than 40 signs.
    """
    value = re.sub(r"[\s.\-\N{NON-BREAKING HYPHEN}\N{EN DASH}]+", "", text)
    if not re.fullmatch(rf"[0-9A-Za-z]{{1,{LONGEST}}}", value):  # before capitals: those of ß are ASCII
        raise NotANumber(text)
    value = value.upper()
    with_zip = _USPS_WITH_ZIP.fullmatch(value)
    if with_zip:
        value = with_zip[1]
    carrier, fits = _checked(value)
    if fits is None:
        return TrackingNumber(value, Check.UNKNOWN, carrier)
    return TrackingNumber(value, Check.FITS if fits else Check.BROKEN, carrier)


def _checked(value: str) -> tuple[str, bool | None]:
    if re.fullmatch(r"\d{20}", value):
        # A 20-digit number leaves out the "91" of the full one. Some labels compute the check digit with it, some
        # without: what fits either way is taken.
        return "usps", mod10(value[:-1]) == int(value[-1]) or mod10("91" + value[:-1]) == int(value[-1])
    if _USPS_IN_FULL.fullmatch(value):
        return "usps", mod10(value[:-1]) == int(value[-1])
    s10 = _S10.fullmatch(value)
    if s10:
        return ("usps" if value.endswith("US") else ""), s10_check_digit(s10[1]) == int(s10[2])
    ups = _UPS.fullmatch(value)
    if ups:
        return "ups", ups_check_digit(ups[1]) == int(ups[2])
    return "", None


def mod10(digits: str) -> int:
    """Return the check digit that follows `digits`: from the right, weights 3, 1, 3, 1 ... to the next multiple of 10.

    71123456789123456787 ends in 7 because its first 19 digits give 193.
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def s10_check_digit(serial: str) -> int:
    """Return the check digit of the eight digits of an international postal number (UPU S10): RR 47312482 9 FI."""
    total = sum(int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True))
    found = 11 - total % 11
    return {10: 0, 11: 5}.get(found, found)


def ups_check_digit(body: str) -> int:
    """Return the check digit after 1Z and 15 signs: a letter counts as a digit (A is 2), every second sign doubles."""
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return -total % 10
