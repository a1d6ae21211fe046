"""A real ClamAV server looks at files; what is infected is locked, and a server that is away holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.documents import locks
from requests_app.documents.ingest import running
from requests_app.documents.models import Document, Step
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry
from tests import servers
from tests.documents.kinds import making
from tests.documents.kinds.conftest import Keep, inside, read_everything, step_of
from tests.factories import NOON, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

State = Step.State


@pytest.fixture(scope="module")
def scanner() -> Iterator[servers.Scanner]:
    with servers.clamd() as running_one:
        yield running_one


@pytest.fixture(params=["port", "socket"])
def scanned(request: pytest.FixtureRequest, scanner: servers.Scanner, settings: Any) -> None:
    settings.CLAMD_ADDRESS = scanner.address if request.param == "port" else str(scanner.socket)


@pytest.fixture
def infected(keep: Keep, scanner: servers.Scanner, settings: Any) -> Document:
    settings.CLAMD_ADDRESS = scanner.address
    keep(b"a clean record", "clean.txt")
    document = keep(servers.EICAR, "invoice.txt")
    read_everything()
    return Document.objects.get(pk=document.pk)


def test_clean_and_infected_files_are_told_apart(keep: Keep, scanned: None) -> None:
    clean, bad = keep(b"a clean record", "clean.txt"), keep(servers.EICAR, "bad.txt")
    read_everything()
    assert (step_of(clean, "scan").state, step_of(clean, "convert").state) == (State.DONE, State.DONE)
    assert (step_of(bad, "scan").state, step_of(bad, "scan").trouble) == (State.FAILED, "infected")
    assert step_of(bad, "convert").state == State.LEFT_OUT
    bad.blob.refresh_from_db()
    assert bad.blob.locked_why == "infected: Eicar-Test-Signature.UNOFFICIAL"


def test_nobody_takes_a_copy_of_an_infected_file(infected: Document, letter: RecordsRequest) -> None:
    client = Client()
    client.force_login(letter.filer)
    page = client.get(reverse("review:document", args=[infected.pk]))
    assert "Eicar-Test-Signature" in page.content.decode()
    assert reverse("documents:download", args=[infected.pk]) not in page.content.decode()
    copy = client.get(reverse("documents:download", args=[infected.pk]))
    assert copy.status_code == 302
    assert servers.EICAR not in b"".join(getattr(copy, "streaming_content", [copy.content]))


def test_coordinators_see_it_in_the_list(infected: Document) -> None:
    client = Client()
    client.force_login(PersonFactory(roles=["coordinator"]))
    page = client.get(reverse("documents:locked")).content.decode()
    assert "invoice.txt" in page
    assert "clean.txt" not in page


def test_an_archive_with_something_infected_in_it_is_locked_as_a_whole(
    keep: Keep, scanner: servers.Scanner, settings: Any
) -> None:
    settings.CLAMD_ADDRESS = scanner.address
    archive = keep(making.zipped({"invoice.txt": servers.EICAR, "good.txt": b"good"}), "all.zip")
    read_everything()
    assert (step_of(archive, "scan").trouble, inside(archive)) == ("infected", {})


def test_an_administrator_opens_it_with_a_reason_and_it_stays_open(infected: Document) -> None:
    administrator = PersonFactory(roles=["administrator"])
    client = Client()
    client.force_login(administrator)
    where = reverse("documents:unlock", args=[infected.pk])
    client.post(where, {"reason": "no"})
    infected.blob.refresh_from_db()
    assert infected.blob.is_locked, "a reason of two letters is none"
    client.post(where, {"reason": "It is the harmless test file."})
    read_everything()
    infected.blob.refresh_from_db()
    assert not infected.blob.is_locked
    assert step_of(infected, "convert").state == State.DONE
    entry = AuditEntry.objects.filter(action="document unlocked").latest("pk")
    assert entry.actor == administrator
    copy = client.get(reverse("documents:download", args=[infected.pk]))
    assert b"".join(copy.streaming_content) == servers.EICAR  # type: ignore[arg-type]
    copy.close()


def test_another_finding_locks_it_again(infected: Document) -> None:
    locks.unlock(infected, reason="It is harmless.", by=PersonFactory(roles=["administrator"]), now=NOON)
    assert not locks.lock_infected(infected.blob, "Eicar-Test-Signature.UNOFFICIAL", now=NOON)
    assert locks.lock_infected(infected.blob, "Something.Else", now=NOON)


def test_a_file_larger_than_the_scanner_takes_is_said_to_be_unscanned(keep: Keep, scanned: None) -> None:
    large = keep(b"a long record\n" * 150_000, "large.txt")
    read_everything()
    assert step_of(large, "scan").result == {"found": "", "unscanned": "too_large"}
    assert step_of(large, "convert").state == State.DONE


@pytest.mark.parametrize("first", [False, True], ids=["read-after-the-scan", "read-unscanned"])
def test_a_scanner_that_is_away_is_waited_for(
    keep: Keep, settings: Any, scanner: servers.Scanner, *, first: bool
) -> None:
    settings.CLAMD_ADDRESS = f"127.0.0.1:{servers.free_port()}"
    settings.READ_UNSCANNED = first
    document = keep(b"a record", "record.txt")
    for _turn in range(6):
        running.run_next(lambda: NOON)
    waiting = step_of(document, "scan")
    assert (waiting.state, waiting.trouble) == (State.WAITING, "scanner")
    assert step_of(document, "convert").state == (State.DONE if first else State.LATER)
    settings.CLAMD_ADDRESS = scanner.address
    Step.objects.update(waits_until=None)
    read_everything()
    assert step_of(document, "convert").state == State.DONE
    assert step_of(document, "scan").state == State.DONE


def test_without_a_scanner_the_step_is_not_needed(keep: Keep) -> None:
    document = keep(b"a record", "record.txt")
    read_everything()
    assert step_of(document, "scan").state == State.NOT_NEEDED
