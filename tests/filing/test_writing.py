"""Rewording a letter: kept as it is written, never overwritten unseen, in the letter that is filed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.filing import queries, services
from requests_app.filing.composing import Sender
from requests_app.filing.models import Draft, DraftVersion, RecordsRequest, UnlockedText
from requests_app.filing.services import opening
from requests_app.kits import editing, letters
from requests_app.kits.composer import compose
from requests_app.people.models import Person
from tests.factories import AgencyFactory, ContactPointFactory, DraftFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def on_a_monday() -> object:
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


@pytest.fixture
def draft(alice: Person) -> Draft:
    made = DraftFactory(filer=alice, kit_id="K1")
    for name, role in (("Department of State Police", "nlets_control_point"), ("Motor Vehicle Administration", "dmv")):
        contact = ContactPointFactory(agency=AgencyFactory(name=name, short_name=name[:5], roles=[role]))
        made.targets.create(agency=contact.agency, delivery="email", contact_point=contact)
    return services.save_draft(
        made.pk,
        choices={"requester_name": "שרה Liddell 🙂", "postal_address": "1 Way", "standing": "resident"},
        now=MONDAY,
    )


def mark_as_law(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Mark the paragraphs of one section as law and no others, whatever the composer marks."""

    def composed(*args: Any, **kwargs: Any) -> letters.Letter:
        made = compose(*args, **kwargs)
        sections = [
            replace(each, parts=tuple(replace(part, legal=each.key == key) for part in each.parts))
            for each in made.sections
        ]
        return replace(made, sections=tuple(sections))

    monkeypatch.setattr("requests_app.filing.composing.compose", composed)


@pytest.fixture
def with_law(monkeypatch: pytest.MonkeyPatch) -> None:
    mark_as_law(monkeypatch, "time")


@pytest.fixture
def without_law(monkeypatch: pytest.MonkeyPatch) -> None:
    mark_as_law(monkeypatch, "")


def address(draft: Draft, name: str = "draft-write", place: int = 0, *more: int) -> str:
    return reverse(f"filing:{name}", args=[draft.pk, draft.targets.order_by("pk")[place].agency_id, *more])


def form_of(page: Any, **changes: str) -> dict[str, Any]:
    """Return what the browser would post: every block as it stands in the page, with some changed."""
    editor = page.context["editor"]
    data: dict[str, Any] = {"revision": str(editor.revision), "block": [row.block.id for row in editor.rows]}
    for row in editor.rows:
        if not row.locked and not row.taken_out:
            data[f"text.{row.block.id}"] = row.block.text
        if row.block.is_new:
            data[f"kind.{row.block.id}"] = row.block.kind
    return data | changes


def wording(draft: Draft, place: int = 0) -> tuple[str, ...]:
    plan = services.plan_for(draft)
    assert plan is not None
    return plan.letters(Sender("", "a@b.example"), MONDAY)[place].paragraphs()


def file(draft: Draft, alice: Person) -> list[RecordsRequest]:
    return services.file_draft(
        draft.pk,
        by=alice,
        organisation="",
        address_for=lambda ref, token: f"{ref}-{token}@g.example".lower(),
        now=MONDAY,
    )


def test_what_somebody_writes_stands_in_the_letter_that_is_filed(
    volunteer_client: Client, alice: Person, draft: Draft
) -> None:
    page = volunteer_client.get(address(draft))
    posted = form_of(page, **{"text.clarification.0": "Write to {state_name} if you must.\n\nI mean it."})
    answer = volunteer_client.post(address(draft), posted)
    assert answer.url == reverse("filing:draft-preview", args=[draft.pk])
    assert "Write to {state_name} if you must." in volunteer_client.get(answer.url).content.decode()
    first, second = file(draft, alice)
    stored: Any = first.letter
    filed = letters.load(stored)
    assert filed.paragraphs()[-2:] == ("Write to {state_name} if you must.", "I mean it.")
    assert filed.reference == first.reference, "composed again, with its reference"
    assert second.reference in (filed.reference_line or ""), "and its companion's"
    other: Any = second.letter
    assert "I mean it." not in letters.load(other).paragraphs(), "the other letter stays as it was"


def test_every_button_works_without_a_script(volunteer_client: Client, draft: Draft) -> None:
    page = volunteer_client.get(address(draft))
    answer = volunteer_client.post(address(draft), form_of(page) | {"do": "item:records.0.0"})
    assert answer.url.endswith("?at=new.1#b-new.1")
    page = volunteer_client.get(answer.url)
    typed = form_of(page) | {"text.new.1": "The manual of the log.", "do": "up:new.1"}
    page = volunteer_client.get(volunteer_client.post(address(draft), typed).url)
    listed = [row.block.text for row in page.context["editor"].rows if row.block.kind == "item"]
    assert listed[0] == "The manual of the log."
    volunteer_client.post(address(draft), form_of(page) | {"do": "take-out:records.0.1"})
    page = volunteer_client.get(address(draft))
    assert [row.block.id for row in page.context["editor"].rows if row.taken_out] == ["records.0.1"]
    assert "Put it back" in page.content.decode()
    volunteer_client.post(address(draft), form_of(page) | {"do": "put-back:records.0.1"})
    volunteer_client.post(address(draft), form_of(volunteer_client.get(address(draft))) | {"do": "take-out:new.1"})
    generated = volunteer_client.get(address(draft)).context["editor"]
    assert generated.changed_rows == 0


def test_autosave_says_when_and_the_next_one_goes_on(volunteer_client: Client, draft: Draft) -> None:
    page = volunteer_client.get(address(draft))
    data = form_of(page, **{"text.clarification.0": "One."})
    answer = volunteer_client.post(address(draft, "draft-write-keep"), data).content.decode()
    assert 'name="revision" value="1"' in answer
    assert "Saved 12:00 PM" in answer, "in the reader's own time"
    volunteer_client.post(
        address(draft, "draft-write-keep"), data | {"revision": "1", "text.clarification.0": "One, two."}
    )
    assert wording(draft)[-1] == "One, two."
    assert DraftVersion.objects.count() == 1, "one sitting is one version"
    volunteer_client.post(address(draft), data | {"revision": "2", "text.clarification.0": "One, two."})
    assert DraftVersion.objects.get().how == "saved"


def test_two_windows_never_overwrite_one_another_unseen(volunteer_client: Client, draft: Draft) -> None:
    page = volunteer_client.get(address(draft))
    volunteer_client.post(address(draft), form_of(page, **{"text.clarification.0": "From the first window."}))
    late = form_of(page, **{"text.clarification.0": "From the second."})
    kept = volunteer_client.post(address(draft, "draft-write-keep"), late)
    assert "changed in another window" in kept.content.decode()
    assert wording(draft)[-1] == "From the first window."
    refused = volunteer_client.post(address(draft), late)
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "From the second." in text, "nothing that was typed is lost"
    assert "first window" in text, "and what stands there is shown"
    again = form_of(refused)
    assert again["text.clarification.0"] == "From the second."
    assert volunteer_client.post(address(draft), again).status_code == 302
    assert wording(draft)[-1] == "From the second."
    kept_blocks = [editing.load(version.edits).blocks[-1].text for version in DraftVersion.objects.all()]  # type: ignore[arg-type,union-attr]
    assert kept_blocks == ["From the second.", "From the first window."]


def test_versions_are_compared_and_brought_back(volunteer_client: Client, draft: Draft) -> None:
    for minutes, text in enumerate(("First.", "Second."), start=1):
        with time_machine.travel(MONDAY + minutes * MINUTE, tick=False):
            page = volunteer_client.get(address(draft))
            volunteer_client.post(address(draft), form_of(page, **{"text.clarification.0": text}))
    oldest = DraftVersion.objects.last()
    assert oldest is not None
    page = volunteer_client.get(address(draft, "draft-versions") + f"?version={oldest.pk}")
    assert "First." in page.content.decode()
    assert "alice" in page.content.decode()
    back = address(draft, "draft-restore", 0, oldest.pk)
    stale = volunteer_client.post(back, {"revision": "1"}, follow=True)
    assert "changed in another window" in stale.content.decode()
    assert wording(draft)[-1] == "Second."
    volunteer_client.post(back, {"revision": "2"})
    assert wording(draft)[-1] == "First."
    assert DraftVersion.objects.count() == 3, "nothing is taken out of the list"
    assert volunteer_client.post(address(draft, "draft-restore", 1, oldest.pk), {"revision": "0"}).status_code == 404


@pytest.mark.usefixtures("with_law")
class TestSentencesAboutTheLaw:
    def test_without_a_reason_they_stay(self, volunteer_client: Client, draft: Draft) -> None:
        page = volunteer_client.get(address(draft))
        law = wording(draft)
        forged = form_of(page) | {"text.time.0": "Answer at once or go to jail."}
        volunteer_client.post(address(draft), forged)
        assert wording(draft) == law
        for act in ("unlock", "take-out"):
            answer = volunteer_client.post(
                address(draft), form_of(page) | {"do": f"{act}:time.0", "because.time.0": " "}
            )
            assert answer.status_code == 422
            assert "Write down why before you change it" in answer.content.decode()
        assert wording(draft) == law

    def test_with_a_reason_they_change_and_coordinators_see_why(
        self, volunteer_client: Client, coordinator_client: Client, reviewer_client: Client, alice: Person, draft: Draft
    ) -> None:
        page = volunteer_client.get(address(draft))
        data = form_of(page) | {"do": "unlock:time.0", "because.time.0": "Amended in October."}
        page = volunteer_client.get(volunteer_client.post(address(draft), data).url)
        data = form_of(page) | {"because.time.0": "", "text.time.0": "The Act gives you seven days."}
        volunteer_client.post(address(draft), data)
        first, _second = file(draft, alice)
        kept = UnlockedText.objects.get()
        assert (kept.request, kept.after, kept.because, kept.by) == (
            first,
            "The Act gives you seven days.",
            "Amended in October.",
            alice,
        )
        where = reverse("tracking:request", args=[first.reference])
        assert "Amended in October." in coordinator_client.get(where).content.decode()
        assert "Amended in October." not in reviewer_client.get(where).content.decode(), (
            "the letter is not theirs to read"
        )

    def test_law_that_moves_on_under_a_changed_sentence_stops_the_filing(
        self, volunteer_client: Client, alice: Person, draft: Draft
    ) -> None:
        page = volunteer_client.get(address(draft))
        data = form_of(page) | {"do": "unlock:time.0", "because.time.0": "Amended."}
        page = volunteer_client.get(volunteer_client.post(address(draft), data).url)
        volunteer_client.post(address(draft), form_of(page) | {"text.time.0": "Seven days."})
        target = draft.targets.order_by("pk")[0]
        stored: Any = target.edits
        edits = editing.load(stored)
        assert edits is not None
        older = [replace(b, text="The old law.") if b.id == "time.0" else b for b in edits.base]
        target.edits = editing.dump(replace(edits, base=tuple(older)))
        target.save()
        preview = volunteer_client.get(reverse("filing:draft-preview", args=[draft.pk])).content.decode()
        assert "moved on where you had written something else" in preview
        with pytest.raises(opening.NotReady, match="moved on"):
            file(draft, alice)
        page = volunteer_client.get(address(draft))
        assert "The old law." in page.content.decode()
        volunteer_client.post(address(draft), form_of(page))
        assert len(file(draft, alice)) == 2


def test_an_agency_that_stays_keeps_its_wording(volunteer_client: Client, draft: Draft) -> None:
    volunteer_client.post(
        address(draft), form_of(volunteer_client.get(address(draft)), **{"text.clarification.0": "Mine."})
    )
    kept, _dropped = draft.targets.order_by("pk")
    services.choose_targets(draft.pk, [services.Target(kept.agency_id, "post", None)], now=MONDAY)
    assert wording(draft)[-1] == "Mine."
    assert draft.targets.get().delivery == "post"


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        pytest.param("word " * 8000, 302, "", id="forty-thousand-signs"),
        pytest.param("word " * 20_000, 422, "Your text is still here.", id="a-hundred-thousand"),
        pytest.param("\x00\x0bמכתב \u202e🙂", 302, "", id="signs-no-printer-knows"),
    ],
)
def test_whatever_is_pasted_is_kept_or_shown_again(
    volunteer_client: Client, draft: Draft, text: str, status: int, says: str
) -> None:
    answer = volunteer_client.post(
        address(draft), form_of(volunteer_client.get(address(draft)), **{"text.clarification.0": text})
    )
    assert answer.status_code == status
    shown = answer.content.decode() if status == 422 else " ".join(wording(draft))
    assert says in shown
    assert editing.clean_text(text) in shown


def test_signs_that_print_as_boxes_are_pointed_at(draft: Draft) -> None:
    plan = services.plan_for(draft)
    assert plan is not None
    letters_made = plan.letters(Sender("", "a@b.example"), MONDAY)
    assert letters_made[0].closing.name == "שרה Liddell 🙂", "the name is kept as it is"
    assert [r.level for r in plan.remarks(letters_made) if "🙂" in r.text and "empty boxes" in r.text] == ["check"]


def test_another_kit_is_not_chosen_over_somebodys_words_unwarned(volunteer_client: Client, draft: Draft) -> None:
    what = reverse("filing:draft-what", args=[draft.pk])
    assert "without your words" not in volunteer_client.get(what).content.decode()
    page = volunteer_client.get(address(draft))
    volunteer_client.post(address(draft), form_of(page, **{"text.clarification.0": "Hello."}))
    assert "without your words" in volunteer_client.get(what).content.decode()


@pytest.mark.usefixtures("without_law")  # what states law is locked, so a letter that has some is never empty
def test_an_empty_letter_is_not_kept_and_nothing_is_lost(volunteer_client: Client, draft: Draft) -> None:
    page = volunteer_client.get(address(draft))
    emptied = {key: "" if key.startswith("text.") else value for key, value in form_of(page).items()}
    answer = volunteer_client.post(address(draft), emptied)
    assert answer.status_code == 422
    assert "no text left" in answer.content.decode()
    assert "Put it back" in answer.content.decode()
    assert len(wording(draft)) > 10


def test_a_draft_that_is_filed_cannot_be_reworded(volunteer_client: Client, alice: Person, draft: Draft) -> None:
    data = form_of(volunteer_client.get(address(draft)))
    [first, _second] = file(draft, alice)
    assert volunteer_client.post(address(draft), data).url == reverse("tracking:request", args=[first.reference])
    with pytest.raises(services.DraftIsClosed):
        services.keep_draft_text(
            draft.targets.all()[0].pk, editing.begin(letters.load(first.letter)), seen_revision=0, by=alice, now=MONDAY
        )


def test_the_words_are_sealed_in_the_database(volunteer_client: Client, draft: Draft) -> None:
    from django.db import connection

    volunteer_client.post(
        address(draft), form_of(volunteer_client.get(address(draft)), **{"text.opening.0": "My secret aim."})
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT edits FROM filing_drafttarget UNION ALL SELECT edits FROM filing_draftversion")
        assert not any("secret" in row[0] for row in cursor.fetchall())


def test_pages_ask_few_questions(volunteer_client: Client, draft: Draft, django_assert_max_num_queries: Any) -> None:
    volunteer_client.post(
        address(draft), form_of(volunteer_client.get(address(draft)), **{"text.clarification.0": "Hello."})
    )
    for name in ("draft-write", "draft-versions"):
        with django_assert_max_num_queries(15):
            volunteer_client.get(address(draft, name))
    with django_assert_max_num_queries(15):
        volunteer_client.get(reverse("filing:draft-preview", args=[draft.pk]))
    assert queries.versions(draft.targets.order_by("pk")[0]).count() == 1
