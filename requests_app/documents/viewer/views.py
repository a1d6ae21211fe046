"""The pages of a document on the screen, their pictures and words, and finding in them.

Each address takes the document's own id and looks it up among what the visitor may see: a guessed one is a 404.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.documents import locks, permissions
from requests_app.documents import queries as documents
from requests_app.documents.inside import inside_of
from requests_app.documents.marks import queries as marks
from requests_app.documents.models import Document, Page, Sheet
from requests_app.documents.rendering import WIDTHS, NoPicture, page_picture
from requests_app.documents.search import near
from requests_app.documents.viewer import comparing, queries, texts
from requests_app.documents.viewer.margin import margins_of

log = logging.getLogger(__name__)
LINES = 2000  # of a text, on one page of it
MOST_MEMBERS = 1000  # files of an archive on its list; search finds the others
MOST_LISTED = 500  # lines found in a text
MOST_COMPARED = 1000  # pages of each


@require_GET
def read(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open a document as its kind is read: page by page, as mail, as text, or as a list of what is in it."""
    document = _known(request, pk)
    if reason := permissions.why_withheld(document):
        return _withheld(request, document, reason)
    if queries.has_pages(document):
        return redirect("documents:page", document.pk, 1)
    if Sheet.objects.filter(blob=document.blob_id).exists():
        return redirect("documents:sheet", document.pk, 1)
    if document.kind == "e-mail" and not queries.is_store_of_mails(document):
        return _mail(request, document)
    if any(True for _part in queries.text_parts(document)):
        return _text(request, document)
    if queries.members_of(document).exists():
        return _members(request, document)
    return _kept_only(request, document)


@require_GET
def page(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Show one page: its picture, its words over it, and the way to the others."""
    document = _known(request, pk)
    if reason := permissions.why_withheld(document):
        return _withheld(request, document, reason)
    shown = queries.page_of(document, number)
    if shown is None:
        raise Http404
    count = queries.pages_of(document).count()
    query = request.GET.get("q", "")[: queries.LONGEST_QUERY]
    found = queries.find(document, query) if query.strip() else None
    facts = queries.facts_of_page(document, shown)
    context = {
        **_frame(request, document),
        "page": shown,
        "facts": facts,
        "count": count,
        "near": range(max(1, number - queries.NEAR), min(count, number + queries.NEAR) + 1),
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < count else None,
        "query": query,
        "found": found,
        "found_json": queries.as_json(document, found) if found else None,
        "boxes": _rectangles_on(number, found),
        "widths": [width for width in WIDTHS if width > 160],
        "asked": f"?{urlencode({'q': query})}" if query else "",
        "margins": margins_of(request, document, number, of="page"),
    }
    return render(request, "documents/viewer/page.html", context)


@require_GET
def go(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Go to the page that somebody typed: the file's own label such as iv, a page id, or a number."""
    document = _visible(request, pk)
    given = request.GET.get("to", "")[:60]
    number = queries.page_named(document, given)
    if wants_json(request):
        return JsonResponse({"page": number})
    if number is None:
        return render(
            request, "documents/viewer/no_such_page.html", {**_frame(request, document), "given": given}, status=404
        )
    return redirect("documents:page", document.pk, number)


@require_GET
def page_words(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """Send what the script shows of one page: its size, its words with their places, notes on it."""
    document = _readable(request, pk)
    shown = queries.page_of(document, number)
    if shown is None:
        raise Http404
    response = JsonResponse(queries.facts_of_page(document, shown))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_GET
def find(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """List where some words stand in the document."""
    document = _known(request, pk)
    if reason := permissions.why_withheld(document):
        return _withheld(request, document, reason)
    found = queries.find(document, request.GET.get("q", "")[: queries.LONGEST_QUERY])
    if wants_json(request):
        return JsonResponse(queries.as_json(document, found))
    context = {**_frame(request, document), "found": found, "query": found.query}
    return render(request, "documents/viewer/find.html", context)


@require_GET
def page_picture_file(request: HttpRequest, pk: uuid.UUID, number: int, width: int) -> HttpResponseBase:
    """Send the picture of a page. The browser may keep it, but asks each time whether its reader still may see it."""
    document = _readable(request, pk)
    if width not in WIDTHS or not Page.objects.filter(blob=document.blob_id, number=number).exists():
        raise Http404
    tag = f'"{document.blob_id[:32]}-{number}-{width}"'
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        try:
            picture = page_picture(document.blob, number, width=width)
            response = FileResponse(picture.open("rb"), content_type="image/webp")
        except NoPicture as trouble:
            log.warning("page %s of document %s has no picture: %s", number, document.pk, trouble.code)
            raise Http404 from trouble
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_GET
def progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say how far the reading of the document has come: a part of a page, asked for again while it goes on."""
    document = _visible(request, pk)
    context = {"document": document, "progress": queries.progress_of(document)}
    return render(request, "documents/viewer/_progress.html", context)


@require_GET
def beside(request: HttpRequest, pk: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Show two documents side by side, each at a page of its own."""
    ours, theirs = _visible(request, pk), _visible(request, other)
    for document in (ours, theirs):
        if reason := permissions.why_withheld(document):
            return _withheld(request, document, reason)
    at = {"left": _page_asked(request, "left"), "right": _page_asked(request, "right")}
    panes = [_pane(ours, "left", at), _pane(theirs, "right", at)]
    context = {"panes": panes, "left": ours, "right": theirs, "crumbs": [*_crumbs(ours), (_("Side by side"), "")]}
    return render(request, "documents/viewer/beside.html", context)


@require_GET
def compare(request: HttpRequest, pk: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Show what differs in the words of two documents, page by page."""
    ours, theirs = _visible(request, pk), _visible(request, other)
    for document in (ours, theirs):
        if reason := permissions.why_withheld(document):
            return _withheld(request, document, reason)
    texts_of = [queries.texts_of(document) for document in (ours, theirs)]
    pairs = comparing.compare(texts_of[0][:MOST_COMPARED], texts_of[1][:MOST_COMPARED])
    context = {
        "left": ours,
        "right": theirs,
        "groups": comparing.folded(pairs),
        "differ": sum(pair.state != "same" for pair in pairs),
        "without_words": [not any(text.strip() for text in each) for each in texts_of],
        "left_has_pages": queries.has_pages(ours),
        "right_has_pages": queries.has_pages(theirs),
        "cut": max(map(len, texts_of)) > MOST_COMPARED,
        "most": MOST_COMPARED,
        "crumbs": [*_crumbs(ours), (_("What changed"), "")],
    }
    return render(request, "documents/viewer/compare.html", context)


@require_GET
def choose_second(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose the document to read beside this one, or to compare it with."""
    document = _visible(request, pk)
    words = request.GET.get("words", "")[:100]
    likely = marks.related_to(document, request.user) if not words.strip() else {}
    alike = near.near_duplicates_of(document, request.user) if not words.strip() else []
    context = {
        "document": document,
        "words": words,
        "likely": likely,
        "near": [each.document for each in alike if not each.is_same_file],
        "others": list(marks.could_stand_beside(document, request.user, words)[:50]),
        "crumbs": [*_crumbs(document), (_("Read beside another"), "")],
    }
    return render(request, "documents/viewer/choose_second.html", context)


def wants_json(request: HttpRequest) -> bool:
    """Whether the script asks."""
    return request.headers.get("Accept", "").startswith("application/json")


def _mail(request: HttpRequest, document: Document) -> HttpResponse:
    said = "\n".join(queries.text_parts(document))
    context = {
        **_frame(request, document),
        "margins": margins_of(request, document),
        "mail": texts.mail_in(said) if said.strip() else None,
        "members": list(queries.members_of(document)),
    }
    return render(request, "documents/viewer/mail.html", context)


def _text(request: HttpRequest, document: Document) -> HttpResponse:
    query = request.GET.get("q", "")[: queries.LONGEST_QUERY]
    lines = texts.lines_of(queries.text_parts(document))
    hits = texts.lines_with(lines, query)
    start = texts.start_of(request.GET.get("from", ""), len(lines), LINES)
    shown = range(start, min(len(lines), start + LINES - 1) + 1)
    starts = {number: texts.start_of(str(number), len(lines), LINES) for number in sorted(hits)[:MOST_LISTED]}
    context = {
        **_frame(request, document),
        "margins": margins_of(request, document),
        "rows": [(number, lines[number - 1], number in hits) for number in shown],
        "query": query,
        "hits": [(number, lines[number - 1], begin) for number, begin in starts.items()],
        "line_count": len(lines),
        "previous_from": start - LINES if start > 1 else None,
        "next_from": start + LINES if start + LINES <= len(lines) else None,
        "members": list(queries.members_of(document)),
    }
    return render(request, "documents/viewer/text.html", context)


def _members(request: HttpRequest, document: Document) -> HttpResponse:
    context = {
        **_frame(request, document),
        "members": list(queries.members_of(document)[:MOST_MEMBERS]),
        "member_count": document.members.count(),
        "inside": inside_of(document),
    }
    return render(request, "documents/viewer/members.html", context)


def _kept_only(request: HttpRequest, document: Document) -> HttpResponse:
    return render(request, "documents/viewer/kept_only.html", _frame(request, document))


def _frame(request: HttpRequest, document: Document) -> dict[str, Any]:
    """Return what every screen of reading shows around the document."""
    return {
        "document": document,
        "progress": queries.progress_of(document),
        "crumbs": [*_crumbs(document), (_("Read it"), "")],
        "may_describe": permissions.can_describe(request.user),
    }


def _pane(document: Document, side: str, at: dict[str, int]) -> dict[str, Any]:
    number, count = at[side], queries.pages_of(document).count()
    number = max(1, min(number, count))
    shown = queries.page_of(document, number)
    ways = {word: urlencode({**at, side: to}) for word, to in (("previous", number - 1), ("next", number + 1))}
    return {
        "side": side,
        "document": document,
        "page": shown,
        "number": number,
        "count": count,
        "text": queries.text_of_page(document, number) if shown else "",
        "plain": "" if shown else "\n".join(queries.text_parts(document))[:200_000],
        "previous": ways["previous"] if number > 1 else "",
        "next": ways["next"] if number < count else "",
        "other": {key: value for key, value in at.items() if key != side},
    }


def _page_asked(request: HttpRequest, side: str) -> int:
    given = request.GET.get(side, "")
    return int(given) if given.isdecimal() and 0 < len(given) < 8 and int(given) else 1


def _rectangles_on(number: int, found: queries.Found | None) -> list[dict[str, float]]:
    """Return the boxes of what was found on a page as SVG wants them, a little larger than the words."""
    boxes = [box for hit in found.hits if hit.page == number for box in hit.boxes] if found else []
    return [
        {"x": left - 1, "y": top - 1, "width": right - left + 2, "height": bottom - top + 2}
        for left, top, right, bottom in boxes
    ]


def _visible(request: HttpRequest, pk: uuid.UUID) -> Document:
    return get_object_or_404(documents.visible_to(request.user), pk=pk)


def _known(request: HttpRequest, pk: uuid.UUID) -> Document:
    """Return a document, also an erased one: its pages say that it was."""
    return get_object_or_404(documents.with_erased(request.user), pk=pk)


def _readable(request: HttpRequest, pk: uuid.UUID) -> Document:
    """Return a document whose content may be shown; for pictures and words, which have no page to say why not."""
    document = _visible(request, pk)
    if not permissions.can_show(document):
        raise Http404
    return document


def _withheld(request: HttpRequest, document: Document, reason: str) -> HttpResponse:
    crumbs = [(_("Documents"), reverse("documents:list")), (document.original_name, "")]
    why = locks.why_locked(document.blob)
    context = {"document": document, "reason": reason, "why_locked": why, "crumbs": crumbs}
    return render(request, "documents/viewer/withheld.html", context, status=410 if reason == "erased" else 423)


def _crumbs(document: Document) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (document.request.reference, document.request.get_absolute_url()),
        (document.original_name, document.get_absolute_url()),
    ]
