"""The one door for writing people, roles, invitations and notices."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.people.mail import message_id
from requests_app.people.models import (
    AddressMail,
    InvitationMail,
    Person,
    Role,
    RoleGrant,
    SignerOffer,
    SignInLink,
    audit,
)
from requests_app.people.notices.services import NoticeDraft, mark_read, queue_notice, queue_notices
from requests_app.people.preferences import Topic
from requests_app.people.tokens import hash_of, make_nonce, token_of

__all__ = ["NoticeDraft", "mark_read", "queue_notice", "queue_notices"]  # this room's door for notices, too

INVITATION_LASTS: Final = timedelta(days=14)
NEW_ADDRESS_LASTS: Final = timedelta(days=1)
NEW_ADDRESSES_A_DAY: Final = 5  # enough for every typing mistake, too few to flood a stranger's mailbox
WAY_IN_LASTS: Final = timedelta(days=1)  # asked for and used at once; a day covers the other side of the globe


class AlreadyHere(Exception):
    """Somebody with this e-mail address has an account."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody with this e-mail address has an account already. Give them the role on their page instead.")
        )


class AddressTaken(Exception):
    """Somebody else's account has the new e-mail address."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else’s account has this e-mail address. Yours was not changed. Choose another address.")
        )


class TooManyAddresses(Exception):
    """One person asked for more links to new addresses than a day of mistakes explains."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You asked for %(number)s links within a day, so no further one was sent. Your address was not "
                "changed. Try again tomorrow."
            )
            % {"number": NEW_ADDRESSES_A_DAY}
        )


class LinkClosed(Exception):
    """A one-time link was used, withdrawn or ran out between opening the page and sending the form."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This link was used, withdrawn or ran out. No account was changed. "
                "Ask whoever gave it to you for a new one."
            )
        )


class HandleTaken(Exception):
    """Two people wanted the same handle; the other was first."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has this handle already. Nothing was saved yet. Choose another."))


class LastAdministrator(Exception):
    """Nobody would be left who can give roles."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is the last administrator, so nothing was changed: nobody could give roles any more. "
                "Make somebody else an administrator first."
            )
        )


# --- invitations and one-time links -----------------------------------------------------------------------------------


@transaction.atomic
def invite(*, email: str, roles: Collection[str], by: Person, now: datetime) -> SignInLink:
    """Invite one person by e-mail; the mail leaves through the outbox. Returns the link.

    Earlier open invitations of the same address are withdrawn, so that only the newest mail works.
    Raises AlreadyHere when the address has an account.
    """
    if Person.objects.filter(email__iexact=email).exists():
        raise AlreadyHere
    _withdraw(SignInLink.objects.filter(purpose=SignInLink.Purpose.INVITATION, email__iexact=email), now)
    link = _make_link(SignInLink.Purpose.INVITATION, email=email, roles=roles, by=by, now=now, lasts=INVITATION_LASTS)
    InvitationMail.objects.create(link=link, send_after=now, message_id=message_id("invitation", link.token_sha256))
    audit("invited", link, by=by, now=now, roles=sorted(roles))
    return link


@transaction.atomic
def withdraw_invitation(link_id: int, *, by: Person, now: datetime) -> bool:
    """Close an invitation that nobody used yet, and take back its mail. Returns whether it was open."""
    links = SignInLink.objects.filter(pk=link_id, purpose=SignInLink.Purpose.INVITATION)
    closed = _withdraw(links, now)
    if closed:
        audit("invitation_withdrawn", links.get(), by=by, now=now)
    return bool(closed)


def open_link(token: str, purpose: SignInLink.Purpose, now: datetime) -> SignInLink | None:
    """Return the link that a token opens; None when there is none or it is closed. One query."""
    link = SignInLink.objects.select_related("person").filter(token_sha256=hash_of(token), purpose=purpose).first()
    return link if link is not None and link.is_open(now) else None


@dataclass(frozen=True)
class Profile:
    """What a person says about themselves."""

    handle: str
    home_state: str = ""
    time_zone: str = "America/New_York"
    legal_name: str = ""
    postal_address: str = ""
    phone: str = ""


def accept_invitation(token: str, *, profile: Profile, password: str, email: str = "", now: datetime) -> Person:
    """Open the account that an invitation offers and return its person.

    1. Close the link by a conditional update: a second click, or a second person, finds it used.
    2. Make the person with the roles the invitation names.

    `email` counts only where the invitation names none (the first administrator). Raises LinkClosed, HandleTaken,
    AlreadyHere, and ValidationError for a weak password; then nothing was written and the link still works.
    """
    with transaction.atomic():
        link = _use_link(token, SignInLink.Purpose.INVITATION, now)
        person = Person(email=link.email or email, **vars(profile))
        validate_password(password, person)
        person.set_password(password)
        if Person.objects.filter(email__iexact=person.email).exists():
            raise AlreadyHere
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError as error:
            raise HandleTaken from error
        for role in link.roles:
            RoleGrant.objects.create(person=person, role=role, granted_by=link.made_by, granted_at=now)
        SignInLink.objects.filter(pk=link.pk).update(person=person)
        for mail in InvitationMail.objects.filter(link=link):
            InvitationMail.take_back(mail.pk)  # somebody handed the link over before the mail left
        audit("joined", person, by=person, now=now, roles=sorted(link.roles), link=link.pk)
    return person


def use_way_in(token: str, *, password: str, now: datetime) -> Person:
    """Give a person a new password by a recovery link, and remove their second factor if the link says so.

    Every session of theirs ends with the old password. Raises LinkClosed, and ValidationError for a weak password.
    """
    with transaction.atomic():
        link = _use_link(token, SignInLink.Purpose.RECOVERY, now)
        person = link.person
        if person is None or not person.is_active:
            raise LinkClosed
        validate_password(password, person)
        person.set_password(password)
        person.save(update_fields=["password"])
        if link.resets_second_factor:
            Authenticator.objects.filter(user_id=person.pk).delete()
        audit("way_in_used", person, by=person, now=now, second_factor_removed=link.resets_second_factor)
    return person


@transaction.atomic
def make_way_in(
    person_id: int, *, resets_second_factor: bool = False, by: Person | None = None, now: datetime
) -> SignInLink:
    """Return a one-time link by which a person sets a new password. Earlier open ones stop working."""
    person = Person.objects.get(pk=person_id, is_active=True)
    _withdraw(SignInLink.objects.filter(purpose=SignInLink.Purpose.RECOVERY, person=person), now)
    link = _make_link(
        SignInLink.Purpose.RECOVERY,
        email=person.email,
        roles=[],
        by=by,
        now=now,
        lasts=WAY_IN_LASTS,
        person=person,
        resets_second_factor=resets_second_factor,
    )
    audit("way_in_made", person, by=by, now=now, resets_second_factor=resets_second_factor)
    return link


@transaction.atomic
def ask_new_address(person_id: int, email: str, *, now: datetime) -> SignInLink:
    """Mail a link to the address that a person wants to have here; nothing changes before it is opened.

    Earlier open links of the same person stop working. Raises AddressTaken, TooManyAddresses.
    """
    person = Person.objects.select_for_update().get(pk=person_id, is_active=True)
    if Person.objects.filter(email__iexact=email).exists():
        raise AddressTaken
    mine = SignInLink.objects.filter(purpose=SignInLink.Purpose.NEW_ADDRESS, person=person)
    if mine.filter(made_at__gt=now - timedelta(days=1)).count() >= NEW_ADDRESSES_A_DAY:
        raise TooManyAddresses
    _withdraw(mine, now)
    link = _make_link(
        SignInLink.Purpose.NEW_ADDRESS,
        email=email,
        roles=[],
        by=person,
        now=now,
        lasts=NEW_ADDRESS_LASTS,
        person=person,
    )
    AddressMail.objects.create(link=link, send_after=now, message_id=message_id("address", link.token_sha256))
    audit("address_asked", person, by=person, now=now, link=link.pk)
    return link


@transaction.atomic
def withdraw_new_address(person_id: int, *, now: datetime) -> bool:
    """Close the link to a person's new address, so that the old one stays. Returns whether one was open."""
    closed = _withdraw(SignInLink.objects.filter(purpose=SignInLink.Purpose.NEW_ADDRESS, person_id=person_id), now)
    if closed:
        person = Person.objects.get(pk=person_id)
        audit("address_withdrawn", person, by=person, now=now)
    return bool(closed)


def use_new_address(token: str, *, by: Person, now: datetime) -> Person:
    """Give a person the e-mail address that the link was sent to, and tell the old one.

    1. Close the link by a conditional update. Only the person who asked may use it: whoever reads the mailbox of a
       mistyped address must not get the account.
    2. Change the address, and forget what allauth noted of the old one, so that it signs nobody in.
    3. Queue the news to the old address.

    Raises LinkClosed, and AddressTaken when somebody else got the address meanwhile; then nothing was changed.
    """
    with transaction.atomic():
        link = _use_link(token, SignInLink.Purpose.NEW_ADDRESS, now)
        if link.person is None or link.person_id != by.pk or not link.person.is_active:
            raise LinkClosed
        person, old = link.person, link.person.email
        person.email = link.email
        try:
            with transaction.atomic():
                person.save(update_fields=["email"])
        except IntegrityError as error:
            raise AddressTaken from error
        EmailAddress.objects.filter(user_id=person.pk).delete()
        audit("address_changed", person, by=by, now=now, link=link.pk)
        queue_notice(
            person,
            key=f"address:{link.pk}",
            subject=_("Your e-mail address was changed."),
            text=_(
                "Your account has another e-mail address now. The old one gets no more mail from us and signs nobody "
                "in. If this was you, there is nothing to do. If not, tell an administrator at once."
            ),
            why=_("You get this, at the old address too, whenever the way you sign in changes."),
            path=reverse("people:me"),
            to=old,
            topic=Topic.ACCOUNT,
            now=now,
        )
    return person


@transaction.atomic
def first_administrator_link(*, email: str = "", now: datetime) -> SignInLink | None:
    """Return the invitation of the first administrator, the same one as long as it is open; None once there is one.

    They get every role: in a new organisation the first person does everything, and can give roles away.
    """
    if administrators().exists():
        return None
    mine = SignInLink.objects.filter(purpose=SignInLink.Purpose.INVITATION, made_by__isnull=True)
    for link in mine.filter(email__iexact=email).order_by("-pk"):
        if link.is_open(now):
            return link
    _withdraw(mine, now)
    return _make_link(
        SignInLink.Purpose.INVITATION, email=email, roles=Role.values, by=None, now=now, lasts=INVITATION_LASTS
    )


def _make_link(
    purpose: SignInLink.Purpose,
    *,
    email: str,
    roles: Iterable[str],
    by: Person | None,
    now: datetime,
    lasts: timedelta,
    person: Person | None = None,
    resets_second_factor: bool = False,
) -> SignInLink:
    nonce = make_nonce()
    return SignInLink.objects.create(
        purpose=purpose,
        nonce=nonce,
        token_sha256=hash_of(token_of(nonce)),
        email=email,
        roles=sorted(roles),
        person=person,
        resets_second_factor=resets_second_factor,
        made_by=by,
        made_at=now,
        expires_at=now + lasts,
    )


def _use_link(token: str, purpose: SignInLink.Purpose, now: datetime) -> SignInLink:
    unused = SignInLink.objects.filter(
        token_sha256=hash_of(token),
        purpose=purpose,
        used_at__isnull=True,
        withdrawn_at__isnull=True,
        expires_at__gt=now,
    )
    if not unused.update(used_at=now):
        raise LinkClosed
    return SignInLink.objects.select_related("person", "made_by").get(token_sha256=hash_of(token))


def _withdraw(links: QuerySet[SignInLink], now: datetime) -> int:
    open_links = links.filter(used_at__isnull=True, withdrawn_at__isnull=True)
    for outbox in (InvitationMail, AddressMail):
        for mail_id in outbox.objects.filter(link__in=open_links).values_list("pk", flat=True):
            outbox.take_back(mail_id)
    return open_links.update(withdrawn_at=now)


# --- people and their roles -------------------------------------------------------------------------------------------


def administrators() -> QuerySet[Person]:
    """People who can give roles now."""
    return Person.objects.filter(is_active=True, role_grants__role=Role.ADMINISTRATOR)


def save_profile(person_id: int, profile: Profile, *, now: datetime) -> Person:
    """Change what a person says about themselves. Raises HandleTaken."""
    person = Person.objects.get(pk=person_id)
    changed = [name for name, value in vars(profile).items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, getattr(profile, name))
    if not changed:
        return person
    with transaction.atomic():
        try:
            with transaction.atomic():
                person.save(update_fields=changed)
        except IntegrityError as error:
            raise HandleTaken from error
        audit("profile_changed", person, by=person, now=now, fields=sorted(changed))
    return person


@transaction.atomic
def grant_role(person_id: int, role: str, *, by: Person | None, now: datetime) -> bool:
    """Give a person a role. Returns whether they did not have it."""
    person = Person.objects.get(pk=person_id)
    if RoleGrant.objects.filter(person=person, role=role).exists():
        return False
    RoleGrant.objects.create(person=person, role=Role(role), granted_by=by, granted_at=now)
    audit("role_granted", person, by=by, now=now, role=role)
    return True


@transaction.atomic
def revoke_role(person_id: int, role: str, *, by: Person | None, now: datetime) -> bool:
    """Take a role from a person. Returns whether they had it. Raises LastAdministrator."""
    if role == Role.ADMINISTRATOR:
        _keep_an_administrator_besides(person_id)
    taken, _rows = RoleGrant.objects.filter(person_id=person_id, role=role).delete()
    if taken:
        audit("role_revoked", Person.objects.get(pk=person_id), by=by, now=now, role=role)
    return bool(taken)


@transaction.atomic
def close_account(person_id: int, *, by: Person | None, now: datetime) -> bool:
    """Close a person's account: no sign-in, no mail, every session over. What they did stays under their handle.

    Returns whether it was open. Raises LastAdministrator.
    """
    _keep_an_administrator_besides(person_id)
    closed = Person.objects.filter(pk=person_id, is_active=True).update(is_active=False)
    if closed:
        _withdraw(SignInLink.objects.filter(person_id=person_id), now)
        audit("account_closed", Person.objects.get(pk=person_id), by=by, now=now)
    return bool(closed)


@transaction.atomic
def reopen_account(person_id: int, *, by: Person | None, now: datetime) -> bool:
    """Open a closed account again, with the roles it had. Returns whether it was closed."""
    opened = Person.objects.filter(pk=person_id, is_active=False).update(is_active=True)
    if opened:
        audit("account_reopened", Person.objects.get(pk=person_id), by=by, now=now)
    return bool(opened)


def _keep_an_administrator_besides(person_id: int) -> None:
    # The lock makes two administrators who remove each other at once take turns (SQLite's transactions do anyway).
    grants = RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR, person__is_active=True)
    holders = set(grants.values_list("person_id", flat=True))
    if holders == {person_id}:
        raise LastAdministrator


# --- offers to sign ---------------------------------------------------------------------------------------------------


@transaction.atomic
def offer_to_sign(
    person_id: int,
    *,
    jurisdiction: str,
    ground: str,
    legal_name: str,
    postal_address: str,
    phone: str = "",
    now: datetime,
) -> SignerOffer:
    """Keep a member's offer to sign letters to one state. A new offer for the same state takes the place of the old."""
    # Two windows at once take turns here; the constraint stands behind it.
    person = Person.objects.select_for_update().get(pk=person_id, is_active=True)
    SignerOffer.objects.filter(person=person, jurisdiction=jurisdiction, withdrawn_at__isnull=True).update(
        withdrawn_at=now, **_NOTHING_KEPT
    )
    return SignerOffer.objects.create(
        person=person,
        jurisdiction=jurisdiction,
        ground=ground,
        legal_name=legal_name,
        postal_address=postal_address,
        phone=phone,
        made_at=now,
    )


def withdraw_offer(offer_id: int, *, by: Person, now: datetime) -> bool:
    """Take back one's own offer, with the name and address in it. Returns whether it was open."""
    mine = SignerOffer.objects.filter(pk=offer_id, person=by, withdrawn_at__isnull=True)
    return bool(mine.update(withdrawn_at=now, **_NOTHING_KEPT))


_NOTHING_KEPT: Final = {"legal_name": "", "postal_address": "", "phone": ""}
