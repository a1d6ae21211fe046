"""Annotations as other tools read and write them: W3C's Web Annotation Data Model of 2017, as JSON-LD.

Written are one annotation with a specific resource as target: its selector names the page (a fragment after RFC 3778)
or the cells (RFC 7111), refined by the words (section 4.2.4 and 4.2.5) or the region (a media fragment, in percent).
Read is that, and what others write: several selectors side by side, a page as hypothes.is names it, regions in pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from requests_app.review.anchoring import TextQuote
from requests_app.review.targets import (
    Cells,
    MailText,
    NoTarget,
    PageRegion,
    PageText,
    Target,
    WholeDocument,
    WholePage,
)

CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"
PAGES: Final = "http://tools.ietf.org/rfc/rfc3778"
TABLES: Final = "http://tools.ietf.org/rfc/rfc7111"
MEDIA: Final = "http://www.w3.org/TR/media-frags/"
LONGEST: Final = 100_000  # characters of one note or passage that is read
MOST_BODIES: Final = 100
_PAGE: Final = re.compile(r"(?:^|&)page=([0-9]{1,7})(?:&|$)")
_REGION: Final = re.compile(r"(?:^|&)xywh=(?:(percent|pixel):)?([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)(?:&|$)")
_CELLS: Final = re.compile(r"cell=([0-9]{1,7}),([0-9]{1,5})(?:-([0-9]{1,7}),([0-9]{1,5}))?")
_SHEET: Final = re.compile(r"/sheets/([0-9]{1,5})/?$")


class NotUnderstood(ValueError):
    """This is no annotation that can be taken. `code`: shape, target, selector, too_long or needs_size."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Shared:
    """One annotation, free of the database."""

    id: str
    source: str  # the address of the document
    target: Target
    note: str = ""  # Markdown
    labels: tuple[str, ...] = ()
    creator: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    replies_to: str = ""  # the id of another annotation; then `target` is the whole document
    motivation: str = field(default="commenting")


def to_json(shared: Shared) -> dict[str, Any]:
    """Return the annotation as a JSON-LD object."""
    bodies: list[dict[str, Any]] = []
    if shared.note:
        purpose = "replying" if shared.replies_to else "commenting"
        bodies.append({"type": "TextualBody", "value": shared.note, "format": "text/markdown", "purpose": purpose})
    bodies += [{"type": "TextualBody", "value": label, "purpose": "tagging"} for label in shared.labels]
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "id": shared.id,
        "type": "Annotation",
        "motivation": "replying" if shared.replies_to else shared.motivation,
        "body": bodies,
        "target": shared.replies_to or target_to_json(shared.source, shared.target),
    }
    if shared.creator:
        found["creator"] = {"type": "Person", "nickname": shared.creator}
    for name, moment in (("created", shared.created), ("modified", shared.modified)):
        if moment is not None:
            found[name] = moment.isoformat()
    return found


def from_json(given: Any, *, page_sizes: Mapping[int, tuple[float, float]] | None = None) -> Shared:
    """Return what a JSON-LD object says. `page_sizes`: pixels of each page, for regions that are given in pixels.

    Raises NotUnderstood; never anything else, whatever the object.
    """
    if not isinstance(given, dict) or "Annotation" not in _list(given.get("type")):
        raise NotUnderstood("shape", "no annotation")
    bodies = [_body(body) for body in _list(given.get("body"))[:MOST_BODIES]]
    notes = [text for purpose, text in bodies if purpose != "tagging" and text]
    labels = tuple(dict.fromkeys(text for purpose, text in bodies if purpose == "tagging" and text))
    targets = _list(given.get("target"))
    if len(targets) != 1:
        raise NotUnderstood("target", "not one")
    motivation = next((word for word in _list(given.get("motivation")) if isinstance(word, str)), "commenting")
    is_reply = motivation == "replying"
    source, target = _read_target(targets[0], page_sizes or {}, is_reply=is_reply)
    return Shared(
        id=_text(given.get("id")),
        source="" if is_reply else source,
        target=target,
        note="\n\n".join(notes),
        labels=labels,
        creator=_creator(given.get("creator")),
        created=_moment(given.get("created")),
        modified=_moment(given.get("modified")),
        replies_to=source if is_reply else "",
        motivation="commenting" if is_reply else motivation,
    )


def target_to_json(source: str, target: Target) -> Any:
    """Return the target alone, as annotations are kept."""
    match target:
        case WholeDocument():
            return source
        case WholePage(page):
            selector: Any = _page(page)
        case PageText(page, quote, start):
            selector = {**_page(page), "refinedBy": _words(quote, start)}
        case PageRegion(page):
            percent = (target.left, target.top, target.width, target.height)
            value = "xywh=percent:" + ",".join(f"{100 * share:.4f}".rstrip("0").rstrip(".") for share in percent)
            selector = {**_page(page), "refinedBy": _fragment(MEDIA, value)}
        case Cells():
            value = f"cell={target.first_row},{target.first_column}"
            if (target.first_row, target.first_column) != (target.last_row, target.last_column):
                value += f"-{target.last_row},{target.last_column}"
            source, selector = f"{source.rstrip('/')}/sheets/{target.sheet}/", _fragment(TABLES, value)
        case MailText(quote, start):
            selector = _words(quote, start)
    return {"type": "SpecificResource", "source": source, "selector": selector}


def target_from_json(given: Any) -> Target:
    """Return the target that `target_to_json` wrote. Raises NotUnderstood."""
    return _read_target(given, {}, is_reply=False)[1]


def _page(number: int) -> dict[str, Any]:
    return _fragment(PAGES, f"page={number}")


def _fragment(standard: str, value: str) -> dict[str, Any]:
    return {"type": "FragmentSelector", "conformsTo": standard, "value": value}


def _words(quote: TextQuote, start: int | None) -> Any:
    words = {"type": "TextQuoteSelector", "exact": quote.exact, "prefix": quote.prefix, "suffix": quote.suffix}
    if start is None:
        return words
    return [words, {"type": "TextPositionSelector", "start": start, "end": start + len(quote.exact)}]


@dataclass
class _Seen:
    """What the selectors of one target say together."""

    page: int | None = None
    region: tuple[str, tuple[float, ...]] | None = None
    cells: tuple[int, int, int, int] | None = None
    quote: TextQuote | None = None
    start: int | None = None


def _read_target(given: Any, page_sizes: Mapping[int, tuple[float, float]], *, is_reply: bool) -> tuple[str, Target]:
    if isinstance(given, str):
        return _text(given), WholeDocument()
    if not isinstance(given, dict):
        raise NotUnderstood("target")
    source = given.get("source", given.get("id"))
    source = _text(source.get("id") if isinstance(source, dict) else source)
    selectors = _list(given.get("selector"))
    if is_reply or not selectors:
        return source, WholeDocument()
    seen = _Seen()
    for selector in _unfolded(selectors):
        _see(selector, seen)
    sheet = _SHEET.search(source)
    try:
        target = _seen_target(seen, int(sheet[1]) if sheet else 1, page_sizes)
    except NoTarget as trouble:
        raise NotUnderstood("selector", trouble.code) from trouble
    return (source[: sheet.start()] + "/" if sheet and isinstance(target, Cells) else source), target


def _unfolded(selectors: Sequence[Any], depth: int = 0) -> Iterable[dict[str, Any]]:
    """Give every selector with those that refine it, to a depth that nobody needs."""
    for selector in selectors[:20]:
        if isinstance(selector, dict) and depth < 5:
            yield selector
            yield from _unfolded(_list(selector.get("refinedBy")), depth + 1)


def _see(selector: Mapping[str, Any], seen: _Seen) -> None:
    kinds = _list(selector.get("type"))
    if "TextQuoteSelector" in kinds:
        seen.quote = TextQuote(*(_text(selector.get(name)) for name in ("exact", "prefix", "suffix")))
    elif "TextPositionSelector" in kinds:
        seen.start = _number(selector.get("start"))
    elif "PageSelector" in kinds:  # hypothes.is: an index from 0
        index = _number(selector.get("index"))
        seen.page = None if index is None else index + 1
    elif "FragmentSelector" in kinds:
        value = _text(selector.get("value"))
        if page := _PAGE.search(value):
            seen.page = int(page[1])
        if region := _REGION.search(value):
            seen.region = (region[1] or "pixel", tuple(_decimal(part) for part in region.groups()[1:]))
        if cells := _CELLS.fullmatch(value):
            row, column = int(cells[1]), int(cells[2])
            seen.cells = (row, column, int(cells[3] or row), int(cells[4] or column))


def _seen_target(seen: _Seen, sheet: int, page_sizes: Mapping[int, tuple[float, float]]) -> Target:
    if seen.cells is not None:
        return Cells(sheet, *seen.cells)
    if seen.region is not None:
        unit, (left, top, width, height) = seen.region
        page = seen.page or 1
        if unit == "percent":
            across, down = 100.0, 100.0
        elif page in page_sizes and min(page_sizes[page]) > 0:
            across, down = page_sizes[page]
        else:
            raise NotUnderstood("needs_size")
        return PageRegion(page, left / across, top / down, width / across, height / down)
    if seen.quote is not None:
        return PageText(seen.page, seen.quote, seen.start) if seen.page else MailText(seen.quote, seen.start)
    if seen.page is not None:
        return WholePage(seen.page)
    raise NotUnderstood("selector", "none that is known here")


def _body(given: Any) -> tuple[str, str]:
    if isinstance(given, str):
        return "linking", _text(given)
    if not isinstance(given, dict):
        raise NotUnderstood("shape", "body")
    purposes = [word for word in _list(given.get("purpose")) if isinstance(word, str)]
    return (purposes[0] if purposes else "commenting"), _text(given.get("value", given.get("id")))


def _creator(given: Any) -> str:
    for one in _list(given):
        if isinstance(one, str):
            return _text(one)
        if isinstance(one, dict):
            return _text(one.get("nickname") or one.get("name") or one.get("id"))
    return ""


def _list(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [given]


def _text(given: Any) -> str:
    if not isinstance(given, str):
        return ""
    if len(given) > LONGEST:
        raise NotUnderstood("too_long")
    return given.replace("\x00", "")


def _number(given: Any) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**31 else None


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError as trouble:
        raise NotUnderstood("selector", "no number") from trouble


def _moment(given: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(given))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
