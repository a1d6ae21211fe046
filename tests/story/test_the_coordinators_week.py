"""A coordinator's week, told through the browser, from Monday, March 2, to Friday, March 6, 2026.

Cora coordinates, and so does Vic. Vera and Wes are volunteers. Ten requests run by nine different laws. Each day
the clock moves on, the sweeps run, and Cora opens her desk: what is due stands where it hurts, nothing due is hidden,
nobody is told twice, and what somebody else did meanwhile is not overwritten.

The dates were counted by hand on a wall calendar; the comment beside each request has the count. In these weeks only
Monday, February 16, 2026 (Presidents' Day) is a legal holiday where days are counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.kits import letters
from requests_app.law.book import DATA
from requests_app.people.models import Notice, Person
from requests_app.tracking import tasks
from requests_app.tracking.models import MovedDate
from requests_app.tracking.recalculation import services as recalculation
from tests.factories import ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter
from tests.servers import Mailbox
from tests.story.test_the_whole_story import PASSWORD, letters_to, tick

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (datetime(2026, 3, day, 13, 0, tzinfo=UTC) for day in range(2, 7))

# Request: who filed it, who follows it, and what happened before Monday.
BEFORE: dict[str, tuple[str, str | None, list[tuple[str, str]]]] = {
    # Friday, February 13, + 10 calendar days: Monday, February 23; late from the 24th. Gov. Code § 7922.535(a)
    "CA": ("vera", "cora", [("sent", "2026-02-13"), ("received", "2026-02-13")]),
    # Five business days: Feb 26 (1), 27 (2), Mar 2 (3), 3 (4), Wednesday, March 4 (5). 65 P.S. § 67.901
    "PA": ("wes", "cora", [("sent", "2026-02-25"), ("received", "2026-02-25")]),
    # Four business days: Feb 26 (1), 27 (2), Mar 2 (3), 3 (4), and Wednesday, March 4 (5). Va. Code § 2.2-3704(B)
    "VA": ("vera", None, [("sent", "2026-02-25"), ("received", "2026-02-25")]),
    # Five business days: Feb 25 (1), 26 (2), 27 (3), Mar 2 (4), Tuesday, March 3 (5). RCW 42.56.520(1)
    "WA": ("vera", None, [("sent", "2026-02-24"), ("received", "2026-02-24")]),
    # Denied February 18; our appeal within thirty days: 10 left in February, March 20. Pub. Off. Law § 89(4)(a)
    "NY": ("vic", "cora", [("sent", "2026-02-10"), ("received", "2026-02-10"), ("denied", "2026-02-18")]),
    # Ten working days: Feb 24 - 27 (4), Mar 2 - 6 (9), Monday, March 9 (10). Md. Gen. Prov. § 4-203(b)(2)
    "MD": ("vic", "cora", [("sent", "2026-02-23"), ("received", "2026-02-23")]),
    # Fifteen business days: Feb 24 - 27 (4), Mar 2 - 6 (9), 9 - 13 (14), Monday, March 16 (15). ORS 192.329(5)
    "OR": ("wes", None, [("sent", "2026-02-23"), ("received", "2026-02-23"), ("acknowledged", "2026-02-25")]),
    # No date of the law runs in Minnesota; silent since January 12, which is more than thirty days.
    "MN": ("wes", None, [("sent", "2026-01-12"), ("received", "2026-01-12")]),
    # Seven business days: Feb 27 (1), Mar 2 - 6 (6), Monday, March 9 (7). Tenn. Code Ann. § 10-7-503(a)(2)(B)
    "TN": ("vic", None, [("sent", "2026-02-26"), ("received", "2026-02-26"), ("fee_estimated", "2026-02-27")]),
    # Five business days: Feb 27 (1), Mar 2 (2), 3 (3), 4 (4), Thursday, March 5 (5). 65 P.S. § 67.901
    "PA2": ("vera", None, [("sent", "2026-02-26"), ("received", "2026-02-26")]),
}
STATES = tuple({name[:2] for name in BEFORE})
SNOW = {
    "name": "Snow emergency",
    "status": "closed",
    "when": {"date": "2026-03-06"},
    "citation": "Governor's order of March 5, 2026",
    "source": "https://example.org/order",
    "as_of": "2026-03-05",
}


@pytest.fixture
def people(transactional_db: Any) -> dict[str, Person]:
    roles = {"cora": ["coordinator"], "vic": ["coordinator", "volunteer"], "vera": ["volunteer"], "wes": ["volunteer"]}
    made = {handle: PersonFactory(handle=handle, roles=granted) for handle, granted in roles.items()}
    made["vera"].set_password(PASSWORD)
    for person in made.values():
        person.password = made["vera"].password
        person.save(update_fields=["password"])
    return made


@pytest.fixture
def asked(people: dict[str, Person], clock: time_machine.Traveller) -> dict[str, str]:
    """The ten requests as they stand on Monday morning. Returns their references."""
    references = {}
    for number, (name, (filer, follower, events)) in enumerate(BEFORE.items(), start=1):
        contact = ContactPointFactory(agency__jurisdiction=name[:2], value=f"records@{name.lower()}.example")
        made = RecordsRequestFactory(
            number=number,
            jurisdiction=name[:2],
            agency=contact.agency,
            contact_point=contact,
            filer=people[filer],
            assignee=people.get(follower or ""),
            letter=letters.dump(a_letter()),
            opened_at=datetime.fromisoformat(f"{events[0][1]}T15:00:00+00:00"),
            events=events,
        )
        references[name] = made.reference
    clock.move_to(MONDAY)
    return references


@pytest.fixture
def few_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing the law of forty more states every day shows nothing more."""
    monkeypatch.setattr(recalculation, "CODES", STATES)


def let_time_work() -> None:
    """What beat triggers."""
    tasks.sweep()
    tasks.write_digests()
    tasks.send_outboxes()
    tasks.count_statistics()


def mails_about(mailbox: Mailbox, who: str, reference: str) -> list[EmailMessage]:
    return [m for m in letters_to(mailbox, f"{who}@people.example") if reference in str(m["Subject"])]


def days_in_feed(page: Page, address: str, reference: str) -> dict[str, tuple[date, int]]:
    """Ask for a feed as a calendar program does: each live entry of a request, its day, and which version it is."""
    answer = page.context.request.get(address)
    assert answer.ok
    return {
        str(event["uid"]): (event["dtstart"].dt, int(event["sequence"]))
        for event in Calendar.from_ical(answer.body()).walk("VEVENT")
        if reference in str(event["summary"]) and event["status"] == "CONFIRMED"
    }


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def row(page: Page, reference: str) -> Locator:
    return page.locator(f"#row-{reference}")


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def go_to_row(page: Page, reference: str) -> None:
    """Move with j and k until the focus is on a row."""
    order = page.locator("[data-dl-row]").evaluate_all("rows => rows.map(row => row.id)")
    place = order.index(f"row-{reference}")
    for _step in range(len(order) + 1):
        at = page.evaluate("document.activeElement.closest('[data-dl-row]')?.id ?? ''")
        if at == f"row-{reference}":
            return
        page.keyboard.press("k" if at and order.index(at) > place else "j")
    raise AssertionError(f"the keys never reached {reference}")


def wait_for_form(page: Page, reference: str) -> None:
    """Wait until the form under a row has taken the focus: then the script knows it."""
    expect(row(page, reference).locator(".dl-desk-row__under form :focus")).to_have_count(1)


def record_in_place(page: Page, reference: str, what: str) -> None:
    """Record an event on a row of the desk: r, what happened, and the button."""
    go_to_row(page, reference)
    page.keyboard.press("r")
    one = row(page, reference)
    expect(one.get_by_role("heading", name="What happened?")).to_be_focused()
    one.get_by_role("link", name=what).click()
    wait_for_form(page, reference)
    one.get_by_role("button", name="Record it").click()
    expect(one.locator(".dl-done")).to_contain_text("Recorded.")
    expect(one.locator("[data-dl-open]")).to_be_focused()


def test_a_week_at_the_desk(
    clock: time_machine.Traveller,
    mailbox: Mailbox,
    people: dict[str, Person],
    asked: dict[str, str],
    few_states: None,
    page_of: Callable[..., Page],
    looks_right: Callable[[Page], None],
    live_server: Any,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.SITE_URL = live_server.url

    # --- Monday. Cora says how she wants to be told, and works the first row with the keys alone. ---------------------
    let_time_work()
    cora = page_of("cora@people.example", PASSWORD)
    cora.goto(reverse("people:preferences"))
    tick(cora.get_by_role("group", name="Overview of your work"), "Once a week")
    cora.get_by_label("The day of weekly mails").select_option("4")
    cora.get_by_role("button", name="Save").click()
    cora.goto(reverse("tracking:desk"))
    expect(group(cora, "Agencies that are late").locator("[data-dl-row]")).to_have_count(1)
    expect(group(cora, "Silent, and no date runs")).to_contain_text(asked["MN"])
    expect(group(cora, "Waiting for us")).to_contain_text(asked["TN"])
    looks_right(cora)

    cora.keyboard.press("j")
    expect(row(cora, asked["CA"]).locator("[data-dl-open]")).to_be_focused()
    record_in_place(cora, asked["CA"], "All of the records came")
    cora.keyboard.press("u")  # these were another agency's
    expect(row(cora, asked["CA"]).locator(".dl-done")).not_to_contain_text("Recorded.")
    expect(row(cora, asked["CA"])).to_contain_text("Late since")
    expect(row(cora, asked["CA"]).locator("[data-dl-open]")).to_be_focused()
    record_in_place(cora, asked["CA"], "Some of the records came")
    assert RecordsRequest.objects.get(reference=asked["CA"]).status == "partial"

    # Oregon has time until the 16th: it may sleep. Pennsylvania must decide by Wednesday: that is as long as it may.
    go_to_row(cora, asked["OR"])
    cora.keyboard.press("s")
    oregon = row(cora, asked["OR"])
    wait_for_form(cora, asked["OR"])
    oregon.get_by_label("Until which day?").fill("2026-03-13")
    oregon.get_by_label("Why can it wait?").fill("They move house this week.")
    oregon.get_by_role("button", name="Let it sleep").click()
    expect(oregon).to_contain_text("Sleeps until Friday, March 13, 2026: They move house this week. (cora)")
    expect(oregon.locator("[data-dl-open]")).to_be_focused()
    go_to_row(cora, asked["PA"])
    cora.keyboard.press("s")
    pennsylvania = row(cora, asked["PA"])
    wait_for_form(cora, asked["PA"])
    pennsylvania.get_by_label("Until which day?").evaluate("box => box.removeAttribute('max')")  # as a script would
    pennsylvania.get_by_label("Until which day?").fill("2026-03-13")
    pennsylvania.get_by_label("Why can it wait?").fill("Later.")
    pennsylvania.get_by_role("button", name="Let it sleep").click()
    expect(pennsylvania).to_contain_text("decision is due by Wednesday, March 4, 2026 at the latest (65 P.S. § 67.901)")
    expect(pennsylvania.locator(":focus")).to_have_count(1)  # what is wrong has the focus
    cora.keyboard.press("Escape")
    expect(pennsylvania.locator("form")).to_have_count(0)
    cora.reload()
    expect(row(cora, asked["OR"])).to_have_count(0)
    expect(row(cora, asked["PA"])).to_have_count(1)

    # --- Tuesday. Washington's day has come; Vera has had enough of such mails, and goes away. ------------------------
    clock.move_to(TUESDAY)
    let_time_work()
    let_time_work()
    _day_before, on_the_day = mails_about(mailbox, "vera", asked["WA"])
    assert "RCW 42.56.520(1)" in text_of(on_the_day)
    assert "Tuesday, March 3, 2026" in text_of(on_the_day)
    way_out = re.search(r"http\S+/people/mail/\S+", text_of(on_the_day))
    assert way_out is not None
    vera = page_of("vera@people.example", PASSWORD, width=360)
    vera.goto(way_out.group())
    vera.get_by_role("button", name="Turn them off").click()
    expect(vera.get_by_role("heading", name="These mails are turned off")).to_be_visible()
    vera.goto(reverse("people:absences"))
    vera.get_by_label("First day away").fill("2026-03-03")
    vera.get_by_label("Last day away").fill("2026-03-13")
    vera.get_by_label("Who stands in?").select_option(label="vic")
    vera.get_by_role("button", name="Keep these days").click()
    expect(vera.get_by_text("vic stands in.")).to_be_visible()
    looks_right(vera)

    vic = page_of("vic@people.example", PASSWORD)
    vic.get_by_role("link", name="Mine", exact=True).click()
    for name in ("CA", "VA", "WA", "PA2"):
        if BEFORE[name][1] is None:
            expect(row(vic, asked[name])).to_contain_text("for vera, away until Friday, March 13, 2026; vic stands in")
    expect(row(vic, asked["CA"])).to_have_count(0)  # Cora follows that one

    # Pennsylvania refuses. Our time to appeal runs from today: 15 business days, Tuesday, March 24. 65 P.S. § 67.1101
    record_in_place(vic, asked["PA2"], "The agency denied the request")
    ours = Deadline.objects.get(request__reference=asked["PA2"], duty_of="requester", superseded_at=None)
    assert (ours.earliest, ours.latest) == (date(2026, 3, 24), date(2026, 3, 24))

    # --- Wednesday. 14 business days are left for that appeal: Vera is mailed all the same, and so is Vic. ------------
    clock.move_to(WEDNESDAY)
    let_time_work()
    for who in ("vera", "vic", "cora"):
        (own,) = mails_about(mailbox, who, asked["PA2"])[-1:]
        assert "Tuesday, March 24, 2026" in text_of(own), who
    assert len(mails_about(mailbox, "vera", asked["WA"])) == 2  # a day late now, and in her notices
    assert Notice.objects.filter(recipient=people["vera"], subject__contains=asked["WA"]).count() == 3
    because = " ".join(text_of(mails_about(mailbox, "vic", asked["WA"])[-1]).split())
    assert "because you stand in for vera, who is away" in because

    # Three rows go to Wes; while Cora looks at the preview, Vic records an answer on one of them.
    cora.goto(reverse("tracking:desk"))
    for name in ("MN", "TN", "VA"):
        go_to_row(cora, asked[name])
        cora.keyboard.press("x")
    expect(cora.locator("[data-dl-chosen]")).to_have_text("(3)")
    cora.get_by_role("button", name="Assign", exact=True).click()
    cora.locator("select[name=assignee]").select_option(label="wes")
    cora.get_by_role("button", name="Look at what will change").click()
    expect(cora.get_by_role("heading", name="3 requests will change")).to_be_visible()
    looks_right(cora)
    vic.goto(reverse("tracking:desk"))
    record_in_place(vic, asked["TN"], "The fee is paid or settled")
    cora.get_by_role("button", name="Assign them").click()
    expect(cora.get_by_role("heading", name="2 requests are done, 1 was left alone")).to_be_visible()
    expect(
        cora.get_by_text(f"Left alone: vic recorded “Fee paid or settled” on {asked['TN']} meanwhile.")
    ).to_be_visible()
    followers = dict(RecordsRequest.objects.values_list("reference", "assignee__handle"))
    assert [followers[asked[name]] for name in ("MN", "TN", "VA")] == ["wes", None, "wes"]

    # --- Thursday. Two agencies let Wednesday pass. The next letter begins at the row. --------------------------------
    clock.move_to(THURSDAY)
    let_time_work()
    cora.goto(reverse("tracking:desk"))
    late = group(cora, "Agencies that are late")
    for name in ("PA", "VA"):
        expect(late.locator(f"#row-{asked[name]}")).to_contain_text("Late for 1 day")
    late.locator(f"#row-{asked['PA']}").get_by_role("link", name="Write it").click()
    cora.get_by_role("button", name="Go on with this letter").click()
    expect(cora.get_by_role("heading", name="Ready to send")).to_be_visible()
    cora.goto(reverse("tracking:desk"))
    expect(row(cora, asked["PA"]).get_by_role("link", name="Send it")).to_be_visible()

    # Cora's own calendar program reads her dates from a private address.
    cora.goto(reverse("tracking:feeds"))
    cora.get_by_role("button", name="Make the address").click()
    address = cora.locator("#feed-address").inner_text()
    before = days_in_feed(cora, address, asked["MD"])
    ((acknowledgment, (_day, version)),) = [one for one in before.items() if one[1][0] == date(2026, 3, 9)]

    # Maryland's governor closes the offices on Friday: its tenth working day is Tuesday, March 10, and no other moves.
    overlay = tmp_path / "law"
    said = json.loads((DATA / "calendars" / "MD.json").read_text())
    said["corrections"].append(SNOW)
    (overlay / "calendars").mkdir(parents=True)
    (overlay / "calendars" / "MD.json").write_text(json.dumps(said))
    settings.LAW_OVERLAY_DIR = str(overlay)
    clock.move_to(THURSDAY.replace(hour=20))
    let_time_work()
    let_time_work()
    moved = MovedDate.objects.get()
    assert (moved.was_latest, moved.is_latest) == (date(2026, 3, 9), date(2026, 3, 10))
    told = [m for m in letters_to(mailbox, "cora@people.example") if "one date is another now" in str(m["Subject"])]
    assert len(told) == 1
    cora.goto(reverse("tracking:recalculations"))
    cora.get_by_role("link", name="Maryland", exact=True).click()
    expect(cora.get_by_text("closed: Snow emergency")).to_be_visible()
    expect(cora.get_by_role("row", name=asked["MD"])).to_contain_text("Tuesday, March 10, 2026")

    after = days_in_feed(cora, address, asked["MD"])
    assert after[acknowledgment][0] == date(2026, 3, 10)
    assert after[acknowledgment][1] > version
    assert {uid: day for uid, day in after.items() if uid != acknowledgment} == {
        uid: day for uid, day in before.items() if uid != acknowledgment
    }

    # --- Friday. Our appeal in New York has 14 days left: it stands before everything else. ---------------------------
    clock.move_to(FRIDAY)
    let_time_work()
    cora.goto(reverse("tracking:desk"))
    first = cora.locator("[data-dl-row]").first
    expect(first).to_have_attribute("id", f"row-{asked['NY']}")
    expect(first).to_contain_text("We have 14 days left")
    expect(group(cora, "Our own dates at risk").locator("[data-dl-row]")).to_have_count(1)
    looks_right(cora)

    # Wes leaves. All that he has goes to Vic; he stays the filer of the letters that he signed.
    cora.get_by_role("link", name="Who has how much").click()
    cora.get_by_role("link", name="Hand over wes").click()
    cora.get_by_label("Who takes over?").select_option(label="vic")
    cora.get_by_role("button", name="Hand it all over").click()
    expect(cora.get_by_role("heading", name=re.compile("vic has taken over"))).to_be_visible()
    held = RecordsRequest.objects.filter(reference__in=[asked[name] for name in ("OR", "MN", "VA")])
    assert {(one.assignee.handle, one.filer.handle) for one in held} == {("vic", "wes"), ("vic", "vera")}

    # Cora's week came by mail at her hour, and the statistics know what happened.
    (digest,) = [m for m in letters_to(mailbox, "cora@people.example") if "Your week from" in str(m["Subject"])]
    assert asked["NY"] in text_of(digest)
    cora.goto(reverse("tracking:statistics"))
    expect(cora.get_by_role("rowheader", name="Pennsylvania")).to_be_visible()
    looks_right(cora)
