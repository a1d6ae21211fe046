"""Sealed values: unreadable in the database, unchanged in Python, never a guess."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from requests_app.people.models import Person
from requests_app.people.sealed import SealedJSONField, SealedValueLost, seal, unseal
from tests.people.cast import make_person


@given(st.text())
def test_what_was_sealed_comes_back(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate is no text that a form can send
        return
    assert unseal(seal(text)) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_a_sealed_document_keeps_its_types(value: Any) -> None:
    field = SealedJSONField()
    assert field.from_db_value(field.get_prep_value(value), None, connection) == value


@pytest.mark.django_db
def test_the_database_holds_no_name_and_no_address() -> None:
    person = make_person("alice", legal_name="Alice Liddell", postal_address="1 Example Street", phone="555-0100")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_person")
        stored = " ".join(str(cell) for row in cursor.fetchall() for cell in row)
    assert "Liddell" not in stored
    assert "Example Street" not in stored
    assert "555-0100" not in stored
    again = Person.objects.get(pk=person.pk)
    assert (again.legal_name, again.postal_address) == ("Alice Liddell", "1 Example Street")


@pytest.mark.django_db
def test_nothing_given_stays_nothing() -> None:
    assert Person.objects.get(pk=make_person("alice").pk).legal_name == ""


def test_another_salt_key_is_an_error_and_never_a_scrambled_name(settings: Any) -> None:
    sealed = seal("Alice Liddell")
    settings.SALT_KEY = "another"
    with pytest.raises(SealedValueLost, match="SALT_KEY"):
        unseal(sealed)


def test_the_secret_key_can_change_without_losing_a_name(settings: Any) -> None:
    sealed = seal("Alice Liddell")
    settings.SECRET_KEY = "another, longer than the first, and as random as one can type"
    assert unseal(sealed) == "Alice Liddell"
