"""Letters, cards, mails and faxes to officials: every state, every office, every way."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.agencies.seed_files import read_seed_files
from requests_app.agencies.status.seeding import seed_lines
from requests_app.kits import rendering
from requests_app.kits.catalog import get_kit
from requests_app.kits.letters import ChoiceError, Letter, dump, load
from requests_app.kits.officials import bundling, cards, faxing
from requests_app.kits.officials import known as knowing
from requests_app.kits.officials.known import KnownStatus, ReleasedFinding, ReportedLine, day_in_words
from requests_app.kits.officials.letters import (
    NoAddress,
    OfficialAddress,
    OfficialSender,
    compose_official_letter,
    follow_ups_for,
    official_sheet,
)
from requests_app.kits.officials.mailing import LINK_MAX, compose_mail
from requests_app.kits.text import to_text
from requests_app.law.book import CODES
from tests.kits.cast import LETTER_DAY, statute

KIT = get_kit("K8")
OFFICES: tuple[Any, ...] = (
    *("governor", "state_senator", "state_representative"),
    *("attorney_general", "nlets_representative", "other"),
)
SENDER = OfficialSender(
    name="Jane Example", reply_address="records@harbor.example", organisation="Harbor Records Group", town="Salem"
)
SCARS = re.compile(r"[{}]|\bNone\b|  |\.\.|\?\.|,\.|%\(")


def official(code: str = "WA", office: Any = "governor", **changes: Any) -> OfficialAddress:
    usual: dict[str, Any] = {
        "name": "Robin Example",
        "title": "Delegate" if office == "other" else "",
        "district": "12" if office.startswith("state_") else "",
        "postal_address": ("State House", "1 Capitol Square", "Salem, ZZ 00000"),
        "email": "robin@state.example",
        "phone": "(410) 555-0100",
        "fax": "(410) 555-0101",
    }
    return OfficialAddress(jurisdiction=code, office=office, **{**usual, **changes})


@cache
def known(code: str) -> KnownStatus:
    """Return what the project's own list knows of a state: the newest line for each office and door."""
    newest: dict[tuple[str, str], Any] = {}
    for line in sorted(seed_lines(read_seed_files()), key=lambda one: one.as_of):
        if line.state == code:
            newest[line.door, line.component] = line
    lines = tuple(
        ReportedLine(
            door=line.door, component=line.component, position=line.position, as_of=line.as_of,  # type: ignore[arg-type]
            by=line.reported_by, url=line.source, uncertain=line.confidence == "low",
        )
        for line in newest.values()
    )  # fmt: skip
    return KnownStatus(lines=lines, looked_on="" if lines else "2026-11-21")


def compose(code: str = "WA", office: Any = "governor", **changes: Any) -> Letter:
    to = changes.pop("to", None) or official(code, office)
    facts = {"on": LETTER_DAY, **changes}
    status = facts.pop("known", None) or known(code)
    return compose_official_letter(KIT, statute(code), to, facts.pop("sender", SENDER), status, **facts)


# --- every state, every office ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_letter_is_whole_in_every_office(code: str) -> None:
    for office in OFFICES:
        letter = compose(code, office)
        text = " ".join(letter.paragraphs())
        for part in (letter.subject, letter.salutation, *letter.recipient, *letter.paragraphs()):
            if not part.startswith("http"):
                assert not SCARS.search(part), part
        assert len(letter.sections[1].parts[0].items) == 3
        assert "not a records request" in text
        assert not re.search(r"\bsafe\b|\bblocked\b", text.lower().replace("ice-blocked", ""))
        assert letter.salutation.endswith(":")
        assert letter.expected == ()
        assert load(dump(letter)) == letter
        for line in to_text(letter).splitlines():
            assert len(line) <= 72 or "http" in line, line


@pytest.mark.parametrize("code", CODES)
def test_every_letter_card_and_fax_stay_on_their_pages(code: str) -> None:
    office = OFFICES[CODES.index(code) % len(OFFICES)]
    letter = compose(code, office)
    document = pypdfium2.PdfDocument(rendering.to_pdf(rendering.to_html(letter)))
    assert len(document) == 1
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    for address in knowing.sources(known(code).lines):
        # Without hyphens: read back from a PDF, one at the end of a line is a sign of its own.
        assert re.sub(r"[^\w/.:]", "", address) in re.sub(r"[^\w/.:]", "", text), "every source stands in full"
    for page in document:
        width, height = page.get_size()
        left, bottom, right, top = _ink(page)
        assert left >= 0.8 * 72
        assert right <= width - 0.8 * 72
        assert bottom >= 0.3 * 72
        assert top <= height - 0.5 * 72
    card = cards.compose_card(KIT, statute(code), official(code, office), SENDER, known(code))
    size: Any = ("us", "a6")[CODES.index(code) % 2]
    printed = cards.print_card(card, size)
    assert printed.fits, printed.does_not_fit
    sides = pypdfium2.PdfDocument(printed.pdf)
    assert len(sides) == 2
    for page in sides:
        left, bottom, right, top = _ink(page)
        width, height = page.get_size()
        assert left >= 4 * 72 / 25.4
        assert right <= width - 4 * 72 / 25.4
        assert bottom >= 3 * 72 / 25.4
        assert top <= height - 3 * 72 / 25.4


def _ink(page: Any) -> tuple[float, float, float, float]:
    """Return the box that holds all text of a page, in points from its lower left corner."""
    text = page.get_textpage()
    boxes = [text.get_charbox(index) for index in range(text.count_chars()) if text.get_text_range(index, 1).strip()]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


# --- what is known ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("door", "position"), [*knowing.PHRASES, ("nlets", "no_action")])
@pytest.mark.parametrize("component", ["ICE", "HSI", "CBP", "USBP", "DHS"])
def test_a_report_is_told_with_office_door_date_and_reporter(door: Any, position: Any, component: Any) -> None:
    line = ReportedLine(
        door=door, component=component, position=position, as_of="2026-02", by="The Example", url="https://x.example"
    )
    (sentence,) = knowing.report_sentences([line], "Maryland", "the governor")
    assert knowing.NAMES[component] in sentence
    assert ("Nlets" in sentence) or door == "direct"
    assert "February 2026" in sentence
    assert "reported by The Example" in sentence or sentence.startswith("Reported by The Example")
    assert not re.search(r"\bsafe|\bblocked\b", sentence)


def test_an_uncertain_report_is_told_as_one() -> None:
    line = ReportedLine(
        door="nlets", component="ICE", position="block", as_of="2026", by="x", url="https://x.example", uncertain=True
    )
    assert knowing.report_sentences([line], "Maryland", "the governor")[-1] == "That report is uncertain."
    letter = compose("MD", known=KnownStatus(lines=(line,)))
    assert any("uncertain" in warning.text for warning in letter.warnings)


def test_where_nothing_is_reported_the_letter_says_so_with_its_date() -> None:
    text = " ".join(compose("WY").paragraphs())
    assert "As of November 21, 2026, I know of no public report of a block in Wyoming over Nlets" in text
    assert "which proves nothing either way" in text
    assert "Sources" not in to_text(compose("WY"))
    bare = " ".join(compose("WY", known=KnownStatus()).paragraphs())
    assert "I know of no public report" in bare
    assert "As of" not in bare


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        pytest.param("WA", "Does it cover HSI, CBP and the Border Patrol", id="ice-only"),
        pytest.param("NY", "Does it cover HSI and the Border Patrol", id="ice-and-cbp"),
        pytest.param("OR", None, id="in-progress"),
        pytest.param("FL", None, id="supports-access"),
        pytest.param("WY", None, id="nothing-known"),
    ],
)
def test_only_where_a_block_is_reported_is_it_asked_to_be_extended_and_published(code: str, asks: str | None) -> None:
    text = " ".join(compose(code).paragraphs())
    if asks is None:
        assert "will you extend it" not in text
        return
    assert asks in text
    assert "will you extend it?" in text
    assert "publish its history" in text
    assert "Where a block exists" not in text


def test_only_released_findings_of_this_state_are_told_and_no_number_without_its_meaning() -> None:
    finding = ReleasedFinding(
        jurisdiction="WA", count=1234, count_unit="queries", requester_scope="ICE", producer="The Licensing Office",
        period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), released_on=date(2026, 11, 1),
        url="https://harbor.example/f/1",
    )  # fmt: skip
    assert "found" not in {section.key for section in compose("WA").sections}
    told = compose("WA", known=replace(known("WA"), released=(finding,)))
    text = next(section for section in told.sections if section.key == "found").parts[0].text
    assert "1,234 queries by ICE from January 1, 2025 to December 31, 2025" in text
    elsewhere = compose("MD", known=replace(known("MD"), released=(finding,)))
    assert "found" not in {section.key for section in elsewhere.sections}
    with pytest.raises(ValueError, match="unit"):
        replace(finding, count_unit=" ")


@pytest.mark.parametrize(
    ("written", "words"),
    [("2026", "2026"), ("2026-02", "February 2026"), ("2025-11-12", "November 12, 2025"), ("soon", "soon")],
)
def test_a_date_is_as_exact_as_the_report(written: str, words: str) -> None:
    assert day_in_words(written) == words


# --- whom -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "salutation", "office"),
    [
        (official("MD"), "Dear Governor Robin Example:", "Governor of Maryland"),
        (official("DC"), "Dear Mayor Robin Example:", "Mayor of District of Columbia"),
        (official("MD", "state_senator"), "Dear Senator Robin Example:", "Senator, District 12"),
        (official("MD", "attorney_general"), "Dear Attorney General Robin Example:", "Attorney General of Maryland"),
        (official("MD", "nlets_representative"), "Dear Robin Example:", "Nlets Representative of Maryland"),
        (official("MD", "other", district="3A"), "Dear Delegate Robin Example:", "Delegate, District 3A"),
        (official("MD", "other", title="Chair of the Public Safety Committee"), "Dear Robin Example:", "Chair of the"),
        (official("MD", name="Gov. Robin Example"), "Dear Gov. Robin Example:", "Governor of Maryland"),
        (official("MD", "state_senator", district="at large"), "Dear Senator", "Senator, at large"),
    ],
)
def test_an_official_is_addressed_by_office_and_whole_name(to: OfficialAddress, salutation: str, office: str) -> None:
    assert to.salutation.startswith(salutation)
    assert to.office_line(statute(to.jurisdiction).name).startswith(office)


@pytest.mark.parametrize("name", ["שרה דוגמה", "محمد مثال", "Zoë 🌻 Łuczak", "李小龍"])
def test_a_name_of_any_script_survives_every_way(name: str) -> None:
    to = official(name=name)
    letter = compose(to=to)
    assert name in letter.salutation
    assert name in to_text(letter)
    assert name in compose_mail(letter, to.email).body
    assert name in cards.compose_card(KIT, statute("WA"), to, SENDER, known("WA")).recipient
    assert bundling.file_stem("WA", "governor", name) != "WA-governor"
    assert rendering.to_pdf(rendering.to_html(letter)).startswith(b"%PDF")
    assert any("picture sign" in warning.text for warning in letter.warnings) == ("🌻" in name)


def test_what_follows_a_right_to_left_name_stays_behind_it() -> None:
    assert official(name="שרה").salutation == "Dear Governor \u2068שרה\u2069:"
    assert official(name="Zoë").salutation == "Dear Governor Zoë:"


@pytest.mark.parametrize(
    ("gone", "way", "missing"),
    [
        ("postal_address", "postcard", "postal address"),
        ("email", "email", "e-mail address"),
        ("fax", "fax", "fax number"),
        ("phone", "call", "telephone number"),
    ],
)
def test_an_official_without_an_address_gets_a_clear_message(gone: str, way: Any, missing: str) -> None:
    to = official(**{gone: () if gone == "postal_address" else ""})
    with pytest.raises(NoAddress, match=rf"has no {missing} on the list.*Nothing is lost"):
        to.need(way)
    assert not to.can(way)
    assert official().can(way)
    nobody = official(postal_address=(), email="", fax="")
    with pytest.raises(NoAddress, match="postal address, e-mail address or fax number"):
        compose(to=nobody)


def test_a_letter_goes_by_the_best_way_there_is() -> None:
    assert compose().delivery == "By mail"
    assert compose(to=official(postal_address=())).delivery == "By e-mail to robin@state.example"
    only_fax = compose(to=official(postal_address=(), email=""))
    assert only_fax.delivery == "By fax to (410) 555-0101"
    assert any("no postal address" in warning.text for warning in only_fax.warnings)


def test_the_nlets_representative_is_not_asked_to_ask_the_nlets_representative() -> None:
    assert "Nlets Representative for a full briefing" in " ".join(compose("MD").paragraphs())
    assert "Nlets Representative" not in " ".join(compose("MD", "nlets_representative").paragraphs())


def test_who_signs_must_be_known() -> None:
    for field in ("name", "reply_address"):
        with pytest.raises(ChoiceError) as refused:
            compose(sender=replace(SENDER, **{field: " "}))
        assert refused.value.field == field


@given(words=st.text(max_size=300))
def test_own_words_are_never_read_as_a_template(words: str) -> None:
    letter = compose(own_words="{state_name} %(who)s {" + words)
    own = next(section for section in letter.sections if section.key == "own")
    assert own.parts[0].text.startswith("{state_name} %(who)s {")


# --- ways -------------------------------------------------------------------------------------------------------------


def test_the_call_sheet_has_the_steps_the_questions_and_the_pointed_ones() -> None:
    sheet = official_sheet(KIT, statute("WA"), official(), SENDER, LETTER_DAY)
    assert len(sheet.steps) == 5
    assert len(sheet.questions) == 3
    assert follow_ups_for(sheet, known("WA"))[-1].startswith("Since a block on ICE is reported")
    assert follow_ups_for(sheet, known("WY")) == sheet.follow_ups


def test_own_words_that_do_not_fit_on_a_card_are_named_with_the_room_there_is() -> None:
    long = cards.compose_card(KIT, statute("WA"), official(), SENDER, known("WA"), own_words="I care a lot. " * 150)
    printed = cards.print_card(long, "a6")
    assert not printed.fits
    assert printed.pdf == b""
    (text,) = printed.does_not_fit
    room = int(re.search(r"about (\d+) fit", text)[1])  # type: ignore[index]
    assert 300 < room < 2000
    shorter = replace(long, own_words=long.own_words[: room - 10])
    assert cards.print_card(shorter, "a6").points == cards.POINTS[-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"recipient": tuple(f"Line {number}" for number in range(25))}, "postal address has more lines"),
        ({"name": "N" * 3000}, "The name, the title"),
    ],
)
def test_a_card_says_what_else_does_not_fit(change: dict[str, Any], says: str) -> None:
    card = replace(cards.compose_card(KIT, statute("WA"), official(), SENDER, known("WA")), **change)
    printed = cards.print_card(card, "us")
    assert not printed.fits
    assert says in printed.does_not_fit[0]


@pytest.mark.parametrize(("size", "points"), [("us", (432, 288)), ("a6", (419.5, 297.6))])
def test_a_card_has_its_size(size: Any, points: tuple[float, float]) -> None:
    printed = cards.print_card(cards.compose_card(KIT, statute("WY"), official("WY"), SENDER, known("WY")), size)
    assert pypdfium2.PdfDocument(printed.pdf)[0].get_size() == pytest.approx(points, abs=0.5)


def test_a_fax_counts_its_pages_and_brings_the_letter() -> None:
    letter = compose(way="fax")
    document = pypdfium2.PdfDocument(faxing.print_fax(letter, official()))
    cover = document[0].get_textpage().get_text_range()
    assert f"{len(document)}, this sheet included" in cover
    assert "(410) 555-0101" in cover
    assert "Dear Governor Robin Example:" in document[1].get_textpage().get_text_range()
    assert "Page 1 of" in document[1].get_textpage().get_text_range()


def test_a_mail_carries_its_text_in_the_link_only_where_programs_take_it() -> None:
    letter = compose()
    mail = compose_mail(letter, "robin@state.example")
    assert not mail.whole_in_link
    assert len(mail.link) < LINK_MAX
    assert parse_qs(urlsplit(mail.link).query)["subject"] == [letter.subject]
    short = compose_mail(replace(letter, sections=letter.sections[:2]), "robin@state.example")
    assert short.whole_in_link
    assert parse_qs(urlsplit(short.link).query)["body"][0].replace("\r\n", "\n") == short.body
    for number in (1, 2, 3):
        assert f"\n{number}. " in mail.body


def test_many_letters_come_as_one_pdf_or_as_a_zip() -> None:
    letters = [compose("WA"), compose("MD", "state_senator"), compose("MD", "state_senator")]
    alone = [len(pypdfium2.PdfDocument(rendering.to_pdf(rendering.to_html(one)))) for one in letters]
    together = pypdfium2.PdfDocument(bundling.print_together(letters))
    assert len(together) == sum(alone)
    assert f"Page 1 of {alone[1]}" in together[alone[0]].get_textpage().get_text_range()
    archive = zipfile.ZipFile(io.BytesIO(bundling.zip_letters([("x", one) for one in letters])))
    assert archive.namelist() == ["x.pdf", "x-2.pdf", "x-3.pdf"]
    assert archive.read("x.pdf").startswith(b"%PDF")
