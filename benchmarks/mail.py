"""Incoming mail read: messages a second on one core, and the most memory that a mail of 50 MB takes.

The large mail is written by one process and read by another, so that only reading is in the figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, peak_memory_mb
from requests_app.correspondence.parsing import parse_message
from tests.correspondence.parsing.builders import file, mail, part, whole

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
SECONDS = 0.5
LETTER = b"Dear requester,\r\n\r\nWe received your request and need 10 more business days.\r\n\r\n-- \r\nRecords\r\n"


def text() -> bytes:
    """A letter as an agency's clerk sends it: plain text and page."""
    page = b"<html><body><p>" + LETTER.replace(b"\r\n", b"<br>") + b"</p></body></html>"
    return whole("alternative", part("text/plain", LETTER), part("text/html", page))


def with_pdf() -> bytes:
    """A letter with a PDF of 2 MB."""
    return whole("mixed", part("text/plain", LETTER), file("response.pdf", bytes(range(256)) * 8_192))


def fifty_parts() -> bytes:
    """A letter with 50 files of 4 KB."""
    return whole("mixed", part("text/plain", LETTER), *[file(f"page-{n}.tif", b"II*\0" * 1_024) for n in range(50)])


def large() -> bytes:
    """A mail of 50 MB: one file in base64."""
    return whole("mixed", part("text/plain", LETTER), file("boxes.pdf", bytes(range(256)) * 145_000))


def rate(raw: bytes) -> float:
    """Return how many such mails one core reads in a second: the best of several rounds of its own time."""
    parse_message(raw)
    best = 0.0
    for _round in range(ROUNDS):
        count, start = 0, time.process_time()
        while (taken := time.process_time() - start) < SECONDS:
            parse_message(raw)
            count += 1
        best = max(best, count / taken)
    return best


def peak_of_a_large_mail() -> float:
    """Return the most memory, in megabytes, of a process that reads a mail of 50 MB."""
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder:
        path = f"{folder}/large.eml"
        subprocess.run([sys.executable, "-m", "benchmarks.mail", "--write", path], cwd=ROOT, check=True)
        read = [sys.executable, "-m", "benchmarks.mail", "--read", path]
        return float(subprocess.run(read, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def figures() -> list[Figure]:
    """Every figure of this part."""
    assert parse_message(mail()).text
    return [
        Figure("mails read on one core: text", rate(text()), "a second", 200, more_is_better=True),
        Figure("mails read on one core: with a PDF of 2 MB", rate(with_pdf()), "a second", 25, more_is_better=True),
        Figure("mails read on one core: 50 files", rate(fifty_parts()), "a second", 25, more_is_better=True),
        Figure("memory peak, reading a mail of 50 MB", peak_of_a_large_mail(), "MB", 300),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        Path(sys.argv[2]).write_bytes(large())
    elif sys.argv[1:2] == ["--read"]:
        assert len(parse_message(Path(sys.argv[2]).read_bytes()).attachments) == 1
        print(peak_memory_mb())
    else:
        print(json.dumps([figure.plain() for figure in figures()]))
