"""The exemption library: what the law book expects agencies to say, what they did say, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.claims import Claim, Tally, tally
from requests_app.filing.forms.recording import LEVELS
from requests_app.kits.catalog import objections, wording_for
from requests_app.kits.later import letter_type
from requests_app.law.book import CODES
from requests_app.law.schema import Statute
from requests_app.people.signed_in import signed_in
from requests_app.people.states import name_of

_LEVELS = {key: words for key, words in LEVELS if key}


def letter_words(key: str) -> str:
    """Return a kind of later letter in words."""
    return letter_type(key).title


@dataclass(frozen=True)
class Ground:
    """One thing an agency may say: its words, the law it stands on, our answer, and how it fared so far.

    `cautions`: what to check before the answer is used. `from_book`: the law book knows it; else only an agency does.
    """

    label: str
    citation: str
    answer: str
    cautions: tuple[str, ...]
    tally: Tally
    from_book: bool = True

    @property
    def worked_words(self) -> str:
        """Return the letters that came before this ground fell, in words."""
        return ", ".join(letter_words(key) for key in self.tally.worked)

    @property
    def lines(self) -> list[tuple[Claim, str]]:
        """Return each claim with who decided about it, in words."""
        return [(claim, str(_LEVELS.get(claim.decided_by, ""))) for claim in self.tally.claims]


@dataclass(frozen=True)
class Library:
    """The grounds of one jurisdiction: its exemptions, what else agencies cited, and the usual objections."""

    statute: Statute
    exemptions: tuple[Ground, ...]
    others: tuple[Ground, ...]
    usual: tuple[Ground, ...]
    named: int


def compose_library(statute: Statute, claims: Sequence[Claim]) -> Library:
    """Return the library of one jurisdiction from its law and from what agencies there claimed. Pure."""
    exemptions = tuple(
        Ground(each.label, each.citation, each.rebuttal_hint, (), tally(each.citation, claims))
        for each in statute.likely_exemptions
    )
    placed = {claim for ground in exemptions for claim in ground.tally.claims}
    left = [claim for claim in claims if claim.kind == "exemption" and claim not in placed]
    return Library(
        statute=statute,
        exemptions=_by_use(exemptions),
        others=_by_use(tuple(_others(left))),
        usual=_by_use(tuple(_usual(statute, [claim for claim in claims if claim.kind == "objection"]))),
        named=len(claims),
    )


def _others(left: list[Claim]) -> Iterator[Ground]:
    """Walk the citations that the law book does not list, each once."""
    while left:
        found = tally(left[0].ground, left)
        yield Ground(left[0].ground, "", "", (), found, from_book=False)
        left = [claim for claim in left if claim not in found.claims]


def _usual(statute: Statute, claims: Sequence[Claim]) -> Iterator[Ground]:
    citation = {"statute_citation": wording_for(statute.code).voice.citation}
    for objection in objections().values():
        answer = objection.reply.format_map(citation)
        yield Ground(objection.objection, "", answer, objection.cautions, tally(objection.id, claims))


def _by_use(grounds: tuple[Ground, ...]) -> tuple[Ground, ...]:
    """Return what was named most often first; what was never named keeps its order."""
    return tuple(sorted(grounds, key=lambda ground: -ground.tally.named))


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List every jurisdiction with how often its agencies named a ground."""
    counts = filing.claims_by_state(signed_in(request))
    rows = [(code.lower(), name_of(code), counts.get(code, 0)) for code in CODES]
    crumbs = [(_("Law"), reverse("publishing:law-list")), (_("What agencies claim"), "")]
    return render(request, "tracking/exemption_states.html", {"rows": rows, "crumbs": crumbs})


@require_GET
def library(request: HttpRequest, code: str) -> HttpResponse:
    """Show one jurisdiction's grounds, the most used first, each with the answer and what worked."""
    known = code.upper()
    if known not in CODES or code != code.lower():
        raise Http404
    statute = lawbook.statute_of(known)
    claims = filing.claims_of(known, signed_in(request))
    crumbs = [(_("What agencies claim"), reverse("tracking:exemptions")), (statute.name, "")]
    context = {"library": compose_library(statute, claims), "crumbs": crumbs}
    return render(request, "tracking/exemptions.html", context)
