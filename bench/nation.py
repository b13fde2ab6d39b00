"""P5: the offices of a country in one database beside those of a city."""

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bookings import booking
from load import Outcome, request
from measure import Effort, Goal, calm_rounds, cell, psql, python
from servers import ROOT, database_url, granian

# As many post offices as there are in Japan.
NATION = 20_000


def nation(
    cluster: Path, environment: Mapping[str, str], plan: Mapping[str, Any], effort: Effort
) -> dict[str, Any]:
    """P5: the same load on a database of 36 offices and on one of 20,000, in turn."""
    print("P5: building 20,000 offices x 14 days", flush=True)
    begun = time.perf_counter()
    nation = environment | {"DATABASE_URL": database_url(cluster, "nation")}
    psql(cluster, "postgres", "-c", "CREATE DATABASE city TEMPLATE own")
    psql(cluster, "postgres", "-c", "CREATE DATABASE nation TEMPLATE own")
    slots = psql(
        cluster, "nation", "-At", "-v", f"offices={NATION}", "-v", f"pattern={plan['office']}",
        "-v", f"first_day={plan['first_day']}", "-f", str(ROOT / "bench/nation.sql"),
    )  # fmt: skip
    found: dict[str, Any] = {"slots": int(slots), "built_in_seconds": round(time.perf_counter() - begun)}
    return found | _nation_rounds(
        cluster, environment | {"DATABASE_URL": database_url(cluster, "city")}, nation, plan, effort,
    )  # fmt: skip


def _nation_rounds(
    cluster: Path, city: Mapping[str, str], nation: Mapping[str, str], plan: Mapping[str, Any],
    effort: Effort,
) -> dict[str, Any]:  # fmt: skip
    everywhere = psql(
        cluster, "nation", "-Atc",
        f"SELECT slot.id FROM offices_slot AS slot WHERE office_id ~ '^N' AND id % 97 = 0 AND starts_at >= "
        f"'{plan['first_day']}' ORDER BY md5(id::text) LIMIT 40000",
    ).split()  # fmt: skip
    spread, far = iter(plan["spread"]), iter(map(int, everywhere))
    day = plan["first_day"]

    def free(code: str) -> bytes:
        return request("GET", f"/api/v1/availability?office={code}&from={day}&to={day}&procedures=CERT_RENEW")

    some = [free(f"SP{number:02d}") for number in range(1, 37)]
    thirty_six = [free(f"N{number * 555:05d}") for number in range(1, 37)]
    all_over = [free(f"N{number * 7919 % NATION + 1:05d}") for number in range(NATION)]
    with ExitStack() as stack:
        serve = lambda where: stack.enter_context(  # noqa: E731 - twice
            granian("madoguchi.config.wsgi:application", environment=where, folder=cluster.parent)
        )
        city_port, nation_port = serve(city), serve(nation)
        # Warming, and at worst twice the rounds and one.
        share = len(plan["spread"]) // (2 * effort.rounds + 2)
        cells: dict[str, Callable[[], Outcome]] = {
            "booking, city": lambda: cell(
                city_port, (booking(plan["token"], n) for n in islice(spread, share)), effort.seconds
            ),
            "booking, nation": lambda: cell(
                nation_port, (booking(plan["token"], n) for n in islice(far, share)), effort.seconds
            ),
            "free times of 36 offices, city": lambda: cell(city_port, cycle(some), effort.seconds),
            "free times of 36 offices, nation": lambda: cell(nation_port, cycle(thirty_six), effort.seconds),
            "free times of any office, nation": lambda: cell(nation_port, cycle(all_over), effort.seconds),
        }
        kept, _, thrown = calm_rounds(stack, cells, effort, lambda: 0.0)
    half = {name: [found[name].p50() for found in kept] for name in cells}

    def ratio(what: str) -> float:
        pairs = zip(half[f"{what}, nation"], half[f"{what}, city"], strict=True)
        return statistics.median(a / b for a, b in pairs)

    prefixes = {"city": (city, "SP"), "nation": (nation, "N")}
    return {
        "rounds": len(kept),
        "thrown_away": thrown,
        "p50_ms": {name: statistics.median(values) for name, values in half.items()},
        "p95_ms": {name: statistics.median(found[name].p95() for found in kept) for name in cells},
        "per_second": {
            name: statistics.median(
                found[name].per_second(201 if name.startswith("booking") else 200) for found in kept
            )
            for name in cells
        },
        "answers": {name: sum((found[name].statuses for found in kept), Counter()) for name in cells},
        "reads_ms": {
            name: json.loads(python(where, "bench/reads.py", prefix))
            for name, (where, prefix) in prefixes.items()
        },
        "goals": [
            Goal("P5", "p50 of a booking, 20,000 offices to 36", ratio("booking"), 1.3, at_most=True),
            Goal(
                "P5",
                "p50 of free times, 36 offices asked, of 20,000 to of 36",
                ratio("free times of 36 offices"),
                1.3,
                at_most=True,
            ),
        ],
    }
