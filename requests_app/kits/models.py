"""What a group adds of its own: its letterhead, its people's signatures, its kits and paragraphs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.people.sealed import SealedTextField


class Letterhead(models.Model):
    """The head of the group's letters. Never changed: each saving is a new row, and a letter names the one it wears."""

    name = models.CharField(_("name"), max_length=120)
    lines = models.TextField(_("address"), blank=True, default="")
    logo = models.BinaryField(null=True, blank=True)  # PNG, drawn anew by kits.pictures
    logo_width = models.PositiveIntegerField(default=0)
    logo_height = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(logo__isnull=True) | models.Q(logo_width__gt=0, logo_height__gt=0),
                name="a_logo_has_a_size",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Signature(models.Model):
    """A person's signature as a picture, sealed. It appears in that person's letters and nowhere else."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    image = SealedTextField()  # PNG in base64
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["person", "-made_at"], name="signature_of_a_person")]  # the newest of a signer

    def __str__(self) -> str:
        return f"signature of {self.person_id}"


class OwnKit(models.Model):
    """A kit that the group wrote itself, known as G1, G2. What it says is in its editions."""

    number = models.PositiveIntegerField(unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The kit's id, such as G1."""
        return f"G{self.number}"


class KitEdition(models.Model):
    """What an own kit said from some day on. Never changed: requests name the edition they were written from."""

    kit = models.ForeignKey(OwnKit, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # kits.schema.Kit
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["kit", "-number"]
        constraints = [models.UniqueConstraint(fields=["kit", "number"], name="kit_edition_once")]

    def __str__(self) -> str:
        return f"{self.kit_id}/{self.number}"


class Clause(models.Model):
    """A paragraph of the group's own, offered in the wizard beside the filer's own paragraph."""

    title = models.CharField(_("name"), max_length=80, unique=True)
    text = models.TextField(_("paragraph"))
    revision = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
