"""What a person chose to see of the returned documents: read from an address, and written into one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from requests_app.documents.identify import KIND_LABELS

LONGEST_TAG: Final = 60  # letters, as DocumentTag keeps them


class NotUnderstood(ValueError):
    """The address says something that means nothing here."""


@dataclass(frozen=True)
class Chosen:
    """One choice of documents; everything empty is all. `inside`: also what came inside other files."""

    agency: str = ""
    request: str = ""
    campaign: str = ""  # its number
    kind: str = ""
    tag: str = ""
    since: str = ""  # days on which they were received, as YYYY-MM-DD, both included
    until: str = ""
    collection: str = ""  # its number
    inside: str = ""  # "1"

    @property
    def query(self) -> str:
        """This choice as the end of an address, "?" included; "" for all."""
        said = {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name)}
        return f"?{urlencode(said)}" if said else ""

    def but(self, **changed: str) -> Chosen:
        """Return this choice with something changed; a request belongs to one agency, so one ends the other."""
        if "agency" in changed:
            changed.setdefault("request", "")
        return replace(self, **changed)

    @property
    def is_all(self) -> bool:
        """Whether nothing is chosen."""
        return self == Chosen()


def read(given: Mapping[str, str]) -> Chosen:
    """Return what an address chooses. Raises NotUnderstood."""
    chosen = Chosen(**{each.name: given.get(each.name, "") for each in fields(Chosen)})
    if chosen.kind and chosen.kind not in KIND_LABELS:
        raise NotUnderstood("kind")
    if len(chosen.tag) > LONGEST_TAG:
        raise NotUnderstood("tag")
    for name in ("campaign", "collection"):
        number = getattr(chosen, name)
        if number and not (number.isascii() and number.isdigit() and len(number) < 10):
            raise NotUnderstood(name)
    for name in ("since", "until"):
        if day := getattr(chosen, name):
            try:
                date.fromisoformat(day)
            except ValueError:
                raise NotUnderstood(name) from None
    if chosen.inside not in ("", "1"):
        raise NotUnderstood("inside")
    return chosen
