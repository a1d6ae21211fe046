"""The group's letterhead and its people's signatures: kept, taken away, and put on letters."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.kits.dress import Dress, Picture
from requests_app.kits.letters import Letter
from requests_app.kits.models import Letterhead, Signature
from requests_app.people.models import Person


@dataclass(frozen=True)
class Outfit:
    """What the letters of one signer wear from now on."""

    letterhead: Letterhead | None
    signature: int | None

    def on(self, letter: Letter) -> Letter:
        """Return the letter with the letterhead's lines at its head, and the rows that its pictures come from."""
        head = self.letterhead
        if head is None:
            return replace(letter, signature=self.signature)
        sender = (head.name, *head.lines.splitlines(), *letter.sender[1:])
        return replace(letter, sender=sender, letterhead=head.pk, signature=self.signature)


def outfit_of(signer: Person) -> Outfit:
    """Return what this person's letters wear. Two queries."""
    newest = Signature.objects.filter(person=signer).order_by("-made_at", "-pk").values_list("pk", flat=True).first()
    return Outfit(current_letterhead(), newest)


def current_letterhead() -> Letterhead | None:
    """Return the letterhead in use; None before one was made. One query."""
    return Letterhead.objects.order_by("-made_at", "-pk").first()


def dress_of(letter: Letter) -> Dress:
    """Return the pictures that a letter wears. A signature that its owner deleted is gone from every letter."""
    logo = signature = None
    if letter.letterhead is not None:
        head = Letterhead.objects.filter(pk=letter.letterhead).first()
        logo = logo_of(head) if head is not None else None
    if letter.signature is not None:
        signature = picture_of(Signature.objects.filter(pk=letter.signature).first(), letter.closing.name)
    return Dress(logo=logo, signature=signature)


def logo_of(head: Letterhead) -> Picture | None:
    """Return a letterhead's logo."""
    if head.logo is None:
        return None
    alt = _("Logo of %(name)s") % {"name": head.name}
    return Picture(png=bytes(head.logo), width=head.logo_width, height=head.logo_height, alt=alt)


def picture_of(signature: Signature | None, name: str) -> Picture | None:
    """Return a signature as a picture."""
    if signature is None:
        return None
    alt = _("Signature of %(name)s") % {"name": name}
    return Picture(png=base64.b64decode(signature.image), width=signature.width, height=signature.height, alt=alt)


def save_letterhead(
    *, name: str, lines: str, logo: Picture | None, keep_logo: bool, by: Person, now: datetime
) -> Letterhead:
    """Put a letterhead in use from now on. `keep_logo`: without a new `logo`, the present one stays."""
    present = current_letterhead()
    if logo is None and keep_logo and present is not None:
        logo = logo_of(present)
    return Letterhead.objects.create(
        name=name,
        lines=lines,
        logo=logo.png if logo else None,
        logo_width=logo.width if logo else 0,
        logo_height=logo.height if logo else 0,
        made_by=by,
        made_at=now,
    )


def signature_of(person: Person) -> Signature | None:
    """Return the signature that a person's next letter would carry."""
    return Signature.objects.filter(person=person).order_by("-made_at", "-pk").first()


def save_signature(person: Person, picture: Picture, *, now: datetime) -> Signature:
    """Keep a person's signature for their letters from now on; letters that are filed keep the one they have."""
    image = base64.b64encode(picture.png).decode()
    return Signature.objects.create(person=person, image=image, width=picture.width, height=picture.height, made_at=now)


@transaction.atomic
def delete_signature(person: Person) -> bool:
    """Delete every signature of a person, also from letters that are printed again. Returns whether there was one."""
    deleted, _rows = Signature.objects.filter(person=person).delete()
    return bool(deleted)
