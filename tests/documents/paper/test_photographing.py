"""A letter is photographed page by page; what is good is kept, what is bad is refused, and nothing is half-done."""

from __future__ import annotations

import errno
import html
import io
from datetime import timedelta
from typing import Any

import pikepdf
import pillow_heif
import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from requests_app.documents import checking, services
from requests_app.documents.backups.services import shelves
from requests_app.documents.models import Blob, Document, PaperFile, Photograph, PhotographedLetter
from requests_app.documents.paper import files, photographing
from requests_app.documents.paper.photographing import NotAdded
from requests_app.documents.store import DiskFull, EmptyFile, Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Notice, Person
from tests.documents.bodies import CSV, files_under
from tests.documents.paper.making import a_photograph, exif
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_april() -> Any:
    with time_machine.travel("2026-04-02 12:00Z", tick=False):
        yield


def url(name: str, letter: RecordsRequest, *more: Any) -> str:
    return reverse(f"documents:{name}", args=[letter.reference, *more])


def words(response: HttpResponse) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def a_file(content: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def add(letter: RecordsRequest, by: Person, content: bytes | None = None, *, name: str = "IMG_1.jpg") -> Photograph:
    return photographing.add(letter, [content or a_photograph()], name=name, by=by, now=NOON)


def rows(letter: RecordsRequest, by: Person, number: int) -> list[Photograph]:
    """Return photographs as rows only: for what does not look at a picture."""
    draft, _new = PhotographedLetter.objects.get_or_create(
        request=letter, by=by, defaults={"begun_at": NOON, "changed_at": NOON}
    )
    made = []
    for position in range(1, number + 1):
        file = files.keep([b"photograph %d" % position], limit=1000, now=NOON)
        facts = {"width": 600, "height": 800, "corners": [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9], "cut": "asked"}
        name = f"IMG_{position}.jpg"
        made.append(draft.photographs.create(file=file, position=position, original_name=name, added_at=NOON, **facts))
    return made


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.open(io.BytesIO(a_photograph(shade=90)))).save(out, quality=70, exif=exif())
    return out.getvalue()


def test_pages_of_three_phones_become_one_letter(volunteer_client: Client, letter: RecordsRequest, alice: Person):
    """The whole way: add, cut, turn, order, keep. One is a HEIC, one was held sideways."""
    sideways = io.BytesIO()
    Image.open(io.BytesIO(a_photograph(shade=60))).rotate(90, expand=True).save(
        sideways, "JPEG", exif=exif(orientation=6)
    )
    given = [a_file(a_photograph(), "one.jpg"), a_file(heic(), "two.heic"), a_file(sideways.getvalue(), "three.jpg")]
    answer = volunteer_client.post(url("photographs", letter), {"chosen": given})
    assert answer.status_code == 302
    page = words(volunteer_client.get(url("photographs", letter)))
    assert "3 pages so far" in page and "Cut all 3 to the marked edges" in page
    one, two, three = Photograph.objects.order_by("position")
    assert [(each.width, each.height, each.had_place) for each in (one, two, three)] == [
        (600, 800, False), (600, 800, True), (600, 800, True),
    ]  # fmt: skip
    act = url("photographs-act", letter)
    for what in ({"act": "cut-all"}, {"act": "up", "page": two.pk}, {"act": "right", "page": one.pk}):
        assert volunteer_client.post(act, what).status_code == 302
    picture = volunteer_client.get(url("photograph-picture", letter, one.pk, "page"))
    drawn = Image.open(io.BytesIO(b"".join(picture.streaming_content)))
    assert drawn.format == "WEBP" and drawn.width > drawn.height  # cut, and turned to the right
    kept = volunteer_client.post(url("photographs-keep", letter), {"name": "Fee letter", "received_on": "2026-03-31"})
    made = Document.objects.get(parent=None)
    assert kept.url == made.get_absolute_url()
    assert (made.original_name, made.via, str(made.received_on)) == ("Fee letter.pdf", "photo", "2026-03-31")
    with services.the_store().open(made.blob_id) as content:
        raw = content.read()
    assert b"Exif" not in raw and b"Phone of the tests" not in raw
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        sizes = [tuple(round(float(each)) for each in page.MediaBox[2:]) for page in pdf.pages]
        assert sizes == [(612, 792), (792, 612), (612, 792)]
    under = list(made.members.order_by("inner_path"))
    assert [each.inner_path for each in under] == [
        "photographs/01 two.heic", "photographs/02 one.jpg", "photographs/03 three.jpg",
    ]  # fmt: skip
    assert [each.remarks for each in under][1] == [] and "taken out" in under[0].remarks[0]
    for each in under:
        with services.the_store().open(each.blob_id) as content:
            assert not photographing_place(content.read())
    assert not PhotographedLetter.objects.exists() and not PaperFile.objects.exists()
    assert files_under(files.the_paper_store().folder) == []
    assert made.blob.steps.filter(name="ocr").exists()
    shown = words(volunteer_client.get(made.get_absolute_url()))
    assert all(each.get_absolute_url() in shown for each in under) and "photograph 3" in shown
    assert "Photograph for" in words(volunteer_client.get(under[0].get_absolute_url()))
    origin = words(volunteer_client.get(reverse("documents:origin", args=[made.pk])))
    assert "photographed from paper" in origin and "3 photographs, which are kept under it" in origin


def photographing_place(raw: bytes) -> bool:
    pillow_heif.register_heif_opener()
    return bool(Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825))


@pytest.mark.same_everywhere
def test_bad_files_are_named_and_the_good_one_stays(volunteer_client: Client, letter: RecordsRequest, settings: Any):
    settings.UPLOAD_LIMIT_MB = 1
    wide = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(wide, "PNG")
    two = io.BytesIO()
    page = Image.new("L", (300, 300))
    page.save(two, "TIFF", save_all=True, append_images=[page])
    given = [
        a_file(a_photograph(), "good.jpg"),
        a_file(CSV, "totals.jpg"),
        a_file(b"", "nothing.jpg"),
        a_file(wide.getvalue(), "wide.png"),
        a_file(a_photograph()[:3000], "cut-off.jpg"),
        a_file(two.getvalue(), "scan.tif"),
        a_file(bytes(1024 * 1024 + 1), "large.jpg"),
        a_file(a_photograph(), "good again.jpg"),
    ]
    answer = volunteer_client.post(url("photographs", letter), {"chosen": given})
    page_said = words(answer)
    assert answer.status_code == 422
    assert "7 photographs were not added" in page_said and "One page so far" in page_said
    for said in (
        "totals.jpg</strong>: This is no picture that can be opened here",
        "nothing.jpg</strong>: The file is empty",
        "wide.png</strong>: The picture has more than 50 million pixels",
        "cut-off.jpg</strong>: The picture is damaged or cut off",
        "scan.tif</strong>: This file holds several pages",
        "large.jpg</strong>: The file is larger than 1 MB",
        "good again.jpg</strong>: This photograph is in the letter already",
    ):
        assert said in page_said
    assert [each.original_name for each in Photograph.objects.all()] == ["good.jpg"]
    assert PaperFile.objects.count() == 1


def test_a_letter_has_an_end(letter: RecordsRequest, alice: Person, monkeypatch: pytest.MonkeyPatch):
    rows(letter, alice, 2)
    monkeypatch.setattr(photographing, "MOST_PAGES", 2)
    with pytest.raises(NotAdded, match="up to 60"):
        add(letter, alice)
    assert Photograph.objects.count() == PaperFile.objects.count() == 2


def test_what_was_begun_waits_for_its_maker_alone(
    volunteer_client: Client, coordinator_client: Client, letter: RecordsRequest, alice: Person
):
    page = rows(letter, alice, 1)[0]
    assert "One page so far" in words(volunteer_client.get(url("photographs", letter)))
    assert "The first page" in words(coordinator_client.get(url("photographs", letter)))
    for name in ("photograph-corners", "photograph-picture"):
        more = [page.pk, "page"] if name == "photograph-picture" else [page.pk]
        assert coordinator_client.get(url(name, letter, *more)).status_code == 404
    removed = coordinator_client.post(url("photographs-act", letter), {"act": "remove", "page": page.pk})
    assert removed.status_code == 404 and Photograph.objects.exists()


@pytest.mark.parametrize(
    ("act", "at", "order"),
    [
        pytest.param("up", 1, [2, 1, 3], id="earlier"),
        pytest.param("down", 1, [1, 3, 2], id="later"),
        pytest.param("up", 0, [1, 2, 3], id="the-first-stays-first"),
        pytest.param("down", 2, [1, 2, 3], id="the-last-stays-last"),
        pytest.param("remove", 1, [1, 3], id="removed"),
    ],
)
def test_pages_change_places(
    volunteer_client: Client, letter: RecordsRequest, alice: Person, act: str, at: int, order: list[int]
):
    pages = rows(letter, alice, 3)
    answer = volunteer_client.post(url("photographs-act", letter), {"act": act, "page": pages[at].pk})
    assert answer.status_code == 302
    assert [f"IMG_{number}.jpg" for number in order] == [each.original_name for each in Photograph.objects.all()]
    assert PaperFile.objects.count() == len(order)


@pytest.mark.parametrize(
    "posted",
    [
        pytest.param({"act": "burn"}, id="no-such-act"),
        pytest.param({"act": "up", "page": "x"}, id="no-number"),
        pytest.param({"act": "up", "page": "3f1f7f6e-0000-4000-8000-000000000000"}, id="no-such-page"),
        pytest.param({}, id="nothing"),
    ],
)
def test_hostile_acts_change_nothing(
    volunteer_client: Client, letter: RecordsRequest, alice: Person, posted: dict[str, str]
):
    page = rows(letter, alice, 1)[0]
    assert volunteer_client.post(url("photographs-act", letter), {"page": page.pk, **posted}).status_code == 404
    assert Photograph.objects.get().turn == 0


def test_edges_are_accepted_refused_and_set_by_hand(volunteer_client: Client, letter: RecordsRequest, alice: Person):
    page = rows(letter, alice, 1)[0]
    act, where = url("photographs-act", letter), url("photograph-corners", letter, page.pk)
    volunteer_client.post(act, {"act": "whole", "page": page.pk})
    assert Photograph.objects.get().cut == "whole"
    volunteer_client.post(act, {"act": "cut", "page": page.pk})
    assert Photograph.objects.get().cut == "cut"
    form = words(volunteer_client.get(where))
    assert 'name="x0"' in form and 'value="10.0"' in form
    numbers = {"x0": 12, "y0": 8, "x1": 92.5, "y1": 9, "x2": 90, "y2": 91, "x3": 8, "y3": 95}
    assert volunteer_client.post(where, numbers).status_code == 302
    page.refresh_from_db()
    assert page.corners == [0.12, 0.08, 0.925, 0.09, 0.9, 0.91, 0.08, 0.95]
    for wrong in ({"x0": 95}, {"y1": ""}, {"x2": "nan"}, {"x3": -4}, {"y0": "1e400"}):
        answer = volunteer_client.post(where, numbers | wrong)
        assert answer.status_code == 422, wrong
    page.refresh_from_db()
    assert page.corners[0] == 0.12


def test_a_page_turns_round(letter: RecordsRequest, alice: Person):
    page = rows(letter, alice, 1)[0]
    for clockwise, now_at in ((-90, 270), (-90, 180), (90, 270), (90, 0)):
        photographing.turn(page, clockwise=clockwise, now=NOON)
        assert Photograph.objects.get().turn == now_at


def test_a_crash_on_the_way_is_made_up_for(letter: RecordsRequest, alice: Person, monkeypatch: pytest.MonkeyPatch):
    """Killed after the PDF, and again before the end: the next try finds what is kept, and adds nothing twice."""
    add(letter, alice)
    draft = PhotographedLetter.objects.get()
    given: dict[str, Any] = {"name": "Letter.pdf", "received_on": NOON.date(), "by": alice, "now": NOON}

    def power_cut(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("power cut")

    for module, name in ((services, "receive_part"), (photographing, "audit")):
        with monkeypatch.context() as broken:
            broken.setattr(module, name, power_cut)
            with pytest.raises(RuntimeError):
                photographing.keep(draft, **given)
        assert draft.photographs.count() == PaperFile.objects.count() == 1
    outcome = photographing.keep(draft, **given)
    assert isinstance(outcome, services.Duplicate)
    assert Document.objects.filter(parent=None).count() == 1
    assert Document.objects.filter(parent=outcome.document).count() == 1
    assert Blob.objects.count() == 2 and not PaperFile.objects.exists()


def test_a_full_disk_takes_nothing_away(letter: RecordsRequest, alice: Person, monkeypatch: pytest.MonkeyPatch):
    rows(letter, alice, 1)

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "copy_to", full)
    with pytest.raises(DiskFull):
        add(letter, alice)
    assert Photograph.objects.count() == 1


def test_an_empty_photograph_is_refused(letter: RecordsRequest, alice: Person):
    with pytest.raises(EmptyFile):
        photographing.add(letter, [], name="x.jpg", by=alice, now=NOON)
    assert not PhotographedLetter.objects.exists()


def test_a_forgotten_letter_is_told_of_and_then_goes(letter: RecordsRequest, alice: Person, settings: Any):
    settings.PHOTOGRAPHS_DAYS = 14
    rows(letter, alice, 2)
    days = [(photographing.tidy(NOON + timedelta(days=day)), PhotographedLetter.objects.count()) for day in range(18)]
    assert [day for day, (done, _left) in enumerate(days) if done[0]] == [11]
    assert [day for day, (done, _left) in enumerate(days) if done[1]] == [14]
    notice = Notice.objects.get()
    assert notice.recipient == alice and letter.reference in notice.text and "deleted on" in notice.text
    assert not PaperFile.objects.exists() and files_under(files.the_paper_store().folder) == []


def test_whoever_goes_on_is_told_anew(letter: RecordsRequest, alice: Person):
    page = rows(letter, alice, 1)[0]
    assert photographing.tidy(NOON + timedelta(days=12)) == (1, 0)
    photographing.turn(page, clockwise=90, now=NOON + timedelta(days=13))
    assert photographing.tidy(NOON + timedelta(days=20)) == (0, 0)
    assert photographing.tidy(NOON + timedelta(days=25)) == (1, 0)
    assert photographing.tidy(NOON + timedelta(days=40)) == (0, 1)


def test_after_a_long_pause_three_days_pass_between_notice_and_end(letter: RecordsRequest, alice: Person):
    """The machine was off for a month: nobody loses a letter unwarned."""
    rows(letter, alice, 1)
    assert photographing.tidy(NOON + timedelta(days=40)) == (1, 0)
    assert photographing.tidy(NOON + timedelta(days=42)) == (0, 0)
    assert photographing.tidy(NOON + timedelta(days=43)) == (0, 1)


def test_what_waits_is_checked_and_backed_up_like_documents(letter: RecordsRequest, alice: Person):
    page = rows(letter, alice, 1)[0]
    shelf = shelves()["paper"]
    assert list(shelf.rows()) == [page.file]
    report = checking.check_store(shelf.store(), now=NOON, rows=shelf.rows)
    assert (report.sound, report.is_fine) == (1, True)
    shelf.store().place(page.file_id).unlink()
    assert checking.check_store(shelf.store(), now=NOON, rows=shelf.rows).missing == [page.file_id]


def test_two_people_may_photograph_the_same_sheet(letter: RecordsRequest, alice: Person, bob: Person):
    hers, his = add(letter, alice), add(letter, bob)
    assert hers.file_id == his.file_id
    photographing.remove(hers, now=NOON)
    assert files.the_paper_store().exists(his.file_id)
    photographing.throw_away(his.letter)
    assert not files.the_paper_store().exists(his.file_id)


def test_a_day_that_has_not_come_is_refused_and_the_pages_stay(
    volunteer_client: Client, letter: RecordsRequest, alice: Person, store: Store
):
    rows(letter, alice, 1)
    answer = volunteer_client.post(url("photographs-keep", letter), {"name": "x", "received_on": "2026-05-01"})
    assert answer.status_code == 422 and "This day has not come yet" in words(answer)
    assert Photograph.objects.count() == 1 and not Document.objects.exists()


def test_the_page_asks_the_same_few_questions_for_any_number_of_pages(
    volunteer_client: Client, letter: RecordsRequest, alice: Person, django_assert_num_queries: Any
):
    rows(letter, alice, 1)
    with CaptureQueriesContext(connection) as few:
        volunteer_client.get(url("photographs", letter))
    PhotographedLetter.objects.all().delete()
    rows(letter, alice, 20)
    with django_assert_num_queries(len(few)):
        volunteer_client.get(url("photographs", letter))
