"""How far the reading is: of single documents, and of everything."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from requests_app.documents import queries as documents
from requests_app.documents.ingest import kinds, wording
from requests_app.documents.models import Blob, Document, Step
from requests_app.people.models import Person

State = Step.State
MEGABYTE = 1024 * 1024
CHUNK = 500
LEARNED_FROM = 2000  # the newest steps that are done
ENOUGH = 3  # steps of a name that must be done before we say how long one takes
LEARNED_LASTS = 60.0  # seconds
SHOWN = 50  # files in one list of the page
OPEN: Final = (State.LATER, State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class Rate:
    """What steps of one name took lately: seconds for each page (or what it counts), and for each megabyte."""

    a_unit: float | None
    a_megabyte: float | None

    def left(self, step: StepNow, size: int) -> float | None:
        """Return how many seconds a step may still take; None when that cannot be known yet."""
        if step.units_all and self.a_unit is not None:
            return self.a_unit * max(0, step.units_all - step.units_done)
        # Each file costs something, however small it is.
        return None if self.a_megabyte is None else self.a_megabyte * max(size / MEGABYTE, 0.1)


@dataclass(frozen=True)
class StepNow:
    """One step of a document, as it stands at this moment."""

    name: str
    state: str
    trouble: str
    units_done: int
    units_all: int
    waits_until: datetime | None
    rank: datetime

    @property
    def words(self) -> str:
        """What it does."""
        return wording.doing(self.name)

    @property
    def counted(self) -> str:
        """How far it is: 12 of 300 pages."""
        return wording.counted(self.name, self.units_done, self.units_all)

    @property
    def standing(self) -> str:
        """Its state, in words."""
        return str(State(self.state).label)

    @property
    def why(self) -> str:
        """Why it did not work, or what it waits for."""
        if self.state == State.FAILED:
            return wording.trouble(self.name, self.trouble)
        return wording.waits_because(self.trouble) if self.state == State.WAITING and self.trouble else ""

    @property
    def share(self) -> float:
        """Return how much of it is done, from 0 to 1."""
        if self.state not in OPEN:
            return 1.0
        return self.units_done / self.units_all if self.units_all else 0.0


@dataclass(frozen=True)
class Progress:
    """How far the reading of one document is."""

    steps: list[StepNow] = field(default_factory=list)
    seconds_left: float | None = None  # of its own work
    seconds_before: float | None = None  # of the work that comes before it

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return any(step.state in OPEN for step in self.steps)

    @property
    def running(self) -> list[StepNow]:
        """Return what is being done at this moment."""
        return [step for step in self.steps if step.state == State.RUNNING]

    @property
    def failed(self) -> list[StepNow]:
        """Return what did not work."""
        return [step for step in self.steps if step.state == State.FAILED]

    @property
    def reasons(self) -> list[str]:
        """Return why something did not work, each reason once: a locked file stops several steps."""
        return list(dict.fromkeys(step.why for step in self.failed))

    @property
    def held_up(self) -> list[StepNow]:
        """Return what waits for a trouble to pass."""
        return [step for step in self.steps if step.state == State.WAITING and step.trouble]

    @property
    def is_stopped(self) -> bool:
        """Whether a person stopped it."""
        return not self.is_open and any(step.state == State.CANCELLED for step in self.steps)

    @property
    def percent(self) -> int:
        """How much of it is done: 100 only when all is."""
        if not self.steps:
            return 0
        share = sum(step.share for step in self.steps) / len(self.steps)
        return min(int(share * 100), 99) if self.is_open else 100

    @property
    def line(self) -> str:
        """Say how far it is, in one line. Empty when all is done and well, or nothing was asked."""
        if self.running:
            step = max(self.running, key=lambda one: one.units_all)
            return ": ".join(part for part in (step.words, step.counted) if part)
        if self.is_open and self.held_up:
            return self.held_up[0].why
        if self.is_open:
            return _("Waits to be made readable")
        if self.is_stopped:
            return _("Reading was stopped")
        if self.failed:
            return self.failed[0].why
        return ""

    @property
    def left(self) -> str:
        """Say how long it may still take. Empty when nobody can know."""
        if not self.is_open or self.seconds_left is None or self.held_up:
            return ""
        return wording.about(self.seconds_left + (self.seconds_before or 0))


def progress_of(found: Iterable[Document], *, in_line: bool = False) -> dict[str, Progress]:
    """Return how far the reading of each document is, by the name of its bytes. One query, or two.

    `in_line`: also count what comes before each, which is one query more for each that waits. For single documents.
    """
    sizes = {document.blob_id: document.blob.size for document in found}
    steps = _steps_of(sizes)
    rates = learned()
    return {sha256: _progress(steps.get(sha256, []), size, rates, in_line=in_line) for sha256, size in sizes.items()}


def with_progress(found: Iterable[Document]) -> list[Document]:
    """Return the documents, each with `reading`, its progress. One query."""
    rows = list(found)
    progress = progress_of(rows)
    for document in rows:
        document.reading = progress[document.blob_id]  # type: ignore[attr-defined]
    return rows


@dataclass(frozen=True)
class Row:
    """One file on the page about reading: one of its documents, how far it is, and in how many requests it came."""

    document: Document
    progress: Progress
    also: int = 0


@dataclass(frozen=True)
class Overview:
    """What is being read, what waits and what did not work."""

    running: list[Row]
    waiting: list[Row]
    held_up: list[tuple[str, int]]  # why, and how many steps wait for it
    failed: list[Row]
    files_open: int
    steps_waiting: int
    steps_running: int
    seconds_left: float | None
    next_failed: str  # where the list of failures goes on; empty at its end

    @property
    def left(self) -> str:
        """Say how long all of it may still take."""
        return "" if self.seconds_left is None or not self.files_open else wording.about(self.seconds_left)


def overview(person: Person, *, after: str = "") -> Overview:
    """Return what the page about reading shows. A constant number of queries.

    `after`: the `next_failed` of the part of the list before.
    """
    now_running = Step.objects.filter(state=State.RUNNING)
    waiting = Step.objects.filter(state=State.WAITING)
    running_blobs = list(now_running.order_by("rank").values_list("blob", flat=True)[:SHOWN])
    next_blobs = [sha256 for sha256 in waiting.order_by("rank").values_list("blob", flat=True)[: 3 * SHOWN]
                  if sha256 not in running_blobs]  # fmt: skip
    failures = _failures_after(after)
    failed_blobs = [step.blob_id for step in failures[:SHOWN]]
    rows = _rows(person, [*running_blobs, *next_blobs[:SHOWN], *failed_blobs])
    troubles = waiting.exclude(trouble="").values_list("trouble").annotate(number=Count("pk")).order_by("trouble")
    counts = Step.objects.filter(state__in=OPEN).aggregate(
        files=Count("blob", distinct=True),
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        running=Count("pk", filter=Q(state=State.RUNNING)),
    )
    last = failures[SHOWN - 1] if len(failures) > SHOWN else None
    return Overview(
        running=_in_order(rows, running_blobs),
        waiting=_in_order(rows, next_blobs)[:SHOWN],
        held_up=[(wording.waits_because(code), number) for code, number in troubles],
        failed=_in_order(rows, failed_blobs),
        files_open=counts["files"],
        steps_waiting=counts["waiting"],
        steps_running=counts["running"],
        seconds_left=seconds_left(),
        next_failed=str(last.pk) if last else "",
    )


def seconds_left() -> float | None:
    """Return how long everything that is open may still take; None when that cannot be known yet."""
    return _seconds(Step.objects.filter(state__in=OPEN))


def learned() -> dict[str, Rate]:
    """Return what steps took lately, by their names. One query a minute; otherwise none."""
    global _learned
    if _learned is None or time.monotonic() - _learned[0] > LEARNED_LASTS:
        _learned = (time.monotonic(), _learn())
    return _learned[1]


def forget() -> None:
    """Learn anew at the next question."""
    global _learned
    _learned = None


_learned: tuple[float, dict[str, Rate]] | None = None


def _learn() -> dict[str, Rate]:
    by_name: dict[str, list[tuple[float, int, float]]] = defaultdict(list)
    done = Step.objects.filter(state=State.DONE).order_by("-ended_at")
    for name, seconds, units, size in done.values_list("name", "seconds", "units_all", "blob__size")[:LEARNED_FROM]:
        by_name[name].append((seconds, units, max(size / MEGABYTE, 0.1)))
    rates = {}
    for name, rows in by_name.items():
        if len(rows) < ENOUGH:
            continue
        counted = [(seconds, units) for seconds, units, _size in rows if units]
        units = sum(units for _seconds, units in counted)
        rates[name] = Rate(
            a_unit=sum(seconds for seconds, _units in counted) / units if len(counted) >= ENOUGH else None,
            a_megabyte=sum(seconds for seconds, _units, _size in rows) / sum(size for *_rest, size in rows),
        )
    return rates


def _steps_of(blobs: Collection[str]) -> dict[str, list[StepNow]]:
    order = {kind.name: place for place, kind in enumerate(kinds.STEPS)}
    found: dict[str, list[StepNow]] = defaultdict(list)
    rows = Step.objects.filter(blob__in=blobs).values_list(
        "blob", "name", "state", "trouble", "units_done", "units_all", "waits_until", "rank"
    )
    for sha256, name, state, trouble, done, of, waits_until, rank in rows:
        found[sha256].append(StepNow(name, state, trouble, done, of, waits_until, rank))
    for steps in found.values():
        steps.sort(key=lambda step: order.get(step.name, len(order)))
    return found


def _progress(steps: list[StepNow], size: int, rates: dict[str, Rate], *, in_line: bool) -> Progress:
    still = [step for step in steps if step.state in OPEN]
    lefts = [rates[step.name].left(step, size) if step.name in rates else None for step in still]
    left = sum(one for one in lefts if one is not None) if None not in lefts else None
    waiting = [step.rank for step in still if step.state == State.WAITING]
    before = None
    if in_line and left is not None and waiting and not any(step.state == State.RUNNING for step in still):
        before = _seconds(Step.objects.filter(state=State.WAITING, rank__lt=min(waiting)))
    return Progress(steps, left, before)


def _seconds(steps: QuerySet[Step]) -> float | None:
    """Return how long these steps may take with as many readers as are at work; None when that cannot be known."""
    rates = learned()
    total = 0.0
    for name, size, number in steps.values_list("name").annotate(size=Sum("blob__size"), number=Count("pk")):
        rate = rates.get(name)
        if rate is None or rate.a_megabyte is None:
            return None
        total += rate.a_megabyte * max(size / MEGABYTE, 0.1 * number)
    return total / max(1, Step.objects.filter(state=State.RUNNING).count())


def _failures_after(after: str) -> list[Step]:
    failures = Step.objects.filter(state=State.FAILED).order_by("-ended_at", "-pk")
    last = Step.objects.filter(pk=int(after)).first() if after.isdecimal() and len(after) < 18 else None
    if last is not None and last.ended_at is not None:
        failures = failures.filter(
            Q(ended_at__lt=last.ended_at) | Q(ended_at=last.ended_at, pk__lt=last.pk), ended_at__lte=last.ended_at
        )
    return list(failures[: SHOWN + 1])


def _rows(person: Person, blobs: Collection[str]) -> dict[str, Row]:
    seen: dict[str, list[Document]] = defaultdict(list)
    for document in documents.visible_to(person).filter(blob__in=set(blobs)).order_by("brought_at", "pk")[: 20 * SHOWN]:
        seen[document.blob_id].append(document)
    progress = progress_of(found[0] for found in seen.values())
    return {sha256: Row(found[0], progress[sha256], len(found) - 1) for sha256, found in seen.items()}


def _in_order(rows: dict[str, Row], blobs: Iterable[str]) -> list[Row]:
    return [rows[sha256] for sha256 in dict.fromkeys(blobs) if sha256 in rows]


def to_read_again(which: str) -> Iterator[tuple[Blob, set[str] | None]]:
    """Walk the files to be read again, each with the names of the steps. An empty set: only what it lacks; None: all.

    `which`: "all"; "new", those that lack a step; "older", those and what an older version of a step read; "failed",
    those of which a step did not work. Walks every file: for commands, not for pages.
    """
    for blob in Blob.objects.order_by("stored_at", "pk").prefetch_related("steps").iterator(chunk_size=CHUNK):
        if which == "all":
            yield blob, None
            continue
        steps = {step.name: step for step in blob.steps.all()}
        wanted = kinds.steps_for(blob.kind)
        lacks = any(kind.name not in steps for kind in wanted)
        names = set()
        if which == "older":
            names = {kind.name for kind in wanted if kind.name in steps and steps[kind.name].version < kind.version}
        elif which == "failed":
            names = {name for name, step in steps.items() if step.state == State.FAILED}
        if names or (lacks and which != "failed"):
            yield blob, names
