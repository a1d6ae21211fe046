"""From the text of a mail to what it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from requests_app.correspondence.incoming.suggesting import links, values
from requests_app.correspondence.incoming.suggesting.found import Found, Kind, Letter, Level, Suggestion
from requests_app.correspondence.incoming.suggesting.guards import Guard, is_example, without_foreign_words
from requests_app.correspondence.incoming.suggesting.rules import COMPLETES, ONLY_PART, RULES, Rule
from requests_app.correspondence.incoming.suggesting.sentences import Sentence, sentences_of

LONGEST: Final = 60_000  # characters of new text; ten thousand words, and no answer is longer before it says what it is
MOST_SENTENCES_OF_ONE: Final = 3

# Kinds that end the wait for a decision: beside them, a receipt or a date to come says nothing new.
_FINAL: Final = frozenset({Kind.DENIAL, Kind.NO_RECORDS, Kind.PRODUCTION, Kind.GRANTED})
# What can still be meant where a condition comes first: "if you agree, please send $45.00".
_UNDER_CONDITION: Final = frozenset({Kind.FEE, Kind.DEPOSIT, Kind.CLARIFICATION, Kind.REFERRAL, Kind.PORTAL})
_UNDONE_BY_CONDITION: Final = frozenset({Kind.DENIAL, Kind.NO_RECORDS, Kind.EXTENSION, Kind.CLOSED, Kind.GRANTED})
_WITH_NUMBER: Final = frozenset(Kind) - {Kind.WAIVER}


@dataclass(slots=True)
class _Gathered:
    """What was found of one kind so far."""

    level: Level
    sentences: list[tuple[Level, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Context:
    """What one sentence is read with."""

    sentence: Sentence
    bare: str
    letter: Letter
    has_link: bool


def read(text: str, letter: Letter) -> Found:
    """Return what the new text of a mail may mean, the surest first, and the links to records in it."""
    if letter.written_on is not None and not 1990 <= letter.written_on.year <= 2200:
        letter = replace(letter, written_on=None)  # a clock that was never set; nothing can be counted from it
    sentences = sentences_of(text[:LONGEST])
    found_links = links.links_in(sentences, letter.html, letter.written_on)
    gathered: dict[Kind, _Gathered] = {}
    denying: set[int] = set()
    for sentence in sentences:
        bare = without_foreign_words(sentence.bare)
        context = _Context(sentence, bare, letter, bool(found_links))
        for kind in _read_sentence(context, gathered):
            if kind is Kind.DENIAL:
                denying.add(sentence.paragraph)
    _gather_sections(gathered, sentences, denying)
    _gather_extent(gathered, sentences)
    kept = _weighed(gathered, letter, bool(found_links))
    _gather_number(kept, sentences, letter)
    suggestions = (Suggestion(kind, each.level, _strongest(each.sentences), each.values) for kind, each in kept.items())
    return Found(tuple(sorted(suggestions, key=lambda one: (-one.level, _ORDER[one.kind]))), found_links)


_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


_BY_HINT: Final = {
    hint: tuple(place for place, rule in enumerate(RULES) if hint in rule.hints)
    for hint in dict.fromkeys(hint for rule in RULES for hint in rule.hints)
}


def _hinted(bare: str) -> list[Rule]:
    """Return the rules of which a hint stands in a sentence, in the order of the table."""
    places: set[int] = set()
    for hint, rules in _BY_HINT.items():
        if hint in bare:
            places.update(rules)
    return [RULES[place] for place in sorted(places)]


def _read_sentence(context: _Context, gathered: dict[Kind, _Gathered]) -> set[Kind]:
    """Try every rule on one sentence; of each kind, the surest counts. Returns the kinds found."""
    bare = context.bare
    guard: Guard | None = None
    here: dict[Kind, tuple[Level, Rule]] = {}
    for rule in _hinted(bare):
        if rule.kind in here and here[rule.kind][0] >= rule.level and not rule.marks:
            continue
        match = rule.pattern.search(bare)
        if match is None or (rule.unless is not None and rule.unless.search(bare)):
            continue
        if rule.needs and not all(_has(need, context) for need in rule.needs):
            continue
        guard = guard or Guard(bare)
        start = _telling_place(match.group(0), match.start(), rule)
        level = _guarded(guard, rule, match.start(), start, match.end())
        if level is None:
            continue
        if rule.kind not in here or level > here[rule.kind][0]:
            here[rule.kind] = (level, rule)
        _note(gathered, rule, level, context)
    return set(here)


def _telling_place(words: str, begin: int, rule: Rule) -> int:
    """Return where in the match the word stands that tells: the first of the rule's hints."""
    places = [place for hint in rule.hints if (place := words.find(hint)) >= 0]
    return begin + min(places, default=0)


def _guarded(guard: Guard, rule: Rule, begin: int, telling: int, end: int) -> Level | None:
    """Return how sure a rule may be in its sentence; None where the sentence does not mean it."""
    level = rule.level
    if not rule.guarded:
        return level
    if guard.general or guard.inside_condition(begin) or guard.inside_condition(telling):
        return None
    if guard.negated(begin) or (rule.kind is not Kind.NO_RECORDS and guard.negated(telling)):
        return None
    if guard.only_possible(begin) or (rule.kind is not Kind.NO_RECORDS and guard.only_possible(telling)):
        if "amount" not in rule.needs and rule.kind not in (Kind.PRODUCTION, Kind.REFERRAL, Kind.PORTAL):
            return None
        if "amount" in rule.needs:
            level = Level(max(0, level - 2))
    if guard.under_condition(begin):
        if rule.kind not in _UNDER_CONDITION:
            return None
        level = Level(max(0, level - 1))
    if guard.condition_follows(end) and rule.kind in _UNDONE_BY_CONDITION:
        return None
    if is_example(guard.bare):
        level = Level(max(0, level - 1))
    return level


def _has(need: str, context: _Context) -> bool:
    bare, letter = context.bare, context.letter
    match need:
        case "amount":
            return any(amount.role != "deposit" for amount in values.amounts_in(bare))
        case "deposit":
            return any(amount.role == "deposit" for amount in values.amounts_in(bare))
        case "last_day":
            return _last_day(bare, letter.written_on) is not None
        case "period":
            return bool(values.periods_in(bare))
        case "link":
            return context.has_link
        case "files_or_link":
            return context.has_link or letter.files > 0
        case "other_body":
            return bool(_other_body(context.sentence.text, bare))
    return True  # "files": without one, the level falls in `_weighed`


def _last_day(bare: str, written_on: date | None) -> values.Day | None:
    """Return the day by which something is promised: one that a preposition makes a limit, and that lies ahead."""
    ahead = [
        day for day in values.days_in(bare, written_on) if day.limit and (written_on is None or day.on > written_on)
    ]
    return next((day for day in ahead if day.strong), None) or next(iter(ahead), None)


def _other_body(text: str, bare: str) -> str:
    """Return the name of the public body to which a sentence sends us."""
    for place, name in values.names_of_bodies(text):
        if not bare[place : place + 1].strip():
            continue
        before = bare[max(0, place - 50) : place].rstrip().removesuffix(" the")
        if before.endswith(
            (" to", " contact", " by", " of", " with", " custodian", " is", " from", ":", " try", " at")
        ):
            return name
        if (
            place < 6
            and (" " in name or "custodian of" in bare)
            and any(words in bare for words in ("custodian of", "maintains", "holds", "keeps"))
        ):
            return name
    return ""


def _note(gathered: dict[Kind, _Gathered], rule: Rule, level: Level, context: _Context) -> None:
    kind = rule.kind
    each = gathered.setdefault(kind, _Gathered(level))
    each.level = max(each.level, level)
    each.sentences.append((level, context.sentence.text))
    for name, value in _values_of(rule, context).items():
        if name == "sections":
            each.values[name] = list(dict.fromkeys([*each.values.get(name, ()), *value]))
        elif name == "amount_cents":
            _prefer(each.values, value, total=_names_total(context))
        else:
            each.values.setdefault(name, value)


def _names_total(context: _Context) -> bool:
    return any(amount.role == "total" for amount in values.amounts_in(context.bare))


def _prefer(said: dict[str, Any], cents: int, *, total: bool) -> None:
    """Keep a sum that is called the total; of several others, the largest, and say that there were several."""
    if said.get("_total"):
        return
    if total:
        said["_total"], said["amount_cents"] = True, cents
        said.pop("several", None)
        return
    known = said.get("amount_cents")
    if known is not None and known != cents:
        said["several"] = True
    said["amount_cents"] = max(known or 0, cents)


def _values_of(rule: Rule, context: _Context) -> dict[str, Any]:
    bare, written_on = context.bare, context.letter.written_on
    match rule.kind:
        case Kind.EXTENSION:
            return _time_of(bare, written_on)
        case Kind.ACKNOWLEDGMENT:
            return _received(bare, written_on)
        case Kind.FEE | Kind.DEPOSIT:
            return _sums(bare, deposit_only=rule.kind is Kind.DEPOSIT)
        case Kind.WAIVER:
            part = any(words in bare for words in ("in part", "partial", "reduce"))
            return {"outcome": "part" if part and rule.marks == "granted" else rule.marks}
        case Kind.DENIAL | Kind.GRANTED:
            return {"part": True} if rule.marks == "part" else {}
        case Kind.PRODUCTION:
            return _extent(bare)
        case Kind.REFERRAL:
            body = _other_body(context.sentence.text, bare)
            return {"to": body[:200]} if body else {}
    return {}


def _time_of(bare: str, written_on: date | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    day = _last_day(bare, written_on)
    if day is not None:
        said["until"] = day.on.isoformat()
        if day.other_weekday:
            said["other_weekday"] = True
    period = next(iter(values.periods_in(bare)), None)
    if period is not None:
        said["period"] = period.words
        if period.days is not None:
            said |= {"days": period.days, "unit": period.unit}
        if period.of_letter and written_on is not None:
            said["counted_from"] = written_on.isoformat()
            if day is None and period.days is not None and period.unit == "calendar":
                said["until"] = (written_on + timedelta(days=period.days)).isoformat()
    return said


def _received(bare: str, written_on: date | None) -> dict[str, Any]:
    """Return the day on which the agency says that it had our letter: "received on March 2"; "dated" is another day."""
    for day in values.days_in(bare, written_on):
        before = bare[max(0, day.start - 30) : day.start]
        if written_on is not None and day.on > written_on:
            continue
        near = before.rstrip()
        came = ("receiv" in near or "receipt" in near) and near.endswith(("on", "of", "received", ":"))
        if came and not near.endswith(("dated", "letter of", "request of", "mail of")):
            return {"received_on": day.on.isoformat()}
    return {}


def _sums(bare: str, *, deposit_only: bool) -> dict[str, Any]:
    said: dict[str, Any] = {}
    asked = values.amounts_in(bare)
    deposits = [amount.cents for amount in asked if amount.role == "deposit"]
    if deposits:
        said["deposit_cents"] = max(deposits)
    if not deposit_only:
        totals = [amount.cents for amount in asked if amount.role == "total"]
        plain = [amount.cents for amount in asked if amount.role == "plain"]
        if totals:
            said["amount_cents"] = totals[-1]
        elif plain:
            said["amount_cents"] = max(plain)
            if len(set(plain)) > 1:
                said["several"] = True
    return said


def _extent(bare: str) -> dict[str, Any]:
    """Return whether all records came or some, where a sentence says so."""
    if any(
        words in bare
        for words in (
            "remaining",
            "additional records will",
            "first installment",
            "partial",
            "interim",
            "rolling",
            "next installment",
            "some of the",
            "first set",
            "first batch",
            "first production",
            "second installment",
            "will follow",
            "initial",
        )
    ):
        return {"part": True}
    if any(
        words in bare
        for words in (
            "final",
            "all responsive",
            "all of the",
            "all records",
            "complete response",
            "completes",
            "in full",
            "concludes",
            "fulfills",
        )
    ):
        return {"part": False}
    return {}


def _gather_sections(gathered: dict[Kind, _Gathered], sentences: Sequence[Sentence], denying: set[int]) -> None:
    """Give a denial the sections cited in its paragraphs: the law that it rests on often has a sentence of its own."""
    denial = gathered.get(Kind.DENIAL)
    if denial is None:
        return
    cited: list[str] = []
    for sentence in sentences:
        if sentence.paragraph in denying and "appeal" not in sentence.bare:
            cited += values.sections_in(sentence.text)
    if cited:
        denial.values["sections"] = list(dict.fromkeys(one[:200] for one in cited))[:20]


def _gather_extent(gathered: dict[Kind, _Gathered], sentences: Sequence[Sentence]) -> None:
    """Take records for all of them where another sentence says so: "This completes our response." """
    production = gathered.get(Kind.PRODUCTION)
    if production is None or "part" in production.values:
        return
    for sentence in sentences:
        bare = without_foreign_words(sentence.bare)
        match = COMPLETES.search(bare)
        if match is None or ONLY_PART.search(bare):
            continue
        guard = Guard(bare)
        begin = match.start()
        denied = guard.general or guard.negated(begin) or guard.only_possible(begin)
        conditional = guard.inside_condition(begin) or guard.under_condition(begin)
        if not denied and not conditional and not guard.condition_follows(match.end()):
            production.values["part"] = False
            production.sentences.append((Level.LIKELY, sentence.text))
            return


def _gather_number(gathered: dict[Kind, _Gathered], sentences: Sequence[Sentence], letter: Letter) -> None:
    number, said = "", ""
    for text in (*(sentence.text for sentence in sentences), letter.subject[:500]):
        number = values.number_in(text, letter.ours)
        if number:
            said = text
            break
    if not number:
        return
    if not gathered and said != letter.subject[:500]:
        gathered[Kind.PORTAL] = _Gathered(Level.LIKELY, [(Level.LIKELY, said)])
    # Once is enough: with the receipt, where there is one.
    of_kinds = {Kind.ACKNOWLEDGMENT} if Kind.ACKNOWLEDGMENT in gathered else _WITH_NUMBER & set(gathered)
    for kind in of_kinds:
        gathered[kind].values["number"] = number[:60]


def _weighed(gathered: dict[Kind, _Gathered], letter: Letter, has_link: bool) -> dict[Kind, _Gathered]:
    """Return what is left when the parts of the mail are seen together."""
    kept = {kind: replace(each, values=dict(each.values)) for kind, each in gathered.items()}
    for each in kept.values():
        each.values.pop("_total", None)
    production = kept.get(Kind.PRODUCTION)
    if production is not None and letter.files == 0 and not has_link:
        # "Attached" without a file: lost on the way, or said of something else.
        production.level = Level.DOUBTFUL
    final = {kind for kind in _FINAL if kind in kept and kept[kind].level > Level.DOUBTFUL}
    fee, deposit = kept.get(Kind.FEE), kept.get(Kind.DEPOSIT)
    if fee is not None and deposit is not None:
        fee.values.setdefault("deposit_cents", deposit.values.get("deposit_cents"))
        if fee.values["deposit_cents"] is None:
            del fee.values["deposit_cents"]
        fee.sentences += deposit.sentences
        fee.level = max(fee.level, deposit.level)
        del kept[Kind.DEPOSIT]
    if fee is not None and fee.values.get("several"):
        fee.level = min(fee.level, Level.LIKELY)
    _drop(kept, Kind.GRANTED, when=Kind.PRODUCTION in final or (Kind.DENIAL in final and not _is_part(kept)))
    _drop(kept, Kind.ACKNOWLEDGMENT, when=bool(final))
    _drop(kept, Kind.CLOSED, when=bool(final))
    _drop(kept, Kind.PORTAL, when=bool(final) or Kind.ACKNOWLEDGMENT in kept)
    extension = kept.get(Kind.EXTENSION)
    _drop(kept, Kind.EXTENSION, when=extension is not None and bool(final) and extension.level < Level.CLEAR)
    denial = kept.get(Kind.DENIAL)
    weak = denial is not None and denial.level < Level.CLEAR
    _drop(
        kept, Kind.DENIAL, when=weak and (Kind.NO_RECORDS in final or (Kind.EXTENSION in kept and not _is_part(kept)))
    )
    if denial is not None and Kind.PRODUCTION in final:
        denial.values.setdefault("part", True)
    return kept


def _is_part(kept: dict[Kind, _Gathered]) -> bool:
    denial = kept.get(Kind.DENIAL)
    return denial is not None and bool(denial.values.get("part"))


def _drop(kept: dict[Kind, _Gathered], kind: Kind, *, when: bool) -> None:
    if when:
        kept.pop(kind, None)


def _strongest(sentences: Sequence[tuple[Level, str]]) -> tuple[str, ...]:
    ordered = sorted(enumerate(sentences), key=lambda one: (-one[1][0], one[0]))
    return tuple(dict.fromkeys(text[:600] for _place, (_level, text) in ordered))[:MOST_SENTENCES_OF_ONE]
