"""The one door for a letter's wording: kept, never overwritten unseen, every version with who and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Manager, QuerySet
from django.utils.translation import gettext as _

from requests_app.filing.models import DraftTarget, RecordsRequest, TextVersion, UnlockedText
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.kits import editing
from requests_app.kits.editing import Edits, Problem, Unlocked
from requests_app.people.models import Person

# What is kept while somebody writes is one version, until they pause for as long as this or keep it themselves.
ONE_SITTING: Final = timedelta(minutes=10)


class ChangedElsewhere(Exception):
    """Another window changed the letter since this one was opened. `revision`, `edits`: as they stand now."""

    def __init__(self, revision: int, edits: Edits | None) -> None:
        self.revision, self.edits = revision, edits
        super().__init__(
            _(
                "This letter was changed in another window since you opened it, so yours was not kept yet. Your text "
                "is still here. Compare it with what the letter says now, then keep yours or load the page again."
            )
        )


class NotALetter(Exception):
    """The wording cannot be kept. `problems` say why, each with the block it is about."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


@transaction.atomic
def keep_draft_text(
    target_id: int, edits: Edits, *, seen_revision: int, by: Person, now: datetime, automatic: bool = False
) -> int:
    """Keep the wording of a draft's letter to one agency. See `keep_text`. Raises also DraftIsClosed."""
    rows = DraftTarget.objects.filter(
        pk=target_id, draft__filer=by, draft__filed_at__isnull=True, draft__discarded_at__isnull=True
    )
    if not rows.exists():
        raise DraftIsClosed
    return keep_text(rows, edits, seen_revision=seen_revision, by=by, now=now, automatic=automatic)


@transaction.atomic
def keep_text(
    rows: QuerySet[Any],
    edits: Edits,
    *,
    seen_revision: int,
    by: Person,
    now: datetime,
    automatic: bool = False,
    restored: bool = False,
) -> int:
    """Keep a letter's wording with its version and return its revision; keeping the same again changes nothing.

    `rows`: exactly the one `Writable` that is changed. Raises NotALetter when `editing.check` refuses the wording, and
    ChangedElsewhere when the letter is no longer at `seen_revision`.
    """
    problems = editing.check(edits.base, edits.blocks)
    if problems:
        raise NotALetter(problems)
    owner: Any = rows.get()
    stored = editing.load(owner.edits)
    same = stored == edits if stored is not None else edits.base == edits.blocks
    if owner.edits_revision == seen_revision and same:
        if not automatic:
            _name_the_version(owner.versions, by)
        return seen_revision
    # SQLite has no row locks: the conditional update is the guard.
    if not rows.filter(edits_revision=seen_revision).update(
        edits=editing.dump(edits), edits_revision=seen_revision + 1
    ):
        owner.refresh_from_db()
        raise ChangedElsewhere(owner.edits_revision, editing.load(owner.edits))
    how = TextVersion.How.AUTOMATIC if automatic else TextVersion.How.SAVED
    _keep_version(owner.versions, edits, TextVersion.How.RESTORED if restored else how, by=by, now=now)
    return seen_revision + 1


@transaction.atomic
def restore_draft_text(target: DraftTarget, version_id: int, *, seen_revision: int, by: Person, now: datetime) -> int:
    """Bring an earlier wording back. What stands now stays among the versions. Raises ChangedElsewhere, DraftIsClosed.

    Raises TextVersion's DoesNotExist (of the version's own model) when the letter has no such version.
    """
    stored: Any = target.versions.get(pk=version_id).edits
    edits = editing.load(stored)
    assert edits is not None  # noqa: S101  a version is never empty
    rows = DraftTarget.objects.filter(
        pk=target.pk, draft__filer=by, draft__filed_at__isnull=True, draft__discarded_at__isnull=True
    )
    if not rows.exists():
        raise DraftIsClosed
    return keep_text(rows, edits, seen_revision=seen_revision, by=by, now=now, restored=True)


def keep_unlocked(
    records_request: RecordsRequest, letter_key: str, unlocked: Sequence[Unlocked], *, by: Person, now: datetime
) -> None:
    """Keep with the request which sentences about the law a letter changed, and why."""
    UnlockedText.objects.bulk_create(
        UnlockedText(
            request=records_request,
            letter_key=letter_key,
            before=each.before,
            after=each.after,
            because=each.because,
            by=by,
            at=now,
        )
        for each in unlocked
    )


def _keep_version(versions: Manager[Any], edits: Edits, how: str, *, by: Person, now: datetime) -> None:
    """Add a version, or go on with the one that was begun in this sitting."""
    last = versions.order_by("-made_at", "-pk").first()
    if (
        last is not None
        and how != TextVersion.How.RESTORED
        and last.how == TextVersion.How.AUTOMATIC
        and last.made_by_id == by.pk
        and now - last.made_at < ONE_SITTING
    ):
        versions.filter(pk=last.pk).update(edits=editing.dump(edits), how=how)
    else:
        versions.create(edits=editing.dump(edits), how=how, made_by=by, made_at=now)


def _name_the_version(versions: Manager[Any], by: Person) -> None:
    """Turn the version kept while writing into one that its writer kept."""
    last = versions.order_by("-made_at", "-pk").first()
    if last is not None and last.how == TextVersion.How.AUTOMATIC and last.made_by_id == by.pk:
        versions.filter(pk=last.pk).update(how=TextVersion.How.SAVED)
