"""Letters to officials through the pages and the shell, and the homes that say whom to ask again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import StateNote
from requests_app.filing import services as filing
from requests_app.kits import rendering
from requests_app.kits.officials import cards
from requests_app.people.models import Person
from requests_app.tracking.officials import forms
from tests.agencies.conftest import make_exchange, make_line, make_official
from tests.factories import NOON

pytestmark = pytest.mark.django_db
SIGNED = {"name": "Alice Liddell", "town": "Annapolis", "reply_address": "records@harbor.example"}


@pytest.fixture(autouse=True)
def quick_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a PDF looks is tested in the kits room; here only who gets which."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html: b"%PDF " + html.encode())


def letter_page(pk: int) -> str:
    return reverse("tracking:official-letter", args=[pk])


def test_the_page_shows_the_letter_with_its_reports_and_says_that_nothing_is_released(
    volunteer_client: Client,
) -> None:
    make_line(as_of="2026-01")
    page = volunteer_client.get(letter_page(make_official().pk)).content.decode()
    assert "Dear Governor Robin Example:" in page
    assert "Alice Liddell" in page
    assert "Reported by The Example as of January 2026: a block on ICE over Nlets." in page
    assert "will you extend it?" in page
    assert "None of our own findings for this state is released yet" in page
    assert 'href="mailto:governor@state.example?subject=' in page


def test_a_state_without_reports_says_as_of_when_nothing_was_found(volunteer_client: Client) -> None:
    StateNote.objects.create(jurisdiction="MD", known_status={"code": "no_public_information", "as_of": "2026-11-21"})
    page = volunteer_client.get(letter_page(make_official().pk)).content.decode()
    assert "As of November 21, 2026, I know of no public report of a block in Maryland over Nlets" in page


@pytest.mark.parametrize(
    ("make", "name"),
    [
        ("pdf", "MD-governor-Robin-Example.pdf"),
        ("card-us", "MD-governor-Robin-Example-postcard.pdf"),
        ("card-a6", "MD-governor-Robin-Example-postcard.pdf"),
        ("fax", "MD-governor-Robin-Example-fax.pdf"),
    ],
)
def test_each_button_gives_its_file(make: str, name: str, volunteer_client: Client) -> None:
    answer = volunteer_client.post(letter_page(make_official().pk), SIGNED | {"make": make})
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("gone", "make", "says"),
    [
        ({"postal_address": ""}, "card-us", "has no postal address on the list"),
        ({"fax": ""}, "fax", "has no fax number on the list"),
        ({"postal_address": "", "email": "", "fax": ""}, "pdf", "no postal address, e-mail address or fax number"),
    ],
)
def test_an_official_without_the_address_gets_a_message_and_no_file(
    gone: dict[str, str], make: str, says: str, volunteer_client: Client
) -> None:
    answer = volunteer_client.post(letter_page(make_official(**gone).pk), SIGNED | {"make": make})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert "Nothing is lost" in answer.content.decode()


def test_what_does_not_fit_on_a_card_is_said_and_what_was_typed_stays(
    volunteer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "print_card", lambda card, size: cards.PrintedCard(does_not_fit=("Too long.",)))
    page = volunteer_client.post(
        letter_page(make_official().pk), SIGNED | {"make": "card-a6", "own_words": "Kept words."}
    ).content.decode()
    assert "Too long." in page
    assert page.count("Kept words.") >= 2  # in the form and in the letter


def test_a_bad_address_for_the_answer_is_a_form_error_and_makes_no_file(volunteer_client: Client) -> None:
    answer = volunteer_client.post(
        letter_page(make_official().pk), SIGNED | {"reply_address": "nobody", "make": "pdf", "own_words": "Kept."}
    )
    assert answer["Content-Type"].startswith("text/html")
    assert "Enter a valid email address" in answer.content.decode()
    assert "Kept." in answer.content.decode()


def test_an_official_who_left_gets_no_letter(volunteer_client: Client) -> None:
    official = make_official(retired_at=NOON)
    assert volunteer_client.get(letter_page(official.pk)).headers["Location"] == official.get_absolute_url()
    page = volunteer_client.get(official.get_absolute_url()).content.decode()
    assert letter_page(official.pk) not in page


def test_letters_to_several_come_in_a_zip_each_with_its_own_state(volunteer_client: Client) -> None:
    make_line()
    chosen = [make_official().pk, make_official("שרה דוגמה", jurisdiction="WY").pk]
    given = SIGNED | {"officials": chosen, "bundle": "zip"}
    answer = volunteer_client.post(reverse("tracking:official-letters"), given)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["MD-governor-Robin-Example.pdf", "WY-governor-שרה-דוגמה.pdf"]
    maryland, wyoming = (archive.read(name).decode() for name in archive.namelist())
    assert "a block on ICE over Nlets" in maryland
    assert "a block on ICE over Nlets" not in wyoming
    assert "Wyoming decides who may search" in wyoming


def test_letters_to_several_come_as_one_pdf(volunteer_client: Client) -> None:
    given = SIGNED | {"officials": [make_official().pk], "bundle": "pdf"}
    answer = volunteer_client.post(reverse("tracking:official-letters"), given)
    assert answer.content.startswith(b"%PDF-1")


@pytest.mark.parametrize("problem", ["nobody", "unreachable", "too-many", "not-offered"])
def test_a_choice_that_makes_no_letters_says_why(
    problem: str, volunteer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable = make_official()
    lost = make_official("Lost Person", email="", postal_address="", fax="")
    gone = make_official("Gone Person", retired_at=NOON)
    if problem == "too-many":
        monkeypatch.setattr(forms, "MANY_MAX", 0)
    chosen, says = {
        "nobody": ([], "Choose at least one official."),
        "unreachable": ([reachable.pk, lost.pk], "is on the list for: Lost Person"),
        "too-many": ([reachable.pk], "take the rest in a second turn"),
        "not-offered": ([gone.pk], "not one of the available choices"),
    }[problem]
    given = SIGNED | {"officials": chosen, "bundle": "pdf", "own_words": "Kept words."}
    answer = volunteer_client.post(reverse("tracking:official-letters"), given)
    assert says in answer.content.decode()
    assert "Kept words." in answer.content.decode()


def test_the_call_sheet_leads_to_the_log(volunteer_client: Client) -> None:
    make_line()
    official = make_official()
    page = volunteer_client.get(reverse("tracking:official-call", args=[official.pk])).content.decode()
    assert "Say nothing about anyone" in page
    assert "tel:(410) 555-0100" in page
    assert "Since a block on ICE is reported" in page
    assert reverse("agencies:official-log", args=[official.pk]) in page


@pytest.mark.parametrize("home", ["tracking:letters", "agencies:officials"])
def test_the_home_says_whom_to_ask_again(
    home: str, alice: Person, bob: Person, volunteer_client: Client, coordinator_client: Client
) -> None:
    person, client = (alice, volunteer_client) if home == "tracking:letters" else (bob, coordinator_client)
    assert "Ask these officials again" not in client.get(reverse(home)).content.decode()
    make_exchange(make_official("Mine"), person, follow_up_on=NOON.date())
    make_exchange(make_official("Theirs"), None, follow_up_on=NOON.date())
    page = client.get(reverse(home)).content.decode()
    assert "Ask these officials again" in page
    again = page[page.index("Ask these officials again") :].partition("</section>")[0]
    assert "Mine" in again
    assert "Theirs" not in again


def test_the_wizard_leads_from_the_kit_for_officials_to_their_pages(alice: Person, volunteer_client: Client) -> None:
    make_official()
    draft = filing.start_draft(by=alice, jurisdiction="MD", now=NOON)
    filing.save_draft(draft.pk, kit_id="K8", now=NOON)
    where = reverse("filing:draft-whom", args=[draft.pk])
    page = volunteer_client.get(where).content.decode()
    assert f"{reverse('agencies:officials')}?state=MD" in page
    assert "One official of Maryland is on the list" in page
    assert "No office is on our list yet" not in page
    filing.save_draft(draft.pk, kit_id="K1", now=NOON)
    assert reverse("agencies:officials") not in volunteer_client.get(where).content.decode()


@pytest.mark.parametrize("lines", [1, 8])
def test_letter_and_call_sheet_cost_the_same_for_few_and_many_reports(
    lines: int, volunteer_client: Client, django_assert_num_queries: Any
) -> None:
    official = make_official()
    for number in range(lines):
        make_line(as_of=f"20{10 + number}")
    with django_assert_num_queries(6):  # session, person with roles, notices, official, status lines, known status
        volunteer_client.get(letter_page(official.pk))
    with django_assert_num_queries(6):
        volunteer_client.get(reverse("tracking:official-call", args=[official.pk]))


# --- the shell --------------------------------------------------------------------------------------------------------


def shell(*words: str) -> str:
    out = io.StringIO()
    call_command("official_letter", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_the_shell_writes_one_file_for_each_official_and_names_who_is_left_out(tmp_path: Path) -> None:
    make_official()
    make_official("Lost Person", email="", postal_address="", fax="")
    told = shell("--state", "md", "--requester", "Jane Example", "--date", "2026-11-23", "--out", str(tmp_path))
    (made,) = tmp_path.iterdir()
    assert made.name.startswith("MD-governor-Robin-Example-")
    assert "November 23, 2026" in made.read_text()
    assert "Lost Person has no postal address" in told
    assert "1 written, 1 left out." in told
    shell("--state", "MD", "--as", "email", "--requester", "Jane Example", "--out", str(tmp_path / "mail"))
    (mail,) = (tmp_path / "mail").iterdir()
    assert mail.read_text().startswith("To: governor@state.example\nSubject: Federal queries of Maryland")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="nobody-named"),
        pytest.param(("--state", "ZZ"), id="no-such-state"),
        pytest.param(("--state", "DE"), id="nobody-there"),
        pytest.param(("--state", "MD", "--date", "soon"), id="odd-date"),
        pytest.param(("--official", "999999"), id="no-such-number"),
    ],
)
def test_the_shell_says_what_it_cannot_use(words: tuple[str, ...], tmp_path: Path) -> None:
    make_official()
    with pytest.raises(CommandError) as refused:
        shell(*words, "--requester", "Jane Example", "--out", str(tmp_path))
    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []
