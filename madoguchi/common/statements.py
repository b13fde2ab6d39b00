"""Statements that every booking runs: parsed and planned by the server once per connection, not every time.

That is worth much of a booking (docs/performance.md). Elsewhere Django's cursors and `save()` will do; and a
search by array must not come here, since a plan made for every array is a bad one for each.
"""

# ruff: noqa: SLF001 - _meta is how Django tells of a model, and _state how `save()` leaves a row

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model
from psycopg import Cursor


def run(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> Cursor[Any]:
    """Run a statement in the caller's transaction and return the cursor with its rows.

    Raises the errors of django.db.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return Cursor(connection.connection).execute(statement, values, prepare=True)


def insert(row: Model) -> None:
    """Write a new row in the caller's transaction; a key that the database counts is not read back."""
    statement, fields = _insert(type(row))
    run(statement, [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insert(model: type[Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (isinstance(field, AutoField) or field.has_db_default())
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", fields  # noqa: S608
