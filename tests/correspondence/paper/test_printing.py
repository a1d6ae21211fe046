"""PDFs for the post and for a fax machine, measured: what stands where on which page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2
import pytest

from requests_app.correspondence.paper import printing
from requests_app.correspondence.paper.printing import Options
from requests_app.correspondence.paper.sheets import Paper, PaperLetter, envelope_lines, return_address
from requests_app.correspondence.paper.windows import SHAPES, Box
from requests_app.filing.models import RecordsRequest
from requests_app.kits.dress import PLAIN, Dress
from requests_app.kits.letters import Letter
from tests.filing.letters import a_letter

ADDRESS = (
    "Custodian of Records",
    "Department of Examples",
    "Attn: Records Unit, Suite 400",
    "1201 Example Road",
    "Pikesville, MD 21208",
)
POINTS = 72.0


def posted(**facts: Any) -> PaperLetter:
    """Return the beginning of Alice’s letter, less than a page, to an office whose address is known."""
    content: Letter = replace(
        a_letter(),
        sections=a_letter().sections[:1],
        recipient=ADDRESS,
        closing=replace(
            a_letter().closing,
            lines=("for the Harbor Records Group", "1 Example Street", "Annapolis, MD 21401", "410-555-0100"),
        ),
    )
    known: dict[str, Any] = {"content": content, "dress": PLAIN, "address": ADDRESS}
    return PaperLetter(request=RecordsRequest(reference="MD-2026-0001"), next_letter=None, **(known | facts))


def lines_of(page: Any) -> list[tuple[str, Box]]:
    """Return each piece of text of a page with its box, in inches from the left and the top."""
    height = page.get_height()
    text = page.get_textpage()
    found = []
    for place in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(place)
        box = Box(left / POINTS, (height - top) / POINTS, right / POINTS, (height - bottom) / POINTS)
        found.append((text.get_text_bounded(left, bottom, right, top), box))
    return found


def pages_of(pdf: bytes) -> list[Any]:
    return list(pypdfium2.PdfDocument(pdf))


def words(page: Any) -> str:
    return " ".join(page.get_textpage().get_text_range().split())


# --- the window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_the_address_shows_in_every_position_and_nothing_else_in_any(shape: Any) -> None:
    pdf = printing.pack(posted(), Options(shape=shape.key, duplex=False))
    first = pages_of(pdf)[0]
    assert (round(first.get_width() / POINTS, 2), round(first.get_height() / POINTS, 2)) == (
        round(shape.sheet[0], 2),
        round(shape.sheet[1], 2),
    )
    found = lines_of(first)
    address = [(text, box) for text, box in found if any(line in text for line in ADDRESS)]
    assert [text.strip() for text, _box in address] == list(ADDRESS)
    for text, box in found:
        if (text, box) in address:
            assert shape.always_shown().holds(box), text
        else:
            assert not shape.ever_shown().touches(box), text


def test_the_letter_that_was_filed_does_not_stand_in_the_window() -> None:
    """The measuring above would notice: the letter as it goes by e-mail is not laid out for a window."""
    shape = SHAPES["us10"]
    plain = printing.pack(posted(), Options(addressing="envelope", duplex=False))
    found = lines_of(pages_of(plain)[0])
    assert any(shape.ever_shown().touches(box) for text, box in found if not any(line in text for line in ADDRESS))


@pytest.mark.parametrize(
    ("facts", "in_window", "own_envelope", "remark"),
    [
        pytest.param({}, True, False, "", id="the-letter-itself"),
        pytest.param(
            {"address": (*ADDRESS[:1], "Another Building", *ADDRESS[3:])},
            True,
            False,
            "A sheet with the address",
            id="another-address",
        ),
        pytest.param(
            {"address": (*ADDRESS, "Room 12", "Floor 3")}, False, True, "too long for the window", id="seven-lines"
        ),
        pytest.param({"address": ()}, False, False, "No postal address is known", id="nobody-knows-the-address"),
    ],
)
def test_what_carries_the_address(facts: dict[str, Any], in_window: bool, own_envelope: bool, remark: str) -> None:
    laid = printing.lay_out(posted(**facts), Options())
    assert (laid.in_window, laid.own_envelope) == (in_window, own_envelope)
    assert remark in " ".join(laid.remarks)


def test_a_long_head_moves_the_address_to_a_sheet_of_its_own() -> None:
    content = replace(posted().content, sender=tuple(f"Line {number} of a long head" for number in range(14)))
    laid = printing.lay_out(posted(content=content), Options())
    assert laid.in_window
    assert "A sheet with the address lies in front" in laid.remarks[0]
    pdf, _counted = printing.combine([laid], Options(duplex=False))
    front, letter, *_rest = pages_of(pdf)
    assert "Fold at the two marks" in words(front)
    assert "Line 13 of a long head" in words(letter)
    shape = SHAPES["us10"]
    for text, box in lines_of(front):
        if any(line in text for line in ADDRESS):
            assert shape.always_shown().holds(box), text
        else:
            assert not shape.ever_shown().touches(box), text


def test_a_letter_written_for_another_way_says_how_it_goes() -> None:
    pdf = printing.pack(posted(), Options(certified="receipt", duplex=False))
    first = words(pages_of(pdf)[0])
    assert "By certified mail, return receipt requested" in first
    assert "By e-mail" not in first


# --- sheets, envelopes, labels ----------------------------------------------------------------------------------------


def test_on_both_sides_every_paper_begins_on_a_front() -> None:
    letter = posted(enclosed=(Paper(posted().content, PLAIN),))
    laid = printing.lay_out(letter, Options())
    pdf, counted = printing.combine([laid, laid], Options())
    pages = pages_of(pdf)
    begins = [place for place, page in enumerate(pages) if "Page 1 of" in words(page)]
    assert len(begins) == 4
    assert all(place % 2 == 0 for place in begins), begins
    assert [one.first_page for one in counted] == [1, begins[2] + 1]
    assert counted[0].pages == sum(laid.page_counts)
    assert counted[0].sheets == sum(-(-count // 2) for count in laid.page_counts)


def test_the_sheet_for_the_counter_and_the_envelope_come_last() -> None:
    pdf = printing.pack(posted(by_hand=("The denial of May 3",)), Options(addressing="envelope", certified="receipt"))
    *_letter, counter, back, envelope = pages_of(pdf)
    assert "Do not put this sheet into the envelope" in words(counter)
    assert "Put these with the letter: The denial of May 3." in words(counter)
    assert "Annapolis, MD 21401" in words(counter)
    assert "410-555-0100" not in words(counter), "a telephone number is no part of an address"
    assert words(back) == ""
    assert (round(envelope.get_width() / POINTS, 3), round(envelope.get_height() / POINTS, 3)) == (9.5, 4.125)
    said = words(envelope)
    assert "Certified mail, return receipt requested".upper() in said.upper()
    assert said.index("Annapolis, MD 21401") < said.index("Pikesville, MD 21208")


def test_eleven_labels_take_two_sheets() -> None:
    made = printing.labels([posted()] * 11, Options(addressing="label"))
    labels = pages_of(made.write_pdf())
    assert [words(page).count("Pikesville") for page in labels] == [10, 1]
    for text, box in lines_of(labels[0]):
        assert Box(0, 0, 8.5, 11).holds(box), text


def test_a_hostile_name_is_printed_and_no_more() -> None:
    name = 'Eve <script>alert("1")</script> & Söhne {% now %}'
    content = replace(posted().content, closing=replace(posted().content.closing, name=name))
    pdf = printing.pack(posted(content=content), Options(addressing="envelope", certified="certified"))
    assert any("<script>alert(“1”)</script> & Söhne {% now %}" in words(page) for page in pages_of(pdf))


# --- the batch --------------------------------------------------------------------------------------------------------


def test_the_list_in_front_says_where_each_letter_begins() -> None:
    options = Options()
    laid = [printing.lay_out(posted(), options) for _place in range(2)]
    pdf, counted, total = printing.batch(
        laid,
        options,
        title="Letters to post",
        made="Made today",
        group="Harbor",
        left_out=[("MD-2026-0009", "It left.")],
    )
    pages = pages_of(pdf)
    assert len(pages) == total
    listed = words(pages[0])
    assert "MD-2026-0009: It left." in listed
    assert f"{sum(one.pages for one in counted)} pages" in listed
    assert words(pages[1]) == "", "the list has a sheet of its own"
    for one in counted:
        assert one.first_page % 2 == 1
        assert "Page 1 of" in words(pages[one.first_page - 1])
        assert f" {one.first_page} " in listed


def test_a_batch_of_which_nothing_can_be_printed_is_a_list() -> None:
    pdf, counted, total = printing.batch([], Options(), title="T", made="M", group="G", left_out=[("MD-1", "why")])
    assert (counted, total, len(pages_of(pdf))) == ([], 1, 1)


# --- the fax ----------------------------------------------------------------------------------------------------------


def test_a_fax_counts_its_cover_sheet_and_every_paper() -> None:
    letter = posted(fax="(410) 555-0111", enclosed=(Paper(posted().content, PLAIN),))
    made = printing.fax(letter, number=letter.fax, answer="records+x@group.example")
    pages = pages_of(made.pdf)
    assert made.pages == len(pages) == 3
    cover = words(pages[0])
    assert "3, this sheet included" in cover
    assert "(410) 555-0111" in cover
    assert "Please answer to records+x@group.example." in cover
    assert "If it reached you by mistake" in cover
    assert "By fax to (410) 555-0111" in words(pages[1])


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("office", "value", "expected"),
    [
        pytest.param("Records", "\n".join(ADDRESS[3:]), ADDRESS, id="the-letters-own-block"),
        pytest.param(
            "Records", "PO Box 1\nTown, MD 1", ("Records", "Agency", "PO Box 1", "Town, MD 1"), id="another-address"
        ),
        pytest.param("", "Agency\nPO Box 1", ("Agency", "PO Box 1"), id="agency-in-the-address"),
        pytest.param("", "", ("Agency",), id="no-address"),
    ],
)
def test_the_lines_of_an_envelope(office: str, value: str, expected: tuple[str, ...]) -> None:
    assert envelope_lines(posted().content, "Agency", office, value) == expected


def test_the_return_address_is_the_requesters_own() -> None:
    assert return_address(posted().content) == ("Alice Liddell", "1 Example Street", "Annapolis, MD 21401")
    assert return_address(a_letter()) == ("Alice Liddell",)


def test_pictures_of_a_letter_go_along_on_paper_and_the_logo_not_by_fax(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Dress] = []
    real = printing.rendering.to_html

    def watched(letter: Letter, dress: Dress = PLAIN) -> str:
        seen.append(dress)
        return real(letter, dress)

    monkeypatch.setattr(printing.rendering, "to_html", watched)
    printing.fax(posted(fax="(410) 555-0111"), number="(410) 555-0111", answer="a@b.example")
    assert [dress.logo for dress in seen] == [None]
