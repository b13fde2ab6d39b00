"""Who imports whom in the house, as import-linter reads it, for tests that guard its borders."""

import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import grimp

import madoguchi

HOUSE = "madoguchi"
ROOT = Path(madoguchi.__file__).resolve().parents[1]
# These stand one level deeper: a site is opened workflow by workflow and panel by panel.
IN_PARTS = ("sites", "panels", "workflows")


@cache
def house():
    """Return the graph of all imports at run time; what is imported for annotations only is left out."""
    return grimp.build_graph(HOUSE, exclude_type_checking_imports=True, cache_dir=None)


@cache
def layers():
    """Return the packages from top to bottom as pyproject.toml has them, those that are not there yet too."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    found = next(each["layers"] for each in contracts if each["type"] == "layers")
    return tuple(tuple(name.strip(" ()") for name in layer.split("|")) for layer in found)


def packages(graph, *, within=HOUSE):
    """Return the names of the packages directly in the house, or within one of its packages."""
    return {child.removeprefix(f"{within}.") for child in graph.find_children(within)}


def part_of(graph, module):
    """Return the package a module belongs to, without the name of the house: `panels.proposals`."""
    names = module.split(".")[1:]
    is_part = len(names) > 1 and names[0] in IN_PARTS and f"{HOUSE}.{names[0]}.{names[1]}" in graph.modules
    return ".".join(names[: 2 if is_part else 1])


def modules_of(graph, package):
    """Return all modules of a package, itself included; none when it is not there."""
    name = f"{HOUSE}.{package}"
    return {name, *graph.find_descendants(name)} if name in graph.modules else set()


def imported_parts(graph, package):
    """Return what a package imports directly: the name of each other package, and which lines do so."""
    own = modules_of(graph, package)
    found = defaultdict(list)
    for module in sorted(own):
        for imported in sorted(graph.find_modules_directly_imported_by(module) - own):
            found[part_of(graph, imported)].append(f"{module} -> {imported}")
    return dict(found)


def reached_parts(graph, package):
    """Return every package that a package reaches through any chain of imports, with one such chain."""
    own = modules_of(graph, package)
    found = {}
    for module in sorted(own):
        for reached in sorted(graph.find_upstream_modules(module) - own):
            part = part_of(graph, reached)
            if part not in found:
                found[part] = " -> ".join(graph.find_shortest_chain(module, reached))
    return found
