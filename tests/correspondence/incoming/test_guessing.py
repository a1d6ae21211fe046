"""Who tries addresses that were never given out is slowed down, learns nothing, and loses no mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.guessing import sending_server
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, Placement, RawMail, WrongAddresses
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.ways import lmtp
from requests_app.filing.models import RecordsRequest
from requests_app.filing.reply_addresses import new_token
from tests.correspondence.incoming.mails import ADDRESS, mail
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
FROM = "Received: from relay.guess.example (relay.guess.example [8.8.4.4]) by mx.reply.example with ESMTPS; x"
ELSEWHERE = FROM.replace("8.8.4.4", "1.1.1.1")
SLIP = "records+md20260007k3v9x2ab@reply.example"


def wrong(many: int) -> list[str]:
    return [f"records+{new_token()}@reply.example" for _number in range(many)]


def receive(
    reader: Reader, envelope: Sequence[str], *, to: str = "records@reply.example", server: str = FROM,
    hours: int = 0, **facts: Any,
) -> IncomingMessage:  # fmt: skip
    now = NOON + timedelta(hours=hours)
    raw = services.take_in([mail(to=to, top=(server,), **facts)], way="lmtp", envelope_to=envelope, now=now)
    services.process(raw.pk, now=now, reader=reader)
    raw.refresh_from_db()
    assert raw.message is not None
    return raw.message


def standing(message: IncomingMessage) -> tuple[str, str]:
    return message.state, message.triage_reason


def test_beyond_the_limit_mail_is_kept_but_matched_by_no_guess(letter: RecordsRequest, reader: Reader, settings: Any):
    settings.MAIL_WRONG_ADDRESSES_PER_HOUR = 3
    assert standing(receive(reader, wrong(3))) == ("triage", "unmatched")
    assert standing(receive(reader, [SLIP])) == ("filed", ""), "at the limit, nothing changes"
    assert standing(receive(reader, wrong(1))) == ("triage", "guessed")
    caught = receive(reader, [SLIP])
    assert standing(caught) == ("triage", "guessed")
    assert caught.suggestions == [letter.pk] and not Placement.objects.filter(message=caught).exists()
    assert standing(receive(reader, [ADDRESS])) == ("triage", "guessed"), "a short token can be found by trying"
    assert standing(receive(reader, [], subject="MD-2026-0007")) == ("triage", "guessed")
    assert WrongAddresses.objects.get().count == 4
    assert standing(receive(reader, [SLIP], server=ELSEWHERE)) == ("filed", ""), "others are not held back"
    assert standing(receive(reader, [SLIP], hours=1)) == ("filed", ""), "nor is this one, an hour later"


def test_a_long_token_is_found_by_nobody_and_always_counts(letter: RecordsRequest, reader: Reader, settings: Any):
    settings.MAIL_WRONG_ADDRESSES_PER_HOUR = 1
    RecordsRequest.objects.filter(pk=letter.pk).update(reply_token=new_token())
    letter.refresh_from_db()
    receive(reader, wrong(5))
    right = f"records+{letter.reply_token}@reply.example"
    assert standing(receive(reader, [right])) == ("filed", "")
    assert standing(receive(reader, [right, *wrong(9)])) == ("filed", "")


def test_a_mail_is_counted_once_however_often_it_is_read(letter: RecordsRequest, reader: Reader):
    message = receive(reader, wrong(2))
    for _time in range(2):
        services.reprocess(RawMail.objects.filter(pk=message.raw_id))
        services.process(message.raw_id, now=NOON, reader=reader)
    assert WrongAddresses.objects.get().count == 2


def test_ordinary_mail_is_not_counted(letter: RecordsRequest, reader: Reader):
    receive(reader, [ADDRESS])
    receive(reader, ["records@reply.example", "info@reply.example"])
    assert not WrongAddresses.objects.exists()


def test_old_counts_are_forgotten(letter: RecordsRequest, reader: Reader):
    receive(reader, wrong(1))
    receive(reader, wrong(1), hours=8 * 24)
    assert WrongAddresses.objects.get().hour == (NOON + timedelta(days=8)).replace(minute=0)


def test_the_mail_server_hears_the_same_of_every_address(
    letter: RecordsRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lmtp, "close_old_connections", lambda: None)  # the connection is the test's own
    settings.MAIL_WRONG_ADDRESSES_PER_HOUR = 1

    class Delivered:
        mail_from, content = "x@guess.example", mail()

    listener, answers = lmtp.Listener(lambda: NOON), set()
    for to in ([ADDRESS], wrong(50), ["records@reply.example"], [SLIP]):
        envelope: Any = Delivered()
        envelope.rcpt_tos = to
        answers.add(listener._take_in(envelope))
    listener.workers.shutdown()
    assert answers == {lmtp.KEPT}
    assert Arrival.objects.count() == 4


@pytest.mark.parametrize(
    ("received", "server"),
    [
        pytest.param(["from a (b [8.8.4.4]) by mx"], "8.8.4.4", id="plain"),
        pytest.param(["from a ([IPv6:2001:4860:4860::8888]) by mx"], "2001:4860:4860::/64", id="version-6"),
        pytest.param(["from l (l [127.0.0.1]) by mx", "from a ([8.8.4.4]) by mx"], "8.8.4.4", id="through-ourselves"),
        pytest.param(["from l ([10.1.2.3]) by mx", "from a ([8.8.4.4]) by mx"], "8.8.4.4", id="through-our-net"),
        pytest.param(["from a ([8.8.4.4]) by mx", "from z ([9.9.9.9]) by a"], "8.8.4.4", id="the-topmost"),
        pytest.param(["by mx ([8.8.4.4]) with LMTP"], "", id="what-received-it"),
        pytest.param(["from a ([999.8.4.4]) by mx"], "", id="no-address"),
        pytest.param(["from " + "[8.8.4.4" * 1000], "", id="endless"),
        pytest.param(["\x00\ud800[::1%x]"], "", id="rubbish"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_the_server_is_the_one_that_ours_noted(received: list[str], server: str):
    assert sending_server([("Received", line) for line in received]) == server
    assert sending_server([("X-Received", line) for line in received]) == ""
