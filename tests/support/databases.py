"""The databases of the tests: migrated once in a run, then cloned.

Tests that are rolled back share two databases with the others of their process, an empty one and one with
the made-up city; a test that commits gets a clone to itself. So nothing has to be emptied, no counter falls
behind, and the guards of the audit trail stay on.
"""

import os
from contextlib import contextmanager, suppress

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from support.city import NOON, build_city

from madoguchi.common import clock
from madoguchi.common.cache import clear_caches

# Any number, the same in every process of a run.
LOCK = 5_310_224
# What DATABASE_URL leads to; only for making and dropping the others.
SERVER = dict(connection.settings_dict)


def name_of(*words):
    """Return the name of a database of this run."""
    return "_".join(("test", os.environ["TEST_RUN"], *words))


def own(*words):
    """Return the name of a database of this run and process."""
    return name_of(os.environ.get("PYTEST_XDIST_WORKER", "alone"), *words)


@contextmanager
def server():
    """Give a connection on which databases are made and dropped."""
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    address = {key: SERVER[name] for key, name in keys.items() if SERVER[name]}
    with psycopg.connect(**address, autocommit=True) as line:
        yield line


def names(line):
    """Return the databases of this run."""
    found = line.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name_of("")])
    return [name for (name,) in found]


def drop(line, name):
    line.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clone(line, name, template):
    # Files are copied quicker than they are written block by block through the log.
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    line.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def connect_to(name):
    """Let the application's connections lead to a database from now on."""
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name


def build_templates():
    """Make the two databases from which all others are cloned, unless another process of the run has."""
    with server() as line:
        line.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if name_of("city") in names(line):
            return
        line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name_of("empty"))))
        connect_to(name_of("empty"))
        call_command("migrate", verbosity=0)
        connection.close()
        clone(line, name_of("made"), name_of("empty"))
        connect_to(name_of("made"))
        with clock.travel(NOON), connection.cursor() as cursor:
            build_city()
            # Else the planner takes the tables for empty, and some queries for minutes.
            cursor.execute("ANALYZE")
        clear_caches()
        connection.close()
        # Under its name only once it is whole.
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        line.execute(rename.format(sql.Identifier(name_of("made")), sql.Identifier(name_of("city"))))


def lead_to(template, *, shared):
    """Lead to a clone of a template: the one of this process, or a fresh one."""
    name = own("shared", template) if shared else own("fresh")
    if connection.settings_dict["NAME"] == name and shared:
        return
    connection.close()
    with server() as line:
        if not shared:
            drop(line, name)
        if name not in names(line):
            clone(line, name, name_of(template))
    connect_to(name)


def drop_all():
    """Leave nothing of this run on the server; where there is none, no test asked for it."""
    with suppress(psycopg.OperationalError), server() as line:
        for name in names(line):
            drop(line, name)
