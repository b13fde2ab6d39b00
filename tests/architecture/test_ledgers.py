"""What every ledger owes: its parts, refusals and audit words in their places, rows not models, a backup.

With people in it also `erase` and `held_on`, which are called. Privacy classes of columns are asked for in
test_models.py, retention and what is disclosed of a table in test_retention.py, the layer in pyproject.toml
(import-linter, exhaustive); that nothing sealed is left behind or left out, in test_every_sealed_column.py.
"""

import importlib
import inspect
import re
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

import pytest
from django.conf import settings
from django.db.models import Model
from support.imports import HOUSE, ROOT, house, layers, modules_of, packages
from support.models import MODELS

from madoguchi.backups.kinds import Part
from madoguchi.backups.postgres import DUMP, KEYS_TABLE
from madoguchi.common.errors import Refusal
from madoguchi.sealing.models import PersonKey

WITH_TABLES = sorted({model._meta.app_label for model in MODELS})
GROUND = {"backups", "vault", "audit", "rendering", "sealing", "rate_limits", "kept_forms", "common"}
LEDGERS = sorted(set(WITH_TABLES) - GROUND)
# `retention` erases the others' people; the one file that it keeps sealed itself is gone within a day.
WITH_PEOPLE = sorted(
    {model._meta.app_label for model in MODELS if model.privacy.sealed} & {*LEDGERS} - {"retention"}
)
CALLED_BY = {"erase": "retention/services.py", "held_on": "workflows/privacy/disclosure.py"}
WORDS = re.compile(r"(\w+)\.\w+\.\w+")


def modules(package):
    """Return the modules of a package, loaded, but for commands and migrations."""
    names = modules_of(house(), package)
    return [
        importlib.import_module(name)
        for name in sorted(names)
        if ".migrations" not in name and ".management" not in name
    ]


def classes(package, kind):
    """Return the subclasses of a class that a package defines, with the part of it they stand in."""
    return {
        value: module.__name__.split(".")[2] if module.__name__.count(".") > 1 else ""
        for module in modules(package)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, kind) and value.__module__ == module.__name__
    }


def actions(package):
    return [each for each in classes(package, Enum) if each.__name__.endswith("Action")]


def types_in(annotation):
    """Yield the classes an annotation is made of: `list[Row] | None` gives list, Row and None."""
    if isinstance(annotation, UnionType) or get_origin(annotation):
        yield get_origin(annotation)
        for part in get_args(annotation):
            yield from types_in(part)
    else:
        yield annotation


def test_what_has_tables_is_a_package_of_the_house_and_an_app():
    assert set(WITH_TABLES) <= packages(house()) & {name for layer in layers() for name in layer}
    assert {f"{HOUSE}.{name}" for name in WITH_TABLES} <= set(settings.FIRST_PARTY_APPS)


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_ledger_has_its_parts(ledger):
    there = {module.__name__.split(".")[2] for module in modules(ledger) if module.__name__.count(".") > 1}
    assert {"models", "services", "selectors", "errors", "actions", "kinds"} - there == set()


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_refusal_stands_in_the_errors_of_its_ledger(ledger):
    assert {each for each, place in classes(ledger, Refusal).items() if place != "errors"} == set()


@pytest.mark.parametrize("package", WITH_TABLES)
def test_models_stand_in_models_and_enumerations_do_not(package):
    assert {each for each, place in classes(package, Model).items() if place != "models"} == set()
    assert {each for each, place in classes(package, Enum).items() if place == "models"} == set()


@pytest.mark.parametrize("package", WITH_TABLES)
def test_selectors_return_rows_and_never_models(package):
    found = {
        f"{module.__name__}.{name}"
        for module in modules(package)
        if module.__name__.endswith(".selectors")
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        for each in types_in(inspect.signature(function, eval_str=True).return_annotation)
        if isinstance(each, type) and issubclass(each, Model)
    }
    assert found == set()


def test_audit_words_are_three_used_once_and_begin_with_a_package():
    every = [word for package in WITH_TABLES for kind in actions(package) for word in kind]
    values = [word.value for word in every]
    assert sorted(values) == sorted(set(values))
    firsts = {value: match[1] if (match := WORDS.fullmatch(value)) else "" for value in values}
    assert {value for value, first in firsts.items() if first not in packages(house())} == set()


@pytest.mark.parametrize("ledger", LEDGERS)
def test_audit_words_stand_in_actions(ledger):
    assert {each.__module__ for each in actions(ledger)} == {f"{HOUSE}.{ledger}.actions"}


@pytest.mark.parametrize("name", CALLED_BY)
@pytest.mark.parametrize("ledger", WITH_PEOPLE)
def test_a_ledger_with_people_erases_and_discloses_them_and_is_called_for_both(ledger, name):
    module = importlib.import_module(f"{HOUSE}.{ledger}.personal_data")
    assert getattr(module, name).__module__ == module.__name__
    caller = (Path(ROOT) / HOUSE / CALLED_BY[name]).read_text(encoding="utf-8")
    assert f"from {HOUSE}.{ledger} import personal_data as {ledger}\n" in caller
    assert f" {ledger}.{name}(" in caller


@pytest.mark.parametrize("package", WITH_TABLES)
def test_what_must_always_hold_is_checked_by_a_workflow(package):
    name = f"{HOUSE}.{package}.invariants"
    if name in house().modules:
        askers = house().find_modules_that_directly_import(name)
        assert any(asker.startswith(f"{HOUSE}.workflows.operations") for asker in askers)


def test_every_table_is_in_one_part_of_the_backup():
    assert PersonKey._meta.db_table == KEYS_TABLE
    assert {
        Part.DATA: (f"--exclude-table-data={KEYS_TABLE}",),
        Part.KEYS: ("--data-only", f"--table={KEYS_TABLE}"),
    } == DUMP


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_ledger_has_a_line_in_where(ledger):
    assert f"`madoguchi/{ledger}/" in (Path(ROOT) / "docs" / "where.md").read_text(encoding="utf-8")
