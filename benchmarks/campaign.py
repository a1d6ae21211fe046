"""A campaign of 52 jurisdictions x 2 agencies: 104 letters composed and printed, against WeasyPrint's own time.

Both sides use one process for each core. WeasyPrint's own time is that of the same finished pages, with nothing of ours
around it but the pool; what is over 1.00 is what composing, our templates and passing pages about add to it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

from benchmarks.figures import Figure  # noqa: E402
from benchmarks.pure import weasyprint_alone  # noqa: E402
from benchmarks.samples import sample_letter  # noqa: E402
from requests_app.kits import rendering  # noqa: E402
from requests_app.kits.parallel import to_pdfs  # noqa: E402
from requests_app.law.book import CODES  # noqa: E402

STATES = int(os.environ.get("BENCH_STATES", str(len(CODES))))
AGENCIES = 2


def campaign() -> Figure:
    """The whole campaign against WeasyPrint alone on the same pages with the same number of processes."""
    # Both orders once: what else the machine does meanwhile, and what grows warm, falls on both sides alike.
    html = [page for _name, page in _pages()]
    first_ours, first_own = _ours(), _alone(html)
    second_own, second_ours = _alone(html), _ours()
    ratio = min(first_ours, second_ours) / min(first_own, second_own)
    return Figure(f"{len(html)} letters with PDFs, against WeasyPrint alone", ratio, "times", 1.15)


def _pages() -> Iterator[tuple[str, str]]:
    for code in CODES[:STATES]:
        for number in range(AGENCIES):
            yield f"{code}-{number}", rendering.to_html(sample_letter(code, "K1"))


def _ours() -> float:
    start = time.perf_counter()
    written = sum(len(pdf) > 0 for _name, pdf in to_pdfs(_pages()))
    assert written == STATES * AGENCIES
    return time.perf_counter() - start


def _alone(html: list[str]) -> float:
    """WeasyPrint's own time; its processes are warm before the clock starts, ours are not."""
    context, cores = multiprocessing.get_context("forkserver"), os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        assert all(pool.map(weasyprint_alone, html[: cores * 2]))
        start = time.perf_counter()
        assert sum(1 for _pdf in pool.map(weasyprint_alone, html)) == STATES * AGENCIES
        return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps([campaign().plain()]))
