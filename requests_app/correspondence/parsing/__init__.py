"""Incoming mail, read: bytes in, plain values out.

Pure Python that knows no Django, no settings, no clock and no network, like the law room. The front:

- `parse_message(raw) -> ParsedMessage`: what a mail says. Never raises; what is damaged becomes notes.
- `fold_text(text) -> spans`: what is new in a text, what is quoted, what is signature; for the view only.
- `read_authentication(headers, trusted) -> Authentication`: SPF, DKIM and DMARC, by one trusted server's word.
- `clean_name(name, content_type)`: a stranger's file name, made fit for a screen and a file.
"""

from requests_app.correspondence.parsing.authentication import Authentication, Verdict, read_authentication
from requests_app.correspondence.parsing.folding import Span, fold_text
from requests_app.correspondence.parsing.message import parse_message
from requests_app.correspondence.parsing.names import clean_name
from requests_app.correspondence.parsing.notes import SENTENCES, Note
from requests_app.correspondence.parsing.parsed import (
    Address,
    Attachment,
    Bounce,
    CalendarEntry,
    EnclosedMessage,
    ParsedMessage,
    ReadReceipt,
    RecipientReport,
)

__all__ = [
    "SENTENCES",
    "Address",
    "Attachment",
    "Authentication",
    "Bounce",
    "CalendarEntry",
    "EnclosedMessage",
    "Note",
    "ParsedMessage",
    "ReadReceipt",
    "RecipientReport",
    "Span",
    "Verdict",
    "clean_name",
    "fold_text",
    "parse_message",
    "read_authentication",
]
