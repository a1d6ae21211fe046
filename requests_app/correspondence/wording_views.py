"""Rewording a later letter: what the letter editor (`filing.views.rewording`) needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.correspondence.next_letter_views import letter_at
from requests_app.filing import queries as filing
from requests_app.filing import services
from requests_app.filing.editor import Posted
from requests_app.filing.models import NextLetter, NextLetterVersion, RecordsRequest
from requests_app.filing.views import rewording
from requests_app.filing.views.rewording import Page
from requests_app.filing.writing import wording_of
from requests_app.kits import letters
from requests_app.kits.editing import Block, Merged
from requests_app.kits.later import letter_type
from requests_app.kits.letters import Letter
from requests_app.people.models import Person

_ADDRESSES: Final[dict[Page, str]] = {
    "write": "correspondence:next-letter-write",
    "keep": "correspondence:next-letter-write-keep",
    "versions": "correspondence:next-letter-versions",
    "restore": "correspondence:next-letter-restore",
}


@dataclass(frozen=True, slots=True)
class _LaterLetter:
    """A later letter, on the desk of somebody who works on its request. See `filing.views.rewording.Wording`."""

    person: Person
    records_request: RecordsRequest
    letter: NextLetter
    merged: Merged

    @property
    def generated(self) -> Letter:
        stored: Any = self.letter.generated
        return letters.load(stored)

    @property
    def revision(self) -> int:
        return self.letter.changes

    @property
    def back(self) -> str:
        return reverse("correspondence:next-letter", args=[self.records_request.reference, self.letter.pk])

    @property
    def closed(self) -> str:
        return "" if self.letter.is_open else str(services.LetterClosed())

    def url(self, page: Page, *more: int) -> str:
        return reverse(_ADDRESSES[page], args=[self.records_request.reference, self.letter.pk, *more])

    def frame(self, here: str) -> dict[str, Any]:
        request, title = self.records_request, letter_type(self.letter.key).title
        about = _("“%(title)s”, about the request to %(agency)s.") % {"title": title, "agency": request.agency.name}
        crumbs = [(request.reference, request.get_absolute_url()), (title, self.back), (here, "")]
        return {"layout": "filing/letter_page.html", "about": about, "reference": request.reference, "crumbs": crumbs}

    def as_it_stands_now(self) -> _LaterLetter:
        letter = NextLetter.objects.get(pk=self.letter.pk)
        return _LaterLetter(self.person, self.records_request, letter, wording_of(letter))

    def keep(self, posted: Posted, *, automatic: bool) -> int:
        return services.keep_words(
            self.letter.pk,
            posted.edits,
            seen_changes=posted.revision,
            by=self.person,
            now=timezone.now(),
            automatic=automatic,
        )

    def versions(self) -> Sequence[NextLetterVersion]:
        return list(filing.letter_versions(self.letter))

    def blocks_of(self, version: NextLetterVersion) -> tuple[Block, ...]:
        return wording_of(version).edits.blocks

    def more_of(self, version: NextLetterVersion | None) -> dict[str, Any]:
        return {
            "now_by": self.letter.changed_by,
            "now_at": self.letter.changed_at,
            "composed_since": version is not None and version.generated != self.letter.generated,
        }

    def restore(self, version_id: int, *, seen: int) -> None:
        services.restore_words(self.letter.pk, version_id, seen_changes=seen, by=self.person, now=timezone.now())


def _with_letter(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view the letter, for somebody who may write letters on its request; others are refused as everywhere."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str, pk: int, **more: int) -> HttpResponse:
        person, records_request, letter = letter_at(request, reference, pk)
        return view(request, _LaterLetter(person, records_request, letter, wording_of(letter)), **more)

    return guarded


pages = rewording.pages(_with_letter)
