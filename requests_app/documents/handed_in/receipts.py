"""The receipt by mail: what is kept, with fingerprints and the time.

It holds no link, since mails are quoted, and nothing that a stranger typed but the names of the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from requests_app.filing.our_addresses import address_of

if TYPE_CHECKING:
    from requests_app.documents.models import HandInReceipt


def compose(receipt: HandInReceipt) -> EmailMessage:
    """Return the mail. An answer to it goes to the address of the request, like every answer of the agency."""
    hand_in = receipt.hand_in
    records_request = hand_in.link.request
    subject = _("%(reference)s: what you handed in is kept") % {"reference": records_request.reference}
    body = render_to_string(
        "documents/handed_in/mail/receipt.txt",
        {
            "hand_in": hand_in,
            "files": hand_in.files.exclude(state="coming"),
            "records_request": records_request,
            "organisation": settings.ORGANISATION_NAME or "Daylight",
        },
    )
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[receipt.to_address],
        reply_to=[address_of(records_request)],
        headers={
            "Message-ID": receipt.message_id,
            # RFC 3834, section 5: no vacation reply wanted.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
