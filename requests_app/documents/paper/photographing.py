"""A letter photographed page by page: the only code that writes it.

The photographs stay with the letter. The PDF that is made of them is the document that people read; each photograph is
a document under it, in the bytes that were kept here: whoever doubts a page can look at the picture that it was cut
from. Only the place where it was taken is taken out before anything is kept, since that is often somebody's home, and
says nothing about the letter.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.documents import sandbox
from requests_app.documents import services as documents
from requests_app.documents.derived import Derived, a_folder
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Document, Photograph, PhotographedLetter
from requests_app.documents.names import clean_inner_path, clean_name
from requests_app.documents.paper import files, wording
from requests_app.documents.paper.reader import (
    LetterMade,
    LetterOrder,
    LetterPage,
    Looked,
    LookOrder,
    PageDrawn,
    PageOrder,
)
from requests_app.documents.paper.sheets_of_paper import are_plausible
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import Limits, NotRead
from requests_app.documents.services import Duplicate, Received
from requests_app.documents.store import EmptyFile, as_trouble
from requests_app.filing.models import RecordsRequest
from requests_app.people import services as people
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)

READER: Final = "requests_app.documents.paper.reader:"
MEGABYTE: Final = 1024 * 1024
LIMIT: Final = 40 * MEGABYTE  # bytes of one photograph
MOST_PIXELS: Final = 50_000_000  # phones make pictures of 12, 24 or 48 million
MOST_PAGES: Final = 60
SHOWN: Final = 1600  # pixels of the longer side of what is shown to choose corners on
THUMBNAIL: Final = 420  # pixels across
WHOLE: Final = "photographed/whole.webp"
WARNED: Final = timedelta(days=3)  # before it is thrown away
LOOKING: Final = Limits(seconds=40, cpu_seconds=40)
AT_ONCE: Final = threading.BoundedSemaphore(2)  # processes that open photographs for one web process


class NotAdded(Exception):
    """A photograph was not added. `code`: of `wording.PHOTOGRAPHS`; the text says why and what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(wording.of_photograph(code))
        self.code = code


class NotMade(Exception):
    """The letter could not be made of its photographs. The text says what is safe and what to do."""


def photograph_limit() -> int:
    """Return how large one photograph may be, in bytes."""
    return min(LIMIT, documents.upload_limit())


def add(request: RecordsRequest, chunks: Iterable[bytes], *, name: str, by: Person, now: datetime) -> Photograph:
    """Add one photograph at the end of the letter that this person photographs for this request.

    1. Look at it in the process apart: is it one picture, where is the sheet? The place where it was taken goes.
    2. Keep the bytes, then the row. The letter begins with its first photograph.

    Raises NotAdded, StoreTrouble; then the other photographs are as they were.
    """
    with AT_ONCE, a_folder() as folder:
        given = folder / "given"
        try:
            files.copy_to(given, chunks)
        except OSError as trouble:
            raise as_trouble(trouble) from trouble
        if given.stat().st_size == 0:
            raise EmptyFile
        found = _look_at(given, folder)
        with (folder / found.kept).open("rb") as kept:
            file = files.keep(files.chunks_of(kept), limit=photograph_limit(), now=now)
        with Derived(file.pk).making(WHOLE) as making:
            (folder / found.shown).replace(making)
    try:
        with transaction.atomic():
            letter = _letter_of(request, by, now)
            if letter.photographs.count() >= MOST_PAGES:
                raise NotAdded("full")
            last = letter.photographs.aggregate(last=Max("position"))["last"] or 0
            return Photograph.objects.create(
                letter=letter,
                file=file,
                position=last + 1,
                original_name=clean_name(name),
                width=found.width,
                height=found.height,
                had_place=found.had_place,
                corners=list(found.corners),
                cut=Photograph.Cut.ASKED if found.corners else Photograph.Cut.WHOLE,
                added_at=now,
            )
    except IntegrityError:
        raise NotAdded("twice") from None
    except NotAdded:
        files.let_go(file.pk)
        raise


def move(photograph: Photograph, *, up: bool, now: datetime) -> None:
    """Let a page change places with the one before it, or after it."""
    with transaction.atomic():
        letter = _locked(photograph.letter_id, now)
        order = list(letter.photographs.values_list("pk", flat=True))
        at = order.index(photograph.pk)
        other = at - 1 if up else at + 1
        if not 0 <= other < len(order):
            return
        order[at], order[other] = order[other], order[at]
        for position, pk in enumerate(order, start=1):
            Photograph.objects.filter(pk=pk).exclude(position=position).update(position=position)


def turn(photograph: Photograph, *, clockwise: int, now: datetime) -> None:
    """Turn a page by a quarter or more. `clockwise`: degrees, -90 to turn it to the left."""
    with transaction.atomic():
        _locked(photograph.letter_id, now)
        now_at = Photograph.objects.values_list("turn", flat=True).get(pk=photograph.pk)
        Photograph.objects.filter(pk=photograph.pk).update(turn=(now_at + clockwise) % 360)


def cut(photograph: Photograph, corners: Sequence[float], *, now: datetime) -> bool:
    """Cut a page to these corners. Returns False, and changes nothing, when nothing could be cut out between them."""
    if not are_plausible(corners):
        return False
    rounded = [round(min(1.0, max(0.0, each)), 4) for each in corners]
    with transaction.atomic():
        _locked(photograph.letter_id, now)
        Photograph.objects.filter(pk=photograph.pk).update(cut=Photograph.Cut.CUT, corners=rounded)
    return True


def accept(letter: PhotographedLetter, *, only: Photograph | None = None, now: datetime) -> int:
    """Cut one page, or all that are still asked about, to the edges that were found. Returns how many."""
    with transaction.atomic():
        asked = _locked(letter.pk, now).photographs.exclude(corners=[])
        asked = asked.filter(pk=only.pk) if only else asked.filter(cut=Photograph.Cut.ASKED)
        return asked.update(cut=Photograph.Cut.CUT)


def leave_whole(photograph: Photograph, *, now: datetime) -> None:
    """Keep the whole photograph as the page. The edges stay known, and can be taken later."""
    with transaction.atomic():
        _locked(photograph.letter_id, now)
        Photograph.objects.filter(pk=photograph.pk).update(cut=Photograph.Cut.WHOLE)


def remove(photograph: Photograph, *, now: datetime) -> None:
    """Take a page out of the letter, and delete its photograph."""
    with transaction.atomic():
        _locked(photograph.letter_id, now)
        Photograph.objects.filter(pk=photograph.pk).delete()
    files.let_go(photograph.file_id)


def throw_away(letter: PhotographedLetter) -> None:
    """Delete a letter that was not kept, with its photographs."""
    with transaction.atomic():
        names = list(letter.photographs.values_list("file", flat=True))
        PhotographedLetter.objects.filter(pk=letter.pk).delete()
    for sha256 in names:
        files.let_go(sha256)


def keep(
    letter: PhotographedLetter, *, name: str, received_on: date, by: Person, now: datetime
) -> Received | Duplicate:
    """Make one PDF of the pages and keep it as a document, each photograph as a document under it.

    The same pages give the same bytes, so that this can be run again when it was cut off anywhere: what is kept already
    is found, and the letter that was being made goes last. Raises NotMade, StoreTrouble; then the letter is as it was.
    """
    pages = list(letter.photographs.select_related("file"))
    if not pages:
        raise NotMade(_("There is no photograph yet. Add the first page, then keep the letter."))
    with a_folder() as folder:
        made = _pdf_of(pages, folder)
        with made.open("rb") as pdf:
            outcome = documents.receive_file(
                letter.request,
                files.chunks_of(pdf),
                name=name,
                received_on=received_on,
                via=Document.Via.PHOTO,
                by=by,
                now=now,
            )
    for number, each in enumerate(pages, start=1):
        inner_path, _odd = clean_inner_path(f"photographs/{number:02d} {each.original_name}")
        remarks = [_("The place where it was taken was taken out before it was kept.")] if each.had_place else []
        with files.the_paper_store().open(each.file_id) as photograph:
            documents.receive_part(
                outcome.document,
                files.chunks_of(photograph),
                inner_path=inner_path,
                now=now,
                remarks=remarks,
                via=Document.Via.PHOTO,
            )
    with transaction.atomic():
        audit("letter photographed", outcome.document, by=by, now=now, pages=len(pages))
        transaction.on_commit(nudge)
        PhotographedLetter.objects.filter(pk=letter.pk).delete()
    for each in pages:
        files.let_go(each.file_id)
    log.info("document %s made of %s photographs", outcome.document.pk, len(pages))
    return outcome


def tidy(now: datetime) -> tuple[int, int]:
    """Warn of letters that nobody went on with, and throw away those that were warned of. Returns how many of each.

    Thrown away after PHOTOGRAPHS_DAYS without a change, and never before three days have passed since the notice.
    """
    last_change = now - timedelta(days=int(settings.PHOTOGRAPHS_DAYS))
    old = PhotographedLetter.objects.filter(changed_at__lte=last_change)
    gone = 0
    for letter in old.filter(warned_at__lte=now - WARNED, warned_at__gte=F("changed_at"))[:100]:
        throw_away(letter)
        gone += 1
    soon = PhotographedLetter.objects.filter(changed_at__lte=last_change + WARNED, warned_at=None)
    warned = 0
    for letter in soon.select_related("request", "by")[:100]:
        with transaction.atomic():
            if PhotographedLetter.objects.filter(pk=letter.pk, warned_at=None).update(warned_at=now):
                _warn(letter, now)
                warned += 1
    files.let_go_forgotten(now - timedelta(days=1))
    return warned, gone


def page_picture(photograph: Photograph) -> Path:
    """Return a small picture of the page as it will be (WebP), drawn when it is first asked for. Raises NotAdded."""
    order = PageOrder(_corners_of(photograph), photograph.turn, THUMBNAIL)
    named = hashlib.sha256(repr((order.corners, order.turn, order.width)).encode()).hexdigest()[:16]
    return _drawn(photograph, f"photographed/{named}.webp", order)


def whole_picture(photograph: Photograph) -> Path:
    """Return the whole photograph, upright, for the screen (WebP). Raises NotAdded."""
    return _drawn(photograph, WHOLE, PageOrder((), 0, SHOWN))


def _drawn(photograph: Photograph, name: str, order: PageOrder) -> Path:
    derived = Derived(photograph.file_id)
    if derived.path(name).exists():
        return derived.path(name)
    # Drawn from what was drawn when it came, which opens faster, where that is still there.
    source = derived.path(WHOLE)
    with AT_ONCE, a_folder() as folder:
        if not source.exists():
            source = files.open_copy(photograph.file_id, folder / "photograph")
        try:
            for made in sandbox.run(
                READER + "page", source, order=order, kind=PageDrawn, limits=LOOKING, output=folder
            ):
                with derived.making(name) as making:
                    (folder / made.name).replace(making)
        except (Refused, NotRead) as trouble:
            raise NotAdded(trouble.code) from trouble
    return derived.path(name)


def _look_at(path: Path, folder: Path) -> Looked:
    order = LookOrder(MOST_PIXELS, SHOWN)
    try:
        return next(iter(sandbox.run(READER + "look", path, order=order, kind=Looked, limits=LOOKING, output=folder)))
    except (Refused, NotRead) as trouble:
        raise NotAdded(trouble.code) from trouble


def _pdf_of(pages: Sequence[Photograph], folder: Path) -> Path:
    with ExitStack() as stack:
        wanted = [
            LetterPage(str(files.open_copy(each.file_id, folder / f"page-{number}")), _corners_of(each), each.turn)
            for number, each in enumerate(pages)
        ]
        stack.enter_context(AT_ONCE)
        seconds = 30 + 15 * len(pages)
        limits = Limits(seconds=seconds, cpu_seconds=seconds, memory=1536 * MEGABYTE)
        try:
            found = list(
                sandbox.run(
                    READER + "letter",
                    Path(wanted[0].path),
                    order=LetterOrder(tuple(wanted)),
                    kind=LetterMade,
                    limits=limits,
                    output=folder,
                )
            )
        except (Refused, NotRead) as trouble:
            log.warning("a photographed letter was not made: %s", trouble.code)
            raise NotMade(
                _(
                    "The letter could not be made of these photographs. They are all safe here. Look whether one of "
                    "them is not shown, remove it and take it again; or add the photographs on the page “Add files”."
                )
            ) from trouble
    return folder / found[0].name


def _corners_of(photograph: Photograph) -> tuple[float, ...]:
    return tuple(photograph.corners) if photograph.cut == Photograph.Cut.CUT else ()


def _letter_of(request: RecordsRequest, by: Person, now: datetime) -> PhotographedLetter:
    letter, _is_new = PhotographedLetter.objects.get_or_create(
        request=request, by=by, defaults={"begun_at": now, "changed_at": now}
    )
    return _locked(letter.pk, now)


def _locked(pk: uuid.UUID, now: datetime) -> PhotographedLetter:
    """Return the letter, for one writer at a time, and note that somebody went on with it. Raises DoesNotExist."""
    letter = PhotographedLetter.objects.select_for_update().get(pk=pk)
    PhotographedLetter.objects.filter(pk=pk).update(changed_at=now, warned_at=None)
    return letter


def _warn(letter: PhotographedLetter, now: datetime) -> None:
    last_day = max(letter.changed_at + timedelta(days=int(settings.PHOTOGRAPHS_DAYS)), now + WARNED)
    given = {
        "reference": letter.request.reference,
        "day": date_format(last_day, "l, F j, Y"),
    }
    people.queue_notice(
        recipient=letter.by,
        key=f"photographs:{letter.pk}:{letter.changed_at:%Y%m%d%H%M%S}",
        subject=_("A photographed letter for %(reference)s is not kept yet") % given,
        text=_(
            "You began to photograph a letter for %(reference)s and did not finish it. Its photographs are deleted on "
            "%(day)s. Open it and press “Keep as one letter”, or change anything in it to have it wait longer."
        )
        % given,
        why=_("You photographed these pages."),
        path=reverse("documents:photographs", args=[letter.request.reference]),
        send_after=now,
        now=now,
    )
