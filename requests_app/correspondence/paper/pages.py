"""What the pages of post, fax and telephone share: which letter, who may, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import next_letter_views, permissions
from requests_app.correspondence.paper import queries, sheets
from requests_app.correspondence.paper.sheets import PaperLetter
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

LONGEST_NUMBER = 18  # digits of a row's number that both databases take


@dataclass(frozen=True)
class At:
    """One letter as a page shows it: who asks, its request, itself, and the agency's contact points in use."""

    person: Person
    request: RecordsRequest
    letter: NextLetter | None
    contacts: list[ContactPoint]

    def paper(self, *, chosen: int = 0, with_request: bool | None = None) -> PaperLetter:
        """Return it for printing."""
        if self.letter is None:
            return sheets.first_letter(self.request, contacts=self.contacts, chosen=chosen)
        return sheets.later_letter(self.letter, contacts=self.contacts, chosen=chosen, with_request=with_request)

    @property
    def can_leave(self) -> bool:
        """Return whether it is still to be sent."""
        if self.letter is None:
            return self.request.status in queries.UNSENT
        return self.letter.state == NextLetter.State.DRAFT

    @property
    def title(self) -> str:
        """Return what letter it is."""
        return title_of(self.letter)

    @property
    def seen_changes(self) -> int:
        return self.letter.changes if self.letter is not None else 0

    @property
    def today(self) -> date:
        """Return the day at the agency."""
        return lawbook.local_day(self.request.jurisdiction, timezone.now())

    @property
    def home(self) -> str:
        """Return the page of the letter."""
        if self.letter is None:
            return self.request.get_absolute_url()
        return reverse("correspondence:next-letter", args=[self.request.reference, self.letter.pk])

    def url(self, name: str) -> str:
        """Return an address of this letter: "post" of the first, "next-post" of a later one."""
        if self.letter is None:
            return reverse(f"correspondence:{name}", args=[self.request.reference])
        return reverse(f"correspondence:next-{name}", args=[self.request.reference, self.letter.pk])

    def crumbs(self, here: str, *between: tuple[str, str]) -> list[tuple[str, str]]:
        found = [(self.request.reference, self.request.get_absolute_url())]
        if self.letter is not None:
            found.append((self.title, self.home))
        return [*found, *between, (here, "")]

    def written_on(self, paper: PaperLetter) -> date:
        """Return the day before which it cannot have left."""
        if self.letter is None:
            return lawbook.local_day(self.request.jurisdiction, self.request.opened_at)
        return paper.content.date


def letter_at(request: HttpRequest, reference: str, pk: int | None) -> At:
    """Return the letter of a page, where whoever asks may send it and read it: it carries a legal name."""
    if pk is not None:
        person, records_request, letter = next_letter_views.letter_at(request, reference, pk)
        contacts = queries.contacts_by_agency([records_request.agency_id])
        return At(person, records_request, letter, list(contacts.get(records_request.agency_id, ())))
    visible = filing.visible_to(request.user).select_related("agency", "contact_point", "draft")
    records_request = get_object_or_404(visible, reference=reference)
    may_send = permissions.can_send(request.user, records_request)
    if not may_send or not filing_permissions.can_read_letter(request.user, records_request):
        raise PermissionDenied
    if not records_request.letter:
        raise Http404  # a request without a kept letter has nothing to print
    contacts = queries.contacts_by_agency([records_request.agency_id])
    return At(signed_in(request), records_request, None, list(contacts.get(records_request.agency_id, ())))


def title_of(later: NextLetter | None) -> str:
    """Return what letter it is: the first of a request, or a later one."""
    return letter_type(later.key).title if later is not None else _("Our request")


def pdf_response(made: bytes, name: str) -> HttpResponse:
    """Return a PDF to keep; it carries names and addresses, so nothing on the way may store it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def number(text: str) -> int | None:
    """Return the number of a row as an address or a form has it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None
