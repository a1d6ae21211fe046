"""Workers that die anywhere between fetching a mail and filing it: every mail is filed exactly once.

`tests/endurance` kills a hundred; here it is a dozen. MAIL_KILLS and MAIL_KILLS_SEED choose otherwise.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from requests_app.correspondence.incoming.models import (
    Arrival,
    IncomingFile,
    IncomingMessage,
    KeptFile,
    Placement,
    RawMail,
)
from requests_app.documents.models import Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests import servers
from tests.correspondence.incoming.killing import USER
from tests.correspondence.incoming.mails import AUTHSERV

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
KILLS = int(os.environ.get("MAIL_KILLS", "12"))
SEED = int(os.environ.get("MAIL_KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


def test_every_mail_is_filed_exactly_once_wherever_its_workers_die(store: Store, settings: Any, letter: RecordsRequest):
    kill_and_count(KILLS, SEED, settings)


def kill_and_count(kills: int, seed: int, settings: Any) -> None:
    surroundings = {
        "READ_DOT_ENV": "False",
        "DJANGO_SETTINGS_MODULE": "foia.settings",
        "DATABASE_URL": servers.database_address(),
        "STORE_DIR": settings.STORE_DIR,
        "MAIL_AUTHSERV_ID": AUTHSERV,
        "REPLY_MAILBOX": "records",
        "REPLY_DOMAIN": "reply.example",
        "LOG_LEVEL": "ERROR",
    }
    with servers.imap_server() as boxes:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.correspondence.incoming.killing", str(boxes.port), str(kills), str(seed)],
            cwd=servers.ROOT, env={**os.environ, **surroundings}, capture_output=True, check=False, text=True,
        )  # fmt: skip
        assert ended.returncode == 0, f"seed {seed}:\n{ended.stderr[-3000:]}"
        told = json.loads(ended.stdout.splitlines()[-1])
        flags = boxes.flags(USER)
    sys.stdout.write(f"seed {seed}: {len(told['killed'])} of {kills} workers were killed alive, at {told['killed']}\n")
    mails = told["mails"]
    assert len(told["killed"]) >= kills // 2  # by its own hand, every one dies alive; by the clock, some had ended
    assert len(flags) == mails and all("\\Seen" in one for one in flags)
    assert Counter(RawMail.objects.values_list("state", flat=True)) == {"processed": mails}
    assert Arrival.objects.count() == mails
    assert Counter(IncomingMessage.objects.values_list("state", "files_pending")) == {("filed", False): mails}
    assert Placement.objects.count() == mails == Placement.objects.values("message").distinct().count()
    assert IncomingFile.objects.count() == 2 * mails == KeptFile.objects.count()
    assert Document.objects.count() == 2 * mails
    said = StringIO()
    try:
        call_command("check_store", stdout=said)
    except SystemExit:
        # What a worker was writing when it died is left over, and said to be; nothing is missing, damaged or doubled.
        assert {line.split()[0] for line in said.getvalue().splitlines()[1:]} <= {"LEFT", "They"}
