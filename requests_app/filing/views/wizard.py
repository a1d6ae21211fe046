"""The wizard: state, what, whom, details, preview. Saved at every step; each step can be opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.agencies import permissions as agency_permissions
from requests_app.agencies import queries as agency_queries
from requests_app.agencies import services as agency_services
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.agencies.officials import queries as officials
from requests_app.filing import campaign_queries, choices, lawbook, permissions, queries, readiness, services
from requests_app.filing.composing import Sender
from requests_app.filing.expecting import dates_if_sent
from requests_app.filing.forms.drafting import (
    AddressForm,
    ConfirmAddressForm,
    DetailsForm,
    KitForm,
    StateForm,
    WhomForm,
)
from requests_app.filing.models import Draft, Signing
from requests_app.filing.our_addresses import general_address
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.filing.signing import how_many_could_sign, may_be_signed_for, waits_for_signer
from requests_app.kits import rendering, stationery, word
from requests_app.kits.addressees import custodians_for
from requests_app.kits.catalog import get_kit
from requests_app.kits.letters import ChoiceError, Letter
from requests_app.kits.text import file_stem, to_text
from requests_app.law.schema import Statute
from requests_app.people import queries as people_queries
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import JURISDICTIONS

P = ParamSpec("P")


def with_draft(
    view: Callable[Concatenate[HttpRequest, Draft, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, UUID, P], HttpResponse]:
    """Hand the view the person's own open draft.

    A stranger's draft is a 404, as is one thrown away. A draft that was filed leads to what became of it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, draft_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft = get_object_or_404(Draft, pk=draft_id, filer=signed_in(request), discarded_at__isnull=True)
        draft.filer = signed_in(request)  # known already: no query for it
        filed = draft.requests.order_by("reference").first() if draft.filed_at else None
        if filed is not None:
            messages.info(request, _("This letter was filed as %(reference)s.") % {"reference": filed.reference})
            return redirect(filed)
        draft.filer = signed_in(request)  # known already: the letters ask for their signer
        if not permissions.can_edit_draft(signed_in(request), draft):
            raise PermissionDenied
        try:
            return view(request, draft, *args, **kwargs)
        except DraftIsClosed as closed:
            messages.error(request, str(closed))
            return redirect("filing:drafts")

    return guarded  # type: ignore[return-value]  # mypy loses the parameters that wraps() keeps


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it nothing at all; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


# --- 1 state ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin a letter: choose the state. Nothing is stored before that."""
    person = signed_in(request)
    if not permissions.can_start_draft(person):
        raise PermissionDenied
    form = StateForm(_posted(request))
    if form.is_valid():
        draft = services.start_draft(by=person, jurisdiction=form.cleaned_data["jurisdiction"], now=timezone.now())
        return redirect("filing:draft-what", draft.pk)
    return _state_page(request, None, form)


@require_http_methods(["GET", "POST"])
@with_draft
def state(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Choose another state for a draft."""
    form = StateForm(_posted(request))
    if form.is_valid():
        services.save_draft(draft.pk, jurisdiction=form.cleaned_data["jurisdiction"], now=timezone.now())
        return redirect("filing:draft-what", draft.pk)
    return _state_page(request, draft, form)


def _state_page(request: HttpRequest, draft: Draft | None, form: StateForm) -> HttpResponse:
    person = signed_in(request)
    shown = request.GET.get("state", "").upper() or (draft.jurisdiction if draft else "") or person.home_state
    here = reverse("filing:draft-state", args=[draft.pk]) if draft else reverse("filing:start")
    book = lawbook.book()
    statute = book.statute(shown) if shown in JURISDICTIONS else None
    context = {
        **step_context(draft, 1),
        **_signers(statute, person),
        "form": form,
        "here": here,
        "shown": statute,
        "is_home": shown == person.home_state,
        "states": JURISDICTIONS.items(),
        "tiles": [
            {
                "code": code,
                "name": name,
                "url": f"{here}?state={code}",
                "current": code == shown,
                **_who_may_ask(book.statute(code).requester.residents_only),
            }
            for code, name in JURISDICTIONS.items()
        ],
        "legend": [(tone, words, "") for tone, words in _who_words()],
        "unfinished": list(queries.drafts_of(person)[:3]) if draft is None else [],
    }
    return render(request, "filing/state.html", context)


def _signers(statute: Statute | None, person: Person) -> dict[str, Any]:
    """Return how many members could sign where it matters who does; never who they are."""
    if statute is None or not may_be_signed_for(statute):
        return {"could_sign": ""}
    count = people_queries.offers_for(statute.code, besides=person).count()
    return {"could_sign": how_many_could_sign(count, statute.name)}


def _who_may_ask(residents_only: bool | None) -> dict[str, str]:
    tone, words = _who_words()[{False: 0, None: 1, True: 2}[residents_only]]
    return {"tone": tone, "status": words}


def _who_words() -> list[tuple[str, str]]:
    return [
        ("neutral", _("anyone may ask")),
        ("action", _("not settled who may ask")),
        ("soon", _("residents or citizens only")),
    ]


# --- 2 what -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@with_draft
def what(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Choose the kit."""
    if not draft.jurisdiction:
        return redirect("filing:draft-state", draft.pk)
    form = KitForm(_posted(request), initial={"kit_id": draft.kit_id})
    if form.is_valid():
        services.save_draft(draft.pk, kit_id=form.cleaned_data["kit_id"], now=timezone.now())
        return redirect("filing:draft-whom", draft.pk)
    return render(request, "filing/what.html", {**step_context(draft, 2), "form": form})


# --- 3 whom -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@with_draft
def whom(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Choose the agencies, and the way to each. An unconfirmed address is settled before the next step."""
    if not draft.kit_id:
        return redirect("filing:draft-what", draft.pk)
    kit, statute = get_kit(draft.kit_id), lawbook.statute_of(draft.jurisdiction)
    custodians = custodians_for(kit, draft.jurisdiction)
    form = WhomForm(
        _posted(request),
        custodians=custodians,
        chosen=_chosen_ways(draft) or _preselected(custodians, kit.holder_roles),
        email_allowed=statute.submission.email_allowed,
    )
    if form.is_valid():
        services.choose_targets(draft.pk, form.targets(), now=timezone.now())
        say_if_signature_ended(request, draft)
        return redirect(_after_whom(draft))
    running = queries.open_already([agency.pk for agency in custodians], kit.id, None, None)
    context = {
        **step_context(draft, 3),
        "form": form,
        "kit": kit,
        "statute": statute,
        "form_note": choices.hint_text(statute, "own_form_or_route", "portal_only", "follow_published_procedure"),
        "running": _by_agency(running),
        "for_officials": kit.kind == "officials",
        "officials": officials.count_in_office(draft.jurisdiction) if kit.kind == "officials" else 0,
        "may_edit_agencies": agency_permissions.can_edit_agencies(signed_in(request)),
    }
    return render(request, "filing/whom.html", context)


def _chosen_ways(draft: Draft) -> dict[int, str]:
    return {
        target.agency_id: f"{target.delivery}:{target.contact_point_id}" if target.contact_point_id else target.delivery
        for target in draft.targets.all()
    }


def _preselected(custodians: list[Agency], holder_roles: tuple[str, ...]) -> dict[int, str]:
    """Return the agencies that a new draft asks: every usual custodian of the kit's records, else the first agency.

    Every one, because custody is split: Maryland has two control points, and each office that is not asked is one to
    which the others can point (the facts report such a round trip from Delaware).
    """
    usual = set(holder_roles) & set(agency_queries.CUSTODIAN_ROLES)
    chosen = [agency for agency in custodians if any(held.kind in usual for held in agency.roles.all())]
    return {agency.pk: "" for agency in chosen or custodians[:1]}


def _by_agency(running: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for records_request in running:
        found.setdefault(records_request.agency_id, []).append(records_request)
    return found


def _after_whom(draft: Draft) -> str:
    """Return where the filer goes on: to the first address that needs confirming, or to the details."""
    for target in draft.targets.select_related("contact_point"):
        contact = target.contact_point
        if contact is not None and not contact.may_be_used_unasked:
            return reverse("filing:draft-confirm", args=[draft.pk, contact.pk])
    return reverse("filing:draft-details", args=[draft.pk])


@require_http_methods(["GET", "POST"])
@with_draft
def add_address(request: HttpRequest, draft: Draft, agency_id: int) -> HttpResponse:
    """Add an address of an agency that the filer found, and confirm it in the same breath."""
    agency = get_object_or_404(Agency, pk=agency_id, jurisdiction=draft.jurisdiction, is_active=True)
    form = AddressForm(_posted(request))
    if form.is_valid():
        now, person = timezone.now(), signed_in(request)
        contact = agency_services.add_contact(agency.pk, **form.cleaned_data, by=person, now=now)
        agency_services.confirm_contact(contact.pk, by=person, where_seen=form.cleaned_data["where_seen"], now=now)
        messages.success(request, _("The address is kept, with where you saw it. Choose it now."))
        return redirect("filing:draft-whom", draft.pk)
    return render(request, "filing/add_address.html", {**step_context(draft, 3), "form": form, "agency": agency})


@require_http_methods(["GET", "POST"])
@with_draft
def confirm_address(request: HttpRequest, draft: Draft, contact_id: int) -> HttpResponse:
    """Have the filer look an address up and say where it was seen."""
    contact = get_object_or_404(
        ContactPoint.objects.select_related("agency").exclude(health=ContactPoint.Health.RETIRED),
        pk=contact_id,
        agency__jurisdiction=draft.jurisdiction,
    )
    form = ConfirmAddressForm(_posted(request))
    if form.is_valid():
        agency_services.confirm_contact(
            contact.pk, by=signed_in(request), where_seen=form.cleaned_data["where_seen"], now=timezone.now()
        )
        messages.success(request, _("Confirmed. The next filer sees that you looked it up, and where."))
        return redirect(_after_whom(draft))
    return render(request, "filing/confirm_address.html", {**step_context(draft, 3), "form": form, "contact": contact})


# --- 4 details --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@with_draft
def details(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who asks, for which period, up to which cost. What can be read is kept even when something is to be put right."""
    if not draft.targets.exists():
        return redirect("filing:draft-whom", draft.pk)
    form = _details_form(request, draft)
    if form.is_bound:
        complete = form.is_valid()
        kept = form.choices()
        services.save_draft(draft.pk, choices=choices.dump(kept), now=timezone.now())
        say_if_signature_ended(request, draft)
        if complete:
            waits = waits_for_signer(kept, form.statute, form.kit)
            return redirect("filing:draft-signer" if waits else "filing:draft-preview", draft.pk)
    running = _running(draft, form.chosen, form.kit.period.start)
    context = {
        **step_context(draft, 4),
        **_signers(form.statute, signed_in(request)),
        "form": form,
        "statute": form.statute,
        "kit": form.kit,
        "remarks": _overlaps(request, running),
    }
    return render(request, "filing/details.html", context)


def say_if_signature_ended(request: HttpRequest, draft: Draft) -> None:
    """Tell the filer at once when a change of the letter undid its signature."""
    ended = services.look_at_signature(draft.pk, sender=preview_sender(), now=timezone.now())
    if ended is not None and ended.state == Signing.State.VOID:
        messages.warning(
            request,
            _("You changed the letter after it was signed, so the signature no longer holds. Ask for it again."),
        )
    elif ended is not None:
        messages.info(request, _("You sign this letter yourself now; nobody else is asked any more."))


@require_POST
@with_draft
def keep_details(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Keep what is typed so far without leaving the page, and say what already runs. The page works without it."""
    form = _details_form(request, draft)
    form.is_valid()
    kept = form.choices()
    services.save_draft(draft.pk, choices=choices.dump(kept), now=timezone.now())
    running = _running(draft, kept, form.kit.period.start)
    return render(request, "filing/kept.html", {"remarks": _overlaps(request, running), "kept": True})


def _details_form(request: HttpRequest, draft: Draft) -> DetailsForm:
    person = signed_in(request)
    chosen = choices.load(draft.choices)
    statute, kit = lawbook.statute_of(draft.jurisdiction), get_kit(draft.kit_id)
    form = DetailsForm(_posted(request), statute=statute, kit=kit, chosen=chosen)
    if not chosen.requester_name:
        form.initial["requester_name"] = person.legal_name
    if not chosen.postal_address:
        form.initial["postal_address"] = person.postal_address
    if not chosen.phone:
        form.initial["phone"] = person.phone
    if not chosen.standing and person.home_state == draft.jurisdiction:
        form.initial["standing"] = "resident"
    return form


def _running(draft: Draft, chosen: choices.DraftChoices, default_start: date | None) -> Any:
    agency_ids = draft.targets.values_list("agency_id", flat=True)
    start = chosen.period_start or default_start
    return queries.open_already(agency_ids, draft.kit_id, start, chosen.period_end)


def _overlaps(request: HttpRequest, running: Any) -> list[readiness.Remark]:
    found = list(running)
    ids = [one.pk for one in found]
    seen = set(queries.visible_to(signed_in(request)).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return readiness.overlap_remarks(found, seen)


# --- 5 preview --------------------------------------------------------------------------------------------------------


@require_GET
@with_draft
def preview(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The letter as paper, what to know beside it, and the dates to expect if it left today."""
    now = timezone.now()
    plan = services.plan_for(draft)
    if plan is None:
        return redirect("filing:draft-whom", draft.pk)
    try:
        generated = plan.generated(preview_sender(), now)
    except ChoiceError as trouble:
        messages.error(request, str(trouble))
        return redirect("filing:draft-details", draft.pk)
    letters = plan.worded(generated)
    running = _running(draft, plan.chosen, plan.kit.period.start)
    moved = readiness.wording_remarks(draft, plan.wordings(generated))
    remarks = readiness.in_order([*plan.remarks(letters), *moved, *_overlaps(request, running)])
    context = {
        **step_context(draft, 5),
        "plan": plan,
        "sheets": [
            {
                "place": place,
                "to": to,
                "letter": letter,
                "page": rendering.context(letter, plan.outfit.dress(letter)),
                "reworded": edits is not None and edits.changed,
            }
            for place, (to, letter, edits) in enumerate(
                zip(plan.destinations, letters, plan.edits, strict=True), start=1
            )
        ],
        "stops": [remark for remark in remarks if remark.level == "stop"],
        "checks": [remark for remark in remarks if remark.level == "check"],
        "remarks": [remark for remark in remarks if remark.level == "note"],
        "expected": [dates_if_sent(plan.kit, plan.statute, way, plan.chosen, now) for way in _ways(plan)],
        "undo_minutes": settings.SEND_UNDO_MINUTES,
        "target": campaign_queries.target_of(draft),
    }
    return render(request, "filing/preview.html", context)


def _ways(plan: services.Plan) -> list[str]:
    return list(dict.fromkeys(to.delivery.value for to in plan.destinations))


def preview_sender() -> Sender:
    """Return the sender of a preview: the letter's own reply address comes with its reference, when it is filed."""
    return Sender(settings.ORGANISATION_NAME, general_address())


@require_GET
@with_draft
def preview_pdf(request: HttpRequest, draft: Draft, place: int) -> HttpResponse:
    """The letter of one agency as it would print."""
    letter = _letter_at(draft, place, timezone.now())
    pdf = rendering.to_pdf(rendering.to_html(letter, stationery.dress_of(letter)))
    return _file(pdf, "application/pdf", f"{file_stem(letter)}-draft.pdf")


@require_GET
@with_draft
def preview_text(request: HttpRequest, draft: Draft, place: int) -> HttpResponse:
    """The letter of one agency as plain text."""
    letter = _letter_at(draft, place, timezone.now())
    return _file(to_text(letter).encode(), "text/plain; charset=utf-8", f"{file_stem(letter)}-draft.txt")


@require_GET
@with_draft
def preview_word(request: HttpRequest, draft: Draft, place: int) -> HttpResponse:
    """The letter of one agency as a Word document."""
    letter = _letter_at(draft, place, timezone.now())
    return _file(word.to_docx(letter, stationery.dress_of(letter)), word.MEDIA_TYPE, f"{file_stem(letter)}-draft.docx")


def _letter_at(draft: Draft, place: int, now: datetime) -> Letter:
    plan = services.plan_for(draft)
    if plan is None or not 1 <= place <= len(plan.destinations):
        raise Http404
    try:
        return plan.letters(preview_sender(), now)[place - 1]
    except ChoiceError as trouble:
        raise Http404 from trouble


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


# --- drafts -----------------------------------------------------------------------------------------------------------


@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """A person's unfinished letters."""
    person = signed_in(request)
    if not permissions.can_start_draft(person):
        raise PermissionDenied
    rows = [{"draft": draft, "url": _go_on(draft), **_words(draft)} for draft in queries.drafts_of(person)]
    return render(request, "filing/drafts.html", {"rows": rows, "crumbs": [(_("Your drafts"), "")]})


@require_http_methods(["GET", "POST"])
@with_draft
def discard(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Ask once, then throw the draft away with the name and address in it."""
    if request.method == "POST":
        services.discard_draft(draft.pk, now=timezone.now())
        messages.success(request, _("The draft is thrown away, with the name and address in it."))
        return redirect("filing:drafts")
    crumbs = [(_("Your drafts"), reverse("filing:drafts")), (_("Throw away"), "")]
    return render(request, "filing/discard.html", {"draft": draft, **_words(draft), "crumbs": crumbs})


def _words(draft: Draft) -> dict[str, Any]:
    """Return a draft in words: the state's name and the kit's title."""
    return {
        "state_name": JURISDICTIONS.get(draft.jurisdiction, ""),
        "kit_title": get_kit(draft.kit_id).title if draft.kit_id else "",
    }


def _go_on(draft: Draft) -> str:
    """Return the step at which a draft goes on. Needs the draft's targets, prefetched for a list."""
    if not draft.jurisdiction:
        name = "state"
    elif not draft.kit_id:
        name = "what"
    elif not draft.targets.all():
        name = "whom"
    else:
        name = "preview" if _details_done(draft) else "details"
    return reverse(f"filing:draft-{name}", args=[draft.pk])


def _details_done(draft: Draft) -> bool:
    """Return whether the letter has a name under it, or waits for somebody else's."""
    chosen = choices.load(draft.choices)
    return bool(chosen.requester_name) or chosen.standing == "not_resident"


def step_context(draft: Draft | None, current: int) -> dict[str, Any]:
    """Return what every step's page needs: the draft in words, the steps with links to those reached, the way back."""
    reached = 1
    if draft is not None:
        reached = 2 + bool(draft.kit_id)
        if draft.kit_id and draft.targets.all():
            reached = 5 if _details_done(draft) else 4
    steps = []
    names = (
        ("state", _("State")),
        ("what", _("What")),
        ("whom", _("Whom")),
        ("details", _("Details")),
        ("preview", _("Preview")),
    )
    for number, (name, label) in enumerate(names, start=1):
        open_now = draft is not None and number <= reached
        steps.append((label, reverse(f"filing:draft-{name}", args=[draft.pk]) if draft and open_now else ""))
    words = _words(draft) if draft else {"state_name": "", "kit_title": ""}
    return {
        "draft": draft,
        "steps": steps,
        "current": current,
        "back": steps[current - 2][1] if current > 1 else "",
        "reworded": current < 3 and draft is not None and queries.is_reworded(draft),
        "crumbs": [(_("Your drafts"), reverse("filing:drafts")), (_("A new letter"), "")],
        **words,
    }
