"""Lists for the desk and the homes."""

from datetime import datetime

from requests_app.tracking.models import Heartbeat


def seconds_since_last_sweep(now: datetime) -> int | None:
    """Return how long ago the last sweep ended; None when none ever did."""
    beat = Heartbeat.objects.filter(name="sweep").values_list("beat_at", flat=True).first()
    return None if beat is None else int((now - beat).total_seconds())
