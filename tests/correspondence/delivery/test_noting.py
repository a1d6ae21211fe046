"""What mail servers report stands beside the letter, and changes nothing else by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from requests_app.agencies.models import AgencyChange
from requests_app.correspondence.delivery import noting, queries
from requests_app.correspondence.delivery.reports import standing_of
from requests_app.correspondence.incoming import services as incoming
from requests_app.correspondence.incoming import settling
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.models import Notice, Person
from tests.correspondence.delivery.conftest import LATER, kinds, report

pytestmark = pytest.mark.django_db
Arrives = Callable[..., IncomingMessage]
AN_HOUR_ON = LATER + timedelta(hours=1)


def standing(letter: OutgoingLetter) -> str:
    letter.refresh_from_db()
    return standing_of(letter)


def dates(made: RecordsRequest) -> list[Any]:
    return list(Deadline.objects.filter(request=made).order_by("pk").values_list("kind", "earliest", "latest", "state"))


def test_a_letter_that_comes_back_is_not_delivered_and_no_clock_moves(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives
) -> None:
    before = dates(made)
    message = arrives(report(sent.message_id), AN_HOUR_ON)
    assert standing(sent) == "not_delivered"
    assert (sent.bounce_message, sent.bounced_at, sent.state) == (message, AN_HOUR_ON, "sent")
    made.refresh_from_db()
    assert (kinds(made), made.status, dates(made)) == (["opened", "queued", "sent"], "sent", before)
    made.contact_point.refresh_from_db()
    assert made.contact_point.health == "bounced"
    assert "no such user" in AgencyChange.objects.get(what="contact_bounced").why
    notice = Notice.objects.get(key__startswith="letter-came-back")
    assert notice.recipient == made.filer
    assert "no date was changed" in notice.text and "does not exist any more" in notice.text
    assert list(queries.not_delivered()) == [sent]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        pytest.param({"action": "delivered", "status": "2.1.5", "words": "250 ok"}, "delivered", id="delivered"),
        pytest.param({"action": "delayed", "status": "4.4.1", "words": "no answer"}, "delayed", id="delayed"),
        # RFC 3464, section 2.3.3: nobody says whether it arrived
        pytest.param({"action": "relayed", "status": "2.1.9", "words": "250 ok"}, "sent", id="relayed"),
        pytest.param({"action": "expanded", "status": "2.1.5", "words": "250 ok"}, "sent", id="a-list"),
        pytest.param({"status": "5.2.2", "words": "552 mailbox full"}, "not_delivered", id="full"),
        pytest.param({"status": "4.4.7", "words": "expired"}, "not_delivered", id="given-up"),
        pytest.param({"status": "5.7.1", "words": "554 looks like spam"}, "not_delivered", id="filter"),
        pytest.param({"recipient": "joe@agency.example"}, "not_delivered", id="another-mailbox-behind-it"),
    ],
)
def test_only_an_address_that_is_gone_is_marked(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, facts: dict[str, str], found: str
) -> None:
    arrives(report(sent.message_id, **facts), AN_HOUR_ON)
    assert standing(sent) == found
    made.contact_point.refresh_from_db()
    assert made.contact_point.health == "confirmed"
    assert Notice.objects.filter(key__startswith="letter-came-back").exists() is (found == "not_delivered")
    assert kinds(made) == ["opened", "queued", "sent"]


def test_the_address_that_the_letter_went_to_is_marked_whatever_the_request_says_today(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives
) -> None:
    from tests.factories import ContactPointFactory

    other = ContactPointFactory(agency=made.agency, value="clerk@agency.example")
    RecordsRequest.objects.filter(pk=made.pk).update(contact_point=other)
    arrives(report(sent.message_id), AN_HOUR_ON)
    healths = dict(made.agency.contact_points.values_list("value", "health"))
    assert healths == {"records@agency.example": "bounced", "clerk@agency.example": "confirmed"}


def test_many_reports_tell_people_once_and_the_first_counts(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives
) -> None:
    first = arrives(report(sent.message_id), AN_HOUR_ON)
    for hours in (2, 3):
        arrives(report(sent.message_id), LATER + timedelta(hours=hours))
    sent.refresh_from_db()
    assert sent.bounce_message == first
    assert Notice.objects.filter(key__startswith="letter-came-back").count() == 1
    assert AgencyChange.objects.filter(what="contact_bounced").count() == 1
    assert len(queries.reports_of(sent)) == 3


def test_a_delay_and_then_its_delivery(sent: OutgoingLetter, arrives: Arrives) -> None:
    arrives(report(sent.message_id, "delayed", status="4.4.1"), AN_HOUR_ON)
    assert standing(sent) == "delayed"
    arrives(report(sent.message_id, "delivered", status="2.1.5"), LATER + timedelta(hours=9))
    assert standing(sent) == "delivered"
    assert sent.delivered_at == LATER + timedelta(hours=9)
    assert not queries.not_delivered().exists()


def test_reports_that_disagree_are_said_to(sent: OutgoingLetter, arrives: Arrives) -> None:
    arrives(report(sent.message_id, "delivered", status="2.1.5"), AN_HOUR_ON)
    arrives(report(sent.message_id), LATER + timedelta(hours=2))
    assert standing(sent) == "disputed"
    assert list(queries.not_delivered()) == [sent]


def test_a_report_that_anybody_could_have_written_waits_and_says_nothing_until_a_person_accepts_it(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, bob: Person
) -> None:
    message = arrives(report("<guessed@elsewhere.example>"), AN_HOUR_ON)
    assert (message.state, message.bounced_letter) == ("triage", sent)
    assert standing(sent) == "sent"
    made.contact_point.refresh_from_db()
    assert made.contact_point.health == "confirmed"
    settling.accept(message.pk, seen=message.changes, by=bob, now=AN_HOUR_ON)
    assert standing(sent) == "not_delivered"
    message.refresh_from_db()
    settling.bring_back(message.pk, seen=message.changes, by=bob, now=AN_HOUR_ON)
    assert standing(sent) == "sent", "what was taken away says nothing any more"
    message.refresh_from_db()
    settling.undo(message.pk, seen=message.changes, by=bob, now=AN_HOUR_ON)
    assert standing(sent) == "not_delivered"
    assert Notice.objects.filter(key__startswith="letter-came-back").count() == 1, "nobody is told twice"


def test_a_mail_that_is_read_again_takes_its_fact_along(sent: OutgoingLetter, arrives: Arrives, reader: Reader) -> None:
    message = arrives(report(sent.message_id), AN_HOUR_ON)
    incoming.reprocess(RawMail.objects.all())
    incoming.process(message.raw_id, now=LATER + timedelta(hours=5), reader=reader)
    assert standing(sent) == "not_delivered"
    assert sent.bounced_at == AN_HOUR_ON
    IncomingMessage.objects.filter(pk=message.pk).update(bounced_letter=None)
    noting.note_reports([sent.pk, None], now=AN_HOUR_ON)
    assert standing(sent) == "sent"


def test_an_answer_of_the_agency_ends_the_task_although_a_report_says_otherwise(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives
) -> None:
    from tests.factories import record

    arrives(report(sent.message_id), AN_HOUR_ON)
    record(made, ("acknowledged", "2026-03-02"))
    assert not queries.not_delivered().exists()
    assert not queries.tries_of(made)[0].is_open


@pytest.mark.parametrize(
    "words", ["\x00", "550 \ud800 gone", "x" * 100_000, "550 \u202egnp.exe", "\r\nBcc: a@b.example"]
)
def test_hostile_words_of_a_report_do_no_harm(
    sent: OutgoingLetter, made: RecordsRequest, arrives: Arrives, volunteer_client: Client, words: str
) -> None:
    raw = report(sent.message_id, words="WORDS").replace(b"WORDS", words.encode("utf-8", "surrogatepass"))
    arrives(raw, AN_HOUR_ON)
    assert standing(sent) == "not_delivered"
    shown = volunteer_client.get(made.get_absolute_url())
    assert shown.status_code == 200
    assert "\u202e" not in shown.content.decode()
