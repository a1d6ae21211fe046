"""What a PDF holds beside what it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from requests_app.documents.hidden import GUIDANCE, LABELS, guidance_for, hidden_of
from requests_app.documents.ingest.work import Outcome
from requests_app.documents.models import Document, Step
from requests_app.documents.readers import hidden_pdf
from requests_app.documents.readers.archives import ArchiveOrder
from requests_app.documents.readers.hidden import KINDS
from requests_app.documents.readers.hidden_pdf import HiddenOrder, hidden
from requests_app.documents.readers.pdf_embedded import embedded
from requests_app.documents.readers.refusals import Refused
from tests.documents.pdf.conftest import Receive
from tests.documents.pdf.making import as_bytes, box, of_picture, pdf, run_steps, said, scan, written

Made = Callable[[], pikepdf.Pdf]


def findings(path: Path, first: int = 1) -> list[tuple[str, str, int]]:
    order = HiddenOrder(first=first)
    return [(one.kind, one.sample, one.page) for page in hidden(path, order, path.parent) for one in page.hidden]


def with_note(page: pikepdf.Pdf, **entries: object) -> pikepdf.Pdf:
    note = page.make_indirect(Dictionary(Type=Name.Annot, Rect=box(70, 690, 300, 715), **entries))
    page.pages[0].obj["/Annots"] = Array([note])
    return page


def attached() -> pikepdf.Pdf:
    made = pdf(said("see the table"))
    made.attachments["totals.csv"] = b"month,count\n"
    return made


def layered(**usual: object) -> pikepdf.Pdf:
    made = pdf(said("a plan"))
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Cameras")))
    shown = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Streets")))
    usual = {key: Array([layer]) if value is layer or value == "layer" else value for key, value in usual.items()}
    made.Root["/OCProperties"] = Dictionary(OCGs=Array([layer, shown]), D=Dictionary(OFF=Array([layer])))
    return made


def named() -> pikepdf.Pdf:
    made = pdf(said("minutes"))
    made.docinfo["/Author"] = "J. Tenniel"
    return made


def scripted() -> pikepdf.Pdf:
    made = pdf(said("open me"))
    made.Root["/OpenAction"] = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    return made


def launching() -> pikepdf.Pdf:
    return with_note(pdf(said("click")), Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("run.exe")))


def sending() -> pikepdf.Pdf:
    action = Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String("https://collector.example/")))
    return with_note(pdf(said("send")), Subtype=Name.Link, A=action)


BOX = "0 g 60 690 400 30 re f"
TEXT = said("Jane Doe of Baltimore")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(lambda: pdf(TEXT), [], id="an open letter"),
        pytest.param(lambda: pdf(f"{BOX} 1 g {TEXT}"), [], id="white on black"),
        pytest.param(lambda: pdf(f"1 1 0 rg 60 690 400 30 re f 0 g {TEXT}"), [], id="a shaded cell"),
        pytest.param(
            lambda: pdf(TEXT + BOX), [("text_under_box", "Jane Doe of Baltimore", 1)], id="black over the text"
        ),
        pytest.param(
            lambda: pdf(TEXT + " 0 g 60 690 64 30 re f"), [("text_under_box", "Jane Doe", 1)], id="over a part of it"
        ),
        pytest.param(lambda: pdf(TEXT + " 60 690 400 30 re S"), [], id="a frame around it"),
        pytest.param(
            lambda: pdf("1 g " + TEXT), [("invisible_text", "Jane Doe of Baltimore", 1)], id="white on white"
        ),
        pytest.param(
            lambda: pdf("3 Tr " + TEXT), [("invisible_text", "Jane Doe of Baltimore", 1)], id="drawn without ink"
        ),
        pytest.param(lambda: of_picture(scan(), over="3 Tr " + said("read before", y=100)), [], id="OCR of a scanner"),
        pytest.param(
            lambda: pdf(said("beyond the margin", x=900)), [("invisible_text", "beyond the margin", 1)], id="off page"
        ),
        pytest.param(
            lambda: pdf(said("a secret of half a point", font_size=0.5)),
            [("invisible_text", "a secret of half a point", 1)],
            id="tiny",
        ),
        pytest.param(
            lambda: with_note(pdf(TEXT), Subtype=Name.Redact), [("text_under_box", "Jane Doe of Baltimore", 1)],
            id="marked for redaction only",
        ),
        pytest.param(
            lambda: with_note(pdf(TEXT), Subtype=Name.Square, IC=Array([0, 0, 0])),
            [("text_under_box", "Jane Doe of Baltimore", 1)],
            id="a square put on top",
        ),
        pytest.param(
            lambda: with_note(pdf(TEXT), Subtype=Name.Text, Contents=String("check this"), T=String("rene")),
            [("comment", "check this", 1)],
            id="a comment",
        ),
        pytest.param(
            lambda: with_note(pdf(TEXT), Subtype=Name.FreeText, Contents=String("not this one"), F=2),
            [("hidden_text", "not this one", 1)],
            id="a note shown to nobody",
        ),
        pytest.param(attached, [("embedded_file", "totals.csv", 0)], id="a file inside"),
        pytest.param(layered, [("layer", "Cameras", 0)], id="a layer that is off"),
        pytest.param(named, [("metadata", "J. Tenniel", 0)], id="an author"),
        pytest.param(scripted, [("active_content", "a script: app.alert(1)", 0)], id="a script on opening"),
        pytest.param(launching, [("active_content", "starts a program: run.exe", 1)], id="a program behind a link"),
        pytest.param(
            sending,
            [("external_link", "sends what is filled in: https://collector.example/", 1)],
            id="a form that sends",
        ),
    ],
)  # fmt: skip
def test_what_is_hidden_is_found(tmp_path: Path, made: Made, expected: list[tuple[str, str, int]]) -> None:
    assert findings(written(made(), tmp_path / "file.pdf")) == expected


PLACES = st.sampled_from([-20, 50, 60, 70, 300, 590])
TEXTS = st.builds(
    "{} g {} Tr {}".format,
    st.sampled_from([0, 0, 0.5, 1]),
    st.sampled_from([0, 0, 0, 1, 3]),
    st.builds(
        lambda x, y, size: said("Jane Doe", x=x, y=y, font_size=size), PLACES, PLACES, st.sampled_from([0.5, 2, 9])
    ),
)
TURNED = st.builds("q {} {} -{} {} 300 300 cm {} Q".format, *[st.sampled_from([0.1, 0.7, 1])] * 4, TEXTS)
BOXES = st.builds(
    "{} g {} {} {} {} re f".format, st.sampled_from([0, 1]), PLACES, PLACES, st.integers(1, 300), st.integers(1, 60)
)


@pytest.mark.same_everywhere
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.one_of(TEXTS, TURNED, BOXES), min_size=1, max_size=8))
def test_what_is_passed_over_lies_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: list[str]) -> None:
    path = written(pdf(" ".join(drawn)), tmp_path / "file.pdf")
    found = findings(path)
    with monkeypatch.context() as looking:
        looking.setattr(hidden_pdf.Sheet, "_may_be_unseen", lambda self, text: True)
        assert findings(path) == found


def test_an_earlier_version_is_told(tmp_path: Path) -> None:
    path = written(pdf(TEXT), tmp_path / "file.pdf")
    first = path.read_bytes()
    start = first.rindex(b"startxref") + 10
    at = int(first[start : first.index(b"\n", start)])
    later = f"\nxref\n0 0\ntrailer\n<< /Size 1 /Prev {at} /Root 1 0 R >>\nstartxref\n{len(first) + 1}\n%%EOF\n"
    path.write_bytes(first + later.encode())
    kinds = [kind for kind, _sample, _page in findings(path)]
    assert kinds == ["revision"]


def test_a_file_made_for_the_web_has_no_earlier_version(tmp_path: Path) -> None:
    assert findings(written(pdf(TEXT), tmp_path / "file.pdf", linearize=True)) == []


def test_looking_goes_on_at_a_later_page(tmp_path: Path) -> None:
    path = written(pdf(TEXT + BOX, TEXT, TEXT + BOX), tmp_path / "file.pdf")
    assert findings(path, first=2) == [("text_under_box", "Jane Doe of Baltimore", 3)]


def test_every_kind_has_words_and_a_next_step() -> None:
    assert set(LABELS) == KINDS
    assert {guidance_for(kind) for kind in KINDS} == set(GUIDANCE)


@pytest.mark.processes
@pytest.mark.same_everywhere
def test_the_step_keeps_what_it_found_for_reviewers(receive: Receive, tmp_path: Path) -> None:
    content = as_bytes(pdf(TEXT + BOX))
    document: Document = receive(content, "redacted.pdf")
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    assert hidden_of(document.blob) == []
    outcome: Outcome = run_steps(document, path, tmp_path / "work", ["hidden"])["hidden"]
    Step.objects.update_or_create(
        blob=document.blob,
        name="hidden",
        defaults={"result": outcome.result, "version": 1, "rank": document.brought_at},
    )
    (group,) = hidden_of(document.blob)
    assert (group.kind, group.all, group.findings[0].sample) == ("text_under_box", 1, "Jane Doe of Baltimore")
    assert "Do not copy" in str(group.guidance)


def test_files_inside_are_written_out(tmp_path: Path) -> None:
    made = attached()
    made.attachments["a/../../b.txt"] = b"two"
    path = written(made, tmp_path / "file.pdf")
    found = list(embedded(path, ArchiveOrder("application/pdf"), tmp_path))
    assert sorted((member.inner_path, (tmp_path / member.file).read_bytes()) for member in found) == [
        ("a/b.txt", b"two"),
        ("totals.csv", b"month,count\n"),
    ]
    assert [member.trouble for member in embedded(path, ArchiveOrder("application/pdf", first=1), tmp_path)] == [
        "skipped",
        "",
    ]


def test_files_inside_have_bounds(tmp_path: Path) -> None:
    made = attached()
    made.attachments["zeros.bin"] = bytes(3_000_000)
    path = written(made, tmp_path / "file.pdf")
    small = ArchiveOrder("application/pdf", largest=1_000_000)
    assert {member.inner_path: member.trouble for member in embedded(path, small, tmp_path)} == {
        "totals.csv": "",
        "zeros.bin": "too_large",
    }
    with pytest.raises(Refused, match="too_many"):
        list(embedded(path, ArchiveOrder("application/pdf", most_files=1), tmp_path))
    with pytest.raises(Refused, match="too_large"):
        list(embedded(path, ArchiveOrder("application/pdf", most_bytes=1000), tmp_path))
