"""Pages that write to officials: one letter in every form, many letters at once, the call sheet. Nothing is stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.agencies.officials import permissions
from requests_app.agencies.officials.models import Official
from requests_app.filing import lawbook
from requests_app.kits import rendering
from requests_app.kits.letters import Letter
from requests_app.kits.officials import bundling, cards, faxing
from requests_app.kits.officials.known import KnownStatus
from requests_app.kits.officials.letters import (
    NoAddress,
    OfficialAddress,
    OfficialSender,
    Way,
    compose_official_letter,
    follow_ups_for,
    known_paragraphs,
    official_sheet,
)
from requests_app.kits.officials.mailing import compose_mail
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.tracking.officials.forms import MANY_MAX, ManyForm, SenderForm, WhoseForm
from requests_app.tracking.officials.gathering import address_of, known_status_of, officials_kit

OFFERED = 200

# What each button makes: the way it goes, and the words for it.
OUTPUTS: dict[str, Way] = {"pdf": "letter", "card-us": "postcard", "card-a6": "postcard", "fax": "fax"}


@sensitive_post_parameters("name", "reply_address", "own_words")
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the letter to one official, and give it as PDF, postcard, fax sheet or e-mail text."""
    person, found = _approacher(request), _official(pk)
    if found.retired_at:
        return redirect(found)
    form = SenderForm(request.POST or None, person=person)
    address, known = address_of(found), known_status_of([found.jurisdiction])[found.jurisdiction]
    sender, today = form.sender(), lawbook.local_day(found.jurisdiction, timezone.now())
    trouble = ""
    wanted = request.POST.get("make", "")
    if sender is not None and wanted in OUTPUTS:
        try:
            made = _make(wanted, found, address, sender, known, today, form.own)
        except NoAddress as missing:
            trouble = str(missing)
        else:
            if isinstance(made, HttpResponse):
                return made
            trouble = " ".join(made)
    shown, why_not = _shown(found, address, sender, known, today, form.own)
    context = {
        "official": found,
        "form": form,
        "letter": shown,
        "paper": rendering.context(shown) if shown else {},
        "trouble": trouble or why_not,
        "can": {way: address.can(way) for way in ("letter", "postcard", "email", "fax", "call")},
        "mail": compose_mail(shown, found.email) if shown and found.email else None,
        "may_edit": permissions.can_edit_officials(person),
        "crumbs": _crumbs(found, _("Write a letter")),
    }
    return render(request, "tracking/officials/letter.html", context)


def _shown(
    found: Official,
    address: OfficialAddress,
    sender: OfficialSender | None,
    known: KnownStatus,
    today: date,
    own_words: str,
) -> tuple[Letter | None, str]:
    """Return the letter to look at, or why there is none."""
    if sender is None:
        return None, ""
    try:
        return _compose(found, address, sender, known, today, own_words), ""
    except NoAddress as missing:
        return None, str(missing)


def _compose(
    found: Official,
    address: OfficialAddress,
    sender: OfficialSender,
    known: KnownStatus,
    today: date,
    own_words: str,
    way: Way = "letter",
) -> Letter:
    statute = lawbook.statute_of(found.jurisdiction)
    return compose_official_letter(
        officials_kit(), statute, address, sender, known, on=today, way=way, own_words=own_words
    )


def _make(
    wanted: str,
    found: Official,
    address: OfficialAddress,
    sender: OfficialSender,
    known: KnownStatus,
    today: date,
    own_words: str,
) -> HttpResponse | tuple[str, ...]:
    """Return a file, or what does not fit on a card. Raises NoAddress."""
    stem = bundling.file_stem(found.jurisdiction, found.office, found.name)
    if wanted.startswith("card-"):
        statute = lawbook.statute_of(found.jurisdiction)
        card = cards.compose_card(officials_kit(), statute, address, sender, known, own_words=own_words)
        printed = cards.print_card(card, "a6" if wanted == "card-a6" else "us")
        return _file(printed.pdf, f"{stem}-postcard.pdf") if printed.fits else printed.does_not_fit
    made = _compose(found, address, sender, known, today, own_words, OUTPUTS[wanted])
    if wanted == "fax":
        return _file(faxing.print_fax(made, address), f"{stem}-fax.pdf")
    return _file(rendering.to_pdf(rendering.to_html(made)), f"{stem}.pdf")


@sensitive_post_parameters("name", "reply_address", "own_words")
@require_http_methods(["GET", "POST"])
def letters(request: HttpRequest) -> HttpResponseBase:
    """Choose several officials and get all letters at once."""
    person = _approacher(request)
    whose = WhoseForm(request.GET)
    offered = list(whose.officials()[: OFFERED + 1])
    form = ManyForm(request.POST or None, person=person, officials=offered[:OFFERED])
    if form.is_bound and form.is_valid():
        chosen = [one for one in offered if one.pk in set(form.cleaned_data["officials"])]
        unreachable = [one.name for one in chosen if not address_of(one).can("letter")]
        if unreachable:
            form.add_error("officials", _no_address(unreachable))
        else:
            return _bundle(form, chosen)
    context = {
        "whose": whose,
        "form": form,
        "offered": offered[:OFFERED],
        "more": len(offered) > OFFERED,
        "most": MANY_MAX,
        "crumbs": [(_("Officials"), reverse("agencies:officials")), (_("Write to several"), "")],
    }
    return render(request, "tracking/officials/letters.html", context)


def _no_address(names: list[str]) -> str:
    return _(
        "No postal address, e-mail address or fax number is on the list for: %(names)s. Nothing was made, and nothing "
        "you typed is lost. Take them out, or add an address on their page."
    ) % {"names": ", ".join(names)}


def _bundle(form: ManyForm, chosen: list[Official]) -> HttpResponse:
    sender, now = form.sender(), timezone.now()
    if sender is None:  # the form is valid, so there is a name
        raise PermissionDenied
    known = known_status_of([one.jurisdiction for one in chosen])
    made = [
        (
            bundling.file_stem(one.jurisdiction, one.office, one.name),
            _compose(
                one,
                address_of(one),
                sender,
                known[one.jurisdiction],
                lawbook.local_day(one.jurisdiction, now),
                form.own,
            ),
        )
        for one in chosen
    ]
    day = f"{timezone.localdate(now):%Y-%m-%d}"
    if form.cleaned_data["bundle"] == "zip":
        return _file(bundling.zip_letters(made), f"letters-to-officials-{day}.zip", "application/zip")
    return _file(bundling.print_together([one for _stem, one in made]), f"letters-to-officials-{day}.pdf")


@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what to say on the telephone, with the number and the place to write down the answers."""
    person, found = _approacher(request), _official(pk)
    statute, address = lawbook.statute_of(found.jurisdiction), address_of(found)
    known = known_status_of([found.jurisdiction])[found.jurisdiction]
    today = lawbook.local_day(found.jurisdiction, timezone.now())
    sheet = official_sheet(
        officials_kit(), statute, address, OfficialSender(name=person.handle, reply_address=""), today
    )
    context = {
        "official": found,
        "sheet": sheet,
        "follow_ups": follow_ups_for(sheet, known),
        "known": known_paragraphs(known, statute),
        "crumbs": _crumbs(found, _("Call sheet")),
    }
    return render(request, "tracking/officials/call.html", context)


def _approacher(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_approach_officials(person):
        raise PermissionDenied
    return person


def _official(pk: int) -> Official:
    return get_object_or_404(Official, pk=pk)


def _file(content: bytes, name: str, content_type: str = "application/pdf") -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _crumbs(found: Official, here: str) -> list[tuple[str, Any]]:
    return [
        (_("Officials"), reverse("agencies:officials")),
        (found.name, found.get_absolute_url()),
        (here, ""),
    ]
