"""Which request a mail belongs to: each way of saying so, in order, and what is left to a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.incoming.matching import Clues, Issued, Known, Match, clues_in, guesses_in, match
from requests_app.filing.reply_addresses import START, AddressForm, new_token

FORM = AddressForm("records", "reply.example")
CATCH_ALL = AddressForm("records", "reply.example", catch_all=True)
LONG, OLD = new_token(), new_token()
FIRST, SECOND = ("MD-2026-0007", 7, "k3v9x2ab"), ("IL-2026-0010", 10, "zs5fj2wt")
KNOWN = Known(
    tokens={
        **{reference: [Issued(pk, token)] for reference, pk, token in (FIRST, SECOND)},
        "IL-2026-0010": [Issued(10, "zs5fj2wt"), Issued(10, "gaveup22", retired=True)],
        LONG[:START]: [Issued(8, new_token()), Issued(7, LONG)],
        OLD[:START]: [Issued(10, OLD, retired=True)],
    },
    references={reference: pk for reference, pk, _token in (FIRST, SECOND)},
    thread={"<our-letter@reply.example>": {7}, "<both@agency.example>": {7, 10}, "<tenth@reply.example>": {10}},
    numbers=[("PIA 26-1187", 7), ("2026-33", 10), ("SHARED-9", 7), ("SHARED-9", 10), ("12", 7)],
    corrections={"records+md-2026-007": 10},
)


def clues(*to: str, envelope: tuple[str, ...] = (), form: AddressForm = FORM, **said: Any) -> Clues:
    facts: dict[str, Any] = {"in_reply_to": "", "references": (), "subject": "", **said}
    return clues_in(envelope_to=envelope, recipients=to, form=form, **facts)


def matched(*to: str, **said: Any) -> Match:
    return match(clues(*to, **said), KNOWN)


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("records+md-2026-0007-k3v9x2ab@reply.example", id="as-written"),
        pytest.param("Records+MD-2026-0007-K3V9X2AB@Reply.Example", id="in-capitals"),
        pytest.param("<records+md-2026-0007-k3v9x2ab@reply.example>", id="in-brackets"),
        pytest.param("md-2026-0007-k3v9x2ab@reply.example", id="catch-all"),
        pytest.param("records+md-2026-0007-k3v9x2ab@old-name.example", id="a-domain-we-moved-from"),
        pytest.param(f"records+{LONG}@reply.example", id="long"),
        pytest.param(f"{LONG}@reply.example", id="long-on-a-catch-all"),
        pytest.param(f"Answers+{LONG.upper()}@old-name.example", id="long-where-all-was-otherwise"),
    ],
)
@pytest.mark.parametrize("form", [FORM, CATCH_ALL], ids=["plus", "catch-all"])
def test_the_token_names_the_request(to: str, form: AddressForm):
    assert matched(to, form=form) == Match("placed", (7,), "token")
    assert matched(envelope=(to,), form=form) == Match("placed", (7,), "token")
    assert guesses_in(clues(to, form=form), KNOWN) == ()


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("records+md-2o26-ooo7-k3v9x2ab@reply.example", id="o-for-0"),
        pytest.param("records+md20260007k3v9x2ab@reply.example", id="dashes-lost"),
        pytest.param("recordsmd-2026-0007-k3v9x2ab@reply.example", id="plus-lost"),
        pytest.param("records+md-2026-0007_k3v9x2ab@reply.example", id="underscore"),
        pytest.param("records+md-2026-0007-k3u9xzab@reply.example", id="u-for-v-and-z-for-2"),
        pytest.param(f"records+{LONG.replace('-', '')}@reply.example", id="long-without-dashes"),
        pytest.param(f"{LONG.replace('-', '.')}@reply.example", id="long-with-dots"),
    ],
)
@pytest.mark.parametrize("form", [FORM, CATCH_ALL], ids=["plus", "catch-all"])
def test_an_address_typed_with_a_slip_is_understood(to: str, form: AddressForm):
    assert matched(to, form=form) == Match("placed", (7,), "retyped")
    assert guesses_in(clues(to, form=form), KNOWN) == ()


def test_slips_that_could_mean_two_requests_are_no_guess():
    both = (f"records+{LONG.replace('-', '')}@reply.example", "records+il20260010zs5fj2wt@reply.example")
    assert matched(*both) == Match("ambiguous", (7, 10))


@pytest.mark.parametrize(
    ("to", "how"),
    [
        pytest.param(f"records+{OLD}@reply.example", "token", id="long"),
        pytest.param("records+il-2026-0010-gaveup22@reply.example", "token", id="short"),
        pytest.param(f"records+{OLD.replace('-', '')}@reply.example", "retyped", id="with-a-slip"),
    ],
)
def test_an_address_that_was_given_up_still_names_its_request_and_says_so(to: str, how: Any):
    assert matched(to) == Match("placed", (10,), how, retired=True)
    assert guesses_in(clues(to), KNOWN) == ()


def test_beside_an_address_in_use_the_one_given_up_changes_nothing():
    both = (f"records+{OLD}@reply.example", "records+il-2026-0010-zs5fj2wt@reply.example")
    assert matched(*both) == Match("placed", (10,), "token")
    assert matched(both[0], f"records+{LONG}@reply.example") == Match("placed", (10, 7), "token", retired=True)


def test_one_for_i_in_the_state_and_l_for_one():
    assert matched("records+1L-2o26-oo1o-2s5fj2wt@reply.example") == Match("placed", (10,), "retyped")


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("records+md-2026-0007-k3v9x2ac@reply.example", id="one-sign-wrong"),
        pytest.param("records+md-2026-0007-zs5fj2wt@reply.example", id="another-requests-token"),
        pytest.param("records+md-2026-9999-k3v9x2ab@reply.example", id="no-such-request"),
        pytest.param("records@reply.example", id="no-token"),
        pytest.param("records+md20260007k3v9x2ab@elsewhere.example", id="slip-at-another-domain"),
        pytest.param(f"records+{new_token()}@reply.example", id="a-long-one-that-nobody-has"),
        pytest.param(f"records+{LONG[:START]}{new_token()[START:]}@reply.example", id="the-same-beginning"),
        pytest.param("", id="nobody"),
        pytest.param("@", id="only-a-sign"),
    ],
)
def test_a_wrong_token_opens_nothing(to: str):
    assert matched(to).how not in {"token", "retyped"}


def test_a_reference_in_an_address_counts_as_one_in_the_subject():
    assert matched("records+md-2026-0007-wrongone@reply.example") == Match("placed", (7,), "reference")


def test_every_request_that_a_token_names_gets_the_mail():
    both = ("records+md-2026-0007-k3v9x2ab@reply.example", "records+il-2026-0010-zs5fj2wt@reply.example")
    assert matched(both[0], envelope=(both[1],)) == Match("placed", (10, 7), "token")


def test_what_a_person_corrected_is_remembered():
    assert matched("records+md-2026-007@reply.example") == Match("placed", (10,), "retyped")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"in_reply_to": "<our-letter@reply.example>"}, Match("placed", (7,), "thread"), id="answers"),
        pytest.param({"references": ("<x@y>", "<tenth@reply.example>")}, Match("placed", (10,), "thread"), id="thread"),
        pytest.param(
            {"references": ("<our-letter@reply.example>", "<tenth@reply.example>")},
            Match("ambiguous", (7, 10)),
            id="thread-through-two-requests",
        ),
        pytest.param(
            {"in_reply_to": "<tenth@reply.example>", "references": ("<our-letter@reply.example>",)},
            Match("placed", (10,), "thread"),
            id="the-nearest-decides",
        ),
        pytest.param({"in_reply_to": "<both@agency.example>"}, Match("ambiguous", (7, 10)), id="a-mail-on-two"),
        pytest.param({"subject": "RE: MD-2026-0007"}, Match("placed", (7,), "reference"), id="our-reference"),
        pytest.param(
            {"subject": "md-2026-0007, il-2026-0010"}, Match("placed", (7, 10), "reference"), id="two-of-ours"
        ),
        pytest.param({"subject": "Your request [PIA 26-1187]"}, Match("placed", (7,), "number"), id="their-number"),
        pytest.param({"subject": "your pia  26-1187"}, Match("placed", (7,), "number"), id="their-number-otherwise"),
        pytest.param({"subject": "PIA 26-11870"}, Match("none"), id="a-longer-number"),
        pytest.param({"subject": "Order 12"}, Match("none"), id="too-short-to-be-a-number"),
        pytest.param({"subject": "SHARED-9"}, Match("ambiguous", (7, 10)), id="a-number-on-two-requests"),
        pytest.param({"subject": "PIA 26-1187 and 2026-33"}, Match("placed", (7, 10), "number"), id="two-numbers"),
        pytest.param({"subject": "MD-2026-9999"}, Match("none"), id="a-reference-that-is-not-ours"),
        pytest.param({"subject": "AMD-2026-0007"}, Match("none"), id="inside-another-word"),
        pytest.param({}, Match("none"), id="nothing"),
    ],
)
def test_without_a_token(said: dict[str, Any], expected: Match):
    assert matched("records@reply.example", **said) == expected


def test_the_token_decides_over_everything_else():
    found = matched(
        "records+md-2026-0007-k3v9x2ab@reply.example", in_reply_to="<tenth@reply.example>", subject="IL-2026-0010"
    )
    assert found == Match("placed", (7,), "token")


def test_a_report_goes_with_its_letter():
    found = matched("records+md-2026-0007-k3v9x2ab@reply.example", reports_on="<tenth@reply.example>")
    assert found == Match("placed", (10,), "thread")


def test_a_report_on_a_letter_that_is_not_ours_goes_by_its_address():
    found = matched("records+md-2026-0007-k3v9x2ab@reply.example", reports_on="<unknown@reply.example>")
    assert found == Match("placed", (7,), "token")


def test_a_mailing_to_thousands_asks_about_few():
    found = clues_in(
        envelope_to=(),
        recipients=[f"md2026{n:04}abcdefgh@reply.example" for n in range(5000)],
        in_reply_to="",
        references=[f"<{n}@x>" for n in range(5000)],
        subject=" ".join(f"MD-2026-{n:04}" for n in range(5000)),
        form=FORM,
    )
    assert len(found.asked_references) < 1000 and len(found.asked_ids) <= 200


@pytest.mark.parametrize(
    ("to", "guessed"),
    [
        pytest.param((f"records+{new_token()}@reply.example",), 1, id="a-token-that-nobody-has"),
        pytest.param(("records+md-2026-0007-abcdefgh@reply.example",), 1, id="a-wrong-short-one"),
        pytest.param(tuple(f"records+{new_token()}@reply.example" for _time in range(5)), 5, id="five"),
        pytest.param((f"records+{LONG[:-1]}@reply.example",), 1, id="a-sign-lost"),
        pytest.param((f"records+{new_token()}@elsewhere.example",), 0, id="not-at-our-domain"),
        pytest.param(("records@reply.example", "info@reply.example"), 0, id="no-tokens"),
        pytest.param(("records+md-2026-007@reply.example",), 0, id="corrected-once"),
    ],
)
def test_addresses_that_were_never_given_out_are_counted(to: tuple[str, ...], guessed: int):
    assert len(guesses_in(clues(*to), KNOWN)) == guessed


@given(st.lists(st.text(max_size=80), max_size=5), st.text(max_size=200))
def test_no_address_or_subject_breaks_it(addresses: list[str], subject: str):
    found = matched(*addresses, *(f"{one}@reply.example" for one in addresses), subject=subject)
    assert found.result in {"none", "placed", "ambiguous"}


@given(st.text(alphabet="abcdefghjkmnpqrstuvwxyz23456789", min_size=8, max_size=8).filter(lambda one: one != FIRST[2]))
def test_a_guessed_token_is_no_token(guess: str):
    assert matched(f"records+md-2026-0007-{guess}@reply.example").how != "token"


def test_clues_of_nothing_ask_for_nothing():
    assert Clues().asked_ids == frozenset() == Clues().asked_references == Clues().asked_starts
    assert match(Clues(), Known()) == Match("none")
