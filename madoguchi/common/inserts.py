"""Write a new row for little more than its statement costs: `save()` builds the INSERT anew every time.

For what each booking writes (docs/performance.md); elsewhere `save()` and `create()` are plain enough.
"""

# ruff: noqa: SLF001 - _meta is how Django tells of a model, and _state how `save()` leaves a row

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model


def insert(row: Model) -> None:
    """Write a new row. Columns that the database fills, such as counted keys, are not read back.

    Raises what `save()` raises for a row the database refuses.
    """
    statement, fields = _statement(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    row._state.adding, row._state.db = False, connection.alias


@cache
def _statement(model: type[Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (isinstance(field, AutoField) or field.has_db_default())
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})", fields  # noqa: S608
