"""What one link may be given, and how often it may be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

DAYS: Final = 30
MOST_DAYS: Final = 90  # a link that is longer in the world is more often in wrong hands; another is made in a minute
FILES: Final = 50
MOST_FILES: Final = 1_000
MEGABYTES: Final = 1_000
MOST_MEGABYTES: Final = 20_000
OPEN_LINKS: Final = 10  # of one request at a time: more than one keeps track of
EACH_HOUR: Final = 30  # times that files may be handed in over one link
FILES_AT_ONCE: Final = 100  # Django's own bound on the files of one form
GIVEN_UP_AFTER: Final = timedelta(hours=1)  # since a handing in began that nothing ended: its server was stopped
MB: Final = 1024 * 1024
