"""What people are told about the reading: on the pages, by the commands, and how honest it is."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from requests_app.documents import services as documents
from requests_app.documents.ingest import kinds, queries, running, services, wording
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Document, Step
from requests_app.documents.readers.refusals import CODES
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.ingest.made_up import Clock, make_blob, run_all, states, step, use
from tests.factories import NOON

pytestmark = pytest.mark.django_db
State = Step.State


@pytest.fixture(autouse=True)
def _nothing_learned() -> None:
    queries.forget()


def bring(letter: RecordsRequest, name: str, **how: Any) -> Document:
    given: dict[str, Any] = {"received_on": date(2026, 3, 20), "via": "reply", "by": None, "now": NOON, **how}
    return documents.receive_file(letter, [f"{name},count\n1,2\n".encode()], name=name, **given).document


@pytest.fixture
def two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, step("pages"), step("ocr", needs=("pages",)))


def of(document: Document) -> queries.Progress:
    return queries.progress_of([document], in_line=True)[document.blob_id]


# --- What is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(CODES | {"died", "too_long", "nonsense", "missing", "defect", "infected"}))
def test_every_trouble_is_said_in_full_sentences(code: str):
    said = wording.trouble("pages", code)
    assert said != str(wording.UNKNOWN) and said.endswith(".") and said.count(".") >= 2


@pytest.mark.parametrize("code", ["no_room", "store", "database", "crowded", "scanner", "died"])
def test_every_wait_is_said(code: str):
    assert wording.waits_because(code) != str(wording.UNKNOWN_WAIT)


def test_every_step_has_words():
    assert {kind.name for kind in kinds.STEPS} <= set(wording.DOING)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (20, "less than a minute"),
        (70, "about 1 minute"),
        (400, "about 7 minutes"),
        (24 * 60, "about 25 minutes"),
        (3600, "about 1 hour"),
        (7000, "about 2 hours"),
        (3 * 86400, "about 3 days"),
    ],
)
def test_no_estimate_pretends_to_be_exact(seconds: int, said: str):
    assert wording.about(seconds) == said


def test_progress_says_what_is_done_and_how_far(monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest):
    lines: list[tuple[str, int]] = []

    def read(work: Work) -> Outcome:
        work.progress(12, 300)
        lines.append((of(document).line, of(document).percent))
        return Outcome.done()

    use(monkeypatch, step("pages"), step("ocr", read, needs=("pages",)))
    document = bring(letter, "scan.csv")
    assert (of(document).line, of(document).percent) == ("Waits to be made readable", 0)
    run_all()
    assert lines == [("Reading the text in its pictures: 12 of 300 pages", 52)]
    assert (of(document).line, of(document).percent, of(document).is_open) == ("", 100, False)


def test_no_time_is_named_until_enough_is_learned_and_then_it_is_what_others_took(
    two_steps: None, store: Store, letter: RecordsRequest
):
    clock = Clock()
    for number in range(queries.ENOUGH):
        done = make_blob(b"%d" % number, size=1_048_576)
        services.begin(done, now=NOON)
        run_all(clock)
        done.steps.filter(name="pages").update(seconds=60)
        done.steps.filter(name="ocr").update(seconds=600, units_all=100, units_done=100)
    document = bring(letter, "scan.csv")
    queries.forget()
    # 0.1 MB at least: 6 seconds for its pages, 60 to read it
    assert of(document).seconds_left == pytest.approx(66)
    document.blob.steps.filter(name="ocr").update(units_all=50, units_done=20)
    assert of(document).seconds_left == pytest.approx(6 + 30 * 6)
    assert of(document).left == "about 3 minutes"
    ahead = make_blob(b"ahead", size=10 * 1_048_576)
    services.begin(ahead, now=NOON - timedelta(days=1))
    assert of(document).seconds_before == pytest.approx(600)
    Step.objects.filter(blob=done).update(state=State.WAITING)
    queries.forget()
    assert of(document).left == ""  # two are not enough


def test_what_is_held_up_says_why_and_names_no_time(
    monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest
):
    def full(work: Work) -> Outcome:
        raise OSError(28, "No space left on device")

    use(monkeypatch, step("pages", full))
    document = bring(letter, "a.csv")
    running.run_next(Clock())
    assert of(document).line == wording.waits_because("no_room") and of(document).left == ""


# --- On the pages -------------------------------------------------------------------------------------------------


def page_of(client: Client, document: Document) -> str:
    return client.get(document.get_absolute_url()).content.decode()


def test_the_page_of_a_document_asks_again_until_it_is_through(
    two_steps: None, volunteer_client: Client, store: Store, letter: RecordsRequest
):
    document = bring(letter, "a.csv")
    part = reverse("documents:reading-document", args=[document.pk])
    assert f'hx-get="{part}"' in page_of(volunteer_client, document)
    assert "hx-get" in volunteer_client.get(part).content.decode()
    run_all()
    said = volunteer_client.get(part).content.decode()
    assert "hx-get" not in said and "Readable and searchable" in said and "Read again" in said
    assert "hx-trigger" not in page_of(volunteer_client, document).split('id="reading"')[1].split(">")[0]


def test_lists_show_what_is_not_through_and_stop_asking_when_all_is(
    two_steps: None, volunteer_client: Client, store: Store, letter: RecordsRequest
):
    document, other = bring(letter, "a.csv"), bring(letter, "b.csv")
    for address in (reverse("documents:list"), letter.get_absolute_url()):
        page = volunteer_client.get(address).content.decode()
        assert page.count("Waits to be made readable") == 2
        assert str(document.pk) in page.split('id="reading-poll"')[1].split(">")[0]
    services.cancel(other.blob, now=NOON)
    run_all()
    answer = volunteer_client.get(
        reverse("documents:reading-of"), {"document": [str(document.pk), str(other.pk), "x"]}
    ).content.decode()
    assert "hx-get" not in answer
    assert "Readable and searchable." in answer and "Reading was stopped" in answer
    assert f'id="reading-{document.pk}" hx-swap-oob="true"' in answer


def test_nobody_learns_of_files_that_are_not_theirs(
    two_steps: None, stranger_client: Client, store: Store, letter: RecordsRequest
):
    document = bring(letter, "a.csv")
    answer = stranger_client.get(reverse("documents:reading-of"), {"document": str(document.pk)})
    assert str(document.pk) not in answer.content.decode()


def test_a_person_stops_the_reading_and_asks_for_it_again(
    two_steps: None, volunteer_client: Client, store: Store, letter: RecordsRequest
):
    document = bring(letter, "a.csv")
    stopped = volunteer_client.post(reverse("documents:stop-reading", args=[document.pk]), follow=True)
    assert "Reading it was stopped. The file is kept" in stopped.content.decode()
    assert set(states(document.blob).values()) == {"cancelled"}
    twice = volunteer_client.post(reverse("documents:stop-reading", args=[document.pk]), follow=True)
    assert "There was nothing to stop" in twice.content.decode()
    volunteer_client.post(reverse("documents:read-again", args=[document.pk]))
    run_all()
    assert set(states(document.blob).values()) == {"done"}


def test_the_page_about_reading_shows_everything_and_each_ticked_file_gets_an_answer(
    monkeypatch: pytest.MonkeyPatch, coordinator_client: Client, store: Store, letter: RecordsRequest
):
    answers = [Outcome.failed("password"), Outcome.done()]
    use(monkeypatch, step("pages", lambda work: answers.pop(0)))
    locked, fine = bring(letter, "locked.csv"), bring(letter, "fine.csv")
    page = coordinator_client.get(reverse("documents:reading")).content.decode()
    assert "2 files are not through yet" in page and "Next in line" in page
    run_all()
    page = coordinator_client.get(reverse("documents:reading")).content.decode()
    assert "Nothing waits" in page and "locked with a password" in page and "fine.csv" not in page
    ticked = {"row": [str(locked.pk), str(fine.pk)], "act": "stop"}
    said = coordinator_client.post(reverse("documents:reading-act"), ticked).content.decode()
    assert "0 files are changed." in said and said.count("There was nothing to stop") == 2
    said = coordinator_client.post(reverse("documents:reading-act"), {**ticked, "act": "again"}).content.decode()
    assert "2 files are changed." in said
    answers.extend([Outcome.done(), Outcome.done()])
    run_all()
    assert states(locked.blob) == {"pages": "done"}


def test_failures_are_paged(
    monkeypatch: pytest.MonkeyPatch, coordinator_client: Client, store: Store, letter: RecordsRequest
):
    monkeypatch.setattr(queries, "SHOWN", 2)
    use(monkeypatch, step("pages", lambda work: Outcome.failed("damaged")))
    for number in range(5):
        bring(letter, f"{number}.csv")
    run_all()
    address, seen = "", []
    for _page in range(3):
        page = coordinator_client.get(reverse("documents:reading") + address)
        overview = page.context["overview"]
        seen += [row.document.original_name for row in overview.failed]
        address = page.context["next_url"]
    assert sorted(seen) == [f"{number}.csv" for number in range(5)] and address == ""


@pytest.mark.parametrize("files", [1, 8])
def test_a_list_takes_the_same_queries_for_one_file_and_for_many(
    files: int, two_steps: None, bob: Any, store: Store, letter: RecordsRequest, django_assert_num_queries: Any
):
    for number in range(files):
        bring(letter, f"{number}.csv")
    found = list(Document.objects.select_related("blob"))
    queries.learned()
    with django_assert_num_queries(1):
        queries.with_progress(found)
    with django_assert_num_queries(9):
        queries.overview(bob)


# --- For the operator ---------------------------------------------------------------------------------------------


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_a_new_step_is_asked_for_with_a_command_and_only_where_it_lacks(
    monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest
):
    use(monkeypatch)
    document = bring(letter, "a.csv")
    assert states(document.blob) == {}
    use(monkeypatch, step("pages"))
    assert "1 files would be read again" in said("read_again", "--new", "--dry-run")
    assert states(document.blob) == {}
    said("read_again", "--new")
    run_all()
    assert states(document.blob) == {"pages": "done"}
    assert said("read_again", "--new").startswith("0 files")


def test_an_improved_step_is_run_again_with_what_follows_from_it(
    monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest
):
    ran: list[str] = []

    def noting(name: str) -> Any:
        return lambda work: (ran.append(name), Outcome.done())[1]

    use(monkeypatch, step("pages", noting("pages")), step("text", noting("text"), needs=("pages",)))
    bring(letter, "a.csv")
    run_all()
    assert said("read_again", "--older").startswith("0 files")
    use(monkeypatch, step("pages", noting("pages")), step("text", noting("text"), needs=("pages",), version=2))
    ran.clear()
    said("read_again", "--older")
    run_all(Clock(NOON + timedelta(days=400)))
    assert ran == ["text"]
    assert set(Step.objects.values_list("name", "version")) == {("pages", 1), ("text", 2)}


def test_one_document_or_one_step_or_what_failed(monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest):
    answers = [Outcome.failed("damaged")]
    use(monkeypatch, step("pages", lambda work: answers.pop() if answers else Outcome.done()), step("text"))
    first, second = bring(letter, "a.csv"), bring(letter, "b.csv")
    run_all()
    said("read_again", "--failed")
    assert Step.objects.filter(state=State.WAITING).count() == 1
    run_all(Clock(NOON + timedelta(days=400)))
    said("read_again", str(second.pk), step=["text"])
    assert states(first.blob) == {"pages": "done", "text": "done"}
    assert states(second.blob) == {"pages": "done", "text": "waiting"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["read_again"], "Name documents", id="nothing named"),
        pytest.param(["read_again", "--all", "--step", "x"], "There is no step x", id="no such step"),
        pytest.param(["read_again", "7"], "There is no document 7", id="no such document"),
    ],
)
def test_a_command_that_cannot_be_meant_says_so(words: list[str], complaint: str):
    with pytest.raises(CommandError, match=complaint):
        call_command(*words)


def test_the_command_reading_says_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch, store: Store, letter: RecordsRequest
):
    use(monkeypatch, step("pages", lambda work: Outcome.failed("damaged")), step("ocr", after=("pages",)))
    bring(letter, "a.csv")
    assert "cannot be said yet" in said("reading")
    run_all()
    text = said("reading")
    assert "Nothing waits." in text and "1 did not work: The file is damaged" in text
