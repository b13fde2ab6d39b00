"""The tree over a batch: no change of its leaves goes unnoticed, and two ways to compute it agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.audit.rules import canonical, leaf, root
from scripts import verify_audit_log

LINES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)
# Of the test data of Certificate Transparency (RFC 6962).
KNOWN_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
KNOWN_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root_of(lines):
    return root([leaf(line) for line in lines])


@pytest.mark.parametrize("count", KNOWN_ROOTS)
def test_the_root_is_the_one_of_the_standard(count):
    assert root_of(map(bytes.fromhex, KNOWN_LEAVES[:count])).hex() == KNOWN_ROOTS[count]


@given(LINES)
def test_the_verifier_comes_to_the_same_root_in_its_own_way(lines):
    assert verify_audit_log._root([verify_audit_log._leaf(line) for line in lines]) == root_of(lines)


@given(LINES, st.data())
def test_a_changed_removed_added_or_moved_leaf_changes_the_root(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    others = [
        [*lines[:at], lines[at] + b"!", *lines[at + 1 :]],
        [*lines[: at + 1], b"added", *lines[at + 1 :]],
        [*lines[: at + 1], lines[at], *lines[at + 1 :]],
        data.draw(st.permutations(lines)),
    ]
    if len(lines) > 1:
        others.append([*lines[:at], *lines[at + 1 :]])
    for other in others:
        assert (root_of(other) == root_of(lines)) == (other == lines)


@given(LINES.filter(lambda lines: len(lines) > 1))
def test_two_nodes_are_no_leaf(lines):
    left = 1 << ((len(lines) - 1).bit_length() - 1)
    assert leaf(root_of(lines[:left]) + root_of(lines[left:])) != root_of(lines)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans(), st.none())))
def test_facts_are_one_line_whatever_they_say_and_in_whatever_order(facts):
    line = canonical(facts)
    assert b"\n" not in line
    assert b"\r" not in line
    assert canonical(dict(reversed(facts.items()))) == line
