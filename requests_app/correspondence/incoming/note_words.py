"""The remarks on how a mail was read, for translation: `parsing.notes.SENTENCES` word for word, which knows none.

A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.correspondence.incoming.showing import harmless

NOTE_WORDS: Final[Mapping[str, str | Promise]] = {
    "no_headers": _("The mail has no header lines; all of it is shown as text."),
    "header_damaged": _("A header line is damaged and was read as part of the line before: “%(line)s”."),
    "headers_cut": _("The mail has more header lines than we read. The rest is in the raw mail."),
    "header_too_long": _("The header “%(header)s” is longer than we read; its end is only in the raw mail."),
    "header_not_encoded": _("The header “%(header)s” does not say how its letters are encoded; we guessed."),
    "encoded_word_damaged": _("The header “%(header)s” has a damaged encoded part, shown as it came."),
    "no_sender": _("The mail names no sender."),
    "several_senders": _("The mail names %(count)s senders; the first is shown."),
    "repeated_header": _("The header “%(header)s” stands %(count)s times in the mail; we read the first."),
    "addresses_cut": _("The header “%(header)s” lists more than %(count)s addresses; the rest is in the raw mail."),
    "date_unreadable": _("The date of the mail cannot be read: “%(value)s”."),
    "date_from_server": _("The mail has no date that can be read. The date shown is when a mail server took it in."),
    "charset_missing": _("The mail does not say how its letters are encoded; we read them as %(used)s."),
    "charset_unknown": _("The mail names an unknown encoding (“%(declared)s”); we read its letters as %(used)s."),
    "charset_corrected": _("The mail says its letters are %(declared)s, but they are %(used)s, and we read them so."),
    "text_damaged": _("%(count)s letters of the text could not be read and are shown as “�”."),
    "looks_garbled": _("The text looks as if a system before us had read its letters wrongly. It is shown as it came."),
    "control_characters": _("The text has characters that no screen can show; they are left out."),
    "text_cut": _("The text is longer than we show. All of it is kept as the attachment “%(name)s”."),
    "page_long": _("The text was made from the beginning of a very long page. The page itself is whole."),
    "text_from_html": _("The mail has no plain text; the text here was made from its formatted page."),
    "text_from_rtf": _("The text was made from a rich-text body."),
    "text_after_end": _("There is text after the end of the mail: “%(text)s”."),
    "boundary_missing": _("The parts of the mail are not marked as they should be; we show them as one text."),
    "boundary_guessed": _("The mail does not name the mark between its parts; we found it in the text."),
    "unfinished": _("The mail breaks off before its end. What arrived is shown; the last part may be incomplete."),
    "too_deep": _("Parts are nested deeper than we read. What lies deeper is kept as an attachment."),
    "too_many_parts": _("The mail has more than %(count)s parts. The rest is only in the raw mail."),
    "encoding_unknown": _("A part says it is encoded as “%(encoding)s”, which we do not know; it is shown as it came."),
    "encoding_damaged": _("The encoding of “%(name)s” is damaged; the file may be incomplete."),
    "not_taken_out": _(
        "“%(name)s” was not taken out, for the mail is too large to unpack wholly. It is in the raw mail."
    ),
    "external_part": _("A part of the mail is not in it but elsewhere: “%(where)s”. We do not fetch it."),
    "partial_message": _("This is part %(number)s of a mail that was sent in %(total)s pieces."),
    "uuencoded": _("“%(name)s” was written into the text in an old way and was taken out of it."),
    "winmail_read": _("Outlook packed parts of the mail into “%(name)s”; they were taken out of it."),
    "winmail_damaged": _(
        "“%(name)s”, in which Outlook packed parts of the mail, is damaged; the readable rest is here."
    ),
    "outlook_read": _("“%(name)s” is a message saved by Outlook; its files were taken out of it."),
    "outlook_damaged": _(
        "“%(name)s” looks like a message saved by Outlook but is damaged; what could be read is here."
    ),
    "smime_signed": _("The mail is signed (S/MIME). We did not check the signature."),
    "smime_signed_closed": _("The text is in a signed wrapper (S/MIME) that we do not open; it is kept as “%(name)s”."),
    "smime_encrypted": _("The mail is encrypted (S/MIME). We cannot read it; it is kept as “%(name)s”."),
    "pgp_signed": _("The mail is signed (PGP). We did not check the signature."),
    "pgp_encrypted": _("The mail is encrypted (PGP). We cannot read it; it is kept as it came."),
    "empty": _("The mail is empty."),
    "unreadable": _("The mail could not be read (%(trouble)s). It is kept as it came."),
    "notes_cut": _("There is more to say about how this mail was read than is listed here."),
}


def sentences_of(notes: Iterable[Any]) -> list[str]:
    """Return stored remarks, [code, values] each, as sentences. One that a later parser wrote is named by its code."""
    found = []
    for code, values in notes:
        pattern = NOTE_WORDS.get(code)
        try:
            found.append(str(pattern) % {name: harmless(str(value)) for name, value in values.items()})
        except (KeyError, TypeError, ValueError):
            found.append(str(pattern or code))
    return found
