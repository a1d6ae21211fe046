"""Ten thousand due reminders, two timers, three workers, and everything that can go wrong, for minutes.

Processes are killed and raised again at random moments, the broker is wiped in the middle, some clocks are wrong and
jump, and the mail server refuses, hangs, drops connections and closes. Then the trouble ends, the waiting times after
failures pass, and every promise of the outbox is counted.

    make endurance                       in both settings
    ENDURANCE_SECONDS=60 ENDURANCE_REMINDERS=1500 ENDURANCE_SEED=7 bin/endurance --embedded

The seed decides who is killed when, what the mail server does and how clocks jump. What the processes make of it is up
to the machine, so the same seed is the same trouble, not the same run.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Max

from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.people.outbox import BACK_OFF_MINUTES
from requests_app.tracking.models import Heartbeat, Reminder
from tests.endurance.post_office import LATER, PostOffice
from tests.factories import AgencyFactory, PersonFactory
from tests.servers import wait_until
from tests.tracking.nursery import Raised
from tests.tracking.stage import Stage, opened

pytestmark = [pytest.mark.endurance, pytest.mark.django_db(transaction=True)]

SECONDS = int(os.environ.get("ENDURANCE_SECONDS", "300"))
REMINDERS = int(os.environ.get("ENDURANCE_REMINDERS", "10000"))
SEED = int(os.environ.get("ENDURANCE_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)

BEATS, WORKERS = 2, 3
TRUTH = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)  # when it begins
RECEIVED = date(2026, 2, 6)  # by then Maryland missed three duties: notice (February 23), decision, records (March 9)
RECEIVED_LATELY = date(2026, 3, 9)  # its first duty is told of on March 18
DUTIES = 3
FILERS = 20
NOT_YET = 100  # requests, and letters besides, whose time has not come
TOLERANCE, EMAIL_TIMEOUT = 5, 2
CLAIM = 12 * EMAIL_TIMEOUT + 2 * TOLERANCE
PATIENCE = 1800.0  # seconds of waiting for quiet, on whatever machine

# How far a clock may be ahead of the truth: right, a little off, and wrong by hours and days.
RIGHT, SLIGHT, WRONG = (0.0,), (-3.0, 3.0), (-7200.0, 7200.0, 9 * 86_400.0, 40 * 86_400.0, -3 * 86_400.0)


@dataclass
class Line:
    """One line of the table: what was counted, and what it has to be, where it has to be something."""

    what: str
    counted: int
    right: bool | None = None

    def __str__(self) -> str:
        verdict = {True: "as it must be", False: "WRONG", None: ""}[self.right]
        return f"  {self.what:<66}{self.counted:>9,}  {verdict}".rstrip()


@dataclass
class Crowd:
    """The processes at work, and who of them was killed."""

    stage: Stage
    chance: random.Random
    beats: list[Raised] = field(default_factory=list)
    workers: list[Raised] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    jumps: int = 0

    def raise_all(self) -> None:
        """Raise timers and workers with right clocks."""
        self.beats = [self.stage.nursery.beat() for _ in range(BEATS)]
        self.workers = [self.stage.nursery.worker() for _ in range(WORKERS)]

    def kill_one(self) -> None:
        """Kill one process, in whatever it is doing, and raise another; three of ten begin with a wrong clock."""
        kind = "workers" if self.chance.random() < 0.75 else "beats"
        group = self.workers if kind == "workers" else self.beats
        place = self.chance.randrange(len(group))
        assert group[place].alive, f"it had ended by itself:\n{group[place].log[-3000:]}"
        group[place].end()
        self.stage.nursery.raised.remove(group[place])
        self.killed[kind] += 1
        ahead = self._clock()
        nursery = self.stage.nursery
        group[place] = nursery.worker(ahead) if kind == "workers" else nursery.beat(ahead)

    def jump(self) -> None:
        """Let the clock of one living process jump."""
        self.chance.choice([*self.workers, *self.beats]).set_ahead(self._clock())
        self.jumps += 1

    def end_all(self) -> None:
        """End them all, and count that as nothing."""
        self.stage.nursery.end_all()

    def _clock(self) -> float:
        lot = self.chance.random()
        return self.chance.choice(RIGHT if lot < 0.6 else SLIGHT if lot < 0.8 else WRONG)


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory, transactional_db: None) -> Iterator[Stage]:
    """A stage with a bad mail server, and little patience with it."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    environment = {
        "OUTBOX_CLAIM_SECONDS": str(CLAIM),
        "EMAIL_TIMEOUT": str(EMAIL_TIMEOUT),
        "CLOCK_TOLERANCE_SECONDS": str(TOLERANCE),
        "NURSERY_EVERY": "1",
    }
    with opened(tmp_path_factory.mktemp("endurance"), PostOffice, environment) as stage:
        stage.nursery.set_clock(TRUTH)
        yield stage


def fill(filers: list[Person], count: int, received_on: date, first: int) -> list[int]:
    """Store requests that Maryland received, with the deadlines that its law projects, as of the day of receipt."""
    agency = AgencyFactory(jurisdiction="MD")
    at = datetime(received_on.year, received_on.month, received_on.day, 17, 0, tzinfo=UTC)
    empty: dict[str, object] = {}
    made = RecordsRequest.objects.bulk_create(
        RecordsRequest(
            reference=f"MD-2026-{number:05}",
            jurisdiction="MD",
            agency=agency,
            delivery="email",
            kit_id="K1",
            kit_version="1",
            subject="Nlets query statistics",
            letter=empty,
            law_edition="2026-11-21",
            filer=filers[number % len(filers)],
            assignee=filers[number % len(filers)],
            reply_token=f"token{number}",
            status="received",
            phase="waiting_for_them",
            last_sequence=3,
            opened_at=at,
        )
        for number in range(first, first + count)
    )
    Event.objects.bulk_create(
        Event(request=one, sequence=sequence, kind=kind, happened_on=received_on, recorded_at=at, recorded_by=one.filer)
        for one in made
        for sequence, kind in enumerate(("opened", "sent", "received"), start=1)
    )
    numbers = [one.pk for one in made]
    for start in range(0, count, 200):
        assert not filing.reproject_many(numbers[start : start + 200], now=at).troubled
    return numbers


def test_every_reminder_is_sent_and_none_twice(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    office, crowd = stage.mailbox, Crowd(stage, random.Random(SEED))
    assert isinstance(office, PostOffice)
    say = _Printer(capsys)
    say(f"\nEndurance on {stage.setting}. Seed {SEED}; {SECONDS} seconds of trouble; {REMINDERS:,} reminders due.")

    # What is due, what is not, and whom the mail server knows.
    filers = [PersonFactory(handle=f"filer-{number}") for number in range(FILERS)]
    due = fill(filers, -(-REMINDERS // DUTIES), RECEIVED, 0)
    not_due = fill(filers, NOT_YET, RECEIVED_LATELY, len(due))
    expected = len(due) * DUTIES
    for number in range(NOT_YET):
        people.queue_notice(
            filers[0], f"later:{number}", "Later", "Not before March 12.", "An example.",
            send_after=TRUTH + timedelta(days=2), now=TRUTH,
        )  # fmt: skip
    later = Notice.objects.filter(key__startswith="later:")
    now = Notice.objects.filter(reminder__isnull=False)
    unknown = filers[1]
    office.refuse[unknown.email] = "550 5.1.1 No such mailbox"
    office.chance = random.Random(SEED + 1)
    office.truth = lambda: time.time() + stage.nursery.offset
    office.refuses_text = lambda message_id: hashlib.sha256(f"{SEED}{message_id}".encode()).digest()[0] == 0

    # The trouble.
    began = time.monotonic()
    office.fair = False
    crowd.raise_all()
    wiped = False
    next_word = 30.0
    while (passed := time.monotonic() - began) < SECONDS:
        time.sleep(crowd.chance.uniform(0.3, 4.0))
        lot = crowd.chance.random()
        if lot < 0.7:
            crowd.kill_one()
        elif lot < 0.9:
            crowd.jump()
        office.closed = not office.closed and lot >= 0.9  # for seconds at a time
        if not wiped and passed > SECONDS / 2:
            stage.wipe_broker()
            wiped = True
        if passed > next_word:
            next_word += 30
            sent_so_far = now.filter(state="sent").count()
            say(f"  {passed:5.0f} s: {Reminder.objects.count():,} reminders written, {sent_so_far:,} sent")
    crowd.end_all()
    assert wiped
    in_trouble = now.filter(state="sent").count()

    # The quiet: fair weather, right clocks, and the waiting times after failures pass.
    office.fair, office.closed = True, False
    _let_time_pass(stage, crowd, expected, say)
    seconds = time.monotonic() - began

    # The count.
    taken = office.taken
    reminders = Reminder.objects.filter(deadline__request__in=due)
    told = Counter(reminders.values_list("deadline_id", "kind", "recipient_id"))
    sent = set(now.filter(state="sent").values_list("message_id", flat=True))
    failed = now.filter(state="failed")
    refused_text = {key for key in now.values_list("message_id", flat=True) if office.refuses_text(key)}
    to_unknown = set(now.filter(recipient=unknown).values_list("message_id", flat=True))
    written = set(Notice.objects.values_list("message_id", flat=True))  # digests, too
    failed_ids = set(failed.values_list("message_id", flat=True))
    unsaid = failed.filter(failure="").count()
    doubled = sum(taken.values()) - len(taken)
    # A copy has a cause that Daylight cannot see: a worker that died, or a server that took the mail without a word.
    causes = 2 * crowd.killed["workers"] + 2 * WORKERS + office.outcomes["taken, then dropped without a word"]
    hasty = _tries_too_soon(office)
    early = Reminder.objects.filter(deadline__request__in=not_due).count()
    missed_early = Deadline.objects.filter(request__in=not_due, state="missed").count()
    lines = [
        Line("reminders due", expected),
        Line("reminders written", reminders.count(), reminders.count() == expected),
        Line("written twice", sum(told.values()) - len(told), len(told) == sum(told.values()) == expected),
        Line("mails of these", now.count(), now.count() == expected),
        Line("mails sent, by the outbox's own record", len(sent), len(sent) + len(failed_ids) == expected),
        Line("  of these while the trouble lasted", in_trouble),
        Line("mails of which the server has no copy though they are sent", len(sent - set(taken)), sent <= set(taken)),
        Line("mails that the server has and nobody wrote", len(set(taken) - written), set(taken) <= written),
        Line("mails that the server has and the outbox calls not sent", len(set(taken) & failed_ids),
             not set(taken) & failed_ids),
        Line("refused for good, and shown so: unknown address", len(to_unknown), to_unknown <= failed_ids),
        Line("refused for good, and shown so: text", len(refused_text), refused_text <= failed_ids),
        Line("given up without such a refusal", len(failed_ids - to_unknown - refused_text),
             failed_ids <= to_unknown | refused_text),
        Line("given up without a word of why", unsaid, unsaid == 0),
        Line("still waiting or being sent", expected - len(sent) - len(failed_ids), len(sent | failed_ids) == expected),
        Line("copies at the server, each under its first one's Message-ID", doubled, doubled <= causes),
        Line("  that many could be explained by deaths and silent servers", causes),
        Line("tries again before the pause after a failure was over", hasty, hasty == 0),
        Line("reminders before their day", early, early == 0),
        Line("duties called missed before their day", missed_early, missed_early == 0),
        Line("letters before their hour", NOT_YET - later.filter(state="queued", attempts=0).count(),
             later.filter(state="queued", attempts=0).count() == NOT_YET),
        Line("workers killed", crowd.killed["workers"]),
        Line("timers killed", crowd.killed["beats"]),
        Line("jumps of a living process's clock", crowd.jumps),
        Line("seconds from the beginning to quiet", round(seconds)),
    ]  # fmt: skip
    say("\n".join(map(str, lines)))
    say("\n".join(f"  mail server: {what:<53}{count:>9,}" for what, count in sorted(office.outcomes.items())))
    assert [line.what for line in lines if line.right is False] == []


def _let_time_pass(stage: Stage, crowd: Crowd, expected: int, say: _Printer) -> None:
    """Run in peace until nothing is due, then move the clock to the last try that waits, until there is none."""
    end = time.monotonic() + PATIENCE
    claims = CLAIM + 5  # seconds after which those of the dead are open again
    while True:
        crowd.raise_all()
        truth = datetime.fromtimestamp(time.time() + stage.nursery.offset, UTC)
        horizon = truth + timedelta(seconds=claims)

        def quiet(horizon: datetime = horizon) -> bool:
            swept = Heartbeat.objects.filter(name="sweep", beat_at__gt=horizon).exists()
            waiting = Notice.objects.filter(state="queued", send_after__lte=horizon).exists()
            sending = Notice.objects.filter(state="sending").exists()
            return swept and not waiting and not sending and Reminder.objects.count() >= expected

        assert wait_until(quiet, seconds=max(1.0, end - time.monotonic()), every=1), "it never became quiet"
        crowd.end_all()
        following = (
            Notice.objects.filter(state="queued")
            .exclude(key__startswith="later:")
            .aggregate(last=Max("send_after"))["last"]
        )
        if following is None:
            return
        say(f"  the clock moves on to the last try that waits, at {following:%B %d, %H:%M}")
        assert following < TRUTH + timedelta(days=2)
        stage.nursery.set_clock(following)
        claims = 3


def _tries_too_soon(office: PostOffice) -> int:
    """Count the tries that came before the first pause after a failure was over, as far as clocks may differ."""
    pause = BACK_OFF_MINUTES[0] * 60 - 2 * TOLERANCE
    return sum(
        second.at - first.at < pause
        for tries in office.tries.values()
        for first, second in itertools.pairwise(tries)
        if first.outcome in LATER
    )


class _Printer:
    """Prints past pytest, at once: somebody watches for minutes."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, words: str) -> None:
        with self.capsys.disabled():
            print(words, flush=True)  # noqa: T201  the table is the result
