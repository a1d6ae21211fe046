"""The one door for writing notices and how people want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from requests_app.people.mail import message_id
from requests_app.people.models import Notice, Person, audit
from requests_app.people.notices import queries
from requests_app.people.notices.models import Preferences
from requests_app.people.preferences import Asked, Channel, Decision, Topic, Wishes, decide
from requests_app.people.way_out import DIGESTS, EVERYTHING


@dataclass(frozen=True)
class NoticeDraft:
    """Something to tell one person. `key`: what it is about; the same key is told once, ever.

    `asked`: what the sender wants; the reader's wishes may make it less. `lost_at`: from when on holding the mail back
    for quiet hours would lose the day (`preferences.decide`).
    """

    recipient_id: int
    key: str
    subject: str
    text: str
    why: str
    path: str = ""
    to: str = ""
    topic: Topic = Topic.NEWS
    asked: Asked = Asked.MAIL
    lost_at: datetime | None = None


def queue_notice(
    recipient: Person,
    key: str,
    subject: str,
    text: str,
    why: str,
    path: str = "",
    send_after: datetime | None = None,
    *,
    to: str = "",
    topic: Topic = Topic.NEWS,
    now: datetime,
) -> Notice:
    """Tell one person one thing, in the program and as they wish by e-mail, and return the notice.

    `why`: a whole sentence, such as "You get this because you filed the request." `path`: where to act, on this site.
    `to`: the address for the mail, where it is not the recipient's present one.
    The same key again returns the first notice unchanged.
    """
    draft = NoticeDraft(recipient.pk, key, subject, text, why, path, to, topic)
    queue_notices([draft], send_after=send_after or now, now=now)
    return Notice.objects.get(key=key)


def queue_notices(drafts: Sequence[NoticeDraft], *, send_after: datetime, now: datetime) -> None:
    """Queue many notices in few statements, each as its reader wishes. A key that is known already is left as it is."""
    wishes = queries.wishes_of([draft.recipient_id for draft in drafts if draft.topic is not Topic.ACCOUNT])
    # A key twice in one statement is an error on PostgreSQL: the first one counts.
    each = {draft.key: draft for draft in reversed(drafts)}.values()
    decided = [(draft, _decide(draft, wishes.get(draft.recipient_id), send_after)) for draft in each]
    Notice.objects.bulk_create(
        [
            Notice(
                recipient_id=draft.recipient_id,
                to=draft.to,
                key=draft.key,
                subject=draft.subject[:200],
                text=draft.text,
                why=draft.why,
                path=draft.path,
                topic=draft.topic,
                channel=decision.channel,
                send_after=decision.send_after,
                made_at=now,
                message_id=message_id("notice", draft.key),
            )
            for draft, decision in decided
        ],
        batch_size=500,
        # Not ignore_conflicts: on SQLite that also hides a failed check constraint.
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["key"],
    )


_NO_WISHES = Wishes()


def _decide(draft: NoticeDraft, wishes: Wishes | None, send_after: datetime) -> Decision:
    return decide(draft.topic, draft.asked, wishes or _NO_WISHES, now=send_after, lost_at=draft.lost_at)


def mark_read(recipient: Person, *, now: datetime, notice_id: int | None = None) -> int:
    """Mark one of a person's own notices as read, or all of them. Returns how many were unread."""
    unread = Notice.objects.filter(recipient=recipient, read_at__isnull=True)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=now)


@dataclass(frozen=True)
class Choice:
    """Everything that a person chooses on the page "How we tell you"."""

    time_zone: str
    theirs: str
    news: str
    overview: str
    gathers: bool
    quiet_from: time | None
    quiet_until: time | None
    digest_hour: int
    weekday: int
    language: str = ""


@transaction.atomic
def choose(person_id: int, choice: Choice, *, now: datetime) -> None:
    """Keep how a person wants to be told. What waits already in the outbox goes as it was decided."""
    person = Person.objects.select_for_update().get(pk=person_id)
    facts = {name: value for name, value in vars(choice).items() if name != "time_zone"}
    Preferences.objects.update_or_create(person=person, defaults=facts | {"changed_at": now})
    if person.time_zone != choice.time_zone:
        person.time_zone = choice.time_zone
        person.save(update_fields=["time_zone"])
    audit("preferences_changed", person, by=person, now=now)


@transaction.atomic
def unsubscribe(person_id: int, what: str, *, now: datetime) -> None:
    """Turn off the mails of one topic, of the digests, or all that can be turned off. Twice changes nothing more.

    The notices still stand in the list. Our own deadlines and the account are always mailed: `what` cannot name them.
    """
    person = Person.objects.select_for_update().get(pk=person_id)
    row, _made = Preferences.objects.get_or_create(person=person, defaults={"changed_at": now})
    gathered = (Channel.DAILY, Channel.WEEKLY)
    for topic in (Topic.THEIRS, Topic.NEWS):
        present = getattr(row, topic)
        if what in (topic, EVERYTHING) or (what == DIGESTS and present in gathered):
            setattr(row, topic, Channel.IN_APP)
    if what in (DIGESTS, EVERYTHING):
        row.overview, row.gathers = "", False
    row.changed_at = now
    row.save()
    # What still waits as a mail of its own, or for a digest, is not sent either: they asked for no more of it.
    waiting = Notice.objects.filter(recipient=person, state=Notice.State.QUEUED, gathered_at__isnull=True)
    if what == DIGESTS:
        waiting = waiting.filter(channel__in=gathered)
    topics = (Topic.THEIRS, Topic.NEWS) if what in (DIGESTS, EVERYTHING) else (what,)
    waiting.filter(topic__in=topics).update(channel=Channel.IN_APP)
    if not row.gathers:
        waiting.filter(topic=Topic.OURS, channel__in=gathered).update(channel=Channel.SINGLE, send_after=now)
    audit("mails_turned_off", person, by=person, now=now, what=what)
