"""Says when the periodic work has stopped, by a way that shares nothing with it: no Celery, no outbox, no notices.

The command `check_sweeps` runs it from cron. It reads two rows, and mails over a connection of its own.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError

from requests_app.people.models import Person, Role
from requests_app.tracking import queries

WORK: Final = (("sweep", "look for what has come due"), ("outboxes", "round of sending"))


@dataclass(frozen=True)
class Finding:
    """What was found. `late`: a sentence for each kind of work that has stopped. `blind`: it could not be seen."""

    late: tuple[str, ...] = ()
    blind: str = ""

    @property
    def is_well(self) -> bool:
        """Return whether all work runs."""
        return not self.late and not self.blind


def look(now: datetime) -> Finding:
    """Return whether the periodic work runs. Two queries; a database that does not answer is a finding, too."""
    try:
        ages = {name: queries.seconds_since_last(name, now) for name, _words in WORK}
    except DatabaseError as trouble:
        return Finding(blind=f"The database did not answer ({type(trouble).__name__}).")
    late = [_sentence(words, ages[name]) for name, words in WORK]
    return Finding(late=tuple(sentence for sentence in late if sentence))


def _sentence(words: str, age: int | None) -> str:
    if age is None:
        return f"No {words} has ever run."
    if age <= settings.SWEEPS_LATE_AFTER_SECONDS:
        return ""
    return f"The last {words} ended {_ago(age)} ago."


def _ago(seconds: int) -> str:
    if seconds < 2 * 3600:
        return f"{seconds // 60} minutes"
    return f"{seconds // 3600} hours" if seconds < 2 * 86400 else f"{seconds // 86400} days"


def receivers() -> list[str]:
    """Return who is written to: WATCH_MAIL_TO, or else every administrator who can sign in."""
    if settings.WATCH_MAIL_TO:
        return list(settings.WATCH_MAIL_TO)
    people = Person.objects.filter(is_active=True, role_grants__role=Role.ADMINISTRATOR)
    return list(people.order_by("pk").values_list("email", flat=True))


def mail(finding: Finding, to: Sequence[str], now: datetime) -> None:
    """Write to them over a connection made for this mail. Raises OSError or SMTPException when it cannot be sent."""
    reasons = [*finding.late, *([finding.blind] if finding.blind else [])]
    text = "\n".join(
        [
            f"Daylight at {settings.SITE_URL} has stopped working through what comes due:",
            "",
            *(f"- {reason}" for reason in reasons),
            "",
            "While this lasts, nobody is reminded of any deadline and no mail leaves. What is stored is safe, and",
            "nothing is skipped once it runs again. Look at beat and the worker first, then at the database and the",
            f"broker; {settings.SITE_URL}/readyz says which part does not answer. Until then, read the dates on",
            f"{settings.SITE_URL}/desk/.",
            "",
            "You get this once a day because you administer Daylight. The command `manage.py check_sweeps` wrote it on",
            f"{socket.gethostname()}; it needs neither beat nor the worker. It ends when the work runs again. To stop",
            "it, take the command out of the timetable (crontab or systemd timer) of that machine.",
            "",
        ]
    )
    EmailMessage(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}reminders have stopped",
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(to),
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        connection=get_connection(fail_silently=False),
    ).send()


class Diary:
    """When the last such mail left, in a file: it must work while the database does not."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "check-sweeps-mailed"

    def mailed_within_a_day(self, now: datetime) -> bool:
        """Return whether a mail left within the last 23 hours, so that a daily timetable mails each day."""
        try:
            last = datetime.fromisoformat(self.path.read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            return False
        # A clock that was ahead and came back must not silence the mail for as long.
        return timedelta(0) <= now - last < timedelta(hours=23)

    def note(self, now: datetime) -> None:
        """Note that a mail left."""
        self.path.write_text(f"{now.isoformat()}\n", encoding="utf-8")

    def forget(self) -> None:
        """Forget it: the work runs again, and the next trouble is news."""
        self.path.unlink(missing_ok=True)
