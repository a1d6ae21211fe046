"""In whose name a letter stands: a resident's who signed it, or nobody's yet; and what exactly was signed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from requests_app.filing.choices import DraftChoices, conditions_to_ask
from requests_app.kits.letters import Letter
from requests_app.kits.schema import Kit
from requests_app.law.schema import StandingException, Statute

RESIDENT: Final = "resident"
NOBODY_YET: Final = "(the resident who signs this letter)"  # English, as all letters are


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
