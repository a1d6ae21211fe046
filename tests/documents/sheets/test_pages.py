"""The pages of a sheet: windows, order, conditions, find, cells by name, CSV, and what nobody else may see."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.comments import Comment

from requests_app.documents.models import Document, Sheet
from requests_app.documents.sheets.ordering import KEPT, Ranges, without
from tests.documents.sheets.conftest import Bring

pytestmark = pytest.mark.django_db


def workbook() -> bytes:
    """Return a small file with something of everything."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Counts"
    for row in (
        ["Agency", "Month", "Count", "Share"],
        ["North <b>", "2024-01", 12, 0.25],
        ["South", "2024-02", 340, 0.5],
        ["East", "2024-03", 7, None],
        ["West", "2024-04", None, 1],
        ["south annex", "=B2", 340, "=SUM(C2:C3)"],
    ):
        sheet.append(row)
    for row in range(2, 7):
        sheet.cell(row, 4).number_format = "0%"
    sheet["C3"].comment = Comment("Counted twice", "Clerk")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["B"].hidden = True
    other = book.create_sheet("Kept back")
    other.sheet_state = "veryHidden"
    other["A1"] = "South only"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def document(bring: Bring) -> Document:
    return bring(workbook(), "counts.xlsx")


@pytest.fixture
def reader(document: Document) -> Client:
    client = Client()
    client.force_login(document.request.filer)
    return client


def address(document: Document, name: str = "sheet", number: int = 1) -> str:
    return reverse(f"documents:{name}", args=[document.pk, number])


def rows_in(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr data-row="(\d+)" aria-rowindex', html)]


def page(reader: Client, document: Document, query: str = "", number: int = 1) -> str:
    response = reader.get(address(document, number=number) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_table_has_its_header_its_cells_and_their_names(reader: Client, document: Document):
    html = page(reader, document)
    assert rows_in(html) == [2, 3, 4, 5, 6]
    assert '<th scope="col" id="A1">Agency</th>' in html
    assert '<td id="A2">North &lt;b&gt;</td>' in html
    assert '<td id="C2" class="n">12</td>' in html
    assert 'id="D2" class="n" data-value="0.25">25%</td>' in html
    assert 'data-formula="=SUM(C2:C3)"' in html
    assert 'data-comment="Clerk: Counted twice"' in html
    assert 'aria-rowcount="6"' in html


def test_what_the_sender_hid_is_marked_and_can_be_left_out(reader: Client, document: Document):
    html = page(reader, document)
    assert '<tr data-row="4" aria-rowindex="4" class=is-hidden>' in html
    assert "hidden row" in html
    left_out = page(reader, document, "?hide=1")
    assert rows_in(left_out) == [2, 3, 5, 6]
    assert 'id="B2"' not in left_out
    assert "Show what the sender hid" in left_out
    assert "offers no way to show it" in page(reader, document, number=2)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("?sort=C", [4, 2, 3, 6, 5]),
        ("?sort=-C", [3, 6, 2, 4, 5]),
        ("?sort=A", [4, 2, 3, 6, 5]),
        ("?where=A:contains:south", [3, 6]),
        ("?where=A:lacks:south", [2, 4, 5]),
        ("?where=A:is:SOUTH", [3]),
        ("?where=C:is:340", [3, 6]),
        ("?where=C:is-not:340", [2, 4, 5]),
        ("?where=C:from:12", [2, 3, 6]),
        ("?where=C:to:12", [2, 4]),
        ("?where=C:between:10..340", [2, 3, 6]),
        ("?where=D:is:25%25", [2]),
        ("?where=C:blank:", [5]),
        ("?where=C:filled:&where=A:contains:south&sort=-A", [6, 3]),
        ("?column=A&is=contains&value=east", [4]),
        ("?where=A:contains:south&hide=1&sort=C", [3, 6]),
        ("?where=Z:contains:x&where=A:nonsense:x&where=A:contains:", [2, 3, 4, 5, 6]),
        ("?sort=ZZZ&from=abc&left=!!&cell=nothing", [2, 3, 4, 5, 6]),
    ],
)
def test_order_and_conditions(reader: Client, document: Document, query: str, rows: list[int]):
    assert rows_in(page(reader, document, query)) == rows


def test_a_condition_that_makes_no_sense_is_named(reader: Client, document: Document):
    assert "could not be understood" in page(reader, document, "?column=A&is=between&value=1")


def test_a_cell_is_shown_with_all_that_is_known_of_it(reader: Client, document: Document):
    html = page(reader, document, "?cell=C3")
    assert "Counted twice" in html
    assert 'data-chosen="C3"' in html
    assert "is not among the rows in sight" in page(reader, document, "?cell=A4&hide=1")


def test_formulas_take_the_place_of_values_on_demand(reader: Client, document: Document):
    assert "<code>=SUM(C2:C3)</code>" in page(reader, document, "?show=formulas")


def test_words_are_found_in_one_sheet_or_in_all(reader: Client, document: Document):
    here = reader.get(address(document, "sheet-find") + "?find=south").content.decode()
    assert re.findall(r"\?cell=(\w+)", here) == ["A3", "A6"]
    everywhere = reader.get(address(document, "sheet-find") + "?find=south&everywhere=1").content.decode()
    assert re.findall(r"sheets/(\d)/\?cell=(\w+)", everywhere) == [("1", "A3"), ("1", "A6"), ("2", "A1")]
    assert "<mark>South</mark>" in here
    part = reader.get(address(document, "sheet-find") + "?find=twice", headers={"HX-Request": "true"}).content.decode()
    assert "in a comment" in part
    assert "<html" not in part
    assert "in the formula" in reader.get(address(document, "sheet-find") + "?find=sum(c2").content.decode()
    assert "stands in no cell" in reader.get(address(document, "sheet-find") + "?find=nowhere").content.decode()


def test_the_csv_holds_what_is_in_sight_and_no_formula(reader: Client, bring: Bring, document: Document):
    response = reader.get(address(document, "sheet-csv") + "?where=C:filled:&sort=-C")
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["1", "3", "6", "2", "4"]
    assert rows[3] == ["2", "North <b>", "2024-01", "12", "0.25"]
    dangerous = bring(b'name,value\n=HYPERLINK("x"),-5\n+1,@x\n', "bad.csv")
    text = b"".join(reader.get(address(dangerous, "sheet-csv")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK" in text
    assert not re.search(r'(^|,)"?[=+@]', text, re.MULTILINE)


def test_it_says_what_is_in_each_column_and_in_the_file(reader: Client, document: Document):
    html = page(reader, document)
    assert "C: Count" in html
    assert "1 row is hidden." in html
    assert "699" in html, "the sum of the counts"


def test_a_long_sheet_comes_in_windows(reader: Client, bring: Bring):
    document = bring(("name,n\n" + "".join(f"name {n},{n}\n" for n in range(1, 1001))).encode(), "long.csv")
    assert rows_in(page(reader, document))[:2] == [2, 3]
    assert rows_in(page(reader, document, "?from=501"))[0] == 502
    part = reader.get(address(document, "sheet-rows") + "?from=901&sort=-B").content.decode()
    assert rows_in(part)[0] == 101
    assert len(rows_in(part)) == 100
    assert rows_in(reader.get(address(document, "sheet-rows") + "?from=5001").content.decode()) == []
    assert rows_in(page(reader, document, "?cell=A700"))[3] == 700


def test_a_wide_sheet_comes_in_parts(reader: Client, bring: Bring):
    document = bring((",".join(f"c{n}" for n in range(100)) + "\n" + ",".join("x" * 100) + "\n").encode(), "wide.csv")
    html = page(reader, document)
    assert 'id="AN2"' in html
    assert 'id="AO2"' not in html
    assert "Columns A-AN of A-CV" in html
    assert 'id="AO2"' in page(reader, document, "?left=AO")
    assert 'id="CV2"' in page(reader, document, "?cell=CV2")


@pytest.mark.parametrize("rows", [1, 300])
def test_queries_do_not_grow_with_the_rows(reader: Client, bring: Bring, django_assert_num_queries: Any, rows: int):
    document = bring(("name,n\n" + "".join(f"name {n},{n}\n" for n in range(rows))).encode(), f"{rows}.csv")
    for query in ("", "?sort=-B"):
        reader.get(address(document) + query)
        with django_assert_num_queries(17):
            reader.get(address(document) + query)
        with django_assert_num_queries(7):
            reader.get(address(document, "sheet-rows") + query)


def test_chosen_orders_are_kept_and_the_oldest_forgotten(reader: Client, document: Document, derived: Any):
    for number in range(KEPT + 5):
        page(reader, document, f"?where=C:from:{number}")
    assert len(list(derived.rglob("*.rows"))) == KEPT


def test_it_leads_to_the_first_sheet_that_is_shown(reader: Client, document: Document):
    assert reader.get(reverse("documents:sheets", args=[document.pk])).headers["Location"] == address(document)
    Sheet.objects.filter(blob=document.blob_id, number=1).update(hidden="hidden")
    assert reader.get(reverse("documents:sheets", args=[document.pk])).headers["Location"] == address(document)


def test_before_it_is_read_and_when_it_cannot_be_the_page_says_so(reader: Client, document: Document):
    Sheet.objects.all().delete()
    here = reverse("documents:sheets", args=[document.pk])
    document.blob.steps.filter(name="sheets").update(state="waiting")
    assert "are being read" in reader.get(here).content.decode()
    document.blob.steps.filter(name="sheets").update(state="failed", trouble="password")
    assert "locked with a password" in reader.get(here).content.decode()


@pytest.mark.parametrize("name", ["sheet", "sheet-rows", "sheet-find", "sheet-csv"])
def test_a_guessed_address_gives_nothing(document: Document, charlie: Any, name: str):
    stranger = Client()
    stranger.force_login(charlie)
    assert stranger.get(address(document, name)).status_code == 404
    assert Client().get(address(document, name)).status_code == 302


def test_no_other_sheet_is_a_404(reader: Client, document: Document):
    assert reader.get(address(document, number=3)).status_code == 404


@pytest.mark.parametrize(
    ("rows", "ranges", "runs"),
    [
        ([], [], ((1, 10),)), ([1], [], ((2, 10),)), ([4], [[6, 7]], ((1, 3), (5, 5), (8, 10))),
        ([1], [[1, 3], [2, 5]], ((6, 10),)), ([10], [], ((1, 9),)), ([], [[1, 10]], ()),
    ],
)  # fmt: skip
def test_rows_without_some(rows: list[int], ranges: list[list[int]], runs: tuple[tuple[int, int], ...]):
    found = without(1, 10, rows, ranges)
    assert found == Ranges(runs)
    everything = [row for first, last in runs for row in range(first, last + 1)]
    assert found.part(0, 10) == everything
    assert [found.place_of(row) for row in everything] == list(range(len(everything)))
    for start in range(10):
        assert found.part(start, start + 2) == everything[start : start + 2]
