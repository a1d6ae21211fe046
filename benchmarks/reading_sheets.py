"""A sheet of 100,000 rows: read, windows of it, sorted, filtered, searched. Reading stands beside calamine's.

`python -m benchmarks.reading_sheets` prints the lines itself when no other process asks for them. Needs a migrated
database; it keeps nothing in it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import django
import python_calamine

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from benchmarks.figures import Figure, peak_memory_mb, spread_ms  # noqa: E402
from requests_app.documents.ingest.steps import sheets as sheets_step  # noqa: E402
from requests_app.documents.ingest.work import Work  # noqa: E402
from requests_app.documents.models import Blob, Sheet  # noqa: E402
from requests_app.documents.readers.sheets import BlockFound, SheetsOrder, read  # noqa: E402
from requests_app.documents.sheets import queries  # noqa: E402
from requests_app.documents.sheets.choices import Choices, Condition  # noqa: E402
from requests_app.documents.sheets.finding import find  # noqa: E402
from requests_app.documents.sheets.ordering import ordered, rows_of, without  # noqa: E402
from requests_app.documents.sheets.table import look_of, rows_html  # noqa: E402
from tests.documents.sheets.made_up import MAIN, styles, xlsx  # noqa: E402

ROWS = int(os.environ.get("BENCH_SHEET_ROWS", "100000"))
WINDOW = 100


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder, transaction.atomic():
        settings.DERIVED_DIR = folder
        figures = measured(large_sheet(Path(folder) / "large.xlsx"), Path(folder))
        transaction.set_rollback(True)
    if sys.stdout.isatty() or "--lines" in sys.argv:
        for figure in figures:
            print(figure.line())
    else:
        print(json.dumps([figure.plain() for figure in figures]))


def measured(path: Path, folder: Path) -> list[Figure]:
    """Return the figures."""
    began = time.process_time()
    rows = sum(1 for _row in python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows())
    alone = time.process_time() - began
    assert rows == ROWS + 1
    began = time.process_time()
    blocks = sum(isinstance(found, BlockFound) for found in read(path, SheetsOrder(), folder))
    ours = time.process_time() - began
    assert blocks
    figures = [
        Figure("calamine alone: values of 100,000 rows of 10 columns", alone, "s", 5),
        Figure("our reading: with formats, profile and blocks", ours, "s", 30),
        Figure("our reading, times calamine's", ours / alone, "times", 20),
    ]
    sheet, seconds = kept(path, folder)
    figures.append(Figure("the whole step, sandbox and writing included", seconds, "s", 45))
    rows_in_order = rows_of(sheet, Choices())
    by_count = Choices(sort=6)
    natural = without(2, sheet.rows, [], [])
    _clock, own = spread_ms(partial(ordered, sheet, by_count, natural), 5)
    figures.append(Figure("making an order by a column, once", own.median, "ms", 3000))
    some = Choices(conditions=(Condition(1, "contains", "Agency 77"),))
    _clock, own = spread_ms(partial(ordered, sheet, some, natural), 5)
    figures.append(Figure("making a filter, once", own.median, "ms", 3000))
    in_order = rows_of(sheet, by_count)
    for name, chosen in (("a window of the sheet", rows_in_order), ("a window of the sorted sheet", in_order)):
        places: Iterator[int] = iter(random.Random(7).choices(range(ROWS - WINDOW), k=100))

        def window(chosen: Any = chosen, places: Iterator[int] = places) -> None:
            start = next(places)
            numbers = chosen.part(start, start + WINDOW)
            rows_html(queries.seen(sheet, numbers), look_of(sheet, Choices(), range(1, 11)), start)

        _clock, own = spread_ms(window, 40)
        figures.append(Figure(f"{name}, 100 rows", own.median, "ms", 50))
        figures.append(Figure(f"{name}, one in twenty slower than", own.p95, "ms", 50))
    _clock, own = spread_ms(partial(find, "Agency 77123", [sheet]), 5)
    figures.append(Figure("finding one cell in all rows", own.median, "ms", 1500))
    figures.append(Figure("memory of this process, which read it itself as well", peak_memory_mb(), "MB", 400))
    return figures


def kept(path: Path, folder: Path) -> tuple[Sheet, float]:
    """Run the step on the file. Returns its sheet and the seconds by the clock."""
    blob = Blob.objects.create(
        sha256="b" * 64, size=path.stat().st_size, kind="spreadsheet", media_type="x/y", stored_at=datetime.now(UTC)
    )
    began = time.perf_counter()
    outcome = sheets_step.step(
        Work(
            blob=blob, folder=folder, original=lambda: path, renew=lambda _done, _of: None,
            slice_ends=time.monotonic() + 3600, results={}, earlier={},
        )
    )  # fmt: skip
    assert outcome.state == "done"
    return Sheet.objects.get(blob=blob), time.perf_counter() - began


def large_sheet(path: Path) -> Path:
    """Write a workbook of ROWS rows under a header: shared texts, dates, whole numbers, shares and amounts."""
    chance = random.Random(7)
    texts = ["Agency", "Office", "State", "Opened", "Closed", "Count", "Other", "Share", "Amount", "Note"]
    texts += [f"Agency {number}" for number in range(ROWS)] + [f"Office {number}" for number in range(50)]
    lines = ['<row r="1">' + "".join(f'<c t="s"><v>{number}</v></c>' for number in range(10)) + "</row>"]
    for number in range(ROWS):
        day = 43000 + chance.randrange(2000)
        lines.append(
            f'<row r="{number + 2}"><c t="s"><v>{number + 10}</v></c><c t="s"><v>{ROWS + 10 + number % 50}</v></c>'
            f'<c t="s"><v>2</v></c><c s="1"><v>{day}</v></c><c s="1"><v>{day + 30}</v></c>'
            f"<c><v>{chance.randrange(100000)}</v></c><c><v>{chance.randrange(10)}</v></c>"
            f'<c s="2"><v>{chance.random()}</v></c><c s="3"><v>{chance.randrange(10**7) / 100}</v></c>'
            f'<c t="s"><v>9</v></c></row>'
        )
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    parts = {
        "xl/styles.xml": styles("m/d/yyyy", "0.0%", '"$"#,##0.00'),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    }
    made = xlsx(path, f"<sheetData>{''.join(lines)}</sheetData>", parts=parts)
    assert zipfile.is_zipfile(made)
    return made


if __name__ == "__main__":
    main()
