"""Prepared statements: parsed and planned by the server once per connection.

That is worth much of a booking (docs/performance.md). Elsewhere Django's cursors and `save()` will do; and a
search by array must not come here, since a plan made for every array is a bad one for each.
"""

# ruff: noqa: SLF001 - _meta is how Django tells of a model, and _state how `save()` leaves a row

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, JSONField, Model
from psycopg import Cursor
from psycopg.types.json import Jsonb

from madoguchi.common.cache import no_cached_reads


def execute_prepared(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> Cursor[Any]:
    """Run a statement in the caller's transaction and return the cursor with its rows.

    Raises the errors of django.db.
    """
    database = _database()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        return Cursor(database.connection).execute(statement, values, prepare=True)


def _database() -> BaseDatabaseWrapper:
    """Return the open connection, as Django's cursors open it."""
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    database.ensure_connection()
    return database


class NotPipelined(RuntimeError):
    """A block that is sent in one go did what waits for the database, or gives no right answer there."""


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the statements of a block in one round trip; results are available after the block.

    Only `execute_prepared` and `insert_prepared` belong there. Raises the errors of django.db, at the end of
    the block, and NotPipelined for the ORM (whose `update` would count -1 rows), for `atomic` and for a
    pipeline in another, each of which would wait on its own; CachedReadInPipeline for a cached read.
    """
    database = _database()
    if _refuse_cursors in database.execute_wrappers:
        raise NotPipelined("a pipeline in a pipeline")
    with (
        database.wrap_database_errors,
        database.execute_wrapper(_refuse_cursors),
        no_cached_reads(),
        database.connection.pipeline(),
    ):
        yield


def _refuse_cursors(_execute: object, statement: str, *_rest: object) -> None:
    raise NotPipelined(statement)


def insert_prepared(*rows: Model) -> None:
    """Insert rows, of a table each, in one statement of the caller's transaction.

    No generated key is read back. Foreign keys among them hold: they are checked when all are written.
    """
    statement, columns = _insert(tuple(type(row) for row in rows))
    values = []
    for row, names in zip(rows, columns, strict=True):
        for name, in_json in names:  # psycopg writes all other types as they are
            value = getattr(row, name)
            values.append(Jsonb(value) if in_json else value)
    execute_prepared(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@cache
def _insert(models: tuple[type[Model], ...]) -> tuple[str, list[list[tuple[str, bool]]]]:
    """Return the statement, and for each model its attributes in column order, with whether they are JSON."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    inserts, columns = [], []
    for model in models:
        fields = [
            field
            for field in model._meta.concrete_fields
            if not (isinstance(field, AutoField) or field.has_db_default())
        ]
        names = ", ".join(quote(str(field.column)) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        inserts.append(f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})")  # noqa: S608 - ours
        columns.append([(field.attname, isinstance(field, JSONField)) for field in fields])
    *others, last = inserts
    with_others = ", ".join(f"row_{number} AS ({insert})" for number, insert in enumerate(others))
    return f"WITH {with_others} {last}" if others else last, columns
