"""Bombs: mails made to exhaust a reader. Each has its seconds of the processor; the largest also their memory."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from requests_app.correspondence.parsing import parse_message
from tests.correspondence.parsing.builders import attribute, file, headers, mail, part, parts, tnef, whole

ROOT = Path(__file__).resolve().parents[3]
M = 2**20
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(500))
BOMBS = {
    "thousand-parts": lambda: whole("mixed", *[part("text/plain", b"x")] * 5_000),
    "deep-multiparts": lambda: DEEP + b"\nx",
    "deep-messages": lambda: headers("Content-Type: message/rfc822") * 500 + mail(),
    "boundary-lines": lambda: headers("Content-Type: multipart/mixed; boundary=a") + b"--a\n" * M,
    "near-boundary-lines": lambda: headers("Content-Type: multipart/mixed; boundary=a") + b"--a\n" + b"\n--ab" * M,
    "headers": lambda: b"X: y\n" * M,
    "one-header": lambda: b"Subject: " + b"a" * (4 * M),
    "folds": lambda: b"Subject: a\n" + b" \n a" * M,
    "encoded-words": lambda: b"".join(b"Subject: " + b"=?a?q?b?= " * 6_500 + b"\n" for _ in range(15)) + b"\n",
    "open-encoded-words": lambda: b"Subject: " + b"=?a?q?" * 10_000 + b"\n\n",
    "colons": lambda: b"".join(b"To: " + b":@" * 30_000 + b"\n" for _ in range(15)) + b"\n",
    "brackets": lambda: b"".join(b'To: (<"' * 9_000 + b"\n" for _ in range(15)) + b"\n",
    "one-long-word": lambda: b"To: " + b"a" * 60_000 + b"\n\n",
    "parameters": lambda: b"Content-Type: text/plain" + b";a*0*=x''%" * 6_000 + b"\n\n",
    "open-tags": lambda: mail("Content-Type: text/html", body=b"<" * M),
    "tags": lambda: mail("Content-Type: text/html", body=b"<p>a" * M),
    "open-scripts": lambda: mail("Content-Type: text/html", body=b"<head></script" * 100_000),
    "open-comments": lambda: mail("Content-Type: text/html", body=b"<!--" * M),
    "uuencode-lines": lambda: mail(body=b"begin 644 x\n" * M),
    "equals-signs": lambda: part("application/pdf", b"A=" * (2 * M), "Content-Transfer-Encoding: base64"),
    "rich-text-groups": lambda: part("text/rtf", b"{\\'41" * (M // 2)),
    "rich-text-parts": lambda: whole("mixed", *[part("text/rtf", b"{\\'41}" * 2_000)] * 300),
    "page-parts": lambda: whole("mixed", *[part("text/html", b"<p>a" * 2_000)] * 300),
    "calendars": lambda: whole("mixed", *[part("text/calendar", b"BEGIN:VEVENT\nEND:VEVENT\n" * 5_000)] * 50),
    "tnef-records": lambda: part("application/ms-tnef", tnef(attribute(1, 0x10006, b"") * M)),
    "tnef-counts": lambda: part("application/ms-tnef", tnef(attribute(1, 0x69004, struct.pack("<I", 2**32 - 1)))),
    "report-groups": lambda: part("message/delivery-status", b"Action: failed\n\n" * M),
    "quotes": lambda: mail(body=b">" * M + b"\n> " * M),
    "flowed": lambda: part("text/plain; format=flowed", b"a \n" * M),
}


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_no_bomb_lasts(bomb):
    raw = BOMBS[bomb]()
    started = time.process_time()
    message = parse_message(raw)
    assert time.process_time() - started < 2
    assert all(one.code != "unreadable" for one in message.notes)


def test_what_is_beyond_a_bound_is_said():
    def codes(bomb: str) -> set[str]:
        return {one.code for one in parse_message(BOMBS[bomb]()).notes}

    assert "too_many_parts" in codes("thousand-parts")
    assert "too_deep" in codes("deep-multiparts")
    assert "too_deep" in codes("deep-messages")
    assert "headers_cut" in codes("headers")
    assert "page_long" in codes("tags")
    assert len(parse_message(BOMBS["thousand-parts"]()).text) > 0


def test_forty_levels_are_read():
    raw = mail(body=b"Deepest")
    for depth in range(39):
        raw = headers(f"Content-Type: multipart/mixed; boundary=b{depth}") + parts(raw, boundary=f"b{depth}")
    message = parse_message(raw)
    assert message.text == "Deepest"
    assert "too_deep" not in [one.code for one in message.notes]


LARGE = {
    "a file of 37 MB": 'whole("mixed", part("text/plain", b"See."), file("a.pdf", bytes(range(256)) * 145_000))',
    "a forwarded file of 37 MB": 'headers("Content-Type: message/rfc822") + '
    'whole("mixed", part("text/plain", b"See."), file("a.pdf", bytes(range(256)) * 145_000))',
    "short lines": 'mail(body=b"a\\n" * (25 * 2**20))',
    "one line of faces": 'mail(body="\U0001f600".encode() * (12 * 2**20))',
    "winmail.dat": 'whole("mixed", file("winmail.dat", '
    'tnef(*tnef_file("a.pdf", bytes(range(256)) * 145_000)), "application/ms-tnef"))',
    ".msg": 'whole("mixed", file("a.msg", '
    'compound(message_folder({}, 32, [msg_file("a.pdf", bytes(range(256)) * 45_000)] * 3)), '
    '"application/vnd.ms-outlook"))',
}
MEASURE = """
import json, sys, time
from pathlib import Path
from requests_app.correspondence.parsing import parse_message
from tests.correspondence.parsing.fuzz import peak_megabytes
raw = Path(sys.argv[1]).read_bytes()
started = time.process_time()
message = parse_message(raw)
print(json.dumps([len(raw), peak_megabytes(), time.process_time() - started,
                  [len(one.content) for one in message.attachments], [one.code for one in message.notes]]))
"""


@pytest.mark.processes
@pytest.mark.same_everywhere
@pytest.mark.parametrize("large", sorted(LARGE))
def test_fifty_megabytes_fit_into_three_hundred(large, tmp_path):
    """Written by one process and read by another, so that only reading is measured."""
    path = tmp_path / "mail.eml"
    write = f"from tests.correspondence.parsing.builders import *; open({str(path)!r}, 'wb').write({LARGE[large]})"
    subprocess.run([sys.executable, "-c", write], cwd=ROOT, check=True)
    measured = subprocess.run([sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    size, megabytes, seconds, files, codes = json.loads(measured.stdout)
    assert size > 40 * M
    assert megabytes < 300
    assert seconds < 5
    assert "unreadable" not in codes
    assert "file" not in large or 256 * 145_000 in files
    assert large != ".msg" or files[:3] == [256 * 45_000] * 3


def test_the_bytes_of_a_file_come_before_those_of_the_message_around_it(monkeypatch):
    """Where there is no room for both, the file is what a person wants."""
    monkeypatch.setattr("requests_app.correspondence.parsing.gathering.Gathering.__init__", _small_room())
    message = parse_message(headers("Content-Type: message/rfc822") + whole("mixed", file("a.pdf", b"x" * 900)))
    assert [(one.name, len(one.content), one.omitted) for one in message.attachments] == [
        ("Your request.eml", 0, True),
        ("a.pdf", 900, False),
    ]
    assert [one.code for one in message.notes if one.code != "no_sender"] == ["not_taken_out"]


def _small_room():  # type: ignore[no-untyped-def]
    from requests_app.correspondence.parsing.gathering import Gathering

    original = Gathering.__init__

    def small(self, *arguments, **named):  # type: ignore[no-untyped-def]
        original(self, *arguments, **named)
        self.room = 1_000

    return small
