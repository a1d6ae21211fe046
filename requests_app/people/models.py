"""Accounts, roles, invitations, one-time sign-in links, notices and the audit trail."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_app.people import mail
from requests_app.people.outbox import OutboxRow, PermanentFailure, hand_over
from requests_app.people.preferences import Channel, Topic
from requests_app.people.sealed import SealedTextField
from requests_app.people.states import name_of


class Role(models.TextChoices):
    """What a person does here. A person may hold several."""

    VOLUNTEER = "volunteer", _("Volunteer")
    COORDINATOR = "coordinator", _("Coordinator")
    REVIEWER = "reviewer", _("Reviewer")
    ADMINISTRATOR = "administrator", _("Administrator")


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail without regard to case. `services` alone makes them."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody with an account, shown everywhere by handle.

    The legal name and postal address appear only in that person's own letters; both are encrypted at rest.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    handle = models.CharField(
        _("handle"),
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_-]{1,39}$", _("Use 2 to 40 letters, digits, - or _."))],
        help_text=_("What others see instead of your name."),
    )
    legal_name = SealedTextField(_("legal name"), blank=True, default="")
    postal_address = SealedTextField(_("postal address"), blank=True, default="")
    phone = SealedTextField(_("telephone"), blank=True, default="")
    home_state = models.CharField(_("home state"), max_length=2, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["handle"]
    objects = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_unique"),
            models.UniqueConstraint(
                Lower("handle"),
                name="person_handle_unique",
                violation_error_message=_("Somebody has this handle already."),
            ),
        ]

    def __str__(self) -> str:
        return self.handle

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held now. One query, then remembered for the life of this object."""
        return frozenset(grant.role for grant in self.role_grants.all())

    @property
    def home_state_name(self) -> str:
        """The name of the home state; empty when none is given."""
        return name_of(self.home_state)

    def has_role(self, *roles: str) -> bool:
        """Return whether the person is active and holds any of `roles`."""
        return self.is_active and not self.roles.isdisjoint(roles)

    # Django's admin is a reading room here: every write goes through a service (style, section 2).
    @property
    def is_staff(self) -> bool:
        return self.has_role(Role.ADMINISTRATOR)

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_staff and perm.partition(".")[2].startswith("view_")

    def has_perms(self, perm_list: list[str], obj: object | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class RoleGrant(models.Model):
    """One role of one person, and who gave it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)
    granted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="role_granted_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.role}"


class SignInLink(models.Model):
    """An invitation, a one-time way back in, or the proof of a new address. Only the hash of its token is kept."""

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        RECOVERY = "recovery", _("Way back in")
        NEW_ADDRESS = "new_address", _("New e-mail address")

    purpose = models.CharField(max_length=20, choices=Purpose)
    nonce = models.CharField(max_length=64, help_text="With SECRET_KEY it makes the token; alone it opens nothing.")
    token_sha256 = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, default="", help_text="Empty only for the first administrator.")
    roles = models.JSONField(default=list)
    resets_second_factor = models.BooleanField(default=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="sign_in_links")
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="sign_in_link_expires_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="recovery") | models.Q(person__isnull=False),
                name="recovery_link_names_its_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="new_address") | (models.Q(person__isnull=False) & ~models.Q(email="")),
                name="new_address_link_names_person_and_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Return whether the link can still be used at `now`."""
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class InvitationMail(OutboxRow):
    """The mail that brings an invitation. The link in it is made anew at each try; no row holds it."""

    link = models.OneToOneField(SignInLink, on_delete=models.CASCADE, related_name="mail")

    class Meta(OutboxRow.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["state", "send_after"], name="invitation_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="invitation_follow_up", condition=models.Q(follow_up_pending=True)),
        ]

    def __str__(self) -> str:
        return f"mail of {self.link_id}"

    def deliver(self) -> str:
        """Send the invitation, unless it was used, withdrawn or ran out meanwhile."""
        if not self.link.is_open(timezone.now()):
            raise PermanentFailure("The invitation is no longer open.")
        return hand_over(mail.compose_invitation(self.link, self.message_id))


class AddressMail(OutboxRow):
    """The mail that asks a new address to prove itself. Like an invitation, its link is made anew at each try."""

    link = models.OneToOneField(SignInLink, on_delete=models.CASCADE, related_name="address_mail")

    class Meta(OutboxRow.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["state", "send_after"], name="address_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="address_follow_up", condition=models.Q(follow_up_pending=True)),
        ]

    def __str__(self) -> str:
        return f"address mail of {self.link_id}"

    def deliver(self) -> str:
        """Send the link to the new address, unless it was used, withdrawn or ran out meanwhile."""
        if not self.link.is_open(timezone.now()):
            raise PermanentFailure("The link is no longer open.")
        return hand_over(mail.compose_new_address(self.link, self.message_id))


TOPICS: Final = (
    (Topic.OURS.value, _("Our own deadlines")),
    (Topic.THEIRS.value, _("Agencies' deadlines")),
    (Topic.NEWS.value, _("Letters, answers and signatures")),
    (Topic.ACCOUNT.value, _("Your account")),
)
CHANNELS: Final = (
    (Channel.SINGLE.value, _("a mail of its own")),
    (Channel.DAILY.value, _("the daily digest")),
    (Channel.WEEKLY.value, _("the weekly digest")),
    (Channel.IN_APP.value, _("only in the list")),
)


class Notice(OutboxRow):
    """Something one person must be told, in the program and by e-mail: a row first, a mail later."""

    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    to = models.EmailField(
        blank=True, default="", help_text="Only for news to an address that its owner has just given up."
    )
    key = models.CharField(
        max_length=200, unique=True, help_text="What the notice is about: the same thing is told once."
    )
    subject = models.CharField(max_length=200)
    text = models.TextField()
    why = models.CharField(max_length=300, help_text="Why this person gets it, in a sentence.")
    path = models.CharField(max_length=300, blank=True, default="")
    topic = models.CharField(max_length=10, choices=TOPICS, default=Topic.NEWS)
    channel = models.CharField(
        max_length=10, choices=CHANNELS, default=Channel.SINGLE, help_text="Only `single` leaves as a mail of its own."
    )
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    gathered_at = models.DateTimeField(null=True, blank=True, help_text="When a digest took it in.")

    class Meta(OutboxRow.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["channel", "state", "send_after"], name="notice_outbox"),  # the outbox sweep
            models.Index(fields=["id"], name="notice_follow_up", condition=models.Q(follow_up_pending=True)),
            models.Index(fields=["recipient", "read_at", "-made_at"], name="notice_inbox"),  # the bell and its list
            models.Index(fields=["channel", "gathered_at", "recipient"], name="notice_gathering"),  # what digests take
        ]

    def __str__(self) -> str:
        return self.subject

    @classmethod
    def due(cls, now: datetime) -> models.QuerySet[Self]:
        """Return the notices a worker may send at `now`: those that go as mails of their own."""
        return super().due(now).filter(channel=Channel.SINGLE)

    def deliver(self) -> str:
        """Send the notice, unless its recipient has left."""
        if not self.recipient.is_active:
            raise PermanentFailure("The recipient's account is closed.")
        return hand_over(mail.compose_notice(self))


class SignerOffer(models.Model):
    """A member offers to sign letters to one state in their own name. Coordinators and the member alone see it.

    The name and address are those that the letters would carry. The row is the offer's whole history: the audit
    trail, which administrators read, says nothing of who offered.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="signer_offers")
    jurisdiction = models.CharField(max_length=2)
    ground = models.CharField(
        max_length=40, default="resident", help_text="resident, or the id of an exception in the state's law file"
    )
    legal_name = SealedTextField()
    postal_address = SealedTextField()
    phone = SealedTextField(blank=True, default="")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "jurisdiction"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_open_offer_for_each_state",
            )
        ]
        indexes = [
            models.Index(  # who could sign for a state
                fields=["jurisdiction"], name="open_signer_offers", condition=models.Q(withdrawn_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"offer {self.pk} for {self.jurisdiction}"

    @property
    def is_open(self) -> bool:
        """Return whether the member still offers, and is still here. Needs the person."""
        return self.withdrawn_at is None and self.person.is_active


ACTS = {
    "joined": _("Opened the account by invitation."),
    "profile_changed": _("Changed their own settings."),
    "role_granted": _("Got the role %(role)s."),
    "role_revoked": _("Lost the role %(role)s."),
    "account_closed": _("The account was closed."),
    "account_reopened": _("The account was opened again."),
    "way_in_made": _("A one-time link for a new password was made."),
    "way_in_used": _("Set a new password by a one-time link."),
    "address_asked": _("Asked to change the e-mail address."),
    "address_withdrawn": _("Took back a change of the e-mail address."),
    "address_changed": _("Changed the e-mail address."),
    "absence_noted": _("Days away were taken down."),
    "absence_taken_back": _("Days away were taken back."),
    "preferences_changed": _("Changed how they are told of things."),
    "mails_turned_off": _("Turned off mails by the link in one."),
}
"""The acts that a person's page tells, in words."""


class AuditEntry(models.Model):
    """Who did what to whom, for acts that no timeline or history records: roles, invitations, accounts, downloads."""

    actor = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, help_text="kind:id, such as person:12 or contact:40")
    facts = models.JSONField(default=dict, help_text="ids and outcomes, never a name or an address")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="audit_by_subject")]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    @property
    def sentence(self) -> str:
        """The entry in words, for the page of the person it is about."""
        words = ACTS.get(self.action)
        if words is None:
            return self.action.replace("_", " ")
        role = str(self.facts.get("role", ""))
        return str(words) % {"role": Role(role).label if role in Role.values else role}


def audit(action: str, subject: models.Model, *, by: Person | None, now: datetime, **facts: Any) -> None:
    """Append one audit entry. Call it inside the transaction of the act itself."""
    AuditEntry.objects.create(
        actor=by, action=action, subject=f"{subject._meta.model_name}:{subject.pk}", facts=facts, at=now
    )


# The tables of a topic live with the topic; Django looks for them here.
from requests_app.people.absences import models as _absences  # noqa: E402, F401
from requests_app.people.notices import models as _notices  # noqa: E402, F401
