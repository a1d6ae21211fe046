"""What would move a date: pure trials, the page that shows them, and the command."""

from __future__ import annotations

import re
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing import lawbook
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.law.timeline import Event as LawEvent
from requests_app.law.timeline import Timeline
from requests_app.people.models import Person
from requests_app.tracking.calendar.trials import Facts, Outcome, Pair, Trial, TrialRefused, try_out
from tests.factories import NOON, RecordsRequestFactory, record

AS_OF = date(2026, 3, 3)


def facts(code: str, *events: tuple[str, str], as_of: date = AS_OF) -> Facts:
    happened = Timeline([LawEvent(kind, date.fromisoformat(day)) for kind, day in events])  # type: ignore[arg-type]
    return Facts(lawbook.statute_of(code), happened, lawbook.book().calendar(code), as_of, {})


def of(outcome: Outcome, rule: str) -> Pair:
    return next(pair for pair in outcome.pairs if pair.row.rule_id == rule)


def dates(outcome: Outcome, kind: str) -> list[tuple[date | None, date | None]]:
    """Return the latest dates of one kind, before and after."""
    return [
        (pair.before and pair.before.latest, pair.after and pair.after.latest)
        for pair in outcome.pairs
        if pair.row.kind == kind
    ]


@pytest.mark.parametrize(
    ("code", "events", "trial", "kind", "before", "after"),
    [
        # Five business days from Monday, March 2, and from Wednesday, March 4. N.Y. Pub. Off. Law § 89(3)(a)
        pytest.param(
            "NY", [("received", "2026-03-02")], Trial(2), "acknowledgment", "2026-03-09", "2026-03-11", id="later"
        ),
        # From Friday, February 27: Mon 2, Tue 3, Wed 4, Thu 5, Fri 6.
        pytest.param(
            "NY", [("received", "2026-03-02")], Trial(-3), "acknowledgment", "2026-03-09", "2026-03-06", id="earlier"
        ),
        # One of the five, Wednesday, March 4, falls out.
        pytest.param(
            "NY",
            [("received", "2026-03-02")],
            Trial(closed_on=date(2026, 3, 4)),
            "acknowledgment",
            "2026-03-09",
            "2026-03-10",
            id="closed-day",
        ),
        # Ten days end on March 12; an extension adds fourteen. Cal. Gov. Code § 7922.535
        pytest.param(
            "CA",
            [("received", "2026-03-02")],
            Trial(extension_on=date(2026, 3, 10)),
            "extension",
            None,
            "2026-03-26",
            id="extension",
        ),
    ],
)
def test_a_trial_counts_as_one_would_by_hand(
    code: str, events: Any, trial: Trial, kind: str, before: str | None, after: str
) -> None:
    found = dates(try_out(facts(code, *events), trial), kind)
    assert found == [(before and date.fromisoformat(before), date.fromisoformat(after))]


def test_a_payment_ends_the_pause() -> None:
    # US: seventeen business days remain after a pause that began on March 5 (docs/deadlines.md, section 5).
    given = facts("US", ("received", "2026-03-02"), ("fee_estimated", "2026-03-05"))
    outcome = try_out(given, Trial(fee_paid_on=date(2026, 3, 12)))
    assert "The fee is paid on Thursday, March 12, 2026." in outcome.changes
    paused = [pair for pair in outcome.pairs if pair.before and pair.before.state == "paused"]
    assert [pair.after and pair.after.latest for pair in paused] == [date(2026, 4, 6)]


def test_a_closed_day_that_was_closed_changes_nothing_and_says_so() -> None:
    outcome = try_out(facts("NY", ("received", "2026-11-23")), Trial(closed_on=date(2026, 11, 26)))
    assert not any(pair.moved for pair in outcome.pairs)
    assert "Thanksgiving" in outcome.changes[0]


@pytest.mark.parametrize(
    ("code", "trial", "says"),
    [
        pytest.param("NY", Trial(-5), "cannot have been received on", id="before-the-sending"),
        pytest.param("NY", Trial(900), "by a year at most", id="absurdly-far"),
        pytest.param("NY", Trial(closed_on=date(2090, 1, 2)), "were reviewed from", id="past-the-calendar"),
        pytest.param("NY", Trial(fee_paid_on=date(2026, 3, 9)), "No fee is open", id="no-fee"),
        pytest.param("FL", Trial(extension_on=date(2026, 3, 9)), "knows no extension", id="no-extension"),
        pytest.param("CA", Trial(extension_on=date(2026, 2, 9)), "cannot have happened", id="before-the-receipt"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(code: str, trial: Trial, says: str) -> None:
    with pytest.raises(TrialRefused, match=says) as refused:
        try_out(facts(code, ("sent", "2026-03-02"), ("received", "2026-03-02")), trial)
    assert re.fullmatch(r"[A-Z].*\.", str(refused.value))


@given(st.sampled_from(["MD", "NY", "CA", "KY", "US"]), st.integers(1, 60))
def test_a_later_receipt_never_gives_an_earlier_date(code: str, days: int) -> None:
    outcome = try_out(facts(code, ("sent", "2026-03-02"), ("received", "2026-03-02")), Trial(days))
    assert outcome.pairs
    assert all(pair.days is None or pair.days >= 0 for pair in outcome.pairs)


@given(st.sampled_from(["MD", "NY", "CA", "KY", "US"]))
def test_an_empty_trial_changes_nothing(code: str) -> None:
    assert not any(pair.moved for pair in try_out(facts(code, ("received", "2026-03-02")), Trial()).pairs)


# --- the page and the command -----------------------------------------------------------------------------------------


@pytest.fixture
def asked(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice, with_deadline=True)


def page_of(deadline: Deadline) -> str:
    return reverse("tracking:date", args=[deadline.request.reference, deadline.pk])


def decision(asked: RecordsRequest) -> Deadline:
    return asked.deadlines.select_related("request").get(kind="determination", superseded_at=None)


def visit(client: Client, where: str, **query: str) -> str:
    with time_machine.travel(NOON, tick=False):
        response = client.get(where, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
def test_the_page_of_a_date_shows_trace_law_and_doubts(volunteer_client: Client, asked: RecordsRequest) -> None:
    deadline = decision(asked)
    page = visit(volunteer_client, page_of(deadline))
    for step in deadline.trace:
        assert step in page
    assert deadline.citation in page
    rule = lawbook.statute_of("MD").rule(deadline.rule_id)
    assert all(source.replace("&", "&amp;") in page for source in rule.sources)
    assert "A trial" not in page


@pytest.mark.django_db
def test_skipped_days_are_named(volunteer_client: Client, alice: Person) -> None:
    asked = RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-06"), ("received", "2026-02-06")])
    notice = asked.deadlines.select_related("request").get(kind="acknowledgment", superseded_at=None)
    page = visit(volunteer_client, page_of(notice))
    # docs/deadlines.md, section 1
    assert "Presidents" in page
    assert "§ 1-111(a)(4)" in page


@pytest.mark.django_db
def test_a_trial_shows_both_sides_and_stores_nothing(volunteer_client: Client, asked: RecordsRequest) -> None:
    stored = list(Deadline.objects.values()), list(Event.objects.values())
    page = visit(volunteer_client, page_of(decision(asked)), received="2")
    assert "A trial, not what is recorded" in page
    assert "2 days later" in page
    assert (list(Deadline.objects.values()), list(Event.objects.values())) == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param({"received": "-9"}, "cannot have been received on", id="before-the-sending"),
        pytest.param({"received": "soon"}, "whole number of days", id="no-number"),
        pytest.param({"received": "9" * 400}, "by a year at most", id="a-novel"),
        pytest.param({"closed": "2026-02-31"}, "Enter a valid date", id="no-day"),
        pytest.param({"closed": "2099-01-04"}, "were reviewed from", id="past-the-calendar"),
        pytest.param({"fee_paid": "2026-03-05"}, "No fee is open", id="no-fee"),
    ],
)
def test_bad_trials_are_told_and_never_fail(
    volunteer_client: Client, asked: RecordsRequest, query: dict[str, str], says: str
) -> None:
    assert says in visit(volunteer_client, page_of(decision(asked)), **query)


@pytest.mark.django_db
def test_a_replaced_date_leads_to_the_one_that_holds(volunteer_client: Client, asked: RecordsRequest) -> None:
    old = decision(asked)
    Deadline.objects.filter(pk=old.pk).update(law_edition="2020-01-01")
    record(asked, ("acknowledged", "2026-03-03"))
    new = decision(asked)
    assert new.pk != old.pk
    page = visit(volunteer_client, page_of(old))
    assert "This date holds no longer" in page
    assert page_of(new) in page


@pytest.mark.django_db
def test_a_strangers_date_is_not_there(stranger_client: Client, asked: RecordsRequest) -> None:
    assert stranger_client.get(page_of(decision(asked))).status_code == 404


@pytest.mark.django_db
def test_a_date_belongs_to_its_request(volunteer_client: Client, asked: RecordsRequest, alice: Person) -> None:
    other = RecordsRequestFactory(filer=alice, with_deadline=True)
    where = reverse("tracking:date", args=[asked.reference, decision(other).pk])
    assert volunteer_client.get(where).status_code == 404


@pytest.mark.django_db
def test_the_next_date_is_a_link_away(volunteer_client: Client, asked: RecordsRequest) -> None:
    response = volunteer_client.get(reverse("tracking:dates", args=[asked.reference]))
    first = asked.deadlines.filter(state="running").order_by("latest").select_related("request")[0]
    assert response["Location"] == page_of(first)


@pytest.mark.django_db
def test_the_command_explains_and_tries(asked: RecordsRequest) -> None:
    out = StringIO()
    with time_machine.travel(NOON, tick=False):
        call_command("explain", asked.reference.lower(), stdout=out)
        assert "Received Monday, March 2, 2026" in out.getvalue()
        assert "trial" not in out.getvalue()
        call_command("explain", asked.reference, "--received", "+2", "--closed", "2026-03-10", stdout=out)
    assert "A trial, not what is recorded:" in out.getvalue()
    assert "received on Wednesday, March 4, 2026 instead of Monday, March 2, 2026" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["XX-2026-0001"], "There is no request"),
        (["{}", "--closed", "tomorrow"], "is not a date"),
        (["{}", "--received", "-9"], "cannot have been received"),
    ],
)
def test_the_command_refuses_with_a_sentence(asked: RecordsRequest, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("explain", *(one.format(asked.reference) for one in arguments))
