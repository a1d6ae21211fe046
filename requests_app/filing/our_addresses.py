"""The form of reply addresses that the settings choose, and the address of one request in it."""

from __future__ import annotations

from django.conf import settings

from requests_app.filing.models import RecordsRequest
from requests_app.filing.reply_addresses import AddressForm, reply_address


def address_form() -> AddressForm:
    """Return how reply addresses are formed here: REPLY_FORM, REPLY_MAILBOX and REPLY_DOMAIN."""
    return AddressForm(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN, catch_all=settings.REPLY_FORM == "catch_all")


def address_for(reference: str, token: str) -> str:
    """Return the address to which the agency of one request answers."""
    return reply_address(reference, token, address_form())


def address_of(records_request: RecordsRequest) -> str:
    """Return the address to which the agency of this request answers, at this moment."""
    return address_for(records_request.reference, records_request.reply_token)


def general_address() -> str:
    """Return the address of the house, which names no request: for previews and for letters without one."""
    return address_form().general
