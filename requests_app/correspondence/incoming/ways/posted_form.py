"""What a mail provider posts: the mail as it came, alone or as a field of a form, with its envelope. Pure.

The fields are found where they stand, without making objects of a form of 60 MB: the mail is handed on as a slice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Final
from urllib.parse import unquote_to_bytes

# The field with the whole mail, byte for byte: "body-mime" (Mailgun), "email" (SendGrid), and plain names.
MAIL_FIELDS: Final = ("body-mime", "email", "raw", "mime", "message")
_MOST_PARTS: Final = 200
_LONGEST_HEAD: Final = 8_192  # of one part of a form
_LONGEST_FIELD: Final = 100_000  # of those with the envelope
_MOST_RECIPIENTS: Final = 100
_NAME: Final = re.compile(rb'\bname="((?:[^"\\]|\\.){1,200})"|\bname=([^\s;"]{1,200})', re.IGNORECASE)
_BOUNDARY: Final = re.compile(r'boundary="?([^\s";,]{1,200}?)"?\s*(?:;|$)', re.IGNORECASE)


class NotUnderstood(Exception):
    """What was posted holds no mail. The text says what is missing."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as it was posted: where its bytes are, and the envelope as far as the provider names it."""

    start: int
    end: int
    sender: str = ""
    recipients: tuple[str, ...] = ()
    decoded: bytes | None = None  # the mail itself, where the form had it percent-encoded


def read_posted(body: mmap, content_type: str) -> Posted:
    """Find the mail in what was posted. Raises NotUnderstood."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"message/rfc822", "message/global"}:
        return Posted(0, len(body))  # its envelope stands in its headers: Return-Path, Delivered-To
    if kind == "multipart/form-data":
        boundary = _BOUNDARY.search(content_type)
        if boundary is None:
            raise NotUnderstood("The form names no boundary.")
        places: dict[str, tuple[int, int]] = {}
        for name, place in _parts(body, boundary[1].encode("latin-1", "replace")):
            places.setdefault(name, place)
        for name in MAIL_FIELDS:
            start, end = places.get(name, (0, 0))
            if end > start:
                return Posted(start, end, *_envelope({each: body[slice(*place)] for each, place in _short(places)}))
    elif kind == "application/x-www-form-urlencoded":
        coded = dict(_pairs(body))
        for name in MAIL_FIELDS:
            if coded.get(name):
                mail = _decoded(coded[name])
                short = {each: coded[each][:_LONGEST_FIELD] for each in _ENVELOPE_FIELDS if each in coded}
                return Posted(0, 0, *_envelope({each: _decoded(value) for each, value in short.items()}), decoded=mail)
    else:
        raise NotUnderstood("Post the mail as message/rfc822, or a form with the mail as it came.")
    raise NotUnderstood(f"The form has no field with the mail as it came ({', '.join(MAIL_FIELDS)}).")


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
    for name in _ENVELOPE_FIELDS & places.keys():
        start, end = places[name]
        yield name, (start, min(end, start + _LONGEST_FIELD))


def _pairs(body: mmap) -> Iterator[tuple[str, bytes]]:
    for pair in body[:].split(b"&", _MOST_PARTS):
        name, _equals, value = pair.partition(b"=")
        yield _decoded(name[:200]).decode("utf-8", "replace"), value


def _decoded(value: bytes) -> bytes:
    return unquote_to_bytes(value.replace(b"+", b" "))


def _envelope(fields: dict[str, bytes]) -> tuple[str, tuple[str, ...]]:
    """Return sender and recipients of the envelope: an "envelope" in JSON, else "sender" and "recipient"."""
    said = {name: value.decode("utf-8", "replace") for name, value in fields.items()}
    named = _json(said.get("envelope", ""))
    sender = named.get("from") or said.get("sender", "")
    recipients = named.get("to") or said.get("recipient", "").split(",")
    if not isinstance(sender, str):
        sender = ""
    found = [one.strip() for one in recipients if isinstance(one, str)] if isinstance(recipients, list) else []
    return sender.strip(), tuple(one for one in found if one)[:_MOST_RECIPIENTS]


_ENVELOPE_FIELDS: Final = frozenset({"envelope", "sender", "recipient"})


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
