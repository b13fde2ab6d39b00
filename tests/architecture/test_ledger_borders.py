"""Model instances never leave their ledger: what the rooms above receive and pass are frozen rows and ids."""

import ast
import dataclasses
import importlib
import inspect
import types
import typing
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Manager, Model, QuerySet

ROOT = Path(__file__).parents[2]
ABOVE = ("workflows", "panels", "sites")
LEDGERS = {config.name for config in apps.get_app_configs() if config.name.startswith("madoguchi.")} - {
    config.name for config in apps.get_app_configs() if config.name.split(".")[1:2] and
    config.name.split(".")[1] in (*ABOVE, "web", "config")
}  # fmt: skip
MODULES = sorted(path for room in ABOVE for path in (ROOT / "madoguchi" / room).rglob("*.py"))


def ledger_of(module):
    return next((each for each in LEDGERS if module == each or module.startswith(f"{each}.")), None)


def used_by(path):
    """Yield what a module uses of ledgers: functions and classes, by where they come from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.ImportFrom) and node.module and ledger_of(node.module)):
            continue
        source = importlib.import_module(node.module)
        for alias in node.names:
            found = getattr(source, alias.name, None)
            if found is None:
                found = importlib.import_module(f"{node.module}.{alias.name}")
            if isinstance(found, types.ModuleType):
                modules[alias.asname or alias.name] = found
            else:
                yield found
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield getattr(modules[node.value.id], node.attr)


def models_in(hint):
    """Return the classes of models in an annotation, however deep."""
    if isinstance(hint, type) and issubclass(hint, Model | QuerySet | Manager):
        # Who is signed in: Django hands it to every page, and its own login takes it back.
        return set() if hint is get_user_model() else {hint.__name__}
    return {name for part in typing.get_args(hint) for name in models_in(part)}


def hints_of(used):
    """Return the annotations of a function, or of a class's fields and public methods."""
    used = inspect.unwrap(used) if callable(used) else used
    if inspect.isfunction(used):
        return list(typing.get_type_hints(used).values())
    if not (isinstance(used, type) and dataclasses.is_dataclass(used)):
        return []
    methods = [each.fget if isinstance(each, property) else each for each in vars(used).values()]
    return [
        *typing.get_type_hints(used).values(),
        *(
            hint
            for each in methods
            if inspect.isfunction(each)
            for hint in typing.get_type_hints(each).values()
        ),
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "madoguchi")))
def test_nothing_of_a_ledger_that_is_used_above_it_takes_or_gives_a_model(path):
    handed = {
        getattr(used, "__qualname__", str(used)): names
        for used in used_by(path)
        for names in [{name for hint in hints_of(used) for name in models_in(hint)}]
        if names
    }
    assert handed == {}


@pytest.mark.parametrize("ledger", sorted(LEDGERS))
@pytest.mark.parametrize("room", ["services", "selectors"])
def test_selectors_and_services_are_annotated_with_no_model(ledger, room):
    """Sealing gives its keys to the ledgers, which is what it is for."""
    if ledger == "madoguchi.sealing" or not (ROOT / ledger.replace(".", "/") / f"{room}.py").exists():
        return
    module = importlib.import_module(f"{ledger}.{room}")
    public = [
        each
        for name, each in vars(module).items()
        if not name.startswith("_") and getattr(each, "__module__", None) == module.__name__
    ]
    assert [each.__name__ for each in public for hint in hints_of(each) if models_in(hint)] == []


@dataclasses.dataclass
class _Leak:
    """A row that hides a model deep in its fields."""

    rows: "dict[str, list[Model | None]]"


def test_a_model_deep_in_an_annotation_is_found():
    assert [models_in(hint) for hint in hints_of(_Leak)] == [{"Model"}, {"Model"}, set()]
