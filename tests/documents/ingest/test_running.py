"""Each guarantee of `ingest.running`, with steps that do what the test wants."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from requests_app.documents import derived
from requests_app.documents.ingest import running, services
from requests_app.documents.ingest.running import Ran
from requests_app.documents.ingest.services import Urgency
from requests_app.documents.ingest.work import STOPPING, Cancelled, Outcome, TryLater, Work
from requests_app.documents.models import Blob, Passage, Step
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import NotRead
from requests_app.documents.store import DiskFull, Store
from tests.documents.ingest.made_up import Clock, begin, make_blob, only, run_all, states, step, use
from tests.factories import NOON

pytestmark = pytest.mark.django_db
State = Step.State


def test_steps_run_in_their_order_and_each_sees_what_those_before_said(monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[str, dict[str, Any]]] = []

    def noting(name: str) -> Any:
        def does(work: Work) -> Outcome:
            seen.append((name, dict(work.results)))
            return Outcome.done(from_=name)

        return does

    first, second = step("first", noting("first")), step("second", noting("second"), needs=("first",))
    use(monkeypatch, first, second, step("third", noting("third"), after=("first", "second")))
    blob = make_blob()
    services.begin(blob, now=NOON)
    assert states(blob) == {"first": "waiting", "second": "later", "third": "later"}
    assert run_all() == 3
    assert [name for name, _results in seen] == ["first", "second", "third"]
    assert seen[-1][1] == {"first": {"from_": "first"}, "second": {"from_": "second"}}
    assert set(states(blob).values()) == {"done"}
    assert all(one.started_at and one.ended_at and one.claim is None for one in blob.steps.all())


def test_a_second_begin_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("first"), step("second", needs=("first",)))
    blob = make_blob()
    begin([blob, blob])
    run_all()
    services.begin(blob, now=NOON)
    assert set(states(blob).values()) == {"done"} and run_all() == 0


@pytest.mark.parametrize(
    ("how", "second", "third"),
    [
        pytest.param("needs", State.LEFT_OUT, State.LEFT_OUT, id="what needs it is left out, and what needs that"),
        pytest.param("after", State.DONE, State.DONE, id="what only comes after it goes on"),
    ],
)
def test_after_a_failure(monkeypatch: pytest.MonkeyPatch, how: str, second: str, third: str):
    bad = step("scan", lambda work: Outcome.failed("infected"))
    use(monkeypatch, bad, step("unpack", **{how: ("scan",)}), step("index", needs=("unpack",)))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert states(blob) == {"scan": State.FAILED, "unpack": second, "index": third}


def test_a_step_that_finds_another_kind_asks_for_what_that_needs(monkeypatch: pytest.MonkeyPatch):
    def identify(work: Work) -> Outcome:
        with work.writing():
            Blob.objects.filter(pk=work.blob.pk).update(kind="archive")
        return Outcome.done()

    archive, pdf = frozenset({"archive"}), frozenset({"pdf"})
    use(monkeypatch, step("identify", identify), step("unpack", kinds=archive, needs=("identify",)),
        step("pages", kinds=pdf, needs=("identify",)))  # fmt: skip
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert states(blob) == {"identify": "done", "unpack": "done", "pages": "not_needed"}


# --- Fair order ---------------------------------------------------------------------------------------------------


def order_of(monkeypatch: pytest.MonkeyPatch, clock: Clock, *, parts: int = 1) -> list[str]:
    """Let each file take so many parts, and return into which the step wrote what it works on."""
    worked: list[str] = []

    def does(work: Work) -> Outcome:
        worked.append(work.blob.pk)
        clock.pass_by(seconds=60)
        so_far = work.earlier.get("parts", 0) + 1
        return Outcome.done() if so_far == parts or work.blob.size < 1e6 else Outcome.more(parts=so_far)

    use(monkeypatch, step("read", does, seconds_a_megabyte=10))
    return worked


def test_small_files_come_before_large_ones(monkeypatch: pytest.MonkeyPatch):
    worked = order_of(monkeypatch, clock := Clock())
    large, small = make_blob(b"large", size=50_000_000), make_blob(b"small", size=1000)
    begin([large, small])
    run_all(clock)
    assert worked == [small.pk, large.pk]


def test_a_giant_is_done_in_parts_between_which_others_come(monkeypatch: pytest.MonkeyPatch):
    worked = order_of(monkeypatch, clock := Clock(), parts=3)
    giant, small = make_blob(b"giant", size=50_000_000), make_blob(b"small", size=1000)
    begin([giant])
    running.run_next(clock)
    begin([small], clock.now)
    run_all(clock)
    assert worked == [giant.pk, small.pk, giant.pk, giant.pk]


def test_a_giant_is_not_starved_by_small_ones_that_keep_coming(monkeypatch: pytest.MonkeyPatch):
    worked = order_of(monkeypatch, clock := Clock(), parts=3)
    giant = make_blob(b"giant", size=50_000_000)  # ranks eight minutes behind
    begin([giant])
    for number in range(20):  # a small one comes whenever one is done
        begin([make_blob(b"%d" % number, size=1000)], clock.now)
        running.run_next(clock)
    assert worked.count(giant.pk) == 3


def test_what_a_person_waits_for_is_not_behind_ten_thousand_that_came_by_themselves(monkeypatch: pytest.MonkeyPatch):
    worked = order_of(monkeypatch, clock := Clock())
    begin([make_blob(b"mail %d" % number) for number in range(5)])
    clock.pass_by(minutes=30)
    theirs = make_blob(b"theirs")
    begin([theirs], clock.now, urgency=Urgency.WAITED_FOR)
    old = make_blob(b"read before")
    begin([old], clock.now, urgency=Urgency.WHEN_FREE)
    clock.pass_by(hours=1)
    begin([make_blob(b"a later mail")], clock.now)
    run_all(clock)
    assert worked[0] == theirs.pk and worked[-1] == old.pk


# --- Claims -------------------------------------------------------------------------------------------------------


def test_a_dead_workers_step_is_run_again_when_its_claim_ends(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read"))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    assert running.claim_next(NOON)  # and nothing more is heard of that worker
    assert running.claim_next(NOON) is None
    clock.pass_by(minutes=4)
    assert run_all(clock) == 1
    assert only(blob).state == State.DONE


def test_a_step_that_kills_every_worker_fails_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read"))
    deadly, harmless, clock = make_blob(b"deadly"), make_blob(b"harmless"), Clock()
    services.begin(deadly, now=NOON)
    for _death in range(running.TRIES):
        taken = running.claim_next(clock.now)
        assert taken and taken.blob_id == deadly.pk
        clock.pass_by(minutes=4)
    services.begin(harmless, now=clock.now)
    run_all(clock)
    assert (only(deadly).state, only(deadly).trouble) == (State.FAILED, "died")
    assert only(harmless).state == State.DONE


def test_a_worker_thought_dead_records_and_writes_nothing(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read"))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    slow = running.claim_next(NOON)
    assert slow
    clock.pass_by(minutes=4)
    run_all(clock)
    assert not running.record(slow, Outcome.failed("defect"), now=clock.now, seconds=1)
    claim = running._Claim(slow, clock)
    work = Work(blob, Path(), Path, claim.renew, 0, {}, {}, claim.hold)
    with pytest.raises(Cancelled), work.writing():
        Passage.objects.create(blob=blob, kind="page", place=1, text="stale")
    with pytest.raises(Cancelled):
        work.progress(1, 1)
    assert only(blob).state == State.DONE and not Passage.objects.exists()


def test_a_living_worker_holds_its_claim_for_as_long_as_it_shows_progress(monkeypatch: pytest.MonkeyPatch):
    clock = Clock()

    def does(work: Work) -> Outcome:
        for page in range(1, 6):
            clock.pass_by(minutes=2)
            work.hold()
            work.progress(page, 5)
            assert running.claim_next(clock.now) is None
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all(clock)
    assert (only(blob).state, only(blob).units_done, only(blob).units_all) == (State.DONE, 5, 5)


def test_progress_of_a_thousand_pages_is_not_a_thousand_writes(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
):
    def does(work: Work) -> Outcome:
        with django_assert_max_num_queries(4):
            for page in range(1, 1001):
                work.progress(page, 1000)
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert only(blob).units_done == 1000


def test_steps_of_a_newer_daylight_are_left_to_its_workers(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read", version=2), step("unheard-of"))
    blob = make_blob()
    services.begin(blob, now=NOON)
    use(monkeypatch, step("read", version=1))
    assert run_all() == 0
    assert states(blob) == {"read": "waiting", "unheard-of": "waiting"}


def test_the_version_that_ran_is_the_one_that_is_written_down(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read", version=1))
    blob = make_blob()
    services.begin(blob, now=NOON)
    use(monkeypatch, step("read", version=2))
    run_all()
    assert only(blob).version == 2


# --- A person says otherwise --------------------------------------------------------------------------------------


def test_cancelled_while_it_runs_it_ends_at_its_next_sign_of_life(monkeypatch: pytest.MonkeyPatch):
    after: list[str] = []

    def does(work: Work) -> Outcome:
        services.cancel(work.blob, now=NOON)
        work.progress(1, 2)
        after.append("went on")
        return Outcome.done()

    use(monkeypatch, step("read", does), step("index", needs=("read",)))
    blob = make_blob()
    services.begin(blob, now=NOON)
    assert run_all() == 1
    assert states(blob) == {"read": State.CANCELLED, "index": State.CANCELLED} and not after


def test_cancelled_at_its_very_end_it_stays_cancelled(monkeypatch: pytest.MonkeyPatch):
    def does(work: Work) -> Outcome:
        services.cancel(work.blob, now=NOON)
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert only(blob).state == State.CANCELLED


def test_asked_for_again_while_it_runs_it_runs_once_more_and_the_first_writes_nothing(monkeypatch: pytest.MonkeyPatch):
    runs: list[int] = []

    def does(work: Work) -> Outcome:
        runs.append(1)
        if len(runs) == 1:
            services.again(work.blob, now=NOON)
        with work.writing():
            Passage.objects.create(blob=work.blob, kind="page", place=1, text=f"run {len(runs)}")
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert len(runs) == 2 and only(blob).state == State.DONE
    assert Passage.objects.get().text == "run 2"


def test_again_runs_the_named_step_and_what_follows_from_it(monkeypatch: pytest.MonkeyPatch):
    ran: list[str] = []

    def noting(name: str) -> Any:
        return lambda work: (ran.append(name), Outcome.done())[1]

    use(monkeypatch, step("pages", noting("pages")), step("text", noting("text"), needs=("pages",)),
        step("thumbnails", noting("thumbnails"), needs=("pages",)),
        step("index", noting("index"), after=("text",)))  # fmt: skip
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    ran.clear()
    assert services.again(blob, now=NOON, only={"text"}) == 2
    run_all()
    assert ran == ["text", "index"]


def test_again_takes_up_what_was_stopped_and_what_was_left_out(monkeypatch: pytest.MonkeyPatch):
    answers = [Outcome.failed("password"), Outcome.done()]
    use(monkeypatch, step("pages", lambda work: answers.pop(0)), step("text", needs=("pages",)))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert states(blob) == {"pages": "failed", "text": "left_out"}
    services.again(blob, now=NOON, only={"pages"})
    services.cancel(blob, now=NOON)
    assert set(states(blob).values()) == {"cancelled"}
    services.again(blob, now=NOON, only={"text"})
    run_all()
    assert set(states(blob).values()) == {"done"}


# --- What may pass ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        pytest.param(DiskFull(), "no_room", id="the store is full"),
        pytest.param(OSError(errno.ENOSPC, "full"), "no_room", id="the disk is full"),
        pytest.param(OSError(errno.EIO, "gone"), "store", id="the disk fails"),
        pytest.param(ConnectionRefusedError(), "store", id="nobody answers"),
        pytest.param(OSError(errno.EMFILE, "files"), "crowded", id="too many open files"),
        pytest.param(OperationalError("restarted"), "database", id="the database is restarted"),
        pytest.param(TryLater("scanner"), "scanner", id="the scanner is not there"),
    ],
)
def test_what_may_pass_is_waited_for_longer_each_time_and_never_given_up(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, code: str
):
    tries: list[int] = []
    passed = [False]

    def does(work: Work) -> Outcome:
        tries.append(1)
        if not passed[0]:
            raise trouble
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    waits = []
    for _again in range(8):
        assert running.run_next(clock) is Ran.TROUBLE
        assert running.run_next(clock) is Ran.NOTHING
        now = only(blob)
        assert (now.state, now.trouble, now.attempts) == (State.WAITING, code, 0)
        assert now.waits_until
        waits.append((now.waits_until - clock.now).total_seconds() / 60)
        clock.now = now.waits_until
    assert waits == [1, 2, 5, 15, 60, 60, 60, 60] and len(tries) == 8
    passed[0] = True
    run_all(clock)
    assert (only(blob).state, only(blob).trouble, only(blob).delays) == (State.DONE, "", 0)


def test_when_it_has_passed_for_one_all_go_on(monkeypatch: pytest.MonkeyPatch):
    full = [True]

    def does(work: Work) -> Outcome:
        if full[0]:
            raise DiskFull
        return Outcome.done()

    use(monkeypatch, step("read", does))
    clock = Clock()
    blobs = [make_blob(b"%d" % number) for number in range(4)]
    begin(blobs[:1])
    running.run_next(clock)
    clock.pass_by(seconds=30)
    begin(blobs[1:], clock.now)
    assert len(list(running.parts(clock, until=float("inf")))) == 3  # no use in trying them all
    full[0] = False
    clock.pass_by(seconds=31)  # only the first is due
    run_all(clock)
    assert {only(blob).state for blob in blobs} == {State.DONE}


def test_without_room_no_step_begins(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read"))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    monkeypatch.setattr(derived, "ROOM", 1 << 62)
    running.run_next(clock)
    assert only(blob).trouble == "no_room"
    monkeypatch.undo()
    use(monkeypatch, step("read"))
    clock.pass_by(minutes=1)
    run_all(clock)
    assert only(blob).state == State.DONE


def test_a_program_that_fails_because_the_disk_filled_up_under_it_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    def does(work: Work) -> Outcome:
        monkeypatch.setattr(derived, "ROOM", 1 << 62)
        raise Refused("damaged", "cannot write the rest")

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    running.run_next(Clock())
    assert (only(blob).state, only(blob).trouble) == (State.WAITING, "no_room")


def test_a_process_that_died_is_tried_once_more(monkeypatch: pytest.MonkeyPatch):
    def does(work: Work) -> Outcome:
        raise NotRead("died")

    use(monkeypatch, step("read", does))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    assert running.run_next(clock) is Ran.PART
    assert only(blob).state == State.WAITING
    clock.pass_by(minutes=1)
    run_all(clock)
    assert (only(blob).state, only(blob).trouble) == (State.FAILED, "died")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        pytest.param(Refused("password"), "password", id="refused"),
        pytest.param(NotRead("too_long"), "too_long", id="too long"),
        pytest.param(ZeroDivisionError("secret words"), "defect", id="a defect"),
        pytest.param(FileNotFoundError("secret words"), "defect", id="a file that is not there"),
    ],
)
def test_what_no_waiting_cures_is_said_and_the_log_holds_nothing_of_the_file(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: Exception, code: str
):
    def does(work: Work) -> Outcome:
        raise trouble

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    run_all()
    assert (only(blob).state, only(blob).trouble) == (State.FAILED, code)
    assert "secret words" not in caplog.text and "secret words" not in str(only(blob).result)


def test_a_lost_original_is_said_and_an_absent_store_is_waited_for(monkeypatch: pytest.MonkeyPatch, store: Store):
    use(monkeypatch, step("read", lambda work: Outcome.done(size=work.original().stat().st_size)))
    blob, other = make_blob(), make_blob(b"other")
    services.begin(blob, now=NOON)
    running.run_next(Clock())
    assert (only(blob).state, only(blob).trouble) == (State.WAITING, "store")
    (store.folder / "blobs").mkdir(parents=True)
    services.begin(other, now=NOON)
    running.run_next(Clock())
    assert (only(other).state, only(other).trouble) == (State.FAILED, "missing")


def test_a_worker_that_is_asked_to_end_lets_its_step_end(monkeypatch: pytest.MonkeyPatch):
    def does(work: Work) -> Outcome:
        STOPPING.set()
        return Outcome.more(half=True) if work.time_is_up else Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    assert len(list(running.parts(Clock(), until=float("inf"), enough=STOPPING.is_set))) == 1
    assert (only(blob).state, only(blob).result) == (State.WAITING, {"half": True})


def test_nothing_stays_behind_and_what_a_killed_worker_left_is_swept(monkeypatch: pytest.MonkeyPatch, settings: Any):
    def does(work: Work) -> Outcome:
        (work.folder / "half").write_text("half")
        with work.derived.making("pages/1.webp") as path:
            path.write_text("picture")
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob = make_blob()
    services.begin(blob, now=NOON)
    workshop = Path(settings.DERIVED_DIR) / "work"
    with derived.a_folder() as others:
        run_all()
        (workshop / "left").mkdir()
        (workshop / "left" / "half").write_text("half")
        (workshop / "left.webp").write_text("half")
        assert derived.sweep() == 2
        assert others.is_dir()
    assert [path.name for path in workshop.iterdir()] == ["lock"]
    assert derived.Derived(blob.pk).path("pages/1.webp").read_text() == "picture"


def test_mend_lets_go_what_got_stuck(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("first"), step("second", needs=("first",)))
    blob = make_blob()
    services.begin(blob, now=NOON)
    assert services.mend(NOON) == 0
    Step.objects.filter(name="first").update(state=State.DONE)
    assert services.mend(NOON) == 1
    assert states(blob) == {"first": "done", "second": "waiting"}


# --- Several workers at the same moment ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_the_same_moment_never_have_the_same_step(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("read"))
    begin([make_blob(b"%d" % number) for number in range(24)])
    together, claimed = threading.Barrier(4), []

    def worker() -> None:
        try:
            together.wait(10)
            while taken := running.claim_next(NOON):
                claimed.append(taken.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(claimed) == len(set(claimed)) == 24


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_two_steps_goes_on_when_both_end_at_the_same_moment(monkeypatch: pytest.MonkeyPatch):
    use(monkeypatch, step("text"), step("sheets"), step("index", after=("text", "sheets")))
    blobs = [make_blob(b"%d" % number) for number in range(8)]
    begin(blobs)
    together = threading.Barrier(2)

    def worker(name: str) -> None:
        try:
            for blob in blobs:
                mine = running._claim(blob.steps.get(name=name).pk, running.Q(state=State.WAITING), NOON)
                assert mine
                together.wait(10)
                running.record(mine, Outcome.done(), now=NOON, seconds=1)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=(name,)) for name in ("text", "sheets")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {states(blob)["index"] for blob in blobs} == {"waiting"}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_restarted_in_the_middle_of_a_step_loses_nothing(monkeypatch: pytest.MonkeyPatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server to restart")
    restarts = [True]

    def does(work: Work) -> Outcome:
        with work.writing():
            Passage.objects.create(blob=work.blob, kind="page", place=1, text="words")
            if restarts and restarts.pop():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Outcome.done()

    use(monkeypatch, step("read", does))
    blob, clock = make_blob(), Clock()
    services.begin(blob, now=NOON)
    assert running.run_next(clock) is Ran.TROUBLE
    assert (only(blob).state, only(blob).trouble) == (State.WAITING, "database")
    clock.pass_by(minutes=1)
    run_all(clock)
    assert only(blob).state == State.DONE and Passage.objects.count() == 1
