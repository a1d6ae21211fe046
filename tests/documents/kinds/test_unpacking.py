"""What stands in an archive, a mail or a dump becomes documents of its own, and hostile ones harm nobody else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from requests_app.documents import locks, sandbox
from requests_app.documents.derived import Derived
from requests_app.documents.ingest import running
from requests_app.documents.ingest.services import again
from requests_app.documents.models import Blob, Document, Passage, Step
from requests_app.filing.models import RecordsRequest
from tests.correspondence.parsing.builders import saved_message
from tests.documents.kinds import making
from tests.documents.kinds.conftest import Keep, inside, read_everything, step_of
from tests.factories import NOON, RecordsRequestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

State = Step.State
CSV = b"month,count\n2026-05,12\n"


def test_an_archive_in_an_archive_with_a_mail_in_it(keep: Keep) -> None:
    letter = making.mail(files={"counts.csv": CSV})
    outer = keep(making.zipped({"a/mails.zip": making.zipped({"reply.eml": letter}), "notes.txt": b"Hello"}), "all.zip")
    read_everything()

    members = inside(outer)
    assert {path: member.kind for path, member in members.items()} == {"a/mails.zip": "archive", "notes.txt": "text"}
    mail = inside(members["a/mails.zip"])["reply.eml"]
    counts = inside(mail)["counts.csv"]
    assert (counts.kind, counts.via, counts.depth, counts.outermost) == ("spreadsheet", "part", 3, outer)
    assert (counts.request, counts.agency, counts.received_on) == (outer.request, outer.agency, outer.received_on)
    assert counts.brought_by is None
    words = Passage.objects.get(blob=mail.blob, kind="mail").text
    assert "Subject: Counts for May" in words
    assert "Clerk Records <clerk@agency.example>" in words
    said = step_of(mail, "unpack").result
    assert (said["mail"]["subject"], said["members"]) == ("Counts for May", 1)


def test_running_it_again_changes_nothing(keep: Keep) -> None:
    outer = keep(making.zipped({"a.txt": b"one", "b.txt": b"two"}), "all.zip")
    read_everything()
    before = set(Document.objects.values_list("pk", flat=True))
    Step.objects.filter(blob=outer.blob, name="unpack").update(state=State.WAITING, result={})
    read_everything()
    assert set(Document.objects.values_list("pk", flat=True)) == before


def test_it_works_in_parts_when_its_time_is_up(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = keep(making.zipped({f"{number}.txt": f"record {number}".encode() for number in range(5)}), "all.zip")
    monkeypatch.setattr(running, "SLICE", 0.0)
    parts = 0
    while Step.objects.exclude(state__in=[State.DONE, State.NOT_NEEDED]).filter(blob=outer.blob).exists():
        assert running.run_next(lambda: NOON)
        parts += 1
    assert parts >= 5
    assert len(inside(outer)) == 5
    assert step_of(outer, "unpack").result["members"] == 5


def test_the_same_bytes_in_another_request_get_members_of_their_own(keep: Keep, alice: Any) -> None:
    raw = making.zipped({"inner.zip": making.zipped({"a.txt": b"one"})})
    first = keep(raw, "all.zip")
    read_everything()
    other = keep(raw, "all.zip", RecordsRequestFactory(filer=alice, with_deadline=True))

    twin = inside(other)["inner.zip"]
    assert inside(twin)["a.txt"].request == other.request
    assert twin.blob == inside(first)["inner.zip"].blob
    assert Step.objects.filter(blob=twin.blob, name="unpack").count() == 1


def test_a_document_that_comes_while_its_bytes_are_unpacked_is_not_forgotten(keep: Keep, alice: Any) -> None:
    raw = making.zipped({"a.txt": b"one"})
    keep(raw, "all.zip")
    other = keep(raw, "all.zip", RecordsRequestFactory(filer=alice, with_deadline=True))
    assert not inside(other)
    read_everything()
    assert list(inside(other)) == ["a.txt"]


def test_the_mails_of_a_dump_are_members_with_their_words(keep: Keep) -> None:
    mails = [making.mail(f"Mail {number}", f"The count of day {number}.") for number in range(12)]
    mails[7] = making.mail("With a table", files={"may.csv": CSV})
    dump = keep(making.mbox(*mails), "inbox.mbox")
    read_everything()

    members = inside(dump)
    assert len(members) == 12
    assert members["00003 Mail 2.eml"].kind == "e-mail"
    assert inside(members["00008 With a table.eml"])["may.csv"].kind == "spreadsheet"
    assert Passage.objects.filter(kind="mail", text__contains="The count of day 11.").count() == 1


def test_a_program_inside_is_kept_and_locked(keep: Keep) -> None:
    outer = keep(making.zipped({"setup.exe": making.PE, "readme.txt": b"Run setup"}), "all.zip")
    read_everything()
    program = inside(outer)["setup.exe"]
    assert (program.kind, program.blob.locked_why) == ("program", "program")
    assert "program" in locks.why_locked(program.blob)
    assert not inside(outer)["readme.txt"].blob.is_locked


def test_what_is_left_out_is_named_with_the_reason(keep: Keep) -> None:
    outer = keep(making.tarred({"a.txt": b"one", "empty.txt": b""}, links={"x": "/etc/passwd"}), "all.tar")
    read_everything()
    result = step_of(outer, "unpack").result
    assert (result["members"], result["left_out_all"]) == (1, 3)
    assert {each["path"]: each["why"] for each in result["left_out"]} == {
        "empty.txt": "empty", "x": "link", "pipe": "device",
    }  # fmt: skip


def test_a_single_packed_file_takes_the_name_of_its_parent(keep: Keep) -> None:
    import gzip

    outer = keep(gzip.compress(CSV), "counts.csv.gz")
    read_everything()
    assert inside(outer)["counts.csv"].kind == "spreadsheet"


HOSTILE = [
    pytest.param(lambda: making.flat_bomb(110), "bomb.zip", "too_large", id="flat zip bomb"),
    pytest.param(making.overlapping_zip, "overlap.zip", "hostile", id="overlapping members"),
    pytest.param(lambda: making.zipped({"a.txt": bytes(range(256)) * 99})[:-80], "cut.zip", "damaged", id="cut off"),
    pytest.param(lambda: making.seven({"a.txt": b"one"})[:-9], "cut.7z", "damaged", id="cut off 7z"),
    pytest.param(lambda: b"PK\x03\x04" + bytes(300), "renamed.zip", "damaged", id="only begins as one"),
    pytest.param(lambda: making.locked_zip({"a.txt": b"one"}), "locked.zip", "password", id="locked"),
    pytest.param(lambda: b"Rar!\x1a\x07\x01\x00" + bytes(99), "old.rar", "unsupported", id="a form nobody reads"),
]


@pytest.mark.parametrize(("make", "name", "trouble"), HOSTILE)
def test_a_hostile_archive_is_stored_says_why_and_lets_the_others_go_on(
    keep: Keep, make: Any, name: str, trouble: str
) -> None:
    bad = keep(make(), name)
    good = keep(making.zipped({"good.txt": b"good"}), "good.zip")
    began = time.monotonic()
    read_everything()
    assert time.monotonic() - began < 60
    failed = step_of(bad, "unpack")
    assert (failed.state, failed.trouble) == (State.FAILED, trouble)
    assert Blob.objects.filter(pk=bad.blob_id).exists()
    assert list(inside(good)) == ["good.txt"]


def test_archives_nested_fifty_deep_end_at_the_bound(keep: Keep, settings: Any) -> None:
    settings.UNPACK_DEPTH = 4
    outer = keep(making.deep_zip(50), "deep.zip")
    read_everything()
    assert Document.objects.filter(outermost=outer).count() == 4
    deepest = Document.objects.get(outermost=outer, depth=4)
    assert step_of(deepest, "unpack").trouble == "too_deep"


def test_a_bomb_of_archives_in_archives_ends_at_the_bound_on_files(keep: Keep, settings: Any) -> None:
    settings.UNPACK_MOST_FILES = 60
    outer = keep(making.nested_bomb(4, 5), "42.zip")
    began = time.monotonic()
    read_everything()
    assert time.monotonic() - began < 60
    assert Document.objects.filter(outermost=outer).count() <= 60


def test_a_mail_is_kept_as_it_may_be_shown(keep: Keep) -> None:
    page = b"<html><body><script>alert(1)</script><p>Counts <img src='https://track.example/x.png'></p></body></html>"
    raw = making.mail().replace(b"text/plain", b"text/html").replace(b"Attached.", page)
    mail = keep(raw, "reply.eml")
    read_everything()
    shown = json.loads(Derived(mail.blob_id).path("mail.json").read_text())
    assert shown["subject"] == "Counts for May"
    assert "Counts" in shown["html"]
    assert "script" not in shown["html"]
    assert "track.example" not in shown["html"]


def test_a_message_of_outlook_is_read(keep: Keep) -> None:
    mail = keep(saved_message(), "reply.msg")
    read_everything()
    assert mail.kind == "e-mail"
    assert step_of(mail, "unpack").state == State.DONE


@pytest.fixture(autouse=True)
def _one_letter(letter: RecordsRequest) -> None:
    """Let every test have the request to which files come."""


def test_the_mails_of_a_dump_are_read_in_one_process_and_read_anew_when_asked_again(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = sandbox.run

    def counted(reader: str, *args: Any, **more: Any) -> Any:
        started.append(reader.rpartition(".")[2])
        return real(reader, *args, **more)

    monkeypatch.setattr(sandbox, "run", counted)
    dump = keep(making.mbox(*(making.mail(f"Mail {number}", "Nothing attached.") for number in range(30))), "in.mbox")
    read_everything()
    assert started == ["mail_stores:members", "returned_mail:read"]
    one = inside(dump)["00001 Mail 0.eml"]
    Passage.objects.filter(blob=one.blob).delete()
    again(one.blob, now=NOON)
    read_everything()
    assert started[2:] == ["returned_mail:read"]
    assert "Nothing attached." in Passage.objects.get(blob=one.blob).text


def test_a_mail_of_a_dump_that_breaks_the_reader_does_not_lose_the_others(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sandbox.run

    def breaks_for_many(reader: str, *args: Any, **more: Any) -> Any:
        if getattr(more["order"], "others", ()):
            raise sandbox.NotRead("died")
        return real(reader, *args, **more)

    monkeypatch.setattr(sandbox, "run", breaks_for_many)
    keep(making.mbox(making.mail("First", "One."), making.mail("Second", "Two.")), "in.mbox")
    read_everything()
    assert Passage.objects.filter(kind="mail").count() == 2
