"""The next letter: which can be written now, writing one, and sending it by whatever way."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.agencies import queries as agencies_queries
from requests_app.agencies import services as agencies
from requests_app.agencies.contact_values import ContactValueError
from requests_app.agencies.forms import BodyContactForm
from requests_app.correspondence import next_letters, permissions, queries
from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.delivery import wording as delivery_wording
from requests_app.correspondence.forms import SentByHandForm
from requests_app.correspondence.services import NotSendable
from requests_app.correspondence.views import add_refused, bounded, incoming, tell_refused, tell_when_it_leaves
from requests_app.documents import queries as documents
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.forms.later import LaterForm, described, initial_of, loaded_inputs
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import Desk, Way, finished, overtaken_by, stops, way_of, wording_remarks
from requests_app.kits import letters, rendering, word
from requests_app.kits.later import LetterType, UnknownLetter, letter_type
from requests_app.kits.letters import ChoiceError, Letter, Warning
from requests_app.kits.situations import Offer
from requests_app.kits.stationery import dress_of
from requests_app.kits.steps import Step
from requests_app.kits.text import to_text
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

FEW: Final = 6  # letters that a page shows unfolded
FAMILIES: Final = {
    "time": _lazy("Time"),
    "answer": _lazy("Their question"),
    "fees": _lazy("Fees"),
    "dispute": _lazy("Refusals and gaps"),
    "appeal": _lazy("Appeals"),
    "oversight": _lazy("Other bodies"),
    "court": _lazy("Before a court"),
    "end": _lazy("The end"),
}


@dataclass(frozen=True)
class Choice:
    """One letter that may be written, as the page shows it. `where`: the page that writes it, or goes on with it."""

    kind: LetterType
    offer: Offer
    where: str
    is_begun: bool


# --- which letter -----------------------------------------------------------------------------------------------------


@require_GET
def choose(request: HttpRequest, reference: str) -> HttpResponse:
    """What we can write now: the recommended letter first, the others by what they are about, each with its reason."""
    _person, records_request = _workable(request, reference)
    desk = next_letters.desk_of(records_request, now=timezone.now())
    underway = (NextLetter.State.DRAFT, NextLetter.State.QUEUED)
    begun = [letter for letter in filing.next_letters(records_request) if letter.state in underway]
    keys = {letter.key for letter in begun}
    choices = [_choice(records_request, offer, offer.key in keys) for offer in desk.offers]
    now = [choice for choice in choices if choice.offer.fits == "now"]
    possible = [choice for choice in choices if choice.offer.fits == "possible"]
    context = {
        "records_request": records_request,
        "recommended": now[0] if now else None,
        "also_now": now[1:],
        "families": [
            (label, found)
            for family, label in FAMILIES.items()
            if (found := [choice for choice in possible if choice.kind.family == family])
        ],
        "few": len(possible) <= FEW,
        "too_early": [choice for choice in choices if choice.offer.fits == "too_early"],
        "not_here": [choice for choice in choices if choice.offer.fits == "not_here"],
        "begun": [(letter, letter_type(letter.key).title) for letter in begun],
        "crumbs": _crumbs(records_request, _("What can we write?")),
    }
    return render(request, "correspondence/choose_letter.html", context)


def _choice(records_request: RecordsRequest, offer: Offer, is_begun: bool) -> Choice:
    where = reverse("correspondence:write", args=[records_request.reference, offer.key])
    return Choice(letter_type(offer.key), offer, f"{where}?rule={offer.rule_id}" if offer.rule_id else where, is_begun)


# --- writing ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Begin a letter: shown as it would be; kept as a draft when its writer goes on. Looking writes nothing."""
    person, records_request = _workable(request, reference)
    kind = _kind(key)
    open_one = filing.next_letters(records_request).filter(key=key, state__in=["draft", "queued"]).first()
    if open_one is not None and request.method == "GET":
        if open_one.made_by_id != person.pk:
            messages.info(request, str(filing_services.LetterBegun(open_one)))
        return redirect("correspondence:next-letter", reference, open_one.pk)
    now = timezone.now()
    desk = next_letters.desk_of(records_request, now=now)
    rule_id = request.GET.get("rule", "")
    offer = desk.offer(key, rule_id)
    form = LaterForm(
        request.POST if request.method == "POST" else None,
        desk=desk,
        kind=kind,
        rule_id=str(offer.rule_id or "") if offer else "",
        initial=initial_of(kind, offer.preset if offer else {}, None),
    )
    if request.method == "POST" and form.is_valid():
        written = _written(desk, form)
        if written is not None:
            try:
                letter = filing_services.begin_letter(records_request, key, written, by=person, now=now)
            except filing_services.LetterBegun as begun:
                messages.info(request, str(begun))
                letter = begun.letter
            return redirect("correspondence:next-letter", reference, letter.pk)
    preview, missing = _preview(desk, kind, offer, form)
    context = {
        **_page(desk, kind, offer, records_request),
        "form": form,
        "sheet": rendering.context(preview, dress_of(preview)) if preview else None,
        "missing": missing,
        **_remarks(desk, key, preview, next(iter(form.ways.values())), rule_id),
    }
    return render(request, "correspondence/write_letter.html", context, status=422 if form.errors else 200)


def _preview(desk: Desk, kind: LetterType, offer: Offer | None, form: LaterForm) -> tuple[Letter | None, str]:
    """Return the letter as it would be without a word typed, or what it still needs."""
    if form.is_bound:
        return None, ""
    try:
        return desk.compose(kind.key, dict(offer.preset) if offer else {}, next(iter(form.ways.values()))), ""
    except ChoiceError as trouble:
        return None, str(trouble)


def _written(desk: Desk, form: LaterForm) -> filing_services.Written | None:
    """Return the letter that a valid form makes; None where the letter cannot be made, which the form then says."""
    inputs, way = form.inputs(), form.way()
    try:
        letter = desk.compose(form.kind.key, inputs, way)
    except ChoiceError as trouble:
        form.add_error(trouble.field if trouble.field in form.fields else None, str(trouble))
        return None
    return filing_services.Written(letter, inputs, way, desk.newest)


@require_http_methods(["GET", "POST"])
def next_letter(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """One later letter: why, the letter, how to send it, what follows; and what it says can be changed here."""
    person, records_request, letter = letter_at(request, reference, pk)
    now = timezone.now()
    kind = _kind(letter.key)
    if letter.state in (NextLetter.State.SENT, NextLetter.State.DISCARDED):
        return _past_letter(request, records_request, letter, kind)
    desk = next_letters.desk_of(records_request, now=now)
    inputs, way = loaded_inputs(kind, letter.inputs), way_of(letter)
    form = LaterForm(
        request.POST if request.method == "POST" else None,
        desk=desk,
        kind=kind,
        rule_id=str(inputs.get("rule_id", "")),
        initial=initial_of(kind, inputs, way),
    )
    if request.method == "POST" and form.is_valid():
        written = _written(desk, form)
        if written is not None:
            try:
                why = _("written anew with other choices")
                seen = _seen(request)
                filing_services.write_letter(letter.pk, written, seen_changes=seen, why=why, by=person, now=now)
            except (filing_services.LetterChanged, filing_services.LetterClosed) as stop:
                form.add_error(None, str(stop))
            else:
                messages.success(
                    request, _("Written anew; your own words stay. The earlier text is kept as a version.")
                )
                return redirect("correspondence:next-letter", reference, letter.pk)
    content = finished(letter)
    context = {
        **_page(desk, kind, desk.offer(letter.key, str(inputs.get("rule_id", ""))), records_request),
        "letter": letter,
        "form": form,
        "sheet": rendering.context(content, dress_of(content)),
        "content": content,
        "way": way,
        "way_words": described(way),
        "by_email": way.delivery == Delivery.EMAIL,
        "newer": overtaken_by(letter, desk.rows.events),
        "waiting": queries.next_letter_underway(letter) if letter.state == NextLetter.State.QUEUED else None,
        "last_try": queries.last_try(letter) if letter.state == NextLetter.State.DRAFT else None,
        "files": list(documents.of_request(records_request)),
        "first_letter": bool(records_request.letter),
        "undo_minutes": settings.SEND_UNDO_MINUTES,
        **_remarks(desk, letter.key, content, way, str(inputs.get("rule_id", "")), wording_remarks(letter)),
    }
    return render(request, "correspondence/next_letter.html", context, status=422 if form.errors else 200)


def _past_letter(
    request: HttpRequest, records_request: RecordsRequest, letter: NextLetter, kind: LetterType
) -> HttpResponse:
    """A letter that left, exactly as it was; or one that was thrown away."""
    content = _content(letter)
    tries = [one for one in delivery.tries_of(records_request) if one.letter.next_letter_id == letter.pk]
    in_trouble = bool(tries) and tries[0].standing in delivery_wording.IN_TROUBLE
    context = {
        "records_request": records_request,
        "letter": letter,
        "kind": kind,
        "tries": [delivery_wording.told(one) for one in tries],
        "another_way_url": delivery_wording.another_way_url(records_request.reference, tries[0].letter)
        if in_trouble and letter.state == NextLetter.State.SENT
        else "",
        "sheet": rendering.context(content, dress_of(content)),
        "crumbs": _crumbs(records_request, kind.title),
    }
    return render(request, "correspondence/past_letter.html", context)


@require_POST
def anew(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Write a draft anew with what is known now."""
    person, records_request, letter = letter_at(request, reference, pk)
    now = timezone.now()
    desk, kind = next_letters.desk_of(records_request, now=now), _kind(letter.key)
    inputs, way = loaded_inputs(kind, letter.inputs), way_of(letter)
    try:
        content = desk.compose(letter.key, inputs, way)
        written = filing_services.Written(content, inputs, way, desk.newest)
        why = _("written anew after what happened")
        filing_services.write_letter(letter.pk, written, seen_changes=_seen(request), why=why, by=person, now=now)
    except (ChoiceError, filing_services.LetterChanged, filing_services.LetterClosed) as stop:
        messages.error(request, str(stop))
    else:
        messages.success(
            request,
            _("Written anew with what is known now; your own words stay. The earlier text is kept as a version."),
        )
    return redirect("correspondence:next-letter", reference, pk)


@require_POST
def fits(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Say that a draft still fits, after reading what happened since."""
    person, _records_request, letter = letter_at(request, reference, pk)
    try:
        # Only what was shown was read: an event that came while the page was open is asked about anew.
        seen = max(0, _number(request, "seen_events"))
        filing_services.keep_as_written(letter.pk, basis=seen, by=person, now=timezone.now())
    except filing_services.LetterClosed as stop:
        messages.error(request, str(stop))
    return redirect("correspondence:next-letter", reference, pk)


@require_POST
def discard(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Throw a draft away."""
    person, records_request, letter = letter_at(request, reference, pk)
    try:
        filing_services.discard_letter(letter.pk, by=person, now=timezone.now())
    except filing_services.LetterClosed as stop:
        messages.error(request, str(stop))
        return redirect("correspondence:next-letter", reference, pk)
    messages.success(request, _("Thrown away. Nothing was sent."))
    return redirect(records_request)


# --- sending ----------------------------------------------------------------------------------------------------------


@require_POST
def send(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Put a letter into the outbox."""
    person, records_request, letter = letter_at(request, reference, pk)
    chosen = set(request.POST.getlist("enclose"))
    files = [document for document in documents.of_request(records_request) if str(document.pk) in chosen]
    enclosed = next_letters.Enclosed(first_letter="request" in chosen, documents=files)
    try:
        next_letters.queue(letter, seen_changes=_seen(request), enclosed=enclosed, by=person, now=timezone.now())
    except NotSendable as stop:
        messages.error(request, str(stop))
    else:
        messages.success(request, _("The letter waits in the outbox. You can still take it back."))
    return redirect("correspondence:next-letter", reference, pk)


@require_POST
def undo(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Take back a letter that waits in the outbox."""
    _person, _records_request, letter = letter_at(request, reference, pk)
    if next_letters.take_back(letter, now=timezone.now()):
        messages.success(request, _("Taken back. Nothing was sent; the letter is a draft again."))
    else:
        messages.error(request, _("It is too late to take the letter back: it has left already."))
    return redirect("correspondence:next-letter", reference, pk)


@require_POST
def send_now(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Let a letter that waits in the outbox leave with the next sweep."""
    _person, _records_request, letter = letter_at(request, reference, pk)
    if letter.is_open:
        messages.error(request, _("This letter is not in the outbox: somebody took it back. Nothing was sent."))
    elif letter.state == NextLetter.State.SENT:
        messages.info(request, _("This letter has left already. Nothing was sent twice."))
    else:
        tell_when_it_leaves(request, queries.next_letter_underway(letter))
    return redirect("correspondence:next-letter", reference, pk)


@csrf_exempt  # the upload handler must be in place before the token is read from the body
def sent(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Record that somebody sent the letter by hand, with proof."""
    return _sent(request, reference, pk, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _sent(request: HttpRequest, reference: str, pk: int, uploads: BoundedUploads) -> HttpResponse:
    person, records_request, letter = letter_at(request, reference, pk)
    if letter.state != NextLetter.State.DRAFT:
        messages.info(request, _("This letter is in the outbox, was sent, or was thrown away."))
        return redirect("correspondence:next-letter", reference, pk)
    today = lawbook.local_day(records_request.jurisdiction, timezone.now())
    written_on = finished(letter).date
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SentByHandForm(*posted, initial={"method": letter.delivery, "sent_on": today}, written_on=written_on)
    if add_refused(form, "proof", request, uploads) and form.is_valid():
        data = form.cleaned_data
        try:
            recorded = next_letters.mark_sent(
                letter,
                method=data["method"],
                sent_on=data["sent_on"],
                seen_changes=letter.changes,
                confirmation=data["confirmation"],
                note=data["note"],
                proof=incoming(data["proof"]),
                by=person,
                now=timezone.now(),
            )
        except filing_services.EventRefused as refusal:
            form.add_error("sent_on", str(refusal))
        except NotSendable as stop:
            form.add_error(None, str(stop))
        else:
            messages.success(request, _("Recorded. It stands on the timeline, and the dates follow from it."))
            tell_refused(request, recorded.refused)
            return redirect(records_request)
    kind = _kind(letter.key)
    first, last = _crumbs(records_request, _("Mark as sent"))
    context = {
        "form": form,
        "records_request": records_request,
        "letter": letter,
        "kind": kind,
        "way_words": described(way_of(letter)),
        "crumbs": [first, (kind.title, reverse("correspondence:next-letter", args=[reference, pk])), last],
    }
    return render(request, "correspondence/next_letter_sent.html", context, status=422 if form.errors else 200)


@require_GET
def pdf(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The letter for printing: what left, where it left; else as it stands."""
    _person, records_request, letter = letter_at(request, reference, pk)
    copy = getattr(letter, "sent_copy", None) if letter.state == NextLetter.State.SENT else None
    content = finished(letter)
    made = base64.b64decode(copy.pdf) if copy else rendering.to_pdf(rendering.to_html(content, dress_of(content)))
    return _file(made, "application/pdf", f"{_stem(records_request, letter)}.pdf")


@require_GET
def text(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The letter as plain text, for a portal's field."""
    _person, records_request, letter = letter_at(request, reference, pk)
    return _file(
        to_text(_content(letter)).encode(), "text/plain; charset=utf-8", f"{_stem(records_request, letter)}.txt"
    )


@require_GET
def word_file(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The letter as a Word document: what left, where it left; else as it stands."""
    _person, records_request, letter = letter_at(request, reference, pk)
    content = _content(letter)
    return _file(word.to_docx(content, dress_of(content)), word.MEDIA_TYPE, f"{_stem(records_request, letter)}.docx")


# --- where another body is reached ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def body_address(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Enter where a body that hears appeals is reached, as its own page says. Kept for every later letter to it."""
    person, records_request = _workable(request, reference)
    kind, now = _kind(key), timezone.now()
    desk = next_letters.desk_of(records_request, now=now)
    rule_id = request.GET.get("rule", "")
    step = desk.step(key, rule_id)
    if kind.to != "body" or step is None:
        raise Http404
    form = BodyContactForm(
        request.POST if request.method == "POST" else None, initial={"name": step.body.name.removeprefix("the ")}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            agencies.add_body_contact(
                jurisdiction=records_request.jurisdiction,
                body=step.body.name,
                level=step.rule.level or "",
                name=said["name"],
                channel=said["channel"],
                value=said["value"],
                where_seen=said["where_seen"],
                by=person,
                now=now,
            )
        except ContactValueError as trouble:
            form.add_error("value", str(trouble))
        else:
            messages.success(request, _("Kept, with where you saw it. Later letters to this body can use it."))
            open_one = filing.next_letters(records_request).filter(key=key, state="draft").first()
            if open_one is not None:
                return redirect("correspondence:next-letter", reference, open_one.pk)
            return redirect(f"{reverse('correspondence:write', args=[reference, key])}?rule={step.rule.id}")
    context = {
        "form": form,
        "records_request": records_request,
        "step": step,
        "pages": [body for body in desk.statute.oversight if body.url],
        "known": desk.body_contacts.get(step.body.name, ()),
        "past": agencies_queries.past_body_contacts(records_request.jurisdiction, step.body.name)[:20],
        "crumbs": _crumbs(records_request, _("Where it is reached")),
    }
    return render(request, "correspondence/body_address.html", context, status=422 if form.errors else 200)


# --- what the pages share ---------------------------------------------------------------------------------------------


def _page(desk: Desk, kind: LetterType, offer: Offer | None, records_request: RecordsRequest) -> dict[str, Any]:
    """Return why this letter, whom it goes to, and by when."""
    step = desk.step(kind.key, str(offer.rule_id or "") if offer else "") if kind.to == "body" else None
    return {
        "records_request": records_request,
        "kind": kind,
        "offer": offer,
        "step": step,
        "due": desk.deadline_of(step) if step is not None else None,
        "address_url": _address_url(records_request, kind, step),
        "seen_events": desk.newest,
        "crumbs": _crumbs(records_request, kind.title),
    }


def _address_url(records_request: RecordsRequest, kind: LetterType, step: Step | None) -> str:
    if kind.to == "agency":
        return reverse("agencies:detail", args=[records_request.agency.code])
    if step is None:
        return ""
    where = reverse("correspondence:body-address", args=[records_request.reference, kind.key])
    return f"{where}?rule={step.rule.id}"


def _remarks(
    desk: Desk, key: str, content: Letter | None, way: Way, rule_id: str = "", more: Sequence[Warning] = ()
) -> dict[str, list[Warning]]:
    found = [*stops(desk, key, content, way, rule_id), *more] if content is not None else []
    return {
        name: [warning for warning in found if warning.level == level]
        for name, level in (("stops", "stop"), ("checks", "check"), ("remarks", "note"))
    }


def _workable(request: HttpRequest, reference: str) -> tuple[Person, RecordsRequest]:
    """Return who asks and the request, where that person may write letters on it: they carry a legal name."""
    rows = filing.with_people(filing.visible_to(request.user)).select_related("contact_point")
    records_request = get_object_or_404(rows, reference=reference)
    may_send = permissions.can_send(request.user, records_request)
    if not may_send or not filing_permissions.can_read_letter(request.user, records_request):
        raise PermissionDenied
    return signed_in(request), records_request


def letter_at(request: HttpRequest, reference: str, pk: int) -> tuple[Person, RecordsRequest, NextLetter]:
    """Return who asks, the request and the letter, where that person may write letters on it."""
    person, records_request = _workable(request, reference)
    rows: QuerySet[NextLetter] = NextLetter.objects.select_related(
        "made_by", "changed_by", "contact_point", "body_contact__confirmed_by", "sent_copy", "sent_event"
    )
    letter = get_object_or_404(rows, request=records_request, pk=pk)
    letter.request = records_request
    return person, records_request, letter


def _content(letter: NextLetter) -> Letter:
    """Return the sheet that left, where it left; else the letter as it stands."""
    copy = getattr(letter, "sent_copy", None) if letter.state == NextLetter.State.SENT else None
    return letters.load(copy.content) if copy else finished(letter)


def _kind(key: str) -> LetterType:
    try:
        return letter_type(key)
    except UnknownLetter as unknown:
        raise Http404 from unknown


def _seen(request: HttpRequest) -> int:
    """Return which text of the letter the page showed."""
    return _number(request, "seen")


def _number(request: HttpRequest, name: str) -> int:
    """Return a number that the page itself put into the form; -1, which fits nothing, for anything else."""
    posted = request.POST.get(name, "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 10 else -1


def _stem(records_request: RecordsRequest, letter: NextLetter) -> str:
    return f"{records_request.reference}-{letter.key.replace('_', '-')}"


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _crumbs(records_request: RecordsRequest, here: str) -> list[tuple[str, str]]:
    return [(records_request.reference, records_request.get_absolute_url()), (here, "")]
