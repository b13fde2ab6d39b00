"""The examples in the docstrings are true."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from madoguchi import common

MODULES = [module.name for module in iter_modules(common.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    assert doctest.testmod(import_module(f"madoguchi.common.{name}")).failed == 0


def test_there_are_examples():
    assert sum(doctest.testmod(import_module(f"madoguchi.common.{name}")).attempted for name in MODULES) > 15
