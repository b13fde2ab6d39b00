"""What races share: threads that start together, slots to fight for, a condition that takes any seat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from madoguchi.common.clock import JST
from madoguchi.reservations.availability import starts


def slots_from(hour: int, count: int = 1) -> list[int]:
    begins = datetime(2026, 12, 15, hour, tzinfo=JST)
    found = starts(
        office="HM01", since=begins, until=begins + timedelta(minutes=30 * count), slots=1, slot_minutes=30
    )
    return [start.slot for start in found]


def all_at_once(count, call):
    """Run call(number) in so many threads that start together, and return the answers."""
    gate = Barrier(count)

    def run(number):
        gate.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


CARELESS = "%(now)s IS NOT NULL"  # takes any seat, free or not
