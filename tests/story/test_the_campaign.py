"""A campaign, told through the browser: five states, and what each of them answers.

Bob plans it. Alice signs for four states and Vic, who lives there, for Tennessee. One agency stays silent, one asks a
fee, one refuses with two objections, one finds nothing, one sends the records. The right letters follow, the appeal
goes to the right body in time, and the evidence file can be checked.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from requests_app.correspondence import tasks as correspondence_tasks
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking import tasks
from tests.factories import AgencyFactory, ContactPointFactory, PersonFactory
from tests.servers import Mailbox
from tests.story.test_the_whole_story import PASSWORD, letters_to, tick

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STATES = {"IL": "Illinois", "MD": "Maryland", "NY": "New York", "TN": "Tennessee", "WA": "Washington"}
AFTER_THE_WINDOW = datetime(2026, 2, 6, 18, 0, tzinfo=UTC)


@pytest.fixture
def people(transactional_db: Any) -> dict[str, Person]:
    for code in STATES:
        agency = AgencyFactory(
            code=f"{code.lower()}-police", jurisdiction=code, name=f"{STATES[code]} Police", short_name=f"{code}P"
        )
        ContactPointFactory(agency=agency, channel="email", value=f"records@{code.lower()}.example")
    found = {
        "bob": PersonFactory(handle="bob", roles=["coordinator"]),
        "alice": PersonFactory(handle="alice", roles=["volunteer"], legal_name="Alice Liddell", home_state="MD"),
        "vic": PersonFactory(handle="vic", roles=["volunteer"], legal_name="Victor Example", home_state="TN"),
    }
    for person in found.values():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return found


def let_time_work() -> None:
    """What beat triggers."""
    correspondence_tasks.go_on_filing()
    tasks.sweep()
    tasks.send_outboxes()


def sign_everything(page: Page, *, as_resident: bool) -> None:
    """Open each prepared letter, look at the details, read it, and sign it."""
    page.goto(reverse("filing:my-part"))
    while page.get_by_role("button", name="Open and sign").count():
        page.get_by_role("button", name="Open and sign").first.click()
        if as_resident:
            tick(page, "Yes: the letter states it")
        page.get_by_role("button", name="See the letter").click()
        page.get_by_role("button", name="Sign it").click()
        page.wait_for_url("**/mine/")


def record_reply(page: Page, reference: str, said: str, *, dollars: str = "", objections: tuple[str, ...] = ()) -> None:
    page.goto(reverse("correspondence:record-reply", args=[reference]))
    tick(page, said)
    if dollars:
        page.locator("summary", has_text="If it is about money").click()
        page.get_by_label("Amount they ask for").fill(dollars)
    if objections:
        page.locator("summary", has_text="If they refuse").click()
    for objection in objections:
        tick(page, objection)
    page.get_by_role("button", name="Record the reply").click()
    page.wait_for_url(f"**/requests/{reference}/")


def write_the_recommended(page: Page, reference: str, title: str) -> None:
    """Begin the letter that Daylight recommends, and stand on its page."""
    page.goto(reverse("correspondence:next-letters", args=[reference]))
    expect(page.locator("#recommended")).to_have_text(title)
    page.get_by_role("link", name="Write this letter").click()


def send_it(page: Page) -> None:
    page.get_by_role("button", name="Go on with this letter").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()


def test_five_states_answer_in_five_ways(
    clock: time_machine.Traveller,
    mailbox: Mailbox,
    people: dict[str, Person],
    page_of: Callable[..., Page],
    looks_right: Callable[[Page], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(correspondence_tasks.go_on_filing, "apply_async", lambda **_options: None)

    # Bob plans: one kit, five states, and who signs.
    bob = page_of("bob@people.example", PASSWORD)
    bob.goto(reverse("filing:campaign-new"))
    bob.get_by_label("Name", exact=True).fill("Winter")
    tick(bob, "Nlets query statistics")
    for name in STATES.values():
        tick(bob.locator(".dl-where"), name)
    looks_right(bob)
    bob.get_by_role("button", name="List the letters").click()
    expect(bob.get_by_role("heading", name="What each state needs")).to_be_visible()
    looks_right(bob)
    bob.get_by_role("link", name="Choose all of these").click()
    bob.get_by_role("button", name="Assign signers").click()
    looks_right(bob)
    for code, name in STATES.items():
        signer = "vic" if code == "TN" else "alice"
        bob.get_by_role("combobox", name=name).select_option(str(people[signer].pk))
    bob.get_by_role("button", name="Apply").click()

    # Alice signs four letters, Vic his own state's.
    alice = page_of("alice@people.example", PASSWORD, width=360)
    sign_everything(alice, as_resident=False)
    looks_right(alice)
    vic = page_of("vic@people.example", PASSWORD, width=360)
    sign_everything(vic, as_resident=True)

    # Bob looks, and files what is ready; the undo window passes.
    bob.goto(reverse("tracking:campaigns"))
    bob.get_by_role("link", name="Winter").first.click()
    bob.get_by_role("link", name="File").first.click()
    expect(bob.get_by_role("heading", name="File 5 letters?")).to_be_visible()
    looks_right(bob)
    bob.get_by_role("button", name="File these 5 letters").click()
    let_time_work()
    clock.move_to(AFTER_THE_WINDOW)
    let_time_work()
    reference = {each.jurisdiction: each.reference for each in RecordsRequest.objects.all()}
    assert set(reference) == set(STATES)
    for code in STATES:
        assert len(letters_to(mailbox, f"records@{code.lower()}.example")) == 1, code
    (tennessee,) = letters_to(mailbox, "records@tn.example")
    assert "Victor Example" in tennessee.get_content()

    # Five answers within a month. Maryland says nothing.
    clock.move_to(datetime(2026, 2, 12, 17, 0, tzinfo=UTC))
    bob = page_of("bob@people.example", PASSWORD)
    record_reply(bob, reference["TN"], "They ask for money", dollars="400")
    record_reply(bob, reference["WA"], "They say they have no such records")
    record_reply(bob, reference["NY"], "All records came")
    record_reply(bob, reference["IL"], "They refuse", objections=("law-enforcement technique", "Unduly burdensome"))

    # The right letters follow.
    write_the_recommended(bob, reference["TN"], "Itemized estimate asked")
    looks_right(bob)
    send_it(bob)
    looks_right(bob)
    write_the_recommended(bob, reference["WA"], '"No records" questioned')
    send_it(bob)

    # Illinois: each objection is answered, and the appeal goes to the body that the law names. Bob looks it up.
    write_the_recommended(bob, reference["IL"], "Reply to objections")
    looks_right(bob)
    send_it(bob)
    bob.goto(reverse("correspondence:next-letters", args=[reference["IL"]]))
    bob.get_by_role("link", name="Appeal or request for review").first.click()
    bob.get_by_role("link", name="Enter where this body is reached").click()
    bob.get_by_label("Name for the envelope").fill("Public Access Counselor")
    bob.get_by_label("Way").select_option("email")
    bob.get_by_label("Address", exact=True).fill("review@pac.example")
    bob.get_by_label("Where did you see it?").fill("https://pac.example/contact, seen today")
    looks_right(bob)
    bob.get_by_role("button", name="Keep this address").click()
    looks_right(bob)
    send_it(bob)
    clock.move_to(datetime(2026, 2, 12, 20, 0, tzinfo=UTC))
    let_time_work()
    (appeal,) = letters_to(mailbox, "review@pac.example")
    text = appeal.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "9.5" in text
    bob.goto(reverse("tracking:request", args=[reference["IL"]]))
    expect(bob.get_by_text("Appeal filed").first).to_be_visible()
    assert len(letters_to(mailbox, "records@tn.example")) == 2
    assert len(letters_to(mailbox, "records@wa.example")) == 2

    # Maryland stayed silent past the latest date; only now a letter says so.
    clock.move_to(datetime(2026, 3, 20, 17, 0, tzinfo=UTC))
    let_time_work()
    bob = page_of("bob@people.example", PASSWORD)
    write_the_recommended(bob, reference["MD"], "Decision not received")
    looks_right(bob)
    send_it(bob)
    clock.move_to(datetime(2026, 3, 20, 20, 0, tzinfo=UTC))
    let_time_work()
    overdue = letters_to(mailbox, "records@md.example")[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "4-203" in overdue

    # The campaign shows where each state stands.
    bob.goto(reverse("tracking:campaigns"))
    bob.get_by_role("link", name="Winter").first.click()
    expect(bob.get_by_text("$400").first).to_be_visible()
    looks_right(bob)

    # The evidence file of the refusal: every exhibit, and every hash right.
    bob.goto(reverse("tracking:evidence", args=[reference["IL"]]))
    looks_right(bob)
    with bob.expect_download() as download:
        bob.get_by_role("button", name="Download the ZIP").click()
    case = tmp_path / "case.zip"
    download.value.save_as(case)
    call_command("evidence", "--check", str(case))
    with zipfile.ZipFile(case) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
    assert sum(name.endswith(".eml") for name in names) == 3, "the request, the reply and the appeal, as they left"
