"""`/healthz`: the process answers. `/readyz`: everything it needs answers too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from foia.celery import app
from requests_app.documents.services import the_store
from requests_app.tracking import queries as tracking


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers. Touches nothing else, so that a broken database restarts no container."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Say, part by part, whether the program can do its work: 200 when all can, otherwise 503."""
    parts = {name: _outcome(check) for name, check in CHECKS.items()}
    healthy = all(part == "ok" for part in parts.values())
    return JsonResponse({"ready": healthy, "parts": parts}, status=200 if healthy else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as trouble:  # noqa: BLE001  every failure of a part is the answer here, by its kind only
        return f"failed: {type(trouble).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if not waiting else f"{len(waiting)} migrations not applied: run `python manage.py migrate`"


def _broker() -> str:
    if not settings.REDIS_URL:
        folder = Path(settings.BROKER_DIR)
        return "ok" if os.access(folder, os.W_OK) else "the broker's folder cannot be written: run `make setup`"
    with app.connection_for_read(transport_options={"socket_connect_timeout": 2, "socket_timeout": 2}) as link:
        link.ensure_connection(max_retries=1, timeout=3)
    return "ok"


def _storage() -> str:
    the_store().probe()
    return "ok"


def _last_sweep() -> str:
    return _sign_of_life("sweep", "sweep")


def _last_sending() -> str:
    return _sign_of_life("outboxes", "round of sending")


def _sign_of_life(heartbeat: str, what: str) -> str:
    age = tracking.seconds_since_last(heartbeat, timezone.now())
    if age is None:
        return f"no {what} has run yet: are beat and a worker running?"
    if age > settings.SWEEPS_LATE_AFTER_SECONDS:
        return f"the last {what} ran {age // 60} minutes ago: are beat and a worker running?"
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "storage": _storage,
    "last_sweep": _last_sweep,
    "last_sending": _last_sending,
}
