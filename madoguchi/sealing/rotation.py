"""Rotate the keys of the ring without downtime, and detect a missing one (仕様書 6, docs/adr/0024).

The ring wraps the keys of people, so that changing it wraps these anew: nothing else is opened or written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count

from madoguchi.common import clock
from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.models import PersonKey, RingKey, UnreadableValue
from madoguchi.sealing.services import key_ring, note_unreadable, rewrap

BATCH: Final = 500
INDEX: Final = "index"
KEYS_TABLE: Final = "sealing_personkey"


@dataclass(frozen=True, slots=True)
class RingKeyRow:
    """A key that this database knows, and how many keys of people it wraps."""

    name: str
    current_since: datetime | None
    emptied_at: datetime | None
    people: int


def ring_keys() -> list[RingKeyRow]:
    """Return the keys that wrap or wrapped keys of people, the current one first."""
    counts = _counts()
    rows = RingKey.objects.exclude(name=INDEX).order_by("-current_since", "name")
    return [
        RingKeyRow(row.name, row.current_since, row.emptied_at, counts.get(row.name, 0))
        for row in rows.filter(current_since__isnull=False)
    ]


def key_faults() -> list[str]:
    """Return a sentence for each key that the rows of this database need and the ring does not hold."""
    marks, known = key_ring().marks, {row.name: row for row in RingKey.objects.order_by("name")}
    used = {row.name for row in known.values() if row.current_since and not row.emptied_at}
    missing = sorted((used | set(_counts())) - set(marks))
    # Only a mark tells of the key of the search hashes: no row names it.
    changed = [name for name, row in known.items() if name in marks and marks[name] != bytes(row.mark)]
    return [
        *(f"The key ring does not hold key {name!r}, which this database needs." for name in missing),
        *(f"Key {name!r} of the key ring is not the one that sealed this database." for name in changed),
    ]


@transaction.atomic
def note_ring() -> bool:
    """Note the keys of the ring; tell whether this process uses the newest, and so may wrap anew.

    A process that was not restarted yet still uses the one before: it must not undo what the others do.
    """
    ring = key_ring()
    RingKey.objects.bulk_create(
        [RingKey(name=name, mark=mark) for name, mark in ring.marks.items()], ignore_conflicts=True
    )
    RingKey.objects.filter(name=ring.current, current_since=None).update(current_since=clock.now())
    newest = RingKey.objects.filter(current_since__isnull=False).latest("current_since", "name")
    return newest.name == ring.current


@transaction.atomic
def rewrap_some() -> int:
    """Wrap some keys of people with the current key and return how many; none where all are.

    Whoever else does so at this moment takes others; one that is being destroyed stays destroyed.
    """
    current = key_ring().current
    others = PersonKey.objects.exclude(ring_key=current).filter(wrapped__isnull=False)
    damaged = UnreadableValue.objects.filter(table=KEYS_TABLE).values("row")
    others = others.exclude(pk__in=damaged)
    keys = list(others.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
    wrapped = []
    for key in keys:
        try:
            rewrap(key)
        except ValueUnreadable:
            # One damaged key does not keep the others from being wrapped anew.
            note_unreadable(table=KEYS_TABLE, row=key.pk, column="wrapped")
        else:
            wrapped.append(key)
    PersonKey.objects.bulk_update(wrapped, ["ring_key", "wrapped"])
    return len(keys)


def note_emptied(*, still_needed: set[str]) -> None:
    """Note since when each former key wraps nothing; `still_needed` names those that seal something else."""
    former = RingKey.objects.exclude(name__in=[INDEX, key_ring().current]).filter(current_since__isnull=False)
    needed = {name for name, count in _counts().items() if count} | still_needed
    former.filter(name__in=needed).update(emptied_at=None)
    former.exclude(name__in=needed).filter(emptied_at=None).update(emptied_at=clock.now())


def _counts() -> dict[str, int]:
    return dict(
        PersonKey.objects.filter(wrapped__isnull=False).values_list("ring_key").annotate(count=Count("pk"))
    )
