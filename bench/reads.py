"""P5: what single reads cost with the offices of a country in one database; prints milliseconds as JSON."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from madoguchi.common import clock  # noqa: E402 - Django comes first
from madoguchi.common.cache import clear_caches  # noqa: E402
from madoguchi.common.places import LatLon  # noqa: E402
from madoguchi.offices.selectors import office, offices  # noqa: E402
from madoguchi.reservations.availability import first_free  # noqa: E402
from madoguchi.workflows.booking.offering import offers, open_starts, window  # noqa: E402

TURNS = 3


def main() -> None:
    """Time each read, with nothing remembered but what it needs."""
    codes = [row.code for row in offices() if row.code.startswith(sys.argv[1])]
    one = office(codes[len(codes) // 2])
    days = window(one, channel="WEB")
    if days is None:
        sys.exit("No days can be booked.")
    now, since, until = clock.now(), days.since, days.until
    near = sorted(codes)[:36]
    reads: dict[str, tuple[Callable[[], object], bool]] = {
        "the list of all offices": (offices, True),
        "free times of one office": (lambda: open_starts(office_code=one.code, slots=1, within=days), False),
        "earliest time at 36 offices": (
            lambda: first_free(
                windows=[(code, max(since, now), until) for code in near], slots=1, slot_minutes=30
            ),
            False,
        ),
        "earliest time at every office": (lambda: offers(slots=1, origin=LatLon(33.59, 130.4)), False),
    }
    print(json.dumps({name: _median(read, fresh=fresh) for name, (read, fresh) in reads.items()}))


def _median(read: Callable[[], object], *, fresh: bool) -> float:
    taken = []
    for _ in range(TURNS):
        if fresh:
            clear_caches()
        else:
            offices()
        begun = time.perf_counter()
        read()
        taken.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(taken), 2)


main()
