"""What the search keeps beside the passages: since when a document can be found, tags, searches to be told of, and the
fingerprints by which near-duplicates meet. The index of the words itself is the database's own (`search.engines`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models.originals import Blob, Document


class Findable(models.Model):
    """A document that the search knows, and how far the saved searches have looked at it."""

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="findable")
    since = models.DateTimeField(help_text="When its text could first be found; when it came, where it has none yet.")
    has_been_read = models.BooleanField(default=False, help_text="The step `index` has seen the text of its bytes.")
    # Counted, not dated: a change between the look and its record must not be lost, whatever the clocks say.
    changes = models.PositiveIntegerField(default=1, help_text="How often what can be found about it has changed.")
    looked_at = models.PositiveIntegerField(default=0, help_text="The change that the saved searches saw last.")

    class Meta:
        indexes = [
            # search.alerts: what is news
            models.Index(fields=["since"], condition=models.Q(changes__gt=models.F("looked_at")), name="findable_news"),
        ]

    def __str__(self) -> str:
        return f"findable {self.document_id}"


class DocumentTag(models.Model):
    """A tag of a document as the search compares it; who gave it stands with what people say about the document."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="found_by_tags")
    key = models.CharField(max_length=60, help_text="Folded words with one blank between them.")

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="tag_once_on_a_document"),
            models.CheckConstraint(condition=~models.Q(key=""), name="tag_says_something"),
        ]
        indexes = [models.Index(fields=["key", "document"], name="tag_of_documents")]  # tag: in a query

    def __str__(self) -> str:
        return self.key


class SavedSearch(models.Model):
    """A query that one person keeps, and may be told of when a new document fits it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    query = models.CharField(_("query"), max_length=1000)
    tells = models.BooleanField(_("tell me of new documents"), default=True)
    # Only what can be found since then is news to this search: now when it is saved, or switched on again.
    since = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "query"], name="search_saved_once"),
            models.CheckConstraint(condition=~models.Q(query=""), name="saved_search_asks_something"),
        ]

    def __str__(self) -> str:
        return self.query


class Told(models.Model):
    """A document of which somebody was told because of a saved search: once, ever."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="told")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "document"], name="told_once_of_a_document")]

    def __str__(self) -> str:
        return f"search {self.search_id} told of {self.document_id}"


class KnownWord(models.Model):
    """A word that stands on pages, for "Did you mean". Never shown before a search for it found something."""

    word = models.CharField(primary_key=True, max_length=32)
    initial = models.CharField(max_length=1)
    length = models.PositiveSmallIntegerField()
    seen = models.PositiveIntegerField(help_text="On how many passages, about; a page read twice counts twice.")

    class Meta:
        indexes = [models.Index(fields=["initial", "length", "-seen"], name="word_like")]  # search.spelling

    def __str__(self) -> str:
        return self.word


class WordsLearned(models.Model):
    """How far the known words have been learned: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    up_to = models.PositiveBigIntegerField(default=0, help_text="The passage of the highest number that was read.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="words_learned_is_one_row")]

    def __str__(self) -> str:
        return f"learned up to passage {self.up_to}"


class Fingerprint(models.Model):
    """The text of one blob in 512 bytes, so that near-duplicates can be found and compared (search.fingerprints)."""

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="fingerprint")
    version = models.PositiveSmallIntegerField()
    words = models.PositiveIntegerField(help_text="How many words the text has.")
    smallest = models.BinaryField(help_text="The smallest hash of each of its parts, 8 bytes each.")

    def __str__(self) -> str:
        return f"fingerprint of {self.blob_id[:12]}"


class FingerprintBand(models.Model):
    """A few parts of a fingerprint together: who shares one may be a near-duplicate."""

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="+")
    band = models.BigIntegerField(help_text="Hash of the band's number and its parts.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["band", "blob"], name="band_once_in_a_blob")]

    def __str__(self) -> str:
        return f"band {self.band} of {self.blob_id[:12]}"
