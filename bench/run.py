"""Measure the goals of docs/performance.md beside the machine's own limit, as ratios of one interleaved run.

    .venv/bin/python bench/run.py [--rounds 4] [--seconds 3] [--only p5]

Everything is private to the run: a PostgreSQL with fsync, granian on 127.0.0.1, made-up people.
The figures go to var/bench/*.json.
"""

import argparse
import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bookings import last_seats, rounds
from journeys import opening_morning
from measure import CLIENTS, Effort, Goal, psql, python
from nation import nation
from servers import ROOT, WORKERS, database_url, postgres

# An ordinary day in the term of the made-up city; the clock runs whole weeks beside real time.
TERM_DAY = datetime(2026, 11, 24, 1, tzinfo=UTC)


def main() -> None:
    """Run everything and print what came of it; leave with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--bracket", type=float, default=1.5, help="more on a machine that others use too")
    parser.add_argument("--only", choices=["p0", "p1", "p5", "p7", "p9"], help="p1 means p1, p3 and p4")
    parser.add_argument("--morning", type=float, default=3.0, help="minutes of P9")
    options = parser.parse_args()
    effort = Effort(options.rounds, options.seconds, options.bracket)
    wanted = lambda part: options.only in {None, part}  # noqa: E731 - asked for each part
    begun = time.perf_counter()
    results = ROOT / "var/bench"
    results.mkdir(parents=True, exist_ok=True)
    with postgres() as cluster:
        environment = _environment(cluster)
        plan = _prepare(cluster, environment)
        goals: list[Goal] = []
        if wanted("p0"):
            found = last_seats(cluster, environment, plan)
            goals.append(found.pop("goal"))
            _keep(results / "p0.json", found)
        if wanted("p5"):  # before the others fill the database that it copies
            found = nation(cluster, environment, plan, effort)
            goals += found.pop("goals")
            _keep(results / "p5.json", found)
        if wanted("p1"):
            found = rounds(cluster, environment, plan, effort)
            goals += found.pop("goals")
            _keep(results / "p1-p3-p4.json", found)
        if wanted("p9"):
            found = opening_morning(cluster, environment, plan, minutes=options.morning)
            goals += found.pop("goals")
            _keep(results / "p9.json", found)
        if wanted("p7"):
            found = _search(environment)
            goals += found.pop("goals")
            _keep(results / "p7.json", found)
    _report(goals, found_in=results, seconds=time.perf_counter() - begun)
    sys.exit(any(not goal.is_reached for goal in goals))


def _environment(cluster: Path) -> dict[str, str]:
    keys = {name: base64.b64encode(os.urandom(32)).decode() for name in ("k1", "index")}
    weeks = round((TERM_DAY - datetime.now(UTC)) / timedelta(weeks=1))  # noqa: TID251 - not the city's clock
    return {
        "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings",
        "SECRET_KEY": base64.b64encode(os.urandom(48)).decode(),
        "KEY_RING": json.dumps({"current": "k1", "keys": keys}),
        "TRAINING": "1",
        "LOG_LEVEL": "INFO",  # as in production
        "CLOCK_OFFSET_WEEKS": str(weeks),
        "DATABASE_URL": database_url(cluster, "own"),
        "STATIC_ROOT": str(cluster.parent / "static"),
        "PYTHONPATH": str(ROOT),
    }


def _prepare(cluster: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    print("Preparing", flush=True)
    psql(cluster, "postgres", "-c", "CREATE DATABASE own", "-c", "CREATE DATABASE bare")
    psql(cluster, "bare", "-f", str(ROOT / "bench/bare/tables.sql"))
    python(environment, "manage.py", "migrate", "-v0")
    python(environment, "manage.py", "collectstatic", "--noinput", "-v0")
    plan: dict[str, Any] = json.loads(python(environment, "bench/prepare.py"))
    psql(cluster, "own", "-c", "VACUUM ANALYZE")
    return plan


def _search(environment: Mapping[str, str]) -> dict[str, Any]:
    """P7: two characters among 200,000 people, beside a sequential scan and a search by brute force."""
    print("P7: search", flush=True)
    found: dict[str, Any] = json.loads(python(environment, "bench/search.py"))
    return found | {
        "goals": [
            Goal("P7", "p95 of a 2-character search to a scan", found["search_to_scan"], 0.25, at_most=True),
            Goal("P7", "p95 of the whole page to a scan", found["page_to_scan"], 0.25, at_most=True),
            Goal("P7", "recall against brute force", found["recall"], 1.0),
        ]
    }


def _keep(path: Path, found: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _report(goals: list[Goal], *, found_in: Path, seconds: float) -> None:
    print(
        f"\n{WORKERS} workers, {CLIENTS} clients, {seconds:.0f} s, {os.cpu_count()} cores; more in {found_in}"
    )
    for goal in goals:
        sign = "<=" if goal.at_most else ">="
        state = "reached" if goal.is_reached else "MISSED"
        print(f"{goal.number}  {goal.ratio:8.2f}  ({sign} {goal.bar:g})  {state:8}{goal.text}")


if __name__ == "__main__":
    main()
