"""Who may import what above the ledgers, package by package, and what the help desk can reach at all.

import-linter holds the order of the layers (pyproject.toml). Here stands what an order cannot say. A package
that a row of the table does not name is closed to it, so a new ledger is closed until somebody opens it.
"""

import sys
from itertools import pairwise

import grimp
import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from support.imports import HOUSE, house, imported_parts, layers, modules_of, packages, part_of, reached_parts

# What is below all ledgers and holds no people.
GROUND = {"audit", "rendering", "sealing", "rate_limits", "kept_forms", "common"}
MAY_IMPORT = {
    "web": "accounts contract audit kept_forms sealing common",
    "panels": "web workflows.approvals workflows.booking workflows.messages workflows.privacy"
    " reservations offices contract accounts audit rendering common",
    "workflows": "retention reservations offices notifications contract accounts backups"
    " audit rendering rate_limits kept_forms sealing common",
    "sites.api": "web workflows.booking reservations offices contract accounts audit common",
    "sites.citizen": "panels.person_form web workflows.booking workflows.messages workflows.privacy"
    " reservations offices notifications contract accounts.scope audit rendering rate_limits sealing common",
    "sites.city": "panels.accounts panels.devices panels.downloads panels.proposals panels.simulator web"
    " workflows.approvals workflows.privacy reservations offices contract accounts rendering common",
    "sites.office": "web workflows.booking workflows.outage workflows.visits"
    " reservations offices notifications.announcements contract accounts common",
    "sites.operator": "panels.call_lists panels.person_form panels.scripts panels.visit_changes"
    " panels.waiting_people web workflows.booking workflows.callcentre workflows.outage workflows.privacy"
    " reservations offices contract accounts audit common",
    "sites.secretariat": "panels.accounts panels.call_lists panels.devices panels.downloads panels.proposals"
    " panels.person_form panels.rules panels.scripts panels.simulator panels.visit_changes"
    " panels.waiting_people web workflows.approvals workflows.booking workflows.callcentre"
    " workflows.capacity workflows.messages"
    " workflows.operations workflows.outage workflows.privacy"
    " retention reservations offices notifications contract accounts backups audit rendering common",
}
# The wall of 仕様書 4(4)ア: what the staff help desk may reach through any chain of imports.
HELPDESK_MAY_REACH = {
    "helpdesk": {"offices", "contract", "accounts", *GROUND},
    "sites.helpdesk": {
        "helpdesk", "knowledge", "panels.tickets", "panels.knowledge", "web",
        "offices", "contract", "accounts", *GROUND,
    },
}  # fmt: skip


def above():
    """Return the packages that have a row in the table, as the code has them."""
    return {"web", "panels", "workflows"} | {
        f"sites.{name}" for name in packages(house(), within=f"{HOUSE}.sites")
    }


def modules_above():
    """Return the modules of all of these, but for commands and migrations, which are loaded on demand."""
    found = set().union(*(modules_of(house(), package) for package in above()))
    return {module for module in found if ".management" not in module and ".migrations" not in module}


def made_up(*chains):
    """Return a graph of these chains of imports, each from the top down."""
    graph = grimp.ImportGraph()
    graph.add_module(HOUSE)
    for chain in chains:
        names = [f"{HOUSE}.{name}" for name in chain]
        for name in names:
            parts = name.split(".")
            for end in range(1, len(parts) + 1):
                graph.add_module(".".join(parts[:end]))
        for importer, imported in pairwise(names):
            graph.add_import(importer=importer, imported=imported)
    return graph


def behind_the_wall(graph):
    """Return the chains that lead the help desk, or what it may import, to a package it may not reach."""
    return [
        chain
        for desk, allowed in HELPDESK_MAY_REACH.items()
        for package in sorted({desk, *allowed})
        for part, chain in reached_parts(graph, package).items()
        if part not in {desk, *allowed}
    ]


def test_every_package_above_the_ledgers_has_a_row():
    assert set(MAY_IMPORT) == above()


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_what_its_row_opens_and_nothing_else(package):
    allowed, used = MAY_IMPORT[package].split(), set()
    closed = []
    for line in (line for lines in imported_parts(house(), package).values() for line in lines):
        imported = line.rpartition(f" {HOUSE}.")[2] + "."
        opening = {name for name in allowed if imported.startswith(f"{name}.")}
        used |= opening
        if not opening:
            closed.append(line)
    assert closed == []
    assert set(allowed) - used == set(), "close what nobody uses any more"


def test_nothing_above_the_ledgers_imports_models():
    direct = {
        f"{module} -> {imported}"
        for package in above()
        for module in modules_of(house(), package)
        for imported in house().find_modules_directly_imported_by(module)
        if "models" in imported.split(".")
    }
    assert direct == set()


def test_nothing_above_the_ledgers_holds_a_model_by_another_name():
    apps.check_apps_ready()
    held = {
        f"{module}.{name}"
        for module in modules_above() & set(sys.modules)
        for name, value in vars(sys.modules[module]).items()
        if isinstance(value, type) and issubclass(value, Model) and value.__module__.startswith(HOUSE)
    }
    assert held == set()


def test_the_apps_stand_in_the_order_of_the_layers():
    order = [name for layer in reversed(layers()) for name in layer]
    apps_in_order = [part_of(house(), name).split(".")[0] for name in settings.FIRST_PARTY_APPS]
    places = [order.index(name) for name in apps_in_order]
    assert places == sorted(places)


def test_the_help_desk_and_what_it_may_import_reach_nobody():
    assert behind_the_wall(house()) == []


@pytest.mark.parametrize(
    "chain",
    [
        ("helpdesk.services", "reservations.selectors"),
        ("helpdesk.services", "offices.services", "reservations.selectors"),
        ("helpdesk.services", "calls.selectors"),
        ("sites.helpdesk.views", "web.forms", "workflows.privacy.access", "reservations.search"),
        ("sites.helpdesk.views", "panels.tickets", "workflows.callcentre.calls"),
        ("sites.helpdesk.views", "panels.knowledge", "panels.person_form", "reservations.people"),
        ("sites.helpdesk.views", "panels.person_form"),
        ("web.middleware", "workflows.operations.staff", "offices.selectors"),
        ("panels.tickets", "visits.selectors"),
    ],
    ids=" > ".join,
)
def test_a_chain_of_imports_that_ends_at_people_is_found(chain):
    arrow = " -> ".join(f"{HOUSE}.{name}" for name in chain)
    assert any(arrow.startswith(found) or found in arrow for found in behind_the_wall(made_up(chain)))


def test_the_help_desk_as_it_is_planned_passes():
    planned = made_up(
        ("sites.helpdesk.views", "panels.tickets", "helpdesk.selectors", "offices.selectors", "common.clock"),
        ("sites.helpdesk.views", "panels.knowledge", "knowledge.selectors", "accounts.selectors"),
        ("sites.helpdesk.views", "web.forms", "contract.selectors", "audit.services", "sealing.services"),
        ("workflows.privacy.access", "reservations.search", "offices.selectors"),
        ("config.urls", "sites.helpdesk.urls", "sites.helpdesk.views"),
    )
    assert behind_the_wall(planned) == []
