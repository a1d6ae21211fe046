""" "Did you mean": words of the pages that are one or two slips away from what was typed.

The known words are learned from the passages, a batch at a time, and are only ever shown in a query that found
something for the person who asks: a word of a document they may not see is never suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F

from requests_app.documents.models import KnownWord, Passage, WordsLearned
from requests_app.documents.search.finding import finds_anything
from requests_app.documents.search.folding import placed_words, words_in
from requests_app.documents.search.language import Asked, parse
from requests_app.people.models import Person

SHORTEST, LONGEST = 4, 32  # letters of a word that is learned
BATCH: Final = 500  # passages
ALIKE: Final = 3000  # known words that are compared with one that was typed, the commonest
TRIED: Final = 4  # suggestions that are searched for before we give up


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be added, left out, replaced or swapped with the next; more than `most` is most + 1.

    The optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, across in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != across))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == across:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def suggest(person: Person | AnonymousUser, query: str, asked: Asked) -> str:
    """Return a query that is spelled otherwise and finds something for this person; "" where there is none."""
    typed = {
        term.words[0] for term in asked.terms
        if len(term.words) == 1 and not term.begins and SHORTEST <= len(term.words[0]) <= LONGEST
    }  # fmt: skip
    instead = {word: like for word in typed if (like := _like(word))}
    if not instead:
        return ""
    for number in range(TRIED):
        chosen = {word: like[min(number, len(like) - 1)] for word, like in instead.items()}
        other = _respelled(query, chosen)
        if other != query and finds_anything(person, parse(other)):
            return other
        if all(len(like) <= number + 1 for like in instead.values()):
            break
    return ""


def _like(word: str) -> list[str]:
    """Return the known words nearest to one that was typed, the nearest and commonest first; [] for a known one."""
    if word.isdigit():
        return []
    most = 1 if len(word) < 6 else 2
    initials = {word[0], word[1]}  # a swapped or lost first letter
    rows = KnownWord.objects.filter(initial__in=initials, length__range=(len(word) - most, len(word) + most))
    near = []
    for known, seen in rows.order_by("-seen").values_list("word", "seen")[:ALIKE]:
        far = distance(word, known, most)
        if far == 0:
            if seen > 1:
                return []
        elif far <= most:
            near.append((far, -seen, known))
    return [known for _far, _seen, known in sorted(near)[:TRIED]]


def _respelled(query: str, chosen: dict[str, str]) -> str:
    pieces, position = [], 0
    for start, end, word in placed_words(query):
        is_value = query[:start].endswith((":", ':"'))
        pieces += [query[position:start], query[start:end] if is_value else chosen.get(word, query[start:end])]
        position = end
    return "".join([*pieces, query[position:]])


def learn() -> bool:
    """Learn the words of the next passages. Returns True when there may be more.

    What came into a number already passed, as when two wrote at once, is not learned; a suggestion is then missing,
    nothing else.
    """
    with transaction.atomic():
        row, _made = WordsLearned.objects.get_or_create(pk=1)
        passages = list(Passage.objects.filter(pk__gt=row.up_to).order_by("pk").values_list("pk", "text")[:BATCH])
        if not passages:
            return False
        moved = WordsLearned.objects.filter(pk=1, up_to=row.up_to).update(up_to=passages[-1][0])
        if moved:
            _add(_counted(text for _pk, text in passages))
    return len(passages) == BATCH


def forget_all() -> None:
    """Unlearn everything, to learn it anew."""
    with transaction.atomic():
        KnownWord.objects.all().delete()
        WordsLearned.objects.all().delete()


def _counted(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({w for w in words_in(text) if SHORTEST <= len(w) <= LONGEST and w.isalpha()})
    return counts


def _add(counts: Counter[str]) -> None:
    words: Sequence[str] = sorted(counts)  # in one order, so that two writers do not wait for each other
    for start in range(0, len(words), 1000):
        part = words[start : start + 1000]
        known = set(KnownWord.objects.filter(word__in=part).values_list("word", flat=True))
        by_count: dict[int, list[str]] = {}
        for word in part:
            if word in known:
                by_count.setdefault(counts[word], []).append(word)
        for number, same in by_count.items():
            KnownWord.objects.filter(word__in=same).update(seen=F("seen") + number)
        KnownWord.objects.bulk_create(
            [
                KnownWord(word=word, initial=word[0], length=len(word), seen=counts[word])
                for word in part
                if word not in known
            ],
            update_conflicts=True, unique_fields=["word"], update_fields=["length"],
        )  # fmt: skip
