"""Reply addresses: made, written, read back exactly, and read as a person may have typed them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing.reply_addresses import (
    ALPHABET,
    LENGTH,
    AddressForm,
    WrittenToken,
    as_retyped,
    as_written,
    check_characters,
    is_same,
    is_same_retyped,
    local_part,
    looks_like_token,
    message_id_mark,
    new_token,
    reply_address,
    written,
)

PLUS = AddressForm("replies", "mail.example.org")
CATCH_ALL = AddressForm("replies", "replies.example.org", catch_all=True)
TOKEN = written("k7m2q94cdp0x3wfh6ty1" + check_characters("k7m2q94cdp0x3wfh6ty1"))
letters = st.text(st.sampled_from(ALPHABET), min_size=20, max_size=20)


def test_a_token_has_97_bits_a_check_and_no_look_alikes():
    token = new_token()
    assert len(token.replace("-", "")) == LENGTH == 22
    assert len(ALPHABET) ** 20 > 2**97 and len(set(ALPHABET)) == 29
    assert not set(token) & set("ilosuzb")
    assert len({new_token() for _time in range(1_000)}) == 1_000
    assert new_token(random.Random(1).choice) == new_token(random.Random(1).choice)


@pytest.mark.parametrize("form", [PLUS, CATCH_ALL], ids=["plus", "catch-all"])
@given(letters)
def test_what_we_write_we_read(form: AddressForm, random_part: str):
    token = written(random_part + check_characters(random_part))
    address = reply_address("MD-2026-0007", token, form)
    assert len(address.rpartition("@")[0]) <= 64 and "2026" not in address.replace(token, "")
    for typed in (address, address.upper(), f"<{address}>", f" {address}"):
        local, domain = local_part(typed)
        assert domain == form.domain
        assert as_written(local) == WrittenToken(token) and token.startswith(WrittenToken(token).key)


def test_a_short_token_stands_behind_its_reference_in_either_form():
    assert reply_address("MD-2026-0007", "k3v9x2ab", PLUS) == "replies+md-2026-0007-k3v9x2ab@mail.example.org"
    assert reply_address("MD-2026-0007", "k3v9x2ab", CATCH_ALL) == "md-2026-0007-k3v9x2ab@replies.example.org"
    for form in (PLUS, CATCH_ALL):
        read = as_written(local_part(reply_address("MD-2026-0007", "k3v9x2ab", form))[0])
        assert read == WrittenToken("k3v9x2ab", "MD-2026-0007") and read.key == "MD-2026-0007"


def test_the_house_itself_has_an_address_that_names_no_request():
    assert PLUS.general == "replies@mail.example.org"
    assert as_written("replies") is None and not looks_like_token("replies", PLUS)


@pytest.mark.parametrize(
    ("local", "how"),
    [
        pytest.param(f"replies+{TOKEN}", "exact", id="as-written"),
        pytest.param(f"REPLIES+{TOKEN.upper()}", "exact", id="upper-case"),
        pytest.param(TOKEN, "exact", id="without-the-mailbox"),
        pytest.param(f"someone+{TOKEN}", "exact", id="behind-another-mailbox"),
        pytest.param(f"replies+{TOKEN.replace('-', '')}", "retyped", id="lost-dashes"),
        pytest.param(f"replies+{TOKEN.replace('1', 'l')}", "retyped", id="l-for-1"),
        pytest.param(f"replies+{TOKEN.replace('1', 'I')}", "retyped", id="I-for-1"),
        pytest.param(f"replies+{TOKEN.replace('0', 'O')}", "retyped", id="O-for-0"),
        pytest.param(f"replies+{TOKEN.replace('2', 'z')}", "retyped", id="z-for-2"),
        pytest.param(f"replies{TOKEN}", "retyped", id="lost-plus"),
        pytest.param(f"replies-{TOKEN}", "retyped", id="dash-for-plus"),
        pytest.param(f"rep1ies {TOKEN}", "retyped", id="slip-in-the-mailbox"),
        pytest.param(f"replies+{TOKEN[:5]}.{TOKEN[6:]}", "retyped", id="dot-for-dash"),
        pytest.param(f"replies+{TOKEN[:-1]}", "like-one", id="last-character-lost"),
        pytest.param(f"replies+{TOKEN.replace('k', 'm')}", "like-one", id="wrong-character"),
        pytest.param(f"replies+{TOKEN}x", "like-one", id="one-too-many"),
        pytest.param("replies+md-2026-007", "like-one", id="a-reference-with-a-digit-lost"),
        pytest.param("replies", "none", id="no-token"),
        pytest.param("replies+news", "none", id="a-word"),
        pytest.param("public.information.office", "none", id="an-office"),
        pytest.param("foia2026", "none", id="a-year"),
        pytest.param("", "none", id="nothing"),
    ],
)
def test_addresses_as_people_type_them(local: str, how: str):
    assert (as_written(local) == WrittenToken(TOKEN)) is (how == "exact")
    if how == "retyped":
        assert list(as_retyped(local, PLUS)) == [WrittenToken(TOKEN)]
    if how == "like-one":
        assert WrittenToken(TOKEN) not in as_retyped(local, PLUS)
    assert (as_written(local) is not None or looks_like_token(local, PLUS)) is (how != "none")


def test_a_short_token_is_read_with_its_slips():
    found = list(as_retyped("replies+1L-2o26-oo1o-2s5fj2wt", PLUS))
    assert [one.reference for one in found][:2] == ["IL-2026-0010", "LL-2026-0010"]
    assert is_same_retyped(found[0].token, "zs5fj2wt") and not is_same(found[0].token, "zs5fj2wt")
    assert not is_same_retyped(found[0].token, "zs5fj2wa")


@given(letters, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(random_part: str, place: int, wrong: str):
    changed = random_part[:place] + wrong + random_part[place + 1 :]
    assert (check_characters(changed) == check_characters(random_part)) == (changed == random_part)


@given(letters, st.integers(0, 18))
def test_every_two_characters_that_changed_places_are_noticed(random_part: str, place: int):
    changed = random_part[:place] + random_part[place + 1] + random_part[place] + random_part[place + 2 :]
    assert (check_characters(changed) == check_characters(random_part)) == (changed == random_part)


def test_a_message_id_does_not_give_the_token_away():
    mark = message_id_mark(TOKEN)
    assert len(mark) == 20 and mark == message_id_mark(TOKEN) != message_id_mark("k3v9x2ab")
    assert TOKEN[:5] not in mark


@given(st.text(max_size=300), st.sampled_from([PLUS, CATCH_ALL, AddressForm("", "x.example")]))
def test_any_address_can_be_asked(typed: str, form: AddressForm):
    local, _domain = local_part(f"{typed}@mail.example.org")
    as_written(local)
    list(as_retyped(local, form))
    looks_like_token(local, form)
    assert is_same(typed, typed) and is_same_retyped(typed, typed)


def test_lone_surrogates_and_zero_bytes_harm_nothing():
    for sign in ("\ud800", "\x00", "\udcff"):
        local, _domain = local_part(f"replies+{sign}{TOKEN}@mail.example.org")
        assert as_written(local) is None
        list(as_retyped(local, PLUS))
        assert not is_same(sign, TOKEN) and not is_same_retyped(sign, TOKEN)
