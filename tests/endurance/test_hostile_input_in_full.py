"""Every hostile value in every field; the ordinary suite takes a third of them for each."""

from __future__ import annotations

import pytest

from tests.test_hostile_input import ask_every_form
from tests.test_permissions import House, house

__all__ = ["house"]  # the fixture, used by name

pytestmark = [pytest.mark.django_db, pytest.mark.endurance]


def test_every_field_of_every_form_with_every_value(house: House) -> None:
    ask_every_form(house, every=1)
