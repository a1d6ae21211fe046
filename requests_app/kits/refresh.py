"""After an edit of the law book: which sentences of the letters have to be read again.

`python -m requests_app.kits.refresh` lists each sentence whose ground has changed. Read it, correct it in
`data/voices/<CODE>.json` where it is no longer right, then run it with `--accept CODE` to write the new fingerprints.
A sentence that names a rule with another number or citation cannot be accepted; it has to be corrected.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from requests_app.kits.catalog import DATA, voice
from requests_app.kits.voices import fingerprint, rule_behind
from requests_app.law.book import CODES, open_book
from requests_app.law.schema import Statute

_GROUPS = ("statements", "electronic", "time", "fees", "waiver", "withholding")


def outdated(statute: Statute, on: date) -> Iterator[str]:
    """Walk the sentences of a jurisdiction whose ground has changed, each with what changed."""
    for clause in voice(statute.code).clauses():
        facts = [fact for fact, known in clause.facts.items() if fingerprint(statute, fact) != known]
        rules = [basis.citation for basis in clause.rules if rule_behind(basis, statute, on) is None]
        if facts or rules:
            yield f"{statute.code}: {', '.join((*facts, *rules))} changed: {clause.text}"


def accept(statute: Statute, voices: Path = DATA / "voices") -> int:
    """Write the present fingerprints of a jurisdiction's sentences; return how many were new."""
    path = voices / f"{statute.code}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    renewed = 0
    for clause in (clause for group in _GROUPS for clause in raw[group]):
        for fact, known in clause["facts"].items():
            present = fingerprint(statute, fact)
            renewed += present != known
            clause["facts"][fact] = present
    path.write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return renewed


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m requests_app.kits.refresh", description=__doc__)
    parser.add_argument("--accept", nargs="+", metavar="CODE", default=[], help="read and found right: write it down")
    chosen = parser.parse_args(arguments)
    book, today = open_book(), date.today()  # noqa: DTZ011 - rules change by day, and a day more or less does not matter
    for code in chosen.accept:
        sys.stdout.write(f"{code.upper()}: {accept(book.statute(code))} fingerprints written\n")
    if chosen.accept:
        return 0
    found = [line for code in CODES for line in outdated(book.statute(code), today)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
