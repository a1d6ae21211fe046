"""How a request stands, folded from its events. Pure: values in, values out."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EventKind(TextChoices):
    """What can happen to a request."""

    OPENED = "opened", _("Opened")
    SENT = "sent", _("Sent")
    SEND_FAILED = "send_failed", _("Could not be delivered")
    RECEIVED = "received", _("Received by the agency")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    EXTENSION = "extension", _("Extension claimed")
    CLARIFICATION_REQUESTED = "clarification_requested", _("Clarification asked for")
    CLARIFIED = "clarified", _("Clarification sent")
    FEE_ESTIMATED = "fee_estimated", _("Fee estimated")
    FEE_PAID = "fee_paid", _("Fee paid or settled")
    DETERMINED = "determined", _("Decision: records will be produced")
    DENIED = "denied", _("Denied")
    NO_RECORDS = "no_records", _("No records found")
    PRODUCED_PART = "produced_part", _("Some records received")
    PRODUCED = "produced", _("All records received")
    APPEAL_FILED = "appeal_filed", _("Appeal filed")
    APPEAL_DECIDED = "appeal_decided", _("Appeal decided")
    REPLY = "reply", _("Other message from the agency")
    WITHDRAWN = "withdrawn", _("Withdrawn by us")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    ASSIGNED = "assigned", _("Assigned")
    CORRECTION = "correction", _("Correction")


class Status(TextChoices):
    """Where a request stands. How it ended is its resolution."""

    READY = "ready", _("Ready to send")
    SENDING = "sending", _("On its way")
    UNDELIVERED = "undelivered", _("Could not be delivered")
    SENT = "sent", _("Sent, waiting for the agency")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged, waiting for a decision")
    EXTENDED = "extended", _("Extended, waiting for a decision")
    CLARIFICATION = "clarification", _("The agency asks us something")
    FEE = "fee", _("The agency asks for a fee")
    PRODUCTION = "production", _("Granted, waiting for records")
    PARTIAL = "partial", _("Some records received")
    REFUSED = "refused", _("Refused, we may appeal")
    APPEAL = "appeal", _("Appeal filed")
    DONE = "done", _("Done")


class Resolution(TextChoices):
    """How a request ended."""

    RECORDS = "records", _("Records received")
    PART = "part", _("Part of the records received")
    NO_RECORDS = "no_records", _("No records")
    DENIED = "denied", _("Denied")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NO_ANSWER = "no_answer", _("Never answered")


class Phase(TextChoices):
    """Four plain words for lists."""

    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_US = "waiting_for_us", _("Waiting for us")
    WAITING_FOR_THEM = "waiting_for_them", _("Waiting for them")
    DONE = "done", _("Done")
