"""The group's own kits and paragraphs: written, kept in editions, retired, shared as a file.

Every kit passes the same checks, whether it was typed or came in a file: its shape (`schema.Kit`), what it names in the
shared data (`catalog.kit_problems`), and a letter composed with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from requests_app.kits.catalog import forget_own_kits, kit_problems
from requests_app.kits.models import Clause, KitEdition, OwnKit
from requests_app.kits.schema import Kit
from requests_app.people.models import Person

FILE_KIND: Final = "daylight-kit"
FILE_VERSION: Final = 1
FILE_LIMIT: Final = 500_000  # bytes; the longest bundled kit has about 12,000

_SET_HERE: Final = ("id", "edition", "status_date")
_PLACE: Final = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)


class NotAKit(ValueError):
    """What was written makes no kit. `problems`: (field, sentence); the field is empty for the kit as a whole."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{field}: {text}" if field else text for field, text in self.problems))


class KitChangedMeanwhile(Exception):
    """Somebody else kept a newer edition since this one was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else kept a newer edition of this kit since you opened it, so yours was not kept. What you "
                "wrote is still here. Look at the newer one in another window, then keep yours if it should replace it."
            )
        )


class ClauseChangedMeanwhile(Exception):
    """Somebody else changed the paragraph since it was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed this paragraph since you opened it, so yours was not kept. What you wrote is "
                "still here. Keep it again to replace theirs."
            )
        )


# --- the shelf --------------------------------------------------------------------------------------------------------


class Shelf:
    """The group's own kits, for `catalog`.

    Which edition is the present one is asked of the database each time, so that every process agrees; what an edition
    says never changes, so it is read once in each process.
    """

    def get(self, kit_id: str, edition: str | None) -> Kit | None:
        """Return a kit in an edition, the present one for None, retired or not. One query."""
        editions = KitEdition.objects.filter(kit__number=int(kit_id[1:])).order_by("-number")
        if edition is not None:
            editions = editions.filter(number=int(edition)) if edition.isdecimal() else editions.none()
        return next(iter(_opened(editions[:1])), None)

    def present(self) -> tuple[tuple[Kit, bool], ...]:
        """Return every kit in its present edition, and whether it is not retired. One query."""
        rows = present_editions().values_list("content", "kit__retired_at")
        return tuple((_kit(json.dumps(content)), retired_at is None) for content, retired_at in rows)


def present_editions() -> QuerySet[KitEdition]:
    """Return the newest edition of each own kit, with its kit and its writer."""
    newest = KitEdition.objects.filter(kit=OuterRef("kit")).order_by("-number").values("pk")[:1]
    return KitEdition.objects.filter(pk=Subquery(newest)).select_related("kit", "made_by").order_by("kit__number")


def _opened(editions: QuerySet[KitEdition]) -> list[Kit]:
    return [_kit(json.dumps(content)) for content in editions.values_list("content", flat=True)]


def _data(kit: Kit) -> dict[str, Any]:
    """Return a kit as JSON holds it: lists, not tuples, so that two editions can be compared."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(kit))
    return data


@lru_cache(maxsize=256)
def _kit(content: str) -> Kit:
    """Return the kit that an edition holds; the same text gives the same object."""
    return msgspec.json.decode(content, type=Kit)


# --- writing ----------------------------------------------------------------------------------------------------------


def checked(fields: Mapping[str, Any], *, kit_id: str, edition: str, on: date) -> Kit:
    """Return the kit that these fields describe. Raises NotAKit, which names every field that cannot be used."""
    kept = {name: value for name, value in fields.items() if name not in _SET_HERE}
    try:
        kit = msgspec.convert({**kept, "id": kit_id, "edition": edition, "status_date": on.isoformat()}, Kit)
    except (msgspec.ValidationError, ValueError) as error:
        match = _PLACE.match(str(error))
        said, field = (match[1], match[2] or "") if match else (str(error), "")
        raise NotAKit([(field, _sentence(said))]) from error
    problems = [
        (field, _sentence(text)) for field, _colon, text in (line.partition(": ") for line in kit_problems(kit))
    ]
    problems += [(name, _("This must not be empty.")) for name in _NEEDED if not str(getattr(kit, name)).strip()]
    if not kit.items:
        problems.append(("items", _("A kit asks for at least one thing.")))
    if problems:
        raise NotAKit(problems)
    return kit


_NEEDED: Final = ("title", "subject", "plain", "learn", "aim", "things", "thing", "why", "format")


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


@transaction.atomic
def write_kit(
    fields: Mapping[str, Any], *, code: str = "", seen_edition: int = 0, by: Person, now: datetime
) -> KitEdition:
    """Keep a new kit, or a new edition of the one with this code, and return the edition.

    Requests keep the edition that they were written from. Raises NotAKit, KitChangedMeanwhile, OwnKit.DoesNotExist.
    """
    if code:
        own = OwnKit.objects.get(number=int(code[1:]))
        last = own.editions.aggregate(last=Max("number"))["last"] or 0
        if last != seen_edition:
            raise KitChangedMeanwhile
    else:
        number = (OwnKit.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        own, last = OwnKit(number=number, made_by=by, made_at=now), 0
    kit = checked(fields, kit_id=own.code, edition=str(last + 1), on=now.date())
    content = _data(kit)
    if last:
        kept = own.editions.get(number=last)
        if all(content[name] == kept.content.get(name) for name in content if name not in _SET_HERE):
            return kept
    try:
        with transaction.atomic():
            if own.pk is None:
                own.save()
            made = KitEdition.objects.create(kit=own, number=last + 1, content=content, made_by=by, made_at=now)
    except IntegrityError as taken:  # two people at once: the number is the guard on both databases
        raise KitChangedMeanwhile from taken
    forget_own_kits()
    return made


def retire_kit(code: str, *, now: datetime) -> bool:
    """Take a kit off the wizard's list; drafts and requests keep it. Returns whether it was on the list."""
    retired = OwnKit.objects.filter(number=int(code[1:]), retired_at__isnull=True).update(retired_at=now)
    forget_own_kits()
    return bool(retired)


def offer_kit(code: str) -> bool:
    """Put a retired kit on the list again."""
    offered = OwnKit.objects.filter(number=int(code[1:]), retired_at__isnull=False).update(retired_at=None)
    forget_own_kits()
    return bool(offered)


# --- sharing ----------------------------------------------------------------------------------------------------------


def to_file(kit: Kit) -> bytes:
    """Return a kit as a file that another group can read. It names no person."""
    content = _data(kit)
    shared = {
        "kind": FILE_KIND,
        "version": FILE_VERSION,
        "kit": {n: v for n, v in content.items() if n not in _SET_HERE},
    }
    return (json.dumps(shared, indent=2, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True)
class Arrival:
    """A file that was looked at: the kit it holds, and whether a kit of that title is here already."""

    kit: Kit
    fields: dict[str, Any]
    same_title: str


def look_at_file(raw: bytes, *, on: date) -> Arrival:
    """Return what a kit file holds; nothing is written. Raises NotAKit."""
    if len(raw) > FILE_LIMIT:
        raise NotAKit([("", _("The file is larger than 500 KB, so it is no kit."))])
    try:
        shared = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotAKit([("", _("The file is not a kit file: it cannot be read as JSON."))]) from error
    if not isinstance(shared, dict) or shared.get("kind") != FILE_KIND or not isinstance(shared.get("kit"), dict):
        raise NotAKit([("", _("The file is not a kit file. Choose one that Daylight made."))])
    if shared.get("version") != FILE_VERSION:
        raise NotAKit([("", _("The file was made by a newer Daylight, so nothing was read. Update Daylight first."))])
    kit = checked(shared["kit"], kit_id="G0", edition="1", on=on)
    titles = {edition.content["title"]: edition.kit.code for edition in present_editions()}
    return Arrival(kit=kit, fields=shared["kit"], same_title=titles.get(kit.title, ""))


# --- paragraphs -------------------------------------------------------------------------------------------------------


def offered_clauses() -> QuerySet[Clause]:
    """Return the group's paragraphs that the wizard offers."""
    return Clause.objects.filter(retired_at__isnull=True).order_by("title")


def clause_texts(clause_ids: Sequence[int]) -> list[str]:
    """Return the texts of paragraphs, in their order on the list, retired ones too. One query if there are any."""
    return (
        list(Clause.objects.filter(pk__in=clause_ids).order_by("title").values_list("text", flat=True))
        if clause_ids
        else []
    )


def write_clause(*, title: str, text: str, by: Person, now: datetime) -> Clause:
    """Keep a new paragraph."""
    return Clause.objects.create(title=title, text=text, changed_by=by, changed_at=now)


def change_clause(clause_id: int, *, title: str, text: str, seen_revision: int, by: Person, now: datetime) -> None:
    """Change a paragraph; letters that are filed keep what they say. Raises ClauseChangedMeanwhile."""
    changed = Clause.objects.filter(pk=clause_id, revision=seen_revision).update(
        title=title, text=text, changed_by=by, changed_at=now, revision=F("revision") + 1
    )
    if not changed:
        raise ClauseChangedMeanwhile


def retire_clause(clause_id: int, *, now: datetime) -> None:
    """Take a paragraph off the wizard's list."""
    Clause.objects.filter(pk=clause_id, retired_at__isnull=True).update(retired_at=now)
