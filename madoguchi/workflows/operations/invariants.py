"""The invariants of every ledger that has some, one after the other; a new ledger is added here."""

from datetime import datetime

from madoguchi.reservations import invariants as reservations
from madoguchi.reservations.invariants import Breach
from madoguchi.retention import invariants as retention


def breaches(now: datetime) -> list[Breach]:
    """Return every invariant that does not hold; reads only."""
    return [*reservations.breaches(now), *retention.breaches(now)]
