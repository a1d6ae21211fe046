"""What the planning table says of a target, and who is proposed to sign: rules in tables, and what holds for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing import campaigning, lawbook
from requests_app.filing.campaigning import NOBODY, Asked, Planned, Standing, WhoMaySign, Willing
from requests_app.filing.sharing_out import Need, Signer, share_out
from requests_app.kits.catalog import get_kit
from requests_app.law.book import CODES
from requests_app.people.states import STATES

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@dataclass
class Contact:
    """A contact point, as far as the rules look at it."""

    channel: str = "email"
    health: str = "confirmed"
    may_be_used_unasked: bool = True


@dataclass
class Held:
    kind: str


@dataclass
class Office:
    """An agency, as far as the rules look at it."""

    pk: int
    kinds: tuple[str, ...] = ("dmv",)
    current_contacts: list[Contact] = field(default_factory=list)

    @property
    def roles(self) -> Any:
        return self

    def all(self) -> list[Held]:
        return [Held(kind) for kind in self.kinds]


@dataclass
class Somebody:
    home_state: str = "MD"
    is_active: bool = True
    pk: int = 7


@dataclass
class Begun:
    """A draft."""

    changed_at: datetime = NOON
    filed_at: datetime | None = None
    discarded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.filed_at is None and self.discarded_at is None


@dataclass
class Target:
    jurisdiction: str = "MD"
    state: str = "ready"
    assignee: Somebody | None = field(default_factory=Somebody)
    draft: Begun | None = field(default_factory=Begun)
    ready_draft_of: datetime | None = NOON


GOOD = Asked(Office(1), "email", Contact())  # type: ignore[arg-type]
UNSURE = Asked(Office(2), "post", Contact("post", "unconfirmed", False))  # type: ignore[arg-type]
BOUNCED = Asked(Office(3), "email", Contact(health="bounced", may_be_used_unasked=False))  # type: ignore[arg-type]
LOST = Asked(Office(4), "post", None)  # type: ignore[arg-type]
ANYONE, RESIDENTS = WhoMaySign.ANYONE, WhoMaySign.RESIDENTS
LATER = NOON.replace(hour=18)


@pytest.mark.parametrize(
    ("target", "asks", "left_out", "who", "missing"),
    [
        pytest.param(Target(), [GOOD], [], ANYONE, [], id="all-settled"),
        pytest.param(Target(), [], [], ANYONE, ["needs_agency"], id="no-agency-on-the-list"),
        pytest.param(Target(draft=None, state="planned"), [], [GOOD], ANYONE, ["asked_already"], id="all-asked"),
        pytest.param(Target(), [GOOD], [GOOD], ANYONE, ["asked_already"], id="asked-since-the-letter-was-begun"),
        pytest.param(
            Target(draft=None, state="planned"), [GOOD], [GOOD], ANYONE, ["needs_signature"], id="one-of-two-asked"
        ),
        pytest.param(
            Target(assignee=None, draft=None, state="planned"), [GOOD], [], ANYONE, ["needs_signer"], id="no-signer"
        ),
        pytest.param(Target(assignee=Somebody(is_active=False)), [GOOD], [], ANYONE, ["needs_signer"], id="left-us"),
        pytest.param(Target("TN"), [GOOD], [], RESIDENTS, ["needs_resident"], id="lives-elsewhere"),
        pytest.param(Target("TN"), [GOOD], [], WhoMaySign.EXCEPTION, [], id="exception-stated"),
        pytest.param(Target("TN"), [GOOD], [], WhoMaySign.UNSETTLED, [], id="unsettled-law"),
        pytest.param(Target(), [GOOD, UNSURE], [], ANYONE, ["needs_confirmation"], id="one-address-unconfirmed"),
        pytest.param(Target(), [GOOD, BOUNCED], [], ANYONE, ["needs_address"], id="mail-came-back"),
        pytest.param(Target(), [LOST, UNSURE], [], ANYONE, ["needs_address", "needs_confirmation"], id="two-troubles"),
        pytest.param(Target(state="planned"), [GOOD], [], ANYONE, ["needs_signature"], id="not-signed"),
        pytest.param(Target(draft=Begun(LATER)), [GOOD], [], ANYONE, ["changed"], id="changed-after-signing"),
        pytest.param(Target(draft=Begun(discarded_at=NOON)), [GOOD], [], ANYONE, ["needs_signature"], id="thrown-away"),
    ],
)
def test_what_is_missing(target: Any, asks: Any, left_out: Any, who: WhoMaySign, missing: list[str]) -> None:
    standing, found = campaigning.standing_of(target, asks, left_out, who)
    assert [one.value for one in found] == missing
    assert standing.value == (missing[0] if missing else "ready")


@pytest.mark.parametrize(
    ("target", "standing"),
    [
        pytest.param(Target(state="skipped"), Standing.SKIPPED, id="skipped"),
        pytest.param(Target(state="filed"), Standing.FILED, id="filed-by-a-run"),
        pytest.param(Target(state="planned", draft=Begun(filed_at=NOON)), Standing.FILED, id="filed-by-the-signer"),
        pytest.param(Target(state="filed", draft=None), Standing.FILED, id="filed-and-the-draft-gone"),
    ],
)
def test_what_is_settled_misses_nothing(target: Any, standing: Standing) -> None:
    assert campaigning.standing_of(target, [], [], RESIDENTS) == (standing, ())


@pytest.mark.parametrize(
    ("code", "channels", "first"),
    [
        pytest.param("MD", ["email", "portal"], "email", id="the-best-comes-first"),
        pytest.param("NJ", ["email", "portal"], "portal", id="e-mail-does-not-count-in-new-jersey"),
        pytest.param("NJ", ["email"], "email", id="even-so-if-there-is-nothing-else"),
        pytest.param("MT", ["email", "post", "portal"], "portal", id="montana-wants-the-portal"),
        pytest.param("MD", ["phone"], "post", id="a-telephone-carries-no-letter"),
    ],
)
def test_the_best_way(code: str, channels: list[str], first: str) -> None:
    office = Office(1, current_contacts=[Contact(channel) for channel in channels])
    delivery, contact = campaigning.best_way(office, lawbook.statute_of(code))  # type: ignore[arg-type]
    assert delivery == first
    assert (contact is None) == (first not in channels)


def test_an_address_that_may_be_used_comes_before_a_better_known_way() -> None:
    office = Office(1, current_contacts=[Contact("email", "unconfirmed", False), Contact("post")])
    assert campaigning.best_way(office, lawbook.statute_of("MD"))[0] == "post"  # type: ignore[arg-type]


def test_everybody_who_holds_a_part_is_asked_once() -> None:
    both, police, cjis, dmv = (
        Office(4, ("dmv", "nlets_control_point")),
        Office(3, ("nlets_control_point",)),
        Office(2, ("cjis_systems_agency",)),
        Office(1),
    )
    offices: Any = [both, police, cjis, dmv]
    kit = get_kit("K1")
    assert campaigning.group_of(kit, "MD", ["nlets_control_point", "dmv"], offices) == [both, police, dmv]
    assert campaigning.group_of(kit, "MD", ["dmv"], offices) == [both, dmv]
    assert campaigning.group_of(kit, "MD", ["governor_records"], offices) == [], "K1 is not meant for governors"


def test_every_federal_agency_is_asked_and_none_that_only_watches() -> None:
    federal: Any = [
        Office(9, ("federal_requester_agency",)),
        Office(5, ("cjis_systems_agency",)),
        Office(8, ("federal_requester_agency",)),
    ]
    assert [one.pk for one in campaigning.group_of(get_kit("K1"), "US", ["dmv"], federal)] == [8, 9]
    assert campaigning.is_asked_one_by_one("US")
    assert not campaigning.is_asked_one_by_one("MD"), "Maryland's two control points are asked together"


OFFERED, OTHERS_OFFERED = Willing(frozenset({7})), Willing(frozenset({8, 9}))


@pytest.mark.parametrize(
    ("home", "willing", "signed", "missing", "may_sign", "may_be_given"),
    [
        pytest.param("TN", NOBODY, False, [], True, True, id="lives-there"),
        pytest.param("MD", OFFERED, False, [], True, True, id="offered-to-sign-there"),
        pytest.param("MD", OTHERS_OFFERED, False, ["needs_member"], False, True, id="writes-it-for-a-member"),
        pytest.param("MD", OTHERS_OFFERED, True, [], False, True, id="a-member-signed-it"),
        pytest.param("MD", NOBODY, True, [], False, False, id="signed-and-the-offer-taken-back-since"),
        pytest.param("MD", NOBODY, False, ["needs_resident"], False, False, id="nobody-offered"),
    ],
)
def test_who_may_sign_a_closed_state(
    home: str, willing: Willing, signed: bool, missing: list[str], may_sign: bool, may_be_given: bool
) -> None:
    person: Any = Somebody(home)
    target: Any = Target("TN", assignee=person)
    found = campaigning.standing_of(target, [GOOD], [], RESIDENTS, willing, member_signed=signed)[1]
    assert [one.value for one in found] == missing
    assert campaigning.may_sign(RESIDENTS, "TN", person, willing) is may_sign
    assert campaigning.may_be_given(RESIDENTS, "TN", person, willing) is may_be_given


@pytest.mark.parametrize(
    ("offers", "live_there", "words"),
    [
        pytest.param(2, 5, "2 members offered to sign in Tennessee.", id="two"),
        pytest.param(1, 0, "1 member offered to sign in Tennessee.", id="one"),
        pytest.param(
            0, 1, "Nobody has offered to sign in Tennessee yet; ask the member who lives there.", id="ask-one"
        ),
        pytest.param(
            0, 3, "Nobody has offered to sign in Tennessee yet; ask the 3 members who live there.", id="ask-three"
        ),
        pytest.param(
            0, 0, "Nobody has offered to sign in Tennessee yet, and no member lives there; ask around.", id="ask-around"
        ),
    ],
)
def test_offers_are_said_in_numbers(offers: int, live_there: int, words: str) -> None:
    row: Any = {"target": Target("TN"), "asks": (), "left_out": (), "standing": Standing.NEEDS_SIGNER, "missing": ()}
    assert Planned(**row, who_may_sign=RESIDENTS, offers=offers, live_there=live_there).willing_words == words
    assert Planned(**row, who_may_sign=ANYONE, offers=offers, live_there=live_there).willing_words == ""


@pytest.mark.parametrize("code", CODES)
def test_who_may_sign_follows_the_law_book(code: str) -> None:
    law = lawbook.statute_of(code).requester.residents_only
    expected = {True: RESIDENTS, False: ANYONE, None: WhoMaySign.UNSETTLED}[law]
    assert campaigning.who_may_sign(lawbook.statute_of(code), get_kit("K1"), {}) is expected


def test_an_exception_needs_its_sentence() -> None:
    tennessee, kit = lawbook.statute_of("TN"), get_kit("K1")
    assert campaigning.who_may_sign(tennessee, kit, {"standing": "exception"}) is RESIDENTS
    stated = {"standing": "exception", "residency_statement": "I ask as an example."}
    assert campaigning.who_may_sign(tennessee, kit, stated) is WhoMaySign.EXCEPTION


def test_answers_of_a_target_lie_over_the_shared_ones_and_nobodys_own_slips_in() -> None:
    shared = {"fee_limit_cents": 1000, "fmt": "pdf", "requester_name": "Somebody"}
    chosen = campaigning.choices_for(shared, {"fee_limit_cents": None, "postal_address": "Elsewhere"})
    assert (chosen.fee_limit_cents, chosen.fmt, chosen.requester_name, chosen.postal_address) == (None, "pdf", "", "")


# --- sharing out ------------------------------------------------------------------------------------------------------

CODE = st.sampled_from(["MD", "TN", "VA", "NY"])
NEEDS = st.lists(st.tuples(CODE, st.booleans()), max_size=30).map(
    lambda rows: [Need(number, code, closed) for number, (code, closed) in enumerate(rows)]
)
SIGNERS = st.lists(st.tuples(st.sampled_from(["", *STATES]) | CODE, st.integers(0, 20)), max_size=8).map(
    lambda rows: [Signer(number, home, load) for number, (home, load) in enumerate(rows)]
)


@given(needs=NEEDS, signers=SIGNERS)
def test_a_closed_state_goes_to_a_resident_or_to_nobody(needs: list[Need], signers: list[Signer]) -> None:
    homes = {one.person_id: one.home_state for one in signers}
    proposal = share_out(needs, signers)
    assert list(proposal) == [need.target_id for need in needs], "each target is answered for, in the order given"
    for need in needs:
        chosen = proposal[need.target_id]
        able = [one for one in signers if not need.residents_only or one.home_state == need.jurisdiction]
        assert (chosen is None) == (not able)
        if need.residents_only and chosen is not None:
            assert homes[chosen] == need.jurisdiction


def test_offers_to_sign_open_a_closed_state() -> None:
    far, offered = Signer(1, "MD", 0), Signer(2, "MD", 9)
    closed = Need(5, "TN", True, frozenset({2, 3}))
    assert share_out([closed], [far, offered]) == {5: 2}, "who offered comes first, whatever they have to do"
    assert share_out([closed], [far]) == {5: 1}, "somebody writes it for the member who offered"
    assert share_out([closed], []) == {5: None}
    assert share_out([Need(5, "TN", True)], [far]) == {5: None}, "nobody offered"


@given(needs=NEEDS, homes=st.lists(CODE, min_size=1, max_size=5))
def test_open_states_are_shared_evenly(needs: list[Need], homes: list[str]) -> None:
    open_needs = [Need(need.target_id, "WA", False) for need in needs]  # nobody is at home there
    proposal = share_out(open_needs, [Signer(number, home, 0) for number, home in enumerate(homes)])
    loads = [list(proposal.values()).count(number) for number in range(len(homes))]
    assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize(
    ("loads", "chosen"),
    [
        pytest.param({"TN": 0, "MD": 0}, "TN", id="at-home-first"),
        pytest.param({"MD": 0, "TN": 2}, "MD", id="two-letters-weigh-as-much-as-a-home-and-the-first-wins"),
        pytest.param({"MD": 1, "TN": 2}, "TN", id="one-letter-weighs-less"),
    ],
)
def test_home_weighs_two_letters(loads: dict[str, int], chosen: str) -> None:
    signers = [Signer(number, home, load) for number, (home, load) in enumerate(loads.items())]
    found = share_out([Need(1, "TN", False)], signers)[1]
    assert list(loads)[found or 0] == chosen


def test_a_closed_state_has_its_resident_before_an_open_one_takes_them() -> None:
    vic = Signer(1, "TN", 0)
    needs = [Need(1, "WA", False), Need(2, "TN", True)]
    assert share_out(needs, [vic, Signer(2, "MD", 1)]) == {1: 1, 2: 1}
    assert share_out([*needs, Need(3, "WA", False)], [vic, Signer(2, "MD", 0)])[1] == 2
