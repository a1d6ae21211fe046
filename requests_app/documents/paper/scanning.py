"""Files that a scanner leaves in a folder: the only code that takes them in and says where they belong.

Each file goes the same way, and may be cut off between any two steps; the next run goes on where this one ended,
because the same bytes under the same name are one row:

1. It did not change for a while, and not while it was read: it is whole.
2. Its bytes are in the store, flushed to the disk, and then in a row.
3. Its name, or else cover sheets in it, say to which request it belongs; there it becomes a document. Where nothing
   does, it waits for a person.
4. The file is moved to `done` or `doubtful` beside it. Nothing in the folder is ever deleted.

A scan with one cover sheet in front is kept in the very bytes that the scanner wrote. Of a stack with several, each
part becomes a PDF of its own, of the same pages, without its cover sheet; the stack itself stays in `done`.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents import sandbox
from requests_app.documents import services as documents
from requests_app.documents.derived import Derived, a_folder
from requests_app.documents.identify import NotKept, identify
from requests_app.documents.models import Document, Scan
from requests_app.documents.names import clean_name
from requests_app.documents.paper import files
from requests_app.documents.paper.reader import CoverFound, CoversOrder, PartMade, SplitOrder
from requests_app.documents.paper.references import references_in
from requests_app.documents.readers.paged import PDF, PICTURE, PictureMade, PicturesOrder, Source
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import Limits, NotRead
from requests_app.documents.store import EmptyFile, StoreTrouble, TooLarge
from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest
from requests_app.people import services as people
from requests_app.people.models import Person, Role, audit
from requests_app.people.queries import active_people
from requests_app.people.services import NoticeDraft

log = logging.getLogger(__name__)

READER: Final = "requests_app.documents.paper.reader:"
DONE: Final = "done"
DOUBTFUL: Final = "doubtful"
UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart")  # names of files that are being copied
MOST_PAGES: Final = 1000  # looked through for cover sheets
LOOKING: Final = Limits(seconds=400, cpu_seconds=400)
PICTURE_WIDTH: Final = 900
FIRST_PAGE: Final = "scanned/first.webp"


class NotPlaced(Exception):
    """The scan was not filed or not set aside. The text says why."""


@dataclass(frozen=True)
class Taken:
    """What became of one file in the folder. `references`: where it was filed. `trouble`: why it is still there."""

    name: str
    state: str
    references: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Part:
    """Pages of a scan that belong to one request: first and last."""

    reference: str
    first: int
    last: int


def take_in(folder: Path, *, now: datetime, settle: float | None = None) -> Iterator[Taken]:
    """Take in what the folder holds, and give what became of each file. Two at once do not disturb each other.

    `settle`: seconds for which a file must not have changed. Raises OSError when the folder cannot be read or written.
    """
    quiet = float(settings.SCAN_SETTLE_SECONDS) if settle is None else settle
    with _alone_in(folder) as is_alone:
        if not is_alone:
            return
        _finish_what_was_cut_off(now)
        waiting = 0
        for path in sorted(folder.iterdir()):
            if path.name.startswith((".", "~$")) or path.name.lower().endswith(UNFINISHED):
                continue
            try:
                taken = _take_in_one(path, now=now, settle=quiet)
            except (StoreTrouble, OSError) as trouble:
                log.warning("a scan stays in its folder: %s", type(trouble).__name__)
                yield Taken(path.name, "", trouble=str(trouble))
                continue
            if taken is not None:
                waiting += taken.state == Scan.State.WAITING
                yield taken
        if waiting:
            _tell_coordinators(waiting, now)


def place(scan: Scan, request: RecordsRequest, *, received_on: date, by: Person, now: datetime) -> Document:
    """File a scan that waited under the request that a person chose. Raises NotPlaced, StoreTrouble."""
    if scan.file_id is None or scan.state != Scan.State.WAITING:
        raise NotPlaced(_("This scan does not wait any more: somebody else filed it or set it aside."))
    try:
        with files.the_paper_store().open(scan.file_id) as content:
            document = _receive(request, content, name=scan.name, received_on=received_on, by=by, now=now)
    except (NotKept, FileNotFoundError) as trouble:
        raise NotPlaced(str(trouble)) from trouble
    _settle(scan, Scan.State.PLACED, [document], by=by, now=now)
    return document


def set_aside(scan: Scan, *, by: Person, now: datetime) -> None:
    """Take a scan off the list of those that wait; its file stays where it is, its bytes too. Raises NotPlaced."""
    with transaction.atomic():
        waiting = Scan.objects.filter(pk=scan.pk, state__in=[Scan.State.WAITING, Scan.State.LEFT])
        if not waiting.update(state=Scan.State.SET_ASIDE, settled_at=now, settled_by=by):
            raise NotPlaced(_("This scan does not wait any more: somebody else filed it or set it aside."))
        audit("scan set aside", scan, by=by, now=now)


def bring_back(scan: Scan, *, by: Person, now: datetime) -> None:
    """Let a scan that was set aside wait again. Raises NotPlaced."""
    with transaction.atomic():
        aside = Scan.objects.filter(pk=scan.pk, state=Scan.State.SET_ASIDE, file__isnull=False)
        if not aside.update(state=Scan.State.WAITING, settled_at=None, settled_by=None):
            raise NotPlaced(_("Only a scan that was set aside, and was kept, can be brought back."))
        audit("scan brought back", scan, by=by, now=now)


def first_page(scan: Scan) -> Path | None:
    """Return a picture of the first page of a scan (WebP), drawn when it is first asked for; None where it has none."""
    if scan.file_id is None:
        return None
    derived = Derived(scan.file_id)
    if derived.path(FIRST_PAGE).exists():
        return derived.path(FIRST_PAGE)
    with a_folder() as folder:
        try:
            path = files.open_copy(scan.file_id, folder / "scan")
            source = _source_of(path, scan.name)
            if source is None:
                return None
            order = PicturesOrder(source, (1,), (PICTURE_WIDTH,))
            for made in sandbox.run(
                "requests_app.documents.readers.paged:pictures",
                path,
                order=order,
                kind=PictureMade,
                limits=Limits(seconds=30, cpu_seconds=30),
                output=folder,
            ):
                if made.trouble:
                    return None
                with derived.making(FIRST_PAGE) as making:
                    (folder / made.name).replace(making)
        except (Refused, NotRead, NotKept, FileNotFoundError):
            return None
    return derived.path(FIRST_PAGE)


def parts_of(covers: Sequence[CoverFound], of: int) -> tuple[list[Part], str]:
    """Return the parts that cover sheets make of a scan, and why it cannot be parted (a code of wording.SCANS). Pure.

    A cover sheet leads to all pages up to the next one. Two that lie on each other: the second counts.
    """
    if not covers:
        return [], "nothing"
    if any(len(cover.references) > 1 for cover in covers):
        return [], "two_on_page"
    if covers[0].number > 1:
        return [], "pages_before"
    ends = [*(cover.number for cover in covers[1:]), of + 1]
    parts = [
        Part(cover.references[0], cover.number + 1, end - 1)
        for cover, end in zip(covers, ends, strict=True)
        if end - cover.number > 1
    ]
    return parts, "" if parts else "only_covers"


def _take_in_one(path: Path, *, now: datetime, settle: float) -> Taken | None:
    """Take in one file. None: it is not whole yet, or no file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # gone meanwhile
    except OSError as trouble:
        if path.is_symlink():
            return None
        raise trouble from None
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode) or now.timestamp() - before.st_mtime < settle:
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        name = clean_name(path.name)
        scan = Scan.objects.filter(sha256=sha256, name=name).first()
        if scan is None:
            content.seek(0)
            scan = _note(content, sha256, name, before, now)
        if scan is None:
            return None
    if scan.state == Scan.State.NEW:
        _look_through(scan, now=now)
    _move(path, DONE if scan.state == Scan.State.PLACED else DOUBTFUL)
    return Taken(name, scan.state, tuple(scan.documents.values_list("request__reference", flat=True)))


def _note(content: BinaryIO, sha256: str, name: str, facts: os.stat_result, now: datetime) -> Scan | None:
    """Keep the bytes and then their row. What cannot be kept has a row all the same, which says why.

    None: the file changed while it was read, so it was not whole.
    """
    given = {"size": facts.st_size, "scanned_at": datetime.fromtimestamp(facts.st_mtime, UTC), "seen_at": now}
    try:
        file = files.keep(files.chunks_of(content), limit=documents.upload_limit(), now=now)
    except (EmptyFile, TooLarge) as trouble:
        why = "empty" if isinstance(trouble, EmptyFile) else "too_large"
        return Scan.objects.get_or_create(
            sha256=sha256, name=name, defaults={**given, "state": Scan.State.LEFT, "why": why}
        )[0]
    after = os.fstat(content.fileno())
    if file.pk != sha256 or (after.st_mtime_ns, after.st_size) != (facts.st_mtime_ns, facts.st_size):
        files.let_go(file.pk)
        return None
    return Scan.objects.get_or_create(sha256=sha256, name=name, defaults={**given, "file": file})[0]


def _look_through(scan: Scan, *, now: datetime) -> None:
    """File a new scan where it says that it belongs, or let it wait for a person."""
    named = references_in(scan.name)
    if len(named) > 1:
        return _wait(scan, "several")
    assert scan.file_id is not None  # noqa: S101  a new scan has its bytes
    with a_folder() as folder:
        path = files.open_copy(scan.file_id, folder / "scan")
        try:
            source = _source_of(path, scan.name)
        except NotKept:
            return _leave(scan, "program", now)
        if named:
            parts, why = [Part(named[0], 1, 0)], ""
        elif source is None:
            return _wait(scan, "nothing")
        else:
            parts, why = _parts_in(path, source)
        requests = {
            each.reference: each
            for each in RecordsRequest.objects.filter(reference__in={part.reference for part in parts})
        }
        if why or any(part.reference not in requests for part in parts):
            return _wait(scan, why or "unknown")
        try:
            pieces = _pieces(path, source, parts, folder)
        except (Refused, NotRead):
            return _wait(scan, "unreadable")
        kept = []
        for turn, (part, piece) in enumerate(zip(parts, pieces, strict=True), start=1):
            request = requests[part.reference]
            with piece.open("rb") as content:
                kept.append(
                    _receive(
                        request,
                        content,
                        name=scan.name if piece == path else _part_name(scan.name, turn),
                        received_on=lawbook.local_day(request.jurisdiction, min(scan.scanned_at, now)),
                        by=None,
                        now=now,
                    )
                )
    return _settle(scan, Scan.State.PLACED, kept, by=None, now=now)


def _source_of(path: Path, name: str) -> Source | None:
    """Return how the file is opened page by page; None where it is not. Raises NotKept: a program."""
    kind = identify(path, name).kind
    return Source(PDF) if kind == "pdf" else Source(PICTURE) if kind == "image" else None


def _parts_in(path: Path, source: Source) -> tuple[list[Part], str]:
    order = CoversOrder(source, MOST_PAGES)
    found: list[CoverFound] = []
    of = 0
    try:
        for cover in sandbox.run(READER + "covers", path, order=order, kind=CoverFound, limits=LOOKING):
            of = cover.of
            if cover.number:
                found.append(cover)
    except Refused as refused:
        return [], "too_many" if refused.code == "too_many" else "unreadable"
    except NotRead:
        return [], "unreadable"
    return parts_of(found, of)


def _pieces(path: Path, source: Source | None, parts: Sequence[Part], folder: Path) -> list[Path]:
    """Return a file for each part: the scan itself where there is but one. Raises Refused, NotRead."""
    if len(parts) == 1 or source is None:
        return [path]
    order = SplitOrder(source, tuple((part.first, part.last) for part in parts))
    made = sandbox.run(READER + "split", path, order=order, kind=PartMade, limits=LOOKING, output=folder)
    return [folder / each.name for each in made]


def _part_name(name: str, turn: int) -> str:
    stem = Path(name).stem
    return _("%(name)s, part %(number)d.pdf") % {"name": stem, "number": turn}


def _receive(
    request: RecordsRequest, content: BinaryIO, *, name: str, received_on: date, by: Person | None, now: datetime
) -> Document:
    return documents.receive_file(
        request,
        files.chunks_of(content),
        name=name,
        received_on=received_on,
        via=Document.Via.SCAN,
        by=by,
        now=now,
    ).document


def _settle(scan: Scan, state: str, kept: Sequence[Document], *, by: Person | None, now: datetime) -> None:
    """Note what became of a scan, and let its bytes go: the documents have them now."""
    sha256 = scan.file_id
    with transaction.atomic():
        Scan.objects.filter(pk=scan.pk).update(state=state, why="", settled_at=now, settled_by=by, file=None)
        scan.documents.set(kept)
        audit("scan filed", scan, by=by, now=now, documents=[str(each.pk) for each in kept])
    scan.refresh_from_db()
    if sha256 is not None:
        files.let_go(sha256)


def _wait(scan: Scan, why: str) -> None:
    Scan.objects.filter(pk=scan.pk, state=Scan.State.NEW).update(state=Scan.State.WAITING, why=why)
    scan.refresh_from_db()


def _leave(scan: Scan, why: str, now: datetime) -> None:
    sha256 = scan.file_id
    Scan.objects.filter(pk=scan.pk).update(state=Scan.State.LEFT, why=why, file=None)
    scan.refresh_from_db()
    if sha256 is not None:
        files.let_go(sha256)


def _finish_what_was_cut_off(now: datetime) -> None:
    """Go on with scans whose bytes are here and which nobody looked through, whatever became of their files."""
    for scan in Scan.objects.filter(state=Scan.State.NEW, file__isnull=False)[:100]:
        with suppress(StoreTrouble, OSError):  # it stays new, and its turn comes again
            _look_through(scan, now=now)


def _move(path: Path, where: str) -> None:
    """Move a file within its folder, over none that is there already, so that a power cut loses no name."""
    target = path.parent / where
    target.mkdir(exist_ok=True)
    free, turn = target / path.name, 1
    while True:
        try:
            os.link(path, free, follow_symlinks=False)  # unlike a rename, it never puts one file over another
        except FileExistsError:
            if free.stat().st_ino == path.stat().st_ino:
                break  # linked, then cut off
            turn += 1
            free = target / f"{path.stem} ({turn}){path.suffix}"
        except OSError:  # shares of Windows know no links; this process is alone in the folder
            if free.exists():
                turn += 1
                free = target / f"{path.stem} ({turn}){path.suffix}"
                continue
            path.rename(free)
            break
        else:
            break
    path.unlink(missing_ok=True)
    for folder in (target, path.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Say whether nobody else takes in this folder at this moment."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def _tell_coordinators(number: int, now: datetime) -> None:
    """Tell each coordinator once a day that scans wait."""
    said = ngettext("%(count)d scan waits for its request", "%(count)d scans wait for their requests", number)
    subject = said % {"count": number}
    drafts = [
        NoticeDraft(
            recipient_id=pk,
            key=f"scans:{now:%Y-%m-%d}:{pk}",
            subject=subject,
            text=_(
                "The scanner left files that name no request, or one that is not here. They are kept. Open the list "
                "of scans and say to which request each belongs."
            ),
            why=_("You are a coordinator."),
            path=reverse("documents:scans"),
        )
        for pk in active_people(Role.COORDINATOR).values_list("pk", flat=True)
    ]
    people.queue_notices(drafts, send_after=now, now=now)
