"""The step that reads the sheets: whole, again, in parts, and after having been killed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from requests_app.documents.cells import BLOCK, unpack
from requests_app.documents.ingest.steps.sheets import step
from requests_app.documents.ingest.work import Cancelled
from requests_app.documents.models import Document, Passage, Sheet, SheetBlock, SheetComment
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.sheets.conftest import Bring, brought, read_here, work_on

pytestmark = pytest.mark.django_db


def workbook(rows: int = 450) -> bytes:
    """Return a file of two sheets, the second hidden."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Counts"
    sheet.append(["Agency", "Count"])
    for number in range(1, rows):
        sheet.append([f"Agency {number}", number])
    sheet["B2"].comment = Comment("Counted twice", "Clerk")
    sheet["C2"] = "=B2*2"
    sheet.row_dimensions[5].hidden = True
    book.create_sheet("Notes")["A1"] = "a note"
    book["Notes"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def all_there_is(document: Document) -> list[Any]:
    """Return everything that was written, without the numbers of the rows."""
    blob = document.blob_id
    return [
        list(Sheet.objects.filter(blob=blob).order_by("number").values().values_list("name", "rows", "profile")),
        [
            (sheet, number, bytes(rows), bytes(formulas))
            for sheet, number, rows, formulas in SheetBlock.objects.filter(sheet__blob=blob)
            .order_by("sheet__number", "number")
            .values_list("sheet__number", "number", "rows", "formulas")
        ],
        list(SheetComment.objects.filter(sheet__blob=blob).values_list("row", "column", "author", "text")),
        list(Passage.objects.filter(blob=blob).order_by("place", "part").values_list("kind", "place", "part", "text")),
    ]


def test_what_the_step_writes(bring: Bring):
    document = bring(workbook(), "counts.xlsx")
    first, second = Sheet.objects.filter(blob=document.blob_id).order_by("number")
    assert (first.name, first.rows, first.columns, first.header, first.is_read) == ("Counts", 450, 3, 1, True)
    assert (first.hidden_rows, first.formulas, second.hidden) == ([[5, 5]], 1, "hidden")
    assert [block.number for block in first.blocks.order_by("number")] == [0, 1, 2]
    assert unpack(first.blocks.get(number=1).rows)[0] == ["Agency 200", 200]
    assert first.comments.get().name == "B2"
    passages = Passage.objects.filter(blob=document.blob_id, kind="sheet")
    assert [(one.place, one.part) for one in passages.order_by("place", "part")] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert "Agency 200 200" in passages.get(place=1, part=1).text
    assert document.blob.steps.get(name="sheets").result == {
        "kind": "xlsx", "sheets": 2, "facts": {}, "untold": [], "hidden_sheets": 1, "hidden_rows": 1, "comments": 1,
    }  # fmt: skip


def test_a_second_run_changes_nothing(bring: Bring):
    document = bring(workbook(), "counts.xlsx")
    before = all_there_is(document)
    assert step(work_on(document)).state == "done"
    assert all_there_is(document) == before


def test_when_the_time_is_up_it_goes_on_behind_the_last_sheet(
    store: Store, derived: Path, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch, bring: Bring
):
    whole = bring(workbook(), "counts.xlsx")
    expected = all_there_is(whole)
    Sheet.objects.all().delete()
    Passage.objects.all().delete()
    outcome = step(work_on(whole, seconds=0))
    assert (outcome.state, outcome.result) == ("more", {"sheets_done": 1})
    assert step(work_on(whole, earlier=outcome.result)).state == "done"
    assert all_there_is(whole) == expected


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4])
def test_killed_at_any_point_it_ends_as_if_undisturbed(
    bring: Bring, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch, dies_at: int
):
    monkeypatch.setattr("requests_app.documents.ingest.steps.sheets.TOGETHER", 1)
    document = bring(workbook(), "counts.xlsx")
    expected = all_there_is(document)
    Sheet.objects.all().delete()
    Passage.objects.all().delete()
    renewals = iter(range(1, 100))

    def dies(_done: int, _of: int) -> None:
        if next(renewals) == dies_at:
            raise Cancelled

    work = work_on(document)
    work.renew = dies
    with pytest.raises(Cancelled):
        step(work)
    assert step(work_on(document)).state == "done"
    assert all_there_is(document) == expected


def test_what_an_older_run_left_is_gone(bring: Bring):
    document = bring(workbook(), "counts.xlsx")
    expected = all_there_is(document)
    sheet = Sheet.objects.get(blob=document.blob_id, number=2)
    SheetBlock.objects.create(sheet=sheet, number=7, rows=b"")
    Sheet.objects.create(blob=document.blob, number=9, name="gone")
    for place, part in ((2, 7), (9, 0)):
        Passage.objects.create(blob=document.blob, kind="sheet", place=place, part=part, text="gone")
    assert step(work_on(document)).state == "done"
    assert all_there_is(document) == expected


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(workbook(3)[:-60], "a.xlsx", "damaged", id="cut off"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "a.xls", "damaged", id="an empty envelope"),
    ],
)
def test_a_broken_file_is_refused_and_kept(
    store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, code: str
):
    read_here(monkeypatch)
    document = brought(letter, content, name)
    with pytest.raises(Refused) as refused:
        step(work_on(document))
    assert refused.value.code == code
    assert store.path(document.blob_id).read_bytes() == content


@pytest.mark.processes
def test_the_reader_works_in_its_process_apart(store: Store, derived: Path, letter: RecordsRequest):
    document = brought(letter, workbook(), "counts.xlsx")
    assert step(work_on(document)).state == "done"
    blocks = SheetBlock.objects.filter(sheet__blob=document.blob_id, sheet__number=1)
    assert sum(len(unpack(block.rows)) for block in blocks) == 450
    assert BLOCK * (blocks.count() - 1) < 450


@pytest.mark.processes
def test_a_bomb_is_refused_in_its_process_apart(store: Store, derived: Path, letter: RecordsRequest, tmp_path: Path):
    from tests.documents.sheets.made_up import xlsx

    lol = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    document = brought(letter, xlsx(tmp_path / "a.xlsx", "<sheetData/>", prologue=lol).read_bytes(), "a.xlsx")
    with pytest.raises(Refused) as refused:
        step(work_on(document))
    assert refused.value.code == "hostile"
