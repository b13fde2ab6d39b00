"""What a docstring says is raised is a class that its module knows, or another error of the house."""

import ast
import builtins
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from support.imports import HOUSE, house

# One sentence; a module within it is in backticks: "Raises NotEmpty and what stands in `backups.errors`."
SENTENCE = re.compile(r"\b[Rr]aises?\b((?:[^.`]|`[^`]*`)*)")
NAME = re.compile(r"\b[A-Z][a-z]\w*\b(?!-)")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def raised(docstring):
    """Return the names of what a docstring says is raised."""
    before_its_examples = docstring.partition(">>>")[0]
    sentences = SENTENCE.findall(" ".join(before_its_examples.split()))
    return {name for says in sentences for name in NAME.findall(re.sub(r"`[^`]*`", "", says))}


@cache
def errors_of_the_house():
    """Return the names of all classes of the house that can be raised."""
    modules = [importlib.import_module(name) for name in house().modules if ".migrations" not in name]
    return {
        name
        for module in modules
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Exception)
    }


def documented_modules():
    """Return the modules whose docstrings say what is raised, with the names."""
    for name in sorted(house().modules):
        if ".migrations" in name:
            continue
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        texts = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source))
                 if isinstance(node, DOCUMENTED)]  # fmt: skip
        if names := set().union(*map(raised, texts)):
            yield pytest.param(name, names, id=name.removeprefix(f"{HOUSE}."))


@pytest.mark.parametrize(("module", "names"), list(documented_modules()))
def test_what_a_docstring_says_is_raised_is_a_class(module, names):
    known = {**vars(builtins), **vars(importlib.import_module(module))}
    classes = {name for name, value in known.items() if inspect.isclass(value)} | errors_of_the_house()
    assert sorted(names - classes - {"None"}) == []


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        ("Book it. Raises SlotFull, Paused and NotEligible; then nothing changed.", None),
        ("Hold it.\n\nRaises SlotFull when no\nseat is left, Paused, and NotEligible.", None),
        ("Hand it over; raise SlotFull on one, Paused or NotEligible on another. Then Nothing.", None),
        ("Restore. Raises NotEmpty and what stands in `Backups.errors`.", {"NotEmpty"}),
        ("Find it. Raises NotVisible when no mail has this Message-ID.", {"NotVisible"}),
        ("Nothing is said.", set()),
    ],
)
def test_the_sentence_is_read_as_it_is_written(docstring, names):
    assert raised(docstring) == ({"SlotFull", "Paused", "NotEligible"} if names is None else names)
