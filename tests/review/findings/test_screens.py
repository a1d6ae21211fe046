"""The screens of findings: evidence first, a second reading without sight of the first, a decision, lists, coverage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from requests_app.documents.models import Blob, Document
from requests_app.filing.models import RecordsRequest
from requests_app.kits import catalog
from requests_app.people.models import Person
from requests_app.review.annotations import services as marking
from requests_app.review.findings import services
from requests_app.review.findings.definitions import definitions_of
from requests_app.review.findings.services import Told
from requests_app.review.models import Annotation, Contradiction, Finding
from requests_app.review.targets import WholePage
from tests.factories import NOON, PersonFactory
from tests.review.findings.cast import HSI, SECRET, a_finding, a_mark, otherwise, settled

pytestmark = pytest.mark.django_db

FILLED = {
    "value": f"{SECRET:,}",
    "answer": "given",
    "unit": "message_delivered",
    "component": "ice_hsi",
    "message_key": "DQ",
    "door": "nlets",
    "producer": "control_point",
    "fan_out": "unknown",
    "grain": "month",
    "starts_on": "2025-03-01",
    "ends_on": "",
}
TOLD = {"jurisdiction": "MD", "item": "1", "confidence": "high", "caveat": ""}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def ritas(rita: Person) -> Client:
    return client_of(rita)


@pytest.fixture
def sams(sam: Person) -> Client:
    return client_of(sam)


def text_of(client: Client, name: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status, name
    return answer.content.decode()


# --- Keeping ------------------------------------------------------------------------------------------------------


def test_a_finding_begins_with_its_evidence(ritas: Client, table: Document) -> None:
    new = reverse("review:finding-new", args=[table.pk])
    first = ritas.get(new).content.decode()
    assert "Where does the value stand?" in first and 'name="value"' not in first
    marked = ritas.post(
        reverse("review:finding-mark", args=[table.pk]), {"number": "1", "words": f"HSI March 2025 {SECRET:,}"}
    )
    annotation = Annotation.objects.get()
    assert marked["Location"] == f"{new}?evidence={annotation.pk}"
    second = ritas.get(marked["Location"]).content.decode()
    assert "Number of queries" in second and 'name="value"' not in second
    third = ritas.get(f"{new}?evidence={annotation.pk}&field=K1.query_count").content.decode()
    assert 'name="value"' in third and "HSI is part of ICE" in third and "/picture/900/" in third


def test_words_that_do_not_stand_there_mark_nothing(ritas: Client, table: Document) -> None:
    answer = ritas.post(reverse("review:finding-mark", args=[table.pk]), {"number": "1", "words": "HSI 999"})
    assert answer.status_code == 422 and "does not stand there" in answer.content.decode()
    assert not Annotation.objects.exists()


def keep(client: Client, table: Document, mark: Annotation, **changes: str) -> Any:
    url = f"{reverse('review:finding-new', args=[table.pk])}?evidence={mark.pk}&field=K1.query_count"
    return client.post(url, {**FILLED, **TOLD, **changes})


def test_what_is_filled_in_becomes_a_finding(ritas: Client, table: Document, rita: Person) -> None:
    mark = a_mark(table, rita)
    answer = keep(ritas, table, mark)
    kept = Finding.objects.get()
    assert answer["Location"] == kept.get_absolute_url()
    assert (kept.claim, kept.item, kept.state) == (HSI, 1, "waiting")
    shown = ritas.get(answer["Location"]).content.decode()
    assert f"{SECRET:,} messages delivered" in shown and "March 2025" in shown and "ICE: Homeland Security" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"value": ""}, "Give the value, or choose why there is none", id="nothing"),
        pytest.param({"value": "a dozen"}, "Give a number in digits", id="no-number"),
        pytest.param({"unit": ""}, "Choose what is counted", id="no-unit"),
        pytest.param({"ends_on": "2025-02-01"}, "ends before it starts", id="ends-before-it-starts"),
        pytest.param({"component": "ice_unspecified"}, "HSI is counted apart from ICE", id="ice-for-hsi"),
        pytest.param({"value": "73,149"}, "does not stand in the marked words", id="digits-turned-round"),
        pytest.param({"message_key": "image_flag"}, "A photo is no kind of query", id="photo-as-query"),
        pytest.param({"jurisdiction": "XX"}, "Select a valid choice", id="no-such-state"),
    ],
)
def test_what_cannot_be_kept_stays_in_the_form_with_its_reason(
    ritas: Client, table: Document, rita: Person, changes: dict[str, str], said: str
) -> None:
    answer = keep(ritas, table, a_mark(table, rita), **changes)
    shown = answer.content.decode()
    assert answer.status_code == 422 and said in shown
    assert 'value="2025-03-01"' in shown
    assert not Finding.objects.exists()


def test_a_doubt_is_ticked_once_and_kept(ritas: Client, table: Document, rita: Person) -> None:
    mark = a_mark(table, rita)
    first = keep(ritas, table, mark, component="ice_unspecified").content.decode()
    assert 'value="hsi_named"' in first and 'value="covered"' not in first
    keep(ritas, table, mark, component="ice_unspecified", confirmed="hsi_named")
    kept = Finding.objects.get()
    assert kept.doubts == ["hsi_named"]
    assert "Kept with a doubt" in text_of(ritas, "review:finding", kept.pk)


def test_the_next_value_of_a_table_begins_with_what_the_last_one_said(
    ritas: Client, table: Document, rita: Person
) -> None:
    answer = keep(ritas, table, a_mark(table, rita), then="another")
    shown = ritas.get(answer["Location"]).content.decode()
    assert '<option value="ice_hsi" selected>' in shown and '<option value="DQ" selected>' in shown
    assert str(SECRET) not in answer["Location"] and f'value="{SECRET}' not in shown


def test_a_private_mark_is_no_evidence(ritas: Client, table: Document, rita: Person) -> None:
    mark = a_mark(table, rita, visibility="me")
    url = f"{reverse('review:finding-new', args=[table.pk])}?evidence={mark.pk}"
    assert "cannot be evidence" in ritas.get(url).content.decode()


@pytest.mark.parametrize("field", ["K1.nothing", "K9.query_count", "K1", "K1.dhs_share", "x" * 200])
def test_a_field_that_nobody_types_is_not_there(ritas: Client, table: Document, rita: Person, field: str) -> None:
    url = f"{reverse('review:finding-new', args=[table.pk])}?evidence={a_mark(table, rita).pk}&field={field}"
    assert ritas.get(url).status_code == 404


@pytest.mark.parametrize("kit", [f"K{number}" for number in range(1, 9)])
def test_every_field_of_every_kit_has_its_form(ritas: Client, table: Document, rita: Person, kit: str) -> None:
    mark = a_mark(table, rita)
    for each in definitions_of(catalog.get_kit(kit)):
        url = f"{reverse('review:finding-new', args=[table.pk])}?evidence={mark.pk}&field={kit}.{each.name}"
        answer = ritas.get(url)
        assert answer.status_code == (404 if each.is_derived else 200), each.name


# --- The second reading -------------------------------------------------------------------------------------------


def every_page(finding: Finding) -> Iterator[str]:
    """Walk the addresses of the review room that a finding, its document and its request fill in, by GET."""
    args: dict[str, Any] = {"finding": finding.pk}
    for name in get_resolver("requests_app.review.urls").reverse_dict:
        if not isinstance(name, str):
            continue
        for given in ([], [args["finding"]], [finding.document_id], [finding.evidence.get().pk]):
            try:
                yield reverse(f"review:{name}", args=given)
            except Exception:  # noqa: BLE001, S112  another kind of address
                continue


def test_nothing_a_second_reader_opens_shows_the_first_value(
    table: Document, rita: Person, sams: Client, sam: Person, bob: Person
) -> None:
    """The mark is of the whole page, so the number stands in no quote; all that could show it is the finding."""
    hidden = otherwise(number=Decimal(918_273), starts_on=HSI.starts_on, door="broker", fan_out="no")
    mark = marking.annotate(table, WholePage(1), marking.Said(), by=rita, now=NOON)
    told = Told(jurisdiction="MD", caveat="Said 918273 twice.", confidence="low")
    kept = a_finding(table, rita, hidden, evidence=[mark], told=told)
    for client in (sams, client_of(bob), client_of(PersonFactory(handle="ada", roles=["administrator"]))):
        seen = 0
        for url in dict.fromkeys(every_page(kept)):
            answer = client.get(url)
            if answer.status_code != 200 or answer.streaming:
                continue
            body = answer.content.decode(errors="replace")
            assert "918273" not in body and "918,273" not in body, url
            assert "Over a data broker" not in body or "<option" in body
            seen += 1
        assert seen >= 5
    form = sams.get(reverse("review:finding-read", args=[kept.pk])).content.decode()
    assert "selected" not in form.split("<form", 1)[1].replace('<option value="" selected>', "").replace(
        '<option value="given" selected>', ""
    ).replace('<option value="month" selected>', "").replace('<option value="unknown" selected>', "")
    # Wrong tries tell nothing either.
    answer = sams.post(reverse("review:finding-read", args=[kept.pk]), {**FILLED, "unit": ""})
    assert answer.status_code == 422 and "918" not in answer.content.decode().split("</form>")[0].split("<form", 1)[1]
    # Its reader sees it.
    assert "918,273" in text_of(client_of(rita), "review:finding", kept.pk)


def test_the_same_value_verifies_and_leads_on_to_the_next(sams: Client, table: Document, rita: Person) -> None:
    one, two = a_finding(table, rita), a_finding(table, rita)
    answer = sams.post(reverse("review:finding-read", args=[one.pk]), {**FILLED, "then": "next"}, follow=True)
    assert answer.redirect_chain == [(reverse("review:finding-read", args=[two.pk]), 302)]
    assert "the value is verified" in answer.content.decode()
    one.refresh_from_db()
    assert one.state == "verified"


def test_another_value_goes_to_a_third_person(
    sams: Client, ritas: Client, table: Document, rita: Person, tess: Person
) -> None:
    kept = a_finding(table, rita)
    sams.post(reverse("review:finding-read", args=[kept.pk]), {**FILLED, "unit": "message_originated"})
    kept.refresh_from_db()
    assert kept.state == "differs"
    for reader in (sams, ritas):
        answer = reader.get(reverse("review:finding-decide", args=[kept.pk]), follow=True)
        assert "There is nothing for you to decide" in answer.content.decode()
    third = client_of(tess)
    shown = text_of(third, "review:finding-decide", kept.pk)
    assert f"{SECRET:,} messages delivered" in shown and f"{SECRET:,} messages sent" in shown and "differs" in shown
    sent = {**FILLED, "why": "The heading says delivered.", "seen_revision": kept.revision}
    answer = third.post(reverse("review:finding-decide", args=[kept.pk]), sent, follow=True)
    shown = answer.content.decode()
    assert "Decided after two readers differed" in shown and "The heading says delivered." in shown
    assert "messages sent" in shown  # the reading that did not stand


def test_nobody_is_led_to_read_their_own_value(ritas: Client, table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    answer = ritas.get(reverse("review:finding-read", args=[kept.pk]), follow=True)
    assert answer.redirect_chain[0][0] == kept.get_absolute_url()
    assert "does not wait for you" in answer.content.decode()
    ritas.post(reverse("review:finding-read", args=[kept.pk]), FILLED)
    kept.refresh_from_db()
    assert kept.state == "waiting"


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_settled_finding_changes_with_a_reason_and_waits_again(
    ritas: Client, sams: Client, table: Document, rita: Person, sam: Person
) -> None:
    kept = settled(table, rita, sam)
    url = reverse("review:finding-change", args=[kept.pk])
    assert f'value="{SECRET}"' in ritas.get(url).content.decode()
    sent = {**FILLED, **TOLD, "fan_out": "no", "evidence": [kept.evidence.get().pk], "seen_revision": kept.revision}
    assert "Say why it changes" in ritas.post(url, {**sent, "why": ""}).content.decode()
    ritas.post(url, {**sent, "why": "The legend."})
    kept.refresh_from_db()
    assert (kept.state, kept.fan_out, kept.round) == ("waiting", "no", 2)
    assert sams.get(url).status_code == 403  # hidden from him again
    assert (
        "Without evidence" in ritas.post(url, {**sent, "evidence": [], "seen_revision": kept.revision}).content.decode()
    )


def test_what_another_window_changed_is_not_overwritten(ritas: Client, table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    url = reverse("review:finding-change", args=[kept.pk])
    sent = {**FILLED, **TOLD, "why": "", "evidence": [kept.evidence.get().pk], "seen_revision": kept.revision}
    ritas.post(url, {**sent, "fan_out": "no"})
    answer = ritas.post(url, {**sent, "confidence": "low"})
    assert answer.status_code == 422 and "yours was not kept" in answer.content.decode()


def test_acts_with_a_reason(ritas: Client, table: Document, rita: Person, sam: Person) -> None:
    old, new, third = settled(table, rita, sam), settled(table, rita, sam), a_finding(table, rita)
    replace = reverse("review:finding-replace", args=[old.pk])
    given = {"why": "Corrected.", "seen_revision": old.revision}
    assert "no finding of that number" in ritas.post(replace, {**given, "other": 99_999}).content.decode()
    ritas.post(replace, {**given, "other": new.pk})
    old.refresh_from_db()
    assert (old.state, old.replaced_by) == ("superseded", new)
    contradict = reverse("review:finding-contradict", args=[new.pk])
    ritas.post(contradict, {"why": "Other sums.", "other": third.pk, "seen_revision": 0})
    link = Contradiction.objects.get()
    assert "Other sums." in text_of(ritas, "review:finding", new.pk)
    # Whoever may not see the other value reads no note about it.
    assert "Other sums." not in text_of(client_of(sam), "review:finding", third.pk)
    ritas.post(reverse("review:contradiction-reconcile", args=[link.pk]))
    link.refresh_from_db()
    assert link.taken_back_at
    withdraw = reverse("review:finding-withdraw", args=[third.pk])
    assert client_of(sam).get(withdraw).status_code == 403
    ritas.post(withdraw, {"why": "Wrong page.", "seen_revision": 0})
    third.refresh_from_db()
    assert third.state == "withdrawn"


def test_a_draft_is_offered(ritas: Client, sams: Client, table: Document, rita: Person) -> None:
    keep(ritas, table, a_mark(table, rita), then="draft")
    kept = Finding.objects.get()
    assert kept.state == "draft"
    text_of(sams, "review:finding", kept.pk, status=404)
    assert "Give it to a second reader" in text_of(ritas, "review:finding", kept.pk)
    ritas.post(reverse("review:finding-offer", args=[kept.pk]))
    kept.refresh_from_db()
    assert kept.state == "waiting"


# --- Lists --------------------------------------------------------------------------------------------------------


def test_the_list_says_what_waits_and_hides_what_is_blind(
    sams: Client, table: Document, rita: Person, sam: Person
) -> None:
    settled(table, rita, sam)
    waiting = a_finding(table, rita, otherwise(component="ice_ero"), confirmed=["hsi_named"])
    shown = text_of(sams, "review:findings")
    assert "1 value waits for a second reader" in shown and f"{SECRET:,}" in shown
    assert "hidden until it is read again" in shown and "Enforcement and Removal" not in shown
    only = sams.get(reverse("review:findings"), {"state": "settled"}).content.decode()
    assert f"/findings/{waiting.pk}/" not in only.split("<table")[1]
    assert "No finding fits" in sams.get(reverse("review:findings"), {"jurisdiction": "VA"}).content.decode()
    assert sams.get(reverse("review:findings"), {"before": "x", "state": "y" * 500}).status_code == 200


def test_numbers_side_by_side_say_what_may_be_done(sams: Client, table: Document, rita: Person, sam: Person) -> None:
    march = settled(table, rita, sam)
    again = settled(table, rita, sam, otherwise(producer="dmv"))
    url = reverse("review:findings-compare")
    both = sams.get(url, {"f": [march.pk, again.pk]}).content.decode()
    assert "Two offices counted the same queries" in both and "Together:" not in both
    assert "Choose two numbers or more" in sams.get(url, {"f": [march.pk, "x", "9" * 30]}).content.decode()


def test_the_list_asks_the_same_few_questions_however_long_it_is(
    table: Document, rita: Person, sam: Person, django_assert_num_queries: Any
) -> None:
    asked = []
    client = client_of(sam)
    settled(table, rita, sam)
    for more in (0, 6):
        for _each in range(more):
            settled(table, rita, sam)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("review:findings"))
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_coverage_by_state_and_item(
    sams: Client, letter: RecordsRequest, table: Document, rita: Person, sam: Person, bob: Person
) -> None:
    settled(table, rita, sam, told=Told(jurisdiction="MD", item=1))
    shown = text_of(sams, "review:findings-coverage")
    assert "Maryland" in shown and "?state=MD&amp;kit=K1" in shown
    url = reverse("review:findings-coverage")
    state = sams.get(url, {"state": "MD"}).content.decode()
    assert "Existing reports." in state and "Verified" in state and "Not sent yet" in state
    assert sams.get(url, {"state": "XX"}).status_code == 404
    assert "Nothing was asked of Virginia" in sams.get(url, {"state": "VA"}).content.decode()


def test_strangers_and_volunteers_stay_out(table: Document, rita: Person, alice: Person) -> None:
    kept = a_finding(table, rita)
    for name, args in (("review:findings", []), ("review:finding", [kept.pk]), ("review:findings-coverage", [])):
        assert client_of(alice).get(reverse(name, args=args)).status_code == 403
        assert Client().get(reverse(name, args=args)).status_code == 302
    assert client_of(alice).get(reverse("review:finding-new", args=[table.pk])).status_code == 403


def test_a_locked_file_shows_no_words_of_its_evidence(sams: Client, table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    shown = text_of(sams, "review:finding", kept.pk)
    assert f"HSI March 2025 {SECRET:,}" in shown  # the page itself is evidence for everybody
    Blob.objects.filter(pk=table.blob_id).update(locked_why="a virus")
    assert f"{SECRET:,}" not in text_of(sams, "review:finding", kept.pk)


def test_services_and_screens_agree_on_what_a_reading_is(
    table: Document, rita: Person, sam: Person, sams: Client
) -> None:
    kept = a_finding(table, rita)
    sams.post(reverse("review:finding-read", args=[kept.pk]), FILLED)
    kept.refresh_from_db()
    assert kept.readings.get().claim == HSI and services.definition_for(kept).name == "query_count"
