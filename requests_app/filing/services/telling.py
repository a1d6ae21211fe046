"""The notices around signatures and approvals. No notice holds a legal name, an address or who offered to sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.filing.models import Approval, Draft, RecordsRequest, Signing
from requests_app.people import queries as people_queries
from requests_app.people import services as people
from requests_app.people.models import Person, Role
from requests_app.people.services import NoticeDraft
from requests_app.people.states import name_of


def _tell(recipient: Person, key: str, subject: str, text: str, why: str, path: str, now: datetime) -> None:
    people.queue_notice(recipient, key=key, subject=subject, text=text, why=why, path=path, now=now)


def _tell_coordinators(key: str, subject: str, text: str, path: str, *, besides: Person, now: datetime) -> None:
    why = _("You get this because you coordinate.")
    people.queue_notices(
        [
            NoticeDraft(each.pk, f"{key}:{each.pk}", subject, text, why, path)
            for each in people_queries.active_people(Role.COORDINATOR)
            if each.pk != besides.pk
        ],
        send_after=now,
        now=now,
    )


def tell_coordinators_to_choose(signing: Signing, *, now: datetime) -> None:
    """A letter needs a resident to sign it."""
    facts = {"state": name_of(signing.jurisdiction), "handle": signing.draft.filer.handle}
    _tell_coordinators(
        f"signing:{signing.pk}:asked",
        _("A letter to %(state)s needs a resident to sign it") % facts,
        _("%(handle)s wrote a letter to %(state)s, whose law asks who signs. Choose a member who offered to.") % facts,
        reverse("filing:choose-signer", args=[signing.pk]),
        besides=signing.draft.filer,
        now=now,
    )


def tell_invited(signing: Signing, *, now: datetime) -> None:
    """A member is asked to sign."""
    assert signing.signer is not None  # noqa: S101  an invitation names its signer
    assert signing.expires_at is not None  # noqa: S101  and its end
    facts = {"state": name_of(signing.jurisdiction), "day": date_format(signing.expires_at, "l, F j")}
    subject = _("Would you sign a letter to %(state)s?")
    text = _(
        "You offered to sign letters to %(state)s. Read this one as it would be sent in your name, then sign it or "
        "decline, until %(day)s. Nothing is sent in your name unless you sign."
    )
    if signing.kind == Signing.Kind.AUTHORITY:
        subject = _("Would you let a member ask %(state)s for you?")
        text = _(
            "You offered to sign for %(state)s. A member there asks under a resident’s written authority. Read the "
            "paper and the letter it goes with, then sign the paper or decline, until %(day)s."
        )
    _tell(
        signing.signer,
        f"signing:{signing.pk}:invited",
        subject % facts,
        text % facts,
        _("You get this because you offered to sign letters to %(state)s.") % facts,
        reverse("filing:sign", args=[signing.pk]),
        now,
    )


def tell_filer(signing: Signing, what: str, *, now: datetime) -> None:
    """Tell the filer what came of the signature: signed, declined, expired, withdrawn. Never who it was."""
    facts = {"state": name_of(signing.jurisdiction)}
    subjects = {
        "signed": _("Your letter to %(state)s is signed"),
        "declined": _("Your letter to %(state)s needs another signer"),
        "expired": _("Your letter to %(state)s needs another signer"),
        "withdrawn": _("The signature under your letter to %(state)s was taken back"),
    }
    if signing.kind == Signing.Kind.AUTHORITY:
        subjects["signed"] = _("You have the written authority for your letter to %(state)s")
    texts = {
        "signed": _("A resident of %(state)s signed. Read your letter as it goes now, and file it."),
        "declined": _("The member who was asked declined. The coordinators were told and look for somebody else."),
        "expired": _("The member who was asked did not answer in time. The coordinators look for somebody else."),
        "withdrawn": _("The member who signed took the signature back. Your draft is kept. Ask for another signer."),
    }
    _tell(
        signing.draft.filer,
        f"signing:{signing.pk}:{what}",
        subjects[what] % facts,
        texts[what] % facts,
        _("You get this because you wrote the letter."),
        reverse("filing:draft-signer", args=[signing.draft_id]),
        now,
    )


def tell_signer_void(signing: Signing, *, now: datetime) -> None:
    """The letter was changed, or is signed by its filer after all: the signature is gone."""
    if signing.signer is None:
        return
    facts = {"state": name_of(signing.jurisdiction)}
    _tell(
        signing.signer,
        f"signing:{signing.pk}:void",
        _("The letter to %(state)s that you signed was changed") % facts,
        _(
            "Your signature no longer holds, and your name and address were taken out of the letter. Nothing was sent "
            "in your name. You may be asked to sign the letter as it stands now."
        ),
        _("You get this because you signed the letter."),
        reverse("filing:sign", args=[signing.pk]),
        now,
    )


def tell_signer_filed(signing: Signing, filed: Sequence[RecordsRequest], *, now: datetime) -> None:
    """The letter leaves in the signer's name."""
    if signing.signer is None:
        return
    facts = {
        "state": name_of(signing.jurisdiction),
        "references": ", ".join(records_request.reference for records_request in filed),
    }
    _tell(
        signing.signer,
        f"signing:{signing.pk}:filed",
        _("The letter to %(state)s that you signed was filed") % facts,
        _("It has the reference %(references)s. An agency may write or call you: pass on what it says.") % facts,
        _("You get this because you signed the letter."),
        reverse("filing:sign", args=[signing.pk]),
        now,
    )


def tell_coordinators_to_read(approval: Approval, draft: Draft, *, now: datetime) -> None:
    """A newcomer's letter waits to be read."""
    facts = {"handle": draft.filer.handle, "state": name_of(draft.jurisdiction)}
    _tell_coordinators(
        f"approval:{approval.pk}:asked",
        _("A letter by %(handle)s waits for you to read it") % facts,
        _("%(handle)s is new and wrote to %(state)s. The letter goes out once one of you has approved it.") % facts,
        reverse("filing:approve", args=[approval.pk]),
        besides=draft.filer,
        now=now,
    )


def tell_decided(approval: Approval, *, now: datetime) -> None:
    """A coordinator approved the letter or sent it back."""
    draft = approval.draft
    facts = {"state": name_of(draft.jurisdiction)}
    if approval.state == Approval.State.APPROVED:
        subject = _("Your letter to %(state)s is approved") % facts
        text = _("A coordinator read your letter and approved it. File it as it stands; a change asks for a new look.")
        path = reverse("filing:draft-preview", args=[draft.pk])
    else:
        subject = _("Your letter to %(state)s came back with a note") % facts
        text = _("A coordinator read your letter and sent it back. Read the note, change the letter, and ask again.")
        path = reverse("filing:draft-approval", args=[draft.pk])
    why = _("You get this because you wrote the letter.")
    _tell(draft.filer, f"approval:{approval.pk}:decided", subject, text, why, path, now)
