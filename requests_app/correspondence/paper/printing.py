"""PDFs of letters for the post and for a fax machine. Pure: from `sheets.PaperLetter` to bytes; nothing queries.

A letter stands on its first page so that its address shows in a window, or behind a sheet that carries the address
alone, where its head or its address is too long for that. What came out is measured, not hoped for: `Laid.in_window`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from requests_app.correspondence.paper.sheets import PaperLetter, return_address
from requests_app.correspondence.paper.windows import SHAPES, Box, Shape
from requests_app.kits import naming, rendering
from requests_app.kits.composer import DELIVERY
from requests_app.kits.dress import PLAIN, Dress
from requests_app.kits.letters import Letter

PX: Final = 96.0  # CSS pixels to an inch
TOP: Final = 0.5  # inches of white above the head of a letter in a window envelope
HEAD_GAP: Final = 0.04  # inches that the head keeps clear of the window
LABELS_A_SHEET: Final = 10
UNNUMBERED: Final = "@page { @bottom-left { content: none } @bottom-right { content: none } }"
CERTIFIED: Final = "By certified mail"
CERTIFIED_RECEIPT: Final = "By certified mail, return receipt requested"

Addressing = Literal["window", "envelope", "label"]
Certified = Literal["no", "certified", "receipt"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How letters are printed. `shape`: a key of windows.SHAPES. `duplex`: each paper begins on a sheet of its own."""

    shape: str = "us10"
    addressing: Addressing = "window"
    certified: Certified = "no"
    duplex: bool = True

    @property
    def form(self) -> Shape:
        return SHAPES[self.shape]


@dataclass(frozen=True)
class Laid:
    """One letter laid out: its parts (WeasyPrint documents), each on sheets of its own, and what to tell whoever posts.

    `in_window`: whether the address shows through a window, wherever the sheet slides. `own_envelope`: whether it needs
    an addressed envelope or a label instead.
    """

    letter: PaperLetter
    parts: tuple[Any, ...]
    in_window: bool
    own_envelope: bool
    remarks: tuple[str, ...] = ()

    @property
    def page_counts(self) -> list[int]:
        return [len(part.pages) for part in self.parts]


@dataclass(frozen=True)
class Counted:
    """Where one letter stands in a print: its first page, from 1, how many pages have words, and how many sheets."""

    laid: Laid
    first_page: int
    pages: int
    sheets: int


@dataclass
class _Stack:
    """Pages in the order in which they are printed."""

    duplex: bool
    blank: Any
    pages: list[Any] = field(default_factory=list)
    first: Any = None  # the PDF takes its title from it

    def add(self, part: Any) -> None:
        """Add a paper that begins on a sheet of its own."""
        self.first = self.first or part
        self._turn()
        self.pages.extend(part.pages)

    def add_each(self, part: Any) -> None:
        """Add pages each of which is a sheet of its own, such as envelopes."""
        self.first = self.first or part
        for page in part.pages:
            self._turn()
            self.pages.append(page)

    def _turn(self) -> None:
        if self.duplex and len(self.pages) % 2:
            self.pages.extend(self.blank.pages)

    def written(self) -> bytes:
        """Return the PDF."""
        made: bytes = (self.first or self.blank).copy(self.pages or self.blank.pages).write_pdf(pdf_variant="pdf/ua-1")
        return made


# --- one letter -------------------------------------------------------------------------------------------------------


def lay_out(letter: PaperLetter, options: Options) -> Laid:
    """Return one letter laid out for the post.

    1. In a window envelope, the letter itself carries the address in its window; where it does not fit, a sheet in
       front of it does; where the address is too long for any window, an addressed envelope must.
    2. Then the papers that we made and that go along, each from a page of its own.
    """
    shape = options.form
    content = replace(letter.content, delivery=_delivery(letter.content, options))
    letter = replace(letter, content=content)
    remarks: list[str] = []
    parts: list[Any] = []
    in_window = False
    if options.addressing == "window" and letter.address:
        placed = _in_window(letter, shape) if letter.names_its_address else None
        if placed is not None:
            parts, in_window = [placed], True
        else:
            front = _address_sheet(letter, shape)
            if front is not None:
                parts, in_window = [front], True
                remarks.append(_("A sheet with the address lies in front of the letter, for the window."))
            else:
                remarks.append(_("The address is too long for the window: use an addressed envelope."))
    if not (in_window and len(parts) == 1 and _carries_letter(parts[0], letter)):
        parts.append(_plain(content, letter.dress, shape))
    parts.extend(_plain(paper.content, paper.dress, shape) for paper in letter.enclosed)
    if not letter.address:
        remarks.append(_("No postal address is known: write it on the envelope yourself."))
    if len(letter.return_address) < 2:
        remarks.append(_("The letter names no postal address of its sender: write one on the envelope."))
    if letter.by_hand:
        remarks.append(_("Put with it, it is not printed along: %(what)s") % {"what": "; ".join(letter.by_hand)})
    own_envelope = bool(letter.address) and not in_window
    return Laid(letter, tuple(parts), in_window, own_envelope, tuple(remarks))


def pack(letter: PaperLetter, options: Options) -> bytes:
    """Return everything to print for one letter: the letter with its papers, the sheet for the counter, the envelope.

    The sheet for the counter and the envelope come last: they are not for the envelope.
    """
    laid = lay_out(letter, options)
    made, _counted = combine([laid], options)
    return made


def combine(letters: Sequence[Laid], options: Options, *, front: Sequence[Any] = ()) -> tuple[bytes, list[Counted]]:
    """Return many letters as one PDF, in their order, and where each stands.

    `front`: pages before the first, such as the list of a batch. Printed on both sides, each paper begins on the front
    of a sheet. Sheets for the counter, envelopes and labels come last, in the same order.
    """
    stack, counted = _stacked(letters, options, front)
    return stack.written(), counted


def _stacked(letters: Sequence[Laid], options: Options, front: Sequence[Any]) -> tuple[_Stack, list[Counted]]:
    stack = _Stack(options.duplex, _page("blank", {}, options.form))
    for part in front:
        stack.add(part)
    counted = []
    for laid in letters:
        firsts = []
        for part in laid.parts:
            stack.add(part)
            firsts.append(len(stack.pages) - len(part.pages) + 1)
        sheets = sum(-(-count // 2) if options.duplex else count for count in laid.page_counts)
        counted.append(Counted(laid, firsts[0], sum(laid.page_counts), sheets))
    for part in _around(letters, options):
        stack.add_each(part)
    return stack, counted


def _around(letters: Sequence[Laid], options: Options) -> Iterable[Any]:
    """Yield what is printed for the letters and not put into their envelopes."""
    if options.certified != "no":
        for laid in letters:
            yield counter_sheet(laid.letter, options)
    own = [laid.letter for laid in letters if laid.own_envelope]
    if not own:
        return
    if options.addressing == "label":
        yield labels(own, options)
    else:
        yield envelopes(own, options)


def _delivery(content: Letter, options: Options) -> str:
    """Return the line that says how the letter goes. One written for another way says what is true on paper."""
    lines = {"no": DELIVERY["post"], "certified": CERTIFIED, "receipt": CERTIFIED_RECEIPT}
    return lines[options.certified]


def _in_window(letter: PaperLetter, shape: Shape) -> Any | None:
    """Return the letter with its address in the window; None where head or address do not keep to their places."""
    context = {**rendering.context(letter.content, letter.dress), "folds": True}
    html = render_to_string("correspondence/paper/letter.html", context)
    made = rendering.render(html, extra_sheet=window_styles(shape, letter.address))
    return made if _keeps_to_window(made, shape) else None


def _address_sheet(letter: PaperLetter, shape: Shape) -> Any | None:
    """Return a sheet that carries nothing but the address in its window; None where the address is too long."""
    context = {
        "lines": [rendering.typeset(line) for line in letter.address],
        "return_lines": [rendering.typeset(line) for line in letter.return_address],
        "title": _("Address of %(reference)s") % {"reference": letter.request.reference},
    }
    html = render_to_string("correspondence/paper/address_sheet.html", context)
    made = rendering.render(html, extra_sheet=window_styles(shape, letter.address) + UNNUMBERED)
    return made if _keeps_to_window(made, shape) else None


def _carries_letter(part: Any, letter: PaperLetter) -> bool:
    """Return whether a part laid out for a window is the letter itself and not a sheet in front of it."""
    return "head" in part.pages[0].anchors


def _keeps_to_window(made: Any, shape: Shape) -> bool:
    """Return whether the address fits its box, and the head keeps clear of whatever the window may show."""
    boxes = {name: Box(*(edge / PX for edge in edges)) for name, edges in made.pages[0].anchors.items()}
    address, head = boxes.get("address"), boxes.get("head")
    rounding = 0.005
    if address is None or not shape.address_box().holds(address.shrunk(rounding)):
        return False
    return head is None or head.bottom + HEAD_GAP <= shape.ever_shown().top


def window_styles(shape: Shape, address: Sequence[str]) -> str:
    """Return the styles that put head, address and text of a first page where an envelope's window wants them."""
    box, shown = shape.address_box(), shape.ever_shown()
    size, leading = (9, 10.6) if len(address) <= 5 else (8, 8.9)  # points; six lines are the most that fit a US window
    left = shape.margin[0]
    text_from = shown.bottom + 0.1
    return f"""
    @page {{ size: {shape.paper}; margin: 0.8in {shape.margin[1]:.4f}in 0.9in {left:.4f}in; }}
    @page :first {{ margin-top: {TOP}in; }}
    .letter {{ padding-top: {text_from - TOP:.4f}in; }}
    .letterhead {{ left: 0; margin: 0; position: absolute; right: 0; top: 0; }}
    .letterhead .logo {{ float: right; margin: 0 0 0 12pt; max-height: 48pt; }}
    .letterhead p {{ line-height: 1.35; }}
    .recipient {{
      font-size: {size}pt; left: {box.left - left:.4f}in; line-height: {leading}pt; margin: 0; position: absolute;
      top: {box.top - TOP:.4f}in; width: {box.width:.4f}in;
    }}
    .recipient p {{ margin: 0; }}
    .fold {{ border-top: 0.5pt solid #8a9499; left: {0.15 - left:.4f}in; position: absolute; width: 0.2in; }}
    .first-fold {{ top: {shape.folds[0] - TOP:.4f}in; }}
    .second-fold {{ top: {shape.folds[1] - TOP:.4f}in; }}
    .address-sheet {{ padding-top: {text_from - TOP:.4f}in; }}
    .address-sheet .letterhead {{ border: 0; font-size: 8.2pt; }}
    .folding {{ color: #4a5358; font-size: 8pt; }}
    """


def _plain(content: Letter, dress: Dress, shape: Shape) -> Any:
    return rendering.render(rendering.to_html(content, dress), extra_sheet=_paper(shape))


def _paper(shape: Shape) -> str:
    return f"@page {{ size: {shape.paper}; }}"


@cache
def _sheet() -> str:
    return Path(__file__).with_name("paper.css").read_text(encoding="utf-8")


def _page(name: str, context: dict[str, Any], shape: Shape, more: str = "") -> Any:
    html = render_to_string(f"correspondence/paper/{name}.html", context)
    return rendering.render(html, extra_sheet=_paper(shape) + UNNUMBERED + _sheet() + more)


# --- around a letter --------------------------------------------------------------------------------------------------


def counter_sheet(letter: PaperLetter, options: Options) -> Any:
    """Return the sheet for the counter: what stands on the post office's two forms, and room for the number."""
    context = {
        "reference": letter.request.reference,
        "subject": rendering.typeset(letter.content.subject),
        "date": naming.long_date(letter.content.date),
        "lines": [rendering.typeset(line) for line in letter.address],
        "return_lines": [rendering.typeset(line) for line in letter.return_address],
        "receipt": options.certified == "receipt",
        "by_hand": [rendering.typeset(line) for line in letter.by_hand],
        "boxes": [range(4)] * 5 + [range(2)],  # 20 or 22 digits
    }
    return _page("certified_sheet", context, options.form)


@dataclass(frozen=True, slots=True)
class _Envelope:
    lines: list[str]
    return_lines: list[str]
    mark: str


def _envelope(letter: PaperLetter, options: Options) -> _Envelope:
    marks = {"no": "", "certified": "Certified mail", "receipt": "Certified mail, return receipt requested"}
    return _Envelope(
        [rendering.typeset(line) for line in letter.address],
        [rendering.typeset(line) for line in return_address(letter.content)],
        marks[options.certified],
    )


def envelopes(letters: Sequence[PaperLetter], options: Options) -> Any:
    """Return one page for each envelope without a window, in the envelope's own size."""
    width, height = options.form.envelope
    styles = f"""
    @page {{ size: {width:.4f}in {height:.4f}in; margin: 0.3in 0.35in; }}
    .envelope {{ height: {height - 0.65:.4f}in; }}
    .envelope .to {{ font-size: 11pt; left: {width * 0.42:.4f}in; line-height: 1.35; position: absolute;
      top: {height * 0.42:.4f}in; width: {width * 0.5:.4f}in; }}
    .envelope .mark {{ left: {width * 0.42:.4f}in; position: absolute; top: {height * 0.3:.4f}in; }}
    """
    found = [_envelope(letter, options) for letter in letters]
    return _page("envelopes", {"envelopes": found, "title": _("Envelopes")}, options.form, styles)


def labels(letters: Sequence[PaperLetter], options: Options) -> Any:
    """Return sheets of labels to cut out, ten to a sheet."""
    found = [_envelope(letter, options) for letter in letters]
    sheets = [found[place : place + LABELS_A_SHEET] for place in range(0, len(found), LABELS_A_SHEET)]
    styles = "@page { margin: 0.4in 0.2in; }" if options.shape == "us10" else "@page { margin: 0.6in 3mm; }"
    return _page("labels", {"sheets": sheets, "title": _("Labels")}, options.form, styles)


# --- the list of a batch ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of the list: where a letter stands in the print and what whoever posts it must know."""

    position: int
    reference: str
    lines: tuple[str, ...]
    first_page: int
    pages: int
    sheets: int
    note: str


def cover_list(
    counted: Sequence[Counted],
    options: Options,
    *,
    title: str,
    made: str,
    group: str,
    left_out: Sequence[tuple[str, str]],
    shift: int = 0,
) -> Any:
    """Return the list of a batch. `shift`: how many pages stand before the first letter."""
    rows = [
        ListRow(
            position=place,
            reference=one.laid.letter.stem,
            lines=tuple(rendering.typeset(line) for line in one.laid.letter.address),
            first_page=one.first_page + shift,
            pages=one.pages,
            sheets=one.sheets,
            note=rendering.typeset(" ".join(one.laid.remarks)),
        )
        for place, one in enumerate(counted, start=1)
    ]
    own = sum(one.laid.own_envelope for one in counted)
    words = {"window": "Window envelopes.", "envelope": "The envelopes come last.", "label": "The labels come last."}
    said = words[options.addressing]
    if options.addressing == "window" and own:
        said = f"Window envelopes; {own} addressed ones come last."
    context = {
        "title": title,
        "made": made,
        "group": group,
        "rows": rows,
        "left_out": left_out,
        "total_pages": sum(row.pages for row in rows),
        "total_sheets": sum(row.sheets for row in rows),
        "duplex": options.duplex,
        "envelopes": said,
    }
    return _page("cover_list", context, options.form)


def batch(
    letters: Sequence[Laid],
    options: Options,
    *,
    title: str,
    made: str,
    group: str,
    left_out: Sequence[tuple[str, str]] = (),
) -> tuple[bytes, list[Counted], int]:
    """Return a batch with its list in front, where each letter stands in it, and how many pages it has.

    The list is laid out twice: only when it is there is it known how many pages it takes before the first letter.
    """
    about: dict[str, Any] = {"title": title, "made": made, "group": group, "left_out": left_out}
    _stack, alone = _stacked(letters, options, ())
    shift = _taken(cover_list(alone, options, **about), options)
    front = cover_list(alone, options, **about, shift=shift)
    stack, counted = _stacked(letters, options, [front])
    return stack.written(), counted, len(stack.pages)


def _taken(part: Any, options: Options) -> int:
    count = len(part.pages)
    return count + count % 2 if options.duplex else count


# --- a fax ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fax:
    """A fax ready to be sent: the PDF, and how many pages it has with its cover sheet."""

    pdf: bytes
    pages: int


def fax(letter: PaperLetter, *, number: str, answer: str, phone: str = "") -> Fax:
    """Return cover sheet, letter and papers as one PDF. `answer`: the e-mail address for the answer."""
    content = replace(letter.content, delivery=f"{DELIVERY['fax']} to {number}")
    shape = SHAPES["us10"]
    parts = [_plain(content, replace(letter.dress, logo=None), shape)]
    parts += [_plain(paper.content, replace(paper.dress, logo=None), shape) for paper in letter.enclosed]
    pages = sum(len(part.pages) for part in parts) + 1
    agency = content.recipient
    facts = [
        ("To", "\N{NO-BREAK SPACE}· ".join(rendering.typeset(line) for line in agency[:2])),
        ("Fax", number),
        ("From", rendering.typeset(content.closing.name)),
        ("Date", naming.long_date(content.date)),
        ("Pages", f"{pages}, this sheet included"),
        ("About", rendering.typeset(content.subject)),
        *([("Our number", content.reference)] if content.reference else []),
    ]
    context = {
        "sender": [rendering.typeset(line) for line in content.sender],
        "facts": facts,
        "answer": answer,
        "phone": phone,
    }
    html = render_to_string("correspondence/paper/fax_cover.html", context)
    cover = rendering.render(html, _fax_sheet())
    made: bytes = cover.copy([page for part in (cover, *parts) for page in part.pages]).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    return Fax(made, pages)


@cache
def _fax_sheet() -> str:
    return Path(__file__).with_name("fax.css").read_text(encoding="utf-8")


__all__ = [
    "PLAIN",
    "Counted",
    "Fax",
    "Laid",
    "Options",
    "batch",
    "combine",
    "fax",
    "lay_out",
    "pack",
]
