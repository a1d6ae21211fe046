"""The objections helper, against refusals as agencies write them."""

from __future__ import annotations

import re
import time

import pytest

from requests_app.kits.catalog import objections
from requests_app.kits.law_words import american
from requests_app.kits.objecting import bare_form, exemption_reply, find_exemption, rebuttal, section_numbers, suggest
from requests_app.law.book import CODES
from tests.kits.cast import statute

REFUSALS = [
    pytest.param(
        "After careful review, the Department has determined that release of the requested statistics would disclose "
        "investigative\ntechniques and procedures and could reasonably be expected to risk circumvention of the law.",
        {"O1"},
        id="techniques",
    ),
    pytest.param(
        "Disclosure of the configuration settings would compromise the security of the message switch and expose a "
        "vulnerability in critical infra-\nstructure. Our Chief Information Security Officer advises against it.",
        {"O2"},
        id="security-with-a-hyphenated-line",
    ),
    pytest.param(
        "The Agency conducted a diligent search and found no responsive records. Query logs are maintained by Nlets, "
        "and you may wish to contact Nlets directly.",
        {"O3"},
        id="nlets-has-them",
    ),
    pytest.param(
        "A public body is not required to create a new record or to compile information in order to respond. "
        "Fulfilling items 1 and 3 would require our IT staff to write a query.",
        {"O4"},
        id="create-a-record",
    ),
    pytest.param(
        "Please be advised that motor vehicle records are confidential under the federal Driver’s Privacy Protection "
        "Act (18 U.S.C. § 2721 et seq.).",
        {"O5"},
        id="dppa-with-curly-quotes",
    ),
    pytest.param(
        "Pursuant to the FBI CJIS Security Policy and the terms of the Nlets agreement, this cannot be shared.",
        {"O6"},
        id="policy-and-contract",
    ),
    pytest.param(
        "This office is not the custodian of the records you seek. Please direct your request to the Division of Motor "
        "Vehicles.",
        {"O7"},
        id="another-agency",
    ),
    pytest.param(
        "As written, your request is overly broad and unduly\nburdensome; we estimate 340 hours of staff time.",
        {"O8"},
        id="burden",
    ),
    pytest.param(
        "The e-mails are protected by the attorney–client privilege and the deliberative process exemption.",
        {"O9"},
        id="privileged-with-a-long-dash",
    ),
    pytest.param(
        "The vendor has objected on the ground that the price schedule is a trade secret and proprietary.",
        {"O10"},
        id="trade-secret",
    ),
    pytest.param(
        "Under 8 C.F.R. § 236.6 and our 287(g) memorandum, these are federal records and your request must be directed "
        "to ICE.",
        {"O11"},
        id="federal-law",
    ),
    pytest.param(
        "We DENY the request. LAW ENFORCEMENT TECHNIQUES are exempt, and in addition we would have to CREATE "
        "A RECORD that does not exist.",
        {"O1", "O4"},
        id="two-in-capitals",
    ),
    pytest.param("Thank you for your request. We will answer within ten days.", set(), id="no-objection"),
    pytest.param("", set(), id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSALS)
def test_a_refusal_raises_its_objections(text: str, expected: set[str]) -> None:
    found = {each.id for each in suggest(text, statute("VA")) if each.kind == "objection"}
    assert found == expected


def test_a_suggestion_shows_the_agencys_own_words() -> None:
    first = suggest("It is unduly\r\nburdensome.", statute("MD"))[0]
    assert first.matched == ("unduly burdensome",)
    assert first.why == 'They write "unduly burdensome".'


@pytest.mark.parametrize(
    ("code", "text", "label"),
    [
        pytest.param("MD", "denied under General Provisions § 4–351(a)", "investigations", id="long-dash"),
        pytest.param("KY", "exempt pursuant to KRS 61.878(1)(m).", "homeland security", id="no-section-sign"),
        pytest.param("IL", "Section 7(1)(v) (5 ILCS 140/7(1)(v)) applies", "security", id="act-and-section"),
        pytest.param(
            "TX",
            "withheld under section 552.108(a)(1) of the\nGovernment Code",
            "law-enforcement",
            id="section-in-words",
        ),
    ],
)
def test_a_cited_section_is_recognised(code: str, text: str, label: str) -> None:
    found = [each for each in suggest(text, statute(code)) if each.kind == "exemption"]
    assert any(label in each.label for each in found), found
    assert all("which the law book knows" in each.why for each in found)


def test_a_number_that_only_begins_alike_is_another_section() -> None:
    assert not [each for each in suggest("see § 4-3510 and § 14-351", statute("MD")) if each.kind == "exemption"]


def test_words_inside_other_words_do_not_count() -> None:
    assert suggest("We are vaguely amused by the copyrightable taxicab; ice was served.", statute("MD")) == ()


def test_a_forty_thousand_character_paste_takes_well_under_a_second() -> None:
    paste = ("Unduly burdensome, said the Department, under § 4-351. " * 800)[:40_000]
    begun = time.process_time()
    found = suggest(paste, statute("MD"))
    assert time.process_time() - begun < 0.5
    assert {each.id for each in found if each.kind == "objection"} == {"O8"}


def test_strange_input_is_harmless() -> None:
    for text in ("(" * 5_000, "§" * 5_000, "\x00\ud7ff😀" * 100, "{agency} {0}", "1" * 20_000, "-\n" * 5_000):
        suggest(text, statute("MD"))


@pytest.mark.parametrize("code", CODES)
def test_every_objection_has_a_rebuttal_in_every_law(code: str) -> None:
    for objection in objections():
        made = rebuttal(objection, statute(code), companion=True)
        assert "{" not in made.text
        assert all(cited in made.text for cited in made.citations)
    for exemption in statute(code).likely_exemptions:
        made = rebuttal(exemption.citation, statute(code))
        assert made.text.startswith("As to ")
        assert find_exemption(exemption.citation, statute(code)) is not None


def test_an_unknown_objection_is_an_error_and_an_unknown_section_a_question() -> None:
    with pytest.raises(KeyError):
        rebuttal("O99x"[:0] or "Oops", statute("MD"))
    made = rebuttal("§ 99-1", statute("MD"))
    assert "please explain briefly how it applies" in made.text
    assert made.cautions


def test_advice_to_the_writer_never_reaches_the_agency() -> None:
    # New Jersey's hint on logs concedes the point and tells us what to ask instead.
    hint = next(each for each in statute("NJ").likely_exemptions if "Ask instead" in each.rebuttal_hint)
    assert "please explain briefly" in exemption_reply(hint.citation, statute("NJ"))
    for code in CODES:
        for each in statute(code).likely_exemptions:
            reply = exemption_reply(each.citation, statute(code))
            assert not re.search(r"(?:^|[.;:] )(?:ask|offer|check|read) ", reply, re.IGNORECASE), reply
            assert reply == american(reply)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Un-\nduly  BURDEN", "unduly burden", id="hyphenated-line"),
        pytest.param("“Driver’s” — data", '"driver\'s" - data', id="curly"),
        pytest.param("e-mail", "e-mail", id="a-hyphen-inside-a-line-stays"),
        pytest.param("soft\u00adhyphen\u00a0here", "softhyphen here", id="invisible"),
    ],
)
def test_bare_form(text: str, expected: str) -> None:
    assert bare_form(text) == expected


def test_section_numbers_leave_titles_and_years_out() -> None:
    assert section_numbers("2025 HB 520; KRS 61.878(1)(h)") == ("61.878(1)(h)",)
    assert "2721" in section_numbers("18 U.S.C. § 2721")
