"""The desk, reminders and people's pages are given what no form sends: each answers clearly, never with an error.

Every parameter of every page, one at a time, beside values that are right: so the hostile one reaches its reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, resolve

from tests.test_permissions import House, house

__all__ = ["house"]  # the fixture, used by name
pytestmark = pytest.mark.django_db

HOSTILE: dict[str, bytes] = {
    "a NUL": b"a\0b",
    "a novel": b"long words " * 400,
    "a number beyond every column": b"9" * 31,
    "a number beyond Python's patience": b"9" * 5000,
    "no ASCII digit": "²".encode(),
    "the last day of the calendar": b"9999-12-31",
    "the first day of the calendar": b"0001-01-01",
    "another header": b"a\r\nSet-Cookie: stolen=1",
    "another site": b"//evil.example/?state=%_\\%s{0}",
    "a tag": b"<script>alert(1)</script>",
    "half a surrogate": b"\xed\xa0\x80",
    "a page key": b"9999-12-31~" + b"9" * 30,
    "a row of the desk": b"MD-2026-0001\0:1",
    "words that grow in an address": b"words=" + "é".encode() * 594,
    "many filters": b"&".join(b"state=MD" for _ in range(60)),
    "nothing": b"",
}
"""As they stand in an address or a form, before anything is escaped."""

LOOKS: dict[str, tuple[str, ...]] = {
    "tracking:desk": ("words", "state", "status", "agency", "person", "group", "after", "everything"),
    "tracking:desk-views": ("query",),
    "tracking:desk-row": ("back",),
    "tracking:desk-record-what": ("back",),
    "tracking:desk-record": ("back",),
    "tracking:desk-letter": ("back",),
    "tracking:desk-snooze": ("back",),
    "tracking:desk-assign": ("back",),
    "tracking:desk-note": ("back",),
    "correspondence:post-log": ("standing", "carrier", "state", "from_day", "to_day", "words", "after"),
    "correspondence:fax-log": ("after",),
    "correspondence:print-letters": ("campaign",),
    "correspondence:post-pack": ("addressing", "shape", "certified", "duplex", "contact"),
    "documents:photographs": ("at",),
    "documents:scans": ("page",),
    "people:notices": ("before", "show"),
    "people:absences": ("page",),
    "tracking:mutes": ("page",),
    "tracking:policy": ("page",),
}

DAY = "2026-03-09"
PROFILE = {"handle": "newcomer", "home_state": "MD", "time_zone": "America/New_York", "legal_name": "Nell Newcomer",
           "postal_address": "1 Main Street", "phone": "555 0100"}  # fmt: skip
PASSWORDS = {"password": "four words of straw", "password_again": "four words of straw"}
MOMENT = {"moment-TOTAL_FORMS": "1", "moment-INITIAL_FORMS": "0", "moment-0-when": "before", "moment-0-days": "5",
          "moment-0-to": "assignee", "moment-0-channel": "mail"}  # fmt: skip


def acts(house: House) -> dict[str, tuple[str, dict[str, str]]]:
    """Who posts what to each address, as its own form would."""
    row = f"{house.records_request.reference}:{house.records_request.last_sequence}"
    other = str(house.people["assignee"].pk)
    bulk = {"row": row, "back": "state=MD", "step": "do"}
    return {
        "tracking:desk-views": ("coordinator", {"name": "Mine", "shared": "on", "query": "state=MD"}),
        "tracking:desk-view-share": ("coordinator", {"shared": "yes"}),
        "tracking:desk-first-view": ("coordinator", {"view": str(house.view.pk)}),
        "tracking:desk-look": ("coordinator", {"columns": "state", "keys": "on"}),
        "tracking:hand-over": ("coordinator", {"to": other}),
        "tracking:desk-bulk assign": ("coordinator", {"act": "assign", "assignee": other, **bulk}),
        "tracking:desk-bulk snooze": ("coordinator", {"act": "snooze", "until": DAY, "why": "w", **bulk}),
        "tracking:desk-bulk note": ("coordinator", {"act": "note", "text": "t", **bulk}),
        "tracking:desk-bulk send": ("coordinator", {"act": "send", "letter": "1:1", **bulk}),
        "tracking:desk-undo": ("coordinator", {"back": "state=MD"}),
        "tracking:desk-wake": ("coordinator", {"back": "state=MD"}),
        "tracking:desk-record": ("coordinator", {"happened_on": "2026-03-02", "note": "", "words": "", "back": ""}),
        "tracking:desk-letter": ("coordinator", {"letter": "1", "seen": "1", "back": "state=MD"}),
        "tracking:desk-snooze": ("coordinator", {"until": DAY, "why": "w", "back": "state=MD"}),
        "tracking:desk-assign": ("coordinator", {"assignee": other, "back": "state=MD"}),
        "tracking:desk-note": ("coordinator", {"text": "t", "back": "state=MD"}),
        "correspondence:post-sent": ("coordinator", {"carrier": "usps", "service": "certified", "number": "123456",
                                                     "posted_on": "2026-03-02", "note": "n"}),
        "correspondence:posting": ("coordinator", {"outcome": "delivered", "on": "2026-03-02", "on_timeline": "on"}),
        "correspondence:posting-strike": ("coordinator", {"why": "w"}),
        "correspondence:fax-sent": ("coordinator", {"number": "4105550111", "pages": "3", "sent_on": "2026-03-02",
                                                    "sent_time": "09:00", "confirmation": "c", "note": "n"}),
        "correspondence:fax-sending": ("coordinator", {"result": "arrived", "on": "2026-03-02", "note": "n"}),
        "correspondence:fax-send": ("coordinator", {"seen": "0"}),
        "correspondence:next-fax-send": ("coordinator", {"seen": "0"}),
        "correspondence:call": ("coordinator", {"called_on": "2026-03-02", "outcome": "told", "office": "o",
                                                "said": "s"}),
        "correspondence:message-erase": ("administrator", {"why": "w", "meant": "on"}),
        "correspondence:print-letters": ("coordinator", {"addressing": "window", "shape": "us10", "certified": "no",
                                                         "first": "1", "later": "1"}),
        "correspondence:print-batch-posted": ("coordinator", {"carrier": "usps", "service": "certified", "letter": "1",
                                                              "posted_on": "2026-03-02", "step": "do"}),
        "tracking:mute": ("coordinator", {"until": DAY, "why": "w", "ours_too": "on"}),
        "tracking:mute-end": ("coordinator", {"from": "request"}),
        "tracking:policy-rule": ("coordinator", {"escalate_after_days": "5", "why": "w", "based_on": "0", **MOMENT}),
        "tracking:policy-change": ("coordinator", {"proposal": "x:y:z", "sure": "yes"}),
        "documents:agency-links": ("coordinator", {"given_to": "Pat", "days": "30", "most_files": "5",
                                                   "megabytes": "9"}),
        "documents:handed-in-settle": ("coordinator", {"from": "list"}),
        "hand_in:door": ("anonymous", {"code": house.link_code}),
        "hand_in:page": ("anonymous", {"by_whom": "Pat", "email": "pat@agency.example", "message": "m"}),
        "people:absences": ("coordinator", {"person": other, "starts_on": DAY, "ends_on": DAY, "delegate": other}),
        "people:preferences": ("filer", {
            "theirs": "daily", "news": "single", "overview": "weekly", "gathers": "on", "digest_hour": "7",
            "weekday": "1", "quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "America/New_York",
            "language": "",
        }),
        "documents:photographs-act": ("filer", {"act": "left", "page": str(house.photograph.pk)}),
        "documents:photographs-keep": ("filer", {"name": "Letter", "received_on": "2999-01-01"}),
        "documents:photograph-corners": ("filer", {f"{axis}{number}": "1" for number in range(4) for axis in "xy"}),
        "documents:scan-place": ("coordinator", {f"{house.scan.pk}-reference": "MD-2025-0001",
                                                 f"{house.scan.pk}-received_on": "2026-03-02"}),
        "people:me": ("filer", PROFILE),
        "people:my-address": ("filer", {"email": "new@people.example"}),
        "people:invite": ("administrator", {"email": "guest@people.example", "roles": "volunteer"}),
        "people:accept": ("anonymous", {**PROFILE, **PASSWORDS}),
        "people:way-in": ("anonymous", PASSWORDS),
        "people:unsubscribe": ("anonymous", {"List-Unsubscribe": "One-Click"}),
        "people:notice-read": ("filer", {"next": "/"}),
        "people:notices-read": ("filer", {"next": "/"}),
    }  # fmt: skip


FORM = "application/x-www-form-urlencoded"


def client_of(house: House, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who != "anonymous":
        client.force_login(house.people[who])
    return client


def complaints(where: str, answer: Any) -> Iterator[str]:
    """What is wrong with an answer: an error of ours, or a way to somewhere else."""
    if answer.status_code >= 500 and not (answer.status_code == 503 and where.startswith("readyz")):
        yield f"{where}: {answer.status_code} {getattr(answer, 'exc_info', None)!s:.200}"
    for header in ("Location", "HX-Redirect"):
        to = answer.headers.get(header, "/")
        if urlsplit(to).netloc or not to.startswith("/") or to.startswith("//"):
            yield f"{where}: {header} leads to {to[:80]}"
    if "stolen" in answer.cookies:
        yield f"{where}: sets a cookie that was sent"


def test_every_parameter_of_every_look(house: House) -> None:
    client, wrong = client_of(house, "coordinator"), []
    for name, parameters in LOOKS.items():
        for case, value in HOSTILE.items():
            asked = "&".join(f"{parameter}={quote(value)}" for parameter in parameters)
            answer = client.get(f"{house.address(name)}?{asked}")
            wrong += complaints(f"{name} {case}", answer)
            assert b"<script>alert" not in answer.content, name
    assert not wrong, "\n".join(wrong)


def test_every_field_of_every_form(house: House) -> None:
    """Each field with a third of the values, and each form with all of them; `make endurance` takes every one."""
    ask_every_form(house, every=3)


def ask_every_form(house: House, *, every: int) -> None:
    wrong, turn = [], 0
    clients = {who: client_of(house, who) for who in ("coordinator", "filer", "administrator", "anonymous")}
    for name, (who, right) in acts(house).items():
        address = name.split(" ")[0]
        for field in right:
            headers = {"HX-Request": "true"} if field == "back" else {}
            turn += 1
            for case, value in list(HOSTILE.items())[turn % every :: every]:
                others = urlencode({key: given for key, given in right.items() if key != field})
                body = f"{others}&{field}={quote(value)}"
                with transaction.atomic():
                    answer = clients[who].post(house.address(address), body, content_type=FORM, headers=headers)
                    transaction.set_rollback(True)
                wrong += complaints(f"{name} {field} {case}", answer)
    assert not wrong, "\n".join(wrong)


PREFIXES = (
    "tracking:desk",
    "tracking:hand-over",
    "tracking:mute",
    "tracking:policy",
    "tracking:undelivered",
    "people:",
)
IN_A_PATH = (b"9" * 30, b"a\0b", b"\xff", b"x" * 3000)


def test_every_place_in_an_address(house: House) -> None:
    """Each part of the path that names something, by GET and by POST: numbers beyond every column, NUL, no UTF-8."""
    client, wrong = client_of(house, "coordinator"), []
    admin = client_of(house, "administrator")
    names = [
        f"{space}:{name}"
        for space in ("tracking", "people")
        for name in get_resolver(f"requests_app.{space}.urls").reverse_dict
        if isinstance(name, str)
    ]
    asked = 0
    for name in (name for name in names if name.startswith(PREFIXES)):
        parts = house.address(name).strip("/").split("/")
        named = {str(value) for value in resolve(house.address(name)).kwargs.values()}
        for place in (place for place, part in enumerate(parts) if part in named):
            for value in IN_A_PATH:
                address = "/" + "/".join([*parts[:place], quote(value), *parts[place + 1 :]]) + "/"
                one = admin if name.startswith("people:") else client
                for ask in (one.get, one.post):
                    with transaction.atomic():
                        answer = ask(address)
                        transaction.set_rollback(True)
                    asked += 1
                    wrong += complaints(f"{ask.__name__} {address[:120]}", answer)
    assert asked > 150
    assert not wrong, "\n".join(wrong)


def test_more_rows_than_a_form_may_have_are_answered_with_a_page(house: House) -> None:
    rows = [f"MD-2026-{number:04}:1" for number in range(5000)]
    answer = client_of(house, "coordinator").post(house.address("tracking:desk-bulk"), {"act": "note", "row": rows})
    assert answer.status_code in (302, 400)
    assert "<h1" in answer.content.decode() or answer["Location"] == "/desk/"
