"""What a mail provider posts: the mail as it came, alone, as a field of a form or in JSON, with its envelope. Pure.

The fields are found where they stand, without making objects of a form of 60 MB: the mail is handed on as a slice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from mmap import mmap
from typing import Any, Final
from urllib.parse import unquote_to_bytes

# The field with the whole mail, byte for byte: "body-mime" (Mailgun), "email" (SendGrid), and plain names.
MAIL_FIELDS: Final = ("body-mime", "email", "raw", "mime", "message")
_JSON_MAIL, _JSON_RECIPIENT = b'"RawEmail"', b'"OriginalRecipient"'  # Postmark's names
_MOST_PARTS: Final = 200
_LONGEST_HEAD: Final = 8_192  # of one part of a form
_LONGEST_FIELD: Final = 100_000  # of those with the envelope
_MOST_RECIPIENTS: Final = 100
_NAME: Final = re.compile(rb'\bname="((?:[^"\\]|\\.){1,200})"|\bname=([^\s;"]{1,200})', re.IGNORECASE)
_BOUNDARY: Final = re.compile(r'boundary="?([^\s";,]{1,200}?)"?\s*(?:;|$)', re.IGNORECASE)


class NotUnderstood(Exception):
    """What was posted holds no mail. The text says what is missing; `fields` are the short ones that are there."""

    def __init__(self, text: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.fields = fields or {}


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as it was posted: where its bytes are, and the envelope as far as the provider names it."""

    start: int
    end: int
    sender: str = ""
    recipients: tuple[str, ...] = ()
    decoded: bytes | None = None  # the mail itself, where it stood there encoded
    fields: Mapping[str, str] = field(default_factory=dict)  # the short ones: envelope and signature


def read_posted(body: mmap, content_type: str) -> Posted:
    """Find the mail in what was posted. Raises NotUnderstood."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"message/rfc822", "message/global"}:
        return Posted(0, len(body))  # its envelope stands in its headers: Return-Path, Delivered-To
    if kind == "multipart/form-data":
        return _read_multipart(body, content_type)
    if kind == "application/x-www-form-urlencoded":
        return _read_coded(body)
    if kind == "application/json":
        return _read_json(body)
    raise NotUnderstood("Post the mail as message/rfc822, or a form or JSON with the mail as it came.")


def _read_multipart(body: mmap, content_type: str) -> Posted:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise NotUnderstood("The form names no boundary.")
    places: dict[str, tuple[int, int]] = {}
    for name, place in _parts(body, boundary[1].encode("latin-1", "replace")):
        places.setdefault(name, place)
    fields = _texts({each: body[slice(*place)] for each, place in _short(places)})
    for name in MAIL_FIELDS:
        start, end = places.get(name, (0, 0))
        if end > start:
            return Posted(start, end, *_envelope(fields), fields=fields)
    raise NotUnderstood(_NO_MAIL, fields)


def _read_coded(body: mmap) -> Posted:
    coded: dict[str, bytes] = {}
    for name, value in _pairs(body):
        coded.setdefault(name, value)
    fields = _texts({each: _decoded(coded[each][:_LONGEST_FIELD]) for each in _SHORT_FIELDS & coded.keys()})
    for name in MAIL_FIELDS:
        if coded.get(name):
            return Posted(0, 0, *_envelope(fields), decoded=_decoded(coded[name]), fields=fields)
    raise NotUnderstood(_NO_MAIL, fields)


def _read_json(body: mmap) -> Posted:
    """Read Postmark's JSON: only the two strings that are needed are decoded, of however many megabytes."""
    found: dict[bytes, str] = {}
    for key, (start, end) in _top_strings(body):
        if key in {_JSON_MAIL, _JSON_RECIPIENT} and key not in found:
            try:
                found[key] = str(json.loads(body[start:end], strict=False))
            except ValueError as trouble:
                raise NotUnderstood("The JSON is broken.") from trouble
    mail = found.get(_JSON_MAIL)
    if not mail:
        raise NotUnderstood("The JSON has no RawEmail. Let the provider include the raw mail.")
    recipient = found.get(_JSON_RECIPIENT, "").strip()
    return Posted(0, 0, "", (recipient,) if recipient else (), decoded=mail.encode("utf-8", "surrogatepass"))


def _top_strings(body: mmap) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield each key of the outermost object whose value is a string, with where that stands, quotes and all."""
    depth = place = 0
    key = b""
    while (start := body.find(b'"', place)) >= 0:
        between = body[place:start]
        depth += sum(between.count(one) for one in (b"{", b"[")) - sum(between.count(one) for one in (b"}", b"]"))
        end = _end_of_string(body, start)
        if end < 0:
            return
        if depth == 1:
            if key and between.strip() == b":":
                yield key, (start, end)
                key = b""
            else:
                key = body[start:end] if end - start < _LONGEST_KEY else b""
        place = end


def _end_of_string(body: mmap, start: int) -> int:
    """Return the place after the quote that ends a string of JSON; -1 for none."""
    place = start + 1
    while (found := body.find(b'"', place)) >= 0:
        signs = found
        while signs > place and body[signs - 1] == _BACKSLASH:
            signs -= 1
        if (found - signs) % 2 == 0:
            return found + 1
        place = found + 1
    return -1


def _parts(body: mmap, boundary: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the name of each field of a multipart form, with where its content begins and ends."""
    mark = b"--" + boundary
    begun = 0 if body[: len(mark)] == mark else _next_mark(body, mark, 0) + 2
    for _part in range(_MOST_PARTS):
        place = begun + len(mark)
        if begun == 1 or body[place : place + 2] == b"--":
            return
        head_end = body.find(b"\r\n\r\n", place, place + _LONGEST_HEAD)
        end = _next_mark(body, mark, max(head_end, place))
        if head_end < 0 or end < 0:
            return
        name = _NAME.search(body[place:head_end])
        if name is not None:
            yield (name[1] or name[2]).decode("utf-8", "replace"), (min(head_end + 4, end), end)
        begun = end + 2


def _next_mark(body: mmap, mark: bytes, place: int) -> int:
    """Return where the next line that is this mark begins, with the line end before it; -1 for none.

    A mail in the form may have marks of its own that begin like this one.
    """
    while (found := body.find(b"\r\n" + mark, place)) >= 0:
        after = found + 2 + len(mark)
        if body[after : after + 1] in {b"\r", b"-", b" ", b"\t", b""}:
            return found
        place = after
    return -1


def _short(places: dict[str, tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    for name in _SHORT_FIELDS & places.keys():
        start, end = places[name]
        yield name, (start, min(end, start + _LONGEST_FIELD))


def _pairs(body: mmap) -> Iterator[tuple[str, bytes]]:
    for pair in body[:].split(b"&", _MOST_PARTS):
        name, _equals, value = pair.partition(b"=")
        yield _decoded(name[:200]).decode("utf-8", "replace"), value


def _decoded(value: bytes) -> bytes:
    return unquote_to_bytes(value.replace(b"+", b" "))


def _texts(fields: dict[str, bytes]) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in fields.items()}


def _envelope(said: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return sender and recipients of the envelope: an "envelope" in JSON, else "sender" and "recipient"."""
    named = _json(said.get("envelope", ""))
    sender = named.get("from") or said.get("sender", "")
    recipients = named.get("to") or said.get("recipient", "").split(",")
    if not isinstance(sender, str):
        sender = ""
    found = [one.strip() for one in recipients if isinstance(one, str)] if isinstance(recipients, list) else []
    return sender.strip(), tuple(one for one in found if one)[:_MOST_RECIPIENTS]


_SHORT_FIELDS: Final = frozenset({"envelope", "sender", "recipient", "timestamp", "token", "signature"})
_NO_MAIL: Final = f"The form has no field with the mail as it came ({', '.join(MAIL_FIELDS)})."
_LONGEST_KEY: Final = 200
_BACKSLASH: Final = ord("\\")


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
