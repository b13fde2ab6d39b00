"""Whatever gives people asks whose: a keyword `scope` without default, or a door named with its reason."""

import importlib
import inspect
import uuid
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import pytest
from support.imports import HOUSE, house
from support.people import HANAKO
from support.secretariat import book

from madoguchi.accounts.scope import BY_OWN_SECRET, EVERYWHERE, PeopleScope
from madoguchi.common.errors import NotVisible
from madoguchi.reservations import selectors
from madoguchi.reservations.search import Search, search_all

READERS = ("selectors", "search", "waiting", "disruption_lists", "exports", "personal_data")
LEDGERS = ("reservations",)
PERSONAL = {"name", "name_kana", "phone", "email", "person", "reference", "link_token"}
# Functions that hand out one value of a person instead of a row.
BARE = {"phone_of", "phones_of", "references_of", "reservation_by_reference"}
# Reasons: SECRET, who asks shows it; DISCLOSURE, all that is held on one person, wherever (仕様書 6);
# ACT, a change by somebody who was shown the person before; PART, asked by the functions above only.
DOORS = {
    "visit": "SECRET: a reference, and the partner's own bookings only (workflows.booking.partners)",
    "wait_of": "SECRET: the link",
    "reservations_of_person": "DISCLOSURE",
    "waiting_entries_of_person": "DISCLOSURE",
    "held_on": "DISCLOSURE",
    "enter": "ACT",
    "pass_offer": "ACT",
    "leave": "ACT",
    "list_rows": "PART: takes the query of one of these",
}


def types_in(annotation) -> Iterator[object]:
    """Yield the classes in an annotation, and those in the fields of its dataclasses."""
    if isinstance(annotation, UnionType) or get_origin(annotation):
        for part in get_args(annotation):
            yield from types_in(part)
        return
    yield annotation
    if is_dataclass(annotation):
        hints = get_type_hints(annotation)
        for field in fields(annotation):
            yield from types_in(hints[field.name])


def gives_people(function):
    rows = [each for each in types_in(inspect.signature(function, eval_str=True).return_annotation)
            if is_dataclass(each)]  # fmt: skip
    return function.__name__ in BARE or any({field.name for field in fields(row)} & PERSONAL for row in rows)


def readers():
    """Yield the public functions of the modules that read people."""
    for module in (f"{HOUSE}.{ledger}.{name}" for ledger in LEDGERS for name in READERS):
        if module in house().modules:
            for name, function in inspect.getmembers(importlib.import_module(module), inspect.isfunction):
                if function.__module__ == module and not name.startswith("_") and gives_people(function):
                    yield pytest.param(function, id=f"{module}.{name}")


@pytest.mark.parametrize("function", list(readers()))
def test_every_reader_that_returns_people_takes_a_scope(function):
    scope = inspect.signature(function, eval_str=True).parameters.get("scope")
    if function.__name__ in DOORS:
        assert scope is None, "it asks: take it off the list"
    else:
        assert scope is not None
        assert (scope.kind, scope.default, scope.annotation) == (scope.KEYWORD_ONLY, scope.empty, PeopleScope)


def test_the_people_of_a_row_within_a_row_count():
    def calls() -> list[selectors.CallRow] | None: ...

    def days() -> dict[date, int]: ...

    assert gives_people(calls)
    assert not gives_people(days)


@pytest.mark.usefixtures("city")
def test_a_scope_gives_its_own_people_only():
    made = book(replace(HANAKO, ward_code="401307"))
    row = selectors.reservation(made.id, scope=EVERYWHERE)
    own, other = PeopleScope.of_offices([row.office]), PeopleScope.of_offices(["HM09"])
    ward, elsewhere = PeopleScope.of_wards([row.person.ward_code]), PeopleScope.of_wards(["999999"])
    for scope in (own, ward, EVERYWHERE, BY_OWN_SECRET):
        assert selectors.reservation(row.id, scope=scope).id == row.id
        assert [each.id for each in search_all(Search(), scope=scope)] == [row.id]
        assert selectors.references_of([row.id], scope=scope) == {row.id: row.reference}
    for scope in (other, elsewhere, PeopleScope(), PeopleScope.of_offices([]), PeopleScope.of_wards([""])):
        for give in (selectors.reservation, selectors.phone_of, selectors.visit_of):
            with pytest.raises(NotVisible):
                give(row.id, scope=scope)
        with pytest.raises(NotVisible):
            selectors.reservation_by_reference(row.reference, scope=scope)
        assert search_all(Search(), scope=scope) == []
        assert selectors.phones_of([row.id, uuid.uuid4()], scope=scope) == {}
