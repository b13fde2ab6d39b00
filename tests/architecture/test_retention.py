"""Every table that holds something of people has a clock, and is disclosed or says why not (R193)."""

import pytest
from test_models import MODELS

from madoguchi.contract.rules import BookingRules
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.words import ACTIONS
from madoguchi.workflows.disclosure import SOURCES
from madoguchi.workflows.retention import CLOCKS, ENDS

OF_PEOPLE = [model for model in MODELS if model.privacy.sealed or model.privacy.hashed]
COUNTED = {table for each in CLOCKS for table in each.tables}


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model._meta.label)
def test_a_table_with_sealed_or_hashed_columns_has_a_clock(model):
    assert model._meta.label in COUNTED, "add it to CLOCKS in workflows/retention.py"


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model._meta.label)
def test_a_table_with_sealed_or_hashed_columns_is_disclosed_or_says_why_not(model):
    assert model._meta.label in SOURCES, "add it to SOURCES in workflows/disclosure.py, and to the file"


def test_no_clock_counts_what_is_not_there():
    labels = {model._meta.label for model in OF_PEOPLE}
    assert labels >= COUNTED
    assert set(SOURCES) == labels


def test_every_clock_can_be_read_and_says_who_ends_it():
    assert all("{" not in each.words(BookingRules()) and each.basis for each in CLOCKS)
    assert {each.ends_by for each in CLOCKS} == set(ENDS)


def test_every_action_in_the_trail_of_a_booking_has_a_word():
    assert set(ACTIONS) == set(ReservationAction)
