"""Rewording a later letter: kept as it is written, never overwritten unseen, in the sheet that leaves."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import docx
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import next_letters, services
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import services as filing
from requests_app.filing.models import NextLetter, UnlockedText
from requests_app.filing.writing import finished, ways, wording_of, wording_remarks
from requests_app.kits import editing, letters, rendering
from requests_app.kits.editing import Edits
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory, RecordsRequestFactory, record
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
KEY = "receipt_confirmation"
MINE = "Write to {state_name} if you must."


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> object:
    """Monday, March 2, 2026, at noon in Maryland. Whether a letter is a fine PDF is the kits room's concern."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html: b"%PDF of " + html.encode())
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def letter(alice: Person) -> NextLetter:
    """Alice's question whether her letter arrived, ready to be sent by e-mail. Its paragraph `time.0` is law."""
    contact = ContactPointFactory(agency__jurisdiction="MD", value="records@agency.example")
    made = RecordsRequestFactory(
        filer=alice,
        assignee=alice,
        agency=contact.agency,
        contact_point=contact,
        letter=letters.dump(a_letter()),
        events=[("sent", "2026-03-02")],
    )
    begun = filing.begin_letter(made, KEY, _composed(made), by=alice, now=NOON)
    assert next(block for block in wording_of(begun).edits.base if block.id == "time.0").legal
    return begun


def _composed(made: Any, **inputs: Any) -> filing.Written:
    desk = next_letters.desk_of(made, now=NOON)
    way = ways(desk, KEY)[0]
    return filing.Written(desk.compose(KEY, inputs, way), inputs, way, desk.newest)


def url(letter: NextLetter, name: str = "next-letter-write", *more: int) -> str:
    return reverse(f"correspondence:{name}", args=[letter.request.reference, letter.pk, *more])


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


def reworded(letter: NextLetter, block_id: str, text: str, because: str = "") -> Edits:
    """Return the letter's wording with one block typed anew."""
    edits = wording_of(letter).edits
    blocks = editing.unlock(edits.blocks, block_id, because) if because else edits.blocks
    return replace(edits, blocks=editing.retype(blocks, {block_id: text}))


def keep(
    letter: NextLetter,
    edits: Edits,
    by: Person,
    *,
    seen: int | None = None,
    at: datetime = NOON,
    automatic: bool = False,
) -> int:
    """Keep a wording as the page does, and look at the letter again."""
    seen = letter.changes if seen is None else seen
    changes = filing.keep_words(letter.pk, edits, seen_changes=seen, by=by, now=at, automatic=automatic)
    letter.refresh_from_db()
    return changes


def says(letter: NextLetter) -> tuple[str, ...]:
    letter.refresh_from_db()
    return finished(letter).paragraphs()


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_what_is_typed_stands_in_everything_that_leaves(
    volunteer_client: Client, letter: NextLetter, alice: Person
) -> None:
    page = volunteer_client.get(url(letter))
    answer = volunteer_client.post(url(letter), form_of(page, **{"text.opening.0": f"{MINE}\n\nI mean it."}))
    assert answer.url == url(letter, "next-letter")
    assert MINE in volunteer_client.get(answer.url).content.decode(), "braces that are typed stay braces"
    assert says(letter)[:2] == (MINE, "I mean it.")
    queued = next_letters.queue(letter, seen_changes=1, by=alice, now=NOON)
    assert MINE in queued.raw
    stored: Any = letter.sent_copy.content
    assert MINE in letters.load(stored).paragraphs()
    assert MINE.encode() in base64.b64decode(letter.sent_copy.pdf)
    assert MINE in volunteer_client.get(url(letter, "next-letter-text")).content.decode()
    word = docx.Document(io.BytesIO(volunteer_client.get(url(letter, "next-letter-word")).content))
    assert MINE in [paragraph.text for paragraph in word.paragraphs]


def test_the_word_file_of_a_letter_that_left_is_what_left(
    volunteer_client: Client, letter: NextLetter, alice: Person
) -> None:
    keep(letter, reworded(letter, "opening.0", "As it left."), alice)
    next_letters.mark_sent(letter, method="post", sent_on=NOON.date(), seen_changes=1, by=alice, now=NOON)
    NextLetter.objects.update(edits=editing.dump(reworded(letter, "opening.0", "Never sent.")))
    answer = volunteer_client.get(url(letter, "next-letter-word"))
    assert answer["Content-Disposition"].endswith('receipt-confirmation.docx"')
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert "As it left." in text
    assert "Never sent." not in text


def test_written_anew_it_keeps_what_people_wrote(letter: NextLetter, alice: Person) -> None:
    keep(letter, reworded(letter, "opening.0", MINE), alice)
    filing.write_letter(
        letter.pk, _composed(letter.request, extra="One more thing."), seen_changes=1, by=alice, now=NOON
    )
    now = says(letter)
    assert MINE in now
    assert "One more thing." in now
    assert {drift.fate for drift in wording_of(letter).drift} == {"new"}


def test_text_that_moves_on_under_somebodys_words_is_shown_and_law_stops_the_letter(
    volunteer_client: Client, letter: NextLetter, alice: Person
) -> None:
    keep(letter, reworded(letter, "time.0", "Seven days.", "Amended in October."), alice)
    edits = wording_of(letter).edits
    older = tuple(replace(block, text="The old law.") if block.id == "time.0" else block for block in edits.base)
    NextLetter.objects.update(edits=editing.dump(replace(edits, base=older)))
    letter.refresh_from_db()
    assert [(remark.level, "moved on" in remark.text) for remark in wording_remarks(letter)] == [("stop", True)]
    assert "Not ready to send" in volunteer_client.get(url(letter, "next-letter")).content.decode()
    with pytest.raises(services.NotSendable, match="moved on"):
        next_letters.queue(letter, seen_changes=1, by=alice, now=NOON)
    page = volunteer_client.get(url(letter))
    assert "The old law." in page.content.decode()
    volunteer_client.post(url(letter), form_of(page))
    letter.refresh_from_db()
    assert "Seven days." in says(letter)
    assert next_letters.queue(letter, seen_changes=2, by=alice, now=NOON).state == "queued"


def test_signs_that_print_as_boxes_are_pointed_at(letter: NextLetter, alice: Person) -> None:
    keep(letter, reworded(letter, "opening.0", "Hello 🙂"), alice)
    assert [remark.level for remark in wording_remarks(letter) if "🙂" in remark.text] == ["check"]


def test_every_button_works_without_a_script(volunteer_client: Client, letter: NextLetter) -> None:
    page = volunteer_client.get(url(letter))
    answer = volunteer_client.post(url(letter), form_of(page) | {"do": "paragraph:opening.0"})
    assert answer.url.endswith("?at=new.1#b-new.1")
    typed = form_of(volunteer_client.get(answer.url)) | {"text.new.1": "Second.", "do": "up:new.1"}
    page = volunteer_client.get(volunteer_client.post(url(letter), typed).url)
    assert says(letter)[0] == "Second."
    volunteer_client.post(url(letter), form_of(page) | {"do": "take-out:new.1"})
    assert volunteer_client.get(url(letter)).context["editor"].changed_rows == 0


# --- two windows, two people ------------------------------------------------------------------------------------------


def test_two_windows_never_overwrite_one_another_unseen(
    volunteer_client: Client, coordinator_client: Client, letter: NextLetter
) -> None:
    page = volunteer_client.get(url(letter))
    coordinator_client.post(url(letter), form_of(page, **{"text.opening.0": "From Bob."}))
    late = form_of(page, **{"text.opening.0": "From Alice."})
    kept = volunteer_client.post(url(letter, "next-letter-write-keep"), late).content.decode()
    assert "bob changed this letter" in kept
    assert 'name="revision" value="0"' in kept, "the next one is refused as well"
    refused = volunteer_client.post(url(letter), late)
    assert refused.status_code == 409
    assert "From Alice." in refused.content.decode(), "nothing that was typed is lost"
    assert "Bob." in refused.content.decode(), "and what stands there is shown"
    assert says(letter)[0] == "From Bob."
    assert volunteer_client.post(url(letter), form_of(refused)).status_code == 302
    assert says(letter)[0] == "From Alice."
    again = volunteer_client.post(url(letter), late)
    assert "You changed this letter in another window" in again.content.decode()


@pytest.mark.parametrize("seen", [0, 7])
def test_a_stale_wording_is_refused(letter: NextLetter, alice: Person, bob: Person, seen: int) -> None:
    keep(letter, reworded(letter, "opening.0", "Bob's."), bob)
    with pytest.raises(filing.LetterChanged, match="bob changed this letter"):
        keep(letter, reworded(letter, "opening.0", "Alice's."), alice, seen=seen)
    assert says(letter)[0] == "Bob's."
    assert letter.versions.count() == 1


def test_a_letter_changed_after_the_look_at_it_is_not_sent(letter: NextLetter, alice: Person, bob: Person) -> None:
    keep(letter, reworded(letter, "opening.0", "Bob's."), bob)
    with pytest.raises(services.NotSendable, match="was changed"):
        next_letters.queue(letter, seen_changes=0, by=alice, now=NOON)
    assert not OutgoingLetter.objects.exists()


@pytest.mark.parametrize("state", ["queued", "sent", "discarded"])
def test_only_a_draft_can_be_reworded(volunteer_client: Client, letter: NextLetter, alice: Person, state: str) -> None:
    page = volunteer_client.get(url(letter))
    keep(letter, reworded(letter, "opening.0", "Once."), alice)
    version = letter.versions.get()
    if state == "queued":
        next_letters.queue(letter, seen_changes=1, by=alice, now=NOON)
    elif state == "sent":
        next_letters.mark_sent(letter, method="post", sent_on=NOON.date(), seen_changes=1, by=alice, now=NOON)
    else:
        filing.discard_letter(letter.pk, by=alice, now=NOON)
    before = says(letter)
    assert volunteer_client.get(url(letter)).url == url(letter, "next-letter")
    assert "Change the words" not in volunteer_client.get(url(letter, "next-letter")).content.decode()
    late = form_of(page, **{"text.opening.0": "Too late."}) | {"revision": "1"}
    refused = volunteer_client.post(url(letter), late)
    assert refused.status_code == 409
    assert "no longer a draft" in refused.content.decode()
    assert "Too late." in refused.content.decode()
    kept = volunteer_client.post(url(letter, "next-letter-write-keep"), late)
    assert "no longer a draft" in kept.content.decode()
    restored = volunteer_client.post(
        url(letter, "next-letter-restore", version.pk), {"revision": "1"}, follow=True
    ).content.decode()
    assert "no longer a draft" in restored
    assert "Bring this version back" not in restored
    assert says(letter) == before


# --- law --------------------------------------------------------------------------------------------------------------


def test_law_stays_without_a_reason(volunteer_client: Client, letter: NextLetter, alice: Person) -> None:
    law, page = says(letter), volunteer_client.get(url(letter))
    volunteer_client.post(url(letter), form_of(page) | {"text.time.0": "Answer at once or go to jail."})
    for act in ("unlock", "take-out"):
        refused = volunteer_client.post(url(letter), form_of(page) | {"do": f"{act}:time.0", "because.time.0": " "})
        assert refused.status_code == 422
        assert "Write down why before you change it" in refused.content.decode()
    with pytest.raises(filing.NotALetter, match="what the law is"):
        keep(letter, reworded(letter, "time.0", "Seven days."), alice)
    assert says(letter) == law
    assert not letter.versions.exists()


@pytest.mark.parametrize("way", ["outbox", "by hand"])
def test_law_changed_for_a_reason_is_kept_with_the_request_once_it_left(
    letter: NextLetter, alice: Person, bob: Person, way: str, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    keep(letter, reworded(letter, "time.0", "Seven days.", "Amended in October."), bob)
    if way == "outbox":
        queued = next_letters.queue(letter, seen_changes=1, by=alice, now=NOON)
        assert not UnlockedText.objects.exists(), "nothing is said of a letter that has not left"
        OutgoingLetter.objects.update(state="sent", sent_at=NOON)
        for _twice in range(2):
            next_letters.record_sent(queued, "250 Kept", now=NOON)
    else:
        next_letters.mark_sent(letter, method="post", sent_on=date(2026, 3, 2), seen_changes=1, by=alice, now=NOON)
    kept = UnlockedText.objects.get()
    assert (kept.request, kept.letter_key, kept.after, kept.because, kept.by) == (
        letter.request,
        KEY,
        "Seven days.",
        "Amended in October.",
        bob,
    ), "it was Bob who changed it, whoever sent it"
    assert kept.before.strip()


# --- versions ---------------------------------------------------------------------------------------------------------


def test_one_sitting_is_one_version_until_its_writer_keeps_it(letter: NextLetter, alice: Person, bob: Person) -> None:
    for minute, text in enumerate(("O", "On", "One.")):
        keep(letter, reworded(letter, "opening.0", text), alice, at=NOON + minute * MINUTE, automatic=True)
    assert [version.edits for version in letter.versions.all()] == [None], "as it was generated, and nothing between"
    keep(letter, reworded(letter, "opening.0", "One."), alice, at=NOON + 3 * MINUTE)
    assert letter.changes == 3, "the same again is no change"
    keep(letter, reworded(letter, "opening.0", "Two."), alice, at=NOON + 4 * MINUTE, automatic=True)
    keep(letter, reworded(letter, "opening.0", "Three."), bob, at=NOON + 5 * MINUTE, automatic=True)
    keep(letter, reworded(letter, "opening.0", "Four."), bob, at=NOON + 20 * MINUTE, automatic=True)
    texts = [wording_of(version).edits.blocks[0].text for version in letter.versions.all()][1:]
    assert texts == ["One.", "Two.", "Three."]
    assert [version.made_by.handle for version in letter.versions.all()] == ["alice", "alice", "alice", "bob"]


def test_autosave_says_when(volunteer_client: Client, letter: NextLetter) -> None:
    page = volunteer_client.get(url(letter))
    answer = volunteer_client.post(
        url(letter, "next-letter-write-keep"), form_of(page, **{"text.opening.0": "One."})
    ).content.decode()
    assert 'name="revision" value="1"' in answer
    assert "Saved 12:00 PM" in answer, "in the reader's own time"
    emptied = {key: "" if key.startswith("text.") else value for key, value in form_of(page).items()}
    emptied |= {"revision": "1", "text.opening.0": "word " * 20_000}
    refused = volunteer_client.post(url(letter, "next-letter-write-keep"), emptied).content.decode()
    assert "Your text is still here." in refused
    assert says(letter)[0] == "One."


def test_versions_are_compared_and_brought_back(volunteer_client: Client, letter: NextLetter, alice: Person) -> None:
    for minutes, text in enumerate(("First.", "Second."), start=1):
        keep(letter, reworded(letter, "opening.0", text), alice, at=NOON + minutes * MINUTE)
    filing.write_letter(
        letter.pk, _composed(letter.request, extra="More."), seen_changes=2, why="for a test", by=alice, now=NOON
    )
    letter.refresh_from_db()
    generated, first, second = letter.versions.all()
    listed = volunteer_client.get(url(letter, "next-letter-versions") + f"?version={first.pk}").content.decode()
    for said in ("First.", "alice", "replaced: reworded", "replaced: for a test", "written anew since this version"):
        assert said in listed
    back = url(letter, "next-letter-restore", first.pk)
    stale = volunteer_client.post(back, {"revision": "1"}, follow=True).content.decode()
    assert "You changed this letter in another window" in stale
    assert volunteer_client.post(back, {"revision": "3"}).url == url(letter)
    assert says(letter)[0] == "First."
    assert "More." in says(letter), "what was composed since stays"
    assert letter.versions.count() == 4, "nothing is taken out of the list"
    filing.restore_words(letter.pk, generated.pk, seen_changes=4, by=alice, now=NOON)
    letter.refresh_from_db()
    assert not wording_of(letter).edits.changed
    other = filing.begin_letter(letter.request, "preservation_reminder", _composed(letter.request), by=alice, now=NOON)
    assert volunteer_client.post(url(other, "next-letter-restore", second.pk), {"revision": "0"}).status_code == 404


# --- the room ---------------------------------------------------------------------------------------------------------


def test_the_words_are_sealed_in_the_database(letter: NextLetter, alice: Person) -> None:
    from django.db import connection

    for text in ("My secret aim.", "Another secret."):
        keep(letter, reworded(letter, "opening.0", text), alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT edits FROM filing_nextletter UNION ALL SELECT edits FROM filing_nextletterversion")
        rows = [row[0] for row in cursor.fetchall() if row[0]]
    assert len(rows) == 2
    assert not any("secret" in row for row in rows)


def test_pages_ask_few_questions(
    volunteer_client: Client, letter: NextLetter, alice: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        keep(letter, reworded(letter, "opening.0", f"{number}."), alice)
        record(letter.request, ("reply", "2026-03-02"))
    for name in ("next-letter-write", "next-letter-versions", "next-letter-word"):
        with django_assert_max_num_queries(10):
            volunteer_client.get(url(letter, name))
    with django_assert_max_num_queries(16):
        volunteer_client.get(url(letter, "next-letter"))
    page = volunteer_client.get(url(letter))
    with django_assert_max_num_queries(14):
        volunteer_client.post(url(letter, "next-letter-write-keep"), form_of(page, **{"text.opening.0": "Last."}))
