"""Which request a mail belongs to: each way of saying so, in order, and what is left to a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.incoming.matching import Clues, Form, Known, Match, clues_in, match

FORM = Form("records", "reply.example")
FIRST, SECOND = ("MD-2026-0007", 7, "k3v9x2ab"), ("IL-2026-0010", 10, "zs5fj2wt")
KNOWN = Known(
    tokens={reference: (pk, token) for reference, pk, token in (FIRST, SECOND)},
    thread={"<our-letter@reply.example>": {7}, "<both@agency.example>": {7, 10}, "<tenth@reply.example>": {10}},
    numbers=[("PIA 26-1187", 7), ("2026-33", 10), ("SHARED-9", 7), ("SHARED-9", 10), ("12", 7)],
    corrections={"records+md-2026-007": 10},
)


def matched(*to: str, envelope: tuple[str, ...] = (), **said: Any) -> Match:
    facts: dict[str, Any] = {"in_reply_to": "", "references": (), "subject": "", **said}
    return match(clues_in(envelope_to=envelope, recipients=to, form=FORM, **facts), KNOWN)


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("records+md-2026-0007-k3v9x2ab@reply.example", id="as-written"),
        pytest.param("Records+MD-2026-0007-K3V9X2AB@Reply.Example", id="in-capitals"),
        pytest.param("<records+md-2026-0007-k3v9x2ab@reply.example>", id="in-brackets"),
        pytest.param("md-2026-0007-k3v9x2ab@reply.example", id="catch-all"),
        pytest.param("records+md-2026-0007-k3v9x2ab@old-name.example", id="a-domain-we-moved-from"),
    ],
)
def test_the_token_names_the_request(to: str):
    assert matched(to) == Match("placed", (7,), "token")
    assert matched(envelope=(to,)) == Match("placed", (7,), "token")


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("records+md-2o26-ooo7-k3v9x2ab@reply.example", id="o-for-0"),
        pytest.param("records+md20260007k3v9x2ab@reply.example", id="dashes-lost"),
        pytest.param("recordsmd-2026-0007-k3v9x2ab@reply.example", id="plus-lost"),
        pytest.param("records+md-2026-0007_k3v9x2ab@reply.example", id="underscore"),
        pytest.param("records+md-2026-0007-k3u9xzab@reply.example", id="u-for-v-and-z-for-2"),
    ],
)
def test_an_address_typed_with_a_slip_is_understood(to: str):
    assert matched(to) == Match("placed", (7,), "retyped")


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
    clues = clues_in(
        envelope_to=(),
        recipients=[f"md2026{n:04}abcdefgh@reply.example" for n in range(5000)],
        in_reply_to="",
        references=[f"<{n}@x>" for n in range(5000)],
        subject=" ".join(f"MD-2026-{n:04}" for n in range(5000)),
        form=FORM,
    )
    assert len(clues.asked_references) < 1000 and len(clues.asked_ids) <= 200


@given(st.lists(st.text(max_size=80), max_size=5), st.text(max_size=200))
def test_no_address_or_subject_breaks_it(addresses: list[str], subject: str):
    found = matched(*addresses, *(f"{one}@reply.example" for one in addresses), subject=subject)
    assert found.result in {"none", "placed", "ambiguous"}


@given(st.text(alphabet="abcdefghjkmnpqrstuvwxyz23456789", min_size=8, max_size=8).filter(lambda one: one != FIRST[2]))
def test_a_guessed_token_is_no_token(guess: str):
    assert matched(f"records+md-2026-0007-{guess}@reply.example").how != "token"


def test_clues_of_nothing_ask_for_nothing():
    assert Clues().asked_ids == frozenset() == Clues().asked_references
    assert match(Clues(), Known()) == Match("none")
