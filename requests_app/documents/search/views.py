"""The search, and the searches that a person keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from requests_app.documents.marks import queries as marks
from requests_app.documents.models import Document, Passage, SavedSearch
from requests_app.documents.search import language, places, queries, services, wording
from requests_app.documents.search.facets import Facet
from requests_app.documents.search.finding import PAGE, RANKED, Found, find
from requests_app.documents.search.forms import SearchForm, TellingForm
from requests_app.documents.search.language import LONGEST, Asked
from requests_app.documents.search.snippets import Piece
from requests_app.documents.search.spelling import suggest
from requests_app.people.models import Person


@dataclass(frozen=True)
class PlaceShown:
    """One place of a document, with all that its line needs."""

    label: str
    url: str
    picture: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ChoiceShown:
    """One value of a facet, with the query that it leads to."""

    label: str
    url: str
    count: int


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what fits a query among the documents this person may see, the best first."""
    query = _query(request.GET.get("q", ""))
    page = _page(request.GET.get("page", ""))
    results = find(request.user, query, page=page)
    asked = results.asked
    other = suggest(request.user, query, asked) if asked.every and not results.found and page == 1 else ""
    numbered = marks.page_with_id(
        queries.findable_by(request.user).select_related("agency", "request", "page_numbers"), query
    )
    context = {
        "form": SearchForm(initial={"q": query}),
        "numbered": _numbered(*numbered) if numbered and page == 1 else None,
        "query": query,
        "results": results,
        "how_many": wording.how_many(results),
        "remarks": [wording.remark(each) for each in asked.remarks],
        "narrowed": [(wording.narrowing(each), _url(language.wider(query, each))) for each in asked.narrowed],
        "rows": [(found, _places(found, asked), found.place_count - len(found.places)) for found in results.found],
        "facets": [_facet(facet, query) for facet in results.facets],
        "other": other,
        "other_url": _url(other),
        "page_id_example": marks.page_id(123),
        "is_saved": queries.saved_by(_person(request)).filter(query=_kept(query)).exists() if query else False,
        "fields": language.FIELDS,
        "prev_url": _url(query, page - 1) if page > 1 else "",
        "next_url": _url(query, page + 1) if results.has_more else "",
    }
    return render(request, "documents/search/search.html", context)


@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep a search and tell of new documents that fit it."""
    query = _query(request.POST.get("q", ""))
    try:
        services.save_search(_person(request), query, now=timezone.now())
    except services.AsksNothing:
        messages.error(request, _("This search looks for nothing, so it was not kept. Type a word or a field first."))
    except services.TooManySaved:
        messages.error(
            request,
            _("You keep %(number)s searches already, so this one was not kept. Remove one that you no longer need.")
            % {"number": services.MOST_SAVED},
        )
    else:
        messages.success(request, _("Kept. You will be told when a new document fits it."))
    return redirect(_url(query))


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    """List the searches that this person keeps."""
    rows = [(each, _url(each.query)) for each in queries.saved_by(_person(request))]
    return render(request, "documents/search/saved.html", {"rows": rows})


@require_GET
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead from a notice to the answer as it is now."""
    return redirect(_url(_own(request, pk).query))


@require_POST
def switch_telling(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell of new documents, or no longer."""
    form = TellingForm(request.POST)
    on = form.is_valid() and form.cleaned_data["on"]
    services.switch_telling(_own(request, pk), on=on, now=timezone.now())
    messages.success(
        request,
        _("You will be told of documents that come from now on.") if on else _("You will not be told any more."),
    )
    return redirect("documents:saved-searches")


@require_POST
def drop_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a search no longer."""
    services.drop_search(_own(request, pk))
    messages.success(request, _("Removed. The documents are where they were."))
    return redirect("documents:saved-searches")


def _person(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def _own(request: HttpRequest, pk: int) -> SavedSearch:
    return get_object_or_404(queries.saved_by(_person(request)), pk=pk)


def _query(given: str) -> str:
    """Return what was typed, without signs that no page can hold and not much longer than is read of it."""
    return given.replace("\x00", " ").strip()[: LONGEST + 1]


def _kept(query: str) -> str:
    return " ".join(query.split())[:LONGEST]


def _page(given: str) -> int:
    most = RANKED // PAGE + 1
    return min(int(given), most) if given.isascii() and given.isdigit() and len(given) < 6 and int(given) else 1


def _url(query: str, page: int = 1) -> str:
    facts: dict[str, Any] = {"q": query} | ({"page": page} if page > 1 else {})
    return reverse("documents:search") + "?" + urlencode(facts)


def _places(found: Found, asked: Asked) -> list[PlaceShown]:
    return [
        PlaceShown(
            wording.place(each.kind, each.place),
            places.address(found.document, each.kind, each.place, asked),
            places.picture(found.document, each.kind, each.place),
            each.pieces,
        )
        for each in found.places
    ]


def _numbered(document: Document, number: int) -> dict[str, Any]:
    """Return the page that has the id which was typed, for the first line of the answer."""
    return {
        "document": document,
        "number": number,
        "id": marks.page_id_of(document, number),
        "url": reverse("documents:page", args=[document.pk, number]),
        "picture": places.picture(document, Passage.Kind.PAGE, number),
    }


def _facet(facet: Facet, query: str) -> tuple[str, list[ChoiceShown], int]:
    choices = []
    for each in facet.values:
        if facet.field == "year":
            narrower = language.narrower(
                language.narrower(query, "after", each.typed), "before", str(int(each.typed) + 1)
            )
        else:
            narrower = language.narrower(query, facet.field, each.typed)
        choices.append(ChoiceShown(wording.value(facet.field, each.typed, each.shown), _url(narrower), each.count))
    return str(wording.FIELD_LABELS[facet.field]), choices, facet.unnamed
