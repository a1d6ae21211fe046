"""What became of each ground that an agency named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing.claims import Claim, Step, fold_claims, tally

DAY = date(2026, 3, 2)
DENIED = {"kind": "denied", "exemptions": ("§ 4-351",), "objections": ("O1",)}


def fold(*steps: dict[str, Any]) -> dict[str, Claim]:
    found = fold_claims(
        "MD-2026-0001",
        "State Police",
        [Step(on=DAY + timedelta(days=number), **step) for number, step in enumerate(steps)],
    )
    return {claim.ground: claim for claim in found}


@pytest.mark.parametrize(
    ("then", "fate"),
    [
        pytest.param([], "stands", id="nothing decided"),
        pytest.param([{"kind": "reply"}], "stands", id="a message decides nothing"),
        pytest.param([{"kind": "appeal_filed"}], "appealed", id="an appeal is open"),
        pytest.param(
            [{"kind": "appeal_filed"}, {"kind": "appeal_decided", "outcome": "granted"}], "reversed", id="won"
        ),
        pytest.param(
            [{"kind": "appeal_filed"}, {"kind": "appeal_decided", "outcome": "part"}], "partly", id="half won"
        ),
        pytest.param([{"kind": "appeal_filed"}, {"kind": "appeal_decided", "outcome": "refused"}], "upheld", id="lost"),
        pytest.param([{"kind": "produced"}], "given_up", id="produced after all"),
        pytest.param([{"kind": "produced_part"}], "partly", id="a part produced, the ground not repeated"),
        pytest.param(
            [{"kind": "produced_part", "exemptions": ("§ 4-351",)}], "stands", id="a part, the ground repeated"
        ),
        pytest.param([{"kind": "appeal_decided", "outcome": ""}], "stands", id="an outcome nobody recorded"),
    ],
)
def test_the_fate_of_a_ground(then: list[dict[str, Any]], fate: str) -> None:
    assert fold(DENIED, *then)["§ 4-351"].fate == fate


def test_what_is_decided_stays_decided() -> None:
    won = [
        DENIED,
        {"kind": "appeal_filed"},
        {"kind": "appeal_decided", "outcome": "granted", "decided_by": "commission"},
    ]
    claim = fold(*won, {"kind": "produced"})["O1"]
    assert (claim.fate, claim.decided_by, claim.decided_on) == ("reversed", "commission", DAY + timedelta(days=2))


def test_a_ground_named_twice_while_open_is_one_claim_and_named_again_later_is_another() -> None:
    twice = fold_claims("MD-2026-0001", "x", [Step("denied", DAY, ("§ 1",)), Step("denied", DAY, ("§ 1",))])
    assert len(twice) == 1
    again = [Step("denied", DAY, ("§ 1",)), Step("produced", DAY), Step("denied", DAY, ("§ 1",))]
    assert [claim.fate for claim in fold_claims("MD-2026-0001", "x", again)] == ["given_up", "stands"]


def test_our_letters_stand_beside_the_grounds_that_were_open_and_no_others() -> None:
    claims = fold(
        {"kind": "denied", "objections": ("O1",)},
        {"kind": "follow_up", "letter_key": "objection_reply"},
        {"kind": "produced_part", "exemptions": ("§ 9",)},
        {"kind": "follow_up", "letter_key": "incomplete_production"},
    )
    assert claims["O1"].answered_with == ("objection_reply",)
    assert claims["§ 9"].answered_with == ("incomplete_production",)


@pytest.mark.parametrize(
    ("law", "said", "fits"),
    [
        pytest.param("Md. Gen. Prov. § 4-351", "Md. Gen. Prov. § 4-351", True, id="the same"),
        pytest.param("Md. Gen. Prov. § 4-351", "§4-351", True, id="the agency's short form"),
        pytest.param("Md. Gen. Prov. § 4-351", "Md. Gen. Prov. § 4-351(a)(1)", True, id="a subsection"),
        pytest.param("Md. Gen. Prov. § 4-351", "§ 4-35", False, id="another section that begins alike"),
        pytest.param("Md. Gen. Prov. § 4-351", "4-3511", False, id="another section that goes on"),
        pytest.param("Md. Gen. Prov. § 4-351", "", False, id="nothing"),
    ],
)
def test_a_citation_finds_its_exemption(law: str, said: str, fits: bool) -> None:
    claim = Claim(said, "exemption", "MD-2026-0001", "State Police", DAY)
    assert tally(law, [claim]).named == int(fits)


def test_an_objection_is_never_taken_for_a_citation() -> None:
    assert tally("§ O1 1", [Claim("O1", "objection", "MD-2026-0001", "x", DAY)]).named == 0


def test_what_worked_is_named_once_for_each_claim_and_the_most_frequent_first() -> None:
    def claim(fate: Any, *letters: str) -> Claim:
        return Claim("O1", "objection", "MD-2026-0001", "x", DAY, fate=fate, answered_with=letters)

    found = tally(
        "O1",
        [claim("reversed", "appeal", "appeal"), claim("given_up", "reply", "appeal"), claim("upheld", "mediation")],
    )
    assert found.worked == ("appeal", "reply")
    assert (found.named, found.fallen, found.upheld, found.open) == (3, 2, 1, 0)


KINDS = ("denied", "no_records", "produced_part", "produced", "appeal_filed", "appeal_decided", "follow_up", "reply")
STEPS = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    on=st.just(DAY),
    exemptions=st.lists(st.sampled_from(["§ 1", "§ 2"]), unique=True).map(tuple),
    outcome=st.sampled_from(["", "granted", "part", "refused"]),
    letter_key=st.sampled_from(["", "objection_reply"]),
)


@given(st.lists(STEPS, max_size=10))
def test_no_claim_is_lost_or_open_twice(steps: list[Step]) -> None:
    claims = fold_claims("MD-2026-0001", "x", steps)
    named = {ground for step in steps if step.kind in KINDS[:3] for ground in step.exemptions}
    assert {claim.ground for claim in claims} == named
    still_open = [claim.ground for claim in claims if claim.fate in ("stands", "appealed")]
    assert len(still_open) == len(set(still_open))
    assert all((claim.decided_on is None) == (claim.fate in ("stands", "appealed")) for claim in claims)
