"""What the agency and we wrote to each other: in one list, newest first, whole on paper, and nothing hostile in it."""

from __future__ import annotations

import hashlib
import html as html_text
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.incoming import conversation, services, settling
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, KeptFile
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents import services as documents
from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.kept import a_message
from tests.factories import NOON, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
HOSTILE = "Pay \u202egpj.exe now <script>alert(1)</script>"


def at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def a_letter(request: RecordsRequest, text: str, *, hours: int = 0, **columns: Any) -> OutgoingLetter:
    raw = f"From: us@reply.example\r\nSubject: x\r\n\r\n{text}\r\n"
    given: dict[str, Any] = {
        "to_address": "records@agency.example", "subject": "x", "raw": raw, "queued_by": request.filer,
        "queued_at": at(hours), "send_after": at(hours), "sent_at": at(hours), "state": "sent",
        "message_id": f"<{hashlib.sha256(f'{text} {hours}'.encode()).hexdigest()[:20]}@reply.example>",
    }  # fmt: skip
    return OutgoingLetter.objects.create(request=request, **{**given, **columns})


def mail_page(request: RecordsRequest) -> str:
    return reverse("correspondence:request-mail", args=[request.reference])


def seen(client: Client, where: str, status: int = 200) -> str:
    response = client.get(where)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def entries(request: RecordsRequest) -> list[conversation.Entry]:
    return conversation.page_of(request, None)[0]


def test_letters_and_answers_stand_together_newest_first(letter: RecordsRequest, volunteer_client: Client):
    a_letter(letter, "Please send us the records.", hours=1)
    a_message(on=[letter], state="filed", received_at=at(2), text="We have it.\n\n> Please send us the records.\n")
    a_letter(letter, "It is overdue.", hours=3, state="queued", sent_at=None)
    a_letter(letter, "Taken back.", hours=4, state="cancelled", sent_at=None)
    a_message(on=[letter], received_at=at(5), text="In quarantine.")
    found = entries(letter)
    assert [(entry.is_ours, entry.pieces[0][1]) for entry in found] == [
        (True, "It is overdue."),
        (False, "We have it."),
        (True, "Please send us the records."),
    ]
    assert found[0].state == "waiting to be sent" and found[2].state == ""
    html = seen(volunteer_client, mail_page(letter))
    assert html.index("It is overdue.") < html.index("We have it.") < html.index("Quoted text")
    assert "Taken back." not in html and "In quarantine." not in html


def test_a_first_letter_by_post_is_in_it(letter: RecordsRequest):
    RecordsRequest.objects.filter(pk=letter.pk).update(delivery="post")
    letter.refresh_from_db()
    (first,) = entries(letter)
    assert (first.is_ours, first.title, first.state) == (True, "Our request", letter.get_delivery_display())


def test_a_letter_that_failed_says_so(letter: RecordsRequest):
    a_letter(letter, "Please.", state="failed", sent_at=None, failure="550 no such user")
    assert any(entry.trouble and entry.state == "not sent" for entry in entries(letter))


def test_a_letter_that_came_back_says_so(letter: RecordsRequest):
    report = a_message(on=[letter], state="filed", kind="bounce", received_at=at(2))
    a_letter(letter, "Please.", hours=1, bounced_at=at(2), bounce_message=report)
    came_back, ours = entries(letter)[:2]
    assert came_back.trouble and (ours.trouble, ours.state) == (True, "not delivered")


def test_fifty_automatic_replies_are_one_entry(letter: RecordsRequest, volunteer_client: Client):
    for number in range(60):
        a_message(on=[letter], state="filed", kind="auto_reply", subject=f"Away {number}", received_at=at(10 + number))
    a_message(on=[letter], state="filed", subject="A real answer", received_at=at(5))
    other = a_message(on=[letter], state="filed", kind="auto_reply", from_address="x@agency.example", received_at=at(3))
    storm, real, alone = entries(letter)[:3]
    assert (storm.group_size, len(storm.others), real.title, alone.group_size) == (60, 49, "A real answer", 1)
    html = seen(volunteer_client, mail_page(letter))
    assert "60 automatic replies, one after another" in html and html.count("<article") == 4
    assert reverse("correspondence:message", args=[other.pk]) in html


def test_mail_that_was_moved_leaves_its_trace_and_is_on_the_other_with_its_files(
    letter: RecordsRequest, alice: Person, bob: Person, volunteer_client: Client
):
    other = a_request(alice, "MD-2026-0008", "p4r5s6t7", "second.example")
    message = a_message(on=[letter], state="filed", files=("numbers.csv",), subject="For the other")
    settling.move(
        message.pk, from_request=letter.pk, to_request=other.pk, why="It names the other " + HOSTILE,
        seen=message.changes, by=bob, now=at(1),
    )  # fmt: skip
    here, there = entries(letter)[0], entries(other)[0]
    assert here.moved.startswith("It names the other") and here.moved_by == bob.handle and not here.pieces
    assert there.files == (("numbers.csv", ""),) and there.title == "For the other"
    html = seen(volunteer_client, mail_page(letter))
    assert "It was moved to another request by" in html and "<script>alert" not in html and "\u202e" not in html


def test_a_file_leads_to_its_document(letter: RecordsRequest):
    message = a_message(on=[letter], state="filed", files=("numbers.csv",))
    kept = documents.receive_file(
        letter, [b"a,b\n1,2\n"], name="numbers.csv", received_on=NOON.date(), via=Document.Via.REPLY, by=None, now=NOON
    )
    KeptFile.objects.create(
        file=IncomingFile.objects.get(message=message), request=letter, document=kept.document, at=NOON
    )
    assert entries(letter)[0].files == (("numbers.csv", kept.document.get_absolute_url()),)


def test_a_long_text_is_cut_and_leads_to_the_whole(letter: RecordsRequest, volunteer_client: Client):
    message = a_message(on=[letter], state="filed", text="word " * 3_000)
    entry = entries(letter)[0]
    assert entry.is_cut and sum(len(words) for _kind, words in entry.pieces) <= conversation.LONGEST_SHOWN
    assert "Read all of it" in seen(volunteer_client, mail_page(letter))
    assert reverse("correspondence:message", args=[message.pk]) == entry.url


def test_every_page_has_other_entries_and_none_is_lost(letter: RecordsRequest, volunteer_client: Client):
    moment = at(1)
    for number in range(30):  # many at one moment
        a_message(on=[letter], state="filed", subject=f"Message {number}", received_at=moment)
        a_letter(letter, f"Letter number {number} here", hours=number // 2)
    named: list[str] = []
    where = mail_page(letter)
    for _page in range(9):
        html = seen(volunteer_client, where)
        named += re.findall(r"<bdi>(Message \d+)</bdi>|Letter number (\d+) here", html)
        found = re.search(r'href="(\?after=[^"]+)"', html)
        if not found:
            break
        where = mail_page(letter) + html_text.unescape(found[1])
    assert len(named) == 60 == len(set(named))


@pytest.mark.parametrize(
    "after", ["", "x", "2026-03-02~message~1", "2026-03-02T00:00:00+00:00~odd~1", "2026-03-02T00:00:00+00:00~letter~-1",
              "9999-99-99T00:00:00+00:00~letter~1", "2026-03-02T00:00:00+00:00~letter~" + "9" * 30, "~~", "\x00"],
)  # fmt: skip
def test_a_place_that_is_none_is_the_first_page(after: str):
    assert conversation.key_from(after) is None


def test_a_place_in_the_list_survives_its_address():
    key: conversation.Key = (datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=UTC), "letter", 7)
    assert conversation.key_from(conversation.key_text(key)) == key


@pytest.mark.parametrize("rows", [1, 9])
def test_the_queries_do_not_grow(
    rows: int, letter: RecordsRequest, volunteer_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for number in range(rows):
        a_message(on=[letter], state="filed", files=("a.csv",), received_at=at(number))
        a_letter(letter, f"Letter number {number} here", hours=number)
    with django_assert_num_queries(QUERIES):
        seen(volunteer_client, mail_page(letter))


def test_nothing_hostile_comes_through(letter: RecordsRequest, volunteer_client: Client):
    a_message(on=[letter], state="filed", subject=HOSTILE, from_name=HOSTILE, text=HOSTILE, files=("\u202egpj.exe",))
    html = seen(volunteer_client, mail_page(letter))
    assert "<script>alert" not in html and "\u202e" not in html


def test_a_request_without_mail_says_so(alice: Person, volunteer_client: Client):
    from tests.factories import RecordsRequestFactory

    assert "No mail yet" in seen(volunteer_client, mail_page(RecordsRequestFactory(filer=alice)))


# --- on paper ---------------------------------------------------------------------------------------------------------


def pdf_text(content: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(content)) as opened:
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in opened).split())


def test_the_whole_conversation_on_paper_oldest_first_with_its_quotes(letter: RecordsRequest, volunteer_client: Client):
    a_letter(letter, "Please send us the records.", hours=1)
    a_message(
        on=[letter], state="filed", received_at=at(2), subject="Your request " + HOSTILE, files=("a.csv",),
        text="We have it.\n\n> Please send us the records.\n\nhttp://evil.example/x <img src=http://evil.example/y>",
    )  # fmt: skip
    response = volunteer_client.get(reverse("correspondence:request-mail-pdf", args=[letter.reference]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{letter.reference}-mail.pdf"'
    text = pdf_text(response.content)
    assert text.index("Please send us the records.") < text.index("We have it.") < text.rindex("> Please send us")
    assert "File: a.csv" in text and "<img src=" in text


def test_more_than_fits_on_paper_says_so(letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch):
    for number in range(4):
        a_message(on=[letter], state="filed", text="word " * 100, received_at=at(number))
    assert conversation.all_of(letter)[1] is False
    monkeypatch.setattr(conversation, "ALL_PRINTED", 1_200)
    shown, is_cut = conversation.all_of(letter)
    assert is_cut and len(shown) == 2


# --- the header -------------------------------------------------------------------------------------------------------


def test_the_whole_header_is_shown_harmless(letter: RecordsRequest, coordinator_client: Client):
    raw = b"Subject: <script>alert(1)</script>\r\nX-Odd: a\xe2\x80\xaeb\x00c\xff\r\n\r\nNot the text"
    kept = services.take_in([raw], way="lmtp", now=NOON)
    message = a_message(on=[letter])
    IncomingMessage.objects.filter(pk=message.pk).update(raw=kept)
    html = seen(coordinator_client, reverse("correspondence:message-headers", args=[message.pk]))
    assert "X-Odd: ab c" in html and "&lt;script&gt;" in html
    assert "<script>alert" not in html and "Not the text" not in html


def test_the_header_of_a_mail_that_is_gone_says_so(letter: RecordsRequest, coordinator_client: Client, store: Any):
    message = a_message(on=[letter])
    store.path(message.raw_id).unlink()
    html = seen(coordinator_client, reverse("correspondence:message-headers", args=[message.pk]))
    assert "The mail is not there any more" in html


def test_a_letter_that_was_recorded_as_sent_by_hand_is_in_it_once(alice: Person):
    from tests.factories import RecordsRequestFactory

    made = RecordsRequestFactory(filer=alice, delivery="post")
    assert entries(made) == []
    record(made, ("sent", "2026-03-02"))
    assert [entry.title for entry in entries(made)] == ["Our request"]


QUERIES = 13
