"""docs/where.md leads from each clause to a module that cites it and to a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLAUSE = r"\d+(?:\(\d+\))?[ア-ン]?(?:\([ア-ン]\))?"
# 仕様書 4(3)ア, 4(5)ウ 持参物: several clauses, and perhaps their words.
CITED = re.compile(rf"仕様書 ((?:{CLAUSE}(?: [^,，()（）.。]*)?(?:, )?)+)")


def rows():
    """Yield clause, modules and tests of each line of the tables."""
    for line in (ROOT / "docs" / "where.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(CLAUSE, cells[0]):
            _clause, words, modules, tests = cells
            yield pytest.param(cells[0], named(modules), named(tests), id=f"{cells[0]} {words}")


def named(cell):
    return re.findall(r"`([^`]+)`", cell)


ROWS = list(rows())


@cache
def clauses_cited(module):
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
    return {
        clause
        for text in texts
        for cited in CITED.findall(" ".join(text.split()))
        for clause in re.findall(rf"(?:^|, ){CLAUSE}", cited)
        for clause in [clause.removeprefix(", ")]
    }


@pytest.mark.parametrize(("clause", "modules", "tests"), ROWS)
def test_a_clause_is_cited_by_the_modules_that_serve_it(clause, modules, tests):
    assert modules
    assert [module for module in modules if clause not in clauses_cited(module)] == []


@pytest.mark.parametrize(("clause", "modules", "tests"), ROWS)
def test_a_clause_has_a_test_that_exists(clause, modules, tests):
    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", source, re.MULTILINE) if name else "def test_" in source, test


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Book (仕様書 4(3)ア, 4(5)ウ).", {"4(3)ア", "4(5)ウ"}),
        ("Decide (仕様書 4(3)ア 締切日時を設定及び変更).", {"4(3)ア"}),
        ("No number (仕様書 4(3)ア, 番号法 20条).", {"4(3)ア"}),
        ("Keys (仕様書 4(5)イ, 6).", {"4(5)イ", "6"}),
        ("Change (仕様書 9(5)).", {"9(5)"}),
        ("Nothing.", set()),
    ],
)
def test_citations_are_read_as_they_are_written(tmp_path, text, clauses):
    module = tmp_path / "module.py"
    module.write_text(f'"""{text}"""', encoding="utf-8")
    assert clauses_cited(module) == clauses
