"""What stands in a letter, in which order, and what the filer's choices change."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.kits import advice
from requests_app.kits.addressees import official_of
from requests_app.kits.catalog import get_kit, voice
from requests_app.kits.composer import available_items, call_sheet, compose, expectations, replies
from requests_app.kits.letters import Addressee, ChoiceError, Companion, Letter
from requests_app.kits.text import to_text
from requests_app.law.book import CODES
from tests.kits.cast import (
    COMPANION,
    LETTER_DAY,
    addressees,
    choose,
    letter,
    motor_vehicles,
    state_police,
    statute,
)

BUREAU = Companion(reference="MD-2026-0009", agency_name="Bureau of Examples")
OFFICE = Companion(reference=None, agency_name="Department of Examples, Records Office")

READ_BY_HAND = Path(__file__).parent / "letters"


def section(made: Letter, key: str) -> str:
    """Return the text of one section, empty when the letter has none."""
    return " ".join(
        text for each in made.sections if each.key == key for part in each.parts for text in (part.text, *part.items)
    ).strip()


def items_of(made: Letter) -> tuple[str, ...]:
    return next(part.items for each in made.sections for part in each.parts if part.items)


@pytest.mark.parametrize(
    ("name", "code", "kit_id", "addressee", "changes"),
    [
        pytest.param("MD-K1", "MD", "K1", state_police(), {"companions": (COMPANION,)}, id="maryland-counts"),
        pytest.param("TX-K2", "TX", "K2", addressees("TX")[0], {"reference": "TX-2026-0001"}, id="texas-agreements"),
        pytest.param("ND-K1", "ND", "K1", addressees("ND")[0], {"reference": None}, id="north-dakota-no-purpose"),
        pytest.param("OH-K8", "OH", "K8", official_of(statute("OH")), {"reference": None}, id="ohio-governor"),
    ],
)
def test_letter_reads_as_the_one_read_by_hand(
    name: str, code: str, kit_id: str, addressee: Addressee, changes: dict[str, Any]
) -> None:
    """The files were read line by line as the custodian would; change one only after reading it again."""
    made = compose(get_kit(kit_id), statute(code), addressee, choose(**changes))
    assert to_text(made) == (READ_BY_HAND / f"{name}.txt").read_text(encoding="utf-8")


def test_sections_come_in_the_order_a_custodian_works() -> None:
    keys = [each.key for each in letter(extra_paragraph="One more thing.").sections]
    assert keys == [
        *("opening", "records", "definitions", "exclusions", "preservation", "why_public", "format", "time", "fees"),
        *("withholding", "extra", "clarification"),
    ]


def test_a_residents_only_law_gets_the_statement_only_from_a_confirmed_resident() -> None:
    for code, sentence in {"DE": "I am a citizen of Delaware.", "AL": "I am a resident of Alabama"}.items():
        assert sentence in section(letter(code, resident_confirmed=True), "opening")
        for unsure in (None, False):
            assert sentence not in section(letter(code, resident_confirmed=unsure), "opening")


def test_the_requesters_own_residency_sentence_replaces_the_standard_one() -> None:
    own = "I live at 1 Example Street in Louisville, Kentucky, and so am a resident under KRS 61.870(10)(a)."
    opening = section(letter("KY", resident_confirmed=True, residency_statement=own), "opening")
    assert own in opening
    assert "as KRS 61.870(10) defines it" not in opening
    assert "not for a commercial purpose" in opening


@pytest.mark.parametrize(
    ("resident", "time", "free"),
    [
        pytest.param(True, "three working days", True, id="resident"),
        pytest.param(False, "within 21 days", False, id="non-resident"),
        pytest.param(None, "the period that § 74-103(2) sets", False, id="not-asked"),
    ],
)
def test_idaho_names_the_period_of_the_requesters_own_tier(resident: bool | None, time: str, free: bool) -> None:
    made = letter("ID", resident_confirmed=resident)
    assert time in section(made, "time")
    assert ("two hours of labor" in section(made, "fees")) is free
    others = {"three working days", "within 21 days"} - {time}
    assert not any(other in section(made, "time") for other in others)


def test_maryland_says_that_it_is_not_for_immigration_enforcement() -> None:
    assert "I do not seek any record to enforce immigration law." in section(letter("MD", "K3"), "opening")


def test_michigan_says_foia_in_the_subject_and_the_first_lines() -> None:
    made = letter("MI", requester_postal_address=("1 Example Street", "Lansing, MI"))
    assert "FOIA" in made.subject
    assert "FOIA" in section(made, "opening")


def test_oklahoma_gives_time_frame_and_search_terms() -> None:
    assert section(letter("OK"), "search_help").startswith(
        'The time frame is January 1, 2024 through the date of your search. Search terms: "Nlets", "DHS"'
    )
    assert section(letter("TX"), "search_help") == ""


def test_tennessee_never_asks_for_names_of_officers() -> None:
    for kit_id in ("K1", "K3", "K4", "K5"):
        made = letter("TN", kit_id)
        assert "names of officers" in section(made, "exclusions")
        assert not re.search(r"names? of (?:the )?officers?", " ".join(items_of(made)))
    assert "names of officers" not in section(letter("KY"), "exclusions")


def test_north_dakota_says_nothing_of_why() -> None:
    made = letter("ND")
    text = " ".join(made.paragraphs())
    for word in ("public understanding", "waiver", "waive", "public interest", "because"):
        assert word not in text


def test_new_jersey_asks_for_reports_and_not_for_logs() -> None:
    made = letter("NJ")
    assert not any("an extract of" in item for item in items_of(made))
    assert len(items_of(made)) == len(items_of(letter("NY"))) - 1
    assert "item 3" not in " ".join(items_of(made))


def test_south_dakota_asks_informally_first_and_names_no_number() -> None:
    made = letter("SD")
    assert "informal request" in section(made, "opening")
    assert "business days" not in section(made, "time")


def test_louisiana_counts_from_the_request_and_states_the_age() -> None:
    made = letter("LA")
    assert "age of majority" in section(made, "opening")
    assert "within five business days of this request" in section(made, "time")


def test_colorado_cites_both_acts() -> None:
    opening = section(letter("CO"), "opening")
    assert "§ 24-72-200.1" in opening
    assert "§ 24-72-301" in opening


@pytest.mark.parametrize("code", ["KS", "KY", "MS", "VA"])
def test_no_waiver_is_asked_where_the_law_has_none(code: str) -> None:
    assert "waive" not in section(letter(code), "fees")


def test_a_waiver_is_asked_only_when_the_filer_wants_it() -> None:
    assert "I ask for a waiver" in section(letter(), "fees")
    assert "waiver" not in section(letter(ask_fee_waiver=False), "fees")


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (5_000, "more than $50."),
        (1_250, "more than $12.50."),
        (0, "more than $0."),
        (123_456_00, "more than $123,456."),
        (None, "before any work for which you would charge."),
    ],
)
def test_the_fee_limit_stands_in_the_letter(cents: int | None, said: str) -> None:
    assert section(letter(fee_limit_cents=cents), "fees").endswith(said)


@pytest.mark.parametrize(
    ("kit_id", "changes", "heading"),
    [
        ("K1", {}, "Records requested, for January 1, 2024 through the date of your search"),
        ("K1", {"period_end": date(2025, 9, 30)}, "Records requested, for January 1, 2024 through September 30, 2025"),
        (
            "K2",
            {"period_start": date(2020, 2, 29)},
            "Records requested, in force or made at any time from February 29, 2020 through the date of your search",
        ),
    ],
)
def test_the_period_stands_above_the_list(kit_id: str, changes: dict[str, Any], heading: str) -> None:
    assert next(each.heading for each in letter(kit_id=kit_id, **changes).sections if each.key == "records") == heading


def test_items_are_asked_of_each_custodian_in_its_own_words() -> None:
    assert "the transaction log of the State's message switch" in " ".join(items_of(letter("MD", "K1", state_police())))
    assert "motor-vehicle system that answers" in " ".join(items_of(letter("MD", "K1", motor_vehicles())))


def test_the_other_custodian_is_named_and_the_own_agency_is_not() -> None:
    to_police = " ".join(items_of(letter("OR", "K2", addressees("OR")[0])))
    assert (
        "between the Driver and Motor Vehicle Services of the Oregon Department of Transportation and your" in to_police
    )
    to_dmv = " ".join(items_of(letter("OR", "K2", addressees("OR")[1])))
    assert "between your agency and the Law Enforcement Data System of the Oregon State Police that says" in to_dmv


def test_an_agency_that_is_both_custodians_is_asked_about_its_two_divisions() -> None:
    both = Addressee(
        agency_code="tx-dps",
        name="Texas Department of Public Safety",
        roles=("dmv", "nlets_control_point"),
        dmv_name="Texas Department of Public Safety",
        control_point_name="Texas Department of Public Safety",
    )
    items = " ".join(items_of(letter("TX", "K2", both)))
    assert "between your motor-vehicle or driver-license division and your division that runs TLETS" in items
    assert "the log" not in items_of(letter("TX", "K1", both))[2].replace("the transaction log of TLETS, or of", "")


def test_an_unknown_custodian_is_described_and_not_guessed() -> None:
    alone = Addressee(agency_code="vt-x", name="Vermont Department of Public Safety", roles=("nlets_control_point",))
    assert "between the motor-vehicle agency and your agency that says" in " ".join(items_of(letter("VT", "K2", alone)))


def test_the_switch_has_the_states_own_name_only_where_that_is_known() -> None:
    assert "the Law Enforcement Data System (LEDS)" in section(letter("OR"), "opening")
    assert "the District's message switch" in section(letter("DC"), "opening")  # WALES is of low confidence
    assert "the State's message switch" in section(letter("WY"), "opening")
    named = Addressee(agency_code="wy-x", name="Wyoming Office", roles=("nlets_control_point",), switch_name="WYNET")
    assert "and WYNET." in section(letter("WY", "K1", named), "opening")


def test_a_federal_letter_turns_the_questions_around() -> None:
    made = letter("US")
    text = " ".join(made.paragraphs())
    assert "that DHS requesters sent to state motor-vehicle records" in text
    assert "you receive this letter" in text
    assert "State's message switch" not in text
    assert "the Government uses" in section(made, "fees") or "federal agencies use" in section(made, "fees")


@pytest.mark.parametrize(
    ("companions", "reference_line", "said"),
    [
        pytest.param((), "Our reference MD-2026-0007", "", id="none"),
        pytest.param(
            (BUREAU,),
            "Our reference MD-2026-0007 (companion request MD-2026-0009 to the Bureau of Examples)",
            "I have sent a companion request to the Bureau of Examples; "
            "please produce what you hold even where that agency may hold it too.",
            id="one",
        ),
        pytest.param(
            (COMPANION, BUREAU),
            "Our reference MD-2026-0007 (companion requests MD-2026-0008 to the Maryland Department of Transportation "
            "Motor Vehicle Administration and MD-2026-0009 to the Bureau of Examples)",
            "I have sent companion requests to the Maryland Department of Transportation Motor Vehicle Administration "
            "and the Bureau of Examples; please produce what you hold even where another agency may hold it too.",
            id="two",
        ),
        pytest.param(
            (COMPANION, BUREAU, OFFICE),
            "Our reference MD-2026-0007 (companion requests MD-2026-0008 to the Maryland Department of Transportation "
            "Motor Vehicle Administration, MD-2026-0009 to the Bureau of Examples and to the Records Office of the "
            "Department of Examples)",
            "I have sent companion requests to the Maryland Department of Transportation Motor Vehicle Administration, "
            "the Bureau of Examples and the Records Office of the Department of Examples; "
            "please produce what you hold even where another agency may hold it too.",
            id="three, one of them without a number and with a comma in its name",
        ),
    ],
)
def test_companion_requests_are_named_twice(companions: tuple[Companion, ...], reference_line: str, said: str) -> None:
    made = letter(companions=companions, reference="MD-2026-0007")
    assert made.reference_line == reference_line
    sentence = re.search(r"I have sent .*", section(made, "withholding"))
    assert (sentence[0] if sentence else "") == said


def test_before_filing_companions_have_no_numbers() -> None:
    unnumbered = tuple(replace(each, reference=None) for each in (BUREAU, OFFICE))
    assert letter(companions=unnumbered, reference=None).reference_line == (
        "Companion requests to the Bureau of Examples and to the Records Office of the Department of Examples"
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requester_name": " "}, "requester_name"),
        ({"reply_address": ""}, "reply_address"),
        ({"period_start": date(2027, 1, 1)}, "period_start"),
        ({"period_end": date(2023, 1, 1)}, "period_end"),
        ({"fee_limit_cents": -1}, "fee_limit_cents"),
        ({"item_ids": ("no-such-item",)}, "item_ids"),
        ({"item_ids": ()}, "item_ids"),
    ],
)
def test_choices_that_make_no_letter_are_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ChoiceError) as refused:
        letter(**changes)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_an_item_that_leans_on_another_goes_with_it() -> None:
    made = letter("MD", "K5", item_ids=("briefings", "between-agencies"))
    assert len(items_of(made)) == 1


def test_paragraphs_of_the_filer_stand_before_the_last() -> None:
    made = letter(extra_paragraph="First  line\nstill first.\n\n\nSecond.")
    assert [part.text for each in made.sections if each.key == "extra" for part in each.parts] == [
        "First line still first.",
        "Second.",
    ]


def test_when_the_law_changes_the_letter_falls_back_to_what_the_law_book_says() -> None:
    law = statute("KS")
    rules = tuple(
        msgspec.structs.replace(rule, period=msgspec.structs.replace(rule.period, amount=6))
        if rule.citation == "K.S.A. 45-218(d)" and rule.period is not None
        else rule
        for rule in law.rules
    )
    made = compose(get_kit("K1"), msgspec.structs.replace(law, rules=rules), addressees("KS")[0], choose())
    assert section(made, "time") == "The Act asks for a decision within 6 business days of receipt (K.S.A. 45-218(d))."
    assert any("leaves a sentence out" in warning.text for warning in made.warnings)


def test_without_any_number_in_the_law_the_letter_names_none() -> None:
    law = msgspec.structs.replace(statute("KS"), rules=())
    made = compose(get_kit("K1"), law, addressees("KS")[0], choose())
    assert section(made, "time") == "Please tell me when you expect to send the records."
    assert made.expected == ()


@pytest.mark.parametrize("code", CODES)
def test_only_unconditional_duties_are_expected(code: str) -> None:
    sure = [rule for rule in statute(code).rules if rule.duty_of == "agency" and rule.confidence != "low"]
    for expected in expectations(statute(code), LETTER_DAY):
        behind = [rule for rule in sure if (rule.citation, rule.kind) == (expected.citation, expected.kind)]
        assert any(
            rule.condition is None and rule.period is not None and str(rule.period.amount) in expected.text
            for rule in behind
        )


def test_expected_times_are_in_words() -> None:
    assert [each.text for each in letter("MD").expected] == [
        "a first response within 10 business days of receipt",
        "a decision within 30 days of receipt",
        "the records within 30 days of receipt",
    ]


@pytest.mark.parametrize("code", CODES)
def test_a_call_needs_one_sentence_and_three_questions(code: str) -> None:
    sheet = call_sheet(get_kit("K8"), statute(code), official_of(statute(code)), choose())
    assert len(sheet.steps) == 5
    assert len(sheet.questions) == 3
    assert "over a police network called Nlets, and I would like three facts." in sheet.steps[1]
    assert "{" not in " ".join((*sheet.steps, *sheet.questions, *sheet.follow_ups))
    assert bool(sheet.follow_ups) is (code != "US")


@pytest.mark.parametrize("code", CODES)
def test_replies_to_objections_name_the_states_own_law(code: str) -> None:
    found = {reply.id: reply for reply in replies(get_kit("K1"), statute(code))}
    assert list(found) == ["O1", "O3", "O4", "O5", "O6", "O7", "O8"]
    assert f"As I read {voice(code).citation}, a record that another keeps" in found["O3"].reply
    assert all("{" not in reply.reply for reply in found.values())


def test_the_thinking_part_of_the_room_knows_no_django() -> None:
    room = Path(advice.__file__).parent
    pure = ("advice", "catalog", "composer", "letters", "naming", "schema", "text", "voices")
    for name in pure:
        source = (room / f"{name}.py").read_text(encoding="utf-8")
        assert "django" not in source.replace("no Django", "").lower(), name


# --- properties -------------------------------------------------------------------------------------------------------

_K1_ITEMS = [item.id for item in get_kit("K1").items]


@settings(max_examples=60, deadline=None)
@given(
    code=st.sampled_from(CODES),
    item_ids=st.sets(st.sampled_from(_K1_ITEMS), min_size=1),
    resident=st.sampled_from([True, False, None]),
    fee=st.one_of(st.none(), st.integers(min_value=0, max_value=10**9)),
    waiver=st.booleans(),
    definitions=st.booleans(),
)
def test_any_choice_of_items_makes_a_whole_letter(
    code: str, item_ids: set[str], resident: bool | None, fee: int | None, waiver: bool, definitions: bool
) -> None:
    kit, law = get_kit("K1"), statute(code)
    choices = choose(
        item_ids=tuple(item_ids),
        resident_confirmed=resident,
        fee_limit_cents=fee,
        ask_fee_waiver=waiver,
        include_definitions=definitions,
    )
    wanted = [item.id for item in available_items(kit, code) if item.id in item_ids]
    if not wanted:
        with pytest.raises(ChoiceError):
            compose(kit, law, addressees(code)[0], choices)
        return
    made = compose(kit, law, addressees(code)[0], choices)
    asked = items_of(made)
    assert len(asked) == len(wanted)
    records = section(made, "records")
    for number in re.findall(r"\bitems? (\d+)(?: and (\d+))?", records):
        assert all(int(each) <= len(asked) for each in number if each), records
    assert "{" not in " ".join(made.paragraphs())
    assert compose(kit, law, addressees(code)[0], choices) == made  # the same choices make the same letter


@settings(max_examples=40, deadline=None)
@given(name=st.text(min_size=1, max_size=40), extra=st.text(max_size=200))
def test_nothing_that_a_filer_writes_is_read_as_a_template(name: str, extra: str) -> None:
    if not name.strip():
        return
    made = letter(requester_name=name, extra_paragraph=extra + " {statute_citation} {0}")
    assert made.closing.name == name
    assert "{statute_citation} {0}" in section(made, "extra")


def test_every_voice_names_its_law_with_an_article_or_a_possessive() -> None:
    for code in CODES:
        assert re.match(r"the |[A-Z]\w+(?: [A-Z]\w+)*'s |chapter 119", voice(code).name), voice(code).name
