"""Address lists as people and machines write them, right and wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from requests_app.correspondence.parsing import limits
from requests_app.correspondence.parsing.charsets import clean_line, read_letters
from requests_app.correspondence.parsing.headers import decode_words
from requests_app.correspondence.parsing.parsed import Address

_BARE: Final = re.compile(r'(?:"[^"]{1,64}"|[^\s<>()",;:@]{1,320})@(?:\[[^\]]{1,80}\]|[^\s<>()",;:@\[\]]{1,320})')

_LONGEST: Final = 1_000


def read_addresses(value: bytes) -> tuple[Address, ...]:
    """Return the mailboxes of an address list, at most 500; never raises.

    The list is taken apart before encoded words are decoded, so that a comma inside one parts nothing, and the address
    is what stands in angle brackets where there are any: a name that looks like an address stays a name.
    """
    text = read_letters(value[: limits.HEADER_VALUE_BYTES]).text
    found = []
    for written in _mailboxes(text):
        mailbox = _mailbox(written)
        if mailbox is not None:
            found.append(mailbox)
            if len(found) >= limits.ADDRESSES:
                break
    return tuple(found)


def _mailboxes(text: str) -> Iterator[str]:
    """Yield the pieces between commas (or semicolons) that stand in no quotes, comment or angle brackets."""
    quoted, angle, comments, start = False, False, 0, 0
    skip = False
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif character == "\\" and (quoted or comments):
            skip = True
        elif character == '"' and not comments:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            comments += 1
        elif character == ")" and comments:
            comments -= 1
        elif comments:
            continue
        elif character in "<>":
            angle = character == "<"
        elif character in ",;" and not angle:
            yield text[start:place]
            start = place + 1
        elif character == ":" and not angle and "@" not in text[max(start, place - 400) : place]:
            start = place + 1  # the name of a group
    rest = text[start:]
    if (quoted or comments or angle) and "," in rest:
        # A quote that never closes would swallow the whole list: part it at every comma instead.
        yield from rest.split(",")
    else:
        yield rest


def _mailbox(written: str) -> Address | None:
    # The address stands at the end; no real name before it is longer than this.
    written = written.strip()[-_LONGEST:]
    if not written:
        return None
    opening = _opening_bracket(written)
    if opening >= 0:
        address = written[opening + 1 :].partition(">")[0]
        return Address(_clean_address(address), _name(written[:opening]) or _comment(written[opening:]))
    bare = _BARE.search(written)
    if bare:
        return Address(_clean_address(bare[0]), _name(written[: bare.start()]) or _comment(written))
    name = _name(written)
    return Address("", name) if name else None


def _opening_bracket(written: str) -> int:
    """Return where the address begins: at the last "<" that has a ">" and stands in no quotes; -1 for none."""
    quoted, found = False, -1
    for place, character in enumerate(written):
        if character == '"':
            quoted = not quoted
        elif character == "<" and not quoted:
            found = place
    return written.rfind("<") if found < 0 and quoted else found


def _clean_address(address: str) -> str:
    address = clean_line(address)
    if '"' not in address:
        address = address.replace(" ", "")
    # A route (RFC 5322, 4.4) before the address itself: <@relay:someone@example.org>
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    return address.removeprefix("mailto:")[:640]


def _name(written: str) -> str:
    written = written.strip()
    if len(written) > 1 and written[0] == '"' == written[-1]:
        written = written[1:-1]
    written = re.sub(r"\\(.)", r"\1", written.strip())
    shown = decode_words(written.encode("utf-8", "replace")).text
    return shown.strip(" '\"")[:320] if shown.strip("'\" ") else ""


def _comment(written: str) -> str:
    opening = written.find("(")
    return _name(written[opening + 1 :].partition(")")[0]) if opening >= 0 else ""
