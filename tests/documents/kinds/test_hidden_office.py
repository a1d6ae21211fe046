"""What office files hold beside what they show is found, each thing with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from requests_app.documents.readers.hidden_office import HiddenOrder, hidden
from tests.documents.kinds import making

W = 'xmlns:w="w"'
WORDS = f"""<w:document {W}><w:body>
<w:p><w:r><w:t>Shown.</w:t></w:r>
<w:ins w:author="P. Dorsey"><w:r><w:t>put in</w:t></w:r></w:ins>
<w:del w:author="R. Chu"><w:r><w:delText>taken out</w:delText></w:r></w:del>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>not shown</w:t></w:r>
<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown again</w:t></w:r>
<w:r><w:instrText> DDEAUTO excel "counts.xls" </w:instrText></w:r></w:p></w:body></w:document>"""
COMMENTS = (
    f'<w:comments {W}><w:comment w:author="R. Chu"><w:p><w:r><w:t>Leave this out</w:t></w:r></w:p>'
    "</w:comment></w:comments>"
)
LINKS = (
    '<Relationships><Relationship Type="x/attachedTemplate" TargetMode="External" Target="https://t.example/a.dotm"/>'
    '<Relationship Type="x/hyperlink" TargetMode="External" Target="https://www.agency.example/"/></Relationships>'
)
WORD = making.with_parts(
    making.word(author="P. Dorsey"),
    {
        "word/document.xml": WORDS,
        "word/comments.xml": COMMENTS,
        "word/_rels/settings.xml.rels": LINKS,
        "word/vbaProject.bin": b"x",
        "word/embeddings/counts.xlsx": b"x",
        "word/activeX/activeX1.xml": "<x/>",
    },
)
OPEN_STYLES = (
    '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="T2"><style:text-properties/></style:style>'
)
OPEN = """<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>R. Chu</dc:creator>
</office:change-info><text:p>taken out</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:p>Shown<office:annotation><dc:creator>R. Chu</dc:creator><text:p>Leave this out</text:p></office:annotation>
<text:span text:style-name="T1">not shown</text:span><text:span text:style-name="T2">shown</text:span>
<draw:image xlink:href="https://t.example/x.png"/><text:a xlink:href="https://www.agency.example/">link</text:a></text:p>
<script:event-listener xlink:href="vnd.sun.star.script:x"/>"""


def found(tmp_path: Path, raw: bytes) -> set[tuple[str, str, str]]:
    path = tmp_path / "file"
    path.write_bytes(raw)
    return {(one.kind, one.where, one.sample) for one in hidden(path, HiddenOrder(), tmp_path)}


@pytest.mark.parametrize(
    "expected",
    [
        ("tracked_change", "inserted by P. Dorsey", "put in"),
        ("tracked_change", "deleted by R. Chu", "taken out"),
        ("hidden_text", "word/document.xml", "not shown"),
        ("comment", "by R. Chu", "Leave this out"),
        ("active_content", "word/document.xml", 'DDEAUTO excel "counts.xls"'),
        ("external_link", "attachedTemplate", "https://t.example/a.dotm"),
        ("macro", "word/vbaProject.bin", ""),
        ("embedded_file", "word/embeddings/counts.xlsx", "counts.xlsx"),
        ("active_content", "word/activeX/activeX1.xml", "a control"),
        ("metadata", "author", "P. Dorsey"),
    ],
    ids=lambda expected: " ".join(expected[:2]),
)
def test_word(tmp_path: Path, expected: tuple[str, str, str]) -> None:
    assert expected in found(tmp_path, WORD)


def test_what_a_reader_sees_is_no_finding(tmp_path: Path) -> None:
    samples = " ".join(sample for _kind, _where, sample in found(tmp_path, WORD))
    assert "Shown." not in samples
    assert "shown again" not in samples
    assert "www.agency.example" not in samples
    assert not {kind for kind, _where, _sample in found(tmp_path, making.word("Plain"))} - {"metadata"}


def test_slides(tmp_path: Path) -> None:
    assert found(tmp_path, making.slides()) == {
        ("hidden_text", "slide 1", "Not shown"),
        ("hidden_slide", "slide 2", "Kept back"),
        ("note", "slide 1", "Say less"),
    }


def test_open_document(tmp_path: Path) -> None:
    raw = making.open_document(OPEN, styles=OPEN_STYLES, extra={"Basic/Standard/Module1.xml": "<x/>"})
    assert found(tmp_path, raw) == {
        ("metadata", "first author", "P. Dorsey"),
        ("tracked_change", "deleted by R. Chu", "taken out"),
        ("comment", "by R. Chu", "Leave this out"),
        ("hidden_text", "content.xml", "not shown"),
        ("external_link", "image", "https://t.example/x.png"),
        ("active_content", "content.xml", "vnd.sun.star.script:x"),
        ("macro", "Basic/Standard/Module1.xml", ""),
    }


def test_rich_text(tmp_path: Path) -> None:
    raw = rb"{\rtf1{\info{\author P. Dorsey}}Shown {\v not shown}{\object\objdata 00}}"
    assert found(tmp_path, raw) == {
        ("metadata", "author", "P. Dorsey"),
        ("hidden_text", "rich text", "not shown"),
        ("embedded_file", "rich text", ""),
    }
