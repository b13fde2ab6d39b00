"""Every table that holds something of people has a clock, and is disclosed or says why not (仕様書 6)."""

from dataclasses import fields
from datetime import date

import pytest
from support.models import MODELS

from madoguchi.contract.rules import BookingRules
from madoguchi.reservations.actions import ReservationAction
from madoguchi.reservations.models import Applicant
from madoguchi.reservations.people import Details, Person
from madoguchi.reservations.personal_data import EMPTY
from madoguchi.retention.actions import RetentionAction
from madoguchi.retention.labels import ACTION_LABELS
from madoguchi.retention.rules import DISCLOSED, ENDS, RETENTION_RULES
from madoguchi.workflows.privacy import disclosure

OF_PEOPLE = [model for model in MODELS if model.privacy.sealed or model.privacy.hashed]
COUNTED = {table for each in RETENTION_RULES for table in each.tables}


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model._meta.label)
def test_a_table_with_sealed_or_hashed_columns_has_a_clock(model):
    assert model._meta.label in COUNTED, "add it to RETENTION_RULES in retention/rules.py"


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model._meta.label)
def test_a_table_with_sealed_or_hashed_columns_is_disclosed_or_says_why_not(model):
    assert model._meta.label in DISCLOSED, "add it to DISCLOSED in retention/rules.py, and to the file"


def test_no_clock_counts_what_is_not_there():
    labels = {model._meta.label for model in OF_PEOPLE}
    assert labels >= COUNTED
    assert set(DISCLOSED) == labels


def test_every_clock_can_be_read_and_says_who_ends_it():
    assert all("{" not in each.words(BookingRules()) and each.basis for each in RETENTION_RULES)
    assert {each.ends_by for each in RETENTION_RULES} == set(ENDS)


def test_every_action_in_the_trail_of_a_booking_has_a_word():
    assert set(ACTION_LABELS) == {*ReservationAction, *RetentionAction}


def test_every_field_of_a_person_is_in_the_file(db):
    words = {field.name: f"<{field.name}>" for field in fields(Details)}
    lists = {name: (words[name],) for name in ("unknown_pins", "changes", "needs")}
    given = {field.name: f"<{field.name}>" for field in fields(Person)} | {
        "birth_date": date(1950, 4, 1),
        "phone": "09000005678",
        "details": Details(**words | lists),
    }
    told = " ".join(text for _, text in disclosure.facts_of(Person(**given)))
    expected = {f"<{name}>" for name in {*words, *given} - {"birth_date", "phone", "details"}}
    assert {each for each in expected if each not in told} == set()
    assert "昭和25年4月1日" in told
    assert "090-0000-5678" in told


def test_an_erased_applicant_keeps_no_sealed_and_no_hashed_column():
    mine = {*Applicant.privacy.sealed, *Applicant.privacy.hashed}
    assert mine <= set(EMPTY)
    checks = {check.name: str(check.condition) for check in Applicant._meta.constraints}
    empty = checks["reservations_applicant_is_empty_once_erased"]
    assert {name for name in mine if f"'{name}" not in empty} == set()
