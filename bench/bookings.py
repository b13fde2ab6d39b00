"""P0, P1, P1b, P3 and P4: bookings and pages through the whole stack, beside bare Django."""

import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from load import Outcome, drive, request
from measure import Effort, Goal, again, calm_rounds, cell, psql
from pages import calendar_page
from servers import ROOT, database_url, granian

people = count(1)


def last_seats(cluster: Path, environment: Mapping[str, str], plan: Mapping[str, Any]) -> dict[str, Any]:
    """P0: 16 clients in 4 processes, 200 tries each, at 20 slots of 4 seats."""
    print("P0: the last seats", flush=True)
    slots = plan["last_seats"]
    with granian("madoguchi.config.wsgi:application", environment=environment, folder=cluster.parent) as port:
        tries = [
            [booking(plan["token"], slots[place * len(slots) // 800]) for place in range(800)]
            for _ in range(4)
        ]
        with multiprocessing.get_context("fork").Pool(4) as pool:
            answers = Counter[str]()
            for part in pool.starmap(_try_all, [(port, part) for part in tries]):
                answers += part
    sold = psql(
        cluster, "own", "-Atc",
        f"SELECT count(reservation_id) FROM reservations_seat WHERE slot_id IN ({','.join(map(str, slots))}) "
        "GROUP BY slot_id",
    ).split()  # fmt: skip
    right = sum(each == "4" for each in sold)
    odd = sum(answers.values()) - answers["201"] - answers["409 with alternatives"]
    return {
        "answers": answers,
        "seats_sold_by_slot": list(map(int, sold)),
        "goal": Goal(
            "P0", "slots of 4 sold exactly 4 times, and every loser offered others", right - odd, 20
        ),
    }


def _try_all(port: int, tries: list[bytes]) -> Counter[str]:
    seen = Counter[str]()

    def note(status: int, body: bytes) -> None:
        has_more = status == 409 and bool(json.loads(body).get("alternatives"))  # noqa: PLR2004 - conflict
        seen[f"{status} with alternatives" if has_more else str(status)] += 1

    drive(port, iter(tries), clients=4, seconds=300, answered=note)
    return seen


def rounds(
    cluster: Path, environment: Mapping[str, str], plan: Mapping[str, Any], effort: Effort
) -> dict[str, Any]:
    """P1, P1b, P3 and P4: own and bare in turn on one database server; a disturbed round is thrown away."""
    spread, same_spread, days = iter(plan["spread"]), iter(plan["spread"]), cycle(plan["contested"])
    # Warming, and at worst twice the rounds and one: no cell may find the spread slots used up.
    share = len(plan["spread"]) // (2 * effort.rounds + 2)
    lone = iter(range(1, 100_001))
    bare = environment | {"DATABASE_URL": database_url(cluster, "bare"), "DJANGO_SETTINGS_MODULE": ""}
    _copy_with_a_booking(cluster, environment, booking(plan["token"], next(spread)))
    with ExitStack() as stack:
        serve = lambda what, where: stack.enter_context(  # noqa: E731 - twice, beside each other
            granian(what, environment=where, folder=cluster.parent)
        )
        own_port = serve("madoguchi.config.wsgi:application", environment)
        bare_port = serve("bench.bare.application:application", bare)
        eight_port = serve(
            "bench.bare.application:application", bare | {"DATABASE_URL": database_url(cluster, "eight")}
        )
        page = calendar_page(own_port, plan["office"])
        free = f"/api/v1/availability?office={plan['office']}&from={plan['first_day']}&to={plan['first_day']}"
        free_times = request("GET", free + "&procedures=CERT_RENEW")

        def contested() -> Iterator[bytes]:
            slots = next(days)
            return (booking(plan["token"], slots[number % len(slots)]) for number in count())

        cells: dict[str, Callable[[], Outcome]] = {
            "bare booking": lambda: cell(bare_port, (_bare_booking(n) for n in lone), effort.seconds),
            "booking": lambda: cell(
                own_port, (booking(plan["token"], n) for n in islice(spread, share)), effort.seconds
            ),
            "bare booking of eight rows": lambda: cell(
                eight_port, (_eight_rows(n) for n in islice(same_spread, 1, share)), effort.seconds
            ),
            "contested booking": lambda: cell(own_port, contested(), effort.seconds),
            "bare page": lambda: cell(bare_port, again(request("GET", "/day/PO1")), effort.seconds),
            "calendar page": lambda: cell(own_port, again(page), effort.seconds),
            "free times": lambda: cell(own_port, again(free_times), effort.seconds),
        }
        kept, alone, thrown = calm_rounds(
            stack, cells, effort, lambda: _postgres_alone(cluster, effort.seconds)
        )
    answers = Counter(status for found in kept for each in found.values() for status in each.statuses)
    if odd := answers.keys() - {HTTPStatus.OK, HTTPStatus.CREATED}:
        sys.exit(f"Answers that no round may have: {odd}")
    return _figures(kept, alone, thrown)


def _copy_with_a_booking(cluster: Path, environment: Mapping[str, str], made: bytes) -> None:
    """Book once, and copy our database for the bare Django that writes the same eight rows."""
    with granian("madoguchi.config.wsgi:application", environment=environment, folder=cluster.parent) as port:
        drive(port, iter([made]), clients=1, seconds=30)
    psql(cluster, "postgres", "-c", "CREATE DATABASE eight TEMPLATE own")


def _figures(kept: list[dict[str, Outcome]], alone: list[float], thrown: int) -> dict[str, Any]:
    def rate(name: str) -> list[float]:
        return [found[name].per_second(201 if "booking" in name else 200) for found in kept]

    def ratio(above: str, below: str) -> float:
        return statistics.median(a / b for a, b in zip(rate(above), rate(below), strict=True))

    eight = "bare booking of eight rows"
    slower = statistics.median(found["contested booking"].p95() / found["booking"].p95() for found in kept)
    return {
        "rounds": len(kept),
        "thrown_away": thrown,
        "per_second": {name: statistics.median(rate(name)) for name in kept[0]}
        | {"PostgreSQL alone, the same statements": statistics.median(alone)},
        "p95_ms": {name: statistics.median(found[name].p95() for found in kept) for name in kept[0]},
        "answers": {name: sum((found[name].statuses for found in kept), Counter()) for name in kept[0]},
        "bare_by_postgres": statistics.median(
            a / b for a, b in zip(rate("bare booking"), alone, strict=True)
        ),
        "goals": [
            Goal("P1", "booking, own to bare", ratio("booking", "bare booking"), 0.3),
            Goal("P1b", "booking, own to a bare one of the same rows", ratio("booking", eight), 0.7),
            Goal("P3", "bookings of a contested day to spread", ratio("contested booking", "booking"), 0.6),
            Goal("P3", "p95 of a contested day to spread", slower, 2.0, at_most=True),
            Goal("P4", "calendar page, own to bare", ratio("calendar page", "bare page"), 1.5),
            Goal("P4", "free times of the API, own to the bare page", ratio("free times", "bare page"), 1.5),
        ],
    }


def booking(token: str, slot: int) -> bytes:
    """Return the request to book one time for the next made-up person."""
    number = next(people)
    body = {
        "slot": slot,
        "procedures": ["CERT_RENEW"],
        "name": f"見本　{number}郎",
        "name_kana": "ミホン　ジロウ",
        "date_of_birth": f"{1930 + number % 70}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "postal_code": "814-0006",
        "address": "星見市西区見本町1丁目1番1号",
        "phone": f"090-0000-{number % 10000:04d}",
        "email": f"mihon{number}@example.jp",
        "consent": True,
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{os.getpid()}-{number}"}
    return request("POST", "/api/v1/reservations", body=json.dumps(body).encode(), headers=headers)


def _bare_booking(slot: int) -> bytes:
    body = {"slot": slot, "name": f"見本　{slot}郎", "phone": f"0900000{slot % 10000:04d}"}
    return request("POST", "/book", body=json.dumps(body).encode())


def _eight_rows(slot: int) -> bytes:
    return request("POST", "/book-eight", body=json.dumps({"slot": slot}).encode())


def _postgres_alone(cluster: Path, seconds: float) -> float:
    """Return the bookings a second that the database does when nobody else is in the way."""
    pgbench = [
        shutil.which("pgbench") or str(max(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))),
        "-h", str(cluster), "-U", "madoguchi_owner", "-n", "-c", "8", "-T", str(max(1, round(seconds))),
        "-f", str(ROOT / "bench/bare/alone.sql"), "bare",
    ]  # fmt: skip
    said = subprocess.run(pgbench, check=True, capture_output=True, text=True).stdout
    return float(said.split("tps = ")[1].split()[0])
