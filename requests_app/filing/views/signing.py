"""Letters that somebody else signs: asking for a signer, choosing one, signing; and offers to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from requests_app.filing import lawbook, permissions, queries, services
from requests_app.filing.forms.signing import ChooseSignerForm, DeclineForm, OfferForm, SignForm
from requests_app.filing.models import Approval, AuthorityPaper, Draft, Signing
from requests_app.filing.papers import papers_of
from requests_app.filing.signing import (
    authority_asked,
    how_many_could_sign,
    may_be_signed_for,
    statement_on,
    waits_for_signer,
)
from requests_app.filing.views.wizard import preview_sender, step_context, with_draft
from requests_app.kits import letters, rendering
from requests_app.kits.catalog import get_kit
from requests_app.kits.dress import Dress
from requests_app.kits.letters import Letter
from requests_app.kits.stationery import dress_of
from requests_app.people import queries as people_queries
from requests_app.people import services as people_services
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import STATES, name_of

# --- the filer --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@with_draft
def draft_signer(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who signs this letter: the rule in plain words, how many members could, and what came of asking."""
    if not draft.jurisdiction:
        return redirect("filing:draft-state", draft.pk)
    person, now = signed_in(request), timezone.now()
    if request.method == "POST":
        try:
            signing = services.ask_for_signer(draft.pk, sender=preview_sender(), by=person, now=now)
        except services.NotReady as trouble:
            messages.error(request, str(trouble))
        else:
            if signing.state == Signing.State.ASKED and permissions.can_choose_signer(person):
                return redirect("filing:choose-signer", signing.pk)
            messages.success(request, _("Asked. You are told as soon as there is an answer."))
        return redirect("filing:draft-signer", draft.pk)
    statute = lawbook.statute_of(draft.jurisdiction)
    papers = papers_of(draft, statute)
    signing_now = papers.signing if papers.signing and papers.signing.jurisdiction == draft.jurisdiction else None
    kind = services.kind_needed(draft) or Signing.Kind.LETTER
    count = services.offers_that_fit(draft, draft.jurisdiction, kind).count()
    plan = services.plan_for(draft)
    if signing_now is not None and signing_now.kind != kind and plan is not None:
        signing_now = None  # of another time, when the filer answered otherwise
    overtaken = plan is not None and _overtaken(plan)
    context = {
        **step_context(draft, 4),
        "standing": "void" if overtaken else signing_now.state if signing_now is not None else "",
        "statute": statute,
        "matters": may_be_signed_for(statute),
        "waits": plan is not None and waits_for_signer(plan.chosen, plan.statute, plan.kit),
        "complete": plan is not None,
        "authority": authority_asked(plan.chosen, statute) if plan is not None else None,
        "signing": signing_now,
        "signed_note": "" if overtaken else papers.signed_note,
        "could_sign": how_many_could_sign(count, statute.name) if may_be_signed_for(statute) else "",
        "may_choose": permissions.can_choose_signer(person),
    }
    return render(request, "filing/draft_signer.html", context)


def _overtaken(plan: services.Plan) -> bool:
    """Return whether the letter has a signature that no longer holds."""
    try:
        return plan.papers.signature_remark(plan.letters(preview_sender(), timezone.now())) is not None
    except letters.ChoiceError:
        return (plan.papers.signature or plan.papers.authority) is not None


@require_POST
@with_draft
def withdraw_asking(request: HttpRequest, draft: Draft) -> HttpResponse:
    """End the asking, or let go of the signature."""
    if services.withdraw_asking(draft.pk, by=signed_in(request), now=timezone.now()):
        messages.success(request, _("Nobody is asked to sign this letter any more. Your draft is kept."))
    return redirect("filing:draft-signer", draft.pk)


# --- coordinators -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET"])
def before_filing(request: HttpRequest) -> HttpResponse:
    """What waits for a coordinator before letters can go: signers to choose, first letters to read."""
    person = signed_in(request)
    if not permissions.can_choose_signer(person):
        raise PermissionDenied
    context = {
        "to_choose": [_in_words(one) for one in queries.signings_to_look_at()],
        "underway": [_in_words(one) for one in queries.signings_underway()],
        "to_approve": [_approval_in_words(one) for one in queries.approvals_to_give(person)],
        "crumbs": [(_("Before letters go"), "")],
    }
    return render(request, "filing/before_filing.html", context)


def _in_words(signing: Signing) -> dict[str, Any]:
    kit_id = signing.draft.kit_id
    return {
        "signing": signing,
        "state_name": name_of(signing.jurisdiction),
        "kit_title": get_kit(kit_id).title if kit_id else "",
        "by_authority": signing.kind == Signing.Kind.AUTHORITY,
        "overdue": signing.state == Signing.State.INVITED and not signing.waits_for_answer(timezone.now()),
    }


def _approval_in_words(approval: Approval) -> dict[str, Any]:
    draft = approval.draft
    return {
        "approval": approval,
        "state_name": name_of(draft.jurisdiction),
        "kit_title": get_kit(draft.kit_id).title if draft.kit_id else "",
    }


@never_cache
@require_http_methods(["GET", "POST"])
def choose_signer(request: HttpRequest, signing_id: int) -> HttpResponse:
    """Everyone who offered to sign for this state, with name and address; asking one of them."""
    person = signed_in(request)
    if not permissions.can_choose_signer(person):
        raise PermissionDenied
    signing = get_object_or_404(Signing.objects.select_related("draft__filer", "signer"), pk=signing_id)
    offers = services.offers_that_fit(signing.draft, signing.jurisdiction, signing.kind)
    form = ChooseSignerForm(request.POST if request.method == "POST" else None, offers=offers)
    if form.is_bound:
        try:
            if not form.is_valid():
                raise services.OfferGone
            services.invite_signer(signing.pk, form.cleaned_data["offer"].pk, by=person, now=timezone.now())
        except (services.OfferGone, services.SigningClosed) as refused:
            messages.error(request, str(refused))
            return redirect("filing:choose-signer", signing.pk)
        messages.success(request, _("Asked. The member and the filer are told what comes of it."))
        return redirect("filing:before-filing")
    statute = lawbook.statute_of(signing.jurisdiction)
    declined = {
        one.signer_id: one.reason for one in Signing.objects.filter(draft=signing.draft, state=Signing.State.DECLINED)
    }
    context = {
        **_in_words(signing),
        "is_open": signing.state == Signing.State.ASKED and signing.draft.is_open,
        "statute": statute,
        "offers": [
            {
                "offer": offer,
                "statement": statement_on(statute, offer.ground),
                "declined": offer.person_id in declined,
                "reason": declined.get(offer.person_id, ""),
            }
            for offer in offers
        ],
        "crumbs": [(_("Before letters go"), reverse("filing:before-filing")), (_("Choose a signer"), "")],
    }
    return render(request, "filing/choose_signer.html", context)


# --- the signer -------------------------------------------------------------------------------------------------------


def _mine(request: HttpRequest, signing_id: int) -> Signing:
    """Return a signing of the person who asks; anybody else's is a 404."""
    signing = get_object_or_404(
        Signing.objects.select_related("draft__filer", "signer", "offer__person", "paper"), pk=signing_id
    )
    if not permissions.can_read_as_signer(signed_in(request), signing):
        raise Http404
    return signing


@never_cache
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, signing_id: int) -> HttpResponse:
    """The whole letter as it would be sent in the member's name, the rule, what signing means; and signing."""
    signing, now = _mine(request, signing_id), timezone.now()
    by_authority = signing.kind == Signing.Kind.AUTHORITY
    form = SignForm(request.POST if request.method == "POST" else None, by_authority=by_authority)
    if form.is_valid():
        try:
            services.sign(
                signing.pk, seen=form.cleaned_data["seen"], sender=preview_sender(), by=signed_in(request), now=now
            )
        except (services.SigningClosed, services.NotTheLetterRead) as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Signed. The member who wrote it is told and files it."))
        return redirect("filing:sign", signing.pk)
    filed = list(signing.draft.requests.order_by("reference")) if signing.draft.filed_at else []
    open_now = signing.waits_for_answer(now)
    shown = services.as_it_would_be_sent(signing, sender=preview_sender(), now=now) if open_now else None
    if shown is not None:
        form.initial["seen"] = shown.seen
        sheets = _sheets(shown.plan, shown.letters)
        if shown.paper is not None and shown.outfit is not None:
            sheets.insert(0, _paper_sheet(shown.paper, shown.outfit.dress(shown.paper)))
    elif signing.state == Signing.State.SIGNED:
        sheets = _as_signed(signing, filed)
    else:
        sheets = []
    context = {
        **_in_words(signing),
        "statute": lawbook.statute_of(signing.jurisdiction),
        "authority": shown and authority_asked(shown.plan.chosen, shown.plan.statute),
        "form": form,
        "decline_form": DeclineForm(),
        "can_sign": shown is not None,
        "unwritable": open_now and shown is None,
        "can_take_back": signing.state == Signing.State.SIGNED and signing.draft.is_open,
        "signature": shown.signature if shown is not None else None,
        "sheets": sheets,
        "filed": filed,
        "crumbs": [
            (_("You"), reverse("people:me")),
            (_("Letters you sign"), reverse("filing:offers")),
            (_("Sign"), ""),
        ],
    }
    return render(request, "filing/sign.html", context)


def _sheet(label: str, letter: Letter) -> dict[str, Any]:
    return {"label": label, "page": rendering.context(letter)}


def _paper_sheet(paper: Letter, dress: Dress) -> dict[str, Any]:
    return {"label": _("The written authority"), "page": rendering.context(paper, dress), "is_paper": True}


def _sheets(plan: services.Plan, made: Sequence[Letter]) -> list[dict[str, Any]]:
    return [_sheet(to.agency.name, letter) for to, letter in zip(plan.destinations, made, strict=True)]


def _as_signed(signing: Signing, filed: list[Any]) -> list[dict[str, Any]]:
    """Return what a member signed: the written authority as it was kept, letters as filed or as they stand now."""
    kept: AuthorityPaper | None = getattr(signing, "paper", None)
    content: Any = kept.content if kept is not None else None
    paper = letters.load(content) if content else None
    first = [_paper_sheet(paper, dress_of(paper))] if paper is not None else []
    if filed:
        return [*first, *(_sheet(one.agency.name, letters.load(one.letter)) for one in filed)]
    plan = services.plan_for(signing.draft)
    if plan is None or (plan.papers.signature or plan.papers.authority) is None:
        return []
    try:
        made = plan.letters(preview_sender(), timezone.now())
    except letters.ChoiceError:
        return []
    return [*first, *_sheets(plan, made)]


@require_POST
def decline(request: HttpRequest, signing_id: int) -> HttpResponse:
    """Say no, with a reason or without."""
    signing = _mine(request, signing_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The reason is too long: 500 signs at most. Nothing was recorded."))
        return redirect("filing:sign", signing.pk)
    try:
        services.decline(signing.pk, reason=form.cleaned_data["reason"], by=signed_in(request), now=timezone.now())
    except services.SigningClosed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("You declined. Nothing is sent in your name; the coordinators ask somebody else."))
    return redirect("filing:offers")


@require_POST
def take_back(request: HttpRequest, signing_id: int) -> HttpResponse:
    """Take one's signature back before the letter is filed."""
    signing = _mine(request, signing_id)
    try:
        services.take_signature_back(signing.pk, by=signed_in(request), now=timezone.now())
    except services.SigningClosed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Your signature is gone, and your name and address with it."))
    return redirect("filing:offers")


# --- offers -----------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("legal_name", "postal_address", "phone")
@require_http_methods(["GET", "POST"])
def offers(request: HttpRequest) -> HttpResponse:
    """A member's own offers to sign, the letters they were asked to sign, and one more offer."""
    person = signed_in(request)
    helped = _states_to_sign_for()
    code = request.GET.get("state", "").upper()
    if not code and person.home_state in helped:
        code = person.home_state
    statute = lawbook.statute_of(code) if code in helped else None
    form = None
    if statute is not None:
        form = OfferForm(request.POST if request.method == "POST" else None, statute=statute, person=person)
        if form.is_valid():
            people_services.offer_to_sign(person.pk, jurisdiction=statute.code, **form.cleaned_data, now=timezone.now())
            messages.success(request, _("Thank you. A coordinator may ask you to sign; you decide letter by letter."))
            return redirect("filing:offers")
    context = {
        "form": form,
        "statute": statute,
        "states": helped.items(),
        "offers": [_offer_row(offer) for offer in people_queries.offers_of(person)],
        "signings": [_in_words(one) for one in queries.signings_of(person)],
        "crumbs": [(_("You"), reverse("people:me")), (_("Letters you sign"), "")],
    }
    return render(request, "filing/offers.html", context)


def _states_to_sign_for() -> dict[str, str]:
    """Return the states whose law asks who signs, by name."""
    return {code: name for code, name in STATES.items() if may_be_signed_for(lawbook.statute_of(code))}


def _offer_row(offer: Any) -> dict[str, Any]:
    said = statement_on(lawbook.statute_of(offer.jurisdiction), offer.ground)
    return {"offer": offer, "state_name": name_of(offer.jurisdiction), "statement": said}


@require_POST
def withdraw_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Take an offer back."""
    person: Person = signed_in(request)
    if not people_services.withdraw_offer(offer_id, by=person, now=timezone.now()):
        raise Http404
    messages.success(request, _("Your offer is withdrawn, and the name and address in it are removed."))
    return redirect("filing:offers")
