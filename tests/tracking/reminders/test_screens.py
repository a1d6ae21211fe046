"""The screens of the policy and of muting: what is kept, what is refused, what is looked at first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.people.models import Person
from requests_app.tracking import services as tracking
from requests_app.tracking.models import Reminder
from requests_app.tracking.reminders import queries, services
from requests_app.tracking.reminders.models import Mute, PolicyEdition
from requests_app.tracking.reminders.policy import RuleMoment, seed
from requests_app.tracking.reminders.previewing import preview
from tests.factories import PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 2, 9, 17, 0, tzinfo=UTC)  # a Monday, noon in Maryland
RULE = ("agency", "acknowledgment")


@pytest.fixture(autouse=True)
def in_february() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def lines(*moments: tuple[str, str, tuple[str, ...], str], **facts: str) -> dict[str, Any]:
    """What a browser posts: when, days, to whom, how; a line for each."""
    posted: dict[str, Any] = {
        "moment-TOTAL_FORMS": str(len(moments)), "moment-INITIAL_FORMS": "0", "escalate_after_days": "5",
        "why": "An example.", "based_on": "0",
    }  # fmt: skip
    for number, (when, days, to, how) in enumerate(moments):
        posted |= {f"moment-{number}-when": when, f"moment-{number}-days": days}
        posted |= {f"moment-{number}-to": to, f"moment-{number}-channel": how}
    return posted | facts


FIVE_BEFORE = ("before", "5", ("assignee", "filer"), "mail")


def due_soon(person: Person, count: int = 1) -> None:
    """Requests whose acknowledgment is due on February 23, nine business days after the 9th."""
    for _ in range(count):
        RecordsRequestFactory(
            filer=person, assignee=person, opened_at=NOW, events=[("sent", "2026-02-06"), ("received", "2026-02-06")]
        )
    tracking.sweep(NOW)


def look(client: Client, posted: dict[str, Any], rule: tuple[str, str] = RULE) -> Any:
    return client.post(reverse("tracking:policy-rule", args=rule), posted)


def keep(client: Client, page: Any, rule: tuple[str, str] = RULE, **facts: str) -> Any:
    posted = {"proposal": page.context["proposal"], **facts}
    return client.post(reverse("tracking:policy-change", args=rule), posted)


def test_a_change_is_looked_at_kept_and_told_in_the_history(coordinator_client: Client, alice: Person) -> None:
    due_soon(alice)
    nine_before = ("before", "8", ("assignee", "filer"), "mail")  # comes on February 10, tonight
    page = look(coordinator_client, lines(nine_before, ("on", "", ("assignee",), "digest")))
    assert page.status_code == 200
    assert (page.context["after"]["notices"], page.context["after"]["people"]) == (1, 1)
    assert page.context["before"]["notices"] == 0
    assert not PolicyEdition.objects.exists(), "a look changes nothing"
    assert keep(coordinator_client, page).status_code == 302
    rule = queries.current_policy().rules[RULE]
    assert [moment.key for moment in rule.moments] == ["before:8", "on"]
    assert queries.current_policy().rules["agency", "production"] == seed().rules["agency", "production"]
    history = coordinator_client.get(reverse("tracking:policy")).content.decode()
    assert "An example." in history
    assert "Added: 8 business days before, by mail: whoever follows the request and whoever filed it" in history
    assert "bob" in history
    tracking.sweep(datetime(2026, 2, 10, 17, 0, tzinfo=UTC))
    assert Reminder.objects.count() == 1, "as many as the look said"


@pytest.mark.parametrize(
    ("rule", "posted", "said"),
    [
        pytest.param(
            ("requester", "appeal"),
            lines(("on", "", ("assignee",), "mail")),
            "must keep at least one mail before its date",
            id="ours-unmailed",
        ),
        pytest.param(RULE, lines(), "reminds nobody", id="nothing-left"),
        pytest.param(RULE, lines(FIVE_BEFORE, FIVE_BEFORE), "fall on the same day", id="twice"),
        pytest.param(RULE, lines(("before", "", ("assignee",), "mail")), "Say how many business days", id="no-days"),
        pytest.param(RULE, lines(("before", "61", ("assignee",), "mail")), "less than or equal to 60", id="too-many"),
        pytest.param(RULE, lines(("before", "3", (), "mail")), "Choose who is told", id="to-nobody"),
        pytest.param(RULE, lines(FIVE_BEFORE, why=""), "This field is required", id="no-reason"),
        pytest.param(RULE, lines(FIVE_BEFORE, escalate_after_days="0"), "greater than or equal to 1", id="at-once"),
        pytest.param(
            RULE, lines(*((w, d, ("assignee", "filer", "delegate"), "mail") for w, d in
            (("before", "3"), ("before", "1"), ("on", ""), ("after", "1")))), "Nothing is different", id="the-same",
        ),
    ],
)  # fmt: skip
def test_what_no_policy_may_be_is_said_and_not_kept(
    coordinator_client: Client, rule: tuple[str, str], posted: dict[str, Any], said: str
) -> None:
    page = look(coordinator_client, posted, rule)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not PolicyEdition.objects.exists()


def test_many_notices_at_once_are_asked_about_first(coordinator_client: Client, alice: Person, settings: Any) -> None:
    settings.NOTICES_ASK_FIRST = 2
    due_soon(alice, 3)
    page = look(coordinator_client, lines(("before", "8", ("assignee",), "mail")))
    assert page.context["asks_first"]
    again = keep(coordinator_client, page)
    assert again.status_code == 422
    assert "Nothing was changed" in again.content.decode()
    assert not PolicyEdition.objects.exists()
    assert keep(coordinator_client, again, sure="yes").status_code == 302
    assert PolicyEdition.objects.count() == 1


def test_two_people_at_one_policy_are_told_of_each_other(coordinator_client: Client, alice: Person) -> None:
    first, second = (look(coordinator_client, lines(FIVE_BEFORE, escalate_after_days=n)) for n in ("3", "4"))
    keep(coordinator_client, first)
    answer = coordinator_client.get(keep(coordinator_client, second).url)
    assert "bob changed the reminders meanwhile" in answer.content.decode()
    assert PolicyEdition.objects.count() == 1
    assert queries.current_policy().rules[RULE].escalate_after_days == 3


@pytest.mark.parametrize("proposal", ["", "x", "eyJydWxlIjp7fX0:1abc:xyz"])
def test_a_proposal_that_nobody_looked_at_is_not_kept(coordinator_client: Client, proposal: str) -> None:
    where = reverse("tracking:policy-change", args=RULE)
    assert coordinator_client.post(where, {"proposal": proposal}).status_code == 302
    assert not PolicyEdition.objects.exists()


@pytest.mark.parametrize("rule", [("agency", "court"), ("nobody", "appeal"), ("requester", "acknowledgment")])
def test_a_rule_that_is_none_is_not_found(coordinator_client: Client, rule: tuple[str, str]) -> None:
    assert coordinator_client.get(reverse("tracking:policy-rule", args=rule)).status_code == 404


@pytest.mark.parametrize("count", [1, 9])
def test_a_look_costs_the_same_for_one_and_for_many(alice: Person, count: int) -> None:
    due_soon(alice, count)
    rule = services.with_rule(
        seed(), *RULE, seed().rules[RULE].__class__((RuleMoment("before", 8, frozenset({"assignee"}), "mail"),), None)
    )
    with CaptureQueriesContext(connection) as asked:
        _before, after = preview(seed(), rule, NOW)
    assert after.notices == count
    assert len(asked) <= 16, [query["sql"] for query in asked]


# --- muting -----------------------------------------------------------------------------------------------------------


def test_a_mute_is_on_the_requests_page_and_can_be_ended_there(volunteer_client: Client, alice: Person) -> None:
    made = RecordsRequestFactory(filer=alice, assignee=alice)
    posted = {"until": "2026-02-20", "why": "On the phone with them."}
    assert volunteer_client.post(reverse("tracking:mute", args=[made.reference]), posted).status_code == 302
    page = volunteer_client.get(made.get_absolute_url()).content.decode()
    assert "Muted for alice until" in page
    assert "On the phone with them." in page
    assert "Our own deadlines are still mailed." in page
    mute = Mute.objects.get()
    ended = volunteer_client.post(reverse("tracking:mute-end", args=[mute.pk]), {"from": "request"})
    assert ended.url == made.get_absolute_url()
    assert "Muted for alice" not in volunteer_client.get(made.get_absolute_url()).content.decode()


def test_another_coordinator_agrees_from_the_list(coordinator_client: Client, bob: Person) -> None:
    cora = PersonFactory(handle="cora", roles=["coordinator"])
    made = RecordsRequestFactory(filer=cora, assignee=cora)
    mute = services.mute(made.pk, until=date(2026, 3, 1), why="Bob does it.", ours_too=True, by=cora, now=NOW)
    page = coordinator_client.get(reverse("tracking:mutes")).content.decode()
    assert "Others ask you" in page
    assert "Bob does it." in page
    coordinator_client.post(reverse("tracking:mute-confirm", args=[mute.pk]))
    mute.refresh_from_db()
    assert mute.confirmed_by == bob
    again = coordinator_client.post(reverse("tracking:mute-confirm", args=[mute.pk]), follow=True)
    assert "settled already" in again.content.decode()


@pytest.mark.parametrize(("until", "said"), [("2026-02-08", "This day is over"), ("2026-12-31", "more than 90 days")])
def test_a_mute_without_a_sensible_end_is_refused(
    volunteer_client: Client, alice: Person, until: str, said: str
) -> None:
    made = RecordsRequestFactory(filer=alice, assignee=alice)
    answer = volunteer_client.post(reverse("tracking:mute", args=[made.reference]), {"until": until, "why": "w"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Mute.objects.exists()


def test_a_stranger_cannot_mute_what_they_cannot_see(alice: Person, charlie: Person) -> None:
    made = RecordsRequestFactory(filer=alice, assignee=alice)
    stranger = Client()
    stranger.force_login(charlie)
    assert stranger.post(reverse("tracking:mute", args=[made.reference]), {}).status_code == 404
