"""Files of every type, made here, each with what reading it must find. Small: all of them together take seconds.

`SAMPLES` is the list. `of_kind` and `named` pick from it; each builder may be called by itself.
"""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import wave
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from functools import cache
from typing import Any, Final

import docx
import inflate64
import openpyxl
import pikepdf
from msoffcrypto.format.ooxml import OOXMLFile
from PIL import Image

from tests.documents.outlook import Letter, pst
from tests.documents.pdf import making
from tests.documents.sheets.xlsb import xlsb

LINES: Final = making.LINES
WORDS: Final = "137 pages"  # stands in LINES
PASSWORD: Final = "swordfish"  # of what is locked
CSV: Final = b"Month,Queries,Since\r\nJanuary,1200,2025-01-31\r\nFebruary,950,2025-02-28\r\n"


@dataclass(frozen=True)
class Expected:
    """What the pipeline must find in a file. What is left empty is not asked."""

    kind: str
    pages: int = 0
    words: tuple[str, ...] = ()  # each stands in some passage, however it is broken into lines
    passages: str = ""  # kind of the passages
    troubles: dict[str, str] = field(default_factory=dict)  # step: code
    members: tuple[str, ...] = ()  # inner paths
    sheets: int = 0


@dataclass(frozen=True)
class Sample:
    """A file as an agency may send it."""

    name: str
    make: Callable[[], bytes]
    expected: Expected

    @property
    def content(self) -> bytes:
        """The bytes, the same each time."""
        return _made(self.make)


@cache
def _made(make: Callable[[], bytes]) -> bytes:
    return make()


def born_digital(pages: int = 2) -> bytes:
    """A PDF with text."""
    return _pdf(making.pdf(*(making.said(*LINES, f"This is page {number}.") for number in range(1, pages + 1))))


def locked() -> bytes:
    """A PDF that opens with a password only."""
    return _pdf(making.pdf(making.said(*LINES)), encryption=pikepdf.Encryption(owner="owner", user=PASSWORD))


def cut_off() -> bytes:
    """The beginning of a PDF, without any page."""
    return born_digital()[:60]


def scanned() -> bytes:
    """A PDF of a picture of text."""
    return _pdf(making.of_picture(making.scan()))


def with_form() -> bytes:
    """A PDF with a form that somebody filled in with a program that leaves the drawing to the reader."""
    made = making.pdf(making.said("Name of the requester:"))
    value = pikepdf.String("Alice Liddell")
    box = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("requester"),
        V=value, DA=pikepdf.String("/F1 12 Tf 0 g"), Rect=making.box(72, 640, 300, 660), F=4,
    )  # fmt: skip
    widget = made.make_indirect(box)
    made.pages[0].obj["/Annots"] = pikepdf.Array([widget])
    made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([widget]), NeedAppearances=True)
    return _pdf(made)


def portfolio() -> bytes:
    """A PDF that is a cover for the files in it."""
    made = making.pdf(making.said("For the best experience, open this portfolio in Acrobat."))
    for name, content in (("letter.pdf", born_digital()), ("2025/counts.csv", CSV)):
        made.attachments[name] = pikepdf.AttachedFileSpec(made, content, filename=name)
    made.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection, View=pikepdf.Name.D)
    return _pdf(made)


def for_archives() -> bytes:
    """A PDF/A, as offices keep their files for ever."""
    from weasyprint import HTML

    lines = "".join(f"<p>{line}</p>" for line in LINES)
    page = HTML(string=f"<html lang=en><title>Answer</title>{lines}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its colour profile open
        made: bytes = page.write_pdf(pdf_variant="pdf/a-2b", pdf_identifier=b"a-returned-document")
    return made


def picture(form: str) -> Callable[[], bytes]:
    """A picture of text in one of Pillow's forms."""

    def make() -> bytes:
        return _image(making.scan(), form)

    make.__name__ = f"picture_{form}"
    return make


def fax() -> bytes:
    """A TIFF of two pages in black and white, as a fax machine makes it."""
    page = making.scan().convert("1")
    out = io.BytesIO()
    page.save(out, "TIFF", save_all=True, append_images=[page.rotate(180)], compression="group4", dpi=(150, 150))
    return out.getvalue()


def word_file() -> bytes:
    """A DOCX."""
    made = docx.Document()
    for line in LINES:
        made.add_paragraph(line)
    out = io.BytesIO()
    made.save(out)
    return _same_each_time(out.getvalue())


def rich_text() -> bytes:
    """An RTF."""
    return (r"{\rtf1\ansi{\fonttbl\f0\fswiss Helvetica;}\f0\pard " + r"\par ".join(LINES) + r"\par}").encode("ascii")


def workbook() -> bytes:
    """An XLSX of two sheets, the second one hidden."""
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = "Monthly"
    for row in (("Month", "Queries", "Since"), ("January", 1200, date(2025, 1, 31)), ("February", 950, None)):
        first.append(row)
    first["B4"] = "=SUM(B2:B3)"
    second = made.create_sheet("Notes")
    second.append(["Not for the requester"])
    second.sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    return _same_each_time(out.getvalue())


def binary_workbook() -> bytes:
    """An XLSB of two sheets, the second one hidden."""
    rows: list[list[object]] = [["Month", "Queries", "Since"], ["January", 1200, date(2025, 1, 31)], ["February", 950]]
    return xlsb({"Monthly": (0, rows), "Notes": (1, [["Not for the requester"]])})


@cache
def locked_workbook() -> bytes:
    """An XLSX that opens with a password only."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook())).encrypt(PASSWORD, out)
    return out.getvalue()


def web_page() -> bytes:
    """An HTML page that would fetch a picture from elsewhere."""
    lines = "".join(f"<p>{line}</p>" for line in LINES)
    return f'<!doctype html><title>Answer</title><img src="https://tracker.example/x.png">{lines}'.encode()


def mail() -> bytes:
    """A mail with a table and a PDF."""
    return _mail("Records, part 1", ("counts.csv", CSV), ("letter.pdf", born_digital())).as_bytes()


def mailbox() -> bytes:
    """An MBOX of two mails."""
    mails = (_mail("First"), _mail("Second", ("counts.csv", CSV)))
    return b"".join(b"From records@agency.example Fri Mar 20 12:00:00 2026\n" + one.as_bytes() + b"\n" for one in mails)


def outlook() -> bytes:
    """A mailbox of Outlook's: two folders, two messages, one with a file."""
    words = "\n".join(LINES)
    return pst(
        {
            "Inbox": [Letter("Counts for May", words, files={"counts.csv": CSV}, to="Kim Smith; Pat Lee")],
            "Sent": [Letter("Found one", words, headers="From: Pat <pat@agency.example>\r\nSubject: Found one\r\n")],
        }
    )


def windows_zip() -> bytes:
    """A ZIP with Deflate64, as Windows packs large files, and so marked; Python's own packer knows none."""
    whole = bytearray(_zip(("counts.csv", CSV * 500), ("letter.pdf", born_digital())))
    with zipfile.ZipFile(io.BytesIO(whole)) as made:
        entry = made.getinfo("counts.csv")
    packer = inflate64.Deflater()
    packed = packer.deflate(CSV * 500) + packer.flush()
    begin = 30 + len(entry.filename)
    whole[begin : begin + entry.compress_size] = packed
    moved = len(packed) - entry.compress_size
    # Method and packed size: in front of the member, and in the list at the end, whose place moves with them.
    struct.pack_into("<H", whole, 8, 9)
    struct.pack_into("<I", whole, 18, len(packed))
    listed = whole.index(b"PK\x01\x02")
    struct.pack_into("<H", whole, listed + 10, 9)
    struct.pack_into("<I", whole, listed + 20, len(packed))
    second = whole.index(b"PK\x01\x02", listed + 1)
    struct.pack_into("<I", whole, second + 42, struct.unpack_from("<I", whole, second + 42)[0] + moved)
    struct.pack_into("<I", whole, whole.index(b"PK\x05\x06") + 16, listed)
    return bytes(whole)


def archive() -> bytes:
    """A ZIP with a PDF, a folder with a table, and a ZIP inside."""
    inner = _zip(("inside.txt", "\n".join(LINES).encode()))
    return _zip(("letter.pdf", born_digital()), ("2025/counts.csv", CSV), ("more.zip", inner))


def mail_archive() -> bytes:
    """A ZIP of mails, as agencies send what a search of mailboxes found."""
    return _zip(("mails/1.eml", _mail("Found one").as_bytes()), ("mails/2.eml", mail()))


def tarball() -> bytes:
    """A TAR, packed, whose member wants to go elsewhere."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as made:
        for name, content in (("a.txt", LINES[0].encode()), ("../../b.txt", LINES[1].encode())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    whole = bytearray(out.getvalue())
    whole[4:8] = bytes(4)  # no time: the same bytes each time
    return bytes(whole)


def recording() -> bytes:
    """A second of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(bytes(16000))
    return out.getvalue()


def unheard_of() -> bytes:
    """Bytes that are nothing known."""
    return b"\x01\x99DLY" + bytes(range(256)) * 4


def _note() -> bytes:
    return "\n".join(LINES).encode() + "\nSincerely, Zoë.\n".encode("cp1252")


def _tabs() -> bytes:
    return CSV.replace(b",", b"\t")


def _pdf(made: pikepdf.Pdf, **options: Any) -> bytes:
    options.setdefault("deterministic_id", "encryption" not in options)
    return making.as_bytes(made, **options)


def _image(picture: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    picture.convert("L" if form not in ("GIF", "WEBP") else "RGB").save(out, form, dpi=(150, 150))
    return out.getvalue()


def _mail(subject: str, *files: tuple[str, bytes]) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Records <records@agency.example>", "alice@people.example"
    made["Subject"], made["Date"] = subject, "Fri, 20 Mar 2026 12:00:00 -0400"
    made["Message-ID"] = f"<{subject.replace(' ', '-').lower()}@agency.example>"
    made.set_content("\n".join(LINES) + "\n")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    if files:
        made.set_boundary("daylight-" + subject.replace(" ", "-").replace(",", ""))
    return made


def _zip(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(zipfile.ZipInfo(name, (2026, 3, 20, 12, 0, 0)), content)
    return out.getvalue()


def _same_each_time(packed: bytes) -> bytes:
    """Return an office file without the moments of its making."""
    with zipfile.ZipFile(io.BytesIO(packed)) as made:
        members = [(name, made.read(name)) for name in made.namelist() if name != "docProps/core.xml"]
        core = made.read("docProps/core.xml") if "docProps/core.xml" in made.namelist() else b""
    if core:
        import re

        members.append(("docProps/core.xml", re.sub(rb"20\d\d-\d\d-\d\dT[\d:]+Z", b"2026-03-20T12:00:00Z", core)))
    return _zip(*members)


PAGE: Final = (WORDS, "personal identifiers")
SAMPLES: Final = (
    Sample("letter.pdf", born_digital, Expected("pdf", pages=2, words=(*PAGE, "This is page 2."), passages="page")),
    Sample("locked.pdf", locked, Expected("pdf", troubles=dict.fromkeys(("unpack", "pages", "hidden"), "password"))),
    Sample("cut-off.pdf", cut_off, Expected("pdf", troubles=dict.fromkeys(("pages", "hidden"), "damaged"))),
    Sample("scan.pdf", scanned, Expected("pdf", pages=1, words=PAGE, passages="page")),
    Sample("form.pdf", with_form, Expected("pdf", pages=1, words=("Name of the requester", "Alice Liddell"))),
    Sample("portfolio.pdf", portfolio, Expected("pdf", pages=1, members=("letter.pdf", "2025/counts.csv"))),
    Sample("for-archives.pdf", for_archives, Expected("pdf", pages=1, words=PAGE, passages="page")),
    Sample("scan.png", picture("PNG"), Expected("image", pages=1, words=PAGE, passages="page")),
    Sample("scan.jpg", picture("JPEG"), Expected("image", pages=1)),
    Sample("scan.webp", picture("WEBP"), Expected("image", pages=1)),
    Sample("scan.gif", picture("GIF"), Expected("image", pages=1)),
    Sample("scan.bmp", picture("BMP"), Expected("image", pages=1)),
    Sample("fax.tif", fax, Expected("image", pages=2, words=PAGE, passages="page")),
    Sample("letter.docx", word_file, Expected("text document", words=PAGE)),
    Sample("letter.rtf", rich_text, Expected("text document", words=PAGE)),
    Sample("answer.html", web_page, Expected("web page", pages=1, words=PAGE)),
    Sample("note.txt", _note, Expected("text", words=(*PAGE, "Zoë"), passages="text")),
    Sample("counts.csv", lambda: CSV, Expected("spreadsheet", words=("February",), passages="sheet", sheets=1)),
    Sample("counts.tsv", _tabs, Expected("spreadsheet", words=("February",), passages="sheet", sheets=1)),
    Sample("counts.xlsx", workbook, Expected("spreadsheet", words=("February", "Not for the requester"), sheets=2)),
    Sample("counts.xlsb", binary_workbook, Expected("spreadsheet", words=("February", "Not for the"), sheets=2)),
    Sample(
        "locked.xlsx",
        locked_workbook,
        Expected("spreadsheet", troubles=dict.fromkeys(("sheets", "hidden"), "password")),
    ),
    Sample("mail.eml", mail, Expected("e-mail", words=PAGE, members=("counts.csv", "letter.pdf"))),
    Sample("all.mbox", mailbox, Expected("e-mail")),
    Sample(
        "mailbox.pst",
        outlook,
        Expected("e-mail", members=("Inbox/00001 Counts for May.eml", "Sent/00002 Found one.eml")),
    ),
    Sample("windows.zip", windows_zip, Expected("archive", members=("counts.csv", "letter.pdf"))),
    Sample("all.zip", archive, Expected("archive", members=("letter.pdf", "2025/counts.csv", "more.zip"))),
    Sample("mails.zip", mail_archive, Expected("archive", members=("mails/1.eml", "mails/2.eml"))),
    Sample("all.tar.gz", tarball, Expected("archive")),
    Sample("call.wav", recording, Expected("recording")),
    Sample("unheard-of.bin", unheard_of, Expected("other")),
)


def named(*names: str) -> list[Sample]:
    """Return the samples of these names, in this order."""
    by_name = {sample.name: sample for sample in SAMPLES}
    return [by_name[name] for name in names]
