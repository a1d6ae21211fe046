"""Mail that came in: the bytes, each arrival of them, the message they hold, its files, and where it belongs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest


class RawMail(models.Model):
    """One mail byte for byte as it came, named by the SHA-256 of its bytes, which are in a store of their own.

    `claimed_at`: a worker reads it since then (`services.process`). `trouble`: why it could not be read, as a code.
    An erased mail leaves this row: who erased it, when and why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be read")
        PROCESSED = "processed", _("read")
        FAILED = "failed", _("could not be read")

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=40, blank=True, default="")
    headers_only = models.BooleanField(
        default=False,
        help_text="The mail was larger than the limit: only its headers are here, the rest in the mailbox.",
    )
    parser_version = models.CharField(max_length=20, blank=True, default="")
    message = models.ForeignKey(
        "IncomingMessage", on_delete=models.PROTECT, null=True, blank=True, related_name="copies"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erased_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("mail as received")
        verbose_name_plural = _("mails as received")
        indexes = [
            # what waits to be read
            models.Index(fields=["attempts", "stored_at"], name="raw_mail_waiting", condition=Q(state="waiting")),
            models.Index(fields=["state", "stored_at"], name="raw_mail_by_state"),  # `reprocess_mail --failed`
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="raw_mail_named_by_sha256"),
            models.CheckConstraint(condition=Q(size__gt=0), name="raw_mail_is_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "processed", "failed"]), name="raw_mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True, erased_why="")
                | Q(erased_at__isnull=False, erased_by__isnull=False) & ~Q(erased_why=""),
                name="erased_mail_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Arrival(models.Model):
    """One time and one way that the same bytes came. `source_key` names the place they came from, where it has one."""

    class Way(models.TextChoices):
        IMAP = "imap", _("fetched from the mailbox")
        LMTP = "lmtp", _("delivered by the mail server")
        PIPE = "pipe", _("piped in by the mail server")
        WEBHOOK = "webhook", _("sent by the mail provider")
        UPLOAD = "upload", _("handed in by a person")

    raw = models.ForeignKey(RawMail, on_delete=models.PROTECT, related_name="arrivals")
    way = models.CharField(max_length=10, choices=Way)
    source_key = models.CharField(max_length=400, blank=True, default="")
    envelope_from = models.CharField(max_length=640, blank=True, default="")
    envelope_to = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["way", "source_key"], condition=~Q(source_key=""), name="one_arrival_for_each_source"
            ),
            models.CheckConstraint(
                condition=Q(way__in=["imap", "lmtp", "pipe", "webhook", "upload"]), name="arrival_way_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raw_id[:12]} by {self.way}"


class IncomingMessage(models.Model):
    """One message, however many copies of it came.

    `fingerprint` is made of what the sender wrote (`services.fingerprint_of`), not of the lines that servers add on the
    way. `kind`, `trust`, `reasons` and `triage_reason` are the program's judgement; `settled_*` is a person's.
    `suggestions` are requests it may belong to, where the program would not choose. `changes` counts what people and
    program changed about where it is: who acts says which number they saw (`settling`).
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        AUTO_REPLY = "auto_reply", _("automatic reply")
        BOUNCE = "bounce", _("a letter came back")
        REPORT = "report", _("delivery report")
        RECEIPT = "receipt", _("read receipt")
        CHALLENGE = "challenge", _("asks whether a person wrote")

    class Trust(models.TextChoices):
        TRUSTED = "trusted", _("known sender, proven")
        UNKNOWN = "unknown", _("sender unknown or not proven")
        SUSPICIOUS = "suspicious", _("suspicious")

    class State(models.TextChoices):
        FILED = "filed", _("with its request")
        TRIAGE = "triage", _("waits for a person")
        SET_ASIDE = "set_aside", _("set aside")

    class TriageReason(models.TextChoices):
        UNMATCHED = "unmatched", _("no request found")
        AMBIGUOUS = "ambiguous", _("several requests possible")
        RETIRED = "retired", _("sent to an address that was given up")
        GUESSED = "guessed", _("too many wrong addresses from the same server")
        QUARANTINED = "quarantined", _("sender not trusted")
        FAILED = "failed", _("could not be read")
        TOO_LARGE = "too_large", _("too large, still in the mailbox")
        DUPLICATE = "duplicate", _("the same message is there already")
        BROUGHT_BACK = "brought_back", _("brought back by a person")

    fingerprint = models.CharField(max_length=64, unique=True)
    raw = models.OneToOneField(RawMail, on_delete=models.PROTECT, related_name="first_of")
    message_id = models.CharField(max_length=500, blank=True, default="")
    in_reply_to = models.CharField(max_length=500, blank=True, default="")
    references = models.JSONField(default=list)
    from_address = models.CharField(max_length=640, blank=True, default="")
    from_name = models.CharField(max_length=320, blank=True, default="")
    reply_to = models.JSONField(default=list, help_text='[{"address": …, "name": …}], as are the next two.')
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    subject = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="As the message says; nobody vouches for it.")
    received_at = models.DateTimeField(help_text="When the first copy was stored here.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MESSAGE)
    automatic = models.CharField(max_length=20, blank=True, default="", help_text="parsing.AutoReplyKind, or empty.")
    bounce = models.JSONField(default=dict, help_text="kind, recipient, status, original_message_id, diagnostic.")
    bounced_letter = models.ForeignKey(
        "correspondence.OutgoingLetter", on_delete=models.PROTECT, null=True, blank=True, related_name="bounces"
    )
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="", help_text="The sender's, not sanitised: never show it as it is.")
    notes = models.JSONField(default=list, help_text='[["code", {"name": "value"}]], parsing.notes.')
    authentication = models.JSONField(default=dict)
    trust = models.CharField(max_length=10, choices=Trust, default=Trust.UNKNOWN)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State)
    triage_reason = models.CharField(max_length=20, choices=TriageReason, blank=True, default="")
    suggestions = models.JSONField(default=list, help_text="Numbers of requests.")
    deferred_until = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_aside_why = models.CharField(max_length=500, blank=True, default="", help_text="The last time it was.")
    rule = models.ForeignKey(
        "SenderRule",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        help_text="What set it aside, or was made with it.",
    )
    changes = models.PositiveIntegerField(default=0)
    files_pending = models.BooleanField(default=False, help_text="Files of it are still to become documents.")
    files_due_at = models.DateTimeField(null=True, blank=True, help_text="When to try that again; empty: at once.")

    class Meta:
        verbose_name = _("message received")
        verbose_name_plural = _("messages received")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["message_id"], name="incoming_thread"),  # what a later mail answers
            models.Index(fields=["-received_at", "id"], name="incoming_triage", condition=Q(state="triage")),
            models.Index(fields=["state", "-received_at", "id"], name="incoming_by_state"),
            models.Index(fields=["id"], name="incoming_files_pending", condition=Q(files_pending=True)),
            # what rests until a day: few of those that wait, and counted for every list
            models.Index(
                fields=["deferred_until"],
                name="incoming_resting",
                condition=Q(state="triage", deferred_until__isnull=False),
            ),
            # what waits for one coordinator, and how many that is
            models.Index(
                fields=["assignee", "received_at", "id"],
                name="incoming_of_person",
                condition=Q(state="triage", assignee__isnull=False),
            ),
            # what rests, and how many that is
            models.Index(
                fields=["deferred_until"],
                name="incoming_deferred",
                condition=Q(state="triage", deferred_until__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="triage", triage_reason__gt="") | ~Q(state="triage"), name="triage_says_why"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["message", "auto_reply", "bounce", "report", "receipt", "challenge"]),
                name="incoming_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(trust__in=["trusted", "unknown", "suspicious"]), name="incoming_trust_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["filed", "triage", "set_aside"]), name="incoming_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class SenderRule(models.Model):
    """A coordinator's word that mail of one sender needs nobody: what comes in while it runs is set aside at once.

    It never holds for mail of an agency or to the address of an open request (`blocking.may_hold`). `value` is an
    address, or a domain with all below it, in lower case. Ended rules stay as history.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", _("one address")
        DOMAIN = "domain", _("a domain and all below it")

    kind = models.CharField(_("what it holds for"), max_length=10, choices=Kind)
    value = models.CharField(_("address or domain"), max_length=320)
    why = models.CharField(_("why"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["value"], condition=Q(ended_at__isnull=True), name="one_running_rule_for_a_sender"
            ),
            models.CheckConstraint(condition=Q(kind__in=["address", "domain"]), name="sender_rule_kind_known"),
            models.CheckConstraint(condition=~Q(value="") & ~Q(why=""), name="sender_rule_says_whom_and_why"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="sender_rule_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.pk}"

    @property
    def runs(self) -> bool:
        """Return whether mail is set aside by it now."""
        return self.ended_at is None


class BulkAct(models.Model):
    """One act on many messages, and what became of each, in the order in which they were ticked.

    `rows`: [{"message": number, "changes": those after the act, or null where it was not done, "trouble": why not,
    "undone": true, or why not}].
    """

    class Act(models.TextChoices):
        ACCEPT = "accept", _("accept")
        SET_ASIDE = "set-aside", _("set aside")
        ASSIGN = "assign", _("assign")
        DEFER = "defer", _("leave for later")
        BRING_BACK = "bring-back", _("bring back")

    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rows = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=["accept", "set-aside", "assign", "defer", "bring-back"]), name="bulk_act_known"
            ),
        ]

    def __str__(self) -> str:
        return f"bulk {self.pk}"


class Placement(models.Model):
    """Which request a message belongs to, or would where it waits in triage. `by` is empty where the program placed it.

    A message that is moved keeps its ended placement: the trace on the request that it left, with the reason. A guess
    that a person did not follow ends without a reason and is no trace on that request.
    """

    class How(models.TextChoices):
        TOKEN = "token", _("by the address it was sent to")
        RETYPED = "retyped", _("by an address typed with a slip")
        THREAD = "thread", _("by the letter it answers")
        NUMBER = "number", _("by the agency's number")
        REFERENCE = "reference", _("by our reference")
        PERSON = "person", _("by a person")

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="placements")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="mail_placements")
    how = models.CharField(max_length=10, choices=How)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "request"], condition=Q(ended_at__isnull=True), name="placed_once_on_a_request"
            ),
            models.CheckConstraint(
                condition=Q(how__in=["token", "retyped", "thread", "number", "reference", "person"]),
                name="placement_how_known",
            ),
        ]
        indexes = [models.Index(fields=["request", "message"], name="mail_of_a_request")]  # the conversation

    def __str__(self) -> str:
        return f"message {self.message_id} on request {self.request_id}"


class IncomingFile(models.Model):
    """One part of a message with bytes of its own. The bytes are in the mail; `trouble` is why they became no document.

    `original_name` is a stranger's: data, never a path. `role` is parsing.Role.
    """

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="files")
    ordinal = models.PositiveIntegerField(help_text="Its place among the attachments of `parse_message`.")
    name = models.CharField(max_length=255)
    original_name = models.CharField(max_length=1000, blank=True, default="")
    content_type = models.CharField(max_length=200, blank=True, default="")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    inline = models.BooleanField(default=False)
    role = models.CharField(max_length=20)
    is_record = models.BooleanField(help_text="Whether it becomes a returned document by itself.")
    trouble = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["message", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["message", "ordinal"], name="incoming_file_once")]
        indexes = [models.Index(fields=["sha256"], name="incoming_file_by_content")]

    def __str__(self) -> str:
        return f"file {self.ordinal} of message {self.message_id}"


class KeptFile(models.Model):
    """A file of a message that is a returned document of one request: a message on two requests has two of each."""

    file = models.ForeignKey(IncomingFile, on_delete=models.PROTECT, related_name="kept")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "request"], name="file_kept_once_for_a_request")]

    def __str__(self) -> str:
        return f"{self.file_id} for request {self.request_id}"


class RetypedToken(models.Model):
    """A person's correction, remembered: mail to this local part, typed with a slip, is for that request.

    `message`: the mail about which the person said so. One that ended is no longer gone by.
    """

    local_part = models.CharField(max_length=200, help_text="In lower case.")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(
        IncomingMessage, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("remembered correction")
        verbose_name_plural = _("remembered corrections")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["local_part"], condition=Q(ended_at__isnull=True), name="one_request_for_a_slip"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="ended_correction_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"a slip for request {self.request_id}"


class WrongAddresses(models.Model):
    """How many addresses that may be tokens, and were never given out, one server wrote to within an hour.

    `server`: its address on the net, for IPv6 the /64, as our own mail server noted it; "" where none did.
    """

    server = models.CharField(max_length=64, blank=True, default="")
    hour = models.DateTimeField(help_text="The beginning of the hour, by when the mail was stored here.")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["server", "hour"], name="one_count_for_server_and_hour")]
        indexes = [models.Index(fields=["hour"], name="wrong_addresses_by_hour")]  # what can be forgotten

    def __str__(self) -> str:
        return f"{self.count} in the hour of {self.hour:%Y-%m-%d %H}:00"
