"""Reply tokens: made, written, read back exactly, and read as a person may have typed them, but never guessed twice."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.parsing import AddressForm, Reading, new_token, read_tokens, reply_address
from requests_app.correspondence.parsing.tokens import ALPHABET, LENGTH, check_characters, written

PLUS = AddressForm("mail.example.org", mailbox="replies")
CATCH_ALL = AddressForm("replies.example.org")
TOKEN = written("k7m2q94cdp0x3wfh6ty1" + check_characters("k7m2q94cdp0x3wfh6ty1"))
OTHER = written("a" * 20 + check_characters("a" * 20))
letters = st.text(st.sampled_from(ALPHABET), min_size=20, max_size=20)


def known(token: str) -> bool:
    return token in (TOKEN, OTHER)


def test_a_token_has_97_bits_a_check_and_no_look_alikes():
    token = new_token()
    assert len(token.replace("-", "")) == LENGTH == 22
    assert not set(token) & set("ilosuzb")
    assert len({new_token() for _time in range(1_000)}) == 1_000
    assert new_token(random.Random(1).choice) == new_token(random.Random(1).choice)


@pytest.mark.parametrize("form", [PLUS, CATCH_ALL], ids=["plus", "catch-all"])
@given(letters)
def test_what_we_write_we_read(form, random_part):
    token = written(random_part + check_characters(random_part))
    address = reply_address(token, form)
    assert len(address.rpartition("@")[0]) <= 64
    assert read_tokens([address], form, lambda one: one == token) == Reading((token,), "exact")
    assert read_tokens([address.upper()], form, lambda one: one == token) == Reading((token,), "exact")
    assert read_tokens([address], form, lambda _one: False) == Reading((), "none")


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        pytest.param(f"replies+{TOKEN}@mail.example.org", "exact", id="as-written"),
        pytest.param(f"REPLIES+{TOKEN.upper()}@MAIL.EXAMPLE.ORG", "exact", id="upper-case"),
        pytest.param(f"replies+{TOKEN.replace('-', '')}@mail.example.org", "retyped", id="lost-dashes"),
        pytest.param(f"replies+{TOKEN.replace('1', 'l')}@mail.example.org", "retyped", id="l-for-1"),
        pytest.param(f"replies+{TOKEN.replace('1', 'I')}@mail.example.org", "retyped", id="I-for-1"),
        pytest.param(f"replies+{TOKEN.replace('0', 'O')}@mail.example.org", "retyped", id="O-for-0"),
        pytest.param(f"replies+{TOKEN.replace('2', 'z')}@mail.example.org", "retyped", id="z-for-2"),
        pytest.param(f"replies{TOKEN}@mail.example.org", "retyped", id="lost-plus"),
        pytest.param(f"replies-{TOKEN}@mail.example.org", "retyped", id="dash-for-plus"),
        pytest.param(f"replies+{TOKEN[:5]}.{TOKEN[6:]}@mail.example.org", "retyped", id="dot-for-dash"),
        pytest.param(f"replies+{TOKEN[:-1]}@mail.example.org", "none", id="last-character-lost"),
        pytest.param(f"replies+{TOKEN.replace('k', 'm')}@mail.example.org", "none", id="wrong-character"),
        pytest.param(f"replies+{TOKEN}@other.example.org", "none", id="another-domain"),
        pytest.param(f"someone+{TOKEN}@mail.example.org", "none", id="another-mailbox"),
        pytest.param("replies@mail.example.org", "none", id="no-token"),
        pytest.param("", "none", id="nothing"),
    ],
)
def test_addresses_as_people_type_them(typed, how):
    found = read_tokens([typed], PLUS, known)
    assert found.how == how
    assert found.tokens == ((TOKEN,) if how != "none" else ())


def test_one_mail_can_answer_several_requests_exactly():
    both = [reply_address(TOKEN, PLUS), reply_address(OTHER, PLUS), reply_address(TOKEN, PLUS)]
    assert read_tokens(both, PLUS, known) == Reading((TOKEN, OTHER), "exact")


def test_two_guesses_are_none():
    retyped = [reply_address(one.replace("-", ""), PLUS) for one in (TOKEN, OTHER)]
    assert read_tokens(retyped[:1], PLUS, known).how == "retyped"
    assert read_tokens(retyped, PLUS, known) == Reading((), "none")


def test_a_guess_is_not_made_beside_an_exact_token():
    addresses = [reply_address(TOKEN.replace("-", ""), PLUS), reply_address(OTHER, PLUS)]
    assert read_tokens(addresses, PLUS, known) == Reading((OTHER,), "exact")


def test_a_guess_must_be_known():
    assert read_tokens([reply_address(TOKEN.replace("-", ""), PLUS)], PLUS, lambda _one: False).how == "none"


def test_only_well_formed_tokens_are_asked_about():
    asked: list[str] = []

    def ask(token: str) -> bool:
        asked.append(token)
        return False

    read_tokens(["replies+guess@mail.example.org", "x@y.example", f"replies+{'a' * 22}@mail.example.org"], PLUS, ask)
    assert asked == []


@given(letters, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(random_part, place, wrong):
    changed = random_part[:place] + wrong + random_part[place + 1 :]
    assert (check_characters(changed) == check_characters(random_part)) == (changed == random_part)


@given(letters, st.integers(0, 18))
def test_every_two_characters_that_changed_places_are_noticed(random_part, place):
    changed = random_part[:place] + random_part[place + 1] + random_part[place] + random_part[place + 2 :]
    assert (check_characters(changed) == check_characters(random_part)) == (changed == random_part)


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_addresses_can_be_asked(addresses):
    read_tokens([*addresses, *(f"{one}@mail.example.org" for one in addresses)], PLUS, lambda _one: True)
