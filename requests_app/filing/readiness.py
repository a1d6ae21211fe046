"""What stands between a draft and the outbox, in sentences for the filer. Pure but for what it is given."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.agencies.models import Agency
from requests_app.filing.choices import DraftChoices, address_demanded
from requests_app.filing.composing import Destination
from requests_app.filing.models import Delivery, Draft, RecordsRequest
from requests_app.kits.editing import Drift
from requests_app.kits.letters import ChoiceError, Letter
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute

Level = Literal["stop", "check", "note"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing the filer must know. `stop`: the letter waits until it is settled, at `url` where there is one."""

    level: Level
    text: str
    citation: str = ""
    url: str = ""
    link: str = ""


def standing_remark(draft: Draft, statute: Statute, kit: Kit, chosen: DraftChoices) -> Remark | None:
    """Return the stop for a law that only residents or citizens may use, while the filer does not say how they meet it.

    For a filer who does not meet it, somebody else signs: see `papers`.
    """
    if kit.kind != "records" or statute.requester.residents_only is not True:
        return None
    if chosen.standing == "resident" or (chosen.standing == "exception" and chosen.residency_statement):
        return None
    who = statute.requester.who
    details = reverse("filing:draft-details", args=[draft.pk])
    if chosen.standing == "exception":
        text = _(
            "You say that an exception applies. Write the sentence that states it: %(state)s’s law is open to %(who)s."
        )
    else:
        text = _("%(state)s’s law is open to %(who)s. Say whether that is you; the letter states it.")
    return Remark(
        "stop",
        text % {"state": statute.name, "who": who},
        statute.requester.citation,
        details,
        _("Who may ask"),
    )


def contact_remarks(draft: Draft, destinations: Iterable[Destination]) -> list[Remark]:
    """Return a stop for each address that nobody has confirmed, and for each agency without one."""
    remarks = []
    for to in destinations:
        if to.delivery == Delivery.HAND:
            continue
        whom = reverse("filing:draft-whom", args=[draft.pk])
        if to.contact is None or to.contact.health == "retired":
            text = _("No address is chosen for %(agency)s. Choose one, or add the one you found.")
            remarks.append(Remark("stop", text % {"agency": to.agency.name}, "", whom, _("Whom to ask")))
        elif not to.contact.may_be_used_unasked:
            if to.contact.health == "bounced":
                text = _("Mail to %(address)s of %(agency)s came back. Check it, or choose another address.")
            else:
                text = _(
                    "Nobody has confirmed the address %(address)s of %(agency)s. Look it up and say where you saw it."
                )
            url = reverse("filing:draft-confirm", args=[draft.pk, to.contact.pk])
            facts = {"address": to.contact.value.replace("\n", ", "), "agency": to.agency.name}
            remarks.append(Remark("stop", text % facts, "", url, _("Confirm this address")))
    return remarks


def overlap_remarks(running: Iterable[RecordsRequest], seen: set[int]) -> list[Remark]:
    """Return a caution for each request of the group that already runs at the same agency for the same records.

    `seen`: ids of requests that the filer may open; to others only the fact and the reference are shown.
    """
    text = _(
        "The group already asks %(agency)s for these records: %(reference)s, %(status)s. A second letter costs "
        "goodwill and may be treated as a repeat. File this one only if it asks for something else."
    )
    return [
        Remark(
            "check",
            text % {"agency": one.agency.name, "reference": one.reference, "status": one.get_status_display().lower()},
            "",
            one.get_absolute_url() if one.pk in seen else "",
            one.reference,
        )
        for one in running
    ]


def requester_remarks(draft: Draft, statute: Statute, chosen: DraftChoices) -> list[Remark]:
    """Return stops for what the law wants to know of the requester and the draft does not hold."""
    details = reverse("filing:draft-details", args=[draft.pk])
    remarks = []
    if not chosen.requester_name.strip():
        text = _("The letter has no signature yet: give the requester's legal name.")
        remarks.append(Remark("stop", text, "", details, _("Your name")))
    if address_demanded(statute):
        hint = next(h for h in statute.submission.hints if h.key == "name_address_contact_required")
        if not chosen.postal_address.strip():
            text = _("%(hint)s Your postal address is missing.")
            remarks.append(Remark("stop", text % {"hint": hint.text}, hint.citation, details, _("Your address")))
    return remarks


def letter_remarks(letters: Iterable[Letter], said: Iterable[Remark] = ()) -> list[Remark]:
    """Return what the composer warns of, each warning once. A stop on a citation that `said` stops on is left out."""
    stopped = {remark.citation for remark in said if remark.level == "stop" and remark.citation}
    seen: dict[tuple[str, str], Remark] = {}
    for letter in letters:
        for warning in letter.warnings:
            if warning.level == "stop" and warning.citation in stopped:
                continue
            remark = Remark(warning.level, warning.text, warning.citation or "")
            seen.setdefault((remark.level, remark.text), remark)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter that its filer reworded, and what moved in the generated letter since."""

    agency: Agency
    drift: tuple[Drift, ...]


def wording_remarks(draft: Draft, wordings: Iterable[Wording]) -> list[Remark]:
    """Return a remark for each letter whose generated text moved under the filer's words: a stop where it is law."""
    text = _(
        "Since you changed the wording, Daylight’s own text of the letter to %(agency)s moved on where you had written "
        "something else. Your words stand. Compare them with the new text, then keep the wording again."
    )
    remarks = []
    for wording in wordings:
        moved = [drift for drift in wording.drift if drift.needs_a_look]
        if moved:
            level: Literal["stop", "check"] = "stop" if any(drift.block.legal for drift in moved) else "check"
            url = reverse("filing:draft-write", args=[draft.pk, wording.agency.pk])
            remarks.append(Remark(level, text % {"agency": wording.agency.name}, "", url, _("Compare the wording")))
    return remarks


def wording_stops(draft: Draft, wordings: Iterable[Wording]) -> list[Remark]:
    """Return the remarks of `wording_remarks` that keep the letter from being filed."""
    return [remark for remark in wording_remarks(draft, wordings) if remark.level == "stop"]


_FIRST_PICTURE_SIGN = 0x2190  # what Unicode calls "other symbol" below it (©, °, №) every font has


def sign_remarks(letters: Iterable[Letter]) -> list[Remark]:
    """Return a caution for signs, such as emoji, that the letter's fonts may print as empty boxes."""
    texts = (text for letter in letters for text in (*letter.paragraphs(), *letter.sender, letter.closing.name))
    odd = {
        sign
        for text in texts
        for sign in text
        if ord(sign) >= _FIRST_PICTURE_SIGN and unicodedata.category(sign) in ("So", "Co", "Cn")
    }
    if not odd:
        return []
    text = _(
        "The letter holds signs that paper and many mail programs show as empty boxes: %(signs)s. Your words are kept. "
        "Look at the PDF, or write them without these signs."
    )
    return [Remark("check", text % {"signs": " ".join(sorted(odd)[:10])})]


def in_order(remarks: Sequence[Remark]) -> list[Remark]:
    """Return stops first, then what to check, then notes; each kind in the order given."""
    rank = {"stop": 0, "check": 1, "note": 2}
    return sorted(remarks, key=lambda remark: rank[remark.level])


def unfinished(draft: Draft) -> Remark:
    """Return the stop for a draft whose state, kit or agencies are not chosen yet."""
    text = _("The draft is not finished: choose the state, what to ask, and whom.")
    return Remark("stop", text, "", reverse("filing:draft-state", args=[draft.pk]), _("Go on with the draft"))


def choice_remark(draft: Draft, trouble: ChoiceError) -> Remark:
    """Return the stop for an answer of which no sensible letter can be made."""
    return Remark("stop", str(trouble), "", reverse("filing:draft-details", args=[draft.pk]), _("Change the details"))
