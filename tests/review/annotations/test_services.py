"""Marking, changing, answering, withdrawing: nothing is lost, and nobody overwrites another."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app.documents.keeping import erasing
from requests_app.documents.models import Document, Page, Passage
from requests_app.documents.pagewords import pack, text_of
from requests_app.documents.search.finding import find
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Notice, Person
from requests_app.review import tasks
from requests_app.review.anchoring import TextQuote
from requests_app.review.annotations import anchors, queries, services
from requests_app.review.annotations.services import ChangedMeanwhile, NotThere, Said
from requests_app.review.models import Annotation, AnnotationChange, Label
from requests_app.review.targets import MailText, PageRegion, PageText, Target, WholeDocument, WholePage
from tests.documents.viewer.paper import TALL, WIDE, a_document, a_text, words_of
from tests.factories import NOON, PersonFactory
from tests.review.annotations.conftest import FIRST_PAGE

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)
TOTAL = PageText(1, TextQuote("1,204 queries"))


def mark(document: Document, by: Person, target: Target = TOTAL, body: str = "", **said: str) -> Annotation:
    return services.annotate(document, target, Said(body, **said), by=by, now=NOON)  # type: ignore[arg-type]


def rewrite_page(document: Document, lines: list[str]) -> None:
    """Let OCR have read the first page otherwise."""
    words = words_of(lines)
    Page.objects.filter(blob=document.blob, number=1).update(words=pack(words))
    Passage.objects.filter(blob=document.blob, kind="page", place=1).update(text=text_of(words))


def found(person: Person, words: str) -> list[int]:
    """Return the places at which the search shows these words to a person."""
    return [place.place for one in find(person, words).found for place in one.places]


# --- Marking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "kind", "place"),
    [
        pytest.param(WholeDocument(), "document", 0, id="all-of-it"),
        pytest.param(WholePage(2), "page", 2, id="a-page"),
        pytest.param(TOTAL, "text", 1, id="words"),
        pytest.param(PageRegion(2, 0.25, 0.5, 0.125, 0.1), "region", 2, id="a-region"),
    ],
)
def test_what_is_marked_is_kept_with_its_place(report: Document, rita: Person, target: Target, kind: str, place: int):
    made = mark(report, rita, target, "Look here.")
    kept = Annotation.objects.get()
    assert (kept.kind, kept.place, kept.body, kept.author, kept.revision) == (kind, place, "Look here.", rita, 0)
    assert [change.kind for change in made.changes.all()] == ["made"]
    if not isinstance(target, PageText):
        assert kept.where == target


def test_marked_words_remember_what_stands_around_them(report: Document, rita: Person):
    where = mark(report, rita).where
    assert isinstance(where, PageText)
    assert where.quote.exact == "1,204 queries"
    assert where.quote.prefix.endswith("ICE sent ") and where.quote.suffix.startswith(" in March 2025")


def test_words_stand_in_a_box_on_their_line(report: Document, rita: Person):
    box = anchors.standing(mark(report, rita)).boxes[0]
    first, last = words_of(FIRST_PAGE)[6], words_of(FIRST_PAGE)[7]  # 1,204 and queries
    wanted = (first.left / WIDE, first.top / TALL, (last.right - first.left) / WIDE, (last.bottom - first.top) / TALL)
    assert (first.text, last.text) == ("1,204", "queries")
    assert box == pytest.approx(wanted, abs=0.001)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(WholePage(3), id="no-such-page"),
        pytest.param(PageRegion(9, 0, 0, 0.5, 0.5), id="region-of-no-page"),
        pytest.param(PageText(2, TextQuote("a sentence that stands nowhere in it")), id="no-such-words"),
    ],
)
def test_what_is_not_there_cannot_be_marked(report: Document, rita: Person, target: Target):
    with pytest.raises(NotThere, match="Load the page anew"):
        mark(report, rita, target)
    assert not Annotation.objects.exists()


def test_sent_twice_is_kept_once(report: Document, rita: Person):
    key = uuid.uuid4()
    first, second = (services.annotate(report, TOTAL, Said("Once."), by=rita, now=NOON, key=key) for _time in range(2))
    assert first == second and Annotation.objects.count() == 1


def test_words_of_a_mail_are_marked(letter: RecordsRequest, rita: Person):
    mail = a_text(letter, "Subject: Totals\n\nICE sent 1,204 queries.\n", name="a.eml", kind="e-mail")
    assert mark(mail, rita, MailText(TextQuote("1,204 queries"))).kind == "passage"


def test_no_page_without_a_number_can_be_stored(report: Document, rita: Person):
    made = mark(report, rita)
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.filter(pk=made.pk).update(place=0)


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_change_keeps_what_was_said_before(report: Document, rita: Person, count_label: Label):
    made = mark(report, rita, body="ICE alone?")
    now = services.change(made.pk, Said("ICE alone.", count_label), seen_revision=0, by=rita, now=LATER)
    assert (now.body, now.label, now.revision) == ("ICE alone.", count_label, 1)
    assert now.changes.last().before == {"body": "ICE alone?", "label": ""}  # type: ignore[union-attr]


def test_the_second_of_two_at_once_sees_what_the_first_wrote(
    report: Document, rita: Person, rob: Person, count_label: Label
):
    made = mark(report, rita, body="One.")
    services.change(made.pk, Said("One.", count_label), seen_revision=0, by=rob, now=LATER)
    with pytest.raises(ChangedMeanwhile, match="rob changed this") as refused:
        services.change(made.pk, Said("Two."), seen_revision=0, by=rita, now=LATER)
    made.refresh_from_db()
    assert (made.body, made.label, refused.value.annotation.revision) == ("One.", count_label, 1)


def test_nothing_changes_when_nothing_differs(report: Document, rita: Person):
    made = mark(report, rita, body="One.")
    assert services.change(made.pk, Said(" One.\r\n"), seen_revision=0, by=rita, now=LATER).revision == 0
    assert AnnotationChange.objects.count() == 1


def test_resolved_and_opened_again_once_each(report: Document, rita: Person, rob: Person):
    made = mark(report, rita)
    assert services.resolve(made, by=rob, now=LATER) and not services.resolve(made, by=rita, now=LATER)
    assert services.reopen(made, by=rita, now=LATER) and not services.reopen(made, by=rita, now=LATER)
    assert [(change.kind, change.by) for change in made.changes.all()][1:] == [("resolved", rob), ("reopened", rita)]


def test_withdrawn_is_away_and_comes_back_as_it_was(report: Document, rita: Person):
    made = mark(report, rita, body="Mine.")
    assert services.withdraw(made, by=rita, now=LATER)
    assert not queries.visible_to(rita).exists() and queries.with_withdrawn(rita).get() == made
    with pytest.raises(ChangedMeanwhile):
        services.change(made.pk, Said("Other."), seen_revision=0, by=rita, now=LATER)
    assert services.restore(made, by=rita, now=LATER)
    assert queries.visible_to(rita).get().body == "Mine."


# --- Who sees it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        pytest.param("me", {"rita"}, id="private"),
        pytest.param("team", {"rita", "rob", "alice"}, id="the-team"),
        pytest.param("releasable", {"rita", "rob", "alice"}, id="later-the-public"),
    ],
)
def test_who_sees_it(
    report: Document, rita: Person, rob: Person, alice: Person, charlie: Person, visibility: str, seen_by: set[str]
):
    mark(report, rita, visibility=visibility)
    people = (rita, rob, alice, charlie)
    assert {person.handle for person in people if queries.visible_to(person).exists()} == seen_by
    assert {person.handle for person in (rita, rob) if queries.of_document(report, person).exists()} == seen_by - {
        "alice"
    }


def test_the_stamp_changes_with_everything_that_happens_and_with_nothing_else(
    report: Document, rita: Person, rob: Person
):
    seen = [queries.stamp(report, rob, [1])]
    made = mark(report, rita)
    seen.append(queries.stamp(report, rob, [1]))
    services.reply(made, "Yes.", by=rob, now=LATER)
    seen.append(queries.stamp(report, rob, [1]))
    services.resolve(made, by=rob, now=LATER + timedelta(minutes=1))
    seen.append(queries.stamp(report, rob, [1]))
    services.withdraw(made, by=rita, now=LATER + timedelta(minutes=2))
    seen.append(queries.stamp(report, rob, [1]))
    assert len(set(seen[:4])) == 4 and seen[4] == seen[0]
    mark(report, rita, visibility="me")
    mark(report, rita, WholePage(2))
    assert queries.stamp(report, rob, [1]) == seen[0]


# --- Mentions -----------------------------------------------------------------------------------------------------


def test_who_is_named_and_may_see_it_is_told_once(report: Document, rita: Person, rob: Person, charlie: Person):
    made = mark(report, rita, body="@Rob, @charlie and mail@rob.example: is this ICE alone? @rita")
    assert [(notice.recipient, notice.path) for notice in Notice.objects.all()] == [(rob, made.get_absolute_url())]
    services.change(made.pk, Said("@rob: now?"), seen_revision=0, by=rita, now=LATER)
    assert Notice.objects.count() == 1


def test_a_reply_tells_the_author_and_a_private_note_tells_nobody(report: Document, rita: Person, rob: Person):
    services.reply(mark(report, rita), "Yes.", by=rob, now=LATER)
    assert Notice.objects.get().recipient == rita
    mark(report, rita, body="@rob", visibility="me")
    assert Notice.objects.count() == 1


# --- Read anew ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(FIRST_PAGE, "same", id="as-it-was"),
        pytest.param(["Page one", *FIRST_PAGE], "moved", id="a-line-before"),
        pytest.param(
            [FIRST_PAGE[0], "ICE sent 1,2O4 queries in March 2025", FIRST_PAGE[2]],
            "reworded",
            id="a-letter-for-a-digit",
        ),
        pytest.param(["A wholly other page", "about the weather of last year"], "lost", id="other-words"),
    ],
)
def test_words_are_looked_for_when_their_page_was_read_anew(
    report: Document, rita: Person, lines: list[str], found: str
):
    made = mark(report, rita)
    report.blob.steps.update(ended_at=NOON - timedelta(days=1))
    assert not queries.stale().exists()
    rewrite_page(report, lines)
    report.blob.steps.update(ended_at=LATER)
    assert queries.stale().get() == made
    services.anchor_again(queries.stale(), now=LATER + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.found == found and made.is_lost == (found == "lost")
    assert made.quote == "1,204 queries" and not queries.stale().exists()
    assert list(queries.lost_in(report, rita)) == ([made] if found == "lost" else [])


def test_what_was_lost_can_be_put_to_other_words(report: Document, rita: Person):
    made = mark(report, rita)
    rewrite_page(report, ["A wholly other page", "about the weather of last year"])
    services.anchor_again([made], now=LATER)
    now = services.move(made.pk, PageText(1, TextQuote("the weather")), seen_revision=0, by=rita, now=LATER)
    assert (now.found, now.quote, now.revision) == ("same", "the weather", 1)
    assert "target" in now.changes.last().before  # type: ignore[union-attr]


# --- Erased, and from the shell -----------------------------------------------------------------------------------


def test_no_word_of_an_erased_document_stays(report: Document, rita: Person, rob: Person):
    made = mark(report, rita, body="1,204 of ICE")
    services.change(made.pk, Said("1,204 of ICE alone"), seen_revision=0, by=rita, now=LATER)
    services.reply(made, "1,204 indeed", by=rob, now=LATER)
    planned = erasing.plan(report)
    assert "1 annotation" in planned.written
    ada = PersonFactory(handle="ada", roles=["administrator"])
    erasing.erase(report, confirmed=planned.fingerprint, why="A court said so.", by=ada, now=LATER)
    kept = Annotation.objects.get()
    said = [kept.target, kept.body, *kept.changes.values_list("before", flat=True)]
    assert "1,204" not in str(said) and not kept.replies.exists() and kept.withdrawn_at == LATER


def test_the_task_and_the_command_look_for_words_again(
    report: Document, rita: Person, capsys: pytest.CaptureFixture[str]
):
    made = mark(report, rita)
    rewrite_page(report, ["A wholly other page", "about the weather of last year"])
    report.blob.steps.filter(name="text").update(ended_at=timezone.now())
    tasks.anchor_annotations()
    made.refresh_from_db()
    assert made.is_lost
    call_command("anchor_annotations", "--all")
    assert "1 looked for, 0 found otherwise than before, 1 not found any more." in capsys.readouterr().out


def test_annotations_go_out_and_come_in_from_the_shell(
    report: Document, letter: RecordsRequest, rita: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    mark(report, rita, body="Look.")
    mark(report, rita, visibility="me")
    call_command("export_annotations", str(report.pk), "--as", rita.email)
    file = tmp_path / "a.jsonld"
    file.write_text(capsys.readouterr().out)
    copy = a_document(letter, [FIRST_PAGE], name="copy.pdf")
    call_command("bring_in_annotations", str(copy.pk), str(file), "--as", rita.email)
    assert "2 kept, 0 here already, 0 refused." in capsys.readouterr().out
    with pytest.raises(CommandError, match="Only reviewers"):
        call_command("bring_in_annotations", str(copy.pk), str(file), "--as", letter.filer.email)
    with pytest.raises(CommandError, match="sees no such document"):
        call_command("export_annotations", str(uuid.uuid4()), "--as", rita.email)


# --- Found again ----------------------------------------------------------------------------------------------------


def test_what_is_said_is_found_as_it_stands_now(report: Document, rita: Person) -> None:
    made = mark(report, rita, WholePage(2), "The carburettor clause.")
    assert found(rita, "carburettor") == [2]
    changed = services.change(made.pk, Said("The windshield clause."), seen_revision=0, by=rita, now=LATER)
    assert (found(rita, "carburettor"), found(rita, "windshield")) == ([], [2])
    services.reply(changed, "Compare the gasket.", by=rita, now=LATER)
    assert found(rita, "gasket") == [2]
    services.move(made.pk, WholePage(1), seen_revision=1, by=rita, now=LATER)
    assert found(rita, "windshield") == [1]
    services.withdraw(made, by=rita, now=LATER)
    assert found(rita, "windshield") == []
    services.restore(made, by=rita, now=LATER)
    assert found(rita, "windshield") == [1]


def test_a_private_note_is_found_by_nobody(report: Document, rita: Person) -> None:
    made = mark(report, rita, WholePage(2), "The carburettor clause.", visibility="me")
    assert found(rita, "carburettor") == []
    services.change(made.pk, Said("The carburettor clause."), seen_revision=0, by=rita, now=LATER)
    assert found(rita, "carburettor") == [2]
    services.change(made.pk, Said("The carburettor clause.", visibility="me"), seen_revision=1, by=rita, now=LATER)
    assert found(rita, "carburettor") == []
