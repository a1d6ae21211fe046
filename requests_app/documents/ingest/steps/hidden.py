"""Hidden: what a file holds beside what it shows, for those who review it.

1. Go on at the page where the last part of this step ended; the findings so far are in its result.
2. Take the findings of a PDF page by page, of an office file all at once.
3. Keep the first few hundred, and how many there were of each kind.

Nothing is taken out of the file or made public here. What to do with a finding is a person's to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from requests_app.documents import passwords, sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.readers import hidden_office, hidden_pdf
from requests_app.documents.readers.hidden import MOST, Hidden
from requests_app.documents.rendering.paged import paged_of
from requests_app.documents.sandbox import Limits

PDF: Final = "requests_app.documents.readers.hidden_pdf:hidden"
OFFICE: Final = "requests_app.documents.readers.hidden_office:hidden"
LIMITS: Final = Limits(seconds=240, cpu_seconds=240)
A_PART: Final = 25  # pages between two looks at the clock


class _Found:
    """The findings so far."""

    def __init__(self, earlier: dict[str, Any]) -> None:
        self.kept: list[dict[str, Any]] = list(earlier.get("hidden", []))
        self.all = Counter(earlier.get("all", {}))

    def add(self, hidden: Iterable[Hidden]) -> None:
        """Keep more of them."""
        for one in hidden:
            self.all[one.kind] += 1
            if len(self.kept) < MOST:
                self.kept.append(msgspec.to_builtins(one))

    @property
    def result(self) -> dict[str, Any]:
        """As the step's row keeps them: `documents.hidden.hidden_of` reads it."""
        return {"hidden": self.kept, "all": dict(self.all)}


def step(work: Work) -> Outcome:
    """Result: `hidden`, the findings; `all`, how many of each kind."""
    found = _Found(work.earlier)
    if work.blob.kind != "pdf":
        order = hidden_office.HiddenOrder(passwords.known_for(work.blob))
        found.add(sandbox.run(OFFICE, work.original(), order=order, kind=Hidden, limits=LIMITS, output=work.folder))
        return Outcome.done(**found.result)
    paged = paged_of(work.blob, work.original)
    begin = int(work.earlier.get("next", 1))
    for page in sandbox.run(
        PDF, paged.path, order=hidden_pdf.HiddenOrder(paged.source.passwords, begin), kind=hidden_pdf.HiddenOnPage,
        limits=LIMITS,
    ):  # fmt: skip
        found.add(page.hidden)
        work.progress(page.number, page.of)
        if page.number % A_PART == 0 and 0 < page.number < page.of and work.time_is_up:
            return Outcome.more(next=page.number + 1, **found.result)
    return Outcome.done(**found.result)
