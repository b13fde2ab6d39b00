"""Check sealed values, share by share, and maintain the list of unreadable ones (仕様書 6).

Which columns there are, and by which key each opens, is read from the Privacy declarations of the models: a
new sealed column is opened with the others. A value of another row, column or person does not open either,
and a required one may not be empty. An older value of the same cell does open (reservations.stale_values).
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.models import F

from madoguchi.common.privacy import Privacy
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.models import PersonKey, UnreadableValue
from madoguchi.sealing.services import note_unreadable, open_key, unseal

# Each hour one share: everything within a week.
SHARES: Final = 7 * 24
ALL_IDS: Final = 2**128


def check_sealed(*, share: int | None = None) -> list[str]:
    """Open one share of all sealed values, or all of them, and return table, row and column of what does not.

    What was found before is in the list until it opens again or is gone. People erased are no fault.
    """
    first, last = rows_of_share(share)
    tables = sealed_tables()
    for table in tables:
        for _column in _check(table, tables[table], first, last):
            pass
    for known in UnreadableValue.objects.all():
        model = tables.get(known.table)
        if model is not None and known.column in {*model.privacy.hashed, *model.privacy.plain}:
            continue  # noted by another check, which looks again by itself
        if model is None or known.column not in set(_check(known.table, model, known.row, known.row)):
            known.delete()
    return unreadable_values()


def unreadable_values() -> list[str]:
    """Return table, row and column of each value that was found unreadable, the oldest first."""
    rows = UnreadableValue.objects.order_by("found_at", "pk")
    return [f"{row.table} {row.row} {row.column}" for row in rows]


def sealed_tables() -> dict[str, Any]:
    """Return the models that declare sealed columns, by table."""
    models = [model for model in apps.get_models() if hasattr(model, "privacy") and model.privacy.sealed]
    return {model._meta.db_table: model for model in models}  # noqa: SLF001 - the documented API of models


def rows_of_share(share: int | None) -> tuple[uuid.UUID, uuid.UUID]:
    """Return the first and the last row of a share: ids are random, so that the shares are alike."""
    first, end = (
        (0, ALL_IDS) if share is None else (ALL_IDS * place // SHARES for place in (share, share + 1))
    )
    return uuid.UUID(int=first), uuid.UUID(int=end - 1)


def _check(table: str, model: Any, first: uuid.UUID, last: uuid.UUID) -> Iterator[str]:
    """Yield the columns that do not open in the rows between two, each noted."""
    privacy = model.privacy
    path = f"{privacy.key}__" if privacy.key else ""
    rows = (
        model.objects.filter(**{f"{privacy.row}__gte": first, f"{privacy.row}__lte": last})
        .exclude(**{f"{path}wrapped": None})
        .values(
            *privacy.sealed,
            sweep_row=F(privacy.row),
            sweep_key=F(f"{path}id"),
            sweep_ring=F(f"{path}ring_key"),
            sweep_wrapped=F(f"{path}wrapped"),
        )
    )
    for row in rows.iterator():
        key = PersonKey(id=row["sweep_key"], ring_key=row["sweep_ring"], wrapped=row["sweep_wrapped"])
        for column in privacy.sealed:
            try:
                _open(key, row, table, column, privacy)
            except ValueUnreadable:
                note_unreadable(table=table, row=row["sweep_row"], column=column)
                yield column


def _open(key: PersonKey, row: Mapping[str, Any], table: str, column: str, privacy: Privacy) -> None:
    if not privacy.key:
        open_key(key)
    elif not row[column] and column in privacy.required:
        raise ValueUnreadable
    elif row[column]:
        unseal(key, table, row["sweep_row"], column, row[column])
