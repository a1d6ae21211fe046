"""What an address of each kind must look like, and how it is written. Pure.

Only the form is judged: that somebody reads the mail there is a person's finding (`services.confirm_contact`).
"""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

POST_LINES_MAX = 8
POST_LENGTH_MAX = 500


class ContactValueError(ValueError):
    """An address cannot be one of its kind. Its text says what it should look like."""


def parse_contact_value(channel: str, text: str) -> str:
    """Return the address in its one written form: a number as (410) 555-0100, lines of post without loose blanks.

    `channel` is one of ContactPoint.Channel. Raises ContactValueError with a sentence for the person who typed it.
    """
    parsers = {"email": _parse_email, "portal": _parse_link, "post": _parse_post, "fax": _parse_number}
    parsers["phone"] = _parse_number
    if channel not in parsers:
        raise ContactValueError(_("Choose e-mail, portal, post, fax or phone as the way."))
    if any(ord(sign) < 32 and sign not in "\r\n\t" for sign in text):
        raise ContactValueError(_("The address holds signs that cannot be printed. Type it again instead of pasting."))
    stripped = text.strip()
    if not stripped:
        raise ContactValueError(_("The address is empty."))
    return parsers[channel](stripped)


def _parse_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        message = _("This is not an e-mail address. It looks like records@example.gov.")
        raise ContactValueError(message) from error
    name, _at, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def _parse_link(text: str) -> str:
    message = _("This is not a web address. It begins with https:// and has no blanks.")
    if len(text) > POST_LENGTH_MAX:
        raise ContactValueError(message)
    try:
        URLValidator(schemes=["https", "http"])(text)
    except ValidationError as error:
        raise ContactValueError(message) from error
    return text


def _parse_number(text: str) -> str:
    message = _("This is not a telephone number of the United States. It looks like (410) 555-0100.")
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException as error:
        raise ContactValueError(message) from error
    # Possible, not valid: new area codes reach agencies before they reach the library.
    if number.country_code != 1 or not phonenumbers.is_possible_number(number):
        raise ContactValueError(message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _parse_post(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) < 2:
        raise ContactValueError(_("A postal address has at least two lines: the street or box, and the city."))
    if len(lines) > POST_LINES_MAX or sum(map(len, lines)) > POST_LENGTH_MAX:
        raise ContactValueError(_("This is longer than an address on an envelope. Use at most 8 lines."))
    return "\n".join(lines)
