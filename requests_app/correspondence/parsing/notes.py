"""What a person should know about how a mail was read: a stable code and the values of its sentence.

The sentences are English with named places (`%(name)s`), for a screen to translate; this package knows no translation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # Headers
    "no_headers": "The mail has no header lines; all of it is shown as text.",
    "header_damaged": "A header line is damaged and was read as part of the line before: “%(line)s”.",
    "headers_cut": "The mail has more header lines than we read. The rest is in the raw mail.",
    "header_too_long": "The header “%(header)s” is longer than we read; its end is only in the raw mail.",
    "header_not_encoded": "The header “%(header)s” does not say how its letters are encoded; we guessed.",
    "encoded_word_damaged": "The header “%(header)s” has a damaged encoded part, shown as it came.",
    "no_sender": "The mail names no sender.",
    "several_senders": "The mail names %(count)s senders; the first is shown.",
    "repeated_header": "The header “%(header)s” stands %(count)s times in the mail; we read the first.",
    "addresses_cut": "The header “%(header)s” lists more than %(count)s addresses; the rest is in the raw mail.",
    "date_unreadable": "The date of the mail cannot be read: “%(value)s”.",
    "date_from_server": "The mail has no date that can be read. The date shown is when a mail server took it in.",
    # Text
    "charset_missing": "The mail does not say how its letters are encoded; we read them as %(used)s.",
    "charset_unknown": "The mail names an unknown encoding (“%(declared)s”); we read its letters as %(used)s.",
    "charset_corrected": "The mail says its letters are %(declared)s, but they are %(used)s, and we read them so.",
    "text_damaged": "%(count)s letters of the text could not be read and are shown as “�”.",
    "looks_garbled": "The text looks as if a system before us had read its letters wrongly. It is shown as it came.",
    "control_characters": "The text has characters that no screen can show; they are left out.",
    "text_cut": "The text is longer than we show. All of it is kept as the attachment “%(name)s”.",
    "page_long": "The text was made from the beginning of a very long page. The page itself is whole.",
    "text_from_html": "The mail has no plain text; the text here was made from its formatted page.",
    "text_from_rtf": "The text was made from a rich-text body.",
    "text_after_end": "There is text after the end of the mail: “%(text)s”.",
    # Structure
    "boundary_missing": "The parts of the mail are not marked as they should be; we show them as one text.",
    "boundary_guessed": "The mail does not name the mark between its parts; we found it in the text.",
    "unfinished": "The mail breaks off before its end. What arrived is shown; the last part may be incomplete.",
    "too_deep": "Parts are nested deeper than we read. What lies deeper is kept as an attachment.",
    "too_many_parts": "The mail has more than %(count)s parts. The rest is only in the raw mail.",
    "encoding_unknown": "A part says it is encoded as “%(encoding)s”, which we do not know; it is shown as it came.",
    "encoding_damaged": "The encoding of “%(name)s” is damaged; the file may be incomplete.",
    "not_taken_out": "“%(name)s” was not taken out, for the mail is too large to unpack wholly. It is in the raw mail.",
    "external_part": "A part of the mail is not in it but elsewhere: “%(where)s”. We do not fetch it.",
    "partial_message": "This is part %(number)s of a mail that was sent in %(total)s pieces.",
    "uuencoded": "“%(name)s” was written into the text in an old way and was taken out of it.",
    # Containers
    "winmail_read": "Outlook packed parts of the mail into “%(name)s”; they were taken out of it.",
    "winmail_damaged": "“%(name)s”, in which Outlook packed parts of the mail, is damaged; the readable rest is here.",
    "outlook_read": "“%(name)s” is a message saved by Outlook; its files were taken out of it.",
    "outlook_damaged": "“%(name)s” looks like a message saved by Outlook but is damaged; what could be read is here.",
    # Wrappers
    "smime_signed": "The mail is signed (S/MIME). We did not check the signature.",
    "smime_signed_closed": "The text is in a signed wrapper (S/MIME) that we do not open; it is kept as “%(name)s”.",
    "smime_encrypted": "The mail is encrypted (S/MIME). We cannot read it; it is kept as “%(name)s”.",
    "pgp_signed": "The mail is signed (PGP). We did not check the signature.",
    "pgp_encrypted": "The mail is encrypted (PGP). We cannot read it; it is kept as it came.",
    # Whatever else
    "empty": "The mail is empty.",
    "unreadable": "The mail could not be read (%(trouble)s). It is kept as it came.",
    "notes_cut": "There is more to say about how this mail was read than is listed here.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One remark. `code` is a key of `SENTENCES`; `values` fills its named places."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    def sentence(self, translated: str = "") -> str:
        """Return the remark as an English sentence, or by the translated pattern given."""
        return (translated or SENTENCES[self.code]) % dict(self.values)


def note(code: str, **values: object) -> Note:
    """Return a note. Values are cut to what a line can hold, and made safe to store and show."""
    return Note(code, tuple((key, _short(str(value))) for key, value in values.items()))


def _short(value: str, limit: int = 120) -> str:
    shown = "".join(character if character.isprintable() else " " for character in value[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
