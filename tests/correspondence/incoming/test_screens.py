"""The list of mail that waits, the page of one message, the mail of a request: who sees what, and nothing hostile."""

from __future__ import annotations

import html as html_text
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.correspondence.incoming import note_words, queries, services, settling, showing, trust, wording
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, KeptFile, Placement, RawMail
from requests_app.correspondence.parsing.notes import SENTENCES
from requests_app.documents import services as documents
from requests_app.documents.models import Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.absences import services as absences
from requests_app.people.models import AuditEntry, Person
from requests_app.tracking.models import Heartbeat
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_message
from tests.factories import NOON, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "monday")]
LIST = "/mail/"
HOSTILE = "Pay \u202egpj.exe\u2066 now\x07\u200b <script>alert(1)</script> " + "W" * 500


@pytest.fixture
def monday() -> Any:
    """Monday, March 2, 2026, at noon in Maryland."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def seen(client: Client, where: str, status: int = 200) -> str:
    response = client.get(where)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def page_of(message: IncomingMessage) -> str:
    return reverse("correspondence:message", args=[message.pk])


def post(client: Client, message: IncomingMessage, act: str, **data: Any) -> Any:
    message.refresh_from_db()
    where = reverse(f"correspondence:message-{act}", args=[message.pk])
    return client.post(where, {"seen": message.changes, **data})


def said(response: Any) -> str:
    return " ".join(str(one) for one in get_messages(response.wsgi_request))


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_says_why_each_message_waits(letter: RecordsRequest, coordinator_client: Client):
    a_message(subject="Who is this?")
    a_message(on=[letter], subject="From elsewhere")
    a_message(subject="Two", triage_reason="ambiguous", suggestions=[letter.pk, 10**6])
    html = seen(coordinator_client, LIST)
    for words in (
        "We found no request that it belongs to.",
        "Its sender is no known contact of the agency.",
        "It may belong to several requests.",
        "Who is this?",
        "records@agency.example",
        "by the address it was sent to",
        "Perhaps",
    ):
        assert words in html
    assert html.count(letter.reference) >= 2


def test_each_list_shows_its_own(letter: RecordsRequest, coordinator_client: Client):
    a_message(subject="Waiting one")
    a_message(subject="Deferred one", deferred_until=NOON + timedelta(days=1))
    a_message(subject="Filed one", on=[letter], state="filed")
    a_message(subject="Spammy one", state="set_aside", set_aside_why="Advertising for pens")
    found = {which: seen(coordinator_client, f"{LIST}?list={which}") for which in queries.LISTS}
    for which, word in (("waits", "Waiting"), ("later", "Deferred"), ("filed", "Filed"), ("set-aside", "Spammy")):
        assert [name for name, html in found.items() if f"{word} one" in html] == [which]
    assert "Advertising for pens" in found["set-aside"]


def test_words_are_looked_for_in_subject_and_sender(coordinator_client: Client):
    a_message(subject="Fee estimate", from_name="Records Office")
    a_message(subject="Newsletter", from_address="pens@shop.example")
    for words, wanted in (("fee office", "Fee estimate"), ("SHOP", "Newsletter")):
        html = seen(coordinator_client, f"{LIST}?words={words}")
        assert [name for name in ("Fee estimate", "Newsletter") if name in html] == [wanted]
    assert "No message fits" in seen(coordinator_client, f"{LIST}?words=fee+shop")


@pytest.mark.parametrize("which", ["waits", "set-aside"])
def test_paging_shows_every_message_once(which: str, coordinator_client: Client):
    state = "triage" if which == "waits" else "set_aside"
    made = [a_message(state=state, received_at=NOON + timedelta(hours=number // 3)) for number in range(85)]
    shown: list[str] = []
    where = f"{LIST}?list={which}"
    while where:
        html = seen(coordinator_client, where)
        shown += re.findall(r'href="/mail/(\d+)/"', html)
        following = re.search(r'href="(\?[^"]+after=\d+)"', html)
        where = LIST + following[1].replace("&amp;", "&") if following else ""
    assert len(shown) == len(set(shown)) == len(made)
    received = {str(one.pk): one.received_at for one in made}
    times = [received[pk] for pk in shown]
    assert times == sorted(times, reverse=which != "waits")
    assert seen(coordinator_client, f"{LIST}?list={which}&after=²") and seen(coordinator_client, f"{LIST}?after=99999")


@pytest.mark.parametrize("size", [1, 30])
def test_the_list_asks_the_same_for_one_and_many(
    size: int, letter: RecordsRequest, coordinator_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for number in range(size):
        a_message(on=[letter], suggestions=[letter.pk], assignee=PersonFactory(handle=f"c{number}"))
    # The session, the person with the roles, notices; the messages, their placements, the requests guessed; what the
    # tabs count, and whether the person likes keys
    with django_assert_num_queries(QUERIES_OF_LIST):
        assert seen(coordinator_client, LIST).count("data-dl-row") == size


# --- one message ------------------------------------------------------------------------------------------------------


def test_quotes_and_signature_are_folded_and_nothing_is_cut(coordinator_client: Client):
    text = "Here it is.\nSee https://evil.example/x\n\nOn Monday Bob wrote:\n> our letter\n\n-- \nRecords Office\n"
    html = seen(coordinator_client, page_of(a_message(text=text, html="<p>hello <img src=x></p>")))
    assert re.search(r"<summary>Quoted text</summary> <div[^>]*>On Monday Bob wrote:\s*&gt; our letter", html)
    assert re.search(r"<summary>Signature</summary> <div[^>]*>--\s*Records Office", html)
    assert "https://evil.example/x" in html and 'href="https://evil' not in html
    assert "Show it about as its sender laid it out" in html and "<img src=x>" not in html


def test_hostile_words_are_shown_harmless_everywhere(letter: RecordsRequest, coordinator_client: Client):
    facts: dict[str, Any] = {
        "subject": HOSTILE, "from_name": HOSTILE[:300], "from_address": HOSTILE[:200], "text": HOSTILE,
        "message_id": HOSTILE[:400], "to": [{"address": HOSTILE, "name": HOSTILE}], "set_aside_why": HOSTILE[:400],
        "notes": [["date_unreadable", {"value": HOSTILE}], ["of_the_future", {"x": 1}], ["header_too_long", {}]],
        "bounce": {"recipient": HOSTILE, "status": HOSTILE, "diagnostic": HOSTILE},
        "authentication": {"spf": "pass", "spf_domain": HOSTILE, "dkim": "pass", "dkim_domains": [HOSTILE]},
    }  # fmt: skip
    message = a_message(on=[letter], state="filed", files=[HOSTILE[:200]], **facts)
    a_message(state="set_aside", **facts)
    a_message(**facts)
    message.raw.arrivals.update(envelope_to=[HOSTILE])
    pages = [page_of(one) for one in IncomingMessage.objects.all()]
    pages += [LIST, f"{LIST}?list=set-aside", f"{LIST}?list=filed", letter.get_absolute_url()]
    for where in [*pages, reverse("correspondence:request-mail", args=[letter.reference])]:
        html = seen(coordinator_client, where)
        assert "Pay gpj.exe now" in html, where
        assert "<script>alert" not in html and "&amp;lt;" not in html, where
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x07]", html), where


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\u202eb\u2066c\u200bd", "abcd", id="turned-around"),
        pytest.param("a\r\nb\x1b[31m\tc", "a b [31m c", id="control"),
        pytest.param("مرحبا 日本 \u05e9", "مرحبا 日本 \u05e9", id="other-letters-stay"),
        pytest.param("👩\u200d⚖", "👩\u200d⚖", id="joined-stay-joined"),
        pytest.param("e" + "\u0301" * 50, "e" + "\u0301" * 4, id="climbing-marks"),
        pytest.param("\ud800x\ue000", "�x�", id="no-letters-at-all"),
    ],
)
def test_what_moves_or_hides_letters_goes(text: str, shown: str):
    assert showing.harmless(text) == shown
    assert showing.harmless("a\r\nb\tc\u202e", lines=True) == "a\nb\tc"


def test_a_file_is_linked_to_its_document_or_says_why_not(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter], state="filed", files=["kept.txt", "program.exe", "logo.png", "next.txt"])
    kept, program, logo, _next = message.files.all()
    outcome = documents.receive_file(
        letter, [b"text\n"], name="kept.txt", received_on=NOON.date(), via=Document.Via.REPLY, by=None, now=NOON
    )
    KeptFile.objects.create(file=kept, request=letter, document=outcome.document, at=NOON)
    IncomingFile.objects.filter(pk=program.pk).update(trouble="It is a program.")
    IncomingFile.objects.filter(pk=logo.pk).update(role="inline", is_record=False, original_name="LOGO.PNG")
    html = seen(coordinator_client, page_of(message))
    assert f'href="{outcome.document.get_absolute_url()}">Document of {letter.reference}' in html
    for words in ("It is a program.", "A picture in the text.", "LOGO.PNG", "within some minutes"):
        assert words in html
    assert "when the message is filed" in seen(coordinator_client, page_of(a_message(files=["a.pdf"])))


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_asks_the_same_for_few_and_many(
    size: int, letter: RecordsRequest, bob: Person, coordinator_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    others = [a_request(bob, f"MD-2026-1{number:03}", f"aaaa{number:04}") for number in range(size)]
    message = a_message(on=[letter, *others[1:]], suggestions=[others[0].pk], files=[f"{n}.pdf" for n in range(size)])
    document = documents.receive_file(
        letter, [b"text\n"], name="a.txt", received_on=NOON.date(), via=Document.Via.REPLY, by=None, now=NOON
    ).document
    for file in message.files.all():
        KeptFile.objects.create(file=file, request=letter, document=document, at=NOON)
    for _number in range(size):
        settling.note_download(message, message.raw_id, by=PersonFactory(), now=NOON)
    with django_assert_num_queries(QUERIES_OF_MESSAGE):
        seen(coordinator_client, page_of(message))


def test_the_sentences_follow_the_codes():
    assert {code: str(words) for code, words in note_words.NOTE_WORDS.items()} == dict(SENTENCES)
    assert set(wording.ABOUT_SENDER) == set(trust.REASONS)
    assert set(wording.WHY_HERE) == set(IncomingMessage.TriageReason.values)


# --- who --------------------------------------------------------------------------------------------------------------


def test_who_reads_what_is_filed(
    letter: RecordsRequest, alice: Person, charlie: Person, volunteer_client: Client, stranger_client: Client,
    reviewer_client: Client, administrator_client: Client, coordinator_client: Client,
):  # fmt: skip
    message = a_message(on=[letter], state="filed", subject="For Alice")
    waiting = a_message(on=[letter], subject="Not yet for Alice")
    html = seen(volunteer_client, page_of(message))
    assert "We have your letter." in html and "What you can do" not in html and ".eml" not in html
    request_page = seen(volunteer_client, letter.get_absolute_url())
    assert page_of(message) in request_page and "Not yet for Alice" not in request_page
    assert seen(coordinator_client, page_of(waiting))
    seen(volunteer_client, page_of(waiting), 404)
    for client in (stranger_client, reviewer_client, administrator_client):
        seen(client, page_of(message), 404)
        seen(client, LIST, 403)
    assert "For Alice" not in seen(reviewer_client, letter.get_absolute_url())
    seen(reviewer_client, reverse("correspondence:request-mail", args=[letter.reference]), 403)
    # Who stands in for her reads as she does.
    day = timezone.localdate()
    absences.go_away(alice.pk, starts_on=day, ends_on=day, delegate_id=charlie.pk, by=alice, now=NOON)
    assert "We have your letter." in seen(stranger_client, page_of(message))


def test_a_volunteer_learns_nothing_of_the_other_requests_of_a_message(
    letter: RecordsRequest, charlie: Person, volunteer_client: Client, stranger_client: Client
):
    theirs = a_request(charlie, "MD-2026-0009", "cccc3333", "third.example")
    message = a_message(on=[letter, theirs], state="filed")
    assert "MD-2026-0009" not in seen(volunteer_client, page_of(message))
    Placement.objects.filter(request=theirs).update(ended_at=NOON, ended_why="wrong")
    seen(stranger_client, page_of(message), 404)


# --- acts -------------------------------------------------------------------------------------------------------------


def test_accepting_by_the_button_and_undoing_it(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter])
    assert f"Accept, file it with {letter.reference}" in seen(coordinator_client, page_of(message))
    response = post(coordinator_client, message, "accept")
    assert (response.url, "Filed with its request." in said(response)) == (page_of(message), True)
    html = seen(coordinator_client, page_of(message))
    assert "Undo what was done last" in html and "filed it where we had guessed" in html
    post(coordinator_client, message, "undo")
    message.refresh_from_db()
    assert message.state == "triage"
    assert "Undo what was done last" not in seen(coordinator_client, page_of(message))


def test_the_other_acts_by_their_forms(letter: RecordsRequest, bob: Person, coordinator_client: Client):
    other = a_request(bob, "MD-2026-0008", "zzzz2222", "other.example")
    message = a_message()
    post(coordinator_client, message, "assign", to=bob.pk)
    post(coordinator_client, message, "defer", until="2026-03-09")
    assert "It comes back by itself on" in seen(coordinator_client, page_of(message))
    post(coordinator_client, message, "bring-back")
    post(coordinator_client, message, "place", references=" md-2026-0007 ; MD-2026-0008,")
    assert set(Placement.objects.values_list("request", flat=True)) == {letter.pk, other.pk}
    third = a_request(bob, "MD-2026-0009", "cccc3333", "third.example")
    post(coordinator_client, message, "move", leaves=letter.pk, to="MD-2026-0009", why="It says so.")
    assert "moved to another request by bob:" in seen(coordinator_client, letter.get_absolute_url())
    assert page_of(message) in seen(coordinator_client, third.get_absolute_url())
    post(coordinator_client, message, "bring-back")
    post(coordinator_client, message, "set-aside", why="Enough of it.")
    html = seen(coordinator_client, page_of(message))
    assert "Enough of it." in html and "Bring it back" in html
    assert AuditEntry.objects.filter(subject=f"incomingmessage:{message.pk}").count() == 7


@pytest.mark.parametrize(
    ("act", "data", "words"),
    [
        pytest.param("place", {"references": "MD-2026-9999"}, "There is no request MD-2026-9999.", id="unknown"),
        pytest.param("place", {"references": " , "}, "This field is required.", id="no-reference"),
        pytest.param("set-aside", {"why": ""}, "This field is required.", id="no-reason"),
        pytest.param("defer", {"until": "tomorrow"}, "Enter a valid date.", id="no-date"),
        pytest.param("accept", {"seen": "x"}, "What you can do", id="nothing-seen"),
    ],
)
def test_what_lacks_something_is_asked_again(act: str, data: Any, words: str, coordinator_client: Client):
    message = a_message()
    response = post(coordinator_client, message, act, **data)
    assert response.status_code == 422
    assert words in response.content.decode()
    message.refresh_from_db()
    assert (message.changes, message.state) == (0, "triage")


def test_who_clicks_second_is_told(letter: RecordsRequest, coordinator_client: Client):
    message = a_message(on=[letter])
    where = reverse("correspondence:message-accept", args=[message.pk])
    coordinator_client.post(where, {"seen": 0})
    response = coordinator_client.post(where, {"seen": 0})
    assert "Somebody else decided about this message" in said(response)
    assert AuditEntry.objects.filter(action="mail accepted").count() == 1


# --- the mail as it came ----------------------------------------------------------------------------------------------


def test_the_mail_as_it_came_is_a_harmless_download_and_noted(
    letter: RecordsRequest, coordinator_client: Client, volunteer_client: Client, store: Store
):
    message = a_message(on=[letter], state="filed")
    where = reverse("correspondence:message-raw", args=[message.pk, message.raw_id])
    response = coordinator_client.get(where)
    assert b"".join(response.streaming_content) == store.path(message.raw_id).read_bytes()  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f'attachment; filename="mail-{message.pk}-{message.raw_id[:8]}.eml"'
    assert response["X-Content-Type-Options"] == "nosniff" and "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("mail downloaded", f"incomingmessage:{message.pk}")
    assert volunteer_client.get(where).status_code == 403
    assert coordinator_client.get(where.replace(message.raw_id, "0" * 64)).status_code == 404
    other = a_message()
    assert (
        coordinator_client.get(reverse("correspondence:message-raw", args=[message.pk, other.raw_id])).status_code
        == 404
    )
    assert AuditEntry.objects.count() == 1


def test_an_erased_mail_says_by_whom_and_why(coordinator_client: Client):
    message = a_message()
    services.erase(
        message.raw_id, by=PersonFactory(handle="ada2", roles=["administrator"]), why="Sent in error", now=NOON
    )
    html = seen(coordinator_client, page_of(message))
    assert "Erased by ada2:" in html and "Sent in error" in html and ".eml" not in html
    assert coordinator_client.get(
        reverse("correspondence:message-raw", args=[message.pk, message.raw_id])
    ).url == page_of(message)
    assert not AuditEntry.objects.filter(action="mail downloaded").exists()


def test_copies_are_named_with_the_way_they_came(coordinator_client: Client):
    message = a_message()
    copy = services.take_in([b"Subject: again\r\n\r\nx"], way="imap", source_key="imap:1", now=NOON)
    RawMail.objects.filter(pk=copy.pk).update(message=message)
    html = seen(coordinator_client, page_of(message))
    assert "fetched from the mailbox" in html and "delivered by the mail server" in html
    assert html.count(".eml") == 2


# --- the request page and the desk ------------------------------------------------------------------------------------


def test_the_request_shows_its_newest_mail_and_leads_to_all(letter: RecordsRequest, volunteer_client: Client):
    made = [a_message(on=[letter], state="filed", received_at=NOON + timedelta(hours=number)) for number in range(45)]
    html = seen(volunteer_client, letter.get_absolute_url())
    newest_first = [str(one.pk) for one in reversed(made)]
    assert re.findall(r'href="/mail/(\d+)/"', html) == newest_first[:20]
    where = reverse("correspondence:request-mail", args=[letter.reference])
    assert where in html
    pages, following = [], where
    while following:
        pages.append(seen(volunteer_client, following))
        found = re.search(r'href="(\?after=[^"]+)"', pages[-1])
        following = where + html_text.unescape(found[1]) if found else ""
    assert len(pages) == 3 and re.findall(r'href="/mail/(\d+)/"', "".join(pages)) == newest_first


@pytest.mark.parametrize(("waiting", "shown"), [(0, "Mail that waits<"), (3, "Mail that waits (3)"), (101, "(100+)")])
def test_the_desk_counts_what_waits_to_a_hundred(
    waiting: int, shown: str, coordinator_client: Client, administrator_client: Client,
    django_assert_num_queries: Callable[..., Any],
):  # fmt: skip
    Heartbeat.objects.create(name="sweep", beat_at=NOON)
    a_message(deferred_until=NOON + timedelta(days=1))
    a_message(state="set_aside")
    if waiting:
        a_message(deferred_until=NOON)
    for _number in range(waiting - 1):
        a_message()
    with django_assert_num_queries(QUERIES_OF_DESK):
        html = seen(coordinator_client, "/desk/")
    assert shown in html
    assert "Mail that waits" not in seen(administrator_client, "/desk/")


QUERIES_OF_LIST = 10  # two of them for what the messages may mean and the links in them
# One of them: whether its sender is an agency’s and cannot be blocked; one more where not. Two of what it may mean
QUERIES_OF_MESSAGE = 15
QUERIES_OF_DESK = 9  # of an empty desk: none more than before mail was counted
