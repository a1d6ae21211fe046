"""The one door for changing the reminder policy and for muting requests."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people import queries as people_queries
from requests_app.people import services as people
from requests_app.people.models import Person, Role
from requests_app.people.services import NoticeDraft
from requests_app.tracking.reminders import queries
from requests_app.tracking.reminders.models import Mute, PolicyEdition
from requests_app.tracking.reminders.muting import wrong_with_end
from requests_app.tracking.reminders.policy import (
    Policy,
    Rule,
    differences,
    dump_policy,
    wrong_with_rule,
)


class PolicyMoved(Exception):
    """Somebody else changed the policy meanwhile."""

    def __init__(self, newest: PolicyEdition | None) -> None:
        who = newest.made_by.handle if newest is not None else ""
        super().__init__(
            _("%(who)s changed the reminders meanwhile. Yours were not kept. Look at what holds now, and try again.")
            % {"who": who}
        )


class PolicyRefused(Exception):
    """A rule would break what every policy must keep to. `codes` name what."""

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes
        super().__init__(", ".join(codes))


def with_rule(policy: Policy, duty_of: str, kind: str, rule: Rule) -> Policy:
    """Return a policy with one rule put in the place of another. Pure."""
    return Policy({**policy.rules, (duty_of, kind): rule})


def change_policy(
    duty_of: str, kind: str, rule: Rule, *, why: str, based_on: int, by: Person, now: datetime
) -> PolicyEdition | None:
    """Put one rule into force, as a new edition of the whole policy; None when nothing is different.

    `based_on`: the number of the edition that the change was made from, 0 for the one that Daylight comes with.
    Deadlines of this kind are looked at again tonight, at the next midnight of their jurisdictions.
    Raises PolicyMoved when another edition came in between, PolicyRefused when the rule may not be.
    """
    wrong = wrong_with_rule(duty_of, kind, rule)
    if wrong:
        raise PolicyRefused([one.code for one in wrong])
    newest = queries.newest_edition()
    if (newest.number if newest else 0) != based_on:
        raise PolicyMoved(newest)
    before = queries.policy_of(newest)
    after = with_rule(before, duty_of, kind, rule)
    if not differences(before, after):
        return None
    try:
        with transaction.atomic():
            made = PolicyEdition.objects.create(
                number=based_on + 1, rules=dump_policy(after), why=why, made_by=by, made_at=now
            )
            todays = lawbook.todays(now)
            for today in set(todays.values()):
                there = [code for code, day in todays.items() if day == today]
                filing.watch_kind_again(there, duty_of, kind, on=today + timedelta(days=1))
    except IntegrityError as rival:
        raise PolicyMoved(queries.newest_edition()) from rival
    return made


# --- muting -----------------------------------------------------------------------------------------------------------


class MuteRefused(Exception):
    """A mute that may not be; says why in a sentence."""


@transaction.atomic
def mute(request_id: int, *, until: date, why: str, ours_too: bool, by: Person, now: datetime) -> Mute:
    """Hold back this person's mails about one request until a day, and return the mute.

    About the agency's deadlines at once. About our own only when another coordinator confirms it: they are told.
    Another mute in force is put in the place of the first. Raises MuteRefused.
    """
    records_request = RecordsRequest.objects.select_for_update().defer("letter").get(pk=request_id)
    wrong = wrong_with_end(until, lawbook.local_day(records_request.jurisdiction, now))
    if wrong == "over":
        raise MuteRefused(_("This day is over. Nothing was muted. Choose today or a later day."))
    if wrong:
        raise MuteRefused(
            _("That is more than 90 days. Nothing was muted. Choose an earlier day, or give it to somebody else.")
        )
    Mute.objects.filter(request=records_request, person=by, ended_at__isnull=True).update(ended_at=now, ended_by=by)
    made = Mute.objects.create(
        request=records_request, person=by, until=until, why=why, asks_for_ours=ours_too, made_at=now
    )
    if ours_too:
        _ask_the_others(made, records_request, by, now)
    return made


def _ask_the_others(made: Mute, records_request: RecordsRequest, by: Person, now: datetime) -> None:
    facts = {"handle": by.handle, "reference": records_request.reference, "why": made.why}
    drafts = [
        NoticeDraft(
            recipient_id=person.pk,
            key=f"mute:{made.pk}:asked:{person.pk}",
            subject=_("%(handle)s asks to mute %(reference)s") % facts,
            text=_(
                "%(handle)s asks for no more mails about our own deadlines of %(reference)s, and says: “%(why)s” Until "
                "another coordinator agrees, nothing changes. The others are reminded as before."
            )
            % facts,
            why=_("You get this because you coordinate."),
            path=reverse("tracking:mutes"),
        )
        for person in people_queries.active_people(Role.COORDINATOR).only("pk", "handle")
        if person.pk != by.pk
    ]
    people.queue_notices(drafts, send_after=now, now=now)


def confirm_mute(mute_id: int, *, by: Person, now: datetime) -> bool:
    """Agree that one person gets no mails about our own deadlines of a request. Returns whether it still waited.

    The caller checks `permissions.can_confirm`; the database refuses one's own.
    """
    waiting = Mute.objects.filter(pk=mute_id, ended_at__isnull=True, asks_for_ours=True, confirmed_at__isnull=True)
    return bool(waiting.exclude(person=by).update(confirmed_by=by, confirmed_at=now))


def end_mute(mute_id: int, *, by: Person, now: datetime) -> bool:
    """End a mute before its day. Returns whether it was in force."""
    return bool(Mute.objects.filter(pk=mute_id, ended_at__isnull=True).update(ended_at=now, ended_by=by))
