"""What an agency and we wrote to each other about one request, in one list, newest first.

Our letters by e-mail, our letters that went another way, what the agency sent, and the traces of mail that was moved
away. Automatic replies of one sender that follow one another are one entry. A page of the list costs the same few
queries, however long it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import queries
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, KeptFile, Placement
from requests_app.correspondence.incoming.showing import harmless, pieces_of
from requests_app.correspondence.incoming.suggested import queries as reading_help
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.parsing import parse_message
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, NextLetter, RecordsRequest
from requests_app.kits import letters
from requests_app.kits.later import letter_type
from requests_app.kits.text import to_text

PAGE: Final = 20  # entries; a group of automatic replies is one
MOST_KEYS: Final = 400  # rows of each kind looked at for a page; a longer group goes on on the next
MOST_OF_A_GROUP: Final = 50  # automatic replies named one by one
LONGEST_SHOWN: Final = 4_000  # characters of a text in the list; the page of the message has the whole
LONGEST_WORD: Final = 100  # characters; what is longer is cut as it is
MOST_PRINTED: Final = 300  # entries on paper
LONGEST_PRINTED: Final = 30_000  # characters of one text on paper
ALL_PRINTED: Final = 600_000  # characters of all: some 200 sheets

Source = Literal["message", "letter", "paper", "first"]
Key = tuple[datetime, Source, int]


@dataclass(frozen=True)
class Line:
    """One row of the list before it is opened: where it stands, and what it is grouped by ("" stands alone)."""

    at: datetime
    source: Source
    pk: int
    group: str = ""

    @property
    def key(self) -> Key:
        return (self.at, self.source, self.pk)


@dataclass(frozen=True)
class Entry:
    """One letter or message as it is shown. `moved`: it was moved away, for this reason; then it has no words."""

    at: datetime
    is_ours: bool
    who: str
    title: str
    url: str = ""
    state: str = ""
    pieces: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False
    files: tuple[tuple[str, str], ...] = ()
    moved: str = ""
    moved_by: str = ""
    trouble: bool = False
    others: tuple[tuple[datetime, str, str], ...] = field(default=())  # of a group: moment, title, address
    group_size: int = 1
    found: Placement | None = None  # with what its message may mean, and whether a link is left to fetch


def page_of(records_request: RecordsRequest, after: Key | None, size: int = PAGE) -> tuple[list[Entry], Key | None]:
    """Return the entries that follow `after`, newest first, and where the next page begins (None: nowhere)."""
    groups: list[list[Line]] = []
    for line in _lines(records_request, after):
        if groups and line.group and groups[-1][-1].group == line.group and len(groups[-1]) < MOST_KEYS:
            groups[-1].append(line)
        elif len(groups) == size:
            return _opened(records_request, groups), groups[-1][-1].key
        else:
            groups.append([line])
    return _opened(records_request, groups), None


def all_of(records_request: RecordsRequest) -> tuple[list[Entry], bool]:
    """Return the entries for paper, oldest first, each by itself and with its quotes; and whether some are left out."""
    lines = list(_lines(records_request, None))
    shown = _opened(records_request, [[line] for line in lines[:MOST_PRINTED]], longest=LONGEST_PRINTED)
    left = ALL_PRINTED
    kept = []
    for entry in shown:
        left -= sum(len(words) for _kind, words in entry.pieces)
        if left < 0:
            break
        kept.append(entry)
    return kept[::-1], len(kept) < len(lines)


# --- Where each stands ------------------------------------------------------------------------------------------------


def _lines(records_request: RecordsRequest, after: Key | None) -> Iterator[Line]:
    """Walk the rows of the list after a place in it, newest first. Four queries."""
    found = [
        Line(at, "message", pk, f"{address}" if kind == IncomingMessage.Kind.AUTO_REPLY and ended is None else "")
        for at, pk, kind, address, ended in _until(
            queries.mail_of(records_request), "message__received_at", after
        ).values_list("moment", "pk", "message__kind", "message__from_address", "ended_at")[:MOST_KEYS]
    ]
    by_mail = _letters(records_request)
    found += _plain("letter", _until(by_mail, Coalesce("sent_at", "queued_at"), after))
    found += _plain("paper", _until(_on_paper(records_request), "sent_event__recorded_at", after))
    found += _plain("first", _until(_first_on_paper(records_request), "recorded_at", after))
    ordered = sorted(found, key=lambda line: line.key, reverse=True)
    return (line for line in ordered if after is None or line.key < after)


def _until(rows: QuerySet[Any], moment: Any, after: Key | None) -> QuerySet[Any]:
    rows = rows.annotate(moment=F(moment) if isinstance(moment, str) else moment)
    return (rows.filter(moment__lte=after[0]) if after else rows).order_by("-moment", "-pk")


def _plain(source: Source, rows: QuerySet[Any]) -> list[Line]:
    return [Line(at, source, pk) for at, pk in rows.values_list("moment", "pk")[:MOST_KEYS]]


def _letters(records_request: RecordsRequest) -> QuerySet[OutgoingLetter]:
    """Return our letters by e-mail, whatever became of them; not those that were taken back before they left."""
    return OutgoingLetter.objects.filter(request=records_request).exclude(state=OutgoingLetter.State.CANCELLED)


def _on_paper(records_request: RecordsRequest) -> QuerySet[NextLetter]:
    """Return the later letters that left by post, fax or portal."""
    by_mail = OutgoingLetter.objects.filter(request=records_request, next_letter__isnull=False).values("next_letter")
    sent = NextLetter.objects.filter(request=records_request, state=NextLetter.State.SENT, sent_event__isnull=False)
    return sent.exclude(pk__in=by_mail)


def _first_on_paper(records_request: RecordsRequest) -> QuerySet[Event]:
    """Return when the first letter left, where it did not leave by e-mail."""
    by_mail = OutgoingLetter.objects.filter(
        request=records_request, next_letter__isnull=True, state=OutgoingLetter.State.SENT
    )
    sent = Event.objects.filter(request=records_request, kind=EventKind.SENT, corrected_by__isnull=True)
    return sent.none() if by_mail.exists() else sent


# --- What each says ---------------------------------------------------------------------------------------------------


def _opened(records_request: RecordsRequest, groups: Sequence[list[Line]], longest: int = LONGEST_SHOWN) -> list[Entry]:
    """Return the entries of these groups with their words. The same few queries, however many."""

    def wanted(source: Source) -> list[int]:
        return [line.pk for group in groups for line in group[:MOST_OF_A_GROUP] if line.source == source]

    placed = _placements(wanted("message"))
    sent = _of(OutgoingLetter.objects.select_related("next_letter"), wanted("letter"))
    paper = _of(NextLetter.objects.select_related("sent_copy"), wanted("paper"))
    files = _files([one.message_id for one in placed.values() if one.ended_at is None], records_request)
    entries = []
    for group in groups:
        first = group[0]
        if first.source == "message":
            entries.append(_of_message(placed, group, files, longest))
        elif first.source == "letter":
            entries.append(_of_letter(sent[first.pk], first.at, records_request, longest))
        elif first.source == "paper":
            entries.append(_of_paper(paper[first.pk], first.at, records_request, longest))
        else:
            entries.append(_of_first(records_request, first.at, longest))
    return entries


def _of(rows: QuerySet[Any], numbers: list[int]) -> dict[int, Any]:
    return {row.pk: row for row in rows.filter(pk__in=numbers)} if numbers else {}


def _placements(numbers: list[int]) -> dict[int, Placement]:
    rows = reading_help.annotated(Placement.objects.filter(pk__in=numbers).select_related("message", "ended_by"))
    left_out = ("html", "references", "reply_to", "to", "cc", "notes", "authentication", "bounce", "reasons")
    return {row.pk: row for row in rows.defer(*(f"message__{name}" for name in left_out))} if numbers else {}


def _files(messages: list[int], records_request: RecordsRequest) -> dict[int, list[tuple[str, str]]]:
    """Return the files of each message by name, with the address of the document made of it for this request."""
    found: dict[int, list[tuple[str, str]]] = {}
    documents = KeptFile.objects.filter(file__message__in=messages, request=records_request)
    kept = {one.file_id: one.document.get_absolute_url() for one in documents.select_related("document")}
    rows = IncomingFile.objects.filter(Q(is_record=True) | Q(pk__in=kept), message__in=messages)
    for file in rows.order_by("message", "ordinal"):
        found.setdefault(file.message_id, []).append((harmless(file.name), kept.get(file.pk, "")))
    return found


def _of_message(
    placed: dict[int, Placement], group: list[Line], files: dict[int, list[tuple[str, str]]], longest: int
) -> Entry:
    shown = [placed[line.pk] for line in group[:MOST_OF_A_GROUP]]
    placement, message = shown[0], shown[0].message
    title = _subject(message)
    who = harmless(message.from_name) or harmless(message.from_address) or _("nobody named")
    if placement.ended_at is not None:
        handle = placement.ended_by.handle if placement.ended_by else ""
        return Entry(
            group[0].at, is_ours=False, who=who, title=title, moved=harmless(placement.ended_why), moved_by=handle
        )
    pieces, is_cut = _cut(pieces_of(message.text[: longest * 4]), longest, is_cut=len(message.text) > longest * 4)
    return Entry(
        group[0].at, is_ours=False, who=who, title=title, url=_address(message.pk), pieces=pieces, is_cut=is_cut,
        state="" if message.kind == IncomingMessage.Kind.MESSAGE else str(message.get_kind_display()),
        trouble=message.kind == IncomingMessage.Kind.BOUNCE,
        files=tuple(files.get(message.pk, ())),
        others=tuple(
            (one.message.received_at, _subject(one.message), _address(one.message_id)) for one in shown[1:]
        ),
        group_size=len(group),
        found=placement,
    )  # fmt: skip


def _of_letter(letter: OutgoingLetter, at: datetime, records_request: RecordsRequest, longest: int) -> Entry:
    text = parse_message(letter.raw.encode("utf-8", "replace")).text  # our own: bounded, and never hostile
    pieces, is_cut = _cut([("new", harmless(text[: longest * 4], lines=True).strip())], longest, is_cut=False)
    later, came_back = letter.next_letter, letter.bounced_at is not None
    state = "" if letter.state == OutgoingLetter.State.SENT else str(letter.get_state_display())
    return Entry(
        at, is_ours=True, who=letter.to_address, title=_title(later), url=_letter_address(later, records_request),
        state=_("not delivered") if came_back else state,
        trouble=came_back or letter.state == OutgoingLetter.State.FAILED, pieces=pieces, is_cut=is_cut,
    )  # fmt: skip


def _of_paper(later: NextLetter, at: datetime, records_request: RecordsRequest, longest: int) -> Entry:
    how = str(later.get_delivery_display())
    return _on_a_sheet(later.sent_copy.content, later, at, records_request, how, longest)


def _of_first(records_request: RecordsRequest, at: datetime, longest: int) -> Entry:
    how = str(records_request.get_delivery_display())
    return _on_a_sheet(records_request.letter, None, at, records_request, how, longest)


def _on_a_sheet(
    sheet: dict[str, Any],
    later: NextLetter | None,
    at: datetime,
    records_request: RecordsRequest,
    how: str,
    longest: int,
) -> Entry:
    content = letters.load(sheet) if sheet else None
    words = [("new", to_text(content))] if content else []
    pieces, is_cut = _cut(words, longest, is_cut=False)
    return Entry(
        at, is_ours=True,
        who=", ".join(content.recipient[:2]) if content else records_request.agency.name,
        title=_title(later), url=_letter_address(later, records_request), state=how, pieces=pieces, is_cut=is_cut,
    )  # fmt: skip


def _title(later: NextLetter | None) -> str:
    return _("Our request") if later is None else _("Our letter: %(title)s") % {"title": letter_type(later.key).title}


def _letter_address(later: NextLetter | None, records_request: RecordsRequest) -> str:
    if later is None:
        return reverse("filing:letter-text", args=[records_request.reference])
    return reverse("correspondence:next-letter", args=[records_request.reference, later.pk])


def _subject(message: IncomingMessage) -> str:
    return harmless(message.subject)[:200] or _("(no subject)")


def _address(message: int) -> str:
    return reverse("correspondence:message", args=[message])


def _cut(pieces: Iterable[tuple[str, str]], longest: int, *, is_cut: bool) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Return the pieces of a text up to so many characters, and whether anything was left out."""
    kept: list[tuple[str, str]] = []
    left = longest
    for kind, words in pieces:
        if left <= 0:
            return tuple(kept), True
        kept.append((kind, words if len(words) <= left else _to_whole_words(words[: max(left - 2, 0)])))
        is_cut = is_cut or len(words) > left
        left -= len(words)
    return tuple(kept), is_cut


def _to_whole_words(words: str) -> str:
    """Return a text that was cut anywhere, cut before the word that was hit."""
    before, _blank, rest = words.rpartition(" ")
    return f"{before} …" if before and len(rest) < LONGEST_WORD else words


# --- Where a page begins, in an address -------------------------------------------------------------------------------


def key_text(key: Key) -> str:
    """Return a place in the list for an address of a page."""
    return f"{key[0].isoformat()}~{key[1]}~{key[2]}"


def key_from(text: str) -> Key | None:
    """Return the place that an address names; None when it names none."""
    moment, _tilde, rest = text[:100].partition("~")
    source, _tilde, number = rest.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    match source:
        case "message" | "letter" | "paper" | "first":
            return (at, source, int(number))
        case _:
            return None
