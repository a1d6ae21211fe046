"""Links: who makes them, what they hold, how they end, and that no letter carries one out."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import services as correspondence
from requests_app.documents.handed_in import codes, limits, queries, services
from requests_app.documents.handed_in.troubles import NotGiven
from requests_app.documents.models import AgencyLink
from requests_app.filing.models import RecordsRequest
from requests_app.kits import editing
from requests_app.people.models import AuditEntry, Person
from tests.documents.everybody import EVERYBODY, client_of
from tests.documents.handed_in.conftest import Give, Given
from tests.factories import NOON, RecordsRequestFactory
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FORM = {"given_to": "Pat Doe", "days": "30", "most_files": "5", "megabytes": "10"}


def page_of(letter: RecordsRequest) -> str:
    return reverse("documents:agency-links", args=[letter.reference])


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_secret_is_shown_once_and_kept_nowhere(coordinator_client: Client, letter: RecordsRequest) -> None:
    with time_machine.travel(NOON, tick=False):
        made = coordinator_client.post(page_of(letter), FORM)
        again = coordinator_client.get(page_of(letter))
    assert made.status_code == again.status_code == 200
    found = re.search(r"/hand-in/((?:[0-9a-z]{4}-){6}[0-9a-z]{4})/", made.content.decode())
    assert found
    link = AgencyLink.objects.get()
    assert queries.by_code(found[1]) == link
    assert "no-store" in made["Cache-Control"]
    code = codes.understood(found[1])
    for kept in (AgencyLink.objects.values(), AuditEntry.objects.values(), again.content.decode()):
        assert code not in str(kept) and found[1] not in str(kept)
    assert (link.given_to, link.most_files, link.most_bytes) == ("Pat Doe", 5, 10 * limits.MB)
    assert link.expires_at == NOON + 30 * DAY
    assert "Pat Doe" in words(again)


@pytest.mark.parametrize(
    ("name", "value"),
    [("given_to", " "), ("days", "0"), ("days", "91"), ("most_files", "0"), ("most_files", "1001"),
     ("megabytes", "0"), ("megabytes", "20001"), ("days", "²"), ("megabytes", "9" * 40)],
)  # fmt: skip
@pytest.mark.same_everywhere
def test_a_bound_beyond_bounds_makes_no_link(
    coordinator_client: Client, letter: RecordsRequest, name: str, value: str
) -> None:
    assert coordinator_client.post(page_of(letter), FORM | {name: value}).status_code == 422
    assert not AgencyLink.objects.exists()


@pytest.mark.parametrize(
    "bounds", [{"days": 0}, {"days": 91}, {"files": 0}, {"files": 1001}, {"megabytes": 0}, {"megabytes": 20001}]
)
@pytest.mark.same_everywhere
def test_the_door_itself_refuses_it_too(give: Give, bounds: dict[str, int]) -> None:
    with pytest.raises(NotGiven, match="No link was made"):
        give(**bounds)


def test_what_must_not_be_cannot_be_stored(given: Given) -> None:
    for wrong in ({"taken_files": 51}, {"taken_bytes": 10**12}, {"expires_at": NOON}, {"given_to": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AgencyLink.objects.update(**wrong)


def test_a_letter_that_has_not_left_gets_no_link(bob: Person, coordinator_client: Client) -> None:
    letter = RecordsRequestFactory()
    answer = coordinator_client.post(page_of(letter), FORM)
    assert answer.status_code == 422 and "has not left yet" in words(answer)
    assert not AgencyLink.objects.exists()


def test_a_request_has_only_so_many_links_that_work(give: Give, bob: Person) -> None:
    made = [give() for _each in range(limits.OPEN_LINKS)]
    with pytest.raises(NotGiven, match="10 links that still work"):
        give()
    services.revoke_link(made[0].link, by=bob, now=NOON)
    assert give()
    assert give(now=NOON + 31 * DAY), "those that ended do not count"


def test_closing_twice_changes_nothing(coordinator_client: Client, given: Given, bob: Person) -> None:
    close = reverse("documents:agency-link-close", args=[given.link.pk])
    for _each in range(2):
        assert coordinator_client.post(close).status_code == 302
    link = given.fresh()
    assert link.revoked_by == bob
    assert AuditEntry.objects.filter(action="agency_link_revoked").count() == 1
    assert coordinator_client.get(close).status_code == 405


MAY = {"owner", "assigned", "coordinator"}
SEES = {"reviewer", "administrator"}


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_makes_and_closes_links(who: str, letter: RecordsRequest, given: Given) -> None:
    client = client_of(who, letter)
    expected = 200 if who in MAY else 403 if who in SEES else 302 if who in {"anonymous", "inactive"} else 404
    assert client.get(page_of(letter)).status_code == expected
    with time_machine.travel(NOON, tick=False):
        assert client.post(page_of(letter), FORM).status_code == expected
    assert AgencyLink.objects.count() == (2 if who in MAY else 1)
    client.post(reverse("documents:agency-link-close", args=[given.link.pk]))
    assert (given.fresh().revoked_at is not None) == (who in MAY)


def test_the_list_costs_the_same_for_one_link_and_for_many(
    coordinator_client: Client, letter: RecordsRequest, give: Give, django_assert_max_num_queries: Any
) -> None:
    for number in (1, 8):
        for _each in range(number):
            give()
        with django_assert_max_num_queries(14):
            coordinator_client.get(page_of(letter))


# --- never in a letter ------------------------------------------------------------------------------------------------


def with_words(text: str) -> Any:
    letter = a_letter()
    edits = editing.begin(letter)
    blocks = (*edits.blocks, editing.Block(id="new.1", kind="paragraph", text=text))
    return editing.edited(letter, editing.Edits(base=edits.base, blocks=blocks))


def as_message(letter: Any, now: Any = NOON) -> bytes:
    return correspondence.as_message(letter, "records@group.example", "records@agency.example", "<1@x.example>", now)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Upload here: {address}", id="the-link"),
        pytest.param("Please open our page and type {shown}.", id="its-signs"),
        pytest.param("Please open our page and type {code} there.", id="its-signs-in-a-row"),
        pytest.param("Type {upper} please, and thank you for all of the work that you do for us.", id="in-capitals"),
    ],
)
@pytest.mark.same_everywhere
def test_no_letter_leaves_with_a_link_that_works(given: Given, bob: Person, text: str) -> None:
    said = text.format(
        address=services.address_of(given.code),
        shown=codes.shown(given.code),
        code=given.code,
        upper=codes.shown(given.code).upper(),
    )
    letter = with_words(said)
    with pytest.raises(correspondence.NotSendable, match="link over which the agency hands in"):
        as_message(letter)
    assert as_message(letter, NOON + 31 * DAY), "an ended link opens nothing"
    services.revoke_link(given.link, by=bob, now=NOON)
    assert as_message(letter), "nor does one that was closed"


def test_other_letters_leave_as_ever_and_ask_the_database_once_at_most(
    given: Given, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(1):
        assert as_message(with_words("A short line."))


# --- from the shell ---------------------------------------------------------------------------------------------------


def shell(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command("agency_link", *arguments, stdout=out, **options)
    return out.getvalue()


@time_machine.travel(NOON, tick=False)
def test_a_link_from_the_shell(letter: RecordsRequest, bob: Person) -> None:
    said = shell(letter.reference.lower(), to="Pat Doe", days=3, files=2, mb=1, by="bob")
    link = AgencyLink.objects.get()
    found = re.search(r"/hand-in/([0-9a-z-]{34})/", said)
    assert found and queries.by_code(found[1]) == link
    assert (link.made_by, link.expires_at, link.most_files) == (bob, NOON + 3 * DAY, 2)
    listed = shell(letter.reference, list=True)
    assert "open" in listed and "0/2 files" in listed and found[1] not in listed
    assert "closed." in shell(letter.reference, close=link.pk)
    assert "closed before" in shell(letter.reference, close=link.pk)
    assert "revoked" in shell(letter.reference, list=True)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["XX-2026-9999"], {"to": "Pat"}, "There is no request"),
        ([""], {"to": "Pat", "days": 91}, "1 to 90 days"),
        ([""], {"to": "Pat", "by": "nobody"}, "Nobody who may sign in"),
        ([""], {"close": 12345}, "has no link 12345"),
    ],
    ids=["no-request", "too-long", "nobody", "no-link"],
)
@pytest.mark.same_everywhere
def test_the_shell_says_what_was_wrong(
    letter: RecordsRequest, arguments: list[str], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        shell(arguments[0] or letter.reference, **options)
    assert not AgencyLink.objects.exists()
