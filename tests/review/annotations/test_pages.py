"""The pages of annotations, and what the script is answered."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.anchoring import TextQuote
from requests_app.review.annotations import guards, services
from requests_app.review.annotations.markdown import as_html
from requests_app.review.annotations.services import Said
from requests_app.review.models import Annotation, AnnotationChange, Label, Reply
from requests_app.review.targets import Cells, PageRegion, PageText, WholePage
from tests.factories import NOON

pytestmark = pytest.mark.django_db
JSON = {"headers": {"accept": "application/json"}}
WORDS = {"kind": "text", "place": "1", "exact": "1,204 queries", "visibility": "team"}


@pytest.fixture
def client(rita: Person) -> Client:
    browser = Client()
    browser.force_login(rita)
    return browser


@pytest.fixture
def other(rob: Person) -> Client:
    browser = Client()
    browser.force_login(rob)
    return browser


@pytest.fixture
def mark(report: Document, rita: Person, count_label: Label) -> Annotation:
    target = PageText(1, TextQuote("1,204 queries"))
    return services.annotate(report, target, Said("**ICE** alone", count_label), by=rita, now=NOON)


def url(name: str, *args: Any) -> str:
    return reverse(f"review:{name}", args=args)


# --- Marking ------------------------------------------------------------------------------------------------------


def test_words_are_marked_with_a_form(client: Client, report: Document, count_label: Label):
    answer = client.post(url("annotate", report.pk), {**WORDS, "label": "count", "body": "Look."}, follow=True)
    made = Annotation.objects.get()
    assert answer.redirect_chain == [(made.get_absolute_url(), 302)]
    page = answer.content.decode()
    assert "Your annotation is kept." in page and "1,204 queries" in page and "Look." in page and "Count" in page
    assert "<image href=" in page and "<rect class=" in page, "the picture of the spot"


def test_the_script_sends_a_region_twice_and_it_is_kept_once(client: Client, report: Document):
    sent = {"kind": "region", "place": "2", "left": "0.1", "top": "0.2", "width": "0.3", "height": "0.1"}
    sent |= {"visibility": "team", "key": str(uuid.uuid4())}
    first, second = (client.post(url("annotate", report.pk), sent, **JSON).json() for _time in range(2))
    assert first["id"] == second["id"] == Annotation.objects.get().pk
    assert Annotation.objects.get().where == PageRegion(2, 0.1, 0.2, 0.3, 0.1)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param({"kind": "text", "place": "1", "exact": "nowhere to be read"}, "no such place", id="no-words"),
        pytest.param({"kind": "text", "place": "1", "exact": " "}, "Nothing was chosen", id="blank-words"),
        pytest.param({"kind": "page", "place": ""}, "outside the page", id="no-page"),
        pytest.param({"kind": "page", "place": "77"}, "no such place", id="page-77"),
        pytest.param({"kind": "region", "place": "1"}, "Nothing was chosen", id="no-box"),
        pytest.param(
            {"kind": "region", "place": "1", "left": "0.9", "top": "0", "width": "0.5", "height": "0.1"},
            "outside the page", id="box-over-the-edge",
        ),
        pytest.param(
            {"kind": "region", "place": "1", "left": "0", "top": "0", "width": "0", "height": "0.1"},
            "Nothing was chosen", id="zero-size",
        ),
        pytest.param({"kind": "cells", "place": "1", "cells": "7B"}, "These are no cells", id="no-cells"),
        pytest.param({"kind": "poem", "place": "1"}, "not one of the available choices", id="no-kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_says_why_and_keeps_the_words(
    client: Client, report: Document, sent: dict[str, str], reason: str
):
    sent = {**sent, "visibility": "team", "body": "What I typed"}
    answer = client.post(url("annotate", report.pk), sent)
    assert answer.status_code == 422
    assert reason in answer.content.decode() and "What I typed" in answer.content.decode()
    said = client.post(url("annotate", report.pk), sent, **JSON)
    assert said.status_code == 422 and reason in json.dumps(said.json()["errors"])
    assert not Annotation.objects.exists()


# --- The margin ---------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_marked_without_a_script(client: Client, report: Document, mark: Annotation):
    page = client.get(reverse("documents:page", args=[report.pk, 1])).content.decode()
    assert "<strong>ICE</strong> alone" in page and f'id="annotation-{mark.pk}"' in page
    other = client.get(reverse("documents:page", args=[report.pk, 2])).content.decode()
    assert "Nothing is marked here." in other


def test_the_script_is_told_only_of_what_changed(client: Client, other: Client, report: Document, mark: Annotation):
    ask = url("annotations", report.pk)
    first = client.get(ask, {"pages": "1"}, **JSON).json()
    assert [each["id"] for each in first["marks"]] == [mark.pk] and len(first["marks"][0]["boxes"]) == 1
    assert first["counts"] == {"1": 1} and "ICE" in first["html"]
    assert client.get(ask, {"pages": "1", "stamp": first["stamp"]}, **JSON).json() == {"same": True}
    other.post(url("annotation-reply", mark.pk), {"body": "HSI too."}, **JSON)
    second = client.get(ask, {"pages": "1", "stamp": first["stamp"]}, **JSON).json()
    assert "HSI too." in second["html"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        pytest.param({"label": "count"}, 1, id="label"),
        pytest.param({"label": "none"}, 1, id="without-label"),
        pytest.param({"author": "rob"}, 1, id="person"),
        pytest.param({"state": "resolved"}, 0, id="state"),
        pytest.param({"state": "nonsense", "pages": "1"}, 2, id="nonsense"),
        pytest.param({"pages": "x,2,-1,99999999999"}, 0, id="other-page"),
    ],
)
def test_the_margin_is_filtered(
    client: Client, report: Document, mark: Annotation, rob: Person, asked: dict[str, str], count: int
):
    services.annotate(report, WholePage(1), Said(), by=rob, now=NOON)
    answer = client.get(url("annotations", report.pk), {"pages": "1", **asked}, **JSON).json()
    assert answer["shown"] == count


@pytest.mark.parametrize("rows", [1, 12])
def test_the_margin_asks_the_database_as_often_for_one_as_for_many(
    client: Client, report: Document, rita: Person, count_label: Label, django_assert_num_queries: Any, rows: int
):
    for _row in range(rows):
        made = services.annotate(report, PageText(1, TextQuote("1,204")), Said("x", count_label), by=rita, now=NOON)
        services.reply(made, "y", by=rita, now=NOON)
    client.get(url("annotations", report.pk), {"pages": "1"}, **JSON)
    with django_assert_num_queries(QUERIES_OF_MARGIN):
        client.get(url("annotations", report.pk), {"pages": "1"}, **JSON)


QUERIES_OF_MARGIN = 11


# --- One annotation -----------------------------------------------------------------------------------------------


def test_a_change_in_the_dark_shows_both_and_loses_neither(client: Client, other: Client, mark: Annotation):
    sent = {"body": "Mine", "label": "count", "visibility": "team", "seen_revision": "0"}
    other.post(url("annotation-label", mark.pk), {"label": "", "seen_revision": "0"})
    answer = client.post(url("annotation-change", mark.pk), sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "rob changed this" in page and ">Mine<" in page.replace("\n", "")
    answer = client.post(url("annotation-change", mark.pk), {**sent, "seen_revision": "1"}, follow=True)
    assert "What stood there before" in answer.content.decode()
    mark.refresh_from_db()
    assert (mark.body, mark.revision) == ("Mine", 2)


def test_others_give_another_label_and_rewrite_nothing(other: Client, mark: Annotation):
    assert other.get(url("annotation-change", mark.pk)).status_code == 403
    assert other.get(url("annotation-move", mark.pk)).status_code == 403
    assert other.post(url("annotation-withdraw", mark.pk)).status_code == 403
    assert other.post(url("annotation-label", mark.pk), {"label": "", "seen_revision": "0"}).status_code == 302
    mark.refresh_from_db()
    assert mark.label is None and mark.body == "**ICE** alone"


def test_resolved_withdrawn_and_brought_back(client: Client, other: Client, mark: Annotation):
    client.post(url("annotation-state", mark.pk), {"state": "resolved"})
    mark.refresh_from_db()
    assert mark.is_resolved and client.post(url("annotation-state", mark.pk), {"state": "lost"}).status_code == 404
    page = client.post(url("annotation-withdraw", mark.pk), follow=True).content.decode()
    assert "Bring it back" in page and other.get(mark.get_absolute_url()).status_code == 404
    client.post(url("annotation-restore", mark.pk))
    assert other.get(mark.get_absolute_url()).status_code == 200


def test_what_something_rests_on_is_not_withdrawn(client: Client, mark: Annotation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guards, "_guards", {"findings": lambda _annotation: "A finding rests on it."})
    page = client.post(url("annotation-withdraw", mark.pk), follow=True).content.decode()
    assert "A finding rests on it." in page
    mark.refresh_from_db()
    assert mark.withdrawn_at is None


def test_a_private_annotation_is_nobody_elses(client: Client, other: Client, report: Document, rita: Person):
    made = services.annotate(report, WholePage(1), Said("Mine", visibility="me"), by=rita, now=NOON)
    for name in ("annotation", "annotation-change", "annotation-move"):
        assert other.get(url(name, made.pk)).status_code == 404
    for name in ("annotation-label", "annotation-state", "annotation-reply", "annotation-withdraw"):
        assert other.post(url(name, made.pk)).status_code == 404
    answer = other.get(url("annotations", report.pk), {"pages": "1"}, **JSON).json()
    assert answer["shown"] == 0 and answer["counts"] == {}
    assert "Mine" not in other.get(url("annotations-export", report.pk)).content.decode()
    assert client.get(url("annotation", made.pk)).status_code == 200


def test_where_to_return_to_is_never_another_site(client: Client, mark: Annotation):
    for onward in ("https://evil.example/", "//evil.example/x", "javascript:alert(1)"):
        answer = client.post(url("annotation-state", mark.pk), {"state": "resolved", "next": onward})
        assert answer.headers["Location"] == mark.get_absolute_url()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("**a** _b_", "<p><strong>a</strong> <em>b</em></p>", id="stress"),
        pytest.param("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>", id="no-html"),
        pytest.param("![x](https://evil.example/a.png)", "evil.example/a.png", id="a-picture-is-a-link"),
        pytest.param("# Big", "<h4>Big</h4>", id="small-headings"),
        pytest.param("a\nb", "a<br>", id="line-ends"),
    ],
)
def test_notes_are_markdown_that_does_no_harm(text: str, html: str):
    made = as_html(text)
    assert html in made and "<img" not in made and "<script" not in made
    assert "javascript:" not in as_html("[x](javascript:alert(1))").replace("javascript:alert(1))", "")


# --- Lists --------------------------------------------------------------------------------------------------------


def test_everything_in_a_document_is_paged_in_order(client: Client, report: Document, rita: Person):
    for number in range(60):
        services.annotate(report, WholePage(1 + number % 2), Said(f"note {number}"), by=rita, now=NOON)
    seen, address = [], url("annotations", report.pk)
    while address:
        answer = client.get(address)
        seen += [card.annotation.place for card in answer.context["cards"]]
        onward = answer.context["next_url"]
        address = url("annotations", report.pk) + onward if onward else ""
    assert seen == [1] * 30 + [2] * 30


def test_everything_with_a_label_in_all_documents(client: Client, report: Document, mark: Annotation, rita: Person):
    services.annotate(report, WholePage(2), Said("no label"), by=rita, now=NOON)
    answer = client.get(url("label", "count"))
    assert [card.annotation for card in answer.context["cards"]] == [mark]
    assert report.original_name in answer.content.decode()


def test_coordinators_keep_labels(coordinator_client: Client, client: Client):
    assert client.get(url("label-new")).status_code == 403 and client.post(url("labels-start")).status_code == 403
    facts = {"name": "New", "colour": "red", "pattern": "dotted", "key": "n", "order": "1", "meaning": "x"}
    page = coordinator_client.post(url("label-new"), facts, follow=True).content.decode()
    assert "can be given now" in page and Label.objects.get().slug == "new-2"
    assert coordinator_client.post(url("label-new"), facts).status_code == 422
    assert coordinator_client.get(url("label", "new-2")).status_code == 200


# --- Other tools --------------------------------------------------------------------------------------------------


def test_what_is_exported_comes_in_again_elsewhere_and_nothing_twice(
    client: Client, report: Document, mark: Annotation, rob: Person, letter: Any
):
    from tests.documents.viewer.paper import a_document
    from tests.review.annotations.conftest import FIRST_PAGE

    services.reply(mark, "HSI too.", by=rob, now=NOON)
    services.annotate(report, PageRegion(2, 0.1, 0.2, 0.3, 0.125), Said("box"), by=rob, now=NOON)
    exported = client.get(url("annotations-export", report.pk)).content
    page = json.loads(exported)
    assert page["type"] == "AnnotationPage" and len(page["items"]) == 3
    again = client.post(url("annotations-bring-in", report.pk), {"file": SimpleUploadedFile("a.jsonld", exported)})
    assert (again.context["done"].kept, again.context["done"].known) == (0, 3)

    copy = a_document(letter, [["A cover line", *FIRST_PAGE], ["Other words"]], name="copy.pdf")
    for kept, known in ((3, 0), (0, 3)):
        done = client.post(
            url("annotations-bring-in", copy.pk), {"file": SimpleUploadedFile("a.jsonld", exported)}
        ).context["done"]
        assert (done.kept, done.known, done.refused) == (kept, known, [])
    words = copy.annotations.get(kind="text")
    assert (words.quote, words.said_by, words.label, words.body) == ("1,204 queries", "rita", mark.label, mark.body)
    assert words.changes.get().kind == AnnotationChange.Kind.IMPORTED
    assert Reply.objects.get(annotation=words).said_by == "rob"


def test_a_file_of_hypothesis_comes_in(client: Client, report: Document, count_label: Label):
    theirs = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "https://hypothes.is/a/x1",
        "type": "Annotation",
        "body": [
            {"type": "TextualBody", "value": "Totals", "purpose": "commenting"},
            {"type": "TextualBody", "value": "count", "purpose": "tagging"},
            {"type": "TextualBody", "value": "ICE", "purpose": "tagging"},
        ],
        "creator": "acct:them@hypothes.is",
        "target": {
            "source": "https://agency.example/report.pdf",
            "selector": [
                {"type": "PageSelector", "index": 0},
                {"type": "TextQuoteSelector", "exact": "998 queries", "prefix": "HSI sent ", "suffix": " in March"},
            ],
        },
    }
    lost = {**theirs, "id": "https://hypothes.is/a/x2"}
    lost["target"] = {"source": "x", "selector": {"type": "TextQuoteSelector", "exact": "not a word of it at all"}}
    sent = SimpleUploadedFile("a.json", json.dumps([theirs, lost, {"type": "Poem"}]).encode())
    done = client.post(url("annotations-bring-in", report.pk), {"file": sent}).context["done"]
    assert done.kept == 1 and [name for name, _why in done.refused] == ["https://hypothes.is/a/x2", "Number 3"]
    made = Annotation.objects.get()
    assert made.label == count_label and "ICE" in made.body and made.said_by == "acct:them@hypothes.is"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no json", id="no-json"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"[]", id="nothing"),
        pytest.param(b"7", id="a-number"),
    ],
)
def test_a_file_without_annotations_says_so(client: Client, report: Document, content: bytes):
    answer = client.post(url("annotations-bring-in", report.pk), {"file": SimpleUploadedFile("a.json", content)})
    assert answer.status_code == 422 and "brought in" in answer.content.decode()


def test_cells_of_a_sheet_lead_back_to_them(client: Client, letter: Any, rita: Person):
    from requests_app.documents.models import Sheet
    from tests.documents.viewer.paper import a_text

    table = a_text(letter, "Month,ICE\nMarch,1204\n", name="t.csv", kind="spreadsheet")
    Sheet.objects.create(blob=table.blob, number=1, name="Totals")
    made = services.annotate(table, Cells.of(1, "B2:B3"), Said(), by=rita, now=NOON)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "B2:B3 of sheet 1" in page and f"{reverse('documents:sheet', args=[table.pk, 1])}?cell=B2:B3" in page
