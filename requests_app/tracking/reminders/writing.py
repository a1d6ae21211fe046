"""Writes the reminders that a sweep found: who is told, by which way, each once; inside the sweep's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from requests_app.correspondence.queries import OnDuty, recipients
from requests_app.filing import lawbook
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people import services as people
from requests_app.people.models import Person
from requests_app.people.preferences import Asked, Topic
from requests_app.people.services import NoticeDraft
from requests_app.tracking import queries, wording
from requests_app.tracking.looking import Past, Seen
from requests_app.tracking.models import Reminder
from requests_app.tracking.reminders.muting import HeldBack
from requests_app.tracking.reminders.policy import AGAIN, ESCALATION, Moment, Policy, lost_at, mails_missed


@dataclass(frozen=True, slots=True)
class Word:
    """One person to be told of one moment of one deadline."""

    deadline: Deadline
    kind: str  # the moment's key, with AGAIN where it is told once more
    draft: NoticeDraft


@dataclass(slots=True)
class Known:
    """What one batch of the sweep read once for all of its requests."""

    policy: Policy
    on_duty: OnDuty
    told: queries.Told
    steps: Mapping[int, tuple[datetime | None, datetime | None]]
    held_back: HeldBack
    todays: Mapping[str, date]

    def past_of(self, records_request: RecordsRequest, current: Sequence[Deadline]) -> Past:
        """Return what is known of one request's reminders, and of what people did."""
        responsible = {records_request.filer_id, records_request.assignee_id}
        asked = {}
        for deadline in current:
            reminders = self.told.asked_of(queries.duty_key(deadline))
            if reminders:
                first = min(made_at for _who, made_at, _read in reminders)
                read = [read_at for who, _made, read_at in reminders if read_at is not None and who in responsible]
                day = lawbook.local_day(records_request.jurisdiction, first)
                asked[deadline.pk] = (day, first, min(read, default=None))
        recorded_at, stepped_at = self.steps.get(records_request.pk, (None, None))
        return Past(asked, recorded_at, stepped_at)


def words_for(records_request: RecordsRequest, seen: Seen, known: Known) -> list[Word]:
    """Return what to tell of a request, to each person who is told of it."""
    said: list[Word] = []
    for deadline, moment in seen.words:
        told, asked = whom_and_how(records_request, deadline, moment, known)
        words = wording.compose_reminder(records_request, deadline, moment)
        ours = deadline.duty_of == Deadline.Duty.REQUESTER
        quiet = known.held_back.among(records_request.pk, [person.pk for person, _why in told], ours=ours)
        zone = lawbook.zone_of(records_request.jurisdiction)
        kind = _kind(deadline, moment, known) if ours and asked is Asked.MAIL else moment.key
        for person, why in told:
            draft = NoticeDraft(
                person.pk,
                key=f"reminder:{deadline.pk}:{kind}:{person.pk}",
                subject=words.subject,
                text=words.text,
                why=why,
                path=records_request.get_absolute_url(),
                topic=Topic.OURS if ours else Topic.THEIRS,
                asked=Asked.IN_APP if person.pk in quiet else asked,
                lost_at=lost_at(deadline.earliest, zone) if ours and deadline.earliest else None,
            )
            said.append(Word(deadline, kind, draft))
    return said


def _kind(deadline: Deadline, moment: Moment, known: Known) -> str:
    """Return the name under which a mail about a duty of ours happens once.

    Where people were told of this moment under an earlier rule, and nobody by mail, it is another one.
    """
    duty = queries.duty_key(deadline)
    mailed = moment.key in known.told.mailed.get(duty, set())
    return moment.key if mailed or (*duty, moment.key) not in known.told.moments else moment.key + AGAIN


def whom_and_how(
    records_request: RecordsRequest, deadline: Deadline, moment: Moment, known: Known
) -> tuple[list[tuple[Person, str]], Asked]:
    """Return whom the policy tells of a moment of a deadline, each with the reason, and by which way.

    Of a duty of ours a moment that is no mail becomes one where every mail before it was missed (`mails_missed`).
    """
    on_duty = known.on_duty
    if moment.key == ESCALATION:
        why = _("You get this because you coordinate, and nobody has reacted to earlier reminders of this request.")
        responsible = {records_request.filer_id, records_request.assignee_id}
        others = recipients(records_request, {"coordinators"}, on_duty)
        return [(person, why) for person, _why in others if person.pk not in responsible], Asked.MAIL
    rule = known.policy.rule(deadline.duty_of, deadline.kind)
    chosen = rule.moment(moment.key)
    if chosen is None:
        raise LookupError(f"The policy has no moment {moment.key} for {deadline.kind}.")
    if deadline.duty_of != Deadline.Duty.REQUESTER:
        return recipients(records_request, chosen.to, on_duty), Asked(chosen.channel)
    missed = mails_missed(rule, moment.key, known.told.mailed.get(queries.duty_key(deadline), set()))
    to = chosen.to.union({"delegate"}, *(one.to for one in missed))
    return recipients(records_request, to, on_duty), Asked.MAIL if missed else Asked(chosen.channel)


def remind(words: Sequence[Word], told: queries.Told, now: datetime) -> None:
    """Write the reminders that were not written before, each with the notice that carries it."""
    news: list[Word] = []
    for word in words:
        key = (*queries.duty_key(word.deadline), word.kind, word.draft.recipient_id)
        if key not in told.keys:
            told.keys.add(key)
            told.moments.add(key[:-1])
            if word.draft.asked is Asked.MAIL:
                told.mailed.setdefault(queries.duty_key(word.deadline), set()).add(word.kind.removesuffix(AGAIN))
            news.append(word)
    if not news:
        return
    people.queue_notices([word.draft for word in news], send_after=now, now=now)
    notices = queries.notices_by_key([word.draft.key for word in news])
    # A rival worker's repeat hits the same unique row and changes nothing. Not ignore_conflicts: on SQLite that
    # would also hide a failed check constraint.
    Reminder.objects.bulk_create(
        [
            Reminder(
                deadline=word.deadline,
                kind=word.kind,
                recipient_id=word.draft.recipient_id,
                notice_id=notices[word.draft.key],
                made_at=now,
            )
            for word in news
        ],
        update_conflicts=True,
        unique_fields=["deadline", "kind", "recipient"],
        update_fields=["kind"],
    )
