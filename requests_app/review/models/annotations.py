"""Annotations: what people mark on returned documents, the labels they give, and what is answered to them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Document
from requests_app.review import targets, web_annotation
from requests_app.review.anchoring import How
from requests_app.review.targets import Target


class Label(models.Model):
    """One word of the controlled vocabulary. Known by name, colour and pattern together, never by colour alone.

    A label that is retired stays on what has it and is offered no longer.
    """

    class Colour(models.TextChoices):
        BLUE = "blue", _("blue")
        GREEN = "green", _("green")
        AMBER = "amber", _("amber")
        RED = "red", _("red")
        VIOLET = "violet", _("violet")
        TEAL = "teal", _("teal")
        BROWN = "brown", _("brown")
        GREY = "grey", _("grey")

    class Pattern(models.TextChoices):
        SOLID = "solid", _("a plain edge")
        DASHED = "dashed", _("a broken edge")
        DOTTED = "dotted", _("a dotted edge")
        DOUBLE = "double", _("a double edge")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60)
    meaning = models.CharField(_("when to use it"), max_length=300, blank=True, default="")
    colour = models.CharField(_("colour"), max_length=10, choices=Colour)
    pattern = models.CharField(_("pattern"), max_length=10, choices=Pattern)
    key = models.CharField(
        _("key"),
        max_length=1,
        blank=True,
        default="",
        validators=[RegexValidator(r"^[0-9a-z]$", _("One small letter or digit."))],
        help_text=_("One small letter or digit. It gives this label to what is chosen on a page."),
    )
    order = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"),
                name="label_name_unique",
                violation_error_message=_("There is a label of this name."),
            ),
            models.UniqueConstraint(
                fields=["colour", "pattern"],
                condition=Q(retired_at__isnull=True),
                name="label_looks_unique",
                violation_error_message=_("Another label has this colour and this pattern. Choose another of the two."),
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(retired_at__isnull=True) & ~Q(key=""),
                name="label_key_unique",
                violation_error_message=_("Another label has this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page with everything that has this label."""
        return reverse("review:label", args=[self.slug])


class Annotation(models.Model):
    """Something one person marked in a document: words, a region, a page, cells, a passage, or all of it.

    `target` is the W3C Web Annotation target, whose source is SOURCE; `place`, `down` and `kind` are taken from it for
    lists. Where words stand now is worked out anew when the text of their page changed (`found`).
    Changed only at the revision that was seen; withdrawn ones stay and can be brought back.
    """

    SOURCE = "urn:daylight:document"  # the document itself; its address is put in its stead when it leaves the house

    class Kind(models.TextChoices):
        DOCUMENT = "document", _("the whole document")
        PAGE = "page", _("a whole page")
        TEXT = "text", _("words on a page")
        REGION = "region", _("a region of a page")
        CELLS = "cells", _("cells of a sheet")
        PASSAGE = "passage", _("words of a mail or text")

    class Visibility(models.TextChoices):
        ME = "me", _("only me")
        TEAM = "team", _("everybody who may see the document")
        RELEASABLE = "releasable", _("everybody here, and later the public")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RESOLVED = "resolved", _("resolved")

    class Found(models.TextChoices):
        """How the words were found when they were last looked for: `anchoring.How`, or not at all."""

        SAME = How.SAME.value, _("where they were")
        MOVED = How.MOVED.value, _("elsewhere on the page")
        RESPACED = How.RESPACED.value, _("with other spaces or hyphens")
        REWORDED = How.REWORDED.value, _("in nearly the same words")
        LOST = "lost", _("not found any more")

    # Made by whoever writes it, so that sending it twice after a lost connection keeps it once.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="annotations")
    kind = models.CharField(max_length=10, choices=Kind)
    target = models.JSONField(help_text="A W3C Web Annotation target.")
    place = models.PositiveIntegerField(default=0, help_text="The page or sheet, from 1; 0 for the whole document.")
    down = models.FloatField(default=0, help_text="How far down there: a share of the page, or the number of the row.")
    found = models.CharField(max_length=10, choices=Found, default=Found.SAME)
    anchored_at = models.DateTimeField(help_text="When the words were last looked for.")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, null=True, blank=True, related_name="annotations")
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.TEAM)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    body = models.TextField(blank=True, default="", help_text="Markdown.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_by = models.CharField(
        max_length=200, blank=True, default="", help_text="Of what was imported: whom the file names as its author."
    )
    # How often words, label, visibility or target changed. A writer claims the next number by a conditional update.
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When anything last happened to it, replies too.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="document", place=0)
                | Q(kind="passage", place=0)
                | ~Q(kind__in=["document", "passage"]) & Q(place__gte=1),
                name="annotation_has_its_place",
            ),
        ]
        indexes = [
            models.Index(fields=["document", "place", "down", "id"], name="annotation_in_order"),  # the margin
            models.Index(fields=["label", "-id"], name="annotation_of_label"),  # all of one label, newest first
            models.Index(fields=["document"], condition=Q(found="lost"), name="annotation_lost"),
            models.Index(fields=["anchored_at"], condition=Q(kind__in=["text", "passage"]), name="annotation_anchored"),
        ]

    def __str__(self) -> str:
        return f"annotation {self.pk} on {self.document_id}"

    def get_absolute_url(self) -> str:
        """Its own page, to send to others."""
        return reverse("review:annotation", args=[self.pk])

    @property
    def where(self) -> Target:
        """What it is about, as a value."""
        return web_annotation.target_from_json(self.target)

    @property
    def quote(self) -> str:
        """The words that were marked, or the address of the cells; "" where there are none."""
        match self.where:
            case targets.PageText(quote=quote) | targets.MailText(quote=quote):
                return quote.exact
            case targets.Cells() as cells:
                return cells.address
        return ""

    @property
    def is_lost(self) -> bool:
        """Whether its words stand in the document no more."""
        return self.found == self.Found.LOST

    @property
    def is_resolved(self) -> bool:
        """Whether somebody said that nothing is left to do."""
        return self.state == self.State.RESOLVED


class Reply(models.Model):
    """An answer to an annotation. It stays as it was written."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="replies")
    body = models.TextField(help_text="Markdown.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_by = models.CharField(max_length=200, blank=True, default="")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="reply_says_something")]

    def __str__(self) -> str:
        return f"reply {self.pk} to annotation {self.annotation_id}"


class AnnotationChange(models.Model):
    """One thing that happened to an annotation, with what stood there before. Never changed."""

    class Kind(models.TextChoices):
        MADE = "made", _("marked this")
        IMPORTED = "imported", _("brought this in from a file")
        CHANGED = "changed", _("changed it")
        MOVED = "moved", _("put it to other words")
        RESOLVED = "resolved", _("resolved it")
        REOPENED = "reopened", _("opened it again")
        WITHDRAWN = "withdrawn", _("withdrew it")
        RESTORED = "restored", _("brought it back")

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField(
        default=dict, help_text="What differed before: body, label (its name), visibility, target."
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} annotation {self.annotation_id}"
