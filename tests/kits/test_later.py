"""Composing a later letter: what is needed, what is refused, what people type, what the law may and may not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from requests_app.kits import samples, steps
from requests_app.kits.catalog import UnknownLetter
from requests_app.kits.later import (
    LETTER_KEYS,
    LONGEST_QUOTE,
    LaterSender,
    compose_later,
    event_kind_of,
    letter_type,
    letter_types,
    quoted,
    typed_paragraphs,
)
from requests_app.kits.letters import ChoiceError
from requests_app.kits.matter import Fees, Happening
from requests_app.kits.standing import wish_date
from requests_app.kits.text import file_stem, to_text
from tests.kits.cast import statute
from tests.kits.later_cast import TODAY, body_of, duty, matter, written


def test_every_key_has_its_letter() -> None:
    assert tuple(letter.key for letter in letter_types()) == LETTER_KEYS
    assert len(LETTER_KEYS) == 26
    with pytest.raises(UnknownLetter, match="'love_letter'"):
        letter_type("love_letter")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        *[(key, "clarified") for key in ("clarification_answer", "narrowing_offer")],
        ("fee_acceptance", "fee_paid"),
        *[(key, "appeal_filed") for key in ("administrative_appeal", "constructive_denial_appeal")],
        ("withdrawal", "withdrawn"),
        ("thanks_and_closing", "closed"),
        *[
            (key, "follow_up")
            for key in ("receipt_confirmation", "objection_reply", "notice_before_suit", "attorney_general_complaint")
        ],
    ],
)
def test_what_is_recorded_when_it_is_sent(key: str, expected: str) -> None:
    assert letter_type(key).event_kind == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("MD", "appeal_filed", id="the-board-waits-for-the-ombudsman"),
        pytest.param("TN", "follow_up", id="optional-and-without-a-date"),
        pytest.param("NH", "appeal_filed", id="the-court-waits-for-the-ombudsman"),
    ],
)
def test_an_ombudsman_is_an_appeal_only_where_the_law_waits_for_him(code: str, expected: str) -> None:
    about = matter(code, "refused")
    assert event_kind_of(letter_type("mediation_request"), statute(code), about) == expected


def test_thanks_cannot_close_what_is_closed() -> None:
    thanks = letter_type("thanks_and_closing")
    assert event_kind_of(thanks, statute("MD"), matter(turn="done")) == "follow_up"
    assert event_kind_of(thanks, statute("MD"), matter(turn="part")) == "closed"


# --- what is needed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", LETTER_KEYS)
def test_an_empty_required_field_is_named(key: str) -> None:
    for field in letter_type(key).inputs:
        if field.required:
            for empty in (None, "", " \n\t", "\x00\u2028"):
                with pytest.raises(ChoiceError, match="needs this") as caught:
                    written(key, **{field.name: empty})
                assert caught.value.field == field.name


@pytest.mark.parametrize(
    ("key", "inputs", "field"),
    [
        pytest.param("fee_acceptance", {"limit": -1}, "limit", id="a-sum-below-zero"),
        pytest.param("fee_acceptance", {"limit": "50"}, "limit", id="a-sum-in-words"),
        pytest.param("fee_acceptance", {"limit": True}, "limit", id="a-sum-that-is-yes"),
        pytest.param("receipt_confirmation", {"answer_by": "soon"}, "answer_by", id="no-date"),
        pytest.param("objection_reply", {"objections": ("O99",)}, "objections", id="unknown-objection"),
        pytest.param("narrowing_offer", {"rung": "12"}, "rung", id="unknown-step"),
        pytest.param("incomplete_production", {"items": (99,)}, "items", id="no-such-item"),
        pytest.param("incomplete_production", {"items": ("x",)}, "items", id="an-item-that-is-no-number"),
        pytest.param("clarification_answer", {"answer": "x" * 50_001}, "answer", id="far-too-long"),
        pytest.param("clarification_answer", {"answer": 7}, "answer", id="not-text"),
        pytest.param("receipt_confirmation", {"love": "x"}, "love", id="a-field-it-does-not-have"),
        pytest.param("receipt_confirmation", {"delivery": "pigeon"}, "delivery", id="no-such-way"),
        pytest.param("administrative_appeal", {"rule_id": "XX.appeal"}, "rule_id", id="no-such-review"),
    ],
)
def test_what_cannot_be_used_names_its_field(key: str, inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        written(key, code="PA", **inputs)
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("field", ["requester_name", "reply_address"])
def test_a_letter_needs_a_name_and_an_address(field: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        written("withdrawal", sender=replace(samples.SENDER, **{field: " "}))
    assert caught.value.field == field


def test_nothing_follows_a_request_that_was_not_sent() -> None:
    with pytest.raises(ChoiceError, match="has not been sent"):
        written("receipt_confirmation", matter(sent_on=None))


@pytest.mark.parametrize(
    ("key", "code", "turn", "words"),
    [
        pytest.param(
            "administrative_appeal", "CA", "refused", "names no body in California", id="no-appeal-in-this-law"
        ),
        pytest.param("mediation_request", "OH", "refused", "names no body in Ohio", id="no-ombudsman-in-this-law"),
        pytest.param("administrative_appeal", "PA", "silent", "Record its refusal first", id="nothing-refused"),
        pytest.param("constructive_denial_appeal", "PA", "fresh", "does not count as a denial", id="silence-is-young"),
        pytest.param("notice_before_suit", "TX", "fresh", "would be untrue", id="nothing-to-sue-for"),
        pytest.param("notice_before_suit", "CT", "refused", "wants the Freedom of", id="another-body-comes-first"),
    ],
)
def test_a_letter_that_would_be_untrue_is_refused(key: str, code: str, turn: str, words: str) -> None:
    with pytest.raises(ChoiceError, match=words) as caught:
        written(key, matter(code, turn))
    assert caught.value.field == "letter"


# --- what people type -------------------------------------------------------------------------------------------------


def test_braces_and_placeholders_that_people_type_stay_as_typed() -> None:
    answer = "Use {agency} and {0} and {{x}} and {ref:1} and %(act)s, 100% {"
    letter = written("clarification_answer", answer=answer, quote="What is {this}?", extra="{act_citation}")
    assert answer in letter.paragraphs()
    assert "{act_citation}" in letter.paragraphs()
    assert any('"What is {this}?"' in text for text in letter.paragraphs())


def test_a_forty_thousand_character_paste_is_kept_whole_where_it_is_the_answer_and_cut_where_it_is_a_quotation() -> (
    None
):
    long = "We cannot do this. " * 2_200
    letter = written("clarification_answer", answer=long, quote=long)
    assert any(len(text) > 40_000 for text in letter.paragraphs())
    quotation = next(text for text in letter.paragraphs() if text.startswith("You asked:"))
    assert len(quotation) < LONGEST_QUOTE + 100
    assert quotation.endswith('[...]"')
    assert any("quotes only their beginning" in warning.text for warning in letter.warnings)


def test_names_in_other_scripts_and_with_emoji_stay_whole() -> None:
    sender = LaterSender(requester_name="שרה לוי 🌞", reply_address="s@harbor.example", organisation="مجموعة السجلات")
    letter = written("receipt_confirmation", sender=sender)
    text = to_text(letter)
    assert "שרה לוי 🌞" in text
    assert "مجموعة السجلات" in text


def test_characters_that_cannot_be_printed_are_left_out() -> None:
    letter = written("clarification_answer", answer="Totals\x00 only.\x1b[31m\u2028Please\ufeff.", extra="a\r\n\r\nb")
    assert "Totals only.[31mPlease." in letter.paragraphs()
    assert {"a", "b"} <= set(letter.paragraphs())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("one\ntwo", ("one two",), id="a-line-break-is-a-space"),
        pytest.param("one\n \n\n two ", ("one", "two"), id="an-empty-line-parts"),
        pytest.param("\n\n", (), id="nothing"),
    ],
)
def test_typed_paragraphs(typed: str, expected: tuple[str, ...]) -> None:
    assert typed_paragraphs(typed) == expected


def test_quotation_marks_inside_a_quotation_become_single() -> None:
    assert quoted('“He said "no".”') == "\"He said 'no'.\""


# --- what the law may and may not say ---------------------------------------------------------------------------------


def test_a_missed_decision_is_named_with_its_day_and_section() -> None:
    text = body_of(written("determination_overdue"))
    assert "By my count the time for a decision ended on July 1, 2026 (Md. Gen. Prov. § 4-203(a)(1))." in text
    assert "On June 1, 2026 I sent you a request under the Maryland Public Information Act" in text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"certainty": "conditional"}, id="conditional"),
        pytest.param({"state": "running"}, id="still-running"),
        pytest.param({"state": "paused", "latest": None, "earliest": None}, id="paused"),
        pytest.param({"latest": TODAY}, id="the-last-day-is-today"),
        pytest.param({"rule_id": "MD.unknown"}, id="a-rule-the-book-has-not"),
    ],
)
def test_a_duty_that_is_not_certainly_missed_is_no_accusation(change: dict[str, Any]) -> None:
    missed = duty("determination", date(2026, 10, 31), "MD.determination.4-203-a-1", state="missed")
    accused = body_of(written("determination_overdue", matter(duties=(missed,))))
    asked = body_of(written("determination_overdue", matter(duties=(replace(missed, **change),))))
    assert "ended on October 31, 2026" in accused
    assert "ended on" not in asked
    assert "may be treated as a denial" not in asked


def test_where_the_law_sets_no_days_the_letter_names_none() -> None:
    text = body_of(written("determination_overdue", code="FL"))
    assert "prompt acknowledgment and a good-faith response (§ 119.07(1)(c))" in text
    assert "I know of no fixed day for your answer" in text
    assert "ended on" not in text


def test_a_step_of_low_confidence_is_not_cited() -> None:
    letter = written("administrative_appeal", code="AK", fresh=True)  # 2 AAC 96.340 is of low confidence
    assert "96.340" not in body_of(letter)
    assert any("not sure of this step" in warning.text for warning in letter.warnings)


def test_an_appeal_goes_to_the_right_body_with_its_time_and_its_decision_time() -> None:
    letter = written("administrative_appeal", code="PA", fresh=True)
    text = body_of(letter)
    assert letter.recipient[0] == "Office of Open Records"
    assert letter.salutation == "Dear Appeals Officer:"
    assert "This appeal is made under 65 P.S. § 67.1101. By my count the time for it runs at least through" in text
    assert "65 P.S. § 67.1101 has this appeal decided within 30 days" in text
    assert letter.enclosures[0].startswith("The request of ")
    assert any(line.startswith("The agency's answer of ") for line in letter.enclosures)
    assert "§ 67.708(d) lifts this exemption for aggregated data" in text


def test_an_appeal_after_its_time_names_no_date_and_warns() -> None:
    letter = written("administrative_appeal", code="PA")
    assert "runs at least through" not in body_of(letter)
    assert any("ask a lawyer whether it can still be filed" in warning.text for warning in letter.warnings)


def test_the_second_review_is_asked_for_once_the_first_was_decided() -> None:
    about = matter("MD", "refused")
    with pytest.raises(ChoiceError, match="comes after another body's decision"):
        written("administrative_appeal", about)
    decided = Happening(kind="appeal_decided", on=TODAY, outcome="refused")
    letter = written("administrative_appeal", replace(about, happened=(*about.happened, decided)))
    assert "Compliance Board" in letter.recipient[0]


def test_a_step_that_only_an_overlay_knows_gets_plain_words() -> None:
    rule = statute("PA").rule("PA.appeal.67.1101")
    added = msgspec.structs.replace(rule, id="PA.appeal.new", body="State Board - written appeal", level="ombudsman")
    body = steps.body_of(added)
    assert (body.name, body.letter, body.filing) == ("the State Board", "mediation_request", "request for review")


def test_objections_are_answered_one_by_one_with_the_agencys_words() -> None:
    letter = written("objection_reply", objections=("O5", "O7"), quote="The DPPA forbids it.")
    text = body_of(letter)
    assert 'You wrote: "The DPPA forbids it."' in text
    assert 'On "federal or state driver-privacy law (DPPA)": Those laws protect' in text
    assert "I have filed with both" not in text
    with_companion = written(
        "objection_reply", matter(turn="refused", companions=("Motor Vehicle Administration",)), objections=("O7",)
    )
    assert "I have filed with both." in body_of(with_companion)


def test_a_section_the_book_does_not_know_is_asked_about_and_not_argued() -> None:
    text = body_of(written("objection_reply", exemptions=("§ 99-123",)))
    assert "As to § 99-123: please explain briefly how it applies" in text


def test_a_waiver_is_claimed_only_where_the_voice_knows_one() -> None:
    assert "as in the public interest (§ 4-206(e))" in body_of(written("fee_waiver_request"))
    none = body_of(written("fee_waiver_request", code="TN"))
    assert "leaves you free to" in none
    no_purpose = body_of(written("fee_waiver_request", code="ND"))
    assert "public understanding" not in no_purpose


def test_fee_lines_and_limits_are_written_as_money() -> None:
    text = body_of(written("fee_itemization"))
    assert "Programming, 8 hours at $60: $480." in text
    accepted = written("fee_acceptance", limit=12_550)
    assert accepted.subject.startswith("Fee accepted up to $125.50")
    assert "up to $125.50 in all" in body_of(accepted)
    bare = body_of(written("fee_itemization", matter(turn="fee", fees=Fees())))
    assert "You estimate" not in bare


def test_a_letter_about_no_records_asks_for_what_others_hold_and_claims_no_log() -> None:
    text = body_of(written("no_records_challenge"))
    assert "If you keep no log of your own of the traffic over the State's message switch, please say so." in text
    assert "about one rolling year" in text
    assert "you have no way to learn how often these queries are made" in text
    agreements = body_of(written("no_records_challenge", samples.sample_matter("MD", "none", kit_id="K2")))
    assert "rolling year" not in agreements


def test_the_letter_leaves_as_the_request_did_and_a_body_gets_mail_where_no_address_is_known() -> None:
    about = matter(turn="refused", delivery="post")
    assert written("objection_reply", about).delivery == "By mail"
    assert written("objection_reply", about, delivery="email").delivery == "By e-mail to records@agency.example"
    body = replace(samples.sample_body("the Ombudsman"), email=None, postal_address=())
    letter = compose_later(letter_type("mediation_request"), statute("MD"), body, about, samples.SENDER, {})
    assert letter.delivery == "By mail"
    assert letter.must_wait


def test_a_later_letters_file_says_which_it_is() -> None:
    assert file_stem(written("fee_acceptance")) == "MD-2026-0007-fee-acceptance"


@pytest.mark.parametrize(
    ("today", "wish"),
    [
        pytest.param(date(2026, 11, 23), date(2026, 12, 3), id="ten-days"),
        pytest.param(date(2026, 11, 25), date(2026, 12, 7), id="saturday-becomes-monday"),
        pytest.param(date(2026, 11, 26), date(2026, 12, 7), id="sunday-becomes-monday"),
    ],
)
def test_the_day_we_wish_for_is_a_weekday(today: date, wish: date) -> None:
    assert wish_date(today) == wish
