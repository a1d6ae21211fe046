"""What `check_store` must know of the mails: where they are, which there must be, and what each is called."""

from __future__ import annotations

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming.models import Arrival
from requests_app.documents import checking


def register() -> None:
    """Put the mails among what `check_store` reads again."""
    checking.register(
        checking.Shelf(name="mail", store=services.the_mail_store, rows=queries.kept_mails, known_as=_known_as)
    )


def _known_as(sha256: str) -> str:
    arrivals = Arrival.objects.filter(raw=sha256).order_by("at")
    came = ", ".join(f"{arrival.at:%Y-%m-%d %H:%M} UTC ({arrival.way})" for arrival in arrivals[:5])
    return f"It is a mail that came {came}."
