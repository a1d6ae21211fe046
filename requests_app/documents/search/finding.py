"""Finds what a person asked for among the documents they may see.

1. Which documents may be looked at: those this person may see, narrowed by the fields of the query, never one that is
   locked or erased. This condition is part of the database's own search: what a person cannot see is no candidate, so
   that no count, facet or suggestion can tell of it.
2. The newest `RANKED` passages in which everything stands that was asked for, each with a score.
3. Grouped by document, the best first, and counted. Where step 2 had to leave older passages out, the page says so.
4. Texts are read for the documents of one page alone.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from requests_app.documents.models import Document, Passage
from requests_app.documents.search import queries
from requests_app.documents.search.engines import Candidate, Candidates, Scope, the_engine
from requests_app.documents.search.facets import Facet, Facts, count
from requests_app.documents.search.language import Asked, parse
from requests_app.documents.search.snippets import Piece, cut_around, hits_in
from requests_app.people.models import Person

RANKED: Final = 1000  # passages that are compared with one another; of common words, the newest ones
LOOKED_AT: Final = 10_000  # passages with the words that are looked at for documents this person may see
FEW: Final = 500  # documents whose numbers are given to the index itself
PAGE: Final = 20  # documents
SHOWN: Final = 3  # places of one document
READ: Final = 20_000  # characters of a passage that are read for its stretch; more where nothing is found in them

# What a reviewer wrote weighs more than what stands on one of the pages; a name is short, and wins by that.
WEIGHT: Final[dict[str, float]] = {Passage.Kind.NOTE.value: 1.3}


@dataclass(frozen=True)
class Place:
    """One page, block of rows, mail or note of a document that fits, with the stretch that shows it."""

    kind: str
    place: int
    part: int
    pieces: tuple[Piece, ...]

    @property
    def is_page(self) -> bool:
        """Whether there may be a picture of it."""
        return self.kind == Passage.Kind.PAGE


@dataclass(frozen=True)
class Found:
    """One document with its best places, and how many of its places were among the candidates."""

    document: Document
    places: tuple[Place, ...]
    place_count: int


@dataclass(frozen=True)
class Results:
    """One page of an answer."""

    asked: Asked
    found: tuple[Found, ...] = ()
    document_count: int = 0
    place_count: int = 0
    is_bounded: bool = False  # older ones were left out, and the counts with them
    facets: tuple[Facet, ...] = ()
    page: int = 1
    has_more: bool = False
    keys: tuple[str, ...] = field(default=(), repr=False)  # hex ids of all documents found, the best first

    @property
    def ids(self) -> tuple[uuid.UUID, ...]:
        """All documents found, the best first."""
        return tuple(map(uuid.UUID, self.keys))


def find(person: Person | AnonymousUser, query: str, *, page: int = 1) -> Results:
    """Return one page of what fits a query among the documents this person may see. Any text is a query."""
    return find_asked(person, parse(query), page=page)


def find_asked(
    person: Person | AnonymousUser, asked: Asked, *, page: int = 1, among: Sequence[uuid.UUID] | None = None
) -> Results:
    """As `find`, for a query that was read already. `among`: only these documents."""
    documents = queries.narrowed(queries.findable_by(person), asked)
    if among is not None:
        documents = documents.filter(pk__in=among)
    if not asked.says_something:
        return Results(asked)
    found = _candidates(documents, asked) if asked.every else Candidates()
    facts, bounded = _documents_of(documents, found) if asked.every else _newest(documents, asked)
    places = _places_of(facts, found)
    if asked.every:
        scored = {pk: _score(places[pk]) for pk in facts if places[pk]}
        order = sorted(scored, key=lambda pk: (-scored[pk], -facts[pk].received_on.toordinal(), pk))
    else:
        order = list(facts)
    shown = order[(page - 1) * PAGE : page * PAGE]
    return Results(
        asked,
        found=_shown(shown, places, asked),
        document_count=len(order),
        place_count=sum(len(places[pk]) for pk in order),
        is_bounded=bounded or found.is_bounded,
        facets=count([facts[pk] for pk in order], queries.tags_of(order), asked),
        page=page,
        has_more=len(order) > page * PAGE,
        keys=tuple(order),
    )


def finds_anything(person: Person | AnonymousUser, asked: Asked) -> bool:
    """Whether this person would find anything at all."""
    documents = queries.narrowed(queries.findable_by(person), asked)
    if not asked.every:
        return documents.exists()
    return bool(
        the_engine().find(asked.every, asked.without, _scope(documents, asked), ranked=1, looked_at=LOOKED_AT).rows
    )


def _candidates(documents: QuerySet[Document], asked: Asked) -> Candidates:
    scope = _scope(documents, asked)
    return the_engine().find(asked.every, asked.without, scope, ranked=RANKED, looked_at=LOOKED_AT)


def _scope(documents: QuerySet[Document], asked: Asked) -> Scope:
    """Return the documents as the engine is told them: by their numbers where they are few."""
    kinds, not_kinds = tuple(asked.values("in")), tuple(asked.values("in", excluded=True))
    few = list(documents.order_by().values_list("pk", "blob_id")[: FEW + 1])
    if len(few) <= FEW:
        blobs = tuple(dict.fromkeys(blob for _pk, blob in few))
        documents_of = tuple(pk.hex for pk, _blob in few)
        return Scope(
            few_blobs=blobs, few_documents=documents_of, is_few=True, kinds=kinds, not_kinds=not_kinds
        )  # fmt: skip
    of_blob, blob_params = _sql(documents.filter(blob=RawSQL("{passage}.blob_id", ())))
    of_document, own_params = _sql(documents.filter(pk=RawSQL("{passage}.document_id", ())))
    return Scope(
        sql_of_blob=of_blob, sql_of_document=of_document, params=(*blob_params, *own_params), kinds=kinds,
        not_kinds=not_kinds,
    )  # fmt: skip


def _sql(documents: QuerySet[Document]) -> tuple[str, tuple[Any, ...]]:
    sql, params = documents.order_by().values("pk").query.sql_with_params()
    return sql, tuple(params)


def _documents_of(documents: QuerySet[Document], found: Candidates) -> tuple[dict[str, Facts], bool]:
    """Return the documents of these passages, each that this person may see. Two queries."""
    blobs = {row.blob for row in found.rows if row.blob}
    own = {row.document for row in found.rows if row.document}
    facts: dict[str, Facts] = {}
    # Two queries and not one with OR: each can use its own index. The newest of a file that came a thousand times.
    of_blobs = documents.filter(blob__in=blobs).order_by("-brought_at", "id") if blobs else documents.none()
    for rows in (of_blobs, documents.filter(pk__in=own) if own else documents.none()):
        facts |= {fact.document: fact for fact in queries.facts_of(rows[: RANKED + 1])}
    return facts, len(facts) > RANKED


def _newest(documents: QuerySet[Document], asked: Asked) -> tuple[dict[str, Facts], bool]:
    """Return the newest documents that fit the fields alone."""
    kinds = asked.values("in")
    if kinds:
        passages = Passage.objects.filter(kind__in=kinds)
        own, of_blob = passages.filter(document=OuterRef("pk")), passages.filter(blob=OuterRef("blob"))
        documents = documents.filter(Exists(own) | Exists(of_blob))
    rows = queries.facts_of(documents.order_by("-brought_at", "id")[: RANKED + 1])
    return {fact.document: fact for fact in rows[:RANKED]}, len(rows) > RANKED


def _places_of(facts: dict[str, Facts], found: Candidates) -> dict[str, list[Candidate]]:
    """Return the passages of each document, the best first. A blob's belong to every document that has it."""
    by_blob: dict[str, list[str]] = defaultdict(list)
    for pk, fact in facts.items():
        by_blob[fact.blob].append(pk)
    places: dict[str, list[Candidate]] = {pk: [] for pk in facts}
    for row in sorted(found.rows, key=lambda row: (-_weighed(row), row.place, row.part)):
        owners = by_blob.get(row.blob, []) if row.blob else [row.document or ""]
        for pk in owners:
            if pk in places:
                places[pk].append(row)
    return places


def _weighed(row: Candidate) -> float:
    return row.score * WEIGHT.get(row.kind, 1.0)


def _score(places: Sequence[Candidate]) -> float:
    """The best place decides; many good ones help a little, so that a long file does not win by its length."""
    best = _weighed(places[0])
    return best * (1 + 0.1 * log1p(len(places) - 1))


def _shown(pks: Sequence[str], places: dict[str, list[Candidate]], asked: Asked) -> tuple[Found, ...]:
    """Return the documents of one page with their best places. Two queries."""
    documents = {each.pk.hex: each for each in queries.with_what_a_row_shows().filter(pk__in=pks)}
    wanted = {row.passage for pk in pks for row in places[pk][:SHOWN]}
    texts = dict(queries.beginnings(wanted, READ))
    far = [passage for passage, text in texts.items() if len(text) == READ and not hits_in(text, asked.terms)]
    texts |= dict(queries.beginnings(far, None)) if far else {}
    return tuple(
        Found(
            documents[pk],
            tuple(
                Place(row.kind, row.place, row.part, tuple(cut_around(texts.get(row.passage, ""), asked.terms)))
                for row in places[pk][:SHOWN]
            ),
            len(places[pk]),
        )
        for pk in pks
        if pk in documents
    )
