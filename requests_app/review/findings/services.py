"""The one door for findings: kept with evidence, read again blindly, decided, changed, replaced, taken back.

Every change of state goes through one conditional update on the revision that was seen: two people never overwrite
each other, and a finding has one second reader in each round.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents.keeping import erasing
from requests_app.documents.models import Document
from requests_app.kits import catalog
from requests_app.law.book import CODES
from requests_app.people.models import Person
from requests_app.review.findings import evidence as marked
from requests_app.review.findings import permissions
from requests_app.review.findings.checking import Claim, Problem, check, completed, differences, doubts, stops
from requests_app.review.findings.definitions import Definition, definition_of
from requests_app.review.findings.states import BLIND, CLOSED, SETTLED, Act, State, after
from requests_app.review.models import Annotation, Contradiction, Finding, FindingChange, Reading

CLAIMED = (
    *("answer", "number", "words", "unit", "component", "message_key", "door", "producer"),
    *("fan_out", "starts_on", "ends_on", "grain"),
)
ERASED = "–"  # in place of words that were erased
LONGEST_NOTE = 2000  # signs of a caveat or a reason


class NotKept(ValueError):
    """What was said cannot be kept. `problems` say why; those that do not stop are doubts to confirm."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(str(problem.sentence) for problem in problems))


class NotPossible(Exception):
    """The finding is not where this can happen, or it is not this person's to do. The text says what to do."""


class ChangedMeanwhile(NotPossible):
    """Somebody changed the finding since it was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else worked on this finding since you opened it, so yours was not kept. Look at it again.")
        )


@dataclass(frozen=True)
class Told:
    """What a person says of a finding besides its value."""

    jurisdiction: str
    about: str = ""
    item: int | None = None
    confidence: str = Finding.Confidence.HIGH
    caveat: str = ""


def keep(
    document: Document,
    evidence: Sequence[Annotation],
    definition: Definition,
    claim: Claim,
    told: Told,
    *,
    confirmed: Collection[str] = (),
    is_draft: bool = False,
    by: Person,
    now: datetime,
) -> Finding:
    """Keep a value with its evidence; it waits for a second reader, unless it is a draft.

    `confirmed`: codes of the doubts its reader has looked at. Raises NotKept.
    """
    claim = completed(claim, definition)
    found = check_it(document, evidence, definition, claim, told.jurisdiction)
    _stop(found, told, definition, confirmed)
    _check_evidence(document, evidence)
    records_request = document.request
    with transaction.atomic():
        made = Finding(
            request=records_request,
            document=document,
            kit_id=definition.kit_id,
            kit_version=catalog.get_kit(definition.kit_id).edition,
            field=definition.name,
            doubts=[problem.code for problem in doubts(found)],
            state=State.DRAFT if is_draft else State.WAITING,
            read_by=by,
            read_at=now,
            changed_at=now,
            **columns_of(claim),
            **_told(told),
        )
        made.save(force_insert=True)
        made.evidence.set(evidence)
        _note(made, FindingChange.Kind.KEPT, by=by, now=now)
    return made


def check_it(
    document: Document, evidence: Sequence[Annotation], definition: Definition, claim: Claim, jurisdiction: str
) -> list[Problem]:
    """Return what is wrong with or doubtful about a claim on this evidence."""
    asked = document.request
    return check(
        claim,
        definition,
        evidence=[words for each in evidence if (words := marked.words_of(each))],
        came_on=came_on(document),
        asked=(asked.period_start, asked.period_end),
        jurisdiction=jurisdiction,
    )


def came_on(document: Document) -> date:
    """Return the day on which a document came: nothing in it is about a later one."""
    return document.received_on


def offer(finding: Finding, *, seen_revision: int, by: Person, now: datetime) -> Finding:
    """Give a draft to a second reader."""
    if finding.read_by_id != by.pk:
        raise NotPossible(_("Only the person who wrote a draft gives it to a second reader."))
    with transaction.atomic():
        _turn(finding, Act.OFFER, seen_revision, now)
        _note(finding, FindingChange.Kind.OFFERED, by=by, now=now)
    return Finding.objects.get(pk=finding.pk)


def read_again(
    finding: Finding, claim: Claim, *, confirmed: Collection[str] = (), by: Person, now: datetime
) -> Finding:
    """Keep what the second reader sees. Agreeing verifies the finding; otherwise a third person decides.

    Nothing of the first value is in what this raises: NotKept of the claim itself, NotPossible.
    """
    if not permissions.can_read_again(by, finding):
        raise NotPossible(_("This finding does not wait for you: it was read, or you wrote its value yourself."))
    definition = definition_for(finding)
    claim = completed(claim, definition)
    evidence = list(finding.evidence.all())
    found = check_it(finding.document, evidence, definition, claim, finding.jurisdiction)
    _stop(found, None, definition, confirmed)
    agrees = not differences(finding.claim, claim, definition)
    with transaction.atomic():
        settled = {"settled_at": now} if agrees else {}
        _turn(finding, Act.AGREE if agrees else Act.DIFFER, finding.revision, now, **settled)
        _read(finding, Reading.Kind.SECOND, claim, by=by, now=now)
        _note(finding, FindingChange.Kind.AGREED if agrees else FindingChange.Kind.DIFFERED, by=by, now=now)
    return Finding.objects.get(pk=finding.pk)


def decide(
    finding: Finding,
    claim: Claim,
    *,
    why: str,
    seen_revision: int,
    confirmed: Collection[str] = (),
    by: Person,
    now: datetime,
) -> Finding:
    """Say which value stands, in sight of both readings and the page. Both readings stay."""
    if not permissions.can_decide(by, finding, readers_of(finding)):
        raise NotPossible(_("A third person decides between two readers, or a coordinator. Nothing was decided."))
    if not why.strip():
        raise NotPossible(_("Say why this value stands: the reason stays with it."))
    definition = definition_for(finding)
    claim = completed(claim, definition)
    found = check_it(finding.document, list(finding.evidence.all()), definition, claim, finding.jurisdiction)
    _stop(found, None, definition, confirmed)
    before = {"claim": as_data(finding.claim), "read_by": finding.read_by.handle}
    told = {"doubts": [problem.code for problem in doubts(found)], "settled_at": now}
    with transaction.atomic():
        _turn(finding, Act.DECIDE, seen_revision, now, **columns_of(claim), **told)
        _read(finding, Reading.Kind.DECISION, claim, by=by, now=now, why=why)
        _note(finding, FindingChange.Kind.DECIDED, by=by, now=now, why=why, before=before)
    return Finding.objects.get(pk=finding.pk)


def change(
    finding: Finding,
    evidence: Sequence[Annotation],
    claim: Claim,
    told: Told,
    *,
    why: str = "",
    seen_revision: int,
    confirmed: Collection[str] = (),
    by: Person,
    now: datetime,
) -> Finding:
    """Say something else. Whatever was agreed is open again: a second reader reads it anew.

    Nothing changes when nothing differs. Raises NotKept, NotPossible.
    """
    if not permissions.can_change(by, finding):
        raise NotPossible(_("This finding cannot be changed by you now. Look at it again."))
    definition = definition_for(finding)
    claim = completed(claim, definition)
    found = check_it(finding.document, evidence, definition, claim, told.jurisdiction)
    _stop(found, told, definition, confirmed)
    _check_evidence(finding.document, evidence)
    before = _before(finding, evidence, claim, told)
    if not before and seen_revision == finding.revision:
        return finding
    if finding.state in SETTLED and not why.strip():
        raise NotPossible(_("Two people had settled this value. Say why it changes: the reason stays with it."))
    with transaction.atomic():
        fields = {
            **columns_of(claim),
            **_told(told),
            "doubts": [problem.code for problem in doubts(found)],
            "settled_at": None,
            "read_by": by,
            "read_at": now,
            "round": finding.round + (finding.state not in BLIND),
        }
        _turn(finding, Act.CHANGE, seen_revision, now, **fields)
        Finding.objects.get(pk=finding.pk).evidence.set(evidence)
        _note(finding, FindingChange.Kind.CHANGED, by=by, now=now, why=why, before=before)
    return Finding.objects.get(pk=finding.pk)


def replace(finding: Finding, later: Finding, *, why: str, seen_revision: int, by: Person, now: datetime) -> Finding:
    """Say that a later finding takes the place of this one: the agency sent a corrected table, for example."""
    if not permissions.can_find(by) or finding.pk == later.pk or later.state in {State.SUPERSEDED, State.WITHDRAWN}:
        raise NotPossible(_("Choose another finding that still stands to take the place of this one."))
    if (later.kit_id, later.field, later.jurisdiction) != (finding.kit_id, finding.field, finding.jurisdiction):
        raise NotPossible(_("Only a finding of the same kind and the same state takes the place of this one."))
    if not why.strip():
        raise NotPossible(_("Say why: the reason stays with both findings."))
    with transaction.atomic():
        _turn(finding, Act.REPLACE, seen_revision, now, replaced_by=later)
        _note(finding, FindingChange.Kind.REPLACED, by=by, now=now, why=why, before={"by": later.pk})
    return Finding.objects.get(pk=finding.pk)


def withdraw(finding: Finding, *, why: str, seen_revision: int, by: Person, now: datetime) -> Finding:
    """Take a finding back: it should never have been kept. It stays, with who and why, and counts nowhere."""
    if not permissions.can_withdraw(by, finding):
        raise NotPossible(_("Its reader or a coordinator takes a finding back. Nothing was changed."))
    if not why.strip():
        raise NotPossible(_("Say why: the reason stays with the finding."))
    with transaction.atomic():
        _turn(finding, Act.WITHDRAW, seen_revision, now)
        _note(finding, FindingChange.Kind.WITHDRAWN, by=by, now=now, why=why)
    return Finding.objects.get(pk=finding.pk)


def contradict(finding: Finding, other: Finding, *, note: str, by: Person, now: datetime) -> Contradiction:
    """Set two findings against each other. The same two again return what is kept."""
    if not permissions.can_find(by) or finding.pk == other.pk:
        raise NotPossible(_("Choose another finding that this one contradicts."))
    if not note.strip():
        raise NotPossible(_("Say in what the two contradict each other."))
    one, two = sorted((finding, other), key=lambda each: each.pk)
    try:
        with transaction.atomic():
            made = Contradiction.objects.create(one=one, other=two, note=_short(note), by=by, at=now)
            for each in (one, two):
                _note(each, FindingChange.Kind.CONTRADICTED, by=by, now=now, why=note)
    except IntegrityError:
        return Contradiction.objects.get(one=one, other=two, taken_back_at=None)
    return made


def reconcile(contradiction: Contradiction, *, by: Person, now: datetime) -> bool:
    """Take a contradiction back: it is explained. Returns False when it was before."""
    if not permissions.can_find(by):
        raise NotPossible(_("Reviewers and coordinators take a contradiction back."))
    with transaction.atomic():
        if not Contradiction.objects.filter(pk=contradiction.pk, taken_back_at=None).update(taken_back_at=now):
            return False
        for each in (contradiction.one, contradiction.other):
            _note(each, FindingChange.Kind.RECONCILED, by=by, now=now, why=contradiction.note)
    return True


def why_kept(annotation: Annotation) -> str:
    """Return why a mark may not be withdrawn: a finding rests on it. "" when none does."""
    numbers = annotation.findings.exclude(state__in=CLOSED).order_by("pk").values_list("pk", flat=True)
    if not numbers:
        return ""
    said = _("A finding rests on this: %(numbers)s. Give the finding other evidence first, or take it back.")
    return said % {"numbers": ", ".join(str(number) for number in numbers[:5])}


def written_about(documents: Collection[uuid.UUID]) -> list[erasing.Written]:
    """Name the findings from documents that are erased, for `erasing.also`."""
    found = Finding.objects.filter(document__in=documents)
    return [erasing.Written(found, lambda n: ngettext("%(n)d finding", "%(n)d findings", n) % {"n": n}, _empty)]


def _empty(findings: QuerySet[Finding]) -> None:
    """Take out every word that was taken from the document or written about it.

    Numbers, dates and codes stay with their history: they name no person, and what was published of them must be known.
    """
    Contradiction.objects.filter(Q(one__in=findings) | Q(other__in=findings)).update(note="")
    FindingChange.objects.filter(finding__in=findings).update(before={}, why="")
    Reading.objects.filter(finding__in=findings).update(why="")
    for rows in (Reading.objects.filter(finding__in=findings), findings):
        rows.exclude(words="").update(words=ERASED)
    findings.update(caveat="", about="")


# --- Pieces -------------------------------------------------------------------------------------------------------


def definition_for(finding: Finding) -> Definition:
    """Return what kind of finding it is. A field that its kit has no more is looked up in the edition it came from."""
    try:
        return definition_of(catalog.get_kit(finding.kit_id), finding.field)
    except LookupError:
        return definition_of(catalog.get_kit(finding.kit_id, finding.kit_version), finding.field)


def readers_of(finding: Finding) -> set[int]:
    """Return who gave one of the readings that stand against each other."""
    seconds = finding.readings.filter(round=finding.round, kind=Reading.Kind.SECOND)
    return {finding.read_by_id, *seconds.values_list("by", flat=True)}


def columns_of(claim: Claim) -> dict[str, Any]:
    """Return a claim as the columns of `Claimed`."""
    columns = {name: getattr(claim, name) for name in CLAIMED}
    # A line is one value, so a value has no lines: the page itself is the evidence for how it is broken.
    return {**columns, "words": "\n".join(" ".join(word.split()) for word in claim.words)}


def as_data(claim: Claim) -> dict[str, str]:
    """Return what a claim says, as history keeps it: parts that say nothing are left out."""
    columns = {name: str(value) for name, value in columns_of(claim).items() if value not in (None, "")}
    return {name: value for name, value in columns.items() if (name, value) != ("fan_out", "unknown")}


def _stop(found: Sequence[Problem], told: Told | None, definition: Definition, confirmed: Collection[str]) -> None:
    wrong = stops(found)
    if told is not None:
        wrong += _of_told(told, definition)
    # Doubts are told together with what is wrong, so that both are mended at once.
    open_doubts = [problem for problem in doubts(found) if problem.code not in confirmed]
    if wrong or open_doubts:
        raise NotKept([*wrong, *open_doubts])


def _of_told(told: Told, definition: Definition) -> list[Problem]:
    found = []
    if definition.about and not told.about.strip():
        found.append(Problem("needs_about", "about"))
    if told.jurisdiction not in CODES:
        found.append(Problem("no_state", "jurisdiction"))
    if told.confidence not in Finding.Confidence.values:
        found.append(Problem("unknown_name", "confidence"))
    return found


def _check_evidence(document: Document, evidence: Sequence[Annotation]) -> None:
    here = [each for each in evidence if each.document_id == document.pk]
    if not here:
        raise NotKept([Problem("needs_evidence", "evidence")])
    if any(each.withdrawn_at is not None or each.is_lost for each in evidence):
        raise NotKept([Problem("evidence_gone", "evidence")])
    if any(each.visibility == Annotation.Visibility.ME for each in evidence):
        raise NotKept([Problem("evidence_private", "evidence")])
    if any(each.document.request_id != document.request_id for each in evidence):
        raise NotKept([Problem("evidence_elsewhere", "evidence")])


def _told(told: Told) -> dict[str, Any]:
    return {
        "jurisdiction": told.jurisdiction,
        "about": " ".join(told.about.split())[:200],
        "item": told.item,
        "confidence": told.confidence,
        "caveat": _short(told.caveat),
    }


def _before(finding: Finding, evidence: Sequence[Annotation], claim: Claim, told: Told) -> dict[str, Any]:
    """Return what stands there and would not stay."""
    before: dict[str, Any] = {}
    if columns_of(finding.claim) != columns_of(claim):
        before["claim"] = as_data(finding.claim)
        before["read_by"] = finding.read_by.handle
    for name, value in _told(told).items():
        if getattr(finding, name) != value:
            before[name] = getattr(finding, name)
    kept = set(finding.evidence.values_list("pk", flat=True))
    if kept != {each.pk for each in evidence}:
        before["evidence"] = sorted(kept)
    return before


def _turn(finding: Finding, act: Act, seen_revision: int, now: datetime, **fields: Any) -> None:
    """Change the state, if nobody wrote since that revision: SQLite has no row locks, so this is the guard."""
    then = after(finding.state, act)
    if then is None:
        raise NotPossible(_("This finding has moved on, so nothing was changed. Look at it again."))
    rows = Finding.objects.filter(pk=finding.pk, revision=seen_revision, state=finding.state)
    if not rows.update(**{"state": then, **fields}, changed_at=now, revision=seen_revision + 1):
        raise ChangedMeanwhile


def _read(finding: Finding, kind: str, claim: Claim, *, by: Person, now: datetime, why: str = "") -> None:
    knew = kind == Reading.Kind.SECOND and knew_earlier(finding, by)
    Reading.objects.create(
        finding=finding,
        round=finding.round,
        kind=kind,
        by=by,
        at=now,
        why=_short(why),
        knew_earlier=knew,
        **columns_of(claim),
    )


def knew_earlier(finding: Finding, person: Person) -> bool:
    """Return whether this person wrote or read a value of this finding before."""
    wrote = finding.changes.filter(by=person).exclude(kind=FindingChange.Kind.CONTRADICTED).exists()
    return finding.round > 1 and (wrote or finding.readings.filter(by=person).exists())


def _note(
    finding: Finding, kind: str, *, by: Person, now: datetime, why: str = "", before: dict[str, Any] | None = None
) -> None:
    FindingChange.objects.create(finding=finding, kind=kind, by=by, at=now, why=_short(why), before=before or {})


def _short(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE]
