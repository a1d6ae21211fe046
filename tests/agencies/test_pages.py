"""The pages of the room as people meet them, and the lists behind them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_app.agencies import queries, services
from requests_app.agencies.models import Agency, AgencyRole, ContactPoint, StateNote
from requests_app.agencies.status_words import DOOR_WORDS, KNOWN_WORDS, StateStatus
from requests_app.agencies.templatetags.partial_dates import partial_date
from requests_app.people.models import Person
from tests.agencies.conftest import make_agency
from tests.people.cast import NOW, browser_of, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Person:
    return make_person("bob", "coordinator")


# --- lists ------------------------------------------------------------------------------------------------------------


def codes(**narrowing: str) -> list[str]:
    return [agency.code for agency in queries.agency_page(**narrowing).agencies]


def test_the_list_is_narrowed_by_what_one_knows(bob: Person) -> None:
    ready, bounced, unsure = make_agency("md-ready"), make_agency("md-bounced"), make_agency("de-unsure", "DE")
    make_agency("va-none", "VA").contact_points.all().delete()
    bounced.contact_points.update(health="bounced")
    unsure.contact_points.update(confidence="low")
    AgencyRole.objects.create(agency=unsure, kind="dmv")
    services.confirm_contact(ready.contact_points.get().pk, by=bob, where_seen="x", now=NOW)
    assert codes() == ["de-unsure", "md-bounced", "md-ready", "va-none"]
    assert codes(jurisdiction="MD") == ["md-bounced", "md-ready"]
    assert codes(role="dmv") == ["de-unsure"]
    assert codes(reach="ready") == ["md-ready"]
    assert codes(reach="bounced") == ["md-bounced"]
    assert codes(reach="none") == ["va-none"]
    assert codes(reach="unconfirmed") == ["de-unsure", "md-bounced"]
    assert codes(words="RECORDS@md-ready") == ["md-ready"]
    assert codes(words="police va") == ["va-none"]
    assert codes(words="nobody") == []


def test_the_whole_list_is_walked_forth_and_back_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    for number in range(11):
        make_agency(f"md-a{number:02}", "MD" if number % 2 else "DE")
    whole = list(Agency.objects.order_by("jurisdiction", "name").values_list("code", flat=True))
    walked, after = [], ""
    while True:
        page = queries.agency_page(after=after)
        walked += [agency.code for agency in page.agencies]
        after = page.after
        if not after:
            break
    back, before = [agency.code for agency in page.agencies], page.before
    while before:
        page = queries.agency_page(before=before)
        back = [agency.code for agency in page.agencies] + back
        before = page.before
    assert walked == back == whole
    assert queries.agency_page(after="md-no-such").agencies[0].code == whole[0]


def test_custodians_come_by_role_with_their_best_address_first(bob: Person) -> None:
    dmv = make_agency("md-dmv", name="A first by name")
    dmv.roles.update(kind="dmv")
    police = make_agency("md-police2", name="Z last by name")
    make_agency("de-police", "DE")
    gone = make_agency("md-gone")
    services.edit_agency(gone.pk, fields={"is_active": False}, why="Dissolved.", by=bob, now=NOW)
    fax = services.add_contact(police.pk, channel="fax", value="410-555-0100", where_seen="x", by=bob, now=NOW)
    services.confirm_contact(fax.pk, by=bob, where_seen="x", now=NOW)
    old = services.add_contact(police.pk, channel="phone", value="410-555-0101", where_seen="x", by=bob, now=NOW)
    services.retire_contact(old.pk, why="x", by=bob, now=NOW)
    found = queries.custodians("MD")
    assert [agency.code for agency in found] == ["md-police2", "md-dmv"]
    contacts: list[ContactPoint] = found[0].current_contacts  # type: ignore[attr-defined]
    assert [contact.channel for contact in contacts] == ["fax", "email"]
    assert [agency.code for agency in queries.custodians("MD", ["dmv"])] == ["md-dmv"]


@pytest.mark.parametrize("rows", [1, 15])
def test_pages_cost_the_same_for_few_and_many(rows: int, bob: Person, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        agency = make_agency(f"md-a{number}")
        for ending in range(rows):
            services.add_contact(
                agency.pk, channel="fax", value=f"410-555-01{ending:02}", where_seen="x", by=bob, now=NOW
            )
    client = browser_of(bob)
    for path, queries_made in ((reverse("agencies:list"), 6), ("/agencies/md-a0/", 9)):
        client.get(path)
        with django_assert_num_queries(queries_made):
            client.get(path)
    with django_assert_num_queries(3):
        queries.custodians("MD")


# --- one agency -------------------------------------------------------------------------------------------------------


def test_a_page_shows_what_is_known_with_its_date_source_and_doubts() -> None:
    services.seed(NOW)
    page = browser_of(make_person("vic", "volunteer")).get("/agencies/md-mdot-mva/").content.decode()
    assert "6601 Ritchie Highway" in page
    assert "July 22, 2021" in page
    assert "To be confirmed" in page
    assert "COMAR 11.11.09" in page
    assert "no action" in page
    assert "November 21, 2026" in page
    assert "HB 711 tells custodians" in page
    assert "An account of a federal agency" in page


def test_the_federal_page_claims_nothing_about_a_state() -> None:
    services.seed(NOW)
    response = browser_of(make_person("vic", "volunteer")).get("/agencies/us-ice-foia/")
    assert response.status_code == 200
    assert response.context["status"].known == ""


def test_every_reported_status_has_words_and_none_says_safe() -> None:
    services.seed(NOW)
    for note in StateNote.objects.exclude(jurisdiction="US"):
        status = StateStatus.of(note)
        assert status.known
        assert status.as_of
        assert bool(status.door) is bool(note.ice_dmv_access)
    assert not any("safe" in str(words).lower() for words in [*DOOR_WORDS.values(), *KNOWN_WORDS.values()])


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026", "2026"), ("2026-11", "November 2026"), ("2026-11-21", "November 21, 2026"), ("", ""), ("x-y", "x-y")],
)
def test_a_date_is_said_as_precisely_as_it_is_known(text: str, words: str) -> None:
    assert partial_date(text) == words


def test_an_edit_is_saved_with_its_reason_and_told_in_the_history(police: Agency, bob: Person) -> None:
    client = browser_of(bob)
    path = reverse("agencies:edit", args=[police.code])
    form = client.get(path).context["form"]
    facts = {name: form[name].value() or "" for name in form.fields if name not in {"roles", "is_active"}}
    facts |= {"roles": ["nlets_control_point"], "is_active": "on", "parent": "Department of <Safety>", "why": "Seen."}
    assert client.post(path, facts)["Location"] == police.get_absolute_url()
    page = client.get(police.get_absolute_url()).content.decode()
    assert "Department of &lt;Safety&gt;" in page
    assert "by bob" in page
    assert "Seen." in page
    stale = client.post(path, facts | {"parent": "Another"})
    assert "Somebody else changed this agency" in stale.content.decode()


def test_a_new_role_needs_a_reason(police: Agency, bob: Person) -> None:
    facts = {"name": police.name, "short_name": "P", "roles": ["dmv"], "confidence": "low", "why": "x"}
    response = browser_of(bob).post(reverse("agencies:edit", args=[police.code]), facts)
    assert list(response.context["form"].errors) == ["evidence"]


def test_an_agency_is_added_and_a_double_is_refused(police: Agency, bob: Person) -> None:
    client = browser_of(bob)
    facts = {
        "jurisdiction": "DE",
        "name": "Division of Motor Vehicles",
        "short_name": "DMV",
        "roles": ["dmv"],
        "evidence": "Its own page.",
        "confidence": "medium",
        "why": "It was missing.",
        "website": "dmv.example",
    }
    assert client.post(reverse("agencies:add"), facts)["Location"] == "/agencies/de-dmv/"
    assert Agency.objects.get(code="de-dmv").website == "https://dmv.example"
    assert "already has an agency" in client.post(reverse("agencies:add"), facts).content.decode()


def test_a_volunteer_proposes_and_confirms_an_address(police: Agency) -> None:
    vic = make_person("vic", "volunteer")
    client = browser_of(vic)
    add = reverse("agencies:contact-add", args=[police.code])
    wrong = client.post(add, {"channel": "email", "value": "nobody", "where_seen": "page"})
    assert "not an e-mail address" in wrong.content.decode()
    client.post(add, {"channel": "phone", "value": "4105550100", "where_seen": "their page"})
    phone = police.contact_points.get(channel="phone")
    client.post(reverse("agencies:contact-confirm", args=[police.code, phone.pk]), {"where_seen": "phoned"})
    phone.refresh_from_db()
    assert (phone.health, phone.confirmed_by) == ("confirmed", vic)
    assert "Confirmed by vic" in client.get(police.get_absolute_url()).content.decode()


def test_an_editor_corrects_and_retires_an_address(police: Agency, bob: Person) -> None:
    client = browser_of(bob)
    contact = police.contact_points.get()
    path = reverse("agencies:contact-edit", args=[police.code, contact.pk])
    facts = {"value": "foia@new.example", "office_or_title": "", "where_seen": "page", "channel": "fax"}
    client.post(path, facts)
    new = police.contact_points.get(value="foia@new.example")
    assert new.channel == "email"  # the way of an address is not changed by a forged field
    assert client.get(path).status_code == 404  # the old one is retired
    client.post(reverse("agencies:contact-retire", args=[police.code, new.pk]), {"why": "Closed."})
    new.refresh_from_db()
    assert new.health == "retired"
    assert "No address is known" in client.get(police.get_absolute_url()).content.decode()


# --- import and export ------------------------------------------------------------------------------------------------


def upload(text: bytes, name: str = "agencies.csv") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, text, content_type="text/csv")}


def test_a_file_is_looked_at_then_written(bob: Person) -> None:
    client = browser_of(bob)
    text = b"state,name,roles\nDE,Motor Vehicles,dmv\nZZ,Nowhere,dmv\n"
    page = client.post(reverse("agencies:import"), upload(text), follow=True)
    words = page.content.decode()
    assert "1 line adds something" in words
    assert "1 line cannot be used" in words
    assert "Line 3" in words
    assert not Agency.objects.exists()
    path = page.redirect_chain[-1][0]
    done = client.post(f"{path}apply/", {"plan": page.context["plan"].sha256}, follow=True)
    assert "Imported" in done.content.decode()
    assert Agency.objects.get().code == "de-motor-vehicles"
    assert client.get(path).status_code == 404


def test_a_forged_confirmation_writes_nothing(bob: Person) -> None:
    client = browser_of(bob)
    page = client.post(reverse("agencies:import"), upload(b"state,name,roles\nDE,New,dmv"), follow=True)
    again = client.post(f"{page.redirect_chain[-1][0]}apply/", {"plan": "0" * 64}, follow=True)
    assert "nothing was written" in again.content.decode()
    assert not Agency.objects.exists()


def test_a_file_that_cannot_be_read_is_said_at_its_field(bob: Person) -> None:
    response = browser_of(bob).post(reverse("agencies:import"), upload(b"PK\x03\x04", "agencies.xlsx"))
    assert "spreadsheet" in str(response.context["form"].errors["file"])


def test_an_export_is_a_file_that_a_spreadsheet_opens_and_cannot_run(police: Agency, bob: Person) -> None:
    Agency.objects.update(submission_notes='=HYPERLINK("https://x.example")')
    make_agency("de-other", "DE")
    response = browser_of(bob).get(reverse("agencies:export"), {"state": "MD"})
    assert response["Content-Disposition"].startswith('attachment; filename="agencies-MD-')
    text = response.content.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "de-other" not in text
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert browser_of(bob).get(reverse("agencies:export"), {"state": "ZZ"}).status_code == 404


def test_a_line_of_the_list_says_roles_way_and_standing(bob: Person) -> None:
    police = make_agency("md-police", name="Known Office")
    AgencyRole.objects.create(agency=police, kind="cjis_systems_agency")
    make_agency("md-silent", name="Silent Office").contact_points.all().delete()
    page = browser_of(bob).get(reverse("agencies:list"))
    known, silent = page.context["lines"]
    best = police.contact_points.get()
    assert (known.url, known.way) == ("/agencies/md-police/", best.get_channel_display())
    assert known.roles == ", ".join(role.get_kind_display() for role in police.roles.all())
    assert known.roles.count(", ") == 1
    assert (silent.way, silent.contact) == ("", None)
    html = page.content.decode()
    assert html.count("No address yet") == 1
    assert html.count('<span class="dl-status') == 2
    assert "&lt;span" not in html
