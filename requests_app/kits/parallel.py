"""Many letters as PDF at once: WeasyPrint in every core, one process each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from requests_app.kits.rendering import to_pdf

AHEAD = 4  # pages handed to each process before their turn, so that none waits for the next


def to_pdfs(pages: Iterable[tuple[str, str]], workers: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Walk (name, PDF) for pages given as (name, HTML), each as soon as it is done, in no particular order.

    `workers`: how many processes; None: one for each core. The pages are taken one after another while earlier ones
    are being made, so that a caller may compose them on the way. An error of a page is raised here and ends the work.
    """
    count = workers or os.cpu_count() or 1
    # Not "fork": the caller may have threads and open connections, which a copy of it must not touch.
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("forkserver")) as pool:
        underway: dict[Future[bytes], str] = {}
        try:
            for name, html in pages:
                underway[pool.submit(to_pdf, html)] = name
                while len(underway) >= count * AHEAD:
                    done = next(as_completed(underway))
                    yield underway.pop(done), done.result()
            for done in as_completed(list(underway)):
                yield underway.pop(done), done.result()
        finally:
            for rest in underway:
                rest.cancel()
