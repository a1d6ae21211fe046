"""Letterhead, signatures and greetings: pictures checked, sealed where they are personal, and readable by ear."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from requests_app.kits import letters, rendering, stationery
from requests_app.kits.models import Letterhead, Signature
from requests_app.kits.pictures import NotAPicture, read_picture
from requests_app.kits.text import to_text
from requests_app.people.models import Person
from tests.factories import NOON
from tests.kits.cast import letter, state_police


def a_picture(kind: str = "PNG", size: tuple[int, int] = (300, 100), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (20, 90, 90)).save(file, kind, **options)
    return file.getvalue()


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_drawn_anew_and_fits(kind: str) -> None:
    kept = read_picture(a_picture(kind, (2400, 800)), "A logo")
    assert (kept.width, kept.height) == (1200, 400)
    assert kept.png.startswith(b"\x89PNG")
    assert kept.fitted(216, 65) == (195, 65)


def test_what_a_file_carries_beside_its_dots_stays_behind() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "taken at 38.97, -76.49")
    assert b"38.97" not in read_picture(a_picture(pnginfo=told), "").png
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    assert b"secret" not in read_picture(a_picture("JPEG", exif=exif), "").png


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "PNG or JPEG", id="svg-with-a-script"),
        pytest.param(b"%PDF-1.7", "PNG or JPEG", id="pdf"),
        pytest.param(a_picture("GIF"), "PNG or JPEG", id="gif"),
        pytest.param(a_picture()[:60], "PNG or JPEG", id="broken-off"),
        pytest.param(b"", "PNG or JPEG", id="empty"),
        pytest.param(a_picture(size=(7000, 10)), "7000 by 10", id="too-wide"),
        pytest.param(b"\x89PNG" + b"0" * 3_000_000, "larger than 2 MB", id="too-heavy"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(raw: bytes, says: str) -> None:
    with pytest.raises(NotAPicture, match=says):
        read_picture(raw, "")


# --- on paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_letter_wears_the_head_it_was_filed_with(bob: Person, alice: Person) -> None:
    logo = read_picture(a_picture(), "")
    first = stationery.save_letterhead(name="Harbor", lines="1 Way", logo=logo, keep_logo=False, by=bob, now=NOON)
    mine = stationery.save_signature(alice, logo, now=NOON)
    dressed = stationery.outfit_of(alice).on(letter())
    assert dressed.sender == ("Harbor", "1 Way", "records@harbor.example")
    assert "1 Way" in to_text(dressed)
    kept = letters.load(letters.dump(dressed))
    later = NOON.replace(year=2027)
    second = stationery.save_letterhead(name="New Name", lines="", logo=None, keep_logo=True, by=bob, now=later)
    dress = stationery.dress_of(kept)
    assert (kept.letterhead, kept.signature, first.name) == (first.pk, mine.pk, "Harbor")
    assert dress.logo is not None
    assert dress.logo.alt == "Logo of Harbor"
    assert dress.signature is not None
    assert dress.signature.alt == "Signature of Jane Example"
    assert bytes(second.logo) == logo.png, "the logo stays when only the name changes"
    stationery.delete_signature(alice)
    assert stationery.dress_of(kept).signature is None, "deleted means gone"
    assert stationery.outfit_of(alice).signature is None


def test_a_dressed_letter_is_an_accessible_pdf() -> None:
    picture = read_picture(a_picture(), "Logo of the Harbor Records Group")
    greeted = letter("MD", addressee=replace(state_police(), salutation_language="es"))
    html = rendering.to_html(
        greeted, stationery.Dress(logo=picture, signature=replace(picture, alt="Signature of Jane"))
    )
    pdf = pikepdf.open(io.BytesIO(rendering.to_pdf(html)))
    found: list[str] = []

    def walk(node: object) -> None:
        for kid in node if isinstance(node, pikepdf.Array) else [node]:
            if isinstance(kid, pikepdf.Dictionary):
                if kid.get("/S") == "/Figure":
                    found.append(str(kid.get("/Alt")))
                if "/K" in kid:
                    walk(kid.K)

    walk(pdf.Root.StructTreeRoot.K)
    assert found == ["Logo of the Harbor Records Group", "Signature of Jane"]
    assert '<p class="salutation" lang="es">A quien corresponda:</p>' in html
    with pdf.open_metadata() as about:
        assert about.get("pdfuaid:part") == "1"


def test_an_office_is_greeted_in_its_language_and_read_in_english() -> None:
    greeted = letter("MD", addressee=replace(state_police(), salutation_language="es"))
    assert (greeted.salutation, greeted.salutation_language) == ("A quien corresponda:", "es")
    assert greeted.sections == letter("MD", addressee=state_police()).sections
    unknown = letter("MD", addressee=replace(state_police(), salutation_language="xx"))
    assert unknown.salutation.startswith("Dear ")
    assert unknown.salutation_language == "en"


# --- pages ------------------------------------------------------------------------------------------------------------


def upload(raw: bytes, name: str = "picture.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw, content_type="image/png")


@pytest.mark.django_db
def test_a_coordinator_changes_the_letterhead_and_sees_it(coordinator_client: Client) -> None:
    where = reverse("kits:letterhead")
    data = {"name": "Harbor Records Group", "lines": "1 Way\r\n\r\n Annapolis ", "logo": upload(a_picture())}
    page = coordinator_client.post(where, data, follow=True).content.decode()
    assert 'alt="Logo of Harbor Records Group"' in page
    assert Letterhead.objects.get().lines == "1 Way\nAnnapolis"
    refused = coordinator_client.post(where, data | {"logo": upload(b"<svg/>", "logo.png"), "lines": "x\n" * 7})
    assert "PNG or JPEG" in refused.content.decode()
    assert "more than six lines" in refused.content.decode()
    assert Letterhead.objects.count() == 1
    coordinator_client.post(where, {"name": "Harbor", "lines": "", "remove_logo": "on"})
    assert Letterhead.objects.first().logo is None  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_signature_is_sealed_its_owners_alone_and_can_be_deleted(
    volunteer_client: Client, coordinator_client: Client, administrator_client: Client
) -> None:
    where = reverse("kits:signature")
    volunteer_client.post(where, {"picture": upload(a_picture("JPEG"))})
    assert 'alt="Signature of alice"' in volunteer_client.get(where).content.decode()
    assert "data:image" not in coordinator_client.get(where).content.decode()
    assert administrator_client.get(where).status_code == 403
    with connection.cursor() as cursor:
        cursor.execute("SELECT image FROM kits_signature")
        [[stored]] = cursor.fetchall()
    assert "iVBOR" not in stored, "a PNG in base64 begins like that"
    volunteer_client.post(reverse("kits:delete-signature"))
    assert not Signature.objects.exists()
