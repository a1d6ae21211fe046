"""The one door for mail in: keep it, read it, place it, make documents of its files, erase it.

Promises, whatever dies at whatever instruction:

1. What a way in was told is safe (`take_in` returned) is on the disk and in a row.
2. The same mail, by whatever ways and however often, is one `RawMail` for the same bytes and one `IncomingMessage` for
   the same message.
3. A mail that was taken in is filed or lies before a person; none is skipped, and none holds back another.
4. Nothing here changes a request: no event, no status, no clock. A person does that (`settling`).
"""

from requests_app.correspondence.incoming.services.batches import process_waiting
from requests_app.correspondence.incoming.services.erasing import NotErased, erase, erase_message
from requests_app.correspondence.incoming.services.files import keep_due_files, keep_files, note_due_files
from requests_app.correspondence.incoming.services.processing import Outcome, process, reprocess
from requests_app.correspondence.incoming.services.taking_in import mail_limit, take_in, the_mail_store
from requests_app.correspondence.incoming.services.writing import fingerprint_of

__all__ = [
    "NotErased",
    "Outcome",
    "erase",
    "erase_message",
    "fingerprint_of",
    "keep_due_files",
    "keep_files",
    "mail_limit",
    "note_due_files",
    "process",
    "process_waiting",
    "reprocess",
    "take_in",
    "the_mail_store",
]
