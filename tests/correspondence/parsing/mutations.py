"""Broken mails without end: each made from a seed of ours by a number, so that any one of them can be made again."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable

from tests.correspondence.parsing.builders import file, headers, parts, saved_message, whole, winmail
from tests.correspondence.parsing.seeds import RTF, SEEDS

NAMES = sorted(SEEDS)
WINMAIL, SAVED = winmail(), saved_message()
# Values that break readers: endless, unclosed, contradictory, out of range.
HOSTILE_VALUES = [
    b"",
    b" ",
    b"\x00",
    b"\xff" * 50,
    b'"',
    b'"' * 999,
    b"(" * 5_000,
    b"<" * 5_000,
    b"<<<>>>,,,;;;:::",
    b"," * 3_000,
    b"=?" * 2_000,
    b"=?utf-8?q?" * 500,
    b"=?utf-8?b?////" + b"?=" * 300,
    b"=?unicode_escape?q?=5Cx41?=",
    b"=?utf-7?q?+2AAA-?=",
    b"=?idna?q?xn--a?=",
    b"a" * 70_000,
    b"a@" * 2_000,
    b"\\" * 999,
    b"x\r\n " * 400,
    b"multipart/mixed",
    b'multipart/mixed; boundary=""',
    b'multipart/mixed; boundary="--"',
    b"multipart/mixed; boundary=a; boundary=b",
    b"message/rfc822",
    b"message/delivery-status",
    b"message/partial; number=99999999999; total=x",
    b"application/ms-tnef",
    b"application/vnd.ms-outlook",
    b"text/rtf",
    b"text/enriched",
    b"text/plain; format=flowed; delsp=yes",
    b"text/plain; charset=utf-16",
    b"text/plain; charset=iso-2022-jp",
    b"text/calendar",
    b"text/plain; charset=zlib",
    b"attachment; filename=" + b"../" * 200 + b"CON",
    b"attachment; filename*0*=x''%; filename*999=y",
    b"attachment; filename*=utf-8''%E2%80%AE%00%FF",
    b"text/html; charset=utf-7",
    b"Mon, 99 Xxx 99999 99:99:99 +9999",
    b"Fri, 31 Dec 9999 23:59:59 -2359",
    b"Thu, 1 Jan 0001 00:00:00 +2359",
    b"; " * 3_000,
    b";a=" * 3_000,
    b";a*0=b" * 300,
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"BASE64 ",
    b"auto-replied",
    b"<>",
    b"<a@b" + b"<c@d" * 800,
]
HEADER_NAMES = [
    b"From",
    b"To",
    b"Cc",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"References",
    b"In-Reply-To",
    b"Content-Type",
    b"Content-Transfer-Encoding",
    b"Content-Disposition",
    b"Content-ID",
    b"Return-Path",
    b"Auto-Submitted",
    b"Precedence",
    b"X-Failed-Recipients",
    b"Received",
    b"Delivered-To",
    b"List-Id",
    b"Authentication-Results",
]
CHARSETS = [
    b"us-ascii",
    b"utf-8",
    b"utf-7",
    b"utf-16",
    b"iso-2022-jp",
    b"gb2312",
    b"big5",
    b"cp037",
    b"x-none",
    b"punycode",
    b"hz",
]
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"--=-limit\r\n",
    b"--=-limit--\r\n",
    b"\r\n\r\n",
    b"begin 644 x\n",
    b"end\n",
    b"<",
    b">",
    b"<!--",
    b"&#",
    b"\x1b$B",
    b"+",
    b"=\n",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"> ",
    b"-- \n",
    b"{\\rtf1",
    b"}",
    b"\\u-1?",
    b"<script",
    b"<blockquote>",
    b"-----BEGIN PGP MESSAGE-----",
    b"From: ",
    b"Content-Type: multipart/mixed; boundary==-limit\r\n",
    b"BEGIN:VEVENT\n",
]


def mutated(number: int) -> bytes:
    """Return the broken mail of this number: the same bytes for the same number on every machine."""
    chance = random.Random(number)
    raw = SEEDS[NAMES[number % len(NAMES)]]
    for _step in range(chance.choice((1, 1, 2, 2, 3, 5, 8))):
        raw = chance.choice(MUTATIONS)(raw, chance)
    # One in forty may be large; the rest is kept small, so that there can be many.
    return raw[: 2_000_000 if chance.random() < 0.025 else 30_000]


def _flip(raw: bytes, chance: random.Random) -> bytes:
    broken = bytearray(raw)
    for _place in range(chance.choice((1, 1, 3, 20)) if broken else 0):
        broken[chance.randrange(len(broken))] = chance.choice(
            (0, 10, 13, 32, 34, 45, 60, 61, 127, 255, chance.randrange(256))
        )
    return bytes(broken)


def _cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _remove(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    return raw[:start] + raw[start + chance.choice((1, 2, 10, 200)) :]


def _insert(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    return raw[:start] + chance.choice(PIECES) * chance.choice((1, 1, 2, 50, 3_000)) + raw[start:]


def _repeat(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    stretch = raw[start : start + chance.choice((2, 10, 100, 1_000))]
    return raw[:start] + stretch * chance.choice((2, 5, 50, 500)) + raw[start:]


def _splice(raw: bytes, chance: random.Random) -> bytes:
    other = SEEDS[chance.choice(NAMES)]
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]


def _noise(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    return raw[:start] + chance.randbytes(chance.choice((1, 16, 400))) + raw[start:]


def _header_value(raw: bytes, chance: random.Random) -> bytes:
    """Replace the value of a header, anywhere in the mail."""
    found = list(re.finditer(rb"(?m)^[A-Za-z-]{2,40}: ?([^\r\n]*)", raw[:20_000]))
    if not found:
        return _header_add(raw, chance)
    one = chance.choice(found)
    return raw[: one.start(1)] + chance.choice(HOSTILE_VALUES) + raw[one.end(1) :]


def _header_add(raw: bytes, chance: random.Random) -> bytes:
    line = chance.choice(HEADER_NAMES) + b": " + chance.choice(HOSTILE_VALUES) + b"\r\n"
    return line * chance.choice((1, 1, 2, 30)) + raw


def _header_drop(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    del lines[chance.randrange(len(lines))]
    return b"\r\n".join(lines)


def _charset(raw: bytes, chance: random.Random) -> bytes:
    return re.sub(rb"utf-8|iso-8859-1|us-ascii", lambda _found: chance.choice(CHARSETS), raw)


def _encoding(raw: bytes, chance: random.Random) -> bytes:
    return re.sub(
        rb"base64|quoted-printable",
        lambda _found: chance.choice((b"base64", b"quoted-printable", b"x-uue", b"8bit")),
        raw,
    )


def _boundary(raw: bytes, chance: random.Random) -> bytes:
    places = [found.start() for found in re.finditer(rb"=-limit", raw)]
    if not places:
        return raw
    place = chance.choice(places)
    return raw[:place] + chance.choice((b"=-limi", b"x", b"", b"=-limit=-limit")) + raw[place + 7 :]


def _nest(raw: bytes, chance: random.Random) -> bytes:
    """Put the mail into another, once or many times."""
    for depth in range(chance.choice((1, 2, 5, 60))):
        boundary = f"nest{depth}"
        if chance.random() < 0.5:
            raw = headers(f"Content-Type: multipart/mixed; boundary={boundary}") + parts(
                raw, boundary=boundary, closed=chance.random() < 0.8
            )
        else:
            raw = headers("Content-Type: message/rfc822") + raw
        if len(raw) > 500_000:
            break
    return raw


def _bomb(raw: bytes, chance: random.Random) -> bytes:
    """Many parts, each the same."""
    one = raw[: chance.choice((10, 100, 2_000))]
    return whole("mixed", *[one] * chance.choice((10, 300, 1_200)))


def _container(raw: bytes, chance: random.Random) -> bytes:
    """Break what stands inside winmail.dat, .msg or rich text, with its wrapping left whole."""
    inner, name, kind = chance.choice(
        (
            (WINMAIL, "winmail.dat", "application/ms-tnef"),
            (SAVED, "m.msg", "application/vnd.ms-outlook"),
            (RTF * chance.choice((1, 300)), "", "text/rtf"),
        )
    )
    for _step in range(chance.choice((1, 2, 6))):
        inner = chance.choice((_flip, _cut, _remove, _repeat, _noise, _numbers))(inner, chance)
    if kind == "text/rtf":
        return headers("Content-Type: text/rtf", "Content-Transfer-Encoding: base64") + base64.encodebytes(inner)
    return whole("mixed", raw[:500], file(name, inner, kind))


def _numbers(raw: bytes, chance: random.Random) -> bytes:
    """Replace four bytes by a number that sizes and counts do not expect."""
    if len(raw) < 8:
        return raw
    start = chance.randrange(0, len(raw) - 4)
    number = chance.choice((0, 1, 2, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0x10000, len(raw)))
    return raw[:start] + number.to_bytes(4, "little") + raw[start + 4 :]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _cut,
    _remove,
    _insert,
    _repeat,
    _splice,
    _noise,
    _header_value,
    _header_value,
    _header_add,
    _header_drop,
    _charset,
    _encoding,
    _boundary,
    _nest,
    _bomb,
    _container,
    _container,
    _numbers,
)
