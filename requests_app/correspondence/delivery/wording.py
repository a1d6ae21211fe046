"""What became of a letter, in words for whoever sees to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from requests_app.correspondence.delivery.noting import speaks_of
from requests_app.correspondence.delivery.queries import Alternative, Try
from requests_app.correspondence.delivery.reports import BLAME_WORDS, STANDING_WORDS, TONES, Words, blame_of
from requests_app.correspondence.incoming.showing import harmless
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import Delivery

IN_TROUBLE: Final = frozenset({"not_sent", "not_delivered", "disputed"})

_REPORTED: Final[Mapping[str, Words]] = {
    "failed": _lazy("Not delivered."),
    "delayed": _lazy("Delayed: the mail server keeps trying. There is nothing to do yet."),
    "delivered": _lazy("Delivered: the receiving mail server has put it into the mailbox."),
    "relayed": _lazy("Passed on to a mail server that sends no reports. Whether it arrived, nobody says."),
    "expanded": _lazy("Passed on to everybody on a list. Whether it arrived there, nobody says."),
}


@dataclass(frozen=True)
class Told:
    """One try in words. `why` is empty where nothing went wrong; `since`: when we came to know."""

    letter: OutgoingLetter
    standing: str
    label: Words
    tone: str
    why: Words
    said: str
    since: Any
    is_open: bool


def told(one: Try) -> Told:
    """Return a try as a page shows it."""
    standing, letter = one.standing, one.letter
    since = {
        "delivered": letter.delivered_at,
        "not_delivered": letter.bounced_at,
        "disputed": letter.bounced_at,
        "delayed": letter.delayed_at,
    }.get(standing, letter.sent_at)
    why: Words = BLAME_WORDS[one.blame] if standing in IN_TROUBLE and one.blame else ""
    if standing == "disputed":
        why = _("One mail server says that it was delivered, another that it was not. Ask the agency.")
    label, said = STANDING_WORDS[standing], harmless(one.said)
    return Told(letter, standing, label, TONES[standing], why, said, since, one.is_open)


def report_words(to_address: str, said: Mapping[str, str]) -> list[Words]:
    """Return what a report means: what became of the letter, why, and whether it is about our address at all."""
    kind = said.get("kind", "")
    words: list[Words] = [_REPORTED.get(kind, _("A mail server reports on this letter."))]
    if kind == "failed":
        words.append(BLAME_WORDS[blame_of(said.get("status", ""), said.get("diagnostic", ""))])
    if not speaks_of(to_address, said.get("recipient", "")):
        words.append(
            _("It is about %(recipient)s, to which the letter was passed on; others may have it.")
            % {"recipient": said["recipient"]}
        )
    return words


def another_way_url(reference: str, letter: OutgoingLetter) -> str:
    """Return the page on which this letter is sent another way."""
    if letter.next_letter_id is None:
        return reverse("correspondence:another-way", args=[reference])
    return reverse("correspondence:next-letter-another-way", args=[reference, letter.next_letter_id])


def button_for(one: Alternative) -> str:
    """Return what the button of a way says."""
    match one.way.delivery:
        case Delivery.EMAIL:
            return _("Send again to %(address)s") % {"address": one.way.address}
        case Delivery.PORTAL:
            return _("Send it through the portal")
        case Delivery.POST:
            return _("Send it by post")
        case Delivery.FAX:
            return _("Send it by fax")
        case _other:
            return _("Hand it over in person")
