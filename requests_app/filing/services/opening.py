"""From a finished draft to requests: reference numbers, final letters, one request for each agency."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from requests_app.agencies.models import Agency
from requests_app.filing import choices as draft_choices
from requests_app.filing import lawbook, readiness, signing
from requests_app.filing.choices import DraftChoices
from requests_app.filing.composing import Destination, Sender, letter_for
from requests_app.filing.matter import asks_for_waiver
from requests_app.filing.models import Delivery, Draft, DraftTarget, RecordsRequest, ReferenceCounter
from requests_app.filing.papers import Papers, papers_of
from requests_app.filing.reply_addresses import new_token
from requests_app.filing.services import recording, telling, writing
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.kits import editing, own_kits, stationery
from requests_app.kits.addressees import custodians_for
from requests_app.kits.catalog import get_kit
from requests_app.kits.letters import ChoiceError, Companion, Letter, Warning
from requests_app.kits.letters import dump as dump_letter
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute
from requests_app.people.models import Person

AddressFor = Callable[[str, str], str]
"""(reference, token) -> the e-mail address to which this request's agency answers."""


class NotReady(Exception):
    """The draft cannot be filed yet. `remarks` say what is missing, each with the page where it is settled."""

    def __init__(self, remarks: Sequence[readiness.Remark]) -> None:
        self.remarks = list(remarks)
        said = " ".join(remark.text for remark in self.remarks)
        super().__init__(_("The letter was not filed; your draft is kept. %(remarks)s") % {"remarks": said})


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft with everything that its letters are made from, read once.

    `chosen`: the filer's choices, in the name of whoever signs (`filing.signing.in_whose_name`). `outfit`:
    the letterhead, and the written signature of whoever signs. `enclosures`: what goes with every letter.
    """

    draft: Draft
    kit: Kit
    statute: Statute
    chosen: DraftChoices
    custodians: list[Agency]
    destinations: list[Destination]
    targets: list[DraftTarget]
    outfit: stationery.Outfit
    papers: Papers
    enclosures: tuple[str, ...] = ()

    def letters(
        self, sender: Sender, now: datetime, references: Sequence[str] = (), senders: Sequence[Sender] = ()
    ) -> list[Letter]:
        """Return one letter for each agency as the filer worded it. Raises ChoiceError."""
        return self.worded(self.generated(sender, now, references, senders))

    def worded(self, generated: Sequence[Letter]) -> list[Letter]:
        """Return the generated letters as the filer worded them."""
        return [
            letter if edits is None else editing.edited(letter, edits)
            for letter, edits in zip(generated, self.edits, strict=True)
        ]

    @property
    def edits(self) -> list[editing.Edits | None]:
        """The filer's words for each letter; None where it stands as generated."""
        stored: list[Any] = [target.edits for target in self.targets]
        return [editing.load(each) for each in stored]

    def generated(
        self, sender: Sender, now: datetime, references: Sequence[str] = (), senders: Sequence[Sender] = ()
    ) -> list[Letter]:
        """Return one letter for each agency, which names all the others. Raises ChoiceError."""
        on = lawbook.local_day(self.statute.code, now)
        paragraphs = [*own_kits.clause_texts(self.chosen.clauses), self.chosen.extra_paragraph]
        chosen = msgspec.structs.replace(self.chosen, extra_paragraph="\n\n".join(filter(None, paragraphs)))
        made = []
        filed_together = [
            Companion(reference=references[place] if references else None, agency_name=to.agency.name)
            for place, to in enumerate(self.destinations)
        ]
        for place, to in enumerate(self.destinations):
            made.append(
                letter_for(
                    kit=self.kit,
                    statute=self.statute,
                    to=to,
                    custodians=self.custodians,
                    chosen=chosen,
                    sender=senders[place] if senders else sender,
                    on=on,
                    reference=references[place] if references else None,
                    companions=[*filed_together[:place], *filed_together[place + 1 :]],
                )
            )
        # Where the law wants the whole letter in the message itself, nothing goes along.
        enclosed = [letter if letter.body_only else replace(letter, enclosures=self.enclosures) for letter in made]
        return [self.outfit.on(letter) for letter in enclosed]

    def wordings(self, generated: Sequence[Letter]) -> list[readiness.Wording]:
        """Return what moved under the filer's words since they wrote them, letter by letter."""
        return [
            readiness.Wording(to.agency, editing.merge(edits, letter).drift)
            for to, letter, edits in zip(self.destinations, generated, self.edits, strict=True)
            if edits is not None
        ]

    def remarks(self, letters: Sequence[Letter]) -> list[readiness.Remark]:
        """Return everything that must be settled or known before this draft is filed, save overlapping requests."""
        own = [
            *readiness.contact_remarks(self.draft, self.destinations),
            *self.papers.remarks(letters),
        ]
        if signing.waits_for_signer(self.chosen, self.statute, self.kit):
            # The signer brings name and address along: asking the filer for theirs would be asking in vain.
            own.insert(0, self.papers.waiting_remark(self.statute))
            letters = [replace(letter, warnings=_after_signing(letter, self.statute)) for letter in letters]
        else:
            own = [*readiness.requester_remarks(self.draft, self.statute, self.chosen), *own]
            standing = readiness.standing_remark(self.draft, self.statute, self.kit, self.chosen)
            standing = standing or self.papers.authority_remark(self.statute, self.chosen)
            if standing is not None:
                own.insert(0, standing)
        said = [*readiness.letter_remarks(letters, said=own), *readiness.sign_remarks(letters)]
        return readiness.in_order([*own, *said])


def _after_signing(letter: Letter, statute: Statute) -> tuple[Warning, ...]:
    """Return the warnings that stay while a letter waits for its signer: not those of a name or address it lacks."""
    settled = {hint.citation for hint in statute.submission.hints if hint.key == "name_address_contact_required"}
    return tuple(one for one in letter.warnings if one.level != "stop" or one.citation not in settled)


def plan_for(draft: Draft) -> Plan | None:
    """Return a draft with all it needs for its letters; None while state, kit or agencies are not chosen."""
    if not draft.jurisdiction or not draft.kit_id:
        return None
    kit = get_kit(draft.kit_id)
    custodians = custodians_for(kit, draft.jurisdiction)
    by_id = {agency.pk: agency for agency in custodians}
    named = DraftTarget.objects.filter(draft=draft).select_related("contact_point").order_by("pk")
    targets = [target for target in named if target.agency_id in by_id]
    destinations = [
        Destination(by_id[target.agency_id], Delivery(target.delivery), target.contact_point) for target in targets
    ]
    if not destinations:
        return None
    statute = lawbook.statute_of(draft.jurisdiction)
    papers = papers_of(draft, statute)
    settled = signing.in_whose_name(draft_choices.load(draft.choices), statute, kit, papers.signature)
    asked = signing.authority_asked(settled, statute)
    enclosures: tuple[str, ...] = ()
    if asked is not None and papers.authority is not None:
        settled = signing.under_authority(settled, papers.authority.statement)
        enclosures = (signing.enclosure_line(papers.authority.legal_name, asked),)
    if signing.waits_for_signer(settled, statute, kit):
        outfit = stationery.Outfit(stationery.current_letterhead(), None)  # nobody's written signature yet
    else:
        outfit = stationery.outfit_of(papers.signer)
    return Plan(draft, kit, statute, settled, custodians, destinations, targets, outfit, papers, enclosures)


@transaction.atomic
def file_draft(
    draft_id: UUID, *, by: Person, organisation: str, address_for: AddressFor, now: datetime
) -> list[RecordsRequest]:
    """Turn a finished draft into requests, one for each agency, ready to send. A second call returns the same ones.

    1. Claim the draft: only one update matches, so a double click files once.
    2. Give each agency's request its reference and its own reply address.
    3. Compose the letters again, now with references, and stop if anything is unsettled: then nothing was claimed.
    4. Open the requests.

    `address_for` names the reply address; the caller knows the mailbox. Raises NotReady, DraftIsClosed.
    """
    claimed = Draft.objects.filter(pk=draft_id, filer=by, filed_at__isnull=True, discarded_at__isnull=True)
    if not claimed.update(filed_at=now, changed_at=now):
        filed = list(RecordsRequest.objects.filter(draft_id=draft_id, filer=by).order_by("reference"))
        if not filed:
            raise DraftIsClosed
        return filed
    draft = Draft.objects.get(pk=draft_id)
    plan = plan_for(draft)
    if plan is None:
        raise NotReady([readiness.unfinished(draft)])
    references = [_next_reference(draft.jurisdiction, now) for _to in plan.destinations]
    tokens = [new_token() for _to in plan.destinations]
    senders = [
        Sender(organisation, address_for(reference, token)) for reference, token in zip(references, tokens, strict=True)
    ]
    try:
        generated = plan.generated(senders[0], now, references, senders)
    except ChoiceError as trouble:
        raise NotReady([readiness.choice_remark(draft, trouble)]) from trouble
    worded = [_worded(letter, edits) for letter, edits in zip(generated, plan.edits, strict=True)]
    letters = [letter for letter, _unlocked in worded]
    stops = [remark for remark in plan.remarks(letters) if remark.level == "stop"]
    stops += readiness.wording_stops(plan.draft, plan.wordings(generated))
    if stops:
        raise NotReady(stops)
    together = uuid.uuid4()
    opened = [
        open_request(
            draft=draft,
            chosen=plan.chosen,
            to=to,
            letter=letter,
            reference=reference,
            reply_token=token,
            filed_together=together,
            by=by,
            now=now,
        )
        for to, letter, reference, token in zip(plan.destinations, letters, references, tokens, strict=True)
    ]
    for records_request, (_letter, unlocked) in zip(opened, worded, strict=True):
        writing.keep_unlocked(records_request, "request", unlocked, by=by, now=now)
    if plan.papers.signing is not None and (plan.papers.signature or plan.papers.authority) is not None:
        telling.tell_signer_filed(plan.papers.signing, opened, now=now)
    return opened


def _worded(letter: Letter, edits: editing.Edits | None) -> tuple[Letter, tuple[editing.Unlocked, ...]]:
    """Return the letter as its filer worded it, and which sentences about the law that changed."""
    if edits is None:
        return letter, ()
    blocks = editing.merge(edits, letter).edits.blocks
    return editing.apply_blocks(letter, blocks), editing.unlocked(editing.blocks_of(letter), blocks)


@transaction.atomic
def open_request(
    *,
    draft: Draft,
    chosen: DraftChoices,
    to: Destination,
    letter: Letter,
    reference: str,
    reply_token: str,
    filed_together: UUID,
    by: Person,
    now: datetime,
) -> RecordsRequest:
    """Insert one request with its letter as it will leave, and its opening event."""
    kit = get_kit(letter.kit_id)
    stored: Any = dump_letter(letter)
    opened = RecordsRequest.objects.create(
        reference=reference,
        jurisdiction=letter.jurisdiction,
        agency=to.agency,
        contact_point=to.contact,
        delivery=to.delivery,
        kit_id=letter.kit_id,
        kit_version=letter.kit_edition,
        subject=kit.title,
        period_start=chosen.period_start or kit.period.start,
        period_end=chosen.period_end,
        letter=stored,
        law_edition=letter.law_edition,
        conditions=chosen.conditions,
        filer=by,
        assignee=by,
        draft=draft,
        filed_together=filed_together,
        reply_token=reply_token,
        opened_at=now,
    )
    # What the letter says of money, so that nobody has to open it to know.
    said = {"waiver_asked": asks_for_waiver(chosen, letter.jurisdiction), "fee_limit_cents": chosen.fee_limit_cents}
    recording.begin(opened, details=said if kit.kind == "records" else {}, by=by, now=now)
    opened.refresh_from_db()
    return opened


def _next_reference(jurisdiction: str, now: datetime) -> str:
    """Return the next reference of a state and year, such as MD-2026-0007, in the caller's transaction.

    The update takes the row first, so that two filers at once never read the same number on either database.
    """
    year = lawbook.local_day(jurisdiction, now).year
    counter, _made = ReferenceCounter.objects.get_or_create(jurisdiction=jurisdiction, year=year)
    ReferenceCounter.objects.filter(pk=counter.pk).update(last=F("last") + 1)
    counter.refresh_from_db()
    return str(counter)
