"""In whose name a letter stands: a resident's who signed it, or nobody's yet; and what exactly was signed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from requests_app.filing.choices import DraftChoices, conditions_to_ask
from requests_app.kits.letters import Closing, Letter, Part, Section
from requests_app.kits.schema import Kit
from requests_app.law.schema import StandingException, Statute, WrittenAuthority

RESIDENT: Final = "resident"
NOBODY_YET: Final = "(the resident who signs this letter)"  # English, as all letters are
NO_AUTHORITY_YET: Final = "(the resident who gives the written authority)"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signer puts under a letter: name, address, and the sentence that says why the law is open to them."""

    legal_name: str
    postal_address: str
    phone: str
    statement: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a law is open to somebody: `key` is "resident" or the id of an exception in the law file."""

    key: str
    who: str
    statement: str
    citation: str
    doubts: tuple[str, ...] = ()


def may_be_signed_for(statute: Statute) -> bool:
    """Return whether it matters under this law who signs, so that a resident's signature helps.

    Pennsylvania's sentence, for one, speaks of the United States: there a resident of the state helps nobody.
    """
    said = statute.requester.residency_statement
    return said is not None and statute.name in said


def grounds_of(statute: Statute) -> tuple[Ground, ...]:
    """Return the grounds on which a person can sign for others: residence, and each exception without a blank."""
    requester = statute.requester
    if requester.residency_statement is None:
        return ()
    resident = Ground(RESIDENT, requester.who, requester.residency_statement, requester.citation, requester.doubts)
    return (
        resident,
        *(
            Ground(one.id, one.who, one.statement, one.citation, one.doubts)
            for one in requester.exceptions
            if one.asks_for is None
        ),
    )


def statement_on(statute: Statute, ground: str) -> str:
    """Return the sentence that goes with a ground; empty when the law book no longer holds it."""
    return next((one.statement for one in grounds_of(statute) if one.key == ground), "")


def exception_of(statute: Statute, exception_id: str) -> StandingException | None:
    """Return an exception of this law by its id."""
    return next((one for one in statute.requester.exceptions if one.id == exception_id), None)


def exception_statement(exception: StandingException, for_whom: str) -> str:
    """Return the sentence that an exception puts into the letter, its blank filled; what a person typed stays as is."""
    return exception.statement.replace("{whom}", " ".join(for_whom.split()))


def authority_asked(chosen: DraftChoices, statute: Statute) -> WrittenAuthority | None:
    """Return the paper on which the filer's exception rests: somebody's written authority; None where it needs none."""
    if chosen.standing != "exception":
        return None
    exception = exception_of(statute, chosen.exception_id)
    return exception.authority if exception is not None else None


def waits_for_authority(chosen: DraftChoices, statute: Statute) -> bool:
    """Return whether the letter cannot say yet for whom its requester asks: nobody was named, nobody gave it."""
    return authority_asked(chosen, statute) is not None and NO_AUTHORITY_YET in chosen.residency_statement


def authority_statement(chosen: DraftChoices, statute: Statute, giver: str, ground: str) -> str:
    """Return the letter's sentence once `giver` gave the authority; empty where somebody on this ground cannot."""
    exception = exception_of(statute, chosen.exception_id)
    words = exception.authority.givers.get(ground, "") if exception is not None and exception.authority else ""
    return exception_statement(exception, f"{giver}, {words}") if exception is not None and words else ""


def enclosure_line(giver: str, authority: WrittenAuthority) -> str:
    """Return how a letter names the paper that goes with it."""
    return f"Written authority of {giver} ({authority.citation})"


def authority_paper(
    authority: WrittenAuthority, ground: str, giver: Signature, letters: Sequence[Letter], agencies: Sequence[str]
) -> Letter:
    """Return the document by which `giver` lets the requester of these letters (one or more) ask for them.

    `ground`: the sentence of the law book that says why the law is open to the giver. `agencies`: to whom each letter
    goes, by name.
    """
    first = letters[0]
    asked = tuple(f"{agency}: {letter.subject}" for agency, letter in zip(agencies, letters, strict=True))
    return Letter(
        kit_id=first.kit_id,
        kit_edition=first.kit_edition,
        jurisdiction=first.jurisdiction,
        law_edition=first.law_edition,
        letter_key="authority",
        subject="Written authority to ask for public records",
        date=first.date,
        sender=(giver.legal_name, *giver.postal_address.splitlines(), *filter(None, [giver.phone])),
        recipient=(),
        delivery="",
        salutation="",
        sections=(
            Section(key="ground", parts=(Part(text=ground, legal=True),)),
            Section(
                key="authority",
                parts=(Part(text=authority.text.replace("{representative}", first.closing.name), legal=True),),
            ),
            Section(key="request", parts=(Part(text="The request:", items=asked),)),
        ),
        closing=Closing(valediction="Signed,", name=giver.legal_name),
    )


def waits_for_signer(chosen: DraftChoices, statute: Statute, kit: Kit) -> bool:
    """Return whether only somebody else can sign this letter: the law is for residents, and the filer is none."""
    return kit.kind == "records" and statute.requester.residents_only is True and chosen.standing == "not_resident"


def in_whose_name(chosen: DraftChoices, statute: Statute, kit: Kit, signature: Signature | None) -> DraftChoices:
    """Return the choices with the name that the letter carries: the signer's, nobody's yet, or the filer's own."""
    kept = {name: getattr(chosen, name) for name in DraftChoices.__struct_fields__}
    if signature is not None:
        settled = dict(chosen.conditions)
        if "nonresident" in conditions_to_ask(statute):
            settled["nonresident"] = False
        return DraftChoices(
            **{
                **kept,
                "requester_name": signature.legal_name,
                "postal_address": signature.postal_address,
                "phone": signature.phone,
                "standing": "resident",
                "residency_statement": signature.statement,
                "conditions": settled,
            }
        )
    if waits_for_signer(chosen, statute, kit):
        return DraftChoices(
            **{
                **kept,
                "requester_name": NOBODY_YET,
                "postal_address": "",
                "phone": "",
                "residency_statement": "",
            }
        )
    return chosen


def under_authority(chosen: DraftChoices, statement: str) -> DraftChoices:
    """Return the choices with the sentence that names whoever gave the written authority."""
    return msgspec.structs.replace(chosen, residency_statement=statement)


def content_digest(letters: Iterable[Letter]) -> str:
    """Return a SHA-256 of what the letters say, to whom and in whose name.

    Left out is what filing itself settles: the day, the references, the reply address, and the way the letter leaves.
    """
    said = [
        msgspec.to_builtins(
            (
                letter.jurisdiction,
                letter.subject,
                letter.recipient,
                letter.salutation,
                letter.sections,
                letter.closing,
                letter.enclosures,
            )
        )
        for letter in letters
    ]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def how_many_could_sign(count: int, state: str) -> str:
    """Return all that a volunteer learns of who offered."""
    if count == 0:
        return _("Nobody in the group has offered to sign for %(state)s yet. Coordinators can ask around.") % {
            "state": state
        }
    if count == 1:
        return _("1 member of the group could sign for %(state)s.") % {"state": state}
    return _("%(count)s members of the group could sign for %(state)s.") % {"count": count, "state": state}
