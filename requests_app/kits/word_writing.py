"""The Word document of a letter, by python-docx: real styles, numbered lists, page numbers.

python-docx takes long to import, so the first document written imports this module (see `word`).
"""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.text.paragraph import Paragraph

from requests_app.kits import naming
from requests_app.kits.dress import Dress, Picture
from requests_app.kits.editing import printable
from requests_app.kits.letters import Letter, Section
from requests_app.kits.rendering import typeset

_SERIF: Final = "Georgia"
_INK: Final = RGBColor(0x16, 0x19, 0x1B)
_ACCENT: Final = RGBColor(0x0F, 0x4A, 0x4A)
_QUIET: Final = RGBColor(0x4A, 0x53, 0x58)
_LOGO_BOX: Final = (3.0, 0.9)  # inches
_SIGNATURE_BOX: Final = (2.4, 0.7)


def to_docx(letter: Letter, dress: Dress) -> bytes:
    """Return the letter as a .docx file. See `word.to_docx`."""
    document = docx.Document()
    _prepare(document, letter)
    _head(document, letter, dress)
    for section in letter.sections:
        _section(document, section)
    _foot(document, letter, dress)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


# --- the sheet --------------------------------------------------------------------------------------------------------


def _prepare(document: Document, letter: Letter) -> None:
    sheet = document.sections[0]
    sheet.page_width, sheet.page_height = Inches(8.5), Inches(11)
    sheet.left_margin = sheet.right_margin = Inches(1)
    sheet.top_margin, sheet.bottom_margin = Inches(0.8), Inches(0.9)
    styles: Any = document.styles
    _font(styles["Normal"], 10.5, _INK)
    styles["Normal"].paragraph_format.space_after = Pt(7)
    styles["Normal"].paragraph_format.line_spacing = 1.15
    styles["Normal"].paragraph_format.widow_control = True
    for name, size, color, before in (("Heading 1", 10.5, _INK, 6), ("Heading 2", 10.5, _INK, 8)):
        _font(styles[name], size, color, bold=True)
        styles[name].paragraph_format.space_before = Pt(before)
        styles[name].paragraph_format.space_after = Pt(4)
        styles[name].paragraph_format.keep_with_next = True
    _font(styles["List Number"], 10.5, _INK)
    styles["List Number"].paragraph_format.space_after = Pt(4)
    _font(styles["Footer"], 8, _QUIET)
    for name, size, color, bold in (("Letterhead", 13, _ACCENT, True), ("Letterhead Lines", 9, _QUIET, False)):
        made = styles.add_style(name, 1)  # a paragraph style
        made.base_style = styles["Normal"]
        _font(made, size, color, bold=bold)
        made.paragraph_format.space_after = Pt(0)
    lines = styles.add_style("Address", 1)
    lines.base_style = styles["Normal"]
    lines.paragraph_format.space_after = Pt(0)
    about = document.core_properties
    about.title, about.author = _words(letter.subject), _words(letter.sender[0] if letter.sender else "")
    about.language, about.comments, about.keywords = "en-US", "", letter.reference or ""
    about.created = about.modified = datetime.combine(letter.date, time())
    about.last_modified_by = about.author
    _page_numbers(document, letter)


def _font(style: Any, size: float, color: RGBColor, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = _SERIF, Pt(size), bold, False
    style.font.color.rgb = color
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), _SERIF)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)  # a theme's font would win over ours


def _page_numbers(document: Document, letter: Letter) -> None:
    sheet = document.sections[0]
    line = sheet.footer.paragraphs[0]
    line.paragraph_format.tab_stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT)
    line.add_run(f"{_words(letter.reference or letter.subject)[:70]}\tPage ")
    _field(line, "PAGE")
    line.add_run(" of ")
    _field(line, "NUMPAGES")


def _field(line: Paragraph, name: str) -> None:
    """Add a field that Word fills in, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    shown.text = "1"
    run.append(shown)
    field.append(run)
    line._p.append(field)


# --- head, body, foot -------------------------------------------------------------------------------------------------


def _head(document: Document, letter: Letter, dress: Dress) -> None:
    if dress.logo is not None:
        _picture(document, dress.logo, _LOGO_BOX, "Letterhead")
    for number, line in enumerate(letter.sender):
        document.add_paragraph(_words(line), "Letterhead" if number == 0 else "Letterhead Lines")
    _rule(document.paragraphs[-1])
    document.add_paragraph(naming.long_date(letter.date))
    for line in letter.recipient:
        document.add_paragraph(_words(line), "Address")
    delivery = document.add_paragraph(_words(letter.delivery))
    delivery.paragraph_format.space_before = Pt(7)
    document.add_paragraph(f"Re: {_words(letter.subject)}", "Heading 1")
    if letter.reference_line:
        document.add_paragraph(_words(letter.reference_line))
    salutation = document.add_paragraph(_words(letter.salutation))
    if letter.salutation_language != "en":
        for run in salutation.runs:
            _speak(run, letter.salutation_language)


def _rule(line: Paragraph) -> None:
    """Draw the line that parts the letterhead from the letter."""
    line.paragraph_format.space_after = Pt(14)
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "6"), ("w:color", "0F5C5C")):
        bottom.set(qn(name), value)
    borders.append(bottom)
    line._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr"
    )


def _speak(run: Any, language: str) -> None:
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), language)
    run._r.get_or_add_rPr().append(spoken)


def _section(document: Document, section: Section) -> None:
    opening = section.heading if section.run_in else ""
    if section.heading and not (section.run_in and section.parts and section.parts[0].text):
        document.add_paragraph(_words(section.heading), "Heading 2")
        opening = ""
    for part in section.parts:
        if part.text:
            paragraph = document.add_paragraph()
            if opening:
                paragraph.add_run(f"{_words(opening)}. ").bold = True
                opening = ""
            paragraph.add_run(_words(part.text))
        number = _new_list(document) if part.items else 0
        for item in part.items:
            _number(document.add_paragraph(_words(item), "List Number"), number)


def _new_list(document: Document) -> int:
    """Return a list of its own, which begins again at 1."""
    numbering: Any = document.part.numbering_part.element
    style: Any = document.styles["List Number"]
    used = style.element.pPr.numPr.numId.val
    kind = next(num.abstractNumId.val for num in numbering.num_lst if num.numId == used)
    made = numbering.add_num(kind)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def _number(paragraph: Paragraph, number: int) -> None:
    properties: Any = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _foot(document: Document, letter: Letter, dress: Dress) -> None:
    # A signature alone on its page could be put under any letter: it takes the last paragraph with it.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    valediction = document.add_paragraph(_words(letter.closing.valediction))
    valediction.paragraph_format.space_before = Pt(10)
    valediction.paragraph_format.keep_with_next = True
    if dress.signature is None:
        valediction.paragraph_format.space_after = Pt(36)
    else:
        _picture(document, dress.signature, _SIGNATURE_BOX, "Normal").paragraph_format.keep_with_next = True
    for line in (letter.closing.name, *letter.closing.lines):
        document.add_paragraph(_words(line), "Address")
    for number, line in enumerate(letter.enclosures):
        enclosed = document.add_paragraph(f"Enclosed: {_words(line)}" if number == 0 else _words(line), "Address")
        if number == 0:
            enclosed.paragraph_format.space_before = Pt(10)


def _picture(document: Document, picture: Picture, box: tuple[float, float], style: str) -> Paragraph:
    paragraph = document.add_paragraph(style=style)
    width, height = picture.fitted(*box)
    shape: Any = paragraph.add_run().add_picture(io.BytesIO(picture.png), width=Inches(width), height=Inches(height))
    about = shape._inline.docPr
    about.set("descr", printable(picture.alt))
    about.set("name", "Picture")
    paragraph.paragraph_format.space_after = Pt(4)
    return paragraph


def _words(text: str) -> str:
    """Return a text with the marks of good printing that Word knows, without signs that XML does not."""
    return typeset(printable(text)).replace("\N{WORD JOINER}", "")
