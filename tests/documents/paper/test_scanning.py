"""A scanner's folder: each file finds its request or waits for a person, and none is lost, whenever power is cut."""

from __future__ import annotations

import html
import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from foia.checks import scans_have_a_folder
from requests_app.documents import services, tasks
from requests_app.documents.models import Document, PaperFile, Scan
from requests_app.documents.paper import cover_sheet, files, scanning
from requests_app.documents.paper.reader import CoverFound
from requests_app.documents.paper.scanning import Part, Taken, parts_of
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Notice, Person
from tests.documents.bodies import CSV, PDF
from tests.documents.paper.making import a_scan
from tests.factories import NOON, RecordsRequestFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scans"
    made.mkdir()
    return made


@pytest.fixture
def maryland(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice, with_deadline=True, reference="MD-2026-0001")


@pytest.fixture
def virginia(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice, with_deadline=True, reference="VA-2026-0002")


def lay(folder: Path, name: str, content: bytes, *, age: float = 60.0) -> Path:
    path = folder / name
    path.write_bytes(content)
    moment = NOON.timestamp() - age
    os.utime(path, (moment, moment))
    return path


def take_in(folder: Path, **more: Any) -> list[Taken]:
    return list(scanning.take_in(folder, now=more.pop("now", NOON), **more))


def held(folder: Path) -> dict[str, list[str]]:
    """Return the names of the files in the folder, in `done` and in `doubtful`."""
    found = {}
    for part in ("", "done", "doubtful"):
        where = folder / part
        found[part] = sorted(path.name for path in where.iterdir() if path.is_file()) if where.is_dir() else []
    return found


def words(response: HttpResponse) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def test_a_name_with_a_reference_files_the_scan_as_it_came(folder: Path, maryland: RecordsRequest):
    lay(folder, "md_2026_0001 reply.pdf", PDF)
    assert take_in(folder) == [Taken("md_2026_0001 reply.pdf", "placed", ("MD-2026-0001",))]
    assert held(folder) == {"": [], "done": ["md_2026_0001 reply.pdf"], "doubtful": []}
    kept = Document.objects.get()
    assert (kept.request, kept.via, kept.brought_by) == (maryland, "scan", None)
    assert services.the_store().path(kept.blob_id).read_bytes() == PDF
    assert (folder / "done" / "md_2026_0001 reply.pdf").read_bytes() == PDF
    assert not PaperFile.objects.exists()
    assert Scan.objects.get().documents.get() == kept


@pytest.mark.parametrize(
    ("name", "content", "state", "why"),
    [
        pytest.param("scan0001.csv", CSV, "waiting", "nothing", id="no-reference-and-no-pages"),
        pytest.param("MD-2026-0001 VA-2026-0002.pdf", PDF, "waiting", "several", id="two-references"),
        pytest.param("TX-2026-0009.pdf", PDF, "waiting", "unknown", id="no-such-request"),
        pytest.param("broken.pdf", b"%PDF-1.7 and no more", "waiting", "unreadable", id="a-damaged-file"),
        pytest.param("MD-2026-0001.pdf", b"", "left", "empty", id="an-empty-file"),
        pytest.param("MD-2026-0001.exe", b"MZ" + bytes(600), "left", "program", id="a-program"),
        pytest.param("MD-2026-0001.pdf", PDF + bytes(6 * 1024 * 1024), "left", "too_large", id="too-large"),
    ],
)
def test_what_cannot_be_placed_is_in_doubtful_and_on_the_list(
    folder: Path,
    maryland: RecordsRequest,
    virginia: RecordsRequest,
    coordinator_client: Client,
    name: str,
    content: bytes,
    state: str,
    why: str,
):
    lay(folder, name, content)
    assert take_in(folder) == [Taken(name, state)]
    assert held(folder) == {"": [], "done": [], "doubtful": [name]}
    assert (folder / "doubtful" / name).read_bytes() == content
    scan = Scan.objects.get()
    assert (scan.why, PaperFile.objects.count()) == (why, int(state == "waiting"))
    assert not Document.objects.exists()
    page = words(coordinator_client.get(reverse("documents:scans")))
    assert name in page and ("File it there" in page) == (state == "waiting")


def test_a_stack_is_parted_at_its_cover_sheets(folder: Path, maryland: RecordsRequest, virginia: RecordsRequest):
    stack = a_scan(":MD-2026-0001", "First letter", "Its second page", ":VA-2026-0002", "From Virginia")
    lay(folder, "20260320.pdf", stack)
    assert take_in(folder) == [Taken("20260320.pdf", "placed", ("MD-2026-0001", "VA-2026-0002"))]
    kept = {each.request.reference: each for each in Document.objects.all()}
    pages = {}
    for reference, each in kept.items():
        with pikepdf.open(io.BytesIO(services.the_store().path(each.blob_id).read_bytes())) as pdf:
            pages[reference] = len(pdf.pages)
    assert pages == {"MD-2026-0001": 2, "VA-2026-0002": 1}
    assert kept["VA-2026-0002"].original_name == "20260320, part 2.pdf"
    assert (folder / "done" / "20260320.pdf").read_bytes() == stack


@pytest.mark.same_everywhere
def test_a_scan_with_one_cover_sheet_is_kept_in_the_very_bytes(folder: Path, virginia: RecordsRequest):
    content = a_scan(":VA-2026-0002", "From Virginia", form="TIFF")
    lay(folder, "scan.tif", content)
    assert take_in(folder) == [Taken("scan.tif", "placed", ("VA-2026-0002",))]
    assert services.the_store().path(Document.objects.get().blob_id).read_bytes() == content


COVERS = {1: "MD-2026-0001", 2: "VA-2026-0002"}


@pytest.mark.parametrize(
    ("covers", "of", "parts", "why"),
    [
        pytest.param([], 4, [], "nothing", id="none"),
        pytest.param([(1, 1)], 3, [(1, 2, 3)], "", id="one"),
        pytest.param([(1, 1), (3, 2)], 4, [(1, 2, 2), (2, 4, 4)], "", id="two"),
        pytest.param([(1, 1), (2, 2)], 3, [(2, 3, 3)], "", id="two-on-each-other"),
        pytest.param([(1, 1), (3, 1)], 5, [(1, 2, 2), (1, 4, 5)], "", id="the-same-twice"),
        pytest.param([(1, 1), (3, 2)], 3, [(1, 2, 2)], "", id="one-at-the-end"),
        pytest.param([(2, 1)], 3, [], "pages_before", id="pages-before"),
        pytest.param([(1, 1)], 1, [], "only_covers", id="nothing-but-a-cover"),
    ],
)
def test_which_pages_belong_to_a_cover(
    covers: list[tuple[int, int]], of: int, parts: list[tuple[int, int, int]], why: str
):
    found = [CoverFound(number, of, (COVERS[which],)) for number, which in covers]
    assert parts_of(found, of) == ([Part(COVERS[which], first, last) for which, first, last in parts], why)


def test_two_covers_on_one_page_are_for_a_person():
    assert parts_of([CoverFound(1, 3, ("MD-2026-0001", "VA-2026-0002"))], 3) == ([], "two_on_page")


# --- What is not whole yet, and what is no file ----------------------------------------------------------------


def test_a_file_that_is_still_written_waits(folder: Path, maryland: RecordsRequest):
    lay(folder, "MD-2026-0001.pdf", PDF, age=5)
    assert take_in(folder) == [] and held(folder)[""] == ["MD-2026-0001.pdf"]
    assert take_in(folder, now=NOON + timedelta(seconds=40))[0].state == "placed"


def test_a_file_that_grows_while_it_is_read_waits(
    folder: Path, maryland: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    path = lay(folder, "MD-2026-0001.pdf", PDF[:20])
    keep = files.keep

    def keep_and_grow(*args: Any, **kwargs: Any) -> PaperFile:
        kept = keep(*args, **kwargs)
        lay(folder, path.name, PDF, age=40)
        return kept

    monkeypatch.setattr(files, "keep", keep_and_grow)
    assert take_in(folder) == []
    assert not Scan.objects.exists() and not PaperFile.objects.exists() and path.read_bytes() == PDF
    monkeypatch.undo()


@pytest.mark.parametrize("name", [".MD-2026-0001.pdf", "~$MD-2026-0001.docx", "MD-2026-0001.pdf.part", "x.TMP"])
def test_files_of_programs_are_left_alone(folder: Path, maryland: RecordsRequest, name: str):
    lay(folder, name, PDF)
    assert take_in(folder) == [] and held(folder)[""] == [name]


def test_links_pipes_and_folders_are_left_alone(folder: Path, tmp_path: Path, maryland: RecordsRequest):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    (folder / "MD-2026-0001 link.pdf").symlink_to(secret)
    os.mkfifo(folder / "MD-2026-0001 pipe.pdf")
    (folder / "MD-2026-0001").mkdir()
    assert take_in(folder) == []
    assert not Document.objects.exists() and secret.read_text() == "a secret"


def test_two_files_of_one_name_are_both_kept(folder: Path, maryland: RecordsRequest):
    for content in (PDF, PDF + b"\n% again"):
        lay(folder, "MD-2026-0001.pdf", content)
        take_in(folder)
    assert held(folder)["done"] == ["MD-2026-0001 (2).pdf", "MD-2026-0001.pdf"]
    assert Document.objects.count() == 2


def test_the_same_scan_again_adds_nothing(folder: Path, maryland: RecordsRequest):
    for _time in range(2):
        lay(folder, "MD-2026-0001.pdf", PDF)
        assert take_in(folder)[0].state == "placed"
    assert Document.objects.count() == Scan.objects.count() == 1
    assert held(folder)["done"] == ["MD-2026-0001 (2).pdf", "MD-2026-0001.pdf"]


# --- Cut off anywhere ------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """Nothing in the program catches it, as nothing catches the end of a process."""


def _cut_off(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool) -> None:
    whole: Callable[..., Any] = getattr(where, name)

    def cut(*args: Any, **kwargs: Any) -> Any:
        if after:
            whole(*args, **kwargs)
        raise PowerCut

    monkeypatch.setattr(where, name, cut)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("where", "name"),
    [
        pytest.param(files, "keep", id="the-bytes-are-kept"),
        pytest.param(scanning, "_note", id="the-row-is-written"),
        pytest.param(services, "receive_file", id="the-document-is-kept"),
        pytest.param(scanning, "_settle", id="the-scan-is-settled"),
        pytest.param(files, "let_go", id="the-bytes-are-let-go"),
        pytest.param(os, "link", id="the-file-has-its-second-name"),
        pytest.param(scanning, "_move", id="the-file-is-moved"),
    ],
)
def test_cut_off_between_any_two_steps_nothing_is_lost_or_doubled(
    folder: Path, maryland: RecordsRequest, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, after: bool
):
    lay(folder, "MD-2026-0001.pdf", PDF)
    with monkeypatch.context() as broken:
        _cut_off(broken, where, name, after=after)
        with pytest.raises(PowerCut):
            take_in(folder)
    take_in(folder)
    assert Document.objects.get().blob.size == len(PDF)
    assert Scan.objects.get().state == "placed"
    assert held(folder) == {"": [], "done": ["MD-2026-0001.pdf"], "doubtful": []}
    files.let_go_forgotten(NOON + timedelta(days=2))
    assert not PaperFile.objects.exists()


def test_two_at_once_do_not_disturb_each_other(folder: Path, maryland: RecordsRequest):
    lay(folder, "MD-2026-0001.pdf", PDF)
    with scanning._alone_in(folder) as is_alone:
        assert is_alone and take_in(folder) == []
    assert take_in(folder)[0].state == "placed"


# --- A person places it ----------------------------------------------------------------------------------------


def test_a_person_says_where_a_scan_belongs(
    folder: Path, coordinator_client: Client, bob: Person, maryland: RecordsRequest
):
    lay(folder, "scan0001.csv", CSV)
    take_in(folder)
    assert [notice.recipient for notice in Notice.objects.filter(key__startswith="scans:")] == [bob]
    scan = Scan.objects.get()
    where = reverse("documents:scan-place", args=[scan.pk])
    day = {f"{scan.pk}-received_on": "2026-03-20"}
    for wrong in ("", "XX-2026-0009", "nonsense", "MD-2026-0001 VA-2026-0002"):
        answer = coordinator_client.post(where, {f"{scan.pk}-reference": wrong, **day})
        assert answer.status_code == 422, wrong
    future = {f"{scan.pk}-reference": "MD-2026-0001", f"{scan.pk}-received_on": "2999-01-01"}
    assert coordinator_client.post(where, future).status_code == 422
    assert not Document.objects.exists()
    assert coordinator_client.post(where, {f"{scan.pk}-reference": "md 2026 0001", **day}).status_code == 302
    kept = Document.objects.get()
    assert (kept.request, kept.brought_by, str(kept.received_on)) == (maryland, bob, "2026-03-20")
    again = coordinator_client.post(where, {f"{scan.pk}-reference": "MD-2026-0001", **day}, follow=True)
    assert "does not wait any more" in words(again)
    assert not PaperFile.objects.exists() and Document.objects.count() == 1
    assert "scan0001.csv" in words(coordinator_client.get(reverse("documents:origin", args=[kept.pk])))


def test_a_scan_is_set_aside_and_brought_back(folder: Path, coordinator_client: Client, maryland: RecordsRequest):
    lay(folder, "scan0001.csv", CSV)
    take_in(folder)
    scan = Scan.objects.get()
    where = reverse("documents:scan-set-aside", args=[scan.pk])
    assert coordinator_client.post(where).status_code == 302
    page = words(coordinator_client.get(reverse("documents:scans")))
    assert "No scan waits" in page and "Bring it back" in page
    coordinator_client.post(where, {"back": "1"})
    assert Scan.objects.get().state == "waiting"
    assert scanning.place(Scan.objects.get(), maryland, received_on=NOON.date(), by=maryland.filer, now=NOON)


@pytest.mark.parametrize("number", [1, 12])
def test_the_list_asks_the_same_few_questions(
    coordinator_client: Client, maryland: RecordsRequest, number: int, django_assert_num_queries: Any
):
    for turn in range(number):
        facts = {"size": 3, "scanned_at": NOON, "seen_at": NOON}
        file = files.keep([b"%03d" % turn], limit=10, now=NOON)
        Scan.objects.create(sha256=file.pk, name=f"{turn}.pdf", state="waiting", file=file, **facts)
        Scan.objects.create(
            sha256=f"{turn:064x}", name="x", state="placed", settled_at=NOON, settled_by=maryland.filer, **facts
        )
    coordinator_client.get(reverse("documents:scans"))
    with django_assert_num_queries(7):
        coordinator_client.get(reverse("documents:scans"))


# --- The sheet, the shell, the clock ---------------------------------------------------------------------------


@pytest.mark.same_everywhere
def test_the_cover_sheet_that_we_print_is_read_again(folder: Path, volunteer_client: Client, maryland: RecordsRequest):
    answer = volunteer_client.get(reverse("documents:cover-sheet", args=["MD-2026-0001"]))
    assert answer.headers["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as sheet, pikepdf.open(io.BytesIO(a_scan("A letter"))) as scan:
        assert len(sheet.pages) == 1
        sheet.pages.extend(scan.pages)
        whole = io.BytesIO()
        sheet.save(whole)
    lay(folder, "stack.pdf", whole.getvalue())
    assert take_in(folder) == [Taken("stack.pdf", "placed", ("MD-2026-0001",))]


def test_the_square_has_its_white_margin():
    size, drawn = cover_sheet.square("DAYLIGHT")
    assert drawn.startswith(f"M{cover_sheet.QUIET * cover_sheet.MODULE},") and size % cover_sheet.MODULE == 0


def test_from_the_shell(
    folder: Path, maryland: RecordsRequest, settings: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    settings.SCAN_FOLDER = ""
    with pytest.raises(CommandError, match="No folder is named"):
        call_command("import_scans")
    with pytest.raises(CommandError, match="is no folder"):
        call_command("import_scans", str(tmp_path / "nowhere"))
    lay(folder, "MD-2026-0001.pdf", PDF)
    lay(folder, "other.csv", CSV)
    call_command("import_scans", str(folder), "--settle", "0")
    assert capsys.readouterr().out.splitlines() == [
        "MD-2026-0001.pdf: filed under MD-2026-0001",
        "other.csv: waits for a person; it is in doubtful",
        "2 taken in.",
    ]


def test_a_folder_that_is_not_there_is_said_at_the_start(settings: Any, folder: Path):
    settings.SCAN_FOLDER = str(folder / "gone")
    assert "is no folder" in scans_have_a_folder(None)[0].msg
    settings.SCAN_FOLDER = str(folder)
    assert scans_have_a_folder(None) == []


def test_by_the_clock(folder: Path, maryland: RecordsRequest, settings: Any):
    lay(folder, "MD-2026-0001.pdf", PDF)
    settings.SCAN_FOLDER = ""
    tasks.take_in_scans()
    assert not Document.objects.exists()
    settings.SCAN_FOLDER = str(folder / "gone")
    tasks.take_in_scans()  # says so in the log, and goes on
    settings.SCAN_FOLDER = str(folder)
    tasks.take_in_scans()
    assert Document.objects.get().via == "scan"
