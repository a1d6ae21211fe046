"""The one door for labels. Coordinators keep them; each change is in the audit trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from requests_app.people.models import Person, audit
from requests_app.review.models import Label


@dataclass(frozen=True)
class Facts:
    """What is said of a label."""

    name: str
    colour: str
    pattern: str
    key: str = ""
    meaning: str = ""
    order: int = 0


def first_labels() -> list[Facts]:
    """Return the labels to begin with: the purposes that review itself has (count, cover before release, ask, cite)."""
    return [
        Facts(_("Count"), "blue", "solid", "1", _("A number that becomes a finding."), 1),
        Facts(_("Definition"), "green", "dashed", "2", _("Says what a number counts."), 2),
        Facts(_("Agreement"), "violet", "double", "3", _("Parties, dates or clauses."), 3),
        Facts(_("Exemption cited"), "amber", "dotted", "4", _("Why something was withheld."), 4),
        Facts(_("Person or plate"), "red", "dashed", "5", _("To be covered before release."), 5),
        Facts(_("Question"), "grey", "dotted", "6", _("Somebody else should look."), 6),
    ]


RESERVED: Final = ("new", "start")  # addresses beside those of labels


class IsTaken(Exception):
    """Another label has this name, look or key. `field` says which; the text says what to do."""

    def __init__(self, field: str, other: Label) -> None:
        self.field = field
        said = {
            "name": _("There is a label “%(other)s” already. Choose another name."),
            "pattern": _("“%(other)s” has this colour and this pattern. Choose another of the two."),
            "key": _("“%(other)s” has this key. Choose another, or none."),
        }
        super().__init__(said[field] % {"other": other.name})


def make_label(facts: Facts, *, by: Person, now: datetime) -> Label:
    """Add a label to the vocabulary. Raises IsTaken."""
    with transaction.atomic():
        _check(facts, None)
        made = Label.objects.create(slug=_slug(facts.name), **asdict(facts))
        audit("label made", made, by=by, now=now, name=made.name)
    return made


def change_label(label: Label, facts: Facts, *, by: Person, now: datetime) -> Label:
    """Change how a label is called, looks or is given. Its address stays. Raises IsTaken."""
    with transaction.atomic():
        _check(facts, label)
        differs = {name: getattr(label, name) for name, value in asdict(facts).items() if getattr(label, name) != value}
        if differs:
            for name, value in asdict(facts).items():
                setattr(label, name, value)
            label.save(update_fields=list(asdict(facts)))
            audit("label changed", label, by=by, now=now, before=differs)
    return label


def retire_label(label: Label, *, by: Person, now: datetime) -> None:
    """Offer a label no longer. What has it keeps it."""
    with transaction.atomic():
        if Label.objects.filter(pk=label.pk, retired_at=None).update(retired_at=now):
            audit("label retired", label, by=by, now=now)


def bring_back_label(label: Label, *, by: Person, now: datetime) -> None:
    """Offer a retired label again. Raises IsTaken when its look or key was given to another meanwhile."""
    with transaction.atomic():
        _check(Facts(label.name, label.colour, label.pattern, label.key), label)
        if Label.objects.filter(pk=label.pk, retired_at__isnull=False).update(retired_at=None):
            audit("label brought back", label, by=by, now=now)


def start_vocabulary(*, by: Person, now: datetime) -> int:
    """Make the first labels, where there are none at all. Returns how many."""
    with transaction.atomic():
        if Label.objects.exists():
            return 0
        first = first_labels()
        for facts in first:
            make_label(facts, by=by, now=now)
    return len(first)


def _check(facts: Facts, own: Label | None) -> None:
    others = Label.objects.exclude(pk=own.pk) if own is not None else Label.objects.all()
    offered = others.filter(retired_at=None)
    clashes = [
        ("name", others.filter(name__iexact=facts.name)),
        ("pattern", offered.filter(colour=facts.colour, pattern=facts.pattern)),
        ("key", offered.filter(key=facts.key) if facts.key else others.none()),
    ]
    for field, rows in clashes:
        if other := rows.first():
            raise IsTaken(field, other)


def _slug(name: str) -> str:
    wanted = slugify(name)[:50] or "label"
    taken = {*Label.objects.filter(slug__startswith=wanted).values_list("slug", flat=True), *RESERVED}
    return next(slug for slug in (wanted, *(f"{wanted}-{number}" for number in range(2, 1000))) if slug not in taken)
