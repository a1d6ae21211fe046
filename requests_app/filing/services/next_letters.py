"""Later letters: begin, write anew, throw away, hand to the outbox, and say that one left. All writes are here.

Two people at one letter: each change names the number of changes that its writer saw, and a conditional update lets
only one of two through. One letter leaves one event, whoever sends it and however often that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from requests_app.filing.fees import agreed_by
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, NextLetter, NextLetterVersion, RecordsRequest, SentCopy
from requests_app.filing.services import recording
from requests_app.filing.services.refusals import EventRefused
from requests_app.filing.services.writing import ONE_SITTING, NotALetter, keep_unlocked
from requests_app.filing.writing import Way, wording_of
from requests_app.kits import editing
from requests_app.kits.editing import Edits
from requests_app.kits.letters import Letter
from requests_app.kits.letters import dump as dump_letter
from requests_app.kits.letters import load as load_letter
from requests_app.people.models import Person


class LetterBegun(Exception):
    """Somebody began the same letter before; it is theirs and ours now."""

    def __init__(self, letter: NextLetter) -> None:
        self.letter = letter
        super().__init__(
            _("%(handle)s began this letter already. Nothing was lost: go on with it together.")
            % {"handle": letter.made_by.handle}
        )


class LetterChanged(Exception):
    """Somebody changed the letter after this person (`by`) opened it, or they themselves in another window.

    `letter`: as it stands now.
    """

    def __init__(self, letter: NextLetter, by: Person) -> None:
        self.letter = letter
        if letter.changed_by_id == by.pk:
            text = _(
                "You changed this letter in another window since you opened it here. Nothing from this window was "
                "saved yet, and what you typed is still below. Compare the two, then save this one on top."
            )
            super().__init__(text)
            return
        super().__init__(
            _(
                "%(handle)s changed this letter while you were writing. Nothing of yours was saved yet, and what you "
                "typed is still below. Read theirs first, then save yours on top of it."
            )
            % {"handle": letter.changed_by.handle}
        )


class LetterClosed(Exception):
    """The letter is in the outbox, was sent, or was thrown away."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This letter is no longer a draft, so it was not changed. Take it back from the outbox first, or begin "
                "anew."
            )
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it was composed, from what, and for which way. `basis`: the newest event taken into account."""

    letter: Letter
    inputs: Mapping[str, Any]
    way: Way
    basis: int


@transaction.atomic
def begin_letter(
    records_request: RecordsRequest, key: str, written: Written, *, by: Person, now: datetime
) -> NextLetter:
    """Keep a later letter as a draft. Raises LetterBegun when one of this kind is open on the request."""
    stored: Any = dump_letter(written.letter)
    inputs: Any = dict(written.inputs)
    try:
        with transaction.atomic():
            return NextLetter.objects.create(
                request=records_request,
                key=key,
                inputs=inputs,
                generated=stored,
                basis_sequence=written.basis,
                made_by=by,
                made_at=now,
                changed_by=by,
                changed_at=now,
                **_columns(written.way),
            )
    except IntegrityError:
        open_one = NextLetter.objects.select_related("made_by").get(
            request=records_request, key=key, state__in=[NextLetter.State.DRAFT, NextLetter.State.QUEUED]
        )
        raise LetterBegun(open_one) from None


@transaction.atomic
def write_letter(
    letter_id: int, written: Written, *, seen_changes: int, why: str = "", by: Person, now: datetime
) -> NextLetter:
    """Put a newly composed text in place of a draft's, and keep the earlier one as a version.

    What people wrote in the earlier text stays, over the new one (`kits.editing.merge`). Raises LetterChanged,
    LetterClosed.
    """
    letter = NextLetter.objects.select_related("changed_by").get(pk=letter_id)
    stored: Any = dump_letter(written.letter)
    changed = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT, changes=seen_changes).update(
        inputs=dict(written.inputs),
        generated=stored,
        edits_automatic=False,
        basis_sequence=written.basis,
        changes=F("changes") + 1,
        changed_by=by,
        changed_at=now,
        **_columns(written.way),
    )
    if not changed:
        raise _not_changed(letter_id, by)
    _keep_version(letter, why)
    letter.refresh_from_db()
    return letter


@transaction.atomic
def keep_words(
    letter_id: int, edits: Edits, *, seen_changes: int, by: Person, now: datetime, automatic: bool = False
) -> int:
    """Keep what a person wrote in a draft and return its number of changes; the same again changes nothing.

    `automatic`: the page kept it while they write. What stood there before is a version, once for each sitting. Raises
    NotALetter when `editing.check` refuses the wording, LetterChanged, LetterClosed.
    """
    problems = editing.check(edits.base, edits.blocks)
    if problems:
        raise NotALetter(problems)
    return _reword(letter_id, edits, _("reworded"), seen_changes=seen_changes, by=by, now=now, automatic=automatic)


@transaction.atomic
def restore_words(letter_id: int, version_id: int, *, seen_changes: int, by: Person, now: datetime) -> int:
    """Bring back what people had written in an earlier version, over the letter as it is composed now.

    What stands now stays among the versions. Raises NextLetterVersion.DoesNotExist, LetterChanged, LetterClosed.
    """
    version = NextLetterVersion.objects.select_related("letter").get(pk=version_id, letter_id=letter_id)
    kept: Any = version.edits
    stored: Any = version.letter.generated
    edits = (editing.load(kept) if kept else None) or editing.begin(load_letter(stored))
    why = _("set back to an earlier version")
    return _reword(letter_id, edits, why, seen_changes=seen_changes, by=by, now=now, automatic=False)


def _reword(
    letter_id: int, edits: Edits, why: str, *, seen_changes: int, by: Person, now: datetime, automatic: bool
) -> int:
    letter = NextLetter.objects.select_related("changed_by").get(pk=letter_id)
    drafts = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT, changes=seen_changes)
    kept: Any = letter.edits
    stored = editing.load(kept) if kept else None
    same = stored == edits if stored is not None else edits.base == edits.blocks
    if same and (drafts.exists() if automatic else drafts.update(edits_automatic=False)):
        return seen_changes
    built: Any = editing.dump(edits)
    if not drafts.update(
        edits=built,
        edits_by=by,
        edits_at=now,
        edits_automatic=automatic,
        changes=seen_changes + 1,
        changed_by=by,
        changed_at=now,
    ):
        raise _not_changed(letter_id, by)
    if not _in_one_sitting(letter, by, now):
        _keep_version(letter, why)
    return seen_changes + 1


def _in_one_sitting(letter: NextLetter, by: Person, now: datetime) -> bool:
    """Return whether the letter stands as the page kept it a moment ago, while the same person wrote."""
    return (
        letter.edits_automatic
        and letter.edits_by_id == by.pk
        and letter.edits_at is not None
        and letter.edits_at == letter.changed_at
        and now - letter.edits_at < ONE_SITTING
    )


def _keep_version(letter: NextLetter, why: str) -> None:
    """Keep a letter as it stood before the change that was just made."""
    NextLetterVersion.objects.create(
        letter=letter,
        number=letter.changes + 1,
        inputs=letter.inputs,
        generated=letter.generated,
        edits=letter.edits,
        made_by=letter.changed_by,
        made_at=letter.changed_at,
        why=why,
    )


def _not_changed(letter_id: int, by: Person) -> Exception:
    """Return why a draft could not be changed: it is no draft any more, or it is not the one that was seen."""
    letter = NextLetter.objects.select_related("changed_by").get(pk=letter_id)
    return LetterChanged(letter, by) if letter.is_open else LetterClosed()


def keep_as_written(letter_id: int, *, basis: int, by: Person, now: datetime) -> None:
    """Note that a person read what happened since and finds that the letter still fits. Raises LetterClosed."""
    drafts = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT)
    if not drafts.update(basis_sequence=basis, changes=F("changes") + 1, changed_by=by, changed_at=now):
        raise LetterClosed


def discard_letter(letter_id: int, *, by: Person, now: datetime) -> None:
    """Throw a draft away; it is kept, and counts for nothing. Raises LetterClosed."""
    drafts = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT)
    if not drafts.update(state=NextLetter.State.DISCARDED, changed_by=by, changed_at=now):
        raise LetterClosed


def claim_letter(letter_id: int, *, seen_changes: int) -> bool:
    """Take a draft for the outbox. False when another click was quicker or the text is no longer the one seen."""
    drafts = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.DRAFT, changes=seen_changes)
    return bool(drafts.update(state=NextLetter.State.QUEUED))


def release_letter(letter_id: int) -> bool:
    """Make a letter that waited in the outbox a draft again. Returns whether it waited there."""
    queued = NextLetter.objects.filter(pk=letter_id, state=NextLetter.State.QUEUED)
    return bool(queued.update(state=NextLetter.State.DRAFT))


def keep_copy(letter: NextLetter, content: Letter, pdf_base64: str, *, now: datetime) -> SentCopy:
    """Keep the sheet as it is about to leave. One that was made for an earlier try is replaced."""
    stored: Any = dump_letter(content)
    copy, _made = SentCopy.objects.update_or_create(
        letter=letter, defaults={"content": stored, "pdf": pdf_base64, "made_at": now}
    )
    return copy


@transaction.atomic
def record_letter_left(
    letter_id: int,
    kind: EventKind,
    *,
    details: Mapping[str, Any],
    happened_on: date | None = None,
    happened_at: datetime | None = None,
    note: str = "",
    by: Person | None,
    now: datetime,
) -> Event:
    """Record that a later letter left, once: a second call changes nothing and returns the event of the first.

    A letter that the outbox sent is a fact (`by` None). Where its own kind of event no longer fits, because the request
    moved on while it waited, it stands on the timeline as a letter of ours that changed nothing, and says what it was
    meant as. A person who says that a letter left is told instead. With it is kept which sentences about the law
    were changed, and why. Raises EventRefused.
    """
    letter = NextLetter.objects.select_related("sent_event", "request", "edits_by", "changed_by").get(pk=letter_id)
    if letter.sent_event is not None:
        return letter.sent_event
    inputs: Any = letter.inputs
    said = {**details, "letter_key": letter.key, "letter": letter.pk, **agreed_by(letter.key, inputs)}
    when: dict[str, Any] = {"happened_on": happened_on, "happened_at": happened_at}
    try:
        with transaction.atomic():
            event = recording.record_event(letter.request_id, kind, details=said, note=note, by=by, now=now, **when)
    except EventRefused:
        if kind is EventKind.FOLLOW_UP or by is not None:
            raise
        said["meant_as"] = kind.value
        event = recording.record_event(
            letter.request_id, EventKind.FOLLOW_UP, details=said, note=note, by=by, now=now, **when
        )
    left = NextLetter.objects.filter(pk=letter_id, sent_event__isnull=True)
    if not left.update(state=NextLetter.State.SENT, sent_event=event, changed_at=now):
        raise LetterClosed  # a rival recorded it between our look and now: this transaction, event included, is undone
    wording = wording_of(letter).edits
    unlocked = editing.unlocked(wording.base, wording.blocks)
    before = Event.objects.filter(request=letter.request_id, details__letter=letter.pk).exclude(pk=event.pk)
    if unlocked and before.exists():  # it left before and did not arrive: what was kept then is not kept twice
        kept = {(one.before, one.after) for one in letter.request.unlocked_texts.filter(letter_key=letter.key)}
        unlocked = tuple(each for each in unlocked if (each.before, each.after) not in kept)
    if unlocked:
        keep_unlocked(letter.request, letter.key, unlocked, by=letter.edits_by or letter.changed_by, now=now)
    return event


def _columns(way: Way) -> dict[str, Any]:
    return {
        "delivery": way.delivery,
        "contact_point": way.contact,
        "body": way.body,
        "body_contact": way.body_contact,
    }
